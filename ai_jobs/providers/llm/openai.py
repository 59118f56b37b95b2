"""The models of OpenAI and of all that speak its chat completions, such as Ollama and vLLM."""

import httpx2
from django.conf import settings
from pydantic_ai.models import Model
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


def connect(*, model: str, address: str | None, client: httpx2.AsyncClient) -> Model:
    """The model by its name, asked through `client`; without an address at the vendor's own."""
    # The client insists on a key, also where a server of one's own asks for none.
    key = settings.OPENAI_API_KEY or "none"
    return OpenAIChatModel(model, provider=OpenAIProvider(api_key=key, base_url=address, http_client=client))
