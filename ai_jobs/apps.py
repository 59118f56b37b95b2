"""The jobs app: hooks its engine into django-q2's worker processes."""

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate


class JobsConfig(AppConfig):
    name = "ai_jobs"
    verbose_name = "AI jobs"

    def ready(self) -> None:
        # All of these import models, which exist only from here on.
        from django_q import signals  # noqa: PLC0415

        from ai_jobs.checks import check_settings  # noqa: PLC0415
        from ai_jobs.engine import lifespan  # noqa: PLC0415
        from ai_jobs.tasks import REGULAR_TASKS  # noqa: PLC0415
        from collabcanvas.lib.schedules import after_migrate  # noqa: PLC0415

        signals.post_spawn.connect(lifespan.start_engine, dispatch_uid="ai_jobs.engine")
        signals.pre_execute.connect(lifespan.note_ordinary_task, dispatch_uid="ai_jobs.busy")
        signals.post_execute_in_worker.connect(lifespan.note_ordinary_task_done, dispatch_uid="ai_jobs.idle")
        checks.register(check_settings)
        post_migrate.connect(
            after_migrate(REGULAR_TASKS), sender=self, weak=False, dispatch_uid="ai_jobs.schedules"
        )
