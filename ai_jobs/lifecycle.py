"""The only writer of a job's status: one function per transition.

A transition is one conditional update whose row count is the answer; it appends the event in the same statement
and publishes in the same transaction. Transitions of a run are fenced: they take `Held` pairs and touch only
rows that still carry the lease token. Whoever gets fewer rows back than he gave has lost those leases.
"""

import json
import logging
import random
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from ai_jobs import events
from ai_jobs.events import JobFacts
from ai_jobs.metrics import count_transitions
from ai_jobs.models import AIJob
from ai_jobs.states import TRANSITIONS, EventKind, Status
from collabcanvas.lib.postgres.prepared import Prepared
from collabcanvas.lib.realtime import travels_by_database

logger = logging.getLogger(__name__)

LONE_CRASH_LIMIT = 3
_LONGEST_BACKOFF_SECONDS = 86_400
# Engines know of one another what was true at the last heartbeats. Were the order to change with every job, each of two
# would often believe that the other goes first.
_MUCH_MORE_TO_DO = 16


class LeaseLost(Exception):  # an outcome, not a fault
    """The run no longer holds its lease: somebody cancelled the job, or another engine has it. Discard, quietly."""


class Held(NamedTuple):
    """One run's right to write: the job and the token that its claim gave."""

    job_id: uuid.UUID
    lease_token: int


class JobRow(NamedTuple):
    """A job as a transition left it."""

    id: uuid.UUID
    user_id: int
    canvas_id: uuid.UUID | None
    job_type: str
    status: str
    priority: int
    progress: int
    progress_message: str
    stage: str
    objects_done: int
    attempt: int
    retry_count: int
    max_retries: int
    crash_count: int
    revision: int
    error_message: str
    error_code: str
    started_at: datetime | None
    elapsed_seconds: float | None


ROW_COLUMNS = ", ".join(
    [f"j.{name}" for name in JobRow._fields[:-1]]
    + ["CAST(extract(epoch FROM clock_timestamp() - j.started_at) AS double precision) AS elapsed_seconds"]
)
SAME_COLUMNS = ", ".join(JobRow._fields)


def _rows(cursor: Any) -> list[JobRow]:
    return [JobRow._make(values) for values in cursor.fetchall()]


def log_transition(kind: EventKind, rows: Sequence[JobFacts], worker_id: uuid.UUID | None) -> None:
    """One line per transition, with all jobs that made it together; counted when it is committed."""
    if not rows:
        return
    facts: dict[str, Any] = {
        "job_ids": [str(row.id) for row in rows],
        "user_ids": sorted({row.user_id for row in rows}),
    }
    if worker_id is not None:
        facts["worker"] = str(worker_id)
    logger.info("job_%s", kind.value, extra=facts)
    transaction.on_commit(lambda: count_transitions(kind, [row.job_type for row in rows]))


def announce_rows(rows: Iterable[JobRow], results: Mapping[uuid.UUID, dict[str, Any]] | None = None) -> None:
    events.announce(
        (
            row,
            events.job_message(
                row, elapsed_seconds=row.elapsed_seconds, result=results.get(row.id) if results else None
            ),
        )
        for row in rows
    )


def log_statement(source: str, *, message: str = "''", data: str = "'{}'") -> str:
    """The part of a statement that appends one event per row of the CTE `source`."""
    return f"""
        INSERT INTO ai_jobs_aijobevent (job_id, sequence, at, kind, attempt, worker_id, actor_id, message, data)
        SELECT id, revision, clock_timestamp(), %(kind)s, attempt, %(worker)s, %(actor)s, {message}, {data}
        FROM {source}
    """  # noqa: S608  # only constants of this module are put in


