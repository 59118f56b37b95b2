"""A job as clients read it, and what it is waiting for."""

import json
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from ai_jobs.models import AIJob, AIJobEvent
from ai_jobs.states import Status
from ai_jobs.waiting import queue_facts
from collabcanvas.lib.postgres.clock import database_now


def job_rows(jobs: Iterable[AIJob], *, brief: bool = False) -> list[dict[str, Any]]:
    """The contract's Job for each, in order. A few statements for all together; `user` should be loaded.

    `brief` is for lists that are asked for again and again: results come without their objects, which can be
    thousands, and with their number as `object_count` instead. Only the database reads them then; `result_data`
    should be deferred.
    """
    found = list(jobs)
    if not found:
        return []
    now = database_now() if any(job.started_at and not job.completed_at for job in found) else None
    waiting = queue_facts(found)
    results = _brief_results(found) if brief else {job.pk: job.result_data for job in found}
    return [_row(job, now, waiting.get(job.pk), results.get(job.pk)) for job in found]


# In the list's own statement it might be worked out for all jobs of a person before they are sorted.
_BRIEF_RESULTS = """
SELECT id, (result_data - 'objects') || jsonb_build_object(
    'object_count', jsonb_array_length(coalesce(result_data -> 'objects', '[]'))
)
FROM ai_jobs_aijob WHERE id = ANY(%s) AND result_data IS NOT NULL
"""


def _brief_results(jobs: Iterable[AIJob]) -> dict[uuid.UUID, dict[str, Any]]:
    completed = [job.pk for job in jobs if job.status == Status.COMPLETED]
    if not completed:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_BRIEF_RESULTS, [completed])
        return {job_id: json.loads(result) for job_id, result in cursor.fetchall()}


def job_row(job: AIJob) -> dict[str, Any]:
    """The contract's Job for one."""
    return job_rows([job])[0]


def batch_row(jobs: Sequence[AIJob]) -> dict[str, Any]:
    """A batch and its one progress: the mean of its jobs' progress, where a job that is over counts as 100."""
    counts = Counter(job.status for job in jobs)
    over = sum(job.is_over for job in jobs)
    return {
        "id": str(jobs[0].batch_id),
        "total": len(jobs),
        "counts": {status: counts[status] for status in Status.values},
        "progress": sum(100 if job.is_over else job.progress for job in jobs) // len(jobs),
        "is_over": over == len(jobs),
        "created_at": _iso(min(job.created_at for job in jobs)),
        "jobs": job_rows(jobs),
    }


def _row(
    job: AIJob, now: datetime | None, queue: dict[str, Any] | None, result: dict[str, Any] | None
) -> dict[str, Any]:
    until = job.completed_at or now
    elapsed = (until - job.started_at).total_seconds() if job.started_at and until else None
    return {
        "id": str(job.pk),
        "user_id": job.user_id,
        "user_name": job.user.get_full_name() or job.user.get_username(),
        "canvas_id": str(job.canvas_id) if job.canvas_id else None,
        "batch_id": str(job.batch_id) if job.batch_id else None,
        "job_type": job.job_type,
        "status": job.status,
        "priority": job.priority,
        "request_data": job.request_data,
        "result_data": result,
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
        "undone_at": _iso(job.undone_at),
        "progress": job.progress,
        "progress_message": job.progress_message,
        "stage": job.stage,
        "objects_done": job.objects_done,
        "elapsed_seconds": round(max(0.0, elapsed), 3) if elapsed is not None else None,
        "revision": job.revision,
        "usage": _usage(job),
        "queue": queue,
    }


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
