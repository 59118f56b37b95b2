# ruff: noqa: E501  # a pattern stays on one line
"""Named sections and what is in them: columns, quadrants, sets, branches, in any of the ways people tell them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ai_jobs.providers.sketcher.graph import same_words
from ai_jobs.providers.sketcher.items import clean, singular, split_items, split_outside, strip_bullet
from ai_jobs.providers.sketcher.prose import clauses, sentences
from ai_jobs.providers.sketcher.vocabulary import NUMBER, ORDINALS, number_of

Section = tuple[str, list[str]]

_NOUN: Final = r"(?:columns?|lanes?|lists?|sections?|quadrants?|fields?|parts?|stages?|boxes|box|circles?|sets?|sides?|areas?|categor(?:y|ies)|headings?|headers?)"
_NAME: Final = re.compile(
    r"(?:^|(?<=[;,.\n]))\s*(?:and\s+)?(?P<name>[^:;,.\n()]{1,60}?)\s*(?::(?=\s|$)|=(?=\s)|\s[\u2013\u2014-](?=\s))",
    re.M,
)
_HAS: Final = re.compile(
    r"^(?:(?:in|for|into)\s+(?=the\s|[^,:]{1,40}\s(?:(?:i|we|you|please)\s+)?(?:put|add|place|there|have|goes?|comes?|stands?|write)\b)|under\s+|below\s+|inside\s+)?(?:the\s+)?(?P<name>[^:;()\n,]{1,60}?)\s*(?:,\s*|\s+)(?:column\s+|list\s+|lane\s+)?(?:has|have|holds?|contains?|includes?|gets?|lists|gives|stays?|remains?|is\s+for|are|is|there\s+(?:is|are)|there['\u2019]s|goes?|comes?|stands?|(?:we|i|you)\s+(?:have|put|see|add|place|write)|(?:i|we)['\u2019]ve\s+got|(?:please\s+)?(?:put|add|place|write)|with)\s+(?!(?:\w+\s+)?(?:in|under|into|inside|on)\s)(?P<items>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_UNDER: Final = re.compile(
    r"^(?:(?:and|then|please|also|with|has|have)\s+)*(?:(?:put|add|place|move|drop|stick|write|set|list|insert)\s+(?=\S+\s))?(?P<items>\S.*?)\s+(?:(?:is|are|goes?|go|belongs?|sits?|stays?|lives?|fits?|counts?)\s+)?(?:(?:currently|still|also|already|waiting|only|just)\s+)?(?:in|under|into|inside|to|on|for|below)\s+(?!(?:it|them|there|that)\b)(?:the\s+)?(?P<name>[^,;:]{1,60}?)(?:\s+(?:column|list|lane|quadrant|section|field|box|one|side))?$",
    re.IGNORECASE | re.DOTALL,
)
_COLUMNS_ARE: Final = re.compile(
    rf"^\s*(?:(?:with|has|having|it|the|its|and|should|have|of|(?P<count>{NUMBER})|following|there|are|needs?|use)\s+)*(?:(?:empty|plain|main)\s+)?{_NOUN}(?:\s+(?:on\s+it|each))?\s*(?:are|(?:(?:should|must|will)\s+be\s+|are\s+)?(?:called|named|labell?ed|for))?\s*[:(,]?\s*",
    re.IGNORECASE,
)


def sections(body: str) -> list[Section]:
    """Named groups with their items, in any of the ways people write them; names alone have no items."""
    body = _A_COLUMN.sub("", _lines_for_slashes(body))
    names, rest = declared(body)
    if names and (told := distributed(rest, names)):
        return told
    lines = [line for line in body.split("\n") if line.strip()]
    if len(lines) > 1 and (found := _sections_of_lines(lines)):
        return found
    named = list(_NAME.finditer(body))
    if named and not body[: named[0].start()].strip(" ,;"):
        ends = [match.start() for match in named[1:]] + [len(body)]
        led = names = [strip_bullet(match["name"])[1] for match in named]
        if all(_UNDER_NAME.match(name) for name in names):
            led = [_UNDER_NAME.sub("", name) for name in names]
        return [
            (clean(name), _items(body[match.end() : end].strip(" ,;.\n")))
            for name, match, end in zip(led, named, ends, strict=True)
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


# What leads every name is no part of it: "Under Waiting: …. Under Approved: …".
_UNDER_NAME: Final = re.compile(
    r"(?:(?:and|then|put|place)\s+)*(?:under|below|in|inside|into|for|on)\s+(?:the\s+)?(?=\S)", re.IGNORECASE
)
# "column Mon with cards Legs and Core"
_A_COLUMN: Final = re.compile(
    r"\b(?:(?i:an?|the)\s+)?(?:(?i:left|right|middle|first|second|third|last)(?:[\s-]hand)?\s+)?(?:column|list|lane|section|quadrant)\s+(?:called\s+|named\s+)?(?=[\"“]|[A-Z][\w ]{0,40}?\s*(?::|\(|\b(?:with|has|have|holds|contains|gets|is|are|there|we)\b)|\w+(?:\s\w+)?,?\s+(?:(?:i|we|please|you)\s+)?(?:put|add|place|write|goes?|comes?|stays?|remains?|stands?)\b)"
)


def _lines_for_slashes(body: str) -> str:
    slashed = re.split(r"\s+[/|]\s+", body)
    if len(slashed) > 1 and all(re.match(r"\s*[^:=\n]{1,60}[:=](?:\s|$)", part) for part in slashed):
        return "\n".join(re.sub(r"^([^:=\n]{1,60}?)\s*=\s", r"\1: ", part.strip()) for part in slashed)
    return body


# -- the names are known -----------------------------------------------------------------------------------

_PLACE: Final = r"(?:in|into|under|underneath|beneath|below|inside|within|to|onto|on|for|at|as)"
_IS: Final = r"(?:is|are|was|were|be|goes|go|went|belongs?|sits?|stays?|lives?|fits?|counts?|stands?|waits?|comes?|hangs?|lands?|ends?\s+up|moves?|falls?|gets?|can|should|must|may|will|to|has|have|put|placed|parked|listed|stuck|filed|waiting|currently|still|already|also|only|just|all|both|each|now|then|please)"
# What stands between items and the section that they are in: "A and B [are still in the] Done".
_TO_NAME: Final = re.compile(
    rf"(?:^|(?<=[\s,;.:\"”)]))(?:[a-z]+\s+(?=(?:only|just|both)\s+$)|{_IS}\s+)*(?:{_PLACE}\s+)?(?:(?:the|an?|our|my|both|only|just)\s+)*(?:{_NOUN}\s+)?[\"“'\u2018(]?$",
    re.IGNORECASE,
)
# What stands between a section and its items: "Done [already has] A and B".
_FROM_NAME: Final = re.compile(
    rf"^[\"”'\u2019)]?\s*(?:{_NOUN}\b|one\b)?[\"”'\u2019)]?[\s,:=\u2013\u2014-]*(?:(?:and|then|that|which|we|i|you|they|it|there['\u2019]s|there|have|has|had|holds?|contains?|includes?|lists?|shows?|shares?|keeps?|got|gets?|give|is|are|goes|go|comes?|put|place|stick|add|write|find|see|belongs?|sits?|already|only|just|currently|now|please|should|must|will|be|with|for|(?:i|we|you)['\u2019]ve)\b[\s,:]*)*",
    re.IGNORECASE,
)
# What leads a sentence without being an item of it.
_LEAD: Final = re.compile(
    r"^(?:[\s,:;.&\u2013\u2014-]+|(?:and|then|also|but|while|whereas|please|with|now|so|where|our|guess\s+what|right\s+now|at\s+the\s+moment|currently|there(?:['\u2019]s|\s+is|\s+are)?|we(?:['\u2019]ve|\s+have)?(?:\s+got)?|i(?:['\u2019]ve|\s+have)|it|has|have|holds?|contains?)(?=[\s,:;.]|$))*"
    r"(?:(?:put|place|stick|drop|insert|write|add)\s+(?=\S))?"
    r"(?:(?:(?:only|just|both|already)(?=\s+(?:in|under|for)\b)|the\s+(?:word|text)s?|(?:the\s+|an?\s+)?(?:cards?|items?|things|tasks?|notes?|stick(?:y|ies)|entries|tickets?)(?=\s*(?:$|:)))(?=[\s,:;.]|$)[\s:]*)*",
    re.IGNORECASE,
)
# No words between a section and its items are longer; a search through all before them takes its length squared.
_LONGEST_GLUE: Final = 100
_SEPARATED: Final = re.compile(
    r"(?:[,;.:(\n\u2013\u2014-]|\b(?:and|while|but|then|whereas))\s*$", re.IGNORECASE
)
_AFTER_ITEMS: Final = re.compile(
    r"[\s,;.]+(?:(?:in|on|under|inside|to)\s+(?:it|there|them)|each|too|as\s+well|right\s+now|at\s+the\s+moment|(?:and|while|but|then|plus)|(?:is|are|goes|go))$",
    re.IGNORECASE,
)
_NOTHING: Final = re.compile(
    r"\W*(?:(?:and|the|all|is|are|stays?|remains?|we|leave|other|others|rest|remaining|columns?|ones?|nothing|empty|blank|none|still|yet|so|far|for|now|no|cards?|as)\b\W*)*",
    re.IGNORECASE,
)


# How many there are is no item: "There are 2 cards in Ideas (…)".
_COUNTED: Final = re.compile(
    rf"{NUMBER}(?:\s+(?:cards?|items?|things|tasks?|notes?|tickets?|stick(?:y|ies)|entries|more))?",
    re.IGNORECASE,
)


@dataclass
class _Mention:
    """One or more names side by side, and where in the sentence they stand."""

    names: list[str]
    start: int
    end: int
    attached: bool = False


def distributed(text: str, names: Sequence[str], also: Mapping[str, str] | None = None) -> list[Section]:
    """The items of each of the named sections: "x and y are in A, B has z, under C: w".

    `also` gives further words for a section, as patterns ("overlap" for both sets). Nothing is found where a sentence
    speaks of no section, or leaves open which.
    """
    found: dict[str, Section] = {name: (name, []) for name in names}
    spellings = _spellings(text, names) | dict(also or {})
    for sentence in sentences(_without_brackets(_lines_for_slashes(text), names)):
        mentions = _mentions(sentence, spellings, list(names))
        if not mentions:
            if _NOTHING.fullmatch(sentence):
                continue
            return []
        told = _told_of(sentence, mentions)
        if told is None:
            return []
        for name, items in told:
            found.setdefault(name, (name, []))[1].extend(items)
    return list(found.values())


def _without_brackets(text: str, names: Sequence[str]) -> str:
    """ "in Ideas (Dark mode, Export)": what stands in brackets after a name is told of it alone."""
    known = "|".join(r"\s+".join(map(re.escape, name.split())) for name in names)
    return re.sub(
        rf"\b(?P<name>{known})\s*\((?P<items>[^()]+)\)", r"\g<name>: \g<items>;", text, flags=re.IGNORECASE
    )


def _spellings(text: str, names: Sequence[str]) -> dict[str, str]:
    """Patterns for the names: as they are written, or where they never are, in small letters or singular."""
    found = {}
    for name in names:
        words = r"\s+".join(re.escape(word) for word in name.split())
        exact = rf"(?-i:\b{words})(?!\w)"
        loose = rf"\b{re.escape(singular(name.casefold()))}(?:e?s)?\b|\b{words}(?!\w)"
        found[exact if re.search(exact, text) else loose] = name
    return found


def _mentions(sentence: str, spellings: Mapping[str, str], names: list[str]) -> list[_Mention]:
    shown = re.sub(r"\"[^\"]*\"|“[^”]*”", lambda quoted: _hidden(quoted[0], spellings), sentence)
    found: list[_Mention] = []
    for pattern, name in spellings.items():
        found += [
            _Mention([name], match.start(), match.end())
            for match in re.finditer(pattern, shown, re.IGNORECASE)
        ]
    nth = rf"\bthe\s+(?P<which>{'|'.join(ORDINALS)})(?:\s+(?:one\b|{_NOUN}))?"
    found += [
        _Mention([names[number]], match.start() + 4, match.end())
        for match in re.finditer(nth, shown, re.IGNORECASE)
        if (number := ORDINALS[match["which"].lower()]) < len(names)
    ]
    found.sort(key=lambda mention: (mention.start, -mention.end))
    kept: list[_Mention] = []
    for mention in found:
        before = shown[max(mention.start - _LONGEST_GLUE, 0) : mention.start]
        after = shown[mention.end : mention.end + _LONGEST_GLUE]
        last = kept[-1] if kept else None
        if last and mention.start < last.end:
            continue
        glue = _TO_NAME.search(before)
        led = (
            bool(glue and glue[0].strip(" \"“'("))
            or not before.strip()
            or bool(_SEPARATED.search(before.rstrip(' "“')))
        )
        follows = re.match(r"[\"”']?\s*(?:[:=,;.)\u2013\u2014-]|$|[a-z])", after)
        if not led and not re.match(r"where|both|all", shown[mention.start : mention.end], re.IGNORECASE):
            continue
        if not follows and not (glue and glue[0].strip()):
            continue
        between = shown[last.end : mention.start] if last else ""
        if (
            last
            and re.fullmatch(r"\s*(?:and|&|\+|/|,)\s*(?:the\s+|also\s+)?(?:in\s+)?", between)
            and between.strip() != ","
        ):
            last.names.append(mention.names[0])
            last.end = mention.end
        else:
            kept.append(mention)
    return kept


def _hidden(quoted: str, spellings: Mapping[str, str]) -> str:
    """A quotation without its words, unless they are a name."""
    named = any(re.fullmatch(pattern, quoted[1:-1], re.IGNORECASE) for pattern in spellings)
    return quoted if named else f'"{"_" * (len(quoted) - 2)}"'


def _told_of(sentence: str, mentions: list[_Mention]) -> list[Section] | None:
    """Which items belong to which mention: those before it that lead up to it, or those after it."""
    gaps = [
        sentence[start:end]
        for start, end in zip(
            [0, *(mention.end for mention in mentions)],
            [*(mention.start for mention in mentions), len(sentence)],
            strict=True,
        )
    ]
    told: list[Section] = []
    for number, mention in enumerate(mentions):
        glue = _TO_NAME.search(gaps[number], max(len(gaps[number]) - _LONGEST_GLUE, 0))
        before = gaps[number][: glue.start()] if glue else gaps[number]
        content = _LEAD.sub("", _FROM_NAME.sub("", before, count=1) if number else before)
        mention.attached = not _says_nothing(content) and not _SEPARATED.search(before)
        if (
            glue
            and not glue[0].strip()
            and before.strip()
            and not sentence.startswith("where", mention.start)
        ):
            mention.attached = False
    for number, between in enumerate(gaps):
        above = mentions[number - 1] if number else None
        below = mentions[number] if number < len(mentions) else None
        gap = _content(between, above, below)
        if _says_nothing(gap):
            continue
        owners = [above] if above and not above.attached else []
        owners += [below] if below and below.attached else []
        if not owners:
            return None
        if len(owners) == 2:  # "we have Cake and Band, Venue is in": the last of them belongs to what follows
            first, _, second = gap.rpartition("," if "," in gap else " and ")
            told += [(_name_of(owners[0]), _items(first)), (_name_of(owners[1]), _items(second))]
            continue
        told.append((_name_of(owners[0]), _items(gap)))
    return told


def _says_nothing(gap: str) -> bool:
    """ "nothing yet", "2 cards": words between two mentions that are no items."""
    bare = gap.strip(" ,;.:&")
    return not bare or bool(_COUNTED.fullmatch(bare)) or (bare.islower() and bool(_NOTHING.fullmatch(bare)))


def _content(gap: str, above: _Mention | None, below: _Mention | None) -> str:
    """What stands between two mentions, without the words that only lead from one or to the other."""
    if below is not None and (glue := _TO_NAME.search(gap, max(len(gap) - _LONGEST_GLUE, 0))):
        gap = gap[: glue.start()]
    if above is not None and above.attached and re.match(r"[\"”')]?\s*[,;.]", gap):
        gap = re.sub(r"^[\"”')]?\s*[,;.]\s*", "", gap)
    elif above is not None:
        gap = _FROM_NAME.sub("", gap, count=1)
    gap = _LEAD.sub("", gap).rstrip(" ,;.:")
    while (shorter := _AFTER_ITEMS.sub("", gap)) != gap:
        gap = shorter
    return gap


def _name_of(mention: _Mention) -> str:
    return " & ".join(mention.names)


# "a card for Mrs Hill and one for Mr Osei", "the card Essays": only the words go on it.
_CARD: Final = re.compile(
    r"^(?:please\s+|put\s+|add\s+)*(?:(?:an?|the|one|another|two|three)\s+)?(?:cards?|tasks?|tickets?|items?|notes?|stick(?:y|ies)(?:\s+notes?)?|word|one)\s+(?:for\s+|with\s+|called\s+|named\s+|saying\s+|that\s+says?\s+)?(?=[\"“A-Z])[\"“]?|^(?:Card|Task|Ticket|Note|Item)\s+[\"“]|^(?:an?|the)\s+(?=[a-z])|[\"”]$|\s+in\s+(?:it|there)$",
)


def _items(text: str) -> list[str]:
    items = [_CARD.sub("", item) for item in split_items(text)]
    return [clean(item) for item in items if item and not (item.islower() and _NOTHING.fullmatch(item))]


# -- the names are told with what is in them ---------------------------------------------------------------


def told_sections(body: str, names: Sequence[str] = ()) -> list[Section]:
    """Sections told in sentences: "A has x and y, B has z", "put x under A", "the columns are A and B, x is in A".

    Where the names are known, or the words name them first, nothing else can be a name. Nothing is found when any
    sentence tells neither.
    """
    if not names:
        names, body = declared(_lines_for_slashes(body))
    if names:
        return distributed(body, names)
    found: dict[str, Section] = {}

    def section(clause: str) -> tuple[str, str] | None:
        clause = re.sub(r"^(?:and|then|while|but|where)\s+", "", clause.strip(" ,.;"), flags=re.IGNORECASE)
        if there := _THERE_IS.match(clause):
            return clean(there["name"] or there["name2"]), there["items"] or "nothing"
        for pattern in (_NAMED_PART, _HAS, _UNDER):
            if match := pattern.match(clause):
                name = re.sub(
                    r"^(?:the|our|my|its)\s+|\s+(?:column|list|lane|quadrant|section|set|circle|one)$",
                    "",
                    match["name"],
                    flags=re.IGNORECASE,
                )
                return clean(name), match["items"]
        return None

    parts = clauses(body, section)
    pairs = [section(part) for part in parts]
    if None in pairs or len(pairs) < 2:
        return []
    if told := distributed(body, list(dict.fromkeys(pair[0] for pair in pairs if pair))):
        return told
    for pair in pairs:
        assert pair is not None
        name, items = pair
        kept = found.setdefault(_stem(name), (name, []))
        if not re.fullmatch(
            r"(?:nothing|empty|none)(?:\s+(?:yet|in\s+it|there|so\s+far))*", items.strip(), re.IGNORECASE
        ):
            kept[1].extend(_CARD.sub("", item) for item in split_items(items))
    return list(found.values())


# "there's also an empty Rejected column", "a column Rejected with nothing in it"
_THERE_IS: Final = re.compile(
    r"(?:(?:there(?:\s+is|['\u2019]s)|we\s+(?:also\s+)?(?:have|need)|i\s+(?:also\s+)?(?:want|need)|plus|add|also)\s+)+(?:an?|one|another|the)\s+(?:(?:empty|extra|last|further|new)\s+)*"
    r"(?:(?:column|list|lane|section|field)\s+(?:called\s+|named\s+)?(?P<name>[^,;:]{1,40}?)|(?P<name2>[^,;:]{1,40}?)\s+(?:column|list|lane|section|field))(?:\s+(?:with|for|that\s+(?:has|holds))\s+(?P<items>.+))?$",
    re.IGNORECASE,
)


def _stem(name: str) -> str:
    """What makes two mentions the same section: singular or plural."""
    return singular(same_words(name))


def _names_in(clause: str) -> list[str]:
    listed = _COLUMNS_ARE.match(clause)
    names = split_items(clause[listed.end() if listed else 0 :])
    return names if all(len(name.split()) <= 4 for name in names) else []


# Where a list of names cannot go on.
_NAMES_END: Final = re.compile(
    rf"[.;:)\n]\s*|\s+[\u2013\u2014-]\s+|,\s+(?=(?:and\s+)?in\s+(?:the|both)\b)|\s+(?={_NOUN}\b(?!\s+(?-i:[A-Z])))|\s+(?=as\s+(?:the\s+)?(?:\w+\s+)?{_NOUN}\b)|,?\s+(?=(?:where|with|in\s+which|and\s+(?:in|under|into)\s|put|place)\b)|[,;]\s+(?=(?:and\s+)?(?:(?:the|its|their)\s+)?(?:cards|items|tasks|notes|stickies|tickets)\b)|(?:,|,?\s+(?:and|then))\s+(?=(?:please\s+)?(?:(?:put|add|place|with|move|have|stick)\b|(?:the|an?|one|another)\s+(?:card|sticky|note|task|item|word|text)\b|(?:[\w-]+\s+){{1,4}}(?:goes?|is|are|belongs?|sits?)\s+(?:in|under|into|to)\s))|$",
    re.IGNORECASE,
)
_AFTER_NAMES: Final = re.compile(
    rf"^(?:\s*(?:as\s+)?(?:the\s+)?(?:\w+\s+)?{_NOUN}\b)?[\s.;:,)]*(?:(?:and\s+)?(?:where|in\s+which|with|has|having)\s+)?",
    re.IGNORECASE,
)


# "the first column is called Leads, the second Contacted", "left one Work, right one Life"
_THE_NTH_IS: Final = re.compile(
    rf"\b(?:the\s+)?(?:(?:{'|'.join(ORDINALS)}|left|right)\s+(?:(?:one|{_NOUN})\s+)?)(?:is\s+|should\s+be\s+)?(?:called\s+|named\s+|labell?ed\s+)?(?=[\"“]|(?-i:[A-Z]))",
    re.IGNORECASE,
)


def declared(body: str) -> tuple[list[str], str]:
    """ "the columns are A, B and C. Put x in A": the names that come first, and what is told of them."""
    if len(_THE_NTH_IS.findall(body)) > 1:
        body = _THE_NTH_IS.sub("", body)
    listed = _COLUMNS_ARE.match(body)
    start = listed.end() if listed else len(body) - len(body.lstrip(" (,."))
    cut = _NAMES_END.search(body, start)
    assert cut is not None
    count = number_of(listed["count"]) if listed and listed["count"] else 0
    pieces = body[start : cut.start()].split(",")
    over = next((n for n, piece in enumerate(pieces, 1) if re.search(r"\band\s", piece)), len(pieces))
    if over < len(pieces):  # "A and B, x is in A": nothing is listed after "and"
        names = split_items(",".join(pieces[:over]))
        placed = any(re.search(r"\s(?:in|under|into|on)\s+[A-Z\"]", name) for name in names)
        if not placed and not any(_HAS.match(name) or len(name.split()) > 4 for name in names):
            return names, ",".join(pieces[over:]).lstrip() + body[cut.start() :]
    names = split_items(re.sub(r"\s+[/|]\s+", ", ", body[start : cut.start()]))
    if 1 < count < len(names):  # "three columns, A, B, C, and x goes to A"
        cut = re.compile(re.escape(names[count]) + r".*$", re.DOTALL).search(body, start) or cut
        names = names[:count]
        return names, body[cut.start() :]
    if (
        cut[0].strip() == ":"
        or len(names) < 2
        or any(len(name.split()) > 4 or _HAS.match(name) for name in names)
        or _NAMED_PART.search(names[0])
        or all(_UNDER.match(name) for name in names)
    ):
        return [], body
    rest = body[cut.start() :]
    return names, rest[_AFTER_NAMES.match(rest).end() :]  # type: ignore[union-attr]


_NAMED_PART: Final = re.compile(
    r"^(?P<name>[^:,]{1,60}?)\s*(?::|=|\s[\u2013\u2014-])\s+(?P<items>\S.*)$", re.DOTALL
)


def _sections_of_lines(lines: list[str]) -> list[Section]:
    parsed = [strip_bullet(line) for line in lines]
    if len(parsed) > 2 and all(_NAMED_PART.match(text) for _, text, _ in parsed):
        parsed = [(0, text, mark) for _, text, mark in parsed]  # "Do: a", and below it deeper "Schedule: b"
    depths = sorted({depth for depth, _, _ in parsed})
    marked = {mark for _, _, mark in parsed}
    found: list[Section] = []
    nested = len(depths) > 1
    for depth, text, mark in parsed:
        is_name = depth == depths[0] if nested else not mark if len(marked) > 1 else True
        if is_name:
            name, colon, rest = text.partition(":")
            if colon:
                found.append((clean(name), split_items(rest)))
                continue
            inside = re.match(r"^(?P<name>[^()]+?)\s*\((?P<items>[^()]*)\)$", text)
            dashed = re.match(r"^(?P<name>[^,]{1,40}?)\s+[\u2013\u2014-]\s+(?P<items>.+)$", text)
            if match := inside or dashed:
                found.append((clean(match["name"]), split_items(match["items"])))
            else:
                found.append((clean(text), []))
        elif found:
            found[-1][1].append(clean(text))
        else:
            return []
    return found
