"""Cancelling: who may, what it stops, and that a completion cannot overwrite it."""

import uuid
from functools import partial

import pytest

from ai_jobs import lifecycle, services
from ai_jobs.errors import JobCannotBeCancelled, JobNotFound, NotYourJob
from ai_jobs.models import AIJob
from ai_jobs.states import EventKind, Status
from ai_jobs.tests import factories as make
from ai_jobs.tests.races import at_once

pytestmark = pytest.mark.django_db


def test_a_waiting_job_is_cancelled_and_never_claimed(owner):
    job = services.cancel_job(user=owner, job_id=make.submit(owner).pk)
    assert (job.status, job.error_code, job.cancel_requested_by_id) == (
        Status.CANCELLED,
        "cancelled",
        owner.pk,
    )
    assert job.completed_at is not None
    assert make.claim(5) == []
    assert make.kinds(job) == [EventKind.SUBMITTED, EventKind.CANCELLED]


def test_a_running_job_loses_its_lease_at_once(owner):
    job = make.submit(owner)
    claimed = make.claim_one(job)
    services.cancel_job(user=owner, job_id=job.pk)
    assert not make.complete(claimed)
    assert not make.fail(claimed)
    assert lifecycle.renew_leases(held=[claimed.held], lease_seconds=15) == set()
    job.refresh_from_db()
    assert (job.status, job.result_data) == (Status.CANCELLED, None)


def test_progress_of_a_cancelled_run_is_not_stored(owner):
    job = make.submit(owner)
    claimed = make.claim_one(job)
    services.cancel_job(user=owner, job_id=job.pk)
    job.refresh_from_db()
    lifecycle.record_progress(given={claimed.held: lifecycle.Progress("drawing", "Drawing", 50, 3)})
    assert AIJob.objects.get(pk=job.pk).revision == job.revision


@pytest.mark.parametrize("ending", ["completed", "failed", "cancelled"])
def test_a_job_that_is_over_cannot_be_cancelled(owner, ending):
    job = make.submit(owner)
    if ending == "completed":
        make.complete(make.claim_one(job))
    elif ending == "failed":
        make.fail(make.claim_one(job))
    else:
        services.cancel_job(user=owner, job_id=job.pk)
    with pytest.raises(JobCannotBeCancelled):
        services.cancel_job(user=owner, job_id=job.pk)
    job.refresh_from_db()
    assert job.status == ending


def test_an_editor_of_its_canvas_and_staff_may_cancel(owner, editor, operator, canvas):
    for person in (editor, operator):
        job = make.submit(owner, canvas=canvas)
        assert services.cancel_job(user=person, job_id=job.pk).status == Status.CANCELLED


def test_a_viewer_sees_it_but_may_not_cancel(owner, viewer, canvas):
    job = make.submit(owner, canvas=canvas)
    assert services.get_job(user=viewer, job_id=job.pk).pk == job.pk
    with pytest.raises(NotYourJob):
        services.cancel_job(user=viewer, job_id=job.pk)


def test_a_strangers_job_looks_like_an_unknown_one(owner, stranger, canvas):
    job = make.submit(owner, canvas=canvas)
    for wrong in (job.pk, uuid.uuid4(), "nonsense", "", None, 7):
        with pytest.raises(JobNotFound):
            services.cancel_job(user=stranger, job_id=wrong)
    job.refresh_from_db()
    assert job.status == Status.QUEUED


@pytest.mark.django_db(transaction=True)
def test_of_a_cancel_and_a_completion_exactly_one_wins():
    user = make.make_user()
    for _ in range(20):
        job = make.submit(user)
        claimed = make.claim_one(job)
        cancelled, completed = at_once(
            partial(lifecycle.cancel_job, job_id=job.pk, actor_id=user.pk),
            partial(make.complete, claimed),
        )
        job.refresh_from_db()
        assert cancelled != completed
        assert job.status == (Status.CANCELLED if cancelled else Status.COMPLETED)
        assert (job.result_data is None) == cancelled


@pytest.mark.django_db(transaction=True)
def test_of_a_cancel_and_a_claim_the_cancel_always_holds():
    user = make.make_user()
    for _ in range(20):
        job = make.submit(user)
        cancelled, claimed = at_once(
            partial(lifecycle.cancel_job, job_id=job.pk, actor_id=user.pk), make.claim
        )
        assert cancelled
        job.refresh_from_db()
        assert job.status == Status.CANCELLED
        assert not any(make.complete(run) for run in claimed)
