"""Boxes and arrows: layered graphs, trees, mind maps, lists, grids, and things placed freely."""

import math
from collections.abc import Sequence
from typing import Final

from ai_jobs.planning.plan import Edge, Node, Plan
from canvases.elements.palette import Look
from canvases.elements.scene import Figure, Scene, Wire
from canvases.elements.sizing import fit, fit_arrow_label
from canvases.elements.text import TextSize
from canvases.layout.column import column, row
from canvases.layout.geometry import Box, Link, Size, label_center
from canvases.layout.grid import grid
from canvases.layout.labels import label_box
from canvases.layout.layered import Direction, layered
from canvases.layout.route import Obstacles, Route, route
from canvases.layout.tree import forest_of, mind_map, mind_route, tree, tree_route

# A chain without branches goes right while it stays about as wide as a screen.
_WIDE_ENOUGH: Final = 1000.0
# Boxes of one drawing share a width unless one of them is far wider than the rest.
_SAME_WIDTH: Final = 1.9
_STRETCHED: Final = {"rectangle", "ellipse"}

Fitted = list[tuple[TextSize, Size]]


def fit_all(nodes: Sequence[Node], look: Look) -> Fitted:
    """The text and the size of every node; labelled rectangles and ellipses get one width if that is calm."""
    fitted = [fit(node.label, node.shape, look, node.size) for node in nodes]
    plain = [node.shape in _STRETCHED and bool(node.label) and node.size == "medium" for node in nodes]
    widths = [size.width for (_, size), is_plain in zip(fitted, plain, strict=True) if is_plain]
    if not widths or max(widths) > _SAME_WIDTH * min(widths):
        return fitted
    return [
        (text, Size(max(widths), size.height) if is_plain else size)
        for (text, size), is_plain in zip(fitted, plain, strict=True)
    ]


def number_of(plan: Plan) -> dict[str, int]:
    return {node.key: number for number, node in enumerate(plan.nodes)}


def figures(plan: Plan, fitted: Fitted, boxes: Sequence[Box], look: Look) -> tuple[Figure, ...]:
    return tuple(
        Figure(
            key=f"node:{node.key}",
            shape=node.shape,
            box=box,
            paint=look.paint(node.role, node.color),
            label=node.label,
            text=text,
        )
        for node, (text, _), box in zip(plan.nodes, fitted, boxes, strict=True)
    )


def wires(
    edges: Sequence[Edge], routes: Sequence[Route], look: Look, *, heads: bool = True
) -> tuple[Wire, ...]:
    seen: dict[str, int] = {}
    found: list[Wire] = []
    for edge, points in zip(edges, routes, strict=True):
        key = f"edge:{edge.source}>{edge.target}"
        seen[key] = seen.get(key, 0) + 1
        found.append(
            Wire(
                key=key if seen[key] == 1 else f"{key}:{seen[key]}",
                points=tuple(points),
                source=f"node:{edge.source}",
                target=f"node:{edge.target}",
                label=edge.label,
                text=fit_arrow_label(edge.label, look) if edge.label else None,
                style=edge.style,
                end_head="arrow" if heads else None,
            )
        )
    return tuple(found)


def one_loop_each(edges: Sequence[Edge]) -> tuple[Edge, ...]:
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


def links_of(plan: Plan, edges: Sequence[Edge], look: Look) -> list[Link]:
    numbers = number_of(plan)
    texts = [fit_arrow_label(edge.label, look) if edge.label else None for edge in edges]
    return [
        Link(
            numbers[edge.source],
            numbers[edge.target],
            Size(text.width + 12, text.height + 4) if text else None,
        )
        for edge, text in zip(edges, texts, strict=True)
    ]


def compose_layered(plan: Plan, look: Look) -> Scene:
    """Rows of boxes with the arrows between them."""
    edges = one_loop_each(plan.edges)
    fitted = fit_all(plan.nodes, look)
    sizes = [size for _, size in fitted]
    links = links_of(plan, edges, look)
    placed = layered(sizes, links, direction=plan.direction or direction_for(sizes, links))
    return Scene(figures=figures(plan, fitted, placed.boxes, look), wires=wires(edges, placed.routes, look))


