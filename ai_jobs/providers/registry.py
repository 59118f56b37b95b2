"""Which provider plans the drawings of this installation."""

from dataclasses import dataclass
from functools import cache
from typing import Final, cast

from django.conf import settings
from django.utils.module_loading import import_string

from ai_jobs.providers.base import Provider
from ai_jobs.providers.sketcher.provider import Sketcher

# By name, because importing it brings the vendors' clients along: seconds and a hundred megabytes.
_LANGUAGE_MODEL: Final = "ai_jobs.providers.llm.provider.LanguageModel"
_VENDORS: Final = {"openai": "OpenAI", "anthropic": "Anthropic"}


@dataclass(frozen=True)
class ProviderName:
    """What the page and the health answer say about the provider."""

    name: str
    label: str


def provider_name() -> ProviderName:
    """The provider in use, without loading it: the web process only ever needs its name."""
    if not settings.AI_VENDOR:
        return ProviderName(Sketcher.name, Sketcher.label)
    if settings.AI_BASE_URL:
        return ProviderName("llm", f"{settings.AI_MODEL_NAME} (own address)")
    return ProviderName("llm", f"{_VENDORS[settings.AI_VENDOR]} {settings.AI_MODEL_NAME}")


@cache
def build_provider() -> Provider:
    """The provider in use, one per process; only workers call this.

    The first call imports the vendors' clients. Connections are made later, so forking after it is safe.
    """
    if not settings.AI_VENDOR:
        return Sketcher()
    return cast("Provider", import_string(_LANGUAGE_MODEL)(label=provider_name().label))
