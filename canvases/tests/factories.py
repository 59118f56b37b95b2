"""What the tests of canvases start from: people in their roles, and elements."""

import json
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from rest_framework.test import APIClient

from canvases.models import Canvas, Membership
from canvases.operations import Edit, parse_operations
from canvases.roles import Role
from canvases.services import create_canvas


@dataclass(frozen=True)
class Cast:
    """A canvas, one person in each role, and one who has nothing to do with it."""

    canvas: Canvas
    owner: User
    editor: User
    viewer: User
    stranger: User


def make_user(username: str, **fields: Any) -> User:
    return User.objects.create_user(username=username, email=f"{username}@example.org", **fields)


def make_cast(title: str = "Plan") -> Cast:
    owner, editor, viewer, stranger = (make_user(name) for name in ("olga", "edda", "vito", "stan"))
    canvas = create_canvas(owner=owner, title=title)
    Membership.objects.create(canvas=canvas, user=editor, role=Role.EDITOR)
    Membership.objects.create(canvas=canvas, user=viewer, role=Role.VIEWER)
    return Cast(canvas, owner, editor, viewer, stranger)


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


def send(client: APIClient, method: str, path: str, body: Any) -> Any:
    """A request whose body is this JSON, also where it could not be written as UTF-8."""
    return client.generic(method, path, json.dumps(body), content_type="application/json")


def element(object_id: str, **fields: Any) -> dict[str, Any]:
    """A complete Excalidraw rectangle."""
    return {
        "id": object_id,
        "type": "rectangle",
        "x": 0,
        "y": 0,
        "width": 160,
        "height": 80,
        "angle": 0,
        "strokeColor": "#1e1e1e",
        "backgroundColor": "#a5d8ff",
        "fillStyle": "solid",
        "strokeWidth": 2,
        "strokeStyle": "solid",
        "roughness": 1,
        "opacity": 100,
        "groupIds": [],
        "frameId": None,
        "roundness": {"type": 3},
        "seed": 1,
        "version": 1,
        "versionNonce": 12345,
        "index": "a0",
        "isDeleted": False,
        "boundElements": [],
        "updated": 1767323045678,
        "link": None,
        "locked": False,
        **fields,
    }


def put(object_id: str, **fields: Any) -> dict[str, Any]:
    """One edit of `POST …/operations`."""
    return {"type": "put", "id": object_id, "properties": element(object_id, **fields)}


def delete(object_id: str) -> dict[str, Any]:
    return {"type": "delete", "id": object_id}


def edits(*raw: dict[str, Any]) -> list[Edit]:
    return parse_operations(list(raw))
