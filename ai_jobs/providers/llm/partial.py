"""A plan out of an answer that is still being written."""

from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from ai_jobs.planning.digest import Digest
from ai_jobs.planning.edits import Edit
from ai_jobs.planning.plan import Edge, Group, Node, Plan

T = TypeVar("T")
_NODE: Final[TypeAdapter[Node]] = TypeAdapter(Node)
_GROUP: Final[TypeAdapter[Group]] = TypeAdapter(Group)
_EDGE: Final[TypeAdapter[Edge]] = TypeAdapter(Edge)
_EDIT: Final[TypeAdapter[Edit]] = TypeAdapter(Edit)


def parse_partial(text: str) -> dict[str, Any]:
    """What the unfinished JSON object holds so far; empty when it is not one."""
    try:
        raw = from_json(text, allow_partial=True)
    except ValueError:
        return {}
    return raw if isinstance(raw, dict) else {}


def count_nodes(raw: dict[str, Any]) -> int:
    """How many nodes and edits have been begun."""
    return sum(len(part) for name in ("nodes", "edits") if isinstance(part := raw.get(name), list))


def plan_so_far(raw: dict[str, Any], digest: Digest) -> Plan | None:
    """The nodes, edges, groups and edits that are complete; None while there is nothing to show.

    The edits name real objects.
    """
    nodes = {node.key: node for node in _valid(_NODE, raw.get("nodes"))}
    groups = {group.key: group for group in _valid(_GROUP, raw.get("groups"))}
    edges = [
        edge for edge in _valid(_EDGE, raw.get("edges")) if edge.source in nodes and edge.target in nodes
    ]
    edits = raw.get("edits")
    if isinstance(edits, list) and list(raw)[-1] == "edits":
        # Its last one may go on: half of a move is another move.
        edits = edits[:-1]
    known = digest.understood(_valid(_EDIT, edits))
    if not nodes and not known:
        return None
    try:
        return Plan.model_validate(
            {
                **{name: raw[name] for name in ("title", "layout", "direction", "columns") if name in raw},
                "nodes": list(nodes.values()),
                "edges": edges,
                "groups": list(groups.values()) if nodes else [],
                "edits": known,
            }
        )
    except ValidationError:
        # It refers to what has not been written yet, or is wrong: the complete answer will tell.
        return None


def _valid(kind: TypeAdapter[T], items: object) -> list[T]:
    found = []
    for item in items if isinstance(items, list) else []:
        try:
            found.append(kind.validate_python(item))
        except ValidationError:
            continue
    return found
