"""Every setting of language models changes what is sent or what happens, and nothing reaches the web process."""

import os
import re
import subprocess
import sys
import threading
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, override_settings

from ai_jobs import services
from ai_jobs.models import TokenUse
from ai_jobs.planning.plan import Plan
from ai_jobs.providers.base import PlanRequest
from ai_jobs.providers.llm.capabilities import MODELS, OTHERS
from ai_jobs.providers.llm.errors import ModelTooSlow
from ai_jobs.providers.llm.provider import LanguageModel
from ai_jobs.providers.registry import provider_name, uses_model
from collabcanvas.tests.test_read_settings import PRODUCTION, PROJECT, load_settings
from tests.engine.conftest import StartWorkers
from tests.vendor.server import Asked, Vendor
from tests.worker_service import wait_until

Ask = Callable[..., Any]


async def hang_up(provider: LanguageModel) -> None:
    """A worker keeps its connections to the vendor for as long as it lives; a test's end with its loop."""
    if provider._connected is not None:
        await provider._connected[2].aclose()


@pytest.fixture
async def ask(settings: Any, model_vendor: Vendor) -> AsyncIterator[Ask]:
    """Asks the vendor with these settings and returns the request as the vendor saw it."""

    async def silent(**_: object) -> None:
        return None

    providers = []

    async def ask_with(*, answer: str = "good", objects: tuple[Any, ...] = (), **changed: Any) -> Asked:
        settings.AI_VENDOR = "openai"
        settings.AI_MODEL_NAME = "gpt-5.4-mini"
        settings.AI_BASE_URL = f"{model_vendor.address}/v1"
        for name, value in changed.items():
            setattr(settings, name, value)
        provider = LanguageModel(label="A model")
        providers.append(provider)
        await provider.plan(PlanRequest(instructions=f"answer: {answer}", objects=objects), silent)
        return model_vendor.asked[-1]

    yield ask_with
    for provider in providers:
        await hang_up(provider)


async def test_ai_output_decides_how_the_plan_is_asked_for(ask: Ask) -> None:
    tool = (await ask(AI_OUTPUT="tool")).body
    assert tool["tools"][0]["function"]["name"] == "draw"
    native = (await ask(AI_OUTPUT="native")).body
    assert native["response_format"]["json_schema"]["name"] == "draw"
    assert "tools" not in native
    prompted = await ask(AI_OUTPUT="prompted")
    assert "tools" not in prompted.body
    assert "response_format" not in prompted.body
    assert "follows this JSON schema" in prompted.words


async def test_ai_output_auto_goes_by_the_table_and_an_own_address_by_its_last_row(ask: Ask) -> None:
    body = (await ask(AI_OUTPUT="auto")).body
    assert ("response_format" in body) == (OTHERS.output == "native")


async def test_ai_answer_tokens_bounds_what_is_asked_for(ask: Ask) -> None:
    body = (await ask(AI_ANSWER_TOKENS=1_234)).body
    assert 1_234 in (body.get("max_tokens"), body.get("max_completion_tokens"))


async def test_ai_silence_seconds_ends_a_request_without_a_sign(ask: Ask) -> None:
    with pytest.raises(ModelTooSlow):
        await ask(answer="hang", AI_SILENCE_SECONDS=0.3)


async def test_the_job_timeout_ends_an_answer_that_goes_on_and_on(ask: Ask, model_vendor: Vendor) -> None:
    with pytest.raises(ModelTooSlow):
        await ask(answer="never_ends", JOB_TIMEOUT_SECONDS=1.5)
    wait_until(lambda: model_vendor.asked[-1].hung_up_on, what="the connection is closed")


async def test_ai_canvas_tokens_bounds_what_the_model_is_told(ask: Ask) -> None:
    objects = tuple(
        {"id": f"box-{number}", "type": "rectangle", "x": number * 200, "y": 0, "width": 100, "height": 50}
        for number in range(500)
    )
    few = await ask(AI_CANVAS_TOKENS=200, objects=objects)
    many = await ask(AI_CANVAS_TOKENS=4_000, objects=objects)
    assert len(few.words) + 8_000 < len(many.words)
    assert "more objects that are not listed" in few.words


