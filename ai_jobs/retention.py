"""What is forgotten about finished work, and when."""

import time
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from ai_jobs.models import AIJob, AIJobEvent
from ai_jobs.states import FINAL

_BATCH = 500


def count_old_jobs(*, days: int) -> int:
    """How many jobs `remove_old_jobs` would remove now."""
    return _old_jobs(days).count()


def _old_jobs(days: int) -> QuerySet[AIJob]:
    before = Now() - timedelta(days=days)
    # A job ends after it was made, so the bound on `created_at` loses none and has an index.
    return AIJob.objects.filter(created_at__lt=before, completed_at__lt=before, status__in=FINAL)


def remove_old_jobs(
    *, days: int, seconds: float = 60.0, on_batch: Callable[[int], None] = lambda removed: None
) -> int:
    """Jobs that have been over for more than `days` are gone with their events; what they drew stays.

    Works in small transactions for at most `seconds`, so that it holds up nobody; what is left goes next
    time. Jobs that wait or run are never touched, however old, nor one that a person changes at this moment.
    Returns how many went; `on_batch` hears within each transaction how many went so far.
    """
    deadline = time.monotonic() + seconds
    removed = 0
    while time.monotonic() < deadline:
        with transaction.atomic():
            batch = list(
                _old_jobs(days)
                .order_by("created_at")
                .select_for_update(skip_locked=True)
                .values_list("pk", flat=True)[:_BATCH]
            )
            # Django loads what it deletes, and 500 results can be gigabytes.
            AIJob.objects.filter(pk__in=batch).only("pk").delete()
            removed += len(batch)
            if batch:
                on_batch(removed)
        if len(batch) < _BATCH:
            break
    return removed


def remove_events_without_a_job(*, seconds: float = 60.0) -> int:
    """Events whose job is gone are gone too, in small transactions for at most `seconds`; returns how many.

    There are hardly any: Django deletes a job's events with it. But the table has no foreign key, and a run
    that ends while its requester's account is being deleted can leave one.
    """
    job = AIJob.objects.filter(pk=OuterRef("job_id"))
    deadline = time.monotonic() + seconds
    removed = 0
    while time.monotonic() < deadline:
        lost = list(
            AIJobEvent.objects.filter(~Exists(job)).order_by("pk").values_list("pk", flat=True)[:_BATCH]
        )
        removed += AIJobEvent.objects.filter(pk__in=lost).delete()[0]
        if len(lost) < _BATCH:
            break
    return removed
