"""What is on a canvas, changed in memory: labels and arrows follow their boxes as they do in the editor.

The browser does nothing of this for changes that come from elsewhere, so whatever moves or resizes a box on
the server has to move its label and lead its arrows anew.
"""

import copy
import hashlib
import itertools
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from fractional_indexing import generate_n_keys_between

from canvases.elements.build import BINDING_GAP, ElementBuilder, toward
from canvases.elements.palette import Look
from canvases.elements.quality import box_of
from canvases.elements.sizing import BOUND_TEXT_PADDING, fit_text_in, label_area, size_around
from canvases.elements.text import NUNITO, font_for, wrap, wrap_evenly
from canvases.elements.validate import last_index
from canvases.layout.geometry import Box, Point, Size, bounds, label_center
from canvases.layout.route import Obstacles, outline_point, route

Element = dict[str, Any]

CONTAINERS: Final = frozenset({"rectangle", "diamond", "ellipse"})
_BINDABLE: Final = CONTAINERS | {"text", "image", "frame", "magicframe"}
_HANGS_BY: Final = frozenset({"type", "containerId", "customData", "startBinding", "endBinding"})
_MAX_NONCE: Final = 2**31 - 1
_APART: Final = 24.0
_MOST_PUSHES: Final = 2_000
_ARROW_LABEL_WIDTH: Final = 160.0


def custom(element: Mapping[str, Any]) -> Mapping[str, Any]:
    """The element's customData, empty when it has none."""
    found = element.get("customData")
    return found if isinstance(found, dict) else {}


def owner_of(element: Mapping[str, Any]) -> str | None:
    """The id of the box or arrow that a text labels; None for a text by itself and for everything else."""
    owner = element.get("containerId") or custom(element).get("labelOf")
    return str(owner) if owner and element["type"] == "text" else None


def _hangs_on(element: Mapping[str, Any]) -> list[str]:
    """The ids that a label or an arrow goes with."""
    if element["type"] == "arrow":
        bindings = (element.get("startBinding"), element.get("endBinding"))
        return [str(binding["elementId"]) for binding in bindings if binding]
    owner = owner_of(element)
    return [owner] if owner else []


