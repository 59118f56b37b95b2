"""The admin of jobs and workers: what operators see, and that every action goes through the services."""

import re
import uuid

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ai_jobs import lifecycle
from ai_jobs.models import AIJob, AIJobEvent, Worker
from ai_jobs.states import EventKind, Status
from ai_jobs.tests import factories as make
from canvases.models import Membership
from canvases.roles import Role

pytestmark = pytest.mark.django_db

LIST = "/admin/ai_jobs/aijob/"


def page_of(job: AIJob) -> str:
    return f"{LIST}{job.pk}/change/"


@pytest.fixture
def admin(client, operator):
    client.force_login(operator)
    return client


def text_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def act(client, action, *jobs):
    answer = client.post(
        LIST, {"action": action, "_selected_action": [str(job.pk) for job in jobs]}, follow=True
    )
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


def job_in(owner, status, **body):
    job = make.submit(owner, **body)
    match status:
        case Status.PROCESSING:
            make.claim_one(job)
        case Status.COMPLETED:
            make.complete(make.claim_one(job))
        case Status.FAILED:
            make.fail(make.claim_one(job))
        case Status.CANCELLED:
            lifecycle.cancel_job(job_id=job.pk, actor_id=owner.pk)
    job.refresh_from_db()
    return job


def test_the_list_shows_jobs_in_every_status(admin, owner):
    jobs = [job_in(owner, status) for status in (*sorted(set(Status) - {Status.QUEUED}), Status.QUEUED)]
    page = text_of(admin.get(LIST))
    for job in jobs:
        assert str(job.pk)[:8] in page
        assert f">{job.status}</span>" in page


def test_the_list_shows_the_beginning_of_the_instructions_as_text(admin, owner):
    make.submit(owner, "<script>alert(1)</script> Tom & Jerry " + "x" * 200)
    page = text_of(admin.get(LIST))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Tom &amp; Jerry" in page
    assert "<script>alert(1)" not in page
    assert "x" * 60 not in page


def test_the_list_reads_no_results_and_a_fixed_number_of_statements(admin, owner):
    def statements():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            text_of(admin.get(LIST))
        return [query["sql"] for query in seen.captured_queries]

    job_in(owner, Status.COMPLETED)
    before = statements()
    for _ in range(10):
        job_in(owner, Status.COMPLETED)
    after = statements()
    assert len(after) == len(before)
    assert not any("result_data" in sql for sql in after)


def test_the_list_never_counts_the_whole_table(admin, owner):
    make.submit(owner)
    with CaptureQueriesContext(connection) as seen:
        text_of(admin.get(LIST))
    counts = [query["sql"] for query in seen.captured_queries if "COUNT(" in query["sql"]]
    assert all("LIMIT" in sql for sql in counts)


@pytest.mark.parametrize(
    "query",
    [
        {"status__exact": "failed"},
        {"job_type": "create_canvas"},
        {"day": "2020-01-01"},
        {"q": "nothing has this"},
        {"q": "100% _ ' \" \\"},
        {"q": "x" * 5_000},
        {"p": "99999"},
        {"o": "3.-7"},
    ],
)
def test_filters_search_and_order_answer(admin, owner, query):
    job_in(owner, Status.FAILED)
    answer = admin.get(LIST, query, follow=True)
    assert answer.status_code == 200


def found(admin, words):
    return set(admin.get(LIST, {"q": words}).context["cl"].result_list.values_list("pk", flat=True))


def test_search_finds_by_id_user_words_and_error(admin, owner, stranger):
    mine = job_in(owner, Status.FAILED, instructions="Sign up -> Verify")
    make.submit(stranger, "Something else")
    for words in (str(mine.pk), str(mine.pk)[:8], "owner", "verify SIGN", "provider_error", "did not answer"):
        assert found(admin, words) == {mine.pk}, words
    assert found(admin, "sign else") == set()


