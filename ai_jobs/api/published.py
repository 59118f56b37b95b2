"""`/api/ai-agent`: the calls of the published clients, to the letter of the contract."""

from typing import ClassVar

from django.contrib.auth.models import User
from django.db import DatabaseError, InterfaceError
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ai_jobs import services
from ai_jobs.api.idempotency import IDEMPOTENCY_KEY
from ai_jobs.api.people import signed_in
from ai_jobs.api.serializers import (
    DoneSerializer,
    HealthSerializer,
    JobAnswerSerializer,
    JobListAnswerSerializer,
    ResultAnswerSerializer,
    StartedSerializer,
    StatsAnswerSerializer,
)
from ai_jobs.errors import JobCannotBeCancelled, JobCannotBeRetried, JobNotCompleted
from ai_jobs.health import health_for_anybody
from ai_jobs.models import AIJob
from ai_jobs.providers.registry import provider_name
from ai_jobs.requests import CreateCanvasRequest, ModifyCanvasRequest
from ai_jobs.rights import Right, may_with_any_job
from ai_jobs.rows import job_row, job_rows
from ai_jobs.states import Status
from ai_jobs.statistics import job_statistics
from canvases.api.serializers import ErrorSerializer
from collabcanvas.lib.errors import Forbidden
from collabcanvas.lib.pagination import LIMIT_PARAMETER, OFFSET_PARAMETER, integer_parameter

_ERRORS = {
    400: OpenApiResponse(
        ErrorSerializer, description="The input is not valid, or the job is in another state."
    ),
    404: OpenApiResponse(ErrorSerializer, description="Unknown, or not for you to see."),
}
_SUBMIT_ERRORS = {
    **_ERRORS,
    403: OpenApiResponse(ErrorSerializer, description="You may look at this canvas but not change it."),
    409: OpenApiResponse(ErrorSerializer, description="The `Idempotency-Key` was used for a batch."),
    503: OpenApiResponse(ErrorSerializer, description="AI work is switched off."),
}


class _Submit(APIView):
    throttle_actions: ClassVar[dict[str, str]] = {"post": "submit"}
    job_type: ClassVar[str]
    message: ClassVar[str]

    def _submit(self, request: Request) -> Response:
        job = services.submit_job(
            user=signed_in(request),
            job_type=self.job_type,
            body=request.data,
            idempotency_key=request.headers.get("Idempotency-Key"),
        )
        return Response(
            {"success": True, "job_id": str(job.pk), "message": self.message, "status": job.status},
            status=202,
        )


class CreateCanvasView(_Submit):
    job_type = "create_canvas"
    message = "Canvas creation job started"

    @extend_schema(
        summary="Draw on a new canvas",
        operation_id="ai_agent_create_canvas",
        parameters=[IDEMPOTENCY_KEY],
        request=CreateCanvasRequest,
        responses={202: StartedSerializer, **_SUBMIT_ERRORS},
    )
    def post(self, request: Request) -> Response:
        return self._submit(request)


class ModifyCanvasView(_Submit):
    job_type = "modify_canvas"
    message = "Canvas modification job started"

    @extend_schema(
        summary="Add to a canvas or change it",
        operation_id="ai_agent_modify_canvas",
        parameters=[IDEMPOTENCY_KEY],
        request=ModifyCanvasRequest,
        responses={202: StartedSerializer, **_SUBMIT_ERRORS},
    )
    def post(self, request: Request) -> Response:
        return self._submit(request)


class JobStatusView(APIView):
    throttle_actions: ClassVar[dict[str, str]] = {"get": "status"}

    @extend_schema(
        summary="One job",
        operation_id="ai_agent_job_status",
        responses={200: JobAnswerSerializer, 404: _ERRORS[404]},
    )
    def get(self, request: Request, job_id: str) -> Response:
        return Response(
            {"success": True, "job": job_row(services.get_job(user=signed_in(request), job_id=job_id))}
        )


