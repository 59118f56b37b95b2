# ruff: noqa: E501  # a pattern stays on one line
"""Who stands above whom, told with names: "Rose at the top, her kids are Peter and Susan, Emma reports to Peter".

As in a story the names are found first, and what stands around them is sorted: it makes a name the root, it leads up, or
it leads down, which is what most verbs do.
"""

import itertools
import re
from dataclasses import dataclass, field
from typing import Final

from ai_jobs.providers.sketcher.items import clean
from ai_jobs.providers.sketcher.mentions import LISTS, Mention, mentions, recurring
from ai_jobs.providers.sketcher.prose import bare_name, sentences
from ai_jobs.providers.sketcher.vocabulary import NUMBER, number_of

_KIN: Final = (
    r"(?:kids?|child(?:ren)?|sons?|daughters?|reports|teams?|people|(?:sub-?\s?)?(?:branch(?:es)?|topics?|nodes?|items?|ideas|categories|points|parts|arms)|subordinates?|"
    r"employees|deput(?:y|ies)|pages|folders|members|departments?|groups|areas)"
)
_HIM: Final = r"(?:who|it|them|him|her|that|this|he|she|which|whom|there)"
_BELOW: Final = r"(?:under|below|beneath|underneath)"
_TOP: Final = r"(?:(?:very\s+)?(?:top|head|root)|cent(?:er|re)|middle)"
_ROOT_BEFORE: Final = re.compile(
    rf"\b(?:(?:in|at|on|as)\s+the\s+{_TOP}(?:\s+(?:is|sits|stands|there\s+is|we\s+have|put|write))?|(?:with\s+)?(?:the\s+)?(?:root|cent(?:er|re)|middle|boss|(?:central|main|core)(?:\s+(?:topic|idea|theme|node|subject))?(?=\s*:|\s\S)|(?:central|main|core)\s+(?:topic|idea|theme|node|subject)|topic|subject|theme)(?:\s+(?:node|is|being|called))*|"
    r"(?:maps?|mindmaps?|chart|tree|diagram|web|structure|sitemap|hierarchy|brainstorm(?:ing)?)(?:\s+(?:session|map))?(?:\s+(?:is|should\s+be|needed))?(?:\s+(?:of|about|around|for|on)|:)?|around|brainstorm(?:ing)?)\s*[:=]?\s*(?:the\s+|an?\s+|our\s+|my\s+)?\s*$",
    re.IGNORECASE,
)
_ROOT_AFTER: Final = re.compile(
    rf"\s*(?:(?:is|sits|stands|goes|comes|should\s+be|as|being)\s+)?(?:(?:at|in|on|as|is)\s+(?:the\s+|our\s+)?(?:{_TOP}|main\s+topic|central\s+topic|boss)(?!\s+of\b)|on\s+top)\b",
    re.IGNORECASE,
)
_LED: Final = re.compile(
    rf"(?:\b{_BELOW}|\bfor|\b{_KIN}\s+(?:off?|for|from|under)|\binside|\bwithin|^\s*(?:branching\s+)?(?:off|from|out\s+of))\s+(?:the\s+|an?\s+)?$",
    re.IGNORECASE,
)
# "Children of Ann: Ben, Cem": the first word is no name.
_KIN_FIRST: Final = re.compile(rf"(?:(?<=[.;\n]\s)|^){_KIN}\s+(?=(?:of|for|from|under)\b)", re.IGNORECASE)
_UP: Final = re.compile(
    rf"\b(?:reports?|reporting|answers?|works?\s+(?:under|for)|belongs?|{_KIN}\s+(?:off?|for)|(?:kind|type|subclass|member)s?\s+of|(?:led|managed|supervised|headed|run|owned)\s+by|"
    rf"(?:is|are|sits?|comes?|goes?|go|stands?|directly|right)\s+(?:right\s+|directly\s+)?{_BELOW})\b|^\s*(?:directly\s+|right\s+)?{_BELOW}\b",
    re.IGNORECASE,
)
_BELOW_HIM: Final = re.compile(
    rf"\b(?:{_BELOW}|around|to|for|off|from|of)\s+{_HIM}\b|^\s*(?:right\s+)?{_BELOW}\s*$", re.IGNORECASE
)
_BELOW_HIM_AND: Final = re.compile(rf"\s*(?:{_BELOW}|around|off)\s+{_HIM}(?=\s+and\b)", re.IGNORECASE)
_PARTED: Final = re.compile(
    r"(?P<after>[^,:;]*?)\s*(?:,|;|:(?=.*\S)|(?<=\S):|\s[\u2013\u2014-]\s)(?P<before>.*)", re.DOTALL
)
_DOWN: Final = re.compile(
    rf"\b(?:{_KIN}|[a-z]{{2,}}(?:s|ed)|have|is|are|into|over|above|with|manage|lead|run|head|supervise|oversee|put|add|there|contain|include|being)\b|^\s*[:\u2013\u2014-]?\s*$",
    re.IGNORECASE,
)
# Words that say no more than that the next names belong to what was spoken of.
_SINGULAR: Final = re.compile(r"\s*(?:also\s+|then\s+)?(?!is\b)\w+s\b")
_WHO: Final = re.compile(r"\s*(?:who|which|whom)\b", re.IGNORECASE)
_COUNT: Final = re.compile(rf"\b(?P<count>{NUMBER})\s*$", re.IGNORECASE)
_TELLS_OF: Final = re.compile(rf"\s*(?:(?:has|have)\b|(?:is|are)\b(?!.*\b{_KIN}\s*$))", re.IGNORECASE)
_IS_A: Final = re.compile(r"\s*is\s+(?:the\s+|our\s+|an?\s+)?", re.IGNORECASE)
_SAYS_BELOW: Final = re.compile(
    rf"(?:[\s:-]*\b(?:and|or|with|the|its?|his|her|their|our|my|main|sub|direct|first|second|are|is|as|has|have|namely|such|like|for|so|far|then|also|we|i|he|she|they|put|add|draw|want|there|called|named|including|containing|into|splits?|off|from|"
    rf"branching|level|two|three|four|five|six|seven|us|where|over|above|that|these|those|needs?|should|be|oh|each|all|a|an|around|{_BELOW}|{_HIM}|{_KIN})\b'?s?)*[\s:-]*",
    re.IGNORECASE,
)
_POSSESSIVE: Final = re.compile(
    rf"(?P<name>.+?)(?:['\u2019]s?\s+(?P<kin>(?:two|three|four|five|only|own)?\s*{_KIN})|\s+(?P<bare>children|kids|branches|subtopics|sub-branches))$",
    re.IGNORECASE,
)
_WHOSE: Final = re.compile(r"(?<=\w)['\u2019]s?$")
_PLACED: Final = re.compile(
    rf"\s(?:with|in(?!\s+chief\b)|at|on|as|for|around|off|into|over|above|{_BELOW})(?=\s|$)|\s(?:\d+|{_BELOW})(?=[,;.]|$)",
    re.IGNORECASE,
)
_PLURAL: Final = re.compile(
    r"\s*(?:both|all|each|directly)?\s*(?:report|answer|work|belong|are|sit|have|manage|lead|run|come|go)\b"
)
# "…, all as branches off Coffee"
_ALL_AS: Final = re.compile(
    r"^(?:\s*\b(?:all|both|each|as|are|is|being|the|main|of|them|these|those|which)\b)*\s*", re.IGNORECASE
)
_LONGEST: Final = 2000


