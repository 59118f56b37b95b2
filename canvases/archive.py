"""The canvas archive: what canvases looked like, kept for a while whatever happens to them."""

import logging
import time
import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from canvases.errors import CanvasNotFound, SnapshotNotFound
from canvases.models import Canvas, CanvasSnapshot
from canvases.portable import WrittenFile, write_canvas
from canvases.querysets import CanvasSnapshotQuerySet
from collabcanvas.lib.errors import AppError

logger = logging.getLogger(__name__)

_BATCH = 200
# A snapshot never changes, so it goes and comes back, with its id and a new time.
_MAKE_ANEW = """
    WITH earlier AS (DELETE FROM canvases_canvassnapshot WHERE id = ANY(%s) RETURNING *)
    INSERT INTO canvases_canvassnapshot
        (id, canvas_id, title, reason, seq, canvas_updated_at, object_count, checksum, content, size_bytes)
    SELECT id, canvas_id, title, %s, seq, canvas_updated_at, object_count, checksum, content, size_bytes FROM earlier
"""


def take_snapshot(*, canvas_id: uuid.UUID, reason: CanvasSnapshot.Reason) -> CanvasSnapshot:
    """The canvas as it is now is in the archive; raises `CanvasNotFound` when it is gone.

    A state that the archive holds already is not kept twice: the answer is then the earlier snapshot. Edits wait while
    the canvas is read, not while it is packed, unless the caller's transaction holds it.
    """
    return _keep(write_canvas(canvas_id), reason)


def take_last_snapshot(canvas: Canvas) -> None:
    """The state in which a canvas is about to be deleted is in the archive, unless nobody ever drew on it.

    For the transaction that deletes it, under its lock: who waits for that while the file is packed waits for a canvas
    that goes.
    """
    if not settings.CANVAS_ARCHIVE_DAYS or canvas.seq == 0:
        return
    same_state = CanvasSnapshot.objects.filter(
        canvas_id=canvas.pk, seq=canvas.seq, canvas_updated_at=canvas.updated_at
    )
    if not same_state.exists():
        take_snapshot(canvas_id=canvas.pk, reason=CanvasSnapshot.Reason.BEFORE_DELETION)


@transaction.atomic
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
    """Snapshots are gone whose state was over more than `days` ago, however long it had lasted.

    A state is over when the next one is archived, or when its canvas is gone: whoever deleted that, the days of its
    last snapshot begin with the first call after it.
    """
    deadline = time.monotonic() + seconds
    later = CanvasSnapshot.objects.filter(
        canvas_id=OuterRef("canvas_id"), made_at__gt=OuterRef("made_at")
    ).order_by()
    last = CanvasSnapshot.objects.filter(
        ~Exists(later), ~Exists(Canvas.objects.filter(pk=OuterRef("canvas_id")))
    )
    known_as_last = Q(reason=CanvasSnapshot.Reason.BEFORE_DELETION)
    while time.monotonic() < deadline:
        if _make_anew(last.exclude(known_as_last)) < _BATCH:
            break
    long_ago = Now() - timedelta(days=days)
    followed = CanvasSnapshot.objects.filter(Exists(later.filter(made_at__lt=long_ago)))
    removed = 0
    for over in (followed, last.filter(known_as_last, made_at__lt=long_ago)):
        while time.monotonic() < deadline:
            batch = list(over.order_by("made_at").values_list("pk", flat=True)[:_BATCH])
            CanvasSnapshot.objects.filter(pk__in=batch).delete()
            removed += len(batch)
            if len(batch) < _BATCH:
                break
    return removed


def _make_anew(rows: CanvasSnapshotQuerySet) -> int:
    """At most a batch of the snapshots is kept as if it was made now; answers how many."""
    batch = list(rows.order_by("made_at").values_list("pk", flat=True)[:_BATCH])
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_ANEW, [batch, CanvasSnapshot.Reason.BEFORE_DELETION.value])
    return len(batch)


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
