"""The engine's ear: one connection that LISTENs to the doorbells, on the engine's event loop."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

import psycopg2

from ai_jobs.events import READY_CHANNEL, STOPPED_CHANNEL
from collabcanvas.lib.channel_layer import connect_outside_pool

logger = logging.getLogger(__name__)


async def listen(*, on_ready: Callable[[], None], on_stopped: Callable[[str], None]) -> None:
    """Call back for each doorbell, for ever; after a lost connection, connect again and ring once.

    Doorbells that rang meanwhile are not known, so the first thing after connecting is always `on_ready`.
    """
    loop = asyncio.get_running_loop()
    delay = 0.1
    while True:
        try:
            connection = await asyncio.to_thread(_open)
        except psycopg2.Error as error:
            logger.warning("engine_listener_cannot_connect", extra={"reason": str(error).strip()})
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5.0)
            continue
        delay = 0.1
        on_ready()
        rang = asyncio.Event()
        descriptor = connection.fileno()
        loop.add_reader(descriptor, rang.set)
        try:
            while True:
                connection.poll()
                bells, connection.notifies[:] = list(connection.notifies), []
                for bell in bells:
                    if bell.channel == STOPPED_CHANNEL:
                        on_stopped(bell.payload)
                if any(bell.channel == READY_CHANNEL for bell in bells):
                    on_ready()
                await rang.wait()
                rang.clear()
        except psycopg2.Error as error:
            logger.warning("engine_listener_lost", extra={"reason": str(error).strip()})
        finally:
            loop.remove_reader(descriptor)
            with contextlib.suppress(psycopg2.Error):
                connection.close()


def _open() -> "psycopg2.extensions.connection":
    connection = connect_outside_pool(application_name="collabcanvas engine listener")
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {READY_CHANNEL}; LISTEN {STOPPED_CHANNEL}")
    return connection
