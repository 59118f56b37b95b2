"""What a person sees of a language model's answers, good and bad, through a real worker and a real connection.

All requests of this file are made once per protocol, at the same time, by one worker; the tests look at what
became of them. (Answers whose name ends in `_slowly` are for who watches them in a browser.)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from ai_jobs import services
from ai_jobs.health import live_workers
from ai_jobs.models import AIJob, TokenUse
from ai_jobs.rows import job_row
from ai_jobs.states import FINAL, Status
from canvases.models import Canvas, CanvasObject
from canvases.services import create_canvas
from tests.vendor.server import ANSWERS, INPUT_TOKENS, OUTPUT_TOKENS, Vendor, vendor
from tests.worker_service import wait_until, worker_service

# The tests themselves only read what is in memory; the mark makes the database that the fixture fills.
pytestmark = pytest.mark.django_db
CANCELLED = "never_ends"
MODELS = {"openai": "openai:gpt-5.4-mini", "anthropic": "anthropic:claude-haiku-5-5"}


@dataclass
class Outcome:
    """What became of one request: the job as the person sees it, what it drew, and what the person's day cost.

    `rests` is the time between its last event and its next turn.
    """

    job: dict[str, Any]
    kinds: list[str]
    rests: timedelta
    objects: list[dict[str, Any]]
    canvases: int
    used: dict[str, int] | None

    @property
    def changed(self) -> list[dict[str, Any]]:
        """What it drew or changed, without the labels that go along with their boxes."""
        return [element for element in self.objects if not element.get("containerId")]

    @property
    def texts(self) -> list[str]:
        """The words that were drawn."""
        return sorted(
            element["originalText"].replace("\n", " ")
            for element in self.objects
            if element["type"] == "text"
        )


@dataclass
class World:
    """One protocol's vendor and outcomes by the name of the answer."""

    protocol: str
    vendor: Vendor
    outcomes: dict[str, Outcome]
    log: str


