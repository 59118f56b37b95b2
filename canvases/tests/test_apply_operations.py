"""What one batch of edits leaves behind."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from fractional_indexing import validate_order_key

from canvases import services
from canvases.errors import CanvasNotFound
from canvases.models import Canvas, CanvasObject
from canvases.services import Actor, Applied, actor_of, apply_operations
from canvases.tests.factories import Cast, delete, edits, put


def apply(cast: Cast, *raw: dict[str, Any], **actor: Any) -> Applied:
    who = Actor(user_id=cast.editor.pk, name="edda", **actor)
    return apply_operations(canvas_id=cast.canvas.pk, operations=edits(*raw), actor=who)


def stored(cast: Cast, object_id: str) -> CanvasObject:
    return CanvasObject.objects.get(canvas=cast.canvas, object_id=object_id)


def test_a_new_object_is_stored_with_the_next_seq_and_its_author(cast: Cast) -> None:
    applied = apply(cast, put("a"), put("b", index="a1"))

    assert [(result.status, result.row and result.row["seq"]) for result in applied.results] == [
        ("applied", 1),
        ("applied", 2),
    ]
    assert applied.seq == 2
    assert Canvas.objects.get().seq == 2
    row = stored(cast, "b")
    assert (row.object_type, row.created_by, row.updated_by, row.job_id) == (
        "rectangle",
        cast.editor,
        cast.editor,
        None,
    )
    assert row.properties == put("b", index="a1")["properties"]


def test_a_newer_version_replaces_and_keeps_who_made_the_object(cast: Cast) -> None:
    apply(cast, put("a"))
    apply_operations(
        canvas_id=cast.canvas.pk, operations=edits(put("a", version=2, x=40)), actor=actor_of(cast.owner)
    )

    row = stored(cast, "a")
    assert (row.properties["x"], row.version, row.seq) == (40, 2, 2)
    assert (row.created_by, row.updated_by) == (cast.editor, cast.owner)


def test_an_older_version_is_refused_with_the_row_that_won(cast: Cast) -> None:
    apply(cast, put("a", version=5, x=1))

    (result,) = apply(cast, put("a", version=4, x=2)).results

    assert (result.status, result.code) == ("refused", "superseded")
    assert result.row is not None
    assert result.row["properties"]["x"] == 1
    assert Canvas.objects.get().seq == 1


@pytest.mark.parametrize(("nonce", "status"), [(7, "applied"), (9, "refused")])
def test_on_a_tie_the_lower_nonce_wins(cast: Cast, nonce: int, status: str) -> None:
    apply(cast, put("a", version=2, versionNonce=8))

    (result,) = apply(cast, put("a", version=2, versionNonce=nonce)).results

    assert result.status == status


def test_sending_a_batch_twice_changes_nothing_more(cast: Cast) -> None:
    apply(cast, put("a"), put("b", index="a1"))

    again = apply(cast, put("a"), put("b", index="a1"))

    assert [(result.status, result.changed) for result in again.results] == [("applied", False)] * 2
    assert again.seq == 2


def test_one_bad_edit_leaves_the_others_alone(cast: Cast) -> None:
    applied = apply(cast, put("a"), put("b", width="wide"), put("c", index="a1"))

    assert [result.status for result in applied.results] == ["applied", "refused", "applied"]
    assert applied.results[1].code == "invalid_object"
    assert "width" in (applied.results[1].error or "")
    assert set(CanvasObject.objects.values_list("object_id", flat=True)) == {"a", "c"}


def test_deleting_leaves_a_newer_tombstone(cast: Cast) -> None:
    apply(cast, put("a"))

    (result,) = apply(cast, delete("a")).results

    row = stored(cast, "a")
    assert result.status == "applied"
    assert (row.is_deleted, row.version, row.seq) == (True, 2, 2)
    assert row.properties["isDeleted"] is True
    assert (row.properties["version"], row.properties["versionNonce"]) == (row.version, row.version_nonce)


def test_deleting_twice_is_one_deletion_and_an_unknown_object_is_refused(cast: Cast) -> None:
    apply(cast, put("a"), delete("a"))

    again, unknown = apply(cast, delete("a"), delete("zzz")).results

    assert (again.status, again.changed) == ("applied", False)
    assert (unknown.status, unknown.code, unknown.row) == ("refused", "unknown_object", None)


def test_an_object_named_twice_in_a_batch_takes_one_seq_so_that_none_is_skipped(cast: Cast) -> None:
    applied = apply(cast, put("a"), put("b", index="a1"), put("a", version=2, x=9))

    assert applied.seq == 2
    assert stored(cast, "a").properties["x"] == 9
    assert sorted(CanvasObject.objects.values_list("seq", flat=True)) == [1, 2]


def test_missing_indexes_are_filled_in_behind_the_last_object(cast: Cast) -> None:
    apply(cast, put("a", index="a5"))
    apply(cast, put("b", index=None), put("c", index=None))

    indexes = [stored(cast, name).index or "" for name in ("a", "b", "c")]
    assert indexes == sorted(indexes)
    assert len(set(indexes)) == 3
    for name, index in zip("abc", indexes, strict=True):
        validate_order_key(
            index, "".join(sorted("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
        )
        assert stored(cast, name).properties["index"] == index


def test_new_objects_find_room_also_where_an_index_leaves_none(cast: Cast) -> None:
    apply(cast, put("a", index="a5"), put("top"))
    CanvasObject.objects.filter(object_id="top").update(
        index="z" * 256, properties=put("top", index="z" * 256)["properties"]
    )

    applied = apply(cast, *(put(f"o{number}", index=None) for number in range(300)))

    assert {result.status for result in applied.results} == {"applied"}
    assert {len(stored(cast, f"o{number}").index or "") for number in (0, 299)} <= {2, 3, 4}
    assert (stored(cast, "o0").index or "") > "a5"


def test_an_edit_without_an_index_keeps_the_one_the_object_has(cast: Cast) -> None:
    apply(cast, put("a", index="a5"))
    apply(cast, put("a", index=None, version=2))

    assert stored(cast, "a").index == "a5"


def test_a_job_signs_what_it_changes(cast: Cast) -> None:
    job_id = uuid.uuid4()
    apply(cast, put("a"), job_id=job_id)

    assert stored(cast, "a").job_id == job_id

    apply(cast, put("a", version=2))
    assert stored(cast, "a").job_id is None


def test_the_job_that_made_an_object_stays_named_whoever_changes_it(cast: Cast) -> None:
    maker, later = uuid.uuid4(), uuid.uuid4()
    apply(cast, put("a"), job_id=maker)
    apply(cast, put("mine"))

    (changed,) = apply(cast, put("a", version=2)).results
    assert (stored(cast, "a").created_by_job_id, stored(cast, "a").job_id) == (maker, None)
    assert changed.row is not None
    assert (changed.row["created_by_job_id"], changed.row["job_id"]) == (str(maker), None)

    apply(cast, put("a", version=3), put("mine", version=2), job_id=later)
    assert (stored(cast, "a").created_by_job_id, stored(cast, "a").job_id) == (maker, later)
    assert (stored(cast, "mine").created_by_job_id, stored(cast, "mine").job_id) == (None, later)

    apply(cast, delete("a"))
    apply(cast, put("a", version=9))
    assert stored(cast, "a").created_by_job_id == maker, "also when it was deleted and came back"


def test_a_full_canvas_refuses_new_objects_but_not_changes(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MAX_OBJECTS", 2)
    apply(cast, put("a"), put("b", index="a1"))
    apply(cast, delete("b"))

    new, changed = apply(cast, put("c", index="a2"), put("a", version=2)).results

    assert (new.status, new.code) == ("refused", "canvas_full")
    assert "2 objects" in (new.error or "")
    assert changed.status == "applied"


def test_a_canvas_that_is_gone_raises(cast: Cast) -> None:
    cast.canvas.delete()

    with pytest.raises(CanvasNotFound):
        apply(cast, put("a"))


def test_a_batch_of_500_takes_as_many_statements_as_one_edit(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as one:
        apply(cast, put("first"))
    with CaptureQueriesContext(connection) as many:
        apply(cast, *(put(f"o{number}", index=None) for number in range(500)))

    # Beyond one edit: the last index is read, and messages too large for a notification may be stored.
    assert len(many) <= len(one) + 2
    assert Canvas.objects.get().seq == 501
