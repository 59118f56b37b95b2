"""One arrow between two boxes that stand anywhere: straight where it can, around what is in its way."""

import functools
import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from canvases.layout.box_index import BoxIndex
from canvases.layout.detour import find_detour
from canvases.layout.geometry import Box, Point, Size, bounds, label_center, segment_meets
from canvases.layout.labels import label_box, with_label_at

_OUT: Final = 30.0
_BEND_COST: Final = 40.0
_HIT_COST: Final = 5_000.0
_PANEL_COST: Final = 1_000.0
_LABEL_COST: Final = 3_000.0
_SLANT_COST: Final = 55.0
_LABEL_AIR: Final = 2.0
# On each straight piece of an arrow, so many places less one are tried for its label.
_PLACES: Final = 24
# How far outside the lanes are that are tried: the first always, the others when nothing nearer is free.
_LANES: Final = (_OUT, 2 * _OUT)
_FURTHER_LANES: Final = tuple(_OUT * step for step in (3, 4, 5, 6, 8, 10, 12))
# A search for a way looks at so many of the boxes around, and searches anew so often around others that it hits.
_NEAREST: Final = 24
_REACH: Final = 200.0
_SEARCHES: Final = 6

Route = tuple[Point, ...]


class _Side(NamedTuple):
    at: Point
    dx: int
    dy: int


class Obstacles:
    """What the arrows of a drawing go around: its boxes, and panels as far as neither end lies in them."""

    def __init__(self, boxes: Sequence[Box], panels: Sequence[Box] = ()) -> None:
        self._boxes = BoxIndex([box.grown(-1) for box in boxes])
        self._panels = BoxIndex(panels)
        self.around = bounds([*boxes, *panels]).grown(-1) if boxes or panels else None

    def boxes(self, area: Box) -> list[Box]:
        """The insides of the boxes there."""
        return [self._boxes.boxes[number] for number in self._boxes.overlapping(area)]

    def panels(self, area: Box) -> list[Box]:
        return [self._panels.boxes[number] for number in self._panels.overlapping(area)]


def route(
    source: Box,
    target: Box,
    obstacles: Obstacles,
    *,
    shapes: tuple[str, str] = ("", ""),
    label: Size | None = None,
    labels: Sequence[Box] = (),
) -> Route:
    """The bend points from outline to outline, ends included.

    Ends lie on the middle of a side, or, on a slanted line, where the line between the centres leaves the
    shape (`shapes` names both: ellipse and diamond are round the corners). A route through a box is returned
    only when every other one tried runs through as many, and a search finds no way either. A `label` stands in
    the middle, or beside it where there it would lie on a box, across the border of a panel, or on one of the
    `labels` of other arrows. Both ends may be among the obstacles.
    """
    return _Arrow(source, target, obstacles, shapes, label, labels).best()


