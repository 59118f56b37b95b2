"""Django's PostgreSQL backend, which sees that a connection has ended without asking the server each time."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection. Django looks for this name in this module."""

    def is_usable(self) -> bool:
        """Whether the server can still be asked; Django wants to know before the first statement of each request.

        While nothing is asked a server sends nothing but its farewell. So only a connection on which something has
        arrived is tried with a statement, and the others cost no round trip.
        """
        if self.connection is None or self.connection.closed:
            return False
        arrived = select.poll()
        arrived.register(self.connection.fileno(), select.POLLIN)
        return not arrived.poll(0) or super().is_usable()
