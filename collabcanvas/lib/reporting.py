"""What a process sends elsewhere about itself, when the environment says where: errors and spans."""

from django.conf import settings
from django.utils.module_loading import import_string

from collabcanvas.lib.tracing import trace_with


def start_reporting(service: str) -> None:
    """Errors and spans of this process are sent from now on, as `collabcanvas-<service>`, if they are wanted.

    To be called after a fork: both senders are threads. What sends is loaded only where it is wanted.
    """
    if settings.SENTRY_DSN:
        import_string("collabcanvas.lib.error_reports.start_error_reports")(service)
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        trace_with(import_string("collabcanvas.lib.otlp.make_tracer")(f"collabcanvas-{service}"))
