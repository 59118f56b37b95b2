import json
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_jobs.handlers import create_canvas, modify_canvas
from ai_jobs.handlers.base import HandlerRequest
from ai_jobs.planning.drawing import arrange, draw
from ai_jobs.planning.errors import NothingMatches, NotUnderstood
from ai_jobs.planning.plan import Plan
from canvases.elements.quality import box_of, find_problems
from canvases.elements.validate import parse_element


class Log:
    def __init__(self):
        self.entries = []

    async def __call__(self, *, stage, message, progress, objects_done=0):
        self.entries.append((stage, progress, objects_done))


def request_for(instructions, **changes):
    given = {
        "job_id": uuid.UUID(int=7),
        "job_type": "create_canvas",
        "instructions": instructions,
        "style": "modern",
        "color_scheme": "default",
        "selected_object_ids": (),
        "objects": (),
        "parameters": {},
    }
    return HandlerRequest(**(given | changes))


async def test_a_canvas_is_drawn_with_complete_elements():
    drawing = await create_canvas.handle(request_for("Flowchart for sign-up: enter e-mail, verify"), Log())
    assert drawing.title == "Sign-up"
    assert drawing.usage == {
        "provider": "sketcher",
        "cached": False,
        "quality": {"score": 100, "problems": [], "crossings": 0},
    }
    assert drawing.deleted_ids == ()
    texts = [element["originalText"] for element in drawing.elements if element["type"] == "text"]
    assert texts == ["Sign-up", "enter e-mail", "verify"]
    for element in drawing.elements:
        parsed = parse_element(json.loads(json.dumps(element)))
        assert parsed.index is not None
        assert element["customData"]["jobId"] == str(uuid.UUID(int=7))
        assert element["customData"]["key"]


def _plan(inside, outside, edges, direction):
    """Boxes in one frame and boxes beside it."""
    return Plan.model_validate(
        {
            "layout": "layered",
            "direction": direction,
            "nodes": [
                *({"key": key, "label": label, "group": "frame"} for key, label in inside.items()),
                *({"key": key, "label": key} for key in outside),
            ],
            "edges": [{"from": source, "to": target, "label": label} for source, target, label in edges],
            "groups": [{"key": "frame", "label": "Frame"}],
        }
    )


def _drawn(plan):
    return draw(
        arrange(plan, style="modern", color_scheme="default"),
        job_id=uuid.UUID(int=7),
        canvas=(),
        near=(),
        updated_ms=1,
    )


@pytest.mark.parametrize(
    ("inside", "outside", "edges", "direction"),
    [
        # The label would lie across the frame's border in the middle of its arrow.
        (["word longer", "a"], ["o0"], [("o0", "i0", "no way back"), ("i1", "o0", "no way back")], "right"),
        # Of two arrows between the same groups the first alone has words.
        (["a"], ["o0"], [("i0", "i0", ""), ("o0", "i0", "yes"), ("o0", "i0", "")], "right"),
        # Loops of boxes without a frame need room, too.
        (
            ["x y"],
            ["o0", "o1"],
            [("o0", "o0", "yes"), ("i0", "o1", ""), ("o1", "o1", "no way back")],
            "right",
        ),
        (["x y"], ["o0"], [("i0", "i0", "again"), ("o0", "i0", "yes"), ("i0", "o0", "no")], "down"),
        # The words of a loop inside stand beside the box, where the frame must reach.
        (
            ["Check the order now", "x y"],
            ["o0"],
            [("i1", "i0", "no way back"), ("i1", "o0", ""), ("i0", "i1", "yes"), ("i1", "i0", "yes")],
            "down",
        ),
        # In the middle of its arrow the label would lie on the heading of the frame.
        (
            ["x y", "a"],
            ["o0", "o1"],
            [
                ("i0", "i0", "yes"),
                ("i1", "i0", ""),
                ("i0", "o0", "yes"),
                ("o1", "o0", ""),
                ("i1", "i1", "no way back"),
                ("o0", "i1", "no way back"),
                ("o0", "i1", ""),
            ],
            "right",
        ),
    ],
)
def test_words_on_arrows_and_loops_have_room_beside_frames(inside, outside, edges, direction):
    named = {f"i{number}": label for number, label in enumerate(inside)}
    assert find_problems(_drawn(_plan(named, outside, edges, direction))) == []


def _at(key, x, y, width, height):
    return {"key": key, "label": key, "geometry": {"x": x, "y": y, "width": width, "height": height}}


def _freeform(nodes, edges):
    found = [{"from": source, "to": target, "label": label} for source, target, label in edges]
    return Plan.model_validate({"layout": "freeform", "nodes": nodes, "edges": found})


async def test_flaws_that_stay_are_stored_with_the_drawing_and_told():
    walls = [
        _at("above", -300, -112, 800, 100),
        _at("below", -300, 224, 800, 100),
        _at("left", -300, 0, 288, 212),
        _at("right", 212, 0, 288, 212),
    ]
    nodes = [_at("a", 0, 0, 200, 100), _at("b", 0, 112, 200, 100), *walls]
    plan = _freeform(nodes, [("a", "b", "no room for these words")])
    drawing = await create_canvas.handle(request_for("", known_plan=plan), Log())
    flaws = [problem.kind for problem in find_problems(drawing.elements)]
    assert "overlap" in flaws
    quality = drawing.usage["quality"]
    assert quality["problems"] == flaws
    assert quality["score"] == 100 - 10 * len(flaws) - 2 * quality["crossings"]
    assert "move them apart by hand" in drawing.message


words = st.sampled_from(["", "yes", "no way back"])


