"""A web process keeps its connections to the database, and takes new ones when these have ended."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.people import Person, Rows
from tests.running import Running, wait_until
from tests.web_processes import web_process

OURS = "FROM pg_stat_activity WHERE application_name = 'kept connections'"
REQUESTS = 40


@pytest.fixture(scope="module")
def http(
    running: Running, cast: dict[str, Person], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    log = tmp_path_factory.mktemp("kept") / "web.log"
    with (
        # The client library's own variable: how this process's connections are told from others.
        web_process(
            database_url=running.database_url, log=Path(log), PGAPPNAME="kept connections"
        ) as address,
        httpx.Client(base_url=address, headers=cast["ada"].bearer, timeout=30) as client,
    ):
        yield client


def ask_often(http: httpx.Client) -> set[int]:
    return {http.get("/api/ai-agent/jobs").status_code for _ in range(REQUESTS)}


def test_requests_use_the_same_connections(http: httpx.Client, rows: Rows) -> None:
    ask_often(http)
    before = {row["pid"] for row in rows.query(f"SELECT pid {OURS}")}

    assert ask_often(http) == {200}

    after = {row["pid"] for row in rows.query(f"SELECT pid {OURS}")}
    # The process may have begun with something else meanwhile, such as the sharing of what it counts.
    assert before
    assert before <= after
    assert len(after) <= len(before) + 2


def test_no_request_fails_when_the_server_has_ended_the_connections(http: httpx.Client, rows: Rows) -> None:
    ask_often(http)
    ended = {row["pid"] for row in rows.query(f"SELECT pid, pg_terminate_backend(pid) {OURS}")}
    wait_until(
        lambda: not ended & {row["pid"] for row in rows.query(f"SELECT pid {OURS}")}, "the connections ended"
    )

    assert ask_often(http) == {200}
