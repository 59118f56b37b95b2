"""Who sends what to whom, in order from top to bottom."""

import itertools
from typing import Final

from ai_jobs.planning.plan import Plan
from canvases.elements.palette import Look
from canvases.elements.scene import Figure, Scene, Stroke, Wire
from canvases.elements.sizing import fit, fit_arrow_label
from canvases.layout.geometry import Box, Point

_GAP: Final = 60.0
_BAR: Final = 12.0
_BAR_HEIGHT: Final = 26.0
_ROW: Final = 30.0
_LOOP: Final = 34.0
# Between the words of a message to oneself and the lines above and below them.
_CLEAR: Final = 10.0


def compose_sequence(plan: Plan, look: Look) -> Scene:
    """Participants side by side, a dashed line down from each, and a row for every message.

    Each message ends on small bars of its own, so that it stays level when somebody drags a participant:
    its head, line and bars are one group.
    """
    fitted = [fit(node.label, "rectangle", look) for node in plan.nodes]
    place = {node.key: number for number, node in enumerate(plan.nodes)}
    texts = [fit_arrow_label(edge.label, look) if edge.label else None for edge in plan.edges]
    gaps = [_GAP + (left.width + right.width) / 2 for (_, left), (_, right) in itertools.pairwise(fitted)]
    beside_last = 0.0
    for edge, text in zip(plan.edges, texts, strict=True):
        start, end = place[edge.source], place[edge.target]
        width = (text.width if text else 0) + 70
        if start == end:
            width += _LOOP
            if start == len(gaps):
                beside_last = max(beside_last, width)
                continue
        left = start if end >= start else start - 1
        gaps[left] = max(gaps[left], width)
    middles = [0.0]
    for gap in gaps:
        middles.append(middles[-1] + gap)
    head_height = max(size.height for _, size in fitted)
    heads = [
        Figure(
            key=f"node:{node.key}",
            shape="rectangle",
            box=Box(middle - size.width / 2, 0, size.width, head_height),
            paint=look.paint(node.role, node.color),
            label=node.label,
            text=text,
            group=node.key,
        )
        for node, (text, size), middle in zip(plan.nodes, fitted, middles, strict=True)
    ]
    bars: list[Figure] = []
    wires: list[Wire] = []
    y = head_height + 40
    for number, (edge, text) in enumerate(zip(plan.edges, texts, strict=True)):
        start, end = place[edge.source], place[edge.target]
        looped = start == end
        height = max(text.height + (2 * _CLEAR + 10 if looped else 0) if text else 0, _BAR_HEIGHT)
        level = y + height / 2
        tall = height if looped else _BAR_HEIGHT
        bars.extend(
            Figure(
                key=f"bar:{number}:{plan.nodes[index].key}",
                shape="rectangle",
                box=Box(middles[index] - _BAR / 2, level - tall / 2, _BAR, tall),
                paint=look.paint("note"),
                group=plan.nodes[index].key,
            )
            for index in sorted({start, end})
        )
        wires.append(
            Wire(
                key=f"message:{number}",
                points=_message_route(middles, start, end, level, height, text.width if text else 0.0),
                source=f"bar:{number}:{edge.source}",
                target=f"bar:{number}:{edge.target}",
                label=edge.label,
                text=text,
                style=edge.style,
            )
        )
        y += height + _ROW
    lines = tuple(
        Stroke(
            key=f"line:{node.key}",
            points=(Point(middle, head_height), Point(middle, y)),
            color=look.arrow,
            style="dashed",
            group=node.key,
        )
        for node, middle in zip(plan.nodes, middles, strict=True)
    )
    return Scene(figures=(*heads, *bars), strokes=lines, wires=tuple(wires))


def _message_route(
    middles: list[float], start: int, end: int, level: float, height: float, label: float
) -> tuple[Point, ...]:
    x = middles[start]
    if start == end:
        out = x + _BAR / 2 + _LOOP / 2 + label / 2
        upper, lower = level - height / 2 + 5, level + height / 2 - 5
        return Point(x + _BAR / 2, upper), Point(out, upper), Point(out, lower), Point(x + _BAR / 2, lower)
    sign = 1 if end > start else -1
    first, last = Point(x + sign * _BAR / 2, level), Point(middles[end] - sign * _BAR / 2, level)
    if abs(end - start) == 1:
        return first, last
    # The label stands on the middle part: in the first gap, where no other line runs through it.
    following = middles[start + sign]
    return first, Point(x + sign * 20, level), Point(following - sign * 20, level), last
