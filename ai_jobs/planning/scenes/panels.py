"""Named panels that hold cards: kanban boards, SWOT and other quadrants, and tables."""

from ai_jobs.planning.plan import Node, Plan
from canvases.elements.palette import Look, Paint
from canvases.elements.scene import Figure, Scene, Words
from canvases.elements.sizing import fit
from canvases.elements.text import wrap, wrap_evenly
from canvases.layout.geometry import Point, Size
from canvases.layout.grid import cells, panels

_AXIS_GAP = 24.0


def compose_columns(plan: Plan, look: Look) -> Scene:
    """One panel a group, side by side."""
    return _compose_panels(plan, look, columns=max(1, len(plan.groups)), accents=False)


def compose_quadrants(plan: Plan, look: Look) -> Scene:
    """One panel a group, two in a row, each with a colour of its own.

    The first two nodes that are in no group name the axes: the one across below the panels, the one upward beside them.
    """
    scene = _compose_panels(plan, look, columns=2, accents=True)
    axes = [node for node in plan.nodes if node.group is None][:2]
    if not axes or not scene.figures:
        return scene
    boxes = [figure.box for figure in scene.figures]
    left, right = min(box.x for box in boxes), max(box.right for box in boxes)
    top, bottom = min(box.y for box in boxes), max(box.bottom for box in boxes)
    words = []
    for number, node in enumerate(axes):
        text = wrap_evenly(node.label, font=look.font, size=look.font_size, max_width=200)
        at = (
            Point(left - text.width - _AXIS_GAP, (top + bottom - text.height) / 2)
            if number
            else Point((left + right - text.width) / 2, bottom + _AXIS_GAP)
        )
        words.append(
            Words(
                key=f"node:{node.key}",
                at=at,
                label=node.label,
                text=text,
                size=look.font_size,
                color=look.title,
                align="center",
            )
        )
    return Scene(figures=scene.figures, words=tuple(words))


def _compose_panels(plan: Plan, look: Look, *, columns: int, accents: bool) -> Scene:
    stacks: list[list[Node]] = [[] for _ in plan.groups]
    place = {group.key: number for number, group in enumerate(plan.groups)}
    for node in plan.nodes:
        if node.group is not None:
            stacks[place[node.group]].append(node)
    least = Size(300, 190) if accents else Size(200, 140)
    heads = [
        wrap_evenly(group.label, font=look.font, size=look.font_size, max_width=300) for group in plan.groups
    ]
    fitted = [[fit(node.label, "rectangle", look) for node in stack] for stack in stacks]
    outer, inner = panels(
        [Size(head.width, head.height) for head in heads],
        [[size for _, size in stack] for stack in fitted],
        columns,
        least=least,
    )
    found: list[Figure] = []
    for number, (group, head, box) in enumerate(zip(plan.groups, heads, outer, strict=True)):
        found.append(
            Figure(
                key=f"group:{group.key}",
                shape="rectangle",
                box=box,
                paint=_panel_paint(look, number, group.color, accents=accents),
                label=group.label,
                text=head,
                vertical="top" if stacks[number] else "middle" if accents else "top",
                ground=True,
            )
        )
    for number, stack in enumerate(stacks):
        for node, (text, _), box in zip(stack, fitted[number], inner[number], strict=True):
            paint = look.paint("item", node.color) if node.color or not accents else look.card
            found.append(
                Figure(
                    key=f"node:{node.key}",
                    shape="rectangle",
                    box=box,
                    paint=paint,
                    label=node.label,
                    text=text,
                )
            )
    return Scene(figures=tuple(found))


def _panel_paint(look: Look, number: int, color: str | None, *, accents: bool) -> Paint:
    if color is not None:
        return look.paint("group", color)
    return look.accent(number) if accents else look.paint("group")


def compose_table(plan: Plan, look: Look) -> Scene:
    """Cells that touch, row by row; the first row is the heading."""
    columns = plan.columns or 1
    texts = [wrap(node.label, font=look.font, size=look.font_size, max_width=260) for node in plan.nodes]
    sizes = [Size(max(text.width + 32, 90), text.height + 22) for text in texts]
    boxes = cells(sizes, columns)
    return Scene(
        figures=tuple(
            Figure(
                key=f"node:{node.key}",
                shape="rectangle",
                box=box,
                paint=look.paint("step" if number < columns else "note", node.color),
                label=node.label,
                text=text,
                rounded=False,
            )
            for number, (node, text, box) in enumerate(zip(plan.nodes, texts, boxes, strict=True))
        )
    )
