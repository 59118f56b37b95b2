"""Events along a line, dates beside it."""

from typing import Final

from ai_jobs.planning.plan import Plan
from canvases.elements.palette import Look, Paint
from canvases.elements.scene import Figure, Scene, Stroke, Wire, Words
from canvases.elements.sizing import fit
from canvases.elements.text import TextSize, wrap_evenly
from canvases.layout.geometry import Box, Point, Size

_DOT: Final = 16.0
_REACH: Final = 64.0
_GAP: Final = 28.0
_END: Final = 50.0
# More than fit beside each other on a screen or two run downward.
_LONGEST_ROW: Final = 14


def compose_timeline(plan: Plan, look: Look) -> Scene:
    """Events in the order given: above and below a line that runs right, or beside one that runs down."""
    fitted = [fit(node.label or node.note, "rectangle", look) for node in plan.nodes]
    dates = [
        wrap_evenly(node.note, font=look.font, size=look.label_size, max_width=150)
        if node.note and node.label
        else None
        for node in plan.nodes
    ]
    down = plan.direction == "down" or (plan.direction is None and len(plan.nodes) > _LONGEST_ROW)
    sizes = [size for _, size in fitted]
    spots, boxes = _down(sizes, dates) if down else _right(sizes, dates)
    dot_paint = Paint(fill=look.paint("step").stroke, stroke=look.paint("step").stroke, text="#ffffff")
    events: list[Figure] = []
    words: list[Words] = []
    wires: list[Wire] = []
    for node, (text, _), spot, box, date in zip(plan.nodes, fitted, spots, boxes, dates, strict=True):
        dot = Box(spot.x - _DOT / 2, spot.y - _DOT / 2, _DOT, _DOT)
        events.append(Figure(key=f"dot:{node.key}", shape="ellipse", box=dot, paint=dot_paint))
        events.append(
            Figure(
                key=f"node:{node.key}",
                shape="rectangle",
                box=box,
                paint=look.paint(node.role if node.color else "step", node.color),
                label=node.label or node.note,
                text=text,
            )
        )
        if down:
            ends = Point(dot.right, spot.y), Point(box.x, spot.y)
        elif box.y < spot.y:
            ends = Point(spot.x, dot.y), Point(spot.x, box.bottom)
        else:
            ends = Point(spot.x, dot.bottom), Point(spot.x, box.y)
        wires.append(
            Wire(
                key=f"stem:{node.key}",
                points=ends,
                source=f"dot:{node.key}",
                target=f"node:{node.key}",
                end_head=None,
            )
        )
        if date:
            words.append(
                Words(
                    key=f"date:{node.key}",
                    at=_date_place(spot, box, date, down=down),
                    label=node.note,
                    text=date,
                    size=look.label_size,
                    color=look.label,
                    align="center",
                )
            )
    first, last = spots[0], spots[-1]
    axis = (
        (Point(first.x, first.y - _END), Point(last.x, last.y + _END))
        if down
        else (Point(first.x - _END, first.y), Point(last.x + _END, last.y))
    )
    return Scene(
        figures=tuple(events),
        words=tuple(words),
        wires=tuple(wires),
        strokes=(Stroke(key="axis", points=axis, color=look.arrow),),
    )


def _date_place(spot: Point, box: Box, date: TextSize, *, down: bool) -> Point:
    if down:
        return Point(spot.x - 22 - date.width, spot.y - date.height / 2)
    if box.y < spot.y:
        return Point(spot.x - date.width / 2, spot.y + 16)
    return Point(spot.x - date.width / 2, spot.y - 16 - date.height)


def _right(sizes: list[Size], dates: list[TextSize | None]) -> tuple[list[Point], list[Box]]:
    """Neighbours stand on different sides of the line, so a step needs half of their widths only."""
    widest_date = max((date.width for date in dates if date), default=0)
    step = max(widest_date + _GAP, (max(size.width for size in sizes) + _GAP) / 2)
    tallest_date = max((date.height for date in dates if date), default=0)
    reach = max(_REACH, tallest_date + 34)
    spots = [Point(number * step, 0) for number in range(len(sizes))]
    boxes = [
        Box(spot.x - size.width / 2, -reach - size.height if number % 2 == 0 else reach, *size)
        for number, (spot, size) in enumerate(zip(spots, sizes, strict=True))
    ]
    return spots, boxes


def _down(sizes: list[Size], dates: list[TextSize | None]) -> tuple[list[Point], list[Box]]:
    spots: list[Point] = []
    boxes: list[Box] = []
    y = 0.0
    for size, date in zip(sizes, dates, strict=True):
        height = max(size.height, date.height if date else 0)
        spots.append(Point(0, y + height / 2))
        boxes.append(Box(_REACH, y + (height - size.height) / 2, *size))
        y += height + _GAP
    return spots, boxes
