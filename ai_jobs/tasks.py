"""What django-q2 runs for jobs. Its queue and schedules store these dotted names: never rename them."""

import logging

from django.conf import settings

from ai_jobs import lifecycle, plan_cache
from ai_jobs.canary import send_canary as send_canary_job
from ai_jobs.retention import remove_events_without_a_job, remove_old_jobs
from collabcanvas.lib.errors import AppError
from collabcanvas.lib.schedules import RegularTask

logger = logging.getLogger(__name__)

REGULAR_TASKS = (
    RegularTask(name="Remove old AI jobs", function="ai_jobs.tasks.clean_up_jobs", minutes=60),
    RegularTask(
        name="Remove events without a job",
        function="ai_jobs.tasks.remove_lost_events",
        minutes=24 * 60,
        at_hour=4,
    ),
    RegularTask(name="Rescue AI jobs of lost workers", function="ai_jobs.tasks.rescue_jobs", minutes=5),
    RegularTask(name="Remove old plans", function="ai_jobs.tasks.remove_old_plans", minutes=60),
    RegularTask(name="Canary", function="ai_jobs.tasks.send_canary", minutes=1),
)


def clean_up_jobs() -> int:
    """Jobs that were over more than JOB_CLEANUP_DAYS ago are gone with their history; 0 keeps them for ever."""
    if settings.JOB_CLEANUP_DAYS == 0:
        return 0
    removed = remove_old_jobs(days=settings.JOB_CLEANUP_DAYS)
    logger.info("old_jobs_removed", extra={"jobs": removed})
    return removed


def remove_lost_events() -> int:
    """No event is left of a job that is gone, also where JOB_CLEANUP_DAYS keeps the jobs for ever."""
    removed = remove_events_without_a_job()
    if removed:
        logger.info("events_without_a_job_removed", extra={"events": removed})
    return removed


def remove_old_plans() -> int:
    """Plans of models that are kept for repeated requests go after a day, and the oldest when they are many."""
    return plan_cache.remove_old_plans()


def send_canary() -> str:
    """A canary job is on its way when CANARY_INTERVAL_SECONDS says that it is time; returns its id.

    That none can be asked for, because the day's tokens are used up, is no failure of this task: it returns why.
    """
    try:
        job = send_canary_job()
    except AppError as error:
        logger.warning("canary_refused", extra={"code": error.code})
        return error.code
    return str(job.pk) if job else ""


def rescue_jobs() -> int:
    """Jobs whose worker vanished wait again. Engines do this with every heartbeat; this is the net below them."""
    rescued = lifecycle.rescue_jobs()
    if rescued:
        logger.warning("jobs_rescued_by_sweep", extra={"jobs": rescued})
    return rescued
