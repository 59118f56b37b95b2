"""Work that must not run twice at the same time, whichever process begins it."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection


class Work(IntEnum):
    """What is done by one process at a time; the numbers are keys of PostgreSQL's advisory locks."""

    BACKUP = 0x4241434B5550
    ARCHIVE = 0x41524348495645


@contextmanager
def one_at_a_time(work: Work) -> Iterator[bool]:
    """True while this process alone does the work; False when another one is at it, and then nothing may be done.

    The lock belongs to the connection: a process that dies gives it back.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [work])
        (is_ours,) = cursor.fetchone()
    try:
        yield is_ours
    finally:
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [work])
