"""The last step of a run: what it meets in the database, and what its errors mean."""

import asyncio
import contextlib
import itertools
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from fractional_indexing import generate_n_keys_between
from psycopg2.errors import DeadlockDetected

from ai_jobs import lifecycle, runner, services
from ai_jobs.engine.database import DatabaseThreads
from ai_jobs.engine.engine import _HANDLER_THREADS, Engine, EngineConfig
from ai_jobs.errors import AccountSwitchedOff, JobCannotBeRetried
from ai_jobs.handlers.base import Drawing
from ai_jobs.handlers.drawing import draw_request
from ai_jobs.lifecycle import LeaseLost
from ai_jobs.models import AIJob, TokenUse, Worker
from ai_jobs.planning.errors import NotUnderstood
from ai_jobs.providers.base import Usage
from ai_jobs.providers.llm.errors import RateLimited
from ai_jobs.states import EventKind, Status
from ai_jobs.tests import factories as make
from ai_jobs.usage import record_usage
from canvases import services as canvas_services
from canvases.elements.quality import box_of, find_problems
from canvases.elements.validate import parse_element
from canvases.errors import CanvasNotFound
from canvases.layout.geometry import bounds
from canvases.models import Canvas, CanvasObject
from canvases.operations import PutObject
from canvases.tests.factories import element
from collabcanvas.lib.channel_layer import connect_outside_pool
from tests.running import wait_until

CONFIG = EngineConfig(
    slots=10,
    per_user=10,
    poll_seconds=0.05,
    job_timeout_seconds=30,
    lease_seconds=15,
    heartbeat_seconds=5,
    drain_seconds=0,
    version="1",
)


@pytest.mark.django_db
def test_a_database_that_was_away_costs_the_job_nothing(owner):
    claimed = make.claim_one(make.submit(owner))
    outcome = runner.outcome_of(OperationalError("terminating connection"), claimed)
    lifecycle.end_runs(kind=outcome.kind, failures={claimed.held: outcome.failure}, worker_id=uuid.uuid4())
    job = AIJob.objects.get(pk=claimed.row.id)
    assert outcome.kind is EventKind.SNOOZED
    assert (job.status, job.retry_count) == (Status.QUEUED, 0)


@pytest.mark.django_db
def test_a_job_whose_database_is_away_each_time_does_not_try_for_ever(owner):
    claimed = make.claim_one(make.submit(owner))
    kinds = [
        runner.outcome_of(
            OperationalError("out of memory"),
            replace(claimed, row=claimed.row._replace(retry_count=retries), times_away=times),
        ).kind
        for times, retries in ((8, 0), (9, 0), (9, 3))
    ]
    assert kinds == [EventKind.SNOOZED, EventKind.RETRY_SCHEDULED, EventKind.FAILED]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("waited_for", "then"),
    [("rate_limited", EventKind.SNOOZED), ("database_away", EventKind.RETRY_SCHEDULED)],
)
def test_waiting_for_the_provider_is_not_taken_for_a_database_that_is_away(owner, waited_for, then):
    job = make.submit(owner)
    for _ in range(10):
        make.fail(make.claim_one(job), kind=EventKind.SNOOZED, code=waited_for)
    outcome = runner.outcome_of(OperationalError("terminating connection"), make.claim_one(job))
    assert outcome.kind is then


@pytest.mark.django_db
def test_a_provider_that_asks_to_wait_for_ever_is_waited_for_a_day(owner):
    claimed = make.claim_one(make.submit(owner))
    limited = RateLimited(retry_after=3000)
    outcomes = [
        runner.outcome_of(
            limited, replace(claimed, waited_seconds=waited, row=claimed.row._replace(retry_count=retries))
        )
        for waited, retries in ((86_000, 0), (86_400, 0), (90_000, 3))
    ]
    assert [outcome.kind for outcome in outcomes] == [
        EventKind.SNOOZED,
        EventKind.RETRY_SCHEDULED,
        EventKind.FAILED,
    ]
    assert [outcome.failure.delay_seconds for outcome in outcomes] == [3000, 3000, 0]


