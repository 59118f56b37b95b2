"""What people see of a drawing while the model is still writing it, on the real services and in a real browser."""

import asyncio
import json
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from tests.conftest import make_data_folder, remove_data_folder
from tests.pages import CanvasPage, carry_session
from tests.people import MAKE_CAST, Person, Rows, assemble
from tests.running import Running
from tests.test_who_hears_what import listen
from tests.vendor.server import Vendor, vendor

# A plan for the same words is kept: each test says it in its own.
HEARD = "Draw how people sign up (answer: slow)"
SLOWLY = "Draw the sign-up flow (answer: slow)"
FOR_EVER = "Draw the sign-up flow (answer: never_ends)"
CHANGED = "Make the middle one red, drop the left one (answer: edits_slowly)"
ALL_RED = "Make everything red (answer: recolor_slowly)"
PLACES = {"middle": 0, "left": -300, "right": 300}
TEXTS = ["Confirmed?", "Sign up", "Sign-up form", "Verify e-mail", "Welcome", "no", "yes"]
PICTURES = os.environ.get("PICTURES")
EXAMPLES = json.loads((Path(__file__).parent.parent / "protocol_examples.json").read_text())


@pytest.fixture(scope="module")
def with_model() -> Iterator[tuple[Running, Vendor]]:
    """A CollabCanvas whose model is the vendor of these tests."""
    folder = make_data_folder()
    with vendor() as answering:
        running = Running(
            folder,
            AI_MODEL="openai:gpt-5.4-mini",
            AI_BASE_URL=f"{answering.address}/v1",
            AI_OUTPUT="tool",
            OPENAI_API_KEY="sk-test",
            NO_PROXY="127.0.0.1,localhost",
        )
        try:
            yield running.wait_until_ready(), answering
        finally:
            running.stop()
            remove_data_folder(folder)


@pytest.fixture(scope="module")
def running(with_model: tuple[Running, Vendor]) -> Running:
    return with_model[0]


@pytest.fixture(scope="module")
def base_url(running: Running) -> str:
    return running.base_url


@pytest.fixture(scope="module")
def cast(running: Running) -> Iterator[dict[str, Person]]:
    made = running.manage("shell", "--no-imports", "--command", MAKE_CAST)
    people = assemble(base_url=running.base_url, made=made.stdout)
    yield people
    for person in people.values():
        person.http.close()


def ghosts(page: CanvasPage) -> Locator:
    return page.page.get_by_role("img", name="Preview of what is being drawn")


def put(person: Person, canvas_id: str, name: str, **changes: Any) -> None:
    """There is a box of this name, or it has changed."""
    box = EXAMPLES["client"]["objects.change"]["objects"][0]["properties"]
    properties = {**box, "id": name, "index": f"a{list(PLACES).index(name)}", **changes}
    operation = {"type": "put", "id": name, "properties": properties}
    person.call("POST", f"/api/canvases/{canvas_id}/operations", {"operations": [operation]})


def picture(page: CanvasPage, name: str) -> None:
    """Kept for a person to look at, when a folder for pictures is named."""
    if PICTURES:
        page.page.screenshot(path=Path(PICTURES) / f"{name}.png")


def test_everybody_on_the_canvas_hears_what_is_drawn_so_far_and_nobody_after_the_end(
    running: Running, cast: dict[str, Person], canvas_id: str
) -> None:
    # In a thread of its own: while the browser of the other test is open, this one has an event loop already.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, _everybody_hears(running, cast, canvas_id)).result()


async def _everybody_hears(running: Running, cast: dict[str, Person], canvas_id: str) -> None:
    path = f"/ws/canvases/{canvas_id}"
    async with listen(running, path, person=cast["vera"]) as vera:
        await vera.hear_until("jobs.snapshot")
        job_id = await asyncio.to_thread(cast["ada"].ask, HEARD, canvas_id=canvas_id)
        await vera.hear_until("job.preview", job_id=job_id, user_id=cast["ada"].user_id)
        # Who joins meanwhile gets the next one.
        async with listen(running, path, person=cast["ben"]) as ben:
            await ben.hear_until("job.preview", job_id=job_id)
        await vera.hear_until("ai_job_complete", job_id=job_id)
        complete = len(vera.heard)
        await vera.hear_nothing_more()
    previews = [message["elements"] for message in vera.heard if message["type"] == "job.preview"]
    assert all(message["type"] != "job.preview" for message in vera.heard[complete:])
    assert len(previews) >= 2
    texts = [{item["text"] for item in elements if item["type"] == "text"} for elements in previews]
    assert texts[0] < texts[-1]
    drawn = {item["id"] for message in vera.heard for item in message.get("objects", ())}
    assert {item["id"] for item in previews[-1]} <= drawn


