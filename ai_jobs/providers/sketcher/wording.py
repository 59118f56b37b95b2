"""Reading an instruction: courtesy, the name of the drawing, what is to be in it, how it should look."""

import re
from dataclasses import dataclass, field
from typing import Final, cast

from ai_jobs.planning.parts import Color, Direction, Shape
from ai_jobs.providers.sketcher.arrows import ARROW
from ai_jobs.providers.sketcher.courtesy import VERB, asked_to, strip_command, without_thanks
from ai_jobs.providers.sketcher.prose import sentences, told

# Wishes about the look stand in headings and closing words, which are short.
_LONGEST_WISH: Final = 600
_ARTICLE: Final = re.compile(r"^(?:a|an|the|my|our|some|this|these|its|their)\s+", re.IGNORECASE)
_ADJECTIVE: Final = re.compile(
    r"^(?:very|simple|small|little|quick|nice|basic|clean|clear|short|new|beautiful|pretty|rough|big|large|"
    r"detailed|plain|vertical|horizontal|colou?rful|following|complete|full|left[\s-]to[\s-]right|top[\s-](?:down|to[\s-]bottom)|"
    r"rounded|empty|blank|quick|proper|neat|great)\s+",
    re.IGNORECASE,
)
_FLOW_NOUN: Final = re.compile(
    r"^(?:flow[\s-]?charts?|flow[\s-]?diagrams?|process(?:es)?(?:[\s-](?:flow|diagram|chart|map))?"
    r"|work[\s-]?flows?(?:\ (?:diagram|chart))?|pipelines?|flows?|steps?|sequences?(?:\ of(?:\ steps)?)?"
    r"|loops?|cycles?|circular\ flows?|chains?"
    r"|procedures?|decision\ (?:tree|flow|diagram|chart)s?|algorithms?|journeys?|stages)\b",
    re.IGNORECASE,
)
_LIST_NOUN: Final = re.compile(
    r"^(?:(?:(?:to[\s-]?do|shopping|grocery|check|packing|task|bullet(?:ed)?|numbered|reading|guest|wish)[\s-]?)?"
    r"lists?|check[\s-]?lists?|to[\s-]?dos?|boxes|items|cards|notes|parts|components|sticky\ notes|elements|"
    r"pieces|things|shapes|rectangles|squares|circles|ellipses|ovals|diamonds)\b",
    re.IGNORECASE,
)
_OTHER_NOUN: Final = re.compile(
    r"^(?:diagrams?|charts?|graphs?|pictures?|drawings?|sketch(?:es)?|canvas|overview|visuals?)\b",
    re.IGNORECASE,
)
_OF: Final = re.compile(
    r"^\s*(?:(?:for|of|about|on|describing|showing|that\ shows?|which\ shows?|called|titled|named"
    r"|to|with\ (?:the\ )?(?:title|name|heading))\s+|[\u2013\u2014-]\s+|(?=[\"\u201c]))",
    re.IGNORECASE,
)
_SO_NAMED: Final = re.compile(
    r"\s*(?:called|titled|named|with\ (?:the\ )?(?:title|name|heading))\b|\s*[\"\u201c]", re.IGNORECASE
)
_CONTAINING: Final = re.compile(
    r"\s*\b(?:(?:and|with)(?=\ )(?:\ (?:the|following|these|\d{1,2}|two|three|four|five|six|seven|eight))*"
    r"(?:\ (?:steps|items|boxes|nodes|stages|parts|names|labels|words|texts|entries|things|points|lines))?(?<!and)"
    r"|containing|including|consisting\ of|made\ (?:up\ )?of)\b:?\s+",
    re.IGNORECASE,
)

