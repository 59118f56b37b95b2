"""Who hears what on the sockets of a running CollabCanvas."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.people import Person, Rows
from tests.running import Running

EXAMPLES = json.loads((Path(__file__).parent / "protocol_examples.json").read_text())["server"]
JOB_MESSAGES = {"ai_job_update", "ai_job_complete", "ai_job_error"}
LONGEST = 60
# A drawing of 60 boxes: far more than may stand in one message.
LARGE = " -> ".join(f"Step number {number}" for number in range(1, 61))


class Ear:
    """A socket that keeps what it hears, and checks that each message is one of the protocol's."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.heard: list[dict[str, Any]] = []

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(LONGEST):
            raw = await self._socket.recv()
        message: dict[str, Any] = json.loads(raw)
        example = EXAMPLES[message["type"]]
        assert message.keys() >= example.keys() - {"queue"}, message
        self.heard.append(message)
        return message

    async def hear_until(self, message_type: str, **values: Any) -> dict[str, Any]:
        """The first message of this type with these values; the ones before it are in `heard`."""
        while True:
            message = await self.hear()
            if message["type"] == message_type and values.items() <= message.items():
                return message

    async def say(self, **message: Any) -> None:
        await self._socket.send(json.dumps(message))

    async def hear_nothing_more(self) -> None:
        """Everything that was sent before now has arrived: messages keep their order, so a pong comes last."""
        await self.say(type="ping")
        await self.hear_until("pong")

    async def close_code(self) -> int:
        """The code with which the server closes this socket."""
        async with asyncio.timeout(LONGEST):
            with suppress(ConnectionClosed):
                async for raw in self._socket:
                    self.heard.append(json.loads(raw))
        code = self._socket.close_code
        assert code is not None
        return code

    def types(self) -> set[str]:
        return {message["type"] for message in self.heard}


@asynccontextmanager
async def listen(
    running: Running,
    path: str,
    *,
    person: Person | None = None,
    token: str | None = None,
    origin: str | None = "own",
) -> AsyncIterator[Ear]:
    """A socket as the page opens it (`person`), or as a program does (`token`)."""
    headers = {}
    if person is not None:
        headers["Cookie"] = f"sessionid={person.http.cookies['sessionid']}"
    async with connect(
        running.base_url.replace("http", "ws", 1) + path,
        additional_headers=headers,
        subprotocols=["collabcanvas.v1", f"bearer.{token}"] if token is not None else None,  # type: ignore[list-item]
        origin=(running.base_url if origin == "own" else origin),  # type: ignore[arg-type]
        max_size=None,
    ) as socket:
        if token is not None:
            assert socket.subprotocol == "collabcanvas.v1"
        yield Ear(socket)


def of_job(messages: Iterable[dict[str, Any]], job_id: str) -> list[dict[str, Any]]:
    return [message for message in messages if message.get("job_id") == job_id]


async def ask(person: Person, instructions: str, canvas_id: str | None = None) -> str:
    return await asyncio.to_thread(person.ask, instructions, canvas_id=canvas_id)


async def test_a_jobs_messages_and_objects_reach_its_owner_and_the_canvas_and_nobody_else(
    running: Running, cast: dict[str, Person], canvas_id: str
) -> None:
    ada, ben, vera, sam = (cast[name] for name in ("ada", "ben", "vera", "sam"))
    canvas = f"/ws/canvases/{canvas_id}"
    async with (
        listen(running, "/ws/jobs", person=ada) as own,
        listen(running, canvas, person=ben) as editor,
        listen(running, canvas, person=vera) as viewer,
        listen(running, "/ws/jobs", person=ben) as other_editor,
        listen(running, "/ws/jobs", person=sam) as stranger,
    ):
        for ear in (own, editor, viewer, other_editor, stranger):
            await ear.hear_until("jobs.snapshot")
        job_id = await ask(ada, "Red -> Green -> Blue", canvas_id)
        ended = [await ear.hear_until("ai_job_complete", job_id=job_id) for ear in (own, editor, viewer)]
        for ear in (own, editor, viewer):
            about = of_job(ear.heard, job_id)
            assert {message["type"] for message in about} >= {"ai_job_update", "ai_job_complete"}
            revisions = [message["revision"] for message in about if message["type"] in JOB_MESSAGES]
            assert revisions == sorted(set(revisions)), "each message is newer than the one before"
        for message in ended:
            assert message["canvas_id"] == canvas_id
            assert message["result"]["object_count"] > 5
        for ear in (editor, viewer):
            if "objects.changed" not in ear.types():
                await ear.hear_until("objects.changed", job_id=job_id)
            drawn = of_job((m for m in ear.heard if m["type"] == "objects.changed"), job_id)
            texts = {row["properties"].get("text") for message in drawn for row in message["objects"]}
            assert texts >= {"Red", "Green", "Blue"}
            assert {message["actor"]["user_id"] for message in drawn} == {ada.user_id}
        # Other people's own jobs are not ben's own, although he edits this canvas.
        for ear in (other_editor, stranger):
            await ear.hear_nothing_more()
            assert of_job(ear.heard, job_id) == []
            assert ear.types() <= {"jobs.snapshot", "pong"}
        assert job_id not in json.dumps(stranger.heard)


