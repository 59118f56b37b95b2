import json
import uuid
from itertools import combinations, pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvases.elements.build import ElementBuilder
from canvases.elements.palette import AA_CONTRAST, CANVAS, NAMED_COLORS, contrast, look_for
from canvases.elements.quality import count_crossings, find_problems
from canvases.elements.scene import Figure, Scene, Wire, add_figure, build_scene
from canvases.elements.sizing import fit, fit_arrow_label, label_area
from canvases.elements.validate import parse_element
from canvases.layout.geometry import Box, Point, segments_cross
from tests.counted_calls import calls_in

STYLES = ["modern", "corporate", "creative", "minimal"]
SCHEMES = ["default", "pastel", "vibrant", "monochrome"]


def draw_pair(*, style="modern", label="", after=None):
    look = look_for(style, "default")
    builder = ElementBuilder(job_id=uuid.UUID(int=1), look=look, updated_ms=5, after_index=after)
    for number, name in enumerate(("a", "b")):
        text, size = fit(name, "rectangle", look)
        builder.shape(
            key=name, shape="rectangle", box=Box(0, number * 200, *size), label=name, text=text,
            paint=look.paint("step"),
        )  # fmt: skip
    middle, height = size.width / 2, size.height
    builder.arrow(
        key="a>b", points=[Point(middle, height), Point(middle, 200)], source="a", target="b", label=label,
        text=fit_arrow_label(label, look) if label else None,
    )  # fmt: skip
    return builder.finish()


def test_every_element_is_complete_and_passes_the_gate():
    for element in draw_pair(label="yes"):
        parsed = parse_element(json.loads(json.dumps(element)))
        assert parsed.version == 1
        assert element["customData"]["jobId"] == str(uuid.UUID(int=1))
        assert {
            "seed",
            "index",
            "groupIds",
            "frameId",
            "boundElements",
            "updated",
            "locked",
        } <= element.keys()


def test_labels_and_arrows_are_bound_on_both_sides():
    elements = {element["customData"]["key"]: element for element in draw_pair(label="yes")}
    box, label, arrow = elements["a"], elements["a:label"], elements["a>b"]
    assert label["containerId"] == box["id"]
    assert [bound["id"] for bound in box["boundElements"]] == [label["id"], arrow["id"]]
    assert arrow["startBinding"]["elementId"] == box["id"]
    assert arrow["endBinding"]["elementId"] == elements["b"]["id"]
    assert elements["a>b:label"]["containerId"] == arrow["id"]
    assert arrow["points"][0] == [0, 0]


@pytest.mark.parametrize("after", [None, "a0", "Zz", "a5V", "b99"])
def test_indices_continue_after_what_is_there(after):
    indices = [element["index"] for element in draw_pair(after=after)]
    assert indices == sorted(set(indices))
    assert after is None or indices[0] > after


@pytest.mark.parametrize(("style", "scheme"), list(product(STYLES, SCHEMES)))
def test_text_contrasts_with_its_ground_in_every_look(style, scheme):
    look = look_for(style, scheme)
    for paint in [*look.roles.values(), *NAMED_COLORS.values()]:
        assert contrast(paint.text, paint.fill) >= AA_CONTRAST
    assert contrast(look.title, CANVAS) >= AA_CONTRAST
    assert contrast(look.label, CANVAS) >= AA_CONTRAST
    assert contrast(look.arrow, CANVAS) >= 3


def test_styles_and_schemes_look_different():
    looks = {str(look_for(style, scheme)) for style, scheme in product(STYLES, SCHEMES)}
    assert len(looks) == 16


@pytest.mark.parametrize("shape", ["rectangle", "diamond", "ellipse"])
@pytest.mark.parametrize("label", ["", "A", "Is the e-mail address verified?", "中文" * 30, "x" * 300])
@pytest.mark.parametrize("style", STYLES)
def test_shapes_are_large_enough_for_their_labels(shape, label, style):
    text, size = fit(label, shape, look_for(style, "default"))
    area = label_area(shape, size.width, size.height)
    assert text.width <= area.width
    assert text.height <= area.height


