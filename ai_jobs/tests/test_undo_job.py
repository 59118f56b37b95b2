"""Taking back what a job drew, and putting it back in place."""

import secrets
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from django.test import Client

from ai_jobs import runner, services
from ai_jobs.errors import JobCannotBeRedone, JobCannotBeUndone, JobNotFound
from ai_jobs.handlers.base import Drawing
from ai_jobs.models import AIJob
from ai_jobs.states import EventKind
from ai_jobs.tests import factories as make
from canvases import services as canvas_services
from canvases.access import get_canvas
from canvases.elements.validate import parse_element
from canvases.events import actor_of
from canvases.models import Canvas, CanvasObject
from canvases.operations import PutObject
from canvases.roles import Role
from collabcanvas.lib.errors import Forbidden
from tests.worker_service import wait_until

pytestmark = pytest.mark.django_db


def _box(object_id: str, **changes) -> dict[str, Any]:
    return {
        "id": object_id, "type": "rectangle", "x": 0, "y": 0, "width": 160, "height": 80, "angle": 0,
        "strokeColor": "#1e1e1e", "backgroundColor": "#a5d8ff", "fillStyle": "solid", "strokeWidth": 2,
        "strokeStyle": "solid", "roughness": 1, "opacity": 100, "groupIds": [], "frameId": None,
        "roundness": {"type": 3}, "seed": 1, "version": 1, "versionNonce": 7, "index": None, "isDeleted": False,
        "boundElements": [], "updated": 1767323045678, "link": None, "locked": False,
    } | changes  # fmt: skip


def _label(object_id: str, container: str) -> dict[str, Any]:
    return _box(
        object_id, type="text", containerId=container, text="Pay", originalText="Pay", fontSize=20, fontFamily=6,
        textAlign="center", verticalAlign="middle", lineHeight=1.25, autoResize=True,
    )  # fmt: skip


def _put(canvas: Canvas, user, element: dict[str, Any]) -> None:
    canvas_services.edit(
        user=user, canvas_id=canvas.pk, operations=[PutObject(parse_element(element))],
        actor=actor_of(user, client_id=None),
    )  # fmt: skip


def _edit_by_hand(canvas: Canvas, user, object_id: str, **changes) -> None:
    row = CanvasObject.objects.get(canvas=canvas, object_id=object_id)
    stamp = {"version": row.version + 1, "versionNonce": secrets.randbelow(2**31)}
    _put(canvas, user, {**row.properties, **stamp, **changes})


def _live(canvas: Canvas) -> dict[str, str]:
    rows = CanvasObject.objects.filter(canvas=canvas, is_deleted=False)
    return {row.object_id: row.properties["backgroundColor"] for row in rows}


@pytest.fixture
def drawn():
    """A job of an owner that added a box with a label, recoloured one box and deleted another."""
    owner, editor, viewer, stranger = (make.make_user() for _ in range(4))
    canvas = make.make_canvas(owner, editors=(editor,), viewers=(viewer,))
    _put(canvas, owner, _box("old", backgroundColor="#ffffff"))
    _put(canvas, owner, _box("gone", backgroundColor="#eeeeee"))
    job = make.submit(owner, canvas=canvas)
    claimed = make.claim_one(job)
    drawing = Drawing(
        title="", message="Done.", usage={}, deleted_ids=("gone",),
        elements=(
            _box("new", boundElements=[{"id": "label", "type": "text"}]), _label("label", "new"),
            _box("old", backgroundColor="#ff0000", version=2),
        ),
    )  # fmt: skip
    runner.record(claimed, drawing, uuid.uuid4())
    return owner, editor, viewer, stranger, canvas, job


BEFORE = {"old": "#ffffff", "gone": "#eeeeee"}
AFTER = {"old": "#ff0000", "new": "#a5d8ff", "label": "#a5d8ff"}


def test_undo_restores_what_was_there_and_redo_what_the_job_made(drawn):
    owner, _, _, _, canvas, job = drawn
    assert _live(canvas) == AFTER

    undone = services.undo_job(user=owner, job_id=job.pk)
    assert (sorted(undone.changed), undone.conflicts) == (["gone", "label", "new", "old"], [])
    assert _live(canvas) == BEFORE

    redone = services.redo_job(user=owner, job_id=job.pk)
    assert redone.conflicts == []
    assert _live(canvas) == AFTER

    services.undo_job(user=owner, job_id=job.pk)
    assert _live(canvas) == BEFORE
    kinds = list(AIJob.objects.get(pk=job.pk).events.values_list("kind", flat=True))
    assert kinds[-3:] == [EventKind.UNDONE, EventKind.REDONE, EventKind.UNDONE]


