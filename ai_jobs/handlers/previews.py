"""Shows a drawing while its plan is being written: never in the way of the work itself."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from typing import Final

from ai_jobs.handlers.base import HandlerRequest, ShowPreview
from ai_jobs.planning.plan import Plan
from ai_jobs.planning.preview import PreviewSketch
from ai_jobs.providers.base import WatchPlan

logger = logging.getLogger(__name__)

_EVERY_SECONDS: Final = 0.25
# About what one notification of PostgreSQL carries; more than that goes through a table, and less often.
_FEW_ELEMENTS: Final = 45
_EVERY_SECONDS_OF_MANY: Final = 1.0
# Previews of a job take at most this part of its time, so that they get rarer where there is much to do.
_TIME_SHARE: Final = 0.2


@contextlib.asynccontextmanager
async def previews(request: HandlerRequest) -> AsyncIterator[WatchPlan | None]:
    """Inside, each plan so far that is given to the result is shown, or passed over when newer ones come faster.

    None where nobody could see a preview. What goes wrong with previews is logged and harms no drawing.
    """
    if request.preview is None:
        yield None
        return
    sketch = PreviewSketch(
        job_id=request.job_id,
        style=request.style,
        color_scheme=request.color_scheme,
        canvas=request.objects,
        near=request.selected_object_ids,
    )
    newest = _Newest()
    showing = asyncio.create_task(_show(newest, sketch, request.preview))
    try:
        yield newest.put
    finally:
        showing.cancel()
        await asyncio.wait([showing])
        if not showing.cancelled() and (error := showing.exception()) is not None:
            logger.error("preview_failed", exc_info=error, extra={"job_id": str(request.job_id)})


class _Newest:
    """Holds the last plan so far until it is taken."""

    def __init__(self) -> None:
        self._plan: Plan | None = None
        self._news = asyncio.Event()

    async def put(self, plan: Plan) -> None:
        self._plan = plan
        self._news.set()

    async def take(self) -> Plan:
        await self._news.wait()
        self._news.clear()
        assert self._plan is not None
        return self._plan


async def _show(newest: _Newest, sketch: PreviewSketch, preview: ShowPreview) -> None:
    shown: Plan | None = None
    while True:
        plan = await newest.take()
        if plan == shown:
            continue
        begun = time.monotonic()
        elements = await asyncio.to_thread(sketch.draw, plan)
        if not await preview(elements):
            return
        shown = plan
        pause = _EVERY_SECONDS if len(elements) <= _FEW_ELEMENTS else _EVERY_SECONDS_OF_MANY
        await asyncio.sleep(max(pause, (time.monotonic() - begun) / _TIME_SHARE))
