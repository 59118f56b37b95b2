"""How large a shape must be for its label, by Excalidraw's own rules for text inside shapes."""

import math
from typing import Final, Literal

from canvases.elements.palette import Look
from canvases.elements.polygons import LABEL_BELOW, POLYGONS
from canvases.elements.text import TextSize, wrap_evenly
from canvases.layout.geometry import Size

SizeWord = Literal["small", "medium", "large"]

# Excalidraw keeps this much between a label and the area that a shape grants it.
BOUND_TEXT_PADDING: Final = 5
_MIN_WIDTH: Final = 140.0
_MIN_HEIGHT: Final = 56.0
_MAX_TEXT_WIDTH: Final = {"rectangle": 220.0, "ellipse": 190.0, "diamond": 150.0}
_SCALE: Final[dict[SizeWord, float]] = {"small": 0.65, "medium": 1.0, "large": 1.7}
_BARE: Final = {"rectangle": (150.0, 90.0), "ellipse": (150.0, 90.0), "diamond": (130.0, 96.0)}
_MAX_LABEL_WIDTH: Final = 160.0


def fit(label: str, shape: str, look: Look, size: SizeWord = "medium") -> tuple[TextSize, Size]:
    """The label broken into lines, and the smallest good-looking size of its shape.

    A shape without a label is drawn for its own sake: as large as the word for its size says.
    """
    max_width = _MAX_TEXT_WIDTH.get(shape, 140.0)
    text = wrap_evenly(label, font=look.font, size=look.font_size, max_width=max_width)
    scale = _SCALE[size]
    if not label:
        width, height = _BARE.get(shape, (96.0, 96.0))
        return text, Size(_even(width * scale), _even(height * scale))
    if shape == "diamond":
        width = max(160.0 * scale, 2 * (text.width + 2 * BOUND_TEXT_PADDING) + 12)
        height = max(96.0 * scale, 2 * (text.height + 2 * BOUND_TEXT_PADDING) + 12)
    elif shape in {"ellipse", "circle"}:
        width = math.sqrt(2) * (text.width + 2 * BOUND_TEXT_PADDING + 8)
        height = math.sqrt(2) * (text.height + 2 * BOUND_TEXT_PADDING + 2)
        if shape == "circle":
            width = height = max(100.0 * scale, width, height)
        width, height = max(_MIN_WIDTH * scale, width), max(_MIN_HEIGHT * scale, height)
        if shape == "circle":
            width = height = max(width, height)
    elif shape in LABEL_BELOW:
        side = 96.0 * scale
        width, height = max(side, text.width), side + text.height + 6
    elif shape in POLYGONS:
        width = max(110.0 * scale, (text.width + 10) / 0.62)
        height = max(100.0 * scale, (text.height + 10) / 0.62)
    else:
        width = max(_MIN_WIDTH * scale, text.width + 2 * 22)
        height = max(_MIN_HEIGHT * scale, text.height + 2 * 16)
        if shape == "square":
            width = height = max(width, height)
    return text, Size(_even(width), _even(height))


def fit_arrow_label(label: str, look: Look) -> TextSize:
    """The label of an arrow, broken into short lines."""
    return wrap_evenly(label, font=look.font, size=look.label_size, max_width=_MAX_LABEL_WIDTH)


def label_area(shape: str, width: float, height: float) -> Size:
    """The part of a shape that Excalidraw grants its label (getBoundTextMaxWidth and …Height)."""
    share = {"ellipse": math.sqrt(2) / 2, "diamond": 0.5}.get(shape, 1.0)
    padding = 2 * BOUND_TEXT_PADDING
    return Size(round(width * share) - padding, round(height * share) - padding)


def _even(value: float) -> float:
    """Whole even numbers: centres fall on whole numbers and arrows come out straight."""
    return float(math.ceil(value / 2) * 2)


def fit_text_in(label: str, font: int, size: float, width: float) -> TextSize:
    """A label broken into lines for a shape that grants it `width`; at least its longest word fits."""
    return wrap_evenly(label, font=font, size=size, max_width=max(width, 4 * size))


def size_around(shape: str, text: Size) -> Size:
    """The smallest shape that grants a text its room: the reverse of `label_area`."""
    share = {"ellipse": math.sqrt(2) / 2, "diamond": 0.5}.get(shape, 1.0)
    padding = 2 * BOUND_TEXT_PADDING + 2
    return Size(_even((text.width + padding) / share), _even((text.height + padding) / share))
