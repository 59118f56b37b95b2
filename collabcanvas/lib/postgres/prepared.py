"""Statements that each connection to the database plans once instead of each time."""

from collections.abc import Mapping
from typing import Any
from weakref import WeakSet

from django.db import NotSupportedError, connection


class Prepared:
    """A statement with `%(name)s` for each parameter; `types` says their PostgreSQL types and their order.

    For what is asked all the time: planning takes longer there than the work. It needs a connection that stays one
    session of the database, as all here do (docs/deployment.md, "A pooler"). The rest of the caller's transaction is
    planned without scans of whole tables, too.
    """

    def __init__(self, name: str, sql: str, types: Mapping[str, str]) -> None:
        self._name = name
        numbered = sql % {key: f"${number}" for number, key in enumerate(types, start=1)}
        self._prepare = f"PREPARE {name} ({', '.join(types.values())}) AS {numbered}"
        given = ", ".join(f"%({key})s::{kind}" for key, kind in types.items())
        # A plan is kept. One made while a table is small would read all of it, also when it has become large.
        self._execute = f"SET LOCAL enable_seqscan = off; SET LOCAL jit = off; EXECUTE {name} ({given})"
        self._known_to: WeakSet[Any] = WeakSet()

    def execute(self, cursor: Any, parameters: Mapping[str, Any]) -> None:
        """Runs it on a cursor of Django's default connection, which then has the rows."""
        # Of the driver: Django's own object gets another one whenever it connects anew.
        session = connection.connection
        if session not in self._known_to:
            self._plan(cursor, session)
        try:
            cursor.execute(self._execute, parameters)
        except NotSupportedError:
            # "cached plan must not change result type": a migration changed a column while this process runs.
            self._known_to.discard(session)
            if connection.in_atomic_block:
                raise
            self._plan(cursor, session)
            cursor.execute(self._execute, parameters)

    def _plan(self, cursor: Any, session: Any) -> None:
        cursor.execute("SELECT FROM pg_prepared_statements WHERE name = %s", [self._name])
        if cursor.fetchone() is not None:
            cursor.execute(f"DEALLOCATE {self._name}")
        cursor.execute(self._prepare)
        # It stays when the transaction is rolled back.
        self._known_to.add(session)
