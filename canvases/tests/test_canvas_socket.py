"""`/ws/canvases/<id>`: joining, editing, presence, and losing access."""

import asyncio
import contextlib
import json
import threading
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection, transaction
from django.urls import path

from canvases import services
from canvases.consumers import CanvasConsumer
from canvases.models import Canvas, CanvasObject, Membership
from canvases.portable import read_canvas, write_canvas
from canvases.restoring import IfItExists, Wishes, restore_canvas
from canvases.roles import Role
from canvases.services import actor_of, apply_operations
from canvases.tests.factories import Cast, edits, element, put
from collabcanvas.lib.channel_layer import NOTIFY_CHANNEL, RESYNC
from tests.running import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

EXAMPLES = json.loads((Path(__file__).parents[2] / "tests" / "protocol_examples.json").read_text())
application = URLRouter([path("ws/canvases/<str:canvas_id>", CanvasConsumer.as_asgi())])


class Socket:
    """One person's connection, and what it has heard."""

    def __init__(self, user: User | AnonymousUser, canvas_id: object) -> None:
        self._communicator = WebsocketCommunicator(application, f"/ws/canvases/{canvas_id}")
        self._communicator.scope["user"] = user
        self.heard: list[dict[str, Any]] = []
        self.snapshot: dict[str, Any] = {}
        self.client_id = ""

    async def open(self) -> None:
        connected, _ = await self._communicator.connect(timeout=60)
        assert connected

    async def join(self) -> None:
        await self.open()
        self.snapshot = await self.wait_for("canvas.snapshot")
        self.client_id = self.snapshot["client_id"]

    async def close(self) -> None:
        await self._communicator.disconnect(timeout=60)

    async def send(self, message: Any) -> None:
        await self._communicator.send_to(text_data=json.dumps(message))

    async def send_raw(self, text: str) -> None:
        await self._communicator.send_to(text_data=text)

    async def next(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await self._communicator.receive_from(timeout=60))
        self.heard.append(message)
        return message

    async def wait_for(self, wanted: str, that: Callable[[dict[str, Any]], bool] = bool) -> dict[str, Any]:
        while True:
            message = await self.next()
            if message["type"] == wanted and that(message):
                return message

    async def close_code(self) -> int:
        while True:
            output = await self._communicator.receive_output(timeout=60)
            if output["type"] == "websocket.close":
                return int(output["code"])

    def stop_server(self) -> None:
        """What daphne does to every consumer when it is told to stop."""
        self._communicator.future.cancel()

    async def is_silent(self) -> bool:
        """Whether nothing at all comes for a moment."""
        return bool(await self._communicator.receive_nothing(timeout=0.3))

    async def settle(self) -> None:
        """Everything that was on its way when this was called has been heard.

        A message to this socket's own group travels the same road and in the same order as all others.
        """
        mark = uuid.uuid4().hex
        canvas_id = self._communicator.scope["path"].rsplit("/", 1)[1]
        await get_channel_layer().group_send(
            f"canvas.{canvas_id}", {"type": "realtime.deliver", "message": {"type": "mark", "mark": mark}}
        )
        await self.wait_for("mark", lambda message: message["mark"] == mark)


Join = Callable[..., Any]


@pytest_asyncio.fixture
async def join(cast: Cast) -> AsyncIterator[Join]:
    """Opens sockets, waits for their snapshot unless they are turned away, and closes them in the end."""
    opened: list[Socket] = []

    async def join(
        user: User | AnonymousUser, canvas_id: object = cast.canvas.pk, *, turned_away: bool = False
    ) -> Socket:
        socket = Socket(user, canvas_id)
        opened.append(socket)
        await (socket.open() if turned_away else socket.join())
        return socket

    yield join
    for socket in opened:
        with contextlib.suppress(asyncio.CancelledError):
            await socket.close()
    await get_channel_layer().close()


def same_shape(message: dict[str, Any]) -> None:
    example = EXAMPLES["server"][message["type"]]
    assert set(message) == set(example), message["type"]


async def apply(cast: Cast, user: User, *raw: dict[str, Any], job_id: uuid.UUID | None = None) -> None:
    actor = services.Actor(user_id=user.pk, name=user.username, job_id=job_id)
    await sync_to_async(apply_operations)(canvas_id=cast.canvas.pk, operations=edits(*raw), actor=actor)