@pytest.mark.django_db
def test_many_retries_wait_a_day_each_and_no_longer(owner):
    claimed = make.claim_one(make.submit(owner))
    late = replace(claimed, row=claimed.row._replace(retry_count=99, max_retries=100))
    outcome = runner.outcome_of(TimeoutError(), late)
    assert 0.8 * 86_400 <= outcome.failure.delay_seconds <= 1.2 * 86_400
    assert lifecycle.end_runs(
        kind=outcome.kind, failures={claimed.held: outcome.failure}, worker_id=uuid.uuid4()
    )


@pytest.mark.django_db(transaction=True)
def test_counts_that_cannot_be_shared_cost_no_lease(owner):
    """As with a worker that is ahead of its database: the table of the counts is not there yet."""
    begun, may_end = threading.Event(), threading.Event()

    async def takes_its_time(request, report):
        begun.set()
        await asyncio.to_thread(may_end.wait, 60)
        return Drawing(title="", message="Done.", elements=(), usage={})

    job = make.submit(owner)
    rename = "ALTER TABLE {} RENAME TO {}".format
    with connection.cursor() as cursor:
        cursor.execute(rename("kernel_sharedcount", "kernel_hidden"))
    try:
        engine = Engine(
            config=replace(CONFIG, heartbeat_seconds=0.2, drain_seconds=60),
            handlers={"create_canvas": takes_its_time},
        )
        engine.start()
        leases = set()

        def is_renewed_often():
            leases.add(AIJob.objects.get(pk=job.pk).lease_expires_at)
            return len(leases) > 4

        try:
            assert begun.wait(60)
            wait_until(is_renewed_often, "its lease is renewed again and again")
        finally:
            may_end.set()
            engine.stop()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(rename("kernel_hidden", "kernel_sharedcount"))
    job.refresh_from_db()
    assert (job.status, job.attempt) == (Status.COMPLETED, 1)


@pytest.mark.django_db(transaction=True)
def test_an_engine_whose_heartbeats_do_not_get_through_claims_nothing(owner):
    """Nobody would renew the lease: the job is for others, or for later."""

    async def does_nothing(request, report):
        return Drawing(title="", message="Done.", elements=(), usage={})

    engine = Engine(
        # Not shorter: an engine that cannot write for four leases ends its process, and that is the tests' own.
        config=replace(CONFIG, lease_seconds=4, heartbeat_seconds=0.2, drain_seconds=5),
        handlers={"create_canvas": does_nothing},
    )
    obstacle = connect_outside_pool(application_name="test obstacle")
    engine.start()
    try:
        wait_until(Worker.objects.exists, "its first heartbeat")
        obstacle.autocommit = False
        with obstacle, obstacle.cursor() as cursor:
            cursor.execute("LOCK TABLE ai_jobs_worker IN ACCESS EXCLUSIVE MODE")
            last = time.monotonic()
            wait_until(lambda: time.monotonic() - last > 2.3, "half a lease and more is over")
            job = make.submit(owner)
            # It looks at the queue every 0.05 s.
            wait_until(lambda: time.monotonic() - last > 3.0, "looks enough")
            job.refresh_from_db()
            assert (job.status, job.attempt) == (Status.QUEUED, 0)
        wait_until(lambda: AIJob.objects.get(pk=job.pk).status == Status.COMPLETED, "it runs after all")
    finally:
        obstacle.close()
        engine.stop()


