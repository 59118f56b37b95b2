"""Pausing with a reason, and what is paused."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelectWidget

from ai_jobs import services
from ai_jobs.admin.access import may, person
from ai_jobs.models import Pause
from ai_jobs.rights import Right
from collabcanvas.lib.admin import ReadOnly


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
        return may(request, Right.VIEW)

    def get_fields(self, request: HttpRequest, obj: object = None) -> Any:
        return ["job_type", "reason"] if obj is None else ["job_type", "reason", "paused_by", "paused_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request, Right.STEER)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return self.has_add_permission(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        saved = services.pause_jobs(user=person(request), job_type=obj.job_type, reason=obj.reason)
        obj.pk = saved.pk

    def delete_model(self, request: HttpRequest, obj: Pause) -> None:
        services.resume_jobs(user=person(request), job_type=obj.job_type)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Pause]) -> None:
        for pause in queryset:
            self.delete_model(request, pause)
