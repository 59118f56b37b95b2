"""How runs end: completed once, failed with a reason, handed back at no cost; and what else is written."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, transaction

from ai_jobs import lifecycle, services
from ai_jobs.errors import JobNotOver, JobNotWaiting
from ai_jobs.lifecycle import Progress
from ai_jobs.models import AIJob, AIJobEvent, Worker
from ai_jobs.states import EventKind, Status
from ai_jobs.tests import factories as make
from ai_jobs.tests.races import at_once

pytestmark = pytest.mark.django_db


def test_a_completed_job_has_its_result_and_its_canvas(owner, canvas):
    job = make.submit(owner)
    assert make.complete(make.claim_one(job), canvas=canvas)
    job.refresh_from_db()
    assert (job.status, job.progress, job.canvas_id) == (Status.COMPLETED, 100, canvas.pk)
    assert job.result_data == make.result(canvas)
    assert job.lease_token is None


def test_a_job_is_completed_once(owner):
    claimed = make.claim_one(make.submit(owner))
    assert make.complete(claimed)
    assert not make.complete(claimed)
    assert AIJobEvent.objects.filter(kind=EventKind.COMPLETED).count() == 1


def test_of_a_batch_those_are_completed_whose_lease_holds():
    user = make.make_user()
    make.submit_many(user, 6)
    claimed = make.claim(6, worker_id=make.make_worker())
    lifecycle.cancel_job(job_id=claimed[0].row.id, actor_id=user.pk)
    make.crash(claimed[1])
    done = lifecycle.complete_jobs(
        results={job.held: make.result() for job in claimed}, worker_id=uuid.uuid4()
    )
    assert done == {job.row.id for job in claimed[2:]}


def test_a_failed_job_says_why(owner):
    job = make.submit(owner)
    assert make.fail(make.claim_one(job), code="not_understood")
    job.refresh_from_db()
    assert (job.status, job.error_code) == (Status.FAILED, "not_understood")
    assert job.error_message == "The model did not answer."
    event = job.events.get(kind=EventKind.FAILED)
    assert (event.message, event.data) == (job.error_message, {"code": "not_understood", "retry": 0})


def test_a_job_handed_back_waits_again_as_if_it_had_never_started(owner):
    job = make.submit(owner)
    claimed = make.claim_one(job)
    assert lifecycle.hand_back_jobs(held=[claimed.held], worker_id=uuid.uuid4()) == 1
    job.refresh_from_db()
    assert (job.status, job.attempt, job.retry_count, job.crash_count) == (Status.QUEUED, 0, 0, 0)
    assert job.started_at is None
    assert len(make.claim()) == 1
    assert not make.complete(claimed)


def test_progress_is_stored_within_its_bounds_and_grows_the_revision(owner):
    job = make.submit(owner)
    claimed = make.claim_one(job)
    lifecycle.record_progress(given={claimed.held: Progress("drawing", "x" * 500, 170, 4)})
    job.refresh_from_db()
    assert (job.stage, job.progress, job.objects_done, job.revision) == ("drawing", 100, 4, 3)
    assert len(job.progress_message) == 200


def test_events_are_numbered_by_the_revision_that_they_made(owner):
    job = make.submit(owner)
    claimed = make.claim_one(job)
    lifecycle.record_progress(given={claimed.held: Progress("drawing", "", 10, 1)})
    make.complete(claimed)
    job.refresh_from_db()
    assert list(job.events.values_list("sequence", flat=True)) == [1, 2, 4]
    assert job.revision == 4


def test_the_priority_of_a_waiting_job_may_change_and_of_a_running_one_not(owner):
    job = make.submit(owner)
    for _ in range(2):
        assert services.reprioritise_job(user=owner, job_id=job.pk, priority=9).priority == 9
    assert make.kinds(job).count(EventKind.REPRIORITISED) == 1
    make.claim_one(job)
    with pytest.raises(JobNotWaiting):
        services.reprioritise_job(user=owner, job_id=job.pk, priority=1)


def test_only_a_job_that_is_over_can_be_deleted(owner):
    job = make.submit(owner)
    with pytest.raises(JobNotOver):
        services.delete_job(user=owner, job_id=job.pk)
    make.complete(make.claim_one(job))
    services.delete_job(user=owner, job_id=job.pk)
    assert not AIJob.objects.exists()
    assert not AIJobEvent.objects.exists()


def test_a_worker_shows_life_and_leaves_no_row_when_it_ends():
    worker = make.make_worker(running=3)
    make.make_worker(worker, running=7)
    assert Worker.objects.get().running == 7
    lifecycle.remove_worker(worker)
    assert not Worker.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_a_hand_back_and_a_completion_exactly_one_wins():
    user = make.make_user()
    for _ in range(10):
        job = make.submit(user)
        claimed = make.claim_one(job)
        handed, completed = at_once(
            partial(lifecycle.hand_back_jobs, held=[claimed.held], worker_id=uuid.uuid4()),
            partial(make.complete, claimed),
        )
        assert bool(handed) != completed
        AIJob.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_deleting_a_job_that_is_being_retried_keeps_it(owner):
    job = make.submit(owner)
    make.fail(make.claim_one(job))
    retried, may_commit = threading.Event(), threading.Event()

    def retry():
        with transaction.atomic():
            lifecycle.retry_job(job_id=job.pk, actor_id=owner.pk)
            retried.set()
            may_commit.wait(60)
        connection.close()

    def delete():
        retried.wait(60)
        try:
            services.delete_job(user=owner, job_id=job.pk)
        except JobNotOver:
            return "kept"
        finally:
            connection.close()
        return "deleted"

    with ThreadPoolExecutor(2) as threads:
        threads.submit(retry)
        deleting = threads.submit(delete)
        make.wait_until_blocked()
        may_commit.set()
        assert deleting.result(timeout=60) == "kept"
    assert AIJob.objects.get(pk=job.pk).status == Status.QUEUED
