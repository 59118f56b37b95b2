"""How things stand with jobs and workers, read from the database when a scrape asks.

Each part is one statement over an index of live rows or over a small table: none looks at finished jobs, however many
there are.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from ai_jobs.canary import canary_age_seconds
from ai_jobs.health import oldest_ready_seconds
from ai_jobs.models import Worker

# Two questions, because each has an index of its own, and none covers both.
_JOBS = """
    SELECT 'queued', job_type, count(*) FROM ai_jobs_aijob WHERE status = 'queued' GROUP BY job_type
    UNION ALL
    SELECT 'processing', job_type, count(*) FROM ai_jobs_aijob WHERE status = 'processing' GROUP BY job_type
"""
_WORKERS = """
    SELECT host || ':' || pid, version, draining, slots, running, loop_lag_ms / 1000
    FROM ai_jobs_worker WHERE heartbeat_at > clock_timestamp() - %s
"""
_FAILED_TASKS = """
    SELECT count(*) FROM django_q_task WHERE NOT success AND stopped > clock_timestamp() - interval '1 hour'
"""
_PAUSES = "SELECT job_type FROM ai_jobs_pause"


def gauges() -> list[Metric]:
    """How things stand now, by the database; raises its errors."""
    jobs = _gauge("jobs", "Jobs that wait or run.", "status", "job_type")
    # Always told, so that an empty queue is a zero and no gap.
    counts: dict[tuple[str, str], int] = {
        (status, job_type): 0 for status in ("queued", "processing") for job_type in settings.AI_JOBS_HANDLERS
    }
    counts.update({(status, job_type): number for status, job_type, number in _rows(_JOBS)})
    for labels, number in sorted(counts.items()):
        jobs.add_metric(labels, number)
    return [
        jobs,
        _plain(
            "oldest_ready_seconds",
            "For how long the oldest job waits that could run.",
            oldest_ready_seconds() or 0.0,
        ),
        *_of_workers(_rows(_WORKERS, [Worker.STALE_AFTER])),
        _of_pauses({row[0] for row in _rows(_PAUSES)}),
        _plain("ai_jobs_enabled", "Whether AI jobs are taken at all.", float(settings.AI_JOBS_ENABLED)),
        _plain(
            "ordinary_tasks_failed",
            "Ordinary tasks that failed in the last hour.",
            _rows(_FAILED_TASKS)[0][0],
        ),
        *_of_canary(),
    ]


def _of_workers(rows: Sequence[tuple[Any, ...]]) -> Iterable[Metric]:
    workers = _gauge("workers", "Engines that gave a sign of life lately.", "state")
    for state in ("running", "draining"):
        workers.add_metric([state], sum((row[2] is True) == (state == "draining") for row in rows))
    slots = _gauge(
        "worker_slots", "How many jobs an engine can run at once, and how many it runs.", "worker", "state"
    )
    lag = _gauge(
        "worker_loop_lag_seconds", "How late the engine's event loop woke up, at worst lately.", "worker"
    )
    info = _gauge("worker_info", "Which version an engine runs; always 1.", "worker", "version")
    for worker, version, _, size, running, late in rows:
        slots.add_metric([worker, "all"], size)
        slots.add_metric([worker, "running"], running)
        lag.add_metric([worker], late)
        info.add_metric([worker, version], 1)
    return workers, slots, lag, info


def _of_pauses(paused: set[str]) -> Metric:
    pauses = _gauge(
        "paused", "1 for each job type that is paused; `everything` for the whole queue.", "job_type"
    )
    for job_type in ("", *settings.AI_JOBS_HANDLERS):
        pauses.add_metric([job_type or "everything"], float(job_type in paused))
    return pauses


def _of_canary() -> Iterable[Metric]:
    interval = _plain(
        "canary_interval_seconds",
        "How often a canary job is asked for; 0 when it is off.",
        settings.CANARY_INTERVAL_SECONDS,
    )
    age = canary_age_seconds() if settings.CANARY_INTERVAL_SECONDS else None
    if age is None:
        return (interval,)
    return interval, _plain("canary_age_seconds", "How long ago the last canary job was done.", age)


def _gauge(name: str, documentation: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"collabcanvas_{name}", documentation, labels=labels)


def _plain(name: str, documentation: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"collabcanvas_{name}", documentation, value=float(value))


def _rows(statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()  # type: ignore[no-any-return]
