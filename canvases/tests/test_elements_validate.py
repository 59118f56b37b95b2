import copy
import json
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canvases.elements.validate import InvalidElement, is_valid_index, last_index, parse_element
from canvases.rendering.svg import svg_of

BASE = {
    "id": "8yHq-_1", "type": "rectangle", "x": 10.5, "y": -3, "width": 160, "height": 80, "angle": 0,
    "strokeColor": "#1e1e1e", "backgroundColor": "transparent",
    "fillStyle": "solid", "strokeWidth": 2, "strokeStyle": "solid", "roughness": 1, "opacity": 100,
    "groupIds": ["g1"], "frameId": None, "index": "a0",
    "roundness": {"type": 3}, "seed": 1968410350, "version": 14, "versionNonce": 1234567, "isDeleted": False,
    "boundElements": [{"id": "t1", "type": "text"}], "updated": 1767323045678, "link": None, "locked": False,
}  # fmt: skip
LINE = {"points": [[0, 0], [100.25, -40]], "lastCommittedPoint": None, "startBinding": None,
        "endBinding": None, "startArrowhead": None, "endArrowhead": None}  # fmt: skip

# One of each kind, as Excalidraw 0.18.1 writes them.
REAL = {
    "rectangle": BASE,
    "diamond": BASE | {"type": "diamond", "roundness": {"type": 2}, "boundElements": None},
    "ellipse": BASE | {"type": "ellipse", "roundness": None, "link": "https://example.com/?a=1#b"},
    "text": BASE | {"type": "text", "text": "Grüße\n中文 😀", "originalText": "Grüße 中文 😀", "fontSize": 20,
        "fontFamily": 5, "textAlign": "center", "verticalAlign": "middle", "containerId": "box",
        "autoResize": True, "lineHeight": 1.25},
    "arrow": BASE | LINE | {"type": "arrow", "endArrowhead": "arrow", "elbowed": False,
        "startBinding": {"elementId": "box", "focus": -0.12, "gap": 4.5}},
    "elbow arrow": BASE | LINE | {"type": "arrow", "endArrowhead": "triangle_outline", "elbowed": True,
        "fixedSegments": [{"index": 2, "start": [0, 0], "end": [10, 0]}], "startIsSpecial": None,
        "endIsSpecial": False,
        "endBinding": {"elementId": "box", "focus": 0, "gap": 1, "fixedPoint": [0.5, -0.02]}},
    "line": BASE | LINE | {"type": "line", "polygon": True},
    "freedraw": BASE | {"type": "freedraw", "points": [[0, 0], [1.5, 2]], "pressures": [0.5, 0.4],
        "simulatePressure": False, "lastCommittedPoint": [1.5, 2]},
    "image": BASE | {"type": "image", "fileId": "f" * 40, "status": "saved", "scale": [1, -1],
        "crop": {"x": 1, "y": 2, "width": 3, "height": 4, "naturalWidth": 5, "naturalHeight": 6}},
    "frame": BASE | {"type": "frame", "name": None},
    "magicframe": BASE | {"type": "magicframe", "name": "Idea"},
}  # fmt: skip


@pytest.mark.parametrize("raw", REAL.values(), ids=REAL)
def test_what_the_editor_writes_passes_unchanged(raw):
    raw = raw | {"somethingNew": {"deep": [1, "two"]}}
    parsed = parse_element(json.loads(json.dumps(raw)))
    assert parsed.properties == raw
    assert (parsed.id, parsed.version, parsed.version_nonce, parsed.index) == ("8yHq-_1", 14, 1234567, "a0")
    assert parsed.object_type == raw["type"]


def test_a_box_drawn_to_the_left_and_up_is_stored_from_its_left_top():
    parsed = parse_element(BASE | {"x": 100, "y": 50, "width": -30, "height": -20})
    assert parsed.properties == BASE | {"x": 70, "y": 30, "width": 30, "height": 20}
    line = BASE | LINE | {"type": "line", "x": 100, "y": 50, "width": -30, "height": 20}
    assert parse_element(line).properties == line | {"width": 30}


