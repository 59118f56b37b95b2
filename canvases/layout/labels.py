"""Where the words of an arrow stand on its line."""

import itertools
from collections.abc import Sequence

from canvases.layout.geometry import Box, Point, Size, label_center


def label_box(at: Point, label: Size) -> Box:
    """The room that words take when their middle stands at a point."""
    return Box(at.x - label.width / 2, at.y - label.height / 2, *label)


def with_label_at(points: Sequence[Point], place: Point, *, within: float = 10) -> tuple[Point, ...]:
    """The same line with extra points on it, so that Excalidraw puts the label near `place`.

    Excalidraw gives a label no position of its own: it sits on the middle point of the arrow. A line whose middle
    is `within` so far above or below the place stays as it is.
    """
    center = label_center(tuple(points))
    if abs(center.x - place.x) < 1 and abs(center.y - place.y) < within:
        return tuple(points)
    index = next(i for i, (a, b) in enumerate(itertools.pairwise(points)) if _is_between(a, place, b))
    before, after = list(points[: index + 1]), list(points[index + 1 :])
    more_before = max(0, len(after) - len(before))
    more_after = max(0, len(before) - len(after))
    return (
        *before,
        *reversed(_beside(place, before[-1], more_before)),
        place,
        *_beside(place, after[0], more_after),
        *after,
    )


def _is_between(start: Point, place: Point, end: Point) -> bool:
    if abs(start.x - end.x) < 0.01:
        return abs(place.x - start.x) < 0.01 and min(start.y, end.y) <= place.y <= max(start.y, end.y)
    return abs(place.y - start.y) < 0.01 and min(start.x, end.x) <= place.x <= max(start.x, end.x)


def _beside(place: Point, toward: Point, count: int) -> list[Point]:
    """Extra points hidden under the label; the last stretch stays long, because Excalidraw scales the arrow
    head with it."""
    length = max(abs(toward.x - place.x), abs(toward.y - place.y), 1.0)
    share = min(1.0 / length, 1.0 / (count + 1))
    return [
        Point(place.x + (toward.x - place.x) * share * step, place.y + (toward.y - place.y) * share * step)
        for step in range(1, count + 1)
    ]
