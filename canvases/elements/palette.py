"""The colours and strokes behind `style` and `colorScheme`: every pair of text and ground meets WCAG AA."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from canvases.elements.text import EXCALIFONT, NUNITO

AA_CONTRAST: Final = 4.5
CANVAS: Final = "#ffffff"
TRANSPARENT: Final = "transparent"
_HEX: Final = re.compile("#[0-9a-fA-F]{6}")


@dataclass(frozen=True, kw_only=True)
class Paint:
    """How one shape is coloured. A transparent fill shows the white canvas."""

    fill: str
    stroke: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Look:
    """Everything about a drawing's appearance that is not its content."""

    font: int
    font_size: int
    title_size: int
    label_size: int
    roughness: int
    stroke_width: int
    rounded: bool
    roles: Mapping[str, Paint]
    arrow: str
    title: str
    label: str

    def paint(self, role: str, color: str | None = None) -> Paint:
        """The colours of a role, or those of a colour that a person asked for by name."""
        if color is not None and color in NAMED_COLORS:
            return NAMED_COLORS[color]
        return self.roles.get(role, self.roles["step"])

    def accent(self, number: int) -> Paint:
        """One of four colours that tell panels apart, over and over."""
        return self.roles[("start", "decision", "step", "end")[number % 4]]

    @property
    def card(self) -> Paint:
        """A card on a coloured panel."""
        return Paint(fill=CANVAS, stroke=self.arrow, text="#1e293b")


def _paint(fill: str, stroke: str, text: str = "#1e293b") -> Paint:
    return Paint(fill=fill, stroke=stroke, text=text)


# What "blue boxes" means: a light ground, a strong line, dark text of the same hue.
NAMED_COLORS: Final[Mapping[str, Paint]] = {
    "red": _paint("#ffe3e3", "#e03131", "#7d1515"),
    "orange": _paint("#ffe8cc", "#e8590c", "#7a2e06"),
    "yellow": _paint("#fff3bf", "#f08c00", "#664100"),
    "green": _paint("#d3f9d8", "#2f9e44", "#14532d"),
    "teal": _paint("#c3fae8", "#099268", "#064e3b"),
    "cyan": _paint("#c5f6fa", "#0c8599", "#0b4a54"),
    "blue": _paint("#d0ebff", "#1971c2", "#0b3d6b"),
    "purple": _paint("#e5dbff", "#6741d9", "#3b2385"),
    "pink": _paint("#ffdeeb", "#c2255c", "#7a1239"),
    "brown": _paint("#eaddd7", "#846358", "#4a3228"),
    "grey": _paint("#e9ecef", "#495057", "#212529"),
    "black": _paint("#1e1e1e", "#000000", "#ffffff"),
    "white": _paint("#ffffff", "#343a40", "#1e1e1e"),
}

# Roles: start, end, step, decision, item (one of a list), note, group.
_SCHEMES: Final[Mapping[str, Mapping[str, Paint]]] = {
    "default": {
        "start": _paint("#d3f9d8", "#2f9e44", "#14532d"),
        "end": _paint("#e5dbff", "#6741d9", "#3b2385"),
        "step": _paint("#e7f1ff", "#3b7ddd", "#12365f"),
        "decision": _paint("#fff3bf", "#f08c00", "#664100"),
        "item": _paint("#e7f1ff", "#3b7ddd", "#12365f"),
        "note": _paint("#f8f9fa", "#868e96", "#343a40"),
        "group": _paint("#f8f9fa", "#adb5bd", "#343a40"),
    },
    "pastel": {
        "start": _paint("#d8f5e5", "#7ccba2", "#1f5138"),
        "end": _paint("#fde2e4", "#eba4ab", "#6d2932"),
        "step": _paint("#e2ecff", "#a3bffa", "#2b3f73"),
        "decision": _paint("#fff1d6", "#f2c57c", "#664516"),
        "item": _paint("#efe5fd", "#c4a7ee", "#452c6e"),
        "note": _paint("#f7f5f2", "#cfc8bd", "#4d463c"),
        "group": _paint("#faf8f5", "#d9d2c7", "#4d463c"),
    },
    "vibrant": {
        "start": _paint("#087f5b", "#054f39", "#ffffff"),
        "end": _paint("#c2255c", "#861239", "#ffffff"),
        "step": _paint("#1864ab", "#0b3d6b", "#ffffff"),
        "decision": _paint("#ffd43b", "#e67700", "#3d2700"),
        "item": _paint("#6741d9", "#40249a", "#ffffff"),
        "note": _paint("#fff9db", "#e67700", "#3d2700"),
        "group": _paint("#f1f3f5", "#495057", "#212529"),
    },
    "monochrome": {
        "start": _paint("#343a40", "#212529", "#ffffff"),
        "end": _paint("#343a40", "#212529", "#ffffff"),
        "step": _paint("#f8f9fa", "#343a40", "#212529"),
        "decision": _paint("#dee2e6", "#343a40", "#212529"),
        "item": _paint("#f1f3f5", "#343a40", "#212529"),
        "note": _paint("#ffffff", "#868e96", "#343a40"),
        "group": _paint("#ffffff", "#868e96", "#343a40"),
    },
}

_INK: Final[Mapping[str, tuple[str, str, str]]] = {
    # arrow, title, label on an arrow
    "default": ("#495057", "#12365f", "#343a40"),
    "pastel": ("#7a7f9a", "#2b3f73", "#4d5270"),
    "vibrant": ("#343a40", "#0b3d6b", "#212529"),
    "monochrome": ("#343a40", "#212529", "#343a40"),
}


def _outlined(paint: Paint) -> Paint:
    """A shape of the minimal style: a line around nothing, text dark enough for the bare canvas."""
    text = paint.text if contrast(paint.text, CANVAS) >= AA_CONTRAST else paint.stroke
    if contrast(text, CANVAS) < AA_CONTRAST:
        text = "#212529"
    return Paint(fill=TRANSPARENT, stroke=paint.stroke, text=text)


def look_for(style: str, color_scheme: str) -> Look:
    """The look of a style and a colour scheme; an unknown word gives the default of its kind."""
    roles = _SCHEMES.get(color_scheme, _SCHEMES["default"])
    arrow, title, label = _INK.get(color_scheme, _INK["default"])
    if style == "minimal":
        roles = {role: _outlined(paint) for role, paint in roles.items()}
    hand_drawn = style == "creative"
    return Look(
        font=EXCALIFONT if hand_drawn else NUNITO,
        font_size=20 if hand_drawn else 18,
        title_size=36 if hand_drawn else 32,
        label_size=16,
        roughness=1 if hand_drawn else 0,
        stroke_width=1 if style in {"minimal", "corporate"} else 2,
        rounded=style in {"modern", "creative"},
        roles=roles,
        arrow=arrow,
        title=title,
        label=label,
    )


def _channel(value: int) -> float:
    share = value / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


def _luminance(color: str) -> float:
    red, green, blue = (_channel(int(color[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast of two `#rrggbb` colours; transparent counts as the white canvas.

    A colour in another notation was chosen by a person's own tool: it counts as clear.
    """
    colors = [CANVAS if color == TRANSPARENT else color for color in (first, second)]
    if not all(_HEX.fullmatch(color) for color in colors):
        return 21.0
    lighter, darker = sorted(map(_luminance, colors), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable_on(ground: str) -> str:
    """Dark ink, or white where the ground is dark; a ground that is no `#rrggbb` counts as the canvas."""
    return "#1e293b" if contrast("#1e293b", ground) >= AA_CONTRAST else "#ffffff"
