# ruff: noqa: E501  # a pattern stays on one line
"""The kind of drawing that an instruction names, its subject, and the content that follows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from ai_jobs.planning.errors import NotUnderstood
from ai_jobs.planning.parts import Color, Direction, Shape
from ai_jobs.providers.sketcher.arrows import ARROW
from ai_jobs.providers.sketcher.courtesy import strip_command, strip_courtesy
from ai_jobs.providers.sketcher.graph import Graph, same_words
from ai_jobs.providers.sketcher.items import (
    clean,
    is_abbreviated,
    singular,
    split_items,
    split_outside,
    strip_bullet,
)
from ai_jobs.providers.sketcher.kinds import sure_kind
from ai_jobs.providers.sketcher.prose import clauses, sentences
from ai_jobs.providers.sketcher.prose import told as told_way
from ai_jobs.providers.sketcher.vocabulary import ORDINALS
from ai_jobs.providers.sketcher.wording import Wording, as_title, bare_noun, take_tail, take_wishes

# A longer first sentence is a story and no heading.
_LONGEST: Final = 160
_ABOUT: Final = re.compile(
    r"^\s*(?:(?:for|of|about|on|around|showing(?!\s+(?:an?|the|\d+|two|three|four|five|six|my|our)\s)|describing|comparing|called|titled|named|regarding|which\s+shows?|"
    r"that\s+shows?|with\s+the\s+title)\s+|[\u2013\u2014-]\s+)",
    re.IGNORECASE,
)
_WITH: Final = re.compile(
    r"\s*\b(?:(?:with|having|containing|including|that\s+(?:has|have|contains?))(?:\s+(?:the|these|following|\d+|two|three|four|five|six|its))*"
    r"(?:\s+(?:central|main|empty|plain))?(?:\s+(?:columns?|lanes?|lists?|branches|topics|nodes|sections|quadrants|entities|tables|events|milestones|"
    r"fields|elements|components|participants|actors|sets|circles|items|cards|steps|widgets|parts|subtopics|cells|rows|phases|stages|dates|periods|people|roles|groups|tasks)(?:\s+(?:for|like|such\s+as|namely|named|called))?)?"
    r"|containing|including|consisting\s+of|made\s+(?:up\s+)?of|that\s+(?:has|have|contains?)|has|having|where|in\s+which|showing|split\s+into|"
    r"divided\s+into|using|from)\b\s*:?\s*",
    re.IGNORECASE,
)
# A subject ends with its sentence, at a semicolon, or at a dash.
_ENDED: Final = re.compile(
    r"\s*;\s+(?=\S)|,\s+(?=(?:an?|with|title|headline|one|two|three|four|five|\d+)\s)|(?<=\w\w)[.!]\s+(?=\S)|(?P<dash>\s+[\u2013\u2014-]\s+(?=\S))"
)
# … at a dash only where more than one part is named after it: "Berlin - capital: a, b" is one name.
_PART: Final = re.compile(r"\s*[^:;,/|\n]{1,40}:\s")
_NEXT_PART: Final = re.compile(rf"[/|;,.\n]{_PART.pattern}")


@dataclass(frozen=True)
class Headed:
    """An instruction that names its kind: "Mind map of coffee: origin, brewing"."""

    title: str
    subject: str
    body: str
    noun: str
    color: Color | None = None
    direction: Direction | None = None
    shape: Shape | None = None

    def parted(self) -> "Headed":
        """ "the move, in week 1 A, in week 2 B" as the subject of a heading: its first part is the subject."""
        subject, comma, told = self.subject.partition(",")
        if self.body.strip() or not comma or not told.strip():
            return self
        return replace(self, title=as_title(subject), subject=subject.strip(), body=told.strip())

    def graph(self) -> Graph:
        """An empty drawing with this title and these wishes."""
        return Graph(self.wording())

    def wording(self) -> Wording:
        return Wording(
            body=self.body, title=self.title, color=self.color, direction=self.direction, shape=self.shape
        )


_CUT: Final = re.compile(
    r":(?=\s|$)|\n|\?\s+(?=\S)|(?<=\w\w)[.!]\s+(?=\S)|\s+\|\s+(?=[^|\n]{1,40}:)|(?<=[)\"”])[.]\s+(?=\S)"
)
_PLEASE: Final = (
    r"(?:please|pls|plz|thanks|for\s+(?:me|us)|real\s+quick|quick\s+one|if\s+possible|now|here|today|again)"
)
# "org chart, quick one: …", "sequence please, who talks to whom: …": talk between the kind and what is in it.
_ASIDE: Final = re.compile(
    rf"^\s*,?\s*(?:{_PLEASE}\b\s*,?\s*)*(?:,\s*(?:quick\s+one|nothing\s+fancy|very\s+(?:simple|short)|simple(?:\s+one)?|keep\s+it\s+\w+|(?:who|what|which|how|where|when|just|in)\s[^,:]{{1,60}}))?\s*$",
    re.IGNORECASE,
)
_LISTED_AFTER: Final = re.compile(
    r"^\s*,?\s*(?:(?:the|its|with|and|these|those)\s+)*(?:fields?|columns?|lanes?|lists?|branches|participants?|actors?|people|events?|milestones?|entities|tables|steps?|stages|sections?|parts|elements|circles|sets|topics|rows?|items?|members|dates|quadrants|phases|cards|nodes)\b\s*(?:are|is|being|(?:should|would)\s+be)?(?:\s+(?:called|named))?\s*[:,]?\s+",
    re.IGNORECASE,
)


@lru_cache(maxsize=4)
def _opened(text: str) -> tuple[str, str, str, Wording]:
    """Heading, what ends it (a colon, a line end, a sentence's end, or nothing), the rest, and the wishes on the way."""
    wishes = Wording(body="")
    text = take_tail(strip_courtesy(text), wishes).strip()
    text, _ = strip_command(text)
    cut = next((m for m in _CUT.finditer(text) if not is_abbreviated(text[: m.end()].rstrip())), None)
    head, mark, body = (text[: cut.start()], cut[0], text[cut.end() :]) if cut else (text, "", "")
    if head.endswith("?") and mark == ":":
        head = head[:-1]
    head = re.sub(rf"[\s,]+(?:{_PLEASE}\s*$|(?:please|pls|plz)\s*(?=,\s))", "", head, flags=re.IGNORECASE)
    return bare_noun(take_wishes(head, wishes)), mark.strip() or mark[:1], body, wishes


def headed(text: str, noun: re.Pattern[str]) -> Headed | None:
    """The instruction split at the noun for its kind, when it begins with that noun or its heading ends on it."""
    head, mark, body, wishes = _opened(text)
    at_start = noun.match(head)
    of_it = at_start and re.match(rf"{_ABOUT.pattern}|{_WITH.pattern}", head[at_start.end() :], re.IGNORECASE)
    if not of_it and told_way(_first_words(head, mark, body)):
        return None  # "Survey splits into three: …" tells something of a survey
    # "Let us brainstorm: a mind map of …": the kind is named after the colon.
    after_colon = mark == ":" and re.match(r"\s*(?:an?|the)\s+\S", body) and noun.match(bare_noun(body))
    if after_colon and len(head) < _LONGEST and not ARROW.search(head):
        return headed(body.strip(), noun)
    if at_start:
        rest = head[at_start.end() :]
        if mark == ":" and _ASIDE.match(rest):
            rest = ""
        pleased = re.match(rf"\s*,?\s*{_PLEASE}\b\s*,?\s*", rest, re.IGNORECASE)
        if (pleased and pleased.end()) or (
            re.match(r"\s*[,?!]\s+\S", rest) and (_tells(rest, mark, body) or sure_kind(at_start[0]))
        ):
            told = re.sub(r"^\s*[,?!]\s*", "", rest[pleased.end() :] if pleased else rest)
            if not re.match(_ABOUT.pattern + "|" + _WITH.pattern, told, re.IGNORECASE) or not told:
                body = (
                    f"{told}{mark} {body}"
                    if told and mark and mark != "\n"
                    else f"{told}{mark}{body}"
                    if told
                    else body
                )
                return _made("", "", _LISTED_AFTER.sub("", body), at_start[0], wishes)
            rest = f" {told}"
        if re.match(r"\s*(?:,|\?|and\b|then\b|is\b|are\b)", rest) or (
            (arrow := ARROW.match(rest)) and arrow[0].strip()
        ):
            return None
        first_named = mark == ":" and not _PART.match(body) and bool(_NEXT_PART.search(body))
        if first_named:  # "SWOT - strengths: a; weaknesses: b": a part, and no subject
            rest = re.sub(r"^\s+[\u2013\u2014-]\s+", "", rest)
        subject, inner = _subject(rest, dash=mark != ":" or first_named, listed=mark == ":")
        if inner:
            body = (
                f"{inner}{mark} {body}"
                if mark and mark != "\n"
                else f"{inner}\n{body}"
                if body.strip()
                else inner
            )
        return _made(
            as_title(subject),
            subject,
            _LISTED_AFTER.sub("", body) if mark != "\n" and not inner else body,
            at_start[0],
            wishes,
        )
    if len(head) > _LONGEST or ARROW.search(head):
        return None
    at_end = re.search(rf"(?<![\w-])(?:{noun.pattern})\s*$", head, noun.flags)
    if not at_end or not at_end.start():
        return None
    before = re.sub(r"\s+(?:as|in|into|on)\s+(?:a|an|the)?\s*$", "", head[: at_end.start()])
    as_kind = before != head[: at_end.start()]
    before = re.sub(r"^(?:show|see|have|visuali[sz]e)\s+", "", before, flags=re.IGNORECASE)
    title = before if as_kind else head
    return _made(as_title(title), before.strip(), body if mark else "", at_end[0].strip(), wishes)


def _first_words(head: str, mark: str, body: str) -> str:
    """The first sentence, through a colon that ends no name: "splits into two: A, B"."""
    first = f"{head}: {body}" if mark == ":" and re.search(r"\b(?:into|to)\b", head) else head
    return next(iter(sentences(first[:200])), "")


def _tells(rest: str, mark: str, body: str) -> bool:
    """ "SWOT, strengths: a" and "form, fields: a, b": what follows the comma is no second item of a list."""
    return bool(mark == ":" and body.strip()) or bool(_LISTED_AFTER.match(rest))


def _made(title: str, subject: str, body: str, noun: str, wishes: Wording) -> Headed:
    body = body.strip("\n").rstrip()
    return Headed(
        title=title[:200],
        subject=subject.strip(),
        body=body,
        noun=noun.lower(),
        color=wishes.color,
        direction=wishes.direction,
        shape=wishes.shape,
    )


def _end_of_subject(rest: str, *, dash: bool) -> re.Match[str] | None:
    for ended in _ENDED.finditer(rest):
        if not is_abbreviated(rest[: ended.end()].rstrip()) and (dash or not ended["dash"]):
            return ended
    return None


def _subject(rest: str, *, dash: bool, listed: bool = False) -> tuple[str, str]:
    """ "of coffee with branches a, b" → ("coffee", "a, b")."""
    about = _ABOUT.match(rest)
    if about:
        rest = rest[about.end() :]
        subject, comma, part = rest.rpartition(",")
        if listed and comma and part.strip() and len(part.split()) <= 4 and " and " not in part:
            rest = f"{subject}; {part.strip()}"  # "for our app, strengths": the first part and no subject
        inside, ended = _WITH.search(rest), _end_of_subject(rest, dash=dash)
        if ended and not (inside and 0 < inside.start() < ended.start()):
            return rest[: ended.start()].strip(" ,"), rest[ended.end() :].strip()
        if inside and inside.start():
            return rest[: inside.start()].strip(" ,"), rest[inside.end() :].strip()
        return rest.strip(), ""
    inside = _WITH.match(rest)
    if inside:
        return "", rest[inside.end() :].strip()
    parted = re.match(
        r"\s+(?P<subject>[^,:;]{1,60}),\s*(?=(?:with\s+)?(?:the\s+)?(?:main\s+)?[a-z]+s?$)", rest
    )
    if listed and parted:  # "mind map negligence, branches: …"
        return parted["subject"].strip(), ""
    return "", rest.strip(" ,.-")


Section = tuple[str, list[str]]
_NAME: Final = re.compile(
    r"(?:^|(?<=[;,.\n]))\s*(?:and\s+)?(?P<name>[^:;,.\n()]{1,60}?)\s*(?::(?=\s|$)|=(?=\s)|\s[\u2013\u2014-](?=\s))",
    re.M,
)


_HAS: Final = re.compile(
    r"^(?:(?:in|for|into)\s+(?=the\s|[^,:]{1,40}\s(?:put|add|place|there|we\s+have|goes?|write)\b)|under\s+|below\s+|inside\s+)?(?:the\s+)?(?P<name>[^:;()\n,]{1,60}?)\s*(?:,\s*|\s+)(?:column\s+|list\s+|lane\s+)?(?:has|have|holds?|contains?|includes?|gets?|lists|gives|is\s+for|are|is|there\s+(?:is|are)|there['\u2019]s|goes?|we\s+(?:have|put|see)|(?:i|we)['\u2019]ve\s+got|put|with)\s+(?P<items>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_UNDER: Final = re.compile(
    r"^(?:(?:and|then|please|also|with|has|have)\s+)*(?:(?:put|add|place|move|drop|stick|write|set|list|insert)\s+(?=\S+\s))?(?P<items>\S.*?)\s+(?:(?:is|are|goes?|go|belongs?|sits?|stays?|lives?|fits?|counts?)\s+)?(?:(?:currently|still|also|only|just)\s+)?(?:in|under|into|inside|to|on|for|below)\s+(?:the\s+)?(?P<name>[^,;:]{1,60}?)(?:\s+(?:column|list|lane|quadrant|section|field|box|one|side))?$",
    re.IGNORECASE | re.DOTALL,
)
_COLUMNS_ARE: Final = re.compile(
    r"^\s*(?:(?:with|has|having|it|the|its|and|should|have|of|\d+|two|three|four|five|six|following)\s+)*(?:(?:empty|plain|main)\s+)?(?:columns?|lanes?|lists|sections|quadrants|fields|parts|stages|boxes)\s*(?:are|(?:(?:should|must|will)\s+be\s+|are\s+)?(?:called|named|labell?ed|for))?\s*[:(,]?\s*",
    re.IGNORECASE,
)


def sections(body: str) -> list[Section]:
    """Named groups with their items, in any of the ways people write them; names alone have no items."""
    body = _lines_for_slashes(body)
    lines = [line for line in body.split("\n") if line.strip()]
    if len(lines) > 1 and (found := _sections_of_lines(lines)):
        return found
    if declared(body)[1] and (told := told_sections(body)):
        return told
    named = list(_NAME.finditer(body))
    if named and not body[: named[0].start()].strip(" ,;"):
        ends = [match.start() for match in named[1:]] + [len(body)]
        return [
            (clean(strip_bullet(match["name"])[1]), split_items(body[match.end() : end].strip(" ,;.\n")))
            for match, end in zip(named, ends, strict=True)
        ]
    if told := told_sections(body):
        return told
    found = []
    for part in split_items(body) if ";" not in body else [clean(p) for p in split_outside(body, ";")]:
        inside = re.match(r"^(?P<name>[^()]+?)\s*\((?P<items>[^()]*)\)$", part)
        if inside:
            found.append((clean(inside["name"]), split_items(inside["items"])))
        elif part:
            found.append((clean(part), []))
    return found


def _lines_for_slashes(body: str) -> str:
    slashed = re.split(r"\s+[/|]\s+", body)
    if len(slashed) > 1 and all(re.match(r"\s*[^:\n]{1,60}:\s*\S", part) for part in slashed):
        return "\n".join(part.strip() for part in slashed)
    return body


def told_sections(body: str, names: Sequence[str] = ()) -> list[Section]:
    """Sections told in sentences: "A has x and y, B has z", "put x under A", "the columns are A and B, x is in A".

    Where the names are known, or the words name them first, nothing else can be a name. Nothing is found when any
    sentence tells neither.
    """
    known = {_stem(name): name for name in names}
    found: dict[str, Section] = {_stem(name): (name, []) for name in names}
    names_first, rest = declared(_lines_for_slashes(body))
    if names_first:
        known = {_stem(name): name for name in names_first}
        found = {_stem(name): (name, []) for name in names_first}
    if not rest.strip():
        return list(found.values())

    def section(clause: str) -> tuple[str, str] | None:
        clause = re.sub(r"^(?:and|then|while|but)\s+", "", clause.strip(" ,.;"), flags=re.IGNORECASE)
        if (which := _IN_THE_NTH.search(clause)) and len(known) > (
            number := ORDINALS[which["which"].lower()]
        ):
            told = re.sub(
                r"^[\s,:]*(?:(?:please|put|add|place|we\s+have|there\s+(?:is|are)|goes?)\s+)*",
                "",
                clause[: which.start()] + clause[which.end() :],
            )
            return list(known.values())[number], told
        for pattern in (_NAMED_PART, _HAS, _UNDER):
            if match := pattern.match(clause):
                name = clean(
                    re.sub(
                        r"^(?:the|our|my|its)\s+|\s+(?:column|list|lane|quadrant|section|set|circle)$",
                        "",
                        match["name"],
                        flags=re.IGNORECASE,
                    )
                )
                if not known or _stem(name) in known:
                    return name, match["items"]
        return None

    parts = clauses(rest, section)
    if not known and len(parts) > 1 and not section(parts[0]) and len(names_first := _names_in(parts[0])) > 1:
        known = {_stem(name): name for name in names_first}
        found = {_stem(name): (name, []) for name in names_first}
        parts = parts[1:]
    pairs = [section(part) for part in parts]
    if not pairs or None in pairs or (not known and len(pairs) < 2):
        return []
    for pair in pairs:
        assert pair is not None
        name, items = pair
        kept = found.setdefault(_stem(name), (known.get(_stem(name), name), []))
        if not re.fullmatch(r"(?:nothing|empty|none)(?:\s+yet)?", items.strip(), re.IGNORECASE):
            kept[1].extend(_CARD.sub("", item) for item in split_items(items))
    return list(found.values())


def _stem(name: str) -> str:
    """What makes two mentions the same section: singular or plural."""
    return singular(same_words(name))


def _names_in(clause: str) -> list[str]:
    listed = _COLUMNS_ARE.match(clause)
    names = split_items(clause[listed.end() if listed else 0 :])
    return names if all(len(name.split()) <= 4 for name in names) else []


# "In the first one please put …"
_IN_THE_NTH: Final = re.compile(
    rf"\b(?P<in>in|under|into|to)\s+the\s+(?P<which>{'|'.join(ORDINALS)})(?:\s+(?:one|column|list|lane|section))?\b",
    re.IGNORECASE,
)
_NAMES_END: Final = re.compile(
    r"[.;:)\n]|(?:,|,?\s+(?:and|then))\s+(?:please\s+)?(?:put|add|place|with|move|have|stick)\b|,\s+and\s+(?=[^,]*\s(?:goes?|is|are|belongs?)\s+(?:in|under|into|to)\s)|$"
)


def declared(body: str) -> tuple[list[str], str]:
    """ "the columns are A, B and C. Put x in A": the names that come first, and what is told of them."""
    listed = _COLUMNS_ARE.match(body) or re.match(
        r"\s*\(|(?=[^.:;\n]{3,200}(?:[.;]\s|,\s+(?:and\s+|then\s+)?(?:please\s+)?(?:put|add|place|move|stick)\s))",
        body,
        re.DOTALL,
    )
    if listed is None:
        return [], body
    cut = _NAMES_END.search(body, listed.end())
    assert cut is not None
    names = split_items(re.sub(r"\s+[/|]\s+", ", ", body[listed.end() : cut.start()]))
    if len(names) < 2 or any(len(name.split()) > 4 for name in names) or (_NAMED_PART.search(names[0])):
        return [], body
    return names, body[cut.start() :].lstrip(" .;:,)\n")


# "a card for Mrs Hill and one for Mr Osei", "the card Essays": only the words go on it.
_CARD: Final = re.compile(
    r"^(?:please\s+|put\s+|add\s+)*(?:(?:an?|the|one|another|two|three)\s+)?(?:cards?|tasks?|tickets?|items?|notes?|stick(?:y|ies)|one)\s+(?:for\s+|called\s+|named\s+|saying\s+|that\s+says?\s+)?(?=[\"“A-Z])[\"“]?|^(?:an?|the)\s+(?=[a-z])|[\"”]$",
)
_NAMED_PART: Final = re.compile(
    r"^(?P<name>[^:,]{1,60}?)\s*(?::|=|\s[\u2013\u2014-])\s+(?P<items>\S.*)$", re.DOTALL
)


def _sections_of_lines(lines: list[str]) -> list[Section]:
    parsed = [strip_bullet(line) for line in lines]
    depths = sorted({depth for depth, _, _ in parsed})
    marked = {mark for _, _, mark in parsed}
    found: list[Section] = []
    nested = len(depths) > 1
    for line, (depth, text, mark) in zip(lines, parsed, strict=True):
        is_name = depth == depths[0] if nested else not mark if len(marked) > 1 else True
        if is_name:
            name, colon, rest = text.partition(":")
            if colon:
                found.append((clean(name), split_items(rest)))
                continue
            inside = re.match(r"^(?P<name>[^()]+?)\s*\((?P<items>[^()]*)\)$", text)
            dashed = re.match(r"^(?P<name>[^,]{1,40}?)\s+[\u2013\u2014-]\s+(?P<items>.+)$", text)
            if inside or dashed:
                match = inside or dashed
                assert match is not None
                found.append((clean(match["name"]), split_items(match["items"])))
            else:
                found.append((clean(text), []))
        elif found:
            found[-1][1].append(clean(text))
        else:
            return []
        del line
    return found


def needs(what: str, example: str) -> NotUnderstood:
    """The refusal of a drawing whose kind was named and whose content was not."""
    return NotUnderstood(f"{what} For example: {example}")
