# ruff: noqa: E501  # a pattern stays on one line
"""Shapes for their own sake: "3 blue circles and 2 red squares in a row", "a big red star, inside it a heart".

The words are read from left to right: at each place one of a few readers knows what stands there (a number of shapes, a
name, a colour, a place, what stands beside what) and takes it. Where none does, these are no words about shapes.
"""

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from math import cos, pi, sin
from typing import Final

from ai_jobs.planning.errors import TooMuch
from ai_jobs.planning.parts import MAX_NODES, Color, LayoutKind, Shape, Size
from ai_jobs.planning.plan import Edge, Geometry, Group, Node, Plan
from ai_jobs.providers.sketcher.courtesy import strip_command, strip_courtesy
from ai_jobs.providers.sketcher.items import clean, is_numbered, split_items
from ai_jobs.providers.sketcher.kinds import kind_named
from ai_jobs.providers.sketcher.spelling import nearest_words
from ai_jobs.providers.sketcher.vocabulary import (
    COLOR,
    LIGHT,
    NUMBER,
    ORDINALS,
    SHAPE,
    SIZE,
    SIZES,
    color_of,
    number_of,
    shape_of,
)
from ai_jobs.providers.sketcher.wording import as_title

# Longer than any row of shapes that a person would tell.
_LONGEST: Final = 500
_STEP: Final = 220.0
_MOST_BESIDE: Final = 12

