"""Django's way from ASGI to a view, with the whole way in one thread."""

import asyncio
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# More at once would only take turns on the processor, and wait for each other's database connections.
_AT_ONCE = 12


class HttpApplication(ASGIHandler):
    """Runs middleware and view of a request together, a dozen requests at a time; the others wait their turn.

    All our middleware and views are synchronous. Django's own handler changes to a thread and back for each of them,
    two dozen times for one request, which took most of the time of a web process.
    """

    def __init__(self) -> None:
        super().__init__()
        self._places = asyncio.Semaphore(_AT_ONCE)

    def load_middleware(self, is_async: bool = False) -> None:
        """Synchronous, whatever is asked for."""
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> Any:
        """The response, made in one visit to a thread."""
        async with self._places:
            answer: HttpResponseBase = await sync_to_async(self.get_response, thread_sensitive=True)(request)
            return answer
