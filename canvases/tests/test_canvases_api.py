"""`/api/canvases`: list, make, look at, rename, delete."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from canvases.models import Canvas, Membership
from canvases.services import actor_of, apply_operations, create_canvas
from canvases.tests.factories import Cast, client_of, delete, edits, make_user, put, send


def test_the_list_shows_what_is_shared_with_the_person_and_how(cast: Cast) -> None:
    create_canvas(owner=cast.stranger, title="Hidden")
    apply_operations(
        canvas_id=cast.canvas.pk,
        operations=edits(put("a"), put("b", index="a1"), delete("a")),
        actor=actor_of(cast.owner),
    )

    answer = client_of(cast.viewer).get("/api/canvases")

    assert answer.status_code == 200
    body = answer.json()
    assert (body["count"], body["next"], body["previous"]) == (1, None, None)
    (row,) = body["results"]
    assert row == {
        "id": str(cast.canvas.pk),
        "title": "Plan",
        "role": "viewer",
        "owner": {"id": cast.owner.pk, "username": "olga", "name": "olga"},
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "seq": 2,
        "object_count": 1,
        "member_count": 3,
    }
    assert row["updated_at"].endswith("Z")
    assert row["updated_at"] > row["created_at"]


def test_the_last_changed_canvas_comes_first_and_pages_follow_each_other(cast: Cast) -> None:
    for number in range(3):
        create_canvas(owner=cast.owner, title=f"Canvas {number}")
    client = client_of(cast.owner)
    client.patch(f"/api/canvases/{cast.canvas.pk}", {"title": "Touched last"})

    first = client.get("/api/canvases?limit=3").json()
    second = client.get(first["next"]).json()

    titles = [row["title"] for row in first["results"] + second["results"]]
    assert titles == ["Touched last", "Canvas 2", "Canvas 1", "Canvas 0"]


def test_the_list_takes_the_same_number_of_statements_whatever_its_length(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        create_canvas(owner=cast.owner, title=f"Canvas {number}")
    client = client_of(cast.owner)

    with django_assert_max_num_queries(5):
        assert client.get("/api/canvases").json()["count"] == 21


def test_making_a_canvas_makes_its_owner(cast: Cast) -> None:
    answer = client_of(cast.stranger).post("/api/canvases", {"title": "  Mine  "})

    assert answer.status_code == 201
    body = answer.json()
    assert (body["title"], body["role"], body["object_count"], body["member_count"]) == (
        "Mine",
        "owner",
        0,
        1,
    )
    assert Membership.objects.get(canvas=body["id"]).user == cast.stranger


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": None},
        {"title": ""},
        {"title": "   "},
        {"title": 5},
        {"title": ["a"]},
        {"title": {"a": 1}},
        {"title": "x" * 201},
        {"title": "nul \x00"},
        {"title": "half \ud800"},
        [],
        "text",
        None,
        5,
    ],
)
def test_a_bad_title_is_refused_with_a_sentence(cast: Cast, body: Any) -> None:
    client = client_of(cast.owner)

    for answer in (
        send(client, "POST", "/api/canvases", body),
        send(client, "PATCH", f"/api/canvases/{cast.canvas.pk}", body),
    ):
        assert answer.status_code == 400
        assert answer.json()["error"]
    assert list(Canvas.objects.values_list("title", flat=True)) == ["Plan"]


@pytest.mark.parametrize("query", ["limit=-1", "limit=0", "limit=101", "limit=x", "offset=-1", "offset=1e3"])
def test_a_bad_page_is_refused(cast: Cast, query: str) -> None:
    assert client_of(cast.owner).get(f"/api/canvases?{query}").status_code == 400


@pytest.mark.parametrize("person", ["owner", "editor"])
def test_owner_and_editors_rename(cast: Cast, person: str) -> None:
    client = client_of(getattr(cast, person))

    answer = client.patch(f"/api/canvases/{cast.canvas.pk}", {"title": "New"})

    assert (answer.status_code, answer.json()["title"]) == (200, "New")
    assert Canvas.objects.get().title == "New"


def test_a_viewer_may_look_but_not_rename(cast: Cast) -> None:
    client = client_of(cast.viewer)

    assert client.get(f"/api/canvases/{cast.canvas.pk}").json()["role"] == "viewer"
    answer = client.patch(f"/api/canvases/{cast.canvas.pk}", {"title": "New"})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert Canvas.objects.get().title == "Plan"


def test_only_the_owner_deletes(cast: Cast) -> None:
    for person in (cast.editor, cast.viewer):
        assert client_of(person).delete(f"/api/canvases/{cast.canvas.pk}").status_code == 403
    assert Canvas.objects.exists()

    assert client_of(cast.owner).delete(f"/api/canvases/{cast.canvas.pk}").status_code == 204
    assert not Canvas.objects.exists()


ROUTES = [
    ("get", ""),
    ("patch", ""),
    ("delete", ""),
    ("get", "/snapshot"),
    ("post", "/operations"),
    ("get", "/export?format=excalidraw"),
    ("get", "/export?format=png"),
    ("get", "/thumbnail"),
    ("get", "/members"),
    ("patch", "/members/1"),
    ("delete", "/members/1"),
    ("get", "/invitations"),
    ("post", "/invitations"),
    ("delete", f"/invitations/{uuid.uuid4()}"),
]


def _call(client: APIClient, method: str, path: str) -> Any:
    return getattr(client, method)(path) if method in {"get", "delete"} else getattr(client, method)(path, {})


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_canvas_that_is_not_shared_looks_as_if_it_did_not_exist(cast: Cast, method: str, path: str) -> None:
    client = client_of(cast.stranger)
    ids: list[Any] = [cast.canvas.pk, uuid.uuid4(), "nonsense", "0", "a" * 500, "%F0%9F%8E%A8", "{}"]

    answers = [_call(client, method, f"/api/canvases/{canvas_id}{path}") for canvas_id in ids]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["code"] == "canvas_not_found"


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_visitors_are_asked_to_sign_in(cast: Cast, method: str, path: str) -> None:
    answer = _call(APIClient(), method, f"/api/canvases/{cast.canvas.pk}{path}")

    assert answer.status_code == 401
    assert "sign" in answer.json()["error"].lower()


def test_being_staff_opens_no_canvas(cast: Cast) -> None:
    staff = make_user("root", is_staff=True, is_superuser=True)

    assert client_of(staff).get(f"/api/canvases/{cast.canvas.pk}/snapshot").status_code == 404
    assert client_of(staff).get("/api/canvases").json()["count"] == 0


def test_an_account_that_was_switched_off_is_not_let_in(cast: Cast) -> None:
    client = client_of(cast.owner)
    User.objects.filter(pk=cast.owner.pk).update(is_active=False)

    assert client.get(f"/api/canvases/{cast.canvas.pk}").status_code == 401
