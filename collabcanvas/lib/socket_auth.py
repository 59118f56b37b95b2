"""Who a WebSocket belongs to, decided once, in the handshake."""

from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from channels.security.websocket import AllowedHostsOriginValidator
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from rest_framework.exceptions import AuthenticationFailed

from collabcanvas.lib.authentication import BearerAuthentication

SUBPROTOCOL = "collabcanvas.v1"
_BEARER = "bearer."


class SocketAuthentication:
    """Puts `user` into the scope: from a `bearer.<token>` subprotocol, else from the session cookie.

    A token is no ambient authority, so its Origin does not matter; a cookie is, so there the Origin must be
    one of the allowed hosts.
    """

    def __init__(self, application: Any) -> None:
        self._application = application
        self._with_session = AllowedHostsOriginValidator(AuthMiddlewareStack(application))

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        offered = scope.get("subprotocols", [])
        token = next((item.removeprefix(_BEARER) for item in offered if item.startswith(_BEARER)), None)
        if token is None:
            return await self._with_session(scope, receive, send)
        user, digest = await _user_of_token(token)
        return await self._application(scope | {"user": user, "token_digest": digest}, receive, send)


@database_sync_to_async  # type: ignore[untyped-decorator]  # channels has no types
def _user_of_token(token: str) -> tuple[AbstractBaseUser | AnonymousUser, str | None]:
    try:
        user, found = BearerAuthentication().authenticate_credentials(token.encode(errors="replace"))
    except AuthenticationFailed:
        return AnonymousUser(), None
    return user, found.pk
