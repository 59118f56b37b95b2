"""Fifty people a second ask for work while two hundred poll and two hundred sockets listen (`make load`).

One web process (daphne) and one worker service on one PostgreSQL, all beside the clients on the same machine, each in a
session of its own, as services are (Linux shares the processor out among sessions), with the product's own limits and
settings, `DEBUG` off. Each job waits two seconds, as for a model, and then really draws a new
canvas. Requests start at fixed times, however slow the answers are, and are timed from that moment. The same load
then goes to an address that does the work inside the request.
"""

import asyncio
import contextlib
import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from django.contrib.auth.models import User
from knox.models import AuthToken

from benchmarks.figures import Figure, Options, quantile
from benchmarks.service import PROJECT, Peak, ProcessTree, empty, make_users, number, wait_for_end, workers
from tests.running import free_port

ROUNDS = 1
CLIENTS = 200
PER_SECOND = 50
POLL_SECONDS = 2.0
_PING_SECONDS = 30.0
# Four looks a second at the memory of all processes took the clients, who are timed, an eighth of a core.
_LOOK_SECONDS = 5.0
INSTRUCTIONS = "Draw: Order placed -> Packed -> Shipped"
_SETTINGS = "benchmarks.load_settings"


@dataclass
class Seen:
    """What the clients of one run saw."""

    answers_ms: list[float] = field(default_factory=list)
    polls_ms: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    jobs: dict[int, str] = field(default_factory=dict)
    submitted: set[str] = field(default_factory=set)
    completed: set[str] = field(default_factory=set)

    def error_percent(self) -> float:
        """Failed requests of all, in percent."""
        return (
            100
            * self.errors.total()
            / max(1, len(self.answers_ms) + len(self.polls_ms) + self.errors.total())
        )


def measure(options: Options) -> list[Figure]:
    seconds = 15 if options.quick else 120
    figures = []
    for users in (CLIENTS, 10 * CLIENTS):
        empty()
        make_users(users)
        with services(options) as (address, web, worker):
            with (
                Peak(web, every=_LOOK_SECONDS) as web_memory,
                Peak(worker, every=_LOOK_SECONDS) as worker_memory,
            ):
                seen = asyncio.run(_Clients(address, tokens()).ask(seconds))
            wait_for_end(seconds=120)
            lost = len(seen.submitted) - number(
                "SELECT count(*) FROM ai_jobs_aijob WHERE status = 'completed'"
            )
            figures += [
                Figure(
                    f"POST with {users} users, median", "ms", statistics.median(seen.answers_ms), at_most=50
                ),
                Figure(f"POST with {users} users, p99", "ms", quantile(seen.answers_ms, 99), at_most=100),
                Figure(f"poll with {users} users, median", "ms", statistics.median(seen.polls_ms)),
                Figure(f"poll with {users} users, p99", "ms", quantile(seen.polls_ms, 99)),
                Figure(f"errors with {users} users", "%", seen.error_percent(), at_most=0.1),
                Figure(f"jobs not completed with {users} users", "", lost, at_most=0),
                Figure(
                    f"ends that a socket did not hear with {users} users",
                    "",
                    len(seen.submitted - seen.completed),
                    at_most=0,
                ),
                Figure(f"memory of web with {users} users", "MB", web_memory.megabytes),
                Figure(f"memory of the worker service with {users} users", "MB", worker_memory.megabytes),
            ]
            if seen.errors:
                sys.stdout.write(f"  errors: {dict(seen.errors.most_common(5))}\n")
            asked = statistics.median(seen.answers_ms)
    with services(options) as (address, _, _):
        clients = _Clients(address, tokens(), path="/synchronous/create-canvas", expected=200)
        inside = asyncio.run(clients.ask(seconds / 6))
    figures += [
        Figure("the work inside the request, median", "ms", statistics.median(inside.answers_ms)),
        Figure("the work inside the request, errors", "%", inside.error_percent()),
        Figure("asynchronous answers are faster by", "times", statistics.median(inside.answers_ms) / asked),
    ]
    return figures


def tokens() -> list[str]:
    return [AuthToken.objects.create(user)[1] for user in User.objects.order_by("pk")[:CLIENTS]]


