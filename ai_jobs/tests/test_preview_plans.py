"""A drawing that is shown while its plan still grows."""

import asyncio
import itertools
import json
import random
import statistics
import uuid
from typing import Any

import pytest

from ai_jobs.handlers.base import HandlerRequest
from ai_jobs.handlers.previews import previews
from ai_jobs.planning.digest import digest_canvas
from ai_jobs.planning.drawing import arrange, draw
from ai_jobs.planning.plan import Plan
from ai_jobs.planning.preview import MAX_BYTES, PreviewSketch
from ai_jobs.providers.llm.partial import plan_so_far

JOB = uuid.UUID(int=9)


def sketch(canvas=()) -> PreviewSketch:
    return PreviewSketch(job_id=JOB, style="modern", color_scheme="default", canvas=canvas, near=())


def plan(boxes: int, *, layout: str = "layered", seed: int | None = None) -> Plan:
    """A flow in which each box hangs on the one before, or on any before it when there is a seed."""
    chance = random.Random(seed)
    nodes = [{"key": f"n{number}", "label": f"Step number {number}"} for number in range(boxes)]
    edges = [
        {"from": f"n{number - 1 if seed is None else chance.randrange(number)}", "to": f"n{number}"}
        for number in range(1, boxes)
    ]
    return Plan.model_validate(
        {"title": "Grows", "layout": layout, "direction": "down", "nodes": nodes, "edges": edges}
    )


def corners(elements) -> dict[str, tuple[int, int]]:
    return {item["id"]: (item["x"], item["y"]) for item in elements if item["type"] == "rectangle"}


def test_what_was_shown_stays_where_it_was_when_a_flow_grows() -> None:
    drawing = sketch()
    before = corners(drawing.draw(plan(2)))
    for boxes in range(3, 12):
        after = corners(drawing.draw(plan(boxes)))
        assert after | before == after
        before = after


@pytest.mark.parametrize("layout", ["layered", "tree", "mindmap", "grid", "row"])
def test_a_drawing_that_grows_does_not_wander(layout: str) -> None:
    drawing = sketch()
    before = corners(drawing.draw(plan(6, layout=layout, seed=4)))
    for boxes in range(7, 20):
        after = corners(drawing.draw(plan(boxes, layout=layout, seed=4)))
        for axis in (0, 1):
            shift = statistics.median(after[name][axis] - before[name][axis] for name in before)
            assert abs(shift) <= 1, (boxes, axis)
        before = after


def test_a_preview_covers_nothing_and_carries_the_ids_of_the_drawing() -> None:
    canvas = [
        {"id": "there", "type": "rectangle", "x": 90, "y": 90, "width": 400, "height": 300, "index": "a0"}
    ]
    drawing = sketch(canvas)
    for boxes in (1, 4, 30):
        elements = drawing.draw(plan(boxes, seed=1))
        assert not any(
            item["x"] < 490
            and item["x"] + item["width"] > 90
            and item["y"] < 390
            and item["y"] + item["height"] > 90
            for item in elements
            if item["type"] in {"rectangle", "text"}
        )
    placed = arrange(plan(30, seed=1), style="modern", color_scheme="default")
    finished = draw(placed, job_id=JOB, canvas=canvas, near=(), updated_ms=1)
    assert [item["id"] for item in elements] == [element["id"] for element in finished]


def test_a_preview_of_the_largest_plan_is_bounded() -> None:
    elements = sketch().draw(plan(300, layout="grid", seed=2))
    assert 0 < len(json.dumps(elements)) <= MAX_BYTES + 2


def there(name: str, x: int, **more) -> dict[str, Any]:
    """A box that is on the canvas already."""
    look = {"strokeColor": "#1e1e1e", "backgroundColor": "transparent", "boundElements": []}
    place = {"x": x, "y": 0, "width": 160, "height": 80, "index": f"a{x // 300 + 1}", "version": 1}
    return {"id": name, "type": "rectangle", **look, **place, **more}


