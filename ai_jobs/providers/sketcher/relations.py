# a pattern stays on one line
"""Flowcharts told in prose: "A leads to B, after that comes C, and both of those go to D"."""

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
    reader = RelationReader(Graph(wording))
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

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._latest: list[str] = list(graph.labels)[-1:]

    def read(self, way: Told) -> None:
        sources = self.meant(way.source)
        targets = [self.graph.node(name) for name in self._names(way.target)]
        for source in sources:
            for target in targets:
                if source != target:
                    self.graph.edge(source, target, way.why)
        self._latest = targets

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

    def goes_on(self, clause: str) -> bool:
        """ "after that Estimate" is the next step of what was told so far."""
        begun = None if self._latest else _BEGIN.match(clause)
        if begun:
            self._latest = [self.graph.node(bare_name(begun["name"]))]
            return True
        step = SEQUENCE.sub("", f" {clause}", count=1).strip()
        if not self._latest or step == clause.strip() or not step:
            return False
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
        for name in names:
            self.graph.node(name)
        return True

    @staticmethod
    def _names(words: str) -> list[str]:
        return [bare_name(name) for name in split_items(clean(words))]
