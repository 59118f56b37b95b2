"""`make run`: database, web and worker as one program that starts, reports, and stops as one.

    python -m collabcanvas.supervisor

Web and worker run in sessions of their own, so a Ctrl-C in the terminal reaches only this process, and it alone
decides the order of the stop: web and worker together, then the database. A guardian process does the same when
this process is killed. docs/decisions/0003-own-supervisor.md says why no ready-made one is used.
"""

import contextlib
import dataclasses
import fcntl
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import IO, TextIO

from collabcanvas.lib.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError, start_or_join

PROJECT = Path(__file__).resolve().parent.parent
DEFAULT_PORT = 8000
READY_SECONDS = 120
# qcluster itself needs up to the drain time and 5 s more.
STOP_SECONDS_AFTER_DRAIN = 10.0


class CannotStart(Exception):
    """Something the person must change first; the text is for them."""


@dataclasses.dataclass(frozen=True)
class Signalled:
    number: int


@dataclasses.dataclass(frozen=True)
class Ended:
    name: str
    code: int


@dataclasses.dataclass(frozen=True)
class Ready:
    """Health says healthy, with a worker running."""


Event = Signalled | Ended | Ready


class Stopped(Exception):
    """A person or the system asked for the stop."""


class Guardian:
    """A forked process that ends the children if this one dies without doing it.

    It learns of them through a pipe, whose end tells it of our death. It shares the lock on the embedded
    database, which therefore outlives the children.
    """

    def __init__(self, stop_seconds: float) -> None:
        sys.stdout.flush()
        read_end, write_end = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(write_end)
            os.setsid()
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            try:
                with open(read_end) as orders:
                    _guard(orders, stop_seconds)
            finally:
                os._exit(0)
        os.close(read_end)
        self._orders: TextIO = open(write_end, "w", buffering=1)  # noqa: SIM115 - open until dismiss()

    def watch(self, pid: int) -> None:
        self._orders.write(f"+{pid}\n")

    def forget(self, pid: int) -> None:
        # It may have been killed together with others; that must not keep us from stopping them.
        with contextlib.suppress(BrokenPipeError):
            self._orders.write(f"-{pid}\n")

    def dismiss(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._orders.close()
        os.waitpid(self._pid, 0)


def _guard(orders: TextIO, stop_seconds: float) -> None:
    watched: set[int] = set()
    for line in orders:
        pid = int(line[1:])
        watched.add(pid) if line[0] == "+" else watched.discard(pid)
    # Only reached with somebody still watched when the supervisor was killed. They are not our children, so
    # there is nothing to wait on but their existence.
    for pid in watched:
        _signal_process(pid, signal.SIGTERM)
    deadline = time.monotonic() + stop_seconds
    while time.monotonic() < deadline and any(_signal_process(pid, 0) for pid in watched):
        time.sleep(0.1)
    for pid in watched:
        _signal_group(pid, signal.SIGKILL)


def _signal_process(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _signal_group(pid: int, number: int) -> None:
    # On macOS a group of zombies refuses with a permission error.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


class Supervisor:
    """Runs CollabCanvas until a signal or the end of a child; see `run`."""

    def __init__(self, *, port: int, data_folder: Path, environment: dict[str, str]) -> None:
        self.port = port
        self.data_folder = data_folder
        self.environment = environment
        self.stop_seconds = _drain_seconds(environment) + STOP_SECONDS_AFTER_DRAIN
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._printing = threading.Lock()
        self._guardian: Guardian | None = None

    def run(self) -> int:
        """CollabCanvas has run and nothing of it is left; returns the exit status.

        0 after SIGINT or SIGTERM, 1 when it could not start or a child ended by itself.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            _check_port_is_free(self.port)
            with contextlib.ExitStack() as stack:
                if not self.environment.get("DATABASE_URL"):
                    self._start_database(stack)
                self._guardian = Guardian(self.stop_seconds)
                stack.callback(self._guardian.dismiss)
                stack.callback(self._stop_children)
                return self._run_services()
        except (CannotStart, EmbeddedPostgresError) as error:
            self._say(str(error))
            return 1
        except Stopped:
            self._say("CollabCanvas has stopped.")
            return 0

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._events.put(Signalled(number))

    # --- Starting ---
    def _start_database(self, stack: contextlib.ExitStack) -> None:
        self.data_folder.mkdir(parents=True, exist_ok=True)
        running = stack.enter_context(open(self.data_folder / "run.lock", "ab"))
        try:
            fcntl.flock(running, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = (
                f"CollabCanvas already runs with the data in {self.data_folder}. Stop it first, or start a second "
                "copy with: make run PORT=8001 COLLABCANVAS_DATA=.data-2"
            )
            raise CannotStart(text) from None
        server = start_or_join(self.data_folder)
        stack.callback(self._stop_database, server)
        if server.notice:
            self._say(server.notice)
        self.environment["DATABASE_URL"] = server.url

    def _run_services(self) -> int:
        in_development = self.environment["DEBUG"].strip().lower() in {"1", "true", "yes", "on"}
        self._run_to_end("migrate", "migrate", "--no-input", "--verbosity", "0")
        if not in_development:
            self._run_to_end("static", "collectstatic", "--no-input", "--verbosity", "0")
        self._start(
            "web", "-m", "daphne", "-b", "127.0.0.1", "-p", str(self.port), "collabcanvas.asgi:application"
        )
        self._start("worker", "manage.py", "qcluster")
        sign_in = self._run_to_end("demo", "create_demo", quiet=True) if in_development else ""
        threading.Thread(target=self._wait_for_health, daemon=True).start()
        deadline = time.monotonic() + READY_SECONDS
        ready = False
        while True:
            try:
                event = self._events.get(timeout=None if ready else max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                text = f"CollabCanvas did not become ready within {READY_SECONDS} s; the lines above may say why."
                raise CannotStart(text) from None
            match event:
                case Ready():
                    ready = True
                    self._say(f"CollabCanvas is ready at http://localhost:{self.port}")
                    if sign_in:
                        self._say(sign_in)
                    self._say("Ctrl-C stops it.")
                case _:
                    self._raise_if_over(event)

    def _raise_if_over(self, event: Event) -> None:
        match event:
            case Signalled():
                self._say("Stopping: web and worker first, running jobs may take a moment …")
                raise Stopped
            case Ended(name, code):
                how = f"was killed by signal {-code}" if code < 0 else f"ended with status {code}"
                raise CannotStart(f"The {name} process {how} by itself, so everything else is stopped too.")
            case Ready():
                pass

    def _start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        if self._guardian is None:
            raise AssertionError("children need a guardian")
        child = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env={**self.environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._guardian.watch(child.pid)
        self._children[name] = child
        return child

    def _follow(self, name: str, child: subprocess.Popen[bytes]) -> None:
        if child.stdout:
            threading.Thread(target=self._print_lines, args=(name, child.stdout), daemon=True).start()
        threading.Thread(target=self._wait, args=(name, child), daemon=True).start()

    def _run_to_end(self, name: str, *arguments: str, quiet: bool = False) -> str:
        """The manage.py command has succeeded; returns what it said if `quiet`, otherwise that is printed."""
        raise NotImplementedError

    def _wait(self, name: str, child: subprocess.Popen[bytes]) -> None:
        self._events.put(Ended(name, child.wait()))

    def _print_lines(self, name: str, output: IO[bytes]) -> None:
        for line in output:
            self._say(f"{name:<7}| {line.decode(errors='replace').rstrip()}")

    def _say(self, text: str) -> None:
        # A terminal that is gone must not keep us from stopping.
        with self._printing, contextlib.suppress(OSError):
            print(text, flush=True)  # noqa: T201 - talking to the person at the terminal is the purpose

    def _wait_for_health(self) -> None:
        raise NotImplementedError

    # --- Stopping ---
    def _stop_children(self) -> None:
        raise NotImplementedError

    def _stop_database(self, server: EmbeddedPostgres) -> None:
        server.stop()
