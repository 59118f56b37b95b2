"""One job's straight line: what its handler may know → drawing → onto the canvas and completed, in one step.

Nothing here waits while a transaction is open, and nothing is written except under the job's lease.
"""

import asyncio
import json
import logging
import textwrap
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from django.conf import settings
from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.module_loading import import_string

from ai_jobs import lifecycle, plan_cache
from ai_jobs.changes import remember_changes
from ai_jobs.claims import DATABASE_AWAY, FREE_TIMES_AWAY, ClaimedJob
from ai_jobs.errors import AccountSwitchedOff
from ai_jobs.events import preview_message
from ai_jobs.handlers.base import Drawing, Handler, HandlerRequest, Report
from ai_jobs.lifecycle import Failure
from ai_jobs.planning.drawing import clear_of
from ai_jobs.planning.errors import PlanningError
from ai_jobs.providers.base import Usage
from ai_jobs.providers.registry import build_provider, uses_model
from ai_jobs.states import EventKind
from ai_jobs.usage import tokens_left
from canvases import services as canvas_services
from canvases.access import Role, get_canvas
from canvases.elements.validate import InvalidElement, parse_element
from canvases.events import actor_of, canvas_group
from canvases.models import CanvasObject
from canvases.operations import DeleteObject, Operation, PutObject
from canvases.three_way import Merged, merge_edits
from collabcanvas.lib.errors import AppError
from collabcanvas.lib.realtime import envelope, publish

logger = logging.getLogger(__name__)

_DATABASE_AWAY_SECONDS = 5.0
# A provider may ask a job to wait for so long after its request; after that, being asked to wait costs a retry.
_PATIENCE_SECONDS = 86_400.0
# Characters of a title that nobody gave.
_FIRST_WORDS = 60


class InDatabase(Protocol):
    """Runs a blocking function with database access away from the event loop and returns its result."""

    async def __call__(self, function: Callable[..., Any], /, *arguments: Any) -> Any: ...


class UnknownJobType(AppError):
    """This release has no handler for the job's type: it was made by another one."""

    code = "unknown_job_type"

    def __init__(self, job_type: str) -> None:
        super().__init__(
            f"This version does not know the job type {job_type!r}. Ask the operator to update it."
        )


@dataclass(frozen=True)
class Outcome:
    """How a run without a result ends."""

    kind: EventKind
    failure: Failure


def load_handlers() -> dict[str, Handler]:
    """Every job type's handler, imported, and the provider; before forking, so that their memory is shared."""
    build_provider()
    return {job_type: import_string(path) for job_type, path in settings.AI_JOBS_HANDLERS.items()}


async def draw(
    job: ClaimedJob, *, handler: Handler, report: Report, usage: Usage, in_database: InDatabase
) -> Drawing:
    """The drawing that the job's handler makes; nothing is stored yet. `usage` grows while it works."""
    if settings.AI_VENDOR and settings.AI_USER_DAILY_TOKENS:
        usage.tokens_left = await in_database(tokens_left, job.row.user_id)
    if canvas_id_of(job) is None:
        request = _request_for(job, usage)
        if request.uses_model:
            # It costs money; the sketcher's drawing is refused when it is recorded.
            await in_database(_check_account, job)
    else:
        request = await in_database(_request_for, job, usage)

        async def preview(elements: Sequence[Mapping[str, Any]]) -> bool:
            return bool(await in_database(_publish_preview, job, elements))

        request = replace(request, preview=preview)
    identity = build_provider(with_model=request.uses_model).cache_identity
    if identity is None or not request.parameters.get("use_cache", True):
        return await handler(request, report)
    # Of a full canvas it takes a moment, in which other jobs go on.
    key = await asyncio.to_thread(plan_cache.key_of, request, identity=identity)
    request = replace(request, known_plan=await in_database(plan_cache.find_plan, key))
    drawing = await handler(request, report)
    if request.known_plan is None and drawing.plan is not None:
        await in_database(plan_cache.keep_plan, key, drawing.plan)
    return drawing


def _publish_preview(job: ClaimedJob, elements: Sequence[Mapping[str, Any]]) -> bool:
    """Everybody on the canvas sees these, unless the run is over or its person may no longer draw there.

    Nothing is shown after a job's last message.
    """
    canvas_id = canvas_id_of(job)
    assert canvas_id is not None
    message = preview_message(job_id=job.row.id, user_id=job.row.user_id, elements=elements)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                # Nothing is stored: there is no disk to wait for.
                cursor.execute("SET LOCAL synchronous_commit = off")
            lifecycle.lock_run(job.held)
            get_canvas(user=User(pk=job.row.user_id), canvas_id=canvas_id, role=Role.EDITOR)
            publish([envelope((canvas_group(canvas_id),), message)])
    except (lifecycle.LeaseLost, AppError, OperationalError, InterfaceError):
        return False
    return True


def _check_account(job: ClaimedJob) -> None:
    if User.objects.filter(pk=job.row.user_id, is_active=False).exists():
        raise AccountSwitchedOff


