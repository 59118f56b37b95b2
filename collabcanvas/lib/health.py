"""Whether this process answers, whether it is fit to be asked, and which version it is."""

import platform
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from collabcanvas.lib.errors import Unavailable
from collabcanvas.lib.throttles import Throttled, charge


class NotReady(Unavailable):
    """The sentence says what is missing and what to do."""

    code = "not_ready"


NO_DATABASE = "The database does not answer. Check DATABASE_URL and that the server is running."

# Migrations that were applied once stay applied: looking for them costs too much for every few seconds.
_migrated: list[str] = []


def unapplied_migrations() -> list[str]:
    """The migrations of this release that the database lacks, as `app.name`; raises the database's errors."""
    executor = MigrationExecutor(connection)
    return [
        f"{step.app_label}.{step.name}"
        for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())
    ]


def check_ready() -> None:
    """The database answers and has all migrations of this release; otherwise `NotReady`."""
    try:
        if not _migrated:
            missing = unapplied_migrations()
            if missing:
                named = ", ".join(missing[:3]) + (" and more" if len(missing) > 3 else "")
                raise NotReady(
                    f"The database lacks migrations of this release ({named}). Run: python manage.py migrate"
                )
            _migrated.append(settings.RELEASE)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        raise NotReady(NO_DATABASE) from error


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """This process answers. Nothing else is looked at: starting it anew mends no database."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """This process can do its work; 503 with a sentence when it cannot."""
    try:
        check_ready()
    except NotReady as error:
        return JsonResponse(error.as_dict(), status=error.status)
    return JsonResponse({"status": "ready"})


@require_safe
@never_cache
def version(request: HttpRequest, *, workers: Callable[[], Any]) -> HttpResponse:
    """What this web process runs, and, as far as the database tells, what the workers run."""
    try:
        charge("visitor", None)
        of_workers = workers()
    except Throttled as error:
        return JsonResponse(
            error.as_dict(), status=error.status, headers={"Retry-After": str(error.retry_after)}
        )
    except Error:
        of_workers = None
    return JsonResponse(
        {
            "release": settings.VERSION,
            "commit": settings.COMMIT or None,
            "django": django.get_version(),
            "python": platform.python_version(),
            "workers": of_workers,
        }
    )
