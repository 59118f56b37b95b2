"""What a person can ask of jobs: one function each, one transaction each."""

import math
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from ai_jobs import events, lifecycle, retention
from ai_jobs.changes import Reverted, revert
from ai_jobs.errors import (
    BatchNotFound,
    HighestPriority,
    JobCannotBeCancelled,
    JobCannotBeRedone,
    JobCannotBeRetried,
    JobCannotBeUndone,
    JobNotFound,
    JobNotOver,
    JobNotWaiting,
    JobsDisabled,
    KeyUsedForBatch,
    KeyUsedForOneJob,
    NotPaused,
    NotYourJob,
)
from ai_jobs.events import short_result
from ai_jobs.models import AIJob, Pause
from ai_jobs.querysets import AIJobQuerySet
from ai_jobs.requests import REQUESTS
from ai_jobs.rights import Right, has_right, may_with_any_job
from ai_jobs.states import FINAL, MAX_PRIORITY, EventKind, Status
from ai_jobs.usage import check_tokens_left
from canvases.access import Role, get_canvas, visible_canvases
from canvases.errors import CanvasNotFound
from canvases.models import Canvas
from collabcanvas.lib import audit
from collabcanvas.lib.errors import Forbidden, InvalidInput, invalid_input
from collabcanvas.lib.postgres.models import columns, from_columns
from collabcanvas.lib.postgres.prepared import Prepared

IDEMPOTENCY_LIFETIME = timedelta(hours=24)
MAX_IDEMPOTENCY_KEY = 200
MAX_BATCH = 100

_JOB = Prepared(
    "ai_jobs_job",
    f"SELECT {columns(AIJob, 'ai_jobs_aijob')} FROM ai_jobs_aijob WHERE id = %(id)s",  # noqa: S608  # names of our own
    {"id": "uuid"},
)

# A job type and its validated body.
BatchItem = tuple[str, dict[str, Any]]


def submit_job(*, user: User, job_type: str, body: object, idempotency_key: str | None = None) -> AIJob:
    """The job is queued, its requester and the canvas's members know, and an engine is woken.

    `body` is the request as it came in (see `ai_jobs.requests`); what is wrong in it raises `InvalidInput`.
    A canvas that the user may not edit raises `CanvasNotFound` or `Forbidden` here, not in the worker. With
    the same `idempotency_key` from the same user within 24 hours, the same job is returned and nothing is
    added; when it is a batch's, raises `KeyUsedForBatch`.
    """
    if not settings.AI_JOBS_ENABLED:
        raise JobsDisabled
    item = job_type, _validated(job_type, body)
    _check_key(idempotency_key)
    with _canvas_may_vanish():
        if idempotency_key is None:
            return _submit(user, [item])[0]
        with transaction.atomic():
            earlier = _job_of_key(user, idempotency_key)
            if earlier is not None and earlier.batch_id is not None:
                raise KeyUsedForBatch
            return earlier or _submit(user, [item], idempotency_key=idempotency_key)[0]


def parse_batch(jobs: object) -> list[BatchItem]:
    """The jobs of a batch, each `{"job_type", …}` with the body of its type, 1 to `MAX_BATCH` of them.

    What is wrong raises `InvalidInput` whose details name the place, as in `jobs.3.instructions`.
    """
    if not isinstance(jobs, list) or not 0 < len(jobs) <= MAX_BATCH:
        problem = f"Give a list of 1 to {MAX_BATCH} jobs."
        raise InvalidInput(f"jobs: {problem}", details={"jobs": [problem]})
    return [_validated_in_batch(place, job) for place, job in enumerate(jobs)]


