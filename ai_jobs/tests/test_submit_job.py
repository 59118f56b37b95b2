"""Submitting: what is refused, what is stored, and that one key means one job."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ai_jobs import services
from ai_jobs.errors import JobsDisabled
from ai_jobs.models import AIJob
from ai_jobs.states import EventKind, Status
from ai_jobs.tests import factories as make
from ai_jobs.tests.races import at_once
from canvases import services as canvas_services
from canvases.errors import CanvasNotFound
from canvases.models import Canvas
from collabcanvas.lib.channel_layer import connect_outside_pool
from collabcanvas.lib.errors import Forbidden, InvalidInput

pytestmark = pytest.mark.django_db


def test_a_submitted_job_waits_and_its_history_begins(owner):
    job = make.submit(owner, "A -> B", priority=3, style="minimal")
    job.refresh_from_db()
    assert (job.status, job.priority, job.attempt, job.revision) == (Status.QUEUED, 3, 0, 1)
    assert job.request_data == {
        "instructions": "A -> B",
        "style": "minimal",
        "colorScheme": "default",
        "canvas_id": None,
        "use_cache": True,
    }
    (event,) = job.events.all()
    assert (event.kind, event.actor_id, event.sequence) == (EventKind.SUBMITTED, owner.pk, 1)


def test_words_are_stored_as_typed(owner):
    text = '  <b>Tom & Jerry</b>: [Start] → "End"\n'
    assert make.submit(owner, text).request_data["instructions"] == text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"instructions": ""},
        {"instructions": " \n\t "},
        {"instructions": "x" * 4_001},
        {"instructions": 7},
        {"instructions": None},
        {"instructions": "a\x00b"},
        {"instructions": "a\ud800b"},
        {"instructions": "A", "style": "baroque"},
        {"instructions": "A", "colorScheme": 1},
        {"instructions": "A", "priority": 11},
        {"instructions": "A", "priority": True},
        {"instructions": "A", "priority": "3"},
    ],
)
def test_bad_input_is_refused_with_a_sentence_and_leaves_nothing(owner, body):
    with pytest.raises(InvalidInput) as refusal:
        services.submit_job(user=owner, job_type="create_canvas", body=body)
    assert refusal.value.details
    assert str(refusal.value).endswith((".", "?"))
    assert not AIJob.objects.exists()


@pytest.mark.parametrize("body", [[], "A -> B", None])
def test_a_body_that_is_no_object_is_refused(owner, body):
    with pytest.raises(InvalidInput):
        services.submit_job(user=owner, job_type="create_canvas", body=body)


def test_an_unknown_job_type_is_refused(owner):
    with pytest.raises(InvalidInput, match="create_canvas, modify_canvas"):
        services.submit_job(user=owner, job_type="dance", body={"instructions": "A"})


def test_an_editor_may_ask_for_work_on_a_canvas(editor, canvas):
    job = make.submit(editor, canvas=canvas)
    assert job.canvas_id == canvas.pk


def test_a_viewer_may_not(viewer, canvas):
    with pytest.raises(Forbidden):
        make.submit(viewer, canvas=canvas)


def test_a_foreign_canvas_looks_like_an_unknown_one(stranger, canvas):
    with pytest.raises(CanvasNotFound):
        make.submit(stranger, canvas=canvas)
    for wrong in ("00000000-0000-4000-8000-000000000000", "nonsense"):
        with pytest.raises(CanvasNotFound):
            services.submit_job(
                user=stranger, job_type="modify_canvas", body={"instructions": "A", "canvas_id": wrong}
            )
    assert not AIJob.objects.exists()


def test_nothing_is_accepted_while_jobs_are_switched_off(owner, settings):
    settings.AI_JOBS_ENABLED = False
    with pytest.raises(JobsDisabled):
        make.submit(owner)


def with_key(user, key):
    return services.submit_job(
        user=user, job_type="create_canvas", body={"instructions": "A"}, idempotency_key=key
    )


def test_the_same_key_gives_the_same_job(owner, stranger):
    first = with_key(owner, "k")
    assert with_key(owner, "k").pk == first.pk
    assert with_key(owner, "other").pk != first.pk
    assert with_key(stranger, "k").pk != first.pk


def test_a_key_is_free_again_after_a_day(owner):
    first = with_key(owner, "k")
    AIJob.objects.update(created_at="2000-01-01T00:00:00Z")
    assert with_key(owner, "k").pk != first.pk


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_an_empty_or_endless_key_is_refused(owner, key):
    with pytest.raises(InvalidInput):
        with_key(owner, key)


@pytest.mark.django_db(transaction=True)
def test_one_key_makes_one_job_also_at_the_same_moment():
    user = make.make_user()
    for key in ("a", "b", "c"):
        jobs = at_once(*[lambda key=key: with_key(user, key).pk] * 4)
        assert len(set(jobs)) == 1
    assert AIJob.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_submitting_is_one_statement_and_with_a_canvas_one_look_at_the_right_to_it(owner, canvas):
    # A connection prepares what it asks again and again.
    make.submit(owner)
    with CaptureQueriesContext(connection) as alone:
        make.submit(owner)
    with CaptureQueriesContext(connection) as on_canvas:
        make.submit(owner, canvas=canvas)
    assert make.said(alone) == ["ai_jobs_submit"]
    assert make.said(on_canvas) == ["SELECT", "ai_jobs_submit"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["alone", "with a key", "batch"])
def test_a_canvas_that_is_being_deleted_is_not_found(owner, canvas, way):
    client = Client()
    client.force_login(owner)
    ask = {"job_type": "modify_canvas", "instructions": "A -> B", "canvas_id": str(canvas.pk)}
    path, body = ("/api/jobs/batch", {"jobs": [ask, ask]}) if way == "batch" else ("/api/jobs", ask)
    key = {"Idempotency-Key": "k"} if way == "with a key" else {}
    deleted, may_commit = threading.Event(), threading.Event()

    def delete():
        with transaction.atomic():
            canvas_services.delete_canvas(user=owner, canvas_id=canvas.pk)
            deleted.set()
            assert may_commit.wait(60)
        connection.close()

    def submit():
        assert deleted.wait(60)
        try:
            return client.post(path, body, content_type="application/json", headers=key)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        deleting, submitting = threads.submit(delete), threads.submit(submit)
        try:
            make.wait_until_blocked()
        finally:
            may_commit.set()
        deleting.result(timeout=60)
        answer = submitting.result(timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (404, CanvasNotFound.code)
    assert not AIJob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_job_that_comes_while_its_canvas_is_being_deleted_does_not_stop_that(owner, canvas):
    def delete():
        canvas_services.delete_canvas(user=owner, canvas_id=canvas.pk)
        connection.close()

    obstacle = connect_outside_pool(application_name="test obstacle")
    obstacle.autocommit = False
    with closing(obstacle), ThreadPoolExecutor(1) as threads:
        with obstacle, obstacle.cursor() as cursor:
            # As a submission does until its commit; the deletion waits for it.
            cursor.execute("SELECT 1 FROM canvases_canvas WHERE id = %s FOR KEY SHARE", [str(canvas.pk)])
            deleting = threads.submit(delete)
            make.wait_until_blocked()
            job = make.submit(owner, canvas=canvas)
        deleting.result(timeout=60)
    job.refresh_from_db()
    assert job.canvas_id is None
    assert not Canvas.objects.exists()


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "dancing"},
        {"status": "processing"},
        {"status": "completed"},
        {"priority": 11},
        {"progress": 101},
        {"lease_token": 1},
    ],
)
def test_the_database_itself_refuses_an_impossible_row(owner, broken):
    job = make.submit(owner)
    with pytest.raises(IntegrityError), transaction.atomic():
        AIJob.objects.filter(pk=job.pk).update(**broken)
