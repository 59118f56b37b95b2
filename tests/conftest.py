"""The real thing for whole-system tests: web, worker, PostgreSQL, and a browser."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.pages import CanvasPage, Watch, carry_session
from tests.people import MAKE_CAST, Person, Rows, assemble, rows_of
from tests.running import Running, processes_of, wait_until

Launch = Callable[..., Running]


def make_data_folder() -> Path:
    # Not below pytest's tmp_path, which is closed to the account that PostgreSQL runs as under root.
    folder = Path(tempfile.mkdtemp(prefix="collabcanvas-"))
    folder.chmod(0o711)
    return folder


def remove_data_folder(folder: Path) -> None:
    for process in processes_of(folder):
        process.kill()
    wait_until(lambda: not processes_of(folder), f"the processes of {folder} are gone")
    shutil.rmtree(folder)


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """A folder for COLLABCANVAS_DATA; whatever still runs on it at the end is killed."""
    folder = make_data_folder()
    yield folder
    remove_data_folder(folder)


@pytest.fixture
def launch(data_folder: Path) -> Iterator[Launch]:
    """`launch(NAME="value", …)` starts a CollabCanvas of this test's own and returns it when it is ready.

    Extra names go into its environment. `data_folder=` and `port=` may be given; `wait=False` returns at
    once.
    """
    started: list[Running] = []

    def start(
        *, wait: bool = True, data_folder: Path = data_folder, port: int | None = None, **environment: str
    ) -> Running:
        running = Running(data_folder, port=port, **environment)
        started.append(running)
        return running.wait_until_ready() if wait else running

    yield start
    for running in started:
        running.stop()


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    """One CollabCanvas that all tests share which do not harm it; tests that do use `launch`."""
    folder = make_data_folder()
    shared = Running(folder)
    try:
        yield shared.wait_until_ready()
    finally:
        shared.stop()
        remove_data_folder(folder)


def _system_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for path in map(shutil.which, names) if path), None)


@pytest.fixture(scope="session")
def base_url(running: Running) -> str:
    """Where the CollabCanvas of the other fixtures answers."""
    return running.base_url


@pytest.fixture(scope="session")
def cast(running: Running) -> Iterator[dict[str, Person]]:
    """ada, ben, vera and sam of the shared CollabCanvas, signed in."""
    made = running.manage("shell", "--no-imports", "--command", MAKE_CAST)
    people = assemble(base_url=running.base_url, made=made.stdout)
    yield people
    for person in people.values():
        person.http.close()


@pytest.fixture
def rows(running: Running) -> Iterator[Rows]:
    """The shared CollabCanvas's database."""
    with rows_of(running.database_url) as found:
        yield found


@pytest.fixture
def canvas_id(cast: dict[str, Person], request: pytest.FixtureRequest) -> str:
    """An empty canvas of this test's own: ada owns it, ben edits, vera looks, sam is a stranger."""
    made = cast["ada"].make_canvas(request.node.name[:200])
    cast["ada"].share(made, with_person=cast["ben"], role="editor")
    cast["ada"].share(made, with_person=cast["vera"], role="viewer")
    return made


# For one module at a time: while playwright runs, its event loop counts as running, and no test that is a
# coroutine could.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium without a window: the system's, otherwise playwright's own."""
    # Chromium refuses its sandbox to root; /dev/shm is small in containers.
    arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    # A busy machine is slow, and a condition that holds at last is no failure.
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=_system_chromium(), args=arguments, timeout=120_000
        )
        yield chromium
        chromium.close()


@pytest.fixture
def watch(base_url: str) -> Iterator[Watch]:
    """Follows every page of the test; at its end nothing may have been complained about."""
    watching = Watch(base_url)
    yield watching
    assert watching.unexpected() == []


@pytest.fixture
def new_browser(browser: Browser, watch: Watch) -> Iterator[Callable[..., BrowserContext]]:
    """`new_browser(…)` is another person's browser: own cookies, own storage; options as playwright's."""
    opened: list[BrowserContext] = []

    def open_context(**options: Any) -> BrowserContext:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        context.set_default_timeout(60_000)
        context.on("page", watch.follow)
        opened.append(context)
        return context

    yield open_context
    for context in opened:
        context.close()


@pytest.fixture
def open_canvas(
    new_browser: Callable[..., BrowserContext], base_url: str, cast: dict[str, Person], canvas_id: str
) -> Callable[..., CanvasPage]:
    """`open_canvas("ben")` is this test's canvas in ben's browser."""

    def open_it(name: str, **options: Any) -> CanvasPage:
        context = new_browser(**options)
        carry_session(context, cast[name], base_url)
        return CanvasPage(context.new_page(), base_url, canvas_id)

    return open_it
