"""Two people at the same door: functions run at the same moment, each on a database connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection


def at_once(*functions: Callable[[], Any]) -> list[Any]:
    """What each function returned, in order; they start together. Needs `django_db(transaction=True)`."""
    line = threading.Barrier(len(functions))

    def run(function: Callable[[], Any]) -> Any:
        try:
            # Connect first, so that only the function itself is in the race.
            connection.ensure_connection()
            line.wait(timeout=30)
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as threads:
        return list(threads.map(run, functions))