def test_filters_narrow_the_list(admin, owner):
    failed = job_in(owner, Status.FAILED)
    job_in(owner, Status.COMPLETED)
    rows = admin.get(LIST, {"status__exact": "failed"}).context["cl"].result_list
    assert [job.pk for job in rows] == [failed.pk]


def test_a_page_shows_request_result_and_history_and_changes_nothing(admin, owner, canvas):
    job = make.submit(owner, "A <b> & C", canvas=canvas, style="minimal")
    make.complete(make.claim_one(job), canvas=canvas)
    page = text_of(admin.get(page_of(job)))
    for expected in ("A &lt;b&gt; &amp; C", "minimal", "A drawing", "Drew it.", "2 objects"):
        assert expected in page
    for kind in (EventKind.SUBMITTED, EventKind.CLAIMED, EventKind.COMPLETED):
        assert f"<b>{kind}</b>" in page
    assert "_save" not in page
    assert admin.post(page_of(job), {"status": "failed"}).status_code == 403
    job.refresh_from_db()
    assert job.status == Status.COMPLETED


def test_a_page_says_how_well_the_drawing_can_be_read(admin, owner):
    claimed = make.claim_one(make.submit(owner))
    quality = {"score": 76, "problems": ["overlap", "low_contrast"], "crossings": 2}
    result = make.result(None) | {"usage": {"provider": "sketcher", "quality": quality}}
    lifecycle.complete_jobs(results={claimed.held: result}, worker_id=uuid.uuid4())
    page = text_of(admin.get(f"{LIST}{claimed.row.id}/change/"))
    assert "Quality 76 of 100: 1 low contrast, 1 overlap, arrows cross 2 times" in page


@pytest.mark.parametrize("status", list(Status))
def test_a_page_opens_in_every_status(admin, owner, status):
    assert text_of(admin.get(page_of(job_in(owner, status))))


def test_a_page_tells_every_attempt_with_its_error(admin, owner):
    job = make.submit(owner)
    make.fail(make.claim_one(job), kind=EventKind.RETRY_SCHEDULED, code="rate_limited")
    make.complete(make.claim_one(job))
    story = admin.get(page_of(job)).context["story"]
    assert [(attempt.number, attempt.outcome, attempt.code) for attempt in story["attempts"]] == [
        (1, "retry_scheduled", "rate_limited"),
        (2, "completed", ""),
    ]
    assert story["attempts"][0].error == "The model did not answer."
    assert [line["kind"] for line in story["timeline"]] == make.kinds(job)


def test_the_inside_of_a_page_is_told_anew_until_the_job_is_over(admin, owner):
    job = make.submit(owner)
    assert f'data-live="{LIST}live/job/{job.pk}/"' in text_of(admin.get(page_of(job)))
    first = admin.get(f"{LIST}live/job/{job.pk}/")
    assert (first["X-Live"], "ops-queued" in text_of(first)) == ("on", True)
    make.complete(make.claim_one(job))
    last = admin.get(f"{LIST}live/job/{job.pk}/")
    assert (last["X-Live"], "ops-completed" in text_of(last)) == ("over", True)
    assert "data-live" not in text_of(admin.get(page_of(job)))


def test_what_people_and_models_wrote_stays_text(admin, owner):
    owner.username = "<script>u</script>"
    owner.save()
    job = make.submit(owner, "<script>i</script>")
    claimed = make.claim_one(job)
    failure = lifecycle.Failure("<script>c</script>", "<script>m</script>")
    lifecycle.end_runs(kind=EventKind.FAILED, failures={claimed.held: failure}, worker_id=uuid.uuid4())
    for address in (page_of(job), LIST, "/admin/", f"{LIST}{job.pk}/act/retry/"):
        page = text_of(admin.get(address))
        for letter in "uicm":
            assert f"<script>{letter}" not in page, address


