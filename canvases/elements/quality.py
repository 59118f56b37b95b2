"""What is wrong with a finished drawing, measured on its elements: run before delivery and in the tests."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from canvases.elements.palette import AA_CONTRAST, TRANSPARENT, contrast
from canvases.elements.sizing import label_area
from canvases.layout.geometry import Box, Point, segment_meets, segments_cross

_CONTAINERS = {"rectangle", "diamond", "ellipse"}


class Problem(NamedTuple):
    """One flaw and the ids of the elements that show it."""

    kind: Literal["overlap", "dangling_arrow", "clipped_label", "arrow_through_box", "low_contrast"]
    element_ids: tuple[str, ...]


def score_of(*, problems: int, crossings: int) -> int:
    """How well a drawing can be read, from 0 to 100: a flaw costs ten points, two arrows that cross cost two."""
    return max(0, 100 - 10 * problems - 2 * crossings)


def find_problems(elements: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Overlapping boxes or labels, loose arrows, clipped labels, arrows through foreign boxes, faint text."""
    by_id = {str(element["id"]): element for element in elements}
    return [
        *_overlaps(elements),
        *(Problem("dangling_arrow", (arrow,)) for arrow in dangling_arrows(elements)),
        *_clipped_labels(elements, by_id),
        *_arrows_through_boxes(elements),
        *_faint_texts(elements, by_id),
    ]


def box_of(element: Mapping[str, Any]) -> Box:
    """The upright box around an element; for lines and arrows around all their points. Ignores rotation."""
    points = element.get("points")
    if points:
        xs, ys = [point[0] for point in points], [point[1] for point in points]
        left, top = element["x"] + min(xs), element["y"] + min(ys)
        return Box(left, top, max(xs) - min(xs), max(ys) - min(ys))
    return Box(element["x"], element["y"], element["width"], element["height"])


def _is_ground(element: Mapping[str, Any]) -> bool:
    """A panel that other things may lie on."""
    return bool((element.get("customData") or {}).get("ground"))


def _is_anchor(element: Mapping[str, Any]) -> bool:
    return bool((element.get("customData") or {}).get("anchor"))


def _is_solid(element: Mapping[str, Any], loose: set[str]) -> bool:
    """Whether an element must keep clear of the others: a label that moves with a plain box need not."""
    if element["type"] == "text":
        return element.get("containerId") is None or element["containerId"] in loose
    if element["type"] == "line":
        return "shape" in (element.get("customData") or {})
    return element["type"] in _CONTAINERS and not _is_anchor(element)


