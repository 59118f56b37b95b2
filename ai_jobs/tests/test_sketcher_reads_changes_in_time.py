"""A change is read in time that grows with what is on the canvas and no faster, however the sentence is put.

Counted in calls and not by the clock: what else runs beside the test does not count.
"""

import contextlib
import uuid
from typing import Any

import pytest

from ai_jobs.planning.errors import PlanningError
from ai_jobs.providers.sketcher.provider import sketch
from ai_jobs.tests.corpus_report import drawn
from tests.counted_calls import calls_in

# What a change may be long, filled with what can be divided in many ways.
_LONG = {
    "a condition with many names": "if " + ", ".join("abcdefghijklmnopqrstuvwxyz" * 4),
    "many names": "make Unit 1 and " + "Unit 2 and Unit 3 and " * 13,
    "many commas": "move Unit 1, " + "Foo, bar baz, " * 20,
    "remarks that point back": "because it is so, make it red, " * 9,
    "remarks alone": "it is small, that is so, " * 11,
    "many arrows": "add a box Foo between Unit 1 and Unit 2 with "
    + "an arrow from Unit 3 to Unit 4 and " * 7,
    "a long chain": "connect " + ", ".join(f"Unit {number}" for number in range(32)),
    "words taken back": "make Unit 1 red, no, " + "blue, sorry, I mean green, no wait, " * 8,
    "talk": "oh dear, thanks, " + "the rest stays as is, hello there all " * 8,
    "what is nowhere": "the red box in the left column of the board called Foo should be as big as " * 3,
}


def _canvas(count):
    elements: list[dict[str, Any]] = []
    for first in range(0, count, 70):
        names = " -> ".join(f"Unit {number}" for number in range(first, first + 70))
        elements += drawn(f"Draw: {names}", job_id=uuid.UUID(int=first + 1), canvas=elements)
    return elements


@pytest.fixture(scope="module")
def canvases():
    return _canvas(70), _canvas(280)


def _calls(instruction, elements):
    def change():
        with contextlib.suppress(PlanningError):
            sketch(instruction, objects=elements)

    return calls_in(change)[1]


@pytest.mark.parametrize("said", _LONG.values(), ids=_LONG.keys())
def test_four_times_the_objects_take_no_more_than_about_four_times_the_work(said, canvases):
    few, many = canvases
    said = said[:300]
    _calls(said, few)  # patterns and spellings are kept from now on
    assert _calls(said, many) < 6 * _calls(said, few)


@pytest.mark.parametrize("said", _LONG.values(), ids=_LONG.keys())
def test_a_sentence_is_divided_only_so_often(said, canvases):
    few, _ = canvases
    assert _calls(said[:300], few) < 1_500_000