@pytest.mark.django_db(transaction=True)
def test_a_canvas_can_be_deleted_while_a_job_is_drawing_on_it(owner, canvas):
    claimed = make.claim_one(make.submit(owner, canvas=canvas))
    drawing = Drawing(title="", message="", elements=(element("a"),), usage={})
    locked, may_delete = threading.Event(), threading.Event()

    def delete():
        with transaction.atomic():
            Canvas.objects.select_for_update(no_key=True).get(pk=canvas.pk)
            locked.set()
            may_delete.wait(60)
            canvas_services.delete_canvas(user=owner, canvas_id=canvas.pk)
        connection.close()

    def record():
        locked.wait(60)
        try:
            runner.record(claimed, drawing, uuid.uuid4())
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        deleting, recording = threads.submit(delete), threads.submit(record)
        make.wait_until_blocked()
        may_delete.set()
        deleting.result(timeout=60)
        with pytest.raises((CanvasNotFound, LeaseLost)):
            recording.result(timeout=60)
    assert not Canvas.objects.filter(pk=canvas.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_deleting_a_canvas_fails_no_ending_of_those_that_are_written_together(owner, canvas):
    begun, may_end, together = threading.Semaphore(0), threading.Event(), asyncio.Barrier(2)

    async def changes_nothing(request, report):
        begun.release()
        await asyncio.to_thread(may_end.wait, 60)
        await together.wait()
        return Drawing(title="", message="It is that way already.", elements=(), usage={})

    make.submit(owner, canvas=canvas)
    make.submit(owner)
    engine = Engine(
        config=CONFIG, handlers={"modify_canvas": changes_nothing, "create_canvas": changes_nothing}
    )
    engine.start()
    try:
        for _ in range(2):
            assert begun.acquire(timeout=60)
        canvas_services.delete_canvas(user=owner, canvas_id=canvas.pk)
        may_end.set()
        wait_until(lambda: AIJob.objects.filter(status=Status.COMPLETED).count() == 2, "both are completed")
    finally:
        may_end.set()
        engine.stop()
    assert {job.canvas_id for job in AIJob.objects.all()} == {None}
    assert {job.crash_count for job in AIJob.objects.all()} == {0}


@pytest.mark.django_db(transaction=True)
def test_a_canvas_can_be_deleted_although_its_jobs_are_written_in_another_order(owner, canvas):
    """As by a heartbeat that has renewed one lease while the deletion waits for it, and wants those before it."""
    for _ in range(3):
        make.submit(owner, canvas=canvas)
    lock = "SELECT 1 FROM ai_jobs_aijob WHERE id = ANY(%s::uuid[]) FOR NO KEY UPDATE"
    # In whatever order it goes, it has locked another one before that in the middle.
    first, middle, last = (str(job.pk) for job in AIJob.objects.order_by("created_at"))

    def delete():
        try:
            canvas_services.delete_canvas(user=owner, canvas_id=canvas.pk)
        finally:
            connection.close()

    obstacle = connect_outside_pool(application_name="test obstacle")
    obstacle.autocommit = False
    try:
        with ThreadPoolExecutor(1) as thread, obstacle.cursor() as cursor:
            cursor.execute(lock, [[middle]])
            deleting = thread.submit(delete)
            make.wait_until_blocked()
            # The server ends one of the two, mostly the one that has waited for longer.
            with contextlib.suppress(DeadlockDetected):
                cursor.execute(lock, [[first, last]])
            obstacle.rollback()
            deleting.result(timeout=60)
    finally:
        obstacle.close()
    assert not Canvas.objects.exists()
    assert AIJob.objects.filter(canvas=None).count() == 3


async def no_report(**_):
    pass


def drawn_by(claimed, handler):
    """What a run of this job comes to with this handler."""
    in_database = DatabaseThreads(threads=1, name="test")
    try:
        return asyncio.run(
            runner.draw(claimed, handler=handler, report=no_report, usage=Usage(), in_database=in_database)
        )
    finally:
        in_database.close()


@pytest.mark.django_db(transaction=True)
def test_who_may_no_longer_draw_on_a_canvas_shows_no_previews_there_either(owner, editor, canvas):
    shown = []

    async def is_taken_off_the_canvas(request, report):
        shown.append(await request.preview([element("a")]))
        await asyncio.to_thread(remove)
        shown.append(await request.preview([element("a")]))
        return Drawing(title="", message="", elements=(element("a"),), usage={})

    def remove():
        canvas_services.remove_member(user=owner, canvas_id=canvas.pk, member_id=editor.pk)
        connection.close()

    claimed = make.claim_one(make.submit(editor, canvas=canvas))
    drawing = drawn_by(claimed, is_taken_off_the_canvas)
    assert shown == [True, False]
    with pytest.raises(CanvasNotFound):
        runner.record(claimed, drawing, uuid.uuid4())


@pytest.mark.django_db
def test_a_job_of_an_account_that_was_switched_off_makes_no_canvas(owner):
    claimed = make.claim_one(make.submit(owner))
    User.objects.filter(pk=owner.pk).update(is_active=False)
    with pytest.raises(AccountSwitchedOff) as refused:
        runner.record(
            claimed, Drawing(title="", message="", elements=(element("a"),), usage={}), uuid.uuid4()
        )
    assert not Canvas.objects.exists()
    outcome = runner.outcome_of(refused.value, claimed)
    assert (outcome.kind, outcome.failure.code) == (EventKind.FAILED, "account_switched_off")


@pytest.mark.django_db(transaction=True)
def test_no_model_is_asked_for_an_account_that_was_switched_off(owner, settings):
    async def asks_the_model(request, report):
        raise AssertionError("It was asked.")

    settings.AI_VENDOR, settings.AI_MODEL_SHARE = "openai", 100
    claimed = make.claim_one(make.submit(owner))
    User.objects.filter(pk=owner.pk).update(is_active=False)
    with pytest.raises(AccountSwitchedOff):
        drawn_by(claimed, asks_the_model)


REFUSE_ONE_ENDING = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE foreign_key_violation; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON ai_jobs_aijob DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.result_data ->> 'title' = 'refused') EXECUTE FUNCTION refuse()
"""


@pytest.mark.django_db(transaction=True)
def test_an_ending_that_breaks_a_constraint_at_the_commit_fails_its_job_alone(owner):
    together = asyncio.Barrier(2)

    async def changes_nothing(request, report):
        await together.wait()
        return Drawing(title=request.instructions, message="", elements=(), usage={})

    refused, stored = make.submit(owner, "refused"), make.submit(owner, "stored")
    with connection.cursor() as cursor:
        cursor.execute(REFUSE_ONE_ENDING)
    engine = Engine(config=CONFIG, handlers={"create_canvas": changes_nothing})
    engine.start()
    try:
        wait_until(lambda: AIJob.objects.filter(completed_at__isnull=False).count() == 2, "both are over")
    finally:
        engine.stop()
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER refuse ON ai_jobs_aijob; DROP FUNCTION refuse")
    for job in (refused, stored):
        job.refresh_from_db()
    assert (stored.status, refused.status) == (Status.COMPLETED, Status.FAILED)


async def _draws_a_box(request, report):
    return Drawing(title="", message="", elements=(element(f"n{request.job_id.hex}"),), usage={})


@contextlib.contextmanager
def locked(*canvases):
    """Somebody else holds the rows of these canvases."""
    holder = connect_outside_pool(application_name="test holder")
    holder.autocommit = False
    with contextlib.closing(holder), holder, holder.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM canvases_canvas WHERE id = ANY(%s::uuid[]) FOR NO KEY UPDATE",
            [[str(canvas.pk) for canvas in canvases]],
        )
        yield


@pytest.mark.django_db(transaction=True)
def test_canvases_that_are_locked_for_long_keep_no_other_job_waiting(owner, editor):
    """More of them than the engine has threads; the jobs draw as soon as they can."""
    canvases = [make.make_canvas(owner) for _ in range(3)]
    waiting = [make.submit(owner, canvas=canvas) for canvas in canvases for _ in range(2)]
    engine = Engine(
        config=replace(CONFIG, drain_seconds=60),
        handlers={"create_canvas": _draws_a_box, "modify_canvas": _draws_a_box},
    )

    def are_over(jobs):
        return all(job.is_over for job in AIJob.objects.filter(pk__in=[job.pk for job in jobs]))

    engine.start()
    try:
        with locked(*canvases):
            make.wait_until_blocked()
            others = [make.submit(editor), make.submit(owner, canvas=make.make_canvas(owner))]
            wait_until(lambda: are_over(others), "the others end")
            assert not are_over(waiting[:1])
        wait_until(lambda: are_over(waiting), "all end")
    finally:
        engine.stop()
    ended = AIJob.objects.filter(pk__in=[job.pk for job in waiting + others])
    assert {(job.status, job.attempt) for job in ended} == {(Status.COMPLETED, 1)}


@pytest.mark.django_db(transaction=True)
def test_jobs_on_a_locked_canvas_wait_in_one_thread_and_are_handed_back_by_an_engine_that_stops(
    owner, canvas
):
    drawn = []

    async def draws(request, report):
        drawn.append(request.job_id)
        return await _draws_a_box(request, report)

    waiting = [make.submit(owner, canvas=canvas) for _ in range(5)]
    engine = Engine(config=CONFIG, handlers={"modify_canvas": draws})
    with ThreadPoolExecutor(1) as thread, locked(canvas):
        engine.start()
        try:
            wait_until(lambda: len(drawn) == len(waiting), "all have drawn")
            make.wait_until_blocked()
            until = time.monotonic() + 1.5
            counts = [make.blocked()]
            while time.monotonic() < until:
                counts.append(make.blocked())
            assert max(counts) == 1
        finally:
            thread.submit(engine.stop).result(timeout=60)
        for job in waiting:
            job.refresh_from_db()
        assert {job.status for job in waiting} == {Status.QUEUED}
    assert not CanvasObject.objects.filter(canvas=canvas).exists()


LOSE_THE_FIRST_COMMIT = """
CREATE SEQUENCE commits;
CREATE FUNCTION lose_the_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('commits') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER lose AFTER INSERT OR UPDATE ON ai_jobs_tokenuse DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION lose_the_first()
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("was_committed", [True, False])
def test_what_a_model_used_counts_once_when_the_connection_is_lost_at_the_commit(owner, was_committed):
    claimed = make.claim_one(make.submit(owner))
    cost = Decimal("0.5")
    used = Usage(model="m", requests=1, input_tokens=100, output_tokens=20, cost_usd=cost)
    tries = []

    def record():
        tries.append(used)
        record_usage(claimed.row.id, owner.pk, used)
        if was_committed and len(tries) == 1:
            # What this raises, right after the commit, is what a commit raises whose answer is lost.
            transaction.on_commit(lose_connection)

    def lose_connection():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    def counted():
        job, day = AIJob.objects.get(pk=claimed.row.id), TokenUse.objects.get(user=owner)
        return (
            (job.model_requests, job.input_tokens, job.output_tokens, job.cost_usd),
            (day.requests, day.input_tokens, day.output_tokens, day.cost_usd),
        )

    threads = DatabaseThreads(threads=1, name="test")
    with connection.cursor() as cursor:
        if not was_committed:
            cursor.execute(LOSE_THE_FIRST_COMMIT)
        try:
            asyncio.run(threads.once(record))
            assert len(tries) == (1 if was_committed else 2)
            assert counted() == ((1, 100, 20, cost),) * 2
            # Another run of the job uses as much.
            asyncio.run(threads.once(record))
            assert counted() == ((2, 200, 40, 2 * cost),) * 2
        finally:
            threads.close()
            cursor.execute("DROP FUNCTION IF EXISTS lose_the_first CASCADE; DROP SEQUENCE IF EXISTS commits")


