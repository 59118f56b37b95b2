"""What is on a canvas, told in few words: one line per object, short ids, the selection in detail, the rest in less.

A canvas of thousands of objects does not fit into a model's prompt and most of it does not matter to a request.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ai_jobs.planning.edits import Edit, Insert
from canvases.elements.quality import box_of
from canvases.layout.geometry import Box, Point, bounds

# Of the budget, what objects near the selection may take before the others get their short lines.
_NEAR_SHARE: Final = 0.75
_TEXT_SELECTED, _TEXT_NEAR, _TEXT_FAR = 300, 80, 24
_REFERENCES: Final = ("target", "anchor", "source", "first", "second", "after", "before", "same_as")


@dataclass(frozen=True, kw_only=True)
class Digest:
    """`text` for a prompt, and which object each short id in it means."""

    text: str
    object_ids: Mapping[str, str]

    def unknown_ids(self, edits: Sequence[Edit]) -> list[str]:
        """The short ids in these edits that mean nothing on this canvas."""
        named = [name for edit in edits for name in _names_in(edit)]
        made = {edit.key for edit in edits if isinstance(edit, Insert)}
        return list(dict.fromkeys(name for name in named if name not in self.object_ids and name not in made))

    def with_object_ids(self, edits: Sequence[Edit]) -> tuple[Edit, ...]:
        """The edits with real object ids; every short id must be known."""
        return tuple(edit.model_copy(update=self._meant_by(edit)) for edit in edits)

    def understood(self, edits: Sequence[Edit]) -> tuple[Edit, ...]:
        """Those of the edits that name only what is there or what one before them makes, with real object ids."""
        made: set[str] = set()
        known = []
        for edit in edits:
            if all(name in self.object_ids or name in made for name in _names_in(edit)):
                known.append(edit)
                if isinstance(edit, Insert) and edit.key:
                    made.add(edit.key)
        return self.with_object_ids(known)

    def _meant_by(self, edit: Edit) -> dict[str, Any]:
        short_ids = {name: str(getattr(edit, name)) for name in _REFERENCES if getattr(edit, name, None)}
        # What is no id is the key of a box that an edit before this one makes.
        meant: dict[str, Any] = {name: self.object_ids.get(short, short) for name, short in short_ids.items()}
        if targets := getattr(edit, "targets", None):
            meant["targets"] = tuple(self.object_ids.get(short, short) for short in targets)
        return meant


def estimate_tokens(text: str) -> int:
    """About how many tokens a model sees: four ASCII characters each, and one for any other character."""
    plain = sum(map(str.isascii, text)) if not text.isascii() else len(text)
    return math.ceil(plain / 4) + len(text) - plain


def digest_canvas(
    objects: Sequence[Mapping[str, Any]], *, selected_ids: Sequence[str], max_tokens: int
) -> Digest:
    """At most about `max_tokens` tokens on what the canvas holds, the selection and what is near it first.

    Objects beyond the budget are only counted. Labels stand with the box or arrow that they belong to.
    """
    things = [element for element in objects if not _belongs_to_another(element)]
    labels = _labels(objects)
    selected = set(selected_ids)
    middle = _middle([box_of(element) for element in things if element["id"] in selected or not selected])
    things.sort(key=lambda element: (element["id"] not in selected, _distance(element, middle)))
    short_ids = {str(element["id"]): f"o{number}" for number, element in enumerate(things, 1)}

    lines: list[str] = []
    left = max_tokens
    for element in things:
        is_selected = element["id"] in selected
        line = _line(element, short_ids, labels, is_selected=is_selected)
        spared = 0 if is_selected else (1 - _NEAR_SHARE) * max_tokens
        if (cost := estimate_tokens(line) + 1) > left - spared:
            break
        lines.append(line)
        left -= cost
    for element in things[len(lines) :]:
        line = _short_line(element, short_ids, labels)
        # The last line, which counts the rest, has to fit too.
        if (cost := estimate_tokens(line) + 1) > left - 12:
            break
        lines.append(line)
        left -= cost
    if missing := len(things) - len(lines):
        lines.append(f"and {missing} more objects that are not listed")
    return Digest(
        text="\n".join(lines), object_ids={short: object_id for object_id, short in short_ids.items()}
    )


def _belongs_to_another(element: Mapping[str, Any]) -> bool:
    custom = element.get("customData") or {}
    if element["type"] == "text":
        return bool(element.get("containerId") or custom.get("labelOf"))
    return bool(custom.get("anchor"))


def _labels(objects: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in objects:
        if element["type"] == "text":
            owner = element.get("containerId") or (element.get("customData") or {}).get("labelOf")
            found[str(owner or element["id"])] = str(element.get("originalText") or element.get("text") or "")
    return found


def _middle(boxes: Sequence[Box]) -> Point:
    around = bounds(boxes) if boxes else Box(0, 0, 0, 0)
    return Point(around.x + around.width / 2, around.y + around.height / 2)


def _distance(element: Mapping[str, Any], middle: Point) -> float:
    box = box_of(element)
    return math.hypot(box.x + box.width / 2 - middle.x, box.y + box.height / 2 - middle.y)


def _kind(element: Mapping[str, Any]) -> str:
    return str((element.get("customData") or {}).get("shape") or element["type"])


def _quoted(label: str, limit: int) -> str:
    # As JSON: a label cannot end its line and pretend to be another object.
    return json.dumps(label if len(label) <= limit else label[: limit - 1] + "…", ensure_ascii=False)


def _line(
    element: Mapping[str, Any],
    short_ids: Mapping[str, str],
    labels: Mapping[str, str],
    *,
    is_selected: bool,
) -> str:
    box = box_of(element)
    parts = [
        short_ids[str(element["id"])],
        _kind(element),
        f"{box.x:.0f},{box.y:.0f}",
        f"{box.width:.0f}x{box.height:.0f}",
    ]
    fill = element.get("backgroundColor")
    if fill and fill != "transparent":
        parts.append(str(fill)[:20])
    for word, end in (("from", "startBinding"), ("to", "endBinding")):
        bound = (element.get(end) or {}).get("elementId")
        if isinstance(bound, str) and bound in short_ids:
            parts.append(f"{word} {short_ids[bound]}")
    if label := labels.get(str(element["id"])):
        parts.append(_quoted(label, _TEXT_SELECTED if is_selected else _TEXT_NEAR))
    if is_selected:
        parts.append(f"stroke {str(element.get('strokeColor'))[:20]} {element.get('strokeStyle', 'solid')}")
        if angle := element.get("angle"):
            parts.append(f"turned {math.degrees(angle):.0f}°")
        parts.append("selected")
    return " ".join(parts)


def _short_line(element: Mapping[str, Any], short_ids: Mapping[str, str], labels: Mapping[str, str]) -> str:
    label = labels.get(str(element["id"]), "")
    text = f" {_quoted(label, _TEXT_FAR)}" if label else ""
    return f"{short_ids[str(element['id'])]} {_kind(element)}{text}"


def _names_in(edit: Edit) -> list[str]:
    names = [getattr(edit, name, None) for name in _REFERENCES]
    return [*getattr(edit, "targets", ()), *(name for name in names if name is not None)]
