"""The provider that asks a language model. Importing this module costs seconds: only workers do, before they fork."""

import asyncio
import json
import logging
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

import httpx2
from django.conf import settings
from django.utils.module_loading import import_string
from genai_prices import calc_price
from pydantic import ValidationError
from pydantic_ai import exceptions
from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse, create_async_httpx2_client
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition
from pydantic_ai.usage import RequestUsage

from ai_jobs import metrics
from ai_jobs.planning.digest import Digest, digest_canvas, estimate_tokens
from ai_jobs.planning.errors import NotUnderstood, PlanningError, TooMuch
from ai_jobs.planning.parts import MAX_NODES
from ai_jobs.planning.plan import Plan
from ai_jobs.providers.base import PlanRequest, Report
from ai_jobs.providers.llm import errors
from ai_jobs.providers.llm.capabilities import capabilities_of
from ai_jobs.providers.llm.partial import count_nodes, parse_partial, plan_so_far
from ai_jobs.providers.llm.prompt import (
    IN_WORDS,
    INSTRUCTIONS,
    PLAN_DESCRIPTION,
    PLAN_NAME,
    PLAN_SCHEMA,
    correction,
    request_text,
)

logger = logging.getLogger(__name__)

# By name, so that only the client of the vendor in use is loaded.
_CONNECTORS: Final = {
    "openai": "ai_jobs.providers.llm.openai.connect",
    "anthropic": "ai_jobs.providers.llm.anthropic.connect",
}
_CONNECT_SECONDS: Final = 5.0
# The model has this part of the job's time; what is left is for layout and for writing the result.
_TIME_SHARE: Final = 0.9
# More than any drawing that we accept takes.
_MAX_ANSWER_CHARACTERS: Final = 400_000
_LEAST_ANSWER_TOKENS: Final = 200
_LOOK_SECONDS: Final = 0.1
# Far more than what stands before and in a first node.
_EARLY_CHARACTERS: Final = 2_000
_MAX_PROBLEMS: Final = 10

# Models that the price list does not know are normal here: Ollama's have no price.
warnings.filterwarnings("ignore", category=exceptions.CostNotFoundWarning)


class _NotAPlan(Exception):
    """The answer does not hold; the text says why, for the model."""


@dataclass(kw_only=True)
class _Answer:
    """One answer while it is being written. `stream` is None until the vendor has begun."""

    digest: Digest
    prompt_tokens: int
    max_tokens: int
    text: str = ""
    pieces: list[str] = field(default_factory=list)
    characters: int = 0
    looked_at: float = 0.0
    nodes: int = 0
    is_shown: bool = False
    stream: StreamedResponse | None = None
    response: ModelResponse | None = None


