"""The built-in planner: instant, offline, deterministic. It draws what was said, never a canned picture."""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from ai_jobs.planning.errors import NotUnderstood, TooMuch
from ai_jobs.planning.plan import Plan
from ai_jobs.providers.base import PlanRequest, Report
from ai_jobs.providers.sketcher import flow, lists, relations, story
from ai_jobs.providers.sketcher.changes.reading import asks_for_a_change, from_words
from ai_jobs.providers.sketcher.courtesy import VERB, strip_courtesy
from ai_jobs.providers.sketcher.families import (
    beyond,
    boards,
    entities,
    mermaid,
    pages,
    sequences,
    sets,
    shapes,
    timelines,
    trees,
)
from ai_jobs.providers.sketcher.kinds import kind_first, kind_named
from ai_jobs.providers.sketcher.painting import painted
from ai_jobs.providers.sketcher.prose import UNREAD
from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.spelling import as_meant, corrected
from ai_jobs.providers.sketcher.wording import Wording, read

# The first family that finds itself in the words draws them. These know their own headings …
_NAMED: Final[tuple[Callable[[str], Plan | None], ...]] = (
    mermaid.parse,
    sequences.parse,
    entities.parse,
    sets.parse,
    shapes.parse,
    story.with_arrows,
    trees.parse,
    timelines.parse,
    boards.parse,
    pages.parse,
    beyond.parse,
)
# … and these read whatever has arrows, steps or items.
_PLAIN: Final[tuple[Callable[[Wording], Plan | None], ...]] = (
    story.from_mixed,
    flow.from_arrows,
    story.from_story,
    relations.from_verbs,
    flow.from_outline,
    flow.from_conditions,
    lists.from_items,
    flow.from_steps,
)

_HELD: Final = {
    "nodes": "boxes",
    "edges": "arrows",
    "groups": "columns, fields or rows",
    "fields": "fields in one box",
    "edits": "changes",
}
# "## To do" above its bullets
_MARKED_HEADING: Final = re.compile(r"^#{1,6} +([^\n:]+?):? *\n(?=\s*[-*+\u2022]\s)", re.MULTILINE)
_TORN: Final = re.compile(r"->|=>|\u2192|\s>\s")
_TELLS: Final = re.compile(r"(?:[a-z]+\s)?[a-z]+s(?:\s(?:to|from|into|with|back to|on|at))?")
_A_WAY: Final = re.compile(r"(?:Connect\s+)?[A-Z][\w ]*\sto\s[A-Z]")
_TREE: Final = re.compile(r"mind|org|tree|site|spider|concept", re.IGNORECASE)
_WITH_ARROWS: Final = frozenset(("layered", "sequence"))
# "1. Buy flour 2. Bake bread"
_NUMBER: Final = re.compile(r"(?:^|\s+)(?P<number>\d{1,2})[.)]\s+(?=\S)")
# "the sign-up flow": it names what is to be drawn and none of its steps.
_NAMES_ONLY: Final = re.compile(
    r"\b(?:flow|process|procedure|journey|diagram|workflow|pipeline)s?\b", re.IGNORECASE
)
_EXAMPLE: Final = "Sign up -> Verify e-mail -> Welcome"
_NO_STEPS: Final = (
    "I draw the steps you name, but found none in that. "
    f"List them after a colon or with arrows, for example: {_EXAMPLE}"
)
_NOTHING_THERE: Final = (
    f"There is nothing on this canvas that could be changed. Draw something first, for example: {_EXAMPLE}"
)
_NOTHING_TO_DRAW: Final = (
    f"I did not understand what to draw. Name the things, with arrows or as a list, for example: {_EXAMPLE}"
)


def sketch(
    instructions: str, *, objects: Sequence[Mapping[str, Any]] = (), selected: Iterable[str] = ()
) -> Plan:
    """The plan that the words describe; raises `NotUnderstood` or `NothingMatches` where they describe none.

    Whichever family it is that makes more of them than a plan holds, it is `TooMuch`.
    """
    try:
        return _planned(instructions, objects, selected)
    except ValidationError as error:
        if (more := _beyond(error)) is None:
            raise
        raise TooMuch(f"{more} Ask for fewer at once.") from error


def _beyond(error: ValidationError) -> str | None:
    """Which bound of a plan was passed, in words; None where the plan is wrong in another way."""
    for problem in error.errors(include_url=False):
        most = problem.get("ctx", {}).get("max_length")
        if problem["type"] == "string_too_long":
            return f"A label holds at most {most} characters."
        if problem["type"] == "too_long":
            return f"A drawing holds at most {most} {_HELD.get(str(problem['loc'][-1]), 'things')}."
    return None


def _planned(instructions: str, objects: Sequence[Mapping[str, Any]], selected: Iterable[str]) -> Plan:
    surroundings = Surroundings(objects, selected)
    instructions = _without_long_gaps(instructions)
    plan = from_words(instructions, surroundings) if objects else None
    if plan is not None:
        return plan
    if objects and asks_for_a_change(instructions):
        raise NotUnderstood(_what_to_change(surroundings))
    try:
        text = _numbers_on_lines(_MARKED_HEADING.sub(r"\1:\n", instructions))
        drawing = painted(as_meant(text), _draw)
        if _was_meant_for_what_is_there(text, drawing, surroundings):
            raise NotUnderstood(_what_to_change(surroundings))
        return drawing
    except NotUnderstood as error:
        if error.message == _NOTHING_TO_DRAW:
            if surroundings.things:
                raise NotUnderstood(_what_to_change(surroundings)) from error
            if asks_for_a_change(instructions):
                raise NotUnderstood(_NOTHING_THERE) from error
        raise


