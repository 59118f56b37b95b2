"""What the operators' dashboard shows. Reads only, and never more than a window of time or a number of rows.

With a million jobs: the queue is counted through its partial index up to a limit; what has ended is counted from the
index `aijob_ended` alone, without its rows; times and the slowest jobs are those of the newest `SAMPLE` that ended.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from ai_jobs.charts import chart
from ai_jobs.health import oldest_ready_seconds
from ai_jobs.models import AIJob, Pause, TokenUse, Worker
from ai_jobs.planning.errors import REFUSALS
from ai_jobs.states import Status
from collabcanvas.lib.postgres.clock import database_now
from collabcanvas.lib.wording import counted, seconds_text

# What the figures are judged against.
WAIT_TARGET_SECONDS = 2.0
RUN_TARGET_SECONDS = 30.0
FAILURE_TARGET_PERCENT = 5.0
LAG_TARGET_MS = 250.0

COUNT_LIMIT = 100_000
SAMPLE = 10_000
_WORKERS_SHOWN = 50
_ROWS_SHOWN = 8
_TYPES_SHOWN = 5


@dataclass(frozen=True)
class Window:
    """A stretch of time up to now, and the bars it is shown in."""

    name: str
    title: str
    bar: timedelta
    bars: int
    label: str
    refresh_seconds: int


WINDOWS = {
    window.name: window
    for window in (
        Window("hour", "Last hour", timedelta(minutes=2), 30, "%H:%M", 5),
        Window("day", "Last 24 hours", timedelta(hours=1), 24, "%H:%M", 60),
        Window("week", "Last 7 days", timedelta(hours=6), 28, "%a %H:%M", 60),
    )
}


@dataclass(frozen=True)
class Tile:
    """One figure; `tone` is `good`, `bad`, or empty where there is no target."""

    title: str
    value: str
    note: str = ""
    tone: str = ""
    address: str = ""


class Times(NamedTuple):
    """Seconds: median and 95th percentile of waiting and of running; None when nothing of that kind ended."""

    wait_median: float | None
    wait_p95: float | None
    run_median: float | None
    run_p95: float | None


class Queue(NamedTuple):
    """The database's clock, and how many wait and run."""

    now: datetime
    queued: int
    running: int


class Ended(NamedTuple):
    """How many jobs of a type ended in one bar with this status and error code."""

    bar: datetime
    job_type: str
    status: str
    error_code: str
    jobs: int


def now_facts(*, jobs_page: str) -> dict[str, Any]:
    """The tiles, the workers and the pauses, as of this moment; the times and rates are those of the last hour."""
    queue = _queue()
    hour = WINDOWS["hour"]
    workers = _workers(queue.now)
    pauses = {pause.job_type: pause for pause in Pause.objects.select_related("paused_by")}
    return {
        "now": queue.now,
        "tiles": [
            *_queue_tiles(queue, workers, jobs_page),
            *_speed_tiles(_counts(hour, queue.now), _times(queue.now - timedelta(hours=1)), jobs_page),
            *_cost_tiles(queue.now),
        ],
        "workers": workers,
        "intake": [
            {"job_type": job_type, "title": job_type or "Everything", "pause": pauses.get(job_type)}
            for job_type in ["", *sorted(settings.AI_JOBS_HANDLERS)]
        ],
        "everything_is_paused": "" in pauses,
        "is_enabled": settings.AI_JOBS_ENABLED,
    }


