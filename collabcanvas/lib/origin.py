"""Where an act comes from: through what, from which address, and by whom."""

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Channel = Literal["api", "socket", "admin", "cli", "system"]
_FORWARDED: Final = "X-Forwarded-For"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """`who` answers with the user of the request once that is known; `system` is nobody: tasks and engines."""

    channel: Channel = "system"
    address: str = ""
    who: Callable[[], Any] = lambda: None


_current: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039  # frozen


def current_origin() -> Origin:
    """The origin of what this thread or task does now."""
    return _current.get()


@contextmanager
def acting(origin: Origin) -> Iterator[None]:
    """Inside, this thread or task acts from there."""
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)


def address_of(*, peer: str, forwarded: str) -> str:
    """The client's address: the connection's own, or what the trusted proxies in front of us noted.

    Each proxy appends whom it heard from to `X-Forwarded-For`. Of that list only the last `TRUSTED_PROXIES`
    entries are ours to believe; anything before them the client may have written itself. "" when it is unknown.
    """
    noted = [part.strip() for part in forwarded.split(",") if part.strip()]
    proxies = settings.TRUSTED_PROXIES
    text = noted[-proxies] if proxies and len(noted) >= proxies else peer
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


def network_of(address: str) -> str:
    """What limits count as one visitor: an IPv4 address, or the /64 that one IPv6 customer has to itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


class OriginMiddleware:
    """Everything below acts from this request's address, as its user, through the API or the admin."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        origin = Origin(
            channel="admin" if request.path.startswith("/admin/") else "api",
            address=address_of(
                peer=request.META.get("REMOTE_ADDR") or "", forwarded=request.headers.get(_FORWARDED, "")
            ),
            # DRF puts a token's user there too.
            who=lambda: getattr(request, "user", None),
        )
        with acting(origin):
            return self.get_response(request)


class SocketOrigin:
    """ASGI: everything that a WebSocket causes acts from its address, as its user."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> Any:
        forwarded = ",".join(
            value.decode("latin-1")
            for name, value in scope.get("headers", ())
            if name == _FORWARDED.lower().encode()
        )
        peer = (scope.get("client") or ("",))[0]
        origin = Origin(
            channel="socket",
            address=address_of(peer=peer, forwarded=forwarded),
            who=lambda: scope.get("user"),
        )
        with acting(origin):
            return await self._application(scope, receive, send)
