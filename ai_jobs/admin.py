"""AI jobs and their workers for operators: look at everything, steer through the services."""

import json
import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Case, DurationField, ExpressionWrapper, F, Func, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Left, Now
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget

from ai_jobs import services
from ai_jobs.health import STALE_AFTER
from ai_jobs.models import MAX_PRIORITY, AIJob, AIJobEvent, Pause, Worker
from ai_jobs.requests import REQUESTS
from ai_jobs.states import Status
from canvases.models import Canvas
from collabcanvas.lib.admin import ReadOnly
from collabcanvas.lib.errors import AppError

# Readable on the admin's light and on its dark theme.
_COLORS = {
    Status.QUEUED: "#8a6100",
    Status.PROCESSING: "#0b6bb5",
    Status.COMPLETED: "#1d7a3a",
    Status.FAILED: "#b3261e",
    Status.CANCELLED: "#666666",
}
_COUNT_LIMIT = 10_000
_PRIORITY_STEP = 5
_INSTRUCTIONS_SHOWN = 80


class LimitedPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable at run time
    """Counts exactly up to a limit and not beyond: on a long table counting would take seconds."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[AIJob]", self.object_list)
        return rows.order_by()[:_COUNT_LIMIT].count()


class Clock(Func):
    """The database's clock at this moment."""

    function = "clock_timestamp"


def _badge(text: str, color: str) -> SafeString:
    return format_html(
        '<span style="background:{};color:#fff;border-radius:9px;padding:1px 9px">{}</span>',
        color,
        text,
    )


def _seconds(duration: timedelta | None) -> str:
    if duration is None:
        return "–"  # a dash in a table cell
    seconds = max(0.0, duration.total_seconds())
    if seconds < 60:
        # No break between number and unit: the columns are narrow.
        return f"{seconds * 1000:.0f}\u00a0ms" if seconds < 0.1 else f"{seconds:.1f}\u00a0s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min {int(seconds % 60)} s"
    return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60)} min"


def _between(start: str, end: Any) -> Combinable:
    return ExpressionWrapper(end - F(start), output_field=DurationField())


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


class JobTypeFilter(admin.SimpleListFilter):
    """The known job types; asking the table for the types in it would read all of it."""

    title = "job type"
    parameter_name = "job_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(job_type, job_type) for job_type in REQUESTS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AIJob]) -> QuerySet[AIJob]:
        return queryset.filter(job_type=self.value()) if self.value() else queryset


