"""A job as clients read it, and what it is waiting for."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, F, Window
from django.db.models.functions import Now, RowNumber

from ai_jobs.health import live_workers
from ai_jobs.models import AIJob, AIJobEvent
from ai_jobs.states import Status


class _Waiting(NamedTuple):
    """The state of the queue that all jobs of one answer are measured against."""

    now: datetime
    has_worker: bool
    running_of_user: dict[int, int]


def job_rows(jobs: Iterable[AIJob]) -> list[dict[str, Any]]:
    """The contract's Job for each, in order. A few statements for all together; `user` should be loaded."""
    found = list(jobs)
    if not found:
        return []
    now = AIJob.objects.filter(pk=found[0].pk).values_list(Now(), flat=True).first() or found[0].created_at
    waiting = _waiting(now) if any(job.status == Status.QUEUED for job in found) else None
    return [_row(job, now, waiting) for job in found]


def job_row(job: AIJob) -> dict[str, Any]:
    """The contract's Job for one."""
    return job_rows([job])[0]


def _row(job: AIJob, now: datetime, waiting: _Waiting | None) -> dict[str, Any]:
    elapsed = ((job.completed_at or now) - job.started_at).total_seconds() if job.started_at else None
    return {
        "id": str(job.pk),
        "user_id": job.user_id,
        "user_name": job.user.get_full_name() or job.user.get_username(),
        "canvas_id": str(job.canvas_id) if job.canvas_id else None,
        "job_type": job.job_type,
        "status": job.status,
        "priority": job.priority,
        "request_data": job.request_data,
        "result_data": job.result_data,
        "error_message": job.error_message or None,
        "error_code": job.error_code or None,
        "retry_count": job.retry_count,
        "max_retries": job.max_retries,
        "attempt": job.attempt,
        "created_at": _iso(job.created_at),
        "started_at": _iso(job.started_at),
        "completed_at": _iso(job.completed_at),
        "next_processing_at": _iso(job.next_processing_at),
        "cancel_requested_at": _iso(job.cancel_requested_at),
        "progress": job.progress,
        "progress_message": job.progress_message,
        "stage": job.stage,
        "objects_done": job.objects_done,
        "elapsed_seconds": round(max(0.0, elapsed), 3) if elapsed is not None else None,
        "revision": job.revision,
        "usage": _usage(job),
        "queue": _queue(job, waiting) if waiting is not None and job.status == Status.QUEUED else None,
    }


def _waiting(now: datetime) -> _Waiting:
    running = (
        AIJob.objects.filter(status=Status.PROCESSING).order_by().values("user_id").annotate(n=Count("*"))
    )
    return _Waiting(
        now=now,
        has_worker=live_workers().exists(),
        running_of_user={row["user_id"]: row["n"] for row in running},
    )


def _queue(job: AIJob, waiting: _Waiting) -> dict[str, Any]:
    """Where a queued job stands and why it waits."""
    if job.next_processing_at > waiting.now:
        reason = "rate_limited" if job.error_code == "rate_limited" else "retry_backoff"
    elif not waiting.has_worker:
        reason = "no_worker"
    elif waiting.running_of_user.get(job.user_id, 0) >= settings.AI_JOBS_PER_USER:
        reason = "user_limit"
    else:
        reason = "behind_others"
    return {"position": _position(job), "eta_seconds": None, "waiting_reason": reason}


def _position(job: AIJob) -> int:
    """1 for the job that is next; counts the ready jobs with a higher priority, or the same and an earlier turn.

    Users take turns, so of another user at most as many jobs stand before this one as this user has before it.
    """
    same = AIJob.objects.ready().filter(priority=job.priority)
    mine_before = same.filter(user_id=job.user_id, next_processing_at__lt=job.next_processing_at).count()
    higher = AIJob.objects.ready().filter(priority__gt=job.priority).count()
    turns = (
        same.exclude(user_id=job.user_id)
        .annotate(turn=Window(RowNumber(), partition_by=F("user_id"), order_by="next_processing_at"))
        .filter(turn__lte=mine_before + 1)
        .filter(next_processing_at__lt=job.next_processing_at)
        .count()
    )
    position: int = higher + mine_before + turns + 1
    return position


def _usage(job: AIJob) -> dict[str, Any] | None:
    """What all runs of the job used of language models; None when it asked none."""
    if not job.model_requests:
        return None
    return {
        "model": job.model,
        "requests": job.model_requests,
        "input_tokens": job.input_tokens,
        "output_tokens": job.output_tokens,
        "cost_usd": None if job.cost_usd is None else float(job.cost_usd),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z") if at else None


def event_rows(history: Iterable[AIJobEvent]) -> list[dict[str, Any]]:
    """A job's history as clients read it."""
    return [
        {
            "sequence": event.sequence,
            "at": _iso(event.at),
            "kind": event.kind,
            "attempt": event.attempt,
            "worker_id": str(event.worker_id) if event.worker_id else None,
            "actor_id": event.actor_id,
            "message": event.message,
            "data": event.data,
        }
        for event in history
    ]
