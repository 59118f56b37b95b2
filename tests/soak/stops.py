"""`make soak-stops STOPS=100`: the worker service is stopped again and again while jobs run."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from ai_jobs.models import AIJob
from ai_jobs.states import Status
from tests.worker_service import WorkerService, children_of, is_alive, wait_until

DRAIN_SECONDS = 1.0
# What the command promises beyond the drain time.
MARGIN_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Stop:
    """One stop: how long it took, its exit status, and what was left."""

    seconds: float
    status: int
    left_over: int
    still_processing: int
    attempts_used: int

    @property
    def is_clean(self) -> bool:
        return (
            self.status == 0
            and self.seconds <= DRAIN_SECONDS + MARGIN_SECONDS
            and not (self.left_over or self.still_processing or self.attempts_used)
        )


def stop_once(service: WorkerService, *, running: int) -> Stop:
    """Stop the service as soon as it runs `running` jobs that never end by themselves."""
    wait_until(
        lambda: AIJob.objects.filter(status=Status.PROCESSING).count() >= running,
        what=f"{running} jobs run",
    )
    processes = [service.process.pid, *children_of(service.process.pid)]
    begun = time.monotonic()
    status = service.stop()
    seconds = time.monotonic() - begun
    endless = AIJob.objects.filter(request_data__seconds__gt=60)
    return Stop(
        seconds=seconds,
        status=status,
        left_over=sum(is_alive(pid) for pid in processes),
        still_processing=AIJob.objects.filter(status=Status.PROCESSING).count(),
        attempts_used=endless.exclude(attempt=0, retry_count=0, crash_count=0).count(),
    )


def stop_often(stops: int, *, start: Callable[[], WorkerService], running: int) -> list[Stop]:
    """One stop after the other, each of a service that was just started on the same jobs."""
    return [stop_once(start(), running=running) for _ in range(stops)]