@pytest.mark.parametrize("answer", ["slow", "good"], ids=["slowly", "at once"])
async def test_the_plan_so_far_is_told_when_its_first_node_is_there_whatever_is_still_to_come(
    settings: Any, model_vendor: Vendor, answer: str
) -> None:
    model_vendor.may_go_on = threading.Event()
    settings.AI_VENDOR, settings.AI_MODEL_NAME = "openai", "gpt-5.4-mini"
    settings.AI_BASE_URL = f"{model_vendor.address}/v1"
    told: list[list[str]] = []

    async def watch(plan: Plan) -> None:
        told.append([node.label for node in plan.nodes])
        assert model_vendor.may_go_on is not None
        model_vendor.may_go_on.set()

    async def silent(**_: object) -> None:
        return None

    provider = LanguageModel(label="A model")
    try:
        request = PlanRequest(instructions=f"answer: {answer}", watch=watch)
        plan = await provider.plan(request, silent)
    finally:
        await hang_up(provider)
    assert told[0] == ["Sign-up form"]
    assert told[-1] == [node.label for node in plan.nodes][: len(told[-1])]


def test_ai_model_names_the_model_that_is_asked() -> None:
    shown = load_settings(
        "AI_MODEL_NAME", **PRODUCTION, AI_MODEL="llama3.2:3b", AI_BASE_URL="http://localhost:11434/v1"
    )
    assert shown.stdout == "llama3.2:3b\n"


@pytest.mark.parametrize(
    ("environment", "vendor"),
    [
        ({}, ""),
        ({"OPENAI_API_KEY": "sk-1"}, "openai"),
        ({"ANTHROPIC_API_KEY": "sk-1"}, "anthropic"),
        ({"OPENAI_API_KEY": "sk-1", "ANTHROPIC_API_KEY": "sk-2"}, "openai"),
        (
            {"OPENAI_API_KEY": "sk-1", "ANTHROPIC_API_KEY": "sk-2", "AI_MODEL": "claude-haiku-5-5"},
            "anthropic",
        ),
        ({"AI_BASE_URL": "http://localhost:11434/v1", "AI_MODEL": "claude-like"}, "openai"),
        ({"AI_BASE_URL": "http://proxy", "AI_MODEL": "anthropic:claude-haiku-5-5"}, "anthropic"),
        ({"OPENAI_API_KEY": "sk-1", "AI_PROVIDER": "sketcher"}, ""),
    ],
)
def test_keys_and_addresses_decide_who_draws(environment: dict[str, str], vendor: str) -> None:
    assert load_settings("AI_VENDOR", **PRODUCTION, **environment).stdout == f"{vendor}\n"


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"AI_PROVIDER": "llm"}, "AI_PROVIDER=llm needs a model. Set OPENAI_API_KEY"),
        ({"AI_PROVIDER": "gpt"}, "AI_PROVIDER='gpt' is unknown. Use one of: auto, sketcher, llm."),
        ({"AI_BASE_URL": "http://localhost:11434/v1"}, "Set AI_MODEL: the name of the model"),
        ({"AI_BASE_URL": "localhost:11434", "AI_MODEL": "x"}, "must begin with http:// or https://"),
        ({"OPENAI_API_KEY": "sk-1", "AI_MODEL": "claude-haiku-5-5"}, "needs ANTHROPIC_API_KEY"),
        ({"AI_OUTPUT": "xml"}, "AI_OUTPUT='xml' is unknown."),
    ],
)
def test_a_contradiction_stops_the_start_with_a_sentence(environment: dict[str, str], sentence: str) -> None:
    refused = load_settings(**PRODUCTION, **environment)
    assert refused.returncode != 0
    assert sentence in refused.stderr


def test_the_page_is_told_which_model_draws(settings: Any) -> None:
    settings.AI_VENDOR, settings.AI_MODEL_NAME, settings.AI_BASE_URL = "anthropic", "claude-haiku-5-5", ""
    assert (provider_name().name, provider_name().label) == ("llm", "Anthropic claude-haiku-5-5")
    settings.AI_BASE_URL = "http://internal.example:11434/v1"
    assert "internal.example" not in provider_name().label


