"""How an engine takes jobs: one prepared statement that chooses, claims and writes the history, in one round trip.

Claiming is the transition from `queued` to `processing`; all others are in `ai_jobs.lifecycle`.
"""

import json
import uuid
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ai_jobs.lifecycle import (
    ROW_COLUMNS,
    SAME_COLUMNS,
    Held,
    JobRow,
    announce_rows,
    log_statement,
    log_transition,
)
from ai_jobs.metrics import count_pickup
from ai_jobs.states import MIN_PRIORITY, EventKind
from collabcanvas.lib.models import AuditEntry

# Aged jobs get one claim in this many, in the order of their age, whatever their priority: nothing starves.
AGE_TURN = 8
# How many jobs that were in two crashes an engine runs beside its others; see docs/decisions/0004-crash-suspects.md.
SUSPECT_GROUP = 16
# From this many crashes on, a job runs alone.
ALONE_FROM = 3
# So often a database that was away costs a job nothing.
FREE_TIMES_AWAY = 9
DATABASE_AWAY = "database_away"
# Serialises claims, so that the per-user cap is exact; any constant that nothing else uses.
CLAIM_LOCK = 0x434C41494D
# A few more than needed are looked at: rows that a person is changing at this moment are skipped.
_SPARE = 16
# What was begun so soon was held up by nothing that matters.
_PROMPT_SECONDS = 1.0
# With more free slots than this the short way costs more than it saves.
_SHORT_WAY_SLOTS = 128


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """What an engine needs to run a job it has just claimed."""

    row: JobRow
    held: Held
    request_data: Mapping[str, Any]
    # Since the request, and since the moment at which it could have been claimed.
    waited_seconds: float = 0.0
    due_seconds: float = 0.0
    # How often the database was away from its runs; counted only where that may be more than `FREE_TIMES_AWAY`.
    times_away: int = 0

    @property
    def must_run_alone(self) -> bool:
        """Whether it was in so many crashes that nothing else may run beside it."""
        return self.row.crash_count >= ALONE_FROM


_TAKEN = f"{SAME_COLUMNS}, waited, due, lease_token, request_data, times_away"
_TAKE = f"""
changed AS (
    UPDATE ai_jobs_aijob AS j
    SET status = 'processing', revision = j.revision + 1, attempt = j.attempt + 1,
        lease_token = nextval('ai_jobs_lease_token'), worker_id = %(worker)s,
        lease_expires_at = clock_timestamp() + make_interval(secs => %(lease_seconds)s),
        started_at = clock_timestamp(), progress = 0, progress_message = 'Started', stage = 'starting',
        objects_done = 0, error_message = '', error_code = ''
    WHERE j.id = ANY (ARRAY(SELECT id FROM chosen)) AND j.status || '' = 'queued'
    RETURNING {ROW_COLUMNS}, CAST(extract(epoch FROM j.started_at - j.created_at) AS double precision) AS waited,
        CAST(extract(epoch FROM j.started_at - j.next_processing_at) AS double precision) AS due,
        j.lease_token, j.request_data, CASE WHEN j.attempt <= {FREE_TIMES_AWAY} THEN 0 ELSE (
            SELECT count(*) FROM ai_jobs_aijobevent AS event
            WHERE event.job_id = j.id AND event.kind = 'snoozed' AND event.data ->> 'code' = '{DATABASE_AWAY}'
        ) END AS times_away
),
logged AS ({log_statement("changed")})
"""  # noqa: S608  # only constants of this module are put in

