"""What every source of plans has in common: a model vendor's client, or the built-in sketcher."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ai_jobs.planning.plan import Plan


class Report(Protocol):
    """How work tells what it has done so far; what is reported is measured, never guessed."""

    async def __call__(self, *, stage: str, message: str, progress: int, objects_done: int = 0) -> None: ...


@dataclass(frozen=True, kw_only=True)
class PlanRequest:
    """What a provider may know: the person's words and what is on the canvas. All of it is data."""

    instructions: str
    objects: tuple[Mapping[str, Any], ...] = ()
    selected_object_ids: tuple[str, ...] = ()


class Provider(Protocol):
    """Turns words into a plan. `name` is for programs, `label` is what the page calls it."""

    name: str
    label: str

    async def plan(self, request: PlanRequest, report: Report) -> Plan:
        """The plan for a request; raises `PlanningError` with a sentence for the person."""
        ...
