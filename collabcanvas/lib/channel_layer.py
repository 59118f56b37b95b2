"""A Channels layer on PostgreSQL's NOTIFY: no second server, and nothing announced that is not committed.

Each web process has one LISTEN connection that fans out to its own consumers. Messages go out in two ways:
`collabcanvas.lib.realtime.publish` notifies inside the caller's transaction, and the layer's own `group_send` and
`send` (presence) gather messages for a few milliseconds and notify from a connection of their own. When the
listener loses its connection, every local consumer is told to resync, because messages may have been missed.
"""

import asyncio
import contextlib
import json
import logging
import random
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import psycopg2
from channels.layers import BaseChannelLayer
from django.db import connections

logger = logging.getLogger(__name__)

NOTIFY_CHANNEL = "collabcanvas_messages"
# PostgreSQL refuses payloads of 8,000 bytes and more.
MAX_PAYLOAD_BYTES = 7_900
RESYNC: Mapping[str, Any] = {"type": "realtime.resync"}
_NOTIFY = "SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) AS payload"
_NOTIFY_AT_ONCE = f"SET LOCAL synchronous_commit = off; {_NOTIFY}"
_FLUSH_SECONDS = 0.01
_QUEUE_LENGTH = 1_000
# One encoder for all: with other than its defaults, `json.dumps` makes a new one each time.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Envelope(NamedTuple):
    """One message and its audience: group names, or channel names (those contain a `!`)."""

    targets: tuple[str, ...]
    message: Mapping[str, Any]


def payloads(envelopes: Iterable[Envelope]) -> Iterator[str]:
    """Pack envelopes, in order, into as few JSON arrays as fit a notification; a larger one comes out alone."""
    batch: list[str] = []
    size = 2
    for envelope in envelopes:
        text = _encode([envelope.targets, envelope.message])
        length = len(text.encode()) + 1
        if batch and size + length > MAX_PAYLOAD_BYTES:
            yield f"[{','.join(batch)}]"
            batch, size = [], 2
        batch.append(text)
        size += length
    if batch:
        yield f"[{','.join(batch)}]"


def notify(cursor: Any, envelopes: Iterable[Envelope], *, alone: bool = False) -> None:
    """Announce the envelopes when the cursor's transaction commits, in order; oversized ones travel by row.

    `alone`: there is no transaction, and nothing of worth is stored with them, so they need not wait for the disk.
    """
    ready: list[str] = []
    for payload in payloads(envelopes):
        if len(payload.encode()) > MAX_PAYLOAD_BYTES:
            cursor.execute(
                "INSERT INTO kernel_oversizedmessage (payload) VALUES (%s) RETURNING id", [payload]
            )
            ready.append(json.dumps({"row": cursor.fetchone()[0]}))
        else:
            ready.append(payload)
    if ready:
        cursor.execute(_NOTIFY_AT_ONCE if alone else _NOTIFY, [NOTIFY_CHANNEL, ready])


def connect_outside_pool(*, application_name: str, on_a_loop: bool = False) -> Any:
    """A plain autocommit connection to the default database, with TCP keep-alives so that a dead peer is noticed.

    `on_a_loop`: nothing on it blocks, connecting included; see psycopg2 on asynchronous connections.
    """
    parameters = connections["default"].get_connection_params()
    parameters.pop("cursor_factory", None)
    connection = psycopg2.connect(
        **parameters
        | {
            "application_name": application_name,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "async_": on_a_loop,
        }
    )
    if not on_a_loop:
        connection.autocommit = True
    return connection


class _Sender:
    """The connection behind `group_send`; used from one thread only."""

    def __init__(self) -> None:
        self._connection: Any = None

    def run(self, envelopes: Sequence[Envelope]) -> None:
        try:
            with self._cursor() as cursor:
                notify(cursor, envelopes)
        except psycopg2.Error as error:
            # Presence is droppable; the next call connects anew.
            self.close()
            logger.warning(
                "presence_dropped", extra={"messages": len(envelopes), "reason": str(error).strip()}
            )

    def read_row(self, row: int) -> str | None:
        with self._cursor() as cursor:
            cursor.execute("SELECT payload FROM kernel_oversizedmessage WHERE id = %s", [row])
            found = cursor.fetchone()
        return found[0] if found else None

    def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg2.Error):
                self._connection.close()
            self._connection = None

    def _cursor(self) -> Any:
        if self._connection is None or self._connection.closed:
            self._connection = connect_outside_pool(application_name="collabcanvas web sender")
            with self._connection.cursor() as cursor:
                # A notification needs no flush to disk: without this each would wait for one.
                cursor.execute("SET synchronous_commit = off")
        return self._connection.cursor()