_COLOR_WORDS: Final = (
    "red|orange|yellow|green|teal|turquoise|cyan|blue|purple|violet|pink|magenta|brown|grey|gray|black|white"
)
_SAME_COLOR: Final = {"turquoise": "teal", "violet": "purple", "magenta": "pink", "gray": "grey"}
_SHAPE_WORDS: Final[dict[str, Shape]] = {
    "box": "rectangle", "boxes": "rectangle", "rectangle": "rectangle", "rectangles": "rectangle",
    "square": "rectangle", "squares": "rectangle", "circle": "ellipse", "circles": "ellipse",
    "ellipse": "ellipse", "ellipses": "ellipse", "oval": "ellipse", "ovals": "ellipse",
    "bubble": "ellipse", "bubbles": "ellipse", "diamond": "diamond", "diamonds": "diamond",
}  # fmt: skip
_THING: Final = (
    rf"(?:{'|'.join(_SHAPE_WORDS)}|nodes?|steps?|shapes?|items?|cards?|colou?rs?"
    r"|flow[\s-]?charts?|work[\s-]?flows?|diagrams?|lists?|charts?)"
)
_LIGHT: Final = r"(?:(?:light|dark|bright|pale|deep)\s+)?"
_COLOR_PHRASE: Final = re.compile(
    rf"\b(?:(?:with|in|using|use|make|as|and)\s+)?(?:(?:all|the|them|it|every(?:thing)?)\s+)*{_LIGHT}"
    rf"(?P<before>{_COLOR_WORDS})\s+(?P<thing>{_THING})\b"
    rf"|\b(?:(?:with|make|and|have)\s+)?(?:all|every|each)\s+(?:(?:of\s+)?the\s+)?{_THING}\s+(?:(?:is|are|be|being|should\s+be|in|to\s+be|coloured|colored)\s+)*{_LIGHT}(?P<after>{_COLOR_WORDS})\b"
    rf"|\b(?:in|make\ (?:it|them|all\ of\ them|everything|(?:all\ )?(?:the\ )?{_THING}))\s+(?:all\ )?{_LIGHT}"
    rf"(?P<alone>{_COLOR_WORDS})\b",
    re.IGNORECASE,
)
_SHAPE_PHRASE: Final = re.compile(
    rf"\b(?:as|in|use|using|with)\s+(?:the\s+)?(?P<shape>{'|'.join(_SHAPE_WORDS)})\b", re.IGNORECASE
)
_RIGHT: Final = re.compile(
    r"[\s,(]*\b(?:going\ |running\ |flowing\ |laid\ out\ |arranged\ )?(?:from\ )?"
    r"(?:left[\s-]to[\s-]right|horizontal(?:ly)?|sideways)\b\)?",
    re.IGNORECASE,
)
_DOWN: Final = re.compile(
    r"[\s,(]*\b(?:going\ |running\ |flowing\ |laid\ out\ |arranged\ )?(?:from\ )?"
    r"(?:top[\s-](?:to[\s-]bottom|down)|vertical(?:ly)?|downwards?|going\ down"
    r"|(?:stacked\ |each\ |one\ |placed\ |all\ )*"
    r"(?:(?:under|below|beneath|underneath|on\ top\ of)\ (?:each\ other|one\ another|(?:an|the\ )other)))\b\)?",
    re.IGNORECASE,
)
_DIRECTION_AT_END: Final = re.compile(
    r"\s+(?:(?:from )?left[\s-]to[\s-]right|horizontally|(?:from )?top[\s-]to[\s-]bottom|vertically)"
    r"\s*[.!]?\s*$",
    re.IGNORECASE,
)
_CANNOT: Final = re.compile(
    r"\b(icons?|emojis?|photos?|images?|3d|animations?|animated|gradients?|shadows?|stars?|hexagons?|triangles?|"
    r"swim\ ?lanes?)\b",
    re.IGNORECASE,
)
# The last clause of an instruction, when it only says how things should look.
_TAIL: Final = re.compile(
    r"[,.;\n]\s*(?:and\s+)?(?P<tail>[^,.;\n]{3,80})[.!]?\s*$|\((?P<paren>[^()]{3,60})\)\s*$"
)


_PROCESS: Final = re.compile(
    r"\b(?:process|routine|recipe|journey|procedure|steps?|workflow|pipeline|flow|cycle|life[\s-]?cycle|how\s+(?:to|an?|the|we|you|i|they|our|my)|"
    r"protocol|schedule|agenda|onboarding|instructions|making|order\s+of|funnel|sequence|plan)\b",
    re.IGNORECASE,
)


