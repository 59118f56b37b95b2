"""What models can do, by the beginning of their names. The first row that fits is used."""

from dataclasses import dataclass
from typing import Final, Literal

# How a model is asked for a plan: by the arguments of a call, by a schema for its answer, or in words.
OutputMode = Literal["tool", "native", "prompted"]


@dataclass(frozen=True)
class Capabilities:
    """`context_tokens` for question and answer together, `answer_tokens` the most that one answer may have."""

    context_tokens: int
    answer_tokens: int
    output: OutputMode


# Tests compare the table in docs/providers.md with this one.
MODELS: Final[tuple[tuple[str, str, Capabilities], ...]] = (
    ("anthropic", "claude-3-5-", Capabilities(200_000, 8_192, "tool")),
    ("anthropic", "claude-3-7-", Capabilities(200_000, 64_000, "tool")),
    ("anthropic", "claude-3-", Capabilities(200_000, 4_096, "tool")),
    ("anthropic", "claude-opus-4-0", Capabilities(200_000, 32_000, "tool")),
    ("anthropic", "claude-opus-4-2025", Capabilities(200_000, 32_000, "tool")),
    ("anthropic", "claude-opus-4-1", Capabilities(200_000, 32_000, "tool")),
    ("anthropic", "claude-opus-4-5", Capabilities(200_000, 64_000, "tool")),
    ("anthropic", "claude-opus-", Capabilities(1_000_000, 128_000, "tool")),
    ("anthropic", "claude-sonnet-4-6", Capabilities(1_000_000, 128_000, "tool")),
    ("anthropic", "claude-sonnet-5-5", Capabilities(1_000_000, 128_000, "tool")),
    ("anthropic", "claude-haiku-5-5", Capabilities(1_000_000, 128_000, "tool")),
    ("anthropic", "claude-fable-", Capabilities(1_000_000, 128_000, "tool")),
    ("anthropic", "claude-", Capabilities(200_000, 64_000, "tool")),
    ("openai", "gpt-3.5", Capabilities(16_385, 4_096, "tool")),
    ("openai", "gpt-4-turbo", Capabilities(128_000, 4_096, "tool")),
    ("openai", "gpt-4o", Capabilities(128_000, 16_384, "tool")),
    ("openai", "gpt-4.1", Capabilities(1_047_576, 32_768, "tool")),
    ("openai", "gpt-4", Capabilities(8_192, 4_096, "tool")),
    ("openai", "gpt-5-chat", Capabilities(128_000, 16_384, "tool")),
    ("openai", "gpt-5.1-chat", Capabilities(128_000, 16_384, "tool")),
    ("openai", "gpt-", Capabilities(400_000, 128_000, "tool")),
    ("openai", "o", Capabilities(200_000, 100_000, "tool")),
)
# Whatever else speaks one of the protocols: Ollama and vLLM both take a schema for the answer, but calls only
# with some models.
OTHERS: Final = Capabilities(32_000, 8_192, "native")
_OTHERS_BY_VENDOR: Final = {"openai": OTHERS, "anthropic": Capabilities(200_000, 32_000, "tool")}


def capabilities_of(vendor: str, model: str, *, own_address: bool) -> Capabilities:
    """The row for the model; at an own address the names of OpenAI's models mean nothing."""
    if not (own_address and vendor == "openai"):
        for row_vendor, beginning, capabilities in MODELS:
            if row_vendor == vendor and model.startswith(beginning):
                return capabilities
    return _OTHERS_BY_VENDOR[vendor]
