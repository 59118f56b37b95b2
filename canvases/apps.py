"""The canvases app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CanvasesConfig(AppConfig):
    name = "canvases"

    def ready(self) -> None:
        # Both import models, which exist only from here on.
        from canvases.tasks import REGULAR_TASKS  # noqa: PLC0415
        from collabcanvas.lib.schedules import after_migrate  # noqa: PLC0415

        post_migrate.connect(
            after_migrate(REGULAR_TASKS), sender=self, weak=False, dispatch_uid="canvases.schedules"
        )