_OTHER_SHAPES: Final[dict[str, Shape]] = {
    "frame": "rectangle", "stick": "rectangle", "round": "circle", "dot": "circle", "disc": "circle", "tile": "square",
    "block": "rectangle", "bar": "rectangle", "boxs": "rectangle",
}  # fmt: skip
_KIND: Final = rf"(?:{SHAPE}|boxs|frames?|sticky\s+notes?|stickies|round\s+(?:tables?|boxes|box|shapes?)|dots?|discs?|tiles?|blocks|bars)"
_LOOK: Final = rf"(?:(?:very\s+)?{SIZE}|{LIGHT}{COLOR}(?:[\s-]colou?red)?|(?:equally|evenly)\s+\w+|simple|plain|nice|new|empty|filled|solid|regular|perfect|different|equal|identical|more|further|wide|narrow|round(?:ed)?(?!\s+(?:table|box|shape))|long|tall|thin|thick|flat|high|single|separate|straight|matching|neat|basic)"
_NUMBERED: Final = rf"(?:(?P<known>the|both|these|those)\s+)?(?:(?:a\s+)?(?P<count>{NUMBER}|another|some|half\s+a\s+dozen)\s+(?:of\s+)?)?"
# "two small red circles", "the circle", "three green": a number of like shapes, named or meant.
_HEAD: Final = re.compile(
    rf"(?:{_NUMBERED}(?P<looks>(?:{_LOOK}(?:\s*,\s*(?={_LOOK}\s)|[\s-]+)(?:and\s+)?)*)(?P<shape>{_KIND})\b(?!\s+(?:chart|diagram|plan|map)s?\b)"
    rf"|(?P<count3>{NUMBER}|another|the\s+other)\s+(?P<looks3>(?:{_LOOK}\s+)*)ones?\b(?!\s+(?:each|in|red|is|per)\b)"
    rf"|(?P<count2>(?!an?\b){NUMBER})\s+(?:(?:of\s+(?:them|these|those|which)|in|are|is|should|be)\s+)*(?P<looks2>{LIGHT}{COLOR})(?=\s*(?:[,;.]|and\b|$)))",
    re.IGNORECASE,
)
_INTRO: Final = re.compile(
    r"(?:(?:and|each|please|all|one)\s+)*(?:(?:(?:that|which)\s+(?:are|is)\s+)?labell?ed|label(?:s|\s+(?:it|them))?|called|named|numbered|titled|saying|(?:that|which)\s+(?:just\s+)?(?:says?|reads?)|says?|reads?|reading"
    r"|(?:with|has|have|and)(?:\s+(?:the|these))?\s+(?:following\s+)?(?:texts?|labels?|words?|names?|numbers?|titles?)(?:\s+(?:is|are))?|(?:the\s+)?(?:texts?|labels?|words?|names?)(?:\s+(?:is|are|on\s+(?:it|them)))?|for(?=\s+(?:[\"“]|(?-i:[A-Z])))|(?:one\s+)?for\s+(?:each|every)(?:\s+of)?"
    r"|write|call\s+(?:it|them)|(?:is|are)\s+(?:called|labell?ed|named)|has\s+the\s+(?:text|label|words?)|with(?=\s+\S+(?:\s\S+)?\s+(?:written|in\s+it|inside))|(?:called|named|labell?ed)\s+as)\b\s*(?:them\s+|it\s+)?:?\s*(?:as\s+|of\s+)?",
    re.IGNORECASE,
)
_OBJECT: Final = r"(?P<object>it|that|this|them|these|those|both)"
# Where something stands beside another, where it stands by itself, and how all stand.
_RELATION: Final = re.compile(
    rf"(?:(?:right|directly|just|all|standing|placed|sitting|centred|centered|is|are|goes|comes|stands|sits)\s+)*(?P<side>above(?:\s+of)?|on\s+top\s+of(?!\s+(?:each|one)\b)|over|(?:below|under)\s+of|below(?!\s+(?:each|one)\b)|under|underneath|beneath|(?:(?:to|on|at)\s+)?(?:the\s+|its\s+)?(?P<beside>left|right)(?:\s+(?:hand\s+)?(?:side\s+)?(?:of|from))|(?:to|on|at)\s+its\s+(?P<beside2>left|right)|next\s+to(?!\s+(?:each|one)\b)|near\s+to|beside(?:\s+of)?|outside(?:\s+of)?|inside(?:\s+of)?|within|around|surrounding|in(?=\s+(?:it|that|them)\b)|into(?=\s+(?:it|that|them)\b)|(?:that\s+|which\s+)?(?P<holding>contain(?:s|ing)?|holds|holding))\b(?:\s+{_OBJECT}\b|\s+(?P<named>(?!(?:{NUMBER}|the|another|{_LOOK}|{_KIND})\b)(?-i:[A-Z])\w*(?:\s(?-i:[A-Z])\w*)?))?(?:\s*,?\s+(?:there\s+)?is(?=\s+(?:an?|the|one)\s))?",
    re.IGNORECASE,
)
_SPOT: Final = r"top[\s-]+left|top[\s-]+right|bottom[\s-]+left|bottom[\s-]+right|upper[\s-]+left|upper[\s-]+right|lower[\s-]+left|lower[\s-]+right|left|right|top|bottom|middle|cent(?:er|re)"
_PLACE: Final = re.compile(
    rf"(?:(?:is|are|goes|stands|sits|placed)\s+)*(?:(?:on|at|to|in)\s+the\s+(?:very\s+|far\s+)?|up\s+|on\s+(?=top\b)|(?=(?:top|upper|bottom|lower)[\s-]+(?:left|right)))(?P<place>{_SPOT})(?:[\s-]+(?:hand\s+)?(?:side|corner))?\b(?!\s+of)"
    rf"|(?P<bare>(?:far\s+)?(?:{_SPOT}|above|below|underneath))(?=\s*(?:[,;.)]|$|and\b))"
    r"|(?P<between>(?:in|at|on)?\s*(?:the\s+)?(?:middle\s+)?(?:in\s+)?between(?:\s+(?:of\s+)?(?:them|the\s+(?:two|both|others)|both|these|those)(?:\s+(?:two|ones?))?)?)(?=\s*(?:[,;.]|$|and\b|an?\b|the\b|is\b|one\b))",
    re.IGNORECASE,
)
_LINED: Final = re.compile(
    r"(?:(?:all|arranged|placed|lined\s+up|stacked|put|standing|listed|laid\s+out|organi[sz]ed)\s+)*(?:(?P<row>(?:in|as|on|into)\s+(?:an?|one)\s+(?:single\s+|straight\s+|horizontal\s+|neat\s+)?(?:row|line)|side\s+by\s+side|next\s+to\s+(?:each\s?other|one\s?another)|beside\s+(?:each\s?other|one\s?another)|horizontally|(?:going\s+)?(?:from\s+)?left\s+to\s+right)"
    r"|(?P<column>(?:in|as|into)\s+(?:an?|one)\s+(?:single\s+|vertical\s+|neat\s+)?(?:column|stack|pile)|on\s+top\s+of\s+(?:each\s?other|one\s?another)|(?:one\s+)?(?:below|under(?:neath)?|beneath|above)\s+(?:the\s+other|each\s?other|one\s?another|another)|vertically|stacked|(?:from\s+)?top\s+to\s+bottom)"
    r"|(?P<grid>(?:in|as|into)\s+(?:a|an)\s+grid))\b",
    re.IGNORECASE,
)
_LED: Final = re.compile(
    r"(?:an?\s+|one\s+|the\s+)?(?:single\s+|neat\s+)?(?:(?P<row>row|line)|(?P<column>column|stack|pile|tower)|(?P<grid>grid)|group|set|bunch)\s+(?:of|with)\s+(?=\S)",
    re.IGNORECASE,
)
_DIMENSIONS: Final = re.compile(
    rf"\b(?P<across>{NUMBER})\s*(?:x|by|\u00d7|\*)\s*(?P<down>{NUMBER})\b"
    rf"|\b(?:in\s+)?(?P<down2>{NUMBER})\s+(?:rows|lines)\s+(?:of|with|by)\s+(?P<across2>{NUMBER})\b(?:\s+columns?\b)?"
    rf"|\b(?:in\s+)?(?P<across3>{NUMBER})\s+(?:columns|stacks)\s+(?:of|with)\s+(?P<down3>{NUMBER})\b(?:\s+rows?\b)?"
    rf"|\b(?P<down4>{NUMBER})\s+rows?\s*(?:and|,|by)\s*(?P<across4>{NUMBER})\s+columns?\b"
    rf"|\b(?P<across5>{NUMBER})\s+columns?\s*(?:and|,|by)\s*(?P<down5>{NUMBER})\s+rows?\b"
    rf"|\bin\s+(?P<down6>{NUMBER})\s+(?:rows|lines)\b|\b(?:in|with)\s+(?P<across6>{NUMBER})\s+columns\b",
    re.IGNORECASE,
)
_AROUND_GRID: Final = r"\s*\b(?:(?:arranged|placed|laid\s+out|an?|one|as|in|of|with|made|up|grid|matrix|array|raster|table|each|per\s+row)\b\s*)*"
_CONNECTED: Final = re.compile(
    r"\s*,?\s+(?:and\s+)?(?:(?:connect|link|join)\s+(?:them|these|those|all|each|both)(?:\s+(?:all|up|together|in\s+(?:that\s+|this\s+)?order|from\s+left\s+to\s+right))*|(?:both\s+|all\s+|that\s+are\s+|which\s+are\s+)?(?:connected|linked|joined)(?:\s+(?:together|up))?)(?:\s+(?:to|with)\s+(?!\w*\s*arrows?\b|\w*\s*lines?\b|an?\s+(?:\w+\s+)?(?:arrow|line))(?P<other>.+?))?"
    r"(?:\s+(?:by|with|through|using)\s+(?:an?\s+)?(?:[a-z]+\s+)?(?:arrows?|lines?))?(?:\s+(?:from\s+)?(?:left\s+to\s+right|top\s+to\s+bottom))?$"
    r"|\s*[,.;]?\s+(?:and\s+|with\s+|draw\s+)*(?:arrows?|lines?|an?\s+(?:[a-z]+\s+)?(?:arrow|line))\s+(?:in\s+)?between\s+(?:them|the\s+two|both|each(?:\s+of\s+them)?)(?:\s+all)?$",
    re.IGNORECASE,
)
_ARROW: Final = re.compile(
    r"[\s,.;]+(?:(?:and|with|plus|draw|add|then|also|there['\u2019]s|there\s+is)\s+)*(?:(?:an?|one|another)\s+(?:[a-z]+\s+)?|(?<=,\s))(?:arrow|line)\s+(?:(?:going|pointing|leading|running)\s+)?from\s+(?P<source>[^,.;]+?)\s+to\s+(?P<target>[^,.;]+?)(?:\s*(?:labell?ed|saying|called|that\s+says)\s+(?P<label>[^,.;]+?))?(?=\s*(?:[,.;]|$|and\s+(?:an?|another)\s))"
    r"|[\s,.;]+(?:(?:and|with|then)\s+)*(?P<source2>[A-Z][\w ]{0,30}?)\s+(?:points?|leads?|goes|connects?|is\s+connected|arrow)\s+to\s+(?P<target2>[^,.;]+?)(?=\s*(?:[,.;]|$))",
)
_ALL_COLORED: Final = re.compile(
    rf"(?:(?:and|please|then|make|paint|colou?r|have|i\s+want|turn|fill|with)\s+)*(?P<rest>(?:all\s+)?(?:the\s+)?(?:others?|rest|remaining|other\s+ones?)\s+(?:ones?\s+)?)?(?(rest)|(?:(?:them|they|it|all|both|everything|every\s+one|each(?:\s+one)?|(?:the\s+)?(?:shapes|colou?r))\s+)+(?:of\s+them\s+)?)(?:(?:should|must|shall|all|be|are|is|to|in|colou?red)\s+)*(?P<color>{LIGHT}{COLOR})\b(?!\s+{_KIND}\b)",
    re.IGNORECASE,
)
_COLORED: Final = re.compile(
    rf"(?:(?:in|is|are|has|with|colou?red|colou?rs?|painted|filled|one|each|all|be|should|must|gets|the|of\s+them)\s+|[:=(]\s*)*(?P<colors>{LIGHT}{COLOR}(?:(?:\s*,\s*and\s+|\s*,\s*|\s+and\s+|\s*/\s*|\s+then\s+){LIGHT}{COLOR}(?!\s+(?:{_LOOK}|{_KIND})\b|\s*[:=(]))*)\b(?!\s+(?:{_LOOK}\s+)?{_KIND}\b)(?:\s+colou?r(?:ed)?\b)?\s*\)?",
    re.IGNORECASE,
)
# "the last one", "the top row", "second": one of the shapes that are there, where something is told of it.
_TOLD: Final = rf"(?=\s*(?:[:=(]|(?:(?:is|are|in|should|must|says?|reads?|gets|has|called|labell?ed|named|with|both|all|goes|stands)\b)|{LIGHT}{COLOR}\b|[\"“]|(?-i:[A-Z0-9])))"
_WHICH: Final = re.compile(
    rf"(?:the\s+)?(?P<which>{'|'.join(ORDINALS)}|left|right|top|bottom|upper|lower|middle)(?:[\s-]+hand)?(?:\s+(?P<what>ones?|rows?|lines?|{_KIND})(?:\s+one)?)?\b{_TOLD}",
    re.IGNORECASE,
)
_FEW: Final = re.compile(
    rf"(?:the\s+)?(?P<end>first|last|left|right|top|bottom)\s+(?P<count>(?!an?\b){NUMBER})(?:\s+(?:ones|{_KIND}))?\b(?=\s*(?:[:=(]|(?:are|in|should|both|all)\b|{LIGHT}{COLOR}\b))",
    re.IGNORECASE,
)
_MEANT: Final = re.compile(
    rf"(?:no\W+|sorry\W+|or\s+)*(?:i\s+mean|rather|actually|make\s+that|i\s+meant)\W+(?:just\s+|only\s+)?(?:an?\s+|{NUMBER}\s+)?(?P<shape>{_KIND})\b",
    re.IGNORECASE,
)
# What is told beside the shapes and is nothing to draw.
_ASIDE: Final = re.compile(
    r"(?:(?:and\s+|with\s+|but\s+)*(?:no|without(?:\s+any)?)\s+(?:[a-z]+\s+)?(?:texts?|labels?|words?|names?|letters|arrows?|lines?|connections?|fill)(?:\s+(?:in|on)\s+(?:it|them))?|(?:with\s+)?nothing\s+(?:else\s+)?(?:written\s+)?(?:in|on|inside|between)\s+(?:it|them)"
    r"|(?:they\s+are\s+|all\s+|of\s+)*(?:(?:the\s+)?same|equal)\s+size|(?:so\s+)?(?:it['\u2019]?s|it\s+is|that['\u2019]?s|that\s+is|this\s+is|they['\u2019]?re|th(?:o|e)se\s+are|they\s+(?:are|represent|stand\s+for|show|mean))\s+(?:for|about|our|my|the|all|how|what)\b[^,.:;\n]*"
    r"|(?:for|of)\s+(?:an?|my|our|the|this|us)\s+(?-i:[a-z][a-z' -]{2,40}?)(?=\s*(?:[,:;.\n]|$|\b(?:labell?ed|named|called|with|in|and|saying)\b))|(?:for|as)\s+(?-i:[a-z]{3,}(?: [a-z]{3,}){0,2})(?=\s*,?\s*(?:$|in\s|arranged\b|lined\b|all\s))|(?:in|on)\s+(?:the|my|our|this)\s+(?:board|canvas|page|sheet)|(?:is|are)\s+all\s+i\s+need|in\s+(?:that|this)\s+order|(?:starting\s+)?from\s+the\s+(?:top|left|bottom|right)(?:\s+(?:down|on|up))?"
    r"|(?:written\s+)?(?:in|on|inside)\s+(?:it|them|there|each(?:\s+one)?)(?=\s*(?:[,.;]|$))|(?:would|will)\s+(?:be\s+(?:great|nice|perfect|lovely)|do)|if\s+possible|in\s+total|written|please|pls|plz|thanks|total|exactly|just|only)\b",
    re.IGNORECASE,
)
_IN_IT: Final = re.compile(r"(?:in|inside)\s+it\b", re.IGNORECASE)
_ON_THE_BOARD: Final = re.compile(
    r"(?:in|on)\s+(?:the|my|our|this)\s+(?:board|canvas|page|sheet)\b", re.IGNORECASE
)
_GLUE: Final = re.compile(
    r"(?:and|plus|then|with|alternat(?:ing|ely|e)(?:\s+between)?|by\s+turns|in\s+turns?|there(?:\s+is|\s+are|['\u2019]s)?|it|them|they|put|place|add|draw|has|have|is|are|of|each|please|an?|the|in|on|also|which|that|where|goes|comes|stands|should|be|all|so|to|as|next|i\s+(?:want|need)|we\s+(?:want|need)|make|total|(?:they|it)\s+(?:should|must))\b",
    re.IGNORECASE,
)
_SEPARATORS: Final = re.compile(r"[\s,;.:&+!?=()\[\]\u2013\u2014-]+|(?<=\s)[*\u2022]\s")
_RANGE: Final = re.compile(
    r"(?:from\s+)?(?:(?P<stem>[A-Za-z]{0,12}[ -]?)(?P<first>\d{1,3})\s*(?:to|through|thru|until|till|up\s+to|\u2013|-|\.\.+)\s*(?:(?P=stem)|[A-Za-z]{1,12} )?(?P<last>\d{1,3})|(?P<letter>[A-Z])\s*(?:to|through|thru|\u2013|-)\s*(?P<until>[A-Z]))\b"
)
# What may stand before the first shape without being a part of the drawing.
_ASKS: Final = re.compile(
    r"(?:\b(?:need|needs|want|wants|like|love|draw|make|show|put|place|have|had|get|see|(?:that|there|this|nice|it)\s+(?:is|are)|be|imagine|just|do|with|so|of|^these|please|me|us|then|now|paint|add)|[.!?;:\u2013-]|\w[^,]*\s[^,]*\s[^,]*,)\s*$",
    re.IGNORECASE,
)
_COUNTED_OR_COLORED: Final = re.compile(
    rf"\b(?:{COLOR}|two|three|four|five|six|seven|eight|nine|ten|twelve|arrows?|lines?)\b|->", re.IGNORECASE
)
_TITLE: Final = re.compile(
    r"(?:^|[.!?\n])\s*(?P<title>[A-Za-z][^:,;.!?\n]{2,60}?)\s*(?::|\s[\u2013\u2014-])\s*[*\u2022-]?\s*$"
)
_A_KIND: Final = re.compile(
    r"\b(?:quadrants?|matrix|diagram|board|chart|map|timeline|process|steps|flow|list|table|form|page|wireframe|entities)\b",
    re.IGNORECASE,
)
_SPELT: Final = ("circles", "circle", "squares", "square", "rectangle", "rectangles", "triangle", "triangles", "diamonds", "diamond", "hexagon", "hexagons", "ellipse", "ellipses")  # fmt: skip