class Board:
    """The live elements of a canvas. Reading gives the current state; every change works on copies."""

    def __init__(
        self, elements: Sequence[Mapping[str, Any]], *, job_id: uuid.UUID, look: Look, updated_ms: int
    ) -> None:
        self.look = look
        self._job_id = job_id
        self._updated_ms = updated_ms
        self._before: dict[str, Mapping[str, Any]] = {str(e["id"]): e for e in elements}
        self._now: dict[str, Element] = {}
        self._deleted: dict[str, None] = {}
        self._added: list[str] = []
        self._new_keys = itertools.count(1)
        # For each id what hangs on it, or has: whoever asks looks whether it still does.
        self._hung: dict[str, dict[str, None]] = {}
        for element in elements:
            self._note_hanging(element)

    # -- reading ---------------------------------------------------------------------------------------

    def __contains__(self, element_id: str) -> bool:
        return element_id not in self._deleted and (element_id in self._now or element_id in self._before)

    def get(self, element_id: str) -> Mapping[str, Any]:
        return self._now.get(element_id) or self._before[element_id]

    def all(self) -> list[Mapping[str, Any]]:
        """Every live element, the new ones last."""
        ids = [*self._before, *self._added]
        return [self.get(name) for name in ids if name not in self._deleted]

    def things(self) -> list[str]:
        """What a person would call an object: everything but labels and unseen anchors."""
        return [str(e["id"]) for e in self.all() if not self._is_part(e)]

    def _is_part(self, element: Mapping[str, Any]) -> bool:
        return owner_of(element) is not None or bool(custom(element).get("anchor"))

    def shapes(self) -> list[str]:
        """Things that take up room: boxes, closed polygons, pictures and free texts."""
        return [name for name in self.things() if self.is_shape(name)]

    def is_shape(self, name: str) -> bool:
        element = self.get(name)
        return element["type"] not in {"arrow", "line", "freedraw"} or self.is_polygon(name)

    def is_polygon(self, name: str) -> bool:
        element = self.get(name)
        return element["type"] == "line" and "shape" in custom(element)

    def is_ground(self, name: str) -> bool:
        return bool(custom(self.get(name)).get("ground"))

    def box(self, name: str) -> Box:
        return box_of(self.get(name))

    def label_id(self, name: str) -> str | None:
        """The text that belongs to a thing."""
        for bound in self.get(name).get("boundElements") or ():
            if bound.get("type") == "text" and bound["id"] in self:
                return str(bound["id"])
        return next((label for label in self._hanging(name) if owner_of(self.get(label)) == name), None)

    def _hanging(self, name: str) -> list[str]:
        """The live labels and arrows that go with it."""
        found = self._hung.get(name, ())
        return [other for other in found if other in self and name in _hangs_on(self.get(other))]

    def _note_hanging(self, element: Mapping[str, Any]) -> None:
        for end in _hangs_on(element):
            self._hung.setdefault(end, {})[str(element["id"])] = None

    def label(self, name: str) -> str:
        """The words of a thing, as typed."""
        element = self.get(name)
        if element["type"] != "text":
            label = self.label_id(name)
            if label is None:
                return str(element.get("name") or "")
            element = self.get(label)
        return str(element.get("originalText") or element.get("text") or "")

    def title(self, name: str) -> str:
        """How a sentence calls a thing: by its words, or by its kind."""
        label = " ".join(self.label(name).split())
        if label:
            return f"“{label[:40]}”"
        element = self.get(name)
        return f"the {custom(element).get('shape') or element['type']}"

    def arrows(self) -> list[str]:
        return [str(e["id"]) for e in self.all() if e["type"] == "arrow"]

    def ends(self, arrow: str) -> tuple[str | None, str | None]:
        """The ids that an arrow is bound to; None for a loose end."""
        element = self.get(arrow)
        start, end = (element.get(side) for side in ("startBinding", "endBinding"))
        return (
            str(start["elementId"]) if start and start["elementId"] in self else None,
            str(end["elementId"]) if end and end["elementId"] in self else None,
        )

    def holder(self, name: str) -> str:
        """The element that arrows of a thing are bound to: for a polygon its anchor."""
        if self.is_polygon(name):
            for other in self.companions([name]):
                if custom(self.get(other)).get("anchor"):
                    return other
        return name

    def arrows_at(self, name: str) -> list[str]:
        found = dict.fromkeys(
            other for end in {name: None, self.holder(name): None} for other in self._hanging(end)
        )
        return [other for other in found if self.get(other)["type"] == "arrow"]

    def companions(self, names: Iterable[str]) -> list[str]:
        """The things themselves and all that moves along: their groups, and what lies on their panels."""
        found = dict.fromkeys(names)
        groups = {group for name in found for group in (self.get(name).get("groupIds") or ())[-1:]}
        panels = [self.box(name).grown(1) for name in found if self.is_ground(name)]
        for element in self.all():
            name = str(element["id"])
            grouped = bool(groups & set((element.get("groupIds") or ())[-1:]))
            on_panel = any(panel.holds(box_of(element)) for panel in panels) and element["type"] != "arrow"
            if grouped or on_panel:
                found.setdefault(name)
        return [name for name in found if self.get(name)["type"] != "arrow"]

    def own_parts(self, name: str) -> list[str]:
        """What makes up one drawn thing: an entity's heading and fields, a participant and its lifeline."""
        element = self.get(name)
        groups = set((element.get("groupIds") or ())[-1:])
        key = str(custom(element).get("key", ""))
        node = key.split(":")[1] if ":" in key else None
        parts = [name]
        if not groups or node is None:
            return parts
        parts += [
            str(other["id"])
            for other in self.all()
            if other["id"] != name
            and groups & set(other.get("groupIds") or ())
            and node in str(custom(other).get("key", "")).split(":")
        ]
        return parts

    # -- changing --------------------------------------------------------------------------------------

    def change(self, name: str, **values: Any) -> Element:
        """A copy of the element, made once, with these values."""
        if name not in self._now:
            self._now[name] = copy.deepcopy(dict(self._before[name]))
        element = self._now[name]
        element.update(values)
        if not _HANGS_BY.isdisjoint(values):
            self._note_hanging(element)
        return element

    def delete(self, names: Iterable[str]) -> None:
        """The elements are gone, their labels and arrows too; nobody refers to them any more."""
        for name in names:
            if name in self:
                self._delete_with_parts(name)
        for other in self.all():
            bound = other.get("boundElements") or []
            kept = [entry for entry in bound if entry["id"] not in self._deleted]
            if len(kept) != len(bound):
                self.change(str(other["id"]), boundElements=kept)

    def _delete_with_parts(self, name: str) -> None:
        arrows = self.arrows_at(name) if self.get(name)["type"] in _BINDABLE else []
        for part in [name, *arrows]:
            label = self.label_id(part)
            self._deleted[part] = None
            if label is not None:
                self._deleted[label] = None

    def move(self, names: Iterable[str], dx: float, dy: float) -> None:
        """The things and all that belongs to them are shifted; arrows that end on them are led anew."""
        moving = self.companions(names)
        self._shift(moving, dx, dy)
        self.lead_arrows(moving, shifted=(dx, dy))

    def _shift(self, names: Iterable[str], dx: float, dy: float) -> None:
        every = dict.fromkeys(names)
        for name in list(every):
            label = self.label_id(name)
            if label:
                every.setdefault(label)
        for name in every:
            element = self.get(name)
            self.change(name, x=round(element["x"] + dx, 2), y=round(element["y"] + dy, 2))

    def lead_arrows(self, names: Iterable[str], *, shifted: tuple[float, float] | None = None) -> None:
        """Every arrow at these things runs from outline to outline again.

        An arrow between two things that were shifted together keeps its way.
        """
        moved = set(names)
        for arrow in self.arrows():
            ends = self.ends(arrow)
            if not moved & {end for end in ends if end}:
                continue
            if shifted and all(end in moved for end in ends):
                self._shift([arrow], *shifted)
                continue
            self.lead_arrow(arrow)

    def lead_arrow(self, arrow: str) -> None:
        """The arrow runs from outline to outline; a loose end stays where it is."""
        element = self.get(arrow)
        start, end = self.ends(arrow)
        points = [Point(element["x"] + x, element["y"] + y) for x, y, *_ in element["points"]]
        if start and end:
            points = list(self.route_between(start, end, arrow=arrow))
        elif start:
            points = [outline_point(self.box(start), self.get(start)["type"], points[-1]), points[-1]]
        elif end:
            points = [points[0], outline_point(self.box(end), self.get(end)["type"], points[0])]
        else:
            return
        line = list(points)
        if start:
            line[0] = toward(points[0], points[1], BINDING_GAP)
        if end:
            line[-1] = toward(points[-1], points[-2], BINDING_GAP)
        self._set_points(arrow, line)

    def route_between(
        self, source: str, target: str, *, arrow: str | None = None, label: Size | None = None
    ) -> tuple[Point, ...]:
        """The way of an arrow between two elements, around what stands between them."""
        obstacles = [
            self.box(name)
            for name in self.shapes()
            if name not in (source, target)
            and not self.is_ground(name)
            and self.holder(name) not in (source, target)
        ]
        shapes = (str(self.get(source)["type"]), str(self.get(target)["type"]))
        own = self.label_id(arrow) if arrow else None
        if own:
            label = Size(self.get(own)["width"], self.get(own)["height"])
        others = [
            self.box(text)
            for other in self.arrows()
            if label and other != arrow and (text := self.label_id(other))
        ]
        return route(
            self.box(source),
            self.box(target),
            Obstacles(obstacles),
            shapes=shapes,
            label=label,
            labels=others,
        )

    def _set_points(self, arrow: str, line: Sequence[Point]) -> None:
        origin = line[0]
        xs, ys = [p.x for p in line], [p.y for p in line]
        changed = self.change(
            arrow,
            x=round(origin.x, 2),
            y=round(origin.y, 2),
            width=round(max(xs) - min(xs), 2),
            height=round(max(ys) - min(ys), 2),
            points=[[round(p.x - origin.x, 2), round(p.y - origin.y, 2)] for p in line],
        )
        for side in ("startBinding", "endBinding"):
            if changed.get(side):
                changed[side] = {**changed[side], "focus": 0, "gap": BINDING_GAP}
        self._center_label(arrow)

    def _center_label(self, name: str) -> None:
        label = self.label_id(name)
        if label is None:
            return
        element, text = self.get(name), self.get(label)
        if element["type"] == "arrow":
            middle = label_center(
                tuple(Point(element["x"] + x, element["y"] + y) for x, y, *_ in element["points"])
            )
        else:
            middle = self.box(name).center
        x, y = middle.x - text["width"] / 2, middle.y - text["height"] / 2
        if element["type"] != "arrow":
            box = self.box(name)
            if text.get("textAlign") == "left":
                x = box.x + BOUND_TEXT_PADDING
            if text.get("verticalAlign") == "top" and text.get("containerId"):
                y = box.y + BOUND_TEXT_PADDING
            if custom(text).get("labelOf") and text["y"] >= element["y"] + element["height"] / 2 + 8:
                y = text["y"]
        self.change(label, x=round(x, 2), y=round(y, 2))

    def settle_label(self, name: str) -> None:
        """The label of a thing stands where it belongs, and a box has the room for it."""
        if self.get(name)["type"] in CONTAINERS:
            self.set_box(name, self.box(name))
        else:
            self._center_label(name)

    def set_box(self, name: str, box: Box) -> None:
        """The thing has this place and size; its label is broken anew, so a box may come out larger."""
        element, old = self.get(name), self.box(name)
        label = self.label_id(name)
        if element["type"] in CONTAINERS and label is not None:
            box = self._fit_label(name, label, box)
        self.change(
            name, x=round(box.x, 2), y=round(box.y, 2), width=round(box.width, 2), height=round(box.height, 2)
        )
        if element.get("points"):
            sx, sy = box.width / (old.width or 1), box.height / (old.height or 1)
            first = element["points"][0]
            self.change(
                name,
                points=[
                    [round((x - first[0]) * sx, 2), round((y - first[1]) * sy, 2)]
                    for x, y, *_ in element["points"]
                ],
                x=round(box.x + (element["x"] + first[0] - old.x) * sx, 2),
                y=round(box.y + (element["y"] + first[1] - old.y) * sy, 2),
            )
            anchor = self.holder(name)
            if anchor != name:
                around = self.box(anchor)
                self.change(
                    anchor,
                    x=around.x + box.x - old.x,
                    y=around.y + box.y - old.y,
                    width=around.width * sx,
                    height=around.height * sy,
                )
            if label is not None and element["type"] == "line":
                text = self.get(label)
                below = text["y"] >= old.bottom - 2
                y = box.bottom + 6 if below else box.center.y - text["height"] / 2
                self.change(label, x=box.center.x - text["width"] / 2, y=y)
        elif element["type"] == "text":
            factor = max(box.width / (old.width or 1), 0.1)
            self.set_text(name, str(element.get("originalText") or element["text"]), factor=factor)
        else:
            self._center_label(name)

    def _fit_label(self, name: str, label: str, box: Box) -> Box:
        """Breaks a label for a box of this size and gives the box the room that the label needs."""
        text, kind = self.get(label), str(self.get(name)["type"])
        font, size = self._font(text), float(text["fontSize"])
        area = label_area(kind, box.width, box.height)
        fitted = fit_text_in(str(text.get("originalText") or text["text"]), font, size, area.width)
        needed = size_around(kind, Size(fitted.width, fitted.height))
        grown = Size(max(box.width, needed.width), max(box.height, needed.height))
        self.change(label, text=fitted.text, width=fitted.width, height=fitted.height)
        center = box.center
        return Box(center.x - grown.width / 2, center.y - grown.height / 2, *grown)

    @staticmethod
    def _font(text: Mapping[str, Any]) -> int:
        """The text's own font where its widths are known, else the nearest of those that are."""
        font = int(text.get("fontFamily") or NUNITO)
        return {1: 5, 5: 5}.get(font, NUNITO)

    def set_text(self, name: str, words: str, *, factor: float = 1.0) -> None:
        """A text element says this; one inside a shape is placed by `set_label`."""
        text = self.get(name)
        size = round(float(text["fontSize"]) * factor, 1)
        font = font_for(words, int(text.get("fontFamily") or NUNITO))
        fitted = wrap(words, font=self._font({"fontFamily": font}), size=size, max_width=10_000)
        self.change(
            name,
            text=fitted.text,
            originalText=words,
            fontSize=size,
            fontFamily=font,
            width=fitted.width,
            height=fitted.height,
        )

    def set_label(self, name: str, words: str, *, factor: float = 1.0) -> None:
        """The thing carries these words; its box grows where they need room, its middle stays."""
        element = self.get(name)
        if element["type"] == "text":
            middle = self.box(name).center
            self.set_text(name, words, factor=factor)
            text = self.get(name)
            if text.get("textAlign") == "center":
                self.change(name, x=round(middle.x - text["width"] / 2, 2))
            return
        label = self.label_id(name)
        if label is None:
            label = self._new_label(name, words)
        self.set_text(label, words, factor=factor)
        text = self.get(label)
        if element["type"] == "arrow":
            fitted = wrap_evenly(
                words, font=self._font(text), size=text["fontSize"], max_width=_ARROW_LABEL_WIDTH
            )
            self.change(label, text=fitted.text, width=fitted.width, height=fitted.height)
            self._center_label(name)
        elif element["type"] in CONTAINERS:
            box = self.box(name)
            longest = max((self._word_width(word, text) for word in words.split()), default=0.0)
            room = min(max(longest, 200.0), 260.0)
            width = max(
                box.width,
                min(size_around(str(element["type"]), Size(min(room, text["width"]), 10)).width, 420),
            )
            grown = Box(box.center.x - width / 2, box.y, width, box.height)
            self.set_box(name, grown)
        else:
            self._center_label(name)

    def _word_width(self, word: str, text: Mapping[str, Any]) -> float:
        return wrap(word, font=self._font(text), size=text["fontSize"], max_width=10_000).width

    def _new_label(self, name: str, words: str) -> str:
        builder = self.builder()
        element = self.change(name)
        label = builder.label_for(
            key=f"label{next(self._new_keys)}",
            container=element,
            bound=element["type"] in CONTAINERS | {"arrow"},
        )
        self.adopt(builder)
        return label

    def remove_label(self, name: str) -> None:
        label = self.label_id(name)
        if label is not None:
            self.delete([label])

    # -- adding ----------------------------------------------------------------------------------------

    def builder(self) -> ElementBuilder:
        """For elements that join what is there; hand it to `adopt` when they are made."""
        return ElementBuilder(job_id=self._job_id, look=self.look, updated_ms=self._updated_ms)

    def new_key(self, kind: str) -> str:
        return f"edit:{kind}{next(self._new_keys)}"

    def adopt(self, builder: ElementBuilder) -> list[str]:
        """Takes over what a builder has made; indices are given at the end."""
        return self.add(builder.made())

    def add(self, elements: Iterable[Mapping[str, Any]]) -> list[str]:
        """Takes complete elements along, above all others; returns their ids."""
        names = []
        for element in elements:
            name = str(element["id"])
            self._now[name] = dict(element)
            self._added.append(name)
            self._note_hanging(element)
            names.append(name)
        return names

    def connect(self, source: str, target: str, *, label: str = "", style: str = "solid") -> str:
        """A new arrow between two things; returns its id."""
        start, end = self.holder(source), self.holder(target)
        builder = self.builder()
        builder.know("source", self.change(start))
        builder.know("target", self.change(end))
        text = wrap_evenly(
            label, font=self.look.font, size=self.look.label_size, max_width=_ARROW_LABEL_WIDTH
        )
        name = builder.arrow(
            key=self.new_key("arrow"),
            points=self.route_between(start, end, label=Size(text.width, text.height) if label else None),
            source="source",
            target="target",
            label=label,
            text=text if label else None,
            stroke_style=style,  # type: ignore[arg-type]  # checked by the plan
        )
        self.adopt(builder)
        return name

    def copy(self, names: Sequence[str], dx: float, dy: float) -> list[str]:
        """The things, their parts and the arrows between them once more; returns the ids of the copies."""
        originals = dict.fromkeys(self.companions(names))
        inner = {self.holder(name) for name in originals} | set(originals)
        for arrow in self.arrows():
            if all(end in inner for end in self.ends(arrow)):
                originals.setdefault(arrow)
        for name in list(originals):
            label = self.label_id(name)
            if label:
                originals.setdefault(label)
        renamed = {name: self._new_id(f"copy:{name}") for name in originals}
        round_number = next(self._new_keys)
        for name, new in renamed.items():
            element = copy.deepcopy(dict(self.get(name)))
            element |= {
                "id": new,
                "x": round(element["x"] + dx, 2),
                "y": round(element["y"] + dy, 2),
                "version": 1,
                "index": None,
                "updated": self._updated_ms,
                "boundElements": [
                    {**bound, "id": renamed[bound["id"]]}
                    for bound in element.get("boundElements") or ()
                    if bound["id"] in renamed
                ],
                "groupIds": [
                    self._new_id(f"{round_number}:{g}", stable=True) for g in element.get("groupIds") or ()
                ],
                "customData": {
                    **custom(element),
                    "jobId": str(self._job_id),
                    "key": f"copy{round_number}:{name}",
                },
            }
            element["versionNonce"] = self._nonce(element)
            if element.get("containerId"):
                element["containerId"] = renamed.get(element["containerId"])
            if custom(element).get("labelOf"):
                element["customData"]["labelOf"] = renamed.get(custom(element)["labelOf"])
            for side in ("startBinding", "endBinding"):
                if element.get(side):
                    element[side] = {**element[side], "elementId": renamed[element[side]["elementId"]]}
            self._now[new] = element
            self._added.append(new)
            self._note_hanging(element)
        return [renamed[name] for name in names]

    def _new_id(self, key: str, *, stable: bool = False) -> str:
        number = "" if stable else next(self._new_keys)
        return hashlib.sha256(f"{self._job_id}/{number}/{key}".encode()).digest()[:12].hex()

    # -- room ------------------------------------------------------------------------------------------

    def free_beside(self, size: Size, at: Point, step: tuple[float, float], ignore: Iterable[str]) -> Point:
        """The first free place from `at` on, going in the direction of `step`."""
        leave_out = set(ignore)
        taken = [
            self.box(name).grown(_APART / 2)
            for name in self.shapes()
            if name not in leave_out and not self._surrounds(name, leave_out)
        ]
        box = Box(at.x, at.y, *size)
        for _ in range(200):
            hit = next((other for other in taken if other.overlaps(box)), None)
            if hit is None:
                break
            if step[0] > 0:
                box = box._replace(x=hit.right + 1)
            elif step[0] < 0:
                box = box._replace(x=hit.x - box.width - 1)
            elif step[1] > 0:
                box = box._replace(y=hit.bottom + 1)
            else:
                box = box._replace(y=hit.y - box.height - 1)
        return Point(box.x, box.y)

    def _surrounds(self, name: str, others: Iterable[str]) -> bool:
        return self.is_ground(name) and any(
            self.box(name).holds(self.box(other)) for other in others if other in self
        )

    def make_room(self, names: Iterable[str]) -> None:
        """Pushes aside what these things have come to lie on, and what the pushed ones then lie on."""
        fixed = dict.fromkeys(names)
        blocks = self._blocks()
        for _ in range(_MOST_PUSHES):
            pushed = self._push_one(fixed, blocks)
            if pushed is None:
                return
            fixed.setdefault(pushed)

    def _blocks(self) -> list[str]:
        return [name for name in self.shapes() if not self.is_ground(name)]

    def _push_one(self, fixed: dict[str, None], blocks: Sequence[str]) -> str | None:
        order = [name for name in fixed if name in self]
        for pusher in order:
            if self.is_ground(pusher):
                continue
            box = self.box(pusher)
            for other in blocks:
                if other == pusher or other not in self or self._lay_together(pusher, other):
                    continue
                if (other in fixed and order.index(other) < order.index(pusher)) or not box.grown(
                    -0.5
                ).overlaps(self.box(other)):
                    continue
                dx, dy = _way_out(box, self.box(other))
                self.move([other], dx, dy)
                return other
        return None

    def _lay_together(self, first: str, second: str) -> bool:
        """Whether two things belong to one group, or overlapped before anything was changed."""
        groups = [set((self.get(name).get("groupIds") or ())[-1:]) for name in (first, second)]
        if groups[0] & groups[1]:
            return True
        before = [self._before.get(name) for name in (first, second)]
        if before[0] is None or before[1] is None:
            return False
        return box_of(before[0]).grown(-0.5).overlaps(box_of(before[1]))

    def bounds_of(self, names: Iterable[str]) -> Box:
        return bounds([self.box(name) for name in names])

    def widen_panels(self) -> None:
        """A panel still holds what lay on it, where that has grown or moved over its edge only."""
        for panel in [name for name in self.things() if self.is_ground(name) and name in self._before]:
            before = box_of(self._before[panel]).grown(1)
            box = self.box(panel)
            kept = [
                self.box(name)
                for name in self.shapes()
                if name != panel and name in self._before and before.holds(box_of(self._before[name]))
            ]
            over = [inner.grown(10) for inner in kept if not box.holds(inner) and _is_in(box, inner.center)]
            if over and self.get(panel)["type"] == "rectangle":
                self.set_box(panel, bounds([box, *over]))

    # -- result ----------------------------------------------------------------------------------------

    def result(self) -> tuple[tuple[Element, ...], tuple[str, ...]]:
        """Complete elements that are new or differ from before, one version higher, and what was deleted."""
        last = last_index(e.get("index") for e in self._before.values())
        live = [name for name in self._added if name not in self._deleted]
        for name, index in zip(live, generate_n_keys_between(last, None, len(live)), strict=True):
            self._now[name]["index"] = index
        changed = []
        for name, before in self._before.items():
            now = self._now.get(name)
            if now is None or name in self._deleted or now == before:
                continue
            now["version"] = int(before["version"]) + 1
            now["updated"] = self._updated_ms
            now["versionNonce"] = self._nonce(now)
            changed.append(now)
        gone = tuple(name for name in self._deleted if name in self._before)
        return (*changed, *(self._now[name] for name in live)), gone

    def _nonce(self, element: Mapping[str, Any]) -> int:
        seed = f"{self._job_id}/{element['id']}/{element['version']}"
        return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4]) % _MAX_NONCE + 1


def _is_in(box: Box, point: Point) -> bool:
    return box.x <= point.x <= box.right and box.y <= point.y <= box.bottom


def _way_out(box: Box, other: Box) -> tuple[float, float]:
    """The shortest shift that takes `other` off `box`, away from its middle."""
    right = box.right - other.x + _APART
    left = box.x - other.right - _APART
    down = box.bottom - other.y + _APART
    up = box.y - other.bottom - _APART
    dx = right if other.center.x >= box.center.x else left
    dy = down if other.center.y >= box.center.y else up
    return (dx, 0.0) if abs(dx) < abs(dy) else (0.0, dy)
