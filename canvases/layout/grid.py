"""Things in rows and columns, and panels that hold them."""

from collections.abc import Sequence
from typing import Final

from canvases.layout.geometry import Box, Size

GAP: Final = 40.0
PANEL_GAP: Final = 28.0
PANEL_PADDING: Final = 20.0
ITEM_GAP: Final = 14.0


def grid(sizes: Sequence[Size], columns: int, *, gap: float = GAP) -> tuple[Box, ...]:
    """Row by row, each thing in the middle of a cell as wide as its column and as high as its row needs."""
    widths = [
        max(size.width for size in sizes[column::columns]) for column in range(min(columns, len(sizes)))
    ]
    boxes: list[Box] = []
    y = 0.0
    for start in range(0, len(sizes), columns):
        row = sizes[start : start + columns]
        height = max(size.height for size in row)
        x = 0.0
        for size, width in zip(row, widths, strict=False):
            boxes.append(Box(x + (width - size.width) / 2, y + (height - size.height) / 2, *size))
            x += width + gap
        y += height + gap
    return tuple(boxes)


def cells(sizes: Sequence[Size], columns: int) -> tuple[Box, ...]:
    """Like a grid without gaps, every box filling its cell."""
    widths = [
        max(size.width for size in sizes[column::columns]) for column in range(min(columns, len(sizes)))
    ]
    boxes: list[Box] = []
    y = 0.0
    for start in range(0, len(sizes), columns):
        row = sizes[start : start + columns]
        height = max(size.height for size in row)
        x = 0.0
        for _, width in zip(row, widths, strict=False):
            boxes.append(Box(x, y, width, height))
            x += width
        y += height
    return tuple(boxes)


def panels(
    headers: Sequence[Size], items: Sequence[Sequence[Size]], columns: int, *, least: Size
) -> tuple[tuple[Box, ...], tuple[tuple[Box, ...], ...]]:
    """Panels of one size in each row, each with its items stacked below its header.

    Returns the panels' boxes and, for each panel, the boxes of its items, all of the panel's inner width.
    """
    inner = max(
        [
            least.width,
            *(header.width for header in headers),
            *(size.width for stack in items for size in stack),
        ]
    )
    width = inner + 2 * PANEL_PADDING
    heads = max((header.height for header in headers), default=0) + PANEL_PADDING
    needs = [
        max(least.height, heads + sum(size.height + ITEM_GAP for size in stack) - ITEM_GAP + PANEL_PADDING)
        if stack
        else max(least.height, heads + PANEL_PADDING)
        for stack in items
    ]
    outer: list[Box] = []
    inside: list[tuple[Box, ...]] = []
    y = 0.0
    for start in range(0, len(items), columns):
        height = max(needs[start : start + columns])
        for place, stack in enumerate(items[start : start + columns]):
            x = place * (width + PANEL_GAP)
            outer.append(Box(x, y, width, height))
            at = y + heads
            boxes = []
            for size in stack:
                boxes.append(Box(x + PANEL_PADDING, at, inner, size.height))
                at += size.height + ITEM_GAP
            inside.append(tuple(boxes))
        y += height + PANEL_GAP
    return tuple(outer), tuple(inside)
