"""AI jobs and their workers for operators: look at everything, steer through the services."""

import re
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import (
    Case,
    DurationField,
    ExpressionWrapper,
    F,
    Func,
    Max,
    Min,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Left, Now
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget

from ai_jobs import dashboard, services
from ai_jobs.changes import Reverted
from ai_jobs.health import STALE_AFTER
from ai_jobs.models import AIJob, Pause, TokenUse, Worker
from ai_jobs.requests import REQUESTS
from ai_jobs.states import LIVE, MAX_PRIORITY, Status
from ai_jobs.story import story_of
from canvases.errors import CanvasNotFound, RoleTooLow
from collabcanvas.lib.admin import ReadOnly
from collabcanvas.lib.errors import AppError

_COUNT_LIMIT = 10_000
_PRIORITY_STEP = 5
_INSTRUCTIONS_SHOWN = 80
_DAYS_SHOWN = 366
# Words are looked for in so many of the newest jobs: reading the texts of a million would take seconds.
SEARCHED_JOBS = 20_000
_FOUND_LIMIT = 1_000
# One request may act on so many jobs: a service is called for each.
ACTED_ON = 500


class LimitedPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable at run time
    """Counts exactly up to a limit and not beyond: on a long table counting would take seconds."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[AIJob]", self.object_list)
        return rows.order_by().values("pk")[:_COUNT_LIMIT].count()


class Clock(Func):
    """The database's clock at this moment."""

    function = "clock_timestamp"


def _label(text: str) -> SafeString:
    return format_html('<span class="ops-label ops-{}">{}</span>', text, text)


def _seconds(duration: timedelta | None) -> str:
    return dashboard.seconds_text(None if duration is None else duration.total_seconds())


def _between(start: str, end: Any) -> Combinable:
    return ExpressionWrapper(end - F(start), output_field=DurationField())


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def may_see(request: HttpRequest) -> bool:
    """Whether the person may look at jobs, and with them at the dashboard."""
    return _user(request).has_perm("ai_jobs.view_aijob") or may_steer(request)


def may_steer(request: HttpRequest) -> bool:
    """Looking needs the right to view, steering the right to change."""
    return _user(request).has_perm("ai_jobs.change_aijob")


# --- The dashboard ---
def dashboard_context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the admin's first page shows to those who may look at jobs; the others get the list of sections."""
    if not may_see(request):
        return context
    window = dashboard.WINDOWS.get(request.GET.get("window", ""), dashboard.WINDOWS["hour"])
    return {
        **context,
        "may_steer": may_steer(request),
        "jobs_page": _jobs_page(),
        "dashboard": {
            "now": dashboard.now_facts(jobs_page=_jobs_page()),
            "now_address": reverse("admin:ai_jobs_live_now"),
            "windows": list(dashboard.WINDOWS.values()),
            "window": dashboard.window_facts(window),
            "window_address": reverse("admin:ai_jobs_live_window", args=[window.name]),
        },
    }


def _live_now(request: HttpRequest) -> HttpResponse:
    _must(may_see(request))
    facts = dashboard.now_facts(jobs_page=_jobs_page())
    return render(request, "ai_jobs/dashboard/now.html", {"facts": facts, "may_steer": may_steer(request)})


def _live_window(request: HttpRequest, name: str) -> HttpResponse:
    _must(may_see(request))
    if name not in dashboard.WINDOWS:
        raise Http404
    facts = dashboard.window_facts(dashboard.WINDOWS[name])
    return render(request, "ai_jobs/dashboard/window.html", {"facts": facts, "jobs_page": _jobs_page()})


@require_POST
def _pause(request: HttpRequest) -> HttpResponse:
    _must(may_steer(request))
    job_type = request.POST.get("job_type", "")
    return _steered(
        request,
        lambda: services.pause_jobs(user=_user(request), job_type=job_type),
        f"Paused: {job_type or 'everything'}. What runs goes on.",
    )


@require_POST
def _resume(request: HttpRequest) -> HttpResponse:
    _must(may_steer(request))
    job_type = request.POST.get("job_type", "")
    return _steered(
        request,
        lambda: services.resume_jobs(user=_user(request), job_type=job_type),
        f"Goes on: {job_type or 'everything'}.",
    )


def _steered(request: HttpRequest, steer: Callable[[], object], done: str) -> HttpResponse:
    try:
        steer()
    except AppError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return HttpResponseRedirect(reverse("admin:index"))


def _must(is_allowed: bool) -> None:
    if not is_allowed:
        raise PermissionDenied


def _jobs_page() -> str:
    return reverse("admin:ai_jobs_aijob_changelist")


# --- What can be done with one job ---
@dataclass(frozen=True)
class Act:
    """Something that an operator may do with a job, after having been asked."""

    name: str
    label: str
    question: str
    about: str
    run: Callable[[User, AIJob, bool], object]
    # The rights beside that to look: to steer jobs, or to delete them.
    permission: str = "ai_jobs.change_aijob"
    asks_force: bool = False
    is_danger: bool = False


ACTS = {
    act.name: act
    for act in (
        Act(
            "cancel",
            "Cancel",
            "Cancel this job?",
            "It stops for good, and nothing more of it reaches the canvas.",
            lambda user, job, force: services.cancel_job(user=user, job_id=job.pk),
            is_danger=True,
        ),
        Act(
            "raise-priority",
            f"Raise priority by {_PRIORITY_STEP}",
            "Move this job forward?",
            "It is begun before the jobs with a lower priority.",
            lambda user, job, force: services.reprioritise_job(
                user=user, job_id=job.pk, priority=_raised(job.priority)
            ),
        ),
        Act(
            "retry",
            "Retry",
            "Queue this job again?",
            "It gets a fresh count of automatic retries.",
            lambda user, job, force: services.retry_job(user=user, job_id=job.pk),
        ),
        Act(
            "undo",
            "Undo",
            "Take back what this job changed?",
            "Objects that somebody has edited since stay as they are.",
            lambda user, job, force: services.undo_job(user=user, job_id=job.pk, force=force),
            asks_force=True,
        ),
        Act(
            "redo",
            "Redo",
            "Put back what the undo took away?",
            "Objects that somebody has edited since stay as they are.",
            lambda user, job, force: services.redo_job(user=user, job_id=job.pk, force=force),
            asks_force=True,
        ),
        Act(
            "delete",
            "Delete",
            "Delete this job and its history?",
            "What it drew stays on the canvas. This cannot be taken back.",
            lambda user, job, force: services.delete_job(user=user, job_id=job.pk),
            permission="ai_jobs.delete_aijob",
            is_danger=True,
        ),
    )
}


def _raised(priority: int) -> int:
    return min(MAX_PRIORITY, priority + _PRIORITY_STEP)


def _acts_for(user: User, job: AIJob) -> list[Act]:
    """What makes sense in the job's state and is allowed to the person; the services decide in the end."""
    names = []
    if job.status in LIVE:
        names.append("cancel")
    if job.status == Status.QUEUED and job.priority < MAX_PRIORITY:
        names.append("raise-priority")
    if job.status in {Status.FAILED, Status.CANCELLED}:
        names.append("retry")
    if job.status == Status.COMPLETED and job.canvas_id:
        names.append("redo" if job.undone_at else "undo")
    if job.is_over:
        names.append("delete")
    return [ACTS[name] for name in names if user.has_perm(ACTS[name].permission)]


def _done(act: Act, outcome: object) -> str:
    if isinstance(outcome, Reverted):
        left = (
            f" {len(outcome.conflicts)} were edited since and stay as they are." if outcome.conflicts else ""
        )
        return f"{act.label}: {len(outcome.changed)} objects changed.{left}"
    return f"{act.label}: done."


# --- Lists ---
class JobTypeFilter(admin.SimpleListFilter):
    """The known job types; asking the table for the types in it would read all of it."""

    title = "job type"
    parameter_name = "job_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(job_type, job_type) for job_type in REQUESTS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AIJob]) -> QuerySet[AIJob]:
        return queryset.filter(job_type=self.value()) if self.value() else queryset


class ErrorCodeFilter(admin.SimpleListFilter):
    """The error codes that occur."""

    title = "error code"
    parameter_name = "error_code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            # From one code to the next by the index: one probe for each, however many jobs have it.
            cursor.execute(
                """
                WITH RECURSIVE found(code) AS (
                    (SELECT error_code FROM ai_jobs_aijob WHERE error_code <> '' ORDER BY error_code LIMIT 1)
                    UNION ALL
                    SELECT (
                        SELECT error_code FROM ai_jobs_aijob
                        WHERE error_code <> '' AND error_code > found.code ORDER BY error_code LIMIT 1
                    ) FROM found WHERE found.code IS NOT NULL
                )
                SELECT code FROM found WHERE code IS NOT NULL LIMIT 100
                """
            )
            return [(code, code) for (code,) in cursor.fetchall()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AIJob]) -> QuerySet[AIJob]:
        return queryset.filter(error_code=self.value()) if self.value() else queryset


