"""Backups of all canvases: backup, wipe, restore, compare; and what happens when something fails."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages
from django_q.models import OrmQ

from canvases import backups, tasks
from canvases.errors import (
    BackupNotFound,
    BackupStorageFailed,
    BackupUnderWay,
    BrokenCanvasFile,
    NoBackupStorage,
)
from canvases.models import Canvas, CanvasObject
from canvases.restoring import Result, Wishes, restore_canvas
from canvases.services import actor_of, apply_operations, create_canvas
from canvases.tests.factories import Cast, edits, put
from canvases.tests.pictures import draw, elsewhere, everything, fill
from canvases.tests.s3_server import S3Server, s3_server
from collabcanvas.lib.one_at_a_time import Work
from collabcanvas.settings import _backup_storage


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with s3_server() as running:
        yield running


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, settings: Any) -> Storage:
    """What BACKUP_URL names: a folder that is not there yet, or an empty bucket of an S3-compatible server."""
    if request.param == "s3":
        server: S3Server = request.getfixturevalue("server")
        server.objects.clear()
        settings.BACKUP_URL = server.url
    else:
        settings.BACKUP_URL = f"file://{tmp_path}/backups"
    settings.STORAGES = {**settings.STORAGES, "backups": _backup_storage(settings.BACKUP_URL)}
    return storages["backups"]


def restore_all(storage: Storage, name: str | None = None) -> list[str]:
    manifest = backups.get_backup(storage, name)
    return [
        restore_canvas(backups.read_backup(storage, manifest, canvas_id), Wishes()).result
        for canvas_id in manifest.canvases
    ]


def names(storage: Storage) -> list[str]:
    return [manifest.name for manifest in backups.list_backups(storage)]


def grow_old(storage: Storage, *, days: float, **changes: Any) -> str:
    """The newest backup was made so many days ago; answers its name of then."""
    manifest = backups.list_backups(storage)[0]
    began = datetime.now(UTC) - timedelta(days=days)
    name = began.strftime("%Y-%m-%dT%H-%M-%S-%fZ")
    _, files = storage.listdir(manifest.name)
    for file in files:
        with storage.open(f"{manifest.name}/{file}") as stored:
            content = stored.read()
        if file == backups.MANIFEST:
            content = json.dumps(
                json.loads(content) | {"name": name, "started_at": began.isoformat(), **changes}
            ).encode()
        storage.save(f"{name}/{file}", ContentFile(content))
        storage.delete(f"{manifest.name}/{file}")
    storage.delete(manifest.name)
    return name


def test_backup_wipe_restore_compare(cast: Cast, storage: Storage) -> None:
    canvases = fill(cast)
    before = everything()

    manifest = backups.back_up(storage)
    Canvas.objects.all().delete()
    assert everything() == []
    restored = restore_all(storage)

    assert len(manifest.canvases) == len(canvases) == 3
    assert restored == [Result.RESTORED] * 3
    assert everything() == before
    assert restore_all(storage) == [Result.UNCHANGED] * 3
    assert everything() == before


def test_a_backup_goes_on_where_its_time_was_over(cast: Cast, storage: Storage) -> None:
    fill(cast)

    begun = backups.back_up(storage, seconds=0)
    assert begun.finished_at is None
    with pytest.raises(BackupNotFound):
        backups.get_backup(storage, None)
    finished = backups.back_up(storage)

    assert finished.name == begun.name
    assert finished.is_flawless
    assert len(finished.canvases) == 3


def test_the_list_of_what_is_saved_is_not_written_for_every_few_canvases(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Counting(FileSystemStorage):
        lists = 0

        def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
            self.lists += str(name).endswith(backups.MANIFEST)
            return super().save(name, content, max_length)

    fill(cast)
    monkeypatch.setattr(backups, "_BATCH", 1)
    storage = Counting(location=str(tmp_path), allow_overwrite=True)
    assert len(backups.back_up(storage).canvases) == 3
    assert storage.lists == 2, "at its beginning and at its end"


def test_an_unfinished_backup_of_days_ago_is_not_gone_on_with(cast: Cast, storage: Storage) -> None:
    backups.back_up(storage, seconds=0)
    old = grow_old(storage, days=1)
    assert backups.back_up(storage).name != old


def test_the_nightly_task_saves_and_forgets_what_is_old(cast: Cast, storage: Storage, settings: Any) -> None:
    settings.BACKUP_KEEP_DAYS = 5
    backups.back_up(storage)
    old = grow_old(storage, days=5.1)
    backups.back_up(storage)
    recent = grow_old(storage, days=4.9)

    assert tasks.back_up_canvases() == 1

    assert len(names(storage)) == 2
    assert names(storage)[1] == recent
    folders, _ = storage.listdir("")
    assert old not in folders


def test_zero_days_keep_every_backup(cast: Cast, storage: Storage, settings: Any) -> None:
    settings.BACKUP_KEEP_DAYS = 0
    backups.back_up(storage)
    old = grow_old(storage, days=3_000)
    tasks.back_up_canvases()
    assert names(storage)[1] == old


def test_the_last_good_backup_stays_however_old_it_is(cast: Cast, storage: Storage) -> None:
    backups.back_up(storage)
    good = grow_old(storage, days=90)
    for days in (80, 70):
        backups.back_up(storage)
        grow_old(storage, days=days, failed={str(cast.canvas.pk): "It could not be read."})

    removed = backups.remove_old_backups(storage, days=14)

    assert len(removed) == 1
    assert len(names(storage)) == 2
    assert names(storage)[1] == good


def test_the_task_goes_on_in_another_when_its_time_is_over(
    cast: Cast, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "_SLICE_SECONDS", 0.0)
    tasks.back_up_canvases()
    assert [queued.func() for queued in OrmQ.objects.all()] == ["canvases.tasks.back_up_canvases"]


def test_without_an_address_the_task_does_nothing(cast: Cast, settings: Any) -> None:
    settings.BACKUP_URL = ""
    assert tasks.back_up_canvases() == 0
    with pytest.raises(NoBackupStorage, match="BACKUP_URL"):
        backups.storage_at(None)


def obstruct(storage: Storage, server: S3Server, name: str, canvas: Canvas) -> None:
    """The file of this canvas cannot be written in this backup."""
    file = f"{canvas.pk}.canvas.json.gz"
    if hasattr(storage, "bucket_name"):
        server.refused.add(file)
    else:
        os.makedirs(os.path.join(storage.location, name, file))  # type: ignore[attr-defined]


def test_a_canvas_that_cannot_be_saved_is_reported_and_the_others_are_saved(
    cast: Cast, storage: Storage, server: S3Server
) -> None:
    spoilt, *others = fill(cast)
    begun = backups.back_up(storage, seconds=0)
    obstruct(storage, server, begun.name, spoilt)

    with pytest.raises(
        tasks.BackupIncomplete, match=rf"1 of 3 canvases are not in .* {spoilt.pk}: The storage"
    ):
        tasks.back_up_canvases()

    manifest = backups.get_backup(storage, None)
    assert set(manifest.canvases) == {canvas.pk for canvas in others}
    assert list(manifest.failed) == [spoilt.pk]
    server.refused.clear()


def test_canvases_that_could_not_be_read_back_are_reported_and_keep_no_other_out(
    cast: Cast, storage: Storage
) -> None:
    fill(cast)
    broken = [create_canvas(owner=cast.owner, title=f"Plan {number}") for number in range(6)]
    for canvas in broken:
        apply_operations(canvas_id=canvas.pk, operations=edits(put("a")), actor=actor_of(cast.owner))
    CanvasObject.objects.filter(canvas__in=broken).update(properties={"id": "a"})

    manifest = backups.back_up(storage)

    assert len(manifest.canvases) == 3
    assert set(manifest.failed) == {canvas.pk for canvas in broken}
    assert manifest.failed[broken[0].pk].startswith(
        "It cannot be read back. The file holds an object that is"
    )


def test_when_nothing_can_be_saved_it_gives_up_and_says_so(
    cast: Cast, storage: Storage, server: S3Server
) -> None:
    for number in range(8):
        create_canvas(owner=cast.owner, title=f"Plan {number}")
    begun = backups.back_up(storage, seconds=0)
    for canvas in Canvas.objects.all():
        obstruct(storage, server, begun.name, canvas)

    with pytest.raises(BackupStorageFailed, match="Check"):
        backups.back_up(storage)
    server.refused.clear()


def test_a_file_that_is_gone_or_damaged_does_not_pass_for_the_canvas(cast: Cast, storage: Storage) -> None:
    first, second, third = fill(cast)
    manifest = backups.back_up(storage)
    file = "{}/{}.canvas.json.gz".format
    storage.delete(file(manifest.name, first.pk))
    with storage.open(file(manifest.name, third.pk)) as stored:
        content = stored.read()
    storage.save(file(manifest.name, second.pk), ContentFile(content))

    with pytest.raises(BrokenCanvasFile, match="its file is gone"):
        backups.read_backup(storage, manifest, first.pk)
    with pytest.raises(BrokenCanvasFile, match="not the one that the backup saved"):
        backups.read_backup(storage, manifest, second.pk)
    assert backups.read_backup(storage, manifest, third.pk).canvas.title == "Other"


def test_what_is_no_backup_is_passed_over(cast: Cast, storage: Storage) -> None:
    good = backups.back_up(storage)
    for name, content in (
        ("2026-01-01T00-00-00-000000Z/manifest.json", b"{"),
        ("2026-01-02T00-00-00-000000Z/other.txt", b"?"),
        ("letters/manifest.json", b"{}"),
    ):
        storage.save(name, ContentFile(content))

    assert names(storage) == [good.name]
    for name in ("2026-01-01T00-00-00-000000Z", "letters", "../letters", ""):
        with pytest.raises(BackupNotFound):
            backups.get_backup(storage, name)


def test_wrong_keys_are_reported_without_the_keys(cast: Cast, server: S3Server, settings: Any) -> None:
    settings.BACKUP_URL = server.url.replace("backup-key", "somebody")
    settings.STORAGES = {**settings.STORAGES, "backups": _backup_storage(settings.BACKUP_URL)}
    with pytest.raises(BackupStorageFailed, match="InvalidAccessKeyId") as refused:
        backups.back_up(storages["backups"])
    assert "somebody" not in refused.value.message


def test_a_server_that_is_away_is_reported(cast: Cast, settings: Any) -> None:
    settings.BACKUP_URL = "s3://key:secret@bucket?endpoint=http://127.0.0.1:9"
    settings.STORAGES = {**settings.STORAGES, "backups": _backup_storage(settings.BACKUP_URL)}
    with pytest.raises(BackupStorageFailed, match="EndpointConnectionError"):
        backups.back_up(storages["backups"])


def test_a_folder_that_cannot_be_written_is_reported(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BackupStorageFailed, match="Not a directory"):
        backups.back_up(backups.storage_at(str(tmp_path / "file" / "backups")))


def test_two_backups_do_not_run_at_once(cast: Cast, storage: Storage) -> None:
    with elsewhere(Work.BACKUP):
        with pytest.raises(BackupUnderWay):
            backups.back_up(storage)
        assert tasks.back_up_canvases() == 0
    assert backups.back_up(storage).is_flawless


def test_a_canvas_drawn_on_meanwhile_is_saved_whole(cast: Cast, storage: Storage) -> None:
    fill(cast)
    seen = []

    def draw_more(manifest: backups.Manifest, total: int) -> None:
        seen.append((len(manifest.canvases), total))
        draw(cast, put(f"more-{len(seen)}", index="a8"))

    manifest = backups.back_up(storage, progress=draw_more)

    assert seen == [(1, 3), (2, 3), (3, 3)]
    for canvas_id in manifest.canvases:
        file = backups.read_backup(storage, manifest, canvas_id)
        assert max([entry.seq for entry in file.canvas.objects], default=0) == file.canvas.seq


def test_people_who_left_are_no_obstacle(cast: Cast, storage: Storage) -> None:
    fill(cast)
    User.objects.filter(pk=cast.editor.pk).delete()
    before = everything()
    backups.back_up(storage)
    Canvas.objects.all().delete()
    restore_all(storage)
    assert everything() == before