@admin.register(AIJob)
class AIJobAdmin(ReadOnly):
    """Reads rows, changes nothing but through the services, which fence, log and announce."""

    icon = "auto_awesome"
    list_display = [
        "short_id",
        "job_type",
        "status_badge",
        "user",
        "canvas_link",
        "instructions_beginning",
        "priority",
        "waited",
        "ran",
        "attempt",
        "created_at",
    ]
    list_display_links = ["short_id"]
    list_filter = ["status", JobTypeFilter, "created_at"]
    search_fields = ["user__username"]
    search_help_text = "A job's id or its beginning, a user name, words of the instructions or of the error"
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    list_per_page = 50
    list_select_related = ["user", "canvas"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = LimitedPaginator
    actions = ["cancel_jobs", "retry_jobs", "raise_priority"]
    fieldsets = [
        (
            None,
            {"fields": ["id", "status_badge", "job_type", "user", "canvas_link", "priority", "progress_now"]},
        ),
        ("Request", {"fields": ["instructions", "whole_request"]}),
        ("Result", {"fields": ["result_summary"]}),
        ("Errors", {"fields": ["error_message", "error_code"]}),
        (
            "Runs",
            {
                "fields": [
                    "waited",
                    "ran",
                    "attempt",
                    "retries",
                    "crash_count",
                    "lone_crash_count",
                    "worker_id",
                    "lease_expires_at",
                ]
            },
        ),
        (
            "Times",
            {
                "fields": [
                    "created_at",
                    "next_processing_at",
                    "started_at",
                    "completed_at",
                    "cancel_requested_at",
                ]
            },
        ),
        ("History", {"fields": ["timeline"]}),
    ]

    # --- What may be done -----------------------------------------------------------------------------------
    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Jobs that are over may be deleted, one at a time and never while an engine might hold them."""
        return (
            isinstance(obj, AIJob)
            and obj.is_over
            and _user(request).has_perm(f"{self.opts.app_label}.delete_{self.opts.model_name}")
        )

    def delete_model(self, request: HttpRequest, obj: AIJob) -> None:
        services.delete_job(user=_user(request), job_id=obj.pk)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        # The history goes with its job: it has no page and no permission of its own.
        jobs = list(objs)
        history = AIJobEvent.objects.filter(job__in=jobs).count()
        return [str(job) for job in jobs], {"AI jobs": len(jobs), "AI job events": history}, set(), []

    def has_steer_permission(self, request: HttpRequest) -> bool:
        """Looking needs the right to view, steering the right to change."""
        return _user(request).has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    @admin.action(description="Cancel", permissions=["steer"])
    def cancel_jobs(self, request: HttpRequest, jobs: QuerySet[AIJob]) -> None:
        self._steer(
            request, jobs, "cancelled", lambda job: services.cancel_job(user=_user(request), job_id=job.pk)
        )

    @admin.action(description="Retry", permissions=["steer"])
    def retry_jobs(self, request: HttpRequest, jobs: QuerySet[AIJob]) -> None:
        self._steer(
            request, jobs, "queued again", lambda job: services.retry_job(user=_user(request), job_id=job.pk)
        )

    @admin.action(description=f"Raise priority by {_PRIORITY_STEP}", permissions=["steer"])
    def raise_priority(self, request: HttpRequest, jobs: QuerySet[AIJob]) -> None:
        self._steer(
            request,
            jobs,
            "moved forward",
            lambda job: services.reprioritise_job(
                user=_user(request), job_id=job.pk, priority=min(MAX_PRIORITY, job.priority + _PRIORITY_STEP)
            ),
        )

    def _steer(
        self, request: HttpRequest, jobs: QuerySet[AIJob], done: str, steer: Callable[[AIJob], object]
    ) -> None:
        """One message: how many it worked for, and why not for the others."""
        worked = 0
        refusals: dict[str, int] = {}
        for job in jobs.select_related(None).only("pk", "priority"):
            try:
                steer(job)
                worked += 1
            except AppError as error:
                refusals[error.message] = refusals.get(error.message, 0) + 1
        said = f"{worked} {'job' if worked == 1 else 'jobs'} {done}."
        for reason, count in refusals.items():
            said += f" {count} not: {reason.rstrip('.')}."
        level = messages.SUCCESS if not refusals else messages.WARNING if worked else messages.ERROR
        self.message_user(request, said, level)

    # --- Which rows -----------------------------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[AIJob]:
        # Drawings are large: a list reads 80 characters of each request and nothing of the results.
        run_ends = Case(When(completed_at__isnull=False, then=F("completed_at")), default=Clock())
        return (
            AIJob.objects.all()
            .defer("request_data", "result_data")
            .annotate(
                beginning=Left(KeyTextTransform("instructions", "request_data"), _INSTRUCTIONS_SHOWN + 1),
                wait_time=_between(
                    "created_at",
                    Case(
                        When(started_at__isnull=False, then=F("started_at")),
                        When(completed_at__isnull=False, then=F("completed_at")),
                        default=Clock(),
                    ),
                ),
                run_time=Case(When(started_at__isnull=False, then=_between("started_at", run_ends))),
            )
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """An id or its beginning, or words that are all in the user's name, the instructions or the error."""
        digits = search_term.strip().replace("-", "").lower()
        if re.fullmatch(r"[0-9a-f]{8,32}", digits):
            first, last = uuid.UUID(digits.ljust(32, "0")), uuid.UUID(digits.ljust(32, "f"))
            by_id = queryset.filter(pk__gte=first, pk__lte=last)
            if by_id.exists():
                return by_id, False
        for word in search_term.split():
            queryset = queryset.annotate(
                searched=Func(
                    Value(" "),
                    F("user__username"),
                    F("user__email"),
                    KeyTextTransform("instructions", "request_data"),
                    F("error_message"),
                    F("error_code"),
                    function="concat_ws",
                    output_field=TextField(),
                )
            ).filter(searched__icontains=word)
        return queryset, False

    # --- Columns and fields ---------------------------------------------------------------------------------
    @admin.display(description="job", ordering="id")
    def short_id(self, job: AIJob) -> str:
        return str(job.pk)[:8]

    @admin.display(description="status", ordering="status")
    def status_badge(self, job: AIJob) -> SafeString:
        return _badge(job.status, _COLORS[Status(job.status)])

    @admin.display(description="canvas", ordering="canvas__title")
    def canvas_link(self, job: AIJob) -> SafeString | str:
        if job.canvas is None:
            return "–"  # a dash in a table cell
        return format_html('<a href="{}">{}</a>', _canvas_page(job.canvas), job.canvas.title)

    @admin.display(description="instructions")
    def instructions_beginning(self, job: AIJob) -> str:
        text = getattr(job, "beginning", None) or ""
        return text if len(text) <= _INSTRUCTIONS_SHOWN else f"{text[:_INSTRUCTIONS_SHOWN]}…"

    @admin.display(description="waited")
    def waited(self, job: AIJob) -> str:
        return _seconds(getattr(job, "wait_time", None))

    @admin.display(description="ran")
    def ran(self, job: AIJob) -> str:
        return _seconds(getattr(job, "run_time", None))

    @admin.display(description="instructions")
    def instructions(self, job: AIJob) -> SafeString:
        return _preformatted(str(job.request_data.get("instructions", "")))

    @admin.display(description="whole request")
    def whole_request(self, job: AIJob) -> SafeString:
        return _preformatted(json.dumps(job.request_data, indent=2, ensure_ascii=False))

    @admin.display(description="result")
    def result_summary(self, job: AIJob) -> str:
        result = job.result_data
        if not result:
            return "none"
        objects = result.get("objects", [])
        kinds: dict[str, int] = {}
        for item in objects:
            kind = str(item.get("object_type", "object"))
            kinds[kind] = kinds.get(kind, 0) + 1
        parts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        usage = ", ".join(f"{name} {value}" for name, value in (result.get("usage") or {}).items())
        lines = [str(result.get("title") or ""), str(result.get("message") or "")]
        lines += [f"{len(objects)} objects ({parts})" if objects else "no objects", usage]
        return " · ".join(line for line in lines if line)

    @admin.display(description="progress")
    def progress_now(self, job: AIJob) -> str:
        return f"{job.progress} % {job.progress_message}".strip()

    @admin.display(description="automatic retries")
    def retries(self, job: AIJob) -> str:
        return f"{job.retry_count} of {job.max_retries}"

    @admin.display(description="what happened")
    def timeline(self, job: AIJob) -> SafeString:
        events = job.events.select_related("actor").order_by("sequence")
        start: datetime = job.created_at
        rows = format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            (
                (
                    event.at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
                    f"+{_seconds(event.at - start)}",
                    event.kind,
                    event.attempt,
                    event.actor or (str(event.worker_id)[:8] if event.worker_id else ""),
                    event.message or (json.dumps(event.data) if event.data else ""),
                )
                for event in events
            ),
        )
        return format_html(
            "<table><thead><tr><th>at (UTC)</th><th>since the start</th><th>event</th><th>attempt</th>"
            "<th>by</th><th>details</th></tr></thead><tbody>{}</tbody></table>",
            rows,
        )


