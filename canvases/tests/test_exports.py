"""Files that are made of a canvas: bounded, well-formed, and nothing but a picture or a text."""

import itertools
import re
import struct
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from canvases import export
from canvases.errors import CannotDraw
from canvases.export import FORMATS, export_canvas, png_of, thumbnail_of
from canvases.models import Canvas
from canvases.rendering import glyphs
from canvases.rendering.svg import picture_extent, svg_of
from canvases.services import actor_of, apply_operations
from canvases.tests.factories import Cast, client_of, edits, element, put
from canvases.written import markdown_of, mermaid_of

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script> \"'& \x07\ufffe ]]> <!-- {{7*7}} 👩‍👩‍👧 مرحبا"


def box(name: str, **values: Any) -> dict[str, Any]:
    return element(name, **values)


def text(name: str, words: str, **values: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "type": "text", "text": words, "originalText": words, "fontSize": 20, "fontFamily": 6, "textAlign": "left",
        "verticalAlign": "top", "lineHeight": 1.35, "autoResize": True, "containerId": None,
    }  # fmt: skip
    return element(name, **given | values)


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_of_an_empty_and_of_a_drawn_canvas_is_a_file_with_its_own_type(
    cast: Cast, name: str
) -> None:
    for _ in range(2):
        made = export_canvas(cast.canvas, name)
        assert made.content
        answer = client_of(cast.viewer).get(f"/api/canvases/{cast.canvas.pk}/export?format={name}")
        assert (answer.status_code, answer["Content-Type"]) == (200, made.content_type)
        assert answer["Content-Disposition"].endswith(f'.{made.extension}"')
        apply_operations(
            canvas_id=cast.canvas.pk, operations=edits(put("a"), put("b")), actor=actor_of(cast.owner)
        )


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Plan for spring", 'filename="Plan for spring.md"'),
        ("Größe 😀", "filename*=utf-8''Gr%C3%B6%C3%9Fe%20%F0%9F%98%80.md"),
        ('..\\../a/b: "c"?', 'filename="a b c.md"'),
        ("a\r\nb\u202egnp", 'filename="a b gnp.md"'),
        ("///", 'filename="canvas.md"'),
        ("x" * 200, f'filename="{"x" * 60}.md"'),
    ],
)
def test_a_file_is_called_as_its_canvas(cast: Cast, title: str, name: str) -> None:
    Canvas.objects.filter(pk=cast.canvas.pk).update(title=title)
    answer = client_of(cast.viewer).get(f"/api/canvases/{cast.canvas.pk}/export?format=markdown")
    assert answer["Content-Disposition"] == f"attachment; {name}"


def test_hostile_words_are_only_words_in_every_format() -> None:
    elements = [text("t", HOSTILE, strokeColor='red" onload="x'), box("b")]
    root = ElementTree.fromstring(svg_of(HOSTILE, elements))
    kinds = {found.tag.removeprefix(SVG) for found in root.iter()}
    assert kinds <= {"svg", "title", "rect", "g", "path", "text", "clipPath"}
    assert not [key for found in root.iter() for key in found.attrib if key.startswith("on") or "href" in key]
    assert size_of(png_of(svg_of(HOSTILE, elements), longest_side=500)) <= (500, 500)
    labelled = [*elements, text("l", HOSTILE, id="l") | {"containerId": "b"}]
    assert b"<script" not in mermaid_of("", labelled)
    assert re.search(rb"(?<!\\)<", markdown_of(HOSTILE, labelled)) is None
    assert mermaid_of(HOSTILE, labelled).count(b"\n") == 5


def test_a_picture_shows_all_there_is_and_stays_within_its_bounds_however_far_things_lie_apart() -> None:
    elements = [box("a", x=-90_000, y=5), box("b", x=90_000, y=70_000)]
    extent = picture_extent(elements)
    assert extent.x < -90_000
    assert extent.right > 90_000
    assert max(size_of(png_of(svg_of("", elements), longest_side=1_000))) <= 1_000


