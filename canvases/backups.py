"""Backups of all canvases in a folder or an S3-compatible storage: writing, listing, reading, and forgetting them.

A backup is a folder of its own, named after its beginning: one file per canvas and `manifest.json`, which says what
is in it, what could not be saved and why, and how far it has come.
"""

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import DatabaseError
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from canvases.errors import (
    BackupNotFound,
    BackupStorageFailed,
    BackupUnderWay,
    BrokenCanvasFile,
    CanvasNotFound,
    NoBackupStorage,
)
from canvases.models import Canvas
from canvases.portable import MAX_UNPACKED_BYTES, SUFFIX, CanvasFile, read_canvas, write_canvas
from collabcanvas.lib.errors import AppError
from collabcanvas.lib.one_at_a_time import Work, one_at_a_time

logger = logging.getLogger(__name__)

MANIFEST = "manifest.json"
# A backup that stopped half-way goes on where it stopped, unless it is older.
RESUME_WITHIN = timedelta(hours=20)
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-\d{6}Z")
_BATCH = 200
# The list of what is saved grows with the backup, and is written whole: after a crash so much is saved once more.
_LIST_EVERY_SECONDS = 20.0
# So many failures in a row are no fault of the canvases.
_HOPELESS = 5


class SavedCanvas(BaseModel):
    """One file of a backup."""

    title: str
    objects: int
    size_bytes: int
    checksum: str


class Manifest(BaseModel):
    """What a backup holds. `finished_at` is None until every canvas had its turn; `after` is the last that had."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["collabcanvas-backup"] = "collabcanvas-backup"
    version: Literal[1] = 1
    name: str
    made_by: str
    started_at: AwareDatetime
    finished_at: AwareDatetime | None = None
    after: uuid.UUID | None = None
    canvases: dict[uuid.UUID, SavedCanvas] = {}
    failed: dict[uuid.UUID, str] = {}

    @property
    def size_bytes(self) -> int:
        """What its files take."""
        return sum(saved.size_bytes for saved in self.canvases.values())

    @property
    def is_flawless(self) -> bool:
        """Whether it holds every canvas there was."""
        return self.finished_at is not None and not self.failed


Progress = Callable[[Manifest, int], None]


def storage_at(folder: str | None) -> Storage:
    """The storage in a folder, or the one that BACKUP_URL names; raises `NoBackupStorage` without either."""
    if folder:
        return FileSystemStorage(location=str(Path(folder).absolute()), allow_overwrite=True)
    if not settings.BACKUP_URL:
        raise NoBackupStorage
    return storages["backups"]


@contextmanager
def _reaching(what: str) -> Iterator[None]:
    """What a folder or an S3 storage may answer becomes `BackupStorageFailed`, a sentence."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "unknown")
        raise BackupStorageFailed(
            f"The storage refused {what} ({code}). Check the bucket and the keys of BACKUP_URL."
        ) from error
    except (OSError, BotoCoreError, SuspiciousFileOperation) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise BackupStorageFailed(
            f"The storage of the backups failed at {what} ({reason}). Check that it exists and can be written."
        ) from error


