"""Outlines of the shapes that the editor has no element for: drawn as closed lines."""

import math
from collections.abc import Callable, Mapping
from typing import Final

from canvases.layout.geometry import Box, Point


def _regular(corners: int, turn: float) -> list[Point]:
    return [
        Point(math.cos(turn + 2 * math.pi * i / corners), math.sin(turn + 2 * math.pi * i / corners))
        for i in range(corners)
    ]


def _star() -> list[Point]:
    outer, inner = _regular(5, -math.pi / 2), _regular(5, -math.pi / 2 + math.pi / 5)
    return [
        point
        for tip, notch in zip(outer, inner, strict=True)
        for point in (tip, Point(notch.x * 0.45, notch.y * 0.45))
    ]


def _heart() -> list[Point]:
    """The usual parametric heart, its notch on top."""
    points = []
    for step in range(36):
        t = 2 * math.pi * step / 36
        y = 13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)
        points.append(Point(16 * math.sin(t) ** 3, -y))
    return points


_OUTLINES: Final[Mapping[str, Callable[[], list[Point]]]] = {
    "star": _star,
    "heart": _heart,
    "triangle": lambda: [Point(0, -1), Point(1, 1), Point(-1, 1)],
    "hexagon": lambda: _regular(6, 0),
    "pentagon": lambda: _regular(5, -math.pi / 2),
    "octagon": lambda: _regular(8, math.pi / 8),
}
POLYGONS: Final = frozenset(_OUTLINES)
# Too narrow in the middle for words: the label stands below.
LABEL_BELOW: Final = frozenset({"star", "heart", "triangle"})


def outline(name: str, box: Box) -> list[Point]:
    """The corners of a named shape that fills `box`, the first one repeated at the end."""
    raw = _OUTLINES[name]()
    left, right = min(p.x for p in raw), max(p.x for p in raw)
    top, bottom = min(p.y for p in raw), max(p.y for p in raw)
    points = [
        Point(
            box.x + (p.x - left) / (right - left) * box.width,
            box.y + (p.y - top) / (bottom - top) * box.height,
        )
        for p in raw
    ]
    return [*points, points[0]]
