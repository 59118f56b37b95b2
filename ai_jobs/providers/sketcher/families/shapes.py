# ruff: noqa: E501  # a pattern stays on one line
"""Shapes for their own sake: "3 blue circles and 2 red squares in a row", "a big red star, inside it a heart"."""

import itertools
import re
from dataclasses import dataclass, field
from math import cos, pi, sin
from typing import Final

from ai_jobs.planning.errors import TooMuch
from ai_jobs.planning.parts import MAX_NODES, Color, LayoutKind, Shape, Size
from ai_jobs.planning.plan import Edge, Geometry, Group, Node, Plan
from ai_jobs.providers.sketcher.courtesy import strip_command, strip_courtesy
from ai_jobs.providers.sketcher.items import clean, colored, is_numbered, split_items
from ai_jobs.providers.sketcher.kinds import kind_named
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

_LOOK: Final = rf"(?:{SIZE}|{LIGHT}{COLOR}(?:[\s-]colou?red)?|simple|plain|nice|new|empty|filled|solid|regular|perfect|different|equal|more|wide|narrow|round)"
_KIND: Final = rf"(?:{SHAPE}|frames?|sticky\s+notes?|stickies)"
# "two small red circles", "the last one", "three green": a number of like shapes, named or meant.
_HEAD: Final = re.compile(
    rf"\b(?P<count2>{NUMBER})\s+(?:in\s+|are\s+)?(?P<looks2>{LIGHT}{COLOR})(?=\s*(?:[,;.]|and\b|$))"
    rf"|\b(?:the\s+)?(?P<which2>{'|'.join(ORDINALS)})\s+(?:(?:one|is|are|in|should|must|be|has|with|colou?r|colou?red)\s+)*(?P<looks3>{LIGHT}{COLOR})\b"
    rf"|\b(?:(?:(?P<count>{NUMBER})|(?P<known>the|both)|another)\s+(?:of\s+)?)?(?:(?P<which>{'|'.join(ORDINALS)}|top|middle|bottom|upper|lower|left|right)\s+)?(?P<looks>(?:{_LOOK}[\s-]+(?:and\s+)?)*)(?:(?P<shape>{_KIND})\b(?!\s+(?:chart|diagram|plan)\b)|(?P<one>ones?|rows?)\b)",
    re.IGNORECASE,
)
_INTRO: Final = r"(?:(?:that\s+are\s+)?labell?ed|called|named|numbered|saying|that\s+(?:just\s+)?(?:says?|reads?)|which\s+says?|says?|reads?|with(?:\s+the)?\s+(?:texts?|labels?|words?|names?|numbers?)|(?:the\s+)?(?:texts?|labels?|words?)|reading|titled|for(?=\s+(?:[\"“]|(?-i:[A-Z])))|(?:and\s+)?(?:write|label\s+(?:it|them)|call\s+(?:it|them)|with(?=\s+\S+(?:\s\S+)?\s+written))|is\s+(?:called|labell?ed|named)|has\s+the\s+(?:text|label|words?))"
_OBJECT: Final = r"(?P<object>it|that|this|them|these|those|both)"
# Where something stands beside another, where it stands by itself, and how all stand.
_RELATION: Final = re.compile(
    rf"\b(?:right\s+|directly\s+)?(?P<side>above(?:\s+of)?|on\s+top\s+of(?!\s+(?:each|one)\b)|over|(?:below|under)\s+of|below(?!\s+(?:each|one)\b)|under|underneath|beneath|(?:to\s+)?(?:the\s+|its\s+)?(?P<beside>left|right)(?:\s+(?:of|from))|(?:to|on|at)\s+its\s+(?P<beside2>left|right)|next\s+to(?!\s+(?:each|one)\b)|near\s+to|beside(?:\s+of)?|inside(?:\s+of)?|within|around|surrounding|(?:that\s+|which\s+)?(?P<holding>contain(?:s|ing)?|holds|holding))\b(?:\s+{_OBJECT}\b|\s+(?P<named>(?!(?:{NUMBER}|the|another|{_LOOK}|{_KIND})\b)(?-i:[A-Z])\w*(?:\s(?-i:[A-Z])\w*)?))?(?:\s*,?\s+(?:there\s+)?is(?=\s+(?:an?|the|one)\s))?",
    re.IGNORECASE,
)
_PLACE: Final = re.compile(
    r"\b(?:(?:on|at|to|in)\s+the\s+(?:very\s+)?|up\s+|on\s+(?=top\b)|(?=(?:top|upper|bottom|lower)[\s-]+(?:left|right)))(?P<place>top[\s-]+left|top[\s-]+right|bottom[\s-]+left|bottom[\s-]+right|upper\s+left|upper\s+right|lower\s+left|lower\s+right|left|right|top|bottom|middle|cent(?:er|re))(?:[\s-]+(?:hand\s+)?(?:side|corner))?\b(?!\s+of)",
    re.IGNORECASE,
)
_LINED: Final = re.compile(
    r"\b(?:all\s+|arranged\s+|placed\s+|lined\s+up\s+|stacked\s+)?(?:(?P<row>(?:in|as|on)\s+(?:a|one)\s+(?:single\s+|straight\s+|horizontal\s+)?(?:row|line)|side\s+by\s+side|next\s+to\s+(?:each\s+other|one\s+another)|horizontally|(?:going\s+)?(?:from\s+)?left\s+to\s+right)"
    r"|(?P<column>(?:in|as)\s+(?:a|one)\s+(?:single\s+|vertical\s+)?(?:column|stack)|on\s+top\s+of\s+(?:each\s+other|one\s+another)|(?:one\s+)?(?:below|under(?:neath)?|above)\s+(?:the\s+other|each\s+other|one\s+another|another)|vertically|stacked|(?:from\s+)?top\s+to\s+bottom)"
    r"|(?P<grid>(?:in|as)\s+(?:a|an)\s+grid))\b",
    re.IGNORECASE,
)
_LED: Final = re.compile(
    r"(?:an?\s+|one\s+|the\s+)?(?:(?P<row>row|line)|(?P<column>column|stack)|(?P<grid>grid)|group|set|bunch)\s+(?:of|with)\s+(?=\S)",
    re.IGNORECASE,
)
_DIMENSIONS: Final = re.compile(
    rf"\bin\s+(?P<down6>{NUMBER})\s+(?:rows|lines)\b|\bin\s+(?P<across6>{NUMBER})\s+columns\b"
    rf"|\b(?P<across>{NUMBER})\s*(?:x|by|\u00d7|\*)\s*(?P<down>{NUMBER})\b"
    rf"|\b(?P<down2>{NUMBER})\s+(?:rows|lines)\s+(?:of|with|by)\s+(?P<across2>{NUMBER})\b(?:\s+columns?\b)?"
    rf"|\b(?P<across3>{NUMBER})\s+(?:columns|stacks)\s+(?:of|with)\s+(?P<down3>{NUMBER})\b(?:\s+rows?\b)?"
    rf"|\b(?P<down4>{NUMBER})\s+rows?\s*(?:and|,|by)\s*(?P<across4>{NUMBER})\s+columns?\b"
    rf"|\b(?P<across5>{NUMBER})\s+columns?\s*(?:and|,|by)\s*(?P<down5>{NUMBER})\s+rows?\b",
    re.IGNORECASE,
)
_AROUND_GRID: Final = r"\s*\b(?:(?:arranged|placed|laid\s+out|an?|one|as|in|of|with|made|up|grid|matrix|array|raster|table|each|per\s+row)\b\s*)*"
_CONNECTED: Final = re.compile(
    r"\s*,?\s+(?:and\s+)?(?:(?:connect|link|join)\s+(?:them|these|those|all|each)(?:\s+(?:all|up|together|in\s+(?:that\s+|this\s+)?order|from\s+left\s+to\s+right))*|(?:both\s+|all\s+|that\s+are\s+)?(?:connected|linked|joined))(?:\s+(?:to|with)\s+(?!arrows?\b|lines?\b|an?\s+(?:arrow|line))(?P<other>.+?))?"
    r"(?:\s+(?:by|with|through)\s+(?:an?\s+)?(?:arrows?|lines?))?(?:\s+(?:from\s+)?(?:left\s+to\s+right|top\s+to\s+bottom))?$",
    re.IGNORECASE,
)
# "…, all orange", "…, and please make them green"
_ALL_COLORED: Final = re.compile(
    rf"[\s,;.]+(?:(?:and|please|then)\s+)*(?:(?:make|paint|colou?r|have|i\s+want|turn)\s+)?(?:(?:them|they|it|all|both|everything|every\s+one|each(?:\s+one)?)\s+)+(?:of\s+them\s+)?(?:(?:should|must)\s+(?:all\s+)?be\s+|are\s+|is\s+|to\s+be\s+|in\s+)?(?P<color>{LIGHT}{COLOR})$",
    re.IGNORECASE,
)
# A last clause that only tells what it is for.
_PURPOSE: Final = re.compile(
    r"(?:,\s*(?:it['\u2019]s|it\s+is|that['\u2019]s|this\s+is|they['\u2019]re)\s+(?:for|about)\s[^,.:;\d]{2,60}|\s+(?:would|will)\s+(?:be\s+(?:great|nice|perfect|lovely)|do)|\s+on\s+(?:it|the\s+(?:board|canvas|page|sheet))|\s+(?:is|are)\s+all\s+i\s+need|\s+for\s+(?:an?|my|our|the)\s+(?-i:[a-z][a-z' -]{2,40}))$",
    re.IGNORECASE,
)
_PURPOSE_INSIDE: Final = re.compile(
    r"\s+for\s+(?:an?|my|our|the)\s+(?-i:[a-z][a-z' -]{2,40}?)(?=\s*[,:;])|\s+on\s+the\s+(?:board|canvas|page)\b|\s+(?:is|are)\s+all\s+i\s+need\b",
    re.IGNORECASE,
)
# What may stand before the first shape without being a part of the drawing.
_ASKS: Final = re.compile(
    r"(?:\b(?:need|needs|want|wants|like|love|draw|make|show|put|place|have|had|get|see|(?:that|there|this|nice|it)\s+(?:is|are)|be|imagine|just|do|with|so|of|^these|please|me|us|then|now|paint|add)|[.!?;:\u2013-]|\w[^,]*\s[^,]*\s[^,]*,)\s*$",
    re.IGNORECASE,
)
_COUNTED_OR_COLORED: Final = re.compile(
    rf"\b(?:{COLOR}|two|three|four|five|six|seven|eight|nine|ten|twelve|arrows?|lines?)\b|->", re.IGNORECASE
)
_TITLE: Final = re.compile(r"(?P<title>[A-Za-z][^:,;.!?\n]{2,40}):\s*$")
_GLUE: Final = re.compile(
    r"^(?:[\s,;.:&+\u2013\u2014-]+|(?:and|plus|then|with|there(?:\s+is|\s+are|['\u2019]s)?|it|them|put|has|have|is|are|of|each|please|an?|the|in|on|also|which|that|total|where|goes|comes|should|be|all)\b)+"
)


