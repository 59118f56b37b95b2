"""Retrying: a fresh start by a person, and waiting retries by the engine."""

from functools import partial

import pytest

from ai_jobs import lifecycle, services
from ai_jobs.errors import JobCannotBeRetried, JobNotFound, JobsDisabled, NotYourJob
from ai_jobs.models import AIJob
from ai_jobs.states import EventKind, Status
from ai_jobs.tests import factories as make
from ai_jobs.tests.races import at_once

pytestmark = pytest.mark.django_db


def failed_job(user, **kwargs):
    job = make.submit(user, **kwargs)
    assert make.fail(make.claim_one(job))
    return job


def test_a_failed_job_starts_afresh(owner):
    job = services.retry_job(user=owner, job_id=failed_job(owner).pk)
    assert (job.status, job.retry_count, job.crash_count) == (Status.QUEUED, 0, 0)
    assert (job.error_message, job.error_code, job.completed_at, job.progress) == ("", "", None, 0)
    assert make.kinds(job)[-1] == EventKind.RETRIED
    assert make.complete(make.claim_one(job))


def test_a_cancelled_job_may_be_retried_too(owner):
    job = make.submit(owner)
    services.cancel_job(user=owner, job_id=job.pk)
    job = services.retry_job(user=owner, job_id=job.pk)
    assert (job.status, job.cancel_requested_at, job.cancel_requested_by) == (Status.QUEUED, None, None)


def test_a_person_may_retry_after_all_automatic_retries_were_used(owner):
    job = make.submit(owner)
    for _ in range(job.max_retries):
        assert make.fail(make.claim_one(job), kind=EventKind.RETRY_SCHEDULED)
    job.refresh_from_db()
    assert job.retry_count == job.max_retries
    assert make.fail(make.claim_one(job))
    assert services.retry_job(user=owner, job_id=job.pk).retry_count == 0


def test_a_job_that_waits_runs_or_is_completed_cannot_be_retried(owner):
    job = make.submit(owner)
    with pytest.raises(JobCannotBeRetried):
        services.retry_job(user=owner, job_id=job.pk)
    claimed = make.claim_one(job)
    with pytest.raises(JobCannotBeRetried):
        services.retry_job(user=owner, job_id=job.pk)
    assert make.complete(claimed)
    with pytest.raises(JobCannotBeRetried):
        services.retry_job(user=owner, job_id=job.pk)


def test_only_its_person_an_editor_and_staff_may_retry(owner, editor, viewer, stranger, operator, canvas):
    job = failed_job(owner, canvas=canvas)
    with pytest.raises(NotYourJob):
        services.retry_job(user=viewer, job_id=job.pk)
    with pytest.raises(JobNotFound):
        services.retry_job(user=stranger, job_id=job.pk)
    for person in (editor, operator):
        services.retry_job(user=person, job_id=job.pk)
        assert make.fail(make.claim_one(job))


def test_nothing_is_retried_while_jobs_are_switched_off(owner, settings):
    job = failed_job(owner)
    settings.AI_JOBS_ENABLED = False
    with pytest.raises(JobsDisabled):
        services.retry_job(user=owner, job_id=job.pk)


def test_a_late_result_of_the_run_before_is_refused_after_a_retry(owner):
    job = make.submit(owner)
    before = make.claim_one(job)
    services.cancel_job(user=owner, job_id=job.pk)
    services.retry_job(user=owner, job_id=job.pk)
    after = make.claim_one(job)
    assert not make.complete(before)
    assert make.complete(after)


def test_an_automatic_retry_waits_counts_and_says_why(owner):
    job = make.submit(owner)
    assert make.fail(make.claim_one(job), kind=EventKind.RETRY_SCHEDULED, code="provider_down", delay=120)
    job.refresh_from_db()
    assert (job.status, job.retry_count, job.error_code) == (Status.QUEUED, 1, "provider_down")
    wait = (job.next_processing_at - job.events.get(kind=EventKind.RETRY_SCHEDULED).at).total_seconds()
    assert 119 < wait < 121


def test_a_snooze_costs_no_retry(owner):
    job = make.submit(owner)
    assert make.fail(make.claim_one(job), kind=EventKind.SNOOZED, code="rate_limited", delay=30)
    job.refresh_from_db()
    assert (job.status, job.retry_count, job.error_code) == (Status.QUEUED, 0, "rate_limited")


@pytest.mark.parametrize("retry", [1, 2, 3, 7])
def test_the_wait_doubles_with_each_retry_within_a_fifth(settings, retry):
    settings.JOB_RETRY_BASE_SECONDS = 60
    waits = [lifecycle.retry_delay_seconds(retry) for _ in range(50)]
    assert 0.8 * 60 * 2**retry <= min(waits) < max(waits) <= 1.2 * 60 * 2**retry


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ended", [Status.FAILED, Status.CANCELLED])
def test_of_a_cancel_and_a_retry_both_hold_in_one_order_or_the_other(ended):
    user = make.make_user()
    for _ in range(10):
        job = make.submit(user)
        if ended is Status.FAILED:
            assert make.fail(make.claim_one(job))
        else:
            assert lifecycle.cancel_job(job_id=job.pk, actor_id=user.pk)
        before = make.kinds(job)
        cancelled, retried = at_once(
            partial(lifecycle.cancel_job, job_id=job.pk, actor_id=user.pk),
            partial(lifecycle.retry_job, job_id=job.pk, actor_id=user.pk),
        )
        # There was nothing to cancel until the retry, so the cancel comes after it or not at all.
        assert retried
        job.refresh_from_db()
        assert job.status == (Status.CANCELLED if cancelled else Status.QUEUED)
        assert (job.completed_at is not None) == (job.error_code == "cancelled") == cancelled
        added = [EventKind.RETRIED, EventKind.CANCELLED] if cancelled else [EventKind.RETRIED]
        assert make.kinds(job) == [*before, *added]
        assert list(job.events.order_by("sequence").values_list("sequence", flat=True)) == list(
            range(1, job.revision + 1)
        )
        AIJob.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_of_several_retries_at_once_one_counts():
    user = make.make_user()
    for _ in range(5):
        job = failed_job(user)
        answers = at_once(*[partial(lifecycle.retry_job, job_id=job.pk, actor_id=user.pk)] * 4)
        assert sorted(answers) == [False, False, False, True]
        assert make.kinds(job).count(EventKind.RETRIED) == 1
        AIJob.objects.all().delete()
