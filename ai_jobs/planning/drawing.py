"""From a plan to finished elements: sizes, layout, place on the canvas, drawing."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ai_jobs.planning.parts import LayoutKind
from ai_jobs.planning.plan import Plan
from ai_jobs.planning.scenes.entities import compose_entities
from ai_jobs.planning.scenes.flow import (
    compose_freeform,
    compose_list,
    compose_mind_map,
    compose_tree,
)
from ai_jobs.planning.scenes.framed import compose_flow
from ai_jobs.planning.scenes.panels import compose_columns, compose_quadrants, compose_table
from ai_jobs.planning.scenes.sequence import compose_sequence
from ai_jobs.planning.scenes.timeline import compose_timeline
from ai_jobs.planning.scenes.venn import compose_venn
from ai_jobs.planning.scenes.wireframe import compose_wireframe
from canvases.elements.palette import Look, look_for
from canvases.elements.quality import box_of
from canvases.elements.scene import Scene, Words, build_scene
from canvases.elements.text import font_for, wrap
from canvases.elements.validate import last_index
from canvases.layout.free_space import find_free_place
from canvases.layout.geometry import Box, Point, Size, bounds

_TITLE_GAP: Final = 32.0
_TITLE_WIDTH: Final = 900.0

_COMPOSERS: Final[Mapping[LayoutKind, Callable[[Plan, Look], Scene]]] = {
    "layered": compose_flow,
    "tree": compose_tree,
    "mindmap": compose_mind_map,
    "columns": compose_columns,
    "quadrants": compose_quadrants,
    "grid": compose_list,
    "row": compose_list,
    "column": compose_list,
    "timeline": compose_timeline,
    "sequence": compose_sequence,
    "entities": compose_entities,
    "wireframe": compose_wireframe,
    "venn": compose_venn,
    "table": compose_table,
    "freeform": compose_freeform,
}


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A plan with sizes and positions, ready to be drawn, in coordinates of its own."""

    plan: Plan
    look: Look
    scene: Scene
    extent: Box


def arrange(plan: Plan, *, style: str, color_scheme: str) -> Placed:
    """Measures every label and gives every part of the plan its place. Takes milliseconds."""
    look = look_for(style, color_scheme)
    said = "".join(
        [
            plan.title,
            *(group.label for group in plan.groups),
            *("".join((node.label, node.note, *node.fields)) for node in plan.nodes),
            *(edge.label for edge in plan.edges),
        ]
    )
    look = replace(look, font=font_for(said, look.font))
    scene = _COMPOSERS[plan.layout](plan, look)
    if plan.title:
        scene = _with_title(scene, plan.title, look)
    return Placed(plan=plan, look=look, scene=scene, extent=scene.extent())


def _with_title(scene: Scene, title: str, look: Look) -> Scene:
    extent = scene.extent()
    text = wrap(title, font=look.font, size=look.title_size, max_width=max(extent.width, _TITLE_WIDTH))
    words = Words(
        key="title",
        at=Point(extent.center.x - text.width / 2, extent.y - text.height - _TITLE_GAP),
        label=title,
        text=text,
        size=look.title_size,
        color=look.title,
        align="center",
    )
    return replace(scene, title=words)


def draw(
    placed: Placed,
    *,
    job_id: uuid.UUID,
    canvas: Sequence[Mapping[str, Any]],
    near: Sequence[str],
    updated_ms: int,
) -> tuple[dict[str, Any], ...]:
    """Complete elements in free space beside what `canvas` holds, near the objects named if there are any."""
    return build_scene(
        placed.scene,
        look=placed.look,
        job_id=job_id,
        offset=offset_into_free_space(placed.extent, canvas=canvas, near=near),
        updated_ms=updated_ms,
        after_index=last_index(element.get("index") for element in canvas),
    )


def offset_into_free_space(extent: Box, *, canvas: Sequence[Mapping[str, Any]], near: Sequence[str]) -> Point:
    """How far a drawing of this extent has to be moved to cover nothing of what `canvas` holds."""
    taken = {str(element["id"]): box_of(element) for element in canvas}
    corner = find_free_place(
        Size(extent.width, extent.height),
        taken=list(taken.values()),
        near=[taken[name] for name in near if name in taken],
    )
    return Point(round(corner.x - extent.x), round(corner.y - extent.y))


def clear_of(
    elements: Sequence[dict[str, Any]], *, canvas: Sequence[Mapping[str, Any]], near: Sequence[str]
) -> Sequence[dict[str, Any]]:
    """A finished drawing where it is, or moved as a whole where it would cover what `canvas` holds by now."""
    extent = bounds(box_of(element) for element in elements)
    if not any(extent.overlaps(box_of(element)) for element in canvas):
        return elements
    offset = offset_into_free_space(extent, canvas=canvas, near=near)
    return [{**element, "x": element["x"] + offset.x, "y": element["y"] + offset.y} for element in elements]
