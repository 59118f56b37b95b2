"""How much processor time each thing costs: a request, a poll, a message, a drawn job.

Other work on the machine changes how long things take, and hardly how much of a processor they need. So these figures
can be compared where the times of `load` cannot. The parts are the same: one web process with 200 sockets, one worker
service, one PostgreSQL; each job waits two seconds and draws a new canvas. What they use while nothing happens is
taken off.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp

from benchmarks.figures import Figure, Options
from benchmarks.load import CLIENTS, INSTRUCTIONS, services, tokens
from benchmarks.service import ProcessTree, empty, execute, make_users, postgres, wait_for_end

ROUNDS = 1
_IDLE_SECONDS = 10.0


@dataclass
class _Parts:
    """The processes of the product, and what they use when nothing happens (seconds of processor per second)."""

    web: ProcessTree
    worker: ProcessTree
    database: ProcessTree
    idle: tuple[float, ...] = (0.0, 0.0, 0.0)

    def used(self) -> tuple[float, ...]:
        return tuple(part.processor_seconds() for part in (self.web, self.worker, self.database))

    async def cost_ms(self, units: int, work: Callable[[], Awaitable[None]]) -> list[float]:
        """Milliseconds of processor that each of so many units took: web, worker service, database."""
        before, begun = self.used(), time.monotonic()
        await work()
        after, seconds = self.used(), time.monotonic() - begun
        return [
            1000 * (then - now - idle * seconds) / units
            for now, then, idle in zip(before, after, self.idle, strict=True)
        ]


def measure(options: Options) -> list[Figure]:
    requests = 200 if options.quick else 1_000
    empty()
    make_users(CLIENTS)
    with services(options) as (address, web, worker):
        return asyncio.run(
            _Measuring(address, _Parts(web, worker, ProcessTree([postgres()])), requests).figures()
        )


class _Measuring:
    """The clients, one after the other."""

    def __init__(self, address: str, parts: _Parts, requests: int) -> None:
        self._address = f"{address}/api/ai-agent"
        self._socket_address = f"{address}/ws/jobs"
        self._parts = parts
        self._requests = requests
        self._tokens = tokens()
        self._jobs: list[str] = []
        self._heard = 0
        self._ended = asyncio.Event()
        self._left: set[str] = set()

    async def figures(self) -> list[Figure]:
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            # The product trusts its proxy to say so.
            headers={"X-Forwarded-Proto": "https"},
        ) as self._session:
            # What is done for the first time only is done before.
            await self._submit(20)
            await self._poll(20)
            await asyncio.to_thread(wait_for_end, seconds=60)
            await asyncio.sleep(2)
            idle = await self._parts.cost_ms(1000, lambda: asyncio.sleep(_IDLE_SECONDS))
            self._parts.idle = tuple(cost / _IDLE_SECONDS for cost in idle)
            # Nobody draws while these are measured.
            await asyncio.to_thread(
                execute, "INSERT INTO ai_jobs_pause (job_type, reason, paused_at) VALUES ('', '', now())"
            )
            await asyncio.sleep(3)
            posts = await self._parts.cost_ms(self._requests, lambda: self._submit(self._requests))
            waiting = await self._parts.cost_ms(self._requests, lambda: self._poll(self._requests))
            await asyncio.to_thread(execute, "DELETE FROM ai_jobs_pause; NOTIFY ai_jobs_ready")
            await asyncio.to_thread(wait_for_end, seconds=600)
            await asyncio.sleep(2)
            over = await self._parts.cost_ms(self._requests, lambda: self._poll(self._requests))
            listening = [asyncio.create_task(self._listen(token)) for token in self._tokens]
            await asyncio.sleep(5)
            self._heard = 0
            drawn = await self._parts.cost_ms(self._requests, self._draw)
            messages = self._heard / self._requests
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)
        return [
            Figure("POST, web", "ms", posts[0]),
            Figure("POST, PostgreSQL", "ms", posts[2]),
            Figure("poll of a job that waits, web", "ms", waiting[0]),
            Figure("poll of a job that waits, PostgreSQL", "ms", waiting[2]),
            Figure("poll of a job that is over, web", "ms", over[0]),
            Figure("poll of a job that is over, PostgreSQL", "ms", over[2]),
            Figure("messages that a job's person heard", "", messages),
            Figure("messages of a job, web", "ms", drawn[0] - posts[0]),
            Figure("drawn job, worker service", "ms", drawn[1]),
            Figure("drawn job, PostgreSQL", "ms", drawn[2] - posts[2]),
            *(
                Figure(f"idle, {name}", "ms/s", 1000 * idle)
                for name, idle in zip(("web", "worker service", "PostgreSQL"), self._parts.idle, strict=True)
            ),
        ]

    def _headers(self, turn: int) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens[turn % CLIENTS]}"}

    async def _submit(self, count: int) -> None:
        self._jobs = []
        for turn in range(count):
            await self._submit_one(turn)

    async def _submit_one(self, turn: int) -> None:
        async with self._session.post(
            f"{self._address}/create-canvas", json={"instructions": INSTRUCTIONS}, headers=self._headers(turn)
        ) as answer:
            assert answer.status == 202, answer.status
            self._jobs.append((await answer.json())["job_id"])
        self._left.add(self._jobs[-1])

    async def _poll(self, count: int) -> None:
        for turn in range(count):
            which = turn % len(self._jobs)
            async with self._session.get(
                f"{self._address}/job/{self._jobs[which]}/status", headers=self._headers(which)
            ) as answer:
                await answer.read()
                assert answer.status == 200, answer.status

    async def _draw(self) -> None:
        """The jobs are submitted at the pace of `load`'s half, and their last messages have been heard."""
        self._left.clear()
        self._jobs = []
        begun = time.monotonic()
        for turn in range(self._requests):
            await asyncio.sleep(max(0.0, begun + turn / 25 - time.monotonic()))
            await self._submit_one(turn)
        async with asyncio.timeout(60):
            while self._left:
                self._ended.clear()
                await self._ended.wait()

    async def _listen(self, token: str) -> None:
        async with self._session.ws_connect(
            self._socket_address, protocols=("collabcanvas.v1", f"bearer.{token}"), max_msg_size=0
        ) as socket:
            async for message in socket:
                heard = message.json()
                self._heard += 1
                if heard["type"] == "ai_job_complete":
                    self._left.discard(heard["job_id"])
                    self._ended.set()
