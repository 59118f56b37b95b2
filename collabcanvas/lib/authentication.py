"""Session cookies for REST views, with a CSRF failure that says what to do."""

from drf_spectacular.authentication import SessionScheme
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from collabcanvas.lib.errors import Forbidden


class CsrfFailed(Forbidden):
    code = "csrf_failed"
    message = "This page is out of date. Reload it and try again (programs: use a token)."


class CookieAuthentication(SessionAuthentication):
    """DRF's session authentication with our own error for a missing or stale CSRF token."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise CsrfFailed from error


class CookieScheme(SessionScheme):  # type: ignore[no-untyped-call]
    """How the OpenAPI document names it."""

    target_class = CookieAuthentication  # type: ignore[assignment]  # a class is accepted beside its path
    name = "cookieAuth"
