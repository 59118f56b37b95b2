"""The kernel as a Django app: it owns the table of messages too large for a notification."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "collabcanvas.lib"
    label = "kernel"
    verbose_name = "Kernel"
