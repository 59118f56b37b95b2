import uuid

import pytest

from ai_jobs.handlers import modify_canvas
from ai_jobs.planning.errors import NothingMatches
from ai_jobs.tests.corpus_report import carried_out, drawn
from ai_jobs.tests.test_handlers import Log, request_for
from canvases.elements.quality import box_of, find_problems

CHAIN = "Sign up -> Verify e-mail -> Welcome"


def of(elements, label):
    text = next(e for e in elements if e["type"] == "text" and e["originalText"] == label)
    box = next(e for e in elements if e["id"] == text["containerId"])
    return box, text


async def change(instruction, before, selected=()):
    request = request_for(
        instruction, job_id=uuid.UUID(int=9), objects=tuple(before), selected_object_ids=tuple(selected)
    )
    return await modify_canvas.handle(request, Log())


async def test_only_what_changed_is_delivered_one_version_higher():
    before = drawn(CHAIN)
    drawing = await change("make Welcome red", before)
    box, text = of(before, "Welcome")
    assert {e["id"] for e in drawing.elements} == {box["id"], text["id"]}
    assert all(e["version"] == 2 for e in drawing.elements)
    assert drawing.message == "Made “Welcome” red."


async def test_running_the_job_again_gives_the_same_change():
    before = drawn(CHAIN)
    first, again = [await change("add Captcha after Sign up", before) for _ in range(2)]
    assert [{**e, "updated": 0} for e in first.elements] == [{**e, "updated": 0} for e in again.elements]


async def test_the_drawing_that_is_changed_stays_as_it_was_given():
    before = drawn(CHAIN)
    copy = [dict(e) for e in before]
    await change("swap Sign up and Welcome", before)
    assert before == copy


def test_a_moved_box_takes_its_label_along_and_its_arrows_follow():
    before = drawn(CHAIN)
    after = carried_out("move Welcome down by 300", before)
    (old, old_text), (new, new_text) = of(before, "Welcome"), of(after, "Welcome")
    assert new["y"] - old["y"] == 300
    assert new_text["y"] - old_text["y"] == 300
    assert find_problems(after) == []


def test_a_deleted_box_takes_its_label_and_arrows_away_and_nobody_refers_to_them():
    after = carried_out("delete Verify e-mail", drawn(CHAIN))
    ids = {e["id"] for e in after}
    assert len(after) == 5  # two boxes with their labels, and the arrow that joins them again
    assert all(bound["id"] in ids for e in after for bound in e["boundElements"])


def test_a_box_that_grows_pushes_others_aside():
    before = drawn("list: a, b, c")
    after = carried_out("make b three times as large", before)
    assert box_of(of(after, "b")[0]).height == 3 * box_of(of(before, "b")[0]).height
    assert find_problems(after) == []


def test_an_arrow_keeps_its_label_when_a_box_comes_between():
    after = carried_out("insert B between A and C", drawn("A -> C: next"))
    arrows = [e for e in after if e["type"] == "arrow"]
    labels = [e for e in after if e["type"] == "text" and e["originalText"] == "next"]
    assert len(arrows) == 2
    assert labels[0]["containerId"] in {arrow["id"] for arrow in arrows}


@pytest.mark.parametrize(
    "instruction", ["delete Foo", "make Foo blue", "connect Foo to Welcome", "make it bigger"]
)
async def test_what_matches_nothing_fails_with_a_sentence_that_names_what_is_there(instruction):
    with pytest.raises(NothingMatches, match="“Sign up”, “Verify e-mail”, “Welcome”") as refusal:
        await change(instruction, drawn(CHAIN))
    assert "Nothing was changed" in refusal.value.message


async def test_what_is_that_way_already_is_said():
    before = carried_out("make Welcome red", drawn(CHAIN))
    drawing = await change("make Welcome red", before)
    assert (drawing.elements, drawing.deleted_ids) == ((), ())
    assert "already" in drawing.message


async def test_a_person_may_have_drawn_with_other_tools():
    bare = {
        "id": "x1", "type": "rectangle", "x": 0, "y": 0, "width": 80, "height": 40, "strokeColor": "black",
        "backgroundColor": "rgb(1,2,3)", "version": 4, "versionNonce": 7, "index": "a0", "isDeleted": False,
        "boundElements": None,
    }  # fmt: skip
    drawing = await change("make all rectangles blue", [bare])
    assert drawing.elements[0]["version"] == 5
    renamed = await change("rename the rectangle to Start", [bare])
    assert [e["originalText"] for e in renamed.elements if e["type"] == "text"] == ["Start"]
