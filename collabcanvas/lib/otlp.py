"""The sender of spans. Importing this costs time and memory, so only who has an address for them does."""

from django.conf import settings
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Tracer


def make_tracer(service: str) -> Tracer:
    """A tracer whose spans go to OTEL_EXPORTER_OTLP_ENDPOINT in batches, by a thread of this process."""
    provider = TracerProvider(
        resource=Resource.create({"service.name": service, "service.version": settings.RELEASE})
    )
    exporter = OTLPSpanExporter(endpoint=f"{settings.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider.get_tracer("collabcanvas", settings.RELEASE)
