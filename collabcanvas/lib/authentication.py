"""Who asks: a session cookie, with a CSRF failure that says what to do, or a Bearer token."""

from typing import Any

from django.utils import timezone
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
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


class BearerAuthentication(TokenAuthentication):  # type: ignore[misc]  # knox has no types
    """Knox's tokens; bytes that no token of ours has are a wrong token and not a crash in the database."""

    def authenticate_credentials(self, token: bytes) -> Any:
        if not token.isalnum():
            raise AuthenticationFailed
        return super().authenticate_credentials(token)

    def _cleanup_token(self, auth_token: AuthToken) -> bool:
        # Knox reads all the person's tokens here, with every request; the one that was shown is enough.
        is_expired = auth_token.expiry is not None and auth_token.expiry < timezone.now()
        if is_expired:
            auth_token.delete()
        return is_expired


class BearerScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """How the OpenAPI document names it."""

    target_class = BearerAuthentication  # type: ignore[assignment]  # a class is accepted beside its path