def submit_batch(
    *, user: User, items: Sequence[BatchItem], idempotency_key: str | None = None
) -> list[AIJob]:
    """All of the jobs are queued as one batch, or none.

    A canvas that the user may not edit raises as in `submit_job`. The same `idempotency_key` within 24 hours gives
    the same batch, or what is left of it; when it is a single job's, raises `KeyUsedForOneJob`.
    """
    if not settings.AI_JOBS_ENABLED:
        raise JobsDisabled
    _check_key(idempotency_key)
    with _canvas_may_vanish(), transaction.atomic():
        if idempotency_key is not None:
            earlier = _job_of_key(user, idempotency_key)
            if earlier is not None and earlier.batch_id is None:
                raise KeyUsedForOneJob
            if earlier is not None:
                return get_batch(user=user, batch_id=earlier.batch_id)
        return _submit(user, items, batch_id=uuid.uuid4(), idempotency_key=idempotency_key)


def get_batch(*, user: User, batch_id: object) -> list[AIJob]:
    """The jobs of the user's batch in the order in which they were asked for; raises `BatchNotFound`."""
    try:
        parsed = uuid.UUID(str(batch_id))
    except ValueError as error:
        raise BatchNotFound from error
    jobs = AIJob.objects.filter(batch_id=parsed).select_related("user")
    if not may_with_any_job(user, Right.VIEW):
        jobs = jobs.filter(user=user)
    found = list(jobs.order_by("created_at", "next_processing_at"))
    if not found:
        raise BatchNotFound
    return found


def get_job(*, user: User, job_id: object, right: Right = Right.VIEW) -> AIJob:
    """The job, when `user` may see it; malformed, unknown and foreign ids raise the same `JobNotFound`.

    To steer it, seeing is not enough: only the requester, an editor of the canvas and staff pass, others get
    `NotYourJob` (403). Deleting, after which nobody can undo it, is for the requester and staff with the right to it.
    """
    try:
        parsed = uuid.UUID(str(job_id))
    except ValueError as error:
        raise JobNotFound from error
    # Asked again and again by everybody who waits; the ORM would take most of the request's time to put it together.
    with connection.cursor() as cursor:
        _JOB.execute(cursor, {"id": parsed})
        values = cursor.fetchone()
    job = values and from_columns(AIJob, values)
    if job is None or not _may_see(user, job):
        raise JobNotFound
    is_own = job.user_id == user.pk
    if is_own:
        job.user = user
    if right is Right.DELETE and not (is_own or may_with_any_job(user, right)):
        raise NotYourJob("Only the person who asked for this job may delete it.")
    if right is Right.STEER and not (is_own or _may_edit_canvas(user, job) or may_with_any_job(user, right)):
        raise NotYourJob
    return job


@transaction.atomic
def cancel_job(*, user: User, job_id: object) -> AIJob:
    """The job is cancelled for good; raises `JobCannotBeCancelled` when it was over already."""
    job = get_job(user=user, job_id=job_id, right=Right.STEER)
    if not lifecycle.cancel_job(job_id=job.pk, actor_id=user.pk):
        raise JobCannotBeCancelled
    audit.record("job.cancelled", target=("job", job.pk), actor=user)
    return get_job(user=user, job_id=job.pk)


@transaction.atomic
def retry_job(*, user: User, job_id: object) -> AIJob:
    """The failed or cancelled job is queued anew, with a fresh count of automatic retries."""
    job = get_job(user=user, job_id=job_id, right=Right.STEER)
    if not settings.AI_JOBS_ENABLED:
        raise JobsDisabled
    check_tokens_left(job.user_id)
    if not lifecycle.retry_job(job_id=job.pk, actor_id=user.pk):
        raise JobCannotBeRetried
    audit.record("job.retried", target=("job", job.pk), actor=user)
    return get_job(user=user, job_id=job.pk)


@transaction.atomic
def reprioritise_job(*, user: User, job_id: object, priority: int) -> AIJob:
    """The waiting job has the priority, and nothing happens where it had it; raises `JobNotWaiting` for others."""
    job = get_job(user=user, job_id=job_id, right=Right.STEER)
    # Locked, so that it stays what it is compared with.
    held = AIJob.objects.select_for_update(no_key=True).filter(pk=job.pk).values_list("status", "priority")
    if held.first() == (Status.QUEUED, priority):
        return get_job(user=user, job_id=job.pk)
    if not lifecycle.reprioritise_job(job_id=job.pk, priority=priority, actor_id=user.pk):
        raise JobNotWaiting
    audit.record("job.reprioritised", target=("job", job.pk), actor=user, before=job.priority, after=priority)
    return get_job(user=user, job_id=job.pk)


