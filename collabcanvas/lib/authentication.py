"""Session cookies for REST views, with a CSRF failure that says what to do."""

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
