"""Errors about jobs that people and clients may see."""

import math
from datetime import timedelta

from collabcanvas.lib.errors import AppError, Conflict, NotFound, Unavailable


class JobNotFound(NotFound):
    code = "job_not_found"
    message = "Job not found"


class BatchNotFound(NotFound):
    code = "batch_not_found"
    message = "There is no such batch, or it is not yours, or its jobs were removed."


class KeyUsedForOneJob(Conflict):
    code = "idempotency_key_used"
    message = "This Idempotency-Key was used for a single job. Use another one for the batch."


class KeyUsedForBatch(Conflict):
    code = "idempotency_key_used"
    message = "This Idempotency-Key was used for a batch. Use another one for a single job."


class JobNotCompleted(Conflict):
    code = "job_not_completed"
    message = "Job not completed"


class JobCannotBeCancelled(Conflict):
    code = "job_cannot_be_cancelled"
    message = "Job cannot be cancelled"


class JobCannotBeRetried(Conflict):
    code = "job_cannot_be_retried"
    message = "Job cannot be retried"


class JobNotWaiting(Conflict):
    code = "job_not_waiting"
    message = "Only a waiting job's priority can be changed. This one has started or is over."


class HighestPriority(Conflict):
    code = "highest_priority"
    message = "It has the highest priority already."


class JobNotOver(Conflict):
    code = "job_not_over"
    message = "Only a finished job can be deleted. Cancel it first."


class NotYourJob(AppError):
    status = 403
    code = "forbidden"
    message = "Only the person who asked for this job, or an editor of its canvas, may do that."


class AccountSwitchedOff(AppError):
    """The person may no longer do anything here; with a canvas, a job finds that by way of its membership."""

    status = 403
    code = "account_switched_off"
    message = "The account that asked for this was switched off."


class DailyTokensUsedUp(AppError):
    status = 429
    code = "daily_tokens_used_up"

    def __init__(self, *, limit: int, wait: timedelta) -> None:
        hours, minutes = divmod(math.ceil(wait.total_seconds() / 60), 60)
        super().__init__(
            f"You have used your {limit:,} tokens of the AI model for today. They are renewed at midnight UTC, in"
            f" {hours} h {minutes} min. Drawing by hand works."
        )
        self.retry_after = math.ceil(wait.total_seconds())


class JobsDisabled(Unavailable):
    code = "ai_jobs_disabled"
    message = (
        "AI work is switched off at the moment. Drawing by hand works; ask the operator when it is back."
    )


class JobCannotBeUndone(Conflict):
    code = "job_cannot_be_undone"
    message = "Only a completed job whose changes are in place can be undone."


class JobCannotBeRedone(Conflict):
    code = "job_cannot_be_redone"
    message = "Only a job that was undone can be redone."


class NotPaused(Conflict):
    code = "not_paused"
    message = "That is not paused, so there is nothing to resume."
