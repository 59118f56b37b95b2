import contextlib
import json
import time
import uuid
from pathlib import Path

import pytest

from ai_jobs.planning.drawing import arrange, draw
from ai_jobs.planning.errors import NotUnderstood, PlanningError
from ai_jobs.planning.parts import MAX_NODES
from ai_jobs.providers.sketcher.provider import sketch
from canvases.elements.quality import find_problems

CORPUS = json.loads(Path(__file__).with_name("corpus.json").read_text(encoding="utf-8"))
UNDERSTOOD = [case for case in CORPUS if not case.get("refused")]


def words(case):
    return case["say"][:60]


@pytest.mark.parametrize("case", UNDERSTOOD, ids=words)
def test_labels_and_connections_are_those_of_the_instruction(case):
    plan = sketch(case["say"])
    label_of = {node.key: node.label for node in plan.nodes}
    assert list(label_of.values()) == case["labels"]
    drawn = [[label_of[edge.source], label_of[edge.target], edge.label] for edge in plan.edges]
    assert sorted(drawn) == sorted(case["arrows"])
    assert plan.title == case["title"]
    assert {node.color for node in plan.nodes} == {case.get("color")}
    assert plan.direction == case.get("direction")


@pytest.mark.parametrize("case", UNDERSTOOD, ids=words)
def test_every_word_in_a_box_was_in_the_instruction(case):
    said = case["say"].casefold()
    for node in sketch(case["say"]).nodes:
        assert node.label.rstrip("?").casefold() in said


@pytest.mark.parametrize("case", UNDERSTOOD, ids=words)
@pytest.mark.parametrize("style", ["modern", "creative"])
def test_the_drawing_has_no_flaw(case, style):
    placed = arrange(sketch(case["say"]), style=style, color_scheme="default")
    elements = draw(placed, job_id=uuid.uuid4(), canvas=[], near=[], updated_ms=1)
    assert find_problems(elements) == []


@pytest.mark.parametrize("case", [case for case in CORPUS if case.get("refused")], ids=words)
def test_what_is_not_understood_is_said_with_an_example_that_works(case):
    with pytest.raises(NotUnderstood) as refusal:
        sketch(case["say"])
    assert refusal.value.code == "not_understood"
    assert not refusal.value.retryable
    example = refusal.value.message.rpartition(": ")[2]
    assert [node.label for node in sketch(example).nodes] == ["Sign up", "Verify e-mail", "Welcome"]


def test_questions_become_diamonds_and_answers_branch():
    plan = sketch("Is the e-mail verified? yes -> Welcome, no -> Resend mail")
    shapes = {node.label: node.shape for node in plan.nodes}
    assert shapes["Is the e-mail verified?"] == "diamond"
    assert shapes["Welcome"] == "rectangle"


def test_what_cannot_be_drawn_is_named():
    assert "icons" in sketch("flowchart: idea -> prototype -> launch, with icons").remark


def test_too_many_boxes_are_refused_with_a_number():
    with pytest.raises(PlanningError, match=str(MAX_NODES)):
        sketch(" -> ".join(f"s{i}" for i in range(MAX_NODES + 1)))


@pytest.mark.parametrize(
    "hostile",
    [
        "?" * 4000,
        "->" * 2000,
        "- " * 2000,
        "if " * 1300,
        "a, " * 1300,
        "((((" * 1000,
        "please " * 570,
        "a -" * 1300,
        "yes: " * 800,
        "is it? " * 570,
        "\n" * 4000,
        "first then " * 360,
        "a: " * 1300,
        "- a -> b? yes: " * 260,
        "with the following steps " * 160,
        "list of " * 500,
        "mind map: " + "(" * 3900,
        "venn diagram: " + "a and " * 600,
        "er diagram: " + "a has " * 600,
        "sequence diagram: " + "a sends " * 480,
        "org chart: " + "a leads " * 480,
        "timeline: " + "1 " * 1900,
        "kanban: " + "x - " * 900,
        "a red " * 600,
        "make " * 800,
        "make " + " - " * 98,
        "... " * 1000,
        "a" + " " * 3998 + "b",
        "Draw A" + " " * 3980 + "-> B",
        "x" * 4000,
        "diagramm" * 500,
        "flowchrat " + "Y" * 3900,
        "A -> " * 800,
        "=> " * 1300,
        "," * 4000,
        "If A fails go to B. " * 200,
        "Review is a decision: if " * 160,
        "A goes to B and " * 250,
        "children of A: " * 260,
        "list called " * 330,
        "make it red and " * 250,
        "can you draw that as a tree? " * 130,
        "A => B : c. " * 330,
    ],
    ids=lambda text: text[:20],
)
def test_no_instruction_takes_long(hostile):
    """Each takes less than half a second of the processor's time; the limit leaves room for slow machines."""
    started = time.thread_time()
    with contextlib.suppress(PlanningError):
        arrange(sketch(hostile), style="modern", color_scheme="default")
    assert time.thread_time() - started < 5


def test_fifty_steps_are_drawn_in_a_blink():
    instruction = "; ".join(f"Step {i} of it -> Step {i + 1} of it" for i in range(49))
    draw(
        arrange(sketch(instruction), style="modern", color_scheme="default"),
        job_id=uuid.uuid4(), canvas=[], near=[], updated_ms=1,
    )  # fmt: skip
    best = min(_seconds_for(instruction) for _ in range(5))
    assert best < 0.05


def _seconds_for(instruction):
    started = time.perf_counter()
    placed = arrange(sketch(instruction), style="modern", color_scheme="default")
    draw(placed, job_id=uuid.uuid4(), canvas=[], near=[], updated_ms=1)
    return time.perf_counter() - started