def changes_canvas(job: ClaimedJob, drawing: Drawing) -> bool:
    """Whether recording the drawing touches a canvas (a create job always has one at the end)."""
    return bool(drawing.elements or drawing.deleted_ids)


def plain_result(job: ClaimedJob, drawing: Drawing) -> dict[str, Any]:
    """The result of a job that changed nothing on any canvas."""
    result = _result(job.row.canvas_id, drawing, objects=[], conflicts=[])
    # What JSON does not know fails here, in its own run, and not where many results are written together.
    json.dumps(result)
    return result


@transaction.atomic
def record(job: ClaimedJob, drawing: Drawing, worker_id: uuid.UUID) -> None:
    """The drawing is on the canvas and the job is completed, both or neither.

    Raises `LeaseLost` when the run may no longer write, `AppError` when its person may no longer edit the
    canvas or has no account any more, or the canvas cannot take the drawing.
    """
    canvas_id = canvas_id_of(job)
    new_canvas_id = None
    if canvas_id is None:
        # Until it is committed the new canvas concerns nobody: completing the job is fence enough, and locks its row.
        canvas_id = new_canvas_id = uuid.uuid4()
        edits = _as_drawn(drawing)
        applied = canvas_services.draw_on_new_canvas(
            canvas_id=canvas_id,
            title=drawing.title[:200] or _first_words(job.request_data["instructions"]),
            operations=_operations(edits),
            actor=canvas_services.Actor(user_id=job.row.user_id, name="", job_id=job.row.id),
        )
    else:
        user = User.objects.filter(pk=job.row.user_id).first()
        if user is None:
            # Deleted, and the job with its person.
            raise lifecycle.LeaseLost
        # The canvas before the job, as deleting a canvas locks them: the other order could end in a deadlock.
        get_canvas(user=user, canvas_id=canvas_id, role=Role.EDITOR, lock=True)
        lifecycle.lock_run(job.held)
        edits = _on_top_of_others(job, canvas_id, drawing)
        applied = canvas_services.apply_operations(
            canvas_id=canvas_id,
            operations=_operations(edits),
            actor=replace(actor_of(user), job_id=job.row.id),
        )
    objects = [item.row for item in applied.results if item.status == "applied" and item.row is not None]
    refused = [item for item in applied.results if item.status == "refused"]
    if refused and not objects:
        raise AppError(refused[0].error or "The canvas did not take the drawing.")
    conflicts = [
        *(conflict._asdict() for conflict in edits.conflicts),
        *({"object_id": item.object_id, "what": item.code, "error": item.error} for item in refused),
    ]
    result = _result(canvas_id, drawing, objects=objects, conflicts=conflicts)
    if not lifecycle.complete_jobs(
        results={job.held: result}, worker_id=worker_id, new_canvas_id=new_canvas_id
    ):
        _check_account(job)
        raise lifecycle.LeaseLost
    remember_changes(job.row.id, canvas_id, applied)


def _first_words(instructions: str) -> str:
    """What a canvas is called whose drawing has no title: how the request begins."""
    line = next((line for line in instructions.splitlines() if line.strip()), "New drawing")
    whole_words = textwrap.shorten(line, width=_FIRST_WORDS, placeholder=" …")
    return whole_words if whole_words.strip(" …") else line.strip()[:_FIRST_WORDS]


def _as_drawn(drawing: Drawing) -> Merged:
    return Merged(elements=drawing.elements, deleted_ids=drawing.deleted_ids, conflicts=())


def _operations(edits: Merged) -> list[Operation]:
    return [
        *(PutObject(element=parse_element(element, is_stored=True)) for element in edits.elements),
        *(DeleteObject(object_id=object_id) for object_id in edits.deleted_ids),
    ]


def _on_top_of_others(job: ClaimedJob, canvas_id: uuid.UUID, drawing: Drawing) -> Merged:
    """The job's edits as the canvas can take them now: people's own edits since it was read win, and what was drawn
    where there was room then covers nothing that others put there since.
    """
    plain = _as_drawn(drawing)
    if not (drawing.base or drawing.placed_ids):
        return plain
    base = {str(element["id"]): element for element in drawing.base}
    live = CanvasObject.objects.filter(canvas_id=canvas_id).live().bottom_to_top()
    now = {row[0]: row[1:] for row in live.values_list("object_id", "version", "version_nonce")}
    if now == {name: (element["version"], element["versionNonce"]) for name, element in base.items()}:
        return plain
    theirs = list(live.values_list("properties", flat=True))
    merged = merge_edits(
        base=drawing.base,
        theirs=theirs,
        ours=drawing.elements,
        deleted_ids=drawing.deleted_ids,
        job_id=job.row.id,
        updated_ms=time.time_ns() // 1_000_000,
    )
    placed = [element for element in merged.elements if element["id"] in drawing.placed_ids]
    others = [element for element in merged.elements if element["id"] not in drawing.placed_ids]
    canvas = {element["id"]: element for element in [*theirs, *others]}
    moved = clear_of(
        placed,
        canvas=[element for name, element in canvas.items() if name not in merged.deleted_ids],
        near=job.request_data.get("selected_object_ids", ()),
    )
    return replace(merged, elements=(*others, *moved))