def test_an_unknown_or_malformed_id_is_no_crash(admin):
    for wrong in (uuid.uuid4(), "nonsense"):
        assert admin.get(f"{LIST}{wrong}/change/", follow=True).status_code == 200


def test_no_job_can_be_added(admin):
    assert admin.get(f"{LIST}add/").status_code == 403


def act_on(client, job, name, **given):
    """Asked first, then done; returns what the person is told."""
    address = f"{LIST}{job.pk}/act/{name}/"
    assert "Leave it as it is" in text_of(client.get(address))
    answer = client.post(address, given, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.parametrize("status", [Status.QUEUED, Status.PROCESSING])
def test_a_job_that_is_not_over_cannot_be_deleted(admin, owner, status):
    job = job_in(owner, status)
    assert "act/delete/" not in text_of(admin.get(page_of(job)))
    assert act_on(admin, job, "delete") == ["Only a finished job can be deleted. Cancel it first."]
    assert AIJob.objects.exists()


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.CANCELLED])
def test_a_job_that_is_over_can_be_deleted_with_its_history(admin, owner, status):
    job = job_in(owner, status)
    assert f'href="{LIST}{job.pk}/act/delete/"' in text_of(admin.get(page_of(job)))
    assert act_on(admin, job, "delete") == ["Delete: done."]
    assert not AIJob.objects.exists()
    assert not AIJobEvent.objects.exists()


def test_looking_at_the_question_does_nothing(admin, owner):
    job = make.submit(owner)
    for name in ("cancel", "raise-priority", "retry", "undo", "redo", "delete"):
        text_of(admin.get(f"{LIST}{job.pk}/act/{name}/"))
    assert make.kinds(job) == [EventKind.SUBMITTED]


def test_a_page_offers_what_its_job_allows(admin, owner, canvas):
    offered = {
        Status.QUEUED: {"cancel", "raise-priority"},
        Status.PROCESSING: {"cancel"},
        Status.COMPLETED: {"delete"},
        Status.FAILED: {"retry", "delete"},
        Status.CANCELLED: {"retry", "delete"},
    }
    for status in (*sorted(set(Status) - {Status.QUEUED}), Status.QUEUED):
        page = text_of(admin.get(page_of(job_in(owner, status))))
        assert set(re.findall(r'id="act-([a-z-]+)"', page)) == offered[status], status
    drawn = make.submit(owner, canvas=canvas)
    AIJob.objects.exclude(pk=drawn.pk).delete()
    make.complete(make.claim_one(drawn), canvas=canvas)
    assert 'id="act-undo"' in text_of(admin.get(page_of(drawn)))


def test_acts_on_one_job_go_through_the_services_with_the_operator_as_actor(admin, owner, operator):
    waiting = make.submit(owner)
    assert act_on(admin, waiting, "raise-priority") == ["Raise priority by 5: done."]
    assert act_on(admin, waiting, "cancel") == ["Cancel: done."]
    assert act_on(admin, waiting, "cancel") == ["Job cannot be cancelled"]
    assert act_on(admin, waiting, "retry") == ["Retry: done."]
    kinds = [EventKind.SUBMITTED, EventKind.REPRIORITISED, EventKind.CANCELLED, EventKind.RETRIED]
    assert make.kinds(waiting) == kinds
    assert set(waiting.events.exclude(kind=EventKind.SUBMITTED).values_list("actor", flat=True)) == {
        operator.pk
    }


def test_undo_and_redo_need_the_right_to_edit_the_canvas(admin, owner, operator, canvas):
    job = make.submit(owner, canvas=canvas)
    make.complete(make.claim_one(job), canvas=canvas)
    (refused,) = act_on(admin, job, "undo")
    assert refused.startswith("Only people who may edit the canvas can do this.")
    Membership.objects.create(canvas=canvas, user=operator, role=Role.EDITOR)
    assert act_on(admin, job, "undo") == ["Undo: 0 objects changed."]
    assert 'id="act-redo"' in text_of(admin.get(page_of(job)))
    assert act_on(admin, job, "redo", force="1") == ["Redo: 0 objects changed."]
    assert make.kinds(job)[-2:] == [EventKind.UNDONE, EventKind.REDONE]


