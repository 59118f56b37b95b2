from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("canvases", "0003_snapshots_never_change")]

    operations = [
        migrations.AddField(
            model_name="canvas",
            name="pruned_seq",
            field=models.BigIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="canvas",
            name="size_bytes",
            field=models.BigIntegerField(db_default=0, default=0, editable=False),
        ),
    ]
