"""What is forgotten about finished work, and when."""

import time
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from ai_jobs.models import AIJob
from ai_jobs.states import FINAL

_BATCH = 500


def remove_old_jobs(*, days: int, seconds: float = 60.0) -> int:
    """Jobs that have been over for more than `days` are gone with their events; what they drew stays.

    Works in small transactions for at most `seconds`, so that it holds up nobody; what is left goes next
    time. Jobs that wait or run are never touched, however old, nor one that a person changes at this moment.
    Returns how many went.
    """
    deadline = time.monotonic() + seconds
    removed = 0
    before = Now() - timedelta(days=days)
    while time.monotonic() < deadline:
        with transaction.atomic():
            batch = list(
                # A job ends after it was made, so the bound on `created_at` loses none and has an index.
                AIJob.objects.filter(created_at__lt=before, completed_at__lt=before, status__in=FINAL)
                .order_by("created_at")
                .select_for_update(skip_locked=True)
                .values_list("pk", flat=True)[:_BATCH]
            )
            AIJob.objects.filter(pk__in=batch).delete()
        removed += len(batch)
        if len(batch) < _BATCH:
            break
    return removed