@dataclass
class _Lot:
    """A number of like shapes, how they stand to an earlier lot, and where their places are."""

    count: int
    shape: Shape | None
    color: Color | None
    size: Size
    plural: bool
    labels: list[str] = field(default_factory=list)
    colors: list[Color | None] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    side: str = ""
    beside: int | None = None
    stacked: bool = False
    counted: bool = True
    frame: bool = False


class _Unclear(Exception):
    """A word that says nothing about shapes: another family may understand it."""


# "I want to see the round tables, so eight pink circles": the shapes are what is to be drawn.
_THAT_IS: Final = re.compile(
    rf"^[^,:;.\n]{{3,100}},\s+(?:so|that\s+(?:is|means)|which\s+means|meaning|i\.e\.)\s+(?={NUMBER}\s+(?:{_LOOK}[\s-]+)*{_KIND}\b)",
    re.IGNORECASE,
)
# "…, arrows A -> B and B -> C" after the shapes that they join.
_WAY: Final = r"[^,;.:\n>-]{1,40}?\s*->\s*[^,;.:\n>-]{1,40}?"
_DRAWN_ARROWS: Final = re.compile(
    rf"[\s,.;]+(?:(?:and|with|plus|an?|the)\s+)*arrows?\s*:?\s+(?:from\s+)?(?P<ways>{_WAY}(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+){_WAY})*)$",
    re.IGNORECASE,
)


