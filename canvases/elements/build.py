"""Complete Excalidraw 0.18.1 elements, with every key that the editor would have written itself.

A job must be able to finish with nobody online, so nothing here is left for the browser to repair: labels are
bound on both sides, arrows too, the order is a valid fractional index, and texts are measured.
"""

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any, Final, Literal

from fractional_indexing import generate_n_keys_between

from canvases.elements.palette import TRANSPARENT, Look, Paint, readable_on
from canvases.elements.polygons import outline
from canvases.elements.sizing import BOUND_TEXT_PADDING
from canvases.elements.text import TextSize, line_height
from canvases.layout.geometry import Box, Point, label_center

StrokeStyle = Literal["solid", "dashed", "dotted"]
Element = dict[str, Any]

# Distance between an arrow's end and its shape, on the arrow and in its binding.
BINDING_GAP: Final = 4
_MAX_SEED: Final = 2**31 - 1
_ELEMENT_TYPE: Final = {"square": "rectangle", "circle": "ellipse"}


class ElementBuilder:
    """Collects the elements of one drawing and hands them out complete and in order.

    Ids, seeds and nonces follow from the job and the key of each thing: running a job again gives the very
    same elements, so a repeated delivery changes nothing.
    """

    def __init__(
        self, *, job_id: uuid.UUID, look: Look, updated_ms: int, after_index: str | None = None
    ) -> None:
        self._job_id = job_id
        self.look = look
        self._updated_ms = updated_ms
        self._after_index = after_index
        self._elements: list[Element] = []
        self._by_key: dict[str, Element] = {}

    def shape(
        self,
        *,
        key: str,
        shape: str,
        box: Box,
        label: str,
        text: TextSize | None,
        paint: Paint,
        font_size: int | None = None,
        align: str = "center",
        vertical: str = "middle",
        ground: bool = False,
        group: str = "",
        opacity: int = 100,
        stroke_style: StrokeStyle = "solid",
        rounded: bool = True,
    ) -> str:
        """Adds a shape with its label inside; returns the shape's id. A `ground` may carry other things."""
        kind = _ELEMENT_TYPE.get(shape, shape)
        roundness = None
        if rounded and self.look.rounded and kind != "ellipse":
            roundness = {"type": 3 if kind == "rectangle" else 2}
        element = self._start(key, kind, box, group) | {
            "strokeColor": paint.stroke,
            "backgroundColor": paint.fill,
            "roundness": roundness,
            "opacity": opacity,
            "strokeStyle": stroke_style,
        }
        if ground:
            element["customData"]["ground"] = True
        self._keep(key, element)
        if label and text:
            size = font_size or self.look.font_size
            self._bind_label(element, key, label, text, box, paint.text, size, align, vertical, group)
        return str(element["id"])

    def polygon(
        self,
        *,
        key: str,
        shape: str,
        box: Box,
        paint: Paint,
        group: str = "",
        opacity: int = 100,
        stroke_style: StrokeStyle = "solid",
    ) -> str:
        """Adds a star, heart, hexagon … as a closed line that fills `box`; returns its id."""
        element_id = self.line(
            key=key, points=outline(shape, box), color=paint.stroke, stroke_style=stroke_style, group=group
        )
        element = self._by_key[key]
        element["backgroundColor"] = paint.fill
        element["polygon"] = True
        element["opacity"] = opacity
        element["customData"]["shape"] = shape
        return element_id

    def anchor(self, *, key: str, box: Box, group: str) -> str:
        """Adds an unseen box that arrows can be bound to; returns its id."""
        element = self._start(key, "rectangle", box, group) | {"strokeColor": TRANSPARENT}
        element["customData"]["anchor"] = True
        self._keep(key, element)
        return str(element["id"])

    def line(
        self,
        *,
        key: str,
        points: Sequence[Point],
        color: str,
        stroke_style: StrokeStyle = "solid",
        group: str = "",
    ) -> str:
        """Adds a line through the points; returns its id."""
        origin = points[0]
        left, right = min(p.x for p in points), max(p.x for p in points)
        top, bottom = min(p.y for p in points), max(p.y for p in points)
        box = Box(origin.x, origin.y, right - left, bottom - top)
        element = self._start(key, "line", box, group) | {
            "strokeColor": color,
            "strokeStyle": stroke_style,
            "points": [[round(p.x - origin.x, 2), round(p.y - origin.y, 2)] for p in points],
            "lastCommittedPoint": None,
            "startBinding": None,
            "endBinding": None,
            "startArrowhead": None,
            "endArrowhead": None,
            "polygon": False,
        }
        self._keep(key, element)
        return str(element["id"])

    def text(
        self,
        *,
        key: str,
        at: Point,
        label: str,
        text: TextSize,
        size: int,
        color: str,
        align: str = "left",
        group: str = "",
        label_of: str | None = None,
    ) -> str:
        """Adds a text that stands by itself, with its top left corner at `at`; returns its id."""
        box = Box(at.x, at.y, text.width, text.height)
        element = self._start(key, "text", box, group)
        element |= self._text_keys(label, text, size, align, "top", None)
        element["strokeColor"] = color
        if label_of:
            element["customData"]["labelOf"] = label_of
        self._keep(key, element)
        return str(element["id"])

    def arrow(
        self,
        *,
        key: str,
        points: Sequence[Point],
        source: str,
        target: str,
        label: str = "",
        text: TextSize | None = None,
        stroke_style: StrokeStyle = "solid",
        color: str | None = None,
        start_head: str | None = None,
        end_head: str | None = "arrow",
    ) -> str:
        """Adds an arrow bound to the shapes with the keys `source` and `target`; returns its id.

        `points` run from outline to outline; the gap that the editor keeps is taken off here.
        """
        line = [
            toward(points[0], points[1], BINDING_GAP),
            *points[1:-1],
            toward(points[-1], points[-2], BINDING_GAP),
        ]
        left, right = min(p.x for p in line), max(p.x for p in line)
        top, bottom = min(p.y for p in line), max(p.y for p in line)
        origin = line[0]
        box = Box(origin.x, origin.y, right - left, bottom - top)
        start, end = self._by_key[source], self._by_key[target]
        element = self._start(key, "arrow", box) | {
            "strokeColor": color or self.look.arrow,
            "strokeStyle": stroke_style,
            "strokeWidth": max(self.look.stroke_width, 1),
            "points": [[round(p.x - origin.x, 2), round(p.y - origin.y, 2)] for p in line],
            "lastCommittedPoint": None,
            "startBinding": {"elementId": start["id"], "focus": 0, "gap": BINDING_GAP},
            "endBinding": {"elementId": end["id"], "focus": 0, "gap": BINDING_GAP},
            "startArrowhead": start_head,
            "endArrowhead": end_head,
            "elbowed": False,
        }
        self._keep(key, element)
        bound = {"id": element["id"], "type": "arrow"}
        start["boundElements"].append(bound)
        if end is not start:
            end["boundElements"].append(dict(bound))
        if label and text:
            at = label_center(tuple(line))
            around = Box(at.x - text.width / 2, at.y - text.height / 2, text.width, text.height)
            self._bind_label(element, key, label, text, around, self.look.label, self.look.label_size)
        return str(element["id"])

    def label_for(self, *, key: str, container: Element, bound: bool) -> str:
        """Adds an empty label to an element that exists already; returns the label's id."""
        box = Box(container["x"], container["y"], container["width"], container["height"])
        size = self.look.label_size if container["type"] == "arrow" else self.look.font_size
        empty = TextSize("", 1, size * line_height(self.look.font))
        if bound:
            container["boundElements"] = list(container.get("boundElements") or [])
            ground = container["backgroundColor"] if container["type"] != "arrow" else TRANSPARENT
            self._bind_label(container, key, "", empty, box, readable_on(ground), size)
            return str(self._by_key[f"{key}:label"]["id"])
        at = Point(box.center.x, box.center.y)
        return self.text(
            key=key, at=at, label="", text=empty, size=size, align="center", label_of=str(container["id"]),
            color=readable_on(container["backgroundColor"]),
        )  # fmt: skip

    def know(self, key: str, element: Element) -> None:
        """Lets arrows be bound to an element that exists already."""
        element["boundElements"] = list(element.get("boundElements") or [])
        self._by_key[key] = element

    def made(self) -> list[Element]:
        """What was added so far, in drawing order and still without indices."""
        return self._elements

    def finish(self) -> tuple[Element, ...]:
        """All elements in drawing order, each with its fractional index after the given one."""
        indices = generate_n_keys_between(self._after_index, None, len(self._elements))
        for element, index in zip(self._elements, indices, strict=True):
            element["index"] = index
        return tuple(self._elements)

    def _bind_label(
        self,
        container: Element,
        key: str,
        label: str,
        text: TextSize,
        around: Box,
        color: str,
        size: int,
        align: str = "center",
        vertical: str = "middle",
        group: str = "",
    ) -> None:
        x = around.x + BOUND_TEXT_PADDING if align == "left" else around.center.x - text.width / 2
        y = around.y + BOUND_TEXT_PADDING if vertical == "top" else around.center.y - text.height / 2
        key = f"{key}:label"
        element = self._start(key, "text", Box(x, y, text.width, text.height), group)
        element |= self._text_keys(label, text, size, align, vertical, container["id"])
        element["strokeColor"] = color
        self._keep(key, element)
        container["boundElements"].append({"id": element["id"], "type": "text"})

    def _text_keys(
        self, label: str, text: TextSize, size: int, align: str, vertical: str, container: str | None
    ) -> Element:
        return {
            "backgroundColor": TRANSPARENT,
            "text": text.text,
            "originalText": label,
            "fontSize": size,
            "fontFamily": self.look.font,
            "textAlign": align,
            "verticalAlign": vertical,
            "containerId": container,
            "autoResize": True,
            "lineHeight": line_height(self.look.font),
        }

    def _digest(self, key: str) -> bytes:
        return hashlib.sha256(f"{self._job_id}/{key}".encode()).digest()

    def _keep(self, key: str, element: Element) -> None:
        self._elements.append(element)
        self._by_key[key] = element

    def _start(self, key: str, kind: str, box: Box, group: str = "") -> Element:
        digest = self._digest(key)
        return {
            "id": digest[:12].hex(),
            "type": kind,
            "x": round(box.x, 2),
            "y": round(box.y, 2),
            "width": round(box.width, 2),
            "height": round(box.height, 2),
            "angle": 0,
            "strokeColor": self.look.arrow,
            "backgroundColor": TRANSPARENT,
            "fillStyle": "solid",
            "strokeWidth": self.look.stroke_width,
            "strokeStyle": "solid",
            "roughness": self.look.roughness,
            "opacity": 100,
            "groupIds": [self._digest(f"group:{group}")[:12].hex()] if group else [],
            "frameId": None,
            "index": None,
            "roundness": None,
            "seed": int.from_bytes(digest[12:16]) % _MAX_SEED + 1,
            "version": 1,
            "versionNonce": int.from_bytes(digest[16:20]) % _MAX_SEED + 1,
            "isDeleted": False,
            "boundElements": [],
            "updated": self._updated_ms,
            "link": None,
            "locked": False,
            "customData": {"jobId": str(self._job_id), "key": key},
        }


def toward(start: Point, end: Point, distance: float) -> Point:
    """The point that lies `distance` from `start` on the way to `end`."""
    length = ((end.x - start.x) ** 2 + (end.y - start.y) ** 2) ** 0.5
    if length <= 2 * distance:
        return start
    share = distance / length
    return Point(start.x + (end.x - start.x) * share, start.y + (end.y - start.y) * share)