class LanguageModel:
    """Plans with the model that the settings name, through its vendor's own protocol."""

    name = "llm"

    def __init__(self, *, label: str) -> None:
        self.label = label
        self._can = capabilities_of(
            settings.AI_VENDOR, settings.AI_MODEL_NAME, own_address=bool(settings.AI_BASE_URL)
        )
        self._output = self._can.output if settings.AI_OUTPUT == "auto" else settings.AI_OUTPUT
        self._instructions = f"{INSTRUCTIONS}\n{IN_WORDS}" if self._output == "prompted" else INSTRUCTIONS
        asked = [
            settings.AI_VENDOR,
            settings.AI_MODEL_NAME,
            settings.AI_BASE_URL,
            self._output,
            self._instructions,
        ]
        self.cache_identity: str | None = json.dumps([*asked, PLAN_SCHEMA, settings.AI_CANVAS_TOKENS])
        # Now rather than at the first question: this process will fork.
        import_string(_CONNECTORS[settings.AI_VENDOR])
        self._connected: tuple[asyncio.AbstractEventLoop, Model, httpx2.AsyncClient] | None = None

    async def plan(self, request: PlanRequest, report: Report) -> Plan:
        """The model's plan, checked against the same types that its schema came from.

        What is wrong with it goes back to the model once. `request.usage` holds what was used, also when this
        raises or is cancelled; cancelling closes the connection to the vendor.
        """
        request.usage.model = settings.AI_MODEL_NAME
        digest = await asyncio.to_thread(
            digest_canvas,
            request.objects,
            selected_ids=request.selected_object_ids,
            max_tokens=min(settings.AI_CANVAS_TOKENS, self._can.context_tokens // 4),
        )
        text = request_text(instructions=request.instructions, canvas=digest.text)
        messages: list[ModelMessage] = [
            ModelRequest(parts=[UserPromptPart(content=text)], instructions=self._instructions)
        ]
        try:
            async with asyncio.timeout(settings.JOB_TIMEOUT_SECONDS * _TIME_SHARE):
                answer = await self._ask(messages, digest, request, report)
                try:
                    return _checked(answer)
                except _NotAPlan as wrong:
                    logger.info("model_answer_corrected", extra={"model": settings.AI_MODEL_NAME})
                    messages += _correction(answer, str(wrong))
                answer = await self._ask(messages, digest, request, report)
                return _checked(answer)
        except TimeoutError:
            raise errors.ModelTooSlow from None
        except _NotAPlan as wrong:
            logger.warning("model_answer_unusable", extra={"model": settings.AI_MODEL_NAME})
            raise errors.WrongShape from wrong

    # --- One question and its answer ------------------------------------------------------------------------
    async def _ask(
        self, messages: Sequence[ModelMessage], digest: Digest, request: PlanRequest, report: Report
    ) -> _Answer:
        answer = self._begin(messages, digest, request)
        await report(stage="planning", message=f"Asking {self.label}", progress=10)
        begun, outcome = time.monotonic(), "error"
        try:
            async with model_request_stream(
                self._connected_model(),
                messages,
                model_settings=ModelSettings(
                    max_tokens=answer.max_tokens,
                    timeout=settings.AI_SILENCE_SECONDS,
                    # The engine retries, with everybody's limits in view.
                    max_retries=0,
                ),
                model_request_parameters=self._parameters(),
            ) as answer.stream:
                async for event in answer.stream:
                    await self._take(answer, event, request, report)
                answer.response = answer.stream.get()
                outcome = "answer"
        except (exceptions.AgentRunError, httpx2.HTTPError) as error:
            wanted = _planning_error(error)
            metrics.provider_errors.labels(settings.AI_MODEL_NAME, wanted.code).inc()
            raise wanted from error
        finally:
            metrics.provider_seconds.labels(settings.AI_MODEL_NAME, outcome).observe(time.monotonic() - begun)
            if answer.stream is not None:
                self._count(answer, answer.stream.usage, request)
        answer.text = "".join(answer.pieces)
        return answer

    def _begin(self, messages: Sequence[ModelMessage], digest: Digest, request: PlanRequest) -> _Answer:
        prompt_tokens = estimate_tokens(self._instructions) + estimate_tokens(str(PLAN_SCHEMA))
        for message in messages:
            for part in message.parts:
                prompt_tokens += estimate_tokens(
                    str(getattr(part, "content", "") or getattr(part, "args", ""))
                )
        most = min(
            settings.AI_ANSWER_TOKENS, self._can.answer_tokens, self._can.context_tokens - prompt_tokens
        )
        left = request.usage.tokens_left
        if left is not None:
            left -= request.usage.total_tokens + prompt_tokens
            if left < _LEAST_ANSWER_TOKENS:
                raise errors.DailyTokensUsedUp
            most = min(most, left)
        return _Answer(digest=digest, prompt_tokens=prompt_tokens, max_tokens=max(most, _LEAST_ANSWER_TOKENS))

    async def _take(
        self, answer: _Answer, event: ModelResponseStreamEvent, request: PlanRequest, report: Report
    ) -> None:
        """A piece of the answer has arrived: it is bounded, counted and shown."""
        piece = _written(event)
        if not piece:
            return
        answer.pieces.append(piece)
        answer.characters += len(piece)
        if answer.characters > _MAX_ANSWER_CHARACTERS:
            raise TooMuch
        left = request.usage.tokens_left
        if left is not None and (
            request.usage.total_tokens + answer.prompt_tokens + answer.characters // 4 > left
        ):
            raise errors.DailyTokensUsedUp
        now = time.monotonic()
        # Nobody knows when the next piece comes: until something is shown, each is looked at.
        is_early = not answer.is_shown and answer.characters < _EARLY_CHARACTERS
        if not is_early and now - answer.looked_at < _LOOK_SECONDS:
            return
        answer.looked_at = now
        raw = parse_partial(_json_in("".join(answer.pieces)))
        answer.nodes = count_nodes(raw)
        if answer.nodes > MAX_NODES + 1:
            raise TooMuch(f"A drawing holds at most {MAX_NODES} boxes, and this became more. Ask for fewer.")
        if answer.nodes:
            await report(
                stage="planning",
                message=_so_far(raw),
                progress=min(55, 10 + answer.nodes),
                objects_done=answer.nodes,
            )
        if request.watch is not None and (plan := plan_so_far(raw, answer.digest)) is not None:
            answer.is_shown = True
            await request.watch(plan)

    def _count(self, answer: _Answer, told: RequestUsage, request: PlanRequest) -> None:
        """Use the vendor's own counts as far as they came, and our measure for the rest."""
        complete = answer.response is not None and told.output_tokens > 0
        counted = RequestUsage(
            input_tokens=told.input_tokens or answer.prompt_tokens,
            output_tokens=told.output_tokens
            if complete
            else max(told.output_tokens, estimate_tokens("".join(answer.pieces))),
            cache_read_tokens=told.cache_read_tokens,
            cache_write_tokens=told.cache_write_tokens,
        )
        request.usage.add(
            input_tokens=counted.input_tokens,
            output_tokens=counted.output_tokens,
            cost_usd=price_of(counted),
            is_estimated=not complete,
        )

    # --- The vendor -----------------------------------------------------------------------------------------
    def _connected_model(self) -> Model:
        loop = asyncio.get_running_loop()
        if self._connected is None or self._connected[0] is not loop:
            # Connections belong to one loop, and must not have existed before the fork.
            client = create_async_httpx2_client(
                timeout=httpx2.Timeout(settings.AI_SILENCE_SECONDS, connect=_CONNECT_SECONDS)
            )
            connect = import_string(_CONNECTORS[settings.AI_VENDOR])
            model = connect(model=settings.AI_MODEL_NAME, address=settings.AI_BASE_URL or None, client=client)
            self._connected = loop, model, client
        return self._connected[1]

    def _parameters(self) -> ModelRequestParameters:
        if self._output == "tool":
            tool = ToolDefinition(
                name=PLAN_NAME,
                description=PLAN_DESCRIPTION,
                parameters_json_schema=PLAN_SCHEMA,
                kind="output",
            )
            return ModelRequestParameters(output_mode="tool", output_tools=[tool], allow_text_output=False)
        if self._output == "native":
            wanted = OutputObjectDefinition(
                json_schema=PLAN_SCHEMA, name=PLAN_NAME, description=PLAN_DESCRIPTION, strict=False
            )
            return ModelRequestParameters(output_mode="native", output_object=wanted)
        return ModelRequestParameters(output_mode="text")


def price_of(usage: RequestUsage) -> Decimal | None:
    """Dollars at the vendor's list price; None for an unknown model or a server of one's own."""
    if settings.AI_BASE_URL:
        return None
    try:
        price = calc_price(usage, settings.AI_MODEL_NAME, provider_id=settings.AI_VENDOR)
    except LookupError:
        return None
    return price.total_price


# --- Reading answers -------------------------------------------------------------------------------------------
def _written(event: ModelResponseStreamEvent) -> str:
    """What the event adds to the plan's JSON; thoughts and the like add nothing."""
    piece: Any = ""
    if isinstance(event, PartStartEvent):
        if isinstance(event.part, TextPart):
            piece = event.part.content
        elif isinstance(event.part, ToolCallPart):
            piece = event.part.args
    elif isinstance(event, PartDeltaEvent):
        if isinstance(event.delta, TextPartDelta):
            piece = event.delta.content_delta
        elif isinstance(event.delta, ToolCallPartDelta):
            piece = event.delta.args_delta
    return piece if isinstance(piece, str) else ""


def _so_far(raw: dict[str, Any]) -> str:
    """How much of the plan has been begun, in words."""
    told = [
        f"{len(begun)} {what}{'' if len(begun) == 1 else 's'}"
        for what, part in (("object", "nodes"), ("change", "edits"))
        if isinstance(begun := raw.get(part), list) and begun
    ]
    return f"{' and '.join(told)} so far"


def _json_in(text: str) -> str:
    """From the first brace on: small models put their JSON between words or fences."""
    return text[text.find("{") :] if "{" in text else ""


def _checked(answer: _Answer) -> Plan:
    """The plan in the answer, with real object ids. Raises `_NotAPlan` with what is wrong with it."""
    response = answer.response
    if response is not None and response.finish_reason == "content_filter":
        raise errors.Declined
    text = _json_in(answer.text)
    raw = parse_partial(text)
    if response is not None and response.finish_reason == "length":
        raise TooMuch
    if not raw.get("nodes") and not raw.get("edits") and not raw.get("groups") and raw.get("remark"):
        raise NotUnderstood(str(raw["remark"])[:500])
    if count_nodes(raw) > MAX_NODES:
        raise TooMuch(f"A drawing holds at most {MAX_NODES} boxes, and this became more. Ask for fewer.")
    if response is not None and response.finish_reason is None:
        raise errors.AnswerBrokeOff
    try:
        plan = Plan.model_validate_json(text[: text.rfind("}") + 1] or "null")
    except ValidationError as error:
        problems = [
            f"- {'.'.join(map(str, problem['loc'])) or 'plan'}: {problem['msg']}"
            for problem in error.errors()
        ]
        raise _NotAPlan("\n".join(problems[:_MAX_PROBLEMS])) from error
    if unknown := answer.digest.unknown_ids(plan.edits):
        raise _NotAPlan(f"- edits: {', '.join(unknown[:_MAX_PROBLEMS])} are not in the canvas list")
    return plan.model_copy(update={"edits": answer.digest.with_object_ids(plan.edits)})


def _correction(answer: _Answer, problems: str) -> list[ModelMessage]:
    """The answer as the model gave it, and what is wrong with it, as the next turn of the conversation."""
    assert answer.response is not None
    text = correction(problems)
    calls = [part for part in answer.response.parts if isinstance(part, ToolCallPart)]
    if not calls:
        return [answer.response, ModelRequest(parts=[UserPromptPart(content=text)])]
    returns = [
        ToolReturnPart(tool_name=call.tool_name, content=text, tool_call_id=call.tool_call_id)
        for call in calls
    ]
    return [answer.response, ModelRequest(parts=returns)]


def _planning_error(error: Exception) -> PlanningError:
    """What a vendor's failure means for the person who asked; the operator finds the details in the log."""
    status = getattr(error, "status_code", None)
    facts = {"vendor": settings.AI_VENDOR, "model": settings.AI_MODEL_NAME, "status": status}
    wanted: PlanningError
    match error:
        case exceptions.ModelAuthenticationError():
            wanted = errors.ModelRefusedUs()
        case exceptions.ModelQuotaExceededError():
            wanted = errors.QuotaExhausted()
        case exceptions.ModelRateLimitError():
            wanted = errors.RateLimited(retry_after=error.retry_after)
        case exceptions.ModelContextWindowExceededError():
            wanted = TooMuch(
                "The canvas and the request are too long for the AI model. Ask on a smaller canvas."
            )
        case exceptions.ContentFilterError():
            wanted = errors.Declined()
        case exceptions.ModelTimeoutError() | exceptions.ModelRequestTimeout() | httpx2.TimeoutException():
            wanted = errors.ModelTooSlow()
        case (
            exceptions.ModelConnectionError(phase="read") | httpx2.RemoteProtocolError() | httpx2.ReadError()
        ):
            wanted = errors.AnswerBrokeOff()
        case (
            exceptions.ModelConnectionError()
            | exceptions.ModelUnavailableError()
            | exceptions.ModelServerError()
        ):
            wanted = errors.ModelUnavailable(retry_after=error.retry_after)
        case exceptions.ModelRequestRejectedError():
            wanted = errors.ModelUnusable()
        case exceptions.ModelAPIError() if isinstance(status, int) and status < 500:
            wanted = errors.ModelUnusable()
        case exceptions.ModelAPIError() | httpx2.HTTPError():
            wanted = errors.ModelUnavailable()
        case _:
            wanted = errors.AnswerBrokeOff()
    # The vendor's own words may quote the request, so only their kind is logged.
    level = logging.WARNING if wanted.retryable else logging.ERROR
    logger.log(level, wanted.code, extra={**facts, "kind": type(error).__name__})
    return wanted
