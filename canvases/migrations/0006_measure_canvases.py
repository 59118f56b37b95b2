"""What canvases take so far; canvas by canvas, so that edits wait for one canvas at most."""

from typing import Any

from django.db import migrations

MEASURE = """
UPDATE canvases_canvas SET size_bytes = coalesce(
    (SELECT sum(octet_length(properties::text)) FROM canvases_canvasobject WHERE canvas_id = canvases_canvas.id), 0
) WHERE id = %s
"""


def measure(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM canvases_canvas")
        for (canvas_id,) in cursor.fetchall():
            cursor.execute(MEASURE, [canvas_id])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("canvases", "0005_tombstones_by_age")]

    operations = [migrations.RunPython(measure, migrations.RunPython.noop)]
