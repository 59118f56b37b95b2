"""The models of Anthropic."""

import httpx2
from django.conf import settings
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.providers.anthropic import AnthropicProvider


def connect(*, model: str, address: str | None, client: httpx2.AsyncClient) -> Model:
    """The model by its name, asked through `client`; without an address at the vendor's own."""
    # The client insists on a key, also where a server of one's own asks for none.
    key = settings.ANTHROPIC_API_KEY or "none"
    return AnthropicModel(
        model, provider=AnthropicProvider(api_key=key, base_url=address, http_client=client)
    )
