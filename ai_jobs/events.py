"""What clients hear and read about a job: messages, rows, groups and doorbells."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from django.db import connection

from ai_jobs.states import Status
from canvases.events import canvas_group
from collabcanvas.lib.channel_layer import NOTIFY_CHANNEL, payloads
from collabcanvas.lib.realtime import Envelope, envelope, publish, user_group

# Doorbells: NOTIFY channels that engines listen to. Never the truth; a poll backs them up.
READY_CHANNEL = "ai_jobs_ready"
STOPPED_CHANNEL = "ai_jobs_stopped"


class JobFacts(Protocol):
    """What a message about a job is made of; rows returned by transitions and model instances both have it."""

    @property
    def id(self) -> uuid.UUID: ...
    @property
    def user_id(self) -> int: ...
    @property
    def canvas_id(self) -> uuid.UUID | None: ...
    @property
    def job_type(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def progress(self) -> int: ...
    @property
    def progress_message(self) -> str: ...
    @property
    def stage(self) -> str: ...
    @property
    def objects_done(self) -> int: ...
    @property
    def attempt(self) -> int: ...
    @property
    def revision(self) -> int: ...
    @property
    def error_message(self) -> str: ...
    @property
    def error_code(self) -> str: ...


def job_message(
    job: JobFacts, *, elapsed_seconds: float | None, result: dict[str, Any] | None
) -> dict[str, Any]:
    """The protocol message for the job's present state; `result` is the short form of a completed job's result."""
    known = {
        "job_id": str(job.id),
        "canvas_id": str(job.canvas_id) if job.canvas_id else None,
        "job_type": job.job_type,
        "status": job.status,
    }
    match job.status:
        case Status.COMPLETED:
            return {
                "type": "ai_job_complete",
                **known,
                "result": result,
                "progress": 100,
                "revision": job.revision,
            }
        case Status.FAILED | Status.CANCELLED:
            return {
                "type": "ai_job_error",
                **known,
                "error": job.error_message,
                "code": job.error_code,
                "revision": job.revision,
            }
        case _:
            return {
                "type": "ai_job_update",
                **known,
                "message": job.progress_message,
                "progress": job.progress,
                "stage": job.stage,
                "objects_done": job.objects_done,
                "attempt": job.attempt,
                "elapsed_seconds": elapsed_seconds,
                "revision": job.revision,
            }


def short_result(result: Mapping[str, Any]) -> dict[str, Any]:
    """What a message says of a result; clients fetch the rest."""
    return {"canvas_id": result["canvas_id"], "object_count": len(result["objects"])}


def deleted_message(job: JobFacts) -> dict[str, Any]:
    """The job is gone from every list."""
    return {
        "type": "ai_job_deleted",
        "job_id": str(job.id),
        "canvas_id": str(job.canvas_id) if job.canvas_id else None,
        "job_type": job.job_type,
        "revision": job.revision,
    }


def preview_message(
    *, job_id: uuid.UUID, user_id: int, elements: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What a job has drawn so far, to be shown and forgotten; `user_id` asked for it."""
    return {"type": "job.preview", "job_id": str(job_id), "user_id": user_id, "elements": list(elements)}


def job_groups(job: JobFacts) -> tuple[str, ...]:
    """Who hears about a job: the person who asked, and whoever has its canvas open."""
    if job.canvas_id is None:
        return (user_group(job.user_id),)
    return (user_group(job.user_id), canvas_group(job.canvas_id))


def announce(messages: Iterable[tuple[JobFacts, dict[str, Any]]]) -> None:
    """Publish the messages inside the current transaction."""
    envelopes: list[Envelope] = [envelope(job_groups(job), message) for job, message in messages]
    if envelopes:
        publish(envelopes)


def bells(messages: Iterable[tuple[JobFacts, dict[str, Any]]]) -> list[tuple[str, str]]:
    """Channel and payload of each notification that publishes messages of new jobs and wakes engines.

    For a statement that sends them itself. Another channel layer than PostgreSQL's has to be told by `announce`.
    """
    announced = [envelope(job_groups(job), message) for job, message in messages]
    return [*((NOTIFY_CHANNEL, payload) for payload in payloads(announced)), (READY_CHANNEL, "")]


def ring(channel: str, payload: str = "") -> None:
    """Ring an engine doorbell when the current transaction commits; equal rings in one transaction count once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [channel, payload])
