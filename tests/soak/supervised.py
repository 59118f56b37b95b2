"""Services that are started again whenever they end, as a host would do it, and the processes inside them."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

PROJECT = Path(__file__).resolve().parent.parent.parent


class Supervised:
    """A command that runs, again and again, until `stop`."""

    def __init__(self, *arguments: str, log: Path, environment: dict[str, str]) -> None:
        self._arguments = arguments
        self._log = log
        self._environment = {**os.environ, **environment}
        self._over = threading.Event()
        self._seen: set[psutil.Process] = set()
        self.starts = 0
        self._process = self._start()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self, *, seconds: float) -> None:
        """It ends in order, or is killed after `seconds`; nothing that it ever started is left."""
        self._over.set()
        self._thread.join()
        self._note_processes()
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for process in self._seen:
            # psutil compares the start time too: a number that was given to another process is left alone.
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def _start(self) -> "subprocess.Popen[bytes]":
        self.starts += 1
        with self._log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, *self._arguments],
                cwd=PROJECT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            self._note_processes()
            if self._process.poll() is not None:
                self._process = self._start()

    def _note_processes(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            self._seen.update(psutil.Process(self._process.pid).children(recursive=True))


class WorkerProcesses:
    """Which process of a worker service is which: django-q2 names none of them to the outside."""

    def __init__(self, service: Supervised) -> None:
        self._service = service
        self._sentinel = 0
        self._monitor = 0

    def find(self, kind: str, *, engines: set[int]) -> int | None:
        """The process id of `main`, `sentinel`, `monitor` or `pusher`; None while the service is not complete.

        `engines` are the processes that registered as engines. The sentinel starts its workers first, then
        the monitor, then the pusher; what replaces a dead one is known by the other one being left.
        """
        try:
            children = psutil.Process(self._service.pid).children()
            if len(children) != 1:
                return None
            sentinel = children[0]
            others = sorted(
                child.pid
                for child in sentinel.children()
                if child.pid not in engines and child.status() != psutil.STATUS_ZOMBIE
            )
        except psutil.NoSuchProcess:
            return None
        if kind == "main":
            return self._service.pid
        if kind == "sentinel":
            return int(sentinel.pid)
        if len(others) != 2:
            return None
        if sentinel.pid != self._sentinel or self._monitor not in others:
            # A monitor that was replaced is the younger of the two; at the beginning it is the older one.
            self._monitor = others[0] if sentinel.pid != self._sentinel else others[1]
            self._sentinel = sentinel.pid
        return self._monitor if kind == "monitor" else next(pid for pid in others if pid != self._monitor)

    def describe(self) -> str:
        """The processes of the service, for a message."""
        try:
            main = psutil.Process(self._service.pid)
            return ", ".join(
                f"{process.pid} (parent {process.ppid()}, {process.status()}, threads {process.num_threads()})"
                for process in [main, *main.children(recursive=True)]
            )
        except psutil.NoSuchProcess:
            return "no processes"


def pause(seconds: float) -> None:
    """Let things happen for a while: the time between two faults is part of the seed, not a wait for a condition."""
    time.sleep(seconds)