def _transition(
    kind: EventKind,
    *,
    assign: str,
    where: str,
    given: str = "",
    parameters: Mapping[str, Any],
    message: str = "''",
    data: str = "'{}'",
) -> list[JobRow]:
    """Run one transition for all rows that `where` names and that are in one of its sources."""
    rule = TRANSITIONS[kind]
    keeps_lease = rule.target is Status.PROCESSING
    lease = "" if keeps_lease else ", lease_token = NULL, lease_expires_at = NULL"
    statement = f"""
        WITH changed AS (
            UPDATE ai_jobs_aijob AS j
            SET status = %(target)s, revision = j.revision + 1 {lease}, {assign}
            {f"FROM {given}" if given else ""}
            WHERE j.status = ANY(%(sources)s) AND {where}
            RETURNING {ROW_COLUMNS}
        ), logged AS ({log_statement("changed", message=message, data=data)})
        SELECT {SAME_COLUMNS} FROM changed
    """  # noqa: S608  # only constants of this module are put in
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "kind": kind,
                "target": rule.target,
                "sources": sorted(rule.sources),
                "worker": None,
                "actor": None,
                **parameters,
            },
        )
        rows = _rows(cursor)
    log_transition(kind, rows, parameters.get("worker"))
    return rows


def _held(held: Sequence[Held]) -> dict[str, Any]:
    return {"ids": [item.job_id for item in held], "tokens": [item.lease_token for item in held]}


_FENCE = "j.id = given.id AND j.lease_token = given.token"
_HAS_ACCOUNT = "EXISTS (SELECT FROM auth_user WHERE auth_user.id = j.user_id AND is_active)"
_GIVEN = "unnest(%(ids)s::uuid[], %(tokens)s::bigint[]) AS given(id, token)"


# --- What a person does ---
def submit_jobs(jobs: Sequence[AIJob], *, actor_id: int | None) -> None:
    """The jobs, which nobody has stored yet, are queued in this order; each has its first event and is announced.

    One statement, engines woken included, so that a person's request makes one trip to the database; atomic also
    outside of a transaction. Their moments, which the database gives, are set. A job of the same user with the same
    `idempotency_key` raises `IntegrityError`.
    """
    messages = [(job, events.job_message(job, elapsed_seconds=None, result=None)) for job in jobs]
    bells = events.bells(messages if travels_by_database() else ())
    with connection.cursor() as cursor:
        _SUBMIT.execute(
            cursor,
            {
                "ids": [job.pk for job in jobs],
                "users": [job.user_id for job in jobs],
                "canvases": [job.canvas_id for job in jobs],
                "types": [job.job_type for job in jobs],
                "priorities": [job.priority for job in jobs],
                "requests": [json.dumps(job.request_data) for job in jobs],
                "retries": [job.max_retries for job in jobs],
                "keys": [job.idempotency_key for job in jobs],
                "batches": [job.batch_id for job in jobs],
                "queued": Status.QUEUED,
                "kind": EventKind.SUBMITTED,
                "worker": None,
                "actor": actor_id,
                "channels": [channel for channel, _ in bells],
                "payloads": [payload for _, payload in bells],
            },
        )
        moments = dict(cursor.fetchall())
    for job in jobs:
        job.created_at = job.next_processing_at = moments[job.pk]
        job._state.adding, job._state.db = False, connection.alias
    if not travels_by_database():
        events.announce(messages)
    log_transition(EventKind.SUBMITTED, jobs, None)


# Those of a batch are a microsecond apart, so that they stay in their order; none lies in the future.
_SUBMIT = Prepared(
    "ai_jobs_submit",
    f"""
WITH inserted AS (
    INSERT INTO ai_jobs_aijob (id, user_id, canvas_id, job_type, status, priority, request_data, max_retries,
        idempotency_key, batch_id, created_at, next_processing_at)
    SELECT id, user_id, canvas_id, job_type, %(queued)s, priority, request, max_retries, key, batch_id, at, at
    FROM (
        SELECT *, statement_timestamp() + (place - count(*) OVER ()) * interval '1 microsecond' AS at
        FROM unnest(%(ids)s, %(users)s, %(canvases)s, %(types)s, %(priorities)s, %(requests)s, %(retries)s, %(keys)s,
            %(batches)s) WITH ORDINALITY
            AS given(id, user_id, canvas_id, job_type, priority, request, max_retries, key, batch_id, place)
    ) AS given
    RETURNING id, revision, attempt, created_at
), logged AS ({log_statement("inserted")})
SELECT id, created_at FROM inserted WHERE (
    SELECT count(pg_notify(channel, payload)) FROM unnest(%(channels)s, %(payloads)s)
        AS bell(channel, payload)
) > 0
""",  # noqa: S608  # only constants of this module are put in
    {
        "ids": "uuid[]",
        "users": "int[]",
        "canvases": "uuid[]",
        "types": "text[]",
        "priorities": "smallint[]",
        "requests": "jsonb[]",
        "retries": "int[]",
        "keys": "text[]",
        "batches": "uuid[]",
        "queued": "text",
        "kind": "text",
        "worker": "uuid",
        "actor": "int",
        "channels": "text[]",
        "payloads": "text[]",
    },
)


