"""A real worker changes a canvas on which people go on drawing meanwhile."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from ai_jobs import services
from ai_jobs.models import AIJob
from ai_jobs.planning.changes import carry_out
from ai_jobs.planning.edits import Delete, Edit, Move, Recolor
from ai_jobs.states import Status
from ai_jobs.tests.corpus_report import drawn
from canvases.elements.quality import find_problems
from canvases.elements.validate import parse_element
from canvases.models import Canvas, CanvasObject
from canvases.operations import DeleteObject, PutObject
from canvases.services import actor_of, apply_operations, create_canvas
from tests.engine.conftest import StartWorkers
from tests.worker_service import wait_until


def _apply(canvas: Canvas, user: User, elements, deleted=()) -> None:
    puts = [PutObject(parse_element(element)) for element in elements]
    deletes = [DeleteObject(name) for name in deleted]
    apply_operations(canvas_id=canvas.pk, operations=[*puts, *deletes], actor=actor_of(user))


@pytest.mark.django_db(transaction=True)
def test_human_edits_win_the_jobs_other_edits_apply_and_conflicts_are_listed(
    start_workers: StartWorkers, tmp_path: Path
) -> None:
    user = User.objects.create_user("ada")
    canvas = create_canvas(owner=user, title="Shop")
    base = drawn("Cart -> Pay -> Ship")
    _apply(canvas, user, base)
    boxes = {e["originalText"]: e["containerId"] for e in base if e["type"] == "text"}
    gate = tmp_path / "gate"
    gate.touch()
    start_workers(PROBE_GATE=str(gate))
    body = {"instructions": "make all boxes red", "canvas_id": str(canvas.pk)}
    job = services.submit_job(user=user, job_type="modify_canvas", body=body)
    wait_until(
        lambda: AIJob.objects.get(pk=job.pk).progress_message == "Waiting at the gate",
        what="the job has begun",
    )
    # One box is moved, one gets another colour, one is deleted, while the job holds the canvas as it was.
    edits: list[Edit] = [
        Move(targets=(boxes["Cart"],), dy=-300),
        Recolor(targets=(boxes["Pay"],), color="green"),
        Delete(targets=(boxes["Ship"],)),
    ]
    changes = carry_out(edits, base, job_id=canvas.pk, style="modern", color_scheme="default", updated_ms=1)
    _apply(canvas, user, changes.elements, changes.deleted_ids)
    by_people = dict(CanvasObject.objects.filter(canvas=canvas).values_list("object_id", "properties"))
    gate.unlink()
    wait_until(lambda: AIJob.objects.get(pk=job.pk).status == Status.COMPLETED, what="the job is completed")

    job.refresh_from_db()
    assert job.result_data is not None
    told = {(item["object_id"], item["what"]) for item in job.result_data["conflicts"]}
    assert told == {(boxes["Pay"], "colour"), (boxes["Ship"], "deleted")}
    assert "Somebody recoloured “Pay” meanwhile" in str(job.result_data["conflicts"])
    rows = {row.object_id: row for row in CanvasObject.objects.filter(canvas=canvas)}
    cart = rows[boxes["Cart"]].properties
    assert cart["y"] == by_people[boxes["Cart"]]["y"]
    assert cart["backgroundColor"] not in {
        by_people[boxes["Cart"]]["backgroundColor"],
        by_people[boxes["Pay"]]["backgroundColor"],
    }
    assert rows[boxes["Pay"]].properties == by_people[boxes["Pay"]]
    assert rows[boxes["Ship"]].is_deleted
    assert find_problems([row.properties for row in rows.values() if not row.is_deleted]) == []
    # And what the job did can be taken back by itself.
    services.undo_job(user=user, job_id=job.pk)
    undone = CanvasObject.objects.get(canvas=canvas, object_id=boxes["Cart"]).properties
    assert undone["backgroundColor"] == by_people[boxes["Cart"]]["backgroundColor"]
    assert undone["y"] == by_people[boxes["Cart"]]["y"]