@dataclass
class Wording:
    """An instruction taken apart. `body` holds the content in the person's own words."""

    body: str
    # The whole text, where no heading could be told from the rest.
    told: str = ""
    title: str = ""
    names_a_flow: bool = False
    names_a_list: bool = False
    has_header: bool = False
    direction: Direction | None = None
    color: Color | None = None
    shape: Shape | None = None
    goes_round: bool = False
    ignored: list[str] = field(default_factory=list)

    @property
    def tells_a_process(self) -> bool:
        """Whether the words say that one thing follows the other."""
        return self.names_a_flow or bool(_PROCESS.search(self.title))

    @property
    def remark(self) -> str:
        """What could not be done, as a sentence; empty when nothing was left out."""
        if not self.ignored:
            return ""
        return f"Drawn without what I cannot draw yet: {', '.join(dict.fromkeys(self.ignored))}."


def read(instructions: str) -> Wording:
    """Takes courtesy, title and wishes about the look off the words; the rest is the body, as typed."""
    text = instructions.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ").strip("\n ")
    wording = Wording(body="")
    if len(re.findall(r"(?:^|\s)\(\d{1,2}\)\s", text)) > 1:
        text = re.sub(r"(?<!\S)\((\d{1,2})\)(?=\s)", r"\1.", text)
    if _counts_up(text):
        text = _BARE_NUMBER.sub(r"\n\1. ", text).strip("\n")
    if len(_STEP_NUMBER.findall(text)) > 1:
        text = _STEP_NUMBER.sub(r"\1. ", text)
    if again := _AGAIN.search(text):
        text = text[: again.start()]
    wording.goes_round = bool(again or _ROUND.search(text[:_LONGEST_WISH]))
    text = asked_to(without_thanks(asked_to(text)))
    text = take_tail(text, wording)
    if (pleased := _PLEASED.match(text)) and _noun(pleased["head"]):
        text = f"{pleased['head']}: {text[pleased.end() :]}"
    if joined := _JOIN_THEM.search(text):
        wording.names_a_flow, text = True, text[: joined.start()]
    text, commanded = strip_command(text)
    head, body, split = _split_header(text)
    if split:
        wording.has_header = True
        wording.names_a_flow |= bool(_CHAINED.search(head))
        _read_header(head, commanded, wording)
    else:
        wording.told = text
        body = _read_headless(text, commanded, wording)
    wording.body = _THESE_ARE.sub("", body.strip("\n").rstrip())
    return wording


_BARE_NUMBER: Final = re.compile(r"(?:^|\s)(\d{1,2})\s+(?=[^\W\d])")


def _counts_up(text: str) -> bool:
    """ "1 unpack 2 assemble 3 test": numbers that count up from one, with words between."""
    found = [int(match[1]) for match in _BARE_NUMBER.finditer(text)]
    return len(found) > 2 and found == list(range(1, len(found) + 1)) and text.startswith("1")


def _split_header(text: str) -> tuple[str, str, bool]:
    """Splits at the colon that ends the heading, or after a first line that can only be a heading."""
    if (dashed := _DASHED_HEAD.match(text)) and _noun(strip_command(dashed["head"])[0]):
        return dashed["head"], text[dashed.end() :], True
    if told(next(iter(sentences(text[:300])), "")):
        return "", text, False
    if (
        (asked := _ASKED_FIRST.match(text))
        and not re.match(r"\W*(?:if\s+)?(?:yes|no)\b", text[asked.end() :], re.IGNORECASE)
        and not ARROW.search(text)
    ):
        return asked["head"], text[asked.end() :], True
    if (named := _FIRST_SENTENCE.match(text)) and (
        _noun(named["head"]) or _KIND_AT_END.search(named["head"])
    ):
        return named["head"], text[named.end() :], True
    arrow = ARROW.search(text)
    if goes := _GOES_LIKE_THIS.match(text):
        return goes["head"], text[goes.end() :], True
    limit = arrow.start() if arrow else len(text)
    best = -1
    for match in re.finditer(r":(?!//)(?=\s|$|[^\d\s])", text[:limit]):
        at = match.start()
        if "\n" in text[:at].strip("\n") or len(text[:at]) > 160:
            break
        said = re.split(r"(?<=[.?!;])\s+", text[:at])
        if len(said) > 1:
            # "How does a login work? Draw: …": the last sentence is the heading, if it asks for something.
            if best < 0 and (VERB.match(said[-1]) or _noun(said[-1])):
                return said[-1], text[at + 1 :], True
            break
        if re.match(r"^\s*(?:\d+[.)]|[-*•])\s", text) or _TELLS_ALREADY.match(text[:at]):
            break
        following = text[at + 1 :].lstrip(" ")
        if _ASKS.search(text[:at]) and _ANSWERS.match(following):
            break  # "Decision "Paid?": yes goes to …"
        best = at
        again = re.match(r"([^,:;\n?]{1,60}):(?!//)\s", following)
        if not again or not (VERB.match(again[1]) or _noun(again[1])):
            break
    if best >= 0:
        return text[:best], text[best + 1 :], True
    first, _, rest = text.partition("\n")
    if rest.strip() and not ARROW.search(first) and not re.match(r"^\s*(?:\d+[.)]|[-*•+])\s", first):
        marked = re.match(r"^\s*(?:\d+[.)]|[-*•+])\s", rest.lstrip("\n"))
        if marked or _noun(first) or _KIND_AT_END.search(_a_wish_less(first)) or ARROW.search(rest):
            return first, rest, True
    return "", text, False


