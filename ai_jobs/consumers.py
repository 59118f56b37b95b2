"""The job side of both sockets: snapshots of jobs and cancelling."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.contrib.auth.models import User

from ai_jobs import services
from ai_jobs.models import AIJob
from ai_jobs.rows import job_rows
from canvases.consumers import CanvasConsumer
from collabcanvas.lib.consumers import LARGEST_MESSAGE_BYTES, RealtimeConsumer, in_database
from collabcanvas.lib.realtime import in_pieces, user_group
from collabcanvas.lib.throttles import charge

SNAPSHOT_JOBS = 50


def _jobs_snapshot(**which: Any) -> dict[str, Any]:
    newest = AIJob.objects.filter(**which).select_related("user").order_by("-created_at")
    # Complete drawings would make this message huge; clients fetch the one they want.
    # So would fifty of the longest requests; the oldest of them are in the REST API's lists.
    rows = next(
        in_pieces(job_rows(newest.defer("result_data")[:SNAPSHOT_JOBS], brief=True), LARGEST_MESSAGE_BYTES),
        [],
    )
    return {
        "type": "jobs.snapshot",
        "jobs": rows,
        "revision": max((row["revision"] for row in rows), default=0),
    }


def _cancel_job(user: User, job_id: object) -> None:
    charge("write", user)
    services.cancel_job(user=user, job_id=job_id)


class JobsConsumer(RealtimeConsumer):
    """`/ws/jobs`: the jobs of the signed-in person."""

    message_handlers: ClassVar[Mapping[str, str]] = {"job.cancel": "cancel_job"}

    async def authorise(self) -> Sequence[str]:
        return [user_group(self.user.pk)]

    async def send_snapshots(self) -> None:
        await self.send_message(await in_database(_jobs_snapshot)(user=self.user))

    async def cancel_job(self, message: Mapping[str, Any]) -> None:
        await in_database(_cancel_job)(self.user, message.get("job_id"))


class CanvasWithJobsConsumer(CanvasConsumer):
    """`/ws/canvases/<id>`: the canvas, and the jobs that draw on it."""

    extra_handlers: ClassVar[Mapping[str, str]] = {"job.cancel": "cancel_job"}

    async def extra_snapshots(self) -> list[Mapping[str, Any]]:
        return [await in_database(_jobs_snapshot)(canvas_id=self.canvas.pk)]

    async def cancel_job(self, message: Mapping[str, Any]) -> None:
        await in_database(_cancel_job)(self.user, message.get("job_id"))
