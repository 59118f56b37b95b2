"""The real thing for whole-system tests: web, worker, PostgreSQL, and a browser."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.running import Running, processes_of, wait_until

Launch = Callable[..., Running]


def _make_data_folder() -> Path:
    # Not below pytest's tmp_path, which is closed to the account that PostgreSQL runs as under root.
    folder = Path(tempfile.mkdtemp(prefix="collabcanvas-"))
    folder.chmod(0o711)
    return folder


def _remove(folder: Path) -> None:
    for process in processes_of(folder):
        process.kill()
    wait_until(lambda: not processes_of(folder), f"the processes of {folder} are gone")
    shutil.rmtree(folder)


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """A folder for COLLABCANVAS_DATA; whatever still runs on it at the end is killed."""
    folder = _make_data_folder()
    yield folder
    _remove(folder)


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
    folder = _make_data_folder()
    shared = Running(folder)
    try:
        yield shared.wait_until_ready()
    finally:
        shared.stop()
        _remove(folder)


def _system_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for path in map(shutil.which, names) if path), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium without a window: the system's, otherwise playwright's own."""
    # Chromium refuses its sandbox to root; /dev/shm is small in containers.
    arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_system_chromium(), args=arguments)
        yield chromium
        chromium.close()