def window_facts(window: Window) -> dict[str, Any]:
    """The charts of what ended in the window, its most frequent errors and its slowest jobs."""
    now = database_now()
    counts = _counts(window, now)
    bars = _bars(window, now)
    failures: Counter[str] = Counter()
    for row in counts:
        if row.status == Status.FAILED:
            failures[row.error_code or "unknown"] += row.jobs
    types = Counter[str]()
    for row in counts:
        types[row.job_type] += row.jobs
    shown = sorted(name for name, _ in types.most_common(_TYPES_SHOWN))
    of_type = {name: f"type-{place}" for place, name in enumerate(shown)}
    if len(types) > len(shown):
        of_type["others"] = "type-others"
    return {
        "window": window,
        "total": _jobs(sum(types.values())),
        "charts": [
            chart(
                "By status",
                window.label,
                bars,
                {status: status for status in ("completed", "failed", "cancelled")},
                ((row.bar, row.status, row.jobs) for row in counts),
            ),
            chart(
                "By job type",
                window.label,
                bars,
                of_type,
                (
                    (row.bar, row.job_type if row.job_type in of_type else "others", row.jobs)
                    for row in counts
                ),
            ),
        ],
        "errors": failures.most_common(_ROWS_SHOWN),
        "slowest": _slowest(bars[0]),
        "sample": f"{SAMPLE:,}",
    }


# --- Tiles ---
def _queue_tiles(queue: Queue, workers: Sequence[Mapping[str, Any]], jobs_page: str) -> list[Tile]:
    age = oldest_ready_seconds()
    alive = [worker["row"] for worker in workers if worker["state"] != "gone"]
    slots = sum(worker.slots for worker in alive)
    return [
        Tile("Queue", _number(queue.queued), "jobs that wait", address=f"{jobs_page}?status__exact=queued"),
        Tile(
            "Oldest ready job",
            seconds_text(age),
            f"target ≤ {seconds_text(WAIT_TARGET_SECONDS)}",
            _tone(age, WAIT_TARGET_SECONDS),
        ),
        Tile(
            "Running",
            _number(queue.running),
            f"of {slots:,} slots",
            address=f"{jobs_page}?status__exact=processing",
        ),
        Tile(
            "Workers",
            str(len(alive)),
            "alive" if alive else "Nothing runs. Start one.",
            "" if alive else "bad",
        ),
    ]


def _speed_tiles(counts: Sequence[Ended], times: Times, jobs_page: str) -> list[Tile]:
    ended, refused = Counter[str](), 0
    for row in counts:
        if row.status == Status.FAILED and row.error_code in REFUSALS:
            refused += row.jobs
        else:
            ended[row.status] += row.jobs
    judged = ended[Status.COMPLETED] + ended[Status.FAILED]
    rate = 100 * ended[Status.FAILED] / judged if judged else None
    besides = f"; besides {counted(refused, 'request')} that could not be drawn" if refused else ""
    return [
        Tile(
            "Failure rate, last hour",
            "–" if rate is None else f"{rate:.1f}\u00a0%",
            f"{ended[Status.FAILED]:,} of {judged:,}; target ≤\u00a0{FAILURE_TARGET_PERCENT:g}\u00a0%{besides}",
            _tone(rate, FAILURE_TARGET_PERCENT),
            f"{jobs_page}?status__exact=failed",
        ),
        _time_tile("Wait, last hour", times.wait_median, times.wait_p95, WAIT_TARGET_SECONDS),
        _time_tile("Run, last hour", times.run_median, times.run_p95, RUN_TARGET_SECONDS),
    ]


def _time_tile(title: str, median: float | None, p95: float | None, target: float) -> Tile:
    return Tile(
        title,
        seconds_text(p95),
        f"p95; median {seconds_text(median)}; target ≤ {seconds_text(target)}",
        _tone(p95, target),
    )


def _cost_tiles(now: datetime) -> list[Tile]:
    today = TokenUse.objects.filter(day=now.astimezone(UTC).date()).aggregate(
        tokens=Sum("input_tokens") + Sum("output_tokens"), cost=Sum("cost_usd"), requests=Sum("requests")
    )
    cost: Decimal = today["cost"] or Decimal(0)
    tokens, requests = today["tokens"] or 0, today["requests"] or 0
    return [
        Tile(
            "Tokens today",
            f"{tokens:,}",
            f"{counted(requests, 'request')} to models; $ {cost:,.2f} where priced",
        ),
    ]


def _tone(value: float | None, target: float) -> str:
    if value is None:
        return ""
    return "good" if value <= target else "bad"


