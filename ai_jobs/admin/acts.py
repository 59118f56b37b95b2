"""What an operator can do with one job: its button, its question, and the service behind it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import User

from ai_jobs import services
from ai_jobs.changes import Reverted
from ai_jobs.models import AIJob
from ai_jobs.rights import Right, has_right
from ai_jobs.states import LIVE, MAX_PRIORITY, Status
from collabcanvas.lib.wording import counted

PRIORITY_STEP = 5


@dataclass(frozen=True)
class Act:
    """Something that an operator may do with a job, after having been asked."""

    name: str
    label: str
    question: str
    about: str
    run: Callable[[User, AIJob, bool], object]
    # Beside that to look.
    right: Right = Right.STEER
    asks_force: bool = False
    is_danger: bool = False


ACTS = {
    act.name: act
    for act in (
        Act(
            "cancel",
            "Cancel",
            "Cancel this job?",
            "It stops for good, and nothing more of it reaches the canvas.",
            lambda user, job, force: services.cancel_job(user=user, job_id=job.pk),
            is_danger=True,
        ),
        Act(
            "raise-priority",
            f"Raise priority by {PRIORITY_STEP}",
            "Move this job forward?",
            "It is begun before the jobs with a lower priority.",
            lambda user, job, force: services.raise_priority(user=user, job_id=job.pk, step=PRIORITY_STEP),
        ),
        Act(
            "retry",
            "Retry",
            "Queue this job again?",
            "It gets a fresh count of automatic retries.",
            lambda user, job, force: services.retry_job(user=user, job_id=job.pk),
        ),
        Act(
            "undo",
            "Undo",
            "Take back what this job changed?",
            "Objects that somebody has edited since stay as they are.",
            lambda user, job, force: services.undo_job(user=user, job_id=job.pk, force=force),
            asks_force=True,
        ),
        Act(
            "redo",
            "Redo",
            "Put back what the undo took away?",
            "Objects that somebody has edited since stay as they are.",
            lambda user, job, force: services.redo_job(user=user, job_id=job.pk, force=force),
            asks_force=True,
        ),
        Act(
            "delete",
            "Delete",
            "Delete this job and its history?",
            "What it drew stays on the canvas. This cannot be taken back.",
            lambda user, job, force: services.delete_job(user=user, job_id=job.pk),
            right=Right.DELETE,
            is_danger=True,
        ),
    )
}


def acts_for(user: User, job: AIJob) -> list[Act]:
    """What makes sense in the job's state and is allowed to the person; the services decide in the end."""
    names = []
    if job.status in LIVE:
        names.append("cancel")
    if job.status == Status.QUEUED and job.priority < MAX_PRIORITY:
        names.append("raise-priority")
    if job.status in {Status.FAILED, Status.CANCELLED}:
        names.append("retry")
    if job.status == Status.COMPLETED and job.canvas_id:
        names.append("redo" if job.undone_at else "undo")
    if job.is_over:
        names.append("delete")
    return [ACTS[name] for name in names if has_right(user, ACTS[name].right)]


def said_of(act: Act, outcome: object) -> str:
    if isinstance(outcome, Reverted):
        left = counted(
            len(outcome.conflicts),
            "was edited since and stays as it is",
            "were edited since and stay as they are",
        )
        changed = f"{act.label}: {counted(len(outcome.changed), 'object')} changed."
        return f"{changed} {left}." if outcome.conflicts else changed
    return f"{act.label}: done."