_READY = "status = 'queued' AND crash_count = 0 %(only)s AND next_processing_at <= clock_timestamp()"
_CLAIM = f"""
WITH RECURSIVE
running AS (
    SELECT user_id, count(*) AS jobs FROM ai_jobs_aijob
    WHERE status = 'processing' AND lease_expires_at > clock_timestamp() GROUP BY user_id
),
suspect AS (
    -- Jobs that were in a crash go first, within the cap of their users like all others; few at a time of those that
    -- were in two, one of those that were in more.
    SELECT id, user_id FROM (
        SELECT id, user_id, crash_count,
            row_number() OVER (PARTITION BY least(crash_count, {ALONE_FROM}) ORDER BY crash_count, id) AS place
        FROM (
            -- The sum keeps an empty table's plan from reading every job ever made in the order of an index.
            SELECT id, user_id, crash_count, row_number() OVER (PARTITION BY user_id + 0 ORDER BY crash_count, id)
                AS place_of_user
            FROM ai_jobs_aijob
            WHERE status = 'queued' AND crash_count > 0 %(only)s AND next_processing_at <= clock_timestamp()
        ) AS due LEFT JOIN running USING (user_id)
        WHERE place_of_user <= %(per_user)s - coalesce(running.jobs, 0)
    ) AS allowed
    WHERE crash_count = 1 OR place <= CASE WHEN crash_count >= {ALONE_FROM} THEN 1 ELSE %(suspects)s END
    ORDER BY crash_count, id LIMIT %(slots)s
),
busy AS (
    SELECT user_id, sum(jobs)::bigint AS jobs
    FROM (SELECT user_id, jobs FROM running UNION ALL SELECT user_id, 1 FROM suspect) AS held GROUP BY user_id
),

-- The short way. Where the head of the queue holds enough jobs of different people of whom nothing runs, no other
-- can stand before them: nobody's turn is earlier, and nobody looks at all who wait.
front AS MATERIALIZED (
    -- In the words of the index for this, and of no other: see the indexes of the model.
    SELECT id, user_id, priority, next_processing_at FROM ai_jobs_aijob
    WHERE lease_token IS NULL AND completed_at IS NULL AND crash_count = 0 %(only)s
        AND next_processing_at <= clock_timestamp()
    ORDER BY priority * -1, next_processing_at
    LIMIT CASE WHEN %(slots)s <= {_SHORT_WAY_SLOTS} THEN 2 * %(slots)s + {2 * _SPARE} ELSE 0 END
),
front_of_each AS (
    SELECT * FROM (
        SELECT DISTINCT ON (user_id) id, user_id, priority, next_processing_at FROM front
        WHERE priority = (SELECT max(priority) FROM front)
            AND NOT EXISTS (SELECT FROM busy WHERE busy.user_id = front.user_id)
        ORDER BY user_id, next_processing_at
    ) AS of_user ORDER BY next_processing_at LIMIT %(slots)s + {_SPARE}
),
most_age_turns AS (
    SELECT (last_value + %(slots)s) / {AGE_TURN} - last_value / {AGE_TURN} AS n FROM ai_jobs_lease_token
),
oldest_of_each AS (
    SELECT * FROM (
        SELECT DISTINCT ON (user_id) id, user_id, priority, next_processing_at,
            %(per_user)s - coalesce(jobs, 0) AS room, coalesce(jobs, 0) AS jobs
        FROM (
            SELECT id, user_id, priority, next_processing_at FROM ai_jobs_aijob
            WHERE status = 'queued' AND priority >= {MIN_PRIORITY} AND crash_count + 0 = 0 %(only)s
                AND next_processing_at <= clock_timestamp()
            ORDER BY next_processing_at LIMIT 2 * (SELECT n FROM most_age_turns) + {2 * _SPARE}
        ) AS aged LEFT JOIN busy USING (user_id)
        WHERE coalesce(jobs, 0) < %(per_user)s
        ORDER BY user_id, next_processing_at
    ) AS of_user ORDER BY next_processing_at LIMIT (SELECT n FROM most_age_turns)
),
short AS (
    SELECT (SELECT count(*) FROM front_of_each) >= %(slots)s - (SELECT count(*) FROM suspect)
        AND (SELECT count(*) FROM oldest_of_each) >= (SELECT n FROM most_age_turns) AS is_enough
),

-- The long way.
head AS (
    -- The best queued job of each user, by skipping through the index: one probe per user, not per job.
    (
        SELECT user_id, priority, next_processing_at FROM ai_jobs_aijob
        WHERE status = 'queued' AND crash_count = 0 %(only)s AND NOT (SELECT is_enough FROM short)
        ORDER BY user_id, priority DESC, next_processing_at LIMIT 1
    )
    UNION ALL
    SELECT next.* FROM head CROSS JOIN LATERAL (
        SELECT user_id, priority, next_processing_at FROM ai_jobs_aijob
        WHERE status = 'queued' AND crash_count = 0 %(only)s AND user_id > head.user_id
        ORDER BY user_id, priority DESC, next_processing_at LIMIT 1
    ) AS next
),
open_user AS (
    SELECT head.user_id, head.priority AS head_priority, head.next_processing_at AS head_at,
        %(per_user)s - coalesce(busy.jobs, 0) AS room, coalesce(busy.jobs, 0) AS jobs
    FROM head LEFT JOIN busy USING (user_id)
    WHERE coalesce(busy.jobs, 0) < %(per_user)s
),
ready_head AS (
    SELECT user_id, room, jobs, head_priority AS priority, head_at AS next_processing_at FROM open_user
    WHERE head_at <= clock_timestamp()
    UNION ALL
    -- A best job whose time has not come stands before others of its user whose time has.
    SELECT open_user.user_id, room, jobs, job.priority, job.next_processing_at
    FROM open_user CROSS JOIN LATERAL (
        SELECT priority, next_processing_at FROM ai_jobs_aijob
        WHERE {_READY} AND user_id = open_user.user_id
        ORDER BY priority DESC, next_processing_at LIMIT 1
    ) AS job
    WHERE head_at > clock_timestamp()
),
best AS (
    SELECT *, %(per_user)s::bigint AS room, 0::bigint AS jobs FROM front_of_each
    WHERE (SELECT is_enough FROM short)
    UNION ALL
    -- Who is not among the first with his best job is not among them with another: few users need a second look.
    SELECT job.*, first.room, first.jobs
    FROM (
        SELECT user_id, room, jobs FROM ready_head ORDER BY priority DESC, jobs, next_processing_at LIMIT %(slots)s
    ) AS first CROSS JOIN LATERAL (
        SELECT id, user_id, priority, next_processing_at FROM ai_jobs_aijob
        WHERE {_READY} AND user_id = first.user_id
        ORDER BY priority DESC, next_processing_at LIMIT least(first.room, %(slots)s)
    ) AS job
),
claims AS (
    SELECT least(%(slots)s, (SELECT count(*) FROM best) + (SELECT count(*) FROM suspect)) AS n
),
age_turns AS (
    -- Turns are counted by what is really claimed, not by what there is room for: with many free slots every
    -- claim would otherwise go by age, and a user at the cap would never see priority.
    SELECT (last_value + claims.n) / {AGE_TURN} - last_value / {AGE_TURN} AS n FROM ai_jobs_lease_token, claims
),
oldest AS (
    SELECT * FROM (
        SELECT * FROM oldest_of_each WHERE (SELECT is_enough FROM short)
        UNION ALL
        SELECT job.*, open_user.room, open_user.jobs
        FROM open_user CROSS JOIN LATERAL (
            SELECT id, user_id, priority, next_processing_at FROM ai_jobs_aijob
            WHERE {_READY} AND user_id = open_user.user_id
            ORDER BY next_processing_at LIMIT 1
        ) AS job
        WHERE (SELECT n FROM age_turns) > 0
    ) AS aged ORDER BY next_processing_at LIMIT (SELECT n FROM age_turns)
),
ranked AS (
    SELECT id, by_age, priority, next_processing_at, room,
        row_number() OVER mine AS place, jobs + row_number() OVER mine AS turn
    FROM (
        SELECT *, TRUE AS by_age FROM oldest
        UNION ALL
        SELECT *, FALSE FROM best WHERE NOT EXISTS (SELECT FROM oldest WHERE oldest.id = best.id)
    ) AS candidate
    WINDOW mine AS (PARTITION BY user_id ORDER BY by_age DESC, priority DESC, next_processing_at, id)
),
chosen AS MATERIALIZED (
    SELECT j.id FROM (
        SELECT id, TRUE AS by_age, 99 AS priority, 0::bigint AS turn, '-infinity'::timestamptz AS next_processing_at
        FROM suspect
        UNION ALL
        SELECT id, by_age, priority, turn, next_processing_at FROM ranked WHERE place <= room
        ORDER BY by_age DESC, priority DESC, turn, next_processing_at, id
        LIMIT %(slots)s + {_SPARE}
    ) AS best_first CROSS JOIN LATERAL (
        -- Each row by its key. A plain join, planned while the table was empty, would walk the whole queue once
        -- for every chosen row; so would any partial index of the queue, which this form of the status hides.
        SELECT id FROM ai_jobs_aijob WHERE id = best_first.id AND status || '' = 'queued' FOR UPDATE SKIP LOCKED
    ) AS j
    WHERE TRUE %(unless)s
    ORDER BY by_age DESC, best_first.priority DESC, turn, best_first.next_processing_at, j.id
    LIMIT %(slots)s
),
{_TAKE}
SELECT {_TAKEN} FROM changed
"""  # noqa: S608  # only constants of this module are put in
# Where all who are ready fit into the free slots and under the caps, nobody's turn matters: this takes them all, and
# says so. Nothing is taken, and it says no, where some would have to wait, where a type is paused, or where a job was
# in a crash.
_CLAIM_ALL = f"""
WITH ready AS MATERIALIZED (
    -- In the words of the index for this, as in `front`.
    SELECT id, user_id FROM ai_jobs_aijob
    WHERE lease_token IS NULL AND completed_at IS NULL AND crash_count = 0
        AND next_processing_at <= clock_timestamp()
    ORDER BY priority * -1, next_processing_at LIMIT %(slots)s + 1
),
verdict AS MATERIALIZED (
    SELECT (SELECT count(*) FROM ready) <= %(slots)s
        AND NOT EXISTS (SELECT FROM ai_jobs_pause)
        AND NOT EXISTS (SELECT FROM ai_jobs_aijob WHERE status = 'queued' AND crash_count > 0)
        AND NOT EXISTS (
            SELECT FROM (SELECT user_id, count(*) AS jobs FROM ready GROUP BY user_id) AS of_user
            WHERE jobs + (
                SELECT count(*) FROM ai_jobs_aijob AS other
                WHERE other.status = 'processing' AND other.user_id = of_user.user_id
                    AND other.lease_expires_at > clock_timestamp()
            ) > %(per_user)s
        ) AS all_fit
),
chosen AS MATERIALIZED (
    SELECT j.id FROM ready CROSS JOIN LATERAL (
        SELECT id FROM ai_jobs_aijob WHERE id = ready.id AND status || '' = 'queued' FOR UPDATE SKIP LOCKED
    ) AS j
    WHERE (SELECT all_fit FROM verdict)
),
{_TAKE}
SELECT {_TAKEN}, all_fit FROM verdict LEFT JOIN changed ON TRUE
"""  # noqa: S608  # only constants of this module are put in
_CLAIM_PARAMETERS = {
    "worker": "$1", "slots": "$2", "per_user": "$3", "lease_seconds": "$4", "suspects": "$5",
    "kind": f"'{EventKind.CLAIMED.value}'", "actor": "NULL",
}  # fmt: skip
# While any job type is paused, the statement that looks at no type claims nothing, and the other one is asked.
_ANY_TYPE = {"only": "", "unless": "AND NOT EXISTS (SELECT FROM ai_jobs_pause)"}
_OPEN_TYPES = {
    "only": "AND job_type <> ALL (SELECT job_type FROM ai_jobs_pause)",
    "unless": "AND NOT EXISTS (SELECT FROM ai_jobs_pause WHERE job_type = '')",
}
_PREPARE = "; ".join(
    f"PREPARE {name} (uuid, int, int, double precision, int) AS {statement % {**_CLAIM_PARAMETERS, **types}}"
    for name, statement, types in (
        ("ai_jobs_claim_all", _CLAIM_ALL, {}),
        ("ai_jobs_claim", _CLAIM, _ANY_TYPE),
        ("ai_jobs_claim_open_types", _CLAIM, _OPEN_TYPES),
    )
)
# What a connection runs once before it carries claims. Planning a claim takes longer than running it, so each
# connection plans once, perhaps while the table is empty and every plan looks as good as the other. What is switched
# off then leaves only good ones: every look-up has an index that gives its rows in the wanted order, so nothing need
# read a table, or all of a user's jobs and sort them. A bitmap scan never marks dead index entries, so on the small,
# busy indexes of live jobs it would walk over all that thousands of finished jobs have left there.
# Nobody waits for the disk: a claim that a crash of the database forgets has never happened, and the job is queued
# still. (The sequence may then give a token again, so that two runs of one job hold the same: the first that ends wins,
# and the other is refused as ever.) The same holds for heartbeats and progress.
OPENING = f"""
SET synchronous_commit = off; SET plan_cache_mode = force_generic_plan; SET jit = off;
SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off;
{_PREPARE}
"""
# Statements sent together are one transaction, so this is one round trip.
_EXECUTE = f"""
SELECT pg_advisory_xact_lock({CLAIM_LOCK});
EXECUTE %(statement)s (
    %%(worker)s, %%(slots)s, %%(per_user)s, %%(lease_seconds)s, %%(suspects)s
)
"""
_EXECUTE_ALL = _EXECUTE % {"statement": "ai_jobs_claim_all"}
_EXECUTE_ANY_TYPE = _EXECUTE % {"statement": "ai_jobs_claim"}
_EXECUTE_OPEN_TYPES = _EXECUTE % {"statement": "ai_jobs_claim_open_types"}