@transaction.atomic
def cancel_job(*, job_id: uuid.UUID, actor_id: int | None) -> bool:
    """The job is cancelled and nothing of a running attempt can be written any more; False when it was over."""
    rows = _transition(
        EventKind.CANCELLED,
        assign="""completed_at = clock_timestamp(), cancel_requested_at = clock_timestamp(),
            cancel_requested_by_id = %(actor)s, error_message = %(text)s, error_code = 'cancelled'""",
        where="j.id = %(id)s",
        parameters={"id": job_id, "actor": actor_id, "text": "Cancelled."},
    )
    announce_rows(rows)
    if rows:
        events.ring(events.STOPPED_CHANNEL, str(job_id))
    return bool(rows)


@transaction.atomic
def retry_job(*, job_id: uuid.UUID, actor_id: int | None) -> bool:
    """The failed or cancelled job is queued with a fresh count of retries; False when it is in another state."""
    rows = _transition(
        EventKind.RETRIED,
        assign="""completed_at = NULL, started_at = NULL, next_processing_at = clock_timestamp(), retry_count = 0,
            crash_count = 0, lone_crash_count = 0, progress = 0, progress_message = '', stage = '', objects_done = 0,
            error_message = '', error_code = '', cancel_requested_at = NULL, cancel_requested_by_id = NULL,
            worker_id = NULL""",
        where="j.id = %(id)s",
        parameters={"id": job_id, "actor": actor_id},
    )
    announce_rows(rows)
    if rows:
        events.ring(events.READY_CHANNEL)
    return bool(rows)


@transaction.atomic
def reprioritise_job(*, job_id: uuid.UUID, priority: int, actor_id: int | None) -> bool:
    """The queued job has the priority (−10…10, higher first); False when it no longer waits."""
    rows = _transition(
        EventKind.REPRIORITISED,
        assign="priority = %(priority)s",
        where="j.id = %(id)s",
        parameters={"id": job_id, "actor": actor_id, "priority": priority},
        data="json_build_object('priority', priority)",
    )
    announce_rows(rows)
    if rows:
        events.ring(events.READY_CHANNEL)
    return bool(rows)


def mark_undone(
    *,
    job_id: uuid.UUID,
    actor_id: int | None,
    undone: bool,
    detail: Mapping[str, Any],
    short_result: dict[str, Any],
) -> None:
    """The completed job is marked as undone, or no longer; runs in the transaction that changed the canvas.

    `detail` goes into the history, `short_result` into the message, as when the job completed.
    """
    rows = _transition(
        EventKind.UNDONE if undone else EventKind.REDONE,
        assign="""undone_at = CASE WHEN %(undone)s THEN clock_timestamp() END,
            undone_by_id = CASE WHEN %(undone)s THEN %(actor)s::int END""",
        where="j.id = %(id)s",
        parameters={"id": job_id, "actor": actor_id, "undone": undone, "detail": json.dumps(detail)},
        data="%(detail)s::jsonb",
    )
    announce_rows(rows, {job_id: short_result})


# --- What an engine does ---
@transaction.atomic
def renew_leases(*, held: Sequence[Held], lease_seconds: float) -> set[Held]:
    """The leases that are still held, now good for another `lease_seconds`; the others are lost."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SET LOCAL synchronous_commit = off;
            UPDATE ai_jobs_aijob AS j
            SET lease_expires_at = clock_timestamp() + make_interval(secs => %(lease_seconds)s)
            FROM {_GIVEN} WHERE {_FENCE} AND j.status = 'processing'
            RETURNING j.id, j.lease_token
            """,  # noqa: S608  # only constants of this module are put in
            {**_held(held), "lease_seconds": lease_seconds},
        )
        return {Held._make(values) for values in cursor.fetchall()}


