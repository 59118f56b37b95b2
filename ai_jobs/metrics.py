"""What has happened to jobs, counted. docs/monitoring.md explains each name; the alerts and the dashboard rest on them.

Each is counted by the process that did it and shared through the database (see `collabcanvas.lib.metrics`). How things
stand is in `ai_jobs.gauges`.
"""

from collections import Counter as Tally
from collections.abc import Iterable
from functools import cache

from django.conf import settings
from prometheus_client import Counter, Histogram

from ai_jobs.planning.errors import REFUSALS
from ai_jobs.providers.base import Usage
from ai_jobs.states import EventKind
from collabcanvas.lib.metrics import SHARED

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)

transitions = Counter(
    "collabcanvas_job_transitions",
    "What happened to jobs: submitted, claimed, completed, failed, retry_scheduled, rescued and so on.",
    ["event", "job_type"],
    registry=SHARED,
)
failures = Counter(
    "collabcanvas_job_failures", "Runs that ended without a result, by the reason.", ["code"], registry=SHARED
)
wait_seconds = Histogram(
    "collabcanvas_job_wait_seconds",
    "From a person's request to the first claim of its job.",
    ["job_type"],
    buckets=_SECONDS,
    registry=SHARED,
)
pickup_seconds = Histogram(
    "collabcanvas_job_pickup_seconds",
    "From the moment at which a job could run to its claim; of none that was paused meanwhile.",
    buckets=_SECONDS,
    registry=SHARED,
)
run_seconds = Histogram(
    "collabcanvas_job_run_seconds",
    "From a claim to the end of that run, with or without a result.",
    ["job_type"],
    buckets=_SECONDS,
    registry=SHARED,
)
leases_lost = Counter(
    "collabcanvas_leases_lost",
    "Runs that could write nothing any more, because their lease had ended before they did.",
    registry=SHARED,
)
provider_seconds = Histogram(
    "collabcanvas_provider_request_seconds",
    "How long requests to the language model took, to the end of its answer or to its error.",
    ["model", "outcome"],
    buckets=_SECONDS,
    registry=SHARED,
)
provider_errors = Counter(
    "collabcanvas_provider_errors",
    "Requests to the language model that brought no answer.",
    ["model", "code"],
    registry=SHARED,
)
tokens = Counter(
    "collabcanvas_tokens",
    "Tokens that the language model has read (input) and written (output).",
    ["direction"],
    registry=SHARED,
)


# Known beforehand, so that the first of its kind already shows as a rise.
for _job_type in settings.AI_JOBS_HANDLERS:
    wait_seconds.labels(_job_type)
    run_seconds.labels(_job_type)
    for _event in EventKind:
        transitions.labels(_event.value, _job_type)
for _code in REFUSALS:
    failures.labels(_code)
for _direction in ("input", "output"):
    tokens.labels(_direction)
if settings.AI_VENDOR:
    for _outcome in ("answer", "error"):
        provider_seconds.labels(settings.AI_MODEL_NAME, _outcome)


def count_transitions(kind: EventKind, job_types: Iterable[str]) -> None:
    """So many jobs of these types have made this transition, and it is committed."""
    for job_type, jobs in Tally(job_types).items():
        transitions.labels(kind.value, job_type).inc(jobs)


def count_first_claim(*, job_type: str, waited_seconds: float) -> None:
    """An engine took a job for the first time, so long after its request."""
    _waits_of(job_type).observe(waited_seconds)


def count_pickup(due_seconds: float) -> None:
    """An engine took a job so long after it could run."""
    pickup_seconds.observe(due_seconds)


def count_run(*, job_type: str, seconds: float) -> None:
    """A run is over, with or without a result, so long after its claim."""
    _runs_of(job_type).observe(seconds)


# Looking a label up costs as much as counting, and engines count thousands a second.
@cache
def _waits_of(job_type: str) -> Histogram:
    return wait_seconds.labels(job_type)


@cache
def _runs_of(job_type: str) -> Histogram:
    return run_seconds.labels(job_type)


def count_usage(usage: Usage) -> None:
    """What a run used of a model is counted."""
    tokens.labels("input").inc(usage.input_tokens)
    tokens.labels("output").inc(usage.output_tokens)
