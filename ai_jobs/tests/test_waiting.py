"""What a waiting job is told: its place, why it waits, and about how long."""

import json
import uuid

import pytest
from django.db import connection, transaction

from ai_jobs import lifecycle, services, waiting
from ai_jobs.models import AIJob, RunTime
from ai_jobs.rows import job_row, job_rows
from ai_jobs.states import EventKind
from ai_jobs.tests import factories as make
from collabcanvas.lib.channel_layer import NOTIFY_CHANNEL, connect_outside_pool


def queue_of(job: AIJob):
    job.refresh_from_db()
    return job_row(job)["queue"]


def positions(*jobs: AIJob) -> list[int]:
    return [
        row["queue"]["position"] for row in job_rows(AIJob.objects.filter(pk__in=[job.pk for job in jobs]))
    ]


def engine_with(slots: int) -> uuid.UUID:
    worker_id = make.make_worker()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ai_jobs_worker SET slots = %s WHERE id = %s", [slots, worker_id])
    return worker_id


def measured(seconds: float, job_type: str = "create_canvas") -> None:
    waiting.record_run_times({job_type: (seconds, 50)})


# --- The place ---


def test_places_are_the_order_in_which_engines_take_the_jobs(owner, editor, viewer):
    people = [owner, editor, viewer]
    jobs = [make.submit(people[number % 2], priority=[0, 0, 3, 0, -2, 0][number % 6]) for number in range(12)]
    jobs += [make.submit(viewer)]
    told = {row["id"]: row["queue"]["position"] for row in job_rows(AIJob.objects.all())}
    assert sorted(told.values()) == list(range(1, 14))

    # One at a time, as a single free slot would take them; users' turns count what they have running.
    order = []
    for _ in jobs:
        (claimed,) = make.claim()
        order.append(str(claimed.row.id))
        make.complete(claimed)
    urgent = [str(job.pk) for job in jobs if job.priority == 3]
    last = [str(job.pk) for job in jobs if job.priority == -2]
    assert {told[job_id] for job_id in urgent} == {1, 2}
    assert {told[job_id] for job_id in last} == {12, 13}
    assert set(order) == set(told)


def test_people_take_turns_so_a_long_queue_of_another_costs_one_place(owner, stranger):
    make.submit_many(stranger, 500)
    mine = make.submit(owner)
    second = make.submit(owner)
    assert queue_of(mine)["position"] == 2
    assert queue_of(second)["position"] == 4


def test_who_has_jobs_running_stands_behind_who_has_none(owner, stranger):
    make.submit_many(stranger, 3)
    make.claim(2)
    theirs = AIJob.objects.get(status="queued")
    mine = make.submit(owner)
    assert positions(mine) == [1]
    assert positions(theirs) == [2]


def test_a_high_priority_stands_before_everybody(owner, stranger):
    make.submit_many(stranger, 5)
    make.submit_many(owner, 5, priority=5)
    assert queue_of(make.submit(stranger))["position"] == 11
    assert queue_of(make.submit(stranger, priority=10))["position"] == 1


def test_a_job_asked_alone_stands_where_it_stands_among_all(owner, stranger, editor):
    jobs = [make.submit(user) for user in (owner, owner, stranger, editor, stranger, owner)]
    together = {row["id"]: row["queue"]["position"] for row in job_rows(jobs)}
    assert together == {str(job.pk): queue_of(job)["position"] for job in jobs}


# --- The reason ---


def test_without_a_worker_it_says_so(owner):
    assert queue_of(make.submit(owner))["waiting_reason"] == "no_worker"


def test_a_worker_that_stops_is_no_worker(owner):
    make.make_worker()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ai_jobs_worker SET draining = TRUE")
    assert queue_of(make.submit(owner))["waiting_reason"] == "no_worker"


def test_behind_others(owner):
    make.make_worker()
    assert queue_of(make.submit(owner))["waiting_reason"] == "behind_others"


def test_at_the_limit_of_ones_own_running_jobs(owner, settings):
    make.make_worker()
    settings.AI_JOBS_PER_USER = 2
    make.submit_many(owner, 2)
    make.claim(1)
    job = make.submit(owner)
    assert queue_of(job)["waiting_reason"] == "behind_others"
    make.claim(1)
    assert queue_of(job)["waiting_reason"] == "user_limit"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [(EventKind.RETRY_SCHEDULED, "retry_backoff"), (EventKind.SNOOZED, "rate_limited")],
)
def test_waiting_for_a_time_says_why(owner, kind, reason):
    make.make_worker()
    measured(1)
    job = make.submit(owner)
    make.fail(make.claim_one(job), kind=kind, code="rate_limited", delay=100)
    told = queue_of(job)
    assert told["waiting_reason"] == reason
    assert 95 < told["eta_seconds"] <= 100


@pytest.mark.parametrize("code", ["database_away", "something_of_our_own"])
def test_what_is_no_vendors_wish_is_no_rate_limit(owner, code):
    make.make_worker()
    job = make.submit(owner)
    make.fail(make.claim_one(job), kind=EventKind.SNOOZED, code=code, delay=5)
    assert queue_of(job)["waiting_reason"] == "retry_backoff"


