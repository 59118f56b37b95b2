"""One piece of work, done by a worker or inside a request: a wait as for a model, then a real drawing."""

import asyncio
import json
import uuid

from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from knox.auth import TokenAuthentication

from ai_jobs.handlers.base import Drawing, HandlerRequest, Report
from ai_jobs.handlers.create_canvas import handle as create_canvas
from canvases import services
from canvases.elements.validate import parse_element
from canvases.operations import PutObject

THINKING_SECONDS = 2.0


async def think_and_draw(request: HandlerRequest, report: Report) -> Drawing:
    """The product's drawing, after the wait."""
    await report(stage="thinking", message="Thinking", progress=10)
    await asyncio.sleep(THINKING_SECONDS)
    return await create_canvas(request, report)


@csrf_exempt
def draw_in_the_request(request: HttpRequest) -> HttpResponseBase:
    """What CollabCanvas does not do: the answer comes when the drawing is on its canvas."""
    user, _ = TokenAuthentication().authenticate_credentials(
        request.headers["Authorization"].removeprefix("Bearer ").encode()
    )
    drawing = async_to_sync(_draw)(json.loads(request.body)["instructions"])
    with transaction.atomic():
        owner = User.objects.get(pk=user.pk)
        canvas = services.create_canvas(owner=owner, title=drawing.title or "New drawing")
        applied = services.apply_operations(
            canvas_id=canvas.pk,
            operations=[PutObject(element=parse_element(element)) for element in drawing.elements],
            actor=services.Actor(user_id=owner.pk, name=owner.get_username()),
        )
    return JsonResponse({"canvas_id": str(canvas.pk), "objects": len(applied.results)})


async def _draw(instructions: str) -> Drawing:
    async def nobody_listens(**_: object) -> None: ...

    return await think_and_draw(
        HandlerRequest(
            job_id=uuid.uuid4(),
            job_type="create_canvas",
            instructions=instructions,
            style="modern",
            color_scheme="default",
            selected_object_ids=(),
            objects=(),
            parameters={},
        ),
        nobody_listens,
    )
