"""An event's job is no longer checked at commit; docs/decisions/0013-events-without-a-foreign-key.md says why."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ai_jobs", "0009_operators_indexes")]

    operations = [
        # It needs both tables for itself, for a moment. Behind a long reader it would wait, and everybody else behind it:
        # claims, heartbeats, requests. It rather fails, and is run again.
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", "SET LOCAL lock_timeout = '2s'"),
        migrations.AlterField(
            model_name="aijobevent",
            name="job",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="events",
                to="ai_jobs.aijob",
            ),
        ),
    ]
