"""Regular tasks: each app names its own, and they appear in django-q2's admin, where a person may change them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connections, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import Schedule

# Two deployments that migrate at the same moment must not both create; any constant that nothing else uses.
_LOCK = 0x5343484544


@dataclass(frozen=True, kw_only=True)
class RegularTask:
    """A task that runs every so many minutes. Its name is its identity; never rename one that was released.

    `at_hour` (UTC) is for those that run once a day and had better do so at night.
    """

    name: str
    function: str
    minutes: int
    at_hour: int | None = None


def create_schedules(tasks: Iterable[RegularTask], *, using: str = "default") -> None:
    """Every task has a schedule. One that exists stays as it is: a person may have changed it.

    The first run comes one interval from now, or at its hour. A schedule whose repeats are 0 is switched off
    and stays so; a deleted one comes back with the next call. Safe to repeat.
    """
    with transaction.atomic(using=using):
        with connections[using].cursor() as cursor:
            if Schedule._meta.db_table not in connections[using].introspection.table_names(cursor):
                # Only some apps were migrated; this is called again when django-q2's turn has come.
                return
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        known = set(Schedule.objects.using(using).values_list("name", flat=True))
        for task in tasks:
            if task.name not in known:
                Schedule.objects.using(using).create(
                    name=task.name,
                    func=task.function,
                    schedule_type=Schedule.MINUTES,
                    minutes=task.minutes,
                    next_run=_first_run(task),
                    # Only failures are worth a row of django-q2's history.
                    kwargs="{'q_options': {'save': False}}",
                )


def _first_run(task: RegularTask) -> Any:
    if task.at_hour is None:
        return Now() + timedelta(minutes=task.minutes)
    now = timezone.now()
    tonight = now.replace(hour=task.at_hour, minute=0, second=0, microsecond=0)
    return tonight if tonight > now else tonight + timedelta(days=1)


def after_migrate(tasks: Iterable[RegularTask]) -> Any:
    """A receiver of Django's `post_migrate` that creates the tasks' schedules."""
    wanted = tuple(tasks)

    def receiver(*, using: str, **_: Any) -> None:
        create_schedules(wanted, using=using)

    return receiver