# "… and a circle between them", where the two were told to stand at the ends.
_ENDS_TOLD: Final = re.compile(
    r"\b(?:on|at|to|in)\s+the\s+(?:left\b.*\s(?:on|at|to|in)\s+the\s+right|right\b.*\s(?:on|at|to|in)\s+the\s+left|top\b.*\s(?:on|at|to|in)\s+the\s+bottom|bottom\b.*\s(?:on|at|to|in)\s+the\s+top)\b",
    re.IGNORECASE | re.DOTALL,
)
_BETWEEN: Final = re.compile(
    r"(?:\s+(?:in|at|on)\s+(?:the\s+)?(?:middle|cent(?:er|re)))?\s+(?:in\s+)?between\s+(?:of\s+)?(?:them|the\s+(?:two|both|others)|both|these|those)(?:\s+(?:two|ones?))?\b",
    re.IGNORECASE,
)


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


class _Unclear(Exception):
    """A word that says nothing about shapes: another family may understand it."""


def parse(text: str) -> Plan | None:
    """Only what is nothing but shapes: one word more, and another family may understand it better."""
    text, _ = strip_command(strip_courtesy(text))
    text = text.strip(" \n.!?")
    if len(text) > _LONGEST or "->" in text or "\u2192" in text:
        return None
    head, *lines = text.split("\n")
    if lines and all(is_numbered(line) for line in lines) and not re.search(SHAPE, head, re.IGNORECASE):
        return None  # "these steps\n1. Pack boxes": a shape only in what is told
    if cells := _rows_of_words(text):
        return cells
    try:
        return _Reading(text).plan()
    except _Unclear:
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
        self.words_first: list[str] = []
        self.met: list[tuple[_Lot, int]] = []
        self.title = ""
        self.layout: LayoutKind | None = None
        self.columns = 0
        self.rows = 0
        self.color: Color | None = None
        text = self._whole(text)
        shown = re.sub(r"\"[^\"]*\"|“[^”]*”", lambda said: '"' + "_" * (len(said[0]) - 2) + '"', text)
        heads = [match for match in _HEAD.finditer(shown) if self._is_lot(shown, match)]
        if not heads:
            raise _Unclear
        self.only_named = bool(re.fullmatch(r"box(?:es)?", shown.strip(), re.IGNORECASE))
        self._before(text[: heads[0].start()])
        for number, head in enumerate(heads):
            end = heads[number + 1].start() if number + 1 < len(heads) else len(text)
            self._head(head, text[head.end() : end])
            self._after(text[head.end() : end], shown[head.end() : end], last=number + 1 == len(heads))
        self._settle()

    def _whole(self, text: str) -> str:
        """What is told of all shapes, taken off the text."""
        if _ENDS_TOLD.search(text):
            text = _BETWEEN.sub(" in the middle", text)
        while (shorter := _PURPOSE.sub("", text)) != text:
            text = shorter
        text = _PURPOSE_INSIDE.sub("", text)
        if match := _ALL_COLORED.search(text):
            self.color, text = color_of(match["color"]), text[: match.start()]
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

    @staticmethod
    def _is_lot(shown: str, head: re.Match[str]) -> bool:
        """Whether the words speak of shapes: "the Star Inn" is a name, "a row" and "one" alone are nothing."""
        if head["one"]:
            looks = head["which"] or head["looks"]
            return bool(looks) if head["one"][0] in "oO" else bool(head["which"])
        shape = head["shape"] or ""
        in_sentence = head.start("shape") > 0 and shown[head.start() - 1] == " " and not head["count"]
        return not (shape[:1].isupper() and in_sentence)

    def _before(self, text: str) -> None:
        titled = _TITLE.search(text)
        text = text.strip()
        self.held = bool(re.search(r"\b(?:inside|within|into|in)$", text, re.IGNORECASE))
        text = (
            re.sub(r"\b(?:inside|within|into|in)$", "", text, flags=re.IGNORECASE).strip()
            if self.held
            else text
        )
        if led := _LED.search(f"{text} x"):
            self.layout = self.layout or (
                "row" if led["row"] else "column" if led["column"] else "grid" if led["grid"] else None
            )
            text = f"{text} x"[: led.start()].strip()
        if titled and not re.search(r"\b(?:i|we|me|us|my|our|please)\b", titled["title"], re.IGNORECASE):
            self.title = as_title(titled["title"])
        elif words := re.fullmatch(r"(?:put\s+)?the\s+words\s+(?P<words>.+?)", text, re.IGNORECASE):
            self.words_first = split_items(words["words"])
        elif lined := _LINED.search(text):
            self._lined(lined)
        elif self.columns and text and len(text.split()) <= 4 and not _ASKS.search(text):
            self.title = as_title(text)
        elif kind_named(text) or (text and (not _ASKS.search(text) or _COUNTED_OR_COLORED.search(text))):
            raise _Unclear

    def _head(self, head: re.Match[str], tail: str) -> None:
        count, looks = (
            head["count"] or head["count2"],
            head["looks"] or head["looks2"] or head["looks3"] or "",
        )
        which = (head["which"] or head["which2"] or "").lower()
        named = (head["shape"] or "").lower()
        color = re.search(rf"\b{LIGHT}{COLOR}\b", looks, re.IGNORECASE)
        size = re.search(rf"\b{SIZE}\b", looks, re.IGNORECASE)
        shape: Shape | None = None
        if named:
            shape = "rectangle" if re.match(r"frame|stick", named) else shape_of(named)
        self.met = []
        if self.lots and (which or (head["known"] and not re.match(r"\s+(?:[\"“]|(?-i:[A-Z]))", tail))):
            self.met = self._meant(which, shape, color_of(color[0]) if color else None, head["one"] or "")
            if self.met:
                for lot, number in self.met if which and color else []:
                    self._paint(lot, number, color_of(color[0]) if color else None)
                return
        if not named and not (count and color) and not head["one"]:
            raise _Unclear
        plural = bool(re.search(r"(?<!s)s$|rhombi", named))
        if self.held and len(self.lots) == 1:
            self.next_one = ("inside", 0)
        self.lots.append(
            _Lot(
                count=number_of(count) if count else 0,
                shape=shape,
                color=color_of(color[0]) if color else None,
                size=SIZES[size[0].lower()] if size else "medium",
                plural=plural or (number_of(count) if count else 1) > 1,
                counted=bool(named),
                side=self.next_one[0],
                beside=self.next_one[1],
            )
        )
        self.next_one = ("", None)

    def _meant(
        self, which: str, shape: Shape | None, color: Color | None, one: str
    ) -> list[tuple[_Lot, int]]:
        """The shapes that "the last one", "the top row" or "the circle" speak of."""
        fitting = [
            (lot, number)
            for lot in self.lots
            for number in range(lot.count or (self.columns * self.rows or 1))
            if (shape is None or lot.shape == shape) and (which or color is None or lot.color == color)
        ]
        if not which or not fitting:
            return fitting
        if one.startswith("row") and self.columns:
            row = {
                "top": 0,
                "upper": 0,
                "bottom": self.rows - 1,
                "lower": self.rows - 1,
                "middle": self.rows // 2,
            }.get(which, ORDINALS.get(which, 0))
            return fitting[row * self.columns :][: self.columns] if row >= 0 else fitting[-self.columns :]
        place = {
            "top": 0,
            "upper": 0,
            "left": 0,
            "bottom": -1,
            "lower": -1,
            "right": -1,
            "middle": len(fitting) // 2,
        }.get(which, ORDINALS.get(which, 0))
        return [fitting[place]] if -1 <= place < len(fitting) else []

    def _paint(self, lot: _Lot, number: int, color: Color | None) -> None:
        lot.colors += [None] * (max(number + 1, lot.count, len(lot.labels)) - len(lot.colors))
        lot.colors[number] = color

    def _after(self, text: str, shown: str, *, last: bool) -> None:
        """What stands between this shape and the next: its words, its place, and how the two stand."""
        lot = self.met[0][0] if self.met else self.lots[-1]
        position = 0
        phrases = sorted(
            (match for pattern in (_LINED, _RELATION, _PLACE) for match in pattern.finditer(shown)),
            key=lambda match: (match.start(), -match.end()),
        )
        for match in phrases:
            if match.start() < position:
                continue
            before = shown[position : match.start()]
            self._words(text[position : match.start()], lot)
            position = match.end()
            ends = not re.sub(r"\ban?\s+(?:row|line|column|stack)\s+of\s*$", "", shown[position:]).strip(
                " ,.;"
            )
            if match.re is _LINED:
                self._lined(match)
            elif match.re is _PLACE:
                self._placed(lot, match["place"])
            else:
                self._related(
                    match,
                    before,
                    next_follows=ends and not last,
                    separated=bool(re.match(r"\s*[,.;]", shown[position:])),
                )
        self._words(text[position:], lot)

    def _lined(self, match: re.Match[str]) -> None:
        layout: LayoutKind = "row" if match["row"] else "column" if match["column"] else "grid"
        self.layout = self.layout or layout
        if self.lots:
            self.lots[-1].stacked = layout == "column"

    def _placed(self, lot: _Lot, place: str) -> None:
        place = place.lower()
        if self.met and len(self.met) == 1:
            place_of = self.met[0][1]
            lot.places += [""] * (place_of + 1 - len(lot.places))
            lot.places[place_of] = place
            return
        number = max(len(lot.labels) - 1, 0) if lot.plural else 0
        lot.places += [""] * (number + 1 - len(lot.places))
        lot.places[number] = place

    def _related(self, match: re.Match[str], before: str, *, next_follows: bool, separated: bool) -> None:
        """Whether this lot stands beside an earlier one, or the next one beside this."""
        side = _side_of(match)
        leads = not before.strip() or bool(re.search(r"(?:[,.;\n]|\band|\bthen)\s*$", before))
        here = len(self.lots) - 1
        named = match["named"]
        own = match["object"] or match["beside2"]
        if match["holding"]:
            self.next_one = (side, here)
        elif next_follows and match["beside2"] and self.lots[here].beside is not None:
            self.next_one = (side, self.lots[here].beside)
        elif next_follows and (own or named) and (not here or leads or not separated):
            self.next_one = (side, self._named(named, here))
        elif next_follows and not own and not named and not (separated and here):
            self.next_one = (side, here) if leads and before.strip() else (_OPPOSITE[side], here)
        elif side == "inside" and re.match(rf"[\s,]*(?:and\s+)?(?:with\s+)?{_INTRO}", before, re.IGNORECASE):
            return  # "with the word Hello inside"
        elif side == "inside" and not match["holding"] and here:
            for lot in self.lots[1:]:
                lot.side, lot.beside = ("inside", 0) if not lot.side else (lot.side, lot.beside)
        elif self.met:
            self.met[0][0].side = side
            others = [number for number, lot in enumerate(self.lots) if lot is not self.met[0][0]]
            self.met[0][0].beside = others[-1] if others else None
        elif here or named:
            self.lots[here].side, self.lots[here].beside = side, self._named(named, here - 1)

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

    def _words(self, text: str, lot: _Lot) -> None:
        """The words of a lot, with their colours; nothing else may stand there."""
        text = text.strip(" \n\t,;:.?!&+-\u2013\u2014")
        text = re.sub(
            r"(?:[\s,]+|^)(?:and|with|then|plus|is|are|that|put|there(?:\s+is|\s+are)?|(?:written\s+)?(?:in|on|inside)\s+(?:it|them)|an?\s+(?:row|line|column)\s+of)$",
            "",
            text,
            flags=re.IGNORECASE,
        )
        if not text or re.fullmatch(r"(?:and|with|then|plus|&|is|are)", text, re.IGNORECASE):
            return
        painted = re.fullmatch(
            rf"(?:(?:in|is|are|colou?red|one)\s+)*(?P<colors>{LIGHT}{COLOR}(?:(?:\s*,\s*|\s+and\s+|\s*,\s*and\s+){LIGHT}{COLOR})*)",
            text,
            re.IGNORECASE,
        )
        if painted:
            self._colored(
                [
                    color_of(word)
                    for word in re.findall(rf"{LIGHT}{COLOR}\b", painted["colors"], re.IGNORECASE)
                ],
                lot,
            )
            return
        leading = re.match(rf"(?:in|colou?red)\s+(?P<color>{LIGHT}{COLOR})\s+(?=\S)", text, re.IGNORECASE)
        if leading:
            self._colored([color_of(leading["color"])], lot)
            text = text[leading.end() :]
        said_first = text
        text = re.sub(r"^(?:and|with|then|:|where|of\s+which)\s+(?=\S)|^:\s*", "", text, flags=re.IGNORECASE)
        intro = re.match(rf"(?:(?:each|and|please)\s+)*{_INTRO}\b\s*:?\s*(?:as\s+)?", text, re.IGNORECASE)
        said = text[intro.end() :] if intro else text
        if intro and intro[0].lower().startswith("each"):
            lot.plural, lot.count = True, 0
        if not said and intro and "number" in intro[0]:
            said = f"1 to {lot.count or 1}"
        if not intro and not lot.plural and re.match(r"(?:and|then|with)\s", said_first, re.IGNORECASE):
            raise _Unclear
        if not intro and not re.match(r"[\"“(]|(?-i:[A-Z0-9])", said):
            if _GLUE.sub("", said).strip():
                raise _Unclear
            return
        if re.search(r"\b(?:arrows?|lines?|connect\w*|goes|leads|points)\b", said, re.IGNORECASE):
            raise _Unclear
        many = lot.plural and not (self.met and len(self.met) == 1)
        if re.search(r"\b(?:too|make|bigger|smaller|should|must)\b", said) or (
            not many and len(said.split()) > 8 and not intro
        ):
            raise _Unclear
        items = _range(said) or (split_items(said) if many or "\n" in said else [clean(said)])
        for item in items:
            words, color = colored(item)
            if self.met:
                place = self.met[0][1] if len(self.met) == 1 else len(lot.labels)
                lot.labels += [""] * (place + 1 - len(lot.labels))
                lot.labels[place] = words
            else:
                lot.labels.append(words)
                place = len(lot.labels) - 1
            if color:
                self._paint(lot, place, color)

    def _colored(self, colors: list[Color], lot: _Lot) -> None:
        if self.met:
            for number, (met, place) in enumerate(self.met):
                self._paint(met, place, colors[number % len(colors)])
        elif len(colors) == 1:
            lot.color = colors[0]
        else:
            lot.colors = list(colors)

    def _settle(self) -> None:
        """Shapes named once for all, counts that words give, and lots that were only a sum."""
        known = [lot.shape for lot in self.lots if lot.shape]
        first = self.lots[0]
        bare = len(self.lots) == 1 and not (first.count or first.color or first.labels or self.columns)
        if not known or (bare and self.only_named):
            raise _Unclear
        first = self.lots[0]
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
            words = self.words_first if number == 0 and not lot.labels else []
            lot.labels = lot.labels or words
            grid = self.columns * self.rows if len(self.lots) == 1 else 0
            if self.rows and not self.columns:
                self.columns = -(-sum(lot.count for lot in self.lots) // self.rows)
            lot.count = max(
                grid or lot.count or len(lot.labels) or len(lot.colors) or (2 if lot.plural else 1),
                len(lot.labels),
            )

    # -- the drawing ---------------------------------------------------------------------------------------

    def plan(self) -> Plan:
        """The shapes, each lot where it was told to stand."""
        if sum(lot.count for lot in self.lots) > MAX_NODES:
            raise TooMuch(f"A drawing holds at most {MAX_NODES} shapes. Ask for fewer at once.")
        lots = self._nodes()
        flat = [node for lot in lots for node in lot]
        if any(lot.side == "inside" for lot in self.lots):
            return self._held(lots)
        if self.connected and len(flat) > 1:
            edges = tuple(
                Edge.model_validate({"from": a.key, "to": b.key}) for a, b in itertools.pairwise(flat)
            )
            return Plan(title=self.title, layout="layered", direction="right", nodes=tuple(flat), edges=edges)
        if (
            any(lot.side or any(lot.places) for lot in self.lots)
            and max(lot.count for lot in self.lots) <= _MOST_BESIDE
        ):
            return Plan(title=self.title, layout="freeform", nodes=tuple(self._spread(lots)))
        layout = self.layout or ("row" if len(flat) <= 8 else "grid")
        return Plan(title=self.title, layout=layout, columns=min(self.columns, 40) or None, nodes=tuple(flat))

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

    def _held(self, lots: list[list[Node]]) -> Plan:
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
        )

    def _spread(self, lots: list[list[Node]]) -> list[Node]:
        """The lots on the canvas: each a row (or a stack) in its place, beside the one that it was told to stand by."""
        corners: list[tuple[float, float]] = []
        placed: list[Node] = []
        for number, (lot, nodes) in enumerate(zip(self.lots, lots, strict=True)):
            across = 1 if lot.stacked else len(nodes)
            down = len(nodes) if lot.stacked else 1
            x = y = 0.0
            if lot.side == "around" and lot.beside is not None:
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
            if lot.side and lot.beside is not None and lot.beside < number:
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
    if said.startswith(("inside", "within")):
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
    if lot.color is None and lot.colors and all(lot.colors):
        return lot.colors[number % len(lot.colors)]
    return lot.color


def _range(text: str) -> list[str]:
    """ "Table 1 to Table 5", "1-6", "A to F": every one of them."""
    counted = re.fullmatch(
        r"(?:from\s+)?(?P<stem>[^,;\d]*?)(?P<first>\d{1,3})\s*(?:to|through|until|till|\u2013|-)\s*(?P<again>[^,;\d]*?)(?P<last>\d{1,3})",
        text.strip(),
        re.IGNORECASE,
    )
    if counted and int(counted["last"]) - int(counted["first"]) in range(1, MAX_NODES):
        numbers = range(int(counted["first"]), int(counted["last"]) + 1)
        return [f"{counted['stem']}{number}" for number in numbers]
    lettered = re.fullmatch(r"(?:from\s+)?([A-Z])\s*(?:to|through|\u2013|-)\s*([A-Z])", text.strip())
    return [chr(code) for code in range(ord(lettered[1]), ord(lettered[2]) + 1)] if lettered else []