def direction_for(sizes: Sequence[Size], links: Sequence[Link]) -> Direction:
    """Down, unless the drawing is one short chain that fits on a screen from left to right."""
    ends = [link.source for link in links], [link.target for link in links]
    chain = len(links) == len(sizes) - 1 and all(len(set(end)) == len(end) for end in ends)
    width = sum(size.width for size in sizes)
    width += sum(60 + (link.label.width if link.label else 0) for link in links)
    return "right" if chain and len(sizes) > 2 and width <= _WIDE_ENOUGH else "down"


def compose_list(plan: Plan, look: Look) -> Scene:
    """Things in one column or row, or in a grid; with arrows between them it is a graph after all."""
    if plan.edges:
        return compose_layered(plan, look)
    fitted = fit_all(plan.nodes, look)
    sizes = [size for _, size in fitted]
    plain = all(node.shape in {*_STRETCHED, "diamond"} and node.label for node in plan.nodes)
    boxes: Sequence[Box]
    if plan.layout == "column":
        boxes = column(sizes).boxes if plain else grid(sizes, 1)
    elif plan.layout == "row":
        boxes = row(sizes).boxes
    else:
        boxes = grid(sizes, plan.columns or math.ceil(math.sqrt(len(sizes))))
    return Scene(figures=figures(plan, fitted, boxes, look))


def compose_tree(plan: Plan, look: Look) -> Scene:
    """Parents above their children. What is no tree, or has words on its lines, is layered instead."""
    return _compose_forest(plan, look, mind=False)


def compose_mind_map(plan: Plan, look: Look) -> Scene:
    """A topic in the middle and its branches on both sides."""
    return _compose_forest(plan, look, mind=True)


def _compose_forest(plan: Plan, look: Look, *, mind: bool) -> Scene:
    numbers = number_of(plan)
    pairs = [(numbers[edge.source], numbers[edge.target]) for edge in plan.edges]
    forest, used = forest_of(len(plan.nodes), pairs)
    if len(used) < len(pairs) or any(edge.label for edge in plan.edges):
        return compose_layered(plan, look)
    fitted = (
        [fit(node.label, node.shape, look, node.size) for node in plan.nodes]
        if mind
        else fit_all(plan.nodes, look)
    )
    sizes = [size for _, size in fitted]
    boxes = mind_map(sizes, forest) if mind else tree(sizes, forest)
    lead = mind_route if mind else tree_route
    routes = [lead(boxes[source], boxes[target]) for source, target in pairs]
    return Scene(
        figures=figures(plan, fitted, boxes, look), wires=wires(plan.edges, routes, look, heads=False)
    )


def compose_freeform(plan: Plan, look: Look) -> Scene:
    """Everything where it was asked to be, moved aside only where it would lie on something else."""
    fitted = [fit(node.label, node.shape, look, node.size) for node in plan.nodes]
    boxes: list[Box] = []
    for node, (_, size) in zip(plan.nodes, fitted, strict=True):
        wish = node.geometry
        width = max(size.width, wish.width if wish else 0)
        height = max(size.height, wish.height if wish else 0)
        # Words that need more room than was asked for grow to all sides.
        x = wish.x - (width - wish.width) / 2 if wish else 0
        y = wish.y - (height - wish.height) / 2 if wish else 0
        box = Box(x, y, width, height)
        while hit := next((other for other in boxes if other.grown(12).overlaps(box)), None):
            box = box._replace(x=hit.right + 24)
        boxes.append(box)
    shape_of = [node.shape for node in plan.nodes]
    edges = one_loop_each(plan.edges)
    obstacles = Obstacles(boxes)
    routes: dict[int, Route] = {}
    labels: list[Box] = []
    links = links_of(plan, edges, look)
    # An arrow from a box to itself has the least choice.
    for number in sorted(range(len(links)), key=lambda number: links[number].source != links[number].target):
        link = links[number]
        ends = shape_of[link.source], shape_of[link.target]
        source, target = boxes[link.source], boxes[link.target]
        routes[number] = route(source, target, obstacles, shapes=ends, label=link.label, labels=labels)
        if link.label:
            labels.append(label_box(label_center(routes[number]), link.label))
    found = [routes[number] for number in range(len(links))]
    return Scene(figures=figures(plan, fitted, boxes, look), wires=wires(edges, found, look))
