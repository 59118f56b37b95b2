"""The indexes of the operators' pages, built while jobs go on."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("ai_jobs", "0008_plan_cache")]

    operations = [
        AddIndexConcurrently(
            model_name="aijob",
            index=models.Index(
                fields=["completed_at"],
                name="aijob_ended",
                condition=models.Q(completed_at__isnull=False),
                include=["status", "job_type", "error_code"],
            ),
        ),
        AddIndexConcurrently(
            model_name="aijob",
            index=models.Index(
                fields=["status", "-created_at"],
                name="aijob_not_completed",
                condition=models.Q(status__in=["failed", "cancelled"]),
            ),
        ),
        AddIndexConcurrently(
            model_name="aijob",
            index=models.Index(
                fields=["error_code", "-created_at"],
                name="aijob_errors",
                condition=~models.Q(error_code=""),
            ),
        ),
        AddIndexConcurrently(
            model_name="tokenuse", index=models.Index(fields=["-day"], name="tokenuse_newest")
        ),
    ]
