"""`make run`: database, web and worker as one program that starts, reports, and stops as one.

    python -m collabcanvas.supervisor

Web and worker run in sessions of their own, so a Ctrl-C in the terminal reaches only this process, and it
alone decides the order of the stop: web and worker together, then the database. A guardian process does the
same when this process is killed. docs/decisions/0010-own-supervisor.md says why no ready-made one is used.
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
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import TextIO

from collabcanvas.lib.embedded_postgres import EmbeddedPostgresError, start_or_join
from collabcanvas.lib.processes import kill_session, session_members

PROJECT = Path(__file__).resolve().parent.parent
DEFAULT_PORT = 8000
READY_SECONDS = 120
# qcluster itself needs up to the drain time and 5 s more.
STOP_SECONDS_AFTER_DRAIN = 10.0
# A worker that ends sooner than this again and again is started anew at ever longer intervals.
STEADY_SECONDS = 60.0
LONGEST_RESTART_SECONDS = 60.0


class CannotRun(Exception):
    """It cannot start or go on; the text says why and what to do."""


class Stopped(Exception):
    """A person or the system asked for the stop."""


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


class Guardian:
    """A forked process that ends the children if this one dies without doing it.

    It learns of them through a pipe, whose end tells it of our death. It shares the lock on the embedded
    database, which therefore outlives the children. Should it be killed itself, everything else goes on.
    """

    def __init__(self, stop_seconds: float) -> None:
        sys.stdout.flush()
        read_end, write_end = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(write_end)
            os.setsid()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            try:
                with open(read_end) as orders:
                    _guard(orders, stop_seconds)
            finally:
                os._exit(0)
        os.close(read_end)
        self._orders: TextIO = open(write_end, "w", buffering=1)  # noqa: SIM115 - open until dismiss()

    def watch(self, pid: int) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._orders.write(f"+{pid}\n")

    def forget(self, pid: int) -> None:
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
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + stop_seconds
    while any(session_members(pid) for pid in watched) and time.monotonic() < deadline:
        time.sleep(0.1)
    for pid in watched:
        kill_session(pid)


class Child:
    """A started process of ours, its output read line by line."""

    def __init__(self, name: str, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
        self.name = name
        self.said: list[str] = []
        self._reader: threading.Thread | None = None
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env={**environment, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def follow(self, events: queue.SimpleQueue[Event], say: Callable[[str], None] | None) -> None:
        """Its lines are said as they come, or kept if `say` is None; its end becomes an event."""
        self._reader = threading.Thread(target=self._read, args=(say,), daemon=True)
        self._reader.start()
        threading.Thread(
            target=lambda: events.put(Ended(self.name, self.process.wait())), daemon=True
        ).start()

    def _read(self, say: Callable[[str], None] | None) -> None:
        for raw in self.process.stdout or ():
            line = raw.decode(errors="replace").rstrip()
            if say:
                say(f"{self.name:<6} | {line}")
            else:
                self.said.append(line)

    def finish(self) -> None:
        """It has ended and its last lines are read."""
        self.process.wait()
        if self._reader:
            # Bounded: a stray grandchild may keep the pipe open.
            self._reader.join(timeout=1)


class Supervisor:
    """Runs CollabCanvas until a signal or the end of web; see `run`."""

    def __init__(self, *, port: int, data_folder: Path, environment: dict[str, str]) -> None:
        self._port = port
        self._data_folder = data_folder
        self._environment = environment
        self._in_development = environment["DEBUG"].strip().lower() in {"1", "true", "yes", "on"}
        self._stop_seconds = _drain_seconds(environment) + STOP_SECONDS_AFTER_DRAIN
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._children: dict[str, Child] = {}
        self._printing = threading.Lock()

    def run(self) -> int:
        """CollabCanvas has run and nothing of it is left; returns the exit status.

        0 after SIGINT, SIGTERM or a closed terminal; 1 when it could not start or web ended by itself.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        status = 0
        with contextlib.ExitStack() as stack:
            try:
                _check_port_is_free(self._port)
                if not self._environment.get("DATABASE_URL"):
                    self._start_database(stack)
                guardian = Guardian(self._stop_seconds)
                stack.callback(guardian.dismiss)
                stack.callback(self._stop_children, guardian)
                self._run_services(guardian)
            except (CannotRun, EmbeddedPostgresError) as error:
                self._say(str(error))
                status = 1
            except Stopped:
                self._say("Stopping; running jobs may take a moment. A second Ctrl-C ends them at once.")
        if status == 0:
            self._say("CollabCanvas has stopped.")
        return status

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._events.put(Signalled(number))

    # --- Starting ---------------------------------------------------------------------------------
    def _start_database(self, stack: contextlib.ExitStack) -> None:
        try:
            self._data_folder.mkdir(parents=True, exist_ok=True)
            running = stack.enter_context((self._data_folder / "run.lock").open("ab"))
        except OSError as error:
            raise CannotRun(
                f"The data folder {self._data_folder} cannot be used ({error.strerror}). "
                "Set COLLABCANVAS_DATA to a folder that you may write to."
            ) from error
        try:
            fcntl.flock(running, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRun(
                f"CollabCanvas already runs with the data in {self._data_folder}. Stop it first, or start a "
                f"second copy beside it: make run PORT={self._port + 1} COLLABCANVAS_DATA=.data-2"
            ) from None
        server = start_or_join(self._data_folder)
        stack.callback(server.stop)
        if server.notice:
            self._say(server.notice)
        self._environment["DATABASE_URL"] = server.url

    def _run_services(self, guardian: Guardian) -> None:
        # WhiteNoise warns when it is missing, and in development nothing is collected.
        (PROJECT / "staticfiles").mkdir(exist_ok=True)
        self._run_step(guardian, "migrate", "--no-input", "--verbosity", "0")
        if not self._in_development:
            self._run_step(guardian, "collectstatic", "--no-input", "--verbosity", "0")
        # Only this machine: the demo accounts have a password that everybody knows.
        listen = ["-v", "0", "-b", "127.0.0.1", "-p", str(self._port)]
        # Above our own limit of 1 MB: daphne cuts the line without a word, our consumers say 4413.
        sizes = ["--websocket-max-message-size", "2097152", "--websocket-max-frame-size", "2097152"]
        self._start(guardian, "web", "-m", "daphne", *listen, *sizes, "collabcanvas.asgi:application")
        self._start(guardian, "worker", "manage.py", "qcluster")
        # Beside the start of the two, which do not need it.
        how_to_sign_in = self._run_step(guardian, "create_demo") if self._in_development else []
        threading.Thread(target=self._wait_for_health, daemon=True).start()
        self._wait_for(Ready(), seconds=READY_SECONDS)
        self._say(f"CollabCanvas is ready at http://localhost:{self._port}")
        for line in how_to_sign_in:
            self._say(line)
        self._say("Ctrl-C stops it.")
        self._keep_worker(guardian)

    def _keep_worker(self, guardian: Guardian) -> None:
        """Until a signal or the end of web: a worker service that ends is started again, as a host would do.

        It ends by itself when its queue is stuck; jobs and people need not suffer from that.
        """
        quick_ends = 0
        while True:
            begun = time.monotonic()
            how = self._wait_for_worker()
            quick_ends = quick_ends + 1 if time.monotonic() - begun < STEADY_SECONDS else 1
            delay = min(2.0 ** (quick_ends - 1), LONGEST_RESTART_SECONDS)
            self._say(f"The worker process {how}, unasked. It is started again in {delay:g} s; web goes on.")
            self._pause(delay)
            # What it had started may still be on its way down, and is looked after like everything else.
            ended = self._children.pop("worker")
            self._children[f"worker {ended.process.pid}"] = ended
            self._start(guardian, "worker", "manage.py", "qcluster")

    def _wait_for_worker(self) -> str:
        while True:
            match self._events.get():
                case Signalled():
                    raise Stopped
                case Ended("worker", status):
                    self._children["worker"].finish()
                    return _how(status)
                case Ended(name, status):
                    self._children[name].finish()
                    raise CannotRun(
                        f"The {name} process {_how(status)}, unasked. Everything else is stopped too."
                    )

    def _pause(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            with contextlib.suppress(queue.Empty):
                match self._events.get(timeout=left):
                    case Signalled():
                        raise Stopped
                    case Ended(name, status):
                        raise CannotRun(
                            f"The {name} process {_how(status)}, unasked. Everything else is stopped too."
                        )

    def _start(self, guardian: Guardian, name: str, *arguments: str) -> Child:
        child = Child(name, arguments, self._environment)
        self._children[name] = child
        guardian.watch(child.process.pid)
        child.follow(self._events, None if name == "create_demo" else self._say)
        return child

    def _run_step(self, guardian: Guardian, command: str, *options: str) -> list[str]:
        """The manage.py command has succeeded; returns what it said, if that was not printed already."""
        child = self._start(guardian, command, "manage.py", command, *options)
        status = self._wait_for(command, seconds=None)
        child.finish()
        guardian.forget(child.process.pid)
        del self._children[command]
        if status != 0:
            for line in child.said[-20:]:
                self._say(line)
            raise CannotRun(f"`manage.py {command}` failed with status {status}; the lines above say why.")
        return child.said

    def _wait_for(self, wanted: Ready | str | None, *, seconds: float | None) -> int:
        """What was wanted is there: readiness, or the end of the named step (its status is returned).

        Raises `Stopped` on a signal and `CannotRun` when another child ends.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        while True:
            try:
                event = self._events.get(
                    timeout=None if deadline is None else max(0.0, deadline - time.monotonic())
                )
            except queue.Empty:
                raise CannotRun(
                    f"CollabCanvas was not ready after {seconds:.0f} s; the lines above may say why."
                ) from None
            match event:
                case Signalled():
                    raise Stopped
                case Ended(name, status):
                    if name == wanted:
                        return status
                    self._children[name].finish()
                    raise CannotRun(
                        f"The {name} process {_how(status)}, unasked. Everything else is stopped too."
                    )
                case Ready():
                    if event == wanted:
                        return 0

    def _wait_for_health(self) -> None:
        # The name under which people ask, because ALLOWED_HOSTS may refuse any other.
        host = self._environment.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
        headers = {"Host": host} if host and host != "*" else {}
        address = f"http://127.0.0.1:{self._port}/api/ai-agent/health"
        while True:
            with contextlib.suppress(OSError, ValueError):
                request = urllib.request.Request(address, headers=headers)
                with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own address
                    health = json.load(answer)
                if health.get("status") == "healthy" and health.get("job_processor") == "running":
                    self._events.put(Ready())
                    return
            time.sleep(0.2)

    def _say(self, text: str) -> None:
        # A terminal that is gone must not keep us from stopping.
        with self._printing, contextlib.suppress(OSError):
            print(text, flush=True)  # noqa: T201 - talking to the person at the terminal is its purpose

    # --- Stopping ---------------------------------------------------------------------------------
    def _stop_children(self, guardian: Guardian) -> None:
        """No child is left, nor anything that a child has started."""
        for child in self._children.values():
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        # The children of a child that was killed may still be on their way down.
        while any(session_members(child.process.pid) for child in self._children.values()):
            try:
                event = self._events.get(timeout=0.1)
            except queue.Empty:
                if time.monotonic() < begun + self._stop_seconds:
                    continue
                late = ", ".join(
                    name for name, child in self._children.items() if session_members(child.process.pid)
                )
                self._say(f"Ending {late}, which did not stop within {self._stop_seconds:.0f} s.")
                break
            # One Ctrl-C may arrive twice, from the terminal and through make.
            if event == Signalled(signal.SIGINT) and time.monotonic() - begun > 1:
                break
        for child in self._children.values():
            kill_session(child.process.pid)
            child.finish()
            guardian.forget(child.process.pid)


def _how(status: int) -> str:
    return f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"


def _drain_seconds(environment: Mapping[str, str]) -> float:
    try:
        return max(0.0, float(environment.get("AI_JOBS_DRAIN_SECONDS") or 20))
    except ValueError:
        # The settings refuse it a moment later, with a sentence.
        return 20.0


def _port_from(environment: Mapping[str, str]) -> int:
    raw = (environment.get("PORT") or str(DEFAULT_PORT)).strip()
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 5 and 1 <= int(raw) <= 65535):
        raise CannotRun(f"PORT={raw!r} is not a port. Use a whole number from 1 to 65535, such as PORT=8001.")
    return int(raw)


def _check_port_is_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise CannotRun(
                f"You may not open port {port}. Choose one above 1023: make run PORT=8001"
            ) from error
        except OSError as error:
            raise CannotRun(
                f"Port {port} is in use by another program. Stop that, or choose another port: "
                f"make run PORT={port + 1 if port < 65535 else DEFAULT_PORT}"
            ) from error


def main() -> int:
    """Run CollabCanvas with this environment; returns the exit status."""
    environment = dict(os.environ)
    environment["DEBUG"] = environment.get("DEBUG") or "1"
    data_folder = Path(environment.get("COLLABCANVAS_DATA") or PROJECT / ".data").expanduser().resolve()
    # Children run in the project's folder; a relative path must mean the same to them.
    environment["COLLABCANVAS_DATA"] = str(data_folder)
    try:
        port = _port_from(environment)
    except CannotRun as error:
        print(error, flush=True)  # noqa: T201 - talking to the person at the terminal is its purpose
        return 1
    environment["PORT"] = str(port)
    return Supervisor(port=port, data_folder=data_folder, environment=environment).run()


if __name__ == "__main__":
    sys.exit(main())
