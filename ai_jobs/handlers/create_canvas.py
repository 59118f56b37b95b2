"""Job type `create_canvas`: a drawing for a canvas of its own, or beside what a given canvas holds."""

from ai_jobs.handlers.base import Drawing, HandlerRequest, Report
from ai_jobs.handlers.drawing import draw_request


async def handle(request: HandlerRequest, report: Report) -> Drawing:
    """Draws what was asked for; in free space when the canvas holds something already."""
    return await draw_request(request, report)
