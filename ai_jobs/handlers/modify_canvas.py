"""Job type `modify_canvas`: changes of what is there, and new content in free space, near what is selected."""

from ai_jobs.handlers.base import Drawing, HandlerRequest, Report
from ai_jobs.handlers.drawing import draw_request


async def handle(request: HandlerRequest, report: Report) -> Drawing:
    """Changes what the request names, and adds what it asks for beside what is there."""
    return await draw_request(request, report)
