"""Counts of jobs by status."""

from django.db.models import Count

from ai_jobs.querysets import AIJobQuerySet
from ai_jobs.states import Status


def job_statistics(jobs: AIJobQuerySet) -> dict[str, int | float]:
    """The contract's `stats`; `success_rate` is the percentage of completed among completed and failed, 0 when none."""
    counts = dict(jobs.order_by().values_list("status").annotate(Count("pk")))
    completed, failed = counts.get(Status.COMPLETED, 0), counts.get(Status.FAILED, 0)
    over = completed + failed
    return {
        "total_jobs": sum(counts.values()),
        **{f"{status}_jobs": counts.get(status, 0) for status in Status.values},
        "success_rate": round(100 * completed / over, 2) if over else 0.0,
    }