@admin.register(Worker)
class WorkerAdmin(ReadOnly):
    """The engines and their last sign of life."""

    icon = "memory"
    list_display = [
        "__str__",
        "life_badge",
        "heartbeat_age",
        "running",
        "slots",
        "loop_lag",
        "version",
        "started_at",
        "last_claim_at",
    ]
    ordering = ["-heartbeat_at"]
    list_per_page = 100
    show_full_result_count = False
    fields = [
        "id",
        "host",
        "pid",
        "life_badge",
        "heartbeat_age",
        "running",
        "slots",
        "draining",
        "loop_lag",
        "version",
        "started_at",
        "heartbeat_at",
        "last_claim_at",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Worker]:
        return Worker.objects.annotate(silence=ExpressionWrapper(Now() - F("heartbeat_at"), DurationField()))

    @admin.display(description="state")
    def life_badge(self, worker: Worker) -> SafeString:
        silence: timedelta | None = getattr(worker, "silence", None)
        if silence is None or silence >= STALE_AFTER:
            return _badge("gone", _COLORS[Status.FAILED])
        if worker.draining:
            return _badge("stopping", _COLORS[Status.QUEUED])
        return _badge("alive", _COLORS[Status.COMPLETED])

    @admin.display(description="last heartbeat", ordering="heartbeat_at")
    def heartbeat_age(self, worker: Worker) -> str:
        return f"{_seconds(getattr(worker, 'silence', None))} ago"

    @admin.display(description="loop lag", ordering="loop_lag_ms")
    def loop_lag(self, worker: Worker) -> str:
        return f"{worker.loop_lag_ms:.1f}\u00a0ms"


class PauseForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """What to pause, chosen from what there is."""

    job_type = forms.ChoiceField(
        label="What",
        required=False,
        choices=lambda: [("", "everything"), *((name, name) for name in sorted(settings.AI_JOBS_HANDLERS))],
        widget=UnfoldAdminSelectWidget,
        help_text="Jobs that run go on; new ones are taken and wait.",
    )

    class Meta:
        model = Pause
        fields = ["job_type", "reason"]


@admin.register(Pause)
class PauseAdmin(ReadOnly):
    """What is paused. Adding a row pauses, deleting it resumes."""

    icon = "pause_circle"
    form = PauseForm
    list_display = ["__str__", "reason", "paused_by", "paused_at"]
    list_select_related = ["paused_by"]

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return _user(request).has_perm("ai_jobs.view_aijob") or self.has_add_permission(request)

    def get_fields(self, request: HttpRequest, obj: object = None) -> Any:
        return ["job_type", "reason"] if obj is None else ["job_type", "reason", "paused_by", "paused_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _user(request).has_perm("ai_jobs.change_aijob")

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return self.has_add_permission(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        saved = services.pause_jobs(user=_user(request), job_type=obj.job_type, reason=obj.reason)
        obj.pk = saved.pk

    def delete_model(self, request: HttpRequest, obj: Pause) -> None:
        services.resume_jobs(user=_user(request), job_type=obj.job_type)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Pause]) -> None:
        for pause in queryset:
            self.delete_model(request, pause)


def _preformatted(text: str) -> SafeString:
    return format_html('<pre style="white-space:pre-wrap;margin:0">{}</pre>', text)


def _canvas_page(canvas: Canvas) -> str:
    return reverse("admin:canvases_canvas_change", args=[canvas.pk])
