"""Who may do what: every address of the resolver has a rule, and the whole cast tries every one of them."""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from ai_jobs import services as jobs
from ai_jobs.routing import websocket_urlpatterns
from ai_jobs.tests import factories as make
from canvases import invitations
from canvases.roles import Role
from tests.people import Person
from tests.running import Running
from tests.test_who_hears_what import listen

CAST = ("visitor", "stranger", "viewer", "editor", "owner", "staff", "helper")
ALLOWED = 0  # any answer but 401, 403 and 404, and no fault of ours

# What each of the cast gets. `staff` is a superuser who is no member of the canvas, `helper` staff without any right.
ANYONE = dict.fromkeys(CAST, ALLOWED)
SIGNED_IN = {**ANYONE, "visitor": 401}
VIEWERS = {**SIGNED_IN, "stranger": 404, "staff": 404, "helper": 404}
EDITORS = {**VIEWERS, "viewer": 403}
OWNER = {**EDITORS, "editor": 403}
# A job on the canvas: its members see it, and so does staff.
SEES_JOB = {**VIEWERS, "staff": ALLOWED, "helper": ALLOWED}
STEERS_JOB = {**SEES_JOB, "viewer": 403}
# Undoing changes the canvas: being staff opens no canvas.
REVERTS_JOB = {**EDITORS, "staff": 404}
REQUESTER = {**SIGNED_IN, "stranger": 404, "viewer": 404, "editor": 404}
INVITED = {**dict.fromkeys(CAST, 403), "visitor": 401, "stranger": ALLOWED}
STAFF_OR_TOKEN = {**dict.fromkeys(CAST, 404), "staff": ALLOWED, "helper": ALLOWED}

ASK: dict[str, Any] = {"instructions": "A -> B"}


@dataclass(frozen=True)
class Rule:
    expected: dict[str, int]
    body: dict[str, Any] = field(default_factory=dict)


RULES: dict[str, Rule] = {
    "GET /api/session": Rule(ANYONE),
    "POST /api/session": Rule(ANYONE, {"username": "x"}),
    "DELETE /api/session": Rule(ANYONE),
    "GET /api/schema": Rule(ANYONE),
    "GET /api/docs": Rule(ANYONE),
    "GET /api/ai-agent/health": Rule(ANYONE),
    "GET /health/live": Rule(ANYONE),
    "GET /health/ready": Rule(ANYONE),
    "GET /version": Rule(ANYONE),
    "GET /metrics": Rule(STAFF_OR_TOKEN),
    # The page, and whatever no other address takes.
    "GET /": Rule(ANYONE),
    # To the admin's sign-in.
    "GET /admin": Rule(ANYONE),
    "POST /api/ai-agent/create-canvas": Rule(SIGNED_IN, ASK),
    "POST /api/ai-agent/modify-canvas": Rule(EDITORS, {**ASK, "canvas_id": "{canvas_id}"}),
    "GET /api/ai-agent/job/{job_id}/status": Rule(SEES_JOB),
    "GET /api/ai-agent/job/{job_id}/result": Rule(SEES_JOB),
    "POST /api/ai-agent/job/{job_id}/cancel": Rule(STEERS_JOB),
    "POST /api/ai-agent/job/{job_id}/retry": Rule(STEERS_JOB),
    "GET /api/ai-agent/jobs": Rule(SIGNED_IN),
    "GET /api/ai-agent/jobs/stats": Rule(SIGNED_IN),
    "GET /api/jobs": Rule(SIGNED_IN),
    "POST /api/jobs": Rule(EDITORS, {**ASK, "job_type": "modify_canvas", "canvas_id": "{canvas_id}"}),
    "POST /api/jobs/batch": Rule(SIGNED_IN, {"jobs": [{**ASK, "job_type": "create_canvas"}]}),
    "GET /api/jobs/batch/{batch_id}": Rule(REQUESTER),
    "GET /api/jobs/{job_id}": Rule(SEES_JOB),
    "PATCH /api/jobs/{job_id}": Rule(STEERS_JOB, {"priority": 1}),
    # Then nobody can undo it any more.
    "DELETE /api/jobs/{job_id}": Rule({**STEERS_JOB, "editor": 403, "helper": 403}),
    "POST /api/jobs/{job_id}/cancel": Rule(STEERS_JOB),
    "POST /api/jobs/{job_id}/retry": Rule(STEERS_JOB),
    "POST /api/jobs/{job_id}/undo": Rule(REVERTS_JOB),
    "POST /api/jobs/{job_id}/redo": Rule(REVERTS_JOB),
    "GET /api/jobs/{job_id}/result": Rule(SEES_JOB),
    "GET /api/jobs/{job_id}/events": Rule(SEES_JOB),
    "GET /api/canvases": Rule(SIGNED_IN),
    "POST /api/canvases": Rule(SIGNED_IN, {"title": "New"}),
    "GET /api/canvases/{canvas_id}": Rule(VIEWERS),
    "PATCH /api/canvases/{canvas_id}": Rule(EDITORS, {"title": "Other"}),
    "DELETE /api/canvases/{canvas_id}": Rule(OWNER),
    "GET /api/canvases/{canvas_id}/snapshot": Rule(VIEWERS),
    "POST /api/canvases/{canvas_id}/operations": Rule(
        EDITORS, {"operations": [{"type": "delete", "id": "x"}]}
    ),
    "GET /api/canvases/{canvas_id}/export": Rule(VIEWERS),
    "GET /api/canvases/{canvas_id}/thumbnail": Rule(VIEWERS),
    "GET /api/canvases/{canvas_id}/jobs": Rule(VIEWERS),
    "GET /api/canvases/{canvas_id}/history": Rule(VIEWERS),
    "GET /api/canvases/{canvas_id}/members": Rule(VIEWERS),
    "PATCH /api/canvases/{canvas_id}/members/{user_id}": Rule(OWNER, {"role": "viewer"}),
    # Of the editor, by the editor: everybody may leave.
    "DELETE /api/canvases/{canvas_id}/members/{user_id}": Rule({**OWNER, "editor": ALLOWED}),
    "GET /api/canvases/{canvas_id}/invitations": Rule(OWNER),
    "POST /api/canvases/{canvas_id}/invitations": Rule(OWNER, {"email": "x@example.org", "role": "viewer"}),
    "DELETE /api/canvases/{canvas_id}/invitations/{invitation_id}": Rule(OWNER),
    # Whoever has the link may read what it offers; only the invited address may take it.
    "GET /api/invitations/{token}": Rule(SIGNED_IN),
    "POST /api/invitations/{token}/accept": Rule(INVITED),
}
# The admin's own pages that are not behind its sign-in: the sign-in, and signing out, which goes back to it.
ADMIN_OPEN = {"/admin/login/": 200, "/admin/logout/": 302}
SOCKET_RULES = {
    "ws/jobs": {"visitor": 4401},
    "ws/canvases/<str:canvas_id>": {"visitor": 4401, "stranger": 4404},
}


