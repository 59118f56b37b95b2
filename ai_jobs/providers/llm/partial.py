"""A plan out of an answer that is still being written."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from ai_jobs.planning.plan import Edge, Group, Node, Plan

T = TypeVar("T", bound=BaseModel)


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


def plan_so_far(raw: dict[str, Any]) -> Plan | None:
    """The nodes, edges and groups that are complete; None while there is nothing to show."""
    nodes = {node.key: node for node in _valid(Node, raw.get("nodes"))}
    groups = {group.key: group for group in _valid(Group, raw.get("groups"))}
    edges = [edge for edge in _valid(Edge, raw.get("edges")) if edge.source in nodes and edge.target in nodes]
    if not nodes:
        return None
    try:
        return Plan.model_validate(
            {
                **{name: raw[name] for name in ("title", "layout", "direction", "columns") if name in raw},
                "nodes": list(nodes.values()),
                "edges": edges,
                "groups": list(groups.values()),
            }
        )
    except ValidationError:
        # It refers to what has not been written yet, or is wrong: the complete answer will tell.
        return None


def _valid(kind: type[T], items: object) -> list[T]:
    found = []
    for item in items if isinstance(items, list) else []:
        try:
            found.append(kind.model_validate(item))
        except ValidationError:
            continue
    return found