async def test_joining_shows_the_whole_canvas_with_tombstones_and_the_role(cast: Cast, join: Join) -> None:
    await apply(cast, cast.owner, put("a"), put("b", index="a1"), {"type": "delete", "id": "a"})

    snapshot = (await join(cast.viewer)).snapshot

    same_shape(snapshot)
    assert (snapshot["seq"], snapshot["role"]) == (2, "viewer")
    assert {row["id"]: row["is_deleted"] for row in snapshot["objects"]} == {"a": True, "b": False}
    assert set(snapshot["objects"][0]) == set(EXAMPLES["server"]["canvas.snapshot"]["objects"][0])
    assert snapshot["members_online"] == [
        {"client_id": snapshot["client_id"], "user_id": cast.viewer.pk, "name": "vito"}
    ]


async def test_joining_a_canvas_too_large_for_one_message_tells_all_but_its_objects(
    cast: Cast, join: Join
) -> None:
    notes = {"notes": ["x" * 20_000] * 5}
    await apply(cast, cast.owner, *(put(f"o{n}", index=None, customData=notes) for n in range(11)))

    editor = await join(cast.editor)

    assert editor.snapshot == EXAMPLES["server"]["canvas.snapshot of a large canvas"] | {
        "seq": 11,
        "client_id": editor.client_id,
        "members_online": [{"client_id": editor.client_id, "user_id": cast.editor.pk, "name": "edda"}],
    }
    await apply(cast, cast.owner, put("later"))
    assert (await editor.wait_for("objects.changed"))["seq"] == 12


async def test_what_the_snapshot_holds_does_not_come_again_after_it(cast: Cast, join: Join) -> None:
    await apply(cast, cast.owner, put("a"), put("b"))
    viewer = await join(cast.viewer)
    held = EXAMPLES["server"]["objects.changed"]

    for seq in (1, 2, 3):
        await get_channel_layer().group_send(
            f"canvas.{cast.canvas.pk}", {"type": "realtime.deliver", "message": held | {"seq": seq}}
        )
    await viewer.settle()

    assert [message["seq"] for message in viewer.heard if message["type"] == "objects.changed"] == [3]


async def test_an_edit_reaches_everyone_on_the_canvas_and_its_sender(cast: Cast, join: Join) -> None:
    editor, viewer = await join(cast.editor), await join(cast.viewer)

    await editor.send(EXAMPLES["client"]["objects.change"])

    for socket in (editor, viewer):
        changed = await socket.wait_for("objects.changed")
        same_shape(changed)
        assert changed["actor"] == {"user_id": cast.editor.pk, "name": "edda", "client_id": editor.client_id}
        assert (changed["seq"], changed["job_id"]) == (1, None)
        (row,) = changed["objects"]
        assert row["properties"] == EXAMPLES["client"]["objects.change"]["objects"][0]["properties"]
    assert (await sync_to_async(CanvasObject.objects.get)()).object_id == "box1"


async def test_a_stranger_is_turned_away_and_hears_nothing(cast: Cast, join: Join) -> None:
    member = await join(cast.editor)
    own = await sync_to_async(services.create_canvas)(owner=cast.stranger, title="Own")
    stranger = await join(cast.stranger, own.pk)

    turned_away = [
        await join(cast.stranger, canvas_id, turned_away=True)
        for canvas_id in (cast.canvas.pk, uuid.uuid4(), "x")
    ]
    assert [await socket.close_code() for socket in turned_away] == [4404] * 3
    visitor = await join(AnonymousUser(), turned_away=True)
    assert await visitor.close_code() == 4401
    for socket in (*turned_away, visitor):
        await socket.send(EXAMPLES["client"]["objects.change"])
        await socket.send({"type": "ping"})

    await apply(cast, cast.owner, put("secret"))
    await member.send({"type": "presence.pointer", "x": 1, "y": 2})
    await member.wait_for("objects.changed")
    await stranger.settle()

    assert [message["type"] for message in stranger.heard] == ["canvas.snapshot", "mark"]
    for socket in (*turned_away, visitor):
        assert socket.heard == []
        assert await socket.is_silent()
    assert not await sync_to_async(CanvasObject.objects.filter(object_id="box1").exists)()


async def test_a_change_by_a_job_carries_the_job_and_who_asked(cast: Cast, join: Join) -> None:
    viewer = await join(cast.viewer)
    job_id = uuid.uuid4()

    await apply(cast, cast.editor, put("a"), job_id=job_id)

    changed = await viewer.wait_for("objects.changed")
    assert changed["job_id"] == str(job_id)
    assert changed["actor"] == {"user_id": cast.editor.pk, "name": "edda", "client_id": None}