def _without_long_gaps(text: str) -> str:
    """A long run of spaces, empty lines or commas says no more than a short one, and would be tried in every way
    it can be shared out."""
    text = re.sub(r"\n(?:[^\S\n]*\n){2,}", "\n\n", text.replace("\r\n", "\n").strip(" \n"))
    text = re.sub(r"(?<=\n)[^\S\n]{40,}", " " * 40, re.sub(r"(?<=\S)[^\S\n]{3,}", "  ", text))
    return re.sub(r"([,;])\1{3,}", r"\1", text)


def _numbers_on_lines(text: str) -> str:
    """ "1. Buy flour 2. Bake bread" as the list that it is, each number on a line of its own."""
    numbers = list(_NUMBER.finditer(text))
    counted = [int(found["number"]) for found in numbers]
    if "\n" in text or len(counted) < 2 or numbers[0].start() or counted != [*range(1, len(counted) + 1)]:
        return text
    return _NUMBER.sub(r"\n\g<number>. ", text).strip()


def _was_meant_for_what_is_there(text: str, drawing: Plan, surroundings: Surroundings) -> bool:
    """Whether the words spoke of things on the canvas, by their names, and asked for no drawing."""
    head, colon, _ = strip_courtesy(text).partition(":")
    if VERB.match(head) or "\n" in text or (colon and not surroundings.named_in(head)):
        return False
    return bool(colon) or any(surroundings.labelled(node.label) for node in drawing.nodes if node.label)


def _what_to_change(surroundings: Surroundings) -> str:
    labelled = (name for name in surroundings.boxes() if surroundings.labels[name])
    example = surroundings.board.title(next(labelled, surroundings.things[0]))
    return (
        "I did not understand what to change or to draw. Say what is to happen with which object, for example: "
        f"make {example} blue. Or name what to draw, for example: {_EXAMPLE}. Nothing was changed."
    )


def _draw(instructions: str) -> Plan:
    respelt = corrected(instructions)
    readings = [kind_first(instructions), instructions, kind_first(respelt)]
    if len(kind_named(respelt)) > len(kind_named(instructions)):
        readings.reverse()
    refusal: NotUnderstood | None = None
    for text in dict.fromkeys(readings):
        try:
            plan = _named_kind(text)
        except NotUnderstood as error:
            refusal = refusal or error
            continue
        if plan is not None:
            return plan
    if refusal:
        raise refusal
    if read(respelt).names_a_flow and not read(instructions).names_a_flow:
        return _draw_plain(kind_first(respelt))
    try:
        return _draw_plain(kind_first(instructions))
    except NotUnderstood:
        if kind_first(instructions) == instructions:
            raise
    return _draw_plain(instructions)


def _named_kind(instructions: str) -> Plan | None:
    tree = _TREE.search(kind_named(instructions))
    for named in _NAMED:
        if tree and named is shapes.parse:
            continue  # "mind map …: boxes, circles": what hangs in a tree is no shape
        plan = named(instructions)
        if plan is not None and not _torn(plan):
            return plan
    return None


def _torn(plan: Plan) -> bool:
    """Whether the labels of a drawing without arrows tell of arrows: then another drawing is meant."""
    labels = [node.label for node in plan.nodes] if plan.layout not in _WITH_ARROWS else []
    ways = [label for label in labels if _A_WAY.match(label)]
    names = {label for label in labels if len(label.split()) < 4}
    between = any(_lies_between(label, names) for label in labels)
    return between or len(ways) > 1 or any(_TORN.search(label) for label in labels)


def _lies_between(label: str, names: set[str]) -> bool:
    """ "Frontend calls Backend" beside "Frontend" and "Backend": it tells of them."""
    words = label.split()
    cuts = [(first, last) for first in range(1, 4) for last in range(first + 1, min(first + 4, len(words)))]
    return any(
        " ".join(words[:first]) in names
        and " ".join(words[last:]) in names
        and _TELLS.fullmatch(" ".join(words[first:last]))
        for first, last in cuts
    )


def _draw_plain(instructions: str) -> Plan:
    wording = read(instructions)
    for plain in _PLAIN:
        plan = plain(wording)
        if plan is not None and not any(UNREAD.search(node.label) for node in plan.nodes):
            return plan
    if wording.names_a_flow or _NAMES_ONLY.search(instructions):
        raise NotUnderstood(_NO_STEPS)
    raise NotUnderstood(_NOTHING_TO_DRAW)


class Sketcher:
    """The provider used when no model is connected."""

    name = "sketcher"
    label = "Built-in sketcher"
    cache_identity: str | None = None

    async def plan(self, request: PlanRequest, report: Report) -> Plan:
        """Plans in a thread: 4,000 characters of arrows take longer than the engine's loop may wait."""
        return await asyncio.to_thread(
            sketch, request.instructions, objects=request.objects, selected=request.selected_object_ids
        )
