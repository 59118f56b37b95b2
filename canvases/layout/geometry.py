"""Points, boxes, and what a layout is given and gives back. Scene units; y grows downward."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Point(NamedTuple):
    x: float
    y: float


class Box(NamedTuple):
    """An upright rectangle by its top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def center(self) -> Point:
        return Point(self.x + self.width / 2, self.y + self.height / 2)

    def moved(self, dx: float, dy: float) -> "Box":
        return Box(self.x + dx, self.y + dy, self.width, self.height)

    def grown(self, margin: float) -> "Box":
        """The same box with `margin` more on every side (less when negative)."""
        return Box(self.x - margin, self.y - margin, self.width + 2 * margin, self.height + 2 * margin)

    def overlaps(self, other: "Box") -> bool:
        """Whether the insides meet; touching sides do not count."""
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )

    def holds(self, other: "Box") -> bool:
        """Whether the other box lies inside this one; touching sides count."""
        return (
            self.x <= other.x
            and other.right <= self.right
            and self.y <= other.y
            and other.bottom <= self.bottom
        )


class Size(NamedTuple):
    width: float
    height: float


@dataclass(frozen=True)
class Link:
    """One arrow to be laid out; `label` is the size of its text, None when it has none."""

    source: int
    target: int
    label: Size | None = None


@dataclass(frozen=True)
class Layout:
    """Boxes by node number and the bend points of each link, ends included, in the order given."""

    boxes: tuple[Box, ...]
    routes: tuple[tuple[Point, ...], ...]


def bounds(boxes: Iterable[Box]) -> Box:
    """The smallest box around all; an empty one at the origin when there are none."""
    found = list(boxes)
    if not found:
        return Box(0, 0, 0, 0)
    left = min(box.x for box in found)
    top = min(box.y for box in found)
    return Box(left, top, max(box.right for box in found) - left, max(box.bottom for box in found) - top)


def label_center(points: tuple[Point, ...]) -> Point:
    """Where Excalidraw puts an arrow's label: on its middle point, or halfway along its middle segment."""
    half = len(points) // 2
    if len(points) % 2:
        return points[half]
    before, after = points[half - 1], points[half]
    return Point((before.x + after.x) / 2, (before.y + after.y) / 2)


def segment_meets(box: Box, start: Point, end: Point) -> bool:
    """Whether the straight line between two points passes through the inside of `box` (Liang-Barsky)."""
    entry, leave = 0.0, 1.0
    for origin, delta, low, high in (
        (start.x, end.x - start.x, box.x, box.right),
        (start.y, end.y - start.y, box.y, box.bottom),
    ):
        if delta == 0:
            if not low < origin < high:
                return False
            continue
        near, far = sorted(((low - origin) / delta, (high - origin) / delta))
        entry, leave = max(entry, near), min(leave, far)
        if entry >= leave:
            return False
    return True


def segments_cross(first: tuple[Point, Point], second: tuple[Point, Point]) -> bool:
    """Whether two straight lines pass through one another; touching or lying on one another does not count."""
    return _are_apart(first, second) and _are_apart(second, first)


def _are_apart(line: tuple[Point, Point], points: tuple[Point, Point]) -> bool:
    """Whether the points lie on different sides of the line."""
    (start, end), (one, other) = line, points
    dx, dy = end.x - start.x, end.y - start.y
    side_of_one = dx * (one.y - start.y) - dy * (one.x - start.x)
    side_of_other = dx * (other.y - start.y) - dy * (other.x - start.x)
    return side_of_one * side_of_other < 0
