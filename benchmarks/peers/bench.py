"""One system with a database, notes and ways to start of its own, and what is measured of it."""

import os
import random
import re
import signal
import socket
import subprocess
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg2

from benchmarks.peers.systems import Peer
from benchmarks.service import Peak, ProcessTree, count_statements

HERE = Path(__file__).resolve().parent
NOOP_JOBS = 5_000
NOOP_SECONDS = 10.0
PICKUPS = 40
IDLE_SECONDS = 40.0
# A job that is killed would have run for so long; its second start is waited for this long.
KILLED_JOB_SECONDS = 30.0
RERUN_SECONDS = 120.0
# What a host waits before it starts a service that has ended again; none of the peers brings a supervisor.
RESTART_SECONDS = 1.0


def install(peer: Peer, folder: Path) -> Path:
    """The folder of programs of the peer's own environment, made at the first call."""
    if not folder.exists():
        venv.create(folder, with_pip=True)
        command: list[Path | str] = [
            folder / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        subprocess.run([*command, *peer.packages], check=True, stderr=subprocess.DEVNULL)
    return folder / "bin"


class Bench:
    """One peer on a fresh database; the folder's name must be one that no other bench has."""

    def __init__(self, peer: Peer, programs: Path, folder: Path, url: str) -> None:
        folder.mkdir()
        self._peer = peer
        self._programs = programs
        self._folder = folder
        self._notes = folder / "notes"
        self._redis_socket = folder / "redis.sock"
        self._database = "peer_" + folder.name.replace("-", "_")
        self._server = url
        self._execute(f"CREATE DATABASE {self._database}")
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(HERE),
            "PEER_HOST": parse_qs(urlsplit(url).query)["host"][0],
            "PEER_DATABASE": self._database,
            "PEER_NOTES": str(self._notes),
            "PEER_REDIS": f"redis+socket://{self._redis_socket}",
            **peer.variables,
        }
        for command in peer.prepare:
            done = subprocess.run(
                self._command(command),
                env=self._environment,
                cwd=HERE,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise AssertionError(f"{peer.name}: {' '.join(command)} failed\n{done.stderr[-2000:]}")

    def noop(self) -> float:
        """Jobs per second from the first to the last beginning."""
        self._empty()
        with self._redis(), self._submitter() as submit:
            submit(NOOP_JOBS, 0)
            with self._running(self._peer.workers):
                self._wait(NOOP_JOBS, "begin", seconds=NOOP_SECONDS, after_first=True)
                begun = self._times("begin")
        return (len(begun) - 1) / (begun[-1] - begun[0])

    def pickup(self) -> list[float]:
        """Milliseconds from before the commit to the first line, one job at a time."""
        delays = []
        self._empty()
        with self._redis(), self._submitter() as submit, self._running(self._peer.workers):
            for number in range(PICKUPS + 5):
                submitted = submit(1, 0)
                self._wait(number + 1, "begin", seconds=60)
                delays.append((self._times("begin")[number] - submitted) * 1000)
                # At a moment that no timer shares.
                time.sleep(random.uniform(0.02, 0.22))
        return delays[5:]

    def at_once(self) -> tuple[float, float]:
        """Seconds from the commit of 500 jobs of 2 s to the end of the last, and the peak of memory."""
        self._empty()
        with (
            self._redis(),
            self._submitter() as submit,
            self._running(self._peer.parallel, self._peer.parallel_variables) as services,
        ):
            self._warm_up(submit)
            with Peak(ProcessTree([service.pid for service in services])) as peak:
                submitted = submit(500, 2)
                self._wait(501, "end", seconds=120)
        return self._times("end")[-1] - submitted, peak.megabytes

    def idle(self) -> float:
        """Statements (for Redis: commands) per second of a service that has nothing to do."""
        self._execute(f"ALTER DATABASE {self._database} SET log_statement = 'all'")
        self._empty()
        with self._redis(), self._submitter() as submit, self._running(self._peer.workers):
            self._warm_up(submit)
            asked = self._redis_commands if self._peer.needs_redis else self._statements
            before = asked()
            time.sleep(IDLE_SECONDS)
            return (asked() - before) / IDLE_SECONDS

    def rerun(self, *, whole: bool) -> float | None:
        """Seconds from `kill -9` to the job's second start; None if that took too long.

        Killed is the process that runs the job, or the whole service. What the service itself does not replace
        is started again, as the host would.
        """
        self._empty()
        with self._redis(), self._submitter() as submit, self._running(self._peer.workers) as services:
            self._warm_up(submit)
            submit(1, KILLED_JOB_SECONDS)
            self._wait(2, "begin", seconds=60)
            time.sleep(1)
            if whole:
                for service in services:
                    service.kill()
            else:
                os.kill(self._pid_of_last("begin"), signal.SIGKILL)
            killed = time.time()
            time.sleep(RESTART_SECONDS)
            for service in services:
                service.restart_if_ended()
            try:
                self._wait(3, "begin", seconds=RERUN_SECONDS - RESTART_SECONDS)
            except _TooLateError:
                return None
            return self._times("begin")[2] - killed

    def _warm_up(self, submit: "_Submit") -> None:
        """One job has been run, and workers that are started one after the other are all there."""
        submit(1, 0)
        self._wait(1, "end", seconds=60)
        time.sleep(5)

    def _empty(self) -> None:
        """Nothing waits from the run before: what is left of the no-op jobs would run first."""
        self._notes.write_text("")
        if self._peer.needs_redis:
            return
        connection = psycopg2.connect(
            host=self._environment["PEER_HOST"], user="postgres", dbname=self._database
        )
        with connection, connection.cursor() as cursor:
            for table in ("django_q_ormq", "procrastinate_jobs"):
                cursor.execute("SELECT to_regclass(%s)", [table])
                if cursor.fetchone()[0]:
                    cursor.execute(f"TRUNCATE {table} CASCADE")
        connection.close()

    def _execute(self, sql: str) -> None:
        connection = psycopg2.connect(self._server)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
        connection.close()

    def _statements(self) -> int:
        """How many PostgreSQL has logged for this database so far."""
        connection = psycopg2.connect(self._server)
        with connection.cursor() as cursor:
            cursor.execute("SHOW data_directory")
            log = Path(cursor.fetchone()[0]) / "server.log"
        connection.close()
        return count_statements(log.read_text(errors="replace"), database=self._database)

    def _redis_commands(self) -> int:
        """How many Redis has processed so far, without the one that asks."""
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self._redis_socket))
            line.sendall(b"INFO stats\r\nQUIT\r\n")
            said = line.makefile().read()
        found = re.search(r"^total_commands_processed:(\d+)", said, re.MULTILINE)
        assert found, said
        return int(found[1])

    def _command(self, command: list[str]) -> list[str]:
        return [part.replace("{bin}", str(self._programs)) for part in command]

    @contextmanager
    def _running(
        self, commands: list[list[str]], variables: dict[str, str] | None = None
    ) -> Iterator[list["_Service"]]:
        with (self._folder / "log").open("ab") as log:

            def starter(number: int) -> "Callable[[], subprocess.Popen[bytes]]":
                name = [f"--hostname=worker{number}@local"] if commands[number][0].endswith("celery") else []
                return lambda: subprocess.Popen(
                    [*self._command(commands[number]), *name],
                    env=self._environment | (variables or {}),
                    cwd=HERE,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

            services = [_Service(starter(number)) for number in range(len(commands))]
            try:
                yield services
            finally:
                # Nothing that they would still do counts, and some take long to stop.
                for service in services:
                    service.kill()

    @contextmanager
    def _submitter(self) -> "Iterator[_Submit]":
        with subprocess.Popen(
            [str(self._programs / "python"), self._peer.submit],
            env=self._environment,
            cwd=HERE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            yield _Submit(process)
            assert process.stdin is not None
            process.stdin.close()

    @contextmanager
    def _redis(self) -> Iterator[None]:
        if not self._peer.needs_redis:
            yield
            return
        command = ["redis-server", "--port", "0", "--unixsocket", str(self._redis_socket)]
        with subprocess.Popen(
            [*command, "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL
        ) as process:
            while not self._redis_socket.exists():
                time.sleep(0.05)
            try:
                yield
            finally:
                process.terminate()

    def _lines(self, word: str) -> list[list[str]]:
        """`word, time, process id` of the notes that are complete."""
        lines = (line.split() for line in self._notes.read_text().splitlines())
        return [line for line in lines if len(line) == 3 and line[0] == word]

    def _times(self, word: str) -> list[float]:
        return sorted(float(time_) for _, time_, _ in self._lines(word))

    def _pid_of_last(self, word: str) -> int:
        return int(self._lines(word)[-1][2])

    def _wait(self, count: int, word: str, *, seconds: float, after_first: bool = False) -> None:
        """So many lines are there; with `after_first`, or the time since the first one is over."""
        started = time.monotonic()
        deadline = started + seconds + (60 if after_first else 0)
        while True:
            times = self._times(word) if self._notes.exists() else []
            if len(times) >= count or (after_first and times and time.time() > times[0] + seconds):
                return
            if time.monotonic() > deadline:
                log = (self._folder / "log").read_text()[-2000:]
                raise _TooLateError(f"{self._peer.name}: {len(times)} of {count} after {seconds} s\n{log}")
            time.sleep(0.02 if count < 100 else 0.2)


class _TooLateError(AssertionError):
    """What was waited for did not come within its time."""


class _Service:
    """One command of a peer, running with all that it starts."""

    def __init__(self, start: "Callable[[], subprocess.Popen[bytes]]") -> None:
        self._start = start
        self._process = start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """It and all its processes have ended, as if the machine's memory had run out."""
        try:
            main = psutil.Process(self._process.pid)
            tree = [main, *main.children(recursive=True)]
        except psutil.NoSuchProcess:
            tree = []
        for process in tree:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        self._process.wait()
        psutil.wait_procs(tree, timeout=10)

    def restart_if_ended(self) -> None:
        if self._process.poll() is not None:
            self._process = self._start()


class _Submit:
    """Submits so many jobs that last so long; returns the moment before the last one's commit."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def __call__(self, count: int, seconds: float) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{count} {seconds}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())
