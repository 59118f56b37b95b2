"""Each setting of the engine changes what a real worker service does."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as current

from ai_jobs import lifecycle, services
from ai_jobs.errors import JobsDisabled
from ai_jobs.models import AIJob, Worker
from ai_jobs.planning.errors import PlanningError
from ai_jobs.rows import job_row
from ai_jobs.runner import outcome_of
from ai_jobs.states import EventKind, Status
from ai_jobs.tests import factories as make
from tests.engine.conftest import StartWorkers, SubmitProbe
from tests.worker_service import children_of, wait_until

_SESSION_SHARE = Path("/proc/self/autogroup")


def processing() -> int:
    return AIJob.objects.filter(status=Status.PROCESSING).count()


def heartbeats(count: int) -> None:
    """So many heartbeats of the one engine have passed."""
    for _ in range(count):
        before = Worker.objects.get().heartbeat_at
        wait_until(lambda at=before: Worker.objects.get().heartbeat_at > at, what="a heartbeat")  # type: ignore[misc]


@pytest.mark.parametrize("slots", [1, 3])
def test_max_concurrent_jobs(start_workers: StartWorkers, submit_probe: SubmitProbe, slots: int) -> None:
    start_workers(engines=1, MAX_CONCURRENT_JOBS=str(slots), PROBE_HEARTBEAT_SECONDS="0.3")
    for _ in range(4):
        submit_probe(seconds=600)
    wait_until(lambda: processing() == slots, what=f"{slots} run")
    heartbeats(2)
    assert processing() == slots


@pytest.mark.parametrize("limit", [1, 2])
def test_ai_jobs_per_user(start_workers: StartWorkers, submit_probe: SubmitProbe, limit: int) -> None:
    start_workers(engines=1, AI_JOBS_PER_USER=str(limit), PROBE_HEARTBEAT_SECONDS="0.3")
    for _ in range(4):
        submit_probe(seconds=600)
    wait_until(lambda: processing() == limit, what=f"{limit} run")
    heartbeats(2)
    assert processing() == limit


def test_job_processing_interval(start_workers: StartWorkers, submit_probe: SubmitProbe) -> None:
    start_workers(engines=1, JOB_PROCESSING_INTERVAL="60", PROBE_HEARTBEAT_SECONDS="0.3")
    job = submit_probe()
    wait_until(lambda: not AIJob.objects.live().exists(), what="the first job, with its doorbell, is done")
    # The engine looks at the queue once more when its slot is free again.
    heartbeats(2)
    silent = AIJob.objects.create(
        user=job.user, job_type="probe", max_retries=0, request_data=job.request_data
    )
    heartbeats(3)
    assert AIJob.objects.get(pk=silent.pk).status == Status.QUEUED, "without a doorbell it waits for the poll"
    start_workers(engines=1, JOB_PROCESSING_INTERVAL="0.2")
    wait_until(lambda: AIJob.objects.get(pk=silent.pk).status == Status.COMPLETED, what="the other one polls")


@pytest.mark.parametrize(("retries", "kind"), [(0, EventKind.FAILED), (1, EventKind.RETRY_SCHEDULED)])
@pytest.mark.django_db
def test_max_job_retries(settings, retries: int, kind: EventKind) -> None:
    settings.MAX_JOB_RETRIES = retries
    job = make.submit(make.make_user("person"))
    assert job.max_retries == retries
    passing = PlanningError("busy")
    passing.retryable = True
    assert outcome_of(passing, make.claim_one(job)).kind == kind


def test_job_retry_base_seconds(settings) -> None:
    for base in (60.0, 2.0):
        settings.JOB_RETRY_BASE_SECONDS = base
        for retry in (1, 2, 3):
            assert 0.8 <= lifecycle.retry_delay_seconds(retry) / (2**retry * base) <= 1.2


def test_job_timeout_seconds(start_workers: StartWorkers, submit_probe: SubmitProbe) -> None:
    start_workers(engines=1, JOB_TIMEOUT_SECONDS="0.5", JOB_RETRY_BASE_SECONDS="60")
    job = submit_probe(seconds=600)
    wait_until(lambda: AIJob.objects.get().retry_count == 1, what="the run is ended")
    job.refresh_from_db()
    assert (job.status, job.error_code) == (Status.QUEUED, "timeout")
    last = job.events.latest("sequence")
    assert timedelta(seconds=90) < job.next_processing_at - last.at < timedelta(seconds=150)


def test_ai_jobs_drain_seconds(start_workers: StartWorkers, submit_probe: SubmitProbe) -> None:
    service = start_workers(engines=1, AI_JOBS_DRAIN_SECONDS="0")
    # Less than the 20 s that it would be waited for otherwise.
    job = submit_probe(seconds=15)
    wait_until(lambda: processing() == 1, what="it runs")
    service.stop()
    job.refresh_from_db()
    assert job.status == Status.QUEUED, "with no time to end it is handed back; with some see test_stop.py"


def test_ai_jobs_enabled(start_workers: StartWorkers, submit_probe: SubmitProbe, settings) -> None:
    job = submit_probe()
    start_workers(engines=1, AI_JOBS_ENABLED="0", PROBE_HEARTBEAT_SECONDS="0.3")
    heartbeats(3)
    assert AIJob.objects.get().status == Status.QUEUED
    settings.AI_JOBS_ENABLED = False
    assert job_row(job)["queue"]["waiting_reason"] == "paused"
    with pytest.raises(JobsDisabled):
        services.submit_job(user=job.user, job_type="create_canvas", body={"instructions": "A"})


@pytest.mark.parametrize("nice", [0, 7])
def test_worker_nice(start_workers: StartWorkers, nice: int) -> None:
    service = start_workers(engines=1, WORKER_NICE=str(nice))
    pids = [service.process.pid, *children_of(service.process.pid)]
    assert len(pids) > 1
    expected = max(nice, os.getpriority(os.PRIO_PROCESS, 0))
    assert {os.getpriority(os.PRIO_PROCESS, pid) for pid in pids} == {expected}
    if _SESSION_SHARE.exists():
        session = Path(f"/proc/{service.process.pid}/autogroup").read_text()
        assert session.endswith(f" nice {nice}\n")


def test_q_workers(start_workers: StartWorkers) -> None:
    start_workers(engines=3)
    assert Worker.objects.values("pid").distinct().count() == 3
    assert current.Q_CLUSTER["workers"] == current.Q_WORKERS
