"""Pictures that the server makes of a canvas, beside what the editor in the browser makes of it."""

import base64
import os
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages import CanvasPage, Watch
from tests.people import Person

OpenCanvas = Callable[..., CanvasPage]
SVG = "{http://www.w3.org/2000/svg}"
PICTURES = os.environ.get("PICTURES")
DRAWINGS = {
    "flow": "Flowchart: Start -> Valid?; Valid? -yes-> Save it; Valid? -no-> Fix the “form”; Fix the “form” -> Valid?",
    "shapes": "draw a red star, a big blue circle labelled Moon and a green hexagon",
    "words": "mind map of Tea: grün & <schwarz>, 中文 茶, чай, Ångström façade",
}
# Where the two pictures differ, in parts of all pixels, and by how much on average, of 255.
MOST_DIFFERING, MOST_MEAN = 0.02, 2.0
COMPARE = """async ([first, second]) => {
    const draw = async (data) => {
        const image = new Image();
        image.src = data;
        await image.decode();
        return image;
    };
    const [one, other] = [await draw(first), await draw(second)];
    const pixels = (image) => {
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [one.width, one.height];
        const context = canvas.getContext('2d');
        context.fillStyle = '#fff';
        context.fillRect(0, 0, one.width, one.height);
        context.drawImage(image, 0, 0, one.width, one.height);
        return context.getImageData(0, 0, one.width, one.height).data;
    };
    const [left, right] = [pixels(one), pixels(other)];
    let sum = 0, differing = 0;
    for (let at = 0; at < left.length; at += 4) {
        const by = Math.max(...[0, 1, 2].map((part) => Math.abs(left[at + part] - right[at + part])));
        sum += by;
        if (by > 96) differing += 1;
    }
    const count = left.length / 4;
    return {sizes: [one.width, one.height, other.width, other.height], mean: sum / count, differing: differing / count};
}"""


