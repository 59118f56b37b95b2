# ruff: noqa: E501  # a pattern stays on one line
"""Names of kinds of drawings that cannot be anything else, wherever in an instruction they stand."""

import re
from typing import Final

from ai_jobs.providers.sketcher.courtesy import strip_command, strip_courtesy
from ai_jobs.providers.sketcher.vocabulary import NUMBER

# A name that means a drawing even in the middle of a sentence.
_SURE: Final = (
    r"(?:flow[\s-]?(?:charts?|diagrams?)|process\s+(?:diagram|map|flow)|(?:mind|concept|idea|spider)[\s-]?(?:maps?|diagrams?)|time[\s-]?lines?|road[\s-]?maps?"
    r"|(?:org|organi[sz]ation(?:al)?)[\s-]?(?:charts?|diagrams?)|organigram(?:me)?|family\s+tree|tree\s+(?:diagram|chart)|site[\s-]?map|kanban(?:[\s-]?board)?|(?:scrum|task|retro|sprint|trello|planning|project|status|progress|chore|story|agile)[\s-]?board"
    r"|venn(?:[\s-]?diagram)?|sequence[\s-]diagram|e\.?r\.?[\s-](?:diagram|model)|erd|entity(?:[\s-]relation(?:ship)?)?[\s-](?:diagram|model)|data(?:base)?\s+(?:model|schema)|class\s+diagram"
    r"|wire[\s-]?frame|mock[\s-]?up|swot(?:[\s-](?:analysis|matrix|squares?|grid|chart))?|eisenhower(?:[\s-](?:matrix|box))?|2\s?(?:x|by)\s?2(?:\s+matrix)?|quadrants?(?:\s+(?:chart|diagram))?|dash[\s-]?board)"
)
# Boards, pages and forms are also things that people tell of: these names mean a drawing where its parts follow.
_WITH_PARTS: Final = (
    r"(?:board|columns|entities|(?:web\s+|home|landing\s+)?page|(?:web\s*)?site|(?:phone\s+|tablet\s+|app\s+)?screen|form|pop[\s-]?up|overlapping\s+circles)"
    r"(?=\s*(?:[:.,?]|\b(?:with|where|whose|that|which|should|there|for|of|about|called|named|columns?|layout|wireframe|and|[A-Z])))"
)
# … and one that does where it says "as a list", "in a table".
_NAMED: Final = rf"(?:{_SURE}|list|check[\s-]?list|table|process|chain|cycle|loop|tree|board|grid|matrix|form|flow|sequence|bullet\s+list)"
_ADJECTIVES: Final = r"(?:(?:simple|little|small|quick|nice|basic|clean|neat|short|plain|proper|rough|good|new|empty|blank)\s+)*"
_A_KIND: Final = re.compile(rf"\b{_NAMED}\b", re.IGNORECASE)
_KIND_LED: Final = re.compile(
    rf"^(?:as|on|in)\s+an?\s+{_ADJECTIVES}(?P<kind>{_NAMED})\s*[,:]?\s+(?=\S)", re.IGNORECASE
)
# "Show the folders as a tree, so src contains …": what stands before names nothing.
_AS_A_KIND: Final = re.compile(
    rf"^[^.:,;>\n]{{1,80}}?\s(?:as|in|is|on)\s+(?:an?\s+)?{_ADJECTIVES}(?P<kind>(?:(?:vertical|horizontal)\s+)?{_NAMED}(?:\s+(?:running|going|from)\s+[\w\s-]{{2,30}}?)?)(?:,\s+in\s+(?:this|that)\s+order(?=:))?\s*(?::|,\s*(?:so|where|please|with|(?:the\s+)?[a-z]+s\s+(?:are|being))\b|,(?=[^,]*\s(?:contains|has|have)\s)|(?=\s+with\s+(?:the\s+|these\s+|this\s+)?(?:columns?|lists?|milestones|events|stages|phases|dates|steps|branches|quadrants|entries|points|stations|fields)\b))\s*(?=\S)",
    re.IGNORECASE,
)
# Words around the name of a kind that are no content of the drawing.
_TALK: Final = re.compile(
    r"(?:\^|a|about|above|all|also|an|and|arrange|as|be|board|but|can|could|create|display|do|draw|each|everything|fine|for|form|from|get"
    r"|give|good|great|had|have|here|how|i|i['\u2019]d|i['\u2019]ll|if|in|into|is|it|its|just|kindly|lay|like|looks|made|make|map|me|model|my|need|nice|now|of|on"
    r"|one|ones|onto|our|out|perfect|please|pls|plz|present|put|quick|render|represent|show|shown|simple|sketch|so|something|style|thanks"
    r"|that|that['\u2019]s|the|them|then|these|they|thing|this|those|to|turn|u|up|us|use|visualise|visualize|want|way|we|we['\u2019]d|will|with|would|x"
    r"|you|your|thx|turned|drawn|displayed|basic|clean|little|neat|plain|proper|rough|short|small|new|real|steps|arrows)",
)
_FOR_SOMEBODY: Final = re.compile(r"\b(?:for|to)\s+(?:my|our|the|his|her|their)\s+[\w-]+(?:\s+[\w-]+)?\s*$")
_LINKS: Final = re.compile(r"\^|as|into|like|make|draw|show|turn|that|this|it|create")
_MEANT: Final = re.compile(r"\b(?:that|this|it|these|those|them)\b")
_REQUEST: Final = re.compile(
    r"\b(?:need|needs|want|wants|wanted|like|love|draw|make|show|give|get|have|had|see|sketch|create|build|set\s+up|do|imagine|picture|time\s+for|"
    r"here(?:['\u2019]s)?|there(?:['\u2019]s)?|let['\u2019]?s|so|nice|helpful|great|is|are|be|thinking\s+of|use|hand\s+in|ask(?:s|ed|ing)?(?:\s+for)?|called\s+for|simply|just|put|plan|"
    r"missing|wish|hoping\s+for|prepare|produce|design|map\s+out|say|says|require|requires|please|with)\b\W*(?:\w+\W+){0,4}$",
    re.IGNORECASE,
)
# "For Monday I need a kanban board with …": what stands before the article is talk.
_IN_THE_MIDDLE: Final = re.compile(
    rf"(?<!\bas )(?<!\bon )(?<!\binto )(?<!\btable with )(?:(?<=hand in )|(?<!\bin ))\b(?:an?|my|our|another|some|the|one\s+of\s+those|simple|empty|blank|quick|(?:like|want|need|see|show|draw|make)(?=\s+(?:columns|entities))|{NUMBER}(?=\s+overlapping))\s+{_ADJECTIVES}"
    rf"(?P<rest>(?:(?!(?:with|for|of|and|where|in|on|to|is)\b)[\w'\u2019-]+\s+){{0,2}}?(?:{_SURE}\b|{_WITH_PARTS}))",
    re.IGNORECASE,
)
# "…, as a process from left to right"
_WAY_AT_THE_END: Final = re.compile(
    r"[\s,]+(?:from\s+)?(?P<way>left[\s-]to[\s-]right|top[\s-](?:to[\s-]bottom|down)|horizontally|vertically)$",
    re.IGNORECASE,
)
_LONGEST_TALK: Final = 240
_LONGEST_WITH_KIND_LAST: Final = 1500


