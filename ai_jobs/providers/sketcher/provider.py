"""The built-in planner: instant, offline, deterministic. It draws what was said, never a canned picture."""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from ai_jobs.planning.errors import NotUnderstood
from ai_jobs.planning.plan import Plan
from ai_jobs.providers.base import PlanRequest, Report
from ai_jobs.providers.sketcher import flow, lists
from ai_jobs.providers.sketcher.families import (
    boards,
    changes,
    entities,
    mermaid,
    pages,
    sequences,
    sets,
    shapes,
    timelines,
    trees,
)
from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.spelling import corrected
from ai_jobs.providers.sketcher.wording import Wording, read, strip_command, strip_courtesy

# The first family that finds itself in the words draws them. These know their own headings …
_NAMED: Final[tuple[Callable[[str], Plan | None], ...]] = (
    mermaid.parse,
    sequences.parse,
    entities.parse,
    sets.parse,
    trees.parse,
    timelines.parse,
    boards.parse,
    pages.parse,
    shapes.parse,
)
# … and these read whatever has arrows, steps or items.
_PLAIN: Final[tuple[Callable[[Wording], Plan | None], ...]] = (
    flow.from_arrows,
    flow.from_outline,
    flow.from_conditions,
    lists.from_items,
    flow.from_steps,
)

_KIND_LAST: Final = re.compile(
    r"(?P<told>[^\n]+?[,:>][^\n]+?)[\s,\u2013\u2014-]+as\s+an?\s+(?P<kind>flow[\s-]?chart|process|mind[\s-]?map|time[\s-]?line|list|check[\s-]?list|table"
    r"|(?:org|organi[sz]ation)[\s-]?chart|kanban(?:[\s-]board)?|venn[\s-]diagram|sequence[\s-]diagram|er[\s-]diagram|wireframe|swot(?:[\s-]analysis)?)",
    re.IGNORECASE,
)
_LONGEST_WITH_KIND_LAST: Final = 600
_EXAMPLE: Final = "Sign up -> Verify e-mail -> Welcome"


def sketch(
    instructions: str, *, objects: Sequence[Mapping[str, Any]] = (), selected: Iterable[str] = ()
) -> Plan:
    """The plan that the words describe; raises `NotUnderstood` or `NothingMatches` where they describe none."""
    surroundings = Surroundings(objects, selected)
    plan = changes.from_words(instructions, surroundings) if objects else None
    if plan is not None:
        return plan
    instructions = _kind_first(instructions.strip(" \n"))
    plan = _named_kind(instructions)
    if plan is not None:
        return plan
    respelt = corrected(instructions)
    if respelt != instructions:
        plan = _named_kind(respelt)
        if plan is not None:
            return plan
        if read(respelt).names_a_flow and not read(instructions).names_a_flow:
            return _draw_plain(respelt)
    return _draw_plain(instructions)


def _kind_first(instructions: str) -> str:
    """ "Our morning: alarm, coffee - as a flowchart": the kind may come last."""
    if len(instructions) > _LONGEST_WITH_KIND_LAST:
        return instructions
    match = _KIND_LAST.fullmatch(strip_courtesy(instructions).strip(" .!"))
    if match is None:
        return instructions
    told, _ = strip_command(match["told"])
    return f"{match['kind']} of {told}" if ":" in told else f"{match['kind']}: {told}"


def _named_kind(instructions: str) -> Plan | None:
    for named in _NAMED:
        plan = named(instructions)
        if plan is not None:
            return plan
    return None


def _draw_plain(instructions: str) -> Plan:
    wording = read(instructions)
    for plain in _PLAIN:
        plan = plain(wording)
        if plan is not None:
            return plan
    if wording.names_a_flow:
        raise NotUnderstood(
            "I draw the steps you name, but found none in that. "
            f"List them after a colon or with arrows, for example: {_EXAMPLE}"
        )
    raise NotUnderstood(
        "I did not understand what to draw. Name the things, with arrows or as a list, "
        f"for example: {_EXAMPLE}"
    )


class Sketcher:
    """The provider used when no model is connected."""

    name = "sketcher"
    label = "Built-in sketcher"
    cache_identity: str | None = None

    async def plan(self, request: PlanRequest, report: Report) -> Plan:
        """Plans in a thread: 4,000 characters of arrows take longer than the engine's loop may wait."""
        return await asyncio.to_thread(
            sketch, request.instructions, objects=request.objects, selected=request.selected_object_ids
        )