def _overlaps(elements: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Shapes, free texts and labels of arrows keep clear of one another; a panel holds what lies on it."""
    loose = {str(e["id"]) for e in elements if e["type"] == "arrow" or _is_ground(e)}
    solid = [(element, box_of(element).grown(-0.5)) for element in elements if _is_solid(element, loose)]
    solid.sort(key=lambda pair: pair[1].x)
    problems: list[Problem] = []
    for number, (first, box) in enumerate(solid):
        for second, other in solid[number + 1 :]:
            if other.x >= box.right:
                break
            if box.overlaps(other) and not _belong_together((first, box), (second, other)):
                problems.append(Problem("overlap", (str(first["id"]), str(second["id"]))))
    return problems


def _belong_together(first: tuple[Mapping[str, Any], Box], second: tuple[Mapping[str, Any], Box]) -> bool:
    """A panel and what lies inside it, sets that share a part, or a shape and the words in it."""
    for (one, box), (other, inner) in ((first, second), (second, first)):
        if _is_ground(one) and (one["type"] == "ellipse" or box.grown(1).holds(inner)):
            return True
        if (other.get("customData") or {}).get("labelOf") == one["id"]:
            return True
    return False


def dangling_arrows(elements: Sequence[Mapping[str, Any]]) -> list[str]:
    """The ids of arrows with an end that is bound to nothing, one-sidedly, or does not touch its shape."""
    by_id = {str(element["id"]): element for element in elements}
    arrows = [element for element in elements if element["type"] == "arrow"]
    return [str(arrow["id"]) for arrow in arrows if not _is_bound(arrow, by_id)]


def _is_bound(arrow: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> bool:
    line = _line(arrow)
    for end, binding in ((line[0], arrow.get("startBinding")), (line[-1], arrow.get("endBinding"))):
        shape = by_id.get(binding["elementId"]) if binding else None
        if not binding or shape is None:
            return False
        if not any(other["id"] == arrow["id"] for other in shape.get("boundElements") or ()):
            return False
        if not _touches(box_of(shape), end, binding.get("gap") or 0):
            return False
    return True


def _touches(box: Box, point: Point, gap: float) -> bool:
    around = box.grown(gap + 1)
    return around.x <= point.x <= around.right and around.y <= point.y <= around.bottom


def _clipped_labels(
    elements: Sequence[Mapping[str, Any]], by_id: Mapping[str, Mapping[str, Any]]
) -> list[Problem]:
    problems: list[Problem] = []
    for label in elements:
        container = by_id.get(label.get("containerId") or "")
        if label["type"] != "text" or container is None or container["type"] not in _CONTAINERS:
            continue
        area = label_area(container["type"], container["width"], container["height"])
        if label["width"] > area.width + 0.5 or label["height"] > area.height + 0.5:
            problems.append(Problem("clipped_label", (str(label["id"]),)))
    return problems


def _line(arrow: Mapping[str, Any]) -> list[Point]:
    return [Point(arrow["x"] + x, arrow["y"] + y) for x, y in arrow["points"]]


def _arrows_through_boxes(elements: Sequence[Mapping[str, Any]]) -> list[Problem]:
    shapes = [
        (element, box_of(element).grown(-1))
        for element in elements
        if element["type"] in _CONTAINERS and not _is_ground(element)
    ]
    problems: list[Problem] = []
    for arrow in elements:
        if arrow["type"] != "arrow":
            continue
        line = _line(arrow)
        own = {
            binding["elementId"]
            for binding in (arrow.get("startBinding"), arrow.get("endBinding"))
            if binding
        }
        reach = box_of(arrow).grown(0.1)
        problems.extend(
            Problem("arrow_through_box", (str(arrow["id"]), str(shape["id"])))
            for shape, box in shapes
            if shape["id"] not in own
            and reach.overlaps(box)
            and any(segment_meets(box, a, b) for a, b in itertools.pairwise(line))
        )
    return problems


def count_crossings(elements: Sequence[Mapping[str, Any]]) -> int:
    """How many pairs of arrows cross. Some graphs have none without: it is no flaw, but counts against the drawing."""
    lines = [(box_of(arrow).grown(0.1), _line(arrow)) for arrow in elements if arrow["type"] == "arrow"]
    lines.sort(key=lambda pair: pair[0].x)
    found = 0
    for number, (box, line) in enumerate(lines):
        for other_box, other in lines[number + 1 :]:
            if other_box.x >= box.right:
                break
            found += box.overlaps(other_box) and any(
                segments_cross(first, second)
                for first, second in itertools.product(itertools.pairwise(line), itertools.pairwise(other))
            )
    return found


def _faint_texts(
    elements: Sequence[Mapping[str, Any]], by_id: Mapping[str, Mapping[str, Any]]
) -> list[Problem]:
    problems: list[Problem] = []
    filled = [
        e
        for e in elements
        if e["type"] in _CONTAINERS | {"line"} and e.get("backgroundColor", TRANSPARENT) != TRANSPARENT
    ]
    for text in elements:
        if text["type"] != "text":
            continue
        container = by_id.get(text.get("containerId") or "")
        if container is None or container["type"] == "arrow":
            box = box_of(text)
            below = [e for e in filled if box_of(e).holds(box)]
            container = min(below, key=lambda e: float(e["width"]), default=None)
        ground = str(container["backgroundColor"]) if container else TRANSPARENT
        if contrast(str(text["strokeColor"]), ground) < AA_CONTRAST:
            problems.append(Problem("low_contrast", (str(text["id"]),)))
    return problems
