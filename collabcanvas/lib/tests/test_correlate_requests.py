"""One id per request: in the answer and in every line of the log."""

import logging
import re
import uuid

import pytest
from django.contrib.auth.models import User
from django.test import Client

from collabcanvas.lib.correlation import correlated, current_request_id

MADE = re.compile(r"[0-9a-f]{32}")


def test_a_request_without_an_id_gets_one_and_is_told_it(client: Client) -> None:
    first, second = (client.get("/api/nothing-here")["X-Request-ID"] for _ in range(2))
    assert MADE.fullmatch(first)
    assert first != second


def test_a_well_formed_id_is_kept(client: Client) -> None:
    answer = client.get("/api/nothing-here", headers={"X-Request-ID": "check-out.42_A"})
    assert answer["X-Request-ID"] == "check-out.42_A"


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "with space in it", 'quote"and{brace}', "-begins-with", "é" * 9]
)
def test_any_other_id_is_replaced(client: Client, given: str) -> None:
    assert MADE.fullmatch(client.get("/api/nothing-here", headers={"X-Request-ID": given})["X-Request-ID"])


def test_answers_that_no_view_gave_carry_it_too(client: Client) -> None:
    too_large = client.post(
        "/api/jobs", b"x", content_type="application/json", headers={"Content-Length": "99999999"}
    )
    assert too_large.status_code == 413
    assert MADE.fullmatch(too_large["X-Request-ID"])


def test_it_is_known_inside_and_forgotten_afterwards() -> None:
    assert current_request_id() == ""
    with correlated("one-request") as request_id:
        assert current_request_id() == request_id == "one-request"
    assert current_request_id() == ""


def test_a_line_tells_the_route_and_the_ids_and_not_the_address(
    client: Client, db: None, caplog: pytest.LogCaptureFixture
) -> None:
    user = User.objects.create_user("ada")
    client.force_login(user)
    canvas_id = str(uuid.uuid4())
    with caplog.at_level(logging.INFO, logger="collabcanvas.lib.correlation"):
        client.get(f"/api/canvases/{canvas_id}/members?note=a-private-word")
        client.get("/api/invitations/a-secret-of-the-invitation")
    members, invitation = (record.__dict__ for record in caplog.records if record.message == "request")
    assert members["method"] == "GET"
    assert members["route"] == "/api/canvases/<str:canvas_id>/members"
    assert members["status"] == 404
    assert members["canvas_id"] == canvas_id
    assert members["user_id"] == user.pk
    assert members["ms"] > 0
    assert "a-private-word" not in str(members)
    assert "a-secret-of-the-invitation" not in str(invitation)


def test_the_pulse_of_machines_is_not_logged(
    client: Client, db: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="collabcanvas.lib.correlation"):
        client.get("/api/ai-agent/health")
    assert "request" not in [record.message for record in caplog.records]
