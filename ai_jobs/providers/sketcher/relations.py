"""Flowcharts told in prose: "A leads to B, after that comes C, and both of those go to D"."""

import re
from typing import Final

from ai_jobs.planning.plan import Plan
from ai_jobs.providers.sketcher.arrows import ARROW, SEQUENCE
from ai_jobs.providers.sketcher.graph import Graph
from ai_jobs.providers.sketcher.items import clean, split_items
from ai_jobs.providers.sketcher.prose import Told, bare_name
from ai_jobs.providers.sketcher.wording import Wording

_ELSE: Final = re.compile(r"\b(?:otherwise|else|if\s+not|if\s+so)\b|\?", re.IGNORECASE)


# Drawings of things that have to do with one another, each told with a verb.
_SYSTEM: Final = re.compile(
    r"\b(?:state\s+(?:machine|diagram|chart)|(?:state|status)\s+transitions?|(?:network|system|component|deployment|dependency|infrastructure|context|architecture|data[\s-]?flow|block|relationship|topology|service)\s+(?:diagram|map|chart|graph|overview|layout|plan|architecture|topology)|architecture|topology|infrastructure|micro[\s-]?services|data[\s-]?flow|dependencies|ecosystem|network|how\s+.*\b(?:connect\w*|talk\w*|hangs?\s+together))\b",
    re.IGNORECASE,
)
_STATES: Final = re.compile(r"\bstate|\bstatus", re.IGNORECASE)
_PLACE: Final = r"(?:to|into|onto|from|with|on|in|at|through|via|by|behind|over)"
_DOES: Final = re.compile(
    rf"(?P<source>[^\s,;]+(?:\s+[^\s,;]+){{0,3}}?)\s+(?P<verb>(?:(?:then|also|both)\s+)?[a-z]+(?<!s)s(?:\s+and\s+[a-z]+s)?(?:\s+(?!{_PLACE}\b)[a-z]+(?=\s+{_PLACE}\b))?(?:\s+{_PLACE}\b)?)\s+(?P<target>\S.*)"
)
_AFTER_NAME: Final = re.compile(
    rf"(?:(?:in)?to|(?P<verb>(?:(?:then|also|both)\s+)?(?!{_PLACE}\b)[a-z]+(?:\s+and\s+[a-z]+s?)?(?:\s+(?!{_PLACE}\b)[a-z]+(?=\s+{_PLACE}\b))?(?:\s+{_PLACE}\b)?))\s+(?P<target>\S.*)"
)
_ALSO: Final = re.compile(
    rf"(?P<verb>(?:(?:then|also)\s+)?[a-z]+(?<!s)s(?:\s+{_PLACE}\b)?)\s+(?P<target>\S.*)"
)
_PLAIN_VERB: Final = re.compile(
    r"(?:then\s+|also\s+|both\s+)?(?:connects?|links?|goes|go|leads?|moves?|flows?|points?|is\s+connected)(?:\s+(?:to|into|with))?$"
)
_LONGEST: Final = 160
_COUNTED: Final = re.compile(
    r"(?:both|all|the|these|two|three|four|five|several|\d+)(?:\s+(?:of\s+)?the)?\s+"
)


def from_verbs(wording: Wording) -> Plan | None:
    """ "state machine: closed opens to open, open closes to closed": things in small letters, told with any verb.

    Only where the heading says that things have to do with one another, and every clause tells a way.
    """
    named = _SYSTEM.search(wording.title)
    if not named or ARROW.search(wording.body) or _ELSE.search(wording.body):
        return None
    ways: list[Told] = []
    named_before = set[str]()
    for piece in re.split(r"\s*(?:[,;\n]|(?<=\w)\.(?=\s|$))\s*(?:(?:and|then|while)\s+)*", wording.body):
        if piece.strip(" .") and not _read_way(piece.strip(" ."), ways, named_before):
            return None
    if len(ways) < 2:
        return None
    graph = Graph(wording)
    known: dict[str, str] = {}
    for way in ways:
        source, target = (
            known.setdefault(_bare(words), clean(re.sub(r"^(?:the|an?)\s+(?=\S)", "", words)))
            for words in (way.source, way.target)
        )
        verb = re.sub(r"^(?:then|also|both)\s+", "", way.why)
        verb = re.sub(r"\s+(?:in)?to$", "", verb) if _STATES.search(named[0]) else verb
        graph.edge(graph.node(source), graph.node(target), "" if _PLAIN_VERB.match(way.why) else verb)
    return graph.plan("layered") if len(graph) <= len(graph.edges) + 1 and len(graph) > 1 else None


def _read_way(piece: str, ways: list[Told], known: set[str]) -> bool:
    """One clause after another, each with its verb, or with that of the clause before it."""
    if len(piece) > _LONGEST:
        return False
    for halves in _halves(piece):
        read: list[Told] = []
        for half in halves:
            if (way := _way(half, read[-1] if read else ways[-1] if ways else None, known)) is None:
                break
            read.append(way)
        else:
            for way in read:
                targets = split_items(way.target)
                ways += [Told(way.source, target, way.why) for target in targets]
                known |= {_bare(end) for end in (way.source, *targets)}
            return True
    return False


def _bare(words: str) -> str:
    """What makes "two web servers" and "both web servers" the same."""
    return _COUNTED.sub("", re.sub(r"^(?:the|an?)\s+(?=\S)", "", clean(words)).casefold())


def _way(clause: str, last: Told | None, known: set[str]) -> Told | None:
    words = clause.split()
    for cut in range(len(words) - 1, 0, -1):
        rest = _AFTER_NAME.fullmatch(" ".join(words[cut:]))
        if rest and _bare(" ".join(words[:cut])) in known:
            verb = rest["verb"] or (last.why if last else "")
            return Told(" ".join(words[:cut]), rest["target"], verb)
    if does := _DOES.fullmatch(clause):
        return Told(does["source"], does["target"], does["verb"])
    if last and (also := _ALSO.fullmatch(clause)):
        return Told(last.source, also["target"], also["verb"])
    return None


def _halves(piece: str) -> list[list[str]]:
    """ "a talks to b and b reads c" is two clauses, "a reads and writes b" and "a talks to b and c" are one."""
    parts = re.split(r"\s+and\s+", piece)
    cuts = [[" and ".join(parts[:cut]), " and ".join(parts[cut:])] for cut in range(1, len(parts))]
    return [*cuts, [piece]]


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