@pytest.mark.parametrize(("place", "size"), [("x", "width"), ("y", "height")])
def test_a_box_drawn_over_the_edge_is_refused(place, size):
    with pytest.raises(InvalidElement, match=f"^{place}: must be between"):
        parse_element(BASE | {place: -1e7, size: -1e7})


def test_a_closed_polygon_is_known_by_the_name_of_its_shape():
    star = REAL["line"] | {"customData": {"shape": "star"}}
    assert parse_element(star).object_type == "star"


@pytest.mark.parametrize("index", [None, "a0", "Zz", "a0V", "b10", "a1BbC"])
def test_an_index_may_be_missing_or_must_follow_the_rules(index):
    assert parse_element(BASE | {"index": index}).index == index


@pytest.mark.parametrize(
    "index",
    ["", "a", "a00", "b1", "0", "~~", "a0 ", "A" + "0" * 26, 3, "a0" * 150, "a0é", "z" * 27, "z" * 256],
)
def test_a_broken_index_is_refused(index):
    with pytest.raises(InvalidElement, match=r"^index: "):
        parse_element(BASE | {"index": index})


def test_new_indexes_follow_the_highest_that_leaves_room():
    indexes = ["a5", None, "z" * 27 + "V", "b10", "Zz"]
    assert last_index(indexes) == "b10"
    assert last_index(indexes[1:3]) is None


NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""), ("id", "a" * 65), ("id", "a b"), ("id", 5), ("id", "a\n"),
        ("type", "iframe"), ("type", "embeddable"), ("type", "selection"), ("type", None), ("type", ["text"]),
        ("x", NAN), ("x", INFINITE), ("x", 1.1e7), ("x", "1"), ("x", None), ("x", True), ("y", 10**400),
        ("width", -1.1e7), ("height", [1]), ("angle", "0"), ("opacity", 101), ("strokeWidth", -1),
        ("fillStyle", "rainbow"), ("strokeColor", "url(javascript:1)\""), ("strokeColor", 1),
        ("groupIds", "g"),
        ("groupIds", [1]), ("frameId", "no id"), ("roundness", 3), ("roundness", {"type": 9}),
        ("isDeleted", "false"), ("locked", 1), ("version", -1), ("version", 1.5), ("version", "1"),
        ("version", True), ("version", 2**52 + 1), ("versionNonce", 2**31), ("versionNonce", None),
        ("boundElements", [{"id": "x", "type": "video"}]), ("boundElements", {}), ("updated", -1),
        ("link", "javascript:alert(1)"), ("link", "JAVASCRIPT:alert(1)"), ("link", " javascript:alert(1)"),
        ("link", "java\nscript:alert(1)"), ("link", "data:text/html,x"), ("link", "vbscript:x"), ("link", 3),
        ("link", "file:///etc/passwd"), ("customData", []), ("customData", {"a": "x\0"}),
        ("customData", {"a\ud800": 1}), ("customData", {"a": "\udfff"}), ("customData", {"a": NAN}),
    ],
)  # fmt: skip
def test_what_is_out_of_bounds_is_refused_with_the_name_of_the_field(field, value):
    with pytest.raises(InvalidElement) as refusal:
        parse_element(BASE | {field: value})
    assert field in refusal.value.message
    assert refusal.value.message.endswith(".")


@pytest.mark.parametrize(
    "link", ["http://a.b", "https://a.b", "mailto:a@b.c", "/c/1", "?x=1", "#a", "", None]
)
def test_ordinary_links_pass(link):
    assert parse_element(BASE | {"link": link}).properties["link"] == link


@pytest.mark.parametrize("field", ["id", "type", "x", "y", "width", "height", "version", "versionNonce"])
def test_what_every_element_needs_must_be_there(field):
    raw = {key: value for key, value in BASE.items() if key != field}
    with pytest.raises(InvalidElement, match=f"^{field}: is missing"):
        parse_element(raw)


