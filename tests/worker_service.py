"""A real worker service, started as a process of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def wait_until(condition: Callable[[], object], *, seconds: float = 90, what: str = "the condition") -> None:
    """Return when the condition holds; fail, naming it, when it does not within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {seconds} s")
        time.sleep(0.02)


def children_of(pid: int) -> list[int]:
    """The process ids of all descendants that are alive."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if stat[0] != "Z":
                parents.setdefault(int(stat[1]), []).append(int(entry.name))
    found: list[int] = []
    queue = [pid]
    while queue:
        for child in parents.get(queue.pop(), []):
            found.append(child)
            queue.append(child)
    return found


def is_alive(pid: int) -> bool:
    """Whether the process runs (a zombie does not)."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class WorkerService:
    """`manage.py qcluster` with the probe handlers."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.process = process
        self.log = log

    def stop(self, *, seconds: float = 90) -> int:
        """SIGTERM, then the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)


@contextmanager
def worker_service(*, log: Path, **environment: str) -> Iterator[WorkerService]:
    """A running worker service; whatever is left of it is killed at the end."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "qcluster"],
            cwd=PROJECT,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.probe_settings", **environment},
            start_new_session=True,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    descendants: list[int] = []
    try:
        yield WorkerService(process, log)
        descendants = children_of(process.pid)
    finally:
        descendants += children_of(process.pid)
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pid in descendants:
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)