@pytest.mark.django_db
def test_a_run_that_lost_its_lease_leaves_no_canvas_of_its_own(owner):
    claimed = make.claim_one(make.submit(owner))
    lifecycle.cancel_job(job_id=claimed.row.id, actor_id=owner.pk)
    with pytest.raises(LeaseLost):
        runner.record(
            claimed, Drawing(title="", message="", elements=(element("a"),), usage={}), uuid.uuid4()
        )
    assert not Canvas.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_completing_a_batch_is_one_statement_and_telling_of_it_another(owner):
    for _ in range(20):
        make.submit(owner)
    claimed = make.claim(20)
    results = {job.held: make.result() for job in claimed}
    with CaptureQueriesContext(connection) as seen:
        assert len(lifecycle.complete_jobs(results=results, worker_id=uuid.uuid4())) == 20
    assert make.said(seen) == ["BEGIN", "WITH", "SELECT", "COMMIT"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("objects", [1, 30])
def test_a_drawing_of_any_size_is_six_statements_on_a_new_canvas_and_sixteen_on_one_that_exists(
    owner, canvas, objects
):
    drawing = Drawing(
        title="Plan",
        message="Done.",
        elements=tuple(element(index, index=index) for index in generate_n_keys_between(None, None, objects)),
        usage={},
    )
    # A connection prepares what it asks again and again.
    for where in (None, make.make_canvas(owner)):
        runner.record(make.claim_one(make.submit(owner, canvas=where)), drawing, uuid.uuid4())
    new = make.claim_one(make.submit(owner))
    with CaptureQueriesContext(connection) as seen:
        runner.record(new, drawing, uuid.uuid4())
    # What is drawn, what ended, who hears of it, and how to take it back.
    assert make.said(seen) == [
        *("BEGIN", "canvases_write_on_new", "WITH", "SELECT", "ai_jobs_remember_changes", "COMMIT")
    ]

    on_canvas = make.claim_one(make.submit(owner, canvas=canvas))
    with CaptureQueriesContext(connection) as seen:
        runner.record(on_canvas, drawing, uuid.uuid4())
    assert len(seen) == 16


@pytest.mark.django_db
def test_a_retry_after_a_run_that_failed_draws_and_is_undone_like_any_other(owner, canvas):
    job = make.submit(owner, canvas=canvas)
    assert make.fail(make.claim_one(job))
    services.retry_job(user=owner, job_id=job.pk)
    again = make.claim_one(job)
    assert again.row.attempt == 2
    runner.record(
        again, Drawing(title="", message="", elements=(element("a"), element("b")), usage={}), uuid.uuid4()
    )
    assert sorted(job.changes.values_list("object_id", flat=True)) == ["a", "b"]
    assert sorted(services.undo_job(user=owner, job_id=job.pk).changed) == ["a", "b"]
    assert not CanvasObject.objects.filter(canvas=canvas).live().exists()
    # What was drawn once is never drawn again by the same job: nothing leads out of completed.
    with pytest.raises(JobCannotBeRetried):
        services.retry_job(user=owner, job_id=job.pk)


@pytest.mark.django_db(transaction=True)
def test_an_engine_whose_handlers_hold_all_threads_opens_a_lost_line_and_claims(owner):
    leave = threading.Event()
    inside = threading.Semaphore(0)

    def stay():
        inside.release()
        leave.wait(60)

    async def holds_a_thread(request, report):
        await asyncio.to_thread(stay)
        return Drawing(title="", message="Done.", elements=(), usage={})

    async def does_nothing(request, report):
        return Drawing(title="", message="Done.", elements=(), usage={})

    make.submit_many(owner, _HANDLER_THREADS)
    AIJob.objects.update(job_type="holds_a_thread")
    engine = Engine(
        config=replace(CONFIG, slots=40, per_user=40, drain_seconds=5),
        handlers={"holds_a_thread": holds_a_thread, "create_canvas": does_nothing},
    )
    engine.start()
    try:
        for _ in range(_HANDLER_THREADS):
            assert inside.acquire(timeout=60)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
                " WHERE application_name = 'collabcanvas engine' AND datname = current_database()"
            )
            assert cursor.fetchone()[0] == 1
        job = make.submit(owner)
        wait_until(lambda: AIJob.objects.get(pk=job.pk).status == Status.COMPLETED, "it claims again")
        assert AIJob.objects.filter(status=Status.PROCESSING).count() == _HANDLER_THREADS
    finally:
        leave.set()
        engine.stop()


