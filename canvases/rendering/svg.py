"""A canvas as an SVG picture that needs nothing from outside: texts are outlines, strokes are hand-drawn."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from canvases.elements.palette import TRANSPARENT
from canvases.elements.quality import box_of
from canvases.errors import CannotDraw
from canvases.layout.geometry import Box, Point, bounds
from canvases.rendering.glyphs import family_of, first_baseline, set_line
from canvases.rendering.strokes import Path, detail_of, effort_of, plain_strokes_of, strokes_of

PADDING: Final = 10.0
# About two seconds of drawing by hand; beyond that everything is drawn with plain lines, and so is one thing that would
# take half of it alone.
_MOST_EFFORT: Final = 6_000
# A hundred thousand letters, which are 70 MB of outlines, or a million corners of lines.
_MOST_DETAIL: Final = 1_000_000
_FRAME_INK, _FRAME_NAME_INK = "#bbbbbb", "#999999"
_NUNITO: Final = 6
# What paints the pixels looks through all fonts for a missing letter, but only once one of those that are named is
# there; on a server the others, and what stands behind `sans-serif`, are not.
_OTHER_SCRIPTS: Final = "Noto Sans"

Element = Mapping[str, Any]


def svg_of(title: str, elements: Sequence[Element]) -> bytes:
    """The picture of live elements, bottom to top, with a margin and a white ground.

    Raises `CannotDraw` for more words and lines than fit into a picture.
    """
    if sum(map(detail_of, elements)) > _MOST_DETAIL:
        raise CannotDraw("There is too much on this canvas for a picture. Export it with format=excalidraw.")
    extent = picture_extent(elements)
    by_id = {str(element["id"]): element for element in elements}
    efforts = [effort_of(element) for element in elements]
    most = _MOST_EFFORT / 2
    if sum(effort for effort in efforts if effort <= most) > _MOST_EFFORT:
        most = 0
    parts = [
        _drawn(element, by_id, plain=effort > most) for element, effort in zip(elements, efforts, strict=True)
    ]
    width, height = f"{extent.width:g}", f"{extent.height:g}"
    document = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="{extent.x:g} {extent.y:g} {width} {height}">'
        f"<title>{_text(title)}</title>"
        f'<rect x="{extent.x:g}" y="{extent.y:g}" width="{width}" height="{height}" fill="#ffffff"/>'
        f"{''.join(parts)}</svg>"
    )
    return document.encode()


def picture_extent(elements: Sequence[Element]) -> Box:
    """What the picture shows: everything, and a margin around it."""
    around = bounds([_turned_box(element) for element in elements] or [Box(0, 0, 100, 60)])
    grown = around.grown(PADDING)
    return Box(*(round(value, 2) for value in grown))


def _turned_box(element: Element) -> Box:
    box = box_of(element)
    # The gate lets through what was drawn from right to left.
    box = Box(min(box.x, box.right), min(box.y, box.bottom), abs(box.width), abs(box.height))
    angle = float(element.get("angle") or 0)
    if not angle:
        return box
    cos, sin = abs(math.cos(angle)), abs(math.sin(angle))
    width, height = box.width * cos + box.height * sin, box.width * sin + box.height * cos
    return Box(box.center.x - width / 2, box.center.y - height / 2, width, height)


def _drawn(element: Element, by_id: Mapping[str, Element], *, plain: bool) -> str:
    kind = element["type"]
    if kind == "text":
        inner = _words(element)
    elif kind in {"frame", "magicframe"}:
        inner = _frame(element)
    else:
        strokes = plain_strokes_of(element) if plain else strokes_of(element)
        inner = "".join(map(_path, strokes))
        if kind == "arrow":
            inner = _without_label(element, by_id, inner)
    if not inner:
        return ""
    turn = ""
    if angle := float(element.get("angle") or 0):
        box = box_of(element)
        middle = Point(box.center.x - element["x"], box.center.y - element["y"])
        turn = f" rotate({math.degrees(angle):.3f} {middle.x:.2f} {middle.y:.2f})"
    opacity = element.get("opacity", 100)
    faint = f' opacity="{opacity / 100:g}"' if opacity != 100 else ""
    at = f"translate({element['x']:.2f} {element['y']:.2f}){turn}"
    return f'<g data-id={_attribute(str(element["id"]))} transform="{at}"{faint}>{inner}</g>'


def _path(path: Path) -> str:
    stroke = "none" if path.stroke == TRANSPARENT else path.stroke
    fill = "none" if path.fill == TRANSPARENT else path.fill
    if stroke == fill == "none":
        return ""
    dashes = f' stroke-dasharray="{path.dashes}"' if path.dashes else ""
    return (
        f'<path d="{path.data}" stroke={_attribute(stroke)} stroke-width="{path.width:g}" '
        f'fill={_attribute(fill)} fill-rule="evenodd" stroke-linecap="round" stroke-linejoin="round"{dashes}/>'
    )


def _without_label(arrow: Element, by_id: Mapping[str, Element], inner: str) -> str:
    """An arrow leaves out the place where its label stands."""
    labels = [
        by_id[bound["id"]]
        for bound in arrow.get("boundElements") or ()
        if bound.get("type") == "text" and bound["id"] in by_id
    ]
    if not labels:
        return inner
    hole = box_of(labels[0]).moved(-arrow["x"], -arrow["y"]).grown(5)
    around = box_of(arrow).moved(-arrow["x"], -arrow["y"]).grown(100)
    name = _attribute(f"without-label-{arrow['id']}")
    link = _attribute(f"url(#without-label-{arrow['id']})")
    return (
        f'<clipPath id={name}><path clip-rule="evenodd" d="{_outline(around)}{_outline(hole)}"/></clipPath>'
        f"<g clip-path={link}>{inner}</g>"
    )


def _outline(box: Box) -> str:
    return f"M{box.x:.2f} {box.y:.2f}H{box.right:.2f}V{box.bottom:.2f}H{box.x:.2f}Z"


def _words(element: Element) -> str:
    words = str(element.get("text") or "")
    if not words.strip():
        return ""
    ink = element.get("strokeColor") or "#1e1e1e"
    lines = _set_text(
        words,
        font=int(element.get("fontFamily") or _NUNITO),
        size=float(element.get("fontSize") or 20),
        line_height=float(element.get("lineHeight") or 1.25),
        width=float(element["width"]),
        align=str(element.get("textAlign") or "left"),
    )
    return f'<g fill={_attribute(ink)} role="img" aria-label={_attribute(words)}>{lines}</g>'


def _set_text(words: str, *, font: int, size: float, line_height: float, width: float, align: str) -> str:
    parts = []
    step = size * line_height
    baseline = first_baseline(font, size, step)
    for number, line in enumerate(words.split("\n")):
        runs, length = set_line(line, font, size)
        start = {"center": (width - length) / 2, "right": width - length}.get(align, 0.0)
        y = baseline + number * step
        for run in runs:
            x = start + run.x
            if run.outline:
                scale = f"{size / 1000:.5f}"
                parts.append(
                    f'<path transform="translate({x:.2f} {y:.2f}) scale({scale})" d="{run.outline}"/>'
                )
            elif run.characters:
                family = quoteattr(f"{family_of(font).folder}, {_OTHER_SCRIPTS}, sans-serif")
                parts.append(
                    f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size:g}" font-family={family} '
                    f'xml:space="preserve">{_text(run.characters)}</text>'
                )
    return "".join(parts)


def _frame(element: Element) -> str:
    name = str(element.get("name") or "Frame")
    words = _set_text(name, font=_NUNITO, size=14, line_height=1.25, width=0, align="left")
    return (
        f'<rect width="{element["width"]:g}" height="{element["height"]:g}" rx="8" fill="none" '
        f'stroke="{_FRAME_INK}" stroke-width="2"/>'
        f'<g fill="{_FRAME_NAME_INK}" transform="translate(0 -22.5)" role="img" '
        f"aria-label={_attribute(name)}>{words}</g>"
    )


def _attribute(text: str) -> str:
    return quoteattr(_legal(text))


def _text(text: str) -> str:
    return escape(_legal(text))


def _legal(text: str) -> str:
    """XML has no room for control characters."""
    return (
        "".join(char for char in text if char >= " " or char in "\n\t")
        .replace("\ufffe", "")
        .replace("\uffff", "")
    )
