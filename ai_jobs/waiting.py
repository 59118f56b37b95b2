"""Where a queued job stands, why it waits and for about how long; and telling those who look at it.

Method of the estimate: `RunTime` holds the median of the last runs of each job type. With `slots` in all live engines,
of which `free` are unused, the job at position p starts after (p − free) × median / slots; where AI_JOBS_PER_USER
limits its person, after (own jobs before it + own running − limit + 1) × median / limit; where it waits for a time,
not before it. The largest of these counts. Nothing is promised while the queue is paused, no worker lives, or
nothing of that type was ever measured.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum

from ai_jobs import events
from ai_jobs.health import live_workers
from ai_jobs.models import AIJob, AIJobEvent, Pause, RunTime
from ai_jobs.providers.llm.errors import ModelUnavailable, RateLimited
from ai_jobs.states import EventKind, Status
from collabcanvas.lib.postgres.clock import database_now

# A wave tells at most so many jobs their place, and of one person the first few.
WAVE_JOBS = 200
WAVE_JOBS_OF_USER = 5
# An estimate that moved by less than this part is not worth a message.
_WORTH_TELLING = 0.25
# The errors with which a vendor may say when to come again.
_VENDOR_ASKED = frozenset({RateLimited.code, ModelUnavailable.code})


class _Place(NamedTuple):
    """Where a job stands: overall, and among its person's own waiting jobs."""

    position: int
    own_before: int
    own_running: int


class _Work(NamedTuple):
    """What does the work: slots of engines that take jobs, how many are unused, and what they leave alone."""

    paused: frozenset[str]
    slots: int
    free: int
    median_seconds: dict[str, float]


def queue_facts(jobs: Iterable[AIJob]) -> dict[uuid.UUID, dict[str, Any]]:
    """For each job that is queued: `{position, eta_seconds, waiting_reason}`. A handful of statements for all."""
    queued = [job for job in jobs if job.status == Status.QUEUED]
    if not queued:
        return {}
    now, places = _places([job.pk for job in queued])
    later = [job for job in queued if job.next_processing_at > now]
    snoozed = _snoozed(later)
    work = _work()
    return {
        job.pk: _facts(job, places.get(job.pk, _Place(1, 0, 0)), work, now, is_snoozed=job.pk in snoozed)
        for job in queued
    }


def _facts(job: AIJob, place: _Place, work: _Work, now: datetime, *, is_snoozed: bool) -> dict[str, Any]:
    backoff = max(0.0, (job.next_processing_at - now).total_seconds())
    if not settings.AI_JOBS_ENABLED or work.paused & {"", job.job_type}:
        reason = "paused"
    elif not work.slots:
        reason = "no_worker"
    elif backoff:
        reason = "rate_limited" if is_snoozed else "retry_backoff"
    elif place.own_running >= settings.AI_JOBS_PER_USER:
        reason = "user_limit"
    else:
        reason = "behind_others"
    eta = None
    median = work.median_seconds.get(job.job_type)
    if median is not None and reason not in {"paused", "no_worker"}:
        limit = settings.AI_JOBS_PER_USER
        behind_all = max(0, place.position - work.free) * median / work.slots
        behind_own = max(0, place.own_before + place.own_running - limit + 1) * median / limit
        eta = round(max(backoff, behind_all, behind_own), 1)
    return {"position": place.position, "eta_seconds": eta, "waiting_reason": reason}


