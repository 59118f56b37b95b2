"""The kernel's one table."""

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
