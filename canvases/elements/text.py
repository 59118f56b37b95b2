"""How wide a text is in Excalidraw's fonts, and where it breaks into lines.

Widths come from the fonts' own tables (`font_metrics.json`, made by `measure_fonts.py`), so that what the
server lays out is what the browser shows: there is nobody online to measure it.
"""

import json
import math
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

EXCALIFONT: Final = 5
NUNITO: Final = 6

# Kerning is known for printable ASCII only; hinting moves the rest a little. Too wide is harmless, too
# narrow clips.
_SLACK: Final = 1.015
_WIDE: Final = 1000
_EMOJI: Final = 1400
_UNKNOWN: Final = 760
_KEYCAP: Final = "\u20e3"
_ZERO_WIDTH_JOINER: Final = "\u200d"


@dataclass(frozen=True)
class _Font:
    line_height: float
    advances: dict[str, int]
    kerning: dict[str, int]


def _load_fonts() -> dict[int, _Font]:
    raw = json.loads(Path(__file__).with_name("font_metrics.json").read_text(encoding="utf-8"))
    return {
        int(number): _Font(
            line_height=font["line_height"],
            advances={char: int(width) for width, chars in font["advances"].items() for char in chars},
            kerning={
                pairs[i : i + 2]: int(value)
                for value, pairs in font["kerning"].items()
                for i in range(0, len(pairs), 2)
            },
        )
        for number, font in raw.items()
    }


_FONTS: Final = _load_fonts()


class TextSize(NamedTuple):
    """A wrapped text and the box it fills, in scene units."""

    text: str
    width: float
    height: float


def line_height(font: int) -> float:
    """Excalidraw's unitless line height of a font."""
    return _FONTS[font].line_height


def kerning(pair: str, font: int) -> float:
    """How much closer two characters stand than their widths say, in ems; 0 for fonts that are not measured."""
    return _FONTS[font].kerning.get(pair, 0) / 1000 if font in _FONTS else 0.0


def font_for(text: str, font: int) -> int:
    """`font`, unless the text needs the one family that falls back to glyphs for Chinese, Japanese, Korean.

    Of the editor's fonts only Excalifont has such a companion (Xiaolai), shipped with the page.
    """
    return EXCALIFONT if any(_is_wide(char) and 0x2E80 <= ord(char) < 0x1F000 for char in text) else font


def _fallback(char: str) -> int:
    if char == _KEYCAP:
        return _EMOJI  # makes a picture of the digit before it; without such a font both are drawn
    category = unicodedata.category(char)
    if category in {"Mn", "Me", "Cf"}:
        return 0
    code = ord(char)
    if code >= 0x1F000 or 0x2600 <= code <= 0x27BF or 0x2B00 <= code <= 0x2BFF:
        return _EMOJI
    if unicodedata.east_asian_width(char) in {"W", "F"}:
        return _WIDE
    return _WIDE if 0x2190 <= code < 0x2E00 else _UNKNOWN  # arrows, mathematics, symbols


@lru_cache(maxsize=16_384)
def text_width(text: str, font: int, size: float) -> float:
    """The width of one line. CJK counts a full em, emoji more, so that fallback fonts never clip."""
    metrics = _FONTS[font]
    total = 0
    before = ""
    for char in text:
        advance = metrics.advances.get(char)
        if before == _ZERO_WIDTH_JOINER:
            advance = 0  # joined into the picture before it
        total += _fallback(char) if advance is None else advance
        total += metrics.kerning.get(before + char, 0)
        before = char
    return total * size / 1000 * _SLACK


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in {"W", "F"}


def _may_break(before: str, char: str) -> bool:
    """After spaces; after a hyphen or slash only where the part before is a word: "e-mail" stays whole."""
    if before[-1] == " ":
        return char != " "
    return before[-1] in "-/" and char not in "-/ " and len(before) > 3


def _pieces(paragraph: str) -> list[str]:
    """Where a line may break: after spaces and hyphens, and around every CJK character."""
    pieces: list[str] = []
    current = ""
    for char in paragraph:
        if _is_wide(char):
            if current:
                pieces.append(current)
            current = char
            continue
        if current and (_is_wide(current[0]) or _may_break(current, char)):
            pieces.append(current)
            current = ""
        current += char
    if current:
        pieces.append(current)
    return pieces


def _split_long(piece: str, font: int, size: float, max_width: float) -> list[str]:
    """A word wider than a whole line, cut where it must be: a clipped word is worse than a cut one."""
    if text_width(piece.rstrip(), font, size) <= max_width:
        return [piece]
    parts: list[str] = []
    current = ""
    for char in piece:
        if current and text_width(current + char, font, size) > max_width:
            parts.append(current)
            current = ""
        current += char
    return [*parts, current]


def wrap(text: str, *, font: int, size: float, max_width: float) -> TextSize:
    """`text` broken into lines no wider than `max_width` where words allow, and its size."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        current = ""
        for whole in _pieces(paragraph):
            for piece in _split_long(whole, font, size, max_width):
                if current and text_width((current + piece).rstrip(), font, size) > max_width:
                    lines.append(current.rstrip())
                    current = piece.lstrip()
                else:
                    current += piece
        lines.append(current.rstrip())
    width = max(text_width(line, font, size) for line in lines)
    return TextSize("\n".join(lines), math.ceil(width), len(lines) * size * line_height(font))


def wrap_evenly(text: str, *, font: int, size: float, max_width: float) -> TextSize:
    """Like `wrap`, with the lines as even as the same number of lines allows: no lonely last word."""
    best = wrap(text, font=font, size=size, max_width=max_width)
    count = best.text.count("\n")
    if not count or "\n" in text:
        return best
    low, high = max_width / 2, max_width
    for _ in range(6):
        middle = (low + high) / 2
        tried = wrap(text, font=font, size=size, max_width=middle)
        if tried.text.count("\n") == count and tried.width <= middle:
            best, high = tried, middle
        else:
            low = middle
    return best