class _Arrow:
    """One arrow that looks for its way."""

    def __init__(
        self,
        source: Box,
        target: Box,
        obstacles: Obstacles,
        shapes: tuple[str, str],
        label: Size | None,
        labels: Sequence[Box],
    ) -> None:
        self._source, self._target = source, target
        self._insides = (source.grown(-1), target.grown(-1))
        self._obstacles = obstacles
        self._shapes = shapes
        self._label = label
        self._labels = labels

    def best(self) -> Route:
        """The cheapest way, else one that is free and whose words are, else one that at least hits no box."""
        found = list(self._candidates(_LANES))
        first = self._cheapest(found)
        if clear := self._made_clear(first):
            return clear
        if (detour := self._detour()) and (clear := self._made_clear(detour)):
            return clear
        found = sorted([*found, *self._lanes(_FURTHER_LANES)], key=self._length)
        clear = next((clear for way in found if (clear := self._made_clear(way))), None)
        return clear or detour or first

    def _cheapest(self, ways: Iterable[Route]) -> Route:
        best: Route | None = None
        best_cost = 0.0
        for way in sorted(ways, key=self._length):
            cost = self._length(way)
            if best and cost >= best_cost:
                break
            cost += self._hit_cost(way) + self._label_cost(way)
            if best is None or cost < best_cost - 1e-6:
                best, best_cost = way, cost
        assert best is not None
        return best

    def _made_clear(self, way: Route) -> Route | None:
        """The same line with its label where it lies on nothing; None when there is no such place, or it hits a box."""
        if any(self._hit(way)):
            return None
        return self._with_clear_label(way, self._label) if self._label else way

    # -- what is tried ---------------------------------------------------------------------------------

    def _candidates(self, lanes: Sequence[float]) -> Iterator[Route]:
        source, target = self._source, self._target
        if source == target:
            yield from _loops(source, self._label)
            return
        for first, second in itertools.product(_sides(source), _sides(target)):
            yield from _joined(first, second)
        yield (
            outline_point(source, self._shapes[0], target.center),
            outline_point(target, self._shapes[1], source.center),
        )
        yield from self._lanes(lanes)

    def _lanes(self, outs: Sequence[float]) -> Iterator[Route]:
        """Out of one side and into the same one of the other box, outside both or outside everything."""
        source, target = self._source, self._target
        if source == target:
            return
        pair = bounds([source, target])
        whole = bounds([pair, self._obstacles.around]) if self._obstacles.around else pair
        for around, out in itertools.product((pair, whole), outs):
            for level in (around.y - out, around.bottom + out):
                side = 0 if level < around.y else 1
                a, b = _sides(source)[side].at, _sides(target)[side].at
                yield a, Point(a.x, level), Point(b.x, level), b
            for level in (around.x - out, around.right + out):
                side = 2 if level < around.x else 3
                a, b = _sides(source)[side].at, _sides(target)[side].at
                yield a, Point(level, a.y), Point(level, b.y), b

    def _detour(self) -> Route | None:
        """A way past the boxes and panels, or at least past the boxes; None when there seems to be none."""
        if self._source == self._target:
            return None
        area = bounds([self._source, self._target]).grown(_REACH)
        boxes, panels = self._nearest(self._foreign_boxes(area)), self._nearest(self._foreign_panels(area))
        for walls in ([*boxes, *panels], boxes) if panels else (boxes,):
            known = list(walls)
            for _ in range(_SEARCHES):
                found = find_detour(self._source, self._target, known, bend_cost=_BEND_COST)
                farther = list(dict.fromkeys(self._hit(found))) if found else []
                if found and not farther:
                    return found
                if not found:
                    break
                known += farther
        return None

    def _nearest(self, found: Sequence[Box]) -> list[Box]:
        middle = bounds([self._source, self._target]).center
        return sorted(found, key=lambda box: math.dist(box.center, middle))[:_NEAREST]

    # -- what it costs ---------------------------------------------------------------------------------

    def _foreign_boxes(self, area: Box) -> list[Box]:
        return [box for box in self._obstacles.boxes(area) if box not in self._insides]

    def _foreign_panels(self, area: Box) -> list[Box]:
        ends = self._source, self._target
        return [panel for panel in self._obstacles.panels(area) if not any(map(panel.holds, ends))]

    def _length(self, way: Route) -> float:
        cost = _BEND_COST * (len(way) - 2)
        for a, b in itertools.pairwise(way):
            cost += abs(a.x - b.x) + abs(a.y - b.y)
            if a.x != b.x and a.y != b.y:
                cost += _SLANT_COST
        return cost

    def _hit(self, way: Route) -> Iterator[Box]:
        """The boxes that a line runs through, its own ends included."""
        own = self._insides if self._source != self._target else ()
        for a, b in itertools.pairwise(way):
            for box in (*self._foreign_boxes(_around(a, b)), *own):
                if segment_meets(box, a, b):
                    yield box

    def _hit_cost(self, way: Route) -> float:
        cost = _HIT_COST * sum(1 for _ in self._hit(way))
        for a, b in itertools.pairwise(way):
            crossed = [box.grown(-1) for box in self._foreign_panels(_around(a, b))]
            cost += _PANEL_COST * sum(segment_meets(box, a, b) for box in crossed)
        return cost

    def _label_cost(self, way: Route) -> float:
        if not self._label:
            return 0.0
        box = label_box(label_center(way), self._label)
        on = len(self._foreign_boxes(box)) + len(self._foreign_panels(box))
        return _LABEL_COST * (on + sum(box.overlaps(other) for other in (*self._labels, *self._insides)))

    # -- its words -------------------------------------------------------------------------------------

    def _with_clear_label(self, way: Route, label: Size) -> Route | None:
        """The same line with its label beside the middle where there it would lie on something."""
        middle = label_center(way)
        if self._is_clear(middle, label):
            return way
        places = (
            Point(a.x + (b.x - a.x) * step / _PLACES, a.y + (b.y - a.y) * step / _PLACES)
            for a, b in itertools.pairwise(way)
            for step in range(1, _PLACES)
        )
        clear = (place for place in places if self._is_clear(place, label))
        place = min(clear, key=functools.partial(math.dist, middle), default=None)
        if place is None:
            return None
        return (way[0], place, way[1]) if len(way) == 2 else with_label_at(way, place, within=1)

    def _is_clear(self, at: Point, label: Size) -> bool:
        box = label_box(at, label).grown(_LABEL_AIR)
        inside = box.grown(1)  # The obstacles are the insides of the boxes.
        return (
            not self._obstacles.boxes(inside)
            and not any(inside.overlaps(end) for end in self._insides)
            and not any(box.overlaps(other) for other in self._labels)
            and all(panel.holds(box) for panel in self._obstacles.panels(box))
        )


