"""How large a shape must be for its label, by Excalidraw's own rules for text inside shapes."""

import math
from typing import Final, Literal

from canvases.elements.palette import Look
from canvases.elements.text import TextSize, wrap_evenly
from canvases.layout.geometry import Size

Shape = Literal["rectangle", "diamond", "ellipse"]

# Excalidraw keeps this much between a label and the area that a shape grants it.
BOUND_TEXT_PADDING: Final = 5
_MIN_WIDTH: Final = 140.0
_MIN_HEIGHT: Final = 56.0
_MAX_TEXT_WIDTH: Final = {"rectangle": 220.0, "ellipse": 190.0, "diamond": 150.0}
_MAX_LABEL_WIDTH: Final = 160.0


def fit(label: str, shape: Shape, look: Look) -> tuple[TextSize, Size]:
    """The label broken into lines, and the smallest good-looking size of its shape."""
    text = wrap_evenly(label, font=look.font, size=look.font_size, max_width=_MAX_TEXT_WIDTH[shape])
    if shape == "diamond":
        width = max(160.0, 2 * (text.width + 2 * BOUND_TEXT_PADDING) + 12)
        height = max(96.0, 2 * (text.height + 2 * BOUND_TEXT_PADDING) + 12)
    elif shape == "ellipse":
        width = max(_MIN_WIDTH, math.sqrt(2) * (text.width + 2 * BOUND_TEXT_PADDING + 8))
        height = max(_MIN_HEIGHT, math.sqrt(2) * (text.height + 2 * BOUND_TEXT_PADDING + 2))
    else:
        width = max(_MIN_WIDTH, text.width + 2 * 22)
        height = max(_MIN_HEIGHT, text.height + 2 * 16)
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
