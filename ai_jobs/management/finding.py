"""Whom and what the arguments of `manage.py aijobs` name; what they do not name raises with a sentence."""

import re
import uuid

from django.contrib.auth.models import User

from ai_jobs import services
from ai_jobs.errors import JobNotFound
from ai_jobs.management.words import SHORTEST_ID
from ai_jobs.models import AIJob, Worker
from collabcanvas.lib.errors import InvalidInput
from collabcanvas.lib.terminal import NoSuchUser, user_named


class NobodyToActAs(NoSuchUser):
    message = (
        "There is no superuser to act as. Name a user with --user or COLLABCANVAS_USER, or create one: "
        "python manage.py createsuperuser"
    )


class JobDeleted(JobNotFound):
    message = "The job was deleted while it was being waited for."


class AmbiguousId(InvalidInput):
    code = "ambiguous_id"


class NoSuchWorker(InvalidInput):
    code = "no_such_worker"


def acting_user(username: str | None) -> User:
    """Who does it: the named user, otherwise the first superuser."""
    if username is not None:
        return user_named(username)
    first = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
    if first is None:
        raise NobodyToActAs
    return first


def find_job(user: User, given: str) -> AIJob:
    """The one visible job whose id is or begins with `given`; dashes do not count."""
    digits = given.strip().replace("-", "").lower()
    if not re.fullmatch(r"[0-9a-f]{1,32}", digits):
        raise JobNotFound(f"{given!r} is not a job's id. See them with: python manage.py aijobs list")
    if len(digits) < SHORTEST_ID:
        raise AmbiguousId(
            f"{given!r} is too short. Give at least the first {SHORTEST_ID} characters of the id."
        )
    first, last = uuid.UUID(digits.ljust(32, "0")), uuid.UUID(digits.ljust(32, "f"))
    ids = list(
        AIJob.objects.visible_to(user)
        .filter(pk__gte=first, pk__lte=last)
        .order_by("pk")
        .values_list("pk", flat=True)[:4]
    )
    if not ids:
        raise JobNotFound(
            f"There is no job {given} that {user.get_username()} may see. See them with: "
            "python manage.py aijobs list"
        )
    if len(ids) > 1:
        some = ", ".join(str(found) for found in ids[:3]) + (" and more" if len(ids) > 3 else "")
        raise AmbiguousId(f"{given} is the beginning of several ids ({some}). Give more of it.")
    return services.get_job(user=user, job_id=ids[0])


def workers_named(name: str) -> list[uuid.UUID]:
    """The ids of the workers that `HOST:PID` names; an id that no worker row tells of any more is taken as it is."""
    host, _, pid = name.rpartition(":")
    if host and pid.isascii() and pid.isdigit() and len(pid) < 10:
        found = list(Worker.objects.filter(host=host, pid=int(pid)).values_list("pk", flat=True))
        if found:
            return found
    try:
        return [uuid.UUID(name)]
    except ValueError as error:
        raise NoSuchWorker(
            f"There is no worker {name!r}. See them with: python manage.py aijobs health --json"
        ) from error


def reloaded(job: AIJob) -> AIJob:
    """The job as it is now; raises `JobDeleted`."""
    found = AIJob.objects.select_related("user").filter(pk=job.pk).first()
    if found is None:
        raise JobDeleted
    return found