class JobResultView(APIView):
    @extend_schema(
        summary="What a completed job drew",
        operation_id="ai_agent_job_result",
        responses={200: ResultAnswerSerializer, **_ERRORS},
    )
    def get(self, request: Request, job_id: str) -> Response:
        job = services.get_job(user=signed_in(request), job_id=job_id)
        if job.status != Status.COMPLETED:
            return Response(JobNotCompleted().as_dict(), status=400)
        return Response({"success": True, "result": job.result_data})


class JobCancelView(APIView):
    @extend_schema(
        summary="Cancel a job",
        operation_id="ai_agent_job_cancel",
        request=None,
        responses={200: DoneSerializer, 403: _SUBMIT_ERRORS[403], **_ERRORS},
    )
    def post(self, request: Request, job_id: str) -> Response:
        try:
            services.cancel_job(user=signed_in(request), job_id=job_id)
        except JobCannotBeCancelled as error:
            # These clients know 400 for a wrong state where the rest of the API says 409.
            return Response(error.as_dict(), status=400)
        return Response({"success": True, "message": "Job cancelled successfully"})


class JobRetryView(APIView):
    throttle_actions: ClassVar[dict[str, str]] = {"post": "submit"}

    @extend_schema(
        summary="Run a failed or cancelled job again",
        operation_id="ai_agent_job_retry",
        request=None,
        responses={200: DoneSerializer, 403: _SUBMIT_ERRORS[403], 503: _SUBMIT_ERRORS[503], **_ERRORS},
    )
    def post(self, request: Request, job_id: str) -> Response:
        try:
            services.retry_job(user=signed_in(request), job_id=job_id)
        except JobCannotBeRetried as error:
            return Response(error.as_dict(), status=400)
        return Response({"success": True, "message": "Job retry started"})


class JobListView(APIView):
    @extend_schema(
        summary="Own jobs, newest first",
        operation_id="ai_agent_jobs",
        parameters=[LIMIT_PARAMETER, OFFSET_PARAMETER],
        responses={200: JobListAnswerSerializer, 400: _ERRORS[400]},
    )
    def get(self, request: Request) -> Response:
        limit = integer_parameter(request, "limit", default=50, minimum=1, maximum=100)
        offset = integer_parameter(request, "offset", default=0, minimum=0, maximum=10_000_000)
        mine = (
            AIJob.objects.filter(user=signed_in(request)).select_related("user").order_by("-created_at", "id")
        )
        return Response(
            {"success": True, "jobs": job_rows(mine[offset : offset + limit]), "total": mine.count()}
        )


class JobStatsView(APIView):
    @extend_schema(
        summary="Counts by status",
        operation_id="ai_agent_jobs_stats",
        parameters=[OpenApiParameter("scope", str, enum=["own", "all"], description="`all` is for staff.")],
        responses={200: StatsAnswerSerializer, 400: _ERRORS[400], 403: _SUBMIT_ERRORS[403]},
    )
    def get(self, request: Request) -> Response:
        scope = request.query_params.get("scope", "own")
        if scope not in {"own", "all"}:
            raise ValidationError({"scope": ["“scope” is own or all. Use one of these."]})
        user: User = signed_in(request)
        if scope == "all" and not may_with_any_job(user, Right.VIEW):
            raise Forbidden("Counts over everybody's jobs are for staff. Leave out scope=all for your own.")
        jobs = AIJob.objects.all() if scope == "all" else AIJob.objects.filter(user=user)
        return Response({"success": True, "stats": job_statistics(jobs)})


class HealthView(APIView):
    """For load balancers and people: no sign-in, no redirect, cheap."""

    permission_classes = [AllowAny]
    authentication_classes = []
    # A load balancer may ask as often as it likes, and the answer must come without a database too.
    throttle_classes = []

    @extend_schema(
        summary="Whether the database and the workers are alive",
        operation_id="ai_agent_health",
        auth=[],
        responses={200: HealthSerializer, 500: OpenApiResponse(ErrorSerializer, description="No database.")},
    )
    def get(self, request: Request) -> Response:
        try:
            return Response({**health_for_anybody(), "provider": provider_name().name})
        except (DatabaseError, InterfaceError):
            return Response(
                {"status": "unhealthy", "error": "The database cannot be reached.", "code": "no_database"},
                status=500,
            )
