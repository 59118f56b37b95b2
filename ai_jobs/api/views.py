"""`/api/jobs`: jobs as resources, and the jobs and the history of a canvas."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import django_filters
from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from ai_jobs import services
from ai_jobs.api.idempotency import IDEMPOTENCY_KEY
from ai_jobs.api.people import signed_in
from ai_jobs.api.serializers import (
    BatchSerializer,
    CanvasHistorySerializer,
    JobEventsSerializer,
    JobSerializer,
    JobsSerializer,
    NewBatchSerializer,
    NewJobSerializer,
    PrioritySerializer,
    RevertedSerializer,
    RevertSerializer,
)
from ai_jobs.canvas_history import ENTRY_ID, canvas_history
from ai_jobs.changes import Reverted
from ai_jobs.errors import JobNotCompleted
from ai_jobs.models import AIJob
from ai_jobs.rows import batch_row, event_rows, job_row, job_rows
from ai_jobs.states import Status
from canvases.access import get_canvas
from canvases.api.serializers import ErrorSerializer
from collabcanvas.lib.pagination import LIMIT_PARAMETER, SEQUENCE, integer_parameter, with_bounds
from collabcanvas.lib.throttles import charge

_INVALID = {400: OpenApiResponse(ErrorSerializer, description="The input is not valid.")}
_UNKNOWN = {404: OpenApiResponse(ErrorSerializer, description="Unknown, or not for you to see.")}
_FORBIDDEN = {403: OpenApiResponse(ErrorSerializer, description="Seen, but not yours to change.")}
_STATE = {409: OpenApiResponse(ErrorSerializer, description="The job is in another state.")}
_KEY_USED = {
    409: OpenApiResponse(
        ErrorSerializer, description="The `Idempotency-Key` was used for another kind of request."
    )
}
_OFF = {503: OpenApiResponse(ErrorSerializer, description="AI work is switched off.")}


class _MomentField(django_filters.fields.IsoDateTimeField):  # type: ignore[misc]  # django-filter has no types
    """A moment in UTC: PostgreSQL knows no offset of 16 hours or more, which ISO 8601 allows."""

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error


class _MomentFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]  # django-filter has no types
    field_class = _MomentField


class JobFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter has no types
    """Filters of the list; an unknown value is refused, not ignored."""

    status = django_filters.ChoiceFilter(choices=Status.choices)
    job_type = django_filters.ChoiceFilter(
        choices=lambda: [(job_type, job_type) for job_type in sorted(settings.AI_JOBS_HANDLERS)]
    )
    canvas = django_filters.UUIDFilter(field_name="canvas_id")
    created_after = _MomentFilter(field_name="created_at", lookup_expr="gte")
    created_before = _MomentFilter(field_name="created_at", lookup_expr="lt")
    search = django_filters.CharFilter(method="search_text", max_length=200)

    class Meta:
        model = AIJob
        fields: list[str] = []

    def search_text(self, jobs: QuerySet[AIJob], name: str, text: str) -> QuerySet[AIJob]:
        """Jobs whose instruction or error contains the text."""
        return jobs.filter(Q(request_data__instructions__icontains=text) | Q(error_message__icontains=text))


class NewestFirst(CursorPagination):
    """Pages that stay put while new jobs arrive."""

    ordering = ("-created_at", "-id")
    page_size_query_param = "limit"

    def get_page_size(self, request: Request) -> int:
        return integer_parameter(request, "limit", default=50, minimum=1, maximum=100)

    def get_schema_operation_parameters(self, view: Any) -> Any:
        return with_bounds(super().get_schema_operation_parameters(view))

    def decode_cursor(self, request: Request) -> Any:
        try:
            return super().decode_cursor(request)
        except NotFound as error:
            raise ValidationError(
                {"cursor": ["This “cursor” is none of ours. Begin with the first page."]}
            ) from error


class JobViewSet(GenericViewSet[AIJob]):
    """Own jobs and those on canvases shared with the person who asks; staff see all."""

    queryset = AIJob.objects.none()
    serializer_class = JobSerializer
    pagination_class = NewestFirst
    filter_backends = [django_filters.rest_framework.DjangoFilterBackend]
    filterset_class = JobFilter
    lookup_url_kwarg = "job_id"
    throttle_actions: ClassVar[dict[str, str]] = {"create": "submit", "retry": "submit", "retrieve": "status"}

    def get_queryset(self) -> QuerySet[AIJob]:
        if getattr(self, "swagger_fake_view", False):
            return AIJob.objects.none()
        visible: QuerySet[AIJob] = AIJob.objects.visible_to(signed_in(self.request)).select_related("user")
        return visible

    @extend_schema(
        summary="Jobs, newest first",
        description="Results come without their `objects`, and with `object_count` instead; one job by itself has all.",
        responses={200: JobSerializer(many=True), **_INVALID},
    )
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()).defer("result_data"))
        return self.get_paginated_response(job_rows(page or [], brief=True))

    @extend_schema(
        summary="Ask for AI work",
        parameters=[IDEMPOTENCY_KEY],
        request=NewJobSerializer,
        responses={201: JobSerializer, **_INVALID, **_FORBIDDEN, **_UNKNOWN, **_KEY_USED, **_OFF},
        filters=False,
    )
    def create(self, request: Request) -> Response:
        body = request.data
        if not isinstance(body, Mapping):
            raise ValidationError("The body must be a JSON object.")
        job_type = body.get("job_type")
        if not isinstance(job_type, str):
            raise ValidationError(
                {"job_type": ["“job_type” is missing or no text. Say what kind of job it is."]}
            )
        user = signed_in(request)
        job = services.submit_job(
            user=user, job_type=job_type, body=body, idempotency_key=request.headers.get("Idempotency-Key")
        )
        return Response(job_row(services.get_job(user=user, job_id=job.pk)), status=201)

    @extend_schema(summary="One job", responses={200: JobSerializer, **_UNKNOWN})
    def retrieve(self, request: Request, job_id: str) -> Response:
        return Response(job_row(services.get_job(user=signed_in(request), job_id=job_id)))

    @extend_schema(
        summary="Change a waiting job's priority",
        request=PrioritySerializer,
        responses={200: JobSerializer, **_INVALID, **_FORBIDDEN, **_UNKNOWN, **_STATE},
    )
    def partial_update(self, request: Request, job_id: str) -> Response:
        wanted = PrioritySerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        job = services.reprioritise_job(user=signed_in(request), job_id=job_id, **wanted.validated_data)
        return Response(job_row(job))

    @extend_schema(
        summary="Delete a finished job (who asked for it)",
        responses={204: None, **_FORBIDDEN, **_UNKNOWN, **_STATE},
    )
    def destroy(self, request: Request, job_id: str) -> Response:
        services.delete_job(user=signed_in(request), job_id=job_id)
        return Response(status=204)

    @extend_schema(
        summary="Cancel a job",
        request=None,
        responses={200: JobSerializer, **_FORBIDDEN, **_UNKNOWN, **_STATE},
    )
    def cancel(self, request: Request, job_id: str) -> Response:
        return Response(job_row(services.cancel_job(user=signed_in(request), job_id=job_id)))

    @extend_schema(
        summary="Run a failed or cancelled job again",
        request=None,
        responses={200: JobSerializer, **_FORBIDDEN, **_UNKNOWN, **_STATE, **_OFF},
    )
    def retry(self, request: Request, job_id: str) -> Response:
        return Response(job_row(services.retry_job(user=signed_in(request), job_id=job_id)))

    @extend_schema(
        summary="Take back what a completed job changed",
        request=RevertSerializer,
        responses={200: RevertedSerializer, **_INVALID, **_FORBIDDEN, **_UNKNOWN, **_STATE},
    )
    def undo(self, request: Request, job_id: str) -> Response:
        return self._revert(request, job_id, services.undo_job)

    @extend_schema(
        summary="Put back in place what an undo took back",
        request=RevertSerializer,
        responses={200: RevertedSerializer, **_INVALID, **_FORBIDDEN, **_UNKNOWN, **_STATE},
    )
    def redo(self, request: Request, job_id: str) -> Response:
        return self._revert(request, job_id, services.redo_job)

    def _revert(self, request: Request, job_id: str, service: Callable[..., Reverted]) -> Response:
        wanted = RevertSerializer(data=request.data or {})
        wanted.is_valid(raise_exception=True)
        user = signed_in(request)
        reverted = service(user=user, job_id=job_id, force=wanted.validated_data["force"])
        job = services.get_job(user=user, job_id=job_id)
        return Response({"job": job_row(job), "changed": reverted.changed, "conflicts": reverted.conflicts})

    @extend_schema(
        summary="What a completed job drew",
        responses={200: OpenApiTypes.OBJECT, **_UNKNOWN, **_STATE},
        filters=False,
    )
    def result(self, request: Request, job_id: str) -> Response:
        job = services.get_job(user=signed_in(request), job_id=job_id)
        if job.status != Status.COMPLETED:
            raise JobNotCompleted
        return Response(job.result_data)

    @extend_schema(
        summary="A job's history",
        parameters=[OpenApiParameter("after", SEQUENCE, description="Only events with a higher sequence.")],
        responses={200: JobEventsSerializer, **_INVALID, **_UNKNOWN},
        filters=False,
    )
    def events(self, request: Request, job_id: str) -> Response:
        job = services.get_job(user=signed_in(request), job_id=job_id)
        after = integer_parameter(request, "after", default=0, minimum=0, maximum=SEQUENCE["maximum"])
        return Response({"results": event_rows(job.events.filter(sequence__gt=after).order_by("sequence"))})


class BatchView(APIView):
    """Many jobs in one request, each of which counts."""

    @extend_schema(
        summary="Ask for up to 100 drawings at once, all or none",
        operation_id="jobs_batch_create",
        parameters=[IDEMPOTENCY_KEY],
        request=NewBatchSerializer,
        responses={201: BatchSerializer, **_INVALID, **_FORBIDDEN, **_UNKNOWN, **_KEY_USED, **_OFF},
    )
    def post(self, request: Request) -> Response:
        body = request.data
        if not isinstance(body, Mapping):
            raise ValidationError("The body must be a JSON object.")
        user = signed_in(request)
        items = services.parse_batch(body.get("jobs"))
        # At once: in two steps the first could take what the second needs.
        charge("submit", user, cost=len(items))
        jobs = services.submit_batch(
            user=user, items=items, idempotency_key=request.headers.get("Idempotency-Key")
        )
        return Response(batch_row(services.get_batch(user=user, batch_id=jobs[0].batch_id)), status=201)


class BatchProgressView(APIView):
    """One batch of one's own; staff see all."""

    @extend_schema(
        summary="A batch, its progress and its jobs",
        operation_id="jobs_batch_retrieve",
        responses={200: BatchSerializer, **_UNKNOWN},
    )
    def get(self, request: Request, batch_id: str) -> Response:
        return Response(batch_row(services.get_batch(user=signed_in(request), batch_id=batch_id)))


