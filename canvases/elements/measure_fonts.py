"""Writes `font_metrics.json`: what Excalidraw's own fonts say about the width of text.

Run by a developer when the pinned version of Excalidraw changes, never by the product:

    python -m canvases.elements.measure_fonts frontend/node_modules/@excalidraw/excalidraw/dist/prod/fonts

Needs `fonttools[woff]`. The font files (Open Font License) stay where they are; only widths and kerning
of the characters up to U+2122 are kept, in thousandths of the font size.
"""

import json
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

# Name, number in Excalidraw's `fontFamily`, and unitless line height: FONT_METADATA of Excalidraw 0.18.1.
FONTS = (("Excalifont", 5, 1.25), ("Nunito", 6, 1.35))
TARGET = Path(__file__).with_name("font_metrics.json")
# Kerning is kept for what labels are made of; the rest is covered by the slack in `text.py`.
KERNED = [chr(code) for code in range(0x21, 0x7F)] + list("‘’“”„–—…")


def _latin_letters(font: TTFont) -> int:
    return sum(code < 0x100 for code in font.getBestCmap())


def _pair_lookups(font: TTFont) -> Iterator[Any]:
    table = font["GPOS"].table
    wanted = {
        index
        for record in table.FeatureList.FeatureRecord
        if record.FeatureTag == "kern"
        for index in record.Feature.LookupListIndex
    }
    for index in sorted(wanted):
        lookup = table.LookupList.Lookup[index]
        for subtable in lookup.SubTable:
            found = getattr(subtable, "ExtSubTable", subtable)
            if found.LookupType == 2:
                yield found


def _kerning(subtable: Any, left: str, right: str) -> int | None:
    """The adjustment this subtable has for a pair of glyphs, None when it does not cover the pair."""
    if left not in subtable.Coverage.glyphs:
        return None
    if subtable.Format == 1:
        pairs = subtable.PairSet[subtable.Coverage.glyphs.index(left)].PairValueRecord
        for record in pairs:
            if record.SecondGlyph == right:
                return int(record.Value1.XAdvance) if record.Value1 else 0
        return None
    first = subtable.ClassDef1.classDefs.get(left, 0)
    second = subtable.ClassDef2.classDefs.get(right, 0)
    value = subtable.Class1Record[first].Class2Record[second].Value1
    return int(getattr(value, "XAdvance", 0) or 0) if value else 0


def measure(folder: Path) -> dict[str, Any]:
    """Advance widths (by character) and kerning (by pair) of the fonts in `folder`."""
    fonts: dict[str, Any] = {}
    for name, number, line_height in FONTS:
        advances: dict[str, int] = {}
        kerning: dict[str, int] = {}
        files = [TTFont(path) for path in sorted((folder / name).glob("*.woff2"))]
        # Subsets for other scripts repeat some Latin letters; browsers take those from the Latin file.
        for font in sorted(files, key=_latin_letters, reverse=True):
            scale = 1000 / font["head"].unitsPerEm
            glyphs = font.getBestCmap()
            for code, glyph in glyphs.items():
                if 0x20 <= code <= 0x2122:
                    advances.setdefault(chr(code), round(font["hmtx"][glyph][0] * scale))
            subtables = list(_pair_lookups(font))
            for left, right in product(KERNED, repeat=2):
                if ord(left) not in glyphs or ord(right) not in glyphs or left + right in kerning:
                    continue
                for subtable in subtables:
                    value = _kerning(subtable, glyphs[ord(left)], glyphs[ord(right)])
                    if value is not None:
                        if value:
                            kerning[left + right] = round(value * scale)
                        break
        fonts[str(number)] = {
            "name": name,
            "line_height": line_height,
            "advances": _by_width(advances),
            "kerning": _by_width(kerning),
        }
    return fonts


def _by_width(values: dict[str, int]) -> dict[str, str]:
    """The same table turned round, far shorter as JSON: width to all characters (or pairs) that have it."""
    turned: dict[int, list[str]] = {}
    for text, value in sorted(values.items()):
        turned.setdefault(value, []).append(text)
    return {str(value): "".join(texts) for value, texts in sorted(turned.items())}


def main() -> None:
    measured = measure(Path(sys.argv[1]))
    TARGET.write_text(json.dumps(measured, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