def kind_first(instructions: str) -> str:
    """ "Alarm, coffee - as a flowchart" and "For Monday I need a flowchart: …": the kind, then what is in it."""
    if len(instructions) > _LONGEST_WITH_KIND_LAST:
        return instructions
    text = strip_courtesy(instructions).strip(" .!?\n")
    whole = instructions.strip(" .!?\n")
    commanded = strip_command(text)[0]
    if first := _KIND_LED.match(text) or _KIND_LED.match(commanded) or _AS_A_KIND.match(whole):
        return f"{first['kind']}: {first.string[first.end() :]}"
    way = _WAY_AT_THE_END.search(text)
    if way and (led := _from_the_end(text[: way.start()])):
        kind, colon, told = led.partition(":")
        return f"{kind}, {way['way']}{colon}{told}"
    return _from_the_end(text) or _from_the_end(whole) or _from_the_middle(commanded) or instructions


def _from_the_end(text: str) -> str:
    """The kind before the content, where it is named last and nothing but talk stands around it."""
    for match in reversed(list(_A_KIND.finditer(text))):
        ended = re.search(r"[.!?]\s+(?=\S)|\n", text[match.end() :])
        after = text[match.end() :][: ended.start() if ended else None]
        if not all(_TALK.fullmatch(word) for word in _words(_FOR_SOMEBODY.sub("", after))):
            continue
        rest = text[match.end() + len(after) :].lstrip(" .!?") if ended else ""
        said, swallowed = text[: match.start()], list[str]()
        while (last := re.search(r"[\w'\u2019^]+[ \t]*$", said)) and _TALK.fullmatch(last[0].strip().lower()):
            swallowed.append(last[0].strip().lower())
            said = said[: last.start()]
        ended = re.search(r"[\s,.;:!?\u2013\u2014-]*$", said)
        assert ended is not None
        sure = sure_kind(match[0])
        linked = any(_LINKS.fullmatch(word) for word in swallowed) or bool(
            {"a", "an", "the"} & set(swallowed[:3])
            and {"in", "on"} & set(swallowed)
            and (sure or "the" not in swallowed)
        )
        alone = sure and bool(ended[0].strip(" \t")) and len(said) > 3
        told = strip_command(said[: ended.start()])[0].rstrip(" ,;-\u2013\u2014\n")
        if rest:  # "…, could you draw a timeline of that? And …"
            linked, alone = bool(_MEANT.search(f"{' '.join(swallowed)} {after}")), False
            told = f"{told}. {rest}"
        if (linked or alone) and re.search(r"[,:>;.\n|]|\sand\s|\u2192", said) and told.strip():
            if "\n" in told:
                return f"{match[0]}:\n{told.lstrip(chr(10))}"
            titled = re.match(r"[^:.\n,]{1,60}:\s", told) and len(re.findall(r":\s", told)) == 1
            return f"{match[0]} of {told}" if titled else f"{match[0]}: {told}"
    return ""


