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


def from_relations(wording: Wording) -> Plan | None:
    """Boxes and arrows of sentences without names, where they tell of nothing else: "the saw feeds the planer, …"."""
    body = wording.body.strip()
    if ARROW.search(body) or _ELSE.search(body):
        return None
    ways = [told(clause) for clause in clauses(body, told)]
    ends = [
        same_words(name)
        for way in ways
        if way
        for end in (way.source, way.target)
        for name in split_items(end)
    ]
    if len(ways) < 2 or None in ways or len(set(ends)) == len(ends):
        return None  # one thing comes twice, or they do not hang together
    reader = RelationReader(Graph(wording))
    for way in ways:
        assert way is not None
        reader.read(way)
    return reader.graph.plan("layered") if len(reader.graph) > 1 else None


class RelationReader:
    """Draws one told way after the other, and knows what "it" and "both" are."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
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

    @staticmethod
    def _names(words: str) -> list[str]:
        return [bare_name(name) for item in split_items(clean(words)) for name in re.split(r"\s+or\s+", item)]
