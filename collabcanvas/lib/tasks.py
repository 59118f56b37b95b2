"""What django-q2 runs for the kernel. Its queue and schedules store these dotted names: never rename them."""

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models.functions import Now
from django_q.models import Task

from collabcanvas.lib.models import AuditEntry, OversizedMessage, ThrottleState
from collabcanvas.lib.schedules import RegularTask

logger = logging.getLogger(__name__)

# Receivers read a message within milliseconds; after a lost connection they resync instead.
KEEP_MESSAGES = timedelta(minutes=5)
KEEP_TASK_RECORDS = timedelta(days=7)
_BATCH = 1_000

REGULAR_TASKS = (
    RegularTask(
        name="Remove delivered messages", function="collabcanvas.lib.tasks.remove_old_messages", minutes=5
    ),
    RegularTask(
        name="Remove old task records and sessions",
        function="collabcanvas.lib.tasks.remove_old_records",
        minutes=60,
    ),
    RegularTask(
        name="Remove old audit entries", function="collabcanvas.lib.tasks.remove_old_audit", minutes=1440
    ),
)


def remove_old_messages() -> int:
    """Published messages too large for a notification are gone once they are older than five minutes."""
    removed, _ = OversizedMessage.objects.filter(created_at__lt=Now() - KEEP_MESSAGES).delete()
    logger.info("old_messages_removed", extra={"messages": removed})
    return removed


def remove_old_records(*, seconds: float = 60.0) -> int:
    """Records of ordinary tasks that ended over a week ago, expired sessions and full buckets are gone.

    Sessions in small transactions for at most `seconds`, because each tells its sockets; what is left goes next time.
    """
    tasks: int = Task.objects.filter(stopped__lt=Now() - KEEP_TASK_RECORDS).delete()[0]
    sessions = _remove_expired_sessions(seconds)
    # A bucket that is full again says no more than one that is missing.
    buckets, _ = ThrottleState.objects.filter(full_at__lt=Now()).delete()
    logger.info(
        "old_records_removed", extra={"task_records": tasks, "sessions": sessions, "buckets": buckets}
    )
    return tasks + sessions + buckets


def _remove_expired_sessions(seconds: float) -> int:
    expired = Session.objects.filter(expire_date__lt=Now())
    deadline = time.monotonic() + seconds
    removed = 0
    while time.monotonic() < deadline:
        oldest = list(expired.order_by("expire_date").values_list("pk", flat=True)[:_BATCH])
        with transaction.atomic():
            # One that was prolonged meanwhile stays.
            removed += expired.filter(pk__in=oldest).delete()[0]
        if len(oldest) < _BATCH:
            break
    return removed


def remove_old_audit(*, seconds: float = 60.0) -> int:
    """What people did more than AUDIT_RETENTION_DAYS ago is forgotten; 0 keeps it for ever.

    In small transactions for at most `seconds`; what is left goes next time.
    """
    if settings.AUDIT_RETENTION_DAYS == 0:
        return 0
    deadline = time.monotonic() + seconds
    removed = 0
    before = Now() - timedelta(days=settings.AUDIT_RETENTION_DAYS)
    while time.monotonic() < deadline:
        with transaction.atomic(), connection.cursor() as cursor:
            # The table refuses to lose rows to anybody who does not say this.
            cursor.execute("SET LOCAL collabcanvas.audit_retention = 'on'")
            oldest = AuditEntry.objects.filter(at__lt=before).order_by("at").values("pk")[:_BATCH]
            batch, _ = AuditEntry.objects.filter(pk__in=oldest).delete()
        removed += batch
        if batch < _BATCH:
            break
    logger.info("old_audit_removed", extra={"entries": removed})
    return removed
