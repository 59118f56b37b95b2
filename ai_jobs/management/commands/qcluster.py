"""`manage.py qcluster`: django-q2's cluster with an AI engine in each worker and a stop that always ends."""

import contextlib
import logging
import os
import signal
import threading
import time
from typing import Any

from django.conf import settings
from django.db import Error, connections
from django_q.cluster import Cluster
from django_q.management.commands.qcluster import Command as QClusterCommand

from ai_jobs.engine import lifespan
from ai_jobs.engine.ordinary_tasks import TaskBoard, share_board
from ai_jobs.engine.stop_line import StopLine
from collabcanvas.lib.health import unapplied_migrations
from collabcanvas.lib.processes import let_others_first

logger = logging.getLogger(__name__)

# Beyond the drain time: for writing what is left and for django-q2's own way down.
_STOP_MARGIN_SECONDS = 4.0
_KILL_SECONDS = 0.5
_CHECK_SECONDS = 1.0


class Command(QClusterCommand):  # type: ignore[misc]  # django-q2 has no types
    """Starts the worker service; SIGTERM or SIGINT drains and ends it within AI_JOBS_DRAIN_SECONDS + 5 s.

    It ends in the same way, with status 1, when its sentinel died or django-q2's queue is stuck: whoever
    started it is to start it again.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        if options.get("cluster_name"):
            os.environ["Q_CLUSTER_NAME"] = options["cluster_name"]
        let_others_first(settings.WORKER_NICE)
        _wait_for_migrations()
        stop_line = StopLine()
        lifespan.prepare(stop_line)
        board = share_board()
        # A connection must not cross a fork.
        connections.close_all()
        main = os.getpid()
        os.register_at_fork(after_in_child=lambda: _set_up_child(main))
        cluster = Cluster()
        stop_asked = _flag_on_signals()
        cluster.start()
        if options.get("run_once"):
            stop_asked.append(signal.SIGTERM)
        stall = None
        checked_at = time.monotonic()
        while not stop_asked and cluster.sentinel.is_alive() and stall is None:
            # A signal ends the sleep of a join only by chance, so it is short.
            cluster.sentinel.join(0.2)
            if time.monotonic() - checked_at > _CHECK_SECONDS:
                checked_at = time.monotonic()
                stall = _stall(board)
        stop_line.pull()
        # Setting the event waits for an answer from whoever waits on it, and a sentinel that was killed while it
        # waited never gives one.
        threading.Thread(target=cluster.stop_event.set, name="stop-event", daemon=True).start()
        deadline = time.monotonic() + settings.AI_JOBS_DRAIN_SECONDS + _STOP_MARGIN_SECONDS
        if stop_asked:
            logger.info("worker_stopping", extra={"signal": int(stop_asked[0])})
        elif stall is not None:
            logger.error("ordinary_tasks_stuck", extra={"what": stall})
        else:
            logger.error("sentinel_died", extra={"exit_code": cluster.sentinel.exitcode})
        while _group_lives(cluster.sentinel) and time.monotonic() < deadline:
            cluster.sentinel.join(0.1)
            time.sleep(0.05)
        if _group_lives(cluster.sentinel):
            # A frozen queue (django-q2 #23) never stops by itself; the engines have handed back their jobs.
            logger.warning("worker_stop_forced")
            os.killpg(cluster.sentinel.pid, signal.SIGKILL)
            # On a busy machine it takes them a moment to die, and who sees this process end takes all for gone.
            deadline = time.monotonic() + _KILL_SECONDS
            while _group_lives(cluster.sentinel) and time.monotonic() < deadline:
                time.sleep(0.01)
        if not stop_asked:
            raise SystemExit(1)
        logger.info("worker_stopped")


def _wait_for_migrations() -> None:
    """The database has all migrations of this release; where one cannot be asked, engines wait for it themselves."""
    is_told = False
    with contextlib.suppress(Error):
        while missing := unapplied_migrations():
            if not is_told:
                logger.warning("worker_waits_for_migrations", extra={"missing": missing})
                is_told = True
            time.sleep(_CHECK_SECONDS)


def _stall(board: TaskBoard) -> str | None:
    return board.stall(
        seconds=settings.Q_STALL_SECONDS,
        workers=settings.Q_WORKERS,
        task_timeout=settings.Q_CLUSTER["timeout"],
    )


def _flag_on_signals() -> list[int]:
    """Replace django-q2's handlers, which join inside the handler and can deadlock (#346), by ones that note."""
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: asked.append(received))
    return asked


def _set_up_child(main: int) -> None:
    """In the sentinel and all it forks: a process group of their own, and no life without their parent."""
    if os.getppid() == main:
        os.setpgid(0, 0)
    lifespan.end_with_parent(signal.SIGTERM)


def _group_lives(sentinel: Any) -> bool:
    """Whether anything that this command started still runs."""
    if sentinel.is_alive():
        return True
    with contextlib.suppress(ChildProcessError):
        # As process 1 of a container, orphans come to us; unless they are collected they count as alive.
        while os.waitpid(-sentinel.pid, os.WNOHANG)[0]:
            pass
    try:
        os.killpg(sentinel.pid, 0)
    except ProcessLookupError:
        return False
    return True