# The order of the claim (docs/decisions/0005-claim-order.md) without its turn by age. Of each user only as many jobs
# are looked at as can stand before the last of those asked for: with 100,000 waiting jobs and a position near the front
# that is one probe of the index per user.
_PLACES = """
WITH RECURSIVE waiting(user_id) AS (
    (SELECT user_id FROM ai_jobs_aijob WHERE status = 'queued' AND crash_count = 0 ORDER BY user_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT next.user_id FROM ai_jobs_aijob AS next
        WHERE next.status = 'queued' AND next.crash_count = 0 AND next.user_id > waiting.user_id
        ORDER BY next.user_id LIMIT 1
    )
    FROM waiting WHERE waiting.user_id IS NOT NULL
),
running AS (
    SELECT user_id, count(*) AS jobs FROM ai_jobs_aijob WHERE status = 'processing' GROUP BY user_id
),
asked AS (
    SELECT job.id, job.user_id, job.priority, job.next_processing_at, coalesce(running.jobs, 0) AS running,
        -- A job that was in a crash goes before all others.
        CASE WHEN job.crash_count > 0 THEN 0 ELSE (
            SELECT count(*) FROM ai_jobs_aijob AS own
            WHERE own.status = 'queued' AND own.crash_count = 0 AND own.user_id = job.user_id
                AND own.priority > job.priority AND own.next_processing_at <= clock_timestamp()
        ) + (
            SELECT count(*) FROM ai_jobs_aijob AS own
            WHERE own.status = 'queued' AND own.crash_count = 0 AND own.user_id = job.user_id
                AND own.priority = job.priority
                AND own.next_processing_at <= least(job.next_processing_at, clock_timestamp())
                AND (own.next_processing_at, own.id) < (job.next_processing_at, job.id)
        ) END AS own_before,
        job.crash_count > 0 AS suspect
    FROM ai_jobs_aijob AS job LEFT JOIN running USING (user_id)
    WHERE job.id = ANY(%(ids)s) AND job.status = 'queued'
),
reach AS (SELECT max(running + own_before) + 1 AS turn, min(priority) AS priority FROM asked),
other AS (
    SELECT job.id, job.priority, job.next_processing_at, coalesce(running.jobs, 0) + job.place AS turn
    FROM waiting LEFT JOIN running USING (user_id) CROSS JOIN reach CROSS JOIN LATERAL (
        SELECT id, priority, next_processing_at,
            row_number() OVER (ORDER BY priority DESC, next_processing_at, id) AS place
        FROM ai_jobs_aijob
        WHERE status = 'queued' AND crash_count = 0 AND user_id = waiting.user_id
            AND next_processing_at <= clock_timestamp()
            AND job_type <> ALL (SELECT job_type FROM ai_jobs_pause)
        ORDER BY priority DESC, next_processing_at, id
        LIMIT greatest(reach.turn - coalesce(running.jobs, 0), (
            SELECT count(*) FROM ai_jobs_aijob AS urgent
            WHERE urgent.status = 'queued' AND urgent.crash_count = 0 AND urgent.user_id = waiting.user_id
                AND urgent.priority > reach.priority
        ))
    ) AS job
    WHERE waiting.user_id IS NOT NULL AND job.id <> ALL(%(ids)s)
),
ranked AS (
    SELECT id, row_number() OVER (ORDER BY suspect DESC, priority DESC, turn, next_processing_at, id) AS position
    FROM (
        SELECT id, priority, next_processing_at, turn, FALSE AS suspect FROM other
        UNION ALL
        SELECT id, priority, next_processing_at, running + own_before + 1, suspect FROM asked
    ) AS all_of_them
)
SELECT asked.id, ranked.position, asked.own_before, asked.running
FROM asked JOIN ranked USING (id)
"""


def _places(ids: Sequence[uuid.UUID]) -> tuple[datetime, dict[uuid.UUID, _Place]]:
    now = database_now()
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, {"ids": list(ids)})
        return now, {job_id: _Place(*place) for job_id, *place in cursor.fetchall()}


def _work() -> _Work:
    slots = live_workers().filter(draining=False).aggregate(slots=Sum("slots"))["slots"] or 0
    running = AIJob.objects.filter(status=Status.PROCESSING).count() if slots else 0
    paused = frozenset(Pause.objects.values_list("job_type", flat=True))
    return _Work(
        paused, slots, max(0, slots - running), dict(RunTime.objects.values_list("job_type", "seconds"))
    )