class CanvasJobsViewSet(GenericViewSet[AIJob]):
    """The jobs of one canvas, for its members."""

    queryset = AIJob.objects.none()
    serializer_class = JobSerializer
    pagination_class = None

    @extend_schema(
        summary="The newest jobs of a canvas",
        parameters=[LIMIT_PARAMETER],
        responses={200: JobsSerializer, **_INVALID, **_UNKNOWN},
    )
    def list(self, request: Request, canvas_id: str) -> Response:
        canvas = get_canvas(user=signed_in(request), canvas_id=canvas_id)
        limit = integer_parameter(request, "limit", default=50, minimum=1, maximum=100)
        newest: Any = AIJob.objects.filter(canvas=canvas).select_related("user").order_by("-created_at", "id")
        return Response({"results": job_rows(newest.defer("result_data")[:limit], brief=True)})


class CanvasHistoryView(APIView):
    """What happened to one canvas, for its members."""

    @extend_schema(
        summary="What happened to a canvas, newest first",
        description=(
            "Who renamed or shared it, which jobs drew on it, were undone or redone, and which states of it are kept. "
            "As far back as jobs, acts and kept states are stored."
        ),
        operation_id="canvas_history",
        parameters=[
            LIMIT_PARAMETER,
            OpenApiParameter(
                "before",
                {"type": "string", "pattern": ENTRY_ID},
                description="Only entries older than the one with this id.",
            ),
        ],
        responses={200: CanvasHistorySerializer, **_INVALID, **_UNKNOWN},
    )
    def get(self, request: Request, canvas_id: str) -> Response:
        canvas = get_canvas(user=signed_in(request), canvas_id=canvas_id)
        limit = integer_parameter(request, "limit", default=50, minimum=1, maximum=100)
        before = request.query_params.get("before")
        if before is not None and not re.fullmatch(ENTRY_ID, before):
            raise ValidationError({"before": ["This “before” is no entry of ours. Begin without it."]})
        # One more than asked for tells whether there are more.
        found = canvas_history(canvas=canvas, before=before, limit=limit + 1)
        following = None
        if len(found) > limit:
            found.pop()
            following = replace_query_param(request.build_absolute_uri(), "before", found[-1]["id"])
        return Response({"results": found, "next": following})
