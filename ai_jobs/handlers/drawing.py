"""The way from a request to a drawing that both kinds of jobs share."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from ai_jobs.handlers.base import Drawing, HandlerRequest, Report
from ai_jobs.planning.drawing import Placed, arrange, draw
from ai_jobs.planning.plan import Plan
from ai_jobs.providers.base import PlanRequest
from ai_jobs.providers.registry import build_provider
from canvases.elements.quality import Problem, find_problems


async def draw_request(request: HandlerRequest, report: Report) -> Drawing:
    """Plans, lays out and draws; what is on the canvas already stays as it is and is not covered."""
    provider = build_provider()
    await report(stage="planning", message="Reading the request", progress=5)
    planning = PlanRequest(
        instructions=request.instructions,
        objects=request.objects,
        selected_object_ids=request.selected_object_ids,
        usage=request.usage,
    )
    plan = await provider.plan(planning, report)
    await report(stage="layout", message=f"Placing {_counted(plan)}", progress=60)
    placed = await asyncio.to_thread(arrange, plan, style=request.style, color_scheme=request.color_scheme)
    await report(stage="drawing", message=f"Drawing {_counted(plan)}", progress=80)
    elements, problems = await asyncio.to_thread(_draw_and_inspect, placed, request)
    if problems and plan.layout == "layered":
        # The other direction often has room where this one has none; the better of the two is delivered.
        turned = plan.model_copy(update={"direction": "down" if plan.direction == "right" else "right"})
        other = await asyncio.to_thread(
            arrange, turned, style=request.style, color_scheme=request.color_scheme
        )
        again, remaining = await asyncio.to_thread(_draw_and_inspect, other, request)
        if len(remaining) < len(problems):
            elements, problems = again, remaining
    await report(stage="drawing", message=f"Drew {_counted(plan)}", progress=95, objects_done=len(elements))
    return Drawing(
        title=plan.title,
        message=_message(plan, problems),
        elements=elements,
        usage={
            "provider": provider.name,
            **request.usage.as_json(),
            "problems": [problem.kind for problem in problems],
        },
    )


def _draw_and_inspect(
    placed: Placed, request: HandlerRequest
) -> tuple[tuple[dict[str, Any], ...], list[Problem]]:
    elements = draw(
        placed,
        job_id=request.job_id,
        canvas=request.objects,
        near=request.selected_object_ids,
        updated_ms=time.time_ns() // 1_000_000,
    )
    return elements, find_problems(elements)


def _counted(plan: Plan) -> str:
    boxes, arrows = len(plan.nodes), len(plan.edges)
    text = f"{boxes} box" if boxes == 1 else f"{boxes} boxes"
    if arrows:
        text += f" and {arrows} arrow" if arrows == 1 else f" and {arrows} arrows"
    return text


def _message(plan: Plan, problems: Sequence[Problem]) -> str:
    title = f" for “{plan.title}”" if plan.title else ""
    flaws = "Some things lie on one another; move them apart by hand." if problems else ""
    return " ".join(part for part in (f"Drew {_counted(plan)}{title}.", plan.remark, flaws) if part)
