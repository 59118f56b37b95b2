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

    metric = models.CharField(max_length=100)
    sample = models.CharField(max_length=120)
    # JSON with sorted names, so that equal labels are equal texts.
    labels = models.CharField(max_length=500)
    value = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_count_per_series", fields=["metric", "sample", "labels"])
        ]

    def __str__(self) -> str:
        return f"{self.sample}{self.labels}"
