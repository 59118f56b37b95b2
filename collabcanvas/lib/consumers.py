"""What both WebSocket consumers share: identity, limits, parsing, subscriptions, and forwarding.

A consumer stays thin: it forwards what was published and turns each client message into one service call.
"""

import asyncio
import contextvars
import functools
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, TypeVar

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import close_old_connections
from rest_framework.exceptions import ParseError, ValidationError

from collabcanvas.lib.credentials import account_group, credential_of, still_signed_in
from collabcanvas.lib.errors import AppError
from collabcanvas.lib.json_parser import loads
from collabcanvas.lib.metrics import sockets
from collabcanvas.lib.socket_auth import SUBPROTOCOL

T = TypeVar("T")

logger = logging.getLogger(__name__)

NOT_SIGNED_IN = 4401
NO_LONGER_ALLOWED = 4403
UNKNOWN = 4404
IDLE = 4408
MESSAGE_TOO_LARGE = 4413
SERVER_RESTARTING = 1012
MAX_MESSAGE_BYTES = 1024 * 1024
# daphne's limit for what comes holds for what goes, too, and cuts the line above it: 2 MB. Far below that, since a
# pong waits behind what is on its way, and the client gives up after ten seconds: six are left to a line of 50 kB/s.
LARGEST_MESSAGE_BYTES = 300_000
IDLE_SECONDS = 90.0
_CLOSING_SECONDS = 0.1
# Each keeps a connection to the database. Apart from those of requests, which do not wait for locked canvases.
_threads = ThreadPoolExecutor(7, thread_name_prefix="socket")


# One encoder for all: with other than its defaults, `json.dumps` makes a new one each time.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encoded(message: Mapping[str, Any]) -> str:
    """A protocol message as it travels; for a large one, to be called away from the event loop."""
    return _encode(message)


def in_database(function: Callable[..., T]) -> Callable[..., Awaitable[T]]:
    """The blocking function as a coroutine function, which runs beside those of other sockets.

    Not Channels' `database_sync_to_async`, whose default is one thread for all sockets of a process: whoever
    waited there for a locked canvas would keep everybody else waiting too.
    """

    def call(*arguments: Any, **named: Any) -> T:
        close_old_connections()
        try:
            return function(*arguments, **named)
        finally:
            close_old_connections()

    async def in_thread(*arguments: Any, **named: Any) -> T:
        work = functools.partial(contextvars.copy_context().run, call, *arguments, **named)
        return await asyncio.get_running_loop().run_in_executor(_threads, work)

    return in_thread


