"""The kernel's tables: messages that do not fit a notification, and what all processes count together."""

from django.db import models
from django.db.models.functions import Now


class OversizedMessage(models.Model):
    """A published message too large for a notification, which then carries only this row's id.

    The table is unlogged (see its migration): after a crash of the database every client resyncs anyway.
    """

    payload = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"message {self.pk}"


class ThrottleState(models.Model):
    """How much is left in one bucket of `collabcanvas.lib.throttles`: `full_at` is when it is full again.

    Unlogged, like messages: a crash of the database fills all buckets, and counting never waits for a disk.
    """

    key = models.CharField(primary_key=True, max_length=200)
    full_at = models.DateTimeField()

    class Meta:
        db_table = "kernel_throttle"

    def __str__(self) -> str:
        return self.key


class SharedCount(models.Model):
    """What all processes together have counted of one sample since ever; see `collabcanvas.lib.metrics`."""

    metric = models.TextField()
    sample = models.TextField()
    # JSON with sorted names, so that equal labels are equal texts.
    labels = models.TextField()
    value = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_count_per_series", fields=["metric", "sample", "labels"])
        ]

    def __str__(self) -> str:
        return f"{self.sample}{self.labels}"


class AuditEntry(models.Model):
    """One act of a person; see `collabcanvas.lib.audit`. A trigger keeps rows from being changed.

    The actor is kept by id and name and not as a foreign key: the record outlives the account.
    """

    at = models.DateTimeField(db_default=Now(), editable=False)
    action = models.CharField(max_length=60)
    target_type = models.CharField(max_length=40, blank=True)
    target_id = models.CharField(max_length=100, blank=True)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(max_length=150, blank=True)
    channel = models.CharField(max_length=10)
    address = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["at"], name="audit_by_time"),
            models.Index(fields=["target_type", "target_id"], name="audit_by_target"),
            models.Index(fields=["actor_id", "at"], name="audit_by_actor"),
            models.Index(fields=["action", "at"], name="audit_by_action"),
            models.Index(fields=["request_id"], name="audit_by_request"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_type} {self.target_id}".strip()
