"""Handlers for tests and benchmarks: they wait, talk to a server, draw, fail or die, as their parameters say."""

import asyncio
import os
import signal
import time
from pathlib import Path

from ai_jobs.handlers.base import Drawing, HandlerRequest, Report
from ai_jobs.handlers.create_canvas import handle as create_canvas
from ai_jobs.handlers.modify_canvas import handle as modify_canvas


async def probe(request: HandlerRequest, report: Report) -> Drawing:
    """Parameters: `seconds` to wait, `url` (host:port to hold a connection to), `draw`, `die`, `block` (seconds)."""
    first_line_at = time.time()
    _note_execution(request)
    if request.parameters.get("die"):
        os.kill(os.getpid(), signal.SIGKILL)
    await report(stage="drawing", message="Waiting", progress=10)
    seconds = float(request.parameters.get("seconds", 0))
    time.sleep(float(request.parameters.get("block", 0)))  # noqa: ASYNC251  # what a handler must not do
    if request.parameters.get("fault"):
        raise LookupError(f"nobody thought of {request.instructions}")
    if request.parameters.get("url"):
        await _hold_connection(request.parameters["url"])
    elif seconds:
        await asyncio.sleep(seconds)
    if request.parameters.get("draw"):
        return await create_canvas(request, report)
    return Drawing(
        title="".join(map(chr, request.parameters.get("title_codes", []))),
        message="Done.",
        elements=(),
        usage={"first_line_at": first_line_at},
    )


async def _hold_connection(address: str) -> None:
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        await reader.read()
    finally:
        writer.close()


def _note_execution(request: HandlerRequest) -> None:
    """Append to the file PROBE_EXECUTIONS, past the database: the soak counts by it how often a job really ran."""
    if path := os.environ.get("PROBE_EXECUTIONS"):
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, f"{request.job_id} {os.getpid()} {time.time()}\n".encode())
        finally:
            os.close(descriptor)


async def create_canvas_noted(request: HandlerRequest, report: Report) -> Drawing:
    """The product's own `create_canvas`, with its executions noted."""
    _note_execution(request)
    return await create_canvas(request, report)


async def noop(request: HandlerRequest, report: Report) -> Drawing:
    """Nothing: what remains is the engine's own cost."""
    return Drawing(title="", message="Done.", elements=(), usage={})


async def gated_modify_canvas(request: HandlerRequest, report: Report) -> Drawing:
    """`modify_canvas`, which first waits until the file that PROBE_GATE names is gone."""
    gate = Path(os.environ["PROBE_GATE"])
    await report(stage="drawing", message="Waiting at the gate", progress=10)
    while gate.exists():  # noqa: ASYNC110, ASYNC240  # another process removes it
        await asyncio.sleep(0.05)
    return await modify_canvas(request, report)
