"""One arrow between two boxes that stand anywhere: straight where it can, around what is in its way."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from canvases.layout.geometry import Box, Point, Size, bounds, label_center, segment_meets

_OUT: Final = 30.0
_BEND_COST: Final = 40.0
_HIT_COST: Final = 5_000.0
_LABEL_COST: Final = 3_000.0
_SLANT_COST: Final = 55.0

Route = tuple[Point, ...]


class _Side(NamedTuple):
    at: Point
    dx: int
    dy: int


def route(
    source: Box,
    target: Box,
    obstacles: Sequence[Box],
    *,
    shapes: tuple[str, str] = ("", ""),
    label: Size | None = None,
    labels: Sequence[Box] = (),
) -> Route:
    """The bend points from outline to outline, ends included.

    Ends lie on the middle of a side, or, on a slanted line, where the line between the centres leaves the
    shape (`shapes` names both: ellipse and diamond are round the corners). A route through an obstacle is
    returned only when every other one tried runs through as many. A `label` in the middle keeps clear of the
    obstacles and of the `labels` of other arrows.
    """
    best: Route | None = None
    best_cost = 0.0
    solid = [box.grown(-1) for box in obstacles if box not in (source, target)]
    for points in _candidates(source, target, solid, shapes=shapes):
        cost = _cost(points, source, target, solid)
        if label:
            cost += _label_cost(points, label, [*solid, *labels, source.grown(-1), target.grown(-1)])
        if best is None or cost < best_cost - 1e-6:
            best, best_cost = points, cost
    assert best is not None
    return best


def _candidates(
    source: Box, target: Box, solid: Sequence[Box], *, shapes: tuple[str, str]
) -> Iterator[Route]:
    if source == target:
        yield _loop(source)
        return
    for first, second in itertools.product(_sides(source), _sides(target)):
        yield from _joined(first, second)
    yield (
        outline_point(source, shapes[0], target.center),
        outline_point(target, shapes[1], source.center),
    )
    pair = bounds([source, target])
    rounds = [pair, bounds([source, target, *solid])]
    for around, out in itertools.product(rounds, (_OUT, 2 * _OUT)):
        for level in (around.y - out, around.bottom + out):
            side = 0 if level < around.y else 1
            a, b = _sides(source)[side].at, _sides(target)[side].at
            yield a, Point(a.x, level), Point(b.x, level), b
        for level in (around.x - out, around.right + out):
            side = 2 if level < around.x else 3
            a, b = _sides(source)[side].at, _sides(target)[side].at
            yield a, Point(level, a.y), Point(level, b.y), b


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


def _loop(box: Box) -> Route:
    y = box.center.y
    lift = min(box.height / 4, 14)
    return (
        Point(box.right, y - lift),
        Point(box.right + _OUT, y - lift),
        Point(box.right + _OUT, y + lift),
        Point(box.right, y + lift),
    )


def _cost(points: Route, source: Box, target: Box, solid: Sequence[Box]) -> float:
    cost = _BEND_COST * (len(points) - 2)
    inner = [source.grown(-1), target.grown(-1)] if source != target else []
    for a, b in itertools.pairwise(points):
        cost += abs(a.x - b.x) + abs(a.y - b.y)
        if a.x != b.x and a.y != b.y:
            cost += _SLANT_COST
        cost += _HIT_COST * sum(segment_meets(box, a, b) for box in (*solid, *inner))
    return cost


def _label_cost(points: Route, label: Size, taken: Sequence[Box]) -> float:
    center = label_center(points)
    box = Box(center.x - label.width / 2, center.y - label.height / 2, *label)
    return _LABEL_COST * sum(box.overlaps(other) for other in taken)


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
