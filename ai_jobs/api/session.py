"""What the page wants to know about AI work when it starts."""

from typing import Any

from django.conf import settings

from ai_jobs.providers.registry import provider_name


def session_extra() -> dict[str, Any]:
    """Keys for `/api/session`: which provider draws, and whether AI work is switched on."""
    provider = provider_name()
    return {
        "provider": {"name": provider.name, "label": provider.label},
        "ai_enabled": settings.AI_JOBS_ENABLED,
    }