async def test_a_large_change_arrives_in_order_and_without_a_gap(cast: Cast, join: Join) -> None:
    viewer = await join(cast.viewer)
    big = put("big", index=None, customData={"note": "x" * 20_000})

    await apply(
        cast, cast.owner, *(put(f"o{n}", index=None) for n in range(60)), big, put("last", index=None)
    )

    held, pieces = 0, 0
    while held < 62:
        changed = await viewer.wait_for("objects.changed")
        seqs = [row["seq"] for row in changed["objects"]]
        assert seqs == list(range(held + 1, changed["seq"] + 1))
        held, pieces = changed["seq"], pieces + 1
    assert pieces > 2


async def test_refused_edits_come_back_to_their_sender_alone_with_what_won(cast: Cast, join: Join) -> None:
    await apply(cast, cast.owner, put("a", version=5, x=1))
    editor, viewer = await join(cast.editor), await join(cast.viewer)
    bad = [
        {"id": "a", "properties": element("a", version=4)},
        {"id": "b", "properties": element("b", width="wide")},
        {"id": "c", "properties": element("c", index="a1")},
    ]

    await editor.send({"type": "objects.change", "client_id": "batch-1", "objects": bad})

    refused = await editor.wait_for("objects.refused")
    same_shape(refused)
    assert refused["client_id"] == "batch-1"
    stale, invalid = refused["refusals"]
    assert (stale["id"], stale["code"], stale["object"]["properties"]["x"]) == ("a", "superseded", 1)
    assert (invalid["id"], invalid["code"], invalid["object"]) == ("b", "invalid_object", None)
    await viewer.wait_for("objects.changed", lambda message: message["objects"][0]["id"] == "c")
    await viewer.settle()
    assert "objects.refused" not in [message["type"] for message in viewer.heard]


async def test_sending_an_edit_again_is_acknowledged_again(cast: Cast, join: Join) -> None:
    editor = await join(cast.editor)
    await editor.send(EXAMPLES["client"]["objects.change"])
    first = await editor.wait_for("objects.changed")

    await editor.send(EXAMPLES["client"]["objects.change"])

    assert await editor.wait_for("objects.changed") == first


@pytest.mark.parametrize("version", [1, 9])
async def test_answers_that_are_far_larger_than_the_edits_come_in_pieces(
    cast: Cast, join: Join, version: int
) -> None:
    notes = {"notes": ["x" * 20_000] * 5}
    stored = [put(f"o{n}", index=None, version=9, customData=notes) for n in range(25)]
    await apply(cast, cast.owner, *stored)
    editor = await join(cast.editor)

    # The same stamp counts as applied already, an older one is refused.
    again = [{"id": f"o{n}", "properties": element(f"o{n}", index=None, version=version)} for n in range(25)]
    await editor.send({"type": "objects.change", "client_id": "batch-1", "objects": again})

    told: list[str] = []
    pieces = 0
    while len(told) < 25:
        answer = await editor.next()
        if answer["type"] not in {"objects.refused", "objects.changed"}:
            continue
        assert len(json.dumps(answer)) < 310_000
        told += [item["id"] for item in answer.get("refusals") or answer["objects"]]
        pieces += 1
    assert sorted(told) == sorted(f"o{n}" for n in range(25))
    assert pieces == 13


async def test_a_viewer_may_not_edit(cast: Cast, join: Join) -> None:
    viewer = await join(cast.viewer)

    await viewer.send(EXAMPLES["client"]["objects.change"])

    error = await viewer.wait_for("error")
    assert error["code"] == "forbidden"
    assert not await sync_to_async(CanvasObject.objects.exists)()


async def test_a_new_title_is_told_to_everyone_whoever_gave_it(cast: Cast, join: Join) -> None:
    owner, viewer = await join(cast.owner), await join(cast.viewer)
    assert viewer.snapshot["title"] == "Plan"
    backup = read_canvas((await sync_to_async(write_canvas)(cast.canvas.pk)).content)

    await sync_to_async(services.rename_canvas)(
        user=cast.editor, canvas_id=cast.canvas.pk, title=EXAMPLES["server"]["canvas.renamed"]["title"]
    )
    for socket in (owner, viewer):
        assert await socket.wait_for("canvas.renamed") == EXAMPLES["server"]["canvas.renamed"]
    assert (await join(cast.editor)).snapshot["title"] == "Plan for spring"

    await sync_to_async(restore_canvas)(backup, Wishes(if_it_exists=IfItExists.REPLACE))
    assert (await viewer.wait_for("canvas.renamed"))["title"] == "Plan"


