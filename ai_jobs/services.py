"""What a person can ask of jobs: one function each, one transaction each."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now

from ai_jobs import lifecycle
from ai_jobs.errors import (
    JobCannotBeCancelled,
    JobCannotBeRetried,
    JobNotFound,
    JobNotOver,
    JobNotWaiting,
    JobsDisabled,
    NotYourJob,
)
from ai_jobs.models import AIJob
from ai_jobs.requests import REQUESTS
from ai_jobs.states import FINAL
from ai_jobs.usage import check_tokens_left
from canvases.access import Role, get_canvas
from canvases.errors import CanvasNotFound
from collabcanvas.lib.errors import Forbidden, InvalidInput, invalid_input

IDEMPOTENCY_LIFETIME = timedelta(hours=24)
MAX_IDEMPOTENCY_KEY = 200


def submit_job(*, user: User, job_type: str, body: object, idempotency_key: str | None = None) -> AIJob:
    """The job is queued, its requester and the canvas's members know, and an engine is woken.

    `body` is the request as it came in (see `ai_jobs.requests`); what is wrong in it raises `InvalidInput`.
    A canvas that the user may not edit raises `CanvasNotFound` or `Forbidden` here, not in the worker. With
    the same `idempotency_key` from the same user within 24 hours, the same job is returned and nothing is
    added.
    """
    if not settings.AI_JOBS_ENABLED:
        raise JobsDisabled
    request = _validated(job_type, body)
    if idempotency_key is not None and not 0 < len(idempotency_key) <= MAX_IDEMPOTENCY_KEY:
        raise InvalidInput(f"Idempotency-Key: use 1 to {MAX_IDEMPOTENCY_KEY} characters.")
    priority = request.pop("priority")
    with transaction.atomic():
        if idempotency_key is not None:
            earlier = _job_of_key(user, idempotency_key)
            if earlier is not None:
                return earlier
        check_tokens_left(user.pk)
        canvas = None
        if request.get("canvas_id") is not None:
            canvas = get_canvas(user=user, canvas_id=request["canvas_id"], role=Role.EDITOR)
        job = AIJob.objects.create(
            user=user,
            canvas=canvas,
            job_type=job_type,
            priority=priority,
            request_data=request,
            max_retries=settings.MAX_JOB_RETRIES,
            idempotency_key=idempotency_key,
        )
        lifecycle.announce_submitted(job_id=job.pk, actor_id=user.pk)
    return job


def get_job(*, user: User, job_id: object, to_steer: bool = False) -> AIJob:
    """The job, when `user` may see it; malformed, unknown and foreign ids raise the same `JobNotFound`.

    With `to_steer`, seeing is not enough: only the requester, an editor of the canvas or staff pass, others
    get `NotYourJob` (403).
    """
    try:
        parsed = uuid.UUID(str(job_id))
    except ValueError as error:
        raise JobNotFound from error
    job: AIJob | None = AIJob.objects.visible_to(user).select_related("user").filter(pk=parsed).first()
    if job is None:
        raise JobNotFound
    if to_steer and not _may_steer(user, job):
        raise NotYourJob
    return job


def cancel_job(*, user: User, job_id: object) -> AIJob:
    """The job is cancelled for good; raises `JobCannotBeCancelled` when it was over already."""
    job = get_job(user=user, job_id=job_id, to_steer=True)
    if not lifecycle.cancel_job(job_id=job.pk, actor_id=user.pk):
        raise JobCannotBeCancelled
    return get_job(user=user, job_id=job.pk)


def retry_job(*, user: User, job_id: object) -> AIJob:
    """The failed or cancelled job is queued anew, with a fresh count of automatic retries."""
    job = get_job(user=user, job_id=job_id, to_steer=True)
    if not settings.AI_JOBS_ENABLED:
        raise JobsDisabled
    check_tokens_left(job.user_id)
    if not lifecycle.retry_job(job_id=job.pk, actor_id=user.pk):
        raise JobCannotBeRetried
    return get_job(user=user, job_id=job.pk)


def reprioritise_job(*, user: User, job_id: object, priority: int) -> AIJob:
    """The waiting job has the new priority; raises `JobNotWaiting` when it no longer waits."""
    job = get_job(user=user, job_id=job_id, to_steer=True)
    if not lifecycle.reprioritise_job(job_id=job.pk, priority=priority, actor_id=user.pk):
        raise JobNotWaiting
    return get_job(user=user, job_id=job.pk)


def delete_job(*, user: User, job_id: object) -> None:
    """The job and its history are gone, what it drew stays; raises `JobNotOver` while it waits or runs."""
    job = get_job(user=user, job_id=job_id, to_steer=True)
    deleted, _ = AIJob.objects.filter(pk=job.pk, status__in=FINAL).delete()
    if not deleted:
        raise JobNotOver


def _validated(job_type: str, body: object) -> dict[str, Any]:
    serializer_class = REQUESTS.get(job_type)
    if serializer_class is None:
        known = ", ".join(REQUESTS)
        raise InvalidInput(f"job_type: unknown. Use one of: {known}.", details={"job_type": ["Unknown."]})
    if not isinstance(body, Mapping):
        raise InvalidInput("The body must be a JSON object.")
    serializer = serializer_class(data=body)
    if not serializer.is_valid():
        raise invalid_input(serializer.errors)
    return dict(serializer.validated_data)


def _job_of_key(user: User, key: str) -> AIJob | None:
    # Two requests with one key at the same moment: the second waits here for the first one's commit.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    mine = AIJob.objects.filter(user=user, idempotency_key=key)
    mine.filter(created_at__lte=Now() - IDEMPOTENCY_LIFETIME).update(idempotency_key=None)
    return mine.first()


def _may_steer(user: User, job: AIJob) -> bool:
    if user.is_staff or job.user_id == user.pk:
        return True
    if job.canvas_id is None:
        return False
    try:
        get_canvas(user=user, canvas_id=job.canvas_id, role=Role.EDITOR)
    except (CanvasNotFound, Forbidden):
        return False
    return True
