"""The hand-drawn lines of elements, from the same generator and seeds as in the editor."""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from rough.core import Options
from rough.generator import RoughGenerator

from canvases.elements.palette import TRANSPARENT

_LARGEST_RADIUS: Final = 32.0
_RADIUS_SHARE: Final = 0.25
_ADAPTIVE: Final = 3
_CARTOONIST: Final = 2
_HEAD_SIZE: Final = {"arrow": 25.0, "diamond": 12.0, "diamond_outline": 12.0}
_HEAD_ANGLE: Final = {"arrow": 20.0, "bar": 90.0}
_DOTS: Final = {"dot", "circle", "circle_outline"}
_CLOSED_HEADS: Final = {"triangle", "triangle_outline", "diamond", "diamond_outline"}
_GENERATOR: Final = RoughGenerator()
# How often a fill is hatched, and the smallest distance that the generator keeps between two hatches.
_HATCHINGS: Final = {"hachure": 1, "cross-hatch": 2, "zigzag": 2}
_FINEST_HATCHING: Final = 0.1
# In thirds of a millisecond: one dash of eight pixels, one hatch, and looking whether a row meets a piece.
_DASH_EFFORT, _HATCH_EFFORT, _ROW_EFFORT = 0.001 / 8, 0.15, 0.002
# The generator's kinds of strokes; only the first is drawn as a line of the element's own width.
_OUTLINE, _AREA = "path", "fillPath"

Point = tuple[float, float]


class Path(NamedTuple):
    """One SVG path: its data, and how it is painted."""

    data: str
    stroke: str
    width: float
    fill: str
    dashes: str = ""


def strokes_of(element: Mapping[str, Any]) -> list[Path]:
    """What a box or a line is drawn with, in coordinates relative to the element's x and y."""
    match element["type"]:
        case "rectangle" | "embeddable" | "iframe" | "image":
            drawables = [_rectangle(element)]
        case "diamond":
            drawables = [_diamond(element)]
        case "ellipse":
            width, height = element["width"], element["height"]
            options = _options(element, curveFitting=1.0)
            drawables = [_GENERATOR.ellipse(width / 2, height / 2, width, height, options)]
        case "line" | "arrow":
            drawables = _line(element)
        case "freedraw":
            return [_freedraw(element)]
        case _:
            return []
    return [path for drawable in drawables for path in _paths(drawable, element)]


def effort_of(element: Mapping[str, Any]) -> float:
    """About how long drawing an element by hand takes, in thirds of a millisecond.

    It grows with the way that the hand goes, and all of it comes from outside: a box may be as wide as the canvas and
    hatched with the finest pen.
    """
    if element["type"] in {"text", "frame", "magicframe"}:
        return 0.0
    corners = _corners(element)
    way = sum(abs(x - a) + abs(y - b) for (a, b), (x, y) in itertools.pairwise(corners))
    effort = (
        2 + len(corners) * 0.5 + way * _DASH_EFFORT * ((element.get("strokeStyle") or "solid") != "solid")
    )
    pieces = len(corners)
    if element["type"] == "ellipse" or element.get("roundness"):
        # Curves are cut into straight pieces, the more the longer they are.
        pieces += math.isqrt(int(len(corners) * way))
        effort += pieces * 0.15
    hatched = _HATCHINGS.get(element.get("fillStyle") or "solid", 0)
    if hatched and (element.get("backgroundColor") or TRANSPARENT) != TRANSPARENT:
        gap = max(float(element.get("strokeWidth") or 1) * 4, _FINEST_HATCHING)
        xs, ys = zip(*corners, strict=True)
        rows = (max(xs) - min(xs) + max(ys) - min(ys)) / gap
        # Each row is held against each piece of the outline, and drawn between each two that it meets.
        effort += hatched * (rows * pieces * _ROW_EFFORT + way / gap / 2 * _HATCH_EFFORT)
    return effort


def detail_of(element: Mapping[str, Any]) -> int:
    """How much there is to write down of an element however plainly it is drawn: a letter is worth ten corners."""
    words = element.get("text") if element["type"] == "text" else element.get("name")
    return 10 * len(words or "") + len(element.get("points") or ())


def _corners(element: Mapping[str, Any]) -> list[Point]:
    if element["type"] in {"line", "arrow", "freedraw"}:
        return [(float(x), float(y)) for x, y, *_ in element["points"]] or [(0.0, 0.0)]
    w, h = float(element["width"]), float(element["height"])
    return [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h), (0.0, 0.0)]


