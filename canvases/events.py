"""What is announced about a canvas, to whom, and in which shape."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from django.contrib.auth.models import User

from canvases.models import CanvasObject
from canvases.roles import Role
from collabcanvas.lib.realtime import Envelope, envelope, in_pieces

# One notification of PostgreSQL carries just under 8,000 bytes; a larger message is stored and read back,
# which works but costs a query per web process.
_MESSAGE_BYTES = 7_000


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who makes a change: a person, through which connection if any, and for which job if any."""

    user_id: int | None
    name: str
    client_id: str | None = None
    job_id: uuid.UUID | None = None


class ObjectRow(TypedDict):
    """One object as REST and the sockets show it."""

    id: str
    object_type: str
    version: int
    version_nonce: int
    index: str | None
    seq: int
    is_deleted: bool
    created_by: int | None
    created_by_job_id: str | None
    updated_by: int | None
    job_id: str | None
    properties: dict[str, Any]


def person_name(user: User) -> str:
    """What others see of a person: the full name, or else the user name."""
    return user.get_full_name() or user.get_username()


def actor_of(user: User, *, client_id: str | None = None) -> Actor:
    """`user` acting in person, through the socket `client_id` if one is given."""
    return Actor(user_id=user.pk, name=person_name(user), client_id=client_id)


def canvas_group(canvas_id: uuid.UUID) -> str:
    """Everyone who has the canvas open."""
    return f"canvas.{canvas_id}"


def member_group(canvas_id: uuid.UUID, user_id: int) -> str:
    """The connections of one person to the canvas."""
    return f"canvas.{canvas_id}.user.{user_id}"


def object_row(row: CanvasObject) -> ObjectRow:
    """The one serialisation of an object."""
    return {
        "id": row.object_id,
        "object_type": row.object_type,
        "version": row.version,
        "version_nonce": row.version_nonce,
        "index": row.index,
        "seq": row.seq,
        "is_deleted": row.is_deleted,
        "created_by": row.created_by_id,
        "created_by_job_id": None if row.created_by_job_id is None else str(row.created_by_job_id),
        "updated_by": row.updated_by_id,
        "job_id": None if row.job_id is None else str(row.job_id),
        "properties": row.properties,
    }


def changed_message(*, rows: Sequence[ObjectRow], actor: Actor) -> dict[str, Any]:
    """`objects.changed` with the highest seq among its own objects."""
    return {
        "type": "objects.changed",
        "objects": list(rows),
        "seq": max(row["seq"] for row in rows),
        "actor": {"user_id": actor.user_id, "name": actor.name, "client_id": actor.client_id},
        "job_id": None if actor.job_id is None else str(actor.job_id),
    }


def objects_changed(*, canvas_id: uuid.UUID, rows: Sequence[ObjectRow], actor: Actor) -> list[Envelope]:
    """The change for everyone on the canvas, in messages that fit a notification where that is possible.

    `rows` come in the order of their seq; so do the messages, without a gap.
    """
    groups = (canvas_group(canvas_id),)
    return [
        envelope(groups, changed_message(rows=piece, actor=actor))
        for piece in in_pieces(rows, _MESSAGE_BYTES)
    ]


def renamed(*, canvas_id: uuid.UUID, title: str) -> Envelope:
    """The canvas's new title, for everyone on it."""
    return envelope((canvas_group(canvas_id),), {"type": "canvas.renamed", "title": title})


def access_changed(*, canvas_id: uuid.UUID, user_id: int, role: Role | None) -> Envelope:
    """For the connections of one member: their new role, or None when it ended."""
    return envelope(
        (member_group(canvas_id, user_id),),
        {"type": "access.changed", "role": None if role is None else role.value},
    )


def deleted(*, canvas_id: uuid.UUID) -> Envelope:
    """For everyone on the canvas: it is gone, and with it all access."""
    return envelope((canvas_group(canvas_id),), {"type": "access.changed", "role": None, "reason": "deleted"})
