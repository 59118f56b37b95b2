"""Buckets of the throttles: unlogged, and with room in each page, because their rows change all the time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_shared_counts")]

    operations = [
        migrations.CreateModel(
            name="ThrottleState",
            fields=[
                ("key", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("full_at", models.DateTimeField()),
            ],
            options={"db_table": "kernel_throttle"},
        ),
        migrations.RunSQL(
            "ALTER TABLE kernel_throttle SET UNLOGGED; ALTER TABLE kernel_throttle SET (fillfactor = 50)",
            migrations.RunSQL.noop,
        ),
    ]
