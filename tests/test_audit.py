"""Who did what, when, from where and through what: on record with the act, for ever unchanged, and without secrets."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import InternalError, ProgrammingError, connection, transaction
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from knox.models import AuthToken
from rest_framework.test import APIClient
from websockets.asyncio.client import connect

from ai_jobs import services as jobs
from ai_jobs.models import AIJob
from ai_jobs.tests import factories as make
from canvases import invitations
from canvases import services as canvases
from canvases.models import Canvas
from canvases.portable import read_canvas, write_canvas
from canvases.restoring import Wishes, restore_canvas
from canvases.roles import Role
from collabcanvas.lib import audit
from collabcanvas.lib.models import AuditEntry
from collabcanvas.lib.tasks import remove_old_audit
from tests.people import Person, Rows
from tests.running import Running, wait_until

REQUEST_ID = "a-request-of-this-test"
SECRET = "correct horse battery staple"


class World:
    """An owner with a canvas, an editor, an operator; and the API as the owner, under a known request id."""

    def __init__(self) -> None:
        self.owner = make.make_user("owner", email="owner@example.org")
        self.editor = make.make_user("editor", email="editor@example.org")
        self.operator = make.make_user("operator", is_staff=True, is_superuser=True)
        self.canvas: Canvas = make.make_canvas(self.owner, editors=(self.editor,))
        self.api = APIClient(REMOTE_ADDR="203.0.113.5", headers={"X-Request-ID": REQUEST_ID})
        self.api.force_authenticate(self.owner)

    def job(self) -> AIJob:
        return make.submit(self.owner, canvas=self.canvas)


@pytest.fixture
def world(db: None) -> World:
    return World()


def newest() -> AuditEntry:
    found = AuditEntry.objects.order_by("-id").first()
    assert found is not None
    return found


def recorded(action: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=action).order_by("id"))


# --- Acts on what is ours ---
ACTS: dict[str, Callable[[World], tuple[str, object]]] = {}


def act(action: str) -> Callable[[Callable[[World], tuple[str, object]]], None]:
    def note(function: Callable[[World], tuple[str, object]]) -> None:
        ACTS[action] = function

    return note


@act("canvas.created")
def _(world: World) -> tuple[str, object]:
    return "canvas", world.api.post("/api/canvases", {"title": "New"}).json()["id"]


@act("canvas.renamed")
def _(world: World) -> tuple[str, object]:
    world.api.patch(f"/api/canvases/{world.canvas.pk}", {"title": "Other"})
    return "canvas", world.canvas.pk


@act("canvas.deleted")
def _(world: World) -> tuple[str, object]:
    canvas_id = world.canvas.pk
    world.api.delete(f"/api/canvases/{canvas_id}")
    return "canvas", canvas_id


@act("member.role_changed")
def _(world: World) -> tuple[str, object]:
    world.api.patch(f"/api/canvases/{world.canvas.pk}/members/{world.editor.pk}", {"role": "viewer"})
    return "canvas", world.canvas.pk


@act("member.removed")
def _(world: World) -> tuple[str, object]:
    world.api.delete(f"/api/canvases/{world.canvas.pk}/members/{world.editor.pk}")
    return "canvas", world.canvas.pk


def invite(world: World, email: str = "new@example.org") -> Any:
    body = {"email": email, "role": "viewer"}
    return world.api.post(f"/api/canvases/{world.canvas.pk}/invitations", body).json()


@act("invitation.created")
def _(world: World) -> tuple[str, object]:
    return "invitation", invite(world)["id"]


@act("invitation.revoked")
def _(world: World) -> tuple[str, object]:
    invitation_id = invite(world)["id"]
    world.api.delete(f"/api/canvases/{world.canvas.pk}/invitations/{invitation_id}")
    return "invitation", invitation_id


@act("invitation.accepted")
def _(world: World) -> tuple[str, object]:
    other = make.make_canvas(world.editor)
    made = invitations.invite(
        user=world.editor, canvas_id=other.pk, email="owner@example.org", role=Role.VIEWER, site="http://x"
    )
    world.api.post(f"/api/invitations/{invitations.token_of(made.pk)}/accept")
    return "invitation", made.pk


@act("job.cancelled")
def _(world: World) -> tuple[str, object]:
    job = world.job()
    world.api.post(f"/api/ai-agent/job/{job.pk}/cancel")
    return "job", job.pk


@act("job.retried")
def _(world: World) -> tuple[str, object]:
    job = world.job()
    jobs.cancel_job(user=world.owner, job_id=job.pk)
    world.api.post(f"/api/jobs/{job.pk}/retry")
    return "job", job.pk


@act("job.reprioritised")
def _(world: World) -> tuple[str, object]:
    job = world.job()
    world.api.patch(f"/api/jobs/{job.pk}", {"priority": 3})
    return "job", job.pk


@act("job.deleted")
def _(world: World) -> tuple[str, object]:
    job = world.job()
    jobs.cancel_job(user=world.owner, job_id=job.pk)
    world.api.delete(f"/api/jobs/{job.pk}")
    return "job", job.pk


@pytest.mark.parametrize("action", sorted(ACTS))
def test_each_act_is_on_record_with_everything_that_is_known(world: World, action: str) -> None:
    target_type, target_id = ACTS[action](world)

    (entry,) = [entry for entry in recorded(action) if entry.request_id == REQUEST_ID]
    assert (entry.target_type, entry.target_id) == (target_type, str(target_id))
    assert (entry.actor_id, entry.actor_name) == (world.owner.pk, "owner")
    assert (entry.channel, entry.address) == ("api", "203.0.113.5")


def test_pausing_and_resuming_are_on_record(world: World) -> None:
    jobs.pause_jobs(user=world.operator, reason="The vendor is down")
    jobs.pause_jobs(user=world.operator, reason="Twice is once")
    jobs.resume_jobs(user=world.operator)
    assert [entry.actor_name for entry in recorded("queue.paused")] == ["operator"]
    assert recorded("queue.paused")[0].detail == {"reason": "The vendor is down"}
    assert recorded("queue.resumed")[0].target_id == "all"


def test_what_an_operator_does_to_many_jobs_is_on_record_and_doing_it_to_none_is_not(world: World) -> None:
    jobs.requeue_jobs(user=world.operator, job_ids=[world.job().pk])
    jobs.rescue_jobs(user=world.operator)
    jobs.clean_up_jobs(user=world.operator, days=0)
    assert not AuditEntry.objects.filter(action__startswith="jobs.")

    (claimed,) = make.claim()
    assert jobs.requeue_jobs(user=world.operator, job_ids=[claimed.row.id]) == 1
    (claimed,) = make.claim()
    make.expire(claimed)
    assert jobs.rescue_jobs(user=world.operator) == 1
    jobs.cancel_job(user=world.owner, job_id=claimed.row.id)
    assert jobs.clean_up_jobs(user=world.operator, days=0) == 1
    entries = AuditEntry.objects.filter(action__startswith="jobs.").order_by("id")
    assert [(entry.action, entry.actor_name, entry.detail) for entry in entries] == [
        ("jobs.requeued", "operator", {"jobs": 1}),
        ("jobs.rescued", "operator", {"jobs": 1}),
        ("jobs.cleaned_up", "operator", {"days": 0, "removed_so_far": 1}),
    ]


def test_restoring_is_on_record_with_what_came_of_it_and_trying_it_is_not(world: World) -> None:
    saved = read_canvas(write_canvas(world.canvas.pk).content)
    world.canvas.delete()
    restore_canvas(saved, Wishes(dry_run=True))
    assert recorded("canvas.restored") == []
    for _ in range(2):
        restore_canvas(saved, Wishes())
    (entry,) = recorded("canvas.restored")
    assert (entry.target_type, entry.target_id) == ("canvas", str(saved.canvas.id))
    assert entry.detail == {"result": "restored", "objects": 0}


def test_what_is_refused_or_rolled_back_leaves_no_record(world: World) -> None:
    world.api.force_authenticate(world.editor)
    assert world.api.delete(f"/api/canvases/{world.canvas.pk}").status_code == 403
    with transaction.atomic():
        canvases.rename_canvas(user=world.owner, canvas_id=world.canvas.pk, title="Never")
        transaction.set_rollback(True)
    assert recorded("canvas.deleted") + recorded("canvas.renamed") == []


def test_asking_for_jobs_and_drawing_are_recorded_where_they_are_and_not_here(world: World) -> None:
    before = AuditEntry.objects.count()
    world.api.post("/api/ai-agent/create-canvas", {"instructions": "A -> B"})
    world.api.post(
        f"/api/canvases/{world.canvas.pk}/operations", {"operations": [{"type": "delete", "id": "x"}]}
    )
    assert AuditEntry.objects.count() == before


# --- Signing in, accounts, tokens, what the admin does ---
def test_signing_in_and_out_and_failing_to_are_on_record(world: World) -> None:
    world.owner.set_password(SECRET)
    world.owner.save()
    browser = Client(REMOTE_ADDR="203.0.113.9", headers={"X-Request-ID": REQUEST_ID})

    def sign_in(username: str, password: str) -> int:
        body = {"username": username, "password": password}
        return browser.post("/api/session", body, content_type="application/json").status_code

    assert sign_in("owner", "wrong") == 401
    assert sign_in(SECRET, "wrong") == 401
    assert sign_in("owner", SECRET) == 200
    assert browser.delete("/api/session").status_code == 204

    known, unknown = recorded("sign_in.failed")
    assert (known.target_id, known.detail) == (str(world.owner.pk), {"account": "owner"})
    assert (unknown.target_id, unknown.detail) == ("", {"account": "unknown"})
    for action in ("sign_in.succeeded", "sign_in.ended"):
        (entry,) = recorded(action)
        assert (entry.actor_id, entry.address) == (world.owner.pk, "203.0.113.9"), action
    # A password that was typed into the field of the name is nowhere.
    assert SECRET not in json.dumps(list(AuditEntry.objects.values()), default=str)


def test_changes_of_accounts_are_on_record_whoever_makes_them(world: World) -> None:
    user = world.editor
    user.first_name = "Edda"
    user.save()
    assert recorded("user.activation_changed") + recorded("user.rights_changed") == []
    user.is_active = False
    user.is_staff = True
    user.save()
    user.set_password(SECRET)
    user.save()
    assert len(recorded("user.activation_changed")) == len(recorded("user.rights_changed")) == 1
    assert recorded("user.activation_changed")[0].detail["is_active"] is False
    assert recorded("user.password_changed")[-1].target_id == str(user.pk)
    user_id = user.pk
    user.delete()
    assert recorded("user.deleted")[0].target_id == str(user_id)


def test_tokens_are_on_record_but_not_their_secret(world: World) -> None:
    out = StringIO()
    call_command("api_token", "owner", stdout=out)
    token = out.getvalue().strip()
    AuthToken.objects.get(user=world.owner).delete()
    (made,), (revoked,) = recorded("token.created"), recorded("token.deleted")
    assert made.target_id == revoked.target_id == token[:15]
    assert made.detail == {"owner": "owner"}
    assert token not in json.dumps(list(AuditEntry.objects.values()), default=str)


def test_what_the_admin_changes_is_on_record(world: World) -> None:
    admin = Client(REMOTE_ADDR="203.0.113.7")
    admin.force_login(world.operator)
    made = admin.post("/admin/auth/group/add/", {"name": "Helpers"})
    assert made.status_code == 302, made.content
    entry = recorded("admin.added")[-1]
    assert (entry.target_type, entry.actor_name, entry.channel) == ("group", "operator", "admin")
    assert entry.address == "203.0.113.7"


# --- The record itself ---
def test_what_looks_like_a_secret_is_left_out() -> None:
    given = {
        "password": SECRET, "new_password2": SECRET, "nested": {"api_key": SECRET, "kept": 1},
        "list": [{"Authorization": SECRET}], "token": SECRET, "long": "x" * 10_000, "none": None,
    }  # fmt: skip
    left = audit.redacted(given)
    assert SECRET not in json.dumps(left)
    assert left["nested"] == {"api_key": audit.REDACTED, "kept": 1}
    assert len(left["long"]) == 500
    assert left["none"] is None


def test_nobody_can_change_or_remove_a_record(world: World) -> None:
    jobs.pause_jobs(user=world.operator)
    for statement in (
        "UPDATE kernel_auditentry SET actor_name = 'somebody else'",
        "DELETE FROM kernel_auditentry",
        # Not even as the clean-up does it: what is removed must be older than a day.
        "SET LOCAL collabcanvas.audit_retention = 'on'; DELETE FROM kernel_auditentry",
        # Tests may empty all tables otherwise; see conftest.py.
        "ALTER TABLE kernel_auditentry ENABLE TRIGGER audit_is_not_emptied; TRUNCATE kernel_auditentry",
    ):
        with (
            pytest.raises((InternalError, ProgrammingError), match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert newest().actor_name == "operator"


def test_old_records_go_after_the_time_that_is_set_and_not_before(world: World, settings: Any) -> None:
    AuditEntry.objects.create(action="old.act", channel="api", at=Now() - timedelta(days=31))
    AuditEntry.objects.create(action="new.act", channel="api", at=Now() - timedelta(days=29))
    settings.AUDIT_RETENTION_DAYS = 0
    assert remove_old_audit() == 0
    settings.AUDIT_RETENTION_DAYS = 30
    assert remove_old_audit() == 1
    assert recorded("old.act") == []
    assert len(recorded("new.act")) == 1


def test_the_admin_shows_filters_and_searches_the_record_and_changes_nothing(world: World) -> None:
    world.api.patch(f"/api/canvases/{world.canvas.pk}", {"title": "Other"})
    entry = newest()
    admin = Client()
    admin.force_login(world.operator)
    pages = "/admin/kernel/auditentry/"
    for found in (
        f"?q={REQUEST_ID}", f"?q={world.canvas.pk}", "?q=owner", "?q=canvas.ren", "?q=203.0.113.5",
        "?target_type=canvas", "?channel=api",
    ):  # fmt: skip
        assert "canvas.renamed" in admin.get(pages + found).content.decode(), found
    for missed in ("?q=nobody", "?channel=socket"):
        assert "canvas.renamed" not in admin.get(pages + missed).content.decode(), missed
    # Two acts of the same minute can be told apart.
    assert f"{entry.at:%Y-%m-%d %H:%M:%S}" in admin.get(pages).content.decode()
    assert admin.get(f"{pages}{entry.pk}/change/").status_code == 200
    assert admin.get(f"{pages}add/").status_code == 403
    assert admin.post(f"{pages}{entry.pk}/change/", {"action": "x"}).status_code == 403
    assert admin.post(f"{pages}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    helper = User.objects.create_user("helper", is_staff=True)
    admin.force_login(helper)
    assert admin.get(pages).status_code == 403


def test_the_list_of_records_tells_what_each_act_was_about(admin_client: Client) -> None:
    audit.record("canvas.renamed", target=("canvas", 1), before="Old", after="New")
    page = admin_client.get("/admin/kernel/auditentry/").content.decode()
    assert "after: New, before: Old" in page
    assert "Kernel" not in page


def test_the_list_of_records_asks_for_no_more_of_them_than_it_shows(admin_client: Client) -> None:
    audit.record("canvas.created", target=("canvas", 1))
    with CaptureQueriesContext(connection) as seen:
        page = admin_client.get("/admin/kernel/auditentry/")
    assert 'target_type=canvas"' in page.content.decode()
    asked = [item["sql"] for item in seen.captured_queries if "kernel_auditentry" in item["sql"]]
    counts = [statement for statement in asked if "COUNT(" in statement]
    assert counts
    # With a million records, reading all of them for a filter or a count would take long.
    assert all(re.search(r"LIMIT \d+\) subquery", statement) for statement in counts), counts
    assert not [statement for statement in asked if "DISTINCT" in statement]


# --- Through sockets and the command line ---
async def test_sockets_and_the_command_line_are_told_apart(
    running: Running, cast: dict[str, Person], rows: Rows
) -> None:
    def of_job(job_id: str) -> list[dict[str, Any]]:
        return rows.query(
            "SELECT actor_name, channel, address, request_id FROM kernel_auditentry"
            " WHERE action = 'job.cancelled' AND target_id = %s",
            job_id,
        )

    ada = cast["ada"]
    running.manage("aijobs", "pause", "--user", "ada")
    try:
        by_socket, by_command = ada.ask("A -> B"), ada.ask("A -> B")
        address = running.base_url.replace("http", "ws") + "/ws/jobs"
        async with connect(address, subprotocols=["collabcanvas.v1", f"bearer.{ada.token}"]) as line:  # type: ignore[list-item]
            await line.send(json.dumps({"type": "job.cancel", "job_id": by_socket}))
            wait_until(lambda: of_job(by_socket), "the record of the socket's act")
        running.manage("aijobs", "cancel", by_command, "--user", "ada")
    finally:
        running.manage("aijobs", "resume", "--user", "ada")
    (entry,) = of_job(by_socket)
    assert (entry["actor_name"], entry["channel"]) == ("ada", "socket")
    assert entry["address"] in {"127.0.0.1", "::1"}
    assert len(entry["request_id"]) == 32
    assert of_job(by_command) == [{"actor_name": "ada", "channel": "cli", "address": "", "request_id": ""}]
