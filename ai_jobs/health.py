"""Whether jobs are being worked on, read from what workers write; never from a flag."""

from datetime import datetime
from enum import IntEnum
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Count, QuerySet
from django.db.models.functions import Now

from ai_jobs.canary import canary_age_seconds
from ai_jobs.models import AIJob, Pause, Worker
from ai_jobs.states import MIN_PRIORITY, Status
from collabcanvas.lib.postgres.clock import database_now

# From here on it is not well: the same limits as in the alerts of docs/monitoring.
OLDEST_READY_SECONDS = 60.0
LOOP_LAG_MS = 1000.0
CANARY_GRACE_SECONDS = 180.0
# Anybody may ask, as often as they like: a long queue is not counted to its end.
QUEUE_COUNTED = 10_000


class Level(IntEnum):
    """How the whole of AI jobs is; the number is the exit code of `aijobs health`."""

    HEALTHY = 0
    DEGRADED = 1
    DOWN = 2


class Finding(NamedTuple):
    """Something that is not well: the sentence says what, and what to do."""

    level: Level
    sentence: str


def live_workers() -> QuerySet[Worker]:
    """Engines that wrote a heartbeat lately, by the database's clock."""
    return Worker.objects.filter(heartbeat_at__gt=Now() - Worker.STALE_AFTER)


def paused() -> dict[str, Any]:
    """What engines leave alone for now: everything, or the job types named."""
    types = set(Pause.objects.values_list("job_type", flat=True))
    return {"everything": "" in types, "job_types": sorted(types - {""})}


# The lowest priority stands there because the index `aijob_waiting` is known by it.
_OLDEST_READY = f"""
    SELECT extract(epoch FROM clock_timestamp() - min(next_processing_at))::float
    FROM ai_jobs_aijob
    WHERE status = 'queued' AND priority >= {MIN_PRIORITY} AND next_processing_at <= clock_timestamp()
        AND job_type <> ALL (SELECT job_type FROM ai_jobs_pause)
        AND NOT EXISTS (SELECT FROM ai_jobs_pause WHERE job_type = '')
        AND user_id <> ALL (
            SELECT user_id FROM ai_jobs_aijob
            WHERE status = 'processing' AND lease_expires_at > clock_timestamp()
            GROUP BY user_id HAVING count(*) >= %s
        )
"""  # noqa: S608  # only a constant is put in


def oldest_ready_seconds() -> float | None:
    """For how long the first job waits that could run: its time has come, and neither a pause nor its person's limit
    (`AI_JOBS_PER_USER`) holds it back. None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST_READY, [settings.AI_JOBS_PER_USER])
        found: float | None = cursor.fetchone()[0]
    return found


def health() -> dict[str, Any]:
    """How jobs are, for operators; raises `OperationalError` without a database. A handful of cheap statements."""
    now = database_now()
    workers = list(live_workers())
    return {
        "status": "healthy",
        "database": "connected",
        # One that drains begins nothing any more.
        "job_processor": "running" if any(not worker.draining for worker in workers) else "stopped",
        "timestamp": _iso(now),
        "workers": [
            {
                "id": str(worker.pk),
                "host": worker.host,
                "pid": worker.pid,
                "version": worker.version,
                "slots": worker.slots,
                "running": worker.running,
                "draining": worker.draining,
                "loop_lag_ms": round(worker.loop_lag_ms, 1),
                "heartbeat_age_seconds": round(max(0.0, (now - worker.heartbeat_at).total_seconds()), 1),
            }
            for worker in workers
        ],
        "queue_depth": AIJob.objects.filter(status=Status.QUEUED)[:QUEUE_COUNTED].count(),
        "oldest_ready_age_seconds": round(oldest_ready_seconds() or 0.0, 1),
        "paused": paused(),
        "ai_jobs_enabled": settings.AI_JOBS_ENABLED,
        "canary": {
            "interval_seconds": settings.CANARY_INTERVAL_SECONDS,
            "age_seconds": canary_age_seconds() if settings.CANARY_INTERVAL_SECONDS else None,
        },
        "version": settings.VERSION,
    }


def health_for_anybody() -> dict[str, Any]:
    """`health()` without what only operators are to know: on which machines the workers run."""
    state = health()
    workers = [
        {key: value for key, value in worker.items() if key not in {"host", "pid"}}
        for worker in state["workers"]
    ]
    return {**state, "workers": workers}


def findings(state: dict[str, Any]) -> list[Finding]:
    """What is not well in a `health()`, worst first; nothing when all is well."""
    found: list[Finding] = []
    if state["job_processor"] != "running":
        draining = " (what is there only drains)" if state["workers"] else ""
        found.append(
            Finding(Level.DOWN, f"No worker takes jobs{draining}. Start one: python manage.py qcluster")
        )
    if not state["ai_jobs_enabled"]:
        found.append(Finding(Level.DEGRADED, "AI jobs are switched off. To take them: AI_JOBS_ENABLED=1"))
    held = [""] * state["paused"]["everything"] + state["paused"]["job_types"]
    if held:
        what = ", ".join(job_type or "everything" for job_type in held)
        how = ", ".join(map(resume_command, held))
        found.append(Finding(Level.DEGRADED, f"Paused: {what}. To go on: {how}"))
    if state["oldest_ready_age_seconds"] > OLDEST_READY_SECONDS:
        found.append(
            Finding(
                Level.DEGRADED,
                f"A job that could run has waited for {state['oldest_ready_age_seconds']:.0f} s. Start more workers, "
                "or look at the log of those that run.",
            )
        )
    found += [
        Finding(
            Level.DEGRADED,
            f"The worker {worker['host']}:{worker['pid']} is {worker['loop_lag_ms']:.0f} ms late. It needs "
            "more processor time, or a smaller MAX_CONCURRENT_JOBS.",
        )
        for worker in state["workers"]
        if worker["loop_lag_ms"] > LOOP_LAG_MS
    ]
    canary = state["canary"]
    if (
        canary["interval_seconds"]
        and (canary["age_seconds"] or 0) > canary["interval_seconds"] + CANARY_GRACE_SECONDS
    ):
        found.append(
            Finding(
                Level.DEGRADED,
                f"No canary job was done for {canary['age_seconds']:.0f} s. Look at the newest job of "
                "collabcanvas-canary: aijobs list --by collabcanvas-canary",
            )
        )
    return sorted(found, key=lambda finding: -finding.level)


def resume_command(job_type: str) -> str:
    """What begins jobs of that type again, or all where it is empty."""
    return f"aijobs resume --type {job_type}" if job_type else "aijobs resume"


def worker_versions() -> dict[str, int]:
    """Version → how many live engines run it: while releases change, there are two."""
    counted = live_workers().order_by("version").values_list("version").annotate(Count("pk"))
    return dict(counted)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