def _around(start: Point, end: Point) -> Box:
    return bounds([Box(*start, 0, 0), Box(*end, 0, 0)])


def _sides(box: Box) -> tuple[_Side, _Side, _Side, _Side]:
    x, y = box.center
    return (
        _Side(Point(x, box.y), 0, -1),
        _Side(Point(x, box.bottom), 0, 1),
        _Side(Point(box.x, y), -1, 0),
        _Side(Point(box.right, y), 1, 0),
    )


def _joined(first: _Side, second: _Side) -> Iterator[Route]:
    """Straight, one bend, or two bends, where the arrow leaves and enters outward."""
    a, b = first.at, second.at
    across = b.x - a.x, b.y - a.y
    leaves = across[0] * first.dx + across[1] * first.dy
    enters = -(across[0] * second.dx + across[1] * second.dy)
    if leaves < _OUT / 2 or enters < _OUT / 2:
        return
    if first.dx and second.dx:
        if abs(a.y - b.y) < 1:
            yield a, b
        middle = (a.x + b.x) / 2
        yield a, Point(middle, a.y), Point(middle, b.y), b
    elif first.dy and second.dy:
        if abs(a.x - b.x) < 1:
            yield a, b
        middle = (a.y + b.y) / 2
        yield a, Point(a.x, middle), Point(b.x, middle), b
    elif first.dx:
        yield a, Point(b.x, a.y), b
    else:
        yield a, Point(a.x, b.y), b


def _loops(box: Box, label: Size | None) -> Iterator[Route]:
    """Out of a side and back into it: right, left, on top, below; so far that the words do not lie on the box."""
    x, y = box.center
    across, along = min(box.width / 4, 14), min(box.height / 4, 14)
    beside = max(_OUT, label.width / 2 + _LABEL_AIR + 1) if label else _OUT
    beyond = max(_OUT, label.height / 2 + _LABEL_AIR + 1) if label else _OUT
    for side, out in ((box.right, beside), (box.x, -beside)):
        yield tuple(Point(at, level) for at, level in _hook(side, out, y, along))
    for side, out in ((box.y, -beyond), (box.bottom, beyond)):
        yield tuple(Point(at, level) for level, at in _hook(side, out, x, across))


def _hook(side: float, out: float, middle: float, half: float) -> tuple[tuple[float, float], ...]:
    far = side + out
    return (side, middle - half), (far, middle - half), (far, middle + half), (side, middle + half)


def outline_point(box: Box, shape: str, toward: Point) -> Point:
    """Where the straight line from the centre of a shape to `toward` leaves its outline."""
    center = box.center
    dx, dy = toward.x - center.x, toward.y - center.y
    if not dx and not dy:
        return Point(center.x, box.bottom)
    half_x, half_y = box.width / 2 or 1, box.height / 2 or 1
    if shape == "ellipse":
        scale = 1 / ((dx / half_x) ** 2 + (dy / half_y) ** 2) ** 0.5
    elif shape == "diamond":
        scale = 1 / (abs(dx) / half_x + abs(dy) / half_y)
    else:
        scale = 1 / max(abs(dx) / half_x, abs(dy) / half_y)
    return Point(center.x + dx * scale, center.y + dy * scale)
