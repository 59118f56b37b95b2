"""Ends the worker process when the engine's event loop does not turn any more; django-q2 then starts another.

A handler that blocks the loop also holds up the heartbeat, so all leases of the engine run out and other engines take
its jobs over. The loop cannot notice that itself: this thread does.
"""

import logging
import os
import sys
import threading
import time
import traceback

logger = logging.getLogger(__name__)

# A loop that stands still for so long is worth a line in the log that says where.
_WARN_SECONDS = 2.0


class Watchdog:
    """Watches the thread that makes it, from then on until `stop`; that thread calls `touch` about once a second."""

    def __init__(self, *, limit_seconds: float) -> None:
        self._limit_seconds = limit_seconds
        self._watched = threading.get_ident()
        self._touched_at = time.monotonic()
        self._stopped = threading.Event()
        threading.Thread(target=self._watch, name="ai-engine-watchdog", daemon=True).start()

    def touch(self) -> None:
        """The loop turns."""
        self._touched_at = time.monotonic()

    def stop(self) -> None:
        """The loop ends in order."""
        self._stopped.set()

    def end_process(self, why: str) -> None:
        """This worker process ends at once: its jobs are rescued when their leases run out."""
        logger.critical("engine_gives_up", extra={"why": why})
        logging.shutdown()
        os._exit(1)

    def _watch(self) -> None:
        warned = False
        while not self._stopped.wait(min(1.0, self._limit_seconds / 4)):
            still_seconds = time.monotonic() - self._touched_at - 1.0
            if still_seconds > self._limit_seconds:
                self.end_process(f"the event loop stood still for {still_seconds:.1f} s in {self._place()}")
            if still_seconds > _WARN_SECONDS and not warned:
                logger.warning(
                    "engine_loop_blocked", extra={"seconds": round(still_seconds, 1), "at": self._place()}
                )
            warned = still_seconds > _WARN_SECONDS

    def _place(self) -> str:
        """Where the watched thread is now: the innermost lines, without any of their values."""
        frame = sys._current_frames().get(self._watched)
        lines = traceback.extract_stack(frame)[-4:]
        return " < ".join(f"{line.name} ({line.filename}:{line.lineno})" for line in reversed(lines))
