"""Job type `modify_canvas`: changes of what is there, and new content in free space, near what is selected."""

from ai_jobs.handlers.base import Drawing, HandlerRequest, Report
from ai_jobs.handlers.drawing import draw_request
from ai_jobs.planning.errors import NothingMatches


async def handle(request: HandlerRequest, report: Report) -> Drawing:
    """Changes what the request names, and adds what it asks for beside what is there.

    Of a selection that is gone nothing is known, so nothing else may be taken for "these".
    """
    selected = set(request.selected_object_ids)
    if selected and selected.isdisjoint(element["id"] for element in request.objects):
        msg = (
            "What was selected is no longer on the canvas. Nothing was changed. Select what you mean, or nothing,"
            " and ask again."
        )
        raise NothingMatches(msg)
    return await draw_request(request, report)
