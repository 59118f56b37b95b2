"""What the page wants to know about AI work when it starts."""

from typing import Any

from django.conf import settings

from ai_jobs.providers.registry import provider_name


def session_extra(user_id: int | None = None) -> dict[str, Any]:
    """Keys for `/api/session`: which provider draws for this person, and whether AI work is switched on."""
    provider = provider_name(user_id)
    return {
        "provider": {"name": provider.name, "label": provider.label},
        "ai_enabled": settings.AI_JOBS_ENABLED,
    }
