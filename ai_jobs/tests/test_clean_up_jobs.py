"""Regular tasks: what they remove, what they never touch, and their schedules."""

import re
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now
from django.db.models.signals import post_delete
from django.test.utils import CaptureQueriesContext
from django.utils.module_loading import import_string
from django_q.models import Schedule, Task

from ai_jobs import retention, services, tasks
from ai_jobs.models import AIJob, AIJobEvent
from ai_jobs.states import Status
from ai_jobs.tests import factories as make
from canvases import tasks as canvas_tasks
from canvases.models import Invitation
from canvases.roles import Role
from collabcanvas.lib import tasks as kernel_tasks
from collabcanvas.lib.models import OversizedMessage

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "regular-tasks.md"
ALL_TASKS = (*kernel_tasks.REGULAR_TASKS, *canvas_tasks.REGULAR_TASKS, *tasks.REGULAR_TASKS)


def age(job: AIJob, *, days: float) -> None:
    """The job has done everything it did this much earlier."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE ai_jobs_aijob
            SET created_at = created_at - age, completed_at = completed_at - age,
                next_processing_at = next_processing_at - age
            FROM make_interval(secs => %(seconds)s) AS age WHERE id = %(id)s
            """,
            {"id": job.pk, "seconds": days * 86_400},
        )


def finished(user, *, days: float) -> AIJob:
    job = make.submit(user)
    make.complete(make.claim_one(job))
    age(job, days=days)
    return job


def test_finished_jobs_go_with_their_history_when_their_days_are_over(owner, settings):
    settings.JOB_CLEANUP_DAYS = 7
    old, recent = finished(owner, days=7.1), finished(owner, days=6.9)
    cancelled = services.cancel_job(user=owner, job_id=make.submit(owner).pk)
    age(cancelled, days=8)

    assert tasks.clean_up_jobs() == 2

    assert list(AIJob.objects.values_list("pk", flat=True)) == [recent.pk]
    assert not AIJobEvent.objects.filter(job_id__in=[old.pk, cancelled.pk]).exists()
    assert make.kinds(recent) == ["submitted", "claimed", "completed"]


def test_no_drawing_is_read_to_be_removed(owner):
    finished(owner, days=8)
    with CaptureQueriesContext(connection) as seen:
        assert retention.remove_old_jobs(days=7) == 1
    assert not [query["sql"] for query in seen if "result_data" in query["sql"]]


def test_the_setting_decides_after_how_many_days(owner, settings):
    finished(owner, days=3)
    settings.JOB_CLEANUP_DAYS = 4
    assert tasks.clean_up_jobs() == 0
    settings.JOB_CLEANUP_DAYS = 2
    assert tasks.clean_up_jobs() == 1


def test_zero_days_keep_everything_for_ever(owner, settings):
    settings.JOB_CLEANUP_DAYS = 0
    finished(owner, days=10_000)
    assert tasks.clean_up_jobs() == 0
    assert AIJob.objects.count() == 1


def test_events_of_jobs_that_are_gone_go_also_where_all_jobs_are_kept(owner, settings, monkeypatch):
    settings.JOB_CLEANUP_DAYS = 0
    monkeypatch.setattr(retention, "_BATCH", 2)
    kept, gone = finished(owner, days=10_000), finished(owner, days=1)
    with connection.cursor() as cursor:
        # As when a run ends while the account of its requester is being deleted.
        cursor.execute("DELETE FROM ai_jobs_aijob WHERE id = %s", [gone.pk])
    assert tasks.remove_lost_events() == 3
    assert not AIJobEvent.objects.filter(job_id=gone.pk).exists()
    assert make.kinds(kept) == ["submitted", "claimed", "completed"]


def test_jobs_that_wait_or_run_stay_however_old_they_are(owner):
    running = make.submit(owner)
    make.claim_one(running)
    waiting = make.submit(owner)
    for job in (running, waiting):
        age(job, days=1_000)
    assert tasks.clean_up_jobs() == 0
    assert set(AIJob.objects.values_list("status", flat=True)) == {Status.QUEUED, Status.PROCESSING}


def test_more_jobs_than_one_batch_holds_all_go(owner, monkeypatch):
    monkeypatch.setattr(retention, "_BATCH", 3)
    for _ in range(10):
        finished(owner, days=8)
    assert tasks.clean_up_jobs() == 10


