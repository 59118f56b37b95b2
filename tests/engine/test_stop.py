"""Stopping the worker service."""

import os
import signal
import socket

from ai_jobs.models import AIJob, Worker
from ai_jobs.states import EventKind, Status
from tests.engine.conftest import StartWorkers, SubmitProbe
from tests.worker_service import children_of, is_alive, wait_until


def _processing() -> int:
    return AIJob.objects.filter(status=Status.PROCESSING).count()


def test_stopping_waits_for_short_jobs_and_hands_long_ones_back_without_an_attempt(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    service = start_workers(engines=2, AI_JOBS_DRAIN_SECONDS="5")
    with socket.create_server(("127.0.0.1", 0)) as vendor:
        vendor.settimeout(60)
        short = submit_probe(url=f"127.0.0.1:{vendor.getsockname()[1]}")
        long = [submit_probe(seconds=600) for _ in range(3)]
        wait_until(lambda: _processing() == 4, what="all four run")
        processes = [service.process.pid, *children_of(service.process.pid)]
        assert len(processes) >= 6  # main, sentinel, two workers, monitor, pusher
        request, _ = vendor.accept()

        service.process.send_signal(signal.SIGTERM)
        wait_until(lambda: service.log.read_text().count("engine_draining") == 2, what="both engines drain")
        request.close()
    assert service.process.wait(90) == 0

    assert [pid for pid in processes if is_alive(pid)] == []
    short.refresh_from_db()
    assert short.status == Status.COMPLETED
    for job in long:
        job.refresh_from_db()
        assert (job.status, job.attempt, job.retry_count, job.crash_count) == (Status.QUEUED, 0, 0, 0)
        assert job.events.latest("sequence").kind == EventKind.HANDED_BACK
    assert Worker.objects.count() == 0


def test_stopping_ends_in_time_although_a_worker_was_killed_before(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    service = start_workers(engines=2, AI_JOBS_DRAIN_SECONDS="1")
    workers = list(Worker.objects.values_list("pid", flat=True))
    os.kill(workers[0], signal.SIGKILL)
    wait_until(
        lambda: Worker.objects.exclude(pid=workers[0]).count() == 2, what="the killed worker was replaced"
    )
    processes = [service.process.pid, *children_of(service.process.pid)]

    service.stop()

    assert [pid for pid in processes if is_alive(pid)] == []


def test_the_service_ends_with_status_1_when_its_sentinel_is_killed(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    service = start_workers(engines=2, AI_JOBS_DRAIN_SECONDS="1")
    job = submit_probe(seconds=600)
    wait_until(lambda: _processing() == 1, what="the job runs")
    processes = [service.process.pid, *children_of(service.process.pid)]
    sentinel = processes[1]  # the main process has no other child
    os.kill(sentinel, signal.SIGKILL)

    assert service.process.wait(90) == 1

    assert [pid for pid in processes if is_alive(pid)] == []
    job.refresh_from_db()
    assert (job.status, job.attempt, job.crash_count) == (Status.QUEUED, 0, 0)


def test_engines_whose_sentinel_was_killed_notice_it_although_the_main_process_stands_still(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    # Stopped, the main process neither sees that its sentinel is gone nor lets go of the stop line.
    service = start_workers(engines=2, AI_JOBS_DRAIN_SECONDS="1", PROBE_HEARTBEAT_SECONDS="0.5")
    job = submit_probe(seconds=60)
    wait_until(lambda: _processing() == 1, what="the job runs")
    sentinel, *others = children_of(service.process.pid)
    os.kill(service.process.pid, signal.SIGSTOP)
    try:
        os.kill(sentinel, signal.SIGKILL)

        wait_until(lambda: not any(map(is_alive, others)), seconds=15, what="nobody works unseen")
    finally:
        os.kill(service.process.pid, signal.SIGCONT)

    assert service.log.read_text().count("engine_orphaned") == 2
    job.refresh_from_db()
    assert (job.status, job.attempt, job.crash_count) == (Status.QUEUED, 0, 0)
    assert job.events.latest("sequence").kind == EventKind.HANDED_BACK
    assert Worker.objects.count() == 0
    assert service.process.wait(10) == 1
