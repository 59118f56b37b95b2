"""Where new content goes on a canvas that already holds something."""

from collections.abc import Iterable, Sequence
from typing import Final

from canvases.layout.geometry import Box, Point, Size, bounds

MARGIN: Final = 80.0
START: Final = Point(100, 100)
# A canvas is looked at on a screen: this high for its width.
_SCREEN: Final = 0.6


def find_free_place(size: Size, *, taken: Sequence[Box], near: Iterable[Box] = ()) -> Point:
    """The top left corner for a new block: beside what is named by `near`, else beside everything.

    Right of it, then below it, whichever is free; at last beside all there is, on the side that keeps the
    canvas compact. Never on top of something.
    """
    if not taken:
        return START
    everything = bounds(taken)
    candidates: list[Point] = []
    chosen = list(near)
    if chosen:
        around = bounds(chosen)
        candidates += [
            Point(around.right + MARGIN, around.y),
            Point(around.x, around.bottom + MARGIN),
        ]
    right = Point(everything.right + MARGIN, everything.y)
    below = Point(everything.x, everything.bottom + MARGIN)
    grows_right = max((everything.width + MARGIN + size.width) * _SCREEN, everything.height)
    grows_down = max(everything.width * _SCREEN, everything.height + MARGIN + size.height)
    candidates += [right, below] if grows_right <= grows_down else [below, right]
    for place in candidates:
        wanted = Box(place.x, place.y, size.width, size.height).grown(MARGIN / 4)
        if not any(wanted.overlaps(box) for box in taken):
            return place
    return below
