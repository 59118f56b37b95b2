"""What the database itself refuses, whoever writes."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError
from django.db.models.functions import Now

from canvases.models import Canvas, CanvasObject, Invitation, Membership
from canvases.services import actor_of, apply_operations
from canvases.tests.factories import Cast, edits, put


def _second_owner(cast: Cast) -> None:
    Membership.objects.filter(user=cast.editor).update(role="owner")


def _second_role(cast: Cast) -> None:
    Membership.objects.create(canvas=cast.canvas, user=cast.editor, role="viewer")


def _unknown_role(cast: Cast) -> None:
    Membership.objects.filter(user=cast.editor).update(role="boss")


def _untitled(cast: Cast) -> None:
    Canvas.objects.update(title="")


def _object_twice(cast: Cast) -> None:
    apply_operations(canvas_id=cast.canvas.pk, operations=edits(put("a")), actor=actor_of(cast.owner))
    copy = CanvasObject.objects.get()
    copy.pk = None
    copy.save(force_insert=True)


def _owner_by_invitation(cast: Cast) -> None:
    Invitation.objects.create(
        canvas=cast.canvas, email="x@example.org", role="owner", token_hash="x", expires_at=Now()
    )


def _two_open_invitations(cast: Cast) -> None:
    for number, email in enumerate(("x@example.org", "X@example.org")):
        Invitation.objects.create(
            canvas=cast.canvas, email=email, role="viewer", token_hash=str(number), expires_at=Now()
        )


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (_second_owner, "canvas_has_one_owner"),
        (_second_role, "person_has_one_role_on_a_canvas"),
        (_unknown_role, "membership_has_a_known_role"),
        (_untitled, "canvas_has_a_title"),
        (_object_twice, "object_is_on_a_canvas_once"),
        (_owner_by_invitation, "invitation_offers_view_or_edit"),
        (_two_open_invitations, "address_has_one_open_invitation"),
    ],
)
def test_a_broken_row_is_refused_with_the_broken_rule(
    cast: Cast, act: Callable[[Cast], None], sentence: str
) -> None:
    with pytest.raises(IntegrityError, match=sentence):
        act(cast)
