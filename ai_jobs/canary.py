"""The canary: a small job of a system user, asked for every so often by the way of every job, to see that it is done.

That other jobs are done says nothing while nobody asks for any. With a language model a canary costs what a small
request costs; plans are kept for a day, so most days that is one request.
"""

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from ai_jobs import services
from ai_jobs.models import AIJob
from ai_jobs.states import FINAL, Status
from canvases.models import Canvas

USERNAME = "collabcanvas-canary"
INSTRUCTIONS = "Draw: Canary -> Alive"


def send_canary() -> AIJob | None:
    """A canary job is queued and the remains of earlier ones are gone; None while it is not yet time for one.

    One that is still waiting or running is waited for: its age is what health and metrics show. Switched off, it leaves
    nothing behind.
    """
    if not settings.CANARY_INTERVAL_SECONDS:
        if (earlier := User.objects.filter(username=USERNAME).first()) is not None:
            _clear_away(earlier, but=None)
        return None
    if not settings.AI_JOBS_ENABLED:
        return None
    user = _system_user()
    newest = _jobs_of(user).first()
    if newest is not None and (not newest.is_over or _is_recent(newest)):
        return None
    # The newest of those that are done stays: its age is known by it.
    _clear_away(user, but=_jobs_of(user).filter(status=Status.COMPLETED).first())
    return services.submit_job(user=user, job_type="create_canvas", body={"instructions": INSTRUCTIONS})


def _jobs_of(user: User) -> QuerySet[AIJob]:
    return AIJob.objects.filter(user=user, request_data__instructions=INSTRUCTIONS).order_by("-created_at")


def _clear_away(user: User, *, but: AIJob | None) -> None:
    """Canaries that are over are gone with what they drew, also where the job went before for its age."""
    kept = [] if but is None else [but]
    # Not by the services for people: this is nobody's act, and would be on record as one each minute.
    if not user.has_usable_password():
        # An operator may have asked for something else in its name.
        others = AIJob.objects.filter(canvas=OuterRef("pk")).exclude(request_data__instructions=INSTRUCTIONS)
        canvases = Canvas.objects.filter(~Exists(others), owner=user)
        canvases.exclude(pk__in=[job.canvas_id for job in kept]).delete()
    over = _jobs_of(user).filter(status__in=FINAL)
    over.exclude(pk__in=[job.pk for job in kept]).only("pk").delete()


def canary_age_seconds() -> float | None:
    """How long ago the last canary job was done, or the canary was first wanted; None before that."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT extract(epoch FROM clock_timestamp() - coalesce(max(job.completed_at), canary.date_joined))::float
            FROM auth_user AS canary LEFT JOIN ai_jobs_aijob AS job
                ON job.user_id = canary.id AND job.status = 'completed'
            WHERE canary.username = %s GROUP BY canary.id
            """,
            [USERNAME],
        )
        found = cursor.fetchone()
    return max(0.0, float(found[0])) if found else None


def _is_recent(job: AIJob) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp() < %s + make_interval(secs => %s)",
            [job.created_at, settings.CANARY_INTERVAL_SECONDS],
        )
        return bool(cursor.fetchone()[0])


def _system_user() -> User:
    user, is_new = User.objects.get_or_create(username=USERNAME)
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user