def as_address(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def texts_of_browser(svg: bytes) -> list[str]:
    root = ElementTree.fromstring(svg)
    return sorted("".join(text.itertext()).strip() for text in root.iter(f"{SVG}text"))


def texts_of_server(svg: bytes) -> list[str]:
    root = ElementTree.fromstring(svg)
    lines = [
        line
        for group in root.iter(f"{SVG}g")
        if group.get("role") == "img"
        for line in (group.get("aria-label") or "").splitlines()
    ]
    return sorted(line.strip() for line in lines)


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_picture_by_the_server_shows_what_the_editor_shows(
    open_canvas: OpenCanvas, cast: dict[str, Person], canvas_id: str, watch: Watch, name: str
) -> None:
    # The editor's own export cuts its fonts in a worker that the content policy does not allow, and then without.
    watch.expected += ["subsetting"]
    ada = cast["ada"]
    ada.wait_for_job(ada.ask(DRAWINGS[name], canvas_id=canvas_id))
    canvas = open_canvas("ada")
    canvas.page.add_init_script("delete window.showOpenFilePicker")
    canvas.reload()
    canvas.wait_for_scene("(live) => live.length > 3")
    by_browser = {kind: canvas.export_image(kind) for kind in ("PNG", "SVG")}
    by_server = {
        kind: ada.http.get(f"/api/canvases/{canvas_id}/export?format={kind.lower()}").content
        for kind in ("PNG", "SVG")
    }
    blank = canvas.page.context.new_page()
    found = blank.evaluate(
        COMPARE, [as_address(by_browser["PNG"], "image/png"), as_address(by_server["PNG"], "image/png")]
    )
    if PICTURES:
        for who, made in {"browser": by_browser, "server": by_server}.items():
            (Path(PICTURES) / f"export-{name}-{who}.png").write_bytes(made["PNG"])
    width, height, our_width, our_height = found["sizes"]
    assert (abs(width - our_width) <= 4, abs(height - our_height) <= 4) == (True, True), found
    assert found["differing"] <= MOST_DIFFERING, found
    assert found["mean"] <= MOST_MEAN, found
    assert texts_of_server(by_server["SVG"]) == texts_of_browser(by_browser["SVG"])
    check_places(blank, by_server["SVG"], canvas)


def check_places(blank: Page, svg: bytes, canvas: CanvasPage) -> None:
    """Every picture lies where the editor has its element, but for hand-drawn strokes and rounded corners."""
    elements: list[dict[str, Any]] = canvas.page.evaluate(
        """() => window.collabcanvas.getElements().filter((element) => !element.isDeleted)
            .map(({id, type, x, y, width, height, strokeColor}) => ({id, type, x, y, width, height, strokeColor}))"""
    )
    blank.set_content(f"<body style='margin:0'>{svg.decode()}</body>")
    drawn = blank.evaluate(
        """() => {
            const svg = document.querySelector('svg');
            const view = svg.viewBox.baseVal;
            const corner = svg.getBoundingClientRect();
            return Object.fromEntries([...svg.querySelectorAll('g[data-id]')].map((group) => {
                const box = group.getBoundingClientRect();
                return [group.dataset.id, {x: box.x - corner.x + view.x, y: box.y - corner.y + view.y,
                    width: box.width, height: box.height}];
            }));
        }"""
    )
    for element in elements:
        if element["strokeColor"] == "transparent":
            continue
        picture = drawn[element["id"]]
        if element["type"] == "text":
            # Ink fills the middle of its box, and not all of it; the box has a little slack.
            assert picture["width"] <= element["width"] + 2
            middle = picture["x"] + picture["width"] / 2 - element["x"] - element["width"] / 2
            assert abs(middle) <= 4 + element["width"] * 0.02
            assert (
                element["y"] - 6  # rings and accents rise above the line
                <= picture["y"]
                <= picture["y"] + picture["height"]
                <= element["y"] + element["height"] + 4
            )
        elif element["type"] not in {"arrow", "line"}:
            for key in ("x", "y"):
                assert abs(picture[key] - element[key]) <= 6, (element, picture)
            for key in ("width", "height"):
                assert abs(picture[key] - element[key]) <= 12, (element, picture)


def test_the_menu_saves_the_canvas_in_every_format_and_the_list_shows_a_picture_of_it(
    open_canvas: OpenCanvas, cast: dict[str, Person], canvas_id: str, base_url: str
) -> None:
    ada = cast["ada"]
    ada.call("PATCH", f"/api/canvases/{canvas_id}", {"title": "Wash & dry?"})
    ada.wait_for_job(ada.ask("Wash -> Dry -> Fold", canvas_id=canvas_id))
    canvas = open_canvas("ada")
    canvas.wait_for_texts(["Dry", "Fold", "Wash"])
    page = canvas.page
    expected = {
        "Picture (PNG)": ("png", b"\x89PNG"),
        "Vector picture (SVG)": ("svg", b"<svg "),
        "Flowchart as Mermaid": ("mmd", b"flowchart LR"),
        "Text (Markdown)": ("md", "Wash → Dry".encode()),
        "Excalidraw file": ("excalidraw", b'"type": "excalidraw"'),
    }
    for label, (extension, content) in expected.items():
        page.get_by_role("button", name="Main menu").click()
        if PICTURES and extension == "png":
            page.screenshot(path=Path(PICTURES) / "export-menu.png")
        with page.expect_download() as download:
            page.get_by_text(label, exact=True).click()
        assert download.value.suggested_filename == f"Wash & dry.{extension}"
        assert content in Path(download.value.path()).read_bytes()
        page.keyboard.press("Escape")
    page.goto(base_url)
    seq = ada.call("GET", f"/api/canvases/{canvas_id}")["seq"]
    picture = page.locator(f"img[src='/api/canvases/{canvas_id}/thumbnail?seq={seq}']")
    expect(picture).to_be_visible()
    page.wait_for_function(
        "(image) => image.complete && image.naturalWidth > 100", arg=picture.element_handle()
    )
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / "list.png")
