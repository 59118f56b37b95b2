"""Publishing: a message for groups of sockets, announced when the caller's transaction commits."""

from collections.abc import Mapping, Sequence
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import connection, transaction

from collabcanvas.lib.channel_layer import Envelope, PostgresChannelLayer, notify

__all__ = ["Envelope", "envelope", "publish", "user_group"]


def user_group(user_id: int) -> str:
    """The audience of one person's own messages, on all their devices."""
    return f"user.{user_id}"


def envelope(groups: Sequence[str], message: Mapping[str, Any]) -> Envelope:
    """A protocol message (see docs/realtime-protocol.md) addressed to every socket in the groups."""
    return Envelope(tuple(groups), {"type": "realtime.deliver", "message": message})


def publish(envelopes: Sequence[Envelope]) -> None:
    """Announce the envelopes, in order, if and when the current transaction commits.

    With another channel layer (Redis) they are sent right after the commit instead of inside it.
    """
    layer = get_channel_layer()
    if isinstance(layer, PostgresChannelLayer):
        with connection.cursor() as cursor:
            notify(cursor, envelopes)
        return

    def send_all() -> None:
        for targets, message in envelopes:
            for group in targets:
                async_to_sync(layer.group_send)(group, message)

    transaction.on_commit(send_all)
