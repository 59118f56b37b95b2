"""Starting and stopping, with the real processes."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import psycopg2
import pytest

from collabcanvas.lib.embedded_postgres import start_or_join
from tests.conftest import Launch
from tests.running import PROJECT, Running, free_port, processes_of, wait_until


def run_on(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def start_supervisor(data_folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """For a start that is refused: waits for its end."""
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-m", "collabcanvas.supervisor"],
        cwd=PROJECT,
        env={**inherited, "COLLABCANVAS_DATA": str(data_folder), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_sigterm_leaves_no_process_and_a_second_start_finds_the_data(
    launch: Launch, data_folder: Path
) -> None:
    first = launch()
    run_on(first.database_url, "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('still here')")
    with urllib.request.urlopen(f"{first.base_url}/api/ai-agent/health") as answer:
        assert answer.status == 200

    assert first.stop() == 0
    assert first.left_over() == []
    assert "web    | " in first.log or "worker | " in first.log

    second = launch()
    assert run_on(second.database_url, "SELECT word FROM kept") == [("still here",)]


def test_ctrl_c_leaves_no_process(launch: Launch) -> None:
    running = launch()
    assert running.interrupt() == 0
    assert running.left_over() == []


def test_two_copies_run_side_by_side(launch: Launch, data_folder: Path) -> None:
    beside = data_folder / "second"
    beside.mkdir()
    one = launch(wait=False)
    two = launch(data_folder=beside, wait=False)
    for copy in (one, two):
        copy.wait_until_ready()
        with urllib.request.urlopen(f"{copy.base_url}/api/ai-agent/health") as answer:
            assert answer.status == 200
    assert one.database_url != two.database_url
    assert two.stop() == 0
    assert two.left_over() == []
    assert run_on(one.database_url, "SELECT 1") == [(1,)]


def wait_for_log(running: Running, text: str, *, times: int) -> None:
    wait_until(lambda: running.log.count(text) >= times, f"{times} times in the log: {text}")


def test_a_killed_worker_is_reported_and_started_again(launch: Launch) -> None:
    running = launch(AI_JOBS_DRAIN_SECONDS="1")
    for times in (1, 2):
        worker = next(
            child.pid
            for child in psutil.Process(running.supervisor.pid).children()
            if "qcluster" in child.cmdline() and child.status() != psutil.STATUS_ZOMBIE
        )
        before = running.log.count("engine_started")
        os.kill(worker, signal.SIGKILL)
        say_so = f"The worker process was killed by signal 9, unasked. It is started again in {times} s; web goes on."
        wait_for_log(running, say_so, times=1)
        wait_for_log(running, "engine_started", times=before + 1)
    assert running.interrupt() == 0
    assert running.left_over() == []


def test_a_killed_web_process_ends_everything_and_is_reported(launch: Launch) -> None:
    running = launch()
    os.kill(running.pids["web"], signal.SIGKILL)
    assert running.supervisor.wait(timeout=60) == 1
    assert "The web process was killed by signal 9" in running.log
    assert running.left_over() == []


def test_a_killed_supervisor_leaves_no_orphans(launch: Launch) -> None:
    running = launch(AI_JOBS_DRAIN_SECONDS="1")
    running.supervisor.kill()
    running.supervisor.wait()
    wait_until(lambda: not running.left_over(), "the orphans end by themselves")


def test_a_second_start_on_the_same_data_is_refused(launch: Launch, data_folder: Path) -> None:
    running = launch()
    refused = start_supervisor(data_folder, PORT=str(free_port()))
    assert refused.returncode == 1
    assert "CollabCanvas already runs with the data in" in refused.stdout
    assert running.supervisor.poll() is None


def test_a_command_joins_the_running_database_and_leaves_it_running(
    launch: Launch, data_folder: Path
) -> None:
    running = launch()
    del running.environment["DATABASE_URL"]
    running.manage("migrate", "--check")
    assert run_on(running.database_url, "SELECT 1") == [(1,)]


def test_a_command_alone_starts_a_database_and_stops_it(data_folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DEBUG")}
    environment["COLLABCANVAS_DATA"] = str(data_folder)
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=PROJECT, env=environment, check=True)
    assert processes_of(data_folder) == []
    with start_or_join(data_folder) as server:
        assert run_on(server.url, "SELECT count(*) > 0 FROM django_migrations") == [(True,)]


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "\uff18\uff10"])
def test_a_malformed_port_is_refused_with_a_sentence(port: str, data_folder: Path) -> None:
    refused = start_supervisor(data_folder, PORT=port)
    assert refused.returncode == 1
    assert "is not a port" in refused.stdout


def test_a_busy_port_is_refused_with_a_sentence(data_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = start_supervisor(data_folder, PORT=str(port))
    assert refused.returncode == 1
    assert f"Port {port} is in use" in refused.stdout
    assert processes_of(data_folder) == []


def test_a_start_that_fails_says_why_and_leaves_no_process(launch: Launch) -> None:
    running: Running = launch(wait=False, MAX_JOB_RETRIES="many")
    assert running.supervisor.wait(timeout=60) == 1
    assert "MAX_JOB_RETRIES='many' is not a whole number" in running.log
    assert running.left_over() == []


def test_a_stop_during_the_start_leaves_no_process(launch: Launch) -> None:
    running: Running = launch(wait=False)
    wait_until(lambda: psutil.Process(running.supervisor.pid).children(), "it has begun to start things")
    assert running.stop() == 0
    assert running.left_over() == []
