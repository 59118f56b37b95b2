"""The page in a real browser, on the real services: what it shows, what the database holds, what others see."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from canvases.demo import PASSWORD
from tests.pages import CanvasPage, Watch, carry_session, overflow, sign_in
from tests.people import Person, Rows
from tests.running import Running, wait_until
from tests.test_bad_input import RECTANGLE

OpenCanvas = Callable[..., CanvasPage]
NewBrowser = Callable[..., BrowserContext]
SIGN_UP = "Flowchart: Sign up -> Verify e-mail -> Welcome"
SIGN_UP_TEXTS = ["Sign up", "Verify e-mail", "Welcome"]


def same_as_rows(page: CanvasPage, rows: Rows, canvas_id: str) -> bool:
    """Whether the scene and the table agree in ids, order, versions and texts."""
    shown = [
        (element["id"], element["version"], element["nonce"], element["text"]) for element in page.scene()
    ]
    stored = [
        (row["object_id"], row["version"], row["version_nonce"], row["properties"].get("text"))
        for row in rows.objects(canvas_id)
    ]
    return shown == stored


def wait_until_same(page: CanvasPage, rows: Rows, canvas_id: str) -> None:
    wait_until(lambda: same_as_rows(page, rows, canvas_id), "the scene equals the rows")


def fills_of(rows: Rows, canvas_id: str) -> dict[str, str]:
    return {row["object_id"]: row["properties"]["backgroundColor"] for row in rows.objects(canvas_id)}


def test_a_drawing_appears_for_everybody_stays_and_goes_with_one_undo(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str
) -> None:
    ada, ben = open_canvas("ada"), open_canvas("ben")
    card = ada.ask(SIGN_UP)
    expect(card).to_contain_text("Done")
    ada.wait_for_texts(SIGN_UP_TEXTS)
    ben.wait_for_texts(SIGN_UP_TEXTS)
    # ben sees ada's request, too.
    expect(ben.card(SIGN_UP)).to_contain_text("Done")
    expect(ben.card(SIGN_UP)).to_contain_text("ada")

    stored = rows.objects(canvas_id)
    kinds = sorted(row["object_type"] for row in stored)
    assert kinds.count("arrow") == 2
    assert kinds.count("text") == 3
    job = rows.query("SELECT id::text, status FROM ai_jobs_aijob WHERE canvas_id = %s", canvas_id)
    assert [row["status"] for row in job] == ["completed"]
    assert {row["job_id"] for row in stored} == {job[0]["id"]}
    for page in (ada, ben):
        wait_until_same(page, rows, canvas_id)

    before = ada.scene()
    ada.reload()
    ada.wait_for_texts(SIGN_UP_TEXTS)
    assert ada.scene() == before
    expect(ada.card(SIGN_UP)).to_contain_text("Done")


def test_a_job_that_was_undone_and_redone_by_hand_can_be_taken_back_on_its_card(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str
) -> None:
    ada = open_canvas("ada")

    ada.ask(SIGN_UP)
    ada.wait_for_texts(SIGN_UP_TEXTS)
    before = fills_of(rows, canvas_id)
    card = ada.ask("make Welcome red")
    expect(card).to_contain_text("Done")
    ada.wait_until_saved()
    red = fills_of(rows, canvas_id)
    assert red != before

    ada.undo()
    wait_until(lambda: fills_of(rows, canvas_id) == before, "taken back by hand")
    ada.redo()
    wait_until(lambda: fills_of(rows, canvas_id) == red, "done again by hand")
    card.get_by_role("button", name="Undo").click()
    expect(card).to_contain_text("Taken back")
    wait_until(lambda: fills_of(rows, canvas_id) == before, "taken back on the card")


def test_a_drawing_that_was_taken_back_by_hand_is_marked_so_by_undo_on_its_card(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str
) -> None:
    ada = open_canvas("ada")
    card = ada.ask(SIGN_UP)
    ada.wait_for_texts(SIGN_UP_TEXTS)
    expect(card).to_contain_text("Done")
    ada.undo()
    wait_until(lambda: rows.objects(canvas_id) == [], "taken back by hand")

    card.get_by_role("button", name="Undo").click()
    expect(card).to_contain_text("Taken back")
    expect(card.get_by_role("group", name="What was left alone")).to_have_count(0)
    card.get_by_role("button", name="Redo").click()
    ada.wait_for_texts(SIGN_UP_TEXTS)


def test_a_job_is_taken_back_and_done_again_on_its_card_after_a_reload(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str
) -> None:
    ada, ben = open_canvas("ada"), open_canvas("ben")
    expect(ada.ask(SIGN_UP)).to_contain_text("Done")
    ben.wait_for_texts(SIGN_UP_TEXTS)

    # Nothing of the editor's own history is left; and not who asked, but another editor takes it back.
    for page in (ada, ben):
        page.reload()
        page.wait_for_texts(SIGN_UP_TEXTS)
    ben.card(SIGN_UP).get_by_role("button", name="Undo").click()
    for page in (ada, ben):
        expect(page.card(SIGN_UP)).to_contain_text("Taken back")
        page.wait_for_count(0)
    assert rows.objects(canvas_id) == []

    ada.reload()
    expect(ada.card(SIGN_UP)).to_contain_text("Taken back")
    ada.card(SIGN_UP).get_by_role("button", name="Redo").click()
    for page in (ada, ben):
        page.wait_for_texts(SIGN_UP_TEXTS)
        wait_until_same(page, rows, canvas_id)


def test_what_an_undo_left_alone_is_said_on_the_card_and_taken_along_by_keyboard(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str
) -> None:
    ada, ben = open_canvas("ada"), open_canvas("ben")

    ada.ask(SIGN_UP)
    ben.wait_for_texts(SIGN_UP_TEXTS)
    before = fills_of(rows, canvas_id)
    card = ada.ask("make all shapes red")
    expect(card).to_contain_text("Done")
    expect(ben.ask("make Welcome green")).to_contain_text("Done")
    changed = fills_of(rows, canvas_id)

    card.get_by_role("button", name="Undo").press("Enter")
    note = card.get_by_role("group", name="What was left alone")
    expect(note).to_contain_text("“Welcome” was left as it is, because somebody changed it since.")
    expect(note).to_be_focused()
    left = {
        object_id: fill for object_id, fill in fills_of(rows, canvas_id).items() if fill != before[object_id]
    }
    assert left
    assert left.items() <= changed.items()
    ada.page.keyboard.press("Tab")
    expect(note.get_by_role("button", name="Undo that too")).to_be_focused()
    ada.page.keyboard.press("Enter")
    expect(note).to_be_hidden()
    expect(card).to_contain_text("Taken back")
    wait_until(lambda: fills_of(rows, canvas_id) == before, "taken along")
    for page in (ada, ben):
        wait_until_same(page, rows, canvas_id)


def test_show_selects_what_its_job_drew_whoever_changed_it_since_and_never_all_else(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str
) -> None:
    ada = open_canvas("ada")
    ada.ask(SIGN_UP)
    ada.wait_for_texts(SIGN_UP_TEXTS)
    drawn = len(rows.objects(canvas_id))
    ada.draw_rectangle(at=(330, 500))
    ada.wait_until_saved()
    expect(ada.ask("make all shapes red")).to_contain_text("Done")

    ada.reload()
    ada.wait_for_count(drawn + 1)
    show = ada.card(SIGN_UP).get_by_role("button", name="Show")
    show.click()
    hint = ada.page.get_by_text(re.compile("selected objects? go"))
    expect(hint).to_have_text(f"{drawn} selected objects go with it")

    expect(ada.ask("delete everything")).to_contain_text("Done")
    ada.wait_for_count(0)
    ada.draw_rectangle(at=(330, 500))
    ada.page.mouse.click(900, 200)
    expect(hint).to_have_count(0)
    show.click()
    expect(ada.notices).to_contain_text("Nothing of that drawing is on the canvas any more.")
    expect(hint).to_have_count(0)


def test_no_key_pressed_outside_of_the_drawing_deletes_from_it(open_canvas: OpenCanvas) -> None:
    ada = open_canvas("ada")
    page = ada.page
    ada.draw_rectangle()
    ada.wait_until_saved()
    page.evaluate(PASTE, 25_000)
    dismiss = page.get_by_role("button", name="Dismiss")
    expect(dismiss).to_be_visible()
    ada.wait_for_count(1)
    ada.select_all()
    dismiss.press("Backspace")
    # The button goes, and the focus with it.
    dismiss.press("Enter")
    page.keyboard.press("Delete")
    for name in ("Share", "AI panel", "Close the AI panel"):
        page.get_by_role("button", name=name, exact=True).focus()
        for key in ("Delete", "Backspace", "Control+x", "Control+d", "ArrowRight"):
            page.keyboard.press(key)
    page.get_by_role("button", name="Close the AI panel").press("Enter")
    page.keyboard.press("Delete")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="AI panel").focus()
    page.keyboard.press("Delete")
    page.set_viewport_size({"width": 1440, "height": 900})
    assert len(ada.scene()) == 1

    # After a click in the drawing keys are for it again.
    ada.select_all()
    page.keyboard.press("Delete")
    ada.wait_for_count(0)


def test_what_others_delete_is_not_selected_any_more(open_canvas: OpenCanvas) -> None:
    ada, ben = open_canvas("ada"), open_canvas("ben")
    ada.draw_rectangle()
    hint = ada.page.get_by_text("1 selected object goes with it")
    ada.select_all()
    expect(hint).to_be_visible()
    ben.wait_for_count(1)
    ben.select_all()
    ben.page.keyboard.press("Delete")
    ada.wait_for_count(0)
    expect(hint).to_have_count(0)


def test_one_undo_takes_back_all_that_a_job_drew_for_everybody_and_for_good(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str
) -> None:
    ada, ben = open_canvas("ada"), open_canvas("ben")
    ben.draw_rectangle()
    ada.wait_for_count(1)
    ada.ask(SIGN_UP)
    ada.wait_for_texts(SIGN_UP_TEXTS)
    ben.wait_for_texts(SIGN_UP_TEXTS)
    drawn = {row["object_id"] for row in rows.objects(canvas_id) if row["job_id"]}
    assert len(drawn) > 5

    ada.undo()
    for page in (ada, ben):
        page.wait_for_count(1)
        assert {element["id"] for element in page.scene(deleted=True)} >= drawn
    ada.wait_until_saved()
    wait_until(
        lambda: {row["object_id"] for row in rows.objects(canvas_id, deleted=True)} == drawn, "tombstones"
    )
    for page in (ada, ben):
        page.reload()
        page.wait_for_count(1)
        wait_until_same(page, rows, canvas_id)


def test_what_is_drawn_by_hand_reaches_the_others_is_stored_and_survives_a_reload(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str, cast: dict[str, Person]
) -> None:
    ada, ben = open_canvas("ada"), open_canvas("ben")
    ben.draw_rectangle(size=(160, 100))
    ada.wait_for_scene("(live) => live.length === 1 && live[0].type === 'rectangle' && live[0].width > 100")
    ben.wait_until_saved()
    wait_until_same(ben, rows, canvas_id)
    wait_until_same(ada, rows, canvas_id)
    row = rows.objects(canvas_id)[0]
    assert row["created_by_id"] == cast["ben"].user_id
    assert (row["properties"]["width"], row["properties"]["height"]) == (
        pytest.approx(160, abs=2),
        pytest.approx(100, abs=2),
    )

    # ada deletes what ben drew.
    ada.select_all()
    ada.page.keyboard.press("Delete")
    ben.wait_for_count(0)
    wait_until(lambda: rows.objects(canvas_id) == [], "the row is a tombstone")
    for page in (ada, ben):
        page.reload()
        page.wait_for_count(0)


def test_moving_what_a_job_drew_moves_it_for_everybody_and_after_a_reload(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str
) -> None:
    ada, ben = open_canvas("ada"), open_canvas("ben")
    ada.ask(SIGN_UP)
    ada.wait_for_texts(SIGN_UP_TEXTS)
    ben.wait_for_texts(SIGN_UP_TEXTS)
    before = {row["object_id"]: row["properties"]["x"] for row in rows.objects(canvas_id)}
    ben.select_all()
    for _ in range(4):
        ben.page.keyboard.press("Shift+ArrowRight")
    ben.wait_until_saved()
    wait_until(
        lambda: all(row["properties"]["x"] > before[row["object_id"]] for row in rows.objects(canvas_id)),
        "all rows moved",
    )
    ada.page.keyboard.press("Escape")
    for page in (ada, ben):
        wait_until_same(page, rows, canvas_id)
        page.reload()
        page.wait_for_texts(SIGN_UP_TEXTS)
        wait_until_same(page, rows, canvas_id)


def test_the_editors_tools_fit_the_window_whenever_it_is_made_wider_or_narrower(
    open_canvas: OpenCanvas,
) -> None:
    ada = open_canvas("ada", viewport={"width": 390, "height": 844})
    # Only the layout for wide windows has it.
    zoom = ada.page.get_by_role("button", name="Zoom in")
    expect(zoom).to_be_hidden()
    ada.page.set_viewport_size({"width": 1440, "height": 900})
    expect(zoom).to_be_visible()
    ada.page.set_viewport_size({"width": 390, "height": 844})
    expect(zoom).to_be_hidden()


def test_edits_made_without_a_network_are_kept_and_sent_afterwards(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str, watch: Watch
) -> None:
    watch.expected += [r"ERR_INTERNET_DISCONNECTED", r"WebSocket connection"]
    ada, ben = open_canvas("ada"), open_canvas("ben")
    ben.page.context.set_offline(True)
    # Long before the next ping.
    expect(ben.connection).to_have_text("Offline – changes are kept", timeout=5_000)
    ben.draw_rectangle()
    ben.wait_for_count(1)
    ada.draw_rectangle(at=(600, 400))
    ada.wait_until_saved()
    ben.page.context.set_offline(False)
    expect(ben.connection).not_to_have_text("Offline – changes are kept", timeout=5_000)
    for page in (ada, ben):
        page.wait_for_count(2)
    ben.wait_until_saved()
    for page in (ada, ben):
        wait_until_same(page, rows, canvas_id)


def test_a_canvas_of_four_thousand_boxes_is_live(
    open_canvas: OpenCanvas, cast: dict[str, Person], rows: Rows, canvas_id: str
) -> None:
    for part in range(8):
        boxes = [
            {**RECTANGLE, "id": f"box-{part}-{number}", "index": None, "x": 200 * number, "y": 120 * part}
            for number in range(500)
        ]
        cast["ada"].call(
            "POST",
            f"/api/canvases/{canvas_id}/operations",
            {"operations": [{"type": "put", "id": box["id"], "properties": box} for box in boxes]},
        )
    ada, ben = open_canvas("ada"), open_canvas("ben")
    for page in (ada, ben):
        page.wait_for_count(4_000)
    ada.draw_rectangle()
    for page in (ada, ben):
        page.wait_for_count(4_001)
    ada.wait_until_saved()
    assert len(rows.objects(canvas_id)) == 4_001


def test_leaving_a_canvas_asks_while_something_is_not_saved(open_canvas: OpenCanvas, watch: Watch) -> None:
    watch.expected += [r"ERR_INTERNET_DISCONNECTED", r"WebSocket connection"]
    ada = open_canvas("ada")
    ada.page.context.set_offline(True)
    expect(ada.connection).to_have_text("Offline – changes are kept")
    ada.draw_rectangle()
    ada.wait_for_count(1)
    ada.page.get_by_role("link", name="Your canvases").click()
    question = ada.page.get_by_role("dialog", name="Leave without saving?")
    question.get_by_role("button", name="Stay").click()
    expect(question).to_be_hidden()
    ada.page.get_by_role("link", name="Your canvases").click()
    expect(question).to_be_visible()
    # Saved while it asks: there is nothing to ask any more.
    ada.page.context.set_offline(False)
    expect(ada.page.get_by_role("heading", name="Your canvases")).to_be_visible()


def test_what_was_not_saved_when_the_sign_in_ended_is_saved_after_the_next_one(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str, watch: Watch
) -> None:
    watch.expected += [r"ERR_INTERNET_DISCONNECTED", r"WebSocket connection", r"401"]
    ada = open_canvas("ada")
    ada.page.context.set_offline(True)
    expect(ada.connection).to_have_text("Offline – changes are kept")
    ada.draw_rectangle()
    ada.wait_for_count(1)
    ada.page.context.clear_cookies(name="sessionid")
    ada.page.context.set_offline(False)
    expect(ada.page.get_by_text("You were signed out.")).to_be_visible()
    sign_in(ada.page, "ada", PASSWORD)
    ada.wait_for_count(1)
    ada.wait_until_saved()
    assert len(rows.objects(canvas_id)) == 1


def test_my_drawing_is_one_step_of_undo_also_where_somebody_moved_it_before_i_saw_it(
    open_canvas: OpenCanvas, cast: dict[str, Person], rows: Rows, canvas_id: str, watch: Watch
) -> None:
    watch.expected += [r"ERR_INTERNET_DISCONNECTED", r"WebSocket connection"]
    ada, ben = open_canvas("ada"), open_canvas("ben")
    ada.page.context.set_offline(True)
    expect(ada.connection).to_have_text("Offline – changes are kept")
    cast["ada"].ask("Red -> Green", canvas_id=canvas_id)
    ben.wait_for_texts(["Green", "Red"])
    ben.select_all()
    ben.page.keyboard.press("ArrowRight")
    wait_until(
        lambda: all(row["job_id"] is None for row in rows.objects(canvas_id)), "what ben moved is stored"
    )

    ada.page.context.set_offline(False)
    ada.wait_for_texts(["Green", "Red"])
    ada.undo()
    for page in (ada, ben):
        page.wait_for_count(0)
    wait_until(lambda: rows.objects(canvas_id) == [], "the undo is stored")


PASTE = """(length) => {
    const data = new DataTransfer();
    data.setData("text/plain", "word ".repeat(length / 5));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
}"""


@pytest.mark.parametrize(
    ("characters", "sentence"),
    [
        (25_000, "A text has at most 20,000 characters. Shorten it, or make it two texts."),
        (1_200_000, "That is too large for one object, so it was not added."),
    ],
)
def test_what_is_too_large_is_taken_away_with_a_sentence_and_everything_else_is_saved(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str, characters: int, sentence: str
) -> None:
    ada = open_canvas("ada")
    sockets: list[int] = []
    ada.page.on("websocket", lambda _: sockets.append(1))
    ada.draw_rectangle()
    ada.wait_until_saved()
    ada.page.evaluate(PASTE, characters)
    expect(ada.page.get_by_role("status", name="Notices")).to_contain_text(sentence)
    ada.wait_for_count(1)
    ada.draw_rectangle(at=(600, 400))
    ada.wait_until_saved()
    wait_until(lambda: len(rows.objects(canvas_id)) == 2, "what was drawn afterwards is stored")
    # A message that is too large would have closed the line.
    assert sockets == []


PICTURE = """() => {
    const at = { x: 0, y: 0, width: 80, height: 60, angle: 0, seed: 1, version: 1, versionNonce: 1,
        isDeleted: false, strokeColor: "#000", backgroundColor: "transparent", groupIds: [] };
    const clip = { type: "excalidraw/clipboard", elements: [
        { ...at, id: "picture", type: "image", fileId: "f".repeat(40), status: "saved", scale: [1, 1] },
        { ...at, id: "box", type: "rectangle", x: 200 },
    ], files: {} };
    const data = new DataTransfer();
    data.setData("text/plain", JSON.stringify(clip));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
}"""


def test_a_pasted_picture_is_taken_away_again_with_a_sentence_and_the_rest_stays(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str
) -> None:
    ada = open_canvas("ada")
    ada.draw_rectangle()
    ada.wait_until_saved()
    ada.page.evaluate(PICTURE)
    expect(ada.notices).to_contain_text("Pictures cannot be kept on a canvas")
    ada.wait_for_scene("(live) => live.length === 2 && live.every(({ type }) => type === 'rectangle')")
    ada.wait_until_saved()
    wait_until_same(ada, rows, canvas_id)


def test_a_request_that_somebody_deletes_goes_from_every_open_page_and_its_drawing_stays(
    open_canvas: OpenCanvas, canvas_id: str, cast: dict[str, Person], watch: Watch
) -> None:
    ada, ben = open_canvas("ada"), open_canvas("ben")
    job_id = cast["ada"].ask(SIGN_UP, canvas_id=canvas_id)
    # A page that has just heard of the end asks for the rest of the job, and may come too late.
    watch.expected += [rf"status of 404 .*/api/jobs/{job_id}$"]
    for page in (ada, ben):
        expect(page.card(SIGN_UP)).to_contain_text("Done")
        page.wait_for_texts(SIGN_UP_TEXTS)
    cast["ada"].call("DELETE", f"/api/jobs/{job_id}", expect=204)
    for page in (ada, ben):
        expect(page.card(SIGN_UP)).to_have_count(0)
        assert page.texts() == SIGN_UP_TEXTS


def test_a_viewer_sees_everything_and_can_draw_nothing(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str, cast: dict[str, Person]
) -> None:
    ada, vera = open_canvas("ada"), open_canvas("vera")
    expect(vera.page.get_by_text("View only")).to_be_visible()
    expect(vera.question).to_have_count(0)
    ada.ask(SIGN_UP)
    vera.wait_for_texts(SIGN_UP_TEXTS)
    expect(vera.card(SIGN_UP)).to_contain_text("Done")
    expect(vera.card(SIGN_UP).get_by_role("button", name="Retry")).to_have_count(0)
    shown = vera.scene()
    vera.draw_rectangle()
    vera.select_all()
    vera.page.keyboard.press("Delete")
    assert vera.scene() == shown
    # Whoever goes around the page is refused by the server.
    for body in (
        {"operations": [{"type": "delete", "id": shown[0]["id"]}]},
        {"operations": [{"type": "put", "id": "x", "properties": {"id": "x", "type": "rectangle"}}]},
    ):
        cast["vera"].call("POST", f"/api/canvases/{canvas_id}/operations", body, expect=403)
    cast["vera"].call(
        "POST", "/api/ai-agent/modify-canvas", {"instructions": "A -> B", "canvas_id": canvas_id}, expect=403
    )
    wait_until_same(vera, rows, canvas_id)


def test_what_is_not_understood_says_so_and_can_be_tried_again_or_reworded(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str
) -> None:
    ada = open_canvas("ada")
    ada.draw_rectangle()
    ada.wait_until_saved()
    before = rows.objects(canvas_id)
    card = ada.ask("hmm")
    expect(card).to_contain_text("Failed")
    sentence = rows.query(
        "SELECT error_message, error_code FROM ai_jobs_aijob WHERE canvas_id = %s", canvas_id
    )[0]
    assert sentence["error_code"] == "not_understood"
    assert len(sentence["error_message"]) > 20
    expect(card).to_contain_text(sentence["error_message"])
    assert rows.objects(canvas_id) == before

    card.get_by_role("button", name="Retry").click()
    wait_until(
        lambda: (
            rows.query(
                "SELECT count(*) AS n FROM ai_jobs_aijobevent e JOIN ai_jobs_aijob j ON j.id = e.job_id"
                " WHERE j.canvas_id = %s AND e.kind = 'failed'",
                canvas_id,
            )[0]["n"]
            == 2
        ),
        "it was tried a second time",
    )
    expect(card).to_contain_text("Failed")
    assert rows.objects(canvas_id) == before

    card.get_by_role("button", name="Edit and resend").click()
    expect(ada.question).to_have_value("hmm")
    expect(ada.question).to_be_focused()
    expect(ada.ask("Pack -> Ship")).to_contain_text("Done")
    ada.wait_for_texts(["Pack", "Ship"])
    assert len(rows.objects(canvas_id)) > len(before)


def test_describing_a_drawing_on_the_start_page_opens_the_canvas_it_is_on(
    new_browser: NewBrowser, running: Running, cast: dict[str, Person], rows: Rows
) -> None:
    context = new_browser()
    carry_session(context, cast["sam"], running.base_url)
    page = context.new_page()
    page.goto(running.base_url)
    page.get_by_label("What should be drawn?").fill("Order placed -> Packed -> Shipped")
    page.get_by_role("button", name="Draw it").click()
    page.wait_for_url("**/c/*")
    made = page.url.rpartition("/")[2]
    canvas = CanvasPage(page, running.base_url, made)
    canvas.wait_for_texts(["Order placed", "Packed", "Shipped"])
    wait_until_same(canvas, rows, made)


@pytest.mark.parametrize("window", [(1440, 900), (390, 844)])
def test_a_drawing_is_opened_in_the_middle_with_nothing_of_it_under_a_toolbar(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str, cast: dict[str, Person], window: tuple[int, int]
) -> None:
    steps = " -> ".join(f"Step {number}" for number in range(1, 12))
    cast["ada"].wait_for_job(cast["ada"].ask(f"Moving house: {steps}", canvas_id=canvas_id))
    shown = open_canvas("ben", viewport={"width": window[0], "height": window[1]})
    shown.wait_for_count(len(rows.objects(canvas_id)))
    surface = shown.surface.bounding_box()
    assert surface is not None

    def air() -> tuple[float, float, float, float]:
        left, top, right, bottom = shown.drawn_area()
        return left, top, surface["width"] - right, surface["height"] - bottom

    def is_in_the_middle() -> bool:
        left, top, right, bottom = air()
        # As wide and as high as the toolbars are.
        is_clear = min(top, bottom) >= 60 and min(left, right) >= 20
        return is_clear and abs(left - right) <= 3 and abs(top - bottom) <= 3

    wait_until(is_in_the_middle, "all of it is seen, in the middle")


def test_a_change_that_is_out_of_sight_is_shown_with_the_rest_of_a_drawing_that_has_room(
    open_canvas: OpenCanvas, canvas_id: str, cast: dict[str, Person]
) -> None:
    cast["ada"].wait_for_job(cast["ada"].ask("Order -> Pay -> Pack -> Ship", canvas_id=canvas_id))
    ada = open_canvas("ada")
    ada.wait_for_texts(["Order", "Pay", "Pack", "Ship"])
    surface = ada.surface.bounding_box()
    assert surface is not None
    expect(ada.ask("add a box Return after Ship")).to_contain_text("Done")
    ada.wait_for_texts(["Order", "Pay", "Pack", "Ship", "Return"])

    def is_seen() -> bool:
        left, _, right, _ = ada.drawn_area()
        return left >= 0 and right <= surface["width"]

    wait_until(is_seen, "all of the drawing is seen")


def test_on_a_phone_the_end_of_a_request_is_seen_although_its_card_is_not(open_canvas: OpenCanvas) -> None:
    ada = open_canvas("ada", viewport={"width": 390, "height": 844})
    ada.page.get_by_role("button", name="AI panel").click()
    ada.question.fill("hmm")
    ada.page.get_by_role("button", name="Draw it").click()
    expect(ada.question).to_be_hidden()
    expect(ada.page.get_by_role("status", name="Your last request")).to_have_text("Failed")
    ada.page.get_by_role("button", name="AI panel").click()
    expect(ada.card("hmm")).to_contain_text("I did not understand what to draw.")


def test_the_focus_stays_near_when_a_panel_a_menu_or_a_page_goes(open_canvas: OpenCanvas) -> None:
    ada = open_canvas("ada")
    page = ada.page
    page.get_by_role("button", name="Close the AI panel").press("Enter")
    expect(page.get_by_role("button", name="AI panel", exact=True)).to_be_focused()
    menu = page.get_by_role("button", name="Main menu")
    menu.press("Enter")
    page.get_by_text("Outline", exact=True).last.click()
    expect(page.get_by_role("dialog", name="Outline")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()

    page.get_by_role("link", name="Your canvases").press("Enter")
    expect(page.get_by_role("heading", name="Your canvases", level=1)).to_be_focused()
    page.go_back()
    expect(page.locator("h1")).to_be_focused()
    ada.wait_until_live()
    # The heading keeps no key from the drawing.
    page.keyboard.press("r")
    page.mouse.move(400, 300)
    page.mouse.down()
    page.mouse.move(500, 380, steps=4)
    page.mouse.up()
    ada.wait_for_count(1)

    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Close the AI panel").press("Enter")
    handle = page.get_by_role("button", name="AI panel", exact=True)
    expect(handle).to_be_focused()
    handle.press("Enter")
    expect(page.get_by_role("complementary", name="AI drawing")).to_be_focused()


def test_pages_that_are_left_before_they_are_connected_leave_no_complaint(open_canvas: OpenCanvas) -> None:
    ada = open_canvas("ada")
    # Both pages have a socket of their own; nothing here waits until it is open.
    ada.page.evaluate(
        """async () => {
            for (let i = 0; i < 20; i += 1) {
                document.querySelector('a[href="/"]').click();
                await new Promise((resolve) => setTimeout(resolve, 5 * i));
                history.back();
                await new Promise((resolve) => setTimeout(resolve, 300));
            }
        }"""
    )
    ada.wait_until_live()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_every_page_fits_its_window_in_both_themes(
    new_browser: NewBrowser,
    running: Running,
    cast: dict[str, Person],
    canvas_id: str,
    watch: Watch,
    width: int,
    scheme: Any,
) -> None:
    watch.expected += [r"status of 404"]
    cast["ada"].ask(SIGN_UP, canvas_id=canvas_id)
    window: Any = {"width": width, "height": 844 if width < 500 else 900}
    context = new_browser(viewport=window, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{running.base_url}/sign-in")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert overflow(page) == []
    carry_session(context, cast["ada"], running.base_url)
    page.goto(running.base_url)
    expect(page.get_by_role("heading", name="Your canvases")).to_be_visible()
    # Which ones are on the first page of the list depends on what other tests made before.
    expect(page.get_by_role("list", name="Canvases").get_by_role("link").first).to_be_visible()
    assert overflow(page) == []
    page.goto(f"{running.base_url}/c/{uuid.uuid4()}")
    expect(page.get_by_text("This canvas cannot be found")).to_be_visible()
    assert overflow(page) == []

    canvas = CanvasPage(page, running.base_url, canvas_id)
    canvas.wait_for_texts(SIGN_UP_TEXTS)
    assert overflow(page) == []
    if width < 500:
        page.get_by_role("button", name="AI panel").click()
    expect(canvas.question).to_be_visible()
    assert overflow(page) == []
    if width < 500:
        # On a phone the panel makes room for the drawing.
        canvas.question.fill("Open -> Closed")
        page.get_by_role("button", name="Draw it").click()
        expect(canvas.question).to_be_hidden()
        page.get_by_role("button", name="AI panel").click()
    else:
        canvas.ask("Open -> Closed")
    expect(canvas.card("Open -> Closed")).to_contain_text("Done")
    assert overflow(page) == []
    canvas.wait_for_texts([*SIGN_UP_TEXTS, "Open", "Closed"])
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert overflow(page) == []

    # Dark is dark, on the page and in the editor.
    brightness = page.evaluate(
        "() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3)"
        ".reduce((sum, part) => sum + Number(part), 0) / 3"
    )
    assert (brightness < 80) == (scheme == "dark")
    assert page.locator(".excalidraw.theme--dark").count() == (1 if scheme == "dark" else 0)