def plain_strokes_of(element: Mapping[str, Any]) -> list[Path]:
    """The same shape in straight, single lines: for canvases with so much on them that a hand would take minutes."""
    w, h = element["width"], element["height"]
    fill = element.get("backgroundColor") or TRANSPARENT
    match element["type"]:
        case "diamond":
            data = f"M{w / 2} 0L{w} {h / 2}L{w / 2} {h}L0 {h / 2}Z"
        case "ellipse":
            data = f"M0 {h / 2}A{w / 2} {h / 2} 0 1 1 {w} {h / 2}A{w / 2} {h / 2} 0 1 1 0 {h / 2}Z"
        case "line" | "arrow" | "freedraw":
            data = "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in _corners(element))
            fill = fill if _is_loop(element) else TRANSPARENT
        case _:
            data = f"M0 0H{w}V{h}H0Z"
    return [Path(data, element.get("strokeColor") or "#1e1e1e", float(element.get("strokeWidth") or 1), fill)]


def corner_radius(element: Mapping[str, Any], side: float) -> float:
    """How round the corners of an element are whose shorter side is this long."""
    roundness = element.get("roundness")
    if not roundness:
        return 0.0
    if roundness.get("type") == _ADAPTIVE:
        return float(min(roundness.get("value") or _LARGEST_RADIUS, side * _RADIUS_SHARE))
    return side * _RADIUS_SHARE


def _options(element: Mapping[str, Any], *, whole: bool = False, **more: Any) -> Options:
    width = float(element.get("strokeWidth") or 1)
    style = element.get("strokeStyle") or "solid"
    fill = element.get("backgroundColor") or TRANSPARENT
    filled = fill != TRANSPARENT and (element["type"] not in {"line", "arrow"} or _is_loop(element))
    given: dict[str, Any] = {
        "seed": int(element.get("seed") or 1),
        "disableMultiStroke": style != "solid",
        "strokeWidth": width if style == "solid" else width + 0.5,
        "fillWeight": width / 2,
        "hachureGap": width * 4,
        "roughness": _roughness(element),
        "stroke": element.get("strokeColor") or "#1e1e1e",
        "preserveVertices": whole or float(element.get("roughness") or 0) < _CARTOONIST,
        "fixedDecimalPlaceDigits": 2,
    }
    if filled and element["type"] != "arrow":
        given |= {"fill": fill, "fillStyle": element.get("fillStyle") or "solid"}
    return Options(**(given | more))


def _roughness(element: Mapping[str, Any]) -> float:
    """Small things are drawn with a steadier hand, as in the editor."""
    wanted = element.get("roughness")
    roughness = 1.0 if wanted is None else float(wanted)
    longer, shorter = max(element["width"], element["height"]), min(element["width"], element["height"])
    is_line = element["type"] in {"line", "arrow"}
    if (
        (shorter >= 20 and longer >= 50)
        or (shorter >= 15 and element.get("roundness") and not is_line)
        or (is_line and longer >= 50)
    ):
        return roughness
    return min(roughness / (3 if longer < 10 else 2), 2.5)


def _rectangle(element: Mapping[str, Any]) -> Any:
    w, h = element["width"], element["height"]
    r = corner_radius(element, min(w, h))
    if not r:
        return _GENERATOR.rectangle(0, 0, w, h, _options(element))
    path = (
        f"M {r} 0 L {w - r} 0 Q {w} 0, {w} {r} L {w} {h - r} Q {w} {h}, {w - r} {h} "
        f"L {r} {h} Q 0 {h}, 0 {h - r} L 0 {r} Q 0 0, {r} 0"
    )
    return _GENERATOR.path(path, _options(element, whole=True))


def _diamond(element: Mapping[str, Any]) -> Any:
    w, h = element["width"], element["height"]
    # The editor takes whole pixels, one past the middle.
    top = (math.floor(w / 2) + 1, 0.0)
    right = (w, math.floor(h / 2) + 1)
    bottom, left = (top[0], h), (0.0, right[1])
    if not element.get("roundness"):
        return _GENERATOR.polygon([top, right, bottom, left], _options(element))
    dx, dy = corner_radius(element, abs(top[0] - left[0])), corner_radius(element, abs(right[1] - top[1]))
    corners = [top, right, bottom, left]
    # From each corner the way goes on between the shifts of its two sides.
    shifts = [((-dx, dy), (dx, dy)), ((-dx, -dy), (-dx, dy)), ((dx, -dy), (-dx, -dy)), ((dx, dy), (dx, -dy))]
    path = f"M {top[0] + dx} {top[1] + dy}"
    for (x, y), (enter, leave) in zip([*corners[1:], top], [*shifts[1:], shifts[0]], strict=True):
        path += f" L {x + enter[0]} {y + enter[1]} C {x} {y}, {x} {y}, {x + leave[0]} {y + leave[1]}"
    return _GENERATOR.path(path, _options(element, whole=True))


