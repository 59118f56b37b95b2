"""Which provider plans the drawings of this installation."""

import hashlib
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


def uses_model(user_id: int) -> bool:
    """Whether this person's jobs are planned by the language model: the same answer every time, for each person.

    `AI_MODEL_SHARE` per cent of people get True. Raising the share keeps everybody who has it already.
    """
    if not settings.AI_VENDOR:
        return False
    place = int.from_bytes(hashlib.sha256(f"model-share:{user_id}".encode()).digest()[:4], "big")
    return place % 10_000 < settings.AI_MODEL_SHARE * 100


def provider_name(user_id: int | None = None) -> ProviderName:
    """The provider in use, for this person if one is given, without loading it: the web needs its name only."""
    if not settings.AI_VENDOR or (user_id is not None and not uses_model(user_id)):
        return ProviderName(Sketcher.name, Sketcher.label)
    if settings.AI_BASE_URL:
        return ProviderName("llm", f"{settings.AI_MODEL_NAME} (own address)")
    return ProviderName("llm", f"{_VENDORS[settings.AI_VENDOR]} {settings.AI_MODEL_NAME}")


@cache
def build_provider(*, with_model: bool = True) -> Provider:
    """The provider in use, for those with or without the model, one each per process; only workers call this.

    The first call imports the vendors' clients. Connections are made later, so forking after it is safe.
    """
    if not (settings.AI_VENDOR and with_model):
        return Sketcher()
    return cast("Provider", import_string(_LANGUAGE_MODEL)(label=provider_name().label))
