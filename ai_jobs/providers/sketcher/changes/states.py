# ruff: noqa: E501  # a pattern stays on one line: the table is read down, not across
"""How something is to be, or where: a name, and what is said of it, whatever verb or modal holds them together.

"Make A red", "A should be red", "could A be red", "A: red" and "red for A" all are A and "red". The name is found by what
is on the canvas, and what is said by the predicates; the words between belong to neither.
"""

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from ai_jobs.planning.errors import NothingMatches
from ai_jobs.providers.sketcher.changes import contents, labels, looks, places
from ai_jobs.providers.sketcher.changes.phrases import Edits, Maker, is_new
from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.vocabulary import COLOR, LIGHT, SHAPE

_PREDICATES: Final = (*looks.PREDICATES, *places.PREDICATES, *contents.PREDICATES, *labels.PREDICATES)

_VERB: Final = re.compile(
    r"(?:make|colou?r|re-?colou?r|paint|turn|set|change|fill(?:\s+in)?|have|let|get|keep|put|move|place|position|bring|drag|shift|arrange|stick|send|push|pull|slide|nudge|shove|transfer|lay(?:\s+out)?|order|list|organi[sz]e"
    r"|scale|resize|size|blow|grow|shrink|enlarge|stretch|style|render|convert|transform|reshape|mark|shade|tint|dye|give|space|spread|rearrange|sort|re-?order|cent(?:er|re)|align|line|stack|pile|show|draw|see|apply|use|slip|squeeze|slot|fit|tuck|insert|wedge|stick|hang|need|want|replace)\b(?:\s+up)?\s*",
    re.IGNORECASE,
)
# With these a sentence asks for a change even when its object is not there.
_SURE: Final = re.compile(
    r"(?:make|colou?r|re-?colou?r|paint|turn|set|change|fill|move|place|put|position|bring|drag|shift|send|push|nudge|scale|resize|stretch|convert|transform|reshape|cent(?:er|re)|align|line|stack)\b",
    re.IGNORECASE,
)
_MODAL: Final = r"(?:should|must|shall|ought|has|have|needs?|can|could|may|might|would|wants?)"
_LINK: Final = re.compile(
    rf"(?:{_MODAL}|n['\u2019]t|to|be|become|becomes|becoming|being|go(?:es)?|gets?|having|looks?|appears?|turns?|turned|sits?|sitting|stands?|standing|comes?|off|along|further|runs?|reads?|flows?|faces|out|in|into|on|as|with|an?|all|both|each|also|then|now|please|really|rather|nice|nicer|nicely|better|best|just|painted|colou?red|drawn|shown|displayed|"
    r"moved|placed|put|set|made|changed|belongs?|over|across|back|up|some|sort\s+of|the\s+colou?r|colou?r|of|by|is|are|instead|actually|simply|only|more\s+of|like|live|positioned|located|same\s+time|one\s+and\s+the\s+same|the\s+same\s+colou?r,?(?=\s+(?:namely|say))|namely|say(?=\s+{COLOR}\b)|so\s+(?:that\s+)?(?:it|they)(?:\s+(?:is|are|becomes?|sits?|stands?|looks?|goes|runs?|reads?|flows?|points?)|['\u2019]?(?:s|re))|from\s+(?:an?\s+)?(?:{COLOR}|{SHAPE}|solid|dashed|dotted)(?=\s+(?:in)?to\s)),?\s+",
    re.IGNORECASE,
)
_END: Final = re.compile(
    r"\s*,?\s+(?:now|only|instead|too|after\s+all|asap|urgently|at\s+last|for\s+a\s+change|please|pls|as\s+well|again|right\s+away|for\s+(?:now|me|us)|here|there|altogether|(?:so\s+)?(?:that\s+)?(?:it|they)\s+(?:stands?\s+out|match(?:es)?|fits?)"
    r"|(?:instead\s+of|rather\s+than)\s+.+|(?:,\s*|and\s+|but\s+)?not\s+.+|(?:with\s+|at\s+|keep(?:ing)?\s+)?(?:the\s+|its\s+|their\s+)?(?:same\s+)(?:height|width|size|place|position|colou?r|shape)s?|(?:and\s+)?keep(?:ing)?\s+(?:the|its|their)\s+(?:height|width|size|place|position|colou?r|shape)s?|than\s+(?:(?:it|they)\s+(?:is|are)(?:\s+(?:now|today))?|now|before)|but\s+(?:keep|leave|don['\u2019]?t|with\s+the\s+same|only)\s.+)$",
    re.IGNORECASE,
)
_BUT: Final = re.compile(
    r"\s*,?\s+((?:except(?:\s+for)?|but\s+not|apart\s+from|other\s+than|besides)\s+.+)$", re.IGNORECASE
)
_COLORED: Final = rf"{LIGHT}{COLOR}"
_FACTOR: Final = r"(?:double|triple|quadruple|halve)"
# The name after what is said of it, and other orders; each becomes "the name, what is said".
_TURNED: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), order)
    for pattern, order in (
        (rf"(?P<p>{_FACTOR})\s+(?:the\s+)?(?P<q>size|width|height)\s+of\s+(?P<ref>.+)", "{ref} {p} the {q}"),
        (rf"(?P<p>{_FACTOR})\s+(?P<ref>it|its|their|her|his)s?\s+(?P<q>size|width|height)", "it {p} the {q}"),
        (rf"(?P<p>{_FACTOR})\s+(?P<ref>.+?)(?:['\u2019]s)?\s+(?:in\s+)?(?P<q>size|width|height)", "{ref} {p} the {q}"),
        (rf"(?P<p>{_FACTOR})\s+(?P<ref>.+)", "{ref} {p} the size"),
        (r"(?:increase|raise|enlarge|expand|magnify|grow|widen|heighten)\s+(?:the\s+)?(?P<q>size|width|height)\s+of\s+(?P<ref>.+?)(?P<p>(?:\s+(?:by|to)\s.+)?)", "{ref} bigger {q} {p}"),
        (r"(?:reduce|decrease|shrink|lower)\s+(?:the\s+)?(?P<q>size|width|height)\s+of\s+(?P<ref>.+?)(?P<p>(?:\s+(?:by|to)\s.+)?)", "{ref} smaller {q} {p}"),
        (r"(?:increase|enlarge|magnify|expand|grow|blow\s+up|scale\s+up)\s+(?P<ref>.+?)(?P<p>(?:\s+(?:a\s+(?:bit|little|lot)|slightly|much)|\s+(?:by|to)\s.+)?)", "{ref} bigger {p}"),
        (r"(?:shrink|reduce|decrease|scale\s+down|minimi[sz]e)\s+(?P<ref>.+?)(?P<p>(?:\s+(?:a\s+(?:bit|little|lot)|slightly|much)|\s+(?:by|to)\s.+)?)", "{ref} smaller {p}"),
        (r"(?:blow|scale|size)\s+(?P<ref>.+?)\s+up(?P<p>.*)", "{ref} bigger {p}"),
        (r"(?:scale|size)\s+(?P<ref>.+?)\s+down(?P<p>.*)", "{ref} smaller {p}"),
        (rf"(?P<ref>.+?)\s*(?:->|=>|\u2192)\s*(?P<p>{_COLORED}|{SHAPE})", "{ref} {p}"),
        (r"(?:reverse|flip|invert|turn\s+around)\s+(?:the\s+)?(?:order|row|column|sequence|list)(?:\s+of\s+(?P<ref>.+))?", "{ref} reversed"),
        (r"(?:widen|broaden)\s+(?P<ref>.+)", "{ref} wider"),
        (r"(?:highlight|emphasi[sz]e)\s+(?P<ref>.+?)(?:\s+(?:in|with)\s+(?P<p>\S+))?", "{ref} highlighted {p}"),
        (rf"(?:use|apply|take|put|i\s+(?:think|guess|feel|find)(?:\s+that)?|maybe|perhaps)?\s*(?P<p>{_COLORED}(?:\s+(?:background|border|outline|text|font|fill)s?)?)\s+(?:(?:would|could|might|will)\s+(?:be|look)\s+(?:\w+\s+)?(?:nicer|better|good|great|best|fine|cool|nice)\s+)?(?:for|on|in|to|onto|around)\s+(?P<ref>.+)", "{ref} {p}"),
        (r"(?:(?:use|have|apply|give|i|we|want|need|please)\s+)*(?P<p>.+?)\s+(?:for|on)\s+(?P<ref>(?:all|both|each|every|everything|the|these|those|them|it)\b.*)", "{ref} {p}"),
        (r"(?:use|draw|apply)\s+(?P<p>.+?(?:lines?|borders?|outlines?|corners?))\s+(?:for|on|around)\s+(?P<ref>.+)", "{ref} {p}"),
        (rf"(?:use|draw|make|apply|have|with)?\s*(?P<p>dashed|dotted|solid|thick|thin|thicker|thinner|bold|{_COLORED})\s+(?P<ref>arrows|lines|connections|connectors)", "the {ref} {p}"),
        (r"round\s+(?:the\s+|off\s+)*corners\s+of\s+(?P<ref>.+)", "{ref} rounded"),
        (r"(?P<p>left|right|top|bottom|cent(?:er|re)|middle)[\s-]align\s+(?P<ref>.+)", "{ref} aligned {p}"),
        (r"(?:align|line\s+up)\s+(?:to\s+)?(?:the\s+)?(?P<p>left|right|top|bottom|cent(?:er|re)|middle|horizontally|vertically)", "them aligned {p}"),
        (r"(?:align|straighten(?:\s+out)?|tidy(?:\s+up)?|line\s+up)(?:\s+(?P<ref>.+?))?(?:\s+up)?(?P<p>(?:\s+(?:(?:to|on|at|by|along)\s+)?(?:(?:the|their|one)\s+)?(?:left|right|top|bottom|cent(?:er|re)s?|middle|horizontally|vertically)(?:\s+(?:edges?|sides?|line))?)?)(?:\s+(?:nicely|neatly|properly))?", "{ref} aligned {p}"),
        (r"line\s+(?P<ref>.+?)\s+up", "{ref} aligned"),
        (r"cent(?:er|re)\s+(?P<ref>.+?)(?:\s+(?:on\s+(?:one|a|the)\s+)?(?P<p>horizontal|vertical)(?:ly)?(?:\s+line)?)?", "{ref} aligned {p}"),
        (r"(?:spread|space)\s+(?P<ref>.+?)\s+(?:out|apart)(?:\s+(?:a\s+(?:bit|little)|more|further|some))+", "{ref} apart"),
        (r"(?:(?:the|their)\s+)?(?:(?:new|right|correct)\s+)?order\s*(?:(?:should|must|has\s+to|needs\s+to)\s+be|is|:)\s*(?P<p>.+)", "it in order {p}"),
        (r"(?:distribute|space(?:\s+out)?|spread(?:\s+out)?)(?:\s+(?P<ref>.+?))??(?:\s+out)?(?:\s+(?:evenly|equally|uniformly|regularly))?(?P<p>(?:\s+(?:horizontally|vertically))?)(?:\s+(?:evenly|equally))?", "{ref} evenly spaced {p}"),
        (r"(?:(?:stack|pile)(?:\s+up)?|sort|rearrange|arrange|order|lay\s+out|organi[sz]e)\s+(?P<p>.+)", "them {p}"),
        (r"(?:stack|pile)(?:\s+up)?(?:\s+(?P<ref>.+?))?(?:\s+up)?(?:\s+(?:vertically|in(?:to)?\s+(?:a|one)\s+(?:single\s+)?(?:column|stack|pile)))?", "{ref} in a column"),
        (r"(?:sort|order)\s+(?P<ref>.+?)\s+(?P<p>alphabetically|by\s+name|from\s+a\s+to\s+z)", "{ref} {p}"),
        (r"(?:leave|put|add|have|make|give|with|get)?\s*(?P<p>(?:(?:a\s+(?:bit|little)\s+)?(?:more|bigger|larger|less|smaller|equal|the\s+same))\s+(?:space|room|distance|gaps?|spacing))\s+(?:between|around)\s+(?P<ref>.+)", "{ref} {p}"),
        (r"(?:(?:make|have|leave|keep|get|set)\s+)?(?:all\s+)?(?:the\s+)?(?:gaps?|spac(?:es?|ing)|distances?|room)(?:\s+(?:between|around|of)\s+(?P<ref>.+?))?\s+(?:(?:should|must|to|be|is|are|needs?|a\s+(?:bit|little)|slightly|much|all)\s+)*(?P<p>wider|bigger|larger|greater|smaller|narrower|tighter|closer)", "{ref} {p} gaps"),
        (r"the\s+(?:gaps?|space|distances?|spacing)\s+between\s+(?P<ref>.+?)\s+(?P<p>(?:should|must|ought|needs?|has|have)\s.+)", "{ref} gaps {p}"),
        (r"(?:i(?:['\u2019]d|\s+would)?\s+)?(?:rather|prefer(?:ably)?)\s+(?:have\s+|use\s+|to\s+have\s+)?(?P<p>.+?)\s+(?:than|over|to|instead\s+of)\s+(?P<ref>.+)", "{ref} {p}"),
        (r"(?:use|have|make|show|draw|give\s+me)?\s*(?P<p>.+?)\s+(?:instead\s+of|rather\s+than|in\s+place\s+of)\s+(?P<ref>.+)", "{ref} {p}"),
    )
)  # fmt: skip
_MOST_WORDS: Final = 40