_ASKS: Final = re.compile(r"\?[\"\u201d]?\s*$")
_ANSWERS: Final = re.compile(r"(?:if\s+|when\s+)?(?:yes|no)\b", re.IGNORECASE)
# Words before a colon that tell something, and head nothing.
_TELLS_ALREADY: Final = re.compile(
    r"\s*(?:(?i:if|first)\b|(?i:when|after|once|before)\b.*(?-i:[A-Z]))|.*\b(?:with|has)\s+\w+\s+(?:exits|ways\s+out|outcomes|outputs|possible\s+answers)\s*$",
    re.IGNORECASE | re.DOTALL,
)
# "value chain Buying -> Selling": words in small letters before the first thing name the whole.
_CALLED_BEFORE: Final = re.compile(
    r"(?P<head>(?:(?:(?:the|our|my|an?)\s+)?[a-z][\w'\u2019-]*\s+){1,4}?(?:flow(?:[\s-]?chart)?|process|pipeline|chain|work[\s-]?flow|cycle|loop|path|procedure|journey|funnel|steps))(?:\s+(?:is|goes|runs))?\s+(?=[A-Z][^\n,.;:]{0,60}(?:->|=>|\u2192|\s>\s))"
)
# "Wake, work, sleep, repeat"
_AGAIN: Final = re.compile(
    r"\s*,\s*(?:and\s+)?(?:then\s+)?(?:repeat|(?:(?:it|the\s+(?:whole\s+)?(?:thing|cycle|process|loop)|everything|all)\s+)?(?:starts?|begins?|repeats?)\s+(?:itself|over|again|anew|from\s+the\s+(?:start|beginning))(?:\s+again)?|(?:start\s+|all\s+)?over\s+again|start\s+(?:over|again)|(?:back\s+to|from)\s+the\s+(?:start|beginning)(?:\s+again)?|and\s+so\s+on|again)\s*[.!]*\s*$",
    re.IGNORECASE,
)
_CHAINED: Final = re.compile(
    r"(?<!un)(?<!not )(?<!nothing )(?<!no )(?<!without )\b(?:connected|linked|joined|chained|chain|arrows?)\b",
    re.IGNORECASE,
)
_STEP_NUMBER: Final = re.compile(r"(?i:\bstep)\s+(\d{1,2})(?:\s*[:.)\u2013\u2014-]|\s+is\b)\s*(?=\S)")
# The last thing leads to the first again.
_ROUND: Final = re.compile(
    r"^\W*(?:draw\s+|make\s+)?(?:an?\s+|the\s+)?loop\b|\b(?:(?:in|as|is|of|draw|make|a|an?\s+\w+)\s+(?:a\s+)?(?:loop|circle)|(?:as|in|make|draw|an?)\s+(?:a\s+)?(?:\w+\s+)?cycle(?:\s+(?:of|with|from))?(?=\s|[:,.]|$)|circular)\b",
    re.IGNORECASE,
)
# "How do we bake? Mix, knead, wait."
_ASKED_FIRST: Final = re.compile(
    r"(?P<head>(?:what\s+(?:are|happens|is|do|does)|how\s+(?:do|does|to|is|are|we|can))\b[^?\n]{3,100})\?\s+(?=\S)",
    re.IGNORECASE,
)
# "Steps for making bread - mix, knead, bake"
_DASHED_HEAD: Final = re.compile(
    r"(?P<head>[^:.,;\n>\u2192]{3,100}?)\s[\u2013\u2014-]\s(?=[^:\n]*,)(?![^\n]*(?:->|\u2192|=>))"
)
# "Support flow. Ticket arrives. …"
_FIRST_SENTENCE: Final = re.compile(
    r"(?P<head>(?![^.\n]*(?<!-)\b(?:begins?|starts?|opens?|ends?)\b)[^.:,?!\n>]{3,60})\.\s+(?=\S.*[.?:>,])",
    re.DOTALL,
)
# "Our complaint procedure goes talk, then letter, then hearing"
_GOES_LIKE_THIS: Final = re.compile(
    r"^(?P<head>[^.,:\n]{0,60}\b(?:process|procedure|flow|work\s?flow|pipeline|journey|routine|funnel|steps|plan|day|recipe|chain|cycle|route|path|line|sequence|schedule|morning|week))\s+(?:(?:goes|is|are|runs?|works?|looks?)(?:\s+(?:like\s+(?:this|so|that)|as\s+follows|simple))?\s*[:,.]?\s+)(?!to\b|through\b|in\b|into\b|back\b|from\b)(?=\S.*(?:,|\bthen\b))",
    re.IGNORECASE | re.DOTALL,
)
# "…: they are a, b and c", "we need milk and eggs": only the things count.
_THESE_ARE: Final = re.compile(
    r"^\s*[\u2013\u2014-]\s+(?!.*\n)|^\s*(?:they['\u2019]re|(?:they|these|those|the\s+(?:steps|stages|items|boxes))\s+are|namely|(?:we|i|you|it)\s+(?:needs?|has|have|contains?)|there\s+(?:is|are)|(?:please\s+)?(?:(?-i:put|write|note)|(?:put|write|note)(?=\s+down\b|:))(?:\s+down)?)\s*:?\s+(?=[^.\n]*,)(?![^\n,]*(?:->|\u2192|=>))",
    re.IGNORECASE,
)
_PLEASED: Final = re.compile(
    r"(?P<head>[\w -]{3,40}?)\s*,?\s+(?:please|pls|plz)\s*[,.!:\u2013\u2014-]+\s+(?=\S)", re.IGNORECASE
)
# "…, connect them in that order"
_JOIN_THEM: Final = re.compile(
    r"(?:[\n,.;]\s*|\s+)(?:and\s+|then\s+|please\s+)*(?:(?:connect|link|join)(?:ed)?\s+(?:by|with|using)\s+(?:arrows|lines)|(?:connect|link|join|chain)\s+(?:(?:each|every)\s+(?:\w+\s+)?(?:to|with)\s+the\s+next(?:\s+one)?|them|these|those|all|everything|each|the\s+(?:boxes|steps|items))(?:\s+(?:up|all|together|one\s+after\s+(?:the\s+other|another)|in\s+(?:that|this|the\s+same|the|a)?\s*(?:order|row|sequence|chain)|(?:with|by|using)\s+(?:arrows|lines)|to\s+each\s+other|from\s+one\s+to\s+the\s+next))*"
    r"|(?:(?<=[,.;]\s)arrows(?:\s+in\s+between)?|with\s+arrows\s+(?:between\s+(?:them|each|the\s+\w+)|from\s+one\s+to\s+the\s+next|in\s+between)|(?:all\s+)?connected\s+(?:by|with)\s+arrows|(?:with|and)\s+arrows(?:\s+(?:between|from)\s+\w+(?:\s+to\s+the\s+next)?)?|arrows\s+(?:between|from)\s+\w+(?:\s+to\s+the\s+next)?|(?:an?\s+)?arrows?\s+from\s+(?:each|every|one)(?:\s+\w+)?\s+to\s+the\s+next(?:\s+\w+)?|each\s+(?:one\s+|step\s+|box\s+)?(?:leads|goes|points|connects|leading|going|pointing|connected|linked|joined)\s+to\s+the\s+next(?:\s+(?:one|box|step))?|one\s+after\s+(?:the\s+other|another)|(?:all\s+)?in\s+(?:that|this|the\s+given)\s+order))\s*(?:please|pls)?\s*[.!]?\s*$",
    re.IGNORECASE,
)
_KIND_AT_END: Final = re.compile(
    r"\b(flow[\s-]?chart|process|work\s?flow|steps|flow|procedure|pipeline|journey|funnel|routine)\s*$", re.I
)