class CloseSocket(Exception):  # control flow, not a fault
    """Raised in any hook or handler: the socket closes with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class RealtimeConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """Base of the consumers; see docs/realtime-protocol.md for codes and messages.

    Subclasses say who may join (`authorise`), what to send first (`send_snapshots`) and which method handles
    which message (`message_handlers`: type → method name; the method takes the parsed message).
    """

    message_handlers: ClassVar[Mapping[str, str]] = {}
    user: Any
    _closed = True
    _is_counted = False
    _idle: asyncio.TimerHandle | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._joined: list[str] = []
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            # The server stops. It ends as soon as its last consumer has, so the closing frame gets a head start.
            if not self._closed:
                await self.close(code=SERVER_RESTARTING)
                await asyncio.sleep(_CLOSING_SECONDS)
            raise
        finally:
            # Also when a fault, such as a lost database, ended this consumer: nobody tells it of the closing then.
            await self._leave()

    async def dispatch(self, message: Mapping[str, Any]) -> None:
        """To the method that the message's type names.

        Channels would visit a thread first, with each message, to look after its database connections; ours live in
        threads of our own.
        """
        await getattr(self, get_handler_name(message))(message)

    async def authorise(self) -> Sequence[str]:
        """The groups to join, or `CloseSocket`. `self.user` is set and signed in."""
        raise CloseSocket(UNKNOWN)

    async def send_snapshots(self) -> None:
        """Send the state as of now. Runs after subscribing, so nothing falls between the two."""

    async def on_published(self, message: Mapping[str, Any]) -> bool:
        """Look at a published message first; False keeps it from the client."""
        return True

    async def on_missed(self) -> None:
        """Messages may have been lost; raise `CloseSocket` when the right to hear more has ended meanwhile."""

    async def on_ping(self) -> None:
        """Called with each `ping`."""

    async def on_leave(self) -> None:
        """Called once when the socket has closed after joining."""

    async def connect(self) -> None:
        # A close code reaches a browser only after the handshake was accepted.
        await self.accept(SUBPROTOCOL if SUBPROTOCOL in self.scope.get("subprotocols", []) else None)
        self._closed = False
        self._count_as_open(True)
        self.user = self.scope["user"]
        try:
            if not self.user.is_authenticated:
                raise CloseSocket(NOT_SIGNED_IN)
            self._credential = credential_of(self.scope)
            groups = [account_group(self.user.pk), *await self.authorise()]
            if self._credential is not None:
                groups.append(self._credential.group)
            for group in groups:
                await self.channel_layer.group_add(group, self.channel_name)
                self._joined.append(group)
            # From here on the end of the sign-in is heard of; it may have come since the handshake.
            await self._check_signed_in()
            await self.send_snapshots()
        except CloseSocket as closing:
            await self.close(code=closing.code)
            return
        self._restart_idle_clock()

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        """Close, and hear and say nothing more: until the client answers, messages still come in both ways."""
        self._closed = True
        await super().close(code, reason)

    def _count_as_open(self, is_open: bool) -> None:
        if is_open != self._is_counted:
            self._is_counted = is_open
            sockets.labels(type(self).__name__).inc(1 if is_open else -1)

    async def _leave(self) -> None:
        self._closed = True
        self._count_as_open(False)
        if self._idle is not None:
            self._idle.cancel()
        for group in self._joined:
            await self.channel_layer.group_discard(group, self.channel_name)
        if self._joined:
            await self.on_leave()
        forget = getattr(self.channel_layer, "forget", None)
        if forget is not None:
            forget(self.channel_name)

    async def send_message(self, message: Mapping[str, Any]) -> None:
        """Send one protocol message to this client."""
        await self.send(text_data=encoded(message))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self._closed:
            return
        self._restart_idle_clock()
        try:
            await self._handle(text_data if text_data is not None else bytes_data or b"")
        except CloseSocket as closing:
            await self.close(code=closing.code)
        except AppError as error:
            await self.send_message({"type": "error"} | error.as_dict())

    async def _handle(self, raw: str | bytes) -> None:
        if len(raw if isinstance(raw, bytes) else raw.encode(errors="replace")) > MAX_MESSAGE_BYTES:
            raise CloseSocket(MESSAGE_TOO_LARGE)
        try:
            message = loads(raw)
        except (ParseError, ValidationError):
            await self._send_malformed("That message is not valid JSON text.")
            return
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            await self._send_malformed('A message is a JSON object with a "type".')
            return
        if message["type"] == "ping":
            await self.on_ping()
            await self.send_message({"type": "pong"})
            return
        handler = self.message_handlers.get(message["type"])
        if handler is not None:
            await getattr(self, handler)(message)

    async def _send_malformed(self, sentence: str) -> None:
        await self.send_message({"type": "error", "code": "malformed_message", "error": sentence})

    async def realtime_deliver(self, event: Mapping[str, Any]) -> None:
        """The channel layer's entry point for published messages."""
        if self._closed:
            return
        try:
            if await self.on_published(event["message"]):
                await self.send_message(event["message"])
        except CloseSocket as closing:
            await self.close(code=closing.code)

    async def _check_signed_in(self) -> None:
        if not await in_database(still_signed_in)(self.user, self._credential):
            raise CloseSocket(NOT_SIGNED_IN)

    async def realtime_sign_out(self, event: Mapping[str, Any]) -> None:
        """The channel layer's entry point when the session, the token or the account has ended."""
        if not self._closed:
            await self.close(code=NOT_SIGNED_IN)

    async def realtime_resync(self, event: Mapping[str, Any]) -> None:
        """The channel layer's entry point after a gap: the client fetches anew."""
        if self._closed:
            return
        try:
            # What was missed may be that this person was signed out.
            await self._check_signed_in()
            await self.on_missed()
        except CloseSocket as closing:
            await self.close(code=closing.code)
        else:
            await self.send_message({"type": "resync"})

    def _restart_idle_clock(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._close_idle)

    def _close_idle(self) -> None:
        self._closing = asyncio.ensure_future(self.close(code=IDLE))