def walk(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every address with its view; what a converter takes stands as `{name}`, a regular expression as nothing."""
    for pattern in patterns:
        text = str(pattern.pattern)
        text = "" if text.startswith("^") else re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", text)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, prefix + text)
        else:
            assert isinstance(pattern, URLPattern)
            yield prefix + text, pattern.callback


def methods(view: Any) -> list[str]:
    actions = getattr(view, "actions", None)
    if actions:
        return sorted(method.upper() for method in actions if method != "head")
    view_class = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if view_class is None:
        return ["GET"]
    named = ("get", "post", "put", "patch", "delete")
    return [method.upper() for method in named if hasattr(view_class, method)]


def routes() -> dict[str, Any]:
    return {
        f"{method} /{path}": view
        for path, view in walk(get_resolver().url_patterns)
        for method in methods(view)
    }


ADMIN_ROUTES = sorted({route.split()[1] for route in routes() if route.split()[1].startswith("/admin/")})


def test_every_address_has_a_rule_and_every_rule_an_address() -> None:
    known = {route for route in routes() if not route.split()[1].startswith("/admin/")}
    assert known - RULES.keys() == set(), "state in RULES who may do this"
    assert RULES.keys() - known == set(), "these addresses are gone"
    assert len(known) > 40
    # Addresses that begin with a regular expression all count as "/": the page, where it has nothing, and where
    # nothing is for programs.
    assert sum(str(pattern.pattern).startswith("^") for pattern in get_resolver().url_patterns) == 3
    assert len(ADMIN_ROUTES) > 40


def test_every_socket_has_a_rule() -> None:
    assert {str(pattern.pattern) for pattern in websocket_urlpatterns} == SOCKET_RULES.keys()


@dataclass
class World:
    people: dict[str, User]
    values: dict[str, str]


@pytest.fixture
def world(db: None) -> World:
    # Without passwords, which take long to hash: nobody signs in here.
    people = {name: User.objects.create(username=name, email=f"{name}@example.org") for name in CAST[1:]}
    User.objects.filter(username="staff").update(is_staff=True, is_superuser=True)
    User.objects.filter(username="helper").update(is_staff=True)
    owner = people["owner"]
    canvas = make.make_canvas(owner, editors=(people["editor"],), viewers=(people["viewer"],))
    invitation = invitations.invite(
        user=owner, canvas_id=canvas.pk, email="stranger@example.org", role=Role.VIEWER, site="http://x"
    )
    batch = jobs.submit_batch(user=owner, items=jobs.parse_batch([{**ASK, "job_type": "create_canvas"}]))
    return World(
        people=people,
        values={
            "canvas_id": str(canvas.pk),
            "job_id": str(make.submit(owner, canvas=canvas).pk),
            "batch_id": str(batch[0].batch_id),
            "user_id": str(people["editor"].pk),
            "invitation_id": str(invitation.pk),
            "token": invitations.token_of(invitation.pk),
        },
    )


def ask(world: World, name: str, method: str, path: str, body: dict[str, Any]) -> HttpResponse:
    """The answer to this person, whose act is undone afterwards."""
    client = Client()
    if name != "visitor":
        client.force_login(world.people[name])
    filled = {
        key: value.format_map(world.values) if isinstance(value, str) else value
        for key, value in body.items()
    }
    with transaction.atomic():
        answer = client.generic(
            method,
            path.format_map(world.values),
            data=json.dumps(filled) if method != "GET" else "",
            content_type="application/json",
        )
        transaction.set_rollback(True)
    return answer  # type: ignore[return-value]  # the test client adds to it


@pytest.mark.parametrize("route", sorted(RULES))
def test_the_whole_cast_gets_what_the_rule_says(world: World, route: str) -> None:
    method, path = route.split()
    rule = RULES[route]
    assert rule.expected.keys() == set(CAST)
    got = {}
    for name in CAST:
        status = ask(world, name, method, path, rule.body).status_code
        got[name] = status if status in {401, 403, 404} or status >= 500 else ALLOWED
    if route in {"POST /api/session", "GET /", "GET /health/ready"}:
        # 400 for the lack of a password; 503 where the page is not built or no worker runs.
        got = {name: ALLOWED if status in {ALLOWED, 503} else status for name, status in got.items()}
    assert got == rule.expected


@pytest.mark.parametrize("path", ADMIN_ROUTES)
def test_the_admin_is_for_staff(world: World, path: str) -> None:
    filled = path
    for piece in set(re.findall(r"\{[a-z_]+\}", path)):
        filled = filled.replace(piece, "1")
    for name in ("visitor", "owner"):
        answer = ask(world, name, "GET", filled, {})
        if path in ADMIN_OPEN:
            assert answer.status_code == ADMIN_OPEN[path]
        else:
            assert answer.status_code == 302, (name, answer.status_code)
            assert answer["Location"].startswith("/admin/login/"), name
    answer = ask(world, "staff", "GET", filled, {})
    assert answer.status_code < 500
    assert not answer.get("Location", "").startswith("/admin/login/")


@pytest.mark.parametrize("is_staff", [True, False])
@pytest.mark.parametrize("right", ["view_aijob", "change_aijob", "delete_aijob"])
def test_in_the_api_staff_look_and_steer_and_only_a_right_deletes(
    world: World, right: str, is_staff: bool
) -> None:
    operator = User.objects.create(username="operator", is_staff=is_staff)
    operator.user_permissions.add(Permission.objects.get(codename=right))
    world.people["operator"] = operator
    job = "/api/jobs/{job_id}"
    got = {
        method: ask(world, "operator", method, job, {"priority": 1}).status_code
        for method in ("GET", "PATCH", "DELETE")
    }
    got["stats"] = ask(world, "operator", "GET", "/api/ai-agent/jobs/stats?scope=all", {}).status_code
    # 409: who may delete it is told that it still waits.
    as_staff = {"GET": 200, "PATCH": 200, "DELETE": 409 if right == "delete_aijob" else 403, "stats": 200}
    assert got == (as_staff if is_staff else {"GET": 404, "PATCH": 404, "DELETE": 404, "stats": 403})


def test_who_may_look_and_delete_deletes_jobs_that_are_over(world: World) -> None:
    operator = User.objects.create(username="operator", is_staff=True)
    operator.user_permissions.add(
        *Permission.objects.filter(
            codename__in=["view_aijob", "delete_aijob"], content_type__app_label="ai_jobs"
        )
    )
    world.people["operator"] = operator
    jobs.cancel_job(user=world.people["owner"], job_id=world.values["job_id"])
    assert ask(world, "operator", "DELETE", "/api/jobs/{job_id}", {}).status_code == 204


def test_staff_without_rights_see_no_rows(world: World) -> None:
    for model, model_admin in admin.site._registry.items():
        meta = model._meta
        answer = ask(world, "helper", "GET", f"/admin/{meta.app_label}/{meta.model_name}/", {})
        assert answer.status_code == 403, model_admin


@pytest.mark.parametrize("path", sorted(SOCKET_RULES))
async def test_sockets_turn_away_those_whom_they_are_not_for(
    running: Running, cast: dict[str, Person], canvas_id: str, path: str
) -> None:
    people = {"owner": "ada", "editor": "ben", "viewer": "vera", "stranger": "sam", "visitor": None}
    for role, name in people.items():
        person = None if name is None else cast[name]
        address = f"/{path}".replace("<str:canvas_id>", canvas_id)
        async with listen(running, address, person=person) as ear:
            if role in SOCKET_RULES[path]:
                assert await ear.close_code() == SOCKET_RULES[path][role], role
                assert ear.heard == [], role
            else:
                await ear.hear_until("jobs.snapshot")


def test_an_unknown_id_and_a_foreign_one_are_told_apart_by_nobody(world: World) -> None:
    for route in RULES:
        method, path = route.split()
        if "{canvas_id}" not in path and "{job_id}" not in path:
            continue
        foreign = ask(world, "stranger", method, path, RULES[route].body)
        unknown_world = World(
            world.people, {**world.values, "canvas_id": str(uuid.uuid4()), "job_id": str(uuid.uuid4())}
        )
        unknown = ask(unknown_world, "stranger", method, path, RULES[route].body)
        assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content), route
