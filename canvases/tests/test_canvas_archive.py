"""The archive: when snapshots are made, how long they stay, and that nobody changes one."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from canvases import archive, tasks
from canvases.errors import SnapshotNotFound
from canvases.models import Canvas, CanvasSnapshot
from canvases.portable import read_canvas, write_canvas
from canvases.restoring import IfItExists, Result, Wishes, restore_canvas
from canvases.services import actor_of, apply_operations, create_canvas, delete_canvas, rename_canvas
from canvases.tests.factories import Cast, delete, edits, make_user, put
from canvases.tests.pictures import draw, elsewhere, everything, fill
from collabcanvas.lib.one_at_a_time import Work

SCHEDULED = CanvasSnapshot.Reason.SCHEDULED


def snapshots_of(cast: Cast) -> list[CanvasSnapshot]:
    return list(CanvasSnapshot.objects.filter(canvas_id=cast.canvas.pk).order_by("seq"))


def test_a_canvas_that_changed_gets_a_snapshot_and_one_that_did_not_gets_none(cast: Cast) -> None:
    fill(cast)
    assert tasks.archive_canvases() == 2, "the empty one needs none"
    assert tasks.archive_canvases() == 0

    draw(cast, put("new", index="a7"))

    assert tasks.archive_canvases() == 1
    first, second = snapshots_of(cast)
    assert (first.object_count, second.object_count) == (3, 4)
    assert second.reason == SCHEDULED


def test_a_new_title_is_a_change(cast: Cast) -> None:
    draw(cast, put("a"))
    with transaction.atomic():
        tasks.archive_canvases()
    Canvas.objects.filter(pk=cast.canvas.pk).update(updated_at=timezone.now())
    rename_canvas(user=cast.owner, canvas_id=cast.canvas.pk, title="Better")
    assert tasks.archive_canvases() == 1


def test_a_canvas_that_cannot_be_archived_is_reported_and_the_others_are_archived(cast: Cast) -> None:
    # The longest unchanged goes first, and the database refuses its snapshot.
    draw(cast, put("a"))
    others = [create_canvas(owner=cast.owner, title=f"Plan {number}") for number in range(2)]
    for canvas in others:
        apply_operations(canvas_id=canvas.pk, operations=edits(put("a")), actor=actor_of(cast.owner))
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE {CanvasSnapshot._meta.db_table} ADD CONSTRAINT spoilt CHECK (canvas_id <> '{cast.canvas.pk}')"
        )

    with pytest.raises(
        tasks.ArchiveIncomplete, match=rf"^1 canvas has no snapshot .* {cast.canvas.pk}: IntegrityError"
    ):
        tasks.archive_canvases()

    kept = CanvasSnapshot.objects.values_list("canvas_id", flat=True)
    assert set(kept) == {canvas.pk for canvas in others}


def test_a_deleted_canvas_can_be_restored_from_its_snapshot(cast: Cast) -> None:
    fill(cast)
    before = everything()
    kept = archive.take_snapshot(canvas_id=cast.canvas.pk, reason=CanvasSnapshot.Reason.BY_HAND)
    cast.canvas.delete()

    outcome = restore_canvas(read_canvas(bytes(archive.get_snapshot(str(kept.pk)).content)), Wishes())

    assert outcome.result == Result.RESTORED
    assert everything() == before


def test_the_same_state_is_kept_once(cast: Cast) -> None:
    draw(cast, put("a"))
    first = archive.take_snapshot(canvas_id=cast.canvas.pk, reason=SCHEDULED)
    again = archive.take_snapshot(canvas_id=cast.canvas.pk, reason=CanvasSnapshot.Reason.BY_HAND)
    assert first == again
    assert again.reason == SCHEDULED


@pytest.mark.django_db(transaction=True)
def test_edits_do_not_wait_while_a_snapshot_is_packed(cast: Cast) -> None:
    draw(cast, put("a"))
    with CaptureQueriesContext(connection) as captured:
        archive.take_snapshot(canvas_id=cast.canvas.pk, reason=SCHEDULED)
    said = [query["sql"] for query in captured]
    (stored,) = (place for place, sql in enumerate(said) if sql.startswith("INSERT"))
    assert "COMMIT" in said[:stored], "what held the canvas's row is over"


def test_the_database_refuses_to_change_a_snapshot(cast: Cast) -> None:
    draw(cast, put("a"))
    kept = archive.take_snapshot(canvas_id=cast.canvas.pk, reason=SCHEDULED)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        CanvasSnapshot.objects.filter(pk=kept.pk).update(title="Another past")
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        kept.save()


def kept_since(cast: Cast, *, days: float, canvas: Canvas | None = None) -> CanvasSnapshot:
    """The canvas was archived so many days ago."""
    canvas = canvas or cast.canvas
    return CanvasSnapshot.objects.create(
        canvas_id=canvas.pk,
        title=canvas.title,
        reason=SCHEDULED,
        seq=1,
        canvas_updated_at=timezone.now(),
        object_count=1,
        checksum=f"sha256:{days}",
        content=b"",
        size_bytes=0,
        made_at=timezone.now() - timedelta(days=days),
    )


def grow_old(*, days: float) -> None:
    """All snapshots were made so many days earlier."""
    kept = list(CanvasSnapshot.objects.all())
    CanvasSnapshot.objects.all().delete()
    for snapshot in kept:
        snapshot.made_at -= timedelta(days=days)
    CanvasSnapshot.objects.bulk_create(kept)


def test_a_snapshot_goes_so_many_days_after_the_next_one_was_made(cast: Cast, settings: Any) -> None:
    settings.CANVAS_ARCHIVE_DAYS = 10
    busy = [kept_since(cast, days=days) for days in (30, 12, 11, 9)]
    quiet = create_canvas(owner=cast.owner, title="Quiet")
    still = [kept_since(cast, days=days, canvas=quiet) for days in (30, 20)]

    assert tasks.remove_old_snapshots() == 3

    left = set(CanvasSnapshot.objects.values_list("pk", flat=True))
    assert left == {busy[2].pk, busy[3].pk, still[1].pk}, "until 9 days ago it looked as it did 11 days ago"


def test_what_was_there_for_long_until_yesterday_is_in_the_archive(cast: Cast, settings: Any) -> None:
    draw(cast, put("precious"))
    tasks.archive_canvases()
    grow_old(days=settings.CANVAS_ARCHIVE_DAYS + 10)
    tasks.remove_old_snapshots()

    draw(cast, delete("precious"))
    tasks.archive_canvases()
    tasks.remove_old_snapshots()

    assert [snapshot.object_count for snapshot in snapshots_of(cast)] == [1, 0]
    grow_old(days=settings.CANVAS_ARCHIVE_DAYS)
    tasks.remove_old_snapshots()
    assert [snapshot.object_count for snapshot in snapshots_of(cast)] == [0]


def test_a_canvas_that_was_replaced_stays_in_the_archive_however_old_its_state_was(
    cast: Cast, settings: Any
) -> None:
    fill(cast)
    file = read_canvas(write_canvas(cast.canvas.pk).content)
    draw(cast, put("precious", index="a9"))
    tasks.archive_canvases()
    grow_old(days=settings.CANVAS_ARCHIVE_DAYS + 10)

    assert restore_canvas(file, Wishes(if_it_exists=IfItExists.REPLACE)).result == Result.REPLACED
    tasks.archive_canvases()
    tasks.remove_old_snapshots()

    assert [snapshot.object_count for snapshot in snapshots_of(cast)] == [4, 3]


def delete_as_its_owner(cast: Cast) -> None:
    delete_canvas(user=cast.owner, canvas_id=cast.canvas.pk)


def delete_with_its_owner(cast: Cast) -> None:
    cast.owner.delete()


@pytest.mark.parametrize("delete_it", [delete_as_its_owner, delete_with_its_owner])
def test_the_days_of_a_canvas_that_is_deleted_begin_then(cast: Cast, settings: Any, delete_it: Any) -> None:
    draw(cast, put("a"))
    tasks.archive_canvases()
    (kept,) = snapshots_of(cast)
    grow_old(days=settings.CANVAS_ARCHIVE_DAYS + 10)

    delete_it(cast)
    assert tasks.remove_old_snapshots() == 0

    (again,) = snapshots_of(cast)
    assert (again.pk, again.checksum, again.content) == (kept.pk, kept.checksum, kept.content)
    assert again.reason == CanvasSnapshot.Reason.BEFORE_DELETION
    assert timezone.now() - again.made_at < timedelta(hours=1)
    assert tasks.remove_old_snapshots() == 0
    assert snapshots_of(cast)[0].made_at == again.made_at, "once"
    grow_old(days=settings.CANVAS_ARCHIVE_DAYS)
    assert tasks.remove_old_snapshots() == 1


def test_a_canvas_that_its_owner_deletes_is_in_the_archive_as_it_was(cast: Cast) -> None:
    fill(cast)
    tasks.archive_canvases()
    draw(cast, put("new", index="a7"))
    before = everything()

    delete_canvas(user=cast.owner, canvas_id=cast.canvas.pk)

    kept = snapshots_of(cast)[-1]
    assert kept.reason == CanvasSnapshot.Reason.BEFORE_DELETION
    restore_canvas(read_canvas(bytes(kept.content)), Wishes())
    assert everything() == before


@pytest.mark.parametrize(("days", "drawn"), [(0, True), (30, False)])
def test_without_an_archive_or_a_drawing_nothing_is_kept_of_a_deleted_canvas(
    cast: Cast, settings: Any, days: int, drawn: bool
) -> None:
    settings.CANVAS_ARCHIVE_DAYS = days
    if drawn:
        draw(cast, put("a"))
    delete_canvas(user=cast.owner, canvas_id=cast.canvas.pk)
    assert not CanvasSnapshot.objects.exists()


def test_zero_days_switch_the_archive_off_and_remove_nothing(cast: Cast, settings: Any) -> None:
    settings.CANVAS_ARCHIVE_DAYS = 0
    kept_since(cast, days=3_000)
    draw(cast, put("a"))
    assert tasks.archive_canvases() == 0
    assert tasks.remove_old_snapshots() == 0
    assert CanvasSnapshot.objects.count() == 1


def test_one_run_at_a_time(cast: Cast) -> None:
    draw(cast, put("a"))
    with elsewhere(Work.ARCHIVE):
        assert tasks.archive_canvases() == 0
    assert tasks.archive_canvases() == 1


@pytest.mark.parametrize("snapshot_id", ["", "1", "nonsense", "00000000-0000-4000-8000-000000000000", "a\0b"])
def test_an_unknown_snapshot_is_not_found(db: None, snapshot_id: str) -> None:
    with pytest.raises(SnapshotNotFound):
        archive.get_snapshot(snapshot_id)


def test_staff_look_at_snapshots_and_change_none(cast: Cast, client: Client) -> None:
    fill(cast)
    kept = archive.take_snapshot(canvas_id=cast.canvas.pk, reason=SCHEDULED)
    client.force_login(make_user("root", is_staff=True, is_superuser=True))

    listed = client.get("/admin/canvases/canvassnapshot/")
    shown = client.get(f"/admin/canvases/canvassnapshot/{kept.pk}/change/")

    assert b"Plan" in listed.content
    assert (listed.status_code, shown.status_code) == (200, 200)
    assert b'name="_save"' not in shown.content
    for path in ("add/", f"{kept.pk}/delete/"):
        assert client.post(f"/admin/canvases/canvassnapshot/{path}").status_code == 403
