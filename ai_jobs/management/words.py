"""What `manage.py aijobs` says of a job."""

import os
import uuid

from django.conf import settings

from ai_jobs.models import AIJob
from ai_jobs.states import Status
from ai_jobs.waiting import queue_facts
from collabcanvas.lib.wording import counted

# Eight hexadecimal digits: enough to be typed, too many to meet a wrong job by accident.
SHORTEST_ID = 8


def progress(job: AIJob) -> str:
    """How far it is, or what it waits for."""
    if job.status == Status.PROCESSING:
        so_far = f", {counted(job.objects_done, 'object')} so far" if job.objects_done else ""
        return f"{job.progress} % {job.progress_message or job.stage}{so_far}"
    facts = queue_facts([job]).get(job.pk)
    return waits(facts["waiting_reason"], job.error_message) if facts else "Waiting"


_WAITS = {
    "paused": "Waiting: paused, or switched off. See: python manage.py aijobs health",
    "no_worker": "Waiting: no worker is running. Start one: python manage.py qcluster",
    "rate_limited": "Waiting: the AI service asked for a pause",
    "retry_backoff": "Waiting to try again",
    "user_limit": "Waiting: as many jobs of this person run as may run at once (AI_JOBS_PER_USER)",
    "behind_others": "Waiting for a free worker",
}


def waits(reason: str, error_message: str) -> str:
    """What a job waits for that has this reason (docs/job-lifecycle.md), and the error that its last try ended with."""
    last_try = f" ({error_message})" if error_message and reason in {"rate_limited", "retry_backoff"} else ""
    return _WAITS[reason] + last_try


def drawn(job: AIJob) -> str:
    """What came of a completed job, and where to see it."""
    result = job.result_data or {}
    what = f"Drew {counted(len(result.get('objects', [])), 'object')}"
    if result.get("title"):
        what += f": {result['title']}"
    where = f"\nSee {address(str(job.canvas_id))}" if job.canvas_id else ""
    said = f"\n{result['message']}" if result.get("message") else ""
    return what + said + where


def address(canvas_id: str) -> str:
    """Where people see the canvas, as far as the settings tell."""
    host = settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else "*"
    if settings.CSRF_TRUSTED_ORIGINS:
        origin = settings.CSRF_TRUSTED_ORIGINS[0]
    elif settings.HTTPS_ONLY and not host.startswith(("*", ".")):
        origin = f"https://{host}"
    else:
        # Only `make run` serves on PORT; this process serves nothing, it just names the address.
        origin = f"http://localhost:{os.environ.get('PORT') or 8000}"
    return f"{origin.rstrip('/')}/c/{canvas_id}"


def short(job_id: uuid.UUID) -> str:
    """As much of the id as has to be typed."""
    return str(job_id)[:SHORTEST_ID]
