"""The dashboard: its figures, who may see it, and that no page of it reads the whole table."""

import html
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ai_jobs import dashboard, lifecycle
from ai_jobs.errors import NotPaused
from ai_jobs.models import AIJob, Pause, TokenUse
from ai_jobs.states import EventKind, Status
from ai_jobs.tests import factories as make

pytestmark = pytest.mark.django_db

LIST = "/admin/ai_jobs/aijob/"
NOW = f"{LIST}live/now/"


@pytest.fixture
def admin(client, operator):
    client.force_login(operator)
    return client


def tiles():
    return {tile.title: tile for tile in dashboard.now_facts(jobs_page=LIST)["tiles"]}


def ended(owner, status=Status.COMPLETED, *, waited=0.0, ran=1.0, ago=60.0, code=""):
    """A job that ended so many seconds ago after so long a wait and a run."""
    job = make.submit(owner)
    claimed = make.claim_one(job)
    if status == Status.FAILED:
        make.fail(claimed, code=code)
    else:
        make.complete(claimed)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE ai_jobs_aijob SET completed_at = now() - %(ago)s * interval '1 second',
                started_at = now() - (%(ago)s + %(ran)s) * interval '1 second',
                created_at = now() - (%(ago)s + %(ran)s + %(waited)s) * interval '1 second' WHERE id = %(id)s
            """,
            {"ago": ago, "ran": ran, "waited": waited, "id": job.pk},
        )
    return job


def test_an_empty_system_has_a_dashboard(admin):
    page = admin.get("/admin/")
    assert page.status_code == 200
    assert b"No worker has ever shown itself" in page.content
    assert {title: tile.value for title, tile in tiles().items()} == {
        "Queue": "0",
        "Oldest ready job": "–",
        "Running": "0",
        "Workers": "0",
        "Failure rate, last hour": "–",
        "Wait, last hour": "–",
        "Run, last hour": "–",
        "Tokens today": "0",
    }


def test_tiles_tell_queue_speed_failures_and_cost(owner):
    for number in range(19):
        ended(owner, waited=0.5 + number / 100, ran=10)
    ended(owner, Status.FAILED, code="provider_error", ran=1)
    ended(owner, Status.FAILED, code="provider_error", ran=1, ago=7_200)
    make.make_worker()
    running = make.submit(owner)
    make.claim_one(running)
    waiting = make.submit(owner)
    AIJob.objects.filter(pk=waiting.pk).update(next_processing_at="2026-01-01T00:00:00Z")
    with connection.cursor() as cursor:
        cursor.execute("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date")
        today = cursor.fetchone()[0]
    for day, tokens in ((today, 1_000), (today - timedelta(days=1), 5_000)):
        TokenUse.objects.create(
            user=owner, day=day, requests=2, input_tokens=tokens, output_tokens=234, cost_usd="1.5"
        )

    seen = tiles()
    assert (seen["Queue"].value, seen["Running"].value) == ("1", "1")
    assert seen["Oldest ready job"].tone == "bad"
    assert (seen["Running"].note, seen["Workers"].value) == ("of 200 slots", "1")
    assert (seen["Failure rate, last hour"].value, seen["Failure rate, last hour"].tone) == (
        "5.0\u00a0%",
        "good",
    )
    assert seen["Run, last hour"].value == "10.0\u00a0s"
    assert (seen["Wait, last hour"].value, seen["Wait, last hour"].tone) == ("0.7\u00a0s", "good")
    assert seen["Tokens today"].value == "1,234"
    assert "$ 1.50" in seen["Tokens today"].note


def test_requests_that_could_not_be_drawn_are_told_beside_the_failure_rate(owner):
    ended(owner)
    ended(owner, Status.FAILED, code="not_understood")
    ended(owner, Status.FAILED, code="nothing_matches")
    tile = tiles()["Failure rate, last hour"]
    assert (tile.value, tile.tone) == ("0.0\u00a0%", "good")
    assert "0 of 1;" in tile.note
    assert tile.note.endswith("besides 2 requests that could not be drawn")


def test_a_figure_beyond_its_target_is_marked(owner):
    ended(owner, waited=dashboard.WAIT_TARGET_SECONDS + 1, ran=dashboard.RUN_TARGET_SECONDS + 1)
    ended(owner, Status.FAILED, code="provider_error")
    seen = tiles()
    for title in ("Failure rate, last hour", "Wait, last hour", "Run, last hour", "Workers"):
        assert seen[title].tone == "bad", title


def test_the_wait_of_a_repeated_job_is_that_of_its_first_attempt_or_none(owner):
    job = make.submit(owner)
    make.fail(make.claim_one(job), kind=EventKind.RETRY_SCHEDULED)
    make.complete(make.claim_one(job))
    assert tiles()["Wait, last hour"].value == "–"


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [("hour", 3_000, 4_000), ("day", 80_000, 90_000), ("week", 580_000, 640_000)],
)
def test_charts_count_what_ended_in_the_window_by_status_and_type(owner, name, inside, outside):
    slow = ended(owner, ago=inside, ran=50)
    ended(owner, Status.FAILED, code="rate_limited")
    lifecycle.cancel_job(job_id=make.submit(owner).pk, actor_id=owner.pk)
    ended(owner, ago=outside, ran=500)

    facts = dashboard.window_facts(dashboard.WINDOWS[name])
    by_status, by_type = facts["charts"]
    assert facts["total"] == "3 jobs"
    assert by_status["summary"] == "By status: completed 1, failed 1, cancelled 1"
    assert by_type["summary"] == "By job type: create_canvas 3"
    # What is drawn and what is in the table are the same numbers.
    assert sum(sum(values) for _, values in by_status["rows"]) == 3
    assert [box["css"] for box in by_status["rectangles"]] == ["completed", "failed", "cancelled"]
    assert all(
        box["y"] >= 0 and box["y"] + box["height"] <= by_status["height"] for box in by_status["rectangles"]
    )
    assert facts["errors"] == [("rate_limited", 1)]
    assert facts["slowest"][0]["job"] == slow


def test_the_pages_of_the_dashboard_answer_and_unknown_windows_do_not(admin, owner):
    ended(owner, Status.FAILED, code="provider_error")
    for address in (
        "/admin/",
        "/admin/?window=week",
        "/admin/?window=nonsense",
        NOW,
        f"{LIST}live/window/day/",
    ):
        assert admin.get(address).status_code == 200, address
    assert admin.get(f"{LIST}live/window/year/").status_code == 404


def test_pause_and_resume_from_the_dashboard(admin, operator):
    for job_type in ("", "modify_canvas"):
        admin.post(f"{LIST}pause/", {"job_type": job_type})
        assert Pause.objects.get(job_type=job_type).paused_by == operator
        assert "paused" in admin.get(NOW).content.decode()
        admin.post(f"{LIST}resume/", {"job_type": job_type})
        assert not Pause.objects.exists()
    text = admin.post(f"{LIST}pause/", {"job_type": "nonsense"}, follow=True).content.decode()
    assert "There is no job type" in text
    text = admin.post(f"{LIST}resume/", {"job_type": ""}, follow=True).content.decode()
    assert NotPaused.message in html.unescape(text)
    assert admin.get(f"{LIST}pause/").status_code == 405


def test_staff_that_may_only_view_sees_the_dashboard_and_cannot_pause(client):
    watcher = make.make_user(is_staff=True)
    watcher.user_permissions.add(Permission.objects.get(codename="view_aijob"))
    client.force_login(watcher)
    assert "ops-tiles" in client.get("/admin/").content.decode()
    assert "<button" not in client.get(NOW).content.decode()
    Pause.objects.create(job_type="modify_canvas")
    assert client.post(f"{LIST}pause/", {"job_type": ""}).status_code == 403
    assert client.post(f"{LIST}resume/", {"job_type": "modify_canvas"}).status_code == 403
    assert Pause.objects.count() == 1


def test_staff_without_the_right_to_look_at_jobs_sees_none_of_it(client, owner):
    job = make.submit(owner)
    client.force_login(make.make_user(is_staff=True))
    assert "ops-tiles" not in client.get("/admin/").content.decode()
    for address in (
        NOW,
        f"{LIST}live/window/hour/",
        f"{LIST}live/job/{job.pk}/",
        f"{LIST}{job.pk}/act/cancel/",
        LIST,
    ):
        assert client.get(address).status_code == 403, address


def statements(client, address, query=None):
    """What the page asks the table of jobs."""
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address, query or {}, follow=True).status_code == 200
    return [item["sql"] for item in seen.captured_queries if re.search(r"\bai_jobs_aijob\b", item["sql"])]


def plans(client, address, query=None, *, without=("seqscan",)):
    """How PostgreSQL would run each statement of the page about jobs, if these ways were closed to it."""
    found = []
    for statement in statements(client, address, query):
        with connection.cursor() as cursor:
            for way in without:
                cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute(f"EXPLAIN {statement}")
            found.append((statement, "\n".join(row[0] for row in cursor.fetchall())))
            for way in without:
                cursor.execute(f"SET LOCAL enable_{way} = on")
    assert found
    return found


@pytest.mark.parametrize(
    ("address", "query", "index"),
    [
        (LIST, {}, "aijob_newest"),
        (LIST, {"o": "2"}, "aijob_newest"),
        (LIST, {"day": "2026-11-22"}, "aijob_newest"),
        (LIST, {"status__exact": "failed"}, "aijob_not_completed"),
        (LIST, {"status__exact": "cancelled"}, "aijob_not_completed"),
        (LIST, {"error_code": "provider_error"}, "aijob_errors"),
        (LIST, {"q": "owner"}, "aijob_user_newest"),
        (LIST, {"q": "0123456789"}, "ai_jobs_aijob_pkey"),
        (LIST, {"q": "provider_error"}, "aijob_errors"),
        (LIST, {"q": "some words"}, "aijob_newest"),
        (NOW, {}, "aijob_ended"),
        (f"{LIST}live/window/week/", {}, "aijob_ended"),
    ],
)
def test_no_page_scans_the_table_of_jobs(admin, owner, address, query, index):
    ended(owner, Status.FAILED, code="provider_error")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ai_jobs_aijob")
    found = plans(admin, address, query)
    for statement, plan in found:
        assert "Seq Scan on ai_jobs_aijob" not in plan, f"{statement}\n{plan}"
    assert any(index in plan for _, plan in found), found


def test_what_ended_is_counted_from_the_index_alone(admin, owner):
    ended(owner)
    # A bitmap would read the rows as well. For the handful of them here, and depending on when the table was last
    # analysed, it can look just as cheap.
    seen = plans(admin, f"{LIST}live/window/week/", without=("seqscan", "bitmapscan"))
    counts = [plan for statement, plan in seen if "date_bin" in statement]
    assert counts
    assert all("Index Only Scan using aijob_ended" in plan for plan in counts)


def test_the_number_of_statements_does_not_grow_with_the_jobs(admin, owner):
    addresses = ["/admin/", NOW, LIST]
    ended(owner)
    before = [len(statements(admin, address)) for address in addresses]
    for _ in range(12):
        ended(owner)
    assert [len(statements(admin, address)) for address in addresses] == before


def test_a_day_of_the_list_is_chosen_from_the_first_job_to_the_last(admin, owner):
    jobs = [ended(owner, ago=86_400 * days) for days in (0, 1, 40)]
    (choices,) = [
        spec.lookup_choices
        for spec in admin.get(LIST).context["cl"].filter_specs
        if spec.title == "day (UTC)"
    ]
    assert 40 <= len(choices) <= 42
    newest = AIJob.objects.latest("created_at")
    day = f"{newest.created_at:%Y-%m-%d}"
    assert choices[0][0] == day
    assert newest in admin.get(LIST, {"day": day}).context["cl"].result_list
    assert jobs[2] not in admin.get(LIST, {"day": day}).context["cl"].result_list
    for wrong in ("nonsense", "9999-12-31", "2026-13-01"):
        assert not admin.get(LIST, {"day": wrong}).context["cl"].result_list
    asked = " ".join(statements(admin, LIST)).upper()
    assert "DISTINCT" not in asked
    assert "DATE_TRUNC" not in asked