@transaction.atomic
def raise_priority(*, user: User, job_id: object, step: int) -> AIJob:
    """The waiting job's priority is higher by `step`, or the highest; raises `HighestPriority` where it was that."""
    job = get_job(user=user, job_id=job_id, right=Right.STEER)
    if job.status == Status.QUEUED and job.priority == MAX_PRIORITY:
        raise HighestPriority
    return reprioritise_job(user=user, job_id=job_id, priority=min(MAX_PRIORITY, job.priority + step))


def delete_job(*, user: User, job_id: object) -> None:
    """The job and its history are gone, what it drew stays; raises `JobNotOver` while it waits or runs."""
    job = get_job(user=user, job_id=job_id, right=Right.DELETE)
    with transaction.atomic():
        # Locked before it is looked at: Django deletes by id alone, and a retry may come in between.
        if not AIJob.objects.select_for_update().filter(pk=job.pk, status__in=FINAL).exists():
            raise JobNotOver
        events.announce([(job, events.deleted_message(job))])
        AIJob.objects.filter(pk=job.pk).delete()
        if job.batch_id is not None and job.idempotency_key is not None:
            _keep_key_of_batch(job)
        audit.record(
            "job.deleted", target=("job", job.pk), actor=user, job_type=job.job_type, requester=job.user_id
        )


@transaction.atomic
def undo_job(*, user: User, job_id: object, force: bool = False) -> Reverted:
    """What the job changed is taken back, also long after and by any editor of its canvas.

    Objects that somebody edited since are left alone and listed, unless `force`; where that is all of them, the job
    stays in place. Of a job that was undone already, `force` takes back what was left alone then; without it, and for
    a job that is not completed, raises `JobCannotBeUndone`.
    """
    return _revert(user=user, job_id=job_id, undo=True, force=force)


@transaction.atomic
def redo_job(*, user: User, job_id: object, force: bool = False) -> Reverted:
    """What an undo took back is in place again; the same rules, `JobCannotBeRedone` when it was not undone."""
    return _revert(user=user, job_id=job_id, undo=False, force=force)


def _revert(*, user: User, job_id: object, undo: bool, force: bool) -> Reverted:
    seen = get_job(user=user, job_id=job_id)
    impossible = JobCannotBeUndone if undo else JobCannotBeRedone
    if seen.canvas_id is None:
        raise impossible
    # First the canvas, then the job: the order in which the runner and deleting a canvas lock them.
    get_canvas(user=user, canvas_id=seen.canvas_id, role=Role.EDITOR, lock=True)
    job = AIJob.objects.select_for_update(no_key=True).filter(pk=seen.pk).first()
    if job is None:
        # Deleted while this waited for the canvas.
        raise JobNotFound
    is_done_already = (job.undone_at is not None) == undo
    if job.status != Status.COMPLETED or (is_done_already and not (force and _was_reverted(job, undo=undo))):
        raise impossible
    reverted = revert(job=job, user=user, to_before=undo, force=force)
    if reverted.is_refused or (is_done_already and not reverted.changed):
        return reverted
    detail = {"changed": len(reverted.changed), "conflicts": [item["id"] for item in reverted.conflicts]}
    lifecycle.mark_undone(
        job_id=job.pk,
        actor_id=user.pk,
        undone=undo,
        detail=detail,
        short_result=short_result(job.result_data or {"canvas_id": str(job.canvas_id), "objects": []}),
    )
    audit.record(
        "job.undone" if undo else "job.redone",
        target=("job", job.pk),
        actor=user,
        changed=len(reverted.changed),
        forced=force,
    )
    return reverted


def _was_reverted(job: AIJob, *, undo: bool) -> bool:
    """A job that nobody ever took back is in place, too, but there is nothing that a redo could have left alone."""
    return job.events.filter(kind=EventKind.UNDONE if undo else EventKind.REDONE).exists()


