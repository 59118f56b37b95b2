"""Claiming: which jobs an engine gets, in which order, and that nobody gets one twice."""

import uuid
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ai_jobs import claims, lifecycle
from ai_jobs.models import AIJob
from ai_jobs.states import EventKind, Status
from ai_jobs.tests import factories as make
from ai_jobs.tests.races import at_once

pytestmark = pytest.mark.django_db


def start_age_turns_at(claims_before: int) -> None:
    """The next claim but `claims_before` others goes by age."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval('ai_jobs_lease_token', ((nextval('ai_jobs_lease_token') / %(n)s) + 1) * %(n)s"
            " + %(n)s - 1 - %(before)s)",
            {"n": claims.AGE_TURN, "before": claims_before},
        )


@pytest.fixture(autouse=True)
def _next_age_turn_is_far():
    start_age_turns_at(claims.AGE_TURN - 1)


def instructions(claimed: list[claims.ClaimedJob]) -> list[str]:
    return [job.request_data["instructions"] for job in claimed]


def test_a_claimed_job_is_processing_under_a_lease_and_says_so_in_its_history():
    job = make.submit(make.make_user())
    worker = uuid.uuid4()
    claimed = make.claim_one(job, worker_id=worker)
    job.refresh_from_db()
    assert (job.status, job.attempt, job.worker_id) == (Status.PROCESSING, 1, worker)
    assert job.lease_token == claimed.held.lease_token
    assert job.lease_expires_at is not None
    assert job.started_at is not None
    assert make.kinds(job) == [EventKind.SUBMITTED, EventKind.CLAIMED]
    assert claimed.request_data["instructions"] == "A -> B"


def test_a_claim_without_waiting_jobs_is_empty():
    assert make.claim(10) == []


def test_no_more_jobs_are_claimed_than_there_are_slots():
    make.submit_many(make.make_user(), 10)
    assert len(make.claim(3)) == 3
    assert AIJob.objects.filter(status=Status.PROCESSING).count() == 3


def test_a_job_whose_time_has_not_come_waits():
    job = make.submit(make.make_user())
    assert make.fail(make.claim_one(job), kind=EventKind.RETRY_SCHEDULED, delay=3600)
    assert make.claim(5) == []
    AIJob.objects.update(next_processing_at="2000-01-01T00:00:00Z")
    assert [claimed.row.id for claimed in make.claim(5)] == [job.pk]


def test_a_higher_priority_goes_first_also_when_it_came_last():
    user = make.make_user()
    for priority in (0, -5, 7, 3):
        make.submit(user, f"priority {priority}", priority=priority)
    order = [instructions(make.claim())[0] for _ in range(4)]
    assert order == ["priority 7", "priority 3", "priority 0", "priority -5"]


def test_a_user_at_the_cap_still_sees_priority_when_an_engine_has_many_free_slots():
    user = make.make_user()
    make.submit(user, "old and low", priority=-1)
    make.submit(user, "new and high", priority=1)
    assert instructions(make.claim(200, per_user=1)) == ["new and high"]


def test_within_a_priority_the_oldest_of_a_user_goes_first():
    user = make.make_user()
    for number in range(3):
        make.submit(user, f"job {number}")
    assert [instructions(make.claim())[0] for _ in range(3)] == ["job 0", "job 1", "job 2"]


def test_the_first_job_of_another_user_is_next_although_a_thousand_of_one_user_wait():
    crowd, other = make.make_user(), make.make_user()
    make.submit_many(crowd, 1_000)
    assert len(make.claim(4)) == 4
    mine = make.submit(other)
    assert [claimed.row.id for claimed in make.claim()] == [mine.pk]


def test_users_take_turns_inside_a_priority():
    users = [make.make_user() for _ in range(3)]
    for user in users:
        make.submit_many(user, 20)
    claimed = make.claim(6)
    assert Counter(job.row.user_id for job in claimed) == {user.pk: 2 for user in users}


def test_nobody_runs_more_jobs_than_the_cap():
    user, other = make.make_user(), make.make_user()
    make.submit_many(user, 20)
    make.submit_many(other, 2)
    assert Counter(job.row.user_id for job in make.claim(50, per_user=5)) == {user.pk: 5, other.pk: 2}
    assert make.claim(50, per_user=5) == []


def test_a_finished_job_makes_room_under_the_cap():
    make.submit_many(make.make_user(), 4)
    first, _ = make.claim(10, per_user=2)
    assert make.claim(10, per_user=2) == []
    assert make.complete(first)
    assert len(make.claim(10, per_user=2)) == 1


def test_suspects_count_under_the_cap_too():
    make.submit_many(make.make_user(), 12)
    make.crash(*make.claim(4, per_user=4))
    claimed = make.claim(50, per_user=4)
    assert sorted(job.row.crash_count for job in claimed) == [1, 1, 1, 1]
    assert make.claim(50, per_user=4) == []


def test_one_claim_in_eight_goes_by_age_so_that_a_low_priority_never_starves():
    patient, stream = make.make_user(), make.make_user()
    job = make.submit(patient, "patient", priority=-10)
    taken = 0
    while job.status == Status.QUEUED:
        # A stream of urgent work that never ends.
        make.submit_many(stream, 2, priority=10)
        assert len(make.claim()) == 1
        taken += 1
        assert taken <= claims.AGE_TURN
        job.refresh_from_db()


def test_the_other_seven_claims_go_by_priority():
    patient, stream = make.make_user(), make.make_user()
    make.submit_many(patient, 50, priority=-10)
    make.submit_many(stream, 50, priority=10)
    by_user = Counter(make.claim()[0].row.user_id for _ in range(4 * claims.AGE_TURN))
    assert by_user == {patient.pk: 4, stream.pk: 28}


def test_lease_tokens_only_grow():
    make.submit_many(make.make_user(), 30)
    tokens = [claimed.held.lease_token for _ in range(3) for claimed in make.claim(10)]
    assert len(set(tokens)) == 30
    rounds = [tokens[start : start + 10] for start in (0, 10, 20)]
    assert max(rounds[0]) < min(rounds[1])
    assert max(rounds[1]) < min(rounds[2])


@pytest.mark.django_db(transaction=True)
def test_two_engines_never_get_the_same_job():
    for _ in range(3):
        make.submit_many(make.make_user(), 40)
    parts = at_once(*[lambda: make.claim(20, per_user=1_000)] * 4)
    ids = [claimed.row.id for part in parts for claimed in part]
    assert len(ids) == len(set(ids)) == 80


@pytest.mark.django_db(transaction=True)
def test_the_cap_is_exact_when_engines_claim_at_the_same_moment():
    user = make.make_user()
    make.submit_many(user, 40)
    for _ in range(5):
        at_once(*[lambda: make.claim(10, per_user=7)] * 4)
        running = AIJob.objects.filter(user=user, status=Status.PROCESSING)
        assert running.count() == 7
        for job in running:
            held = lifecycle.Held(job.pk, job.lease_token or 0)
            lifecycle.hand_back_jobs(held=[held], worker_id=uuid.uuid4())


@pytest.mark.django_db(transaction=True)
def test_that_jobs_have_started_is_told_in_one_trip_to_the_database(owner):
    job = make.submit(owner)
    claimed = make.claim(1)
    with CaptureQueriesContext(connection) as seen:
        claims.announce_claims(claimed, uuid.uuid4())
    assert [taken.row.id for taken in claimed] == [job.pk]
    assert len(seen) == 1
