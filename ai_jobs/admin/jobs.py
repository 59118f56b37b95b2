"""The list of jobs and the page of one."""

import re
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.db.models import Case, DurationField, ExpressionWrapper, F, Func, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Left
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from ai_jobs import services
from ai_jobs.admin import live
from ai_jobs.admin.access import may, must, person
from ai_jobs.admin.acts import ACTS, PRIORITY_STEP, acts_for, said_of
from ai_jobs.admin.lists import (
    DayFilter,
    ErrorCodeFilter,
    JobTypeFilter,
    duration_text,
    label,
)
from ai_jobs.models import AIJob
from ai_jobs.rights import Right
from ai_jobs.story import story_of
from canvases.errors import CanvasNotFound, RoleTooLow
from collabcanvas.lib.admin import LimitedPaginator, ReadOnly
from collabcanvas.lib.errors import AppError

_INSTRUCTIONS_SHOWN = 80
# Words are looked for in so many of the newest jobs: reading the texts of a million would take seconds.
SEARCHED_JOBS = 20_000
_FOUND_LIMIT = 1_000
# One request may act on so many jobs: a service is called for each.
ACTED_ON = 500


class Clock(Func):
    """The database's clock at this moment."""

    function = "clock_timestamp"


def _between(start: str, end: Any) -> Combinable:
    return ExpressionWrapper(end - F(start), output_field=DurationField())


