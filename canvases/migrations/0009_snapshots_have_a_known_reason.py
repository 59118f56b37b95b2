from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("canvases", "0008_snapshots_before_deletion")]

    operations = [ValidateConstraint(model_name="canvassnapshot", name="snapshot_has_a_known_reason")]
