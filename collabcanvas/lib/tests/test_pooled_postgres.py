"""The pool of a web process when all of its connections are taken."""

from typing import Any

import pytest
from dj_db_conn_pool.core import pool_container
from django.db import OperationalError, connection
from django.db.utils import ConnectionHandler


def test_that_no_connection_comes_free_is_an_error_of_the_database(db: None) -> None:
    scarce: dict[str, Any] = {
        **connection.settings_dict,
        "ENGINE": "collabcanvas.lib.pooled_postgres",
        "POOL_OPTIONS": {"POOL_SIZE": 1, "MAX_OVERFLOW": 0, "TIMEOUT": 0.1},
    }
    handler = ConnectionHandler({"default": scarce})
    first, second = handler.create_connection("default"), handler.create_connection("default")
    first.ensure_connection()
    try:
        with pytest.raises(OperationalError, match="in use"):
            second.ensure_connection()
        first.close()
        second.ensure_connection()
    finally:
        first.close()
        second.close()
        # The pool outlives them, and its database could not be removed.
        pool_container.pop("default").dispose()
