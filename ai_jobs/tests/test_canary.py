"""The canary: asked for when it is time, by the way of every job, and leaving nothing behind."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from ai_jobs.canary import USERNAME, canary_age_seconds
from ai_jobs.health import health
from ai_jobs.models import AIJob, TokenUse
from ai_jobs.states import Status
from ai_jobs.tasks import send_canary
from ai_jobs.tests.factories import claim, complete, fail, make_canvas, make_user
from canvases.models import Canvas
from collabcanvas.lib.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def every_minute(settings: Any) -> None:
    settings.CANARY_INTERVAL_SECONDS = 60


def done() -> Canvas:
    """The waiting canary has drawn on a canvas of its own."""
    (claimed,) = claim()
    canvas = make_canvas(User.objects.get(username=USERNAME))
    assert complete(claimed, canvas=canvas)
    return canvas


def a_while_ago() -> None:
    """The jobs that are there were asked for and done 100 seconds earlier."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ai_jobs_aijob SET created_at = created_at - interval '100 s',"
            " completed_at = completed_at - interval '100 s'"
        )


def test_it_is_a_job_like_any_other() -> None:
    job = AIJob.objects.get(pk=send_canary())
    assert (job.status, job.job_type, job.user.username) == (Status.QUEUED, "create_canvas", USERNAME)
    assert not job.user.has_usable_password()
    assert claim()[0].row.id == job.pk


def test_it_is_not_asked_for_before_its_time_nor_while_one_waits() -> None:
    assert send_canary()
    a_while_ago()
    assert send_canary() == ""
    done()
    assert send_canary()
    assert send_canary() == ""


def test_switched_off_it_asks_for_nothing(settings: Any) -> None:
    settings.CANARY_INTERVAL_SECONDS = 0
    assert send_canary() == ""
    assert not User.objects.filter(username=USERNAME).exists()
    assert health()["canary"] == {"interval_seconds": 0, "age_seconds": None}


def test_where_no_jobs_are_taken_it_asks_for_nothing_and_does_not_fail(settings: Any) -> None:
    settings.AI_JOBS_ENABLED = False
    assert send_canary() == ""
    settings.AI_JOBS_ENABLED = True
    assert send_canary()
    done()
    a_while_ago()
    settings.AI_VENDOR, settings.AI_USER_DAILY_TOKENS = "openai", 1
    TokenUse.objects.create(
        user=User.objects.get(username=USERNAME),
        day=datetime.now(UTC).date(),
        requests=1,
        input_tokens=2,
        output_tokens=0,
        cost_usd=0,
    )
    assert send_canary() == "daily_tokens_used_up"
    assert AIJob.objects.count() == 1


def test_its_clearing_away_is_nobodys_act() -> None:
    for _ in range(4):
        assert send_canary()
        done()
        a_while_ago()
    assert not AuditEntry.objects.filter(action__in=("canvas.deleted", "job.deleted"))


def test_earlier_ones_are_gone_with_what_they_drew_and_nobody_elses_work_is() -> None:
    somebody = make_user()
    theirs = make_canvas(somebody)
    for _ in range(4):
        assert send_canary()
        done()
        a_while_ago()
    assert send_canary()
    assert AIJob.objects.count() == 2
    assert Canvas.objects.filter(owner__username=USERNAME).count() == 1
    assert Canvas.objects.filter(pk=theirs.pk).exists()


@pytest.mark.parametrize("interval", [0, 60])
def test_what_it_drew_goes_also_where_the_job_went_before(settings: Any, interval: int) -> None:
    theirs = make_canvas(make_user())
    assert send_canary()
    done()
    AIJob.objects.all().delete()
    settings.CANARY_INTERVAL_SECONDS = interval
    send_canary()
    assert list(Canvas.objects.all()) == [theirs]


def test_switched_off_later_it_leaves_nothing_behind(settings: Any) -> None:
    assert send_canary()
    settings.CANARY_INTERVAL_SECONDS = 0
    assert send_canary() == ""
    # One that was under way is done first.
    done()
    assert send_canary() == ""
    assert not AIJob.objects.exists()
    assert not Canvas.objects.exists()


def test_its_age_counts_from_the_last_one_that_was_done() -> None:
    assert health()["canary"]["age_seconds"] is None
    send_canary()
    assert canary_age_seconds() == pytest.approx(0, abs=5)
    done()
    a_while_ago()
    assert health()["canary"]["age_seconds"] == pytest.approx(100, abs=5)
    send_canary()
    (claimed,) = claim()
    fail(claimed)
    assert canary_age_seconds() == pytest.approx(100, abs=5)
    a_while_ago()
    send_canary()
    assert complete(claim()[0])
    assert canary_age_seconds() == pytest.approx(0, abs=5)
