"""What the lists are made of: cells, and filters that do not read the whole table."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Max, Min, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import DropdownFilter

from ai_jobs.models import AIJob
from ai_jobs.requests import REQUESTS
from collabcanvas.lib.admin import values_by_index
from collabcanvas.lib.wording import seconds_text

_DAYS_SHOWN = 366


def label(text: str) -> SafeString:
    return format_html('<span class="ops-label ops-{}">{}</span>', text, text)


def duration_text(duration: timedelta | None) -> str:
    return seconds_text(None if duration is None else duration.total_seconds())


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
        return [(code, code) for code in values_by_index(AIJob, "error_code")]

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
