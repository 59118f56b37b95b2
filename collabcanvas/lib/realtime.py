"""Publishing: a message for groups of sockets, announced when the caller's transaction commits."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import connection, transaction

from collabcanvas.lib.channel_layer import Envelope, PostgresChannelLayer, notify

__all__ = ["Envelope", "envelope", "in_pieces", "publish", "user_group"]

T = TypeVar("T")


def user_group(user_id: int) -> str:
    """The audience of one person's own messages, on all their devices."""
    return f"user.{user_id}"


def envelope(groups: Sequence[str], message: Mapping[str, Any]) -> Envelope:
    """A protocol message (see docs/realtime-protocol.md) addressed to every socket in the groups."""
    return Envelope(tuple(groups), {"type": "realtime.deliver", "message": message})


def in_pieces(items: Iterable[T], most_bytes: int) -> Iterator[list[T]]:
    """The items in lists whose JSON takes at most so many bytes; one that is larger stands alone."""
    piece: list[T] = []
    size = 0
    for item in items:
        item_size = len(json.dumps(item))
        if piece and size + item_size > most_bytes:
            yield piece
            piece, size = [], 0
        piece.append(item)
        size += item_size
    if piece:
        yield piece


def travels_by_database() -> bool:
    """Whether messages are notifications of PostgreSQL, and so part of a transaction."""
    return isinstance(get_channel_layer(), PostgresChannelLayer)


def publish(envelopes: Sequence[Envelope]) -> None:
    """Announce the envelopes, in order, if and when the current transaction commits.

    With another channel layer (Redis) they are sent right after the commit instead of inside it.
    """
    if travels_by_database():
        with connection.cursor() as cursor:
            notify(cursor, envelopes, alone=not connection.in_atomic_block)
        return
    layer = get_channel_layer()

    def send_all() -> None:
        for targets, message in envelopes:
            for group in targets:
                async_to_sync(layer.group_send)(group, message)

    transaction.on_commit(send_all)
