"""The engines that show themselves."""

from datetime import timedelta

from django.contrib import admin
from django.db.models import DurationField, ExpressionWrapper, F, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.safestring import SafeString

from ai_jobs.admin.lists import duration_text, label
from ai_jobs.models import Worker
from collabcanvas.lib.admin import ReadOnly


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
        return label("gone" if silence is None else worker.state_after(silence))

    @admin.display(description="last heartbeat", ordering="heartbeat_at")
    def heartbeat_age(self, worker: Worker) -> str:
        return f"{duration_text(getattr(worker, 'silence', None))} ago"

    @admin.display(description="loop lag", ordering="loop_lag_ms")
    def loop_lag(self, worker: Worker) -> str:
        return f"{worker.loop_lag_ms:.1f}\u00a0ms"
