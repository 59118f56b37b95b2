"""Typed edits of a canvas and their parser; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from canvases.elements.validate import MAX_OBJECT_ID_LENGTH, InvalidElement, ParsedElement, parse_element
from canvases.errors import MalformedEdits

MAX_EDITS = 500


@dataclass(frozen=True)
class PutObject:
    """Place an object, or replace it by a newer version of itself."""

    element: ParsedElement


@dataclass(frozen=True)
class DeleteObject:
    """Leave a tombstone in an object's place."""

    object_id: str


@dataclass(frozen=True)
class RefusedEdit:
    """An edit that could not be read; it keeps its place in the batch so that it gets its answer."""

    object_id: str
    code: str
    error: str


Operation = PutObject | DeleteObject
Edit = PutObject | DeleteObject | RefusedEdit


def _object_id(raw: Any) -> str:
    return raw[:MAX_OBJECT_ID_LENGTH] if isinstance(raw, str) else ""


def _bounded(raw: Any) -> Sequence[Any]:
    if not isinstance(raw, list) or not 1 <= len(raw) <= MAX_EDITS:
        raise MalformedEdits
    return raw


def _put(object_id: str, properties: Any) -> Edit:
    try:
        element = parse_element(properties)
    except InvalidElement as error:
        return RefusedEdit(object_id, "invalid_object", error.message)
    if element.id != object_id:
        return RefusedEdit(object_id, "invalid_object", "id: must be the same as the id inside properties.")
    return PutObject(element)


def _operation(raw: Any) -> Edit:
    if not isinstance(raw, Mapping):
        return RefusedEdit("", "invalid_operation", "An edit must be an object with type, id and properties.")
    object_id = _object_id(raw.get("id"))
    if not object_id or object_id != raw["id"]:
        return RefusedEdit(
            object_id, "invalid_operation", f"id: must be a text of 1 to {MAX_OBJECT_ID_LENGTH} characters."
        )
    match raw.get("type"):
        case "put":
            return _put(object_id, raw.get("properties"))
        case "delete":
            return DeleteObject(object_id)
        case _:
            return RefusedEdit(object_id, "invalid_operation", 'type: must be "put" or "delete".')


def parse_operations(raw: Any) -> list[Edit]:
    """The edits of a REST body: `{"type": "put", "id", "properties"}` or `{"type": "delete", "id"}`.

    Each stands alone: one that cannot be read becomes a `RefusedEdit` in its place. Raises `MalformedEdits`
    when `raw` is not a list of 1 to 500.
    """
    return [_operation(item) for item in _bounded(raw)]


def parse_changes(raw: Any) -> list[Edit]:
    """The edits of a socket's `objects.change`: `{"id", "properties"}`, always a put; otherwise as above."""
    return [
        _operation({**item, "type": "put"} if isinstance(item, Mapping) else item) for item in _bounded(raw)
    ]
