"""What clients hear when the web service is restarted."""

import asyncio
import os
import signal
from collections.abc import Callable

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.running import Running


async def test_a_stopping_server_tells_its_sockets_so(launch: Callable[..., Running]) -> None:
    running = await asyncio.to_thread(launch)
    token = (await asyncio.to_thread(running.manage, "api_token", "ada")).stdout.split()[-1]
    address = f"ws://localhost:{running.port}/ws/jobs"
    async with (
        asyncio.timeout(60),
        connect(
            address, subprotocols=[Subprotocol("collabcanvas.v1"), Subprotocol(f"bearer.{token}")]
        ) as socket,
    ):
        await socket.recv()
        # Daphne (4.2) ends without a word while it still holds the upgrade request, which it forgets once a second.
        await asyncio.sleep(2.5)

        os.kill(running.pids["web"], signal.SIGTERM)

        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 1012
