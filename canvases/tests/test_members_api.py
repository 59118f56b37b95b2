"""`/api/canvases/{id}/members`: who has access, and as what."""

from typing import Any

import pytest

from canvases.models import Membership
from canvases.tests.factories import Cast, client_of


def path(cast: Cast, user_id: object = "") -> str:
    return f"/api/canvases/{cast.canvas.pk}/members" + (f"/{user_id}" if user_id != "" else "")


def roles(cast: Cast) -> dict[str, str]:
    return dict(Membership.objects.filter(canvas=cast.canvas).values_list("user__username", "role"))


def test_every_member_sees_the_members(cast: Cast) -> None:
    body = client_of(cast.viewer).get(path(cast)).json()

    assert [(row["user_id"], row["username"], row["role"]) for row in body["results"]] == [
        (cast.owner.pk, "olga", "owner"),
        (cast.editor.pk, "edda", "editor"),
        (cast.viewer.pk, "vito", "viewer"),
    ]
    assert "email" not in body["results"][0]


def test_the_owner_changes_a_role(cast: Cast) -> None:
    answer = client_of(cast.owner).patch(path(cast, cast.viewer.pk), {"role": "editor"})

    assert (answer.status_code, answer.json()["role"]) == (200, "editor")
    assert roles(cast)["vito"] == "editor"


def test_nobody_else_changes_a_role(cast: Cast) -> None:
    for person in (cast.editor, cast.viewer):
        answer = client_of(person).patch(path(cast, cast.viewer.pk), {"role": "editor"})
        assert answer.status_code == 403
    assert roles(cast)["vito"] == "viewer"


def test_the_owner_stays_the_owner_and_nobody_becomes_a_second_one(cast: Cast) -> None:
    client = client_of(cast.owner)

    for answer in (
        client.patch(path(cast, cast.owner.pk), {"role": "viewer"}),
        client.patch(path(cast, cast.editor.pk), {"role": "owner"}),
        client.delete(path(cast, cast.owner.pk)),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "owner_stays")
    assert roles(cast) == {"olga": "owner", "edda": "editor", "vito": "viewer"}


def test_the_owner_removes_a_member_who_then_sees_nothing(cast: Cast) -> None:
    assert client_of(cast.owner).delete(path(cast, cast.editor.pk)).status_code == 204

    assert "edda" not in roles(cast)
    assert client_of(cast.editor).get(f"/api/canvases/{cast.canvas.pk}").status_code == 404


def test_a_member_may_leave_but_not_remove_others(cast: Cast) -> None:
    client = client_of(cast.viewer)

    assert client.delete(path(cast, cast.editor.pk)).status_code == 403
    assert client.delete(path(cast, cast.viewer.pk)).status_code == 204
    assert set(roles(cast)) == {"olga", "edda"}


@pytest.mark.parametrize("user_id", ["x", "-1", "0", "1.5", "99999999999999999999", "٣", "%20"])
def test_an_unknown_or_malformed_person_is_not_found(cast: Cast, user_id: str) -> None:
    client = client_of(cast.owner)

    for answer in (
        client.patch(path(cast, user_id), {"role": "editor"}),
        client.delete(path(cast, user_id)),
        client.delete(path(cast, cast.stranger.pk)),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "member_not_found")


@pytest.mark.parametrize(
    "body", [{}, [], None, {"role": None}, {"role": "boss"}, {"role": 5}, {"role": ["editor"]}]
)
def test_a_bad_role_is_refused(cast: Cast, body: Any) -> None:
    answer = client_of(cast.owner).patch(path(cast, cast.viewer.pk), body)

    assert answer.status_code == 400
    assert roles(cast)["vito"] == "viewer"
