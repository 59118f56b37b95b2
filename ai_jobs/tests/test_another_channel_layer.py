"""Where another channel layer than PostgreSQL's carries the messages, they too tell only of what is committed."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import channel_layers, get_channel_layer
from django.db import transaction

from ai_jobs.tests import factories as make
from collabcanvas.lib.realtime import envelope, publish, user_group

pytestmark = pytest.mark.django_db(transaction=True)
Hear = Callable[[], list[Any]]


@pytest.fixture
def hear(settings, owner, monkeypatch) -> Hear:
    """The messages that have come for the owner."""
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    monkeypatch.setattr(channel_layers, "backends", {})
    layer = get_channel_layer()
    async_to_sync(layer.group_add)(user_group(owner.pk), "ear")

    async def all_that_came() -> list[Any]:
        heard = []
        try:
            while True:
                async with asyncio.timeout(0.1):
                    heard.append((await layer.receive("ear"))["message"])
        except TimeoutError:
            return heard

    return async_to_sync(all_that_came)


def test_messages_go_out_after_the_commit(hear, owner):
    with transaction.atomic():
        publish([envelope([user_group(owner.pk)], {"type": "news", "number": 1})])
        assert hear() == []
    assert hear() == [{"type": "news", "number": 1}]


def test_nothing_goes_out_of_a_transaction_that_is_rolled_back(hear, owner):
    with transaction.atomic():
        publish([envelope([user_group(owner.pk)], {"type": "news"})])
        transaction.set_rollback(True)
    assert hear() == []


def test_a_job_is_told_from_its_submission_to_its_end(hear, owner):
    make.complete(make.claim_one(make.submit(owner)))
    heard = hear()
    assert [message["type"] for message in heard][-1] == "ai_job_complete"
    assert len({message["job_id"] for message in heard}) == 1
    assert len(heard) == 3
