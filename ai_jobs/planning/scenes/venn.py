"""Two or three sets that overlap, and what is in each part of them."""

import math
from collections.abc import Sequence
from typing import Final

from ai_jobs.planning.plan import Plan
from ai_jobs.planning.scenes.panels import compose_columns
from canvases.elements.palette import Look
from canvases.elements.scene import Figure, Scene, Words
from canvases.elements.text import TextSize, wrap_evenly
from canvases.layout.geometry import Box, Point

_GAP: Final = 10.0
_COLORS: Final = ("blue", "red", "green")
_MOST: Final = 60

_Zone = frozenset[int]


def compose_venn(plan: Plan, look: Look) -> Scene:
    """Circles grow until every word stands in the part that it belongs to; beyond three sets: columns."""
    if len(plan.groups) not in (2, 3):
        return compose_columns(plan, look)
    number_of = {group.key: number for number, group in enumerate(plan.groups)}
    zones: list[_Zone] = [
        frozenset(number_of[name] for name in (node.group, *node.also_in) if name is not None)
        for node in plan.nodes
    ]
    texts = [
        wrap_evenly(node.label, font=look.font, size=look.label_size, max_width=150) for node in plan.nodes
    ]
    radius = 130.0
    for _ in range(_MOST):
        centers = _centers(len(plan.groups), radius)
        boxes = _stacked(zones, texts, centers, radius)
        if all(_stands_in(box, zone, centers, radius) for box, zone in zip(boxes, zones, strict=True)):
            break
        radius *= 1.06
    figures = tuple(
        Figure(
            key=f"group:{group.key}",
            shape="ellipse",
            box=Box(center.x - radius, center.y - radius, 2 * radius, 2 * radius),
            paint=look.paint("group", group.color or _COLORS[number]),
            ground=True,
            opacity=60,
        )
        for number, (group, center) in enumerate(zip(plan.groups, centers, strict=True))
    )
    words = [
        Words(
            key=f"node:{node.key}",
            at=Point(box.x, box.y),
            label=node.label,
            text=text,
            size=look.label_size,
            color="#1e1e1e",
            align="center",
        )
        for node, text, box in zip(plan.nodes, texts, boxes, strict=True)
    ]
    for number, (group, center) in enumerate(zip(plan.groups, centers, strict=True)):
        name = wrap_evenly(group.label, font=look.font, size=look.font_size + 2, max_width=radius * 1.0)
        below = len(plan.groups) == 3 and number == 2
        y = center.y + radius + _GAP if below else center.y - radius - _GAP - name.height
        words.append(
            Words(
                key=f"name:{group.key}",
                at=Point(center.x - name.width / 2, y),
                label=group.label,
                text=name,
                size=look.font_size + 2,
                color=look.title,
                align="center",
            )
        )
    return Scene(figures=figures, words=tuple(words))


def _centers(count: int, radius: float) -> list[Point]:
    apart = radius * 1.12
    if count == 2:
        return [Point(0, 0), Point(apart, 0)]
    return [Point(0, 0), Point(apart, 0), Point(apart / 2, apart * math.sqrt(3) / 2)]


def _stacked(
    zones: Sequence[_Zone], texts: Sequence[TextSize], centers: Sequence[Point], radius: float
) -> list[Box]:
    """The words of each zone, one below the other around the zone's middle."""
    boxes: dict[int, Box] = {}
    for zone in dict.fromkeys(zones):
        members = [number for number, other in enumerate(zones) if other == zone]
        height = sum(texts[number].height + _GAP for number in members) - _GAP
        middle = _middle(zone, centers, radius)
        y = middle.y - height / 2
        for number in members:
            text = texts[number]
            boxes[number] = Box(middle.x - text.width / 2, y, text.width, text.height)
            y += text.height + _GAP
    return [boxes[number] for number in range(len(zones))]


def _middle(zone: _Zone, centers: Sequence[Point], radius: float) -> Point:
    """Halfway through the part of the zone that no other set covers."""
    count = len(centers)
    x, y = (sum(axis) / count for axis in zip(*centers, strict=True))
    inside = zone or frozenset(range(count))
    own_x = sum(centers[number].x for number in inside) / len(inside)
    own_y = sum(centers[number].y for number in inside) / len(inside)
    away = math.hypot(own_x - x, own_y - y)
    if not away or len(inside) == count:
        return Point(own_x, own_y)
    push = (0.42 if len(inside) == 1 else 0.26) * radius / away
    return Point(own_x + (own_x - x) * push, own_y + (own_y - y) * push)


def _stands_in(box: Box, zone: _Zone, centers: Sequence[Point], radius: float) -> bool:
    corners = [Point(x, y) for x in (box.x, box.right) for y in (box.y, box.bottom)]
    for number, center in enumerate(centers):
        if number in zone:
            if any(math.dist(corner, center) > radius - 8 for corner in corners):
                return False
        else:
            near_x = min(max(center.x, box.x), box.right)
            near_y = min(max(center.y, box.y), box.bottom)
            if math.dist((near_x, near_y), center) < radius + 8:
                return False
    return True
