"""What the page and the jobs do while a service is busy, away, or killed."""

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.pages import CanvasPage, Watch
from tests.people import Person, Rows, rows_of
from tests.running import wait_until
from tests.separate_services import SeparateServices

OpenCanvas = Callable[..., CanvasPage]


@pytest.fixture(scope="module")
def services() -> Iterator[SeparateServices]:
    folder = Path(tempfile.mkdtemp(prefix="collabcanvas-services-"))
    started = SeparateServices(folder)
    yield started
    started.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def base_url(services: SeparateServices) -> str:
    return services.base_url


@pytest.fixture(scope="module")
def cast(services: SeparateServices) -> dict[str, Person]:
    return services.cast


@pytest.fixture
def rows(services: SeparateServices) -> Iterator[Rows]:
    with rows_of(services.database_url) as found:
        yield found


@pytest.fixture
def gate(services: SeparateServices) -> Iterator[SeparateServices]:
    """A worker runs, and its jobs stop before they draw."""
    services.shut_gate()
    services.start_worker()
    yield services
    services.open_gate()


def note_statuses(card: Locator) -> None:
    """From now on the page notes each status that this card shows."""
    card.evaluate(
        """(card) => {
            window.statuses = [];
            const note = () => {
                const shown = card.innerText.match(/Queued|Drawing…|Done|Failed|Cancelled/)?.[0];
                if (shown && window.statuses.at(-1) !== shown) window.statuses.push(shown);
            };
            note();
            new MutationObserver(note).observe(card, {subtree: true, childList: true, characterData: true});
        }"""
    )


def test_a_job_waits_for_a_worker_says_so_and_is_watched_to_its_end(
    services: SeparateServices, open_canvas: OpenCanvas, rows: Rows, canvas_id: str
) -> None:
    services.stop_worker()
    services.shut_gate()
    ada, ben = open_canvas("ada"), open_canvas("ben")
    first, second = ada.ask("Red -> Green"), ben.ask("One -> Two")
    for card in (first, second):
        expect(card).to_contain_text("Queued")
        expect(card).to_contain_text("No worker is running – it starts as soon as one is back.")
    expect(first).to_contain_text("Number 1 in line")
    expect(second).to_contain_text("Number 2 in line")
    assert rows.objects(canvas_id) == []
    note_statuses(first)

    services.start_worker()
    expect(first).to_contain_text("Drawing…")
    expect(first).to_contain_text("Waiting at the gate")
    expect(first).to_contain_text(re.compile(r"\d\.\d s"))
    expect(ben.card("Red -> Green")).to_contain_text("Drawing…")
    assert ada.scene() == []
    services.open_gate()
    for page in (ada, ben):
        page.wait_for_texts(["Red", "Green", "One", "Two"])
    expect(first).to_contain_text("Done")
    assert ada.page.evaluate("window.statuses") == ["Queued", "Drawing…", "Done"]


def test_cancelling_a_running_job_from_the_page_leaves_the_canvas_as_it_was_and_retry_draws_it(
    gate: SeparateServices, open_canvas: OpenCanvas, rows: Rows, canvas_id: str
) -> None:
    ada, ben = open_canvas("ada"), open_canvas("ben")
    card = ada.ask("Red -> Green")
    expect(card).to_contain_text("Drawing…")
    card.get_by_role("button", name="Cancel").click()
    expect(card).to_contain_text("Cancelled")
    expect(ben.card("Red -> Green")).to_contain_text("Cancelled")
    job = rows.query("SELECT id::text, status FROM ai_jobs_aijob WHERE canvas_id = %s", canvas_id)
    assert [row["status"] for row in job] == ["cancelled"]

    # The worker has really let go of it: what comes through the gate next draws, this one does not.
    gate.open_gate()
    expect(ben.ask("One -> Two")).to_contain_text("Done")
    ada.wait_for_texts(["One", "Two"])
    assert {row["job_id"] for row in rows.objects(canvas_id)}.isdisjoint({job[0]["id"]})

    card = ada.card("Red -> Green")
    card.get_by_role("button", name="Retry").click()
    expect(card).to_contain_text("Done")
    for page in (ada, ben):
        page.wait_for_texts(["One", "Two", "Red", "Green"])


def test_another_editor_may_cancel_and_a_waiting_job_never_starts(
    services: SeparateServices, open_canvas: OpenCanvas, rows: Rows, canvas_id: str
) -> None:
    services.stop_worker()
    services.open_gate()
    ada, ben = open_canvas("ada"), open_canvas("ben")
    ada.ask("Red -> Green")
    ben.card("Red -> Green").get_by_role("button", name="Cancel").click()
    expect(ada.card("Red -> Green")).to_contain_text("Cancelled")
    services.start_worker()
    expect(ada.ask("One -> Two")).to_contain_text("Done")
    assert ada.texts() == ["One", "Two"]
    statuses = rows.query("SELECT status, attempt FROM ai_jobs_aijob WHERE canvas_id = %s", canvas_id)
    assert sorted((row["status"], row["attempt"]) for row in statuses) == [("cancelled", 0), ("completed", 1)]


def test_edits_and_drawings_made_while_the_web_service_is_dead_are_all_there_afterwards(
    gate: SeparateServices, open_canvas: OpenCanvas, rows: Rows, canvas_id: str, watch: Watch
) -> None:
    watch.expected += [
        r"ERR_CONNECTION_REFUSED",
        r"WebSocket connection",
        r"ERR_EMPTY_RESPONSE",
        r"ERR_CONNECTION_RESET",
    ]
    ada, ben = open_canvas("ada"), open_canvas("ben")
    expect(ada.ask("Red -> Green")).to_contain_text("Drawing…")
    gate.stop_web()
    for page in (ada, ben):
        expect(page.connection).to_have_text("Offline – changes are kept")
    ben.draw_rectangle(at=(330, 500))
    ben.wait_for_count(1)
    by_hand = ben.scene()[0]["id"]
    # The worker needs no web service: the job goes on and is stored.
    gate.open_gate()
    wait_until(lambda: rows.objects(canvas_id), "the worker has drawn")
    gate.start_web()
    for page in (ada, ben):
        page.wait_for_texts(["Red", "Green"])
        page.wait_for_scene("(live, id) => live.some((element) => element.id === id)", by_hand)
        page.wait_until_saved()
    expect(ada.card("Red -> Green")).to_contain_text("Done")
    stored = {row["object_id"] for row in rows.objects(canvas_id)}
    for page in (ada, ben):
        assert {element["id"] for element in page.scene()} == stored

    # It came while the line was down, and is one step of undo all the same.
    ada.undo()
    for page in (ada, ben):
        page.wait_for_count(1)
        assert [element["id"] for element in page.scene()] == [by_hand]