Statement = tuple[str, Mapping[str, Any]]
Rows = list[tuple[Any, ...]]


def claim_jobs(
    *,
    worker_id: uuid.UUID,
    slots: int,
    per_user: int,
    lease_seconds: float,
    suspects: int = SUSPECT_GROUP,
    few_wait: bool = False,
) -> Generator[Statement, Rows, list[ClaimedJob]]:
    """Up to `slots` ready jobs belong to this engine for `lease_seconds`, best first, and may start at once.

    Yields statements for a connection on which `OPENING` has run, takes their rows, and returns the jobs: whoever
    asks decides how the connection waits.

    Order: higher priority; inside a priority users take turns, those with the fewest running jobs first; one
    claim in `AGE_TURN` goes to the user whose job has waited longest, whatever its priority. No user gets more
    than `per_user` running jobs. Of jobs that were in two crashes at most `suspects` come along, of those in
    more one. Paused job types (`Pause`) are left where they are. Nobody has been told: `announce_claims` does
    that, when the jobs have been started. `few_wait` says that probably all who are ready fit, for which there is
    a quicker way; what is claimed is the same.
    """
    limits: dict[str, Any] = {
        "worker": worker_id,
        "slots": slots,
        "per_user": per_user,
        "lease_seconds": lease_seconds,
        "suspects": suspects,
    }
    if few_wait:
        found = yield _EXECUTE_ALL, limits
        if found[0][-1]:
            # Where none was ready there is one row, with nothing but the verdict.
            return [_claimed(values[:-1]) for values in found if values[0] is not None]
    found = yield _EXECUTE_ANY_TYPE, limits
    if not found:
        paused = {row[0] for row in (yield "SELECT job_type FROM ai_jobs_pause", {})}
        if paused and "" not in paused:
            found = yield _EXECUTE_OPEN_TYPES, limits
    return [_claimed(values) for values in found]