async def test_a_role_that_changes_is_told_and_holds_at_once(cast: Cast, join: Join) -> None:
    editor, owner = await join(cast.editor), await join(cast.owner)

    await sync_to_async(services.change_role)(
        user=cast.owner, canvas_id=cast.canvas.pk, member_id=cast.editor.pk, role=Role.VIEWER
    )

    assert await editor.wait_for("access.changed") == {"type": "access.changed", "role": "viewer"}
    await editor.send(EXAMPLES["client"]["objects.change"])
    assert (await editor.wait_for("error"))["code"] == "forbidden"
    await owner.settle()
    assert "access.changed" not in [message["type"] for message in owner.heard]


async def test_a_member_who_is_removed_is_told_and_disconnected(cast: Cast, join: Join) -> None:
    editor, viewer = await join(cast.editor), await join(cast.viewer)

    await sync_to_async(services.remove_member)(
        user=cast.owner, canvas_id=cast.canvas.pk, member_id=cast.editor.pk
    )

    assert (await editor.wait_for("access.changed"))["role"] is None
    assert await editor.close_code() == 4403
    await apply(cast, cast.owner, put("secret"))
    await viewer.wait_for("objects.changed")
    await editor.send(EXAMPLES["client"]["objects.change"])
    assert await editor.is_silent()
    await editor.close()
    assert (await viewer.wait_for("presence.left"))["client_id"] == editor.client_id


async def test_deleting_the_canvas_tells_and_disconnects_everybody(cast: Cast, join: Join) -> None:
    sockets = [await join(person) for person in (cast.owner, cast.editor, cast.viewer)]

    await sync_to_async(services.delete_canvas)(user=cast.owner, canvas_id=cast.canvas.pk)

    for socket in sockets:
        told = EXAMPLES["server"]["access.changed of a deleted canvas"]
        assert await socket.wait_for("access.changed") == told
        assert await socket.close_code() == 4403


async def test_a_right_that_ended_unnoticed_ends_the_connection_with_the_next_write(
    cast: Cast, join: Join
) -> None:
    editor = await join(cast.editor)
    await sync_to_async(Membership.objects.filter(user=cast.editor).delete)()

    await editor.send(EXAMPLES["client"]["objects.change"])

    assert await editor.close_code() == 4403
    assert not await sync_to_async(CanvasObject.objects.exists)()


async def test_people_see_each_other_come_point_select_and_go(cast: Cast, join: Join) -> None:
    first = await join(cast.owner)
    second = await join(cast.editor)

    arrived = await first.wait_for("presence.joined")
    same_shape(arrived)
    assert arrived["member"] == {"client_id": second.client_id, "user_id": cast.editor.pk, "name": "edda"}
    assert (await second.wait_for("presence.joined"))["member"]["client_id"] == first.client_id

    await second.send(EXAMPLES["client"]["presence.pointer"])
    assert await first.wait_for("presence.pointer") == {
        **EXAMPLES["server"]["presence.pointer"],
        "client_id": second.client_id,
    }
    await second.send(EXAMPLES["client"]["presence.selection"])
    assert await first.wait_for("presence.selection") == {
        **EXAMPLES["server"]["presence.selection"],
        "client_id": second.client_id,
    }

    await second.settle()
    # Of their own presence nobody hears.
    assert {message["type"] for message in second.heard} == {"canvas.snapshot", "presence.joined", "mark"}
    assert second.client_id not in [
        message["member"]["client_id"] for message in second.heard if "member" in message
    ]
    await second.close()
    assert await first.wait_for("presence.left") == {"type": "presence.left", "client_id": second.client_id}


async def test_a_newcomer_learns_of_everyone_and_everyone_of_the_newcomer(cast: Cast, join: Join) -> None:
    people = [await join(person) for person in (cast.owner, cast.editor)]
    for socket in people:
        await socket.settle()

    newcomer = await join(cast.viewer)

    names = {(await newcomer.wait_for("presence.joined"))["member"]["name"] for _ in people}
    assert names == {"olga", "edda"}
    for socket in people:
        await socket.wait_for("presence.joined", lambda message: message["member"]["name"] == "vito")