def _noun(text: str) -> re.Match[str] | None:
    text = bare_noun(text)
    return _FLOW_NOUN.match(text) or _LIST_NOUN.match(text) or _OTHER_NOUN.match(text)


def bare_noun(text: str) -> str:
    """A noun phrase without its article, adjectives, colour and number."""
    text = text.strip()
    while True:
        shorter = _ADJECTIVE.sub("", _ARTICLE.sub("", text))
        shorter = re.sub(rf"^{_LIGHT}(?:{_COLOR_WORDS})\s+", "", shorter, flags=re.IGNORECASE)
        shorter = re.sub(
            r"^(?:\d+(?!\s+(?:by|x)\b)|one|two|three|four|five|six|seven|eight|nine|ten)\s+",
            "",
            shorter,
            flags=re.I,
        )
        if shorter == text:
            return text
        text = shorter


def _read_header(head: str, commanded: bool, wording: Wording) -> None:
    head = re.sub(
        r"(?:[\s,]+(?:please|pls|thanks|for\s+(?:me|us)))+\s*$",
        "",
        take_wishes(head, wording),
        flags=re.IGNORECASE,
    )
    parts = [part.strip() for part in head.split(":")]
    title = ""
    for number, part in enumerate(parts):
        bare, verb = strip_command(part) if number else (part, commanded)
        if command := VERB.match(bare):
            bare, verb = bare[command.end() :], True
        bare = bare_noun(bare)
        rest = _take_noun(bare, wording)
        if rest is not None:
            inner = bare_noun(_OF.sub("", re.sub(r"^\s*with\s+", "", rest)))
            if _FLOW_NOUN.match(inner) or _LIST_NOUN.match(inner):  # "a canvas with a flowchart of …"
                bare, rest = inner, _take_noun(inner, wording) or ""
            named = _OF.match(rest)
            subject = rest[named.end() :] if named else ""
            subject = re.sub(_CONTAINING.pattern + r"$", "", f"{subject} ", flags=re.IGNORECASE).strip()
            own_name = re.match(r"(?:[\w-]+[\s-])?(?:list|to[\s-]?dos?|checklist)s?\b", bare, re.IGNORECASE)
            if (
                own_name
                and not _SO_NAMED.match(rest)
                and (subject or len(own_name[0].split()) > 1 or "-" in own_name[0])
            ):
                subject = f"{own_name[0]} {bare[len(own_name[0]) :].strip()}".strip()
            title = title or subject
            continue
        # "Sign-up process: …" names both the thing and the kind.
        kind = _KIND_AT_END.search(bare)
        if kind:
            wording.names_a_flow = True
            stripped = (
                bare[: kind.start()].strip()
                if kind[1].lower() in {"flowchart", "flow chart", "steps"}
                else bare
            )
            title = title or stripped
        elif re.search(r"\b(list|checklist)\s*$", bare, re.IGNORECASE):
            wording.names_a_list = True
            title = title or bare
        elif bare and not (verb and number):
            title = title or bare
        elif bare and verb:
            wording.names_a_list = True
    wording.title = as_title(title)