def _from_the_middle(text: str) -> str:
    """The kind and what follows, where what stands before it only asks for a drawing."""
    for match in _IN_THE_MIDDLE.finditer(text[: _LONGEST_TALK + 80]):
        before = text[: match.start()]
        if kind_named(before):
            return ""
        if len(before) > _LONGEST_TALK or re.search(r":\s|->|\u2192|=>", before):
            return ""
        told = re.match(r"\s+(?:should|must|needs\s+to|has\s+to)\b", text[match.end() :])
        if told or _is_talk(text[: match.start("rest")]):
            return text[match.start("rest") :]
    return ""


def _words(text: str) -> list[str]:
    return re.findall(r"[\w'\u2019]+", text.lower())


def sure_kind(noun: str) -> bool:
    """Whether the noun means a drawing wherever it stands, and is no first item of a list."""
    return bool(
        re.fullmatch(rf"{_SURE}|tables|entities|(?:database|db)\s+table", noun.strip(), re.IGNORECASE)
    )


def kind_named(instructions: str) -> str:
    """The name of a kind that stands where the instruction begins; empty when none does."""
    named = re.search(rf"\b{_SURE}\b", instructions[:80], re.IGNORECASE)
    return named[0] if named else ""


def _is_talk(before: str) -> bool:
    """Whether the words before "a mind map" ask for one, and are not its content ("Ann reads a mind map")."""
    if re.match(r"\s*(?:if|when)\b", before, re.IGNORECASE):
        return False
    asked = re.search(r"\b(?:i|we|you|please|let['\u2019]?s)\b[^.:]*[,.!?]\s+\w+\s*$", before, re.IGNORECASE)
    return bool(asked or _REQUEST.search(before))
