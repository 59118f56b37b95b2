"""Inviting by e-mail: the owner's side and the invited person's side."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from rest_framework.test import APIClient

from canvases import invitations
from canvases.models import Invitation, Membership
from canvases.roles import Role
from canvases.tests.factories import Cast, client_of, make_user


def path(cast: Cast, invitation_id: object = "") -> str:
    rest = f"/{invitation_id}" if invitation_id != "" else ""
    return f"/api/canvases/{cast.canvas.pk}/invitations{rest}"


def invite(cast: Cast, **body: Any) -> dict[str, Any]:
    answer = client_of(cast.owner).post(path(cast), {"email": cast.stranger.email, "role": "editor", **body})
    assert answer.status_code == 201, answer.content
    created: dict[str, Any] = answer.json()
    return created


def token_in(created: dict[str, Any]) -> str:
    return str(created["url"]).rsplit("/", 1)[1]


def run_queued_tasks() -> None:
    for queued in OrmQ.objects.all():
        task = queued.task
        import_string(task["func"])(*task["args"])


def test_the_invited_person_looks_accepts_and_is_a_member(cast: Cast) -> None:
    created = invite(cast)
    client = client_of(cast.stranger)

    preview = client.get(f"/api/invitations/{token_in(created)}")
    accepted = client.post(f"/api/invitations/{token_in(created)}/accept")

    assert preview.json() == {
        "canvas_title": "Plan",
        "role": "editor",
        "invited_by": "olga",
        "email": "stan@example.org",
    }
    assert (accepted.status_code, accepted.json()) == (200, {"canvas_id": str(cast.canvas.pk)})
    assert client.get(f"/api/canvases/{cast.canvas.pk}").json()["role"] == "editor"


def test_the_mail_carries_the_link_and_nothing_stores_the_token(cast: Cast) -> None:
    created = invite(cast)

    run_queued_tasks()

    (message,) = mail.outbox
    assert message.to == ["stan@example.org"]
    assert created["url"] in message.body
    assert created["url"].startswith("http://testserver/invitations/")
    token = token_in(created)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(i)::text FROM canvases_invitation i")
        assert token not in cursor.fetchone()[0]
    assert token not in str(OrmQ.objects.get().task)


def test_no_mail_is_ordered_when_the_invitation_is_rolled_back(cast: Cast) -> None:
    with transaction.atomic():
        invitations.invite(
            user=cast.owner,
            canvas_id=cast.canvas.pk,
            email="x@example.org",
            role=Role.VIEWER,
            site="http://x",
        )
        transaction.set_rollback(True)

    assert not OrmQ.objects.exists()


def test_a_withdrawn_invitation_is_not_mailed(cast: Cast) -> None:
    created = invite(cast)
    client_of(cast.owner).delete(path(cast, created["id"]))

    run_queued_tasks()

    assert mail.outbox == []


def test_the_link_is_shown_once(cast: Cast) -> None:
    created = invite(cast)

    (listed,) = client_of(cast.owner).get(path(cast)).json()["results"]

    assert listed == {key: value for key, value in created.items() if key != "url"}
    assert (listed["email"], listed["role"], listed["accepted_at"], listed["revoked_at"]) == (
        "stan@example.org",
        "editor",
        None,
        None,
    )


def test_only_the_account_of_the_invited_address_accepts_whatever_its_case(cast: Cast) -> None:
    token = token_in(invite(cast, email="STAN@Example.org"))
    somebody = make_user("else")
    nameless = make_user("nameless")
    nameless.email = ""
    nameless.save()

    for person in (somebody, nameless, cast.owner):
        answer = client_of(person).post(f"/api/invitations/{token}/accept")
        assert (answer.status_code, answer.json()["code"]) == (403, "invitation_for_someone_else")
    assert APIClient().post(f"/api/invitations/{token}/accept").status_code == 401
    assert not Membership.objects.filter(user__in=[somebody, nameless]).exists()

    assert client_of(cast.stranger).post(f"/api/invitations/{token}/accept").status_code == 200


def test_a_link_works_once(cast: Cast) -> None:
    token = token_in(invite(cast))
    client = client_of(cast.stranger)
    client.post(f"/api/invitations/{token}/accept")
    client_of(cast.owner).delete(f"/api/canvases/{cast.canvas.pk}/members/{cast.stranger.pk}")

    for answer in (
        client.post(f"/api/invitations/{token}/accept"),
        client.get(f"/api/invitations/{token}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "invitation_used")
    assert not Membership.objects.filter(user=cast.stranger).exists()


def test_a_withdrawn_link_says_so(cast: Cast) -> None:
    created = invite(cast)
    owner = client_of(cast.owner)

    assert owner.delete(path(cast, created["id"])).status_code == 204
    assert owner.delete(path(cast, created["id"])).status_code == 204

    answer = client_of(cast.stranger).post(f"/api/invitations/{token_in(created)}/accept")
    assert (answer.status_code, answer.json()["code"]) == (409, "invitation_revoked")


def test_a_link_expires_after_seven_days(cast: Cast) -> None:
    created = invite(cast)
    row = Invitation.objects.get()
    assert row.expires_at - row.created_at == timedelta(days=7)
    Invitation.objects.update(expires_at=Now())

    answer = client_of(cast.stranger).post(f"/api/invitations/{token_in(created)}/accept")

    assert (answer.status_code, answer.json()["code"]) == (409, "invitation_expired")


def test_inviting_an_address_again_withdraws_the_earlier_link(cast: Cast) -> None:
    first, second = invite(cast), invite(cast, email="Stan@example.org", role="viewer")
    client = client_of(cast.stranger)

    assert client.post(f"/api/invitations/{token_in(first)}/accept").json()["code"] == "invitation_revoked"
    assert client.post(f"/api/invitations/{token_in(second)}/accept").status_code == 200
    assert Membership.objects.get(user=cast.stranger).role == "viewer"


def test_a_used_invitation_cannot_be_withdrawn(cast: Cast) -> None:
    created = invite(cast)
    client_of(cast.stranger).post(f"/api/invitations/{token_in(created)}/accept")

    answer = client_of(cast.owner).delete(path(cast, created["id"]))

    assert (answer.status_code, answer.json()["code"]) == (409, "invitation_used")
    assert "Remove the person from the members instead." in answer.json()["error"]


def test_a_member_is_not_invited_again(cast: Cast) -> None:
    answer = client_of(cast.owner).post(path(cast), {"email": cast.viewer.email.upper(), "role": "editor"})

    assert (answer.status_code, answer.json()["code"]) == (409, "already_member")


def test_accepting_never_lowers_a_role(cast: Cast) -> None:
    token = token_in(invite(cast, role="viewer"))
    Membership.objects.create(canvas=cast.canvas, user=cast.stranger, role=Role.EDITOR)

    client_of(cast.stranger).post(f"/api/invitations/{token}/accept")

    assert Membership.objects.get(user=cast.stranger).role == "editor"


def test_invitations_are_the_owners_alone(cast: Cast) -> None:
    created = invite(cast)

    for person in (cast.editor, cast.viewer):
        client = client_of(person)
        assert client.get(path(cast)).status_code == 403
        assert client.post(path(cast), {"email": "x@example.org", "role": "viewer"}).status_code == 403
        assert client.delete(path(cast, created["id"])).status_code == 403
    assert Invitation.objects.get().revoked_at is None


def test_a_canvas_has_a_bounded_number_of_open_invitations(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "MAX_OPEN_INVITATIONS", 1)
    invite(cast)

    answer = client_of(cast.owner).post(path(cast), {"email": "x@example.org", "role": "viewer"})

    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_invitations")


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        {"email": "x@example.org", "role": "owner"},
        {"email": "x@example.org", "role": 5},
        {"email": "nobody", "role": "viewer"},
        {"email": "", "role": "viewer"},
        {"email": None, "role": "viewer"},
        {"email": ["x@example.org"], "role": "viewer"},
        {"email": "x" * 300 + "@example.org", "role": "viewer"},
        {"email": "a@example.org\nBcc: b@example.org", "role": "viewer"},
        {"email": "nul\x00@example.org", "role": "viewer"},
    ],
)
def test_a_bad_invitation_is_refused(cast: Cast, body: Any) -> None:
    answer = client_of(cast.owner).post(path(cast), body)

    assert answer.status_code == 400
    assert answer.json()["error"]
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize("email", ["stan", "stan@x", "stan example.org", "", "   "])
def test_what_is_no_address_is_answered_with_how_one_is_written(cast: Cast, email: str) -> None:
    answer = client_of(cast.owner).post(path(cast), {"email": email, "role": "viewer"})

    assert answer.json()["error"].endswith("name@example.org.")
    assert "email" not in answer.json()["error"]


@pytest.mark.parametrize("unknown", [uuid.uuid4(), "x", "0", "a" * 400, "%F0%9F%8E%A8"])
def test_an_unknown_invitation_is_not_found(cast: Cast, unknown: object) -> None:
    answers = [
        client_of(cast.owner).delete(path(cast, unknown)),
        client_of(cast.stranger).get(f"/api/invitations/{unknown}"),
        client_of(cast.stranger).post(f"/api/invitations/{unknown}/accept"),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {
        (404, "invitation_not_found")
    }


def test_an_invitation_of_another_canvas_is_not_found_here(cast: Cast) -> None:
    created = invite(cast)
    other = client_of(cast.stranger).post("/api/canvases", {"title": "Other"}).json()["id"]

    answer = client_of(cast.stranger).delete(f"/api/canvases/{other}/invitations/{created['id']}")

    assert (answer.status_code, answer.json()["code"]) == (404, "invitation_not_found")
    assert Invitation.objects.get().revoked_at is None