@transaction.atomic
def pause_jobs(*, user: User, job_type: str = "", reason: str = "") -> Pause:
    """No engine begins a job of that type, or any job when it is empty; running ones go on. Safe to repeat."""
    _must_operate(user)
    if job_type and job_type not in settings.AI_JOBS_HANDLERS:
        known = ", ".join(sorted(settings.AI_JOBS_HANDLERS))
        raise InvalidInput(f"There is no job type {job_type!r}. Use one of: {known}.")
    pause, is_new = Pause.objects.get_or_create(
        job_type=job_type, defaults={"reason": reason.strip()[:200], "paused_by": user}
    )
    if is_new:
        audit.record("queue.paused", target=("job_type", job_type or "all"), actor=user, reason=pause.reason)
    # Engines tell those who wait.
    events.ring(events.READY_CHANNEL)
    return pause


@transaction.atomic
def resume_jobs(*, user: User, job_type: str = "") -> None:
    """Engines begin such jobs again, at once; raises `NotPaused` when they were not paused."""
    _must_operate(user)
    if not Pause.objects.filter(job_type=job_type).delete()[0]:
        raise NotPaused
    audit.record("queue.resumed", target=("job_type", job_type or "all"), actor=user)
    events.ring(events.READY_CHANNEL)


def count_old_jobs(*, user: User, days: int) -> int:
    """How many jobs `clean_up_jobs` would remove now."""
    _must_operate(user, Right.DELETE)
    return retention.count_old_jobs(days=days)


def clean_up_jobs(*, user: User, days: int, on_batch: Callable[[int], None] = lambda removed: None) -> int:
    """Jobs that have been over for more than `days` are gone with their history; returns how many. See `retention`."""
    _must_operate(user, Right.DELETE)

    def note(removed: int) -> None:
        audit.record("jobs.cleaned_up", actor=user, days=days, removed_so_far=removed)
        on_batch(removed)

    return retention.remove_old_jobs(days=days, seconds=math.inf, on_batch=note)


def running_jobs(*, user: User) -> AIJobQuerySet:
    """The jobs that run, of everybody: what `requeue_jobs` and `rescue_jobs` choose from."""
    _must_operate(user)
    return AIJob.objects.filter(status=Status.PROCESSING)


@transaction.atomic
def requeue_jobs(*, user: User, job_ids: Iterable[uuid.UUID]) -> int:
    """Those of the jobs that run are queued again, at no cost; returns how many.

    For runs that hang in a worker which still renews their leases. The old run notices within a heartbeat that it may
    write nothing any more. What a vanished worker had is put back by `lifecycle.rescue_jobs`.
    """
    _must_operate(user)
    running = AIJob.objects.filter(pk__in=list(job_ids), status=Status.PROCESSING).order_by("pk")
    requeued = 0
    for worker_id in set(running.values_list("worker_id", flat=True)):
        held = [
            lifecycle.Held(pk, token)
            for pk, token in running.filter(worker_id=worker_id).values_list("pk", "lease_token")
            if token is not None
        ]
        if worker_id is not None and held:
            requeued += lifecycle.hand_back_jobs(held=held, worker_id=worker_id)
    if requeued:
        audit.record("jobs.requeued", actor=user, jobs=requeued)
    return requeued


@transaction.atomic
def rescue_jobs(*, user: User) -> int:
    """Jobs whose worker gave no sign of life for a lease are queued again; returns how many."""
    _must_operate(user)
    rescued = lifecycle.rescue_jobs()
    if rescued:
        audit.record("jobs.rescued", actor=user, jobs=rescued)
    return rescued


def _must_operate(user: User, right: Right = Right.STEER) -> None:
    if not has_right(user, right):
        what = "delete" if right is Right.DELETE else "change"
        raise Forbidden(f"Only operators may do that: it needs staff status and the right to {what} AI jobs.")


