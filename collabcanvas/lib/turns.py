"""One after the other for each key, while the others wait on the event loop and keep no thread."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import TypeVar
from weakref import WeakValueDictionary

T = TypeVar("T")


class Turns:
    """What has the same key is done one after the other in this process, first come, first served.

    For what the database does one after the other anyway: whoever waits there takes a thread and a connection, and
    a key that is locked for long would soon have them all.
    """

    def __init__(self) -> None:
        # A lock is gone with the last that holds it or waits for it.
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    def of(self, key: Hashable) -> asyncio.Lock:
        """The turn of this key, for `async with`."""
        return self._locks.setdefault((asyncio.get_running_loop(), key), asyncio.Lock())

    async def run(self, key: Hashable, work: Callable[[], Awaitable[T]]) -> T:
        """What the work answers, done in turn.

        Whoever is cancelled waits no longer, but what was begun keeps the turn until it is over: a thread cannot be
        called back.
        """
        turn = self.of(key)
        await turn.acquire()
        begun = asyncio.ensure_future(work())
        begun.add_done_callback(lambda _: turn.release())
        return await asyncio.shield(begun)
