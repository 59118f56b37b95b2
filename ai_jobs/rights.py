"""What operators may do with jobs that are not theirs: one rule for admin, API, command line and services."""

from enum import StrEnum
from typing import Any

from django.contrib.auth.models import User


class Right(StrEnum):
    """Django's names of the rights to AI jobs."""

    VIEW = "ai_jobs.view_aijob"
    STEER = "ai_jobs.change_aijob"
    DELETE = "ai_jobs.delete_aijob"


def is_operator(user: Any, right: Right) -> bool:
    """Whether this is staff with the right to everybody's jobs; whoever may steer them may look at them too.

    Being staff alone opens nothing. Django asks the database once for each user object.
    """
    if not (isinstance(user, User) and user.is_staff):
        return False
    return user.has_perm(right) or (right is Right.VIEW and user.has_perm(Right.STEER))
