"""Canvases in the admin: for looking, not for changing, and without what is drawn."""

import pytest
from django.test import Client
from django.urls import reverse

from canvases import invitations
from canvases.models import Invitation
from canvases.roles import Role
from canvases.services import actor_of, apply_operations
from canvases.tests.factories import Cast, edits, make_user, put


@pytest.fixture
def operator(cast: Cast) -> Client:
    apply_operations(
        canvas_id=cast.canvas.pk,
        operations=edits(put("a", customData={"note": "what is drawn"})),
        actor=actor_of(cast.owner),
    )
    invitations.invite(
        user=cast.owner,
        canvas_id=cast.canvas.pk,
        email=cast.stranger.email,
        role=Role.EDITOR,
        site="http://testserver",
    )
    client = Client()
    client.force_login(make_user("operator", is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize("model", ["canvas", "membership", "invitation"])
def test_lists_search_and_pages_open(cast: Cast, operator: Client, model: str) -> None:
    listing = reverse(f"admin:canvases_{model}_changelist")
    rows = {
        "canvas": cast.canvas,
        "membership": cast.canvas.memberships.first(),
        "invitation": Invitation.objects.get(),
    }

    for query in ("", "?q=Plan", f"?q={cast.canvas.pk}", "?q=olga", "?q=%F0%9F%8E%A8"):
        assert operator.get(listing + query).status_code == 200
    page = operator.get(reverse(f"admin:canvases_{model}_change", args=[rows[model].pk]))  # type: ignore[union-attr]

    assert page.status_code == 200
    assert b"what is drawn" not in page.content
    assert Invitation.objects.get().token_hash.encode() not in page.content


@pytest.mark.parametrize("model", ["canvas", "membership", "invitation"])
def test_nothing_is_added_changed_or_deleted_here(cast: Cast, operator: Client, model: str) -> None:
    assert operator.get(reverse(f"admin:canvases_{model}_add")).status_code == 403
    assert operator.post(reverse("admin:canvases_canvas_delete", args=[cast.canvas.pk])).status_code == 403
    assert operator.post(reverse("admin:canvases_canvas_change", args=[cast.canvas.pk])).status_code == 403
