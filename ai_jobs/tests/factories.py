"""People, canvases and jobs in every state, made through the doors that the product itself uses."""

import functools
import itertools
import re
import time
import uuid
from collections.abc import Generator, Iterable, Mapping
from typing import Any
from weakref import WeakSet

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import connection

from ai_jobs import lifecycle, services
from ai_jobs.claims import OPENING, ClaimedJob, Rows, Statement, announce_claims, claim_jobs
from ai_jobs.lifecycle import Failure, WorkerReport
from ai_jobs.models import AIJob
from ai_jobs.states import EventKind
from canvases.models import Canvas, Membership
from canvases.roles import Role
from canvases.services import create_canvas

_numbers = itertools.count(1)
_opened: "WeakSet[Any]" = WeakSet()


def make_user(name: str | None = None, **fields: Any) -> User:
    """A person who can sign in with the password "secret"."""
    return User.objects.create(
        username=name or f"person-{next(_numbers)}", password=_hashed_secret(), **fields
    )


@functools.cache
def _hashed_secret() -> str:
    # Hashing takes a good part of a second, and there are hundreds of people in these tests.
    return make_password("secret")


def make_canvas(owner: User, *, editors: tuple[User, ...] = (), viewers: tuple[User, ...] = ()) -> Canvas:
    """A canvas with its members."""
    canvas = create_canvas(owner=owner, title="Shared")
    for role, people in ((Role.EDITOR, editors), (Role.VIEWER, viewers)):
        for person in people:
            Membership.objects.create(canvas=canvas, user=person, role=role)
    return canvas


def submit(user: User, instructions: str = "A -> B", *, canvas: Canvas | None = None, **body: Any) -> AIJob:
    """A waiting job: `modify_canvas` with a canvas, `create_canvas` without."""
    body["instructions"] = instructions
    if canvas is not None:
        body["canvas_id"] = str(canvas.pk)
    job_type = "create_canvas" if canvas is None else "modify_canvas"
    return services.submit_job(user=user, job_type=job_type, body=body)


def submit_many(user: User, count: int, *, priority: int = 0) -> None:
    """`count` waiting jobs, each a little younger than the one before; rows alone, without events."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now = cursor.fetchone()[0]
    AIJob.objects.bulk_create(
        AIJob(
            user=user,
            job_type="create_canvas",
            priority=priority,
            request_data={"instructions": f"job {number}", "style": "modern", "colorScheme": "default"},
            max_retries=3,
            created_at=now,
            next_processing_at=now,
        )
        for number in range(count)
    )


def claim(
    slots: int = 1,
    *,
    worker_id: uuid.UUID | None = None,
    per_user: int = 1_000,
    lease_seconds: float = 15,
    **limits: Any,
) -> list[ClaimedJob]:
    """What an engine with this many free slots gets now."""
    worker_id = worker_id or uuid.uuid4()
    claimed = run_claim(
        claim_jobs(worker_id=worker_id, slots=slots, per_user=per_user, lease_seconds=lease_seconds, **limits)
    )
    announce_claims(claimed, worker_id)
    return claimed


def open_for_claims() -> None:
    """Django's connection is from now on as an engine's line: it can carry claims."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE name LIKE 'ai_jobs_claim%'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DEALLOCATE {name}")
        cursor.execute(OPENING)
    _opened.add(connection.connection)


def run_claim(dialogue: Generator[Statement, Rows, list[ClaimedJob]]) -> list[ClaimedJob]:
    """The jobs that the dialogue claims, on Django's connection."""
    if connection.connection not in _opened:
        open_for_claims()
    rows: Any = None
    with connection.cursor() as cursor:
        while True:
            try:
                cursor.execute(*dialogue.send(rows))
            except StopIteration as end:
                claimed: list[ClaimedJob] = end.value
                return claimed
            rows = cursor.fetchall()


def claim_one(job: AIJob, *, worker_id: uuid.UUID | None = None) -> ClaimedJob:
    """This job, claimed; it must be the only one that is ready."""
    (claimed,) = claim(worker_id=worker_id)
    assert claimed.row.id == job.pk
    return claimed


def result(canvas: Canvas | None = None, *, objects: int = 2) -> dict[str, Any]:
    """What a run that drew `objects` things would store."""
    return {
        "canvas_id": str(canvas.pk) if canvas else None,
        "title": "A drawing",
        "message": "Drew it.",
        "objects": [{"id": f"object-{number}"} for number in range(objects)],
        "usage": {},
    }


def complete(claimed: ClaimedJob, *, canvas: Canvas | None = None) -> bool:
    """Whether this run could still complete its job."""
    done = lifecycle.complete_jobs(
        results={claimed.held: result(canvas)},
        worker_id=uuid.uuid4(),
        new_canvas_id=None if canvas is None else canvas.pk,
    )
    return claimed.row.id in done


def fail(
    claimed: ClaimedJob,
    *,
    kind: EventKind = EventKind.FAILED,
    code: str = "provider_error",
    delay: float = 0.0,
) -> bool:
    """Whether this run could still end its job without a result."""
    failure = Failure(code, "The model did not answer.", delay)
    ended = lifecycle.end_runs(kind=kind, failures={claimed.held: failure}, worker_id=uuid.uuid4())
    return claimed.row.id in ended


def expire(*claimed: ClaimedJob) -> None:
    """Time passes: these leases have run out."""
    AIJob.objects.filter(pk__in=[job.row.id for job in claimed]).update(
        lease_expires_at="2000-01-01T00:00:00Z"
    )


def crash(*claimed: ClaimedJob) -> None:
    """The worker that ran these jobs has vanished and somebody has noticed."""
    expire(*claimed)
    lifecycle.rescue_jobs()


def make_worker(
    worker_id: uuid.UUID | None = None, *, host: str = "worker.example", running: int = 0
) -> uuid.UUID:
    """An engine that has just shown a sign of life."""
    worker_id = worker_id or uuid.uuid4()
    lifecycle.report_worker(
        WorkerReport(
            worker_id=worker_id,
            host=host,
            pid=4711,
            version="1.2.3",
            slots=200,
            running=running,
            loop_lag_ms=0.4,
            draining=False,
            claimed_lately=True,
        )
    )
    return worker_id


def kinds(job: AIJob) -> list[str]:
    """The job's history, oldest first."""
    return list(job.events.order_by("sequence").values_list("kind", flat=True))


def blocked() -> int:
    """How many other connections to this database wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return int(cursor.fetchone()[0])


def wait_until_blocked() -> None:
    """Some other connection to this database waits for a lock."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if blocked():
            return
        time.sleep(0.01)
    raise AssertionError("nobody waits for a lock")


def said(seen: Iterable[Mapping[str, str]]) -> list[str]:
    """What each captured statement is: the name of a prepared one, the first word of another."""
    return [
        re.sub(r"SET LOCAL .*; EXECUTE (\w+) .*", r"\1", query["sql"], flags=re.S).split()[0]
        for query in seen
    ]
