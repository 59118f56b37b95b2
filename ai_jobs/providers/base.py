"""What every source of plans has in common: a model vendor's client, or the built-in sketcher."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from ai_jobs.planning.plan import Plan


class Report(Protocol):
    """How work tells what it has done so far; what is reported is measured, never guessed."""

    async def __call__(self, *, stage: str, message: str, progress: int, objects_done: int = 0) -> None: ...


@dataclass(kw_only=True)
class Usage:
    """The meter of one run: what a model has read and written for it, also when the run ends badly.

    A provider adds to it while it works. `is_estimated` says that some of the counts are our own measure, because
    the vendor's had not arrived when the answer broke off. `cost_usd` is None where the price is not known.
    `tokens_left` is what the person may still use today; None means without limit.
    """

    model: str = ""
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal | None = None
    is_estimated: bool = False
    tokens_left: int | None = None

    @property
    def total_tokens(self) -> int:
        """Read and written together."""
        return self.input_tokens + self.output_tokens

    def add(
        self, *, input_tokens: int, output_tokens: int, cost_usd: Decimal | None, is_estimated: bool
    ) -> None:
        """One more request to the model is counted."""
        known = cost_usd if self.requests == 0 else self.cost_usd
        if self.requests and known is not None:
            # One request without a price makes the sum unknown, rather than too low.
            known = known + cost_usd if cost_usd is not None else None
        self.requests += 1
        self.input_tokens += input_tokens
        self.output_tokens += output_tokens
        self.cost_usd = known
        self.is_estimated = self.is_estimated or is_estimated

    def as_json(self) -> dict[str, Any]:
        """What a job's result says of it; empty when no model was asked."""
        if not self.requests:
            return {}
        return {
            "model": self.model,
            "requests": self.requests,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost_usd": None if self.cost_usd is None else float(self.cost_usd),
            "is_estimated": self.is_estimated,
        }


# Called with what a plan holds so far, while the rest is being written.
WatchPlan = Callable[[Plan], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class PlanRequest:
    """What a provider may know: the person's words and what is on the canvas. All of it is data."""

    instructions: str
    objects: tuple[Mapping[str, Any], ...] = ()
    selected_object_ids: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    watch: WatchPlan | None = None


class Provider(Protocol):
    """Turns words into a plan. `name` is for programs, `label` is what the page calls it."""

    name: str
    label: str
    # What its plans depend on beside the request; None when asking again costs nothing, so that none is kept.
    cache_identity: str | None

    async def plan(self, request: PlanRequest, report: Report) -> Plan:
        """The plan for a request; raises `PlanningError` with a sentence for the person."""
        ...