def outcome_of(error: BaseException, job: ClaimedJob) -> Outcome:
    """What an error of a run means for its job: the only place where errors are classified.

    Planning errors say themselves whether they may pass; a refusal by the canvas or the access rules is
    final; running out of time and a database that is away may pass; anything unknown is our fault, logged
    with an id, and final.
    """
    match error:
        case PlanningError():
            if not error.retryable:
                return _final(error.code, error.message)
            if error.retry_after is None:
                return _retry(job, error.code, error.message)
            wait = min(max(error.retry_after, 1.0), 3600.0)
            if job.waited_seconds < _PATIENCE_SECONDS:
                return Outcome(EventKind.SNOOZED, Failure(error.code, error.message, wait))
            return _retry(job, error.code, error.message, at_least_seconds=wait)
        case AppError():
            return _final(error.code, error.message)
        case OperationalError() | InterfaceError():
            # Not the job's fault, so it costs no retry; what it had drawn in memory is drawn again. Unless it
            # happens to this job over and over: then something else is wrong, and a model may cost money each time.
            away = Failure(DATABASE_AWAY, "The database was away for a moment.", _DATABASE_AWAY_SECONDS)
            if job.times_away < FREE_TIMES_AWAY:
                return Outcome(EventKind.SNOOZED, away)
            return _retry(job, away.code, away.message)
        case TimeoutError():
            seconds = f"{settings.JOB_TIMEOUT_SECONDS:g}"
            return _retry(
                job, "timeout", f"This took longer than {seconds} s. Ask for something smaller, or try again."
            )
        case InvalidElement():
            logger.error("invalid_drawing", extra={"job_id": str(job.row.id), "reason": str(error)})
            return _final(
                "invalid_drawing", "The drawing came out wrong and was not used. Say it in other words."
            )
    error_id = uuid.uuid4().hex
    logger.error("job_crashed", exc_info=error, extra={"job_id": str(job.row.id), "error_id": error_id})
    return _final(
        "internal_error", f"Something went wrong on our side. Try again, or report error id {error_id}."
    )


# How a job ends whose result the database does not take.
UNSTORABLE = Failure(
    "invalid_result", "The result contained text that cannot be stored. Try again, or say it in other words."
)


def _final(code: str, message: str) -> Outcome:
    return Outcome(EventKind.FAILED, Failure(code, _storable(message)))


def _storable(text: str) -> str:
    # A message may quote what a vendor sent: PostgreSQL takes neither NUL nor half a surrogate pair.
    return text.replace("\x00", "").encode(errors="replace").decode()


def _retry(job: ClaimedJob, code: str, message: str, *, at_least_seconds: float = 0.0) -> Outcome:
    if job.row.retry_count >= job.row.max_retries:
        return _final(code, message)
    wait = max(at_least_seconds, lifecycle.retry_delay_seconds(job.row.retry_count + 1))
    return Outcome(EventKind.RETRY_SCHEDULED, Failure(code, _storable(message), wait))


def canvas_id_of(job: ClaimedJob) -> uuid.UUID | None:
    """The canvas that the job was asked to draw on; None when it makes one."""
    # The request's own canvas counts, not the row's: that one is emptied when the canvas is deleted, and a
    # job for a deleted canvas must fail instead of drawing on a new one.
    asked_for = job.request_data.get("canvas_id")
    return uuid.UUID(asked_for) if asked_for else None


def _request_for(job: ClaimedJob, usage: Usage) -> HandlerRequest:
    canvas_id = canvas_id_of(job)
    objects: tuple[dict[str, Any], ...] = ()
    if canvas_id is not None:
        user = User.objects.get(pk=job.row.user_id)
        canvas = get_canvas(user=user, canvas_id=canvas_id, role=Role.EDITOR)
        live = CanvasObject.objects.filter(canvas=canvas).live().bottom_to_top()
        objects = tuple(live.values_list("properties", flat=True))
    named = {"instructions", "style", "colorScheme", "selected_object_ids", "canvas_id"}
    return HandlerRequest(
        job_id=job.row.id,
        job_type=job.row.job_type,
        instructions=job.request_data["instructions"],
        style=job.request_data["style"],
        color_scheme=job.request_data["colorScheme"],
        selected_object_ids=tuple(job.request_data.get("selected_object_ids", ())),
        objects=objects,
        parameters={key: value for key, value in job.request_data.items() if key not in named},
        usage=usage,
        uses_model=uses_model(job.row.user_id),
    )


def _result(
    canvas_id: uuid.UUID | None, drawing: Drawing, *, objects: list[Any], conflicts: list[dict[str, Any]]
) -> dict[str, Any]:
    result = {
        "canvas_id": str(canvas_id) if canvas_id else None,
        "title": drawing.title,
        "message": drawing.message,
        "objects": objects,
        "usage": drawing.usage,
    }
    if conflicts:
        result["conflicts"] = conflicts
    return result
