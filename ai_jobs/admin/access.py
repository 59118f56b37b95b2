"""Who asks, and what they may see and do."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from ai_jobs.rights import Right, has_right


def person(request: HttpRequest) -> User:
    """The signed-in person; the admin's site has let nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def may(request: HttpRequest, right: Right) -> bool:
    """Whether the person has this right to everybody's jobs."""
    return has_right(request.user, right)


def must(is_allowed: bool) -> None:
    """Answers 403 when it is not allowed."""
    if not is_allowed:
        raise PermissionDenied
