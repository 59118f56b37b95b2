"""A canvas file becomes a canvas: what is there afterwards, what is left alone, and what is said."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from canvases import services
from canvases.models import Canvas, CanvasObject, CanvasSnapshot, Membership
from canvases.portable import CanvasFile, read_canvas, write_canvas
from canvases.restoring import IfItExists, Outcome, Result, Wishes, restore_canvas
from canvases.tests.factories import Cast, client_of, delete, element, make_user, put
from canvases.tests.pictures import draw, everything, fill


@pytest.fixture
def file(cast: Cast) -> CanvasFile:
    fill(cast)
    return read_canvas(write_canvas(cast.canvas.pk).content)


def restore(file: CanvasFile, **wishes: Any) -> Outcome:
    return restore_canvas(file, Wishes(**wishes))


def live(cast: Cast) -> dict[str, Any]:
    rows = CanvasObject.objects.filter(canvas_id=cast.canvas.pk).live()
    return {row.object_id: row.properties["x"] for row in rows}


def test_a_canvas_that_is_gone_comes_back_as_it_was(cast: Cast, file: CanvasFile) -> None:
    before = everything()
    cast.canvas.delete()

    assert restore(file).result == Result.RESTORED

    assert everything() == before


def test_restoring_twice_changes_nothing(cast: Cast, file: CanvasFile) -> None:
    cast.canvas.delete()
    restore(file)
    before = everything()
    for if_it_exists in IfItExists:
        assert restore(file, if_it_exists=if_it_exists).result == Result.UNCHANGED
    assert everything() == before


def test_a_canvas_that_differs_is_left_and_reported(cast: Cast, file: CanvasFile) -> None:
    draw(cast, put("a", version=2, x=500))
    before = everything()

    assert restore(file).result == Result.EXISTS

    assert everything() == before


def test_replacing_puts_back_what_was_drawn_and_keeps_who_may_touch_it(cast: Cast, file: CanvasFile) -> None:
    shown = live(cast)
    draw(cast, put("a", version=2, x=500), delete("b"), put("new", index="a9"))
    services.rename_canvas(user=cast.owner, canvas_id=cast.canvas.pk, title="Spoilt")
    services.remove_member(user=cast.owner, canvas_id=cast.canvas.pk, member_id=cast.viewer.pk)
    before = Canvas.objects.get(pk=cast.canvas.pk)

    assert restore(file, if_it_exists=IfItExists.REPLACE).result == Result.REPLACED

    now = Canvas.objects.get(pk=cast.canvas.pk)
    assert now.title == "Plan"
    assert live(cast) == shown
    assert now.seq > before.seq, "those who have it open catch up by seq"
    assert not Membership.objects.filter(canvas=now, user=cast.viewer).exists()
    versions = dict(CanvasObject.objects.filter(canvas=now).values_list("object_id", "version"))
    assert versions["a"] > 2, "the restored object wins against what browsers hold"
    assert restore(file, if_it_exists=IfItExists.REPLACE).result == Result.UNCHANGED


def test_what_is_replaced_goes_to_the_archive_and_can_be_brought_back(cast: Cast, file: CanvasFile) -> None:
    draw(cast, put("a", version=2, x=500))
    spoilt = live(cast)
    restore(file, if_it_exists=IfItExists.REPLACE)

    kept = CanvasSnapshot.objects.get(reason=CanvasSnapshot.Reason.BEFORE_RESTORE)
    again = restore(read_canvas(bytes(kept.content)), if_it_exists=IfItExists.REPLACE)

    assert again.result == Result.REPLACED
    assert live(cast) == spoilt


def test_a_copy_stands_beside_the_canvas_and_is_made_once(cast: Cast, file: CanvasFile) -> None:
    draw(cast, put("a", version=2, x=500))

    outcome = restore(file, if_it_exists=IfItExists.COPY)
    again = restore(file, if_it_exists=IfItExists.COPY)

    assert (outcome.result, again.result) == (Result.COPIED, Result.UNCHANGED)
    copy = Canvas.objects.get(pk=outcome.canvas_id)
    assert (copy.title, copy.owner) == ("Plan (restored)", cast.owner)
    assert list(copy.memberships.values_list("user", flat=True)) == [cast.owner.pk]
    assert live(cast)["a"] == 500
    assert CanvasObject.objects.get(canvas=copy, object_id="a").properties["x"] == 0.1


@pytest.mark.parametrize("if_it_exists", IfItExists)
def test_a_dry_run_says_what_would_happen_and_changes_nothing(
    cast: Cast, file: CanvasFile, if_it_exists: IfItExists
) -> None:
    draw(cast, put("a", version=2, x=500))
    before = everything()

    tried = restore(file, if_it_exists=if_it_exists, dry_run=True)

    assert everything() == before
    assert not CanvasSnapshot.objects.exists()
    assert tried.result == restore(file, if_it_exists=if_it_exists).result


def test_without_the_owners_account_it_says_what_to_do(cast: Cast, file: CanvasFile) -> None:
    User.objects.all().delete()

    refused = restore(file)

    assert (refused.result, refused.code) == (Result.FAILED, "owner_has_no_account")
    assert "--owner" in refused.error
    assert not Canvas.objects.exists()


def test_another_owner_may_be_named_and_the_missing_members_are_told(cast: Cast, file: CanvasFile) -> None:
    User.objects.exclude(pk=cast.editor.pk).delete()

    outcome = restore(file, owner=cast.editor)

    assert outcome.result == Result.RESTORED
    assert outcome.notes == [
        "vito is no member: no account here has this user name and e-mail address.",
        "edda owns it now: olga has no account here.",
    ]
    roles = Membership.objects.filter(canvas_id=cast.canvas.pk).values_list("user__username", "role")
    assert list(roles) == [("edda", "owner")]


def test_missing_accounts_are_made_on_request_and_nobody_can_sign_in_with_them(
    cast: Cast, file: CanvasFile
) -> None:
    before = everything()
    User.objects.all().delete()

    assert restore(file, create_people=True).result == Result.RESTORED

    assert [person.has_usable_password() for person in User.objects.all()] == [False, False, False]
    roles = Membership.objects.values_list("user__username", "role").order_by("user__username")
    assert list(roles) == [("edda", "editor"), ("olga", "owner"), ("vito", "viewer")]
    assert len(before) > len(everything()) > 0


def test_an_account_of_the_same_name_with_another_address_is_somebody_else(
    cast: Cast, file: CanvasFile
) -> None:
    User.objects.all().delete()
    stranger = make_user("helper")
    User.objects.create_user("edda", email="another.edda@example.org")

    outcome = restore(file, owner=stranger, create_people=False)

    assert outcome.result == Result.RESTORED
    assert not Membership.objects.filter(user__username="edda").exists()
    assert set(CanvasObject.objects.values_list("created_by", flat=True)) == {None}


def test_accounts_of_the_same_name_without_an_address_are_two_people(cast: Cast) -> None:
    User.objects.filter(pk=cast.owner.pk).update(email="")
    file = read_canvas(write_canvas(cast.canvas.pk).content)
    User.objects.all().delete()
    User.objects.create_user("olga")

    for create_people in (False, True):
        assert restore(file, create_people=create_people).code == "owner_has_no_account"


def test_where_the_owners_name_is_taken_it_says_so_and_not_that_accounts_can_be_made(
    cast: Cast, file: CanvasFile
) -> None:
    User.objects.all().delete()
    olga = User.objects.create_user("olga", email="another.olga@example.org")

    refused = restore(file, create_people=True)
    assert refused.code == "owner_has_no_account"
    assert "another e-mail address" in refused.error
    assert "olga@example.org" in refused.error
    assert "--owner" in refused.error
    assert "--create-people" not in refused.error

    outcome = restore(file, owner=olga, create_people=True)
    assert outcome.notes == ["olga owns it now: olga is not known by that name and e-mail address here."]


def test_a_copy_of_a_long_title_still_fits(cast: Cast) -> None:
    services.rename_canvas(user=cast.owner, canvas_id=cast.canvas.pk, title="x" * 200)
    draw(cast, put("a"))
    file = read_canvas(write_canvas(cast.canvas.pk).content)
    draw(cast, put("a", version=2, x=500))

    assert len(restore(file, if_it_exists=IfItExists.COPY).title) == 200


def test_a_canvas_that_came_back_is_not_mistaken_for_what_it_was_before(cast: Cast) -> None:
    client, path = client_of(cast.owner), f"/api/canvases/{cast.canvas.pk}"
    draw(cast, put("first"))
    file = read_canvas(write_canvas(cast.canvas.pk).content)
    seqs = []
    for times in range(3):
        draw(cast, put("second", index="a1", x=times * 300))
        seq = client.get(f"{path}/snapshot").json()["seq"]
        tag = client.get(f"{path}/thumbnail?seq={seq}")["ETag"]
        Canvas.objects.all().delete()
        restore(file)
        draw(cast, put("third", index="a1", x=1_000))

        assert client.get(f"{path}/snapshot?since_seq={seq}").json()["full"] is True
        assert client.get(f"{path}/thumbnail?seq={seq}", headers={"If-None-Match": tag}).status_code == 200
        seqs.append(seq)
    assert seqs == sorted(set(seqs))
    assert seqs[-1] < 2**53, "browsers count to there"


@pytest.mark.parametrize(("limit", "result"), [(4, Result.REPLACED), (2, Result.FAILED)])
def test_what_is_replaced_need_not_fit_on_the_canvas_beside_what_replaces_it(
    cast: Cast, file: CanvasFile, monkeypatch: pytest.MonkeyPatch, limit: int, result: Result
) -> None:
    shown = live(cast)
    Canvas.objects.all().delete()
    Canvas.objects.create(pk=cast.canvas.pk, title="Plan", owner=cast.owner)
    monkeypatch.setattr(services, "MAX_OBJECTS", limit)
    draw(cast, *(put(f"other{number}", index=f"a{number}") for number in range(limit)))
    others = live(cast)

    assert restore(file, if_it_exists=IfItExists.REPLACE).result == result

    now = Canvas.objects.get(pk=cast.canvas.pk)
    assert live(cast) == (others if result == Result.FAILED else shown)
    assert now.size_bytes == services.measure(now)
    assert services.snapshot(canvas=now, since_seq=limit).is_full is (result == Result.REPLACED)


def test_an_object_that_was_changed_as_often_as_can_be_counted_is_refused_in_words(
    cast: Cast, file: CanvasFile
) -> None:
    CanvasObject.objects.filter(canvas=cast.canvas, object_id="a").update(
        version=2**53 - 1, properties=element("a", version=2**53 - 1, x=7)
    )
    refused = restore(file, if_it_exists=IfItExists.REPLACE)
    assert (refused.result, refused.code) == (Result.FAILED, "restore_refused")
    assert "version" in refused.error
