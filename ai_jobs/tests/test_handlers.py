import json
import uuid

import pytest

from ai_jobs.handlers import create_canvas, modify_canvas
from ai_jobs.handlers.base import HandlerRequest
from ai_jobs.planning.errors import NotUnderstood
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
    assert drawing.usage == {"provider": "sketcher", "cached": False, "problems": []}
    assert drawing.deleted_ids == ()
    texts = [element["originalText"] for element in drawing.elements if element["type"] == "text"]
    assert texts == ["Sign-up", "enter e-mail", "verify"]
    for element in drawing.elements:
        parsed = parse_element(json.loads(json.dumps(element)))
        assert parsed.index is not None
        assert element["customData"]["jobId"] == str(uuid.UUID(int=7))
        assert element["customData"]["key"]


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


async def test_a_request_without_content_fails_with_a_sentence():
    with pytest.raises(NotUnderstood, match="for example"):
        await modify_canvas.handle(request_for("make it nicer"), Log())


async def test_what_was_left_out_is_in_the_message():
    drawing = await create_canvas.handle(request_for("A -> B, with icons"), Log())
    assert drawing.message == "Drew 2 boxes and 1 arrow. Drawn without what I cannot draw yet: icons."
