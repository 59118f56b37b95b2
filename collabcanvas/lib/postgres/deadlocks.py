"""Transactions that may get into a deadlock with others through no fault of their own."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, transaction

_DEADLOCK = "40P01"
_TRIES = 5
P = ParamSpec("P")
R = TypeVar("R")


def atomic_despite_deadlocks(function: Callable[P, R]) -> Callable[P, R]:
    """The function runs in a transaction of its own, and again in a new one where that ended in a deadlock.

    For what changes rows of tables that it does not know, and so cannot lock in the order in which others do.
    """

    @functools.wraps(function)
    def wrapped(*arguments: P.args, **named: P.kwargs) -> R:
        for _ in range(_TRIES - 1):
            try:
                with transaction.atomic():
                    return function(*arguments, **named)
            except OperationalError as error:
                if getattr(error.__cause__, "pgcode", None) != _DEADLOCK:
                    raise
        with transaction.atomic():
            return function(*arguments, **named)

    return wrapped