def read_state(text: str, canvas: Surroundings) -> Edits | None:
    """The edits that make something what the sentence says it is to be; None where it says nothing of the kind."""
    missing: NothingMatches | None = None
    for spoken, sure in _readings(text):
        try:
            if edits := _split(spoken, canvas):
                return edits
        except NothingMatches as error:
            missing = missing or error
        if sure and missing is None:
            missing = _unknown(spoken, canvas)
    if missing:
        raise missing
    return None


def _readings(text: str) -> Iterator[tuple[str, bool]]:
    """The sentence as a name and what is said of it, in the orders in which it may be read, and whether it asks for a change."""
    shorter = _END.sub("", text)
    for (pattern, order), said in itertools.product(_TURNED, dict.fromkeys((text, shorter))):
        if match := pattern.fullmatch(said):
            parts = {key: (value or "").strip() for key, value in match.groupdict().items()}
            turned = order.format_map(
                {"ref": "them", "p": "", "q": "", **parts, **({} if parts.get("ref") else {"ref": "them"})}
            )
            yield re.sub(r"\s+", " ", turned).strip(), False
    question = re.sub(rf"^(?:{_MODAL})\s+(?!you\b)", "", text, flags=re.IGNORECASE)
    if verb := _VERB.match(question):
        yield question[verb.end() :], bool(_SURE.match(question))
    yield (
        question,
        question != text
        or bool(re.search(r"\s(?:should|must|ought|needs?\s+to|has\s+to|have\s+to|can|could)\s", text)),
    )


