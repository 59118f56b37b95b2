"""What a request to a model costs, where that is known."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic_ai.usage import RequestUsage

from ai_jobs.providers.llm.provider import price_of

USED = RequestUsage(input_tokens=10_000, output_tokens=2_000)


@pytest.mark.parametrize(
    ("vendor", "model", "dollars"),
    [("openai", "gpt-5.4-mini", "0.0165"), ("anthropic", "claude-haiku-5-5", "0.002")],
)
def test_a_known_model_costs_its_list_price_for_tokens_in_and_out(
    settings: Any, vendor: str, model: str, dollars: str
) -> None:
    settings.AI_VENDOR, settings.AI_MODEL_NAME, settings.AI_BASE_URL = vendor, model, ""
    assert price_of(USED) == Decimal(dollars)


@pytest.mark.parametrize(
    ("model", "address"), [("model-nobody-knows", ""), ("gpt-5.4-mini", "http://localhost:11434/v1")]
)
def test_the_price_is_unknown_for_other_models_and_other_servers(
    settings: Any, model: str, address: str
) -> None:
    settings.AI_VENDOR, settings.AI_MODEL_NAME, settings.AI_BASE_URL = "openai", model, address
    assert price_of(USED) is None
