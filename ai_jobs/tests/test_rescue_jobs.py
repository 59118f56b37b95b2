"""Rescue: what becomes of jobs whose worker vanished, and how a job that kills workers is found."""

import uuid
from functools import partial

import pytest

from ai_jobs import lifecycle
from ai_jobs.claims import SUSPECT_GROUP
from ai_jobs.models import AIJob, Worker
from ai_jobs.states import EventKind, Status
from ai_jobs.tests import factories as make
from ai_jobs.tests.races import at_once

pytestmark = pytest.mark.django_db


def silence(worker_id: uuid.UUID) -> None:
    Worker.objects.filter(pk=worker_id).update(heartbeat_at="2000-01-01T00:00:00Z")


def test_a_job_whose_lease_ran_out_is_queued_again_and_costs_no_retry(owner):
    job = make.submit(owner)
    make.crash(make.claim_one(job))
    job.refresh_from_db()
    assert (job.status, job.crash_count, job.retry_count) == (Status.QUEUED, 1, 0)
    assert make.kinds(job) == [EventKind.SUBMITTED, EventKind.CLAIMED, EventKind.RESCUED]
    assert len(make.claim()) == 1


def test_a_lease_that_holds_is_left_alone(owner):
    make.claim_one(make.submit(owner))
    assert lifecycle.rescue_jobs() == 0


def test_a_renewed_lease_is_left_alone(owner):
    claimed = make.claim_one(make.submit(owner))
    make.expire(claimed)
    assert lifecycle.renew_leases(held=[claimed.held], lease_seconds=15) == {claimed.held}
    assert lifecycle.rescue_jobs() == 0


def test_a_rescue_twice_is_as_once(owner):
    make.crash(make.claim_one(make.submit(owner)))
    assert lifecycle.rescue_jobs() == 0


def test_a_run_that_was_rescued_can_write_nothing_any_more(owner):
    job = make.submit(owner)
    late = make.claim_one(job)
    make.crash(late)
    assert not make.complete(late)
    assert not make.fail(late)
    assert lifecycle.hand_back_jobs(held=[late.held], worker_id=uuid.uuid4()) == 0
    assert lifecycle.renew_leases(held=[late.held], lease_seconds=15) == set()
    with pytest.raises(lifecycle.LeaseLost):
        lifecycle.lock_run(late.held)
    job.refresh_from_db()
    assert job.status == Status.QUEUED


def test_a_late_run_cannot_write_into_the_run_that_followed(owner):
    job = make.submit(owner)
    late = make.claim_one(job)
    make.crash(late)
    successor = make.claim_one(job)
    assert successor.held.lease_token > late.held.lease_token
    assert not make.complete(late)
    assert make.complete(successor)
    assert make.kinds(job).count(EventKind.COMPLETED) == 1


def crashed(jobs: int, *, times: int) -> None:
    """So many jobs of one person, each of which has been in so many crashes."""
    make.submit_many(make.make_user(), jobs)
    for _ in range(times):
        while claimed := make.claim(jobs, worker_id=uuid.uuid4()):
            make.expire(*claimed)
        lifecycle.rescue_jobs()


def test_after_one_crash_all_jobs_of_the_worker_run_again_at_once_before_others():
    crashed(100, times=1)
    make.submit_many(make.make_user(), 100)
    claimed = make.claim(150)
    assert [job.row.crash_count for job in claimed].count(1) == 100
    assert not any(job.must_run_alone for job in claimed)


def test_after_two_crashes_at_most_sixteen_run_beside_each_other():
    crashed(40, times=2)
    first = make.claim(100)
    assert [job.row.crash_count for job in first] == [2] * SUSPECT_GROUP
    assert not any(job.must_run_alone for job in first)
    # The engine that holds them asks for no more of them.
    assert make.claim(100, suspects=0) == []


def test_suspects_do_not_keep_other_jobs_from_their_slots():
    crashed(40, times=2)
    make.submit_many(make.make_user(), 40)
    counts = [job.row.crash_count for job in make.claim(50)]
    assert counts.count(2) == SUSPECT_GROUP
    assert counts.count(0) == 50 - SUSPECT_GROUP


def test_a_job_that_was_in_three_crashes_runs_alone():
    crashed(5, times=3)
    (alone,) = make.claim(5)
    assert alone.must_run_alone


