from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("canvases", "0006_measure_canvases")]

    operations = [
        migrations.AddField(
            model_name="canvasobject",
            name="created_by_job_id",
            field=models.UUIDField(null=True),
        ),
    ]