def test_undo_brings_back_what_was_deleted_so_long_ago_that_its_tombstone_is_gone(drawn):
    owner, _, _, _, canvas, job = drawn
    CanvasObject.objects.filter(canvas=canvas).update(updated_at=F("updated_at") - timedelta(days=31))
    assert canvas_services.prune_tombstones(days=30) == 1

    undone = services.undo_job(user=owner, job_id=job.pk)

    assert undone.conflicts == []
    assert _live(canvas) == BEFORE
    services.redo_job(user=owner, job_id=job.pk)
    assert _live(canvas) == AFTER


def test_undo_leaves_alone_what_somebody_edited_since_and_says_so(drawn):
    owner, editor, _, _, canvas, job = drawn
    _edit_by_hand(canvas, editor, "old", x=500)

    undone = services.undo_job(user=owner, job_id=job.pk)
    assert [conflict["id"] for conflict in undone.conflicts] == ["old"]
    assert "Somebody changed this since" in undone.conflicts[0]["error"]
    assert _live(canvas) == {"old": "#ff0000", "gone": "#eeeeee"}


def test_undo_writes_down_only_what_it_took_back(drawn):
    """Of thousands of objects that were left alone none is written again, while others wait for the canvas."""
    owner, editor, _, _, canvas, job = drawn
    _edit_by_hand(canvas, editor, "old", x=500)

    def places() -> dict[str, str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT object_id, ctid FROM ai_jobs_aijobchange WHERE job_id = %s", [job.pk])
            return dict(cursor.fetchall())

    before = places()
    undone = services.undo_job(user=owner, job_id=job.pk)
    assert {name for name, place in places().items() if place != before[name]} == {*undone.changed}
    assert services.redo_job(user=owner, job_id=job.pk).changed == undone.changed


def test_a_job_of_which_nothing_could_be_taken_back_stays_in_place(drawn):
    owner, editor, _, _, canvas, job = drawn
    _edit_by_hand(canvas, editor, "old", x=500)
    _edit_by_hand(canvas, editor, "label", originalText="Pay now")
    _edit_by_hand(canvas, editor, "gone", isDeleted=False, backgroundColor="#123456")
    client = Client()
    client.force_login(owner)

    def post(what: str, **body) -> dict[str, Any]:
        answer = client.post(f"/api/jobs/{job.pk}/{what}", body, content_type="application/json")
        return dict(answer.json())

    answer = post("undo")
    assert (answer["changed"], answer["job"]["undone_at"]) == ([], None)
    assert {item["id"]: item["name"] for item in answer["conflicts"]} == {
        "old": "", "gone": "", "new": "Pay now", "label": "Pay now"
    }  # fmt: skip
    assert EventKind.UNDONE not in job.events.values_list("kind", flat=True)

    assert post("undo", force=True)["job"]["undone_at"] is not None
    assert _live(canvas) == BEFORE


def test_what_a_person_took_back_and_did_again_is_as_the_job_left_it(drawn):
    owner, editor, _, _, canvas, job = drawn
    _edit_by_hand(canvas, editor, "old", backgroundColor="#ffffff")
    _edit_by_hand(canvas, editor, "old", backgroundColor="#ff0000", seed=5)
    _edit_by_hand(canvas, editor, "new", isDeleted=True)
    _edit_by_hand(canvas, editor, "new", isDeleted=False)
    _edit_by_hand(canvas, editor, "label", x=3, width=38)

    undone = services.undo_job(user=owner, job_id=job.pk)
    assert undone.conflicts == []
    assert _live(canvas) == BEFORE
    _edit_by_hand(canvas, editor, "old", link="https://example.org")
    redone = services.redo_job(user=owner, job_id=job.pk)
    assert [conflict["id"] for conflict in redone.conflicts] == ["old"]


def test_what_a_person_took_back_by_hand_is_taken_back_without_a_word(drawn):
    owner, editor, _, _, canvas, job = drawn
    for name in ("new", "label"):
        _edit_by_hand(canvas, editor, name, isDeleted=True)
    _edit_by_hand(canvas, editor, "old", backgroundColor="#ffffff")
    _edit_by_hand(canvas, editor, "gone", isDeleted=False)

    undone = services.undo_job(user=owner, job_id=job.pk)
    assert (undone.conflicts, _live(canvas)) == ([], BEFORE)
    assert AIJob.objects.get(pk=job.pk).undone_at is not None

    for name in ("new", "label"):
        _edit_by_hand(canvas, editor, name, isDeleted=False)
    _edit_by_hand(canvas, editor, "old", backgroundColor="#ff0000")
    _edit_by_hand(canvas, editor, "gone", isDeleted=True)
    redone = services.redo_job(user=owner, job_id=job.pk)
    assert (redone.conflicts, _live(canvas)) == ([], AFTER)
    assert AIJob.objects.get(pk=job.pk).undone_at is None


def test_only_what_was_edited_is_named_where_the_rest_was_taken_back_by_hand(drawn):
    owner, editor, _, _, canvas, job = drawn
    _edit_by_hand(canvas, editor, "label", isDeleted=True)
    _edit_by_hand(canvas, editor, "new", x=500)

    undone = services.undo_job(user=owner, job_id=job.pk)
    assert [conflict["id"] for conflict in undone.conflicts] == ["new"]
    assert set(_live(canvas)) == {"old", "gone", "new"}


def _arrow(object_id: str, start: str, end: str, **changes) -> dict[str, Any]:
    return _box(
        object_id, type="arrow", width=100, height=0, points=[[0, 0], [100, 0]], elbowed=False,
        startBinding={"elementId": start, "focus": 0, "gap": 1}, endBinding={"elementId": end, "focus": 0, "gap": 1},
        startArrowhead=None, endArrowhead="arrow", lastCommittedPoint=None, **changes,
    )  # fmt: skip


# Where its boxes are moved, an arrow follows.
FOLLOWS = {"x": 40, "y": 7, "width": 60, "points": [[0, 0], [60, 90]]}


@pytest.fixture
def chained(drawn):
    """A → B → C, drawn by a job; words stand on the first arrow. ben has dragged B, and the arrows followed."""
    owner, editor, _, _, canvas, _ = drawn
    boxes = [
        _box(name, boundElements=[{"id": arrow, "type": "arrow"} for arrow in arrows])
        for name, arrows in (("A", ["AB"]), ("B", ["AB", "BC"]), ("C", ["BC"]))
    ]
    arrows = (
        _arrow("AB", "A", "B") | {"boundElements": [{"id": "yes", "type": "text"}]},
        _arrow("BC", "B", "C"),
    )
    drawing = Drawing(
        title="", message="Done.", usage={}, deleted_ids=(), elements=(*boxes, *arrows, _label("yes", "AB"))
    )
    job = make.submit(owner, canvas=canvas)
    runner.record(make.claim_one(job), drawing, uuid.uuid4())
    _edit_by_hand(canvas, editor, "B", x=500)
    for name in ("AB", "BC"):
        _edit_by_hand(canvas, editor, name, **FOLLOWS)
    _edit_by_hand(canvas, editor, "yes", x=70)
    return owner, editor, canvas, job


def test_an_arrow_goes_with_its_end_although_the_other_end_was_moved_and_stays(chained):
    owner, _, canvas, job = chained
    undone = services.undo_job(user=owner, job_id=job.pk)
    assert [conflict["id"] for conflict in undone.conflicts] == ["B"]
    assert set(_live(canvas)) == {*AFTER, "B"}


@pytest.mark.parametrize(
    ("part", "change"), [("AB", {"strokeColor": "#ff0000"}), ("yes", {"originalText": "No"})]
)
def test_an_arrow_that_a_person_edited_itself_stays_and_is_told(chained, part, change):
    owner, editor, canvas, job = chained
    _edit_by_hand(canvas, editor, part, **change)
    undone = services.undo_job(user=owner, job_id=job.pk)
    assert {conflict["id"] for conflict in undone.conflicts} == {"B", "AB", "yes"}
    assert set(_live(canvas)) == {*AFTER, "B", "AB", "yes"}


def test_an_arrow_between_two_boxes_that_stay_stays(chained):
    owner, editor, canvas, job = chained
    _edit_by_hand(canvas, editor, "A", x=-500)
    services.undo_job(user=owner, job_id=job.pk)
    assert set(_live(canvas)) == {*AFTER, "A", "B", "AB", "yes"}


def test_an_arrow_that_a_job_deleted_goes_again_with_its_end_when_the_job_is_redone(chained):
    owner, editor, canvas, _ = chained
    names = ("A", "B", "AB", "yes")
    job = make.submit(owner, canvas=canvas)
    drawing = Drawing(title="", message="Done.", usage={}, deleted_ids=names, elements=())
    runner.record(make.claim_one(job), drawing, uuid.uuid4())
    services.undo_job(user=owner, job_id=job.pk)
    _edit_by_hand(canvas, editor, "B", x=900)
    _edit_by_hand(canvas, editor, "AB", x=44, width=300, points=[[0, 0], [300, 9]])

    redone = services.redo_job(user=owner, job_id=job.pk)
    assert [conflict["id"] for conflict in redone.conflicts] == ["B"]
    assert set(_live(canvas)) == {*AFTER, "B", "BC", "C"}


def test_an_arrow_that_a_person_added_since_keeps_its_box(drawn):
    owner, editor, _, _, canvas, job = drawn
    _edit_by_hand(canvas, editor, "old", boundElements=[{"id": "arrow", "type": "arrow"}])
    assert [conflict["id"] for conflict in services.undo_job(user=owner, job_id=job.pk).conflicts] == ["old"]


def test_a_shape_stays_with_its_label_when_one_of_them_was_edited(drawn):
    owner, editor, _, _, canvas, job = drawn
    _edit_by_hand(canvas, editor, "label", text="Pay now", originalText="Pay now")

    undone = services.undo_job(user=owner, job_id=job.pk)
    assert {conflict["id"] for conflict in undone.conflicts} == {"new", "label"}
    assert set(_live(canvas)) == {"old", "gone", "new", "label"}


def test_force_takes_edited_objects_along(drawn):
    owner, editor, _, _, canvas, job = drawn
    _edit_by_hand(canvas, editor, "old", x=500)
    assert services.undo_job(user=owner, job_id=job.pk, force=True).conflicts == []
    assert _live(canvas) == BEFORE


@pytest.mark.parametrize(
    ("version", "conflicts"),
    [(2**52, []), (2**53 - 1, ["version: the number is too large."])],
)
def test_an_object_that_was_changed_as_often_as_can_be_is_taken_along_or_told(drawn, version, conflicts):
    owner, _, _, _, canvas, job = drawn
    CanvasObject.objects.filter(canvas=canvas, object_id="old").update(version=version)

    undone = services.undo_job(user=owner, job_id=job.pk, force=True)

    assert [conflict["error"] for conflict in undone.conflicts] == conflicts
    assert ("old" in undone.changed) is not bool(conflicts)
    assert "new" in undone.changed


def test_force_takes_along_later_what_an_undo_or_redo_left_alone(drawn):
    owner, editor, _, _, canvas, job = drawn
    with pytest.raises(JobCannotBeRedone):
        services.redo_job(user=owner, job_id=job.pk, force=True)
    _edit_by_hand(canvas, editor, "label", originalText="Pay now")
    services.undo_job(user=owner, job_id=job.pk)
    assert _live(canvas) == BEFORE | {"new": AFTER["new"], "label": AFTER["label"]}
    old = CanvasObject.objects.get(canvas=canvas, object_id="old").version

    assert sorted(services.undo_job(user=owner, job_id=job.pk, force=True).changed) == ["label", "new"]
    assert _live(canvas) == BEFORE
    assert CanvasObject.objects.get(canvas=canvas, object_id="old").version == old
    assert services.undo_job(user=owner, job_id=job.pk, force=True).changed == []

    _edit_by_hand(canvas, editor, "old", backgroundColor="#00ff00")
    services.redo_job(user=owner, job_id=job.pk)
    assert _live(canvas) == AFTER | {"old": "#00ff00"}
    assert services.redo_job(user=owner, job_id=job.pk, force=True).changed == ["old"]
    assert _live(canvas) == AFTER


def test_a_label_is_taken_back_with_its_box_although_its_words_are_the_same(drawn):
    owner, editor, _, _, canvas, _ = drawn
    _put(canvas, owner, _box("home", boundElements=[{"id": "words", "type": "text"}]))
    _put(canvas, owner, _label("words", "home"))
    rows = {row.object_id: row.properties for row in CanvasObject.objects.filter(canvas=canvas)}
    job = make.submit(owner, canvas=canvas)
    moved = tuple(
        {**rows[name], "x": 900, "version": rows[name]["version"] + 1} for name in ("home", "words")
    )
    drawing = Drawing(title="", message="Done.", usage={}, deleted_ids=(), elements=moved)
    runner.record(make.claim_one(job), drawing, uuid.uuid4())
    _edit_by_hand(canvas, editor, "home", backgroundColor="#00ff00")
    assert services.undo_job(user=owner, job_id=job.pk).changed == []

    services.undo_job(user=owner, job_id=job.pk, force=True)

    places = {row.object_id: row.properties["x"] for row in CanvasObject.objects.filter(canvas=canvas)}
    assert (places["home"], places["words"]) == (0, 0)


def test_any_editor_may_undo_but_no_viewer_and_no_stranger(drawn):
    _, editor, viewer, stranger, canvas, job = drawn
    with pytest.raises(JobNotFound):
        services.undo_job(user=stranger, job_id=job.pk)
    with pytest.raises(Forbidden):
        services.undo_job(user=viewer, job_id=job.pk)
    assert _live(canvas) == AFTER
    services.undo_job(user=editor, job_id=job.pk)
    assert AIJob.objects.get(pk=job.pk).undone_by == editor


@pytest.mark.django_db(transaction=True)
def test_a_job_that_is_deleted_while_its_undo_waits_for_the_canvas_is_not_found(drawn):
    owner, _, _, _, canvas, job = drawn

    def undo() -> None:
        try:
            services.undo_job(user=owner, job_id=job.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as beside:
        with transaction.atomic():
            get_canvas(user=owner, canvas_id=canvas.pk, role=Role.EDITOR, lock=True)
            undone = beside.submit(undo)
            wait_until(_somebody_waits_for_a_lock, what="the undo waits for the canvas")
            services.delete_job(user=owner, job_id=job.pk)
        with pytest.raises(JobNotFound):
            undone.result()


def _somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def test_only_what_is_in_place_can_be_undone_and_only_what_was_undone_redone(drawn):
    owner, _, _, _, canvas, job = drawn
    with pytest.raises(JobCannotBeRedone):
        services.redo_job(user=owner, job_id=job.pk)
    services.undo_job(user=owner, job_id=job.pk)
    with pytest.raises(JobCannotBeUndone):
        services.undo_job(user=owner, job_id=job.pk)
    waiting = make.submit(owner, canvas=canvas)
    with pytest.raises(JobCannotBeUndone):
        services.undo_job(user=owner, job_id=waiting.pk)


def test_undo_over_rest_answers_with_the_job_and_the_conflicts(drawn):
    owner, _, _, _, canvas, job = drawn
    client = Client()
    client.force_login(owner)
    answer = client.post(f"/api/jobs/{job.pk}/undo", {}, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["job"]["undone_at"] is not None
    assert answer.json()["conflicts"] == []
    assert _live(canvas) == BEFORE
    again = client.post(f"/api/jobs/{job.pk}/undo", {}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "job_cannot_be_undone")


@pytest.mark.filterwarnings("ignore:In Typer, only the parameter 'autocompletion':DeprecationWarning")
def test_undo_and_redo_from_the_command_line(drawn, capsys):
    owner, _, _, _, canvas, job = drawn
    call_command("aijobs", "undo", str(job.pk), "--user", owner.username)
    assert "4 objects were taken back" in capsys.readouterr().out
    assert _live(canvas) == BEFORE
    call_command("aijobs", "redo", str(job.pk), "--user", owner.username)
    assert _live(canvas) == AFTER


@pytest.mark.filterwarnings("ignore:In Typer, only the parameter 'autocompletion':DeprecationWarning")
def test_force_on_the_command_line_takes_edited_objects_along(drawn, capsys):
    owner, editor, _, _, canvas, job = drawn
    command = str(job.pk), "--user", owner.username
    _edit_by_hand(canvas, editor, "old", x=500)
    call_command("aijobs", "undo", *command, "--force")
    assert "somebody" not in capsys.readouterr().out.lower()
    assert _live(canvas) == BEFORE

    _edit_by_hand(canvas, editor, "old", backgroundColor="#00ff00")
    call_command("aijobs", "redo", *command, "--force")
    assert _live(canvas) == AFTER
