"""Two people and a canvas they share, for trying things out; never in production."""

from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction

from canvases.models import Canvas, Membership
from canvases.roles import Role
from canvases.services import create_canvas

PASSWORD = "collabcanvas-demo"  # noqa: S105  # known to everybody: refused when DEBUG is off
TITLE = "Welcome to CollabCanvas"


class Demo(NamedTuple):
    """What is there now."""

    ada: User
    ben: User
    canvas: Canvas


def _person(username: str, *, is_operator: bool) -> User:
    user, is_new = User.objects.get_or_create(
        username=username,
        defaults={
            "email": f"{username}@example.org",
            "is_staff": is_operator,
            "is_superuser": is_operator,
        },
    )
    if is_new:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    return user


@transaction.atomic
def ensure_demo() -> Demo:
    """The demo accounts and their canvas exist; what exists already stays as it is."""
    ada = _person("ada", is_operator=True)
    ben = _person("ben", is_operator=False)
    canvas = Canvas.objects.filter(owner=ada, title=TITLE).order_by("created_at").first()
    if canvas is None:
        canvas = create_canvas(owner=ada, title=TITLE)
        Membership.objects.create(canvas=canvas, user=ben, role=Role.EDITOR)
    return Demo(ada, ben, canvas)