@pytest.mark.parametrize(
    ("kind", "changes", "field"),
    [
        ("text", {"text": "x" * 20_001}, "text"),
        ("text", {"text": None}, "text"),
        ("text", {"text": "a\ud83d"}, "text"),
        ("arrow", {"points": [[0, 0]] * 10_001}, "points"),
        ("arrow", {"points": [[0, NAN]]}, "points"),
        ("arrow", {"points": [[0]]}, "points"),
        ("arrow", {"points": "0,0"}, "points"),
        ("arrow", {"endArrowhead": "laser"}, "endArrowhead"),
        ("arrow", {"startBinding": {"elementId": 3}}, "startBinding"),
        ("arrow", {"startBinding": {"elementId": "a", "gap": "x"}}, "startBinding"),
        ("elbow arrow", {"fixedSegments": [3]}, "fixedSegments"),
        ("freedraw", {"pressures": ["x"]}, "pressures"),
        ("image", {"status": "stolen"}, "status"),
        ("frame", {"name": 3}, "name"),
    ],
)
def test_the_keys_of_each_kind_are_checked(kind, changes, field):
    with pytest.raises(InvalidElement, match=field):
        parse_element(REAL[kind] | changes)


@pytest.mark.parametrize("raw", [None, [], "x", 3, True])
def test_only_objects_are_elements(raw):
    with pytest.raises(InvalidElement):
        parse_element(raw)


def test_a_huge_or_bottomless_element_is_refused():
    with pytest.raises(InvalidElement, match="larger than 200 KB"):
        parse_element(BASE | {"customData": {str(i): "x" * 15_000 for i in range(15)}})
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(InvalidElement, match="nested too deeply"):
        parse_element(BASE | {"customData": {"a": nested}})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


NEEDED = {"id", "type", "x", "y", "width", "height", "version", "versionNonce", "points", "text"}


@given(st.sampled_from(sorted(REAL)), st.data())
def test_any_value_in_any_field_is_taken_or_refused_but_never_crashes(kind, data):
    raw = copy.deepcopy(REAL[kind])
    field = data.draw(st.sampled_from(sorted(raw)) | st.text(max_size=5))
    raw[field] = data.draw(json_values)
    try:
        parsed = parse_element(raw)
    except InvalidElement:
        return
    stored = json.loads(json.dumps(parsed.properties, allow_nan=False))
    assert stored["width"] >= 0
    assert stored["height"] >= 0
    sizes = {"x", "y", "width", "height"}
    assert {k: v for k, v in stored.items() if k not in sizes} == {
        k: v for k, v in raw.items() if k not in sizes
    }


MEASURE = st.sampled_from([0, -1, 0.01, 1e7, -1e7]) | st.floats(-1e7, 1e7)
POINTS = st.lists(st.tuples(MEASURE, MEASURE).map(list), max_size=5)


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(sorted(REAL)), st.data())
def test_whatever_passes_the_gate_can_be_drawn(kind, data):
    raw = {key: value for key, value in REAL[kind].items() if key in NEEDED or data.draw(st.booleans())}
    changes = {
        "points": POINTS,
        "strokeWidth": st.sampled_from([0, 0.01, 2, 1000]),
        "fillStyle": st.sampled_from(["hachure", "cross-hatch", "solid", "zigzag"]),
        "backgroundColor": st.sampled_from(["", "transparent", "#a5d8ff"]),
        "roundness": st.sampled_from([None, {"type": 2}, {"type": 3, "value": 1e7}]),
        "roughness": st.floats(0, 10),
    }
    raw |= {field: data.draw(values) for field, values in changes.items() if field in raw}
    raw |= {field: data.draw(MEASURE) for field in ("x", "y", "width", "height")}
    picture = ElementTree.fromstring(svg_of("", [parse_element(raw).properties]))
    assert min(float(picture.attrib["width"]), float(picture.attrib["height"])) > 0


@given(st.text(max_size=6))
def test_any_text_is_judged_as_an_index(text):
    assert is_valid_index(text) in (True, False)
