from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("canvases", "0004_pruning_and_size")]

    operations = [
        AddIndexConcurrently(
            model_name="canvasobject",
            index=models.Index(
                condition=models.Q(("is_deleted", True)), fields=["updated_at"], name="tombstone_by_age"
            ),
        ),
    ]
