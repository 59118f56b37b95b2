"""The index that shows the head of the whole queue, made without stopping those who write meanwhile."""

from django.contrib.postgres.operations import AddIndexConcurrently
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
                condition=models.Q(("crash_count", 0), ("status", "queued")),
                name="aijob_ready_first",
            ),
        ),
    ]