def test_a_drawing_so_far_is_seen_by_all_but_is_not_on_the_canvas_and_goes_when_it_is_cancelled(
    new_browser: Callable[..., BrowserContext],
    base_url: str,
    cast: dict[str, Person],
    canvas_id: str,
    rows: Rows,
) -> None:
    pages = {}
    for name, theme in {"ada": "light", "vera": "dark"}.items():
        context = new_browser(color_scheme=theme)
        carry_session(context, cast[name], base_url)
        pages[name] = CanvasPage(context.new_page(), base_url, canvas_id)
    ada = pages["ada"]
    card = ada.ask(FOR_EVER)
    for name, page in pages.items():
        expect(ghosts(page)).to_contain_text("Verify e-mail")
        picture(page, f"preview-{name}")
    ada.select_all()
    ada.page.keyboard.press("Delete")
    ada.undo()
    expect(ghosts(ada)).to_contain_text("Verify e-mail")
    assert [page.scene() + page.scene(deleted=True) for page in pages.values()] == [[], []]
    assert rows.objects(canvas_id) + rows.objects(canvas_id, deleted=True) == []

    card.get_by_role("button", name="Cancel").click()
    expect(card).to_contain_text(re.compile("Stopped before anything"))
    for page in pages.values():
        expect(ghosts(page)).to_have_count(0)


def test_the_finished_drawing_takes_the_place_of_its_preview(
    new_browser: Callable[..., BrowserContext],
    base_url: str,
    cast: dict[str, Person],
    canvas_id: str,
    rows: Rows,
) -> None:
    context = new_browser()
    carry_session(context, cast["ada"], base_url)
    page = CanvasPage(context.new_page(), base_url, canvas_id)
    card = page.ask(SLOWLY)
    expect(ghosts(page)).to_be_visible()
    expect(card).to_contain_text("Done")
    page.wait_for_texts(TEXTS)
    expect(ghosts(page)).to_have_count(0)
    page.wait_until_saved()
    # No editor has sent anything of it back.
    assert {row["version"] for row in rows.objects(canvas_id)} == {1}


def test_changes_of_what_is_there_are_seen_before_they_are_made_and_touch_nothing_until_then(
    new_browser: Callable[..., BrowserContext],
    base_url: str,
    cast: dict[str, Person],
    canvas_id: str,
    rows: Rows,
) -> None:
    for name, x in PLACES.items():
        put(cast["ada"], canvas_id, name, x=x)
    before = rows.objects(canvas_id)
    pages = {}
    for name, theme in {"ada": "light", "vera": "dark"}.items():
        context = new_browser(color_scheme=theme)
        carry_session(context, cast[name], base_url)
        pages[name] = CanvasPage(context.new_page(), base_url, canvas_id)
    card = pages["ada"].ask(CHANGED)
    for name, page in pages.items():
        expect(ghosts(page)).to_contain_text("Archive")
        expect(ghosts(page).locator("[data-change=changed]")).to_have_count(1)
        expect(ghosts(page).locator("[data-change=gone]")).to_have_count(1)
        picture(page, f"preview-changes-{name}")
    expect(card).to_contain_text("changes so far")
    card.get_by_role("button", name="Cancel").click()
    for page in pages.values():
        expect(ghosts(page)).to_have_count(0)
    assert rows.objects(canvas_id) == before


def test_a_card_says_what_was_left_as_somebody_changed_it_meanwhile(
    new_browser: Callable[..., BrowserContext],
    base_url: str,
    cast: dict[str, Person],
    canvas_id: str,
    rows: Rows,
) -> None:
    for name, x in PLACES.items():
        put(cast["ada"], canvas_id, name, x=x)
    context = new_browser()
    carry_session(context, cast["ada"], base_url)
    page = CanvasPage(context.new_page(), base_url, canvas_id)
    card = page.ask(ALL_RED)
    expect(ghosts(page).locator("[data-change=changed]").first).to_be_visible()
    put(cast["ben"], canvas_id, "middle", x=0, version=2, backgroundColor="#b2f2bb")
    expect(card).to_contain_text("Done")
    left_alone = card.get_by_role("list", name="Left as people changed it").get_by_role("listitem")
    expect(left_alone).to_have_count(1)
    expect(left_alone).to_contain_text("Somebody recoloured")
    picture(page, "conflicts")
    fills = {row["object_id"]: row["properties"]["backgroundColor"] for row in rows.objects(canvas_id)}
    assert fills.pop("middle") == "#b2f2bb"
    assert len(set(fills.values())) == 1
    assert "#a5d8ff" not in fills.values()
    # It is the same list after a reload.
    page.reload()
    expect(left_alone).to_contain_text("Somebody recoloured")