def _validated(job_type: str, body: object) -> dict[str, Any]:
    serializer_class = REQUESTS.get(job_type)
    if serializer_class is None:
        known = ", ".join(REQUESTS)
        raise InvalidInput(f"job_type: unknown. Use one of: {known}.", details={"job_type": ["Unknown."]})
    if not isinstance(body, Mapping):
        raise InvalidInput("The body must be a JSON object.")
    serializer = serializer_class(data=body)
    if not serializer.is_valid():
        raise invalid_input(serializer.errors)
    return dict(serializer.validated_data)


def _validated_in_batch(place: int, job: object) -> BatchItem:
    where = f"jobs.{place}"
    try:
        if not isinstance(job, Mapping):
            raise InvalidInput("It must be a JSON object.", details={"": ["Must be a JSON object."]})
        job_type = job.get("job_type")
        if not isinstance(job_type, str):
            raise InvalidInput("job_type: must be text.", details={"job_type": ["Must be text."]})
        return job_type, _validated(job_type, job)
    except InvalidInput as error:
        details = {f"{where}.{field}".rstrip("."): texts for field, texts in (error.details or {}).items()}
        raise InvalidInput(f"{where}: {error.message}", details=details) from error


def _check_key(key: str | None) -> None:
    if key is not None and not (0 < len(key) <= MAX_IDEMPOTENCY_KEY and key.isascii() and key.isprintable()):
        raise InvalidInput(f"Idempotency-Key: use 1 to {MAX_IDEMPOTENCY_KEY} printable ASCII characters.")


def _submit(
    user: User,
    items: Sequence[BatchItem],
    *,
    batch_id: uuid.UUID | None = None,
    idempotency_key: str | None = None,
) -> list[AIJob]:
    """All or none of the jobs are queued; the first one carries the key for all."""
    check_tokens_left(user.pk)
    jobs = [
        AIJob(
            user=user,
            canvas=_canvas_to_edit(user, request),
            job_type=job_type,
            priority=request["priority"],
            request_data={name: value for name, value in request.items() if name != "priority"},
            max_retries=settings.MAX_JOB_RETRIES,
            batch_id=batch_id,
            idempotency_key=None if place else idempotency_key,
        )
        for place, (job_type, request) in enumerate(items)
    ]
    lifecycle.submit_jobs(jobs, actor_id=user.pk)
    return jobs


@contextmanager
def _canvas_may_vanish() -> Iterator[None]:
    """A canvas that is deleted between the look at it and the commit is not found, as if it had gone before."""
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        if diagnosis is not None and "canvas_id" in (diagnosis.constraint_name or ""):
            raise CanvasNotFound from error
        raise


def _canvas_to_edit(user: User, request: Mapping[str, Any]) -> Canvas | None:
    if request.get("canvas_id") is None:
        return None
    return get_canvas(user=user, canvas_id=request["canvas_id"], role=Role.EDITOR)


def _job_of_key(user: User, key: str) -> AIJob | None:
    # Two requests with one key at the same moment: the second waits here for the first one's commit.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    mine = AIJob.objects.filter(user=user, idempotency_key=key)
    mine.filter(created_at__lte=Now() - IDEMPOTENCY_LIFETIME).update(idempotency_key=None)
    return mine.first()


def _keep_key_of_batch(deleted: AIJob) -> None:
    """Another job of the batch carries its key, so that the request sent again gives those that are left."""
    rest = AIJob.objects.filter(batch_id=deleted.batch_id).order_by("created_at")
    # Locked: one that is being deleted at this moment is passed over.
    heir = rest.select_for_update(no_key=True).only("pk").first()
    if heir is not None:
        AIJob.objects.filter(pk=heir.pk).update(idempotency_key=deleted.idempotency_key)


def _may_see(user: User, job: AIJob) -> bool:
    # What `AIJobQuerySet.visible_to` says of many, for one.
    if job.user_id == user.pk or may_with_any_job(user, Right.VIEW):
        return True
    return job.canvas_id is not None and visible_canvases(user).filter(pk=job.canvas_id).exists()


def _may_edit_canvas(user: User, job: AIJob) -> bool:
    if job.canvas_id is None:
        return False
    try:
        get_canvas(user=user, canvas_id=job.canvas_id, role=Role.EDITOR)
    except (CanvasNotFound, Forbidden):
        return False
    return True
