"""A model vendor for tests: a local HTTP server that speaks the protocols of OpenAI and Anthropic, with streaming.

The words "answer: name" in a request choose a file under `answers/`: `{"turns": [...]}`, one turn per request, the
last one again and again. A turn may have:

* `plan`: the answer as JSON, `text`: the answer as it is, `nodes`: a plan of that many nodes;
* `piece`: characters per message of the stream, `pause_ms` between two of them;
* `break_after`: the connection ends after so many characters, `finish`: the reason given at the end;
* `status`, `headers`, `error`: an answer that is an error; `hang`: no answer at all.
"""

import asyncio
import contextlib
import json
import re
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ANSWERS = Path(__file__).parent / "answers"
INPUT_TOKENS, OUTPUT_TOKENS = 1_200, 340
_WANTED = re.compile(r"answer: (\w+)")
# The product's own small job, which gets a good answer.
_CANARY = "Draw: Canary"
_FIRST_NODE = re.compile(r'"nodes":\s*\[\s*\{[^}]*\}')


@dataclass
class Asked:
    """One request as it arrived, and what became of it. Times are those of `time.monotonic`."""

    name: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    began_at: float | None = None
    first_node_at: float | None = None
    # After the first node nothing more is sent until this is set.
    may_go_on: threading.Event | None = None
    answered: bool = False
    hung_up_on: bool = False

    @property
    def words(self) -> str:
        """Everything that the request says, as text."""
        return json.dumps(self.body, ensure_ascii=False)


@dataclass
class Vendor:
    """The running server. `asked` grows with each request; `may_go_on` is for the next ones."""

    address: str = ""
    may_go_on: threading.Event | None = None
    asked: list[Asked] = field(default_factory=list)

    def asked_for(self, name: str) -> list[Asked]:
        """The requests that wanted this answer, in order."""
        return [asked for asked in self.asked if asked.name == name]


