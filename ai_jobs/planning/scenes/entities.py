"""Entities with their fields, and the relations between them."""

import itertools
from typing import Final

from ai_jobs.planning.plan import Plan
from ai_jobs.planning.scenes.flow import links_of, one_loop_each
from canvases.elements.palette import Look
from canvases.elements.scene import Figure, Scene, Wire
from canvases.elements.sizing import fit, fit_arrow_label
from canvases.elements.text import TextSize, wrap
from canvases.layout.geometry import Box, Size
from canvases.layout.layered import layered

_HEADS: Final = {
    "1": "crowfoot_one",
    "n": "crowfoot_many",
    "m": "crowfoot_many",
}
_FIELD_WIDTH: Final = 320.0


def compose_entities(plan: Plan, look: Look) -> Scene:
    """A heading with the name above a box with the fields; crow's feet where numbers were given."""
    edges = one_loop_each(plan.edges)
    named = [fit(node.label, "rectangle", look) for node in plan.nodes]
    listed = [
        wrap("\n".join(node.fields), font=look.font, size=look.label_size, max_width=_FIELD_WIDTH)
        if node.fields
        else None
        for node in plan.nodes
    ]
    sizes = [_whole(size, fields) for (_, size), fields in zip(named, listed, strict=True)]
    placed = layered(sizes, links_of(plan, edges, look), direction=plan.direction or "right")
    found: list[Figure] = []
    for node, (name, head), fields, box in zip(plan.nodes, named, listed, placed.boxes, strict=True):
        header = Box(box.x, box.y, box.width, head.height)
        group = node.key if fields else ""
        found.append(
            Figure(
                key=f"node:{node.key}",
                shape="rectangle",
                box=header,
                paint=look.paint("step", node.color),
                label=node.label,
                text=name,
                group=group,
                rounded=not fields,
            )
        )
        if fields:
            found.append(
                Figure(
                    key=f"fields:{node.key}",
                    shape="rectangle",
                    box=Box(box.x, header.bottom, box.width, box.height - head.height),
                    paint=look.paint("note"),
                    label="\n".join(node.fields),
                    text=fields,
                    font_size=look.label_size,
                    align="left",
                    group=group,
                    rounded=False,
                )
            )
    number_of = {node.key: number for number, node in enumerate(plan.nodes)}
    counter = itertools.count(1)
    wires = []
    for edge, points in zip(edges, placed.routes, strict=True):
        source, target = number_of[edge.source], number_of[edge.target]
        first, _, last = edge.cardinality.partition(":")
        wires.append(
            Wire(
                key=f"relation:{next(counter)}",
                points=points,
                source=_part(edge.source, points[0].y, placed.boxes[source], named[source][1]),
                target=_part(edge.target, points[-1].y, placed.boxes[target], named[target][1]),
                label=edge.label,
                text=fit_arrow_label(edge.label, look) if edge.label else None,
                style=edge.style,
                start_head=_HEADS.get(first),
                end_head=_HEADS.get(last, "arrow"),
            )
        )
    return Scene(figures=tuple(found), wires=tuple(wires))


def _whole(head: Size, fields: TextSize | None) -> Size:
    if fields is None:
        return head
    width = max(head.width, fields.width + 36)
    return Size(width, head.height + fields.height + 24)


def _part(key: str, y: float, box: Box, head: Size) -> str:
    """The rectangle of an entity that an arrow at height `y` touches."""
    has_fields = box.height > head.height
    return f"fields:{key}" if has_fields and y > box.y + head.height else f"node:{key}"