@pytest.fixture(scope="module", params=["openai", "anthropic"])
def world(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    protocol: str = request.param
    log: Path = tmp_path_factory.mktemp(protocol) / "worker.log"
    with django_db_blocker.unblock(), vendor() as running:
        try:
            with worker_service(
                log=log,
                PROBE_DATABASE_NAME=connection.settings_dict["NAME"],
                Q_WORKERS="1",
                AI_MODEL=MODELS[protocol],
                AI_BASE_URL=running.address + ("/v1" if protocol == "openai" else ""),
                AI_OUTPUT="tool",
                OPENAI_API_KEY="sk-for-openai",
                ANTHROPIC_API_KEY="sk-for-anthropic",
                AI_SILENCE_SECONDS="8",
                JOB_RETRY_BASE_SECONDS="0.1",
                NO_PROXY="127.0.0.1",
            ):
                wait_until(lambda: live_workers().exists(), what="the worker started")
                names = [path.stem for path in ANSWERS.glob("*.json") if not path.stem.endswith("_slowly")]
                jobs = {name: _submit(name) for name in names}
                _cancel_while_it_writes(running, jobs[CANCELLED])
                for name, job in jobs.items():
                    wait_until(partial(_settled, job), what=f"{name} settled")
                outcomes = {name: _outcome(job) for name, job in jobs.items()}
            yield World(protocol, running, outcomes, log.read_text())
        finally:
            call_command("flush", verbosity=0, interactive=False)


def _submit(name: str) -> AIJob:
    """One person per request, who has a canvas with one box on it."""
    user = User.objects.create_user(f"asks-{name}")
    canvas = create_canvas(owner=user, title="Mine")
    body: dict[str, Any] = {"instructions": f"Draw the sign-up flow (answer: {name})"}
    if name.startswith("edit"):
        made = services.submit_job(user=user, job_type="create_canvas", body={"instructions": "answer: good"})
        wait_until(lambda: _settled(made), what="there is something to edit")
        made.refresh_from_db()
        body["canvas_id"] = str(made.canvas_id)
    else:
        body["canvas_id"] = str(canvas.pk)
    with override_settings(MAX_JOB_RETRIES=1 if name == "broken_then_good" else 0):
        return services.submit_job(user=user, job_type="modify_canvas", body=body)


def _cancel_while_it_writes(running: Vendor, job: AIJob) -> None:
    wait_until(lambda: any(asked.began_at for asked in running.asked_for(CANCELLED)), what="the model writes")
    services.cancel_job(user=job.user, job_id=job.pk)
    wait_until(lambda: running.asked_for(CANCELLED)[0].hung_up_on, what="the connection is closed")
    wait_until(lambda: TokenUse.objects.filter(user=job.user).exists(), what="what it used is on the account")


def _settled(job: AIJob) -> bool:
    job.refresh_from_db()
    waits_for_later = job.status == Status.QUEUED and job.error_code == "rate_limited" and job.attempt == 1
    snoozed_for_long = waits_for_later and "rate_limited_then_good" not in str(job.request_data)
    return job.status in FINAL or snoozed_for_long


def _outcome(job: AIJob) -> Outcome:
    job.refresh_from_db()
    drawn = CanvasObject.objects.filter(canvas=job.canvas, is_deleted=False)
    used = TokenUse.objects.filter(user=job.user).first()
    events = list(job.events.order_by("sequence"))
    return Outcome(
        job=job_row(job),
        kinds=[event.kind for event in events],
        rests=job.next_processing_at - events[-1].at,
        objects=list(drawn.filter(job_id=job.pk).values_list("properties", flat=True)),
        canvases=Canvas.objects.filter(memberships__user=job.user).count(),
        used={"input": used.input_tokens, "output": used.output_tokens} if used else None,
    )


SIGN_UP = ["Confirmed?", "Sign up", "Sign-up form", "Verify e-mail", "Welcome", "no", "yes"]


@pytest.mark.parametrize("name", ["good", "slow", "fenced", "wrong_then_good", "rate_limited_then_good"])
def test_a_usable_answer_becomes_the_drawing(world: World, name: str) -> None:
    outcome = world.outcomes[name]
    assert outcome.job["status"] == "completed", outcome.job["error_message"]
    assert outcome.texts == SIGN_UP
    assert sum(element["type"] == "arrow" for element in outcome.objects) == 4


def test_the_result_says_which_model_drew_and_what_it_used(world: World) -> None:
    job = world.outcomes["good"].job
    used = {"requests": 1, "input_tokens": INPUT_TOKENS, "output_tokens": OUTPUT_TOKENS}
    model = MODELS[world.protocol].partition(":")[2]
    assert job["usage"] == {"model": model, **used, "cost_usd": None}
    told = job["result_data"]["usage"]
    assert told.pop("cached") is False
    assert told == {
        "provider": "llm",
        "model": model,
        **used,
        "cost_usd": None,
        "is_estimated": False,
        "quality": {"score": 100, "problems": [], "crossings": 0},
    }
    assert world.outcomes["good"].used == {"input": INPUT_TOKENS, "output": OUTPUT_TOKENS}


def test_a_plan_that_does_not_hold_goes_back_to_the_model_once_with_what_is_wrong(world: World) -> None:
    first, second = world.vendor.asked_for("wrong_then_good")
    assert "unknown node 'nowhere'" not in first.words
    assert "unknown node 'nowhere'" in second.words
    assert world.outcomes["wrong_then_good"].job["usage"]["requests"] == 2
    assert world.outcomes["wrong_then_good"].used == {"input": 2 * INPUT_TOKENS, "output": 2 * OUTPUT_TOKENS}


FAILURES = [
    (
        "invalid_json",
        "wrong_shape",
        "The AI model's answer was not a drawing, and neither was its second try.",
    ),
    ("not_json", "wrong_shape", "Say it in other words, or ask for less at once."),
    ("wrong_shape", "wrong_shape", "Nothing was changed."),
    ("broken_stream", "answer_broken_off", "The AI model's answer broke off in the middle"),
    ("unauthorized", "model_refused", "does not accept this installation's key. Tell the operator"),
    ("forbidden", "model_refused", "does not accept this installation's key. Tell the operator"),
    ("unknown_model", "model_unusable", "Tell the operator to look at AI_MODEL"),
    ("server_error", "model_unavailable", "cannot be reached at the moment. Try again in a minute."),
    ("hang", "model_timeout", "The AI model took too long to answer."),
    ("ten_thousand_nodes", "too_much", "A drawing holds at most 300 boxes, and this became more."),
    ("cut_off", "too_much", "That is more than one drawing can hold."),
    ("declined", "not_understood", "I can only plan drawings, and this asks for the weather."),
    ("filtered", "declined", "The AI model declined this request."),
]


@pytest.mark.parametrize(("name", "code", "sentence"), FAILURES, ids=[failure[0] for failure in FAILURES])
def test_a_bad_answer_is_a_sentence_for_the_person_and_changes_nothing(
    world: World, name: str, code: str, sentence: str
) -> None:
    outcome = world.outcomes[name]
    assert (outcome.job["status"], outcome.job["error_code"]) == ("failed", code)
    assert sentence in outcome.job["error_message"]
    assert outcome.objects == []
    assert outcome.canvases == 1
    assert outcome.kinds[-1] == "failed"


@pytest.mark.parametrize(
    ("name", "requests"), [("broken_stream", 1), ("wrong_shape", 2), ("ten_thousand_nodes", 1)]
)
def test_a_failed_job_says_what_it_used(world: World, name: str, requests: int) -> None:
    outcome = world.outcomes[name]
    assert outcome.job["usage"]["requests"] == requests
    assert outcome.used == {
        "input": outcome.job["usage"]["input_tokens"],
        "output": outcome.job["usage"]["output_tokens"],
    }
    assert min(outcome.used.values()) > 0


@pytest.mark.parametrize("name", ["unauthorized", "server_error", "hang"])
def test_a_model_that_did_not_answer_used_nothing(world: World, name: str) -> None:
    assert world.outcomes[name].job["usage"] is None
    assert world.outcomes[name].used is None


def test_a_rate_limit_waits_as_long_as_the_vendor_asks_and_costs_no_try(world: World) -> None:
    job = world.outcomes["rate_limited"].job
    assert (job["status"], job["retry_count"]) == ("queued", 0)
    assert job["queue"]["waiting_reason"] == "rate_limited"
    assert world.outcomes["rate_limited"].kinds[-1] == "snoozed"
    # What tests/vendor/answers/rate_limited.json says in Retry-After.
    assert timedelta(seconds=76) < world.outcomes["rate_limited"].rests < timedelta(seconds=78)
    assert "rate_limited" in world.log


def test_a_snoozed_job_goes_on_by_itself(world: World) -> None:
    assert world.outcomes["rate_limited_then_good"].kinds == [
        "submitted",
        "claimed",
        "snoozed",
        "claimed",
        "completed",
    ]


def test_a_broken_answer_is_asked_for_again_and_drawn_once(world: World) -> None:
    outcome = world.outcomes["broken_then_good"]
    assert outcome.kinds == ["submitted", "claimed", "retry_scheduled", "claimed", "completed"]
    assert outcome.texts == SIGN_UP
    assert outcome.job["usage"]["requests"] == 2


def test_an_empty_account_is_final_where_the_vendor_says_so(world: World) -> None:
    if world.protocol == "anthropic":
        pytest.skip("Anthropic says it with another type")
    outcome = world.outcomes["no_credit"]
    assert outcome.job["error_code"] == "quota_exhausted"
    assert "Tell the operator" in outcome.job["error_message"]


def test_cancelling_closes_the_connection_and_says_what_was_used(world: World) -> None:
    outcome = world.outcomes[CANCELLED]
    (asked,) = world.vendor.asked_for(CANCELLED)
    assert asked.hung_up_on
    assert outcome.job["status"] == "cancelled"
    assert outcome.objects == []
    assert outcome.job["usage"]["input_tokens"] > 0
    assert outcome.used is not None


def test_an_answer_that_is_too_long_is_hung_up_on(world: World) -> None:
    (asked,) = world.vendor.asked_for("ten_thousand_nodes")
    assert asked.hung_up_on
    assert not asked.answered


@pytest.mark.parametrize("name", ["edit", "edit_unknown_then_good"])
def test_an_edit_changes_the_object_that_its_short_id_means_and_no_other(world: World, name: str) -> None:
    outcome = world.outcomes[name]
    assert outcome.job["status"] == "completed", outcome.job["error_message"]
    (changed,) = outcome.changed
    assert changed["type"] in outcome.job["result_data"]["message"]
    assert "red" in outcome.job["result_data"]["message"]
    asked = world.vendor.asked_for(name)[0]
    assert changed["id"] not in asked.words, "the model sees short ids only"


def test_hostile_labels_are_drawn_as_the_text_that_they_are(world: World) -> None:
    outcome = world.outcomes["hostile_labels"]
    assert outcome.job["status"] == "completed"
    drawn = " ".join(outcome.texts)
    assert "<img src=x onerror=alert(1)>" in drawn
    assert "DROP TABLE users" in drawn
    assert "{{ 7*7 }} ${7*7}" in drawn
    assert "\0" not in drawn
    assert all(element.get("link") is None for element in outcome.objects)


def test_the_key_travels_in_its_header_and_nowhere_else(world: World) -> None:
    asked = world.vendor.asked_for("good")[0]
    assert f"sk-for-{world.protocol}" in " ".join(asked.headers.values())
    assert "sk-for" not in asked.words
    assert "sk-for" not in world.log


def test_the_log_tells_the_operator_without_words_of_people_or_vendors(world: World) -> None:
    assert "model_refused" in world.log
    assert "sign-up flow" not in world.log
    assert "sk-secret" not in world.log


def test_the_model_is_given_the_plans_own_schema_and_no_other_tool(world: World) -> None:
    body = world.vendor.asked_for("good")[0].body
    (tool,) = body["tools"]
    schema = tool["function"]["parameters"] if world.protocol == "openai" else tool["input_schema"]
    assert {"nodes", "edges", "groups", "edits", "layout"} <= set(schema["properties"])
    assert body["stream"] is True