def _snoozed(jobs: Sequence[AIJob]) -> set[uuid.UUID]:
    """Those that wait because a provider asked for it, and not because a try failed."""
    if not jobs:
        return set()
    kinds = (
        AIJobEvent.objects.filter(
            # Other things snooze too, such as a database that was away; those are no provider's wish.
            job__in=[job.pk for job in jobs if job.error_code in _VENDOR_ASKED],
            kind__in=[EventKind.SNOOZED, EventKind.RETRY_SCHEDULED],
        )
        .order_by("job_id", "-sequence")
        .distinct("job_id")
        .values_list("job_id", "kind")
    )
    return {job_id for job_id, kind in kinds if kind == EventKind.SNOOZED}


# --- Telling those who look ---
_WAVE = """
WITH RECURSIVE waiting(user_id) AS (
    (SELECT user_id FROM ai_jobs_aijob WHERE status = 'queued' ORDER BY user_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT next.user_id FROM ai_jobs_aijob AS next
        WHERE next.status = 'queued' AND next.crash_count = 0 AND next.user_id > waiting.user_id
        ORDER BY next.user_id LIMIT 1
    )
    FROM waiting WHERE waiting.user_id IS NOT NULL
)
SELECT job.id FROM waiting CROSS JOIN LATERAL (
    SELECT id, priority, next_processing_at,
        row_number() OVER (ORDER BY priority DESC, next_processing_at, id) AS place
    FROM ai_jobs_aijob WHERE status = 'queued' AND crash_count = 0 AND user_id = waiting.user_id
    ORDER BY priority DESC, next_processing_at, id LIMIT %(of_user)s
) AS job
WHERE waiting.user_id IS NOT NULL
ORDER BY job.place, job.priority DESC, job.next_processing_at, job.id LIMIT %(jobs)s
"""

Told = dict[uuid.UUID, dict[str, Any]]


@transaction.atomic
def tell_places(told: Told) -> Told | None:
    """Those who look at a waiting job hear its place, where it is another than in `told`.

    At most `WAVE_JOBS` jobs, the first few of each user; at most one wave a second from all engines together,
    and None when another engine's was less than that ago: try again. A message carries the job's revision as
    it is, because nothing in the job has changed and nobody need fetch it. Returns what is known to have been
    told now, for the next call.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO ai_jobs_wave AS wave (id, at) VALUES (1, clock_timestamp())
            ON CONFLICT (id) DO UPDATE SET at = clock_timestamp()
                WHERE wave.at < clock_timestamp() - interval '0.9 s'
            """
        )
        if not cursor.rowcount:
            return None
        cursor.execute(_WAVE, {"of_user": WAVE_JOBS_OF_USER, "jobs": WAVE_JOBS})
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return {}
    jobs = list(AIJob.objects.filter(pk__in=ids, status=Status.QUEUED).defer("request_data", "result_data"))
    facts = queue_facts(jobs)
    events.announce(
        (job, {**events.job_message(job, elapsed_seconds=None, result=None), "queue": facts[job.pk]})
        for job in jobs
        if _is_news(told.get(job.pk), facts[job.pk])
    )
    return facts


def _is_news(before: dict[str, Any] | None, now: dict[str, Any]) -> bool:
    if before is None or (before["position"], before["waiting_reason"]) != (
        now["position"],
        now["waiting_reason"],
    ):
        return True
    was, is_now = before["eta_seconds"], now["eta_seconds"]
    if was is None or is_now is None:
        return was is not is_now
    return bool(abs(is_now - was) > max(2.0, _WORTH_TELLING * was))


def record_run_times(medians: dict[str, tuple[float, int]]) -> None:
    """The median seconds of each job type, over so many runs, are what estimates are made of from now on."""
    RunTime.objects.bulk_create(
        [
            RunTime(job_type=job_type, seconds=seconds, runs=runs)
            for job_type, (seconds, runs) in sorted(medians.items())
        ],
        update_conflicts=True,
        unique_fields=["job_type"],
        update_fields=["seconds", "runs", "measured_at"],
    )
