"""How every engine hears at once that the worker service is to stop, or that its main process is gone.

The main process holds the only writing end of a pipe; engines watch the reading end. Closing it, on purpose or
by dying, reaches all of them in the same moment, past django-q2's queue, which a killed worker can freeze
(django-q2 #23).
"""

import os


class StopLine:
    """One pipe; make it in the main process before it forks."""

    def __init__(self) -> None:
        self.reading_end, self._writing_end = os.pipe()
        self._owner = os.getpid()
        # A copy of the writing end in a child would keep the pipe open after the main process has died.
        os.register_at_fork(after_in_child=self._close_copy)

    def pull(self) -> None:
        """Tell every engine to stop. Safe to repeat, and inside a signal handler."""
        if os.getpid() == self._owner and self._writing_end >= 0:
            os.close(self._writing_end)
            self._writing_end = -1

    def _close_copy(self) -> None:
        if self._writing_end >= 0:
            os.close(self._writing_end)
            self._writing_end = -1