def _split(text: str, canvas: Surroundings) -> Edits | None:
    """The shortest name that is on the canvas and leaves something to be said of it."""
    missing: NothingMatches | None = None
    if but := _BUT.search(text):
        try:
            if edits := _cut(text[: but.start()], canvas, but=f" {but[1]}"):
                return edits
        except NothingMatches as error:
            missing = error
    try:
        return _cut(text, canvas)
    except NothingMatches as error:
        raise (missing or error) from error


def _cut(text: str, canvas: Surroundings, *, but: str = "") -> Edits | None:
    words = text.split()
    missing: NothingMatches | None = None
    if len(words) > _MOST_WORDS:
        return None
    for cut in range(len(words)):
        head, tail = " ".join(words[:cut]) or "them", " ".join(words[cut:])
        readings = _said(tail)
        head += but
        if not readings or (is_new(head) and not canvas.labelled(head)):
            continue
        head, canvas.aspect = _of_what(head, canvas)
        if not (canvas.knows(head) or _IT.fullmatch(head)):
            continue
        if not cut and not (canvas.selected or canvas.spoken or _ALONE.match(tail)):
            continue
        for reading in readings:
            exact = any(maker is places.resize_by for _, maker in reading)  # "bigger, twice as big"
            makers = [pair for pair in reading if pair[1] is not places.resize or not exact]
            try:
                of_all = all(maker in places.OF_ALL for _, maker in makers) and _IT.fullmatch(head)
                named = canvas.selected or canvas.spoken or canvas.boxes() if of_all else canvas.find(head)
                if len(makers) > 1 and len({maker for _, maker in makers}) == 1:
                    # "make them red and blue": to each its own.
                    each = [(name,) for name in named]
                    found = [
                        maker(match, one, canvas) for (match, maker), one in zip(makers, each, strict=False)
                    ]
                    found = found if len(each) == len(makers) else [None]
                else:
                    found = [maker(match, tuple(named), canvas) for match, maker in makers]
            except NothingMatches as error:
                missing = missing or error
                continue
            if all(found):
                return [edit for edits in found for edit in edits or ()]
    if missing:
        raise missing
    return None