def test_a_very_full_canvas_is_drawn_in_seconds() -> None:
    elements = [
        box(f"b{number}", x=number % 100 * 160, y=number // 100 * 90, roughness=2, fillStyle="cross-hatch")
        for number in range(10_000)
    ]
    begun = time.process_time()
    picture = svg_of("", elements)
    assert len(ElementTree.fromstring(picture).findall(f"{SVG}g")) == 10_000
    assert time.process_time() - begun < 10


SCRIBBLE = [[number * 7919 % 9973 * 1000, number * 104729 % 9967 * 1000] for number in range(9_999)]


@pytest.mark.parametrize(
    "values",
    [
        {"width": 1e7, "height": 1e7, "fillStyle": "hachure", "strokeWidth": 1},
        {"type": "diamond", "width": -1e7, "height": 1e7, "fillStyle": "zigzag", "strokeWidth": 0.01},
        {"type": "ellipse", "width": 1e7, "height": 1e7, "fillStyle": "cross-hatch", "strokeWidth": 0},
        {"type": "line", "points": [*SCRIBBLE, SCRIBBLE[0]], "fillStyle": "hachure", "strokeWidth": 1000},
        {"type": "line", "points": [*SCRIBBLE, SCRIBBLE[0]], "fillStyle": "hachure", "roundness": {"type": 2}},
        {"type": "arrow", "points": SCRIBBLE, "roundness": {"type": 2}, "strokeStyle": "dotted", "strokeWidth": 0.01},
    ],
    ids=lambda values: f"{values.get('type', 'rectangle')}-{values.get('fillStyle', 'none')}",
)  # fmt: skip
def test_one_enormous_element_costs_no_more_than_a_full_canvas(values: dict[str, Any]) -> None:
    elements = [element("huge", backgroundColor="#a5d8ff", **values), box("small", fillStyle="hachure")]
    begun = time.process_time()
    assert len(svg_of("", elements)) < 5_000_000
    assert time.process_time() - begun < 5


def test_while_a_picture_is_painted_the_process_does_other_things() -> None:
    # Thousands of lines across each other take long to paint, in a library that does not let others in.
    tangle = svg_of("", [element("a", type="line", points=SCRIBBLE[:1_500])])
    with ThreadPoolExecutor(1) as beside:
        # Of the processor and not by the clock: what a painter in this process would take between two turns.
        turns = [time.process_time()]
        painted = beside.submit(png_of, tangle, longest_side=400)
        while not painted.done():
            time.sleep(0.001)
            turns.append(time.process_time())
        turns.append(time.process_time())
        assert max(later - earlier for earlier, later in itertools.pairwise(turns)) < 0.1
        assert size_of(painted.result())


def test_a_picture_that_takes_too_long_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_SECONDS_FOR_PIXELS", 0.001)
    with pytest.raises(CannotDraw, match="format=excalidraw"):
        png_of(svg_of("", []), longest_side=400)


def test_more_words_than_fit_into_a_picture_are_refused_at_once_and_left_out_of_the_thumbnail(
    cast: Cast,
) -> None:
    full = [put(f"t{number}", type="text", text="words " * 3_000, fontSize=20) for number in range(9)]
    apply_operations(
        canvas_id=cast.canvas.pk,
        operations=edits(put("a", index="a0"), *full),
        actor=actor_of(cast.owner),
    )
    begun = time.process_time()
    client = client_of(cast.viewer)
    for form in ("svg", "png"):
        answer = client.get(f"/api/canvases/{cast.canvas.pk}/export?format={form}")
        assert (answer.status_code, answer.json()["code"]) == (400, "cannot_draw")
        assert "format=excalidraw" in answer.json()["error"]
    assert size_of(client.get(f"/api/canvases/{cast.canvas.pk}/thumbnail").content)
    assert client.get(f"/api/canvases/{cast.canvas.pk}/export?format=excalidraw").status_code == 200
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    "values",
    [
        {"type": "freedraw", "points": [[0, 0], [5, 5], [9, 2]], "pressures": [], "simulatePressure": True},
        {"type": "freedraw", "points": [[0, 0]]},
        {"type": "freedraw", "points": []},
        {"type": "line", "points": [], "backgroundColor": "#ffc9c9"},
        {"type": "line", "points": [[0, 0], [40, 0], [20, 30], [0, 0]], "backgroundColor": "#ffc9c9"},
        {
            "type": "arrow",
            "points": [[0, 0], [80, 10], [90, 60]],
            "endArrowhead": "triangle",
            "roundness": {"type": 2},
        },
        {
            "type": "arrow",
            "points": [[0, 0], [0, 0]],
            "startArrowhead": "dot",
            "endArrowhead": "diamond_outline",
        },
        {
            "type": "arrow",
            "points": [[0, 0], [60, 0]],
            "endArrowhead": "crowfoot_many",
            "strokeStyle": "dotted",
        },
        {"type": "diamond", "roundness": {"type": 2}, "fillStyle": "hachure", "backgroundColor": "#a5d8ff"},
        {"type": "ellipse", "strokeStyle": "dashed", "angle": 0.7, "opacity": 30},
        {"type": "rectangle", "width": 0, "height": 0},
        {"type": "frame", "name": "Part <1>"},
        {"type": "image", "fileId": None},
    ],
    ids=lambda values: values["type"],
)
def test_every_kind_of_element_is_drawn(values: dict[str, Any]) -> None:
    picture = svg_of("", [element("x", **values)])
    root = ElementTree.fromstring(picture)
    assert b"nan" not in picture.lower()
    assert list(root.iter(f"{SVG}path")) or list(root.iter(f"{SVG}rect"))
    assert size_of(png_of(picture, longest_side=400))


