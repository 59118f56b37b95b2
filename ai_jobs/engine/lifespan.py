"""Where engines come from and how they end: one in each qcluster worker process."""

import ctypes
import ctypes.util
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from multiprocessing.util import Finalize
from typing import Any

from django.conf import settings

from ai_jobs import runner
from ai_jobs.engine import ordinary_tasks
from ai_jobs.engine.engine import Engine, EngineConfig
from ai_jobs.engine.roster import Roster
from ai_jobs.engine.stop_line import StopLine
from ai_jobs.handlers.base import Handler
from collabcanvas.lib.reporting import start_reporting

_PR_SET_PDEATHSIG = 1
_ORDERLY_STOP_SECONDS = 3.0
_busy = threading.Event()
# Set in the main process, before it forks: what the children inherit.
_inherited: dict[str, Any] = {}


def config_from_settings() -> EngineConfig:
    """The engine's part of the settings."""
    return EngineConfig(
        slots=settings.MAX_CONCURRENT_JOBS,
        per_user=settings.AI_JOBS_PER_USER,
        poll_seconds=settings.JOB_PROCESSING_INTERVAL,
        job_timeout_seconds=settings.JOB_TIMEOUT_SECONDS,
        lease_seconds=settings.AI_JOBS_LEASE_SECONDS,
        heartbeat_seconds=settings.AI_JOBS_HEARTBEAT_SECONDS,
        drain_seconds=settings.AI_JOBS_DRAIN_SECONDS,
        version=settings.RELEASE,
        enabled=settings.AI_JOBS_ENABLED,
    )


def prepare(stop_line: StopLine) -> None:
    """In the main process, before it forks: handlers are imported once and engines will watch `stop_line`."""
    handlers: Mapping[str, Handler] = runner.load_handlers()
    _inherited.update(handlers=handlers, stop_line=stop_line, roster=Roster())
    # What is loaded now stays. Without this the collector walks over all of it again and again, which stops an engine
    # for 60 to 100 ms each time and unshares the memory of the processes.
    gc.collect()
    gc.freeze()


def end_with_parent(signal_number: int) -> None:
    """Have the kernel send this process a signal when its parent dies (Linux; elsewhere nothing happens)."""
    if sys.platform == "linux":
        ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True).prctl(_PR_SET_PDEATHSIG, signal_number)


def start_engine(**_: Any) -> None:
    """Receiver of django-q2's `post_spawn`: this worker process has a running engine.

    Outside our qcluster command nothing was prepared and nothing is started.
    """
    if not _inherited:
        return
    start_reporting("worker")
    # The engine notices by itself when the others are gone, and hands its jobs back first.
    end_with_parent(0)
    engine = Engine(
        config=config_from_settings(),
        handlers=_inherited["handlers"],
        stop_descriptor=_inherited["stop_line"].reading_end,
        roster=_inherited["roster"],
        on_end=_leave_soon,
    )
    engine.start()
    # Runs when django-q2's worker function has returned, before Python shuts its thread pools.
    Finalize(None, engine.stop, exitpriority=100)


def note_ordinary_task(*, task: dict[str, Any], **_: Any) -> None:
    """Receiver of django-q2's `pre_execute`: this process is busy with an ordinary task."""
    _busy.set()
    ordinary_tasks.note_started(task)


def note_ordinary_task_done(*, task: dict[str, Any], **_: Any) -> None:
    """Receiver of django-q2's `post_execute_in_worker`."""
    ordinary_tasks.note_ended(task)
    _busy.clear()


def _leave_soon() -> None:
    """End this worker process although django-q2 does not: its queue may be frozen, or its sentinel gone."""
    threading.Thread(target=_leave_when_idle, name="ai-engine-leave", daemon=True).start()


def _leave_when_idle() -> None:
    # An orderly stop takes django-q2 about two seconds: its pusher looks up only between two polls.
    time.sleep(_ORDERLY_STOP_SECONDS)
    while _busy.is_set():
        time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGTERM)