def test_the_latest_reason_counts(owner):
    make.make_worker()
    job = make.submit(owner)
    make.fail(make.claim_one(job), kind=EventKind.SNOOZED)
    make.fail(make.claim_one(job), kind=EventKind.RETRY_SCHEDULED, delay=60)
    assert queue_of(job)["waiting_reason"] == "retry_backoff"


def test_when_ai_work_is_switched_off_it_is_paused(owner, settings):
    make.make_worker()
    job = make.submit(owner)
    settings.AI_JOBS_ENABLED = False
    assert queue_of(job)["waiting_reason"] == "paused"


# --- The estimate ---


def test_nothing_is_estimated_before_anything_was_measured(owner):
    engine_with(1)
    assert queue_of(make.submit(owner))["eta_seconds"] is None
    measured(10)
    assert queue_of(make.submit(owner))["eta_seconds"] is not None


def test_nothing_is_estimated_without_a_worker(owner):
    measured(10)
    assert queue_of(make.submit(owner))["eta_seconds"] is None


def test_the_estimate_is_turns_ahead_times_the_median_over_the_slots(owner, settings):
    settings.AI_JOBS_PER_USER = 100
    engine_with(4)
    measured(10)
    make.submit_many(owner, 4)
    make.claim(4)
    jobs = [make.submit(owner) for _ in range(4)]
    assert [queue_of(job)["eta_seconds"] for job in jobs] == [2.5, 5.0, 7.5, 10.0]


def test_a_free_slot_means_now(owner):
    engine_with(4)
    measured(10)
    assert queue_of(make.submit(owner))["eta_seconds"] == 0


def test_ones_own_limit_makes_it_longer(owner, settings):
    settings.AI_JOBS_PER_USER = 2
    engine_with(100)
    measured(10)
    make.submit_many(owner, 2)
    make.claim(2)
    jobs = [make.submit(owner) for _ in range(2)]
    assert [queue_of(job)["eta_seconds"] for job in jobs] == [5.0, 10.0]


def test_a_new_measurement_replaces_the_old_one(db):
    measured(10)
    measured(4)
    assert RunTime.objects.get().seconds == 4


# --- Telling ---


class Ear:
    """Hears what sockets would be sent."""

    def __init__(self):
        self._connection = connect_outside_pool(application_name="test ear")
        with self._connection.cursor() as cursor:
            cursor.execute(f"LISTEN {NOTIFY_CHANNEL}")

    def heard(self):
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        self._connection.poll()
        bells, self._connection.notifies[:] = list(self._connection.notifies), []
        return [
            (groups, message["message"]) for bell in bells for groups, message in json.loads(bell.payload)
        ]

    def close(self):
        self._connection.close()


@pytest.fixture
def ear(transactional_db):
    listening = Ear()
    yield listening
    listening.close()


def age_wave():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ai_jobs_wave SET at = at - interval '1 s'")


def test_those_who_wait_hear_their_place_without_a_new_revision(ear, owner):
    make.make_worker()
    job = make.submit(owner)
    ear.heard()
    told = waiting.tell_places({})
    ((groups, message),) = ear.heard()
    assert groups == [f"user.{owner.pk}"]
    assert (message["type"], message["job_id"], message["status"]) == ("ai_job_update", str(job.pk), "queued")
    assert message["queue"] == {"position": 1, "eta_seconds": None, "waiting_reason": "behind_others"}
    assert message["revision"] == job.revision
    assert told == {job.pk: message["queue"]}


def test_only_news_are_told_and_only_once_a_second(ear, owner, stranger):
    make.make_worker()
    first, second = make.submit(stranger), make.submit(owner)
    told = waiting.tell_places({}) or {}
    ear.heard()
    assert waiting.tell_places(told) is None, "another wave in the same second is refused"
    age_wave()
    assert waiting.tell_places(told) == told
    assert ear.heard() == [], "nothing has moved"
    services.cancel_job(user=stranger, job_id=first.pk)
    ear.heard()
    age_wave()
    waiting.tell_places(told)
    ((_, message),) = ear.heard()
    assert (message["job_id"], message["queue"]["position"]) == (str(second.pk), 1)


def test_a_wave_is_bounded_and_reaches_everybody_in_a_long_queue(ear, owner, stranger):
    make.make_worker()
    with transaction.atomic():
        make.submit_many(stranger, 300)
        mine = make.submit(owner)
    told = waiting.tell_places({})
    assert told is not None
    assert len(told) == waiting.WAVE_JOBS_OF_USER + 1
    assert told[mine.pk]["position"] == 2


def test_an_empty_queue_says_nothing(ear, owner):
    lifecycle.cancel_job(job_id=make.submit(owner).pk, actor_id=None)
    ear.heard()
    assert waiting.tell_places({}) == {}
    assert ear.heard() == []
