"""Ordinary tasks in a real cluster, beside the engines."""

import os
import re
import signal
from datetime import timedelta

from django.db.models.functions import Now
from django_q.models import OrmQ, Schedule
from django_q.tasks import async_task

from ai_jobs.models import AIJob, Worker
from ai_jobs.states import EventKind, Status
from collabcanvas.lib.models import OversizedMessage
from tests.engine.conftest import StartWorkers, SubmitProbe
from tests.worker_service import children_of, is_alive, wait_until


def test_due_schedules_run_and_leave_the_queue_empty(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    start_workers(engines=1, JOB_CLEANUP_DAYS="1")
    job = submit_probe()
    wait_until(lambda: not AIJob.objects.live().exists(), what="the job is over")
    AIJob.objects.update(created_at=Now() - timedelta(days=2), completed_at=Now() - timedelta(days=2))
    OversizedMessage.objects.create(payload="[]", created_at=Now() - timedelta(minutes=6))

    Schedule.objects.update(next_run=Now() - timedelta(seconds=1))

    # Django-q2 looks at its schedules every 30 s.
    wait_until(
        lambda: not AIJob.objects.filter(pk=job.pk).exists() and not OversizedMessage.objects.exists(),
        seconds=150,
        what="the old job and the old message are gone",
    )
    wait_until(lambda: not OrmQ.objects.exists(), what="every task is acknowledged")


def test_a_queue_frozen_by_the_death_of_an_idle_worker_ends_the_service_with_its_jobs_handed_back(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    service = start_workers(
        engines=1, PROBE_STALL_SECONDS="3", PROBE_POLL_SECONDS="0.3", AI_JOBS_DRAIN_SECONDS="1"
    )
    killed = Worker.objects.get().pid
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: Worker.objects.exclude(pid=killed).exists(), what="the killed worker is replaced")
    job = submit_probe(seconds=600)
    wait_until(lambda: AIJob.objects.get().status == Status.PROCESSING, what="the new engine runs a job")
    processes = children_of(service.process.pid)

    async_task("ai_jobs.tasks.clean_up_jobs")

    assert service.process.wait(90) == 1, "whoever started it must see that it failed"
    assert "ordinary_tasks_stuck" in service.log.read_text()
    assert [pid for pid in processes if is_alive(pid)] == []
    job.refresh_from_db()
    assert (job.status, job.attempt) == (Status.QUEUED, 0)
    assert job.events.latest("sequence").kind == EventKind.HANDED_BACK
    assert OrmQ.objects.count() == 1, "the task waits for the next service"


def test_results_that_nobody_records_end_the_service(start_workers: StartWorkers) -> None:
    service = start_workers(
        engines=1, PROBE_STALL_SECONDS="3", PROBE_POLL_SECONDS="0.3", AI_JOBS_DRAIN_SECONDS="1"
    )
    wait_until(lambda: "monitoring at" in service.log.read_text(), what="the monitor runs")
    monitor = int(re.findall(r"monitoring at (\d+)", service.log.read_text())[0])
    os.kill(monitor, signal.SIGKILL)
    wait_until(lambda: service.log.read_text().count("monitoring at") == 2, what="the monitor is replaced")

    async_task("ai_jobs.tasks.clean_up_jobs")

    assert service.process.wait(90) == 1
    assert "results_not_recorded" in service.log.read_text()


def test_tasks_that_wait_for_a_busy_worker_do_not_end_the_service(start_workers: StartWorkers) -> None:
    service = start_workers(engines=1, PROBE_STALL_SECONDS="1", PROBE_POLL_SECONDS="0.3")
    for _ in range(3):
        async_task("time.sleep", 3)
    wait_until(lambda: not OrmQ.objects.exists(), what="all three are done")
    assert service.process.poll() is None
