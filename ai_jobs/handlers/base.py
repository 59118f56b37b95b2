"""What every handler is given and gives back. A handler knows nothing of rows, transactions or sockets."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ai_jobs.planning.plan import Plan
from ai_jobs.providers.base import Report, Usage

__all__ = ["Drawing", "Handler", "HandlerRequest", "Report", "ShowPreview"]


class ShowPreview(Protocol):
    """Shows slim elements to whoever has the job's canvas open; False when the job is not ours any more."""

    async def __call__(self, elements: Sequence[Mapping[str, Any]]) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class HandlerRequest:
    """Everything a handler may know. `objects` are the canvas's live elements in index order."""

    job_id: uuid.UUID
    job_type: str
    instructions: str
    style: str
    color_scheme: str
    selected_object_ids: tuple[str, ...]
    objects: tuple[Mapping[str, Any], ...]
    parameters: Mapping[str, Any]
    usage: Usage = field(default_factory=Usage)
    # False for people outside of AI_MODEL_SHARE: the sketcher draws for them.
    uses_model: bool = True
    # The plan for just this request, when one is kept: the provider need not be asked.
    known_plan: Plan | None = None
    # None when there is no canvas yet on which something could be shown.
    preview: ShowPreview | None = None


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """What a job is to do to its canvas: complete elements to add or replace, and ids to delete."""

    title: str
    message: str
    elements: tuple[dict[str, Any], ...]
    usage: dict[str, Any]
    deleted_ids: tuple[str, ...] = ()
    plan: Plan | None = None
    # The live elements from which it was made: what people change meanwhile is found by comparing.
    base: tuple[Mapping[str, Any], ...] = ()
    # Those of `elements` that were put into free space together, and move together where it is taken by now.
    placed_ids: frozenset[str] = frozenset()


class Handler(Protocol):
    """One job type. Raises `PlanningError` only; the same job run again gives the same elements."""

    async def __call__(self, request: HandlerRequest, report: Report) -> Drawing: ...
