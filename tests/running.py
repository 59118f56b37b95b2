"""CollabCanvas started for a test exactly as `make run` starts it, and what a test may ask of it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import psutil

T = TypeVar("T")
PROJECT = Path(__file__).resolve().parent.parent
READY_SECONDS = 180
# The cast of a few people asks as much as hundreds; tests/test_limits.py has web processes with limits.
UNLIMITED = {
    "THROTTLE_STATUS": "1000000",
    **{
        f"THROTTLE_{action}": "0"
        for action in ("READ", "WRITE", "SUBMIT", "EXPORT", "THUMBNAIL", "INVITE", "EDIT", "VISITOR")
    },
    "SIGN_IN_FAILURES_PER_ACCOUNT": "0",
    "SIGN_IN_FAILURES_PER_ADDRESS": "0",
}
METRICS_TOKEN = "the-token-of-the-tests"


def wait_until(condition: Callable[[], T], what: str, *, seconds: float = 90) -> T:
    """The first true answer of the condition; fails the test when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.05)


def free_port() -> int:
    """A port that nobody listens on, and that nobody else gets until a service of the test's has been started on it.

    Not one that the system gives: it gives the same one to the next who asks, or to a connection that is made.
    """
    for port in _ports:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("every port is in use")


def _ports_of_this_process() -> Iterator[int]:
    """Below those that systems give; tests that run side by side begin apart."""
    first, end = 10_000, 32_000
    begin = os.getpid() * 101 % (end - first)
    for step in range(end - first):
        yield first + (begin + step) % (end - first)


_ports = _ports_of_this_process()


def processes_of(data_folder: Path) -> list[psutil.Process]:
    """Every process that was started for this data folder, whoever its parent is now."""
    found = []
    for process in psutil.process_iter():
        try:
            started_for = process.environ().get("COLLABCANVAS_DATA")
            alive = process.status() != psutil.STATUS_ZOMBIE
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        if started_for == str(data_folder) and alive:
            found.append(process)
    return found


class Running:
    """A started CollabCanvas.

    `base_url`, `data_folder`, `log_path`, `environment` (as the children have it) hold from the start;
    `database_url` and `pids` ({"web", "worker"}) once it is ready.
    """

    def __init__(self, data_folder: Path, *, port: int | None = None, **environment: str) -> None:
        self.port = port or free_port()
        self.base_url = f"http://localhost:{self.port}"
        self.data_folder = data_folder
        self.log_path = data_folder / f"log-{self.port}.txt"
        inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.environment = {
            **inherited,
            "DEBUG": "1",
            "PORT": str(self.port),
            "COLLABCANVAS_DATA": str(data_folder),
            **UNLIMITED,
            "METRICS_TOKEN": METRICS_TOKEN,
            **environment,
        }
        self.database_url = ""
        self.pids: dict[str, int] = {}
        with self.log_path.open("ab") as log:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "collabcanvas.supervisor"],
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Its own group, as in a terminal: a Ctrl-C there goes to all of the group.
                start_new_session=True,
            )

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def wait_until_ready(self) -> "Running":
        """It has printed that it is ready."""
        ready = f"CollabCanvas is ready at {self.base_url}\n"
        wait_until(
            lambda: ready in self.log or self.supervisor.poll() is not None,
            "ready line",
            seconds=READY_SECONDS,
        )
        assert ready in self.log, f"it ended instead of becoming ready:\n{self.log}"
        for child in psutil.Process(self.supervisor.pid).children():
            arguments = child.cmdline()
            if "daphne" in arguments:
                self.pids["web"] = child.pid
            elif "qcluster" in arguments:
                self.pids["worker"] = child.pid
        self.database_url = psutil.Process(self.pids["web"]).environ()["DATABASE_URL"]
        self.environment["DATABASE_URL"] = self.database_url
        return self

    def manage(
        self, *arguments: str, check: bool = True, seconds: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """`manage.py` with these arguments has run on the same database; its output is text."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
        if check:
            assert done.returncode == 0, f"manage.py {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
        return done

    def interrupt(self) -> int:
        """Ctrl-C: the whole group gets SIGINT. Returns the exit status."""
        os.killpg(self.supervisor.pid, signal.SIGINT)
        return self.supervisor.wait(timeout=120)

    def stop(self) -> int:
        """SIGTERM to the supervisor alone, unless it has ended. Returns the exit status. Safe twice."""
        if self.supervisor.poll() is None:
            self.supervisor.terminate()
        return self.supervisor.wait(timeout=120)

    def left_over(self) -> list[str]:
        """The command lines of what still runs."""
        lines = []
        for process in processes_of(self.data_folder):
            # One that ends while it is looked at is none that is left.
            with contextlib.suppress(psutil.NoSuchProcess):
                lines.append(" ".join(process.cmdline()))
        return lines
