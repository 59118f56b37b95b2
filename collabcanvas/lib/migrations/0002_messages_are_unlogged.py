"""Messages in transit need not survive a crash of the database, so they are not written twice."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE kernel_oversizedmessage SET UNLOGGED",
            "ALTER TABLE kernel_oversizedmessage SET LOGGED",
        ),
    ]
