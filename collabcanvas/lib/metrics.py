"""What is measured, for Prometheus: what this process counts for itself, and what all processes count together.

Only web processes are scraped, and each scrape meets one of them. So what workers and other web processes count
travels through a small table: every process counts with prometheus_client as usual, and every few seconds
`share_counts` adds what is new to the table. Rows only ever grow, whatever retention removes and whoever ends. A
process that is killed takes along what it has counted since the last time, at most a few seconds.
"""

import hmac
import json
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import (
    CollectorRegistry,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from collabcanvas.lib.errors import unknown_address

logger = logging.getLogger(__name__)

disable_created_metrics()  # type: ignore[no-untyped-call]

# --- What this web process counts for itself ---
LOCAL = CollectorRegistry()
ProcessCollector(registry=LOCAL)
build = Info("collabcanvas_build", "What runs in the web process that answered.", registry=LOCAL)
build.info({"release": settings.VERSION, "commit": settings.COMMIT})
request_seconds = Histogram(
    "collabcanvas_request_seconds",
    "How long requests took, by route.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=LOCAL,
)
sockets = Gauge("collabcanvas_sockets", "WebSockets that are open.", ["kind"], registry=LOCAL)
web_loop_lag = Gauge(
    "collabcanvas_web_loop_lag_seconds",
    "How late the event loop of the web process woke up, at worst in the last seconds.",
    registry=LOCAL,
)
channel_layer_lag = Gauge(
    "collabcanvas_channel_layer_lag_seconds",
    "How long the last message took through the channel layer and back; its age when none came back.",
    registry=LOCAL,
)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

# --- What all processes count together ---
SHARED = CollectorRegistry()

Key = tuple[str, str, str]
_sharing = threading.Lock()
_shared_so_far: dict[Key, float] = {}


def share_counts() -> None:
    """What this process has counted since the last call is in the table. Safe from any thread; one short statement.

    Rows are locked in one order, so processes that do this at once do not stand in each other's way for long.
    """
    with _sharing:
        counted = dict(_counted())
        news = [(key, value - _shared_so_far.get(key, 0.0)) for key, value in counted.items()]
        changed = {_series(key) for key, delta in news if delta}
        # All of a histogram or nothing: a missing bucket would read as another distribution.
        rows = sorted((*key, delta) for key, delta in news if _series(key) in changed)
        if not rows:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO kernel_sharedcount AS c (metric, sample, labels, value)
                SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::double precision[])
                ON CONFLICT (metric, sample, labels) DO UPDATE SET value = c.value + excluded.value
                """,
                [list(column) for column in zip(*rows, strict=True)],
            )
        _shared_so_far.update(counted)


def _counted() -> Iterator[tuple[Key, float]]:
    for metric in SHARED.collect():
        for sample in metric.samples:
            labels = json.dumps(sample.labels, sort_keys=True, separators=(",", ":"))
            yield (metric.name, sample.name, labels), sample.value


def _series(key: Key) -> tuple[str, str]:
    metric, _, labels = key
    plain = json.loads(labels)
    plain.pop("le", None)
    return metric, json.dumps(plain, sort_keys=True)


class _SharedCounts(Collector):
    """The table, in the shape in which the processes count."""

    def collect(self) -> Iterable[Metric]:
        # Whatever is known beforehand begins at zero: what begins at one has never risen, as Prometheus sees it.
        values = {key: 0.0 for key, _ in _counted()}
        with connection.cursor() as cursor:
            cursor.execute("SELECT metric, sample, labels, value FROM kernel_sharedcount")
            values.update(
                {(metric, sample, labels): value for metric, sample, labels, value in cursor.fetchall()}
            )
        rows: dict[str, list[tuple[str, dict[str, str], float]]] = defaultdict(list)
        for (metric, sample, labels), value in values.items():
            rows[metric].append((sample, json.loads(labels), value))
        for known in SHARED.collect():
            family = Metric(known.name, known.documentation, known.type)
            for sample, plain, value in sorted(rows[known.name], key=_in_order):
                family.add_sample(sample, plain, value)
            yield family


def _in_order(row: tuple[str, dict[str, str], float]) -> tuple[Any, ...]:
    sample, labels, _ = row
    plain = sorted((name, value) for name, value in labels.items() if name != "le")
    return plain, sample, float(labels.get("le", "0"))


# --- The answer to a scrape ---
Gauges = Callable[[], Iterable[Metric]]


class FromDatabase(Collector):
    """What only the database knows. Without one the rest is still told: `collabcanvas_database_up` says which."""

    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[Metric]:
        up = Metric("collabcanvas_database_up", "Whether the database answers the web process.", "gauge")
        found: list[Metric] = []
        try:
            share_counts()
            found = [*_SharedCounts().collect(), *self._gauges()]
        except Error as error:
            logger.warning("metrics_without_database", extra={"kind": type(error).__name__})
        up.add_sample(up.name, {}, float(bool(found)))
        return [up, *found]


def metrics(request: HttpRequest, *, gauges: Gauges) -> HttpResponse:
    """The Prometheus text for whoever has METRICS_TOKEN or a staff session; for others there is nothing here."""
    if not (_has_token(request) or _is_staff(request)):
        return unknown_address(request)
    registry = CollectorRegistry()
    registry.register(LOCAL)
    registry.register(FromDatabase(gauges))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _has_token(request: HttpRequest) -> bool:
    if not settings.METRICS_TOKEN:
        return False
    given = request.headers.get("Authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())


def _is_staff(request: HttpRequest) -> bool:
    # A token that is wrong must not ask the database who else this could be.
    if "Authorization" in request.headers or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    try:
        return bool(request.user.is_active and request.user.is_staff)
    except Error:
        return False


def count_request(*, method: str | None, route: str, status: int, seconds: float) -> None:
    """One more answer. Addresses that no route knows are counted together, and so are methods that nobody knows."""
    # Clients may invent methods, and each label is kept for as long as the process lives.
    known = method if method in _METHODS else "other"
    request_seconds.labels(known, route or "none", str(status)).observe(seconds)
