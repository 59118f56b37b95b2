"""The outlines of texts in the fonts that the page ships, so that a picture looks the same wherever it is opened."""

import threading
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

from canvases.elements.text import NUNITO, kerning


@dataclass(frozen=True)
class FontFamily:
    """One of the editor's fonts: its folder among the page's fonts, and where lines stand, in parts of an em."""

    folder: str
    ascender: float
    descender: float


# As the editor numbers them. What it calls Helvetica is the reader's own; Liberation Sans has the same widths.
FAMILIES: Final = {
    1: FontFamily("Virgil", 0.886, -0.374),
    2: FontFamily("Liberation", 0.770, -0.230),
    3: FontFamily("Cascadia", 0.928, -0.234),
    5: FontFamily("Excalifont", 0.886, -0.374),
    6: FontFamily("Nunito", 1.011, -0.353),
    7: FontFamily("Lilita", 0.923, -0.220),
    8: FontFamily("ComicShanns", 0.750, -0.250),
    9: FontFamily("Liberation", 0.905, -0.212),
}
_CJK: Final = "Xiaolai"
_GLYPHS_KEPT: Final = 20_000


@dataclass(frozen=True)
class Run:
    """A part of a line: an outline in font units of a size, or characters that none of our fonts has."""

    x: float
    width: float
    outline: str = ""
    characters: str = ""


def family_of(font: int) -> FontFamily:
    """The family of this number; unknown ones look like Nunito."""
    return FAMILIES.get(font, FAMILIES[NUNITO])


def first_baseline(font: int, size: float, line_height: float) -> float:
    """How far below the top of its line a text stands."""
    family = family_of(font)
    gap = (line_height - size * family.ascender + size * family.descender) / 2
    return size * family.ascender + gap


_reading = threading.Lock()


def set_line(text: str, font: int, size: float) -> tuple[list[Run], float]:
    """The runs of one line from x = 0 on, and the width of the line."""
    folder = family_of(font).folder
    runs: list[Run] = []
    x, foreign, before = 0.0, "", ""
    for char in text:
        found = _glyph_of(char, folder) or _glyph_of(char, _CJK)
        if found is None:
            foreign += char
            before = ""
            continue
        if foreign:
            x = _end_foreign(runs, foreign, x, size)
            foreign = ""
        outline, advance = found
        x += kerning(before + char, font) * size
        runs.append(Run(x, advance * size, outline=outline))
        x += advance * size
        before = char
    if foreign:
        x = _end_foreign(runs, foreign, x, size)
    return runs, x


def _end_foreign(runs: list[Run], characters: str, x: float, size: float) -> float:
    width = sum(
        0.0 if char in "\u200d\ufe0f" else (1.25 if ord(char) > 0x2600 else 0.6) for char in characters
    )
    runs.append(Run(x, width * size, characters=characters))
    return x + width * size


@lru_cache(_GLYPHS_KEPT)
def _glyph_of(char: str, folder: str) -> tuple[str, float] | None:
    """The outline for an em of 1,000 with y downward, and the advance in ems; None when the family lacks it."""
    # A font is read piece by piece from its open file: two threads at once would move each other's place in it.
    with _reading:
        path = _files_of(folder).get(ord(char))
        if path is None:
            return None
        font = _open(path)
        glyphs = font.getGlyphSet()
        name = font.getBestCmap()[ord(char)]
        scale = 1000 / font["head"].unitsPerEm
        pen = SVGPathPen(glyphs, ntos=lambda value: f"{value:.0f}")
        glyphs[name].draw(TransformPen(pen, (scale, 0, 0, -scale, 0, 0)))
        return pen.getCommands(), font["hmtx"][name][0] / font["head"].unitsPerEm


@cache
def _files_of(folder: str) -> dict[int, Path]:
    """Which file of a family has a character. Looking through the CJK family takes two seconds, once a process."""
    found: dict[int, Path] = {}
    paths = sorted((settings.FRONTEND_DIST / "fonts" / folder).glob("*.woff2"))
    regular = [path for path in paths if "Regular" in path.name] or paths
    for path in regular:
        font = TTFont(path, lazy=True)
        for code in font.getBestCmap():
            found.setdefault(code, path)
        font.close()
    return found


@lru_cache(64)
def _open(path: Path) -> Any:
    return TTFont(path, lazy=True)
