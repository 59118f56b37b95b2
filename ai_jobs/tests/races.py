"""Two people at the same door: functions on database connections of their own, at once or in each other's middle."""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import connection, transaction

from ai_jobs.tests import factories as make

_PATIENCE_SECONDS = 60
# A statement that takes longer may be waiting for a lock.
_QUICK_SECONDS = 0.01


def at_once(*functions: Callable[[], Any]) -> list[Any]:
    """What each function returned, in order; they start together. Needs `django_db(transaction=True)`."""
    line = threading.Barrier(len(functions))

    def run(function: Callable[[], Any]) -> Any:
        try:
            # Connect first, so that only the function itself is in the race.
            connection.ensure_connection()
            line.wait(timeout=_PATIENCE_SECONDS)
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as threads:
        return list(threads.map(run, functions))


class Client:
    """Acts on a connection of its own, and stands still before each statement and its commit until told to go on.

    What it does is one transaction. It can carry claims. Needs `django_db(transaction=True)`.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._may_go = threading.Semaphore(0)
        # One word each time it stands still (False) or is done (True).
        self._news: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._moves = False
        self._act: Future[Any] | None = None
        self._backend = self._thread.submit(self._open).result(_PATIENCE_SECONDS)

    def begin(self, act: Callable[[], Any]) -> None:
        """It stands before the first statement of `act`."""
        assert self._act is None, "it is still at something else"
        self._act = self._thread.submit(self._run, act)
        assert not self._news.get(timeout=_PATIENCE_SECONDS), self.answer()

    def step(self) -> bool:
        """One statement further, or waiting for the other in it; True when its act is committed (or has failed)."""
        self._may_go.release()
        self._moves = True
        return self._settle()

    def waits(self) -> bool:
        """Whether it is in the middle of a statement, where another connection keeps it waiting."""
        if self._moves:
            assert not self._settle(), "nothing ends without its commit"
        return self._moves

    def answer(self) -> Any:
        """What the finished act returned; raises what it raised."""
        assert self._act is not None
        act, self._act = self._act, None
        return act.result(_PATIENCE_SECONDS)

    @staticmethod
    def leave(*clients: "Client") -> None:
        """Each ends what it is at, however it ends."""
        at_work = [client for client in clients if client._act is not None]
        for client in at_work:
            client._may_go.release(1_000)
        for client in at_work:
            assert client._act is not None
            client._act.exception(_PATIENCE_SECONDS)
            client._act, client._moves = None, False
            client._may_go, client._news = threading.Semaphore(0), queue.SimpleQueue()

    def close(self) -> None:
        self._thread.submit(self._close).result(_PATIENCE_SECONDS)
        self._thread.shutdown()

    def _settle(self) -> bool:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                is_done = self._news.get(timeout=_QUICK_SECONDS)
            except queue.Empty:
                if self._is_kept_waiting():
                    return False
            else:
                self._moves = False
                return is_done
        raise AssertionError("It neither goes on nor waits for a lock.")

    def _is_kept_waiting(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [self._backend])
            return bool(cursor.fetchone()[0])

    # --- In its thread --------------------------------------------------------------------------------------
    def _open(self) -> int:
        make.open_for_claims()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return int(cursor.fetchone()[0])

    def _close(self) -> None:
        connection.close()

    def _run(self, act: Callable[[], Any]) -> Any:
        try:
            with connection.execute_wrapper(self._stand_before), transaction.atomic():
                answer = act()
                self._stand()
            return answer
        finally:
            self._news.put(True)

    def _stand_before(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        # Savepoints of the functions it calls are nothing that anybody else could notice.
        if not sql.startswith(("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")):
            self._stand()
        return execute(sql, params, many, context)

    def _stand(self) -> None:
        self._news.put(False)
        assert self._may_go.acquire(timeout=_PATIENCE_SECONDS), "nobody told it to go on"
