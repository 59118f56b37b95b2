"""The jobs app: hooks its engine into django-q2's worker processes."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "ai_jobs"
    verbose_name = "AI jobs"

    def ready(self) -> None:
        # Both import models, which exist only from here on.
        from django_q.signals import post_spawn  # noqa: PLC0415

        from ai_jobs.engine.lifespan import start_engine  # noqa: PLC0415

        post_spawn.connect(start_engine, dispatch_uid="ai_jobs.engine")
