"""Which engines this worker service runs, so that one that was killed is missed at once and not when its leases end.

Django-q2's sentinel replaces a worker process that died within half a second. The engine that starts in its place
looks here for those whose process is gone: nobody runs what they had claimed.
"""

import contextlib
import ctypes
import os
import uuid
from multiprocessing.sharedctypes import RawArray
from typing import Any

# Far more than processes of one service; two of them in one place would only mean that one is not missed here.
PLACES = 256


class _Place(ctypes.Structure):
    _fields_ = (("pid", ctypes.c_long), ("engine", ctypes.c_ubyte * 16))


class Roster:
    """Engines and their processes, in memory that the service's processes share; make it before the first fork.

    Without locks, because a process that is killed would keep them. A number that was given to another process
    meanwhile hides an engine: its leases then end by themselves.
    """

    def __init__(self) -> None:
        self._places: Any = RawArray(_Place, PLACES)

    def enter(self, engine: uuid.UUID) -> None:
        """This process runs the engine."""
        place = self._places[os.getpid() % PLACES]
        place.pid = 0
        place.engine[:] = engine.bytes
        place.pid = os.getpid()

    def leave(self) -> None:
        """The engine of this process has handed back what it had."""
        self.forget(os.getpid())

    def gone(self) -> dict[int, uuid.UUID]:
        """Engines that did not leave and whose process is no more, by its id."""
        return {
            place.pid: uuid.UUID(bytes=bytes(place.engine))
            for place in self._places
            if place.pid and not _lives(place.pid)
        }

    def forget(self, pid: int) -> None:
        """Nothing more is to be done for the engine of that process."""
        place = self._places[pid % PLACES]
        if place.pid == pid:
            place.pid = 0


def _lives(pid: int) -> bool:
    with contextlib.suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True
