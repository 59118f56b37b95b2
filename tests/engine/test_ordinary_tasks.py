"""Ordinary tasks in a real cluster, beside the engines."""

from datetime import timedelta

from django.db.models.functions import Now
from django_q.models import OrmQ, Schedule

from ai_jobs.models import AIJob
from collabcanvas.lib.models import OversizedMessage
from tests.engine.conftest import StartWorkers, SubmitProbe
from tests.worker_service import wait_until


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
        seconds=60,
        what="the old job and the old message are gone",
    )
    wait_until(lambda: not OrmQ.objects.exists(), what="every task is acknowledged")
