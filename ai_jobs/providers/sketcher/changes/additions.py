# ruff: noqa: E501  # a pattern stays on one line: the table is read down, not across
"""New things beside, between, below and inside what is there."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from ai_jobs.planning.edits import Connect, Insert, Place, Side
from ai_jobs.planning.errors import NothingMatches
from ai_jobs.providers.sketcher.changes.phrases import ADD, NOUN, SIDE, Edits, is_new, side_of
from ai_jobs.providers.sketcher.items import clean, split_items
from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.vocabulary import (
    COLOR,
    LIGHT,
    NUMBER,
    ORDINALS,
    SHAPE,
    color_of,
    number_of,
    shape_of,
)

_ADD: Final = re.compile(
    rf"(?:(?:i|we|you)\s+)?(?:(?:also|still|please|then|just|now|can|could|should|must|would|to|there|here|is|are|['\u2019]s|be|has|have|needs?|and)\s+)*(?:{ADD}\s+)?(?:(?:also|in|there|here|with)\s+)*",
    re.IGNORECASE,
)
_ASKS: Final = re.compile(
    rf"\b(?:{ADD}|need|missing|should|must|forgot|comes?|goes|belongs?|new|another|more)\b", re.IGNORECASE
)
_NEW: Final = re.compile(
    rf"(?P<article>(?:(?:an?|another|one|new|the|some|more|extra|additional|further|second|third|fourth|my|our|{NUMBER})\s+)*)(?:(?P<color>{LIGHT}{COLOR})\s+)?"
    rf"(?:(?P<noun>(?:{SHAPE}|{NOUN})(?:e?s)?)\b\s*|[a-z]+(?:\s+[a-z]+)?\s+(?=(?:called|named|by\s+the\s+name\s+of)\s))?"
    r"(?:[,:]?\s*(?:that\s+(?:is|are)\s+)?(?:called|named|by\s+the\s+name\s+of|labell?ed|titled|saying|that\s+(?:says|reads)|which\s+says|with(?:\s+the)?\s+(?:text|label|name|words?|title)|for|about)\s+|:\s*|,\s*)?(?P<words>.*)",
    re.IGNORECASE | re.DOTALL,
)
# "just like the others": new things look like their neighbours anyway.
_LIKE: Final = re.compile(
    r",?\s+(?:(?:just|exactly|looking|that\s+(?:is|looks)|in)\s+)*(?:like\s+(?:these|those|the\s+(?:others?|rest|other\s+\w+|existing\s+\w+))(?:\s+(?:two|three|four|ones|boxes))?|(?:of\s+)?the\s+same\s+(?:style|look|kind|colou?r|size|shape|way|sort|type)(?:\s+(?:as|like)\s+(?:the\s+)?(?:others?|rest|these|those))?)(?=\s*,|\s+(?:saying|called|named|labell?ed|that|with|at|on|to|after|before)\b|$)",
    re.IGNORECASE,
)
_NO_ARROWS: Final = re.compile(
    r"\s*,?\s+(?:(?:but|and|just|so)\s+)*(?:(?:with\s+no|no|without(?:\s+any)?|don['\u2019]?t\s+(?:add|draw|need)(?:\s+any)?)\s+(?:connecting\s+)?(?:arrows?|lines?|connections?|connectors?)|(?:not\s+connected|unconnected|don['\u2019]?t\s+connect)(?:\s+\w+)?)(?:\s+(?:needed|though|between\s+them|at\s+all))?$",
    re.IGNORECASE,
)
_BY_ITSELF: Final = re.compile(
    r"(?:\s*,?\s+(?:and|with|so\s+that)\s+(?:the\s+|its\s+|their\s+)?(?:arrows?|lines?|flow|connections?)\s+(?:\w+\s+){0,2}(?:through|to|from|into|via|over)\s+(?:it|them|both|the\s+(?:new\s+)?\w+)$)|(?:\s*,?\s*(?:(?:and|then)\s+)?(?:(?:(?:connect(?:ed)?|link(?:ed)?|join(?:ed)?|hook(?:ed)?|wire(?:d)?)\b(?:\s+(?:it|them|these|those|both|all|everything|the\s+\w+|up|together|too|as\s+well|in|properly|to\s+(?:it|both|them)))*(?:\s+(?:with|by|using)\s+(?:an?\s+)?(?:arrows?|lines?))?)|with\s+(?:an?\s+|the\s+)?(?:connecting\s+)?(?:arrows?|lines?)(?:\s+from\s+(?-i:[A-Z])\S*(?:\s\S+)?)?|(?:with\s+)?arrows?\s+(?:included|too|as\s+well))$)",
    re.IGNORECASE,
)
_BETWEEN: Final = re.compile(
    r"(?:(?:that\s+)?(?:goes|comes|belongs|is\s+missing|sits|stands|in|right|somewhere|halfway|midway|exactly|squarely|is|be|go|come|missing|step)\s*,?\s+)*(?:in[\s-]*)?between\s+(?P<first>.+?)\s+and\s+(?P<second>.+)",
    re.IGNORECASE,
)
_LINKING: Final = r"(?:(?:that\s+|which\s+)?(?:should|must|has\s+to|needs\s+to|can|goes|comes|belongs|is|be|go|come|sits|stands|missing|sitting|hanging|directly|right\s+away|also|is\s+connected|connected|linked|attached)\s+)*"
_BESIDE: Final = re.compile(rf"{_LINKING}{SIDE}\s+(?P<anchor>.+)", re.IGNORECASE)
_AT_END: Final = re.compile(
    r"(?:(?:at|to|on|as|in)\s+)?the\s+(?:very\s+)?(?P<where>end|start|beginning|front|(?:last|first|final)\s+(?:step|box|one|thing|item))(?:\s+of\s+(?:it|the\s+\w+|this(?:\s+\w+)?))?|(?P<last>last|first|finally)",
    re.IGNORECASE,
)
_AT_EDGE: Final = re.compile(
    r"(?:(?:at|on|to|in)\s+)?the\s+(?:very\s+|far\s+)?(?P<edge>left|right|top|bottom)(?:\s+hand)?(?:\s+(?:side|edge|end))?(?:\s+of\s+(?:it|them|(?:the|this|all)\s+\w+))?",
    re.IGNORECASE,
)
# "as step 3", "as the second step", "in third place"
_AS_NUMBER: Final = re.compile(
    rf"(?:as|at|in|on)\s+(?:the\s+)?(?:(?:(?:step|box|number|no\.?|position|place|item)\s*#?)\s*(?P<number>{NUMBER})|(?P<ordinal>{'|'.join(ORDINALS)})(?:\s+(?:step|box|one|item|place|position|stage|thing))?)(?:\s+(?:in|of)\s+(?:the\s+)?\w+)?",
    re.IGNORECASE,
)
_INTO: Final = re.compile(
    rf"{_LINKING}(?:in|into|inside|to|onto|on|under|underneath|below|beneath|for|off|from|as\s+(?:an?|another|one\s+more|the)\s+(?:\w+\s+){{1,2}}(?:of|to|under)|who\s+(?:reports|works)\s+(?:to|for|under)|(?:and\s+)?(?:reports?|works?|reporting|working)\s+(?:to|for|under))\s+(?:the\s+)?(?P<parent>.+)",
    re.IGNORECASE,
)
# "Review has to come in after Draft" where there is no Review, and "finish with Review".
_COMES: Final = re.compile(
    r"(?P<new>(?!it\b|that\b|this\b|they\b|an?\s+arrow)[^,;:]+?)\s+(?:(?:should|must|has|have|needs?|ought|is|are|to|still|also|then|now)\s+)*(?:comes?|goes?|happens?|belongs?|follows?|be\s+(?:inserted|added|put)|inserted|added)(?:\s+(?:in|added|inserted|put|placed))*\s+(?P<place>(?:(?:right|directly|straight|just|somewhere)\s+)?(?:after|before|between|in\s+between|in\s+front\s+of|behind|below|above|under|underneath|beneath|next\s+to|beside|to\s+the\s+(?:left|right)\s+of|at\s+the\s+(?:very\s+)?(?:end|start|beginning))\b.*)",
    re.IGNORECASE,
)
_ENDS_WITH: Final = re.compile(
    r"(?:(?:it|that|this|the\s+\w+)\s+)?(?:(?:should|must|has\s+to|also|then|now)\s+)*(?:(?P<way>start|begin|open|finish|end|close)s?(?:\s+(?:it|off|up|the\s+\w+))*\s+with|at\s+the\s+(?:very\s+)?(?P<place>beginning|start|end)\s*[:,]|at\s+the\s+(?:very\s+)?(?:front|finish)\s*[:,])\s+(?P<new>.+)",
    re.IGNORECASE,
)
# What was forgotten: "there is one missing, West".
_MISSING: Final = re.compile(
    r"(?:t?here(?:['\u2019]s|\s+is|\s+are)\s+)?(?:(?:one|two|something|still|what|also|an?|the|step|box|is|are|['\u2019]s)\s+)*missing(?:\s+(?:here|is|are|still))*\s*[:,]?\s+(?P<new>(?!from\b|in\b|between\b|after\b|before\b)\S.*)|(?P<named>\S+(?:\s+\S+){0,3}?)\s+(?:(?:is|are|['\u2019]s)\s+)?(?:still\s+)?missing(?:\s+here)?|(?:i|we|you)\s+(?:(?:have|had|['\u2019]ve)\s+)?(?:forgot(?:ten)?|left\s+out|missed|overlooked)\s+(?P<forgot>(?!that\b|it\b|to\b).+)",
    re.IGNORECASE,
)
# A topic and its own topics, as in "Gear splits further: Tent, Stove".
_SPLITS: Final = re.compile(
    rf"(?:(?:under|below|for|to)\s+)?(?P<parent>.+?)\s*(?:,\s*|\s)(?:(?:(?:should|must|can|also|now|then|has|have|gets?|needs?|with|put|add|there\s+(?:is|are)|comes?)\s+)*(?:(?:splits?|branch(?:es)?|divides?|breaks?|forks?|fans?)\s+)?(?:(?:further|again|up|out|down|off)\s*)*(?:(?:in)?to\b\s*)?(?:(?:the|{NUMBER}|new|more|little|small|sub|these|following)[\s-]+)*(?:(?:sub)?(?:branch(?:es)?|topics?|items?|points?|parts?|children|leaves|nodes?|twigs?|reports|ideas|themes|people))?)\s*[:]\s*(?P<new>.+)",
    re.IGNORECASE,
)
# "Kim reports to Lee" where there is no Kim.
_JOINS: Final = re.compile(
    r"(?:(?:also|and|add|hire|insert|include|new)\s+)*(?P<new>(?!he\b|she\b|it\b|they\b)[^,;:]+?)\s+(?:(?:is|who|will|should|must|now|also|and)\s+)*(?:reports?|works?|reporting|working|answers?|belongs?|hangs|joins?|starts?|comes?|sits|goes)\s+(?:directly\s+)?(?:to|for|under|off|from)\s+(?P<parent>.+)",
    re.IGNORECASE,
)
_PANELS: Final = frozenset({"column", "list", "lane", "section", "quadrant"})
# A parent may also be given a child: "A needs another card called B".
_HAS: Final = re.compile(
    rf"(?:give\s+)?(?P<parent>.+?)\s+(?:(?:should|must|also|still|can|could)\s+)*(?:(?:have|has|needs?|gets?|wants?)\s+)?(?:also\s+)?(?P<new>(?:an?|another|one\s+more|{NUMBER}|new|more)\s+(?:(?:more|new|little|small|extra|further|direct)\s+)*(?:sub-?(?:branch|topic|item|task|node|point)(?:e?s)?|child(?:ren)?|branch(?:es)?|twigs?|leaf|leaves|cards?|items?|tasks?|tickets?|reports?|employees?|entr(?:y|ies)|topics?)\b.*)",
    re.IGNORECASE,
)
# What no label looks like: the rest of a sentence that was not understood.
_NO_LABEL: Final = re.compile(
    r"[\":;]|\b(?:goes|should|must|arrows?|it|them|come|be)\b|^(?-i:word|text|letter|from|between|with|another|same)s?\b|\b(?:between|after|before|below|above|next\s+to|left\s+of|right\s+of|to|can|could|may|will|would)$",
    re.IGNORECASE,
)
_FOLLOWED: Final = re.compile(
    r"(?P<anchor>.+?)\s+(?:(?:should|must|is|are|be|has\s+to|needs\s+to|can|gets?)\s+)*(?P<way>followed|preceded)\s+by\s+(?P<new>.+)",
    re.IGNORECASE,
)
# "after A comes B", "below A add B", "in Done we need B"
_LED: Final = re.compile(
    rf"(?:{ADD}\s+)?(?P<place>(?:(?:in[\s-]*)?between\s+.+?\s+and\s+|(?:right\s+|directly\s+|just\s+)?(?:after|before|below|above|under|underneath|beneath|behind|in|inside|into|on|to|for|next\s+to|beside|left\s+of|right\s+of|to\s+the\s+(?:left|right)\s+of)\s+).+?)\s*(?:,\s*|\s+(?=\S))(?:(?:please|can\s+you|could\s+you|then|there(?:['\u2019]s)?|also|comes?|goes|follows?|is|are|we|i|(?:should|must)\s+(?:come|be|go|follow)|need|want|have|to|be)\s+|(?-i:{ADD})\s+|:\s*)+(?P<new>.+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Wanted:
    """What is to be added: labels and how they look; `connected` or `apart` when the sentence says so."""

    labels: tuple[str, ...]
    look: Mapping[str, Any]
    noun: str
    connected: bool
    apart: bool = False


def read_addition(text: str, canvas: Surroundings) -> Edits | None:
    """The boxes, cards, branches and columns that the sentence adds to what is there."""
    if (
        (splits := _SPLITS.fullmatch(text))
        and (parent := canvas.labelled(splits["parent"]))
        and canvas.in_tree(parent[0])
    ):
        labels = tuple(split_items(splits["new"]))
        return _children(_Wanted(labels, {}, "branch", connected=True), parent[0], canvas) if labels else None
    if missing := _MISSING.fullmatch(text):
        said = missing["new"] or missing["named"] or missing["forgot"]
        text = f"add {re.sub(rf'^{ADD} ', '', said)}"
    apart = bool(_NO_ARROWS.search(text))
    said = text = _LIKE.sub("", _NO_ARROWS.sub("", text))
    while (shorter := _BY_ITSELF.sub("", said)) != said:
        said = shorter
    connected = said != text
    said = re.sub(
        r"\s+(?:to|in|into|on)\s+(?:the|this|our)\s+(?:mind\s*map|map|chart|diagram|drawing|picture|tree|canvas|sketch)$",
        "",
        said,
        flags=re.IGNORECASE,
    )
    said = re.sub(r"\s*,?\s+(?:namely|i\.e\.|viz\.?)\s*[:,]?\s+", ": ", said)
    said = re.sub(r"\s*,?\s+(?:as\s+well|too|also|please)$", "", said, flags=re.IGNORECASE)
    unknown: NothingMatches | None = None
    for new, place in _readings(said, canvas):
        if not (wanted := _wanted(new, connected=connected, canvas=canvas)):
            continue
        wanted = replace(wanted, apart=apart)
        if not place:
            if edits := _branch(new, wanted, canvas) or _somewhere(said, wanted, canvas):
                return edits
            continue
        try:
            if edits := _placed(wanted, place.strip(" ,;:"), canvas):
                return edits
        except NothingMatches as error:
            unknown = unknown or error
    if unknown:
        raise unknown
    return None


def _readings(said: str, canvas: Surroundings) -> Iterator[tuple[str, str]]:
    """What is new and where it goes, however the sentence orders them."""
    if followed := _FOLLOWED.fullmatch(said):
        way = "after" if followed["way"].lower() == "followed" else "before"
        yield followed["new"], f"{way} {followed['anchor']}"
    if (has := _HAS.fullmatch(said)) and not re.match(rf"{ADD}$", has["parent"], re.IGNORECASE):
        yield has["new"], f"to {has['parent']}"
    if (comes := _COMES.fullmatch(said)) and not canvas.knows(comes["new"], nearly=False):
        yield comes["new"], comes["place"]
    if ends := _ENDS_WITH.fullmatch(said):
        at_start = re.match(r"(?:start|begin|open)", ends["way"] or ends["place"], re.IGNORECASE)
        yield ends["new"], "at the start" if at_start else "at the end"
    if joins := _JOINS.fullmatch(said):
        yield joins["new"], f"under {joins['parent']}"
    if led := _LED.fullmatch(said):
        yield led["new"], led["place"]
    named = re.match(rf"(?-i:[A-Z])\S*(?:\s+\S+)?\s+(?:{NOUN}|{SHAPE})\b", said, re.IGNORECASE)
    if not (named or _ASKS.search(said)):
        return
    lead = _ADD.match(said)
    rest = said[lead.end() :] if lead else said
    if (
        not (lead and re.search(rf"\b{ADD}\b", lead[0], re.IGNORECASE))
        and not is_new(rest)
        and not re.match(r"(?:new|there)\b", rest, re.IGNORECASE)
        and not named
        and not re.search(r"\bmissing\b|\balso\s+(?:goes|belongs|comes)\b", said, re.IGNORECASE)
    ):
        return
    words = rest.split()
    for cut in range(1, len(words)):
        head, tail = " ".join(words[:cut]), " ".join(words[cut:])
        yield head, tail
        # The label may come last, as in "new card in To do, named Trim hedge".
        if ":" in tail and re.match(
            rf"(?:(?:an?|another|one|new|more|two|three)\s+)*{NOUN}s?$", head, re.IGNORECASE
        ):
            place, label = tail.rsplit(":", 1)
            yield f"{head}: {label}", place
        if re.match(r"(?:at\s+the\s+end|at\s+the\s+(?:start|beginning))\s*[,:]", tail, re.IGNORECASE):
            place, label = re.split(r"[,:]", tail, maxsplit=1)
            yield f"{head}: {label}", place
    yield rest, ""


def _wanted(said: str, *, connected: bool, canvas: Surroundings) -> _Wanted | None:
    said = re.sub(r"(?<=\w)\s+(?:now|already|again|soon|here|instead)$", "", said.strip(" ,;."))
    said = re.sub(r"\s+(?:is\s+)?missing(?=\s*[:,]|$)", "", said.strip(" ,;."))
    match = _NEW.fullmatch(said)
    if not match:
        return None
    noun, words = (match["noun"] or "").lower(), match["words"]
    if noun and not words and not match["article"]:  # "add Tickets": a name like a noun
        noun, words = "", match["noun"]
    if noun and re.fullmatch(NOUN, words, re.IGNORECASE):  # "a Shape step" is called like a shape
        noun, words = words.lower(), match["noun"]
    shaped = re.fullmatch(
        rf"(?P<label>.+?)\s+as\s+an?\s+(?P<noun>{NOUN}|{SHAPE})|(?P<last>.+?)\s+(?P<kind>step|box|node|card|column|branch|button|link)",
        words,
        re.IGNORECASE,
    )
    if not noun and shaped:
        words, noun = shaped["label"] or shaped["last"], (shaped["noun"] or shaped["kind"]).lower()
    if not noun and not words and match["article"]:
        return None
    listed = split_items(words)
    several = (
        len(listed) > 1
        and " with " not in words
        and all(item[:1].isupper() for item in listed)
        and noun not in {"decision", "question"}
    )
    many = (
        several
        or bool(re.search(r"s$", noun))
        or bool(re.search(r"\b(?:two|three|four|five|[2-9])\b", match["article"]))
    )
    labels = tuple(split_items(words) if many and words else (clean(words),))
    if not noun and re.match(
        r"(?:(?:an?|the)\s+)?(?:dashed\s+|dotted\s+)?(?:arrow|line|connection)\b", said, re.IGNORECASE
    ):
        return None
    kind = re.sub(r"(?<=[^s])s$", "", noun)
    shape = (
        shape_of(noun)
        if re.fullmatch(SHAPE, noun)
        else "diamond"
        if kind in {"decision", "question"}
        else None
    )
    if not labels or (not any(labels) and shape is None):
        return None
    if any(
        _NO_LABEL.search(label)
        for label in labels
        if f'"{label}"' not in said and f"\u201c{label}\u201d" not in said
    ):
        return None
    look = {"shape": shape, "color": color_of(match["color"]) if match["color"] else None}
    return _Wanted(labels, look, kind, connected)


def _placed(wanted: _Wanted, place: str, canvas: Surroundings) -> Edits | None:
    if between := _BETWEEN.fullmatch(place):
        ends_at = _with_the_flow(
            canvas.find_one(between["first"]), canvas.find_one(between["second"]), canvas
        )
        if canvas.labelled(wanted.labels[0]):
            return None
        if wanted.apart:
            return _between_apart(wanted, ends_at[0], ends_at[1], canvas)
        return _row(wanted, after=ends_at[0], before=ends_at[1])
    if re.fullmatch(
        r"(?:(?:right|halfway|midway|exactly)\s+)?(?:in[\s-]+)?between(?:\s+(?:them|these|the\s+two|both|those)(?:\s+\w+)?)?",
        place,
        re.IGNORECASE,
    ):
        pair = canvas.selected or canvas.spoken
        pair = next(
            (two for two in (pair, canvas.named_in(canvas.remark), canvas.boxes()) if len(two) == 2), []
        )
        if len(pair) != 2:
            return None
        first, second = _with_the_flow(pair[0], pair[1], canvas)
        return _row(wanted, after=first, before=second)
    if (numbered := _AS_NUMBER.fullmatch(place)) and canvas.boxes():
        said_number = (numbered["number"] or numbered["ordinal"]).lower()
        at = ORDINALS.get(said_number, -2)
        at = number_of(said_number) - 1 if at == -2 else at
        row = canvas.boxes()
        if not 0 <= at < len(row):
            return _placed(wanted, "at the end", canvas)
        return _row(wanted, before=row[at]) if canvas.ends else None
    if (end := _AT_END.fullmatch(place)) and wanted.noun in _PANELS and canvas.panels():
        at_start = bool(re.search(r"start|begin|front|first", end[0], re.IGNORECASE))
        panel, side = (canvas.panels()[0], "left") if at_start else (canvas.panels()[-1], "right")
        return [Insert(after=panel, side=cast(Side, side), connected=False, label=wanted.labels[0])]
    if (end := _AT_END.fullmatch(place)) and canvas.boxes():
        at_start = bool(re.search(r"start|begin|front|first", end[0], re.IGNORECASE))
        ends = [canvas.board.ends(arrow)[1 if at_start else 0] for arrow in canvas.board.arrows()]
        free = [name for name in canvas.boxes() if name not in ends] or canvas.boxes()
        if not ends:
            side = _along(canvas)
            return _beside_each_other(
                wanted, free[0] if at_start else free[-1], _back(side) if at_start else side
            )
        return _row(wanted, before=free[0]) if at_start else _row(wanted, after=free[-1])
    if (edge := _AT_EDGE.fullmatch(place)) and canvas.boxes():
        side = cast(Side, {"top": "above", "bottom": "below"}.get(edge["edge"].lower(), edge["edge"].lower()))
        return _beside_each_other(wanted, canvas.find_one(f"the {edge['edge']}most box"), side)
    if (into := _INTO.fullmatch(place)) and canvas.knows(into["parent"]):
        edits = _inside(wanted, canvas.find(into["parent"]), place, canvas)
        if edits:
            return edits
    if beside := _BESIDE.fullmatch(place):
        return _beside(wanted, beside, canvas)
    return None


def _with_the_flow(first: str, second: str, canvas: Surroundings) -> tuple[str, str]:
    """ "Between B and A" where an arrow leads from A to B: between A and B."""
    ways = set(canvas.ends.values())
    ends = canvas.board.holder(first), canvas.board.holder(second)
    return (second, first) if ends[::-1] in ways and ends not in ways else (first, second)


def _along(canvas: Surroundings) -> Side:
    """Where the next thing goes: to the right of a row, below a column."""
    around = canvas.board.bounds_of(canvas.boxes())
    return "right" if around.width >= around.height or len(canvas.boxes()) == 1 else "below"


def _back(side: Side) -> Side:
    return "left" if side == "right" else "above"


def _beside_each_other(wanted: _Wanted, anchor: str, side: Side) -> Edits:
    """One after the other on that side, without arrows."""
    edits: Edits = []
    for number, label in enumerate(wanted.labels):
        key = f"new {number} {label}"[:64]
        edits.append(
            Insert(key=key, label=label, after=anchor, side=side, connected=wanted.connected, **wanted.look)
        )
        anchor = key
    return edits


def _between_apart(wanted: _Wanted, first: str, second: str, canvas: Surroundings) -> Edits | None:
    """Beside the first, and the second one further on."""
    a, b = canvas.board.box(first).center, canvas.board.box(second).center
    flat = abs(b.x - a.x) >= abs(b.y - a.y)
    side: Side = ("right" if b.x > a.x else "left") if flat else ("below" if b.y > a.y else "above")
    edits = _beside_each_other(wanted, first, side)
    last = next(edit.key for edit in reversed(edits) if isinstance(edit, Insert))
    return [*edits, Place(targets=(second,), side=side, anchor=cast(str, last))]


def _branch(said: str, wanted: _Wanted, canvas: Surroundings) -> Edits | None:
    """ "a branch Budget with Food and Tickets": at the root of the one tree that there is."""
    roots = canvas.roots()
    if not re.match(r"(?:main\s+|sub-?)?(?:branch|topic|idea)", wanted.noun) or len(roots) != 1:
        return None
    label, _, inner = wanted.labels[0].partition(" with ")
    edits = _children(replace(wanted, labels=(clean(label),)), roots[0], canvas)
    parent = next(edit.key for edit in edits if isinstance(edit, Insert) and edit.key)
    before, side = parent, _outward_of(edits)
    for number, item in enumerate(split_items(inner)):
        key = f"new {number} {item} in {label}"[:64]
        edits.append(
            Insert(
                key=key, label=item, after=before, side=side if before == parent else "below", connected=False
            )
        )
        edits.append(Connect(source=parent, target=key))
        before = key
    return edits


def _somewhere(said: str, wanted: _Wanted, canvas: Surroundings) -> Edits | None:
    """ "add B", "add a step B": after the last one. A name alone has a capital or quotes; other words are a drawing."""
    rest = re.match(
        r"(?:(?:also|please)\s+)*(?:add|insert|append|include|(?:extend|continue|go\s+on)\b.*?\s(?:with|by))\s+(?P<rest>.+)",
        said,
        re.IGNORECASE,
    )
    if not rest or not (
        wanted.noun in {"step", "stage", "phase"}
        or re.match(r"[A-Z\"\u201c](?!\w*\s+(?:diagram|chart|map|board)\b)", rest["rest"])
    ):
        return None
    boxes = canvas.boxes()
    if (
        not boxes
        or not wanted.labels[0]
        or len(wanted.labels[0].split()) > 4
        or canvas.labelled(wanted.labels[0])
        or canvas.named_in(" ".join(wanted.labels[0].split()[:1]))
        or re.search(r"\b(?:between|after|before|below|above|under|with|of|to|in|on)\b", wanted.labels[0])
    ):
        return None
    if len(roots := canvas.roots()) == 1 and canvas.in_tree(roots[0]):
        return _children(wanted, roots[0], canvas)
    starts = [canvas.board.ends(arrow)[0] for arrow in canvas.board.arrows()]
    ends = [name for name in boxes if canvas.board.holder(name) not in starts]
    if starts:
        return _row(wanted, after=ends[0]) if len(ends) == 1 else None
    return [Insert(after=boxes[-1], side="right", connected=False, label=wanted.labels[0], **wanted.look)]


def _outward_of(edits: Edits) -> Side:
    """What stands below its siblings branches to the right, what stands beside them branches downward."""
    first = next(edit for edit in edits if isinstance(edit, Insert))
    return "right" if first.side in {"below", "above"} else "below"


def _row(wanted: _Wanted, *, after: str | None = None, before: str | None = None) -> Edits:
    """Each new box stands after the one that was added before it."""
    edits: Edits = []
    for number, label in enumerate(wanted.labels):
        key = f"new {number} {label}"[:64]
        edits.append(Insert(key=key, label=label, after=after, before=before, **wanted.look))
        after, before = key, before if after else None
    return edits


def _beside(wanted: _Wanted, match: re.Match[str], canvas: Surroundings) -> Edits | None:
    anchor, side = canvas.find_one(match["anchor"]), match["side"].lower()
    if canvas.board.is_ground(anchor):
        return [Insert(after=anchor, side=side_of(side), connected=False, label=wanted.labels[0])]
    if side in {"below", "under", "underneath", "beneath"} and canvas.in_tree(anchor):
        return _children(wanted, anchor, canvas)
    if side in {"after", "following", "behind"}:
        return _row(wanted, after=anchor)
    if side in {"before", "ahead of"}:
        return _row(wanted, before=anchor)
    edits: Edits = []
    for number, label in enumerate(wanted.labels):
        key = f"new {number} {label}"[:64]
        edits.append(
            Insert(
                key=key,
                label=label,
                after=anchor,
                side=side_of(side),
                connected=wanted.connected,
                **wanted.look,
            )
        )
    return edits


def _inside(wanted: _Wanted, parents: list[str], place: str, canvas: Surroundings) -> Edits | None:
    parent = parents[0]
    if canvas.board.is_ground(parent):
        return [
            Insert(after=parent, side="inside", connected=False, label=label, **wanted.look)
            for label in wanted.labels
        ]
    if not canvas.board.is_shape(parent):
        return None
    below = re.match(r"(?:under|underneath|below|beneath|off|in|on|for)\b", place, re.IGNORECASE)
    if canvas.in_tree(parent) or (not below and canvas.board.arrows()):
        return _children(wanted, parent, canvas)
    return None


def _children(wanted: _Wanted, parent: str, canvas: Surroundings) -> Edits:
    """New ends of arrows from the parent, in a line with those that it has."""
    siblings, box = canvas.below(parent), canvas.board.box
    edits: Edits = []
    last, side = parent, _outward(parent, canvas)
    following: Side = "below" if side in {"left", "right"} else "right"
    if siblings:
        heights = [box(name).center.y for name in siblings]
        if max(heights) - min(heights) < 2 and (len(siblings) > 1 or following == "right"):
            last, side, following = max(siblings, key=lambda name: box(name).x), "right", "right"
        else:
            # In a mind map, on the side where there are fewer.
            left = [name for name in siblings if box(name).center.x < box(parent).center.x]
            right = [name for name in siblings if name not in left]
            fewer = min(left, right, key=len) or left or right
            last, side, following = max(fewer, key=lambda name: box(name).y), "below", "below"
    for number, label in enumerate(wanted.labels):
        key = f"new {number} {label}"[:64]
        edits.append(Insert(key=key, label=label, after=last, side=side, connected=False, **wanted.look))
        edits.append(Connect(source=parent, target=key))
        last, side = key, following
    return edits


def _outward(name: str, canvas: Surroundings) -> Side:
    """The side away from what leads to a box: there its own branches go."""
    for arrow in canvas.board.arrows():
        start, end = canvas.board.ends(arrow)
        if end == name and start:
            if canvas.hangs_down(start):
                return "below"
            a, b = canvas.board.box(start).center, canvas.board.box(name).center
            if abs(b.x - a.x) > abs(b.y - a.y):
                return "right" if b.x > a.x else "left"
            return "below" if b.y > a.y else "above"
    return "below"
