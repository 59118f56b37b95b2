"""What time it is for all processes."""

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """The moment by the database's clock, with which everything that is stored is dated; also inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