def test_a_job_that_was_alone_in_three_crashes_fails_and_says_why(owner):
    job = make.submit(owner)
    for _ in range(3):
        make.crash(make.claim_one(job))
    job.refresh_from_db()
    assert (job.status, job.error_code, job.lone_crash_count) == (Status.FAILED, "worker_crashed", 3)
    assert job.completed_at is not None
    assert make.kinds(job)[-1] == EventKind.QUARANTINED


def test_a_person_may_retry_a_job_that_was_failed_for_crashes(owner):
    job = make.submit(owner)
    for _ in range(3):
        make.crash(make.claim_one(job))
    assert lifecycle.retry_job(job_id=job.pk, actor_id=owner.pk)
    assert make.complete(make.claim_one(job))


def test_neighbours_are_never_failed_however_often_their_worker_dies():
    make.submit_many(make.make_user(), 3)
    for _ in range(12):
        # A machine that kills whatever it runs: together first, one by one later.
        claimed = make.claim(3, worker_id=uuid.uuid4())
        make.crash(*claimed)
        for job in AIJob.objects.all():
            assert job.status == Status.QUEUED or job.lone_crash_count == 3


def test_jobs_of_a_worker_that_is_certainly_gone_do_not_wait_for_their_leases():
    gone, lives = make.make_worker(), make.make_worker()
    make.submit_many(make.make_user(), 5)
    make.claim(3, worker_id=gone)
    make.claim(2, worker_id=lives)
    assert lifecycle.miss_workers([gone]) == 3
    assert list(Worker.objects.values_list("pk", flat=True)) == [lives]
    assert AIJob.objects.filter(status=Status.PROCESSING, worker_id=lives).count() == 2
    assert lifecycle.miss_workers([gone]) == 0


def test_jobs_beside_one_that_was_in_a_crash_wait_for_their_leases(owner):
    """What dies with each job it runs would otherwise fail all of them within seconds."""
    suspect, innocent = make.submit(owner), make.submit(owner)
    make.crash(make.claim_one(suspect))
    gone = make.make_worker()
    claimed = make.claim(2, worker_id=gone)
    assert lifecycle.miss_workers([gone]) == 0
    make.expire(claimed[0])
    assert lifecycle.rescue_jobs() == 2
    innocent.refresh_from_db()
    assert (innocent.crash_count, innocent.lone_crash_count) == (1, 0)


def test_a_job_claimed_just_before_the_crash_does_not_look_as_if_it_was_alone():
    user = make.make_user()
    worker = make.make_worker()
    make.submit_many(user, 2)
    early, *_ = make.claim(1, worker_id=worker)
    make.claim(1, worker_id=worker)
    silence(worker)
    # Only the earlier lease has run out; the later claim still has a few seconds.
    make.expire(early)
    assert lifecycle.rescue_jobs() == 2
    assert list(AIJob.objects.values_list("crash_count", "lone_crash_count")) == [(1, 0), (1, 0)]


def test_a_living_worker_loses_only_the_job_whose_lease_ran_out():
    user = make.make_user()
    worker = make.make_worker()
    make.submit_many(user, 2)
    stuck, kept = make.claim(2, worker_id=worker)
    make.expire(stuck)
    assert lifecycle.rescue_jobs() == 1
    assert AIJob.objects.get(pk=kept.row.id).status == Status.PROCESSING
    assert AIJob.objects.get(pk=stuck.row.id).lone_crash_count == 0


@pytest.mark.django_db(transaction=True)
def test_of_a_rescue_and_a_completion_exactly_one_wins():
    user = make.make_user()
    for _ in range(20):
        job = make.submit(user)
        claimed = make.claim_one(job)
        make.expire(claimed)
        completed, rescued = at_once(partial(make.complete, claimed), lifecycle.rescue_jobs)
        job.refresh_from_db()
        assert completed != bool(rescued)
        assert job.status == (Status.COMPLETED if completed else Status.QUEUED)
        AIJob.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_a_job_is_rescued_once_when_several_engines_notice():
    make.submit_many(make.make_user(), 30)
    make.expire(*make.claim(30))
    assert sum(at_once(*[lifecycle.rescue_jobs] * 4)) == 30
    assert set(AIJob.objects.values_list("crash_count", flat=True)) == {1}
