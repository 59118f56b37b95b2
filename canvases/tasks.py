"""What django-q2 runs for canvases. Its queue stores these dotted names: never rename them."""

import logging
import uuid
from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now
from django_q.tasks import async_task

from canvases import archive, backups, services
from canvases.errors import BackupUnderWay
from canvases.invitation_mail import invitation_mail
from canvases.models import Invitation
from collabcanvas.lib.one_at_a_time import Work, one_at_a_time
from collabcanvas.lib.schedules import RegularTask
from collabcanvas.lib.wording import counted

logger = logging.getLogger(__name__)

# Long enough for somebody to ask why an old link does not work.
KEEP_EXPIRED_INVITATIONS = timedelta(days=30)

REGULAR_TASKS = (
    RegularTask(
        name="Remove expired invitations",
        function="canvases.tasks.remove_expired_invitations",
        minutes=24 * 60,
    ),
    RegularTask(
        name="Back up canvases", function="canvases.tasks.back_up_canvases", minutes=24 * 60, at_hour=2
    ),
    RegularTask(
        name="Archive changed canvases",
        function="canvases.tasks.archive_canvases",
        minutes=24 * 60,
        at_hour=3,
    ),
    RegularTask(name="Remove deleted objects", function="canvases.tasks.remove_deleted_objects", minutes=60),
    RegularTask(
        name="Remove old snapshots",
        function="canvases.tasks.remove_old_snapshots",
        minutes=24 * 60,
        at_hour=4,
    ),
)

# Below the time limit of a task, after which django-q2 would end its process.
_SLICE_SECONDS = 60.0


def send_invitation(invitation_id: str, site: str) -> None:
    """Mails the link of an invitation, unless it was withdrawn, used, or expired meanwhile."""
    invitation = (
        Invitation.objects.open()
        .select_related("canvas", "invited_by")
        .filter(pk=uuid.UUID(invitation_id))
        .first()
    )
    if invitation is None:
        logger.info("invitation_mail_skipped", extra={"invitation_id": invitation_id})
        return
    invitation_mail(invitation, site=site).send()


def remove_expired_invitations() -> int:
    """Invitations that nobody accepted are gone a month after their link expired."""
    removed, _ = Invitation.objects.filter(
        accepted_at=None, expires_at__lt=Now() - KEEP_EXPIRED_INVITATIONS
    ).delete()
    logger.info("expired_invitations_removed", extra={"invitations": removed})
    return removed


class BackupIncomplete(Exception):
    """Ends the task as failed, so that the admin lists it; what could be saved is saved."""


class ArchiveIncomplete(Exception):
    """Ends the task as failed, so that the admin lists it; what could be archived is archived."""


def back_up_canvases() -> int:
    """All canvases are saved where BACKUP_URL says, and backups beyond BACKUP_KEEP_DAYS are gone.

    Works for a minute at a time and queues itself again until it is through. Does nothing without BACKUP_URL, or
    while another backup runs. Fails at the end, with the reasons, when some canvases could not be saved.
    """
    if not settings.BACKUP_URL:
        return 0
    storage = backups.storage_at(None)
    try:
        manifest = backups.back_up(storage, seconds=_SLICE_SECONDS)
    except BackupUnderWay:
        logger.info("backup_already_under_way")
        return 0
    if manifest.finished_at is None:
        async_task("canvases.tasks.back_up_canvases", q_options={"save": False})
        return len(manifest.canvases)
    counts = {
        "canvases": len(manifest.canvases),
        "failed": len(manifest.failed),
        "bytes": manifest.size_bytes,
    }
    logger.info("canvases_backed_up", extra={"backup": manifest.name, **counts})
    if settings.BACKUP_KEEP_DAYS:
        removed = backups.remove_old_backups(storage, days=settings.BACKUP_KEEP_DAYS)
        logger.info("old_backups_removed", extra={"backups": len(removed)})
    if manifest.failed:
        raise BackupIncomplete(
            f"{len(manifest.failed)} of {len(manifest.canvases) + len(manifest.failed)} canvases are not in backup "
            f"{manifest.name}. {_reasons(manifest.failed)}"
        )
    return len(manifest.canvases)


def _reasons(failed: Mapping[uuid.UUID, str]) -> str:
    return "; ".join(f"{canvas_id}: {reason}" for canvas_id, reason in list(failed.items())[:20])


def archive_canvases() -> int:
    """Every canvas that changed since its last snapshot has a new one; one run at a time.

    Fails at the end, with the names, when some canvases could not be archived.
    """
    if not settings.CANVAS_ARCHIVE_DAYS:
        return 0
    with one_at_a_time(Work.ARCHIVE) as is_ours:
        if not is_ours:
            return 0
        done = archive.archive_changed_canvases(seconds=_SLICE_SECONDS)
    logger.info("canvases_archived", extra={"snapshots": done.made, "failed": len(done.failed)})
    if done.is_more_left:
        # What failed is tried again there, and told at the end.
        async_task("canvases.tasks.archive_canvases", q_options={"save": False})
    elif done.failed:
        without = counted(len(done.failed), "canvas has", "canvases have")
        raise ArchiveIncomplete(f"{without} no snapshot of the present state. {_reasons(done.failed)}")
    return done.made


def remove_old_snapshots() -> int:
    """Snapshots are gone CANVAS_ARCHIVE_DAYS after the next one was made, or after their canvas was deleted."""
    if not settings.CANVAS_ARCHIVE_DAYS:
        return 0
    removed = archive.remove_old_snapshots(days=settings.CANVAS_ARCHIVE_DAYS)
    logger.info("old_snapshots_removed", extra={"snapshots": removed})
    return removed


def remove_deleted_objects() -> int:
    """Objects that were deleted more than CANVAS_TOMBSTONE_DAYS ago are gone for good; 0 keeps their tombstones."""
    if not settings.CANVAS_TOMBSTONE_DAYS:
        return 0
    removed = services.prune_tombstones(days=settings.CANVAS_TOMBSTONE_DAYS)
    logger.info("deleted_objects_removed", extra={"objects": removed})
    return removed
