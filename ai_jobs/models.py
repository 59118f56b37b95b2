"""Jobs, their history, and the workers that run them: fields, constraints and indexes."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from ai_jobs.querysets import AIJobQuerySet
from ai_jobs.states import FINAL, MAX_PRIORITY, MIN_PRIORITY, EventKind, Status
from canvases.models import Canvas


class AIJob(models.Model):
    """One request by a person for AI work; the table is the queue.

    Only `ai_jobs.lifecycle` writes `status`. `lease_token` fences every write of a run: it is given by the
    claim, grows with every claim of any job, and is gone once the run is over. `revision` counts the changes
    of this row that clients can see.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="ai_jobs", db_index=False
    )
    canvas = models.ForeignKey(
        Canvas, on_delete=models.SET_NULL, null=True, blank=True, related_name="ai_jobs", db_index=False
    )
    job_type = models.CharField(max_length=50)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    priority = models.SmallIntegerField(default=0)
    request_data = models.JSONField()
    result_data = models.JSONField(null=True, blank=True)
    error_message = models.TextField(blank=True, default="", db_default="")
    error_code = models.CharField(max_length=50, blank=True, default="", db_default="")
    idempotency_key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001  # null: not unique

    batch_id = models.UUIDField(null=True, blank=True, editable=False)

    attempt = models.PositiveIntegerField(default=0, db_default=0)
    retry_count = models.PositiveIntegerField(default=0, db_default=0)
    max_retries = models.PositiveIntegerField()
    crash_count = models.PositiveIntegerField(default=0, db_default=0)
    lone_crash_count = models.PositiveIntegerField(default=0, db_default=0)

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    next_processing_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    stage = models.CharField(max_length=20, blank=True, default="", db_default="")
    progress = models.PositiveSmallIntegerField(default=0, db_default=0)
    progress_message = models.CharField(max_length=200, blank=True, default="", db_default="")
    objects_done = models.PositiveIntegerField(default=0, db_default=0)
    revision = models.PositiveBigIntegerField(default=1, db_default=1)

    # What all its runs together used of language models.
    model = models.CharField(max_length=200, blank=True, default="", db_default="")
    model_requests = models.PositiveIntegerField(default=0, db_default=0)
    input_tokens = models.PositiveBigIntegerField(default=0, db_default=0)
    output_tokens = models.PositiveBigIntegerField(default=0, db_default=0)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)

    lease_token = models.BigIntegerField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    worker_id = models.UUIDField(null=True, blank=True)

    objects = AIJobQuerySet.as_manager()

    class Meta:
        verbose_name = "AI job"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="processing_job_holds_a_lease",
                condition=Q(
                    status=Status.PROCESSING,
                    lease_token__isnull=False,
                    lease_expires_at__isnull=False,
                    worker_id__isnull=False,
                )
                | (~Q(status=Status.PROCESSING) & Q(lease_token__isnull=True, lease_expires_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="finished_job_has_an_end_time",
                condition=Q(status__in=sorted(FINAL), completed_at__isnull=False)
                | (~Q(status__in=sorted(FINAL)) & Q(completed_at__isnull=True)),
            ),
            models.CheckConstraint(name="job_status_is_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(
                name="job_priority_is_in_range",
                condition=Q(priority__gte=MIN_PRIORITY, priority__lte=MAX_PRIORITY),
            ),
            models.CheckConstraint(name="job_progress_is_a_percentage", condition=Q(progress__lte=100)),
            models.UniqueConstraint(
                name="one_job_per_idempotency_key",
                fields=["user", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
            ),
        ]
        indexes = [
            # The queue: jobs that were never in a crash, per user, best first; per user, oldest first; best of all;
            # and all that wait, oldest first. Claims are planned once, when little is known of the table, and an
            # index that fits a query only half would then be as likely as the right one. So the last two have
            # conditions that say the same in words of their own, and only the queries that mean them use these.
            models.Index(
                F("user"),
                F("priority").desc(),
                F("next_processing_at"),
                name="aijob_ready_best",
                condition=Q(status=Status.QUEUED, crash_count=0),
            ),
            models.Index(
                fields=["user", "next_processing_at"],
                name="aijob_ready_oldest",
                condition=Q(status=Status.QUEUED, crash_count=0),
            ),
            models.Index(
                F("priority") * -1,
                F("next_processing_at"),
                name="aijob_ready_first",
                condition=Q(lease_token__isnull=True, completed_at__isnull=True, crash_count=0),
            ),
            models.Index(
                fields=["next_processing_at"],
                name="aijob_waiting",
                condition=Q(status=Status.QUEUED, priority__gte=MIN_PRIORITY),
            ),
            models.Index(
                fields=["crash_count"],
                name="aijob_suspects",
                condition=Q(status=Status.QUEUED, crash_count__gt=0),
            ),
            models.Index(fields=["user"], name="aijob_processing", condition=Q(status=Status.PROCESSING)),
            models.Index(fields=["user", "status"], name="aijob_user_status"),
            models.Index(fields=["user", "-created_at"], name="aijob_user_newest"),
            models.Index(
                fields=["canvas", "-created_at"],
                name="aijob_canvas_newest",
                condition=Q(canvas__isnull=False),
            ),
            models.Index(fields=["-created_at"], name="aijob_newest"),
            models.Index(fields=["batch_id"], name="aijob_of_batch", condition=Q(batch_id__isnull=False)),
            # What operators look at (ai_jobs.dashboard, ai_jobs.admin). Partial: a job enters them once, at its end.
            models.Index(
                fields=["completed_at"],
                name="aijob_ended",
                condition=Q(completed_at__isnull=False),
                include=["status", "job_type", "error_code"],
            ),
            models.Index(
                fields=["status", "-created_at"],
                name="aijob_not_completed",
                condition=Q(status__in=[Status.FAILED, Status.CANCELLED]),
            ),
            models.Index(
                fields=["error_code", "-created_at"], name="aijob_errors", condition=~Q(error_code="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_type} {self.pk}"

    @property
    def is_over(self) -> bool:
        """Whether no engine will touch it again, unless a person retries it."""
        return self.status in FINAL


class AIJobEvent(models.Model):
    """One thing that happened to a job. `sequence` grows within the job: it is the job's revision at that moment."""

    # Written only by the statement that changes the job's row, so checking each one again at commit would cost a
    # fifth of the engine's throughput and find nothing; see docs/decisions/0013-events-without-a-foreign-key.md.
    job = models.ForeignKey(
        AIJob, on_delete=models.CASCADE, related_name="events", db_index=False, db_constraint=False
    )
    sequence = models.PositiveBigIntegerField()
    at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=20, choices=EventKind.choices)
    attempt = models.PositiveIntegerField(default=0)
    worker_id = models.UUIDField(null=True, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    message = models.TextField(blank=True, default="", db_default="")
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = "AI job event"
        ordering = ["job", "sequence"]
        constraints = [
            models.UniqueConstraint(name="event_has_its_place_in_the_job", fields=["job", "sequence"])
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.sequence})"


class TokenUse(models.Model):
    """What one person used of language models on one day (UTC). `cost_usd` counts what has a known price."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    day = models.DateField()
    requests = models.PositiveIntegerField()
    input_tokens = models.PositiveBigIntegerField()
    output_tokens = models.PositiveBigIntegerField()
    cost_usd = models.DecimalField(max_digits=14, decimal_places=6)

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(name="one_row_per_person_and_day", fields=["user", "day"])]
        indexes = [models.Index(fields=["-day"], name="tokenuse_newest")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"


class AIJobChange(models.Model):
    """One object that a job changed: its element before (None: there was none) and after (None: deleted).

    `version` and `version_nonce` are the object's as this job, its undo or its redo last left it: another pair on
    the canvas means that somebody edited since.
    """

    job = models.ForeignKey(AIJob, on_delete=models.CASCADE, related_name="changes", db_index=False)
    object_id = models.CharField(max_length=64)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    version = models.BigIntegerField()
    version_nonce = models.BigIntegerField()

    class Meta:
        verbose_name = "AI job change"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="one_change_per_job_and_object", fields=["job", "object_id"])
        ]

    def __str__(self) -> str:
        return f"{self.object_id} by {self.job_id}"


class CachedPlan(models.Model):
    """A plan that a model wrote; `key` is a digest of all that it depends on (see `ai_jobs.plan_cache`)."""

    key = models.CharField(primary_key=True, max_length=64)
    plan = models.JSONField()
    made_at = models.DateTimeField(db_default=Now(), db_index=True)

    def __str__(self) -> str:
        return self.key[:12]


class Worker(models.Model):
    """One engine and the last sign of life it wrote."""

    # Six missed heartbeats: whoever is silent for longer counts as gone.
    STALE_AFTER = timedelta(seconds=30)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    version = models.CharField(max_length=50)
    slots = models.PositiveIntegerField()
    running = models.PositiveIntegerField(default=0)
    loop_lag_ms = models.FloatField(default=0)
    draining = models.BooleanField(default=False)
    started_at = models.DateTimeField(db_default=Now())
    heartbeat_at = models.DateTimeField(db_default=Now(), db_index=True)
    last_claim_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["started_at"]

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"

    def state_after(self, silence: timedelta) -> str:
        """`alive`, `stopping` or `gone`, when its last sign of life is that long ago by the database's clock."""
        if silence >= self.STALE_AFTER:
            return "gone"
        return "stopping" if self.draining else "alive"


class Pause(models.Model):
    """Work that no engine begins for now: one job type, or everything where `job_type` is empty.

    Jobs that run when the pause begins go on; new ones are taken and wait.
    """

    job_type = models.CharField(max_length=50, blank=True, default="", unique=True)
    reason = models.CharField(max_length=200, blank=True, default="")
    paused_at = models.DateTimeField(db_default=Now(), editable=False)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["job_type"]

    def __str__(self) -> str:
        return self.job_type or "everything"


class RunTime(models.Model):
    """How long runs of a job type take: the median of the last ones, as an engine measured them."""

    job_type = models.CharField(primary_key=True, max_length=50)
    seconds = models.FloatField()
    runs = models.PositiveIntegerField()
    measured_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "ai_jobs_runtime"

    def __str__(self) -> str:
        return f"{self.job_type}: {self.seconds:.1f} s"


class Wave(models.Model):
    """One row: when those who wait were last told their places. Whoever moves it on tells them."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "ai_jobs_wave"
        constraints = [models.CheckConstraint(name="there_is_one_wave", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"{self.at}"
