"""Django's way from ASGI to a view, with the whole way in one thread."""

import asyncio
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import IO, Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from collabcanvas.lib.turns import Turns

# More at once would only take turns on the processor. Each keeps a connection to the database.
THREADS = 12
_READING = {"GET", "HEAD", "OPTIONS"}


class HttpApplication(ASGIHandler):
    """Runs all of a request in one visit to one of a dozen threads that stay; the others wait their turn.

    `apart` are addresses, as regular expressions, that have a few threads of their own: what takes long keeps nobody
    else waiting there, and what must be answered always waits for nobody. `in_turn` is the address of a thing, its id
    in the first group: whoever changes it waits outside of the threads for those who do so already.

    All our middleware and views are synchronous. Django's own handler makes a thread for each request, and with it a
    connection to the database, and changes to it and back for each middleware and each signal.
    """

    def __init__(self, *, apart: Mapping[str, int], in_turn: str) -> None:
        super().__init__()
        self._apart = [
            (re.compile(address), ThreadPoolExecutor(count, "request")) for address, count in apart.items()
        ]
        self._others = ThreadPoolExecutor(THREADS, "request")
        self._in_turn = re.compile(in_turn)
        self._turns = Turns()

    def load_middleware(self, is_async: bool = False) -> None:
        """Synchronous, whatever is asked for."""
        super().load_middleware(is_async=False)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answers one request. Whoever has gone meanwhile is still served: an answer that is made is soon sent."""
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        path = scope["path"]
        threads = next((threads for address, threads in self._apart if address.fullmatch(path)), self._others)
        # Without asgiref, whose way into a thread is made for views that come back to this loop.
        answer = partial(
            asyncio.get_running_loop().run_in_executor,
            threads,
            copy_context().run,
            self._answer,
            scope,
            body,
        )
        thing = None if scope["method"] in _READING else self._in_turn.fullmatch(path)
        response = await (answer() if thing is None else self._turns.run(thing[1].lower(), answer))
        if not response.streaming:
            await self.send_response(response, send)
            return
        # Files: Django reads them beside the event loop.
        async with ThreadSensitiveContext():
            await self.send_response(response, send)
            await sync_to_async(response.close)()

    def _answer(self, scope: dict[str, Any], body: IO[bytes]) -> HttpResponseBase:
        with body:
            set_script_prefix(get_script_prefix(scope))
            signals.request_started.send(sender=type(self), scope=scope)
            request, refusal = self.create_request(scope, body)
            response: HttpResponseBase = self.get_response(request) if request is not None else refusal  # type: ignore[assignment]  # one of both is there
            response._handler_class = type(self)  # type: ignore[attr-defined]  # as Django's handlers note it
            if isinstance(response, FileResponse):
                response.block_size = self.chunk_size
            if not response.streaming:
                response.close()
                _let_go(request, response)
            return response


def _let_go(request: HttpRequest | None, response: HttpResponseBase) -> None:
    """Cuts the circles in which Django's and DRF's objects of an answered request hold each other.

    Otherwise some hundred and fifty objects per request wait for the collector, which then stops all threads of this
    process for a tenth of a second, several times in a minute of busy work.
    """
    context = getattr(response, "renderer_context", None)
    if context:
        context["request"].parser_context.clear()
        vars(context["view"]).clear()
        context.clear()
    if request is not None:
        # The messages and the policy's nonce know their request.
        vars(request).clear()