def test_a_canvas_full_of_frames_is_written_down_in_seconds() -> None:
    frames = [
        element(f"f{number}", type="frame", name="Part", x=number * 1_000, width=900, height=900)
        for number in range(5_000)
    ]
    boxes = [box(f"b{number}", x=number * 1_000 + 10, y=10) for number in range(5_000)]
    begun = time.process_time()
    assert mermaid_of("", [*frames, *boxes]).count(b"subgraph") == 5_000
    assert time.process_time() - begun < 15


def test_without_the_pages_fonts_the_words_are_there_as_text(settings: Any, tmp_path: Any) -> None:
    settings.FRONTEND_DIST = tmp_path
    words = text("t", "Ünïque wörds", fontFamily=3)
    root = ElementTree.fromstring(svg_of("", [words]))
    assert [group.get("aria-label") for group in root.iter(f"{SVG}g") if group.get("role")] == [
        "Ünïque wörds"
    ]


def test_what_the_pages_fonts_lack_is_text_in_a_font_that_a_server_has() -> None:
    root = ElementTree.fromstring(svg_of("", [text("t", "Ship 😀 مرحبا")]))
    drawn = [(words.text, words.get("font-family")) for words in root.iter(f"{SVG}text")]
    assert "".join(str(words) for words, _ in drawn) == "😀مرحبا"
    # Without a family that is there, the painter leaves such words out, whatever other fonts there are.
    assert all("Noto Sans" in str(family) for _, family in drawn)


def test_pictures_that_are_drawn_at_the_same_moment_come_out_like_one_by_one() -> None:
    # A list of canvases asks for all its thumbnails at once, of a process that may just have started.
    drawings = [
        [text("t", "".join(chr(code) for code in range(33 + first, 300, 12)), fontFamily=5 + first % 2)]
        for first in range(12)
    ]
    glyphs._glyph_of.cache_clear()
    with ThreadPoolExecutor(12) as together:
        at_once = list(together.map(lambda drawing: svg_of("-", drawing), drawings))
    assert at_once == [svg_of("-", drawing) for drawing in drawings]


def test_a_thumbnail_is_small_and_fetched_again_only_when_the_canvas_has_changed(cast: Cast) -> None:
    def draw(*names: str) -> int:
        apply_operations(
            canvas_id=cast.canvas.pk,
            operations=edits(*(put(name) for name in names)),
            actor=actor_of(cast.owner),
        )
        return Canvas.objects.get(pk=cast.canvas.pk).seq

    client = client_of(cast.viewer)
    address = f"/api/canvases/{cast.canvas.pk}/thumbnail"
    seq = draw("a", "b")
    assert client.get(f"/api/canvases/{cast.canvas.pk}").json()["seq"] == seq
    answer = client.get(f"{address}?seq={seq}")
    assert answer["Content-Type"] == "image/png"
    assert "immutable" in answer["Cache-Control"]
    assert max(size_of(answer.content)) <= 480
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    draw("c")
    again = client.get(address, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again["Cache-Control"]) == (200, "private, no-cache")
    assert thumbnail_of(cast.canvas) == again.content
