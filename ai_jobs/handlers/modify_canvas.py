"""Job type `modify_canvas`: new content in free space, next to what is selected when something is."""

from ai_jobs.handlers.base import Drawing, HandlerRequest, Report
from ai_jobs.handlers.drawing import draw_request


async def handle(request: HandlerRequest, report: Report) -> Drawing:
    """Adds what was asked for beside what is there; touches nothing that exists."""
    return await draw_request(request, report)