@dataclass
class _Clause:
    """Lists of names, what links them, and what stands before and after."""

    before: str
    lists: list[list[str]] = field(default_factory=list)
    # At which name of its list a clause may begin: after a comma.
    starts: dict[int, int] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    after: str = ""
    # The next clause says of whom these are.
    rises: bool = False


def lineage(text: str) -> tuple[list[tuple[str, str]], str] | None:
    """Pairs of above and below, and the root that the words name; None where not all of it can be sorted."""
    if len(text) > _LONGEST:
        return None
    teller, again = _Teller(), recurring(text)
    for sentence in sentences(_KIN_FIRST.sub(lambda said: said[0].lower(), text)):
        found, tail = mentions(sentence, until=_PLACED, known=again)
        if not found:
            continue
        if "(" in sentence or any("?" in mention.name for mention in found):
            return None
        if teller.root and len(found) == 1 and sentence.strip() == found[0].name:
            teller.pairs.append((teller.root, found[0].name))  # a line of its own, among lines with branches
            continue
        if not all(teller.read(clause) for clause in _clauses(found, tail)):
            return None
    return (list(dict.fromkeys(teller.pairs)), teller.root) if teller.is_tree() else None


def _clauses(found: list[Mention], tail: str) -> list[_Clause]:
    clauses = [_Clause(found[0].gap)]
    for number, mention in enumerate(found):
        name, rest, clause = mention.name if mention.quoted else bare_name(mention.name), "", clauses[-1]
        whose = not mention.quoted and bool(_WHOSE.search(name))
        name = _WHOSE.sub("", name) if whose else name
        owned = None if mention.quoted else _POSSESSIVE.fullmatch(name)
        if owned:
            name, rest = owned["name"], f" {owned['kin'] or owned['bare']}"
        if number:
            rest_of_name = clause.after
            gap = rest_of_name + mention.gap
            clause.after = ""
            if LISTS.fullmatch(gap) and not (owned or whose):
                if "," in gap:
                    clause.starts[len(clause.lists) - 1] = len(clause.lists[-1])
                clause.lists[-1].append(clean(name))
                continue
            said = _ROOT_AFTER.match(gap) or _BELOW_HIM_AND.match(gap)
            parted = _PARTED.fullmatch(gap)
            if said:
                clause.after = said[0]
                clauses.append(_Clause(gap[said.end() :].strip(" ,:;")))
            elif parted and not (rest_of_name and mention.gap.strip() == ":"):
                clause.after = parted["after"]
                clauses.append(_Clause(parted["before"].rpartition(":")[2]))
            else:
                clause.links.append(gap)
        clauses[-1].lists.append([clean(name)])
        clauses[-1].after = rest
    clauses[-1].after += tail.rstrip(" .!")
    for clause, following in itertools.pairwise(clauses):
        clause.rises = (
            len(clause.lists) == 1 < len(clause.lists[0])
            and not clause.after
            and bool(_UP.match(_ALL_AS.sub("", following.before)))
        )
    return clauses


