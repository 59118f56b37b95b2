"""The state machine: the table, the database and the page agree, and no sequence of events breaks it."""

import re
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ai_jobs import lifecycle, runner, services
from ai_jobs.claims import ALONE_FROM, ClaimedJob
from ai_jobs.errors import JobCannotBeCancelled, JobCannotBeRetried, JobNotWaiting
from ai_jobs.handlers.base import Drawing
from ai_jobs.lifecycle import LONE_CRASH_LIMIT, LeaseLost
from ai_jobs.models import AIJob, AIJobEvent
from ai_jobs.states import FINAL, LIVE, TRANSITIONS, EventKind, Status
from ai_jobs.tests import factories as make
from ai_jobs.tests.races import Client
from canvases.models import Canvas, CanvasObject
from canvases.tests.factories import element
from collabcanvas.lib.errors import AppError

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


# A user may have so many running, so that the limit matters with the few jobs there are.
PER_USER = 2


@dataclass(frozen=True)
class Job:
    """What one job should be, in the simplest terms."""

    status: Status = Status.QUEUED
    priority: int = 0
    token: int | None = None
    worker: uuid.UUID | None = None
    has_lapsed: bool = False
    attempt: int = 0
    retries: int = 0
    crashes: int = 0
    lone_crashes: int = 0
    revision: int = 1
    history: tuple[tuple[int, EventKind], ...] = ((1, EventKind.SUBMITTED),)

    def after(self, kind: EventKind, **changes: Any) -> "Job | None":
        """The job when that has happened to it; None where the table does not allow it."""
        if self.status not in TRANSITIONS[kind].sources:
            return None
        revision = self.revision + 1
        lost = {"token": None, "worker": None, "has_lapsed": False}
        return replace(
            self,
            status=TRANSITIONS[kind].target,
            revision=revision,
            history=(*self.history, (revision, kind)),
            **lost | changes,
        )

    @property
    def is_running(self) -> bool:
        return self.status == Status.PROCESSING and not self.has_lapsed


World = dict[uuid.UUID, Job]
# What the act answered, the worlds that were true while it went on (the first to the present one), and the world now
# that it is committed.
Check = Callable[[Any, list[World], World], None]


def committed_world() -> World:
    """What everybody can see."""
    histories: dict[uuid.UUID, list[tuple[int, EventKind]]] = {}
    for job_id, sequence, kind in AIJobEvent.objects.order_by("sequence").values_list(
        "job_id", "sequence", "kind"
    ):
        histories.setdefault(job_id, []).append((sequence, EventKind(kind)))
    found = {}
    for job in AIJob.objects.order_by("created_at").extra(
        select={"has_lapsed": "coalesce(lease_expires_at <= clock_timestamp(), false)"}
    ):
        assert (job.completed_at is not None) == (job.status in FINAL)
        assert (job.result_data is not None) == (job.status == Status.COMPLETED)
        found[job.pk] = Job(
            status=Status(job.status),
            priority=job.priority,
            token=job.lease_token,
            worker=job.worker_id if job.status == Status.PROCESSING else None,
            has_lapsed=job.has_lapsed,
            attempt=job.attempt,
            retries=job.retry_count,
            crashes=job.crash_count,
            lone_crashes=job.lone_crash_count,
            revision=job.revision,
            history=tuple(histories.get(job.pk, ())),
        )
    return found


def is_one_change(job_id: uuid.UUID, change: Callable[[Job], Job | None]) -> Check:
    """The act makes this change of one job, and says so; or it was refused, for which there was reason meanwhile.

    That makes two acts as if one came after the other: what has changed something comes last, and what has not, comes
    where it found what it says.
    """

    def check(done: Any, worlds: list[World], now: World) -> None:
        if done:
            assert now == {**worlds[-1], job_id: change(worlds[-1][job_id])}
        else:
            assert any(change(world[job_id]) is None for world in worlds)
            assert now == worlds[-1]

    return check


def answers(
    refusal: type[AppError | LeaseLost], function: Callable[..., Any], **named: Any
) -> Callable[[], bool]:
    """Whether the function did what it should, or refused."""

    def ask() -> bool:
        try:
            function(**named)
        except refusal:
            return False
        return True

    return ask