def _of_what(head: str, canvas: Surroundings) -> tuple[str, str]:
    """ "the border of A", "A's width": A, and which part or measure of it."""
    if canvas.labelled(head):
        return head, ""
    match = _ASPECT_OF.match(head) or _ITS_ASPECT.match(head)
    if not match:
        return head, ""
    return (match["of"] or ("them" if canvas.selected else "all the boxes")), match["aspect"].lower()


_ASPECTS: Final = r"(?P<aspect>text|font|letter|lettering|word|label|border|outline|stroke|edge|background|fill|filling|colou?r|corner|line|width|height|size|position|shape)s?(?:\s+(?:colou?r|size|style|width))?"
_ASPECT_OF: Final = re.compile(
    rf"^(?:all\s+)?(?:the\s+)?{_ASPECTS}\s+(?:of|in|on|from|for|around)\s+(?P<of>.+)$", re.IGNORECASE
)
_ITS_ASPECT: Final = re.compile(
    rf"^(?:(?P<of>.+?)(?:'s|\u2019s|s')\s+|(?:(?:all\s+)?(?:the|its|their)\s+)?(?!lines?$|edges?$|texts?$)){_ASPECTS}$",
    re.IGNORECASE,
)
# What is said of everything when it is said of nothing in particular.
_ALONE: Final = re.compile(
    r"(?:all\s+)?(?:in|into|twice|half|as|(?:\d+|two|three|four)\s+(?:rows|columns)|\d+\s*(?:x|by|\u00d7)\s*\d+|aligned|evenly|on\s+top|next\s+to|side|vertical|horizontal|alphabet)",
    re.IGNORECASE,
)


