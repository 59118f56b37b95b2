"""What Django's models cannot say: the sequence of lease tokens, and how PostgreSQL stores busy rows."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ai_jobs", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE ai_jobs_lease_token",
            "DROP SEQUENCE ai_jobs_lease_token",
        ),
        # Room in each page, so that heartbeats and progress rewrite a row beside itself and touch no index;
        # and a vacuum that keeps up with a table whose rows all change several times.
        migrations.RunSQL(
            """
            ALTER TABLE ai_jobs_aijob SET (
                fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02
            )
            """,
            """
            ALTER TABLE ai_jobs_aijob RESET (
                fillfactor, autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor
            )
            """,
        ),
    ]
