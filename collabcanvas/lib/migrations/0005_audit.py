"""What people did, in a table to which one can only add. The clean-up of old rows names itself to the trigger,
which lets nobody remove what is younger than a day.
"""

import django.db.models.functions.datetime
from django.db import migrations, models

PROTECT = """
CREATE FUNCTION kernel_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('collabcanvas.audit_retention', true) = 'on' AND OLD.at < now() - interval '1 day' THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'The audit is append-only: % refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON kernel_auditentry
FOR EACH ROW EXECUTE FUNCTION kernel_audit_is_append_only();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON kernel_auditentry
FOR EACH STATEMENT EXECUTE FUNCTION kernel_audit_is_append_only();
"""
UNPROTECT = """
DROP TRIGGER audit_is_append_only ON kernel_auditentry;
DROP TRIGGER audit_is_not_emptied ON kernel_auditentry;
DROP FUNCTION kernel_audit_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0004_throttles")]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("action", models.CharField(max_length=60)),
                ("target_type", models.CharField(blank=True, max_length=40)),
                ("target_id", models.CharField(blank=True, max_length=100)),
                ("actor_id", models.BigIntegerField(blank=True, null=True)),
                ("actor_name", models.CharField(blank=True, max_length=150)),
                ("channel", models.CharField(max_length=10)),
                ("address", models.CharField(blank=True, max_length=45)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("detail", models.JSONField(default=dict)),
            ],
            options={"verbose_name_plural": "audit entries", "ordering": ["-id"]},
        ),
        migrations.AddIndex("auditentry", models.Index(fields=["at"], name="audit_by_time")),
        migrations.AddIndex(
            "auditentry", models.Index(fields=["target_type", "target_id"], name="audit_by_target")
        ),
        migrations.AddIndex("auditentry", models.Index(fields=["actor_id", "at"], name="audit_by_actor")),
        migrations.AddIndex("auditentry", models.Index(fields=["action", "at"], name="audit_by_action")),
        migrations.AddIndex("auditentry", models.Index(fields=["request_id"], name="audit_by_request")),
        migrations.RunSQL(PROTECT, UNPROTECT),
    ]