def test_the_web_process_never_loads_the_vendors_clients() -> None:
    program = (
        "import sys, collabcanvas.asgi, collabcanvas.urls\n"
        "from ai_jobs.api.session import session_extra\n"
        "print(session_extra()['provider']['name'])\n"
        "print(sorted({'pydantic_ai', 'openai', 'anthropic'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={**os.environ, "OPENAI_API_KEY": "sk-1", "DATABASE_URL": "postgresql://nobody@/none"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-2:] == ["llm", "[]"]


def test_the_documented_table_of_models_is_the_real_one() -> None:
    page = (PROJECT / "docs" / "providers.md").read_text()
    rows = re.findall(r"^\| (OpenAI|Anthropic) \| `(.+?)…?` \| ([\d,]+) \| ([\d,]+) \| (\w+) \|", page, re.M)
    assert [
        (vendor.lower(), beginning, int(context.replace(",", "")), int(answer.replace(",", "")), output)
        for vendor, beginning, context, answer, output in rows
    ] == [
        (vendor, beginning, can.context_tokens, can.answer_tokens, can.output)
        for vendor, beginning, can in MODELS
    ]


# --- Tokens per person and day --------------------------------------------------------------------------------
@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("somebody", password="secret")


def _use(person: User, tokens: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date")
        (today,) = cursor.fetchone()
    TokenUse.objects.create(
        user=person, day=today, requests=1, input_tokens=tokens, output_tokens=0, cost_usd=0
    )


def _submit(client: Client) -> Any:
    body = {"job_type": "create_canvas", "instructions": "A -> B"}
    return client.post("/api/jobs", body, content_type="application/json")


def test_who_has_used_up_the_day_is_refused_with_the_time_of_renewal(
    settings: Any, client: Client, person: User
) -> None:
    settings.AI_VENDOR, settings.AI_USER_DAILY_TOKENS = "openai", 5_000
    _use(person, 5_000)
    client.force_login(person)
    refused = _submit(client)
    assert refused.status_code == 429
    assert refused.json()["code"] == "daily_tokens_used_up"
    assert "You have used your 5,000 tokens" in refused.json()["error"]
    assert "renewed at midnight UTC" in refused.json()["error"]
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400


@pytest.mark.parametrize(("vendor", "limit"), [("openai", 5_001), ("openai", 0), ("", 100)])
def test_who_has_tokens_left_or_needs_none_is_served(
    settings: Any, client: Client, person: User, vendor: str, limit: int
) -> None:
    settings.AI_VENDOR, settings.AI_USER_DAILY_TOKENS = vendor, limit
    _use(person, 5_000)
    client.force_login(person)
    assert _submit(client).status_code == 201


def test_a_run_stops_where_the_days_tokens_end(start_workers: StartWorkers, model_vendor: Vendor) -> None:
    start_workers(
        AI_MODEL="gpt-5.4-mini",
        AI_BASE_URL=f"{model_vendor.address}/v1",
        AI_USER_DAILY_TOKENS="8000",
        NO_PROXY="127.0.0.1",
    )
    user = User.objects.create_user("writes-much")
    body = {"instructions": "answer: much_to_write"}
    job = services.submit_job(user=user, job_type="create_canvas", body=body)

    def failed() -> bool:
        job.refresh_from_db()
        return job.status == "failed"

    wait_until(failed, what="the run is stopped")
    assert job.error_code == "daily_tokens_used_up"
    assert "They are renewed at midnight UTC" in job.error_message
    assert not model_vendor.asked[0].answered
    used = TokenUse.objects.get(user=user)
    assert used.output_tokens < 5_000


# --- The share of people who get the model ---
def test_a_share_of_people_gets_the_model_and_keeps_it_when_the_share_grows(settings: Any) -> None:
    settings.AI_VENDOR = "openai"
    inside: set[int] = set()
    for share in (0, 1, 25, 50, 100):
        settings.AI_MODEL_SHARE = share
        now = {user_id for user_id in range(1, 10_001) if uses_model(user_id)}
        assert inside <= now
        assert abs(len(now) - share * 100) < 200
        inside = now
    assert len(inside) == 10_000
    settings.AI_VENDOR = ""
    assert not uses_model(1)


def test_the_page_says_who_draws_for_this_person(settings: Any, client: Client, person: User) -> None:
    settings.AI_VENDOR, settings.AI_MODEL_NAME, settings.AI_BASE_URL = "openai", "gpt-5.4-mini", ""
    client.force_login(person)
    for share, name in ((100, "llm"), (0, "sketcher")):
        settings.AI_MODEL_SHARE = share
        assert client.get("/api/session").json()["provider"]["name"] == name


def test_jobs_of_people_outside_of_the_share_are_drawn_by_the_sketcher(
    start_workers: StartWorkers, model_vendor: Vendor
) -> None:
    start_workers(
        AI_MODEL="gpt-5.4-mini",
        AI_BASE_URL=f"{model_vendor.address}/v1",
        AI_MODEL_SHARE="50",
        NO_PROXY="127.0.0.1",
    )
    people: dict[bool, User] = {}
    with override_settings(AI_VENDOR="openai", AI_MODEL_SHARE=50):
        while len(people) < 2:
            person = User.objects.create_user(uuid.uuid4().hex)
            people[uses_model(person.pk)] = person
    body = {"instructions": "answer: good\nA -> B -> C"}
    for with_model, person in people.items():
        before = len(model_vendor.asked)
        job = services.submit_job(user=person, job_type="create_canvas", body=body)

        def over(job: Any = job) -> bool:
            job.refresh_from_db()
            return bool(job.is_over)

        wait_until(over, what="the job is over")
        assert job.status == "completed", job.error_message
        assert (len(model_vendor.asked) > before) == with_model
        assert bool(job.model_requests) == with_model
