"""Where Django looks for a database backend's `DatabaseWrapper`."""

from typing import Any

from dj_db_conn_pool.backends.postgresql.base import DatabaseWrapper as PooledWrapper
from sqlalchemy.exc import TimeoutError as PoolExhausted


class DatabaseWrapper(PooledWrapper):
    """The library's, but that no connection came free in time is an error of the database, as Django knows them.

    The pool's own error is none of those: it would pass by everything that is prepared for a database that is away.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection of the pool; `OperationalError` when all are taken and stay so."""
        try:
            return super().get_new_connection(conn_params)
        except PoolExhausted as error:
            raise self.Database.OperationalError("All connections of the pool are in use.") from error