@contextmanager
def services(
    options: Options, *, settings: str = _SETTINGS
) -> Iterator[tuple[str, ProcessTree, ProcessTree]]:
    """Web and worker, both ready: the address, and the processes of each."""
    port = free_port()
    address = f"http://localhost:{port}"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        worker = stack.enter_context(workers(engines=options.engines, DJANGO_SETTINGS_MODULE=settings))
        log = stack.enter_context((folder / "web.log").open("wb"))
        web = subprocess.Popen(
            [
                *(sys.executable, "-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p", str(port)),
                *("--websocket_timeout", "-1", "collabcanvas.asgi:application"),
            ],
            cwd=PROJECT,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": settings, "TRUSTED_PROXIES": "1"},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            asyncio.run(_wait_for(address))
            yield address, ProcessTree([web.pid]), ProcessTree([worker.pid])
        finally:
            web.terminate()
            try:
                web.wait(30)
            except subprocess.TimeoutExpired:
                # What was asked of it synchronously, and given up by those who asked, it would still do.
                web.kill()
                web.wait()


async def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 60
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"{address}/health/ready") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            if time.monotonic() > deadline:
                raise AssertionError("the web process did not answer within 60 s")
            await asyncio.sleep(0.1)


class _Clients:
    """All clients of one run: they submit, poll and listen."""

    def __init__(
        self,
        address: str,
        tokens: list[str],
        *,
        path: str = "/api/ai-agent/create-canvas",
        expected: int = 202,
    ) -> None:
        self._address = address
        self._tokens = tokens
        self._path = path
        self._expected = expected
        self._seen = Seen()
        self._heard = asyncio.Event()

    async def ask(self, seconds: float) -> Seen:
        """`PER_SECOND` requests a second for this long; returns when all have been answered."""
        # The clients' own collector would stop all of them for a third of a second, and that would count as waiting.
        gc.collect()
        gc.freeze()
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=60),
            # The product trusts its proxy to say so.
            headers={"X-Forwarded-Proto": "https"},
        ) as self._session:
            listening = [asyncio.create_task(self._listen(token)) for token in self._tokens]
            # All sockets are open before the first request, so that they hear of all ends.
            await asyncio.sleep(5)
            polling = [asyncio.create_task(self._poll(client)) for client in range(CLIENTS)]
            submitting = []
            begun = time.monotonic()
            for turn in range(int(seconds * PER_SECOND)):
                at = begun + turn / PER_SECOND
                await asyncio.sleep(max(0.0, at - time.monotonic()))
                submitting.append(asyncio.create_task(self._submit(turn % CLIENTS, at)))
            await asyncio.gather(*submitting)
            for task in polling:
                task.cancel()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(60):
                    await self._all_heard()
            for task in listening:
                task.cancel()
            await asyncio.gather(*polling, *listening, return_exceptions=True)
        return self._seen

    async def _all_heard(self) -> None:
        while self._seen.submitted - self._seen.completed:
            self._heard.clear()
            await self._heard.wait()

    def _headers(self, client: int) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens[client]}"}

    async def _submit(self, client: int, at: float) -> None:
        try:
            async with self._session.post(
                f"{self._address}{self._path}",
                json={"instructions": INSTRUCTIONS},
                headers=self._headers(client),
            ) as answer:
                body = await answer.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            self._seen.errors[f"POST {type(error).__name__}"] += 1
            return
        if answer.status != self._expected:
            self._seen.errors[f"POST {answer.status}"] += 1
            return
        self._seen.answers_ms.append((time.monotonic() - at) * 1000)
        if "job_id" in body:
            self._seen.jobs[client] = body["job_id"]
            self._seen.submitted.add(body["job_id"])

    async def _poll(self, client: int) -> None:
        # Not all at the same moment.
        await asyncio.sleep(POLL_SECONDS * client / CLIENTS)
        while True:
            begun = time.monotonic()
            if client in self._seen.jobs:
                try:
                    async with self._session.get(
                        f"{self._address}/api/ai-agent/job/{self._seen.jobs[client]}/status",
                        headers=self._headers(client),
                    ) as answer:
                        await answer.read()
                except (aiohttp.ClientError, TimeoutError) as error:
                    self._seen.errors[f"poll {type(error).__name__}"] += 1
                else:
                    if answer.status == 200:
                        self._seen.polls_ms.append((time.monotonic() - begun) * 1000)
                    else:
                        self._seen.errors[f"poll {answer.status}"] += 1
            await asyncio.sleep(max(0.0, begun + POLL_SECONDS - time.monotonic()))

    async def _listen(self, token: str) -> None:
        async with self._session.ws_connect(
            f"{self._address}/ws/jobs", protocols=("collabcanvas.v1", f"bearer.{token}"), max_msg_size=0
        ) as socket:
            alive = asyncio.create_task(_say_that_one_is_there(socket))
            async for message in socket:
                heard = message.json()
                if heard["type"] == "ai_job_complete":
                    self._seen.completed.add(heard["job_id"])
                    self._heard.set()
            alive.cancel()
        self._seen.errors["socket closed"] += 1


async def _say_that_one_is_there(socket: aiohttp.ClientWebSocketResponse) -> None:
    """As the protocol wants it: who says nothing for 90 s is taken for gone."""
    while True:
        await asyncio.sleep(_PING_SECONDS)
        await socket.send_json({"type": "ping"})