def _take_noun(text: str, wording: Wording) -> str | None:
    """What follows the word for the kind of drawing, which is noted; None when there is no such word."""
    for pattern, kind in ((_FLOW_NOUN, "flow"), (_LIST_NOUN, "list"), (_OTHER_NOUN, "other")):
        match = pattern.match(text)
        if match:
            wording.names_a_flow |= kind == "flow"
            wording.names_a_list |= kind == "list"
            shape = _SHAPE_WORDS.get(match[0].lower())
            if shape:
                wording.shape = wording.shape or shape
            return text[match.end() :]
    return None


def _read_headless(text: str, commanded: bool, wording: Wording) -> str:
    """No heading: "a flowchart of boil water, add tea, pour" or "the steps wake up, shower, eat"."""
    if "\n" in text.strip() or ARROW.search(text) or re.search(r"\w\s>\s\w", text):
        bare = bare_noun(text)
        if named := _CALLED_BEFORE.match(text):
            wording.names_a_flow = True
            wording.title = as_title(take_wishes(named["head"], wording))
            return text[named.end() :]
        rest = (
            _take_noun(bare, wording)
            if commanded or _FLOW_NOUN.match(text) or _FLOW_NOUN.match(bare)
            else None
        )
        if rest is None:
            return text
        take_wishes(text[: len(text) - len(rest)], wording)
        containing = _CONTAINING.match(rest) or _OF.match(rest)
        return rest[containing.end() :] if containing else (rest or text)
    bare = bare_noun(text)
    rest = _take_noun(bare, wording)
    if rest is None:
        return text
    wording.has_header = True
    containing = _CONTAINING.search(rest)
    named = _OF.match(rest)
    if containing and (not named or containing.start() >= named.end()):
        subject = rest[named.end() : containing.start()] if named else ""
        if "," not in subject:
            wording.title = as_title(subject)
            return rest[containing.end() :]
    return rest[named.end() :] if named else rest