def lock_run(held: Held) -> None:
    """The job's row is locked for the rest of the transaction and this run may write; otherwise `LeaseLost`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT 1 FROM ai_jobs_aijob
            WHERE id = %s AND lease_token = %s AND status = 'processing' FOR NO KEY UPDATE
            """,
            [held.job_id, held.lease_token],
        )
        if cursor.fetchone() is None:
            raise LeaseLost


def retry_delay_seconds(retry: int) -> float:
    """How long retry number `retry` (from 1) waits: 2^retry × JOB_RETRY_BASE_SECONDS, at most a day; ±20 %."""
    jitter = random.uniform(0.8, 1.2)  # noqa: S311  # spreads load, protects nothing
    return float(min(2**retry * settings.JOB_RETRY_BASE_SECONDS, _LONGEST_BACKOFF_SECONDS) * jitter)


class Progress(NamedTuple):
    """What a run has done so far; `percent` counts 0–100 and is measured, never invented."""

    stage: str
    message: str
    percent: int
    objects_done: int


@transaction.atomic
def record_progress(*, given: Mapping[Held, Progress]) -> None:
    """The progress of each run that still holds its lease is stored and announced; no event is kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SET LOCAL synchronous_commit = off;
            UPDATE ai_jobs_aijob AS j
            SET revision = j.revision + 1, stage = given.stage, progress_message = given.message,
                progress = given.percent, objects_done = given.objects_done
            FROM unnest(%(ids)s::uuid[], %(tokens)s::bigint[], %(stages)s::text[], %(messages)s::text[],
                %(percents)s::smallint[], %(counts)s::int[])
                AS given(id, token, stage, message, percent, objects_done)
            WHERE {_FENCE} AND j.status = 'processing'
            RETURNING {ROW_COLUMNS}
            """,  # noqa: S608  # only constants of this module are put in
            {
                **_held(list(given)),
                "stages": [progress.stage[:20] for progress in given.values()],
                "messages": [progress.message[:200] for progress in given.values()],
                "percents": [max(0, min(100, progress.percent)) for progress in given.values()],
                "counts": [progress.objects_done for progress in given.values()],
            },
        )
        rows = _rows(cursor)
    announce_rows(rows)


@transaction.atomic(savepoint=False)
def complete_jobs(
    *, results: Mapping[Held, dict[str, Any]], worker_id: uuid.UUID, new_canvas_id: uuid.UUID | None = None
) -> set[uuid.UUID]:
    """The jobs whose lease still holds are completed with their results; returns their ids.

    Called inside the transaction that applied a job's drawing, or alone for jobs that changed no canvas.
    `new_canvas_id` is the canvas that the one job made, whose person must still have an account that is not switched
    off. Others keep theirs: it may be gone since they read it.
    """
    rows = _transition(
        EventKind.COMPLETED,
        assign="""completed_at = clock_timestamp(), progress = 100, stage = '', progress_message = '',
            result_data = given.result, canvas_id = coalesce(%(new_canvas)s::uuid, j.canvas_id)""",
        given="""unnest(%(ids)s::uuid[], %(tokens)s::bigint[], %(results)s::jsonb[])
            AS given(id, token, result)""",
        where=_FENCE if new_canvas_id is None else f"{_FENCE} AND {_HAS_ACCOUNT}",
        parameters={
            **_held(list(results)),
            "results": [json.dumps(result) for result in results.values()],
            "new_canvas": new_canvas_id,
            "worker": worker_id,
        },
    )
    short = {held.job_id: events.short_result(result) for held, result in results.items()}
    announce_rows(rows, short)
    return {row.id for row in rows}


class Failure(NamedTuple):
    """Why a run ended without a result; `delay_seconds` is how long a retry or snooze waits."""

    code: str
    message: str
    delay_seconds: float = 0.0