@pytest.mark.django_db(transaction=True)
def test_an_ending_that_cannot_be_written_keeps_no_other_from_being_written(owner):
    together = asyncio.Barrier(2)

    async def cannot_be_stored(request, report):
        await together.wait()
        return Drawing(title="\x00", message="", elements=(), usage={})

    async def fails(request, report):
        await together.wait()
        raise NotUnderstood

    make.submit(owner)
    other = make.submit(owner)
    AIJob.objects.filter(pk=other.pk).update(job_type="fails")
    AIJob.objects.exclude(pk=other.pk).update(job_type="cannot_be_stored")
    engine = Engine(config=CONFIG, handlers={"cannot_be_stored": cannot_be_stored, "fails": fails})
    engine.start()
    try:
        wait_until(
            lambda: AIJob.objects.get(pk=other.pk).status == Status.FAILED, "the other one's is written"
        )
    finally:
        engine.stop()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("title", "instructions", "called"),
    [
        ("Sign-up", "draw the sign-up flow", "Sign-up"),
        ("", "\n  a  red star\nand more", "a red star"),
        ("", "word " * 30, "word word word word word word word word word word word …"),
        ("", "x" * 100, "x" * 60),
        ("", "…", "…"),
    ],
)
def test_a_new_canvas_is_called_as_its_drawing_or_as_its_request_begins(owner, title, instructions, called):
    claimed = make.claim_one(make.submit(owner, instructions))
    runner.record(claimed, Drawing(title=title, message="", elements=(element("a"),), usage={}), uuid.uuid4())
    assert Canvas.objects.get(ai_jobs=claimed.row.id).title == called