def _a_wish_less(text: str) -> str:
    """ "Checkout flow, top to bottom" without the direction."""
    return _DOWN.sub("", _RIGHT.sub("", text))


def direction_in(text: str) -> Direction | None:
    """The direction that the words wish for, wherever they do."""
    return "right" if _RIGHT.search(text) else "down" if _DOWN.search(text) else None


# "for our course, top to bottom A, B": what comes after the wish is the list.
_LIST: Final = re.compile(r"\s*[A-Z][^,:]*,")


def take_wishes(text: str, wording: Wording) -> str:
    """Notes direction, colour and shape that were asked for, and takes their words out."""
    if len(text) > _LONGEST_WISH:
        return text.strip()
    for pattern, direction in ((_RIGHT, "right"), (_DOWN, "down")):
        if pattern.search(text):
            wording.direction = cast(Direction, direction)
            text = pattern.sub(
                lambda wish: "; " if wish[0][0] == "," and _LIST.match(wish.string, wish.end()) else " ", text
            )
    match = _COLOR_PHRASE.search(text)
    if match:
        color = (match["before"] or match["after"] or match["alone"]).lower()
        wording.color = cast(Color, _SAME_COLOR.get(color, color))
        thing = (match["thing"] or "").lower()
        wording.shape = wording.shape or _SHAPE_WORDS.get(thing)
        # "three blue boxes: …" names the things; "with blue boxes" only their look.
        names = re.match(rf"{_LIGHT}(?:{_COLOR_WORDS})\b", match[0], re.IGNORECASE)
        keep = thing if names and _noun(thing) else " "
        text = text[: match.start()] + keep + text[match.end() :]
    match = _SHAPE_PHRASE.search(text)
    if match:
        wording.shape = _SHAPE_WORDS[match["shape"].lower()]
        text = text[: match.start()] + " " + text[match.end() :]
    for cannot in _CANNOT.finditer(text):
        wording.ignored.append(cannot[0].lower())
    return text.strip()


def take_tail(text: str, wording: Wording) -> str:
    """Reads ", left to right" or ". Use blue boxes." at the end, when it holds nothing but wishes."""
    ending = _DIRECTION_AT_END.search(text)
    if ending and ARROW.search(text[: ending.start()]):
        wording.direction = "down" if re.search("top|vert", ending[0], re.I) else "right"
        text = text[: ending.start()]
    for _ in range(3):
        match = _TAIL.search(text)
        if not match or match.start() == 0 or ARROW.search(match["tail"] or match["paren"] or ""):
            return text
        trial = Wording(body="")
        left = take_wishes(match["tail"] or match["paren"], trial)
        wished = trial.direction or trial.color or trial.shape or trial.ignored
        empty = re.fullmatch(
            r"(?:please|use|with|make|it|them|all|the|and|in|go|draw|add|laid|out|\W|icons?|emojis?|shadows?|"
            r"gradients?|photos?|images?|3d|boxes|nodes|arrows|animations?|some|nice|a|an)*",
            left,
            re.IGNORECASE,
        )
        if not wished or not empty:
            return text
        wording.direction = wording.direction or trial.direction
        wording.color = wording.color or trial.color
        wording.shape = wording.shape or trial.shape
        wording.ignored += trial.ignored
        text = text[: match.start()]
    return text


def as_title(text: str) -> str:
    """A heading from words inside a sentence: without quotes and articles, with a capital."""
    text = _ARTICLE.sub("", text.strip(" ,.;:-\u2013\u2014\n")).strip("\"'“”\u2018\u2019 ")
    return text[:1].upper() + text[1:] if text[1:2].islower() or len(text) > 2 else text
