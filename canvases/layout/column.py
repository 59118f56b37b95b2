"""Plain lists: boxes in one column, in several when the list is long."""

from collections.abc import Sequence
from typing import Final

from canvases.layout.geometry import Box, Layout, Size

GAP: Final = 20.0
COLUMN_GAP: Final = 48.0
LONGEST: Final = 12


def column(sizes: Sequence[Size]) -> Layout:
    """Boxes of one width from top to bottom; a list above 12 continues in further columns of even length."""
    count = len(sizes)
    columns = max(1, -(-count // LONGEST))
    length = max(1, -(-count // columns))
    width = max((size.width for size in sizes), default=0)
    boxes: list[Box] = []
    y = 0.0
    for number, size in enumerate(sizes):
        if number % length == 0:
            y = 0.0
        x = (number // length) * (width + COLUMN_GAP)
        boxes.append(Box(x, y, width, size.height))
        y += size.height + GAP
    return Layout(boxes=tuple(boxes), routes=())


def row(sizes: Sequence[Size]) -> Layout:
    """Boxes side by side, centred on one line."""
    boxes: list[Box] = []
    middle = max((size.height for size in sizes), default=0) / 2
    x = 0.0
    for size in sizes:
        boxes.append(Box(x, middle - size.height / 2, size.width, size.height))
        x += size.width + COLUMN_GAP
    return Layout(boxes=tuple(boxes), routes=())
