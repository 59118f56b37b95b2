"""`make bench-peers`: procrastinate, django-q2 (stock and tuned) and Celery with Redis beside CollabCanvas, one table.

Each peer is installed in an environment of its own in a temporary folder and gets a fresh database on one durable
PostgreSQL. No-op jobs are loaded before the peer's workers start, and the rate is counted from the first to the last
one that began, within 20 s at most: their start-up and the writing of their last results are not held against them.
"""

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg2

from benchmarks.figures import quantile, show
from benchmarks.service import PROJECT, Peak, ProcessTree, fill_the_log, machine
from collabcanvas.lib.embedded_postgres import start_or_join

HERE = Path(__file__).resolve().parent
NOOP_JOBS = 5_000
NOOP_SECONDS = 20.0
PICKUPS = 40


@dataclass(frozen=True, kw_only=True)
class Peer:
    """How a system is installed, prepared and started; `{bin}` is its environment's folder of programs.

    `parallel` starts what suits many jobs that wait, `workers` what suits short ones.
    """

    name: str
    packages: list[str]
    submit: str
    workers: list[list[str]]
    parallel: list[list[str]]
    prepare: list[list[str]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    parallel_environment: dict[str, str] = field(default_factory=dict)
    needs_redis: bool = False


_DJANGOQ = ["{bin}/python", "-m", "django", "qcluster"]
_CELERY = [
    "{bin}/celery",
    "-A",
    "celery_app",
    "worker",
    "--loglevel=WARNING",
    "--without-gossip",
    "--without-mingle",
]
_PROCRASTINATE = ["{bin}/procrastinate", "--app=procrastinate_app.app", "worker"]


def _djangoq(name: str, options: dict[str, object], parallel: dict[str, object]) -> Peer:
    return Peer(
        name=name,
        packages=["django>=5.2,<5.3", "django-q2==1.11.1", "psycopg2-binary"],
        prepare=[["{bin}/python", "-m", "django", "migrate", "--verbosity=0"]],
        submit="djangoq_submit.py",
        workers=[_DJANGOQ],
        parallel=[_DJANGOQ],
        environment={"DJANGO_SETTINGS_MODULE": "djangoq_settings", "PEER_OPTIONS": json.dumps(options)},
        parallel_environment={"PEER_OPTIONS": json.dumps({**options, **parallel})},
    )


PEERS = {
    "procrastinate": Peer(
        name="procrastinate",
        packages=["procrastinate==3.10.0", "psycopg[binary]"],
        prepare=[["{bin}/procrastinate", "--app=procrastinate_app.app", "schema", "--apply"]],
        submit="procrastinate_submit.py",
        workers=[[*_PROCRASTINATE, "--concurrency=50"]] * 2,
        parallel=[[*_PROCRASTINATE, "--concurrency=250"]] * 2,
    ),
    "django-q2": _djangoq("django-q2, stock", {"workers": 2}, {"workers": 50}),
    "django-q2-tuned": _djangoq(
        "django-q2, tuned",
        {"workers": 4, "poll": 0.02, "bulk": 50, "queue_limit": 500, "save_limit": -1},
        {"workers": 50},
    ),
    "celery": Peer(
        name="Celery with Redis",
        packages=["celery[redis]==5.7.0", "gevent"],
        submit="celery_submit.py",
        workers=[[*_CELERY, "--concurrency=2"]],
        parallel=[[*_CELERY, "--pool=gevent", "--concurrency=500"]],
        parallel_environment={"PEER_PREFETCH": "1"},
        needs_redis=True,
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", nargs="*", metavar="peer", help=f"of {', '.join(PEERS)}; all by default")
    parser.add_argument("--without-ours", action="store_true", help="do not measure CollabCanvas beside them")
    arguments = parser.parse_args()
    if unknown := set(arguments.peers) - set(PEERS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}. Use: {', '.join(PEERS)}.")
    folder = Path(tempfile.mkdtemp(prefix="collabcanvas-peers-"))
    folder.chmod(0o711)
    table: list[tuple[str, ...]] = [
        ("", "pickup median ms", "pickup p99 ms", "no-op jobs/s", "500 jobs of 2 s at once", "memory MB")
    ]
    print(f"{machine()}, load before {os.getloadavg()[0]:.1f}", flush=True)
    server = start_or_join(folder, durable=True)
    fill_the_log(server.url)
    try:
        for key in arguments.peers or PEERS:
            peer = PEERS[key]
            if peer.needs_redis and shutil.which("redis-server") is None:
                print(f"{peer.name} is left out: there is no redis-server here. Install one to measure it.")
                continue
            line = _measure(peer, key, folder, server.url)
            table.append(line)
            print("  ".join(line), flush=True)
        if not arguments.without_ours:
            table.append(_measure_ours(folder))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    print()
    for line in table:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _measure(peer: Peer, key: str, folder: Path, url: str) -> tuple[str, ...]:
    programs = _install(peer, folder / f"environment-{key.removesuffix('-tuned')}")
    bench = _Bench(peer, programs, folder / key, url)
    rate = bench.noop()
    pickups = bench.pickup()
    seconds, memory = bench.at_once()
    return (
        peer.name,
        show(statistics.median(pickups)),
        show(quantile(pickups, 99)),
        show(rate),
        show(seconds),
        show(memory),
    )


def _install(peer: Peer, folder: Path) -> Path:
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


class _Bench:
    """One peer with its database, its notes and its ways to start."""

    def __init__(self, peer: Peer, programs: Path, folder: Path, url: str) -> None:
        folder.mkdir()
        self._peer = peer
        self._programs = programs
        self._folder = folder
        self._notes = folder / "notes"
        host = parse_qs(urlsplit(url).query)["host"][0]
        database = "peer_" + folder.name.replace("-", "_")
        connection = psycopg2.connect(url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {database}")
        connection.close()
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(HERE),
            "PEER_HOST": host,
            "PEER_DATABASE": database,
            "PEER_NOTES": str(self._notes),
            "PEER_REDIS": f"redis+socket://{folder}/redis.sock",
            **peer.environment,
        }
        for command in peer.prepare:
            subprocess.run(self._command(command), env=self._environment, cwd=HERE, check=True)

    def noop(self) -> float:
        """Jobs per second from the first to the last beginning."""
        with self._redis(), self._submitter() as submit:
            submit(NOOP_JOBS, 0)
            self._notes.write_text("")
            with self._running(self._peer.workers, {}):
                self._wait(NOOP_JOBS, "begin", seconds=NOOP_SECONDS, after_first=True)
                begun = self._times("begin")
        return (len(begun) - 1) / (begun[-1] - begun[0])

    def pickup(self) -> list[float]:
        """Milliseconds from before the commit to the first line, one job at a time."""
        delays = []
        self._empty()
        with self._redis(), self._submitter() as submit, self._running(self._peer.workers, {}):
            for number in range(PICKUPS + 5):
                submitted = submit(1, 0)
                self._wait(number + 1, "begin", seconds=60)
                delays.append((self._times("begin")[number] - submitted) * 1000)
                # At a moment that no timer shares.
                time.sleep(random.uniform(0.05, 0.3))
        return delays[5:]

    def at_once(self) -> tuple[float, float]:
        """Seconds from the commit of 500 jobs of 2 s to the end of the last, and the peak of memory."""
        self._empty()
        with (
            self._redis(),
            self._submitter() as submit,
            self._running(self._peer.parallel, self._peer.parallel_environment) as processes,
        ):
            submit(1, 0)
            self._wait(1, "end", seconds=60)
            # Workers that are started one after the other are all there by then.
            time.sleep(5)
            with Peak(ProcessTree(processes)) as peak:
                submitted = submit(500, 2)
                self._wait(501, "end", seconds=120)
        return self._times("end")[-1] - submitted, peak.megabytes

    def _empty(self) -> None:
        """Nothing waits from the run before: what is left of the no-op jobs would run first."""
        self._notes.write_text("")
        if self._peer.needs_redis:
            return
        connection = psycopg2.connect(
            host=self._environment["PEER_HOST"], user="postgres", dbname=self._environment["PEER_DATABASE"]
        )
        with connection, connection.cursor() as cursor:
            for table in ("django_q_ormq", "procrastinate_jobs"):
                cursor.execute("SELECT to_regclass(%s)", [table])
                if cursor.fetchone()[0]:
                    cursor.execute(f"TRUNCATE {table} CASCADE")
        connection.close()

    def _command(self, command: list[str]) -> list[str]:
        return [part.replace("{bin}", str(self._programs)) for part in command]

    @contextmanager
    def _running(self, commands: list[list[str]], environment: dict[str, str]) -> Iterator[list[int]]:
        started = []
        with (self._folder / "log").open("ab") as log:
            for number, command in enumerate(commands):
                extra = [f"--hostname=worker{number}@local"] if command[0].endswith("celery") else []
                started.append(
                    subprocess.Popen(
                        [*self._command(command), *extra],
                        env=self._environment | environment,
                        cwd=HERE,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                )
        try:
            yield [process.pid for process in started]
        finally:
            for process in started:
                tree = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
                process.send_signal(signal.SIGTERM)
                _, left = psutil.wait_procs(tree, timeout=5)
                for child in left:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        child.kill()
                process.wait()

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
        socket = self._folder / "redis.sock"
        with subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
        ) as process:
            while not socket.exists():
                time.sleep(0.05)
            yield
            process.terminate()

    def _times(self, word: str) -> list[float]:
        lines = (line.split() for line in self._notes.read_text().splitlines())
        return sorted(float(line[1]) for line in lines if len(line) == 2 and line[0] == word)

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
                raise AssertionError(f"{self._peer.name}: {len(times)} of {count} after {seconds} s\n{log}")
            time.sleep(0.02 if count < 100 else 0.2)


class _Submit:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def __call__(self, count: int, seconds: float) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{count} {seconds}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


def _measure_ours(folder: Path) -> tuple[str, ...]:
    output = folder / "ours.json"
    names = ["pickup", "throughput", "at_once"]
    subprocess.run(
        [sys.executable, "-m", "benchmarks", *names, "--rounds", "1", "--output", str(output)],
        cwd=PROJECT,
        check=True,
    )
    figures = {figure["name"]: figure["median"] for figure in json.loads(output.read_text())["figures"]}
    return (
        "CollabCanvas",
        show(figures["pickup, idle, median"]),
        show(figures["pickup, idle, p99"]),
        show(figures["no-op jobs per second"]),
        show(figures["500 jobs of 2 s at once"]),
        show(figures["worker service with 500 jobs, memory (Pss)"]),
    )


if __name__ == "__main__":
    main()
