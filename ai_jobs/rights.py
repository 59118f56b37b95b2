"""What operators may do with jobs that are not theirs: in the API as staff, in the admin by Django's rights."""

from enum import StrEnum
from typing import Any

from django.contrib.auth.models import User


class Right(StrEnum):
    """Django's names of the rights to AI jobs."""

    VIEW = "ai_jobs.view_aijob"
    STEER = "ai_jobs.change_aijob"
    DELETE = "ai_jobs.delete_aijob"


def has_right(user: Any, right: Right) -> bool:
    """Whether this is staff with the right to everybody's jobs; whoever may steer them may look at them too.

    Django asks the database once for each user object.
    """
    if not (isinstance(user, User) and user.is_staff):
        return False
    return user.has_perm(right) or (right is Right.VIEW and user.has_perm(Right.STEER))


def may_with_any_job(user: Any, right: Right) -> bool:
    """Whether the API lets this person do it with everybody's jobs.

    API.md: staff look at all jobs, cancel and retry them. Deleting, after which nobody can undo, needs the right.
    """
    if right is Right.DELETE:
        return has_right(user, right)
    return isinstance(user, User) and user.is_staff
