from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("canvases", "0007_job_that_made_an_object"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="canvassnapshot",
            name="snapshot_has_a_known_reason",
        ),
        migrations.AlterField(
            model_name="canvassnapshot",
            name="reason",
            field=models.CharField(
                choices=[
                    ("scheduled", "Scheduled"),
                    ("before_restore", "Before a restore"),
                    ("before_deletion", "Before it was deleted"),
                    ("by_hand", "By hand"),
                ],
                max_length=20,
            ),
        ),
        AddConstraintNotValid(
            model_name="canvassnapshot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reason__in", ["scheduled", "before_restore", "before_deletion", "by_hand"])
                ),
                name="snapshot_has_a_known_reason",
            ),
        ),
    ]