def parse(text: str) -> Plan | None:
    """Only what is nothing but shapes: one word more, and another family may understand it better."""
    text, _ = strip_command(strip_courtesy(text))
    text = _THAT_IS.sub("", text.strip(" \n.!?"), count=1)
    if told := _DRAWN_ARROWS.search(text):
        ways = (way.split("->") for way in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", told["ways"]))
        arrows = " and ".join(f"an arrow from {way[0].strip()} to {way[1].strip()}" for way in ways)
        text = f"{text[: told.start()]}, {arrows}"
    if len(text) > _LONGEST or "->" in text or "\u2192" in text:
        return None
    head, *lines = text.split("\n")
    if lines and all(is_numbered(line) for line in lines) and not re.search(SHAPE, head, re.IGNORECASE):
        return None  # "these steps\n1. Pack boxes": a shape only in what is told
    if cells := _rows_of_words(text):
        return cells
    for said in dict.fromkeys([text, nearest_words(text, _SPELT, but="start starts")]):
        try:
            return _Reading(said).plan()
        except _Unclear:
            continue
    return None


def _rows_of_words(text: str) -> Plan | None:
    """ "squares: A1 A2 / B1 B2", a line for each row."""
    head, *rows = [line.strip() for line in text.split("\n") if line.strip()] or [""]
    cells = [row.split() for row in rows]
    named = re.search(rf"\b({SHAPE})\b", head, re.IGNORECASE)
    if not named or len(cells) < 2 or len({len(row) for row in cells}) != 1 or len(cells[0]) < 2:
        return None
    if any(re.search(r"[:,;]", row) or len(max(row.split(), key=len)) > 4 for row in rows):
        return None
    nodes = [
        Node(key=f"n{number}", label=cell, shape=shape_of(named[1]), role="item")
        for number, cell in enumerate(itertools.chain(*cells), 1)
    ]
    return Plan(layout="grid", columns=len(cells[0]), nodes=tuple(nodes))


class _Reading:
    """The lots of a text, what stands between them, and how all of them stand."""

    def __init__(self, text: str) -> None:
        self.lots: list[_Lot] = []
        self.next_one: tuple[str, int | None] = ("", None)
        self.next_place = ""
        self.words_first: list[str] = []
        self.met: list[tuple[_Lot, int]] = []
        self.arrows: list[tuple[str, str, str]] = []
        self.title = ""
        self.layout: LayoutKind | None = None
        self.columns = self.rows = 0
        self.color: Color | None = None
        self.others: Color | None = None
        # What was read last, whether a name must follow, and whether a comma, "and" or "with" stands before what is next.
        self.last, self.names, self.led, self.separated = "", False, False, False
        # Whether the last name was told as a text, which stands in a shape: "with the word Hello in it".
        self.worded = False
        self.text = self._whole(text)
        shown = re.sub(r"\"[^\"]*\"|“[^”]*”", lambda said: '"' + "_" * (len(said[0]) - 2) + '"', self.text)
        first = next(
            (
                match
                for match in re.finditer(rf"(?<!\w)(?:{_HEAD.pattern})", shown, re.IGNORECASE)
                if _is_lot(shown, match)
            ),
            None,
        )
        if first is None:
            raise _Unclear
        self.only_named = bool(re.fullmatch(r"box(?:es)?", shown.strip(), re.IGNORECASE))
        self._before(self.text[: first.start()])
        self.at = first.start()
        readers: tuple[Callable[[], int], ...] = (
            self._aside, self._corrected, self._all_colored, self._line, self._place, self._relation, self._which, self._known,
            self._head, self._colors, self._intro, self._name, self._glue,
        )  # fmt: skip
        while self.at < len(self.text):
            if gap := _SEPARATORS.match(self.text, self.at):
                self.at = gap.end()
                self.separated = bool(re.search(r"[,.;:\n]", gap[0]))
                self.led |= self.separated
                self.names &= not re.search(r"[;\n]|\.\s", gap[0])
                continue
            own_name = self.text[self.at] in '"“' or (
                self.names and re.match(r"[A-Z0-9]", self.text[self.at])
            )
            end = self._name() if own_name else next(filter(None, (reader() for reader in readers)), 0)
            if not end:
                raise _Unclear
            self.at = end
        self._settle()

    def _whole(self, text: str) -> str:
        """What is told of all shapes, taken off the text."""
        for arrow in _ARROW.finditer(text):
            self.arrows.append(
                (
                    arrow["source"] or arrow["source2"],
                    arrow["target"] or arrow["target2"],
                    clean(arrow["label"] or ""),
                )
            )
        text = _ARROW.sub("", text)
        self.connected = _CONNECTED.search(text)
        if self.connected:
            other = self.connected["other"]
            text = text[: self.connected.start()] + (f" and {other}" if other else "")
        if match := _DIMENSIONS.search(text):
            named = {
                name.rstrip("23456"): number_of(said) for name, said in match.groupdict().items() if said
            }
            self.columns, self.rows, self.layout = named.get("across", 0), named.get("down", 0), "grid"
            if self.columns * self.rows > MAX_NODES or not max(self.columns, self.rows):
                raise TooMuch(f"A drawing holds at most {MAX_NODES} shapes. Ask for fewer at once.")
            before = re.sub(rf"{_AROUND_GRID}$", "", text[: match.start()])
            after = re.sub(rf"^{_AROUND_GRID}", "", text[match.end() :])
            text = f"{before} {after}" if after.strip() or before.strip() else "squares"
        return text.strip()

    def _before(self, text: str) -> None:
        """What stands before the first shape: a title, how all stand, words to put into it, or talk."""
        titled = _TITLE.search(text)
        if titled and _A_KIND.search(titled["title"]):
            raise _Unclear
        text = re.sub(r"\b(?:inside|within|into|in)$", "", text.strip(), flags=re.IGNORECASE).strip()
        if led := _LED.search(f"{text} x"):
            self.layout = self.layout or (
                "row" if led["row"] else "column" if led["column"] else "grid" if led["grid"] else None
            )
            text = f"{text} x"[: led.start()].strip()
        if re.fullmatch(r"(?:please\s+)?(?:stack|pile\s+up)", text, re.IGNORECASE):
            self.layout, text = "column", ""
        if titled and not re.search(r"\b(?:i|we|me|us|my|our|please)\b", titled["title"], re.IGNORECASE):
            lined = _LINED.fullmatch(titled["title"].strip())
            if lined:
                self.layout = _layout_of(lined)
            else:
                self.title = as_title(titled["title"])
        elif words := re.fullmatch(
            r"(?:(?:put|write)\s+)?the\s+(?:words?|texts?|names?|labels?)\s+(?P<words>.+?)|(?:put|write)\s+(?P<word>[\"“A-Z].+?)",
            text,
            re.IGNORECASE,
        ):
            said = words["words"] or words["word"]
            self.words_first = split_items(said)
        elif lined := _LINED.search(text):
            self.layout = self.layout or _layout_of(lined)
        elif self.columns and text and len(text.split()) <= 4 and not _ASKS.search(text):
            self.title = as_title(text)
        elif not titled and (
            kind_named(text) or (text and (not _ASKS.search(text) or _COUNTED_OR_COLORED.search(text)))
        ):
            raise _Unclear

    # -- the readers: each takes what it knows where the text is, and says where that ends -----------------

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        return pattern.match(self.text, self.at)

    def _read(self, what: str, end: int) -> int:
        """Something was read: what follows it directly is no longer led by a comma or "and"."""
        self.last, self.led, self.separated = what, False, False
        if what not in {"name", "intro"}:
            self.names = False
        return end

    def _lot(self) -> _Lot:
        return self.met[0][0] if self.met else self.lots[-1]

    def _aside(self) -> int:
        match = self._match(_ASIDE)
        if match and len(self.lots) > 1 and not self.worded and _IN_IT.match(match[0]):
            return 0  # "a star inside it": where it stands
        named = match and match[0][0].isupper() and not self.separated  # "a box Thanks"
        return match.end() if match and not named else 0

    def _corrected(self) -> int:
        match = self._match(_MEANT)
        if not match or not self.lots:
            return 0
        self.lots[-1].shape = _shape_named(match["shape"])
        return self._read("head", match.end())

    def _all_colored(self) -> int:
        match = self._match(_ALL_COLORED)
        if not match or not self.lots:
            return 0
        if match["rest"]:
            self.others = color_of(match["color"])
        elif self.met and re.match(r"(?:it|they)\b", match[0], re.IGNORECASE):
            self._colored([color_of(match["color"])])
        else:
            self.color = color_of(match["color"])
        return self._read("color", match.end())

    def _line(self) -> int:
        match = self._match(_LINED)
        if match:
            layout = _layout_of(match)
            self.layout = self.layout or layout
            if self.lots:
                self.lots[-1].stacked = layout == "column"
            return self._read("line", match.end())
        return 0

    def _place(self) -> int:
        match = self._match(_PLACE)
        if not match or not self.lots:
            return 0
        place = re.sub(r"^far\s+", "", (match["place"] or match["bare"] or "middle").lower())
        place = {"above": "top", "below": "bottom", "underneath": "bottom"}.get(place, place)
        if self.led and self._head_follows(match.end()):
            self.next_place = place
        elif self.met and len(self.met) == 1:
            number = self.met[0][1]
            self._lot().places += [""] * (number + 1 - len(self._lot().places))
            self._lot().places[number] = place
        else:
            lot = self._lot()
            number = max(len(lot.labels) - 1, 0) if lot.plural else 0
            lot.places += [""] * (number + 1 - len(lot.places))
            lot.places[number] = place
        return self._read("place", match.end())

    def _head_follows(self, end: int) -> bool:
        leads = re.compile(
            r"[\s,:]*(?:(?:there\s+(?:is|are)|there['\u2019]s|comes?|is|are|goes|put|place|draw|add|stands?|we\s+have|with|as)\s+)*",
            re.IGNORECASE,
        ).match(self.text, end)
        after = leads.end() if leads else end
        led = _LED.match(self.text, after)
        head = _HEAD.match(self.text, led.end() if led else after)
        return bool(head and _is_lot(self.text, head))

    def _relation(self) -> int:
        """Whether this lot stands beside an earlier one, or the next one beside this."""
        match = self._match(_RELATION)
        if not match or not self.lots:
            return 0
        side, here, named = _side_of(match), len(self.lots) - 1, match["named"]
        follows = self._head_follows(match.end())
        own = match["object"] or match["beside2"]
        apart = bool(re.match(r"\s*[,.;]", self.text[match.end() :]))
        if match["holding"]:
            self.next_one = (side, here)
        elif follows and match["beside2"] and self.lots[here].beside is not None:
            self.next_one = (side, self.lots[here].beside)
        elif follows and (own or named) and (not here or self.led or not apart):
            self.next_one = (side, self._named(named, here))
        elif follows and not own and not named and not (apart and here):
            self.next_one = (side if self.led else _OPPOSITE[side], here)
        elif side == "inside" and (
            not here
            or (
                self.last == "name"
                and not self.lots[here].plural
                and not self.lots[0].frame
                and (self.worded or not own)
            )
        ):
            pass  # "with the word Hello inside"
        elif side == "inside":
            for lot in self.lots[1:]:
                lot.side, lot.beside = ("inside", 0) if not lot.side else (lot.side, lot.beside)
        elif self.met:
            self.met[0][0].side = side
            others = [number for number, lot in enumerate(self.lots) if lot is not self.met[0][0]]
            self.met[0][0].beside = others[-1] if others else None
        elif here or named:
            self.lots[here].side, self.lots[here].beside = (
                side,
                self._named(
                    named,
                    self._beside_its(here)
                    if match["beside2"]
                    else self._in_the_middle(here)
                    if not own
                    else here - 1,
                ),
            )
        return self._read("relation", match.end())

    def _beside_its(self, here: int) -> int:
        """What "on its right" speaks of: the shape that the one before stands beside, too."""
        before = self.lots[here - 1].beside
        return here - 1 if before is None else before

    def _in_the_middle(self, here: int) -> int:
        """What "above" and "below" speak of that name nothing: the shape in the middle, or the one before."""
        return next((n for n, lot in enumerate(self.lots[:here]) if "middle" in lot.places), here - 1)

    def _named(self, name: str | None, otherwise: int) -> int:
        if not name:
            return otherwise
        found = [
            n
            for n, lot in enumerate(self.lots)
            if name.casefold() in {label.casefold() for label in lot.labels}
        ]
        if not found:
            raise _Unclear
        return found[0]

    def _which(self) -> int:
        if self.lots and (few := self._match(_FEW)):
            fitting, count = self._meant("", None, None, ""), number_of(few["count"])
            self.met = fitting[:count] if few["end"].lower() in {"first", "top", "left"} else fitting[-count:]
            return self._read("which", few.end())
        match = self._match(_WHICH)
        if not match or not self.lots:
            return 0
        what = (match["what"] or "one").lower()
        shape = None if re.match(r"one|row|line", what) else _shape_named(what)
        met = self._meant(
            match["which"].lower(), shape, None, "row" if re.match(r"row|line", what) else "one"
        )
        if not met:
            return 0
        self.met = met
        return self._read("which", match.end())

    def _known(self) -> int:
        """ "Spring green, Summer yellow", "south red": shapes whose names were told before."""
        known = {
            label.casefold(): (lot, number)
            for lot in self.lots
            for number, label in enumerate(lot.labels)
            if label
        }
        if not known or self.names:
            return 0
        name = "|".join(re.escape(label) for label in sorted(known, key=len, reverse=True))
        match = self._match(
            re.compile(
                rf"(?:the\s+)?(?:{name})(?!\w)(?:\s*(?:,\s*and|,|and|&)\s+(?:{name})(?!\w))*(?=\s*[:=(]?\s*(?:(?:is|are|in|should|must|gets?|goes|stands?|both)\b|{LIGHT}{COLOR}\b|(?:on|at|to)\s+the\b|(?:left|right|top|bottom|above|below)\b))",
                re.IGNORECASE,
            )
        )
        if not match:
            return 0
        self.met = [known[label.casefold()] for label in re.findall(name, match[0], re.IGNORECASE)]
        return self._read("which", match.end())

    def _head(self) -> int:
        head = self._match(_HEAD)
        if not head or not _is_lot(self.text, head):
            return 0
        count = head["count"] or head["count2"] or head["count3"]
        looks = head["looks"] or head["looks2"] or head["looks3"] or ""
        color = re.search(rf"\b{LIGHT}{COLOR}\b", looks, re.IGNORECASE)
        size = re.search(rf"\b{SIZE}\b", looks, re.IGNORECASE)
        shape = _shape_named(head["shape"]) if head["shape"] else None
        if head["count3"]:
            shape = self.lots[-1].shape
        tail = self.text[head.end() :]
        told = re.match(
            rf"\s*(?:(?:is|are|in|should|must|says?|reads?|has|have|gets?)\b|{LIGHT}{COLOR}\b)",
            tail,
            re.IGNORECASE,
        )
        if (
            self.lots
            and not count
            and shape
            and (told if not head["known"] else not re.match(r"\s+(?:[\"“]|(?-i:[A-Z]))", tail))
        ):
            self.met = self._meant("", shape, color_of(color[0]) if color else None, "")
            if self.met:
                return self._read("which", head.end())
        self.met = []
        many = re.search(r"(?<!s)s$|rhombi", (head["shape"] or "").lower())
        number = (
            1
            if not count
            else 6
            if "half" in count.lower()
            else 0
            if count.lower() == "some"
            else number_of(count)
            if count.lower() != "another"
            else 1
        )
        self.worded = False
        self.lots.append(
            _Lot(
                count=number if count else 0,
                shape=shape,
                color=color_of(color[0]) if color else None,
                size=SIZES[size[0].lower()] if size else "medium",
                plural=bool(many) or number > 1,
                counted=bool(shape),
                frame=(head["shape"] or "").lower().startswith("frame"),
                side=self.next_one[0],
                beside=self.next_one[1],
                places=[self.next_place] if self.next_place else [],
            )
        )
        self.next_one, self.next_place = ("", None), ""
        return self._read("head", head.end())

    def _meant(
        self, which: str, shape: Shape | None, color: Color | None, one: str
    ) -> list[tuple[_Lot, int]]:
        """The shapes that "the last one", "the top row" or "the circle" speak of."""
        fitting = [
            (lot, number)
            for lot in self.lots
            for number in range(max(lot.count, len(lot.labels), self.columns * self.rows, 1))
            if (shape is None or lot.shape == shape) and (which or color is None or lot.color == color)
        ]
        if not which or not fitting:
            return fitting
        across = self.columns or (-(-len(fitting) // self.rows) if self.rows else 0)
        last = len(fitting) - 1 if one != "row" else (len(fitting) - 1) // max(across, 1)
        place = {
            "top": 0,
            "upper": 0,
            "left": 0,
            "bottom": last,
            "lower": last,
            "right": last,
            "middle": (last + 1) // 2,
        }.get(which, ORDINALS.get(which, 0))
        place = last if place < 0 else place
        if one == "row":
            return fitting[place * across :][:across] if across else []
        return [fitting[place]] if place <= last else []

    def _many(self) -> bool:
        return self._lot().plural and len(self.met) != 1

    def _paint(self, lot: _Lot, number: int, color: Color | None) -> None:
        lot.colors += [None] * (max(number + 1, lot.count, len(lot.labels)) - len(lot.colors))
        lot.colors[number] = color

    def _colors(self) -> int:
        match = self._match(_COLORED)
        if not match or not self.lots:
            return 0
        if self.text[self.at].isupper() and self._is_name_of_a_color(match):
            return 0
        colors = [color_of(word) for word in re.findall(rf"{LIGHT}{COLOR}\b", match["colors"], re.IGNORECASE)]
        if len(colors) == 1 and self._many() and (where := _PLACE.match(self.text, match.end())):
            # "three circles stacked, red on top, green at the bottom"
            met = self._meant(
                re.split(r"[\s-]", (where["place"] or where["bare"] or "middle").lower())[0],
                None,
                None,
                "one",
            )
            if met and not where["between"]:
                self._paint(*met[0], colors[0])
                return self._read("color", where.end())
        lot = self._lot()
        if len(colors) == 1 and not self.met and self.last == "name" and lot.plural and not self.separated:
            self._paint(lot, len(lot.labels) - 1, colors[0])
        else:
            self._colored(colors)
        return self._read("color", match.end())

    def _is_name_of_a_color(self, match: re.Match[str]) -> bool:
        """ "Silver = grey", "Bronze, Silver, Gold": a colour with a capital, told its own colour or in a list of names."""
        if self.names or (self.last == "name" and self.separated):
            return True
        if re.match(
            rf"\s*(?:[:=(]|{LIGHT}{COLOR}\b|(?:is|in)\s+{COLOR})", self.text[match.end() :], re.IGNORECASE
        ):
            return True
        listed = re.split(r"[.;\n]", self.text[self.at :])[0]
        return not all(re.fullmatch(rf"{LIGHT}{COLOR}", item, re.IGNORECASE) for item in split_items(listed))

    def _colored(self, colors: list[Color]) -> None:
        if self.met:
            for number, (met, place) in enumerate(self.met):
                self._paint(met, place, colors[number % len(colors)])
        elif len(colors) == 1:
            self.lots[-1].color = colors[0]
        else:
            self.lots[-1].colors = list(colors)

    def _intro(self) -> int:
        match = self._match(_INTRO)
        if not match or not self.lots:
            return 0
        lot = self._lot()
        if re.match(r"each\b|(?:one\s+)?for\s+(?:each|every)\b", match[0], re.IGNORECASE):
            lot.plural, lot.count = True, 0
        if "number" in match[0].lower() and not re.match(r"\s*(?:from\s+)?\w*\d", self.text[match.end() :]):
            lot.labels = [str(number) for number in range(1, (lot.count or 1) + 1)]
            return self._read("line", match.end())
        self.names = True
        self.worded = bool(
            re.search(r"text|word|writ|sa(?:ys|ying)|read|label(?!l?ed)", match[0], re.IGNORECASE)
        )
        return self._read("intro", match.end())

    def _name(self) -> int:
        """A name of the lot, or of what is told of: in quotes, after an introduction, or with a capital."""
        if not self.lots:
            return 0
        lot, many = self._lot(), self._many()
        first = self.text[self.at]
        quoted = re.compile(r"[\"“](?P<words>[^\"”]+)[\"”]").match(self.text, self.at)
        counted = self._match(_RANGE) if many else None
        if quoted:
            names, end = [clean(quoted["words"])], quoted.end()
        elif counted and (listed := _range(counted)):
            names, end = listed, counted.end()
        elif self.names or first.isupper() or first.isdigit():
            if not self.names and not many and not self.met and lot.labels:
                raise _Unclear
            end = self._end_of_name(many=many)
            names = [clean(self.text[self.at : end])]
        else:
            return 0
        for name in names:
            if self.met:
                place = (
                    self.met[0][1]
                    if len(self.met) == 1
                    else self.met[0][1]
                    + sum(bool(number < len(one.labels) and one.labels[number]) for one, number in self.met)
                )
                lot.labels += [""] * (place + 1 - len(lot.labels))
                lot.labels[place] = name
            else:
                lot.labels.append(name)
        self.names &= many and not (not self.met and lot.count and len(lot.labels) >= lot.count)
        return self._read("name", end)

    def _end_of_name(self, *, many: bool) -> int:
        end, words = self.at, 0
        for word in re.compile(r"[^\s,;:()\[\]=\"“”]+(?::\d[^\s,;]*)?").finditer(self.text, self.at):
            if word.start() > self.at:
                between = self.text[end : word.start()]
                if (
                    between.strip()
                    or "\n" in between
                    or re.fullmatch(r"[\u2013\u2014-]", word[0])
                    or re.search(r"\w\w\.$", self.text[:end])
                ):
                    break
                if self._begins_something(word.start(), many=many):
                    break
            end, words = word.end(), words + 1
        if words > 8 and not self.names:
            raise _Unclear
        return end

    def _begins_something(self, at: int, *, many: bool) -> bool:
        """Whether what stands here is no more of a name."""
        joined = re.compile(r"(?:and|&|plus|then|with)\s+", re.IGNORECASE).match(self.text, at)
        if joined and many:
            return True
        after = joined.end() if joined else at
        if any(
            pattern.match(self.text, after) for pattern in (_LINED, _RELATION, _PLACE, _ALL_COLORED, _WHICH)
        ):
            return True
        head = _HEAD.match(self.text, after)
        if head and (joined or head["count"] or head["known"]) and _is_lot(self.text, head):
            return True
        if _INTRO.match(self.text, after) or (_ON_THE_BOARD if self.names else _ASIDE).match(
            self.text, after
        ):
            return True
        colored = _COLORED.match(self.text, after)
        if colored and re.match(r"\s*(?:[,.;)]|$|and\b|the\b)", self.text[colored.end() :]):
            return True
        return not self.names and bool(
            re.compile(r"(?:is|are|has|should|must|that|which|with)\b").match(self.text, after)
        )

    def _glue(self) -> int:
        match = self._match(_GLUE)
        if not match:
            return 0
        self.led |= bool(re.fullmatch(r"and|then|plus|with", match[0], re.IGNORECASE))
        return match.end()

    def _settle(self) -> None:
        """Shapes named once for all, counts that words give, and lots that were only a sum."""
        known = [lot.shape for lot in self.lots if lot.shape]
        first = self.lots[0]
        bare = len(self.lots) == 1 and not (first.count or first.color or first.labels or self.columns)
        if not known or (bare and self.only_named):
            raise _Unclear
        if (
            first.counted
            and not first.labels
            and len(self.lots) > 1
            and all(not lot.counted for lot in self.lots[1:])
        ):
            for lot in self.lots[1:]:
                lot.shape, lot.size = first.shape, first.size
            self.lots = self.lots[1:]
        for number, lot in enumerate(self.lots):
            after = [other.shape for other in self.lots[number:] if other.shape]
            lot.shape = lot.shape or (after or known)[0]
            lot.labels = lot.labels or (self.words_first if number == 0 else [])
            grid = self.columns * self.rows if len(self.lots) == 1 else 0
            if self.rows and not self.columns:
                self.columns = -(-sum(lot.count for lot in self.lots) // self.rows)
            lot.count = max(
                grid or lot.count or len(lot.labels) or len(lot.colors) or (2 if lot.plural else 1),
                len(lot.labels),
            )
            if self.others:
                lot.colors += [None] * (lot.count - len(lot.colors))
                lot.colors = [color or lot.color or self.others for color in lot.colors]

    # -- the drawing ---------------------------------------------------------------------------------------

    def plan(self) -> Plan:
        """The shapes, each lot where it was told to stand."""
        if sum(lot.count for lot in self.lots) > MAX_NODES:
            raise TooMuch(f"A drawing holds at most {MAX_NODES} shapes. Ask for fewer at once.")
        lots = self._nodes()
        flat = [node for lot in lots for node in lot]
        edges = self._edges(flat)
        if any(lot.side == "inside" for lot in self.lots):
            return self._held(lots, edges)
        placed = any(lot.side or any(lot.places) for lot in self.lots)
        if placed and max(lot.count for lot in self.lots) <= _MOST_BESIDE:
            return Plan(title=self.title, layout="freeform", nodes=tuple(self._spread(lots)), edges=edges)
        if edges:
            direction = "down" if self.layout == "column" else "right"
            return Plan(
                title=self.title, layout="layered", direction=direction, nodes=tuple(flat), edges=edges
            )
        layout = self.layout or ("row" if len(flat) <= 8 else "grid")
        return Plan(title=self.title, layout=layout, columns=min(self.columns, 40) or None, nodes=tuple(flat))

    def _edges(self, flat: list[Node]) -> tuple[Edge, ...]:
        """The arrows that were told, by the names, shapes or places of their ends; or from each to the next."""
        ends = [
            (self._end(source, flat), self._end(target, flat), label) for source, target, label in self.arrows
        ]
        if self.connected and len(flat) > 1:
            ends += [(a.key, b.key, "") for a, b in itertools.pairwise(flat)]
        return tuple(Edge.model_validate({"from": a, "to": b, "label": label}) for a, b, label in ends)

    def _end(self, words: str, flat: list[Node]) -> str:
        bare = re.sub(r"^(?:the|an?)\s+", "", clean(words).casefold())
        for node in flat:
            if node.label and node.label.casefold() in {bare, clean(words).casefold()}:
                return node.key
        nth = re.match(rf"(?P<which>{'|'.join(ORDINALS)})\b", bare)
        shape = re.search(rf"\b{_KIND}$", bare)
        found = [node for node in flat if not shape or node.shape == _shape_named(shape[0])]
        color = re.match(rf"{LIGHT}{COLOR}\b", bare)
        found = [node for node in found if not color or node.color == color_of(color[0])]
        if nth and ORDINALS[nth["which"]] < len(found):
            return found[ORDINALS[nth["which"]]].key
        if (shape or color) and len(found) == 1:
            return found[0].key
        raise _Unclear

    def _nodes(self) -> list[list[Node]]:
        numbers = itertools.count(1)
        return [
            [
                Node(
                    key=f"n{next(numbers)}",
                    label=lot.labels[number]
                    if number < len(lot.labels)
                    else lot.labels[0]
                    if len(lot.labels) == 1 and not any(lot.places)
                    else "",
                    shape=lot.shape or "rectangle",
                    role="item",
                    color=_color_at(lot, number) or self.color,
                    size=lot.size,
                )
                for number in range(lot.count)
            ]
            for lot in self.lots
        ]

    def _held(self, lots: list[list[Node]], edges: tuple[Edge, ...]) -> Plan:
        """Shapes inside of others: the outer one is a frame."""
        groups: dict[int, Group] = {}
        nodes: list[Node] = []
        for number, lot in enumerate(self.lots):
            outer = lot.beside if lot.side == "inside" else None
            if outer is not None:
                holder = self.lots[outer]
                if (
                    holder.count != 1
                    or holder.shape not in {"rectangle", "square"}
                    or holder.side == "inside"
                ):
                    raise _Unclear
                groups[outer] = Group(key=f"g{outer}", label=lots[outer][0].label, color=lots[outer][0].color)
                nodes += [node.model_copy(update={"group": f"g{outer}"}) for node in lots[number]]
        loose = [
            node
            for number, own in enumerate(lots)
            for node in own
            if number not in groups and self.lots[number].side != "inside"
        ]
        return Plan(
            title=self.title,
            layout="layered",
            direction="right",
            groups=tuple(groups.values()),
            nodes=(*nodes, *loose),
            edges=edges,
        )

    def _spread(self, lots: list[list[Node]]) -> list[Node]:
        """The lots on the canvas: each a row (or a stack) in its place, beside the one that it was told to stand by."""
        corners: list[tuple[float, float]] = []
        placed: list[Node] = []
        for number, (lot, nodes) in enumerate(zip(self.lots, lots, strict=True)):
            across = 1 if lot.stacked else len(nodes)
            down = len(nodes) if lot.stacked else 1
            x = y = 0.0
            if lot.side == "around" and lot.beside is not None and not any(lot.places):
                x, y = corners[lot.beside]
                reach = max(
                    _STEP * (1.3 if self.lots[lot.beside].size == "large" else 1), len(nodes) * _STEP / 5
                )
                placed += [
                    _at(
                        node,
                        x + reach * sin(2 * pi * turn / len(nodes)),
                        y - reach * cos(2 * pi * turn / len(nodes)),
                    )
                    for turn, node in enumerate(nodes)
                ]
                corners.append((x, y))
                continue
            if lot.side not in {"", "around"} and lot.beside is not None and lot.beside < number:
                other = self.lots[lot.beside]
                x, y = corners[lot.beside]
                wide = (across + (1 if other.stacked else other.count)) / 2 * _STEP
                high = (down + (other.count if other.stacked else 1)) / 2 * _STEP
                x += {"left": -wide, "right": wide, "beside": wide}.get(lot.side, 0)
                y += {"above": -high, "below": high}.get(lot.side, 0)
            elif len(nodes) == 1 or not any(lot.places):
                if any(lot.places):
                    x, y = _point(lot.places[0])
                elif number:
                    x = (
                        max((corner[0] for corner in corners), default=0)
                        + _STEP * (across + self.lots[number - 1].count) / 2
                    )
            corners.append((x, y))
            for place, node in enumerate(nodes):
                if len(nodes) > 1 and place < len(lot.places) and lot.places[place]:
                    placed.append(_at(node, *_point(lot.places[place])))
                    continue
                dx, dy = (0, place - (down - 1) / 2) if lot.stacked else (place - (across - 1) / 2, 0)
                placed.append(_at(node, x + dx * _STEP, y + dy * _STEP))
        return placed


def _layout_of(match: re.Match[str]) -> LayoutKind:
    return "row" if match["row"] else "column" if match["column"] else "grid"


def _shape_named(word: str) -> Shape:
    """The shape that a word for it means, also where it is a word for a thing that has it."""
    word = word.lower()
    return next(
        (shape for start, shape in _OTHER_SHAPES.items() if word.startswith(start)), None
    ) or shape_of(word)


def _is_lot(text: str, head: re.Match[str]) -> bool:
    """Whether the words speak of shapes: "the Star Inn" is a name."""
    shape = head["shape"] or ""
    begins = not text[: head.start("shape")].strip() or bool(
        re.search(r"[.\n]\s*(?:[*\u2022-]\s*)?$", text[max(head.start("shape") - 4, 0) : head.start("shape")])
    )
    return not (shape[:1].isupper() and not begins and not head["count"] and not head["looks"])


_OPPOSITE: Final = {
    "beside": "beside",
    "left": "right",
    "right": "left",
    "above": "below",
    "below": "above",
    "inside": "inside",
    "around": "around",
}


def _side_of(match: re.Match[str]) -> str:
    if match["holding"]:
        return "inside"
    said = (match["beside"] or match["beside2"] or match["side"]).lower()
    if said in {"left", "right"}:
        return said
    if said.startswith(("above", "on", "over")):
        return "above"
    if said.startswith(("in", "within")):
        return "inside"
    if said.startswith(("around", "surround")):
        return "around"
    return "beside" if said.startswith(("next", "near", "beside")) else "below"


def _point(place: str) -> tuple[float, float]:
    words = set(re.split(r"[\s-]+", place))
    return (
        _STEP * (("right" in words) - ("left" in words)),
        _STEP * (bool(words & {"bottom", "lower"}) - bool(words & {"top", "upper"})),
    )


def _at(node: Node, x: float, y: float) -> Node:
    return node.model_copy(update={"geometry": Geometry(x=x, y=y, width=8, height=8)})


def _color_at(lot: _Lot, number: int) -> Color | None:
    if number < len(lot.colors) and lot.colors[number]:
        return lot.colors[number]
    return lot.color


def _range(match: re.Match[str]) -> list[str]:
    """ "Table 1 to Table 5", "1-6", "A to F": every one of them."""
    if match["letter"]:
        return [chr(code) for code in range(ord(match["letter"]), ord(match["until"]) + 1)]
    first, last = int(match["first"]), int(match["last"])
    return (
        [f"{match['stem']}{number}" for number in range(first, last + 1)]
        if last - first in range(1, MAX_NODES)
        else []
    )
