"""What is wrong with a finished drawing, measured on its elements: run before delivery and in the tests."""

import bisect
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from canvases.elements.palette import AA_CONTRAST, TRANSPARENT, contrast
from canvases.elements.sizing import label_area
from canvases.layout.box_index import BoxIndex
from canvases.layout.geometry import Box, Point, bounds, segment_meets, segments_cross

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
    return _is_shape(element) and not _is_anchor(element)


def _is_shape(element: Mapping[str, Any]) -> bool:
    """A box, a diamond, an ellipse, or a closed polygon."""
    if element["type"] == "line":
        return "shape" in (element.get("customData") or {})
    return element["type"] in _CONTAINERS


def _overlaps(elements: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Shapes, free texts and labels of arrows keep clear of one another; a panel holds what lies on it."""
    loose = {str(e["id"]) for e in elements if e["type"] == "arrow" or _is_ground(e)}
    solid = [(element, box_of(element).grown(-0.5)) for element in elements if _is_solid(element, loose)]
    index = BoxIndex([box for _, box in solid])
    return [
        Problem("overlap", (str(solid[one][0]["id"]), str(solid[other][0]["id"])))
        for one, (_, box) in enumerate(solid)
        for other in index.overlapping(box)
        if one < other and not _belong_together(solid[one], solid[other])
    ]


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
    """Arrows that run through a shape or a free text that they do not join; one problem for each such thing."""
    by_id = {str(element["id"]): element for element in elements}
    stand = [e for e in elements if not _is_ground(e) and (_is_shape(e) or _is_free_text(e))]
    boxes = [box_of(element).grown(-1) for element in stand]
    index = BoxIndex(boxes)
    problems: list[Problem] = []
    for arrow in elements:
        if arrow["type"] != "arrow":
            continue
        bindings = (arrow.get("startBinding"), arrow.get("endBinding"))
        own = {_thing(by_id[b["elementId"]]) for b in bindings if b and b["elementId"] in by_id}
        hit = {
            _thing(stand[number]): stand[number]
            for a, b in itertools.pairwise(_line(arrow))
            for number in index.overlapping(_around(a, b))
            if segment_meets(boxes[number], a, b)
        }
        problems.extend(
            Problem("arrow_through_box", (str(arrow["id"]), str(element["id"])))
            for thing, element in hit.items()
            if thing not in own
        )
    return problems


def _is_free_text(element: Mapping[str, Any]) -> bool:
    return element["type"] == "text" and element.get("containerId") is None


def _thing(element: Mapping[str, Any]) -> str:
    """The same for a polygon, its words and the unseen box that its arrows are bound to: they share a group."""
    custom = element.get("customData") or {}
    is_part = element["type"] == "line" or "anchor" in custom or "labelOf" in custom
    groups = element.get("groupIds")
    return str(groups[0] if is_part and groups else element["id"])


def _around(start: Point, end: Point) -> Box:
    return bounds([Box(*start, 0, 0), Box(*end, 0, 0)])


def count_crossings(elements: Sequence[Mapping[str, Any]]) -> int:
    """How many pairs of arrows cross. Some graphs have none without: it is no flaw, but counts against the drawing."""
    arrows = [element for element in elements if element["type"] == "arrow"]
    pieces = [
        _Piece(number, start, end)
        for number, arrow in enumerate(arrows)
        for start, end in itertools.pairwise(_line(arrow))
        if start != end
    ]
    pairs = itertools.chain(_upright_crossings(pieces), _slanted_crossings(pieces))
    return len({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})


class _Piece(NamedTuple):
    """A straight piece of an arrow."""

    arrow: int
    start: Point
    end: Point

    @property
    def is_slanted(self) -> bool:
        return self.start.x != self.end.x and self.start.y != self.end.y


def _upright_crossings(pieces: Sequence[_Piece]) -> Iterator[tuple[int, int]]:
    """The arrows of every level piece and every upright one that cross: from top to bottom, with those open at hand."""
    ends_here, lies_here, begins_here = range(3)
    events: list[tuple[float, int, float, float, int]] = []
    for arrow, start, end in pieces:
        if start.y == end.y:
            left, right = sorted((start.x, end.x))
            events.append((start.y, lies_here, left, right, arrow))
        elif start.x == end.x:
            events.append((min(start.y, end.y), begins_here, start.x, start.x, arrow))
            events.append((max(start.y, end.y), ends_here, start.x, start.x, arrow))
    open_: list[tuple[float, int]] = []
    for _, event, left, right, arrow in sorted(events):
        if event == begins_here:
            bisect.insort(open_, (left, arrow))
        elif event == ends_here:
            del open_[bisect.bisect_left(open_, (left, arrow))]
        else:
            first = bisect.bisect_right(open_, left, key=lambda other: other[0])
            for x, other in itertools.islice(open_, first, None):
                if x >= right:
                    break
                yield arrow, other


def _slanted_crossings(pieces: Sequence[_Piece]) -> Iterator[tuple[int, int]]:
    slanted = [number for number, piece in enumerate(pieces) if piece.is_slanted]
    if not slanted:
        return
    boxes = [_around(piece.start, piece.end) for piece in pieces]
    index = BoxIndex(boxes)
    for number in slanted:
        piece = pieces[number]
        for other in index.overlapping(boxes[number]):
            if segments_cross(piece[1:], pieces[other][1:]):
                yield piece.arrow, pieces[other].arrow


def _faint_texts(
    elements: Sequence[Mapping[str, Any]], by_id: Mapping[str, Mapping[str, Any]]
) -> list[Problem]:
    problems: list[Problem] = []
    filled = [
        e
        for e in elements
        if e["type"] in _CONTAINERS | {"line"} and e.get("backgroundColor", TRANSPARENT) != TRANSPARENT
    ]
    boxes = [box_of(element) for element in filled]
    index = BoxIndex(boxes)
    for text in elements:
        if text["type"] != "text":
            continue
        container = by_id.get(text.get("containerId") or "")
        if container is None or container["type"] == "arrow":
            box = box_of(text)
            below = [filled[number] for number in index.overlapping(box) if boxes[number].holds(box)]
            container = min(below, key=lambda e: float(e["width"]), default=None)
        ground = str(container["backgroundColor"]) if container else TRANSPARENT
        if contrast(str(text["strokeColor"]), ground) < AA_CONTRAST:
            problems.append(Problem("low_contrast", (str(text["id"]),)))
    return problems