def _line(element: Mapping[str, Any]) -> list[Any]:
    points = _corners(element)
    if element.get("elbowed") or not element.get("roundness"):
        options = _options(element)
        filled = options.fill is not None
        shape = _GENERATOR.polygon(points, options) if filled else _GENERATOR.linearPath(points, options)
    else:
        shape = _GENERATOR.curve(points, _options(element))
    drawn = [shape]
    if element["type"] == "arrow" and len(points) > 1:
        if element.get("startArrowhead"):
            drawn += _head(element, element["startArrowhead"], points[0], points[1])
        if element.get("endArrowhead"):
            drawn += _head(element, element["endArrowhead"], points[-1], points[-2])
    return drawn


def _head(element: Mapping[str, Any], kind: str, tip: Point, before: Point) -> list[Any]:
    """The head of an arrow whose last piece comes from `before`."""
    length = math.dist(tip, before)
    if not length:
        return []
    share = 0.25 if kind.startswith("diamond") else 0.5
    size = min(_HEAD_SIZE.get(kind, 15.0), length * share)
    back = (tip[0] - (tip[0] - before[0]) / length * size, tip[1] - (tip[1] - before[1]) / length * size)
    ink = element.get("strokeColor") or "#1e1e1e"
    width = float(element.get("strokeWidth") or 1)
    ground = "#ffffff" if kind.endswith("_outline") else ink
    if kind in _DOTS:
        return [_GENERATOR.circle(*tip, size + width - 2, _closed_head(element, ground))]
    angle = math.radians(_HEAD_ANGLE.get(kind, 25.0))
    first, second = _turned(back, tip, -angle), _turned(back, tip, angle)
    if kind in _CLOSED_HEADS:
        far = (2 * back[0] - tip[0], 2 * back[1] - tip[1])
        corners = [tip, first, far, second] if kind.startswith("diamond") else [tip, first, second]
        return [_GENERATOR.polygon(corners, _closed_head(element, ground))]
    if kind.startswith("crowfoot"):
        first, second = _turned(tip, back, -angle), _turned(tip, back, angle)
        tip = back
    options = _options(element, roughness=min(1.0, _roughness(element)))
    return [_GENERATOR.line(*first, *tip, options), _GENERATOR.line(*second, *tip, options)]


def _closed_head(element: Mapping[str, Any], ground: str) -> Options:
    return _options(
        element,
        fill=ground,
        fillStyle="solid",
        disableMultiStroke=False,
        strokeWidth=float(element.get("strokeWidth") or 1),
    )


def _turned(point: Point, around: Point, angle: float) -> Point:
    dx, dy = point[0] - around[0], point[1] - around[1]
    cos, sin = math.cos(angle), math.sin(angle)
    return (around[0] + dx * cos - dy * sin, around[1] + dx * sin + dy * cos)


def _freedraw(element: Mapping[str, Any]) -> Path:
    """The middle line of a stroke by hand, as wide as the editor draws it with even pressure."""
    points = _corners(element)
    first, last = points[0], points[-1]
    data = f"M{first[0]:.2f} {first[1]:.2f}"
    for one, other in itertools.pairwise(points[1:]):
        data += f"Q{one[0]:.2f} {one[1]:.2f} {(one[0] + other[0]) / 2:.2f} {(one[1] + other[1]) / 2:.2f}"
    data += f"L{last[0]:.2f} {last[1]:.2f}"
    fill = element.get("backgroundColor") or TRANSPARENT
    width = float(element.get("strokeWidth") or 1) * 2.2
    return Path(
        data, element.get("strokeColor") or "#1e1e1e", width, fill if _is_loop(element) else TRANSPARENT
    )


def _is_loop(element: Mapping[str, Any]) -> bool:
    points: Sequence[Sequence[float]] = element.get("points") or ()
    return len(points) > 2 and math.dist(points[0][:2], points[-1][:2]) <= 8


def _paths(drawable: Any, element: Mapping[str, Any]) -> list[Path]:
    options = drawable.options
    style = element.get("strokeStyle")
    dashes = ""
    width = float(element.get("strokeWidth") or 1)
    if style == "dashed":
        dashes = f"8 {8 + width:g}"
    elif style == "dotted":
        dashes = f"1.5 {6 + width:g}"
    found = []
    for part in drawable.sets:
        if part.type == _AREA and drawable.shape in {"path", "curve"}:
            # The generator begins anew at each corner, which would fill each side by itself.
            part.ops = [op for number, op in enumerate(part.ops) if number == 0 or op.op != "move"]
        data = _GENERATOR.opsToPath(part, 2)
        if part.type == _OUTLINE:
            found.append(Path(data, options.stroke, options.strokeWidth, TRANSPARENT, dashes))
        elif part.type == _AREA:
            found.append(Path(data, TRANSPARENT, 0, options.fill))
        else:
            found.append(Path(data, options.fill, options.fillWeight, TRANSPARENT))
    return found