def test_an_unknown_act_or_job_is_not_found(admin, owner):
    job = make.submit(owner)
    for wrong in (f"{job.pk}/act/explode/", f"{uuid.uuid4()}/act/cancel/", f"live/job/{uuid.uuid4()}/"):
        assert admin.get(LIST + wrong).status_code == 404


def test_many_are_deleted_after_being_asked_and_only_those_that_are_over(admin, owner):
    over, waiting = job_in(owner, Status.COMPLETED), make.submit(owner)
    given = {"action": "delete_jobs", "_selected_action": [str(over.pk), str(waiting.pk)]}
    question = text_of(admin.post(LIST, given))
    assert "Delete 2 jobs and their history?" in question
    assert AIJob.objects.count() == 2
    answer = admin.post(LIST, {**given, "sure": "1"}, follow=True)
    assert [str(message) for message in answer.context["messages"]] == [
        "1 job deleted. 1 not: Only a finished job can be deleted. Cancel it first."
    ]
    assert AIJob.objects.get() == waiting


def test_cancel_says_for_how_many_it_worked_and_why_not_for_the_others(admin, owner, operator):
    over = job_in(owner, Status.COMPLETED)
    running = job_in(owner, Status.PROCESSING)
    waiting = make.submit(owner)
    assert act(admin, "cancel_jobs", waiting, running, over) == [
        "2 jobs cancelled. 1 not: Job cannot be cancelled."
    ]
    for job in (waiting, running):
        job.refresh_from_db()
        assert (job.status, job.cancel_requested_by) == (Status.CANCELLED, operator)
    assert make.kinds(waiting) == [EventKind.SUBMITTED, EventKind.CANCELLED]


def test_retry_queues_what_failed_or_was_cancelled(admin, owner):
    failed, completed = job_in(owner, Status.FAILED), job_in(owner, Status.COMPLETED)
    assert act(admin, "retry_jobs", failed, completed) == [
        "1 job queued again. 1 not: Job cannot be retried."
    ]
    failed.refresh_from_db()
    assert failed.status == Status.QUEUED
    assert make.kinds(failed)[-1] == EventKind.RETRIED


def test_raise_priority_stops_at_the_highest(admin, owner):
    low, high = make.submit(owner, priority=-2), make.submit(owner, priority=8)
    assert act(admin, "raise_priority", low, high) == ["2 jobs moved forward."]
    assert list(AIJob.objects.order_by("priority").values_list("priority", flat=True)) == [3, 10]
    (message,) = act(admin, "raise_priority", low, high)
    assert message == "1 job moved forward. 1 not: It has the highest priority already."
    assert make.kinds(high) == [EventKind.SUBMITTED, EventKind.REPRIORITISED]
    running = make.claim()[0]
    job = AIJob.objects.get(pk=running.row.id)
    (message,) = act(admin, "raise_priority", job)
    assert message.startswith("0 jobs moved forward. 1 not: Only a waiting job's priority")


def test_workers_are_alive_until_they_are_silent(admin):
    make.make_worker(host="alive.example")
    gone = make.make_worker(host="gone.example")
    Worker.objects.filter(pk=gone).update(heartbeat_at="2000-01-01T00:00:00Z")
    page = text_of(admin.get("/admin/ai_jobs/worker/"))
    assert page.index("alive.example") < page.index(">alive</span>") < page.index("gone.example")
    assert page.index("gone.example") < page.index(">gone</span>")
    assert "1.2.3" in text_of(admin.get(f"/admin/ai_jobs/worker/{gone}/change/"))
    assert admin.get("/admin/ai_jobs/worker/add/").status_code == 403
    assert admin.post(f"/admin/ai_jobs/worker/{gone}/delete/", {"post": "yes"}).status_code == 403


