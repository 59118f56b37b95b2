"""From a plan to finished elements: sizes, layout, place on the canvas, drawing, and a last look."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ai_jobs.planning.plan import Edge, Node, Plan
from canvases.elements.build import ElementBuilder
from canvases.elements.palette import Look, look_for
from canvases.elements.quality import box_of
from canvases.elements.sizing import fit, fit_arrow_label
from canvases.elements.text import TextSize, wrap
from canvases.layout.column import column, row
from canvases.layout.free_space import find_free_place
from canvases.layout.geometry import Box, Layout, Link, Point, Size, bounds
from canvases.layout.layered import Direction, layered

_TITLE_GAP: Final = 32.0
_TITLE_WIDTH: Final = 900.0
# A chain without branches goes right while it stays about as wide as a screen.
_WIDE_ENOUGH: Final = 1000.0
# Boxes of one drawing share a width unless one of them is far wider than the rest.
_SAME_WIDTH: Final = 1.9


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A plan with sizes and positions, ready to be drawn. Coordinates start near (0, 0)."""

    plan: Plan
    look: Look
    texts: tuple[TextSize, ...]
    edge_texts: tuple[TextSize | None, ...]
    layout: Layout
    title: TextSize | None
    extent: Box


def arrange(plan: Plan, *, style: str, color_scheme: str) -> Placed:
    """Measures every label and gives every box and arrow of the plan its place. Takes milliseconds."""
    look = look_for(style, color_scheme)
    plan = plan.model_copy(update={"edges": _one_loop_each(plan.edges)})
    fitted = [fit(node.label, node.shape, look) for node in plan.nodes]
    sizes = _alike([size for _, size in fitted], plan.nodes)
    edge_texts = tuple(fit_arrow_label(edge.label, look) if edge.label else None for edge in plan.edges)
    layout = _lay_out(plan, sizes, edge_texts)
    extent = _extent(layout, edge_texts)
    title = None
    if plan.title:
        title = wrap(
            plan.title, font=look.font, size=look.title_size, max_width=max(extent.width, _TITLE_WIDTH)
        )
        height = title.height + _TITLE_GAP
        width = max(extent.width, title.width)
        extent = Box(extent.x - (width - extent.width) / 2, extent.y - height, width, extent.height + height)
    return Placed(
        plan=plan,
        look=look,
        texts=tuple(text for text, _ in fitted),
        edge_texts=edge_texts,
        layout=layout,
        title=title,
        extent=extent,
    )


def _one_loop_each(edges: Sequence[Edge]) -> tuple[Edge, ...]:
    """Arrows from a box to itself become one with all their labels: there is room for one beside a box."""
    loops: dict[str, list[Edge]] = {}
    for edge in edges:
        if edge.source == edge.target:
            loops.setdefault(edge.source, []).append(edge)
    kept = [edge for edge in edges if edge.source != edge.target]
    for same in loops.values():
        labels = dict.fromkeys(edge.label for edge in same if edge.label)
        kept.append(same[0].model_copy(update={"label": " / ".join(labels)[:500]}))
    return tuple(kept)


def _alike(sizes: Sequence[Size], nodes: Sequence[Node]) -> list[Size]:
    """Rectangles and ellipses of one drawing get one width where that looks calm."""
    widths = [size.width for size, node in zip(sizes, nodes, strict=True) if node.shape != "diamond"]
    if not widths:
        return list(sizes)
    width = max(widths)
    calm = width <= _SAME_WIDTH * min(widths)
    return [
        Size(width if calm and node.shape != "diamond" else size.width, size.height)
        for size, node in zip(sizes, nodes, strict=True)
    ]


def _lay_out(plan: Plan, sizes: Sequence[Size], edge_texts: Sequence[TextSize | None]) -> Layout:
    if plan.layout != "layered" and not plan.edges:
        return column(sizes) if plan.layout == "column" else row(sizes)
    number_of = {node.key: number for number, node in enumerate(plan.nodes)}
    links = [
        Link(
            number_of[edge.source],
            number_of[edge.target],
            Size(text.width + 12, text.height + 4) if text else None,
        )
        for edge, text in zip(plan.edges, edge_texts, strict=True)
    ]
    return layered(sizes, links, direction=plan.direction or _choose_direction(sizes, links))


def _choose_direction(sizes: Sequence[Size], links: Sequence[Link]) -> Direction:
    """Down, unless the drawing is one short chain that fits on a screen from left to right."""
    ends = [link.source for link in links], [link.target for link in links]
    chain = len(links) == len(sizes) - 1 and all(len(set(end)) == len(end) for end in ends)
    width = sum(size.width for size in sizes)
    width += sum(60 + (link.label.width if link.label else 0) for link in links)
    return "right" if chain and len(sizes) > 2 and width <= _WIDE_ENOUGH else "down"


def _extent(layout: Layout, edge_texts: Sequence[TextSize | None]) -> Box:
    widest = max((text.width for text in edge_texts if text), default=0.0) / 2
    corners = [Box(point.x, point.y, 0, 0) for points in layout.routes for point in points]
    inner = bounds([*layout.boxes, *corners])
    outermost = bounds(layout.boxes)
    grow = widest if inner.width > outermost.width else 0.0
    return Box(inner.x - grow, inner.y, inner.width + 2 * grow, inner.height)


def draw(
    placed: Placed,
    *,
    job_id: uuid.UUID,
    canvas: Sequence[Mapping[str, Any]],
    near: Sequence[str],
    updated_ms: int,
) -> tuple[dict[str, Any], ...]:
    """Complete elements in free space beside what `canvas` holds, near the objects named if there are any."""
    taken = {str(element["id"]): box_of(element) for element in canvas}
    corner = find_free_place(
        Size(placed.extent.width, placed.extent.height),
        taken=list(taken.values()),
        near=[taken[name] for name in near if name in taken],
    )
    dx, dy = round(corner.x - placed.extent.x), round(corner.y - placed.extent.y)
    indices = [element["index"] for element in canvas if element.get("index")]
    builder = ElementBuilder(
        job_id=job_id,
        look=placed.look,
        updated_ms=updated_ms,
        after_index=max(indices, default=None),
    )
    _draw_title(builder, placed, corner)
    for node, text, box in zip(placed.plan.nodes, placed.texts, placed.layout.boxes, strict=True):
        builder.shape(
            key=f"node:{node.key}",
            shape=node.shape,
            box=box.moved(dx, dy),
            label=node.label,
            text=text,
            paint=placed.look.paint(node.role, node.color),
        )
    seen: dict[str, int] = {}
    for edge, edge_text, route in zip(
        placed.plan.edges, placed.edge_texts, placed.layout.routes, strict=True
    ):
        key = f"edge:{edge.source}>{edge.target}"
        seen[key] = seen.get(key, 0) + 1
        builder.arrow(
            key=key if seen[key] == 1 else f"{key}:{seen[key]}",
            points=[Point(point.x + dx, point.y + dy) for point in route],
            source=f"node:{edge.source}",
            target=f"node:{edge.target}",
            label=edge.label,
            text=edge_text,
            stroke_style=edge.style,
        )
    return builder.finish()


def _draw_title(builder: ElementBuilder, placed: Placed, corner: Point) -> None:
    if placed.title is None:
        return
    builder.text(
        key="title",
        at=Point(corner.x + (placed.extent.width - placed.title.width) / 2, corner.y),
        label=placed.plan.title,
        text=placed.title,
        size=placed.look.title_size,
        color=placed.look.title,
        align="center",
    )
