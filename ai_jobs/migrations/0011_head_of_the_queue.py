"""The indexes that show the head of the whole queue, made without stopping those who write meanwhile."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("ai_jobs", "0010_events_without_a_foreign_key")]

    operations = [
        AddIndexConcurrently(
            model_name="aijob",
            index=models.Index(
                F("priority") * -1,
                F("next_processing_at"),
                condition=models.Q(
                    ("completed_at__isnull", True), ("crash_count", 0), ("lease_token__isnull", True)
                ),
                name="aijob_ready_first",
            ),
        ),
        AddIndexConcurrently(
            model_name="aijob",
            index=models.Index(
                fields=["next_processing_at"],
                condition=models.Q(("priority__gte", -10), ("status", "queued")),
                name="aijob_waiting",
            ),
        ),
        RemoveIndexConcurrently(model_name="aijob", name="aijob_due"),
    ]
