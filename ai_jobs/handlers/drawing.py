"""The way from a request to a drawing that both kinds of jobs share."""

import asyncio
import time

from ai_jobs.handlers.base import Drawing, HandlerRequest, Report
from ai_jobs.planning.drawing import Placed, arrange, draw
from ai_jobs.planning.plan import Plan
from ai_jobs.providers.base import PlanRequest
from ai_jobs.providers.registry import build_provider


async def draw_request(request: HandlerRequest, report: Report) -> Drawing:
    """Plans, lays out and draws; what is on the canvas already stays as it is and is not covered."""
    provider = build_provider()
    await report(stage="planning", message="Reading the request", progress=5)
    planning = PlanRequest(
        instructions=request.instructions,
        objects=request.objects,
        selected_object_ids=request.selected_object_ids,
    )
    plan = await provider.plan(planning, report)
    await report(stage="layout", message=f"Placing {_counted(plan)}", progress=60)
    placed = await asyncio.to_thread(arrange, plan, style=request.style, color_scheme=request.color_scheme)
    await report(stage="drawing", message=f"Drawing {_counted(plan)}", progress=80)
    elements = await asyncio.to_thread(_draw, placed, request)
    await report(
        stage="drawing",
        message=f"Drew {_counted(plan)}",
        progress=95,
        objects_done=len(elements),
    )
    return Drawing(
        title=plan.title,
        message=_message(plan),
        elements=elements,
        usage={"provider": provider.name},
    )


def _draw(placed: Placed, request: HandlerRequest) -> tuple[dict[str, object], ...]:
    return draw(
        placed,
        job_id=request.job_id,
        canvas=request.objects,
        near=request.selected_object_ids,
        updated_ms=time.time_ns() // 1_000_000,
    )


def _counted(plan: Plan) -> str:
    boxes, arrows = len(plan.nodes), len(plan.edges)
    text = f"{boxes} box" if boxes == 1 else f"{boxes} boxes"
    if arrows:
        text += f" and {arrows} arrow" if arrows == 1 else f" and {arrows} arrows"
    return text


def _message(plan: Plan) -> str:
    title = f" for “{plan.title}”" if plan.title else ""
    return f"Drew {_counted(plan)}{title}. {plan.remark}".strip()
