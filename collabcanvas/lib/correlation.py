"""One id for all that a request causes: in its answer, in every log line, and in what is recorded of it."""

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse

from collabcanvas.lib.metrics import count_request
from collabcanvas.lib.tracing import span

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
# Asked every few seconds, by machines: a line each would bury the others. What goes wrong there is logged.
_QUIET = ("/health/", "/metrics", "/api/ai-agent/health", "/static/")


def current_request_id() -> str:
    """The id of the request or socket that is being answered; empty outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


@contextmanager
def correlated(given: str | None) -> Iterator[str]:
    """Inside, the id holds for this thread or task: the given one if it is well-formed, else a new one.

    Well-formed are 8 to 64 letters, digits, `.`, `_` and `-`, beginning with a letter or digit: nothing that could
    forge a log line or a header.
    """
    request_id = given if given and _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        yield request_id


class CorrelationMiddleware:
    """Answers with `X-Request-ID`, the client's own or a new one, and logs one line per request.

    The line has the route, never the address: an address can carry an invitation's secret.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with correlated(request.headers.get(HEADER)) as request_id:
            begun = time.perf_counter()
            with span("request", request_id=request_id, method=request.method or "") as current:
                response = self.get_response(request)
                if current is not None:
                    current.update_name(f"{request.method} {_route(request)}")
                    current.set_attribute("status", response.status_code)
            seconds = time.perf_counter() - begun
            response[HEADER] = request_id
            count_request(
                method=request.method, route=_route(request), status=response.status_code, seconds=seconds
            )
            if response.status_code >= 500 or not request.path.startswith(_QUIET):
                logger.info("request", extra=_line(request, response, seconds))
            return response


class SocketCorrelation:
    """ASGI: every WebSocket has an id of its own, which all it causes carries."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        headers = dict(scope.get("headers", ()))
        given = headers.get(HEADER.lower().encode(), b"").decode("latin-1")
        with correlated(given):
            return await self._application(scope, receive, send)


def _line(request: HttpRequest, response: HttpResponse, seconds: float) -> dict[str, Any]:
    match = request.resolver_match
    given = match.kwargs if match else {}
    return {
        "method": request.method,
        "route": _route(request),
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "user_id": _user_id(request),
        **{name: str(value) for name, value in given.items() if name.endswith("_id") and _is_id(str(value))},
    }


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    if match is None:
        return ""
    # A pattern of many addresses is known by its name.
    return match.url_name or "other" if match.route.startswith("^") else f"/{match.route}"


def _user_id(request: HttpRequest) -> int | None:
    # Noted by whoever has looked at the identity; asking `request.user` here could ask the database.
    user = getattr(request, "_cached_user", None) or request.__dict__.get("user")
    return user.pk if isinstance(user, AbstractBaseUser) else None


def _is_id(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False
