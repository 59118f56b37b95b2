"""The state machine: the table, the database and the page agree, and no sequence of events breaks it."""

import re
import uuid
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ai_jobs import lifecycle
from ai_jobs.claims import ClaimedJob
from ai_jobs.lifecycle import LONE_CRASH_LIMIT
from ai_jobs.models import AIJob, AIJobEvent
from ai_jobs.states import FINAL, LIVE, TRANSITIONS, EventKind, Status
from ai_jobs.tests import factories as make

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "job-lifecycle.md"


def test_every_event_is_in_the_table_and_every_status_is_live_or_final():
    assert set(TRANSITIONS) == set(EventKind)
    assert set(Status) == LIVE | FINAL
    assert not LIVE & FINAL


def test_nothing_leads_out_of_completed_and_only_a_person_out_of_the_other_ends():
    leaving = {
        kind for kind, rule_ in TRANSITIONS.items() if rule_.sources & FINAL and rule_.target not in FINAL
    }
    assert leaving == {EventKind.RETRIED}
    from_completed = {rule_.target for rule_ in TRANSITIONS.values() if Status.COMPLETED in rule_.sources}
    assert from_completed == {Status.COMPLETED}


def test_the_page_has_the_same_table():
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| `(\w+)` \| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE)
    on_page = {
        kind: (set(re.findall(r"`(\w+)`", sources)), target, meaning)
        for kind, sources, target, meaning in rows
    }
    in_code = {
        kind.value: ({status.value for status in rule_.sources}, rule_.target.value, rule_.meaning)
        for kind, rule_ in TRANSITIONS.items()
    }
    assert on_page == in_code


@pytest.mark.django_db
def test_the_database_knows_the_same_statuses_and_ends():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'ai_jobs_aijob'::regclass AND contype = 'c'"
        )
        constraints = dict(cursor.fetchall())
    words = {name: set(re.findall(r"'(\w+)'", text)) for name, text in constraints.items()}
    assert words["job_status_is_known"] == set(Status.values)
    assert words["finished_job_has_an_end_time"] == {status.value for status in FINAL}
    assert words["processing_job_holds_a_lease"] == {Status.PROCESSING.value}


class Model:
    """What one job should be, in the simplest terms."""

    def __init__(self) -> None:
        self.status = Status.QUEUED
        self.run: ClaimedJob | None = None
        self.expired = False
        self.retries = 0
        self.crashes = 0
        self.lone_crashes = 0
        self.events = [EventKind.SUBMITTED]


