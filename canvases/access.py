"""The one door to a canvas: nobody gets one for somebody in any other way."""

import uuid

from django.contrib.auth.models import User
from django.db.models import QuerySet

from canvases.errors import CanvasNotFound, RoleTooLow
from canvases.models import Canvas, Membership
from canvases.querysets import CanvasQuerySet
from canvases.roles import Role

__all__ = ["Role", "get_canvas", "get_membership", "members_of", "parse_canvas_id", "visible_canvases"]


def parse_canvas_id(raw: object) -> uuid.UUID:
    """The id that `raw` spells in its 36-character form; anything else raises `CanvasNotFound`."""
    if isinstance(raw, uuid.UUID):
        return raw
    try:
        parsed = uuid.UUID(str(raw))
    except ValueError as error:
        raise CanvasNotFound from error
    # uuid.UUID also reads braces, "urn:uuid:" and missing dashes; one id has one spelling here.
    if str(parsed) != str(raw).lower():
        raise CanvasNotFound
    return parsed


def get_membership(
    *, user: User, canvas_id: object, role: Role = Role.VIEWER, lock: bool = False
) -> Membership:
    """The membership that lets `user` act as `role` on the canvas, with `canvas` and its owner loaded.

    An id that is malformed, unknown or not shared with `user` raises the same `CanvasNotFound`; a role that
    is too low raises `RoleTooLow` (403). Being staff opens nothing, and
    a switched-off account has no canvases. With `lock` (inside a transaction only)
    the canvas row is locked first, so the role read here holds until the transaction ends.
    """
    parsed = parse_canvas_id(canvas_id)
    if lock:
        # Members change only under this lock, and the statement below sees what was committed before it.
        Canvas.objects.select_for_update(no_key=True).filter(pk=parsed).order_by().values_list("pk").first()
    membership = (
        Membership.objects.select_related("canvas__owner")
        .filter(canvas_id=parsed, user=user, user__is_active=True)
        .first()
    )
    if membership is None:
        raise CanvasNotFound
    if not Role(membership.role).includes(role):
        raise RoleTooLow(role)
    return membership


def get_canvas(*, user: User, canvas_id: object, role: Role = Role.VIEWER, lock: bool = False) -> Canvas:
    """The canvas, when `user` may act as `role` on it; otherwise raises as `get_membership` does."""
    return get_membership(user=user, canvas_id=canvas_id, role=role, lock=lock).canvas


def visible_canvases(user: User) -> CanvasQuerySet:
    """The canvases of which `user` is a member."""
    return Canvas.objects.all().visible_to(user)


def members_of(canvas: Canvas) -> QuerySet[Membership]:
    """The memberships of a canvas, with their users."""
    return Membership.objects.filter(canvas=canvas).select_related("user")