def test_changes_show_what_will_look_different_and_what_will_be_gone_and_nothing_else() -> None:
    canvas = [there("a", 0), there("b", 300), there("c", 600), there("d", 900)]
    changes = Plan.model_validate(
        {
            "edits": [
                {"do": "recolor", "targets": ["a"], "color": "red"},
                {"do": "delete", "targets": ["b"]},
                {"do": "connect", "source": "c", "target": "d"},
            ]
        }
    )
    shown = {(item.get("change"), item["type"]): item for item in sketch(canvas).draw(changes)}
    assert set(shown) == {("changed", "rectangle"), ("gone", "rectangle"), (None, "arrow")}
    assert shown["changed", "rectangle"]["id"] == "a"
    assert shown["changed", "rectangle"]["backgroundColor"] != "transparent"
    assert shown["gone", "rectangle"] == {
        "id": "b",
        "type": "rectangle",
        "x": 300,
        "y": 0,
        "width": 160,
        "height": 80,
        "change": "gone",
    }
    assert [element["version"] for element in canvas] == [1, 1, 1, 1]


def test_a_change_is_told_once_it_is_complete_and_only_if_what_it_names_is_there() -> None:
    canvas = [there("first", 0), there("second", 300)]
    digest = digest_canvas(canvas, selected_ids=(), max_tokens=1_000)
    short = {name: short_id for short_id, name in digest.object_ids.items()}
    moved = {"do": "move", "targets": [short["first"]], "dx": 100}
    raw = {"edits": [moved, {"do": "delete", "targets": ["o77"]}, moved]}
    told = plan_so_far(raw, digest)
    assert told is not None
    assert [edit.model_dump(include={"targets", "dx"}) for edit in told.edits] == [
        {"targets": ("first",), "dx": 100}
    ]
    assert plan_so_far({"edits": [moved]}, digest) is None
    assert plan_so_far({"edits": [moved], "title": "over"}, digest) is not None


def request_for(preview) -> HandlerRequest:
    return HandlerRequest(
        job_id=JOB,
        job_type="modify_canvas",
        instructions="-",
        style="modern",
        color_scheme="default",
        selected_object_ids=(),
        objects=(),
        parameters={},
        preview=preview,
    )


async def test_the_first_preview_comes_at_once_and_the_next_at_most_four_times_a_second() -> None:
    moments: asyncio.Queue[float] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    async def show(elements) -> bool:
        moments.put_nowait(loop.time())
        return True

    async with asyncio.timeout(60), previews(request_for(show)) as watch:
        assert watch is not None
        await watch(plan(2))
        # For the first one no other plan has to come.
        shown = [await moments.get()]
        for boxes in range(3, 40):
            await watch(plan(boxes))
            await asyncio.sleep(0.02)
        shown += [await moments.get(), await moments.get()]
    assert all(later - earlier >= 0.24 for earlier, later in itertools.pairwise(shown))


async def test_a_run_that_may_not_write_any_more_shows_nothing_more() -> None:
    calls = []
    first = asyncio.Event()

    async def show(elements) -> bool:
        calls.append(elements)
        first.set()
        return False

    async with asyncio.timeout(60), previews(request_for(show)) as watch:
        assert watch is not None
        await watch(plan(2))
        await first.wait()
        for boxes in range(3, 20):
            await watch(plan(boxes))
            await asyncio.sleep(0.03)
    assert len(calls) == 1


async def test_a_preview_that_fails_harms_nothing_and_is_logged(caplog) -> None:
    asked = asyncio.Event()

    async def show(elements) -> bool:
        asked.set()
        raise RuntimeError("no")

    async with asyncio.timeout(60), previews(request_for(show)) as watch:
        assert watch is not None
        await watch(plan(3))
        await asked.wait()
    assert [record.message for record in caplog.records] == ["preview_failed"]


async def test_without_a_canvas_there_is_nobody_to_show_a_preview_to() -> None:
    async with previews(request_for(None)) as watch:
        assert watch is None
