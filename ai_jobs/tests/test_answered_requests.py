"""What an answered request leaves behind: nothing that stops all threads of a busy web process later."""

import gc
from collections.abc import Iterator

import pytest
from channels.testing import HttpCommunicator
from django.http import HttpRequest
from knox.models import AuthToken
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ai_jobs.tests import factories as make
from collabcanvas.lib.http_application import HttpApplication


@pytest.fixture
def collected() -> Iterator[list[object]]:
    """What would have had to wait for the collector."""
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield gc.garbage
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


@pytest.fixture
def question(transactional_db, owner) -> tuple[str, str]:
    """The address of a job of one's own, and a token."""
    return f"/api/ai-agent/job/{make.submit(owner).pk}/status", AuthToken.objects.create(owner)[1]


@pytest.mark.parametrize("known", [True, False])
async def test_its_objects_are_gone_when_it_is_answered(question, collected, known):
    path, token = question
    application = HttpApplication(apart={}, in_turn="")
    headers = [
        (b"host", b"localhost"),
        (b"authorization", f"Bearer {token if known else 'wrong'}".encode()),
    ]
    for _ in range(3):
        answer = await HttpCommunicator(application, "GET", path, headers=list(headers)).get_response(
            timeout=60
        )
        assert answer["status"] == (200 if known else 401)
    gc.collect()
    assert [
        type(left).__name__
        for left in collected
        if isinstance(left, HttpRequest | Request | Response | APIView)
    ] == []