def _number(count: int) -> str:
    return f"{COUNT_LIMIT:,}+" if count > COUNT_LIMIT else f"{count:,}"


def _jobs(count: int) -> str:
    return f"{count:,} {'job' if count == 1 else 'jobs'}"


# --- What the database says ---
def _queue() -> Queue:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT clock_timestamp(),
                (SELECT count(*) FROM (
                    SELECT FROM ai_jobs_aijob WHERE status = 'queued' LIMIT %(limit)s) AS queued),
                (SELECT count(*) FROM ai_jobs_aijob WHERE status = 'processing')
            """,
            {"limit": COUNT_LIMIT + 1},
        )
        return Queue._make(cursor.fetchone())


def _workers(now: datetime) -> list[dict[str, Any]]:
    found = []
    for worker in Worker.objects.order_by("-heartbeat_at")[:_WORKERS_SHOWN]:
        silence = now - worker.heartbeat_at
        found.append(
            {
                "row": worker,
                "state": worker.state_after(silence),
                "silence": seconds_text(silence.total_seconds()),
                "lag": f"{worker.loop_lag_ms:.1f}\u00a0ms",
                "is_slow": worker.loop_lag_ms > LAG_TARGET_MS,
            }
        )
    return found


def _bars(window: Window, now: datetime) -> list[datetime]:
    """When each bar begins; the last one holds this moment."""
    length = window.bar.total_seconds()
    last = math.floor(now.timestamp() / length) * length
    return [datetime.fromtimestamp(last - length * back, UTC) for back in range(window.bars - 1, -1, -1)]


def _counts(window: Window, now: datetime) -> list[Ended]:
    with connection.cursor() as cursor:
        # Everything named here is in the index `aijob_ended`: the rows themselves are not read.
        cursor.execute(
            """
            SELECT date_bin(make_interval(secs => %(bar)s), completed_at, %(start)s), job_type, status, error_code,
                count(*)
            FROM ai_jobs_aijob WHERE completed_at >= %(start)s GROUP BY 1, 2, 3, 4
            """,
            {"bar": window.bar.total_seconds(), "start": _bars(window, now)[0]},
        )
        return [Ended._make(row) for row in cursor.fetchall()]


def _times(since: datetime) -> Times:
    """Of the newest `SAMPLE` that ended: the wait until the first attempt, and the run of those that succeeded."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT
                percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (
                    ORDER BY extract(epoch FROM started_at - created_at)::double precision
                ) FILTER (WHERE attempt = 1 AND started_at IS NOT NULL),
                percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (
                    ORDER BY extract(epoch FROM completed_at - started_at)::double precision
                ) FILTER (WHERE status = 'completed' AND started_at IS NOT NULL)
            FROM (
                SELECT status, attempt, created_at, started_at, completed_at FROM ai_jobs_aijob
                WHERE completed_at >= %(since)s ORDER BY completed_at DESC LIMIT %(sample)s
            ) AS newest
            """,
            {"since": since, "sample": SAMPLE},
        )
        wait, run = cursor.fetchone()
    wait, run = wait or (None, None), run or (None, None)
    return Times(wait[0], wait[1], run[0], run[1])


def _slowest(since: datetime) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, extract(epoch FROM completed_at - started_at)::double precision AS seconds FROM (
                SELECT id, started_at, completed_at FROM ai_jobs_aijob
                WHERE completed_at >= %(since)s ORDER BY completed_at DESC LIMIT %(sample)s
            ) AS newest
            WHERE started_at IS NOT NULL ORDER BY seconds DESC LIMIT %(rows)s
            """,
            {"since": since, "sample": SAMPLE, "rows": _ROWS_SHOWN},
        )
        slowest = dict(cursor.fetchall())
    jobs = AIJob.objects.select_related("user").defer("request_data", "result_data").in_bulk(list(slowest))
    return [
        {"job": jobs[job_id], "ran": seconds_text(seconds)}
        for job_id, seconds in slowest.items()
        if job_id in jobs
    ]