class _Teller:
    """Knows whose turn it is: the root, of whom was told last, and who waits for those below."""

    def __init__(self) -> None:
        self.pairs: list[tuple[str, str]] = []
        self.root = ""
        self._above = ""  # of whom is told
        self._last = ""  # "him"
        self._names: list[str] = []
        self._led = ""
        self._rises = False
        self._waiting: list[str] = []  # named, and nothing told of them yet

    def read(self, clause: _Clause) -> bool:
        names, before, after = clause.lists[0], clause.before, clause.after
        if len(after.split()) > 7 or re.search(r"[,;]|\band\b", after):
            return False
        if _WHO.match(before):
            self._above = self._last
        counted = _COUNT.search(before)
        if counted and len(names) - 1 == number_of(counted["count"]) > 1:
            names = clause.lists[0] = names[1:]  # "two directors, Kim and Lee"
        if len(clause.lists) > 1:
            return self._relate(clause)
        if self._rises:
            below, self._rises = self._names, False
            return self._put(names[0], below)
        if clause.rises:
            self._names, self._rises = names, True
            self._waiting += names
            return True
        if _ROOT_BEFORE.search(before) or _ROOT_AFTER.match(after):
            if not self.root:
                self.root = names[0]
            self._above = self._last = names[0]
            return self._put(names[0], names[1:])
        if (_BELOW_HIM.search(after) or _BELOW_HIM.search(before)) and (self._last or self.root):
            around = re.search(r"\baround\b", before + after) and self.root
            return self._put(self.root if around else self._last, names)
        if self._above and (
            _SAYS_BELOW.fullmatch(before) or re.search(r"\b(?:has|have|contains?|includes?)\b", before)
        ):
            if after and (not _SAYS_BELOW.fullmatch(after) or _TELLS_OF.match(after)):
                self._above = self._last = names[0]  # "Helen is the director"
                return len(names) == 1
            return self._put(self._above, names)
        if not self._above and len(names) == 1:
            self._above = self._last = names[0]
            return True
        self._names = names
        self._waiting += names
        return len(names) > 1

    def _relate(self, clause: _Clause) -> bool:
        subjects = clause.lists[0]
        if len(subjects) > 1 and self._above and _SINGULAR.match(clause.links[0]) and 0 in clause.starts:
            self._put(self._above, subjects[:-1])
            subjects = subjects[-1:]
        led = bool(_LED.search(clause.before))
        for number, (link, names) in enumerate(zip(clause.links, clause.lists[1:], strict=True)):
            more = number + 1 < len(clause.links)
            cut = clause.starts.get(number + 1, 0) if more and _PLURAL.match(clause.links[number + 1]) else 0
            cut = cut or max(len(names) - 1, 1)
            objects, following = (names[:cut], names[cut:] or names) if more else (names, [])
            if _IS_A.fullmatch(link) and not led:
                self._above = self._last = subjects[0]  # "Jane is CEO": what she is
            elif not led and _UP.search(link) and not re.search(r"\b(?:has|have|with)\b", link):
                if not all(self._put(above, subjects) for above in objects[:1]):
                    return False
            elif led or _DOWN.search(link):
                if not all(self._put(above, objects) for above in subjects):
                    return False
            else:
                return False
            subjects, led = following, False
        return True

    def _put(self, above: str, below: list[str]) -> bool:
        below = [name for name in below if name != above]
        self.pairs += [(above, name) for name in below]
        self._names = below
        if below:
            self._above, self._last = above, below[0] if len(below) == 1 else above
        return bool(above)

    def is_tree(self) -> bool:
        """Whether everybody has one above, and there is one at the top, or one for each tree."""
        if self.root:
            known = {below for _, below in self.pairs} | {self.root}
            self.pairs = [
                (self.root, a) for a in dict.fromkeys(a for a, _ in self.pairs) if a not in known
            ] + self.pairs
        self.pairs = [(self._called(above), self._called(name)) for above, name in dict.fromkeys(self.pairs)]
        below = [name for _, name in self.pairs]
        if not {self._called(name) for name in self._waiting} <= {
            name for pair in self.pairs for name in pair
        }:
            return False
        reached = {above for above, _ in self.pairs} - set(below)
        for _ in below:
            reached |= {name for above, name in self.pairs if above in reached}
        return bool(below) and len(below) == len(set(below)) and reached >= set(below)

    def _called(self, name: str) -> str:
        """ "CTO Ben" for Ben, who has been introduced so."""
        titled = {
            said
            for pair in self.pairs
            for said in pair
            if re.fullmatch(rf"(?:[A-Z]{{2,}}|\w+\.)\s+{re.escape(name)}", said)
        }
        return titled.pop() if len(titled) == 1 else name
