"""What is left of a job when its worker is killed."""

import os
import signal
import socket

from ai_jobs.models import AIJob, Worker
from ai_jobs.states import EventKind, Status
from canvases.models import Canvas, CanvasObject
from tests.engine.conftest import StartWorkers, SubmitProbe
from tests.worker_service import wait_until


def _status(job: AIJob) -> str:
    job.refresh_from_db()
    return job.status


def test_a_job_whose_worker_is_killed_completes_and_its_objects_exist_once(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    start_workers(engines=1)
    with socket.create_server(("127.0.0.1", 0)) as vendor:
        vendor.settimeout(90)
        job = submit_probe(url=f"127.0.0.1:{vendor.getsockname()[1]}", draw=True)
        request, _ = vendor.accept()
        with request:
            os.kill(Worker.objects.get().pid, signal.SIGKILL)
            again, _ = vendor.accept()
        again.close()
    wait_until(lambda: _status(job) == Status.COMPLETED, what="the job completed after the crash")

    assert job.crash_count == 1
    assert job.attempt == 2
    kinds = list(job.events.order_by("sequence").values_list("kind", flat=True))
    assert kinds == [
        EventKind.SUBMITTED,
        EventKind.CLAIMED,
        EventKind.RESCUED,
        EventKind.CLAIMED,
        EventKind.COMPLETED,
    ]
    canvas = Canvas.objects.get()
    assert job.canvas_id == canvas.pk
    texts = sorted(
        row.properties["text"] for row in CanvasObject.objects.filter(canvas=canvas, object_type="text")
    )
    assert texts == ["Blue", "Green", "Red"]
    assert CanvasObject.objects.filter(canvas=canvas, object_type="arrow").count() == 2


def test_a_killed_engine_is_missed_at_once_and_not_when_its_leases_end(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    start_workers(engines=1, PROBE_LEASE_SECONDS="3600")
    with socket.create_server(("127.0.0.1", 0)) as vendor:
        vendor.settimeout(120)
        job = submit_probe(url=f"127.0.0.1:{vendor.getsockname()[1]}")
        first, _ = vendor.accept()
        killed = Worker.objects.get()
        os.kill(killed.pid, signal.SIGKILL)
        again, _ = vendor.accept()
        with first, again:
            wait_until(lambda: _status(job) == Status.PROCESSING, what="the job runs again")
            assert (job.attempt, job.crash_count, job.lone_crash_count) == (2, 1, 1)
            assert not Worker.objects.filter(pk=killed.pk).exists()


def test_a_poison_job_is_failed_after_three_lone_crashes_and_its_neighbours_complete(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    start_workers(engines=2, AI_JOBS_PER_USER="100", PROBE_LEASE_SECONDS="1", PROBE_HEARTBEAT_SECONDS="0.3")
    neighbours = [submit_probe(seconds=0.5) for _ in range(25)]
    poison = submit_probe(die=True)
    neighbours += [submit_probe(seconds=0.5) for _ in range(25)]
    wait_until(
        lambda: not AIJob.objects.live().exists(),
        seconds=180,
        what="all jobs are over",
    )
    assert _status(poison) == Status.FAILED
    assert poison.error_code == "worker_crashed"
    assert poison.lone_crash_count == 3
    assert {_status(job) for job in neighbours} == {Status.COMPLETED}
