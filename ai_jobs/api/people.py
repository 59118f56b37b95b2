"""Who asks."""

from django.contrib.auth.models import User
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request


def signed_in(request: Request) -> User:
    """The user behind a request that the permission classes let in."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user
