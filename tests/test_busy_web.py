"""A web process whose threads are all taken goes on with what needs none of them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg2
import pytest

from collabcanvas.lib.http_application import THREADS
from tests.people import Person
from tests.running import Running, wait_until
from tests.web_processes import web_process


@pytest.fixture
def web(running: Running, tmp_path: Path) -> Iterator[str]:
    """A web process of this test's own."""
    with web_process(database_url=running.database_url, log=tmp_path / "web.log") as address:
        yield address


def test_slow_pictures_keep_nobody_waiting_and_a_busy_process_says_that_it_lives(
    running: Running, web: str, cast: dict[str, Person], canvas_id: str
) -> None:
    canvas = f"{web}/api/canvases/{canvas_id}"
    headers = cast["ada"].bearer

    def get(address: str, *, seconds: float = 120) -> int:
        return httpx.get(address, headers=headers, timeout=seconds).status_code

    database = psycopg2.connect(running.database_url)
    with ThreadPoolExecutor(3 * THREADS) as clients, database, database.cursor() as cursor:
        # Whoever reads objects waits from now on.
        cursor.execute("LOCK TABLE canvases_canvasobject IN ACCESS EXCLUSIVE MODE")

        def are_waiting(count: int) -> bool:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            (waiting,) = cursor.fetchone() or (0,)
            return bool(waiting >= count)

        pictures = [clients.submit(get, f"{canvas}/thumbnail") for _ in range(THREADS + 2)]
        wait_until(lambda: are_waiting(2), "pictures are being drawn")
        assert get(f"{canvas}/members", seconds=60) == 200

        others = [clients.submit(get, f"{canvas}/snapshot") for _ in range(THREADS + 2)]
        wait_until(lambda: are_waiting(2 + THREADS), "every thread waits")
        assert get(f"{web}/health/live", seconds=60) == 200
        assert not any(asked.done() for asked in pictures + others)
        database.rollback()
        assert {asked.result() for asked in pictures + others} == {200}
    database.close()


def test_who_changes_a_locked_canvas_keeps_nobody_else_waiting(
    running: Running, web: str, cast: dict[str, Person], canvas_id: str
) -> None:
    def post(address: str, body: object) -> int:
        return httpx.post(f"{web}{address}", headers=cast["ada"].bearer, json=body, timeout=120).status_code

    database = psycopg2.connect(running.database_url)
    with ThreadPoolExecutor(THREADS + 2) as clients, database, database.cursor() as cursor:
        cursor.execute("SELECT 1 FROM canvases_canvas WHERE id = %s FOR NO KEY UPDATE", [canvas_id])

        def is_waiting() -> bool:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            return bool((cursor.fetchone() or (0,))[0])

        edit = {"operations": [{"type": "delete", "id": "none"}]}
        edits = [
            clients.submit(post, f"/api/canvases/{canvas_id}/operations", edit) for _ in range(THREADS + 2)
        ]
        wait_until(is_waiting, "they wait for the canvas")
        for number in range(10):
            assert post("/api/canvases", {"title": f"Another {number}"}) == 201
        assert not any(edit.done() for edit in edits)
        database.rollback()
        assert {edit.result() for edit in edits} == {200}
    database.close()