async def _nobody_watches(**_):
    return None


def _drawn_now(job):
    """What the job's handler makes of the canvas as it is at this moment; nothing is stored yet."""
    return asyncio.run(draw_request(runner._request_for(job, Usage()), _nobody_watches))


@pytest.mark.django_db
@pytest.mark.parametrize("instructions", ["A -> B -> C", "Timeline: 2020: Founded, 2022: Launch, 2024: Sold"])
def test_drawings_made_at_the_same_time_do_not_cover_each_other_or_what_was_drawn_by_hand(
    owner, canvas, instructions
):
    runs = [make.claim_one(make.submit(owner, canvas=canvas, instructions=instructions)) for _ in range(3)]
    drawings = [_drawn_now(run) for run in runs]
    by_hand = element("mine", x=140, y=55, width=120, height=80)
    canvas_services.apply_operations(
        canvas_id=canvas.pk,
        operations=[PutObject(parse_element(by_hand))],
        actor=canvas_services.Actor(user_id=owner.pk, name="Ada"),
    )
    for run, drawing in zip(runs, drawings, strict=True):
        runner.record(run, drawing, uuid.uuid4())

    rows = list(CanvasObject.objects.filter(canvas=canvas).live().bottom_to_top())
    blocks = [
        bounds(box_of(row.properties) for row in rows if row.created_by_job_id == run.row.id) for run in runs
    ]
    blocks.append(box_of(by_hand))
    assert all(block.width > 100 for block in blocks)
    assert not any(one.overlaps(other) for one, other in itertools.combinations(blocks, 2))
    assert find_problems([row.properties for row in rows]) == []
    assert len({row.index for row in rows}) == len(rows)


@pytest.mark.django_db
def test_a_drawing_stays_where_it_was_shown_when_nothing_came_in_its_way(owner, canvas):
    run = make.claim_one(make.submit(owner, canvas=canvas, instructions="A -> B"))
    drawing = _drawn_now(run)
    canvas_services.apply_operations(
        canvas_id=canvas.pk,
        operations=[PutObject(parse_element(element("far", x=5_000, y=5_000)))],
        actor=canvas_services.Actor(user_id=owner.pk, name="Ada"),
    )
    runner.record(run, drawing, uuid.uuid4())
    live = {row.object_id: row.properties for row in CanvasObject.objects.filter(canvas=canvas).live()}
    assert {e["id"]: (e["x"], e["y"]) for e in drawing.elements} == {
        name: (e["x"], e["y"]) for name, e in live.items() if name != "far"
    }