@transaction.atomic
def end_runs(*, kind: EventKind, failures: Mapping[Held, Failure], worker_id: uuid.UUID) -> set[uuid.UUID]:
    """The runs whose lease still holds ended as `kind` says: FAILED, RETRY_SCHEDULED or SNOOZED.

    A retry counts in `retry_count`, a snooze does not. Returns the ids of the jobs that were changed.
    """
    final = TRANSITIONS[kind].target is Status.FAILED
    counted = "retry_count = j.retry_count + 1," if kind is EventKind.RETRY_SCHEDULED else ""
    when = (
        "completed_at = clock_timestamp()"
        if final
        else f"""{counted} started_at = NULL, stage = '', progress = 0, objects_done = 0,
            progress_message = left('Will try again. ' || given.message, 200),
            next_processing_at = clock_timestamp() + make_interval(secs => given.delay)"""
    )
    rows = _transition(
        kind,
        assign=f"{when}, error_code = given.code, error_message = given.message",
        given="""unnest(%(ids)s::uuid[], %(tokens)s::bigint[], %(codes)s::text[], %(messages)s::text[],
            %(delays)s::double precision[]) AS given(id, token, code, message, delay)""",
        where=_FENCE,
        parameters={
            **_held(list(failures)),
            "codes": [failure.code for failure in failures.values()],
            "messages": [failure.message for failure in failures.values()],
            "delays": [failure.delay_seconds for failure in failures.values()],
            "worker": worker_id,
        },
        message="error_message",
        data="json_build_object('code', error_code, 'retry', retry_count)",
    )
    announce_rows(rows)
    return {row.id for row in rows}


@transaction.atomic
def hand_back_jobs(*, held: Sequence[Held], worker_id: uuid.UUID) -> int:
    """The runs are queued again at once and their attempt does not count; returns how many still were ours."""
    rows = _transition(
        EventKind.HANDED_BACK,
        assign="attempt = j.attempt - 1, started_at = NULL, stage = '', progress = 0, progress_message = '',"
        " objects_done = 0",
        given=_GIVEN,
        where=_FENCE,
        parameters={**_held(held), "worker": worker_id},
    )
    announce_rows(rows)
    if rows:
        events.ring(events.READY_CHANNEL)
    return len(rows)


# What nobody renews any more. A worker that is silent for a whole lease is gone, and then all its jobs are
# taken at once, also those it had claimed after its last heartbeat: one by one, the last would look as if it
# had been alone. A worker that lives loses only the job whose lease ran out. Rows that somebody is writing at
# this moment are left for the next time; a renewal in between gives a later expiry than seen here, and wins.
_LAPSED = """(
    SELECT job.id, of_worker.jobs = 1 AS alone
    FROM ai_jobs_aijob AS job
    JOIN (
        SELECT worker_id, count(*) AS jobs, min(lease_expires_at) AS first, max(lease_expires_at) AS last
        FROM ai_jobs_aijob WHERE status = 'processing' GROUP BY worker_id
    ) AS of_worker ON of_worker.worker_id = job.worker_id
    WHERE job.status = 'processing' AND (
        job.lease_expires_at <= clock_timestamp()
        OR (
            of_worker.first <= clock_timestamp() AND job.lease_expires_at <= of_worker.last
            AND NOT EXISTS (
                SELECT 1 FROM ai_jobs_worker AS worker
                WHERE worker.id = job.worker_id
                    AND worker.heartbeat_at > clock_timestamp() - make_interval(secs => %(silence)s)
            )
        )
    )
    FOR NO KEY UPDATE OF job SKIP LOCKED
) AS lapsed"""


@transaction.atomic
def rescue_jobs() -> int:
    """Jobs whose lease expired are queued again as suspects; safe to call at any time, from anywhere.

    A job that was alone in its worker at its third such crash is failed (`worker_crashed`). Status and lease
    are checked again under the row's lock, so a renewal or a completion in between wins.
    """
    silence = {"silence": settings.AI_JOBS_LEASE_SECONDS}
    failed = _transition(
        EventKind.QUARANTINED,
        assign="""crash_count = j.crash_count + 1, lone_crash_count = j.lone_crash_count + 1,
            completed_at = clock_timestamp(), error_code = 'worker_crashed',
            error_message = %(text)s""",
        given=_LAPSED,
        where=f"j.id = lapsed.id AND lapsed.alone AND j.lone_crash_count >= {LONE_CRASH_LIMIT - 1}",
        parameters={
            **silence,
            "text": "The worker stopped without warning each time it ran this. Try again, or ask for something"
            " smaller; if it stays, report the job's id.",
        },
        message="error_message",
        data="json_build_object('crashes', crash_count)",
    )
    rescued = _transition(
        EventKind.RESCUED,
        assign="""crash_count = j.crash_count + 1, lone_crash_count = j.lone_crash_count + lapsed.alone::int,
            started_at = NULL, stage = '', progress = 0, progress_message = '', objects_done = 0""",
        given=_LAPSED,
        where="j.id = lapsed.id",
        parameters=silence,
        data="json_build_object('crashes', crash_count)",
    )
    announce_rows([*failed, *rescued])
    if rescued:
        events.ring(events.READY_CHANNEL)
    return len(failed) + len(rescued)


