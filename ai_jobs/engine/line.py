"""The engine's line to the database: one connection on its event loop that hears the doorbells and carries the claims.

No thread stands in between: to wake one and to be woken by it costs more than a tenth of a millisecond each time, and
the claim is what a person waits for.
"""

import asyncio
import contextlib
import logging
import select
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import psycopg2
from psycopg2.extensions import POLL_OK, POLL_WRITE

from ai_jobs import claims
from ai_jobs.claims import Rows, Statement
from ai_jobs.events import READY_CHANNEL, STOPPED_CHANNEL
from collabcanvas.lib.channel_layer import connect_outside_pool

logger = logging.getLogger(__name__)

_CONNECT_SECONDS = 10.0
_OPENING = f"LISTEN {READY_CHANNEL}; LISTEN {STOPPED_CHANNEL}; {claims.OPENING}"

T = TypeVar("T")


class LineLost(Exception):  # an event, not a fault
    """The connection is gone; `Line.keep` makes another one. What was asked may have been done."""


class Line:
    """Call back for each doorbell, and ask what claims need. To be used from one event loop; one question at a time."""

    def __init__(self, *, on_ready: Callable[[], None], on_stopped: Callable[[str], None]) -> None:
        self._on_ready = on_ready
        self._on_stopped = on_stopped
        self._connection: Any = None
        self._lost = asyncio.Event()
        self._answer: asyncio.Future[None] | None = None
        self.is_up = asyncio.Event()

    async def keep(self) -> None:
        """Hold the line, for ever; after a lost connection, connect again and ring once.

        Doorbells that rang meanwhile are not known, so the first thing after connecting is always `on_ready`.
        """
        # Not the loop's own threads: handlers may hold all of those, and nothing could be claimed meanwhile.
        opener = ThreadPoolExecutor(1, thread_name_prefix="engine-line")
        try:
            await self._keep(opener)
        finally:
            opener.shutdown(wait=False)

    async def _keep(self, opener: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        delay = 0.1
        while True:
            try:
                self._connection = await loop.run_in_executor(opener, _open)
            except psycopg2.Error as error:
                logger.warning("engine_line_cannot_connect", extra={"reason": str(error).strip()})
                await asyncio.sleep(delay)
                delay = min(delay * 2, 5.0)
                continue
            delay = 0.1
            descriptor = self._connection.fileno()
            loop.add_reader(descriptor, self._advance)
            self._lost.clear()
            self.is_up.set()
            self._on_ready()
            # What came while connecting has been read, and makes no descriptor readable any more.
            self._advance()
            try:
                await self._lost.wait()
            finally:
                self.is_up.clear()
                loop.remove_reader(descriptor)
                loop.remove_writer(descriptor)
                with contextlib.suppress(psycopg2.Error):
                    self._connection.close()

    async def ask(self, dialogue: Generator[Statement, Rows, T]) -> T:
        """What the dialogue returns when each of its statements has been answered; `LineLost` if the line is down."""
        statement = next(dialogue)
        while True:
            rows = await self._execute(statement)
            try:
                statement = dialogue.send(rows)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]

    async def _execute(self, statement: Statement) -> Rows:
        if not self.is_up.is_set():
            raise LineLost
        cursor = self._connection.cursor()
        self._answer = asyncio.get_running_loop().create_future()
        try:
            try:
                cursor.execute(*statement)
            except psycopg2.Error as error:
                self._failed(error)
            else:
                self._advance()
            await self._answer
        finally:
            self._answer = None
        rows: Rows = cursor.fetchall()
        return rows

    def _advance(self) -> None:
        """Read and write what can be read and written now: bells ring, and perhaps the answer is complete."""
        while not self._lost.is_set():
            try:
                state = self._connection.poll()
            except psycopg2.Error as error:
                self._failed(error)
                return
            loop = asyncio.get_running_loop()
            if state == POLL_WRITE:
                loop.add_writer(self._connection.fileno(), self._advance)
            else:
                loop.remove_writer(self._connection.fileno())
            bells, self._connection.notifies[:] = list(self._connection.notifies), []
            for bell in bells:
                if bell.channel == STOPPED_CHANNEL:
                    self._on_stopped(bell.payload)
            if any(bell.channel == READY_CHANNEL for bell in bells):
                self._on_ready()
            if state != POLL_OK or self._answer is None or self._answer.done():
                return
            self._answer.set_result(None)
            # A bell right behind the answer may have been read with it: the descriptor is silent, and only another
            # poll finds it.

    def _failed(self, error: psycopg2.Error) -> None:
        """The statement was refused, or the whole line is lost."""
        is_lost = self._connection.closed
        if is_lost and not self._lost.is_set():
            logger.warning("engine_line_lost", extra={"reason": str(error).strip()})
            self.is_up.clear()
            self._lost.set()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(LineLost() if is_lost else error)


def _open() -> Any:
    """In a thread, because looking up a host's name may take long: a connection that listens and may carry claims."""
    deadline = time.monotonic() + _CONNECT_SECONDS
    connection = connect_outside_pool(application_name="collabcanvas engine", on_a_loop=True)
    try:
        _wait(connection, deadline)
        # The connection itself keeps no hold of the cursor that it works for.
        cursor = connection.cursor()
        cursor.execute(_OPENING)
        _wait(connection, deadline)
    except psycopg2.Error:
        connection.close()
        raise
    return connection


def _wait(connection: Any, deadline: float) -> None:
    """The connection has no work left; it has no time limit of its own, as blocking ones have."""
    while (state := connection.poll()) != POLL_OK:
        seconds = deadline - time.monotonic()
        writing = [connection.fileno()] if state == POLL_WRITE else []
        reading = [] if writing else [connection.fileno()]
        if seconds <= 0 or not any(select.select(reading, writing, [], seconds)):
            raise psycopg2.OperationalError(f"The database did not answer within {_CONNECT_SECONDS:g} s.")