class JobLife(RuleBasedStateMachine):
    """Persons, engines, crashes and late writers in any order, against the real database.

    One step after the other on one connection, in a transaction that is never committed: a second client is there as
    the run that writes late. What happens in the same moment on two connections is in the tests that use `at_once`.
    """

    jobs = Bundle("jobs")
    late_runs = Bundle("late_runs")

    @initialize()
    def people(self):
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.user = User.objects.create_user(f"person-{uuid.uuid4().hex}")
        self.models: dict[uuid.UUID, Model] = {}
        self.last_token = 0

    def teardown(self):
        if hasattr(self, "atomic"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def move(self, model: Model, kind: EventKind) -> None:
        """The table allows it, and the model follows."""
        assert model.status in TRANSITIONS[kind].sources
        model.status = TRANSITIONS[kind].target
        model.events.append(kind)

    def held(self, job_id: uuid.UUID) -> ClaimedJob:
        run = self.models[job_id].run
        assume(run is not None)
        assert run is not None
        return run

    # --- Persons --------------------------------------------------------------------------------------------
    @rule(target=jobs, priority=st.integers(-10, 10))
    def submit(self, priority):
        job = make.submit(self.user, priority=priority)
        self.models[job.pk] = Model()
        return job.pk

    @rule(job_id=jobs)
    def cancel(self, job_id):
        model = self.models[job_id]
        allowed = model.status in LIVE
        assert lifecycle.cancel_job(job_id=job_id, actor_id=self.user.pk) == allowed
        if allowed:
            self.move(model, EventKind.CANCELLED)
            model.run = None

    @rule(job_id=jobs)
    def retry(self, job_id):
        model = self.models[job_id]
        allowed = model.status in {Status.FAILED, Status.CANCELLED}
        assert lifecycle.retry_job(job_id=job_id, actor_id=self.user.pk) == allowed
        if allowed:
            self.move(model, EventKind.RETRIED)
            model.retries = model.crashes = model.lone_crashes = 0

    @rule(job_id=jobs, priority=st.integers(-10, 10))
    def reprioritise(self, job_id, priority):
        model = self.models[job_id]
        allowed = model.status == Status.QUEUED
        assert lifecycle.reprioritise_job(job_id=job_id, priority=priority, actor_id=None) == allowed
        if allowed:
            self.move(model, EventKind.REPRIORITISED)

    # --- Engines --------------------------------------------------------------------------------------------
    @rule(target=late_runs, slots=st.integers(1, 4))
    def claim(self, slots):
        claimed = make.claim(slots)
        waiting = sum(model.status == Status.QUEUED and model.crashes < 2 for model in self.models.values())
        assert min(slots, waiting) <= len(claimed) <= slots
        tokens = [run.held.lease_token for run in claimed]
        assert all(token > self.last_token for token in tokens)
        self.last_token = max([self.last_token, *tokens])
        for run in claimed:
            model = self.models[run.row.id]
            self.move(model, EventKind.CLAIMED)
            model.run, model.expired = run, False
        return multiple(*claimed)

    @rule(job_id=jobs)
    def renew(self, job_id):
        run = self.held(job_id)
        assert lifecycle.renew_leases(held=[run.held], lease_seconds=15) == {run.held}
        self.models[job_id].expired = False

    @rule(job_id=jobs)
    def complete(self, job_id):
        assert make.complete(self.held(job_id))
        self.move(self.models[job_id], EventKind.COMPLETED)
        self.models[job_id].run = None

    @rule(job_id=jobs, kind=st.sampled_from([EventKind.FAILED, EventKind.RETRY_SCHEDULED, EventKind.SNOOZED]))
    def end(self, job_id, kind):
        assert make.fail(self.held(job_id), kind=kind)
        model = self.models[job_id]
        self.move(model, kind)
        model.run = None
        model.retries += kind is EventKind.RETRY_SCHEDULED

    @rule(job_id=jobs)
    def hand_back(self, job_id):
        run = self.held(job_id)
        assert lifecycle.hand_back_jobs(held=[run.held], worker_id=uuid.uuid4()) == 1
        self.move(self.models[job_id], EventKind.HANDED_BACK)
        self.models[job_id].run = None

    @rule(run=late_runs)
    def write_late(self, run):
        """A run that has lost its lease tries everything, and changes nothing."""
        model = self.models[run.row.id]
        assume(model.run is None or model.run.held != run.held)
        assert not make.complete(run)
        assert not make.fail(run)
        assert not make.fail(run, kind=EventKind.RETRY_SCHEDULED)
        assert lifecycle.hand_back_jobs(held=[run.held], worker_id=uuid.uuid4()) == 0
        assert lifecycle.renew_leases(held=[run.held], lease_seconds=15) == set()
        lifecycle.record_progress(given={run.held: lifecycle.Progress("late", "late", 99, 99)})

    # --- Crashes --------------------------------------------------------------------------------------------
    @rule(job_id=jobs)
    def expire(self, job_id):
        """A worker vanishes: the leases of all its jobs run out."""
        worker = AIJob.objects.get(pk=self.held(job_id).row.id).worker_id
        for beside in AIJob.objects.filter(status=Status.PROCESSING, worker_id=worker):
            self.models[beside.pk].expired = True
            make.expire(self.held(beside.pk))

    @precondition(lambda self: any(model.expired and model.run for model in self.models.values()))
    @rule()
    def rescue(self):
        workers = dict(AIJob.objects.filter(status=Status.PROCESSING).values_list("pk", "worker_id"))
        lapsed = {workers[job_id] for job_id, model in self.models.items() if model.run and model.expired}
        gone = [job_id for job_id, worker in workers.items() if worker in lapsed]
        assert lifecycle.rescue_jobs() == len(gone)
        for job_id in gone:
            model = self.models[job_id]
            alone = list(workers.values()).count(workers[job_id]) == 1
            model.crashes += 1
            model.lone_crashes += alone
            poison = alone and model.lone_crashes >= LONE_CRASH_LIMIT
            self.move(model, EventKind.QUARANTINED if poison else EventKind.RESCUED)
            model.run = None

    # --- Always ---------------------------------------------------------------------------------------------
    @invariant()
    def rows_are_as_the_model_says(self):
        if not hasattr(self, "models"):
            return
        jobs = {job.pk: job for job in AIJob.objects.filter(user=self.user)}
        assert set(jobs) == set(self.models)
        histories: dict[uuid.UUID, list[str]] = {}
        for job_id, kind in AIJobEvent.objects.order_by("sequence").values_list("job_id", "kind"):
            histories.setdefault(job_id, []).append(kind)
        for job_id, model in self.models.items():
            job = jobs[job_id]
            assert job.status == model.status
            assert (job.retry_count, job.crash_count, job.lone_crash_count) == (
                model.retries,
                model.crashes,
                model.lone_crashes,
            )
            assert job.lease_token == (model.run.held.lease_token if model.run else None)
            assert (job.completed_at is not None) == (job.status in FINAL)
            assert (job.result_data is not None) == (job.status == Status.COMPLETED)
            assert histories[job_id] == model.events


@pytest.mark.django_db
def test_no_sequence_of_events_breaks_a_job():
    run_state_machine_as_test(
        JobLife,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