def _unknown(text: str, canvas: Surroundings) -> NothingMatches | None:
    """ "make Foo red": what there is none of, where the rest of the sentence is plain."""
    words = text.split()
    for cut in range(1, len(words)):
        head = " ".join(words[:cut])
        if any(_said(" ".join(words[cut:]))):
            try:
                canvas.find(head)
            except NothingMatches as error:
                return error
            return None
    return None


_IT: Final = re.compile(
    r"(?:it|this|that|this\s+(?:drawing|diagram|chart)|the\s+(?:drawing|diagram|chart|picture|whole\s+thing|order))",
    re.IGNORECASE,
)
Said = list[tuple[re.Match[str], Maker]]


@lru_cache(maxsize=4096)
def _said(tail: str, *, depth: int = 0) -> tuple[Said, ...]:
    """The readings of what is said: one predicate, or several joined by "and" or commas."""
    return tuple(_readings_of(tail, depth))


def _readings_of(tail: str, depth: int) -> Iterator[Said]:
    for spoken in _bared(tail):
        for pattern, maker in _PREDICATES:
            if match := pattern.fullmatch(spoken):
                yield [(match, maker)]
        if depth < 2:
            for joint in re.finditer(
                r"\s*[,;!]\s*(?:and\s+|but\s+)?(?:with\s+)?|\s+(?:and|but|with)\s+(?:an?\s+)?", spoken
            ):
                for first in _said(spoken[: joint.start()], depth=2):
                    for rest in _said(spoken[joint.end() :], depth=depth + 1):
                        yield [*first, *rest]
    for pattern, maker in labels.LATE_PREDICATES:
        if match := pattern.fullmatch(tail):
            yield [(match, maker)]


def _bared(tail: str) -> Iterator[str]:
    """What is said, with fewer and fewer of the words that only hold the sentence together."""
    tail = tail.strip(" ,;:.!?\u2013\u2014")
    yield tail
    while (shorter := _END.sub("", tail)) != tail and shorter:
        tail = shorter
        yield tail
    while link := _LINK.match(tail):
        tail = tail[link.end() :]
        yield tail