@contextlib.contextmanager
def vendor() -> Iterator[Vendor]:
    """A vendor on a port of its own, in a thread."""
    loop = asyncio.new_event_loop()
    running = Vendor()
    handlers: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        handlers.add(task)
        try:
            await _serve(running, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            handlers.discard(task)
            writer.close()

    async def begin() -> asyncio.Server:
        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        running.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return server

    async def end(server: asyncio.Server) -> None:
        server.close()
        for task in handlers:
            task.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)

    thread = threading.Thread(target=loop.run_forever, name="vendor", daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
    try:
        yield running
    finally:
        asyncio.run_coroutine_threadsafe(end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _serve(running: Vendor, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    body = json.loads(await reader.readexactly(int(headers.get("content-length", 0))))
    words = json.dumps(body)
    wanted = _WANTED.search(words)
    assert wanted or _CANARY in words, "a request for this vendor says which answer it wants"
    path = head[0].split(" ")[1]
    asked = Asked(
        name=wanted[1] if wanted else "good",
        path=path,
        headers=headers,
        body=body,
        may_go_on=running.may_go_on,
    )
    turns = json.loads((ANSWERS / f"{asked.name}.json").read_text())["turns"]
    turn = turns[min(len(running.asked_for(asked.name)), len(turns) - 1)]
    running.asked.append(asked)
    # The client sends nothing more: whatever can be read now is the end of the connection.
    gone = asyncio.create_task(reader.read(1))
    answering = asyncio.create_task(_answer(asked, turn, writer))
    try:
        await asyncio.wait({gone, answering}, return_when=asyncio.FIRST_COMPLETED)
        # Writing into a connection that is gone may be noticed first.
        asked.hung_up_on = not asked.answered and (gone.done() or _is_cut_off(answering))
        if answering.done() and not asked.hung_up_on:
            answering.result()
    finally:
        for task in (gone, answering):
            task.cancel()
        await asyncio.gather(gone, answering, return_exceptions=True)


def _is_cut_off(answering: "asyncio.Task[None]") -> bool:
    return answering.done() and isinstance(answering.exception(), ConnectionError)


async def _answer(asked: Asked, turn: dict[str, Any], writer: asyncio.StreamWriter) -> None:
    if turn.get("hang"):
        await asyncio.Event().wait()
    if "status" in turn:
        content = json.dumps(turn.get("error", {"error": {"message": "no", "type": "error"}})).encode()
        extra = "".join(f"{name}: {value}\r\n" for name, value in turn.get("headers", {}).items())
        writer.write(
            f"HTTP/1.1 {turn['status']} Status\r\nContent-Type: application/json\r\nConnection: close\r\n{extra}"
            f"Content-Length: {len(content)}\r\n\r\n".encode()
            + content
        )
        await writer.drain()
        asked.answered = True
        return
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    events = _anthropic if asked.path.endswith("/messages") else _openai
    async for event in events(asked, turn, _pieces(asked, turn)):
        data = event.encode()
        writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        await writer.drain()
        if asked.began_at is None:
            asked.began_at = time.monotonic()
    if "break_after" in turn:
        # No last chunk: to the client this is a connection that broke.
        return
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    asked.answered = True


def _text_of(turn: dict[str, Any]) -> str:
    if "nodes" in turn:
        nodes = [{"key": f"n{number}", "label": f"Box {number}"} for number in range(turn["nodes"])]
        return json.dumps({"layout": "grid", "nodes": nodes})
    return turn["text"] if "text" in turn else json.dumps(turn["plan"], ensure_ascii=False)


async def _pieces(asked: Asked, turn: dict[str, Any]) -> AsyncIterator[str]:
    text = _text_of(turn)
    text = text[: turn.get("break_after", len(text))]
    size = turn.get("piece", 40)
    for start in range(0, len(text), size):
        if start and turn.get("pause_ms"):
            await asyncio.sleep(turn["pause_ms"] / 1000)
        yield text[start : start + size]
        if asked.first_node_at is None and _FIRST_NODE.search(text[: start + size]):
            asked.first_node_at = time.monotonic()
            if asked.may_go_on is not None:
                await asyncio.to_thread(asked.may_go_on.wait, 60)


async def _openai(asked: Asked, turn: dict[str, Any], pieces: AsyncIterator[str]) -> AsyncIterator[str]:
    """Chat completions. With tools in the request the answer is a call, as OpenAI's own models give it."""
    common = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": asked.body["model"],
    }
    tools = asked.body.get("tools")

    def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return f"data: {json.dumps({**common, 'choices': [choice]})}\n\n"

    if tools:
        call = {"name": tools[0]["function"]["name"], "arguments": ""}
        opening = {"index": 0, "id": "call_1", "type": "function", "function": call}
        yield chunk({"role": "assistant", "content": None, "tool_calls": [opening]})
    else:
        yield chunk({"role": "assistant", "content": ""})
    async for piece in pieces:
        if tools:
            yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
        else:
            yield chunk({"content": piece})
    if "break_after" in turn:
        return
    yield chunk({}, turn.get("finish", "tool_calls" if tools else "stop"))
    used = {
        "prompt_tokens": INPUT_TOKENS,
        "completion_tokens": OUTPUT_TOKENS,
        "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
    }
    yield f"data: {json.dumps({**common, 'choices': [], 'usage': used})}\n\n"
    yield "data: [DONE]\n\n"


async def _anthropic(asked: Asked, turn: dict[str, Any], pieces: AsyncIterator[str]) -> AsyncIterator[str]:
    """Messages. With tools in the request the answer is a tool_use block."""
    tools = asked.body.get("tools")

    def event(kind: str, **content: Any) -> str:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **content})}\n\n"

    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": asked.body["model"],
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": INPUT_TOKENS, "output_tokens": 1},
    }
    yield event("message_start", message=message)
    block: dict[str, Any] = {"type": "text", "text": ""}
    if tools:
        block = {"type": "tool_use", "id": "toolu_1", "name": tools[0]["name"], "input": {}}
    yield event("content_block_start", index=0, content_block=block)
    async for piece in pieces:
        delta = (
            {"type": "input_json_delta", "partial_json": piece}
            if tools
            else {"type": "text_delta", "text": piece}
        )
        yield event("content_block_delta", index=0, delta=delta)
    if "break_after" in turn:
        return
    yield event("content_block_stop", index=0)
    reason = {"length": "max_tokens", "content_filter": "refusal"}.get(
        turn.get("finish", ""), "tool_use" if tools else "end_turn"
    )
    yield event(
        "message_delta",
        delta={"stop_reason": reason, "stop_sequence": None},
        usage={"output_tokens": OUTPUT_TOKENS},
    )
    yield event("message_stop")
