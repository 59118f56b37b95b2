"""Shapes of the job API, for input and for the OpenAPI document. Answers themselves are built by `ai_jobs.rows`."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from ai_jobs.canvas_history import ENTRY_ID, KINDS
from ai_jobs.health import QUEUE_COUNTED
from ai_jobs.requests import REQUESTS, WholeNumberField
from ai_jobs.services import MAX_BATCH
from ai_jobs.states import MAX_PRIORITY, MIN_PRIORITY, EventKind, Status


class QueueSerializer(serializers.Serializer[Any]):
    position = serializers.IntegerField(min_value=1)
    eta_seconds = serializers.FloatField(allow_null=True)
    waiting_reason = serializers.ChoiceField(
        choices=["behind_others", "user_limit", "retry_backoff", "rate_limited", "paused", "no_worker"]
    )


class UsageSerializer(serializers.Serializer[Any]):
    model = serializers.CharField()
    requests = serializers.IntegerField()
    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cost_usd = serializers.FloatField(allow_null=True)


class JobSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    user_id = serializers.IntegerField()
    user_name = serializers.CharField()
    canvas_id = serializers.UUIDField(allow_null=True)
    batch_id = serializers.UUIDField(allow_null=True)
    job_type = serializers.CharField()
    status = serializers.ChoiceField(choices=Status.values)
    priority = serializers.IntegerField()
    request_data = serializers.DictField()
    result_data = serializers.DictField(allow_null=True)
    error_message = serializers.CharField(allow_null=True)
    error_code = serializers.CharField(allow_null=True)
    retry_count = serializers.IntegerField()
    max_retries = serializers.IntegerField()
    attempt = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    next_processing_at = serializers.DateTimeField()
    cancel_requested_at = serializers.DateTimeField(allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)
    progress = serializers.IntegerField(min_value=0, max_value=100)
    progress_message = serializers.CharField()
    stage = serializers.CharField()
    objects_done = serializers.IntegerField()
    elapsed_seconds = serializers.FloatField(allow_null=True)
    revision = serializers.IntegerField()
    usage = UsageSerializer(allow_null=True)
    queue = QueueSerializer(allow_null=True)


class JobEventSerializer(serializers.Serializer[Any]):
    sequence = serializers.IntegerField()
    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=EventKind.values)
    attempt = serializers.IntegerField()
    worker_id = serializers.UUIDField(allow_null=True)
    actor_id = serializers.IntegerField(allow_null=True)
    message = serializers.CharField()
    data = serializers.DictField()  # type: ignore[assignment]  # a field of that name


@extend_schema_serializer(many=False)
class JobEventsSerializer(serializers.Serializer[Any]):
    results = JobEventSerializer(many=True)


@extend_schema_serializer(many=False)
class JobsSerializer(serializers.Serializer[Any]):
    results = JobSerializer(many=True)


class HistoryPersonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True, help_text="Empty when the account is gone.")

    class Meta:
        ref_name = "HistoryPerson"


class HistoryEntrySerializer(serializers.Serializer[Any]):
    id = serializers.RegexField(ENTRY_ID)
    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=KINDS)
    actor = HistoryPersonSerializer(allow_null=True)
    job_id = serializers.UUIDField(allow_null=True)
    detail = serializers.DictField()


@extend_schema_serializer(many=False)
class CanvasHistorySerializer(serializers.Serializer[Any]):
    results = HistoryEntrySerializer(many=True)
    next = serializers.URLField(allow_null=True)


class NewJobSerializer(serializers.Serializer[Any]):
    """`job_type` and that type's body beside it."""

    job_type = serializers.ChoiceField(choices=sorted(REQUESTS))
    instructions = serializers.CharField()
    canvas_id = serializers.UUIDField(required=False, allow_null=True)


class NewBatchSerializer(serializers.Serializer[Any]):
    """All of the jobs are taken, or none."""

    jobs = serializers.ListField(child=NewJobSerializer(), min_length=1, max_length=MAX_BATCH)


class BatchCountsSerializer(serializers.Serializer[Any]):
    queued = serializers.IntegerField()
    processing = serializers.IntegerField()
    completed = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()


class BatchSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    total = serializers.IntegerField()
    counts = BatchCountsSerializer()
    progress = serializers.IntegerField(min_value=0, max_value=100)
    is_over = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    jobs = JobSerializer(many=True)


class PrioritySerializer(serializers.Serializer[Any]):
    priority = WholeNumberField(min_value=MIN_PRIORITY, max_value=MAX_PRIORITY)


class RevertSerializer(serializers.Serializer[Any]):
    force = serializers.BooleanField(
        default=False,
        help_text="Also what somebody edited since, be it that an earlier undo or redo left it alone.",
    )


class RevertConflictSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField(help_text="Its words, empty when it has none.")
    error = serializers.CharField()


class RevertedSerializer(serializers.Serializer[Any]):
    job = JobSerializer()
    changed = serializers.ListField(child=serializers.CharField())
    conflicts = RevertConflictSerializer(many=True)


# --- The published clients' shapes ---
class StartedSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    job_id = serializers.UUIDField()
    message = serializers.CharField()
    status = serializers.CharField()


class JobAnswerSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    job = JobSerializer()


class ResultAnswerSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    result = serializers.DictField()


class DoneSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()


class JobListAnswerSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    jobs = JobSerializer(many=True)
    total = serializers.IntegerField()


class StatsSerializer(serializers.Serializer[Any]):
    total_jobs = serializers.IntegerField()
    queued_jobs = serializers.IntegerField()
    processing_jobs = serializers.IntegerField()
    completed_jobs = serializers.IntegerField()
    failed_jobs = serializers.IntegerField()
    cancelled_jobs = serializers.IntegerField()
    success_rate = serializers.FloatField()


class StatsAnswerSerializer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    stats = StatsSerializer()


class WorkerSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    version = serializers.CharField()
    slots = serializers.IntegerField()
    running = serializers.IntegerField()
    draining = serializers.BooleanField()
    loop_lag_ms = serializers.FloatField()
    heartbeat_age_seconds = serializers.FloatField()


class PausedSerializer(serializers.Serializer[Any]):
    everything = serializers.BooleanField()
    job_types = serializers.ListField(child=serializers.CharField())


class CanarySerializer(serializers.Serializer[Any]):
    interval_seconds = serializers.IntegerField(help_text="0: no canary is asked for.")
    age_seconds = serializers.FloatField(allow_null=True, help_text="How long ago the last one was done.")


class HealthSerializer(serializers.Serializer[Any]):
    status = serializers.CharField()
    database = serializers.CharField()
    job_processor = serializers.ChoiceField(choices=["running", "stopped"])
    timestamp = serializers.DateTimeField()
    workers = WorkerSerializer(many=True)
    queue_depth = serializers.IntegerField(help_text=f"At most {QUEUE_COUNTED}: so many or more.")
    oldest_ready_age_seconds = serializers.FloatField()
    paused = PausedSerializer()
    ai_jobs_enabled = serializers.BooleanField()
    canary = CanarySerializer()
    provider = serializers.CharField()
    version = serializers.CharField()
