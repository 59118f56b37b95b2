"""Filled databases for the tests of backups: canvases with everything on them, and all that the tables hold."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core import serializers
from django.db import connection

from canvases import services
from canvases.models import Canvas, CanvasObject, Membership
from canvases.services import Actor, actor_of
from canvases.tests.factories import Cast, delete, edits, put
from collabcanvas.lib.one_at_a_time import Work

JOB = uuid.UUID("00000000-0000-4000-8000-000000000001")


def draw(cast: Cast, *raw: dict[str, Any]) -> None:
    services.apply_operations(canvas_id=cast.canvas.pk, operations=edits(*raw), actor=actor_of(cast.editor))


def fill(cast: Cast) -> list[Canvas]:
    """The cast's canvas with shapes, a tombstone, odd texts and numbers, and the work of a job; and two more."""
    draw(
        cast,
        put("a", x=0.1, y=-1e-7, width=1e6),
        put(
            "b",
            index="a1",
            customData={"text": 'Grüße 😀 \\u0000 "quoted"\n', "deep": {"n": [1, 2.5, None, True]}},
        ),
        put("gone", index="a2"),
        delete("gone"),
    )
    services.apply_operations(
        canvas_id=cast.canvas.pk,
        operations=edits(put("c", index="a3", type="ellipse")),
        actor=Actor(user_id=cast.owner.pk, name="Olga", job_id=JOB),
    )
    empty = services.create_canvas(owner=cast.editor, title="Nothing yet")
    other = services.create_canvas(owner=cast.viewer, title="Other")
    services.apply_operations(canvas_id=other.pk, operations=edits(put("a")), actor=actor_of(cast.viewer))
    return [cast.canvas, empty, other]


@contextmanager
def elsewhere(work: Work) -> Iterator[None]:
    """Another process does this work meanwhile."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [work])
            yield
            cursor.execute("SELECT pg_advisory_unlock(%s)", [work])
    finally:
        other.close()


def everything() -> list[dict[str, Any]]:
    """All rows of canvases, what is on them and who may touch them, without the numbers of rows.

    And without what canvases have counted to, which goes on somewhere else in one that is restored.
    """
    rows: list[dict[str, Any]] = []
    for model in (Canvas, CanvasObject, Membership):
        for row in serializers.serialize("python", model._default_manager.order_by("pk")):
            if model is Canvas:
                del row["fields"]["seq"], row["fields"]["pruned_seq"]
            else:
                del row["pk"]
            rows.append(row)
    return sorted(rows, key=repr)
