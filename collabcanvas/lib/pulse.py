"""What a web process measures of itself while it runs: its event loop, and the way through the channel layer."""

import asyncio
import atexit
import contextlib
import logging
import time
import uuid
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from channels.layers import get_channel_layer
from django.db import Error, close_old_connections

from collabcanvas.lib import metrics
from collabcanvas.lib.consumers import in_database

logger = logging.getLogger(__name__)

_TURN_SECONDS = 1.0
# The worst of so many turns is shown, so that a scrape every 15 seconds misses none.
_TURNS = 20
_PROBE_SECONDS = 5.0
_SHARE_SECONDS = 5.0


class Pulse:
    """ASGI: the first request or socket of an event loop starts the measuring on it."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        atexit.register(_share_last)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            parts: tuple[Callable[[], Coroutine[Any, Any, None]], ...] = (
                _measure_loop,
                _measure_channel_layer,
                _share_counts,
            )
            self._tasks = [loop.create_task(part()) for part in parts]
        return await self._application(scope, receive, send)


async def _measure_loop() -> None:
    lags: deque[float] = deque(maxlen=_TURNS)
    while True:
        before = time.monotonic()
        await asyncio.sleep(_TURN_SECONDS)
        lags.append(max(0.0, time.monotonic() - before - _TURN_SECONDS))
        metrics.web_loop_lag.set(max(lags))


async def _measure_channel_layer() -> None:
    layer = get_channel_layer()
    channel = await layer.new_channel("pulse")
    group = f"pulse.{uuid.uuid4().hex}"
    heard_at = time.monotonic()
    while True:
        begun = time.monotonic()
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                await _round_trip(layer, group, channel)
        except Exception as error:  # noqa: BLE001  # whichever layer is configured: its silence is what is measured
            logger.warning("channel_layer_silent", extra={"kind": type(error).__name__})
            metrics.channel_layer_lag.set(time.monotonic() - heard_at)
        else:
            heard_at = time.monotonic()
            metrics.channel_layer_lag.set(heard_at - begun)
        await asyncio.sleep(_PROBE_SECONDS)


async def _round_trip(layer: Any, group: str, channel: str) -> None:
    await layer.group_add(group, channel)
    token = uuid.uuid4().hex
    await layer.group_send(group, {"type": "pulse", "token": token})
    # What else comes this way, such as a call to resync or an answer that was given up, is not it.
    while (await layer.receive(channel)).get("token") != token:
        pass


async def _share_counts() -> None:
    while True:
        await asyncio.sleep(_SHARE_SECONDS)
        # Without a database they stay counted here, and are shared when it is back.
        with contextlib.suppress(Error):
            await in_database(metrics.share_counts)()


def _share_last() -> None:
    with contextlib.suppress(Error):
        close_old_connections()
        metrics.share_counts()
