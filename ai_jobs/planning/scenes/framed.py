"""Flowcharts whose boxes are framed in groups: each group is laid out by itself, then the groups among one another."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from ai_jobs.planning.plan import Plan
from ai_jobs.planning.scenes.flow import (
    compose_layered,
    direction_for,
    figures,
    fit_all,
    links_of,
    one_loop_each,
    wires,
)
from canvases.elements.palette import Look
from canvases.elements.scene import Figure, Scene
from canvases.elements.sizing import BOUND_TEXT_PADDING
from canvases.elements.text import TextSize, wrap_evenly
from canvases.layout.geometry import Box, Layout, Link, Size, bounds, label_center
from canvases.layout.labels import label_box
from canvases.layout.layered import layered
from canvases.layout.route import Obstacles, Route, route

_PADDING: Final = 28.0
_HEAD_GAP: Final = 18.0
_HEAD_WIDTH: Final = 300.0


def compose_flow(plan: Plan, look: Look) -> Scene:
    """Rows of boxes with the arrows between them; a frame around the boxes of each group, and around no others."""
    if not any(node.group for node in plan.nodes):
        return compose_layered(plan, look)
    plan = plan.model_copy(update={"edges": one_loop_each(plan.edges)})
    fitted = fit_all(plan.nodes, look)
    sizes = [size for _, size in fitted]
    links = links_of(plan, plan.edges, look)
    blocks = _blocks(plan)
    block_of = {node: number for number, (_, nodes) in enumerate(blocks) for node in nodes}
    direction = plan.direction or "down"
    heads = {
        group.key: wrap_evenly(group.label, font=look.font, size=look.font_size, max_width=_HEAD_WIDTH)
        for group in plan.groups
    }
    inner = [_inside(nodes, sizes, links, plan) for _, nodes in blocks]
    outer_sizes = [
        _framed_size(inside, heads[key]) if key is not None else sizes[nodes[0]]
        for (key, nodes), inside in zip(blocks, inner, strict=True)
    ]
    between: dict[tuple[int, int], Link] = {}
    for link in links:
        ends = block_of[link.source], block_of[link.target]
        # Of several arrows from one group to another the longest label says how far they stand apart.
        known = between.get(ends)
        in_a_frame = ends[0] == ends[1] and blocks[ends[0]][0] is not None
        if not in_a_frame and (known is None or _width(known) < _width(link)):
            between[ends] = Link(*ends, link.label)
    outer = layered(outer_sizes, list(between.values()), direction=direction)
    boxes: dict[int, Box] = {}
    routes: dict[int, Route] = {}
    frames: list[Figure] = []
    for number, (key, nodes) in enumerate(blocks):
        block = outer.boxes[number]
        if key is None:
            boxes[nodes[0]] = block
        else:
            frames.append(_frame(plan, key, block, heads[key], look))
            _put_inside(block, nodes, inner[number], heads[key], links, boxes, routes)
    ways = dict(zip(between, outer.routes, strict=True))
    for number, link in enumerate(links):
        if link.source == link.target and number not in routes:
            routes[number] = ways[block_of[link.source], block_of[link.source]]
    placed = [boxes[number] for number in range(len(plan.nodes))]
    _lead_between(plan, links, blocks, outer, heads, placed, routes)
    return Scene(
        figures=(*frames, *figures(plan, fitted, placed, look)),
        wires=wires(plan.edges, [routes[number] for number in range(len(links))], look),
    )


def _width(link: Link) -> float:
    return link.label.width if link.label else 0.0


Block = tuple[str | None, list[int]]


def _blocks(plan: Plan) -> list[Block]:
    """Groups with their nodes, and nodes without a group by themselves, in the order in which they begin."""
    found: dict[str, Block] = {}
    for number, node in enumerate(plan.nodes):
        found.setdefault(f"group {node.group}" if node.group else f"node {number}", (node.group, []))[
            1
        ].append(number)
    return list(found.values())


class _Inside(NamedTuple):
    """What stands in a frame, and the room that it takes with all its arrows and their words."""

    layout: Layout
    extent: Box


def _inside(nodes: list[int], sizes: list[Size], links: list[Link], plan: Plan) -> _Inside:
    place = {node: number for number, node in enumerate(nodes)}
    own = [
        replace(link, source=place[link.source], target=place[link.target])
        for link in links
        if link.source in place and link.target in place
    ]
    members = [sizes[node] for node in nodes]
    layout = layered(members, own, direction=plan.direction or direction_for(members, own))
    points = [Box(x, y, 0, 0) for way in layout.routes for x, y in way]
    words = [
        label_box(label_center(way), link.label)
        for link, way in zip(own, layout.routes, strict=True)
        if link.label
    ]
    return _Inside(layout, bounds([*layout.boxes, *points, *words]))


def _framed_size(inside: _Inside, head: TextSize) -> Size:
    return Size(
        max(inside.extent.width, head.width) + 2 * _PADDING,
        inside.extent.height + head.height + BOUND_TEXT_PADDING + _HEAD_GAP + _PADDING,
    )


def _frame(plan: Plan, key: str, block: Box, head: TextSize, look: Look) -> Figure:
    group = next(group for group in plan.groups if group.key == key)
    return Figure(
        key=f"group:{key}", shape="rectangle", box=block, paint=look.paint("group", group.color),
        label=group.label, text=head, align="left", vertical="top", ground=True,
    )  # fmt: skip


def _put_inside(
    block: Box,
    nodes: list[int],
    inside: _Inside,
    head: TextSize,
    links: list[Link],
    boxes: dict[int, Box],
    routes: dict[int, Route],
) -> None:
    layout, extent = inside
    dx = block.center.x - extent.center.x
    dy = block.bottom - _PADDING - extent.bottom
    boxes.update({node: box.moved(dx, dy) for node, box in zip(nodes, layout.boxes, strict=True)})
    own = [number for number, link in enumerate(links) if link.source in nodes and link.target in nodes]
    for number, way in zip(own, layout.routes, strict=True):
        routes[number] = tuple(point._replace(x=point.x + dx, y=point.y + dy) for point in way)


def _lead_between(
    plan: Plan,
    links: list[Link],
    blocks: list[Block],
    outer: Layout,
    heads: Mapping[str, TextSize],
    boxes: list[Box],
    routes: dict[int, Route],
) -> None:
    """Arrows from one group to another go around boxes, and around frames that they have no business in.

    Their words keep clear of the headings of the frames, too.
    """
    shape_of = [node.shape for node in plan.nodes]
    framed = [(key, box) for (key, _), box in zip(blocks, outer.boxes, strict=True) if key is not None]
    labels = [
        Box(box.x + BOUND_TEXT_PADDING, box.y + BOUND_TEXT_PADDING, heads[key].width, heads[key].height)
        for key, box in framed
    ]
    labels += [
        label_box(label_center(way), label)
        for number, way in routes.items()
        if (label := links[number].label)
    ]
    obstacles = Obstacles(boxes, [box for _, box in framed])
    for number, link in enumerate(links):
        if number in routes:
            continue
        routes[number] = route(
            boxes[link.source],
            boxes[link.target],
            obstacles,
            shapes=(shape_of[link.source], shape_of[link.target]),
            label=link.label,
            labels=labels,
        )
        if link.label:
            labels.append(label_box(label_center(routes[number]), link.label))