async def test_pointers_above_thirty_a_second_are_dropped_without_a_word(cast: Cast, join: Join) -> None:
    sender, watcher = await join(cast.editor), await join(cast.viewer)
    await watcher.settle()
    watcher.heard.clear()
    loop = asyncio.get_running_loop()
    started_at = loop.time()

    for number in range(200):
        await sender.send({"type": "presence.pointer", "x": number, "y": 0})
    await sender.send({"type": "ping"})
    await sender.wait_for("pong")
    seconds = loop.time() - started_at
    await watcher.settle()

    passed = [message for message in watcher.heard if message["type"] == "presence.pointer"]
    assert 30 <= len(passed) <= 31 + 30 * seconds
    assert "error" not in [message["type"] for message in sender.heard]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "objects.change"},
        {"type": "objects.change", "objects": []},
        {"type": "objects.change", "objects": "all"},
        {"type": "objects.change", "objects": [{"id": "a"}] * 501},
        {"type": "objects.change", "objects": [{"id": "a"}], "client_id": 5},
        {"type": "presence.pointer"},
        {"type": "presence.pointer", "x": "1", "y": 2},
        {"type": "presence.pointer", "x": True, "y": 2},
        {"type": "presence.pointer", "x": 1e300, "y": 2},
        {"type": "presence.pointer", "x": 10**400, "y": 2},
        {"type": "presence.selection"},
        {"type": "presence.selection", "object_ids": [5]},
        {"type": "presence.selection", "object_ids": ["a"] * 501},
        {"type": "presence.selection", "object_ids": ["a" * 65]},
        {"type": "objects.change", "objects": [{"id": "a", "properties": {"id": "half \ud800"}}]},
        {"type": 5},
        [],
        "text",
    ],
)
async def test_a_message_that_cannot_be_used_is_answered_and_the_socket_lives_on(
    cast: Cast, join: Join, message: Any
) -> None:
    editor = await join(cast.editor)

    await editor.send(message)

    error = await editor.wait_for("error")
    same_shape(error)
    await editor.send({"type": "ping"})
    await editor.wait_for("pong")


@pytest.mark.parametrize("edit", [None, 5, [], {}, {"id": None}, {"id": "a", "properties": 5}])
async def test_an_edit_that_cannot_be_read_is_refused_alone(cast: Cast, join: Join, edit: Any) -> None:
    editor = await join(cast.editor)

    await editor.send(
        {"type": "objects.change", "objects": [edit, {"id": "fine", "properties": element("fine")}]}
    )

    refused = await editor.wait_for("objects.refused")
    assert (len(refused["refusals"]), refused["client_id"]) == (1, None)
    row = await sync_to_async(CanvasObject.objects.get)()
    assert row.object_id == "fine"


async def test_unknown_messages_and_fields_are_ignored(cast: Cast, join: Join) -> None:
    editor = await join(cast.editor)

    await editor.send({"type": "canvas.explode", "now": True})
    await editor.send({**EXAMPLES["client"]["objects.change"], "later_version": {"x": 1}})

    await editor.wait_for("objects.changed")
    assert "error" not in [message["type"] for message in editor.heard]