def test_each_flaw_is_found():
    elements = [json.loads(json.dumps(element)) for element in draw_pair(label="yes")]
    assert find_problems(elements) == []
    arrow = next(element for element in elements if element["type"] == "arrow")

    def kinds(key, **changes):
        changed = [e | changes if e["customData"]["key"] == key else e for e in elements]
        return {problem.kind for problem in find_problems(changed)}

    assert "overlap" in kinds("b", y=20)
    assert "dangling_arrow" in kinds("a>b", endBinding=None)
    assert "dangling_arrow" in kinds("b", boundElements=[])
    assert "dangling_arrow" in kinds("a>b", x=900)
    assert "clipped_label" in kinds("a", width=12)
    assert "low_contrast" in kinds("a:label", strokeColor="#dddddd")
    for third in ("rectangle", "star", "hexagon", "text"):
        found = [p for p in find_problems([*elements, *draw_thing(third)]) if p.kind == "arrow_through_box"]
        assert [p.element_ids[0] for p in found] == [arrow["id"]], third


def draw_thing(kind):
    """A shape with words, or words alone, between the two boxes of a pair."""
    look = look_for("modern", "default")
    builder = ElementBuilder(job_id=uuid.UUID(int=2), look=look, updated_ms=5, after_index=None)
    text, size = fit("word", "rectangle", look)
    if kind == "text":
        builder.text(
            key="w",
            at=Point((size.width - text.width) / 2, 110),
            label="word",
            text=text,
            size=look.font_size,
            color=look.title,
        )
    else:
        figure = Figure(
            key="c",
            shape=kind,
            box=Box(0, 90, size.width, 60),
            paint=look.paint("step"),
            label="word",
            text=text,
        )
        add_figure(builder, figure)
    return builder.finish()


@pytest.mark.parametrize("shape", ["star", "hexagon"])
def test_an_arrow_that_joins_a_polygon_does_not_run_through_it(shape):
    look = look_for("modern", "default")
    text, size = fit("word", shape, look)
    boxes = {"a": Box(0, 0, *size), "b": Box(0, 400, *size)}
    figures = tuple(
        Figure(key=key, shape=shape, box=box, paint=look.paint("step"), label="word", text=text)
        for key, box in boxes.items()
    )
    # Its end may lie inside the unseen box that it is bound to: the outline of a star is not where the box is.
    points = (Point(size.width / 2, size.height - 8), Point(size.width / 2, 400))
    scene = Scene(figures=figures, wires=(Wire(key="a>b", points=points, source="a", target="b"),))
    elements = build_scene(scene, look=look, job_id=uuid.UUID(int=1), offset=Point(0, 0), updated_ms=5)
    assert find_problems(elements) == []


places = st.builds(Point, st.integers(0, 8), st.integers(0, 8))


@given(st.lists(st.lists(places, min_size=2, max_size=5), max_size=8))
def test_crossings_are_those_that_a_look_at_every_pair_finds(lines):
    arrows = [
        {"type": "arrow", "id": str(number), "x": 0, "y": 0, "points": line}
        for number, line in enumerate(lines)
    ]
    crossing = [
        (one, other)
        for one, other in combinations(lines, 2)
        if any(segments_cross(a, b) for a, b in product(pairwise(one), pairwise(other)))
    ]
    assert count_crossings(arrows) == len(crossing)


def test_looking_for_flaws_takes_no_more_steps_than_there_is_to_see():
    """Arrows along all the lanes between boxes that stand in a square."""
    boxes = [
        {"type": "rectangle", "id": f"b{x},{y}", "x": 40 * x, "y": 40 * y, "width": 20, "height": 20}
        for x, y in product(range(18), range(18))
    ]
    arrows = [
        {"type": "arrow", "id": f"{way}{place}", "x": 30 + 40 * place, "y": 0, "points": [[0, 0], [0, 700]]}
        if way == "down"
        else {
            "type": "arrow",
            "id": f"{way}{place}",
            "x": 0,
            "y": 30 + 40 * place,
            "points": [[0, 0], [700, 0]],
        }
        for way, place in product(("down", "right"), range(17))
    ]
    problems, made = calls_in(lambda: find_problems([*boxes, *arrows]))
    assert {problem.kind for problem in problems} == {"dangling_arrow"}
    assert made <= 56_000
    crossings, made = calls_in(lambda: count_crossings(arrows))
    assert crossings == 17 * 17
    assert made <= 2_000
