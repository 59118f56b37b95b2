"""The way from a request to a drawing that both kinds of jobs share."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from ai_jobs.handlers.base import Drawing, HandlerRequest, Report
from ai_jobs.handlers.previews import previews
from ai_jobs.planning.changes import Changes, carry_out
from ai_jobs.planning.drawing import arrange, draw
from ai_jobs.planning.plan import Plan
from ai_jobs.providers.base import PlanRequest, Provider
from ai_jobs.providers.registry import build_provider
from canvases.elements.quality import Problem, count_crossings, find_problems, score_of

_NOTHING_CHANGED = Changes(elements=(), deleted_ids=(), said=(), problems=())
# So many parts are drawn in less than the 5 ms for which Python lets a thread go on anyway, so the event loop would
# wait as long for a thread, and longer by the two changes between them.
_FEW_PARTS = 30

_Inspected = tuple[tuple[dict[str, Any], ...], list[Problem]]


async def draw_request(request: HandlerRequest, report: Report) -> Drawing:
    """Plans, changes what the plan changes, and draws what is new in free space, covering nothing."""
    provider = build_provider(with_model=request.uses_model)
    await report(stage="planning", message="Reading the request", progress=5)
    plan = request.known_plan or await _plan(provider, request, report)
    changes = await _change(plan, request, report) if plan.edits else _NOTHING_CHANGED
    if not (plan.nodes or plan.groups):
        count = len(changes.elements) + len(changes.deleted_ids)
        await report(stage="drawing", message="Changed the canvas", progress=95, objects_done=count)
        return _drawing(provider, request, plan, changes, (), [])
    canvas = _canvas_after(request, changes)
    await report(stage="layout", message=f"Placing {_counted(plan)}", progress=60)
    if len(plan.nodes) + len(plan.edges) + len(plan.groups) + len(canvas) <= _FEW_PARTS:
        elements, problems = _draw_and_inspect(plan, request, canvas)
    else:
        elements, problems = await asyncio.to_thread(_draw_and_inspect, plan, request, canvas)
    done = len(elements) + len(changes.elements)
    await report(stage="drawing", message=f"Drew {_counted(plan)}", progress=95, objects_done=done)
    return _drawing(provider, request, plan, changes, elements, problems)


async def _plan(provider: Provider, request: HandlerRequest, report: Report) -> Plan:
    async with previews(request) as watch:
        planning = PlanRequest(
            instructions=request.instructions,
            objects=request.objects,
            selected_object_ids=request.selected_object_ids,
            usage=request.usage,
            watch=watch,
        )
        return await provider.plan(planning, report)


async def _change(plan: Plan, request: HandlerRequest, report: Report) -> Changes:
    await report(stage="drawing", message="Changing what is there", progress=40)
    return await asyncio.to_thread(
        carry_out,
        plan.edits,
        request.objects,
        job_id=request.job_id,
        style=request.style,
        color_scheme=request.color_scheme,
        updated_ms=time.time_ns() // 1_000_000,
    )


def _canvas_after(request: HandlerRequest, changes: Changes) -> list[Any]:
    changed = {element["id"]: element for element in changes.elements}
    kept = [
        changed.pop(element["id"], element)
        for element in request.objects
        if element["id"] not in changes.deleted_ids
    ]
    return [*kept, *changed.values()]


def _draw_and_inspect(plan: Plan, request: HandlerRequest, canvas: Sequence[Any]) -> _Inspected:
    elements = draw(
        arrange(plan, style=request.style, color_scheme=request.color_scheme),
        job_id=request.job_id,
        canvas=canvas,
        near=request.selected_object_ids,
        updated_ms=time.time_ns() // 1_000_000,
    )
    return elements, find_problems(elements)


def _drawing(
    provider: Provider,
    request: HandlerRequest,
    plan: Plan,
    changes: Changes,
    elements: tuple[dict[str, Any], ...],
    problems: Sequence[Problem],
) -> Drawing:
    kinds = [*changes.problems, *(problem.kind for problem in problems)]
    crossings = count_crossings(elements)
    return Drawing(
        title=plan.title,
        message=_message(plan, changes, kinds),
        elements=(*changes.elements, *elements),
        usage={
            "provider": provider.name,
            "cached": request.known_plan is not None,
            **request.usage.as_json(),
            "quality": {
                "score": score_of(problems=len(kinds), crossings=crossings),
                "problems": kinds,
                "crossings": crossings,
            },
        },
        deleted_ids=changes.deleted_ids,
        plan=plan,
        base=request.objects,
        placed_ids=frozenset(element["id"] for element in elements),
    )


def _counted(plan: Plan) -> str:
    boxes, arrows = len(plan.nodes) or len(plan.groups), len(plan.edges)
    text = f"{boxes} box" if boxes == 1 else f"{boxes} boxes"
    if arrows:
        text += f" and {arrows} arrow" if arrows == 1 else f" and {arrows} arrows"
    return text


def _message(plan: Plan, changes: Changes, problems: Sequence[str]) -> str:
    told = []
    if changes.elements or changes.deleted_ids:
        told.append(f"{'; '.join(changes.said)}.")
    elif plan.edits:
        told.append("It is that way already; nothing had to be changed.")
    if plan.nodes or plan.groups:
        title = f" for “{plan.title}”" if plan.title else ""
        told.append(f"Drew {_counted(plan)}{title}.")
    if plan.remark:
        told.append(plan.remark)
    if "overlap" in problems:
        told.append("Some things lie on one another; move them apart by hand.")
    if "arrow_through_box" in problems:
        told.append("Some arrows run through boxes; move the boxes apart by hand.")
    return " ".join(told)