# How many statements a client gets on with before it is left alone.
TO_THE_END = sys.maxsize
FAR = st.sampled_from((1, 2, 3, 0, 4, 6))
Act = tuple[Callable[[], Any], Check]


@dataclass(frozen=True)
class Detail:
    """What an act needs to know, whichever it is: what is drawn must not depend on what the database chose."""

    run: int
    slots: int
    few_wait: bool
    lease_seconds: int
    ending: EventKind
    priority: int
    on_canvas: bool


DETAILS = st.builds(
    Detail,
    # Mostly the newest of the job's runs, also those that have lost their lease.
    run=st.sampled_from((-1, -1, -1, -2)),
    slots=st.integers(1, 4),
    few_wait=st.booleans(),
    # With 0 s the engine vanishes at once.
    lease_seconds=st.sampled_from((3_600, 3_600, 0)),
    ending=st.sampled_from((EventKind.FAILED, EventKind.RETRY_SCHEDULED, EventKind.SNOOZED)),
    priority=st.integers(-10, 10),
    on_canvas=st.booleans(),
)


class JobLife(RuleBasedStateMachine):
    """Two clients, each a person or an engine as it comes, in any order and in the middle of each other's acts.

    What a client does is one transaction on a connection of its own. It can be left alone before any of its statements
    and before its commit, with all locks it has by then, while the other acts, waits for it, or is left alone too.
    Whenever one has committed, rows and history must be what the model allows.
    """

    clients: tuple[Client, Client]

    @initialize()
    def people(self):
        with connection.cursor() as cursor:
            # Which claims go by age depends on it.
            cursor.execute("SELECT setval('ai_jobs_lease_token', 1)")
        self.user = make.make_user()
        self.canvas = make.make_canvas(self.user)
        for place in range(PER_USER + 2):
            make.submit(self.user, canvas=self.canvas if place % 2 else None)
        # Each world that was true, the last one now; and what each client is at, since which of them.
        self.worlds = [committed_world()]
        self.acts: dict[Client, tuple[Check, int]] = {}
        self.runs: dict[uuid.UUID, list[ClaimedJob]] = {}
        self.last_token = 0
        self.last_job = next(iter(self.worlds[-1]))

    def teardown(self):
        Client.leave(*self.clients)
        AIJob.objects.all().delete()
        Canvas.objects.all().delete()

    # --- Turns ----------------------------------------------------------------------------------------------
    @rule(
        choice=st.integers(0, 99),
        detail=DETAILS,
        number=st.integers(0, 5),
        far=FAR,
        is_rare=st.sampled_from((False, False, False, True)),
        late=st.integers(0, 1),
    )
    def begin(self, choice, detail, number, far, is_rare, late):
        """One of the two does something; mostly one is left alone, and the other does this and that to the same job."""
        actor = next((client for client in self.clients if client not in self.acts), self.clients[late])
        self.advance(actor, TO_THE_END)
        now, busy = self.worlds[-1], bool(self.acts)
        if not (busy and number):
            # Those that are completed, with which little can happen, come last.
            known = sorted(now, key=lambda job_id: now[job_id].status == Status.COMPLETED)
            self.last_job = known[number % len(known)]
        job_id = self.last_job
        acts: list[Callable[[Detail, uuid.UUID], Act | None]] = [
            self.claim, self.cancel, self.complete, self.rescue, self.hand_back, self.renew, self.end,
            self.retry, self.reprioritise, self.submit,
        ]  # fmt: skip
        sensible = {
            Status.QUEUED: [self.claim, self.claim, self.cancel, self.reprioritise],
            Status.PROCESSING: [self.rescue, self.renew] if now[job_id].has_lapsed else acts[1:7],
            Status.COMPLETED: [self.submit],
        }.get(now[job_id].status, [self.retry])
        choices = [*sensible, *sensible, *sensible, *acts]
        todo = choices[choice % len(choices)](detail, job_id)
        if todo is not None:
            act, check = todo
            self.acts[actor] = check, len(self.worlds) - 1
            actor.begin(act)
            self.advance(actor, TO_THE_END if busy != is_rare else far)

    def advance(self, actor: Client, far: int) -> None:
        other = self.clients[self.clients.index(actor) - 1]
        gone = 0
        while actor in self.acts and gone < far:
            if not actor.waits():
                self.step(actor)
                gone += 1
            elif far < TO_THE_END:
                return
            else:
                assert other in self.acts, "it waits for nobody"
                assert not other.waits(), "they wait for each other"
                self.step(other)

    def step(self, actor: Client) -> None:
        if not actor.step():
            return
        check, since = self.acts.pop(actor)
        now = committed_world()
        check(actor.answer(), self.worlds[since:], now)
        self.worlds.append(now)

    # --- Persons --------------------------------------------------------------------------------------------
    def submit(self, detail: Detail, job_id: uuid.UUID) -> Act | None:
        # With few jobs the two meet more often.
        if sum(job.status != Status.COMPLETED for job in self.worlds[-1].values()) > PER_USER:
            return None
        canvas = self.canvas if detail.on_canvas else None

        def check(job: AIJob, worlds: list[World], now: World) -> None:
            assert now == {**worlds[-1], job.pk: Job(priority=detail.priority)}

        return lambda: make.submit(self.user, canvas=canvas, priority=detail.priority), check

    def cancel(self, detail: Detail, job_id: uuid.UUID) -> Act:
        act = answers(JobCannotBeCancelled, services.cancel_job, user=self.user, job_id=job_id)
        return act, is_one_change(job_id, lambda job: job.after(EventKind.CANCELLED))

    def retry(self, detail: Detail, job_id: uuid.UUID) -> Act:
        act = answers(JobCannotBeRetried, services.retry_job, user=self.user, job_id=job_id)
        afresh = {"retries": 0, "crashes": 0, "lone_crashes": 0}
        return act, is_one_change(job_id, lambda job: job.after(EventKind.RETRIED, **afresh))

    def reprioritise(self, detail: Detail, job_id: uuid.UUID) -> Act:
        changed = {"priority": detail.priority}
        act = answers(JobNotWaiting, services.reprioritise_job, user=self.user, job_id=job_id, **changed)
        is_changed = is_one_change(job_id, lambda job: job.after(EventKind.REPRIORITISED, **changed))

        def check(done: Any, worlds: list[World], now: World) -> None:
            before = worlds[-1][job_id]
            if done and (before.status, before.priority) == (Status.QUEUED, detail.priority):
                assert now == worlds[-1]
            else:
                is_changed(done, worlds, now)

        return act, check

    # --- Engines --------------------------------------------------------------------------------------------
    def claim(self, detail: Detail, job_id: uuid.UUID) -> Act:
        worker = uuid.uuid4()

        def act() -> list[ClaimedJob]:
            return make.claim(
                detail.slots,
                worker_id=worker,
                per_user=PER_USER,
                few_wait=detail.few_wait,
                lease_seconds=detail.lease_seconds,
            )

        def check(claimed: list[ClaimedJob], worlds: list[World], now: World) -> None:
            before = worlds[-1]
            assert now == before | {
                run.row.id: before[run.row.id].after(
                    EventKind.CLAIMED,
                    token=run.held.lease_token,
                    worker=worker,
                    has_lapsed=not detail.lease_seconds,
                    attempt=before[run.row.id].attempt + 1,
                )
                for run in claimed
            }
            tokens = [run.held.lease_token for run in claimed]
            assert all(token > self.last_token for token in tokens)
            self.last_token = max([self.last_token, *tokens])
            for run in claimed:
                self.runs.setdefault(run.row.id, []).append(run)
            assert len(claimed) <= detail.slots
            assert sum(run.must_run_alone for run in claimed) <= 1
            # An engine that renews what had lapsed before anybody noticed may bring its user over the limit.
            running = sum(
                job.is_running and not any(world[job_id].has_lapsed for world in worlds if job_id in world)
                for job_id, job in before.items()
            )
            assert not claimed or len(claimed) + running <= PER_USER
            if not self.acts and len(worlds) == 1:
                waiting = sum(
                    job.status == Status.QUEUED and job.crashes < ALONE_FROM for job in before.values()
                )
                assert len(claimed) >= min(detail.slots, waiting, PER_USER - running)

        return act, check

    def write(
        self,
        detail: Detail,
        job_id: uuid.UUID,
        change: Callable[[Job], Job | None],
        act: Callable[[ClaimedJob], Any],
    ) -> Act | None:
        """A run writes, which only the one that holds the lease may do."""
        runs = self.runs.get(job_id)
        if not runs:
            return None
        run = runs[max(detail.run, -len(runs))]
        token = run.held.lease_token
        check = is_one_change(job_id, lambda job: change(job) if job.token == token else None)
        return lambda: act(run), check

    def renew(self, detail: Detail, job_id: uuid.UUID) -> Act | None:
        return self.write(
            detail,
            job_id,
            lambda job: replace(job, has_lapsed=not detail.lease_seconds),
            lambda run: lifecycle.renew_leases(held=[run.held], lease_seconds=detail.lease_seconds),
        )

    def complete(self, detail: Detail, job_id: uuid.UUID) -> Act | None:
        def act(run: ClaimedJob) -> bool:
            # Were it drawn by two runs, there would be two.
            thing = element(f"{run.row.id.hex}-{run.held.lease_token}")
            drawing = Drawing(title="", message="", elements=(thing,), usage={})
            return answers(LeaseLost, runner.record, job=run, drawing=drawing, worker_id=uuid.uuid4())()

        return self.write(detail, job_id, lambda job: job.after(EventKind.COMPLETED), act)

    def end(self, detail: Detail, job_id: uuid.UUID) -> Act | None:
        counts = detail.ending is EventKind.RETRY_SCHEDULED
        return self.write(
            detail,
            job_id,
            lambda job: job.after(detail.ending, retries=job.retries + counts),
            lambda run: make.fail(run, kind=detail.ending),
        )

    def hand_back(self, detail: Detail, job_id: uuid.UUID) -> Act | None:
        return self.write(
            detail,
            job_id,
            lambda job: job.after(EventKind.HANDED_BACK, attempt=job.attempt - 1),
            lambda run: lifecycle.hand_back_jobs(held=[run.held], worker_id=uuid.uuid4()),
        )

    def rescue(self, detail: Detail, job_id: uuid.UUID) -> Act:
        return lifecycle.rescue_jobs, self.check_rescue

    def check_rescue(self, rescued: int, worlds: list[World], now: World) -> None:
        """What somebody is writing at the moment may be left for the next time; nothing else may."""
        before = worlds[-1]
        changed = [job_id for job_id, job in before.items() if now[job_id] != job]
        assert rescued == len(changed)
        assert set(now) == set(before)

        for job_id in changed:
            job = before[job_id]
            beside = [
                [
                    other
                    for other_id, other in world.items()
                    if other.worker == job.worker and other_id != job_id
                ]
                for world in worlds
            ]
            # A renewal that came in between wins.
            assert job.has_lapsed or any(other.has_lapsed for others in beside for other in others)
            allowed = []
            for is_alone in {not others for others in beside}:
                lone_crashes = job.lone_crashes + is_alone
                is_poison = is_alone and lone_crashes >= LONE_CRASH_LIMIT
                allowed.append(
                    job.after(
                        EventKind.QUARANTINED if is_poison else EventKind.RESCUED,
                        crashes=job.crashes + 1,
                        lone_crashes=lone_crashes,
                    )
                )
            assert now[job_id] in allowed
        if not self.acts and len(worlds) == 1:
            assert not any(job.has_lapsed for job in now.values())

    # --- Always ---------------------------------------------------------------------------------------------
    @invariant()
    def rows_are_as_the_model_says_and_each_completed_job_has_drawn_once(self):
        if not hasattr(self, "worlds"):
            return
        assert committed_world() == self.worlds[-1]
        completed = sum(job.status == Status.COMPLETED for job in self.worlds[-1].values())
        assert CanvasObject.objects.count() == completed


@pytest.mark.django_db(transaction=True)
def test_no_sequence_of_events_breaks_a_job_with_two_clients_in_the_middle_of_each_others_acts():
    class OfThese(JobLife):
        clients = Client(), Client()

    try:
        run_state_machine_as_test(
            OfThese,
            settings=settings(
                max_examples=40,
                stateful_step_count=30,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        for client in OfThese.clients:
            client.close()
