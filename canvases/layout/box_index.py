"""Which of many boxes lie at a place, without a look at each of them."""

import math
from collections.abc import Sequence

from canvases.layout.geometry import Box, bounds


class BoxIndex:
    """A grid over boxes, with about four cells for each box: a question costs what lies near the place."""

    def __init__(self, boxes: Sequence[Box]) -> None:
        self.boxes = boxes
        self._around = bounds(boxes)
        self._side = max(1, 2 * math.isqrt(len(boxes)))
        self._cells: dict[tuple[int, int], list[int]] = {}
        for number, box in enumerate(boxes):
            for cell in self._cells_of(box):
                self._cells.setdefault(cell, []).append(number)

    def overlapping(self, area: Box) -> list[int]:
        """The numbers of the boxes whose inside meets that of `area`, in order; the area may be a line."""
        found = {number for cell in self._cells_of(area) for number in self._cells.get(cell, ())}
        return sorted(number for number in found if self.boxes[number].overlaps(area))

    def _cells_of(self, area: Box) -> list[tuple[int, int]]:
        columns = self._span(area.x - self._around.x, area.width, self._around.width)
        rows = self._span(area.y - self._around.y, area.height, self._around.height)
        return [(column, row) for column in columns for row in rows]

    def _span(self, start: float, length: float, whole: float) -> range:
        if not whole:
            return range(1)
        last = self._side - 1
        first, end = (math.floor(at / whole * self._side) for at in (start, start + length))
        return range(min(max(first, 0), last), min(max(end, 0), last) + 1)