async def test_what_others_publish_to_the_canvas_is_passed_on_and_snapshots_can_be_added(
    cast: Cast, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    class WithMore(CanvasConsumer):
        extra_handlers = {"more.ask": "answer"}

        async def extra_snapshots(self) -> list[Any]:
            return [{"type": "more.snapshot", "canvas": str(self.canvas.pk)}]

        async def answer(self, message: Any) -> None:
            await self.send_message({"type": "more.answer"})

    monkeypatch.setitem(
        globals(), "application", URLRouter([path("ws/canvases/<str:canvas_id>", WithMore.as_asgi())])
    )
    socket = await join(cast.viewer)

    assert await socket.next() == {"type": "more.snapshot", "canvas": str(cast.canvas.pk)}
    await socket.send({"type": "more.ask"})
    await socket.wait_for("more.answer")
    await socket.send(EXAMPLES["client"]["presence.pointer"])
    await apply(cast, cast.owner, put("a"))
    await socket.wait_for("objects.changed")


async def test_a_change_that_is_rolled_back_is_never_announced(cast: Cast, join: Join) -> None:
    viewer = await join(cast.viewer)

    def fail() -> None:
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            apply_operations(
                canvas_id=cast.canvas.pk, operations=edits(put("ghost")), actor=actor_of(cast.owner)
            )
            raise ZeroDivisionError

    await sync_to_async(fail)()
    await viewer.settle()

    assert "objects.changed" not in [message["type"] for message in viewer.heard]


async def test_a_gap_in_the_messages_is_told_to_members_and_ends_the_connection_of_others(
    cast: Cast, join: Join
) -> None:
    viewer, editor = await join(cast.viewer), await join(cast.editor)
    await sync_to_async(Membership.objects.filter(user=cast.editor).delete)()

    await get_channel_layer().group_send(f"canvas.{cast.canvas.pk}", RESYNC)

    assert await viewer.wait_for("resync") == EXAMPLES["server"]["resync"]
    assert await editor.close_code() == 4403


@contextlib.asynccontextmanager
async def locked(canvas: Canvas) -> AsyncIterator[None]:
    """Somebody else holds the canvas's row."""
    is_locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Canvas.objects.select_for_update().get(pk=canvas.pk)
            is_locked.set()
            release.wait(120)
        connection.close()

    holder = asyncio.create_task(asyncio.to_thread(hold))
    try:
        assert await asyncio.to_thread(is_locked.wait, 20)
        yield
    finally:
        release.set()
        await holder


def waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return int(cursor.fetchone()[0])


async def until_one_waits() -> None:
    await sync_to_async(wait_until)(lambda: waiting_for_locks() > 0, "an edit waits for the canvas")


async def test_whoever_waits_for_a_canvas_holds_up_no_other(cast: Cast, join: Join) -> None:
    """More people than there are threads for sockets."""
    free = await sync_to_async(services.create_canvas)(owner=cast.owner, title="Free")
    waiting = [await join(cast.editor) for _ in range(9)]
    other = await join(cast.owner, free.pk)

    async with locked(cast.canvas):
        for socket in waiting:
            await socket.send(EXAMPLES["client"]["objects.change"])
        await until_one_waits()
        await other.send(EXAMPLES["client"]["objects.change"])
        await other.wait_for("objects.changed")
        assert await sync_to_async(waiting_for_locks)() == 1

    for socket in waiting:
        await socket.wait_for("objects.changed")


async def test_whoever_leaves_while_waiting_for_a_canvas_makes_way_for_nobody_who_would_wait_too(
    cast: Cast, join: Join
) -> None:
    """Daphne cancels a consumer whose browser has gone; its thread waits on."""
    free = await sync_to_async(services.create_canvas)(owner=cast.owner, title="Free")
    other = await join(cast.owner, free.pk)
    async with locked(cast.canvas):
        for _ in range(9):
            socket = await join(cast.editor)
            await socket.send(EXAMPLES["client"]["objects.change"])
            await until_one_waits()
            socket.stop_server()
            assert await socket.close_code() == 1012
        await other.send(EXAMPLES["client"]["objects.change"])
        await other.wait_for("objects.changed")
        assert await sync_to_async(waiting_for_locks)() == 1


async def test_a_connection_that_a_fault_ended_has_left(
    cast: Cast, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Faulty(CanvasConsumer):
        extra_handlers = {"fault": "fail"}

        async def fail(self, message: Any) -> None:
            raise ZeroDivisionError

    monkeypatch.setitem(
        globals(), "application", URLRouter([path("ws/canvases/<str:canvas_id>", Faulty.as_asgi())])
    )
    witness, faulty = await join(cast.owner), Socket(cast.editor, cast.canvas.pk)
    await faulty.join()

    await faulty.send({"type": "fault"})

    assert (await witness.wait_for("presence.left"))["client_id"] == faulty.client_id
    with pytest.raises(ZeroDivisionError):
        await faulty.next()


async def test_a_server_that_stops_says_so(cast: Cast, join: Join) -> None:
    viewer = await join(cast.viewer)

    viewer.stop_server()

    assert await viewer.close_code() == 1012


async def test_a_notification_that_nobody_understands_becomes_a_resync_and_the_next_one_arrives(
    cast: Cast, join: Join
) -> None:
    viewer = await join(cast.viewer)

    def notify_rubbish() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [NOTIFY_CHANNEL, '[["later release"]]'])

    await sync_to_async(notify_rubbish)()

    await viewer.wait_for("resync")
    await apply(cast, cast.owner, put("a"))
    await viewer.wait_for("objects.changed")
