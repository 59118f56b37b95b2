"""A model is not asked again for what it has answered already."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from ai_jobs import plan_cache, services
from ai_jobs.health import live_workers
from ai_jobs.models import AIJob, CachedPlan
from ai_jobs.states import Status
from canvases.events import actor_of
from canvases.models import CanvasObject
from canvases.services import apply_operations, create_canvas
from canvases.tests.factories import edits, put
from tests.vendor.server import Vendor, vendor
from tests.worker_service import wait_until, worker_service

WORDS = "Draw the sign-up flow (answer: good)"


@dataclass
class Desk:
    """A worker with a model, and the people who ask it."""

    vendor: Vendor

    def ask(self, user: User, words: str = WORDS, **body: Any) -> AIJob:
        job_type = "modify_canvas" if "canvas_id" in body else "create_canvas"
        job = services.submit_job(user=user, job_type=job_type, body={"instructions": words, **body})
        wait_until(lambda: not AIJob.objects.live().exists(), what="it is drawn")
        job.refresh_from_db()
        assert job.status == Status.COMPLETED, job.error_message
        return job

    def times_asked(self) -> int:
        return len(self.vendor.asked_for("good"))


@pytest.fixture
def desk(transactional_db: None, tmp_path: Path) -> Iterator[Desk]:
    with (
        vendor() as running,
        worker_service(
            log=tmp_path / "worker.log",
            PROBE_DATABASE_NAME=connection.settings_dict["NAME"],
            Q_WORKERS="1",
            AI_MODEL="openai:gpt-5.4-mini",
            AI_BASE_URL=f"{running.address}/v1",
            AI_OUTPUT="tool",
            OPENAI_API_KEY="sk-for-openai",
            NO_PROXY="127.0.0.1",
        ),
    ):
        wait_until(lambda: live_workers().exists(), what="the worker started")
        yield Desk(running)


def _usage(job: AIJob) -> dict[str, Any]:
    assert job.result_data is not None
    usage: dict[str, Any] = job.result_data["usage"]
    return usage


def _texts(job: AIJob) -> list[str]:
    rows = CanvasObject.objects.filter(canvas=job.canvas, object_type="text")
    return sorted(row.properties["originalText"] for row in rows)


def test_the_same_request_is_drawn_from_the_kept_plan_and_says_so(desk: Desk) -> None:
    ada, ben = User.objects.create_user("ada"), User.objects.create_user("ben")
    first = desk.ask(ada)
    assert desk.times_asked() == 1
    assert _usage(first)["cached"] is False

    again = desk.ask(ben)
    assert desk.times_asked() == 1, "the model was not asked again"
    assert _usage(again)["cached"] is True
    assert "input_tokens" not in _usage(again), "nothing was used"
    assert again.canvas_id != first.canvas_id, "a plan is shared, a canvas never"
    assert again.canvas is not None
    assert again.canvas.owner == ben
    assert _texts(again) == _texts(first)

    desk.ask(ada, use_cache=False)
    assert desk.times_asked() == 2, "the flag asks anew"
    desk.ask(ada, f"{WORDS}!")
    assert desk.times_asked() == 3, "other words are another request"
    on_canvas = desk.ask(ada, canvas_id=str(first.canvas_id))
    desk.ask(ada, canvas_id=str(on_canvas.canvas_id))
    assert desk.times_asked() == 5, "a canvas that has changed is another request"

    # Ids and versions are the editors' own choice: what another canvas was planned for says nothing about this one.
    for person, colour in ((ada, "#ffc9c9"), (ben, "#b2f2bb")):
        canvas = create_canvas(owner=person, title="Plan")
        box = edits(put("a", backgroundColor=colour, version=3, versionNonce=4))
        apply_operations(canvas_id=canvas.pk, operations=box, actor=actor_of(person))
        desk.ask(person, canvas_id=str(canvas.pk))
    assert desk.times_asked() == 7, "the same versions of other objects are another request"


@pytest.mark.django_db
def test_plans_go_after_a_day_and_the_oldest_when_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_cache, "MAX_PLANS", 2)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO ai_jobs_cachedplan (key, plan, made_at)
            SELECT age::text, '{}', now() - make_interval(hours => age) FROM unnest(ARRAY[30, 3, 2, 1]) AS age
            """
        )
    assert plan_cache.remove_old_plans() == 2
    assert set(CachedPlan.objects.values_list("key", flat=True)) == {"1", "2"}


@pytest.mark.django_db
def test_a_plan_that_an_older_release_wrote_otherwise_is_not_used() -> None:
    CachedPlan.objects.create(key="old", plan={"boxes": ["A"]})
    assert plan_cache.find_plan("old") is None