async def test_a_job_on_a_new_canvas_is_heard_by_its_owner_alone(
    running: Running, cast: dict[str, Person], canvas_id: str
) -> None:
    async with (
        listen(running, "/ws/jobs", person=cast["ada"]) as own,
        listen(running, f"/ws/canvases/{canvas_id}", person=cast["ada"]) as elsewhere,
        listen(running, "/ws/jobs", person=cast["ben"]) as other,
    ):
        job_id = await ask(cast["ada"], "One -> Two")
        await own.hear_until("ai_job_complete", job_id=job_id)
        for ear in (elsewhere, other):
            await ear.hear_nothing_more()
            assert job_id not in [message.get("job_id") for message in ear.heard]


async def test_a_large_result_comes_as_a_count_and_its_objects_come_complete(
    running: Running, cast: dict[str, Person], canvas_id: str, rows: Rows
) -> None:
    async with listen(running, f"/ws/canvases/{canvas_id}", person=cast["ben"]) as ear:
        await ear.hear_until("jobs.snapshot")
        job_id = await ask(cast["ada"], LARGE, canvas_id)
        ended = await ear.hear_until("ai_job_complete", job_id=job_id)
        stored = {row["object_id"]: row["version"] for row in rows.objects(canvas_id)}
        heard: dict[str, int] = {}
        while heard.keys() != stored.keys():
            for message in ear.heard:
                if message["type"] == "objects.changed":
                    heard |= {row["id"]: row["version"] for row in message["objects"]}
            if heard.keys() != stored.keys():
                await ear.hear()
        assert heard == stored
        assert ended["result"] == {"canvas_id": canvas_id, "object_count": len(stored)} | {
            key: value for key, value in ended["result"].items() if key in {"title", "message"}
        }
        assert len(json.dumps(ended)) < 2_000


async def test_a_failed_job_says_why_on_the_socket(
    running: Running, cast: dict[str, Person], canvas_id: str
) -> None:
    async with listen(running, f"/ws/canvases/{canvas_id}", person=cast["vera"]) as ear:
        await ear.hear_until("jobs.snapshot")
        job_id = await ask(cast["ada"], "hmm", canvas_id)
        failed = await ear.hear_until("ai_job_error", job_id=job_id)
        assert (failed["status"], failed["code"]) == ("failed", "not_understood")
        assert len(failed["error"]) > 20


@pytest.mark.parametrize("path", ["/ws/jobs", "/ws/canvases/{canvas_id}"])
async def test_who_is_not_signed_in_is_told_so(running: Running, canvas_id: str, path: str) -> None:
    async with listen(running, path.format(canvas_id=canvas_id)) as ear:
        assert await ear.close_code() == 4401
        assert ear.heard == []


@pytest.mark.parametrize("token", ["", "not-a-token", "0" * 64])
async def test_a_bad_token_is_not_signed_in(running: Running, token: str) -> None:
    async with listen(running, "/ws/jobs", token=token) as ear:
        assert await ear.close_code() == 4401
        assert ear.heard == []


@pytest.mark.parametrize("which", ["foreign", "unknown", "malformed"])
async def test_a_canvas_that_one_may_not_see_is_unknown(
    running: Running, cast: dict[str, Person], canvas_id: str, which: str
) -> None:
    address = {"foreign": canvas_id, "unknown": str(uuid.uuid4()), "malformed": "no-such-canvas"}[which]
    async with listen(running, f"/ws/canvases/{address}", person=cast["sam"]) as ear:
        assert await ear.close_code() == 4404
        assert ear.heard == []


