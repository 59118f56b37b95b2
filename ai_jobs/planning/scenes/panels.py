"""Named panels that hold cards: kanban boards, SWOT and other quadrants, and tables."""

from ai_jobs.planning.plan import Node, Plan
from canvases.elements.palette import Look, Paint
from canvases.elements.scene import Figure, Scene
from canvases.elements.sizing import fit
from canvases.elements.text import wrap, wrap_evenly
from canvases.layout.geometry import Size
from canvases.layout.grid import cells, panels


def compose_columns(plan: Plan, look: Look) -> Scene:
    """One panel a group, side by side."""
    return _compose_panels(plan, look, columns=max(1, len(plan.groups)), accents=False)


def compose_quadrants(plan: Plan, look: Look) -> Scene:
    """One panel a group, two in a row, each with a colour of its own."""
    return _compose_panels(plan, look, columns=2, accents=True)


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
