"""Flowcharts told in prose: "A leads to B, after that comes C, and both of those go to D"."""

import itertools
import re
from typing import Final

from ai_jobs.planning.plan import Plan
from ai_jobs.providers.sketcher.arrows import ARROW, SEQUENCE
from ai_jobs.providers.sketcher.graph import Graph, same_words
from ai_jobs.providers.sketcher.items import clean, split_items
from ai_jobs.providers.sketcher.prose import Told, bare_name, clauses, told
from ai_jobs.providers.sketcher.wording import Wording

_ELSE: Final = re.compile(r"\b(?:otherwise|else|if\s+not|if\s+so)\b|\?", re.IGNORECASE)
_DECLARED: Final = re.compile(
    r"^(?:.*?\b(?:boxes|nodes|steps|stages|things|circles|shapes|items|rectangles|squares|teams|services|parts)\b(?:\s+(?:called|named|labell?ed))?\s*[,:]?\s+)?"
    r"(?P<names>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_BEGIN: Final = re.compile(
    r"^(?:first\s+)?(?:(?:it|we|you|they|everything|the\s+\w+)\s+)?(?:all\s+)?(?:starts?|begins?|kicks?\s+off|opens?)\s+(?:off\s+)?(?:with|at|from|in|as)\s+(?P<name>\S[^,;]*)$",
    re.IGNORECASE,
)
_LONGEST_NAME: Final = 60


def from_relations(wording: Wording) -> Plan | None:
    """The boxes and arrows that sentences tell of, where they tell of nothing else."""
    body = wording.body.strip()
    if ARROW.search(body) or _ELSE.search(body):
        return None
    story = [(clause, told(clause)) for clause in clauses(body, told)]
    ways = [way for _, way in story if way]
    if not ways or not (_are_names(ways) or _hang_together(ways, len(story))):
        return None
    reader = RelationReader(Graph(wording), in_turn=wording.names_a_flow)
    for number, (clause, way) in enumerate(story):
        if way:
            reader.read(way)
        elif not (reader.goes_on(clause) or reader.declares(clause, ways)) and (number or len(ways) < 2):
            return None
    return reader.graph.plan("layered") if len(reader.graph) > 1 else None


def _are_names(ways: list[Told]) -> bool:
    """Words with capitals or quotes, and no longer than names are."""
    ends = [end for way in ways for end in ((way.target,) if way.goes_on else (way.source, way.target))]
    return all(not end[:1].islower() and len(end) <= _LONGEST_NAME for end in ends)


def _hang_together(ways: list[Told], clauses_told: int) -> bool:
    """Two ways or more in which one thing comes twice."""
    ends = [same_words(name) for way in ways for end in (way.source, way.target) for name in split_items(end)]
    return len(ways) > 1 and len(ways) == clauses_told and len(set(ends)) < len(ends)


class RelationReader:
    """Draws one told way after the other, and knows what "it" and "both" are."""

    def __init__(self, graph: Graph, *, in_turn: bool = False) -> None:
        self.graph = graph
        self._in_turn = in_turn
        self._latest: list[str] = list(graph.labels)[-1:]

    def read(self, way: Told) -> None:
        sources = self.meant(way.source)
        first, *later = filter(None, (part.strip(" ,") for part in SEQUENCE.split(way.target)))
        targets = [self._question(name) or self.graph.node(name) for name in self._names(first)]
        for source in sources:
            for target in targets:
                if source != target:
                    self.graph.edge(source, target, way.why)
        self._latest = targets
        for step in later:
            self.read(Told("it", step))

    def can_read(self, way: Told) -> bool:
        """Whether the way begins at something that is there."""
        return way.goes_on or all(self.graph.knows(name) for name in self._names(way.source))

    def meant(self, words: str) -> list[str]:
        """The boxes that a name or a word such as "both" means."""
        way = Told(words, "")
        if way.speaks_of_many:
            leaves = self.graph.leaves()
            return leaves if len(leaves) > 1 else self._latest
        return self._latest if way.goes_on else [self.graph.node(name) for name in self._names(words)]

    def _question(self, name: str) -> str | None:
        """ "back to the question" is the last question asked, "the start" the first box."""
        if re.fullmatch(r"(?:question|decision|check)", name, re.IGNORECASE) and not self.graph.knows(name):
            return next((key for key in reversed(self.graph.labels) if self.graph.is_decision(key)), None)
        if re.fullmatch(
            r"(?:very\s+)?(?:start|beginning|first(?:\s+(?:step|box|one))?)", name, re.IGNORECASE
        ) and not self.graph.knows(name):
            return next(iter(self.graph.labels), None)
        return None

    def goes_on(self, clause: str) -> bool:
        """ "after that Estimate" is the next step of what was told so far."""
        begun = None if self._latest else _BEGIN.match(clause)
        if begun:
            first, *steps = SEQUENCE.split(begun["name"])
            self._latest = [self.graph.node(bare_name(first))]
            for step in steps:
                self.read(Told("it", step))
            return True
        steps = [step.strip(" ,") for step in SEQUENCE.split(f" {clause}")]
        if not self._latest or len(steps) < 2:
            return False
        for step in filter(None, steps):
            self.read(Told("it", step))
        return True

    def declares(self, clause: str, ways: list[Told]) -> bool:
        """ "three boxes, Web, Mobile and API": what the arrows connect may be named first."""
        listed = _DECLARED.match(clause)
        names = self._names(listed["names"]) if listed else []
        spoken = {
            same_words(name) for way in ways for end in (way.source, way.target) for name in self._names(end)
        }
        if len(names) < 2 or not spoken & {same_words(name) for name in names}:
            return False
        keys = [self.graph.node(name) for name in names]
        if self._in_turn:
            for first, second in itertools.pairwise(keys):
                self.graph.edge(first, second)
        return True

    @staticmethod
    def _names(words: str) -> list[str]:
        return [bare_name(name) for item in split_items(clean(words)) for name in re.split(r"\s+or\s+", item)]
