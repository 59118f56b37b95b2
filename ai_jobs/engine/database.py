"""The engine's way to the database: blocking work in threads that keep their own connections."""

import asyncio
import contextlib
import functools
import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection, connections, transaction
from psycopg2.errors import LockNotAvailable

logger = logging.getLogger(__name__)

_CLOSE_SECONDS = 2.0
_PAUSES = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0)
_LOCKED_PAUSE = 1.0


class DatabaseThreads:
    """A small pool of threads, each with its own Django connection.

    A lost connection, a deadlock or a restart of the server is answered by another try with a new connection.
    That is safe for whatever runs under a lease: a write that did get through makes the second try find the
    lease gone. For what is not safe to repeat there is `once`.

    With `lock_seconds`, whatever waits longer than that for a lock of the database leaves its thread to others for a
    moment and is tried again, as long as its caller waits for it.
    """

    def __init__(self, *, threads: int, name: str, lock_seconds: float | None = None) -> None:
        self._threads = threads
        self._lock_seconds = lock_seconds
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def __call__(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
        """The function's result; raises what it raises, and the last `OperationalError` after about 8 s of tries."""
        loop = asyncio.get_running_loop()
        pauses = iter(_PAUSES)
        while True:
            try:
                return await loop.run_in_executor(self._pool, self._call, function, arguments, named)
            except (OperationalError, InterfaceError) as error:
                pause = _LOCKED_PAUSE if _is_locked(error) else next(pauses, None)
                if pause is None:
                    raise
                reason = str(error).strip().partition("\n")[0]
                logger.warning("engine_database_retry", extra={"call": function.__name__, "reason": reason})
            await asyncio.sleep(pause)

    async def once(self, function: Callable[..., None], /, *arguments: Any) -> None:
        """The function, in a transaction, has taken effect once, also when the connection was lost at the commit.

        Then the server, and not another try, says whether it has. Where the server itself crashed in that moment,
        it may be taken for done though it was lost.
        """
        last_try = ""

        @functools.wraps(function)
        def unless_committed() -> None:
            nonlocal last_try
            if last_try and _is_committed(last_try):
                return
            with transaction.atomic(), connection.cursor() as cursor:
                function(*arguments)
                cursor.execute("SELECT pg_current_xact_id()::text")
                (last_try,) = cursor.fetchone()

        await self(unless_committed)

    def _call(self, function: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        try:
            if connection.connection is None:
                self._prepare_connection()
            return function(*arguments, **named)
        except (OperationalError, InterfaceError) as error:
            if not _is_locked(error):
                # The connection may be broken: the next call on this thread opens another.
                connections.close_all()
            raise
        except DatabaseError as error:
            if type(error) is not DatabaseError:
                raise
            # A server that dies in the middle of an answer comes out of psycopg2 as the base class itself; errors
            # that the server reports always have a class of their own.
            connections.close_all()
            raise OperationalError(*error.args) from error

    def _prepare_connection(self) -> None:
        connection.ensure_connection()
        # With DEBUG on, Django would keep the text of the last 9,000 statements, arrays of hundreds of ids included.
        connection.queries_log.clear()
        connection.queries_log = deque(maxlen=0)
        with connection.cursor() as cursor:
            # A bitmap scan never marks dead index entries, so on the small, busy indexes of live jobs it would walk
            # over all that thousands of finished jobs have left there; an index scan clears them as it goes.
            cursor.execute("SET enable_bitmapscan = off; SET jit = off")
            if self._lock_seconds is not None:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{self._lock_seconds:g}s"])

    def close(self) -> None:
        """End the threads after their present work; their connections go with them."""
        all_threads = threading.Barrier(self._threads, timeout=_CLOSE_SECONDS)
        for _ in range(self._threads):
            self._pool.submit(_close, all_threads)
        self._pool.shutdown(wait=True)


def _is_locked(error: Exception) -> bool:
    return isinstance(error.__cause__, LockNotAvailable)


def _is_committed(transaction_id: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_xact_status(%s::xid8)", [transaction_id])
        status = cursor.fetchone()[0]
    if status == "in progress":
        # Its process has not noticed yet that nobody listens any more, and may still commit.
        raise OperationalError("The server has not ended the transaction of the last try.")
    return bool(status == "committed")


def _close(all_threads: threading.Barrier) -> None:
    # Each thread has a connection of its own, and one that is quick would otherwise close twice.
    with contextlib.suppress(threading.BrokenBarrierError):
        all_threads.wait()
    connections.close_all()