def test_the_sweep_queues_the_job_of_a_lost_worker_again(owner):
    job = make.submit(owner)
    claimed = make.claim_one(job)
    assert tasks.rescue_jobs() == 0
    make.expire(claimed)
    assert tasks.rescue_jobs() == 1
    job.refresh_from_db()
    assert job.status == Status.QUEUED


def test_messages_go_five_minutes_after_they_were_published(db):
    for minutes in (4, 6):
        OversizedMessage.objects.create(payload="[]", created_at=Now() - timedelta(minutes=minutes))
    assert kernel_tasks.remove_old_messages() == 1
    assert OversizedMessage.objects.count() == 1


def test_records_of_tasks_and_expired_sessions_go(db):
    for number, days in enumerate((6, 8)):
        Task.objects.create(
            id=f"{number}", name="t", func="f", started=Now(), stopped=Now() - timedelta(days=days)
        )
        Session.objects.create(session_key=f"{number}", expire_date=Now() + timedelta(days=7.5 - days))
    assert kernel_tasks.remove_old_records() == 2
    assert list(Task.objects.values_list("pk", flat=True)) == ["0"]
    assert list(Session.objects.values_list("pk", flat=True)) == ["0"]


def test_expired_sessions_go_a_few_at_a_time(transactional_db, monkeypatch):
    monkeypatch.setattr(kernel_tasks, "_BATCH", 2)
    for number in range(5):
        Session.objects.create(session_key=f"{number}", expire_date=Now() - timedelta(days=9 - number))

    def refuse(*, instance, **_):
        if instance.pk == "4":
            raise ConnectionError

    with receiving(post_delete, refuse, Session), pytest.raises(ConnectionError):
        kernel_tasks.remove_old_records()
    # What went before stays gone.
    assert list(Session.objects.values_list("pk", flat=True)) == ["4"]
    assert kernel_tasks.remove_old_records() == 1


@contextmanager
def receiving(signal, receiver, sender):
    signal.connect(receiver, sender=sender)
    try:
        yield
    finally:
        signal.disconnect(receiver, sender=sender)


def test_invitations_go_a_month_after_they_expired_unless_accepted(owner, canvas):
    for days, accepted in ((29, False), (31, False), (31, True)):
        Invitation.objects.create(
            canvas=canvas,
            email=f"{days}-{accepted}@example.org",
            role=Role.EDITOR,
            token_hash=f"{days}-{accepted}",
            expires_at=Now() - timedelta(days=days),
            accepted_at=Now() if accepted else None,
        )
    assert canvas_tasks.remove_expired_invitations() == 1
    assert set(Invitation.objects.values_list("email", flat=True)) == {
        "29-False@example.org",
        "31-True@example.org",
    }


@pytest.mark.parametrize("task", ALL_TASKS, ids=lambda task: task.name)
def test_each_regular_task_has_one_schedule_and_a_function(db, task):
    schedule = Schedule.objects.get(name=task.name)
    assert schedule.func == task.function
    # One interval after the migration, which may be a while ago in a long run of the tests, or at its hour.
    migrated_at = MigrationRecorder.Migration.objects.latest("applied").applied
    if task.at_hour is None:
        assert schedule.next_run > migrated_at + timedelta(minutes=task.minutes) - timedelta(seconds=1)
    else:
        assert schedule.next_run > migrated_at - timedelta(seconds=1)
        assert (schedule.next_run.hour, schedule.next_run.minute) == (task.at_hour, 0)
    assert callable(import_string(task.function))


@pytest.mark.django_db(transaction=True)
def test_a_persons_change_of_a_schedule_survives_the_next_deploy():
    name = tasks.REGULAR_TASKS[0].name
    Schedule.objects.filter(name=name).update(minutes=5, repeats=0)
    call_command("migrate", verbosity=0)
    schedule = Schedule.objects.get(name=name)
    assert (schedule.minutes, schedule.repeats) == (5, 0)
    assert Schedule.objects.count() == len(ALL_TASKS)


def test_the_page_lists_exactly_the_regular_tasks():
    rows = re.findall(r"^\| ([^|`]+?) \| every (\d+) min \| `([\w.]+)` \|", PAGE.read_text(), re.MULTILINE)
    assert {(name, int(minutes), function) for name, minutes, function in rows} == {
        (task.name, task.minutes, task.function) for task in ALL_TASKS
    }