# --- Writing ---
def back_up(storage: Storage, *, seconds: float | None = None, progress: Progress | None = None) -> Manifest:
    """Every canvas is in the newest backup of the storage, or, after `seconds`, as many as there was time for.

    Calling again goes on with a backup that is not finished. A canvas that cannot be saved is named in `failed` and
    does not stop the others. Raises `BackupUnderWay` when another process is at it, `BackupStorageFailed` when the
    storage takes nothing at all.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    with one_at_a_time(Work.BACKUP) as is_ours:
        if not is_ours:
            raise BackupUnderWay
        manifest = _unfinished(storage) or _begin(storage)
        total = Canvas.objects.count()
        failures_in_a_row = 0
        listed_at = time.monotonic()
        while batch := _next_canvases(manifest):
            for canvas_id in batch:
                if deadline is not None and time.monotonic() >= deadline:
                    _save_manifest(storage, manifest)
                    return manifest
                error = _save_canvas(storage, manifest, canvas_id)
                failures_in_a_row = failures_in_a_row + 1 if error else 0
                if error and failures_in_a_row >= _HOPELESS:
                    raise error
                manifest.after = canvas_id
                if progress is not None:
                    progress(manifest, total)
            if time.monotonic() - listed_at >= _LIST_EVERY_SECONDS:
                _save_manifest(storage, manifest)
                listed_at = time.monotonic()
        manifest.finished_at = datetime.now(UTC)
        _save_manifest(storage, manifest)
    return manifest


def _unfinished(storage: Storage) -> Manifest | None:
    newest = next(iter(list_backups(storage)), None)
    if newest is None or newest.finished_at or datetime.now(UTC) - newest.started_at > RESUME_WITHIN:
        return None
    return newest


def _begin(storage: Storage) -> Manifest:
    now = datetime.now(UTC)
    manifest = Manifest(
        name=now.strftime("%Y-%m-%dT%H-%M-%S-%fZ"), made_by=f"CollabCanvas {settings.VERSION}", started_at=now
    )
    _save_manifest(storage, manifest)
    return manifest


def _next_canvases(manifest: Manifest) -> list[uuid.UUID]:
    rows = Canvas.objects.all() if manifest.after is None else Canvas.objects.filter(pk__gt=manifest.after)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:_BATCH])


def _save_canvas(storage: Storage, manifest: Manifest, canvas_id: uuid.UUID) -> AppError | None:
    """The canvas is in the backup or among its failures; answers what may keep others out of it too."""
    try:
        written = write_canvas(canvas_id)
        with _reaching("saving a canvas"):
            storage.save(_path(manifest, canvas_id), ContentFile(written.content))
        read_canvas(written.content)
    except CanvasNotFound:
        return None  # deleted since the list was read
    except BrokenCanvasFile as error:
        # The file stays: somebody may mend it.
        _note_failure(manifest, canvas_id, BrokenCanvasFile(f"It cannot be read back. {error.message}"))
        return None  # it is the canvas, so it says nothing about the others
    except BackupStorageFailed as error:
        failure: AppError = error
    except DatabaseError as error:
        failure = AppError(f"The database could not read the canvas ({type(error).__name__}).")
    else:
        manifest.canvases[canvas_id] = SavedCanvas(
            title=written.title,
            objects=written.object_count,
            size_bytes=len(written.content),
            checksum=written.checksum,
        )
        return None
    _note_failure(manifest, canvas_id, failure)
    return failure


def _note_failure(manifest: Manifest, canvas_id: uuid.UUID, failure: AppError) -> None:
    logger.warning("canvas_not_backed_up", extra={"canvas_id": str(canvas_id), "code": failure.code})
    manifest.failed[canvas_id] = failure.message


def _path(manifest: Manifest, canvas_id: uuid.UUID) -> str:
    return f"{manifest.name}/{canvas_id}{SUFFIX}"


def _save_manifest(storage: Storage, manifest: Manifest) -> None:
    with _reaching("saving the list of canvases"):
        storage.save(f"{manifest.name}/{MANIFEST}", ContentFile(manifest.model_dump_json(indent=1).encode()))


# --- Reading ---
def list_backups(storage: Storage) -> list[Manifest]:
    """All backups with a readable manifest, the newest first."""
    return [
        manifest
        for name in sorted(_names(storage), reverse=True)
        if (manifest := _manifest(storage, name)) is not None
    ]


def get_backup(storage: Storage, name: str | None) -> Manifest:
    """The backup of that name, or the newest finished one; raises `BackupNotFound`."""
    if name is None:
        found = next((manifest for manifest in list_backups(storage) if manifest.finished_at), None)
        if found is None:
            raise BackupNotFound(
                "There is no finished backup. Make one with: python manage.py canvases backup"
            )
        return found
    manifest = _manifest(storage, name) if _NAME.fullmatch(name) else None
    if manifest is None:
        raise BackupNotFound(
            f"There is no backup {name[:80]!r}. See them with: python manage.py canvases backups"
        )
    return manifest


def read_backup(storage: Storage, manifest: Manifest, canvas_id: uuid.UUID) -> CanvasFile:
    """One canvas of a backup; raises `BrokenCanvasFile` when its file is gone or is not the one that was saved."""
    try:
        with _reaching("reading a canvas"), storage.open(_path(manifest, canvas_id)) as stored:
            content = stored.read(MAX_UNPACKED_BYTES)
    except BackupStorageFailed as error:
        if isinstance(error.__cause__, FileNotFoundError):
            raise BrokenCanvasFile(
                "The backup lists this canvas, but its file is gone. Try an older backup."
            ) from error
        raise
    file = read_canvas(content)
    if file.canvas.id != canvas_id or file.checksum != manifest.canvases[canvas_id].checksum:
        raise BrokenCanvasFile("The file is not the one that the backup saved. Try an older backup.")
    return file


def _names(storage: Storage) -> list[str]:
    with _reaching("listing the backups"):
        try:
            folders, _ = storage.listdir("")
        except FileNotFoundError:
            return []
    return [name for name in folders if _NAME.fullmatch(name)]


def _manifest(storage: Storage, name: str) -> Manifest | None:
    """The manifest of a backup; None where there is none that can be read."""
    try:
        with _reaching("reading the list of canvases"), storage.open(f"{name}/{MANIFEST}") as stored:
            raw = stored.read()
    except BackupStorageFailed as error:
        if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            return None
        raise
    try:
        manifest = Manifest.model_validate_json(raw)
    except ValidationError:
        logger.warning("backup_without_readable_manifest", extra={"backup": name})
        return None
    return manifest if manifest.name == name else None


# --- Forgetting ---
def remove_old_backups(storage: Storage, *, days: int) -> list[str]:
    """Backups older than `days` are gone, finished or not; answers their names.

    The newest finished one and the newest flawless one stay however old they are: where backups have begun to fail,
    the last good one is what is needed.
    """
    manifests = list_backups(storage)
    finished = [manifest.name for manifest in manifests if manifest.finished_at]
    flawless = [manifest.name for manifest in manifests if manifest.is_flawless]
    kept = {*finished[:1], *flawless[:1]}
    oldest = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H-%M-%S-%fZ")
    removed = []
    for name in sorted(_names(storage)):
        # Names are times, written so that they sort; a folder without a manifest has no other.
        if name < oldest and name not in kept:
            _remove(storage, name)
            removed.append(name)
    return removed


def _remove(storage: Storage, name: str) -> None:
    with _reaching("removing an old backup"):
        _, files = storage.listdir(name)
        # The manifest first: what is left of a removal that stops half-way is no backup any more.
        for file in sorted(files, key=lambda file: file != MANIFEST):
            storage.delete(f"{name}/{file}")
        # A folder has a name of its own on a disk; elsewhere there is nothing left to delete.
        storage.delete(name)


def summary(manifest: Manifest) -> Mapping[str, Any]:
    """A backup in few words, for programs."""
    return {
        "name": manifest.name,
        "started_at": manifest.started_at,
        "finished_at": manifest.finished_at,
        "canvases": len(manifest.canvases),
        "size_bytes": manifest.size_bytes,
        "failed": {str(canvas_id): reason for canvas_id, reason in manifest.failed.items()},
    }
