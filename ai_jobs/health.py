"""Whether jobs are being worked on, read from what workers write; never from a flag."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, QuerySet
from django.db.models.functions import Now

from ai_jobs.canary import canary_age_seconds
from ai_jobs.models import AIJob, Pause, Worker
from ai_jobs.states import Status

# Six missed heartbeats: whoever is silent for longer counts as gone.
STALE_AFTER = timedelta(seconds=30)


def live_workers() -> QuerySet[Worker]:
    """Engines that wrote a heartbeat lately, by the database's clock."""
    return Worker.objects.filter(heartbeat_at__gt=Now() - STALE_AFTER)


def paused() -> dict[str, Any]:
    """What engines leave alone for now: everything, or the job types named."""
    types = set(Pause.objects.values_list("job_type", flat=True))
    return {"everything": "" in types, "job_types": sorted(types - {""})}


def health() -> dict[str, Any]:
    """The keys of the health answer; raises `OperationalError` without a database. A handful of cheap statements."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    workers = list(live_workers())
    oldest = AIJob.objects.ready().aggregate(at=Min("next_processing_at"))["at"]
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
        "queue_depth": AIJob.objects.filter(status=Status.QUEUED).count(),
        "oldest_ready_age_seconds": round(max(0.0, (now - oldest).total_seconds()), 1) if oldest else 0.0,
        "paused": paused(),
        "ai_jobs_enabled": settings.AI_JOBS_ENABLED,
        "canary": {
            "interval_seconds": settings.CANARY_INTERVAL_SECONDS,
            "age_seconds": canary_age_seconds() if settings.CANARY_INTERVAL_SECONDS else None,
        },
        "version": settings.VERSION,
    }


def worker_versions() -> dict[str, int]:
    """Version → how many live engines run it: while releases change, there are two."""
    counted = live_workers().order_by("version").values_list("version").annotate(Count("pk"))
    return dict(counted)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