async def test_a_token_opens_both_sockets_without_a_session_or_an_origin(
    running: Running, cast: dict[str, Person], canvas_id: str
) -> None:
    ben = cast["ben"]
    async with listen(running, "/ws/jobs", token=ben.token, origin=None) as ear:
        await ear.hear_until("jobs.snapshot")
    async with listen(running, f"/ws/canvases/{canvas_id}", token=ben.token, origin=None) as ear:
        assert (await ear.hear_until("canvas.snapshot"))["role"] == "editor"
    async with listen(running, f"/ws/canvases/{canvas_id}", token=cast["sam"].token) as ear:
        assert await ear.close_code() == 4404


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost.evil.example", "null"])
async def test_another_sites_page_cannot_use_a_persons_session(
    running: Running, cast: dict[str, Person], origin: str
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with listen(running, "/ws/jobs", person=cast["ada"], origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_who_loses_access_hears_nothing_more(
    running: Running, cast: dict[str, Person], canvas_id: str
) -> None:
    ada, ben = cast["ada"], cast["ben"]
    async with listen(running, f"/ws/canvases/{canvas_id}", person=ben) as ear:
        await ear.hear_until("jobs.snapshot")
        await asyncio.to_thread(
            ada.call, "DELETE", f"/api/canvases/{canvas_id}/members/{ben.user_id}", expect=204
        )
        job_id = await ask(ada, "Red -> Green", canvas_id)
        await asyncio.to_thread(ada.wait_for_job, job_id)
        assert await ear.close_code() == 4403
        assert ear.heard[-1] == {"type": "access.changed", "role": None}
        assert of_job(ear.heard, job_id) == []


async def test_a_viewers_edits_are_refused_and_reach_nobody(
    running: Running, cast: dict[str, Person], canvas_id: str, rows: Rows
) -> None:
    rectangle = EXAMPLES["canvas.snapshot"]["objects"][0]["properties"]
    async with (
        listen(running, f"/ws/canvases/{canvas_id}", person=cast["vera"]) as viewer,
        listen(running, f"/ws/canvases/{canvas_id}", person=cast["ada"]) as owner,
    ):
        for ear in (viewer, owner):
            await ear.hear_until("jobs.snapshot")
        await viewer.say(
            type="objects.change",
            client_id="batch-1",
            objects=[{"id": rectangle["id"], "properties": rectangle}],
        )
        answer = await viewer.hear()
        while answer["type"].startswith("presence."):
            answer = await viewer.hear()
        assert answer["type"] in {"error", "objects.refused"}
        await owner.hear_nothing_more()
        assert "objects.changed" not in owner.types() | viewer.types()
    assert rows.objects(canvas_id) == []


async def test_cancelling_over_the_socket_needs_the_right_to(
    running: Running, cast: dict[str, Person], canvas_id: str
) -> None:
    job_id = await ask(cast["ada"], "hmm", canvas_id)
    await asyncio.to_thread(cast["ada"].wait_for_job, job_id, "failed")
    not_sams: list[Any] = [job_id, str(uuid.uuid4()), "nonsense", None, 5, [], {}]
    async with listen(running, "/ws/jobs", person=cast["sam"]) as stranger:
        await stranger.hear_until("jobs.snapshot")
        for wrong in not_sams:
            await stranger.say(type="job.cancel", job_id=wrong)
            answer = await stranger.hear_until("error")
            assert answer["code"] in {"job_not_found", "not_found"}, answer
    async with listen(running, "/ws/jobs", person=cast["ada"]) as own:
        await own.hear_until("jobs.snapshot")
        await own.say(type="job.cancel", job_id=job_id)
        assert (await own.hear_until("error"))["code"] not in {"job_not_found", "not_found"}


@pytest.mark.parametrize("path", ["/ws/jobs", "/ws/canvases/{canvas_id}"])
async def test_messages_that_make_no_sense_are_answered_and_the_socket_stays(
    running: Running, cast: dict[str, Person], canvas_id: str, path: str
) -> None:
    async with listen(running, path.format(canvas_id=canvas_id), person=cast["ada"]) as ear:
        await ear.hear_until("jobs.snapshot")
        nonsense = [
            "", "{", "null", "[]", "5", '"text"', "{}", '{"type": 5}', '{"type": null}', '{"type": []}',
            '{"type": "\\ud800"}', '{"type": "ping\\u0000"}', "[" * 5_000, '{"a":' * 5_000, '{"type": NaN}',
        ]  # fmt: skip
        for raw in nonsense:
            await ear._socket.send(raw)
            assert (await ear.hear_until("error"))["code"] == "malformed_message"
        await ear._socket.send(b"\xff\xfe")
        assert (await ear.hear_until("error"))["code"] == "malformed_message"
        await ear.say(type="from.the.future", field=1)
        await ear.hear_nothing_more()
        assert ear.heard[-1]["type"] == "pong"


async def test_a_canvas_socket_answers_wrong_edits_and_stays(
    running: Running, cast: dict[str, Person], canvas_id: str, rows: Rows
) -> None:
    good = EXAMPLES["canvas.snapshot"]["objects"][0]["properties"]
    wrong: list[Any] = [
        None, 5, "x", {}, [], [None], [5], ["x"], [[]], [{}], [{"id": "x"}], [{"id": 5, "properties": good}],
        [{"id": "x", "properties": None}], [{"id": "x", "properties": []}],
        [{"id": "other", "properties": good}], [{"id": "y" * 65, "properties": {**good, "id": "y" * 65}}],
        [{"id": "box1", "properties": {**good, "width": "wide"}}],
        [{"id": "box1", "properties": {**good, "version": -1}}],
        [{"id": "box1", "properties": {**good, "version": 10**30}}],
        [{"id": "box1", "properties": {**good, "type": "script"}}],
        [{"id": "box1", "properties": {**good, "x": 10**400}}],
        [{"id": "box1", "properties": good}] * 501,
    ]  # fmt: skip
    async with listen(running, f"/ws/canvases/{canvas_id}", person=cast["ada"]) as ear:
        await ear.hear_until("jobs.snapshot")
        for objects in wrong:
            await ear.say(type="objects.change", client_id="b", objects=objects)
            answer = await ear.hear()
            assert answer["type"] in {"error", "objects.refused"}, (objects, answer)
        for pointer in (
            {},
            {"x": "a", "y": 1},
            {"x": None, "y": None},
            {"x": 10**400, "y": 1, "button": "up"},
        ):
            await ear.say(type="presence.pointer", **pointer)
        for selection in ({}, {"object_ids": 5}, {"object_ids": [5]}, {"object_ids": ["x"] * 501}):
            await ear.say(type="presence.selection", **selection)
        await ear.hear_nothing_more()
        await ear.say(type="objects.change", client_id="b", objects=[{"id": "box1", "properties": good}])
        await ear.hear_until("objects.changed")
    assert [row["object_id"] for row in rows.objects(canvas_id)] == ["box1"]


async def test_a_canvas_of_three_megabytes_and_fifty_long_requests_are_joined_and_stay_live(
    running: Running, cast: dict[str, Person], canvas_id: str, rows: Rows
) -> None:
    ada = cast["ada"]
    good = EXAMPLES["canvas.snapshot"]["objects"][0]["properties"]
    for part in range(4):
        ids = [f"box-{part}-{number}" for number in range(40)]
        await asyncio.to_thread(
            ada.call,
            "POST",
            f"/api/canvases/{canvas_id}/operations",
            {"operations": [
                {"type": "put", "id": name, "properties": {
                    **good, "id": name, "index": None, "customData": {"note": "x" * 20_000}
                }}
                for name in ids
            ]},
        )  # fmt: skip
    rows.query(
        "INSERT INTO ai_jobs_aijob (id, user_id, canvas_id, job_type, status, request_data, completed_at,"
        " priority, max_retries, error_message, error_code)"
        " SELECT gen_random_uuid(), %s, %s, 'modify_canvas', 'failed', %s, now(), 0, 3, 'No.', 'not_understood'"
        " FROM generate_series(1, 50)",
        ada.user_id,
        canvas_id,
        json.dumps({"instructions": "x" * 4_000, "selected_object_ids": ["o" * 64] * 500}),
    )
    async with listen(running, f"/ws/canvases/{canvas_id}", person=ada) as ear:
        joined = await ear.hear_until("canvas.snapshot")
        assert (joined["objects"], joined["seq"]) == (None, 160)
        assert 1 < len((await ear.hear_until("jobs.snapshot"))["jobs"]) < 50
        await ear.say(type="objects.change", client_id="b", objects=[{"id": "box1", "properties": good}])
        assert (await ear.hear_until("objects.changed"))["seq"] == 161
        await ear.hear_nothing_more()
    path = f"/api/canvases/{canvas_id}/snapshot"
    packed = await asyncio.to_thread(ada.http.get, path)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.num_bytes_downloaded < len(packed.content) / 10
    assert {"Accept-Encoding", "Cookie"} <= set(packed.headers["Vary"].replace(" ", "").split(","))
    assert len(packed.json()["objects"]) == 161
    plain = await asyncio.to_thread(ada.http.get, path, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.json() == packed.json()


async def test_a_message_above_one_megabyte_closes_the_socket(
    running: Running, cast: dict[str, Person]
) -> None:
    async with listen(running, "/ws/jobs", person=cast["ada"]) as ear:
        await ear.hear_until("jobs.snapshot")
        await ear._socket.send('{"type": "' + "x" * 1_048_577 + '"}')
        assert await ear.close_code() == 4413