@st.composite
def free_plans(draw_from):
    """Boxes with room around them where they were asked to be, or without a wish side by side; any arrows."""
    count = draw_from(st.integers(2, 8))
    keys = [f"n{number}" for number in range(count)]
    cells = draw_from(st.permutations([(column, row) for column in range(4) for row in range(3)]))
    nodes = [
        _at(key, 260 * column, 180 * row, 160, 80) for key, (column, row) in zip(keys, cells, strict=False)
    ]
    if draw_from(st.booleans()):
        nodes = [{"key": key, "label": key} for key in keys]
    ends = st.sampled_from(keys)
    return _freeform(nodes, draw_from(st.lists(st.tuples(ends, ends, words), max_size=10)))


@settings(max_examples=60, deadline=None)
@given(free_plans())
def test_things_placed_freely_have_no_flaw(plan):
    assert find_problems(_drawn(plan)) == []


@st.composite
def framed_plans(draw_from):
    inside = [f"i{number}" for number in range(draw_from(st.integers(1, 4)))]
    outside = [f"o{number}" for number in range(draw_from(st.integers(0, 4)))]
    ends = st.sampled_from([*inside, *outside])
    edges = draw_from(st.lists(st.tuples(ends, ends, words), max_size=8))
    labels = st.sampled_from(["a", "word longer", "Check the order now"])
    named = {key: draw_from(labels) for key in inside}
    return _plan(named, outside, edges, draw_from(st.sampled_from(["down", "right"])))


@settings(max_examples=60, deadline=None)
@given(framed_plans())
def test_boxes_in_a_frame_and_beside_it_have_no_flaw(plan):
    assert find_problems(_drawn(plan)) == []


def test_an_arrow_goes_around_all_boxes_that_stand_close_together():
    """Straight, with two bends and outside everything it would run through one of them."""
    walls = [
        _at("above", -300, -112, 800, 100),
        _at("below", -300, 112, 800, 100),
        _at("left", -300, 0, 288, 100),
        _at("right", 212, 0, 288, 100),
    ]
    plan = _freeform([_at("a", 0, 0, 200, 100), *walls, _at("far", 900, 500, 200, 100)], [("a", "far", "")])
    assert find_problems(_drawn(plan)) == []


async def test_arrows_that_cross_are_counted_and_no_flaw():
    edges = [{"from": source, "to": target} for source in "abc" for target in "xyz"]
    nodes = [{"key": key, "label": key} for key in "abcxyz"]
    plan = Plan.model_validate({"nodes": nodes, "edges": edges})
    quality = (await create_canvas.handle(request_for("", known_plan=plan), Log())).usage["quality"]
    # These nine arrows cannot be drawn on paper without a crossing.
    assert quality["crossings"] >= 1
    assert quality["score"] < 100


async def test_a_column_without_cards_is_as_high_as_its_name():
    plan = Plan.model_validate(
        {"layout": "columns", "groups": [{"key": "todo", "label": ("badges to " * 50).strip()}], "title": "T"}
    )
    drawing = await create_canvas.handle(request_for("", known_plan=plan), Log())
    assert find_problems(drawing.elements) == []


async def test_progress_only_grows_and_ends_with_all_objects():
    log = Log()
    drawing = await create_canvas.handle(request_for("A -> B -> C"), log)
    assert [stage for stage, _, _ in log.entries] == ["planning", "layout", "drawing"]
    assert [progress for _, progress, _ in log.entries] == sorted(progress for _, progress, _ in log.entries)
    assert log.entries[-1][2] == len(drawing.elements)


async def test_running_a_job_again_gives_the_same_elements():
    first = await create_canvas.handle(request_for("A -> B, A -> C"), Log())
    again = await create_canvas.handle(request_for("A -> B, A -> C"), Log())
    assert _without_time(first) == _without_time(again)


def _without_time(drawing):
    return [
        {key: value for key, value in element.items() if key != "updated"} for element in drawing.elements
    ]


async def test_two_jobs_never_share_an_id():
    first = await create_canvas.handle(request_for("A -> B"), Log())
    second = await create_canvas.handle(request_for("A -> B", job_id=uuid.UUID(int=8)), Log())
    assert not {e["id"] for e in first.elements} & {e["id"] for e in second.elements}


@pytest.mark.parametrize("selected", [False, True])
async def test_new_content_goes_beside_what_is_there(selected):
    before = await create_canvas.handle(request_for("A -> B -> C -> D; A -> C"), Log())
    chosen = (before.elements[0]["id"],) if selected else ()
    after = await modify_canvas.handle(
        request_for(
            "list: milk, eggs",
            job_id=uuid.UUID(int=9),
            objects=before.elements,
            selected_object_ids=chosen,
        ),
        Log(),
    )
    assert find_problems([*before.elements, *after.elements]) == []
    assert not any(box_of(old).overlaps(box_of(new)) for old in before.elements for new in after.elements)
    assert min(e["index"] for e in after.elements) > max(e["index"] for e in before.elements)


@pytest.mark.parametrize("instructions", ["make these red", "A -> B"])
async def test_a_selection_that_is_gone_is_told_and_nothing_else_is_taken_for_it(instructions):
    before = await create_canvas.handle(request_for("C -> D"), Log())
    request = request_for(instructions, objects=before.elements, selected_object_ids=("gone",))
    with pytest.raises(NothingMatches, match=r"What was selected is no longer on the canvas\."):
        await modify_canvas.handle(request, Log())


async def test_a_request_without_content_fails_with_a_sentence():
    with pytest.raises(NotUnderstood, match="for example"):
        await modify_canvas.handle(request_for("make it nicer"), Log())


async def test_what_was_left_out_is_in_the_message():
    drawing = await create_canvas.handle(request_for("A -> B, with icons"), Log())
    assert drawing.message == "Drew 2 boxes and 1 arrow. Drawn without what I cannot draw yet: icons."
