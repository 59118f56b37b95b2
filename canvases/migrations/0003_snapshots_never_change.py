"""A snapshot is removed when its time is over, and never changed."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION canvases_snapshot_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a snapshot of a canvas is never changed' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER snapshot_never_changes BEFORE UPDATE ON canvases_canvassnapshot
    FOR EACH ROW EXECUTE FUNCTION canvases_snapshot_never_changes();
"""
BACKWARDS = """
DROP TRIGGER snapshot_never_changes ON canvases_canvassnapshot;
DROP FUNCTION canvases_snapshot_never_changes();
"""


class Migration(migrations.Migration):
    dependencies = [("canvases", "0002_snapshots")]

    operations = [migrations.RunSQL(sql=FORWARDS, reverse_sql=BACKWARDS)]