def test_events_have_no_page_of_their_own(admin):
    assert "aijobevent" not in text_of(admin.get("/admin/"))


@pytest.mark.parametrize("model", ["success", "failure", "schedule", "ormq"])
def test_the_pages_of_django_q2_open_beside(admin, model):
    address = f"/admin/django_q/{model}/"
    assert address in text_of(admin.get("/admin/"))
    assert text_of(admin.get(address))


@pytest.fixture
def watcher(client):
    """Staff who may only look at jobs."""
    user = make.make_user(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_aijob"))
    client.force_login(user)
    return client


def test_a_worker_is_a_link_for_those_who_may_follow_it(watcher, operator):
    worker = make.make_worker(host="worker-7")
    address = f"/admin/ai_jobs/worker/{worker}/change/"
    all_rights = Client()
    all_rights.force_login(operator)
    for page in ("/admin/", "/admin/ai_jobs/aijob/live/now/"):
        seen = text_of(watcher.get(page))
        assert ("worker-7" in seen, address in seen) == (True, False)
        assert address in text_of(all_rights.get(page))


@pytest.mark.parametrize("action", ["cancel_jobs", "retry_jobs", "raise_priority", "delete_jobs"])
def test_staff_that_may_only_view_is_offered_no_action_and_cannot_take_it(watcher, owner, action):
    job = job_in(owner, Status.FAILED) if action in {"retry_jobs", "delete_jobs"} else make.submit(owner)
    before = make.kinds(job)
    assert action not in text_of(watcher.get(LIST))
    watcher.post(LIST, {"action": action, "_selected_action": [str(job.pk)], "sure": "1"})
    assert make.kinds(job) == before


@pytest.mark.parametrize("name", ["cancel", "raise-priority", "retry", "undo", "redo", "delete"])
def test_staff_that_may_only_view_can_do_nothing_with_one_job(watcher, owner, name):
    job = job_in(owner, Status.FAILED) if name in {"retry", "delete"} else make.submit(owner)
    before = make.kinds(job)
    assert 'id="act-' not in text_of(watcher.get(page_of(job)))
    for ask in (watcher.get, watcher.post):
        assert ask(f"{LIST}{job.pk}/act/{name}/").status_code == 403
    assert make.kinds(job) == before


def test_the_right_to_change_is_not_the_right_to_delete(client, owner):
    changer = make.make_user(is_staff=True)
    changer.user_permissions.add(*Permission.objects.filter(codename__in=["view_aijob", "change_aijob"]))
    client.force_login(changer)
    job = job_in(owner, Status.FAILED)
    page = text_of(client.get(page_of(job)))
    assert ('id="act-retry"' in page, 'id="act-delete"' in page) == (True, False)
    assert client.post(f"{LIST}{job.pk}/act/delete/").status_code == 403
    assert "delete_jobs" not in text_of(client.get(LIST))
    client.post(LIST, {"action": "delete_jobs", "_selected_action": [str(job.pk)], "sure": "1"})
    assert AIJob.objects.exists()


def test_people_who_are_not_staff_are_sent_to_the_sign_in(client, owner):
    job = make.submit(owner)
    client.force_login(owner)
    inside = [LIST, page_of(job), "/admin/", "/admin/ai_jobs/worker/", "/admin/ai_jobs/tokenuse/"]
    inside += [
        f"{LIST}live/now/",
        f"{LIST}live/job/{job.pk}/",
        f"{LIST}{job.pk}/act/cancel/",
        f"{LIST}pause/",
    ]
    for address in inside:
        for ask in (client.get, client.post):
            answer = ask(address)
            assert answer.status_code == 302, address
            assert answer["Location"].startswith("/admin/login/")
    assert make.kinds(job) == [EventKind.SUBMITTED]
