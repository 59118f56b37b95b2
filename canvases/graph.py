"""What a drawing says, read off its elements: boxes with words, arrows between them, and what is framed together."""

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from canvases.elements.board import custom, owner_of
from canvases.elements.quality import box_of
from canvases.layout.geometry import Box

Element = Mapping[str, Any]

_BOXES: Final = {"rectangle", "diamond", "ellipse", "image", "embeddable", "iframe"}
_FRAMES: Final = {"frame", "magicframe"}


@dataclass(frozen=True, kw_only=True)
class GraphNode:
    """A box: its element, its words and its shape (an element type or the name of a polygon)."""

    id: str
    label: str
    shape: str
    box: Box
    group: str | None


@dataclass(frozen=True, kw_only=True)
class GraphEdge:
    """An arrow or line that is bound to two boxes; an arrow with heads at both ends counts once."""

    source: str
    target: str
    label: str
    style: str
    has_head: bool
    is_two_way: bool


@dataclass(frozen=True, kw_only=True)
class GraphGroup:
    """A frame or panel that holds boxes; groups do not nest."""

    id: str
    label: str
    box: Box


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Everything in reading order: from top to bottom, then from left to right; `texts` stand by themselves."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    groups: tuple[GraphGroup, ...]
    texts: tuple[str, ...] = field(default=())


def graph_of(elements: Sequence[Element]) -> Graph:
    """The graph of live elements."""
    labels = _labels(elements)
    groups = [
        GraphGroup(
            id=str(e["id"]), label=labels.get(str(e["id"]), "") or str(e.get("name") or ""), box=box_of(e)
        )
        for e in elements
        if e["type"] in _FRAMES or (custom(e).get("ground") and e["type"] == "rectangle")
    ]
    group_ids = {group.id for group in groups}
    boxes = [e for e in elements if str(e["id"]) not in group_ids and _is_box(e)]
    held_by = _held_by(boxes, groups)
    stand_ins = _stand_ins(elements)
    nodes = [
        GraphNode(
            id=str(e["id"]),
            label=labels.get(str(e["id"]), ""),
            shape=str(custom(e).get("shape") or e["type"]),
            box=box_of(e),
            group=held_by.get(str(e["id"])),
        )
        for e in boxes
    ]
    known = {node.id for node in nodes}
    edges = [
        edge
        for e in elements
        if (edge := _edge(e, labels, stand_ins)) and {edge.source, edge.target} <= known
    ]
    texts = [
        e for e in elements if e["type"] == "text" and not owner_of(e) and str(e.get("text") or "").strip()
    ]
    return Graph(
        nodes=tuple(sorted(nodes, key=lambda node: _reading_order(node.box))),
        edges=tuple(edges),
        groups=tuple(sorted(groups, key=lambda group: _reading_order(group.box))),
        texts=tuple(_words(e) for e in sorted(texts, key=lambda e: _reading_order(box_of(e)))),
    )


def _reading_order(box: Box) -> tuple[float, float]:
    # Boxes of one row differ by a little.
    return round(box.center.y / 40), box.x


def _is_box(element: Element) -> bool:
    if element["type"] == "line":
        return "shape" in custom(element)
    return element["type"] in _BOXES and not custom(element).get("anchor")


def _words(text: Element) -> str:
    return str(text.get("originalText") or text.get("text") or "").strip()


def _labels(elements: Sequence[Element]) -> dict[str, str]:
    return {owner: _words(e) for e in elements if (owner := owner_of(e))}


def _stand_ins(elements: Sequence[Element]) -> dict[str, str]:
    """Arrows at a polygon are bound to the unseen box around it."""
    polygons = {
        group: str(e["id"])
        for e in elements
        if e["type"] == "line" and "shape" in custom(e)
        for group in e.get("groupIds") or ()
    }
    return {
        str(e["id"]): polygons[group]
        for e in elements
        if custom(e).get("anchor")
        for group in e.get("groupIds") or ()
        if group in polygons
    }


def _held_by(boxes: Sequence[Element], groups: Sequence[GraphGroup]) -> dict[str, str]:
    """For each box the frame it is in by name, else the smallest one that holds it."""
    ids = {group.id for group in groups}
    found = {str(e["id"]): str(e["frameId"]) for e in boxes if e.get("frameId") in ids}
    # From left to right, so that each box is held against the frames above and below it only.
    to_come = sorted(groups, key=lambda group: group.box.x, reverse=True)
    here: list[GraphGroup] = []
    for place, name in sorted((box_of(e), str(e["id"])) for e in boxes if str(e["id"]) not in found):
        while to_come and to_come[-1].box.x <= place.x:
            insort(here, to_come.pop(), key=lambda group: group.box.width * group.box.height)
        here = [group for group in here if group.box.right >= place.x]
        holder = next((group for group in here if group.box.holds(place)), None)
        if holder is not None:
            found[name] = holder.id
    return found


def _edge(element: Element, labels: Mapping[str, str], stand_ins: Mapping[str, str]) -> GraphEdge | None:
    start, end = element.get("startBinding"), element.get("endBinding")
    if element["type"] not in {"arrow", "line"} or not start or not end:
        return None
    source, target = (str(binding["elementId"]) for binding in (start, end))
    source, target = stand_ins.get(source, source), stand_ins.get(target, target)
    heads = element.get("startArrowhead"), element.get("endArrowhead")
    if heads[0] and not heads[1]:
        source, target = target, source
    return GraphEdge(
        source=source,
        target=target,
        label=labels.get(str(element["id"]), ""),
        style=str(element.get("strokeStyle") or "solid"),
        has_head=any(heads),
        is_two_way=all(heads),
    )