class DayFilter(DropdownFilter):
    """The days from the first job to the last: which of them have none, only reading all jobs could say."""

    title = "day (UTC)"
    parameter_name = "day"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        ends = AIJob.objects.order_by().aggregate(first=Min("created_at"), last=Max("created_at"))
        if ends["first"] is None:
            return []
        first, last = (ends[name].astimezone(UTC).date() for name in ("first", "last"))
        shown = min((last - first).days + 1, _DAYS_SHOWN)
        return [
            (day.isoformat(), f"{day:%Y-%m-%d, %A}") for day in (last - timedelta(n) for n in range(shown))
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AIJob]) -> QuerySet[AIJob]:
        if not self.value():
            return queryset
        try:
            start = datetime.strptime(str(self.value()), "%Y-%m-%d").replace(tzinfo=UTC)
            end = start + timedelta(days=1)
        except (ValueError, OverflowError):
            return queryset.none()
        return queryset.filter(created_at__gte=start, created_at__lt=end)


@admin.register(AIJob)
class AIJobAdmin(ReadOnly):
    """Reads rows, changes nothing but through the services, which fence, log and announce."""

    icon = "auto_awesome"
    list_display = [
        "short_id",
        "job_type",
        "status_label",
        "user",
        "canvas_link",
        "instructions_beginning",
        "priority",
        "waited",
        "ran",
        "attempt",
        "created",
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
            path("live/now/", view(_live_now), name="ai_jobs_live_now"),
            path("live/window/<slug:name>/", view(_live_window), name="ai_jobs_live_window"),
            path("live/job/<uuid:job_id>/", view(self.live_job), name="ai_jobs_live_job"),
            path("pause/", view(_pause), name="ai_jobs_pause"),
            path("resume/", view(_resume), name="ai_jobs_resume"),
            path("<uuid:job_id>/act/<slug:name>/", view(self.act), name="ai_jobs_act"),
            *super().get_urls(),
        ]

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
        _must(may_see(request))
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
            for act in _acts_for(_user(request), job)
        ]
        return {"story": story_of(job), "acts": acts, "waited": self.waited(job), "ran": self.ran(job)}

    def act(self, request: HttpRequest, job_id: uuid.UUID, name: str) -> HttpResponse:
        """Asks; and after a POST, does it and says what came of it."""
        act = ACTS.get(name)
        job = self.get_object(request, str(job_id))
        if act is None or job is None:
            raise Http404
        _must(may_see(request) and _user(request).has_perm(act.permission))
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
            outcome = act.run(_user(request), job, "force" in request.POST)
        except (CanvasNotFound, RoleTooLow):
            messages.error(
                request, "Only people who may edit the canvas can do this. Ask its owner, or to be invited."
            )
        except AppError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _done(act, outcome))
            if name == "delete":
                page = _jobs_page()
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
        return may_steer(request)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return _user(request).has_perm("ai_jobs.delete_aijob")

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
                user=_user(request), job_id=job.pk, priority=_raised(job.priority)
            ),
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
            request, jobs, "deleted", lambda job: services.delete_job(user=_user(request), job_id=job.pk)
        )
        return None

    def _steer(
        self, request: HttpRequest, jobs: QuerySet[AIJob], done: str, steer: Callable[[AIJob], object]
    ) -> None:
        """One message: how many it worked for, and why not for the others."""
        worked = 0
        refusals: Counter[str] = Counter()
        chosen = list(jobs.select_related(None).only("pk", "priority")[: ACTED_ON + 1])
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
        return _label(job.status)

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
        return _seconds(getattr(job, "wait_time", None))

    @admin.display(description="ran")
    def ran(self, job: AIJob) -> str:
        return _seconds(getattr(job, "run_time", None))

    @admin.display(description="asked for (UTC)", ordering="created_at")
    def created(self, job: AIJob) -> str:
        return f"{job.created_at:%Y-%m-%d %H:%M:%S}"


def _jobs(count: int) -> str:
    return f"{count} {'job' if count == 1 else 'jobs'}"


@admin.register(Worker)
class WorkerAdmin(ReadOnly):
    """The engines and their last sign of life."""

    icon = "memory"
    list_display = [
        "__str__",
        "state_label",
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
        "state_label",
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
    def state_label(self, worker: Worker) -> SafeString:
        silence: timedelta | None = getattr(worker, "silence", None)
        if silence is None or silence >= STALE_AFTER:
            return _label("gone")
        if worker.draining:
            return _label("stopping")
        return _label("alive")

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


@admin.register(TokenUse)
class TokenUseAdmin(ReadOnly):
    """What each person used of language models on each day."""

    icon = "toll"
    list_display = ["day", "user", "requests", "input_tokens", "output_tokens", "cost_usd"]
    list_display_links = None
    list_filter = ["day", ("user", AutocompleteSelectFilter)]
    list_filter_submit = True
    list_select_related = ["user"]
    search_fields = ["=user__username"]
    search_help_text = "A user name"
    ordering = ["-day", "user"]
    show_full_result_count = False
    paginator = LimitedPaginator
