"""The canvas archive: what canvases looked like, kept for a while whatever happens to them."""

import logging
import time
import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import DatabaseError, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from canvases.errors import CanvasNotFound, SnapshotNotFound
from canvases.models import Canvas, CanvasSnapshot
from canvases.portable import WrittenFile, write_canvas
from collabcanvas.lib.errors import AppError

logger = logging.getLogger(__name__)

_BATCH = 200


@transaction.atomic
def take_snapshot(*, canvas_id: uuid.UUID, reason: CanvasSnapshot.Reason) -> CanvasSnapshot:
    """The canvas as it is now is in the archive; raises `CanvasNotFound` when it is gone.

    A state that the archive holds already is not kept twice: the answer is then the earlier snapshot.
    """
    return _keep(write_canvas(canvas_id), reason)


def _keep(written: WrittenFile, reason: CanvasSnapshot.Reason) -> CanvasSnapshot:
    CanvasSnapshot.objects.bulk_create(
        [
            CanvasSnapshot(
                canvas_id=written.canvas_id,
                title=written.title,
                reason=reason,
                seq=written.seq,
                canvas_updated_at=written.updated_at,
                object_count=written.object_count,
                checksum=written.checksum,
                content=written.content,
                size_bytes=len(written.content),
            )
        ],
        ignore_conflicts=True,
    )
    return CanvasSnapshot.objects.without_content().get(
        canvas_id=written.canvas_id, checksum=written.checksum
    )


@dataclass
class Archived:
    """How many snapshots were made, of which canvases none could be and why, and whether canvases are left."""

    made: int = 0
    failed: dict[uuid.UUID, str] = field(default_factory=dict)
    is_more_left: bool = False


def archive_changed_canvases(*, seconds: float) -> Archived:
    """Canvases that changed since their last snapshot have one, the longest unchanged first.

    Works for at most `seconds`. A canvas that fails is named and does not stop the others. Empty canvases that nobody
    ever drew on need none.
    """
    deadline = time.monotonic() + seconds
    done = Archived()
    while True:
        # By state and not by time: an edit that waited for our lock carries a time from before it.
        same_state = CanvasSnapshot.objects.filter(
            canvas_id=OuterRef("pk"), seq=OuterRef("seq"), canvas_updated_at=OuterRef("updated_at")
        )
        batch = list(
            Canvas.objects.filter(~Exists(same_state), seq__gt=0)
            .exclude(pk__in=done.failed)
            .order_by("updated_at", "pk")
            .values_list("pk", flat=True)[:_BATCH]
        )
        for canvas_id in batch:
            if time.monotonic() >= deadline:
                done.is_more_left = True
                return done
            try:
                take_snapshot(canvas_id=canvas_id, reason=CanvasSnapshot.Reason.SCHEDULED)
            except CanvasNotFound:
                continue
            except (DatabaseError, AppError) as error:
                done.failed[canvas_id] = type(error).__name__
                logger.warning("canvas_not_archived", extra={"canvas_id": str(canvas_id)}, exc_info=True)
            else:
                done.made += 1
        if len(batch) < _BATCH:
            return done


def remove_old_snapshots(*, days: int, seconds: float = 60.0) -> int:
    """Snapshots older than `days` are gone, except the newest of each canvas that still exists."""
    deadline = time.monotonic() + seconds
    removed = 0
    while time.monotonic() < deadline:
        newer = CanvasSnapshot.objects.filter(
            canvas_id=OuterRef("canvas_id"), made_at__gt=OuterRef("made_at")
        )
        exists = Canvas.objects.filter(pk=OuterRef("canvas_id"))
        old = CanvasSnapshot.objects.filter(made_at__lt=Now() - timedelta(days=days)).exclude(
            Exists(exists), ~Exists(newer)
        )
        batch = list(old.order_by("made_at").values_list("pk", flat=True)[:_BATCH])
        CanvasSnapshot.objects.filter(pk__in=batch).delete()
        removed += len(batch)
        if len(batch) < _BATCH:
            break
    return removed


def get_snapshot(snapshot_id: str) -> CanvasSnapshot:
    """The snapshot with its content; raises `SnapshotNotFound` for anything that is not the id of one."""
    try:
        parsed = uuid.UUID(snapshot_id)
    except ValueError as error:
        raise SnapshotNotFound from error
    found = CanvasSnapshot.objects.filter(pk=parsed).first()
    if found is None:
        raise SnapshotNotFound
    return found
