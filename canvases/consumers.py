"""The socket of one open canvas: its objects, who is here, and whatever else is published to its group."""

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from canvases import access, events, presence, services
from canvases.elements.validate import MAX_OBJECT_ID_LENGTH
from canvases.errors import CanvasNotFound
from canvases.events import Actor
from canvases.models import Canvas
from canvases.operations import parse_changes
from canvases.services import Applied, EditResult
from collabcanvas.lib.consumers import (
    LARGEST_MESSAGE_BYTES,
    NO_LONGER_ALLOWED,
    UNKNOWN,
    CloseSocket,
    RealtimeConsumer,
    encoded,
    in_database,
)
from collabcanvas.lib.errors import InvalidInput
from collabcanvas.lib.realtime import in_pieces
from collabcanvas.lib.throttles import Throttled, charge
from collabcanvas.lib.turns import Turns

POINTERS_PER_SECOND = 30
SELECTIONS_PER_SECOND = 10
ANNOUNCE_EVERY_SECONDS = 30.0
# One thread at most waits for a canvas that is locked for long; the others are for edits of other canvases.
_turns = Turns()


class CanvasConsumer(RealtimeConsumer):
    """Base of `/ws/canvases/<canvas_id>`; see docs/realtime-protocol.md.

    The route passes `canvas_id` as any text. A subclass may add what other apps know about a canvas:
    `extra_snapshots` are sent after the canvas's own, and `extra_handlers` adds message types → method names.
    """

    message_handlers: ClassVar[Mapping[str, str]] = {
        "objects.change": "change_objects",
        "presence.pointer": "move_pointer",
        "presence.selection": "select",
    }
    extra_handlers: ClassVar[Mapping[str, str]] = {}
    canvas: Canvas
    client_id: str

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.message_handlers = {**CanvasConsumer.message_handlers, **cls.extra_handlers}

    async def extra_snapshots(self) -> list[Mapping[str, Any]]:
        """Messages to send after `canvas.snapshot`; `self.canvas` and `self.user` are set."""
        return []

    # --- Joining and leaving -----------------------------------------------------------------------------
    async def authorise(self) -> Sequence[str]:
        self.client_id = f"c-{secrets.token_hex(8)}"
        self._pointers = presence.RateLimit(POINTERS_PER_SECOND)
        self._selections = presence.RateLimit(SELECTIONS_PER_SECOND)
        try:
            self.canvas = await in_database(access.get_canvas)(
                user=self.user, canvas_id=self.scope["url_route"]["kwargs"]["canvas_id"]
            )
        except CanvasNotFound as error:
            raise CloseSocket(UNKNOWN) from error
        return [
            events.canvas_group(self.canvas.pk),
            events.member_group(self.canvas.pk, self.user.pk),
        ]

    async def send_snapshots(self) -> None:
        try:
            snapshot, self._snapshot_seq = await in_database(self._encoded_snapshot)()
            await self.send(text_data=snapshot)
        except CanvasNotFound as error:
            raise CloseSocket(UNKNOWN) from error
        for message in await self.extra_snapshots():
            await self.send_message(message)
        await self._announce(answer_wanted=True)

    def _encoded_snapshot(self) -> tuple[str, int]:
        """The message, and the `seq` up to which it tells everything."""
        # Read again now that the subscription stands: a role that changed in between is not missed.
        member = access.get_membership(user=self.user, canvas_id=self.canvas.pk)
        welcome = {
            "type": "canvas.snapshot",
            "objects": None,
            "seq": member.canvas.seq,
            "title": member.canvas.title,
            "role": member.role,
            "client_id": self.client_id,
            # Nobody keeps a list: the others answer the announcement, one by one.
            "members_online": [self._member],
        }
        # A large canvas is not even read here: its client fetches the snapshot, which travels compressed.
        if member.canvas.size_bytes <= LARGEST_MESSAGE_BYTES:
            taken = services.snapshot(canvas=member.canvas)
            whole = encoded(welcome | {"objects": taken.objects, "seq": taken.seq})
            if len(whole.encode()) <= LARGEST_MESSAGE_BYTES:
                return whole, taken.seq
        return encoded(welcome), member.canvas.seq

    async def on_leave(self) -> None:
        await self._tell_others({"type": "presence.left", "client_id": self.client_id})

    async def on_published(self, message: Mapping[str, Any]) -> bool:
        if message["type"] == "access.changed" and message["role"] is None:
            await self.send_message(message)
            raise CloseSocket(NO_LONGER_ALLOWED)
        # A change may be published to this socket after the snapshot that holds it was read.
        return not (message["type"] == "objects.changed" and message["seq"] <= self._snapshot_seq)

    # --- Objects -----------------------------------------------------------------------------------------
    async def change_objects(self, message: Mapping[str, Any]) -> None:
        """`objects.change`: one batch of edits; those that are refused come back with what won."""
        batch_id = message.get("client_id")
        if batch_id is not None and not (isinstance(batch_id, str) and len(batch_id) <= MAX_OBJECT_ID_LENGTH):
            raise InvalidInput(f"client_id: must be a text of at most {MAX_OBJECT_ID_LENGTH} characters.")
        actor = events.actor_of(self.user, client_id=self.client_id)
        applied = await self._edit(message.get("objects"), actor)
        refused = [result for result in applied.results if result.status == "refused"]
        # Each comes with what won, which may be far more than what was sent.
        for refusals in in_pieces([_refusal(result) for result in refused], LARGEST_MESSAGE_BYTES):
            await self.send_message({"type": "objects.refused", "client_id": batch_id, "refusals": refusals})
        # What the canvas had already is published to nobody, but its sender still waits to hear of it.
        known = {
            result.object_id: result.row
            for result in applied.results
            if result.status == "applied" and result.row is not None and not result.changed
        }
        for rows in in_pieces(known.values(), LARGEST_MESSAGE_BYTES):
            await self.send_message(events.changed_message(rows=rows, actor=actor))

    async def _edit(self, changes: Any, actor: Actor) -> Applied:
        def parse_and_edit() -> Applied:
            charge("edit", self.user)
            # Reading 500 elements takes a while, too: it is done in the same thread, not on the event loop.
            return services.edit(
                user=self.user, canvas_id=self.canvas.pk, operations=parse_changes(changes), actor=actor
            )

        while True:
            try:
                return await _turns.run(self.canvas.pk, in_database(parse_and_edit))
            except Throttled as too_soon:
                # Slowed down, not refused: nobody loses what they drew. The socket's next messages wait behind.
                await asyncio.sleep(too_soon.wait)
            except CanvasNotFound as error:
                raise CloseSocket(NO_LONGER_ALLOWED) from error

    # --- Presence ----------------------------------------------------------------------------------------
    async def move_pointer(self, message: Mapping[str, Any]) -> None:
        """`presence.pointer`: passed on to the others, or dropped when there are too many."""
        announced = presence.pointer(message, client_id=self.client_id)
        if self._pointers.allows():
            await self._tell_others(announced)

    async def select(self, message: Mapping[str, Any]) -> None:
        """`presence.selection`: passed on to the others, or dropped when there are too many."""
        announced = presence.selection(message, client_id=self.client_id)
        if self._selections.allows():
            await self._tell_others(announced)

    async def on_ping(self) -> None:
        # Whoever lost the list of members, or joined through a gap, has it again after one period.
        if time.monotonic() - self._announced_at >= ANNOUNCE_EVERY_SECONDS:
            await self._announce(answer_wanted=False)

    async def on_missed(self) -> None:
        try:
            # What was missed may be that this person was removed.
            await in_database(access.get_canvas)(user=self.user, canvas_id=self.canvas.pk)
        except CanvasNotFound as error:
            raise CloseSocket(NO_LONGER_ALLOWED) from error
        await self._announce(answer_wanted=True)

    @property
    def _member(self) -> dict[str, Any]:
        return {
            "client_id": self.client_id,
            "user_id": self.user.pk,
            "name": events.person_name(self.user),
        }

    async def _announce(self, *, answer_wanted: bool) -> None:
        self._announced_at = time.monotonic()
        await self._tell_others(
            {"type": "presence.joined", "member": self._member},
            answer_to=self.channel_name if answer_wanted else None,
        )

    async def _tell_others(self, message: Mapping[str, Any], *, answer_to: str | None = None) -> None:
        await self.channel_layer.group_send(
            events.canvas_group(self.canvas.pk),
            {"type": "presence.relay", "sender": self.client_id, "message": message, "answer_to": answer_to},
        )

    async def presence_relay(self, event: Mapping[str, Any]) -> None:
        """The channel layer's entry point for presence of another connection."""
        if self._closed or event["sender"] == self.client_id:
            return
        await self.send_message(event["message"])
        if event["answer_to"] is not None:
            await self.channel_layer.send(
                event["answer_to"],
                {
                    "type": "presence.relay",
                    "sender": self.client_id,
                    "message": {"type": "presence.joined", "member": self._member},
                    "answer_to": None,
                },
            )


def _refusal(result: EditResult) -> dict[str, Any]:
    return {"id": result.object_id, "code": result.code, "error": result.error, "object": result.row}
