"""The kernel as a Django app: it owns the table of messages too large for a notification."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class KernelConfig(AppConfig):
    name = "collabcanvas.lib"
    label = "kernel"
    verbose_name = "Kernel"

    def ready(self) -> None:
        # Both import models, which exist only from here on.
        from collabcanvas.lib.schedules import after_migrate  # noqa: PLC0415
        from collabcanvas.lib.tasks import REGULAR_TASKS  # noqa: PLC0415

        post_migrate.connect(
            after_migrate(REGULAR_TASKS), sender=self, weak=False, dispatch_uid="kernel.schedules"
        )
