"""The jobs app: hooks its engine into django-q2's worker processes."""

from django.apps import AppConfig
from django_q.signals import post_spawn


class JobsConfig(AppConfig):
    name = "ai_jobs"
    verbose_name = "AI jobs"

    def ready(self) -> None:
        from ai_jobs.engine.lifespan import start_engine  # noqa: PLC0415  # models exist only from here on

        post_spawn.connect(start_engine, dispatch_uid="ai_jobs.engine")
