"""The header with which a request may be sent twice."""

from drf_spectacular.utils import OpenApiParameter

from ai_jobs.services import MAX_IDEMPOTENCY_KEY

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    # Spaces at the ends are no part of a header's value.
    {"type": "string", "maxLength": MAX_IDEMPOTENCY_KEY, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    OpenApiParameter.HEADER,
    description="The same key within 24 h gives the same jobs.",
)