def _claimed(values: tuple[Any, ...]) -> ClaimedJob:
    row = JobRow._make(values[:-5])
    waited, due, token, request_data, times_away = values[-5:]
    return ClaimedJob(
        row=row,
        waited_seconds=waited,
        due_seconds=due,
        held=Held(row.id, token),
        # Django's own connections leave JSON as text.
        request_data=json.loads(request_data) if isinstance(request_data, str) else request_data,
        times_away=times_away,
    )


def announce_claims(claimed: Sequence[ClaimedJob], worker_id: uuid.UUID) -> None:
    """Those who listen hear that the jobs have started; after the claim's commit, so that no run waits for it."""
    rows = [job.row for job in claimed]
    announce_rows(rows)
    held_up = _held_up(claimed)
    # When that has worked: it is tried again after a lost connection, and a claim is counted once.
    log_transition(EventKind.CLAIMED, rows, worker_id)
    for job in claimed:
        if job.row.id not in held_up:
            count_pickup(job.due_seconds)


def _held_up(claimed: Sequence[ClaimedJob]) -> set[uuid.UUID]:
    """Those that were paused for a part of their time: how long is not known, so it says nothing about engines."""
    late = [
        (job.row, job.row.started_at - timedelta(seconds=job.due_seconds))
        for job in claimed
        if job.due_seconds > _PROMPT_SECONDS and job.row.started_at is not None
    ]
    if not late:
        return set()
    resumed = AuditEntry.objects.filter(action="queue.resumed", at__gt=min(due_at for _, due_at in late))
    pauses = list(resumed.values_list("target_id", "at"))
    return {
        row.id
        for row, due_at in late
        if any(what in {"all", row.job_type} and at > due_at for what, at in pauses)
    }
