"""What a canvas will look like as far as is known, while its plan is still being written."""

import json
import statistics
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ai_jobs.planning.changes import edit_board
from ai_jobs.planning.drawing import Placed, arrange, offset_into_free_space
from ai_jobs.planning.plan import Plan
from canvases.elements.board import Board, custom
from canvases.elements.palette import look_for
from canvases.elements.quality import box_of
from canvases.elements.scene import build_scene
from canvases.layout.geometry import Box, Point

# All that is needed to draw something that is not there yet; a complete element is five times as long.
_ALWAYS: Final = ("id", "type", "x", "y", "width", "height")
_OF_CHANGED: Final = ("strokeColor", "backgroundColor")
_OF_TEXTS: Final = ("text", "fontSize", "fontFamily", "textAlign", "lineHeight")
# What changes without a difference to the eye.
_UNSEEN: Final = frozenset({"version", "versionNonce", "updated", "index", "boundElements"})
MAX_BYTES: Final = 60_000


class PreviewSketch:
    """Draws one plan again and again as it grows: what was shown before stays where it was, if that can be.

    A layout moves everything when one box is added. So each drawing is shifted to where most of the boxes lie as
    they lay the time before; only when that place is not free is a new one looked for.
    """

    def __init__(
        self,
        *,
        job_id: uuid.UUID,
        style: str,
        color_scheme: str,
        canvas: Sequence[Mapping[str, Any]],
        near: Sequence[str],
    ) -> None:
        self._job_id = job_id
        self._style = style
        self._color_scheme = color_scheme
        self._canvas = canvas
        self._near = near
        self._shown: dict[str, Point] = {}

    def draw(self, plan: Plan) -> list[dict[str, Any]]:
        """The plan so far as slim elements, with the ids that the finished ones will have; at most `MAX_BYTES`.

        What is there already and would look different or be gone says so in `change`.
        """
        board = Board(
            self._canvas,
            job_id=self._job_id,
            look=look_for(self._style, self._color_scheme),
            updated_ms=0,
        )
        edit_board(plan.edits, board)
        elements = self._changes(board)
        if plan.nodes:
            elements += self._additions(plan, board.all())
        return _bounded(elements)

    def _changes(self, board: Board) -> list[dict[str, Any]]:
        there = {str(element["id"]): element for element in self._canvas}
        changed, gone = board.result()
        shown = [_slim(there[name]) | {"change": "gone"} for name in gone if not _is_unseen(there[name])]
        for element in changed:
            before = there.get(element["id"])
            if _is_unseen(element) or (before is not None and _seen(before) == _seen(element)):
                continue
            # New things look like all that is new; what is changed shows its colours, which may be the change.
            shown.append(
                _slim(element) | ({} if before is None else _colors(element) | {"change": "changed"})
            )
        return shown

    def _additions(self, plan: Plan, canvas: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        placed = arrange(plan, style=self._style, color_scheme=self._color_scheme)
        dx, dy = self._offset(placed, canvas)
        self._shown = {
            figure.key: Point(figure.box.x + dx, figure.box.y + dy) for figure in placed.scene.figures
        }
        elements = build_scene(
            placed.scene, look=placed.look, job_id=self._job_id, offset=Point(dx, dy), updated_ms=0
        )
        return [_slim(element) for element in elements if not _is_unseen(element)]

    def _offset(self, placed: Placed, canvas: Sequence[Mapping[str, Any]]) -> Point:
        before = [
            (self._shown[figure.key], figure.box)
            for figure in placed.scene.figures
            if figure.key in self._shown
        ]
        if before:
            dx = round(statistics.median(shown.x - box.x for shown, box in before))
            dy = round(statistics.median(shown.y - box.y for shown, box in before))
            if _is_free(placed.extent.moved(dx, dy), canvas):
                return Point(dx, dy)
        return offset_into_free_space(placed.extent, canvas=canvas, near=self._near)


def _is_free(wanted: Box, canvas: Sequence[Mapping[str, Any]]) -> bool:
    return not any(wanted.overlaps(box_of(element)) for element in canvas)


def _is_unseen(element: Mapping[str, Any]) -> bool:
    return bool(custom(element).get("anchor"))


def _seen(element: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in element.items() if name not in _UNSEEN}


def _colors(element: Mapping[str, Any]) -> dict[str, Any]:
    return {name: element[name] for name in _OF_CHANGED if name in element}


def _slim(element: Mapping[str, Any]) -> dict[str, Any]:
    slim = {name: _rounded(element[name]) for name in _ALWAYS}
    if element["type"] == "text":
        slim |= {name: element[name] for name in _OF_TEXTS if name in element}
    if "points" in element:
        slim["points"] = [[_rounded(x), _rounded(y)] for x, y in element["points"]]
    return slim


def _rounded(value: Any) -> Any:
    return round(value) if isinstance(value, float) else value


def _bounded(elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    size = 0
    for number, element in enumerate(elements):
        size += len(json.dumps(element)) + 2
        if size > MAX_BYTES:
            return elements[:number]
    return elements
