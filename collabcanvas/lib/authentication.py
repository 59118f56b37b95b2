"""Who asks: a session cookie, with a CSRF failure that says what to do, or a Bearer token."""

from typing import Any, Final

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from collabcanvas.lib.errors import Forbidden
from collabcanvas.lib.postgres.models import columns, from_columns
from collabcanvas.lib.postgres.prepared import Prepared


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


# Each request asks this. Written out, because the ORM would take longer to put it together than the database to answer.
_TOKEN_AND_USER: Final = Prepared(
    "token_and_user",
    f"""
SELECT {columns(AuthToken, "token")}, {columns(User, "person")}
FROM {AuthToken._meta.db_table} AS token JOIN {User._meta.db_table} AS person ON person.id = token.user_id
WHERE token.digest = %(digest)s
""",  # noqa: S608  # names of our own tables and columns
    {"digest": "text"},
)


class BearerAuthentication(TokenAuthentication):  # type: ignore[misc]  # knox has no types
    """Knox's tokens, each found by its digest together with its person."""

    def authenticate_credentials(self, token: bytes) -> Any:
        # Bytes that no token of ours has are a wrong token, and not a crash in the database.
        if not token.isalnum():
            raise AuthenticationFailed
        with connection.cursor() as cursor:
            _TOKEN_AND_USER.execute(cursor, {"digest": hash_token(token.decode())})
            values = cursor.fetchone()
        if values is None:
            raise AuthenticationFailed
        of_token = len(AuthToken._meta.concrete_fields)
        found = from_columns(AuthToken, values[:of_token])
        found.user = from_columns(User, values[of_token:])
        if found.expiry is not None and found.expiry < timezone.now():
            found.delete()
            raise AuthenticationFailed
        return self.validate_user(found)


class BearerScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """How the OpenAPI document names it."""

    target_class = BearerAuthentication  # type: ignore[assignment]  # a class is accepted beside its path