@admin.register(AIJob)
class AIJobAdmin(ReadOnly):
    """Reads rows, changes nothing but through the services, which fence, log and announce."""

    icon = "auto_awesome"
    list_display = [
        "short_id",
        "created",
        "job_type",
        "status_label",
        "user",
        "canvas_link",
        "instructions_beginning",
        "priority",
        "waited",
        "ran",
    ]
    list_display_links = ["short_id"]
    # Any other order would sort the whole table.
    sortable_by = ["created"]
    list_filter = [
        "status",
        JobTypeFilter,
        ErrorCodeFilter,
        ("user", AutocompleteSelectFilter),
        DayFilter,
        "created_at",
    ]
    list_filter_submit = True
    list_fullwidth = True
    search_fields = ["user__username"]
    search_help_text = (
        "A job's id or its beginning, a user name, an error code; or words of the instructions or the error, "
        f"in the newest {SEARCHED_JOBS:,} jobs"
    )
    ordering = ["-created_at"]
    list_per_page = 50
    list_max_show_all = 0
    list_select_related = ["user", "canvas"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = LimitedPaginator
    actions = ["cancel_jobs", "retry_jobs", "raise_priority", "delete_jobs"]
    fields = ["id"]

    # --- Pages ----------------------------------------------------------------------------------------------
    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("live/now/", view(live.live_now), name="ai_jobs_live_now"),
            path("live/window/<slug:name>/", view(live.live_window), name="ai_jobs_live_window"),
            path("live/job/<uuid:job_id>/", view(self.live_job), name="ai_jobs_live_job"),
            path("pause/", view(live.pause), name="ai_jobs_pause"),
            path("resume/", view(live.resume), name="ai_jobs_resume"),
            path("<uuid:job_id>/act/<slug:name>/", view(self.act), name="ai_jobs_act"),
            *super().get_urls(),
        ]

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        shown = super().get_changelist_instance(request)
        if not (shown.query or shown.has_active_filters):
            # There is nothing more to show than all: no link that says so.
            shown.full_result_count = shown.result_count
        return shown

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        job = self.get_object(request, object_id)
        if job is not None and self.has_view_permission(request, job):
            extra_context = {**(extra_context or {}), **self._page(request, job)}
        answer: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return answer

    def live_job(self, request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
        """The inside of a job's page, once more."""
        must(may(request, Right.VIEW))
        job = self.get_object(request, str(job_id))
        if job is None:
            raise Http404
        answer = render(request, "ai_jobs/job.html", self._page(request, job))
        answer["X-Live"] = "over" if job.is_over else "on"
        return answer

    def _page(self, request: HttpRequest, job: AIJob) -> dict[str, Any]:
        acts = [
            {
                "name": act.name,
                "label": act.label,
                "is_danger": act.is_danger,
                "address": reverse("admin:ai_jobs_act", args=[job.pk, act.name]),
            }
            for act in acts_for(person(request), job)
        ]
        return {"story": story_of(job), "acts": acts, "waited": self.waited(job), "ran": self.ran(job)}

    def act(self, request: HttpRequest, job_id: uuid.UUID, name: str) -> HttpResponse:
        """Asks; and after a POST, does it and says what came of it."""
        act = ACTS.get(name)
        job = self.get_object(request, str(job_id))
        if act is None or job is None:
            raise Http404
        must(may(request, Right.VIEW) and may(request, act.right))
        page = reverse("admin:ai_jobs_aijob_change", args=[job_id])
        if request.method != "POST":
            return self._ask(
                request,
                question=act.question,
                about=f"{job.job_type}, {job.status}, asked for by {job.user}. {act.about}",
                button=act.label,
                back=page,
                asks_force=act.asks_force,
            )
        try:
            outcome = act.run(person(request), job, "force" in request.POST)
        except (CanvasNotFound, RoleTooLow):
            messages.error(
                request, "Only people who may edit the canvas can do this. Ask its owner, or to be invited."
            )
        except AppError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, said_of(act, outcome))
            if name == "delete":
                page = live.jobs_page()
        return HttpResponseRedirect(page)

    def _ask(self, request: HttpRequest, **context: Any) -> TemplateResponse:
        return TemplateResponse(
            request,
            "ai_jobs/confirm.html",
            {
                **self.admin_site.each_context(request),
                "title": context["question"],
                "opts": self.opts,
                **context,
            },
        )

    # --- What may be done with many -------------------------------------------------------------------------
    def has_steer_permission(self, request: HttpRequest) -> bool:
        return may(request, Right.STEER)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return may(request, Right.DELETE)

    @admin.action(description="Cancel", permissions=["steer"])
    def cancel_jobs(self, request: HttpRequest, jobs: QuerySet[AIJob]) -> None:
        self._steer(
            request, jobs, "cancelled", lambda job: services.cancel_job(user=person(request), job_id=job.pk)
        )

    @admin.action(description="Retry", permissions=["steer"])
    def retry_jobs(self, request: HttpRequest, jobs: QuerySet[AIJob]) -> None:
        self._steer(
            request, jobs, "queued again", lambda job: services.retry_job(user=person(request), job_id=job.pk)
        )

    @admin.action(description=f"Raise priority by {PRIORITY_STEP}", permissions=["steer"])
    def raise_priority(self, request: HttpRequest, jobs: QuerySet[AIJob]) -> None:
        self._steer(
            request,
            jobs,
            "moved forward",
            lambda job: services.raise_priority(user=person(request), job_id=job.pk, step=PRIORITY_STEP),
        )

    @admin.action(description="Delete those that are over", permissions=["remove"])
    def delete_jobs(self, request: HttpRequest, jobs: QuerySet[AIJob]) -> HttpResponse | None:
        if "sure" not in request.POST:
            kept = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
            count = len(jobs.order_by().values_list("pk")[: ACTED_ON + 1])
            return self._ask(
                request,
                question=f"Delete {_jobs(min(count, ACTED_ON))} and their history?",
                about="Only those that are over go. What they drew stays. This cannot be taken back.",
                button="Delete",
                back=request.get_full_path(),
                hidden=[
                    *((name, value) for name, value in kept if name != "csrfmiddlewaretoken"),
                    ("sure", "1"),
                ],
            )
        self._steer(
            request, jobs, "deleted", lambda job: services.delete_job(user=person(request), job_id=job.pk)
        )
        return None

    def _steer(
        self, request: HttpRequest, jobs: QuerySet[AIJob], done: str, steer: Callable[[AIJob], object]
    ) -> None:
        """One message: how many it worked for, and why not for the others."""
        worked = 0
        refusals: Counter[str] = Counter()
        chosen = list(jobs.select_related(None).only("pk")[: ACTED_ON + 1])
        for job in chosen[:ACTED_ON]:
            try:
                steer(job)
                worked += 1
            except AppError as error:
                refusals[error.message] += 1
        said = f"{_jobs(worked)} {done}."
        for reason, count in refusals.items():
            said += f" {count} not: {reason.rstrip('.')}."
        if len(chosen) > ACTED_ON:
            said += f" That were the first {ACTED_ON:,}: repeat it for the others."
        level = messages.SUCCESS if not refusals else messages.WARNING if worked else messages.ERROR
        self.message_user(request, said, level)

    # --- Which rows -----------------------------------------------------------------------------------------
    def get_queryset(self, request: HttpRequest) -> QuerySet[AIJob]:
        # Drawings are large: a list reads 80 characters of each request and nothing of the results.
        run_ends = Case(When(completed_at__isnull=False, then=F("completed_at")), default=Clock())
        rows: QuerySet[AIJob] = AIJob.objects.defer("request_data", "result_data").annotate(
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
        return rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By id, person or error code in all jobs; otherwise by words in the newest of them."""
        term = search_term.strip()
        if not term:
            return queryset, False
        digits = term.replace("-", "").lower()
        if re.fullmatch(r"[0-9a-f]{8,32}", digits):
            first, last = uuid.UUID(digits.ljust(32, "0")), uuid.UUID(digits.ljust(32, "f"))
            by_id = queryset.filter(pk__gte=first, pk__lte=last)
            if by_id.exists():
                return by_id, False
        # NUL is in no text, and PostgreSQL refuses to compare with it.
        if "\0" in term:
            return queryset.none(), False
        person = User.objects.filter(username=term).first()
        if person is not None:
            return queryset.filter(user=person), False
        by_error = queryset.filter(error_code=term)
        if by_error.exists():
            return by_error, False
        newest = queryset.order_by("-created_at")
        oldest_searched = newest.values_list("created_at", flat=True)[SEARCHED_JOBS : SEARCHED_JOBS + 1]
        for edge in oldest_searched:
            newest = newest.filter(created_at__gt=edge)
        for word in term.split():
            newest = newest.annotate(
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
        # Looked up once: the list counts and reads what was found by its ids.
        return queryset.filter(pk__in=list(newest.values_list("pk", flat=True)[:_FOUND_LIMIT])), False

    # --- Columns --------------------------------------------------------------------------------------------
    @admin.display(description="job")
    def short_id(self, job: AIJob) -> str:
        return str(job.pk)[:8]

    @admin.display(description="status")
    def status_label(self, job: AIJob) -> SafeString:
        return label(job.status)

    @admin.display(description="canvas")
    def canvas_link(self, job: AIJob) -> SafeString | str:
        if job.canvas is None:
            return "–"  # a dash in a table cell
        page = reverse("admin:canvases_canvas_change", args=[job.canvas.pk])
        return format_html('<a href="{}">{}</a>', page, job.canvas.title)

    @admin.display(description="instructions")
    def instructions_beginning(self, job: AIJob) -> str:
        text = getattr(job, "beginning", None) or ""
        return text if len(text) <= _INSTRUCTIONS_SHOWN else f"{text[:_INSTRUCTIONS_SHOWN]}…"

    @admin.display(description="waited")
    def waited(self, job: AIJob) -> str:
        return duration_text(getattr(job, "wait_time", None))

    @admin.display(description="ran")
    def ran(self, job: AIJob) -> str:
        return duration_text(getattr(job, "run_time", None))

    @admin.display(description="asked for (UTC)", ordering="created_at")
    def created(self, job: AIJob) -> str:
        return f"{job.created_at:%Y-%m-%d %H:%M:%S}"


def _jobs(count: int) -> str:
    return f"{count} {'job' if count == 1 else 'jobs'}"
