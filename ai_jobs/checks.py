"""What must hold between settings; a deployment that breaks it fails to start and says what to change."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error


def check_settings(**_: Any) -> list[CheckMessage]:
    """Findings about the settings of AI jobs and of ordinary tasks; empty when they fit together."""
    queue: dict[str, Any] = settings.Q_CLUSTER
    lease, heartbeat = settings.AI_JOBS_LEASE_SECONDS, settings.AI_JOBS_HEARTBEAT_SECONDS
    found: list[CheckMessage] = []
    if heartbeat <= 0 or lease < 3 * heartbeat:
        found.append(
            Error(
                f"A lease of {lease:g} s is shorter than three heartbeats of {heartbeat:g} s: one late heartbeat "
                "would give running jobs away.",
                hint="Raise AI_JOBS_LEASE_SECONDS or lower AI_JOBS_HEARTBEAT_SECONDS.",
                id="ai_jobs.E001",
            )
        )
    if queue["retry"] <= queue["timeout"]:
        found.append(
            Error(
                f"Ordinary tasks are given out again after {queue['retry']} s although they may run for "
                f"{queue['timeout']} s: they would run twice.",
                hint='Make Q_CLUSTER["retry"] larger than Q_CLUSTER["timeout"].',
                id="ai_jobs.E002",
            )
        )
    if not queue.get("ack_failures"):
        found.append(
            Error(
                "A failed ordinary task would never be acknowledged, and the worker service would take that for a "
                "stuck queue.",
                hint='Set Q_CLUSTER["ack_failures"] to True.',
                id="ai_jobs.E003",
            )
        )
    if (
        queue.get("broker_class") != "ai_jobs.engine.ordinary_tasks.NotingBroker"
        or queue.get("orm") != "default"
    ):
        found.append(
            Error(
                "Ordinary tasks must be in the same database as what they are about, and their broker must note "
                "what it gives out.",
                hint='Set Q_CLUSTER["orm"] to "default" and "broker_class" to '
                '"ai_jobs.engine.ordinary_tasks.NotingBroker".',
                id="ai_jobs.E004",
            )
        )
    if 2 * queue["poll"] >= settings.Q_STALL_SECONDS:
        found.append(
            Error(
                f"A queue that is looked at every {queue['poll']} s would count as stuck after "
                f"{settings.Q_STALL_SECONDS:g} s.",
                hint='Make Q_STALL_SECONDS larger than twice Q_CLUSTER["poll"].',
                id="ai_jobs.E005",
            )
        )
    if settings.JOB_PROCESSING_INTERVAL > 60:
        found.append(
            checks.Warning(
                f"Without a notification a job would wait up to {settings.JOB_PROCESSING_INTERVAL:g} s, and a retry "
                "begins that much late.",
                hint="Lower JOB_PROCESSING_INTERVAL to 60 or less.",
                id="ai_jobs.W001",
            )
        )
    if settings.AI_JOBS_PER_USER > settings.MAX_CONCURRENT_JOBS * settings.Q_WORKERS:
        found.append(
            checks.Warning(
                f"One user may run {settings.AI_JOBS_PER_USER} jobs at once, more than one worker service can "
                f"({settings.MAX_CONCURRENT_JOBS} × {settings.Q_WORKERS}): one person can fill it.",
                hint="Lower AI_JOBS_PER_USER, or raise MAX_CONCURRENT_JOBS or Q_WORKERS.",
                id="ai_jobs.W002",
            )
        )
    return found