# --- Signs of life ---
class WorkerReport(NamedTuple):
    """What an engine says of itself with each heartbeat."""

    worker_id: uuid.UUID
    host: str
    pid: int
    version: str
    slots: int
    running: int
    loop_lag_ms: float
    draining: bool
    claimed_lately: bool


class Surroundings(NamedTuple):
    """What an engine learns with each heartbeat.

    `leases_ran_out`: `rescue_jobs` is due. `engines_before`: how many live engines have less to do than this one
    (those with about as much stand in the order of their ids), and should answer a doorbell before it.
    """

    leases_ran_out: bool
    engines_before: int


def report_worker(report: WorkerReport) -> Surroundings:
    """The engine's row shows that it lives; in one trip, as nothing else happens in an engine that has no jobs."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SET LOCAL synchronous_commit = off;
            INSERT INTO ai_jobs_worker
                (id, host, pid, version, slots, running, loop_lag_ms, draining, started_at, heartbeat_at, last_claim_at)
            VALUES (%(worker_id)s, %(host)s, %(pid)s, %(version)s, %(slots)s, %(running)s, %(loop_lag_ms)s,
                %(draining)s, clock_timestamp(), clock_timestamp(),
                CASE WHEN %(claimed_lately)s THEN clock_timestamp() END)
            ON CONFLICT (id) DO UPDATE SET running = excluded.running, loop_lag_ms = excluded.loop_lag_ms,
                draining = excluded.draining, heartbeat_at = excluded.heartbeat_at,
                last_claim_at = coalesce(excluded.last_claim_at, ai_jobs_worker.last_claim_at)
            RETURNING EXISTS (
                SELECT 1 FROM ai_jobs_aijob WHERE status = 'processing' AND lease_expires_at <= clock_timestamp()
            ), (
                SELECT count(*) FROM ai_jobs_worker AS other
                WHERE NOT other.draining AND other.running < other.slots
                    AND other.heartbeat_at > clock_timestamp() - make_interval(secs => %(silence)s)
                    AND (other.running / %(much)s, other.id) < (%(running)s / %(much)s, %(worker_id)s)
            )
            """,
            {**report._asdict(), "silence": settings.AI_JOBS_LEASE_SECONDS, "much": _MUCH_MORE_TO_DO},
        )
        return Surroundings(*cursor.fetchone())


@transaction.atomic
def miss_workers(worker_ids: Sequence[uuid.UUID]) -> int:
    """Engines whose process is certainly gone: their jobs need not wait for the end of their leases.

    Unless one of a worker's jobs was in a crash before. Then it may be a job that kills, or a machine on which
    everything dies, and the leases see to it that this does not happen several times a second. Returns how many jobs
    were queued again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE ai_jobs_aijob SET lease_expires_at = clock_timestamp() WHERE id IN (
                SELECT id FROM ai_jobs_aijob AS job
                WHERE status = 'processing' AND worker_id = ANY (%(workers)s) AND NOT EXISTS (
                    SELECT 1 FROM ai_jobs_aijob AS suspect
                    WHERE suspect.status = 'processing' AND suspect.worker_id = job.worker_id
                        AND suspect.crash_count > 0
                )
                FOR NO KEY UPDATE SKIP LOCKED
            );
            DELETE FROM ai_jobs_worker WHERE id = ANY (%(workers)s)
            """,
            {"workers": list(worker_ids)},
        )
    return rescue_jobs()


def remove_worker(worker_id: uuid.UUID) -> None:
    """The engine ended in order; rows of engines that vanished an hour ago go with it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM ai_jobs_worker WHERE id = %s OR heartbeat_at < clock_timestamp() - interval '1 hour'",
            [worker_id],
        )