class PostgresChannelLayer(BaseChannelLayer):  # type: ignore[misc]  # channels has no types
    """Channels' layer interface (groups, no flush); capacity is per consumer, an overrun becomes a resync."""

    extensions = ["groups"]

    def __init__(self, expiry: int = 60, capacity: int = _QUEUE_LENGTH, **_: Any) -> None:
        super().__init__(expiry=expiry, capacity=capacity)
        self._process = uuid.uuid4().hex[:12]
        self._queues: dict[str, asyncio.Queue[Mapping[str, Any]]] = {}
        self._groups: dict[str, set[str]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening: asyncio.Event = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._outgoing: list[Envelope] = []
        self._flush_scheduled = False
        self._sender = _Sender()
        self._sender_thread = ThreadPoolExecutor(1, thread_name_prefix="channel-layer")

    async def new_channel(self, prefix: str = "specific") -> str:
        self._enter_loop()
        channel = f"{prefix}.{self._process}!{uuid.uuid4().hex}"
        self._queues[channel] = asyncio.Queue(self.capacity)
        return channel

    async def receive(self, channel: str) -> Mapping[str, Any]:
        self._enter_loop()
        return await self._queues.setdefault(channel, asyncio.Queue(self.capacity)).get()

    async def send(self, channel: str, message: Mapping[str, Any]) -> None:
        self._enter_loop()
        if channel in self._queues:
            self._deliver(channel, message)
        else:
            self._post(Envelope((channel,), message))

    async def group_add(self, group: str, channel: str) -> None:
        """Subscribe; returns only when the listener runs, so a snapshot read afterwards misses nothing."""
        self._enter_loop()
        self._groups[group].add(channel)
        await self._listening.wait()

    async def group_discard(self, group: str, channel: str) -> None:
        self._groups[group].discard(channel)
        if not self._groups[group]:
            del self._groups[group]

    async def group_send(self, group: str, message: Mapping[str, Any]) -> None:
        self._enter_loop()
        self._post(Envelope((group,), message))

    def forget(self, channel: str) -> None:
        """Drop a closed consumer's queue and its subscriptions."""
        self._queues.pop(channel, None)
        for group in [name for name, members in self._groups.items() if channel in members]:
            self._groups[group].discard(channel)
            if not self._groups[group]:
                del self._groups[group]

    async def close(self) -> None:
        """End the listener and both connections; a later call starts anew."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.get_running_loop().run_in_executor(self._sender_thread, self._sender.close)
        self._loop = None

    def _enter_loop(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return
        # First use, or another event loop (each test has its own): queues belong to one loop.
        self._loop = loop
        self._queues.clear()
        self._groups.clear()
        self._outgoing.clear()
        self._flush_scheduled = False
        self._listening = asyncio.Event()
        self._tasks = set()
        self._start(self._listen())

    def _start(self, coroutine: Any) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _post(self, envelope: Envelope) -> None:
        self._outgoing.append(envelope)
        if not self._flush_scheduled:
            self._flush_scheduled = True
            self._start(self._flush())

    async def _flush(self) -> None:
        await asyncio.sleep(_FLUSH_SECONDS)
        self._flush_scheduled = False
        envelopes, self._outgoing = self._outgoing, []
        await asyncio.get_running_loop().run_in_executor(self._sender_thread, self._sender.run, envelopes)

    def _deliver(self, channel: str, message: Mapping[str, Any]) -> None:
        queue = self._queues.get(channel)
        if queue is None:
            return
        if queue.full():
            # A consumer that cannot keep up would lose an unknown part: it starts again from the database.
            while not queue.empty():
                queue.get_nowait()
            message = RESYNC
            logger.warning("consumer_overrun", extra={"channel": channel})
        queue.put_nowait(message)

    def _fan_out(self, envelopes: Iterable[Sequence[Any]]) -> None:
        for targets, message in envelopes:
            for target in targets:
                channels = (target,) if "!" in target else tuple(self._groups.get(target, ()))
                for channel in channels:
                    self._deliver(channel, message)

    def _resync_all(self) -> None:
        for channel in list(self._queues):
            self._deliver(channel, RESYNC)

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        delay = 0.1
        first = True
        while True:
            try:
                connection = await asyncio.to_thread(self._open_listener)
            except psycopg2.Error as error:
                logger.warning("listener_cannot_connect", extra={"reason": str(error).strip()})
                await asyncio.sleep(delay * random.uniform(0.8, 1.2))  # noqa: S311  # jitter, not a secret
                delay = min(delay * 2, 5.0)
                continue
            delay = 0.1
            if not first:
                self._resync_all()
            first = False
            self._listening.set()
            arrived = asyncio.Event()
            descriptor = connection.fileno()
            loop.add_reader(descriptor, arrived.set)
            try:
                while True:
                    connection.poll()
                    for payload in [item.payload for item in connection.notifies]:
                        try:
                            await self._receive_payload(payload)
                        except (ValueError, TypeError, KeyError):
                            # From another release, or from somebody at the database: it must not end the listening.
                            logger.exception("message_not_understood")
                            self._resync_all()
                    connection.notifies.clear()
                    await arrived.wait()
                    arrived.clear()
            except psycopg2.Error as error:
                logger.warning("listener_lost", extra={"reason": str(error).strip()})
            finally:
                loop.remove_reader(descriptor)
                with contextlib.suppress(psycopg2.Error):
                    connection.close()

    @staticmethod
    def _open_listener() -> Any:
        connection = connect_outside_pool(application_name="collabcanvas web listener")
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {NOTIFY_CHANNEL}")
        return connection

    async def _receive_payload(self, payload: str) -> None:
        content = json.loads(payload)
        if isinstance(content, dict):
            loop = asyncio.get_running_loop()
            stored = await loop.run_in_executor(self._sender_thread, self._sender.read_row, content["row"])
            if stored is None:
                # The row is gone (kept for minutes, we are later): what it said is unknown.
                self._resync_all()
                return
            content = json.loads(stored)
        self._fan_out(content)
