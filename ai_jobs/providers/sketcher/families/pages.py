# ruff: noqa: E501  # a pattern stays on one line
"""Wireframes, forms and dashboards, out of the parts that were named."""

import re
from dataclasses import dataclass, replace
from typing import Final

from ai_jobs.planning.errors import TooMuch
from ai_jobs.planning.parts import MAX_NODES, Widget
from ai_jobs.planning.plan import Group, Node, Plan
from ai_jobs.providers.sketcher.heading import Headed, headed, needs
from ai_jobs.providers.sketcher.items import clean, split_items, split_outside, strip_bullet
from ai_jobs.providers.sketcher.prose import sentences
from ai_jobs.providers.sketcher.vocabulary import COLOR, LIGHT, NUMBER, SIZE, color_of, number_of
from ai_jobs.providers.sketcher.wording import as_title

_WIRE: Final = re.compile(
    r"(?:wire[\s-]?frames?|mock[\s-]?ups?|(?:ui|gui|page|screen|app|website)[\s-](?:wireframe|mock[\s-]?up|layout|sketch|design)|"
    r"(?:(?:mobile|phone|app|tablet|desktop|welcome|account|user|booking|order|payment|results?|details?|history|help|404|error|dashboard|web|landing|home|log[\s-]?in|sign[\s-]?up|sign[\s-]?in|profile|product|checkout|settings|contact|pricing|search|start|about)[\s-]?)+(?:page|screen|view)|(?:app|mobile)\s+screen|(?:[\w-]+\s+){0,2}(?:pop[\s-]?up|modal|dialog(?:ue)?)(?:\s+(?:box|window))?|website|web\s*page|home\s*page|site(?=\s+(?:for|with|about)\s)|(?:(?!with\b|for\b|of\b)[\w-]+\s+){0,3}?(?:page|screen|pop[\s-]?up)(?=\s*(?:$|:|\n|\b(?:for|with|about|of|where|whose|layout|there|should|which|that)\b)))(?:\s+(?:wire[\s-]?frame|mock[\s-]?up|layout|design|sketch))?\b",
    re.IGNORECASE,
)
_FORM: Final = re.compile(r"(?:(?:[\w-]+\s+){0,2}form|questionnaire|survey)\b", re.IGNORECASE)
_DASHBOARD: Final = re.compile(
    r"(?:(?:[\w-]+\s+){0,2}dash[\s-]?boards?|(?:[\w-]+\s+)?(?:kpi|analytics|control)\s+panel|cockpit)\b",
    re.IGNORECASE,
)
_KINDS: Final[tuple[tuple[str, Widget], ...]] = (
        (r"side\s?bar|side\s+(?:menu|navigation|nav)|left\s+(?:menu|nav|navigation)", "sidebar"),
        (r"footer|bottom\s+(?:nav(?:igation)?|tabs?|menu|tool)?(?:\s?bar|\s+menu)?", "footer"),
        (r"nav(?:igation)?(?:\s?bar|\s+menu)?|menu(?:\s?bar)?|tabs?(?:\s+bar)?|tool\s?bar|top\s+bar|header\s+bar|app\s+bar|bread\s?crumbs?", "menu"),
        (r"search(?:\s+(?:bar|box|field|input))?", "search"),
        (r"buttons?|cta|call[\s-]to[\s-]action|submit|btn", "button"),
        (r"check\s?box(?:es)?|tick\s?box(?:es)?|toggles?|switch(?:es)?|radio(?:\s+buttons?)?", "checkbox"),
        (r"drop[\s-]?downs?|select(?:or|\s+box)?s?|combo\s?box(?:es)?|picker", "choice"),
        (r"text\s?area|message\s+(?:box|field|area)|comment\s+(?:box|field|area)|multi[\s-]?line\s+\w+", "area"),
        (r"fields?|inputs?|sliders?|questions?|text\s?box(?:es)?|entry", "field"),
        (r"charts?|graphs?|plots?|histograms?|sparklines?|trends?|gauges?|heat\s?maps?|pie|diagrams?", "chart"),
        (r"tables?|data\s?grid", "table"),
        (r"lists?|feed|log(?!\s+(?:in|out)\b)", "list"),
        (r"images?|pictures?|photos?|avatars?|logos?|icons?|videos?|maps?|banners?|hero(?:\s+(?:image|section))?|carousels?|illustrations?|thumbnails?", "image"),
        (r"cards?|tiles?|kpis?|metrics?|stats?|statistics?|widgets?|counters?", "card"),
        (r"title|heading|headline|header|h1", "heading"),
        (r"section|panel|container|area|column|box(?:es)?", "section"),
        (r"text|paragraph|links?|label|description|copy|caption|subtitle|tagline|note", "text"),
)  # fmt: skip
_KIND_WORD: Final = r"\s+(?:input\s+|text\s+)?(?:fields?|inputs?|buttons?|text\s?box(?:es)?|check\s?box(?:es)?|drop[\s-]?downs?|text\s?area|btn|select|cards?|tiles?)$"
# "button create account", "a bar chart Sales by region", "the header says Village Hall": the kind comes first.
_ANY_KIND: Final = "|".join(pattern for pattern, _ in _KINDS)
_SAYS: Final = r"(?:\s*:|\s+(?:that\s+)?(?:says?|saying|reads?|reading|called|named|titled|labell?ed|with\s+(?:the\s+)?(?:text|title|label|words?))\b)?"
_LED_BY_KIND: Final = re.compile(
    rf"^(?:(?-i:[a-z]+)\s+){{0,3}}?(?P<kind>(?-i:(?:[a-z-]+\s+)?(?:{_ANY_KIND})))\b{_SAYS}\s+(?P<label>(?-i:[A-Z0-9\"“\[])[^()]*)$"
    rf"|^(?P<kind2>button|check\s?box|toggle|switch|radio\s+button|drop[\s-]?down|text\s?box|text\s?area|field|input|link|title|headline|heading)(?:\s*:)?\s+[\"“]?"
    r"(?!(?:fields?|inputs?|box(?:es)?|buttons?|groups?|rows?|bars?|labels?|lists?|areas?|menus?|links?|for|to|with|of|on|in|at|and|or|that|labell?ed|saying|called)\b)"
    r"(?P<label2>[^()]+)$",
    re.IGNORECASE,
)
_SENDS: Final = re.compile(
    r"^(?:submit|send|save|cancel|ok|log\s?in|sign\s?(?:in|up)|register|next|back|continue|pay|buy(?:\s+now)?|subscribe|reset|confirm|search|apply|book|order|checkout|join|delete|close)\b",
    re.IGNORECASE,
)


# The number of parts belongs to them and not to the heading.
_WITH_MANY: Final = re.compile(
    rf"\bwith\s+(?=(?!an?\b|one\b){NUMBER}\s+(?:[a-z]+\s+)?(?:cards|tiles|buttons|boxes|sections|charts|links|tabs|check\s?boxes)\b)",
    re.IGNORECASE,
)


# "login page, it must have a logo": what the page has is named as a sentence of its own.
_IT_HAS: Final = re.compile(
    r"\s*[,.;:]?\s+(?:and\s+|also\s+)*(?:it|this|(?:on|in)\s+(?:it|this|the\s+(?:page|form|screen))|the\s+(?:page|form|screen)|there)\s+(?:(?:must|should|shall|will|would|can|needs?\s+to|has\s+to|also|only|just)\s+)*(?:ha(?:ve|s|ving)(?:\s+got)?|contains?|includes?|needs?|gets?|shows?|consists?\s+of|is|are|be)\s+(?=(?:an?\s+|the\s+|these\s+)*[\w\"“])",
    re.IGNORECASE,
)


def parse(text: str) -> Plan | None:
    """A page with its parts in the order named."""
    patterns: tuple[tuple[re.Pattern[str], Widget, str], ...] = (
        (_WIRE, "section", "Wireframe of a login page: logo, e-mail field, password field, log in button"),
        (_DASHBOARD, "card", "Dashboard: revenue, orders, customers, sales chart, table of top products"),
        (_FORM, "field", "Contact form: name, e-mail, message area, send button"),
    )
    for pattern, usual, example in patterns:
        found = headed(_WITH_MANY.sub("where ", _IT_HAS.sub(" with ", text, count=1)), pattern)
        if found is None:
            continue
        found = found.parted()
        if parted := re.search(r"\s[\u2013\u2014-]\s+", found.subject):
            told = found.subject[parted.end() :]
            found = replace(
                found,
                subject=found.subject[: parted.start()],
                title=as_title(found.subject[: parted.start()]),
                body=f"{told} with {found.body}" if found.body else told,
            )
        if not found.body.strip():
            if pattern is not _WIRE and not re.search(r"form|dash", found.noun):
                continue
            raise needs("Name the parts of the page.", example)
        return _page(found, usual)
    return None


def _page(found: Headed, usual: Widget) -> Plan:
    nodes: list[Node] = []
    title = found.title or (
        _named(found.noun) if usual != "section" or re.search(r"page|pop|modal|dialog", found.noun) else ""
    )
    if re.search(r"\bform\b", title, re.IGNORECASE) or re.search(r"\bform\b", found.subject, re.IGNORECASE):
        usual = "field"
    elif re.search(r"dash\s?board", title, re.IGNORECASE):
        usual = "card"
    body = _IN_COLUMNS.sub("", found.body)
    if said := _SAYS_FIRST.match(body):  # "dialog that says "Sure?" with the buttons …"
        body = f"text {said['words']}, {body[said.end() :]}"
    body = _MANY_FOR.sub(r"\g<many>: ", body)
    relabelled = _CALL_THEM.search(body)
    page = _Page(nodes, usual)
    page.read(body[: relabelled.start()] if relabelled else body, None)
    page.settle(split_items(relabelled["names"]) if relabelled else [])
    if not nodes:
        raise needs("Name the parts of the page.", "Contact form: name, e-mail, message area, send button")
    rows = dict.fromkeys(node.group for node in nodes if node.group)
    return Plan(
        title=title,
        layout="wireframe",
        nodes=tuple(nodes),
        groups=tuple(Group(key=row, label="") for row in rows),
    )


def _named(noun: str) -> str:
    """ "contact form" is a title, "form" is none."""
    return noun[:1].upper() + noun[1:] if len(noun.split()) > 1 else ""


_SAYS_FIRST: Final = re.compile(
    r"\s*(?:(?:that|which)\s+(?:says?|asks?|reads?)|saying|asking|reading|with\s+the\s+(?:text|question|message))\s*:?\s+(?P<words>[\"“][^\"”]+[\"”]|[^,.;]+?)\s*(?:,|;|\.|(?=\bwith\b|\band\b)|$)\s*",
    re.IGNORECASE,
)
# "form in two columns: left A, right B": the columns are told by their sides.
_IN_COLUMNS: Final = re.compile(
    r"^\s*(?:in|with|has)\s+(?:two|2)\s+(?:columns|halves|sides)\s*[:,.]?\s*(?=.*\bright\b)",
    re.IGNORECASE | re.DOTALL,
)
_CALL_THEM: Final = re.compile(
    r"[\s,.;]+(?:and\s+)?(?:label|call|name)\s+(?:them|these|the\s+parts)\s*:?\s+(?P<names>[^.:;\n]+?)\W*$",
    re.IGNORECASE,
)
# "fields: name, e-mail": the word before the colon is no part of its own.
_GENERIC: Final = re.compile(
    r"(?:(?:the|with|its|input|form|page)\s+)*(?:parts?|elements?|components?|widgets?|content|contents|it\s+has|fields?|inputs?|questions?)",
    re.I,
)
_ROW: Final = re.compile(
    r"[\s,]*\b(?:all\s+)?(?:(?:next\s+to|beside)\s+(?:each\s?other|one\s?another)|side\s+by\s+side|in\s+(?:a|one|the\s+same)\s+(?:row|line)|(?:along|across)\s+the\s+(?:top|bottom)|horizontally)\b",
    re.IGNORECASE,
)
_STACKED: Final = re.compile(
    r"[\s,]*\b(?:one\s+)?(?:below|under(?:neath)?|above|on\s+top\s+of)\s+(?:the\s+other|each\s?other|one\s?another|another)\b|[\s,]*\bin\s+(?:a|one)\s+column\b",
    re.IGNORECASE,
)
_OF_IT: Final = r"(?:(?:\s+of)?\s+(?:it|them|that|this|those|these|all(?:\s+(?:of\s+)?(?:that|this))?|the\s+(?!page|screen|form)[a-z]+(?:\s+[a-z]+)?))"
_PLACE: Final = (
    rf"(?:(?P<below>(?:right\s+|directly\s+|further\s+)?(?:below|under(?:neath)?|beneath)(?:\s+(?:it|them|that|this|those|these|everything(?:\s+else)?|all\s+(?:of\s+)?(?:that|this)|the\s+(?!head|title|page|screen|form)[a-z]+))?)|(?P<above>above(?:\s+(?:it|them|that|this))?)"
    rf"|(?P<beside>(?:right\s+)?(?:next\s+to|beside){_OF_IT}|to\s+the\s+right{_OF_IT}|on\s+its\s+right)|(?P<before>to\s+the\s+left{_OF_IT})"
    r"|(?:(?:at|on|along|in|across|to|up)\s+(?:the\s+|its\s+)?(?:very\s+)?|(?=(?:top|bottom|upper|lower)[\s-]+(?:left|right)))(?P<spot>(?:top|bottom|upper|lower)[\s-]+(?:left|right)|top|bottom|left|right|middle|cent(?:er|re)|side|end)(?:[\s-]+(?:hand\s+)?(?:side|corner|edge|half|part)|\s+of\s+(?:it|the\s+(?:page|screen|form|window)))?)"
)
_LEAD: Final = re.compile(
    rf"(?:(?P<then>in\s+the\s+(?:main|content|cent(?:er|re)|middle)\s+(?:area|part|section|column|panel|content)|then|after\s+that|next(?=\s+(?:an?|the)\b)|finally|at\s+the\s+end)|(?P<place>{_PLACE}(?:\s+of\s+(?:it|that))?)|(?P<row>(?:(?:in|as)\s+)?(?:the\s+|an?\s+)?(?:(?P<which>top|first|upper|bottom|second|third|last|lower|middle|next)\s+)?(?:row|line)(?:\s+\d)?(?:\s+of)?)"
    rf"|(?-i:[Aa]nd|[Aa]lso|with|plus|where|which|some|has|have|is|are|goes|comes)|there\s+(?:is|are|should\s+be)|there['\u2019]s|it\s+(?:has|needs|shows)|(?-i:put|add|show|place|have|make|use)(?=\s+(?:an?|the|one|some|two|three|four|[\"“\d]|(?-i:[A-Z])))|we\s+(?:have|need|see|want)|i\s+(?:want|need)|(?:you|users?|people|visitors|customers|we|they|one)\s+can\s+(?:enter|type|choose|pick|select|fill\s+in|see|find|give))\b[\s,:]*(?=\S|$)",
    re.IGNORECASE,
)
_PLACED: Final = re.compile(rf"(?<=\S)(?:[\s,]+|\s*\((?=[^()]*\)$)){_PLACE}\)?$", re.IGNORECASE)
_PLACED_INSIDE: Final = re.compile(
    rf"(?<=\S)[\s,]+{_PLACE}(?=\s+(?:with|has|have|showing|saying|that|called|named|labell?ed|titled|reading|for|containing|of)\b)",
    re.IGNORECASE,
)
_PLURALS: Final = r"cards|tiles|fields|inputs|text\s?boxes|questions|buttons|charts|graphs|check\s?boxes|toggles|switches|links|images|photos|pictures|kpis|metrics|numbers|stats|sections|boxes|columns|panels|areas|drop[\s-]?downs|selects|radio\s+buttons|icons|blocks|widgets|headings|texts|paragraphs|tables|lists"
_LISTS: Final = r"side\s?bar|side\s+(?:menu|panel|nav(?:igation)?)|(?:main|top|bottom)\s+nav(?:igation)?|nav(?:igation)?(?:\s?bar|\s+menu)?|menu(?:\s?bar)?|tabs?(?:\s+bar)?|tool\s?bar|top\s+bar|bread\s?crumbs?|footer|list|table|drop[\s-]?down"
_HOLDS: Final = r"header|hero(?:\s+(?:section|area))?|form|section|panel|container|column|row|content|body|main|half|pane|box|modal|(?:(?:main|content|left|right|top|bottom|center|centre|middle|big|large)\s+)*(?:area|part|side|column|section|panel|content)"
_INTRO: Final = r"(?P<how>with|for|of|saying|reading|says?|containing|has|have|holding|showing|shows?|like|that\s+(?:has|have|shows?|holds?|says?|lists?|contains?)|labell?ed|called|named|titled|to)\s+"
_INNER: Final = r"(?:(?:(?:the|these|following)\s+)*(?:links?|items?|entries|tabs?|options?|pages|names|rows|columns|points|choices)\s+(?:to\s+|for\s+|called\s+|like\s+)?:?\s*|(?-i:the|these|following)\s+)?"
_HOLDER: Final = re.compile(
    rf"^(?:the\s+|these\s+|its\s+|an?\s+)?(?:(?P<count>{NUMBER})\s+)?(?P<head>(?:(?-i:[a-z-]+|[A-Z]{{2,}})\s+){{0,3}}?(?:(?P<many>{_PLURALS})|(?P<list>{_LISTS})|(?P<holds>{_HOLDS})))\b"
    rf"(?:\s*(?:[:\u2013\u2014]|\s-)\s+{_INNER}|\s+{_INTRO}{_INNER}|\s*\((?=.*\)$)|(?P<bare>\s+(?=[\"“\d]|(?-i:[A-Z])))|(?P<none>\s*$))(?P<first>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_ANOTHER: Final = re.compile(rf"(?:an?|the|one|another|some|{NUMBER}|its|each)\s", re.IGNORECASE)
_UNDER_TITLE: Final = re.compile(
    r"(?:and\s+)?(?:all\s+)?(?:under|below|beneath|underneath)\s+(?:the|an?)\s+(?=(?:head(?:line|ing|er)|title)\b)",
    re.IGNORECASE,
)
# "Username, Password and Repeat password as inputs"
_AS_KIND: Final = re.compile(
    rf"(?:^|(?<=,\s)|(?<=^with\s))(?P<names>[^:;()]+?)\s+as\s+(?:the\s+|an?\s+)?(?:[a-z]+\s+)?(?P<kind>{_PLURALS})\b",
    re.IGNORECASE,
)
_SIDE_NAME: Final = re.compile(
    r"^(?:(?:on|to|at)\s+the\s+|the\s+)?(?P<side>left|right)(?:\s+(?:hand\s+)?(?:side|column|half|part|one))?\s*[:,]?\s+(?:(?:has|holds|with|contains|there\s+(?:is|are))\s+)?(?=[\"“]|(?-i:[A-Z]|(?:the|an?)\s))",
    re.IGNORECASE,
)


_TITLE_WORD: Final = re.compile(
    r"^(?:the\s+|an?\s+)?(?:title|texts?|words?|headline|heading|name)\s+(?=[\"“]|(?-i:[A-Z]))", re.IGNORECASE
)
_SECTION: Final = re.compile(r"\s*(?P<name>[^:,;()\"“]{2,40}):\s+(?=\S)")


# "4 tiles for the morning meeting: A, B", "4 cards at the bottom: A, B": what the parts are for, and where.
_MANY_FOR: Final = re.compile(
    rf"\b(?P<many>(?:{NUMBER}\s+)?(?:{_PLURALS}))\s+(?:for|about)\s+(?:the|our|my|an?|this)\s+[^,;:.\n]{{2,40}}:\s+",
    re.IGNORECASE,
)


@dataclass
class _Piece:
    """One part of a page as it was told, with what leads up to it and where it is to stand."""

    text: str
    joined: str = ""
    then: bool = False
    place: str = ""
    row: str = ""
    abreast: bool = False
    # Its place was told before it, not after.
    led: bool = False

    @property
    def apart(self) -> bool:
        """Whether it begins something new on the page, and is no further item of a list."""
        return self.then or self.led or bool(self.row)


class _Page:
    """The parts of a page in the making, in the order told; those for the top come first, those for the bottom last."""

    def __init__(self, nodes: list[Node], usual: Widget) -> None:
        self.nodes, self.usual = nodes, usual
        self.order: dict[str, int] = {}
        self.left: set[str] = set()
        self.corner: set[str] = set()
        self.rows = 0

    # -- what was told, piece by piece -----------------------------------------------------------------

    def read(self, body: str, parent: str | None) -> None:
        """The parts of lines, of nested lines, or of sentences."""
        lines = [line for line in body.split("\n") if line.strip()]
        if len(lines) < 2:
            for part in sentences(body):
                self.sentence(part, parent)
            return
        stack: list[tuple[int, str]] = []
        for number, line in enumerate(lines):
            depth, text, _ = strip_bullet(line)
            while stack and stack[-1][0] >= depth:
                stack.pop()
            following = strip_bullet(lines[number + 1])[0] if number + 1 < len(lines) else 0
            above = stack[-1][1] if stack else parent
            if following > depth:
                stack.append((depth, self.add(clean(text).rstrip(":"), "section", above)))
            else:
                self.sentence(text, above)

    def sentence(self, text: str, parent: str | None) -> None:
        if named := _AS_KIND.match(text):
            text = f"{named['kind']} {named['names']}{text[named.end() :]}"
        named = _SECTION.match(text)
        if named and not _HOLDER.match(text) and not _LEAD.match(text):
            if re.search(
                r"\b(?:page|screen|wire\s?frame|mock\s?up|form|dashboard)$", named["name"], re.IGNORECASE
            ) or _GENERIC.fullmatch(named["name"]):
                text = text[named.end() :]
            elif not _kind_named(named["name"]):
                self.several(_pieces(text[named.end() :]), self.add(clean(named["name"]), "section", parent))
                return
        pieces = _pieces(text)
        if pieces and (
            generic := re.match(
                rf"{_GENERIC.pattern}(?:\s*:|\s+(?:are|is|(?:would|should|must)\s+be|include)\b\s*:?)\s*",
                pieces[0].text,
                re.IGNORECASE,
            )
        ):
            pieces[0].text = pieces[0].text[generic.end() :]
        self.several(pieces, parent)

    def several(self, pieces: list[_Piece], parent: str | None) -> None:
        """Every piece in turn, with those that follow it in its list or inside of it."""
        at = 0
        while at < len(pieces):
            piece, begun = pieces[at], len(self.nodes)
            at = self.one(pieces, at, parent)
            own = [node for node in self.nodes[begun:] if node.parent == parent]
            if own:
                self.settle_place(piece, own, parent, begun)

    def one(self, pieces: list[_Piece], at: int, parent: str | None) -> int:
        """Reads the piece, and says which comes next."""
        piece = pieces[at]
        text = piece.text
        if not text:
            if at + 1 < len(pieces):
                pieces[at + 1].place, pieces[at + 1].led = pieces[at + 1].place or piece.place, True
                pieces[at + 1].row = pieces[at + 1].row or piece.row
            return at + 1
        side = re.fullmatch(r"left|right", piece.place) and re.match(r"[\"“A-Z]", text)
        holder = _HOLDER.match(text)
        if piece.row and not holder and re.match(r"[\"“A-Z]", text):
            return self.listed(pieces, at, parent, "", text, 0, inside=False)
        if side and not holder and at + 1 < len(pieces) and _is_bare(pieces[at + 1]):
            return self.listed(pieces, at, parent, "", text, 0, inside=False)
        if holder is None or not self.holds_more(holder, pieces, at):
            _part(text, self.nodes, self.usual, parent)
            return at + 1
        first, count = (
            holder["first"].rstrip(")")
            if text.endswith(")") and "(" not in holder["first"]
            else holder["first"],
            number_of(holder["count"]) if holder["count"] else 0,
        )
        if holder["many"]:
            each = _each(holder["many"])
            piece.abreast |= each == "column"
            return self.listed(pieces, at, parent, each, first, count if count > 1 else 0, inside=False)
        if holder["list"]:
            return self.listed(pieces, at, parent, holder["head"], first, 0, inside=True)
        return self.holding(pieces, at, parent, holder["head"], first)

    def holds_more(self, holder: re.Match[str], pieces: list[_Piece], at: int) -> bool:
        """Whether what follows the word for a part is in it, or lists such parts."""
        how, first = (holder["how"] or "").lower(), holder["first"]
        following = pieces[at + 1] if at + 1 < len(pieces) else None
        listed = following is not None and _is_bare(following)
        if holder["none"] is not None:  # "three tiles", and then their names
            return bool(
                holder["many"]
                and holder["count"]
                and listed
                and following
                and re.match(r"[\"“A-Z\d]", following.text)
            )
        if holder["many"]:
            return not (
                re.match(r"to\b|for\b", how)
                and re.match(r"the\s|each\s", first, re.IGNORECASE)
                and bool(holder["count"])
            ) and not (how == "of" and first[:1].islower())
        if holder["list"]:
            if holder["bare"] is not None:
                return bool(re.search(r"menu|nav|tabs|bar", holder["list"], re.IGNORECASE)) or listed
            return how not in _NAMING and not (how == "of" and first[:1].islower())
        if holder["bare"] is not None or how in _NAMING or how == "of":
            return False
        return not re.match(
            r"(?:the\s+|an?\s+)?(?:text|words?|label|title|placeholder|caption)\s+[\"“]", first, re.IGNORECASE
        ) or not re.fullmatch(r"box|row|column", holder["holds"], re.IGNORECASE)

    def listed(
        self,
        pieces: list[_Piece],
        at: int,
        parent: str | None,
        head: str,
        first: str,
        count: int,
        *,
        inside: bool,
    ) -> int:
        """The names that belong to a head: entries of a menu or list, or the words of like parts."""
        items = split_items(first) if first.strip() else []
        # A list in brackets ends where they close.
        in_brackets = pieces[at].text.endswith(")") and "(" in pieces[at].text and "(" not in first
        closed = (bool(items) and in_brackets) or (" and " in f" {first} " and len(items) > 1)
        start, abreast = at, pieces[at].abreast
        at += 1
        while at < len(pieces) and not closed and not (count and len(items) >= count):
            piece = pieces[at]
            if not (_is_bare(piece) or _in_series(items, piece)) or (
                piece.joined != "and"
                and count == 0
                and not inside
                and head
                and _kind(piece.text, "section") not in {"section", "image", "text"}
                and len(piece.text.split()) > 1
            ):
                break
            items += [piece.text]
            abreast |= piece.abreast
            closed = piece.joined == "and" or piece.abreast or bool(piece.place)
            pieces[start].place = pieces[start].place or piece.place
            at += 1
        begun = len(self.nodes)
        if inside:
            label, kind = clean(head), _kind(head, "list")
            self.nodes.append(
                Node(
                    key=self.key(), label=label, widget=kind, fields=tuple(map(_words, items)), parent=parent
                )
            )
        else:
            for item in items:
                _part(f'{head} "{_words(item)}"' if head else item, self.nodes, self.usual, parent)
        if abreast:
            self.abreast([node for node in self.nodes[begun:] if node.parent == parent])
        return at

    def holding(self, pieces: list[_Piece], at: int, parent: str | None, head: str, first: str) -> int:
        """A part that holds others: a header, a form, an area."""
        inner = _pieces(first)
        begun = at
        at += 1
        closed = any(piece.joined == "and" for piece in inner)
        form = "form" in head.lower()
        while at < len(pieces) and not pieces[at].apart and not (closed and pieces[at].joined != "and"):
            if re.search(
                r"\b(?:footer|side\s?bar|header|(?:left|right|side)\s+(?:menu|nav)|main|(?:left|right|middle|second)\s+(?:column|half|pane|panel))\b",
                pieces[at].text,
                re.IGNORECASE,
            ) or (pieces[at].place and _HOLDER.match(pieces[at].text)):
                break
            inner.append(pieces[at])
            closed |= pieces[at].joined == "and"
            at += 1
        if len(inner) == 1 and "header" in head.lower():
            inner[0].text = _TITLE_WORD.sub("", inner[0].text)
        bare = all(_is_bare(piece) and _kind(piece.text, "section") == "section" for piece in inner)
        if "header" in head.lower() and bare and inner:
            if len(inner) == 1:
                self.add(_words(inner[0].text), "heading", parent)
            else:
                self.nodes.append(
                    Node(
                        key=self.key(),
                        label=clean(head),
                        widget="menu",
                        fields=tuple(_words(piece.text) for piece in inner),
                        parent=parent,
                    )
                )
            return at
        usual = self.usual
        self.usual = "field" if form else usual
        inside = self.add(
            clean(head)[:1].upper() + clean(head)[1:] if form else clean(head), "section", parent
        )
        self.several(inner, inside)
        self.usual = usual
        return at if at > begun else begun + 1

    # -- where parts stand ---------------------------------------------------------------------------------

    def settle_place(self, piece: _Piece, own: list[Node], parent: str | None, begun: int) -> None:
        """Beside what was told before, in a row, at the top, or at the bottom."""
        before = [
            node
            for node in self.nodes[:begun]
            if node.parent == parent and node.widget not in {"sidebar", "menu", "footer"}
        ]
        if piece.abreast or piece.row:
            self.abreast(own)
        elif (
            piece.place in {"beside", "right"}
            and before
            and own[0].widget not in {"sidebar", "menu", "footer"}
        ):
            left = [node for node in before if node.key in self.left] or before[-1:]
            pairs = list(zip(left, own, strict=True)) if len(own) == len(left) else []
            if len(pairs) > 1:  # two columns of as many fields: a row for each two
                place = self.nodes.index(left[0])
                kept = [node for node in self.nodes if node not in left and node not in own]
                self.nodes[:] = [*kept[:place], *(node for pair in pairs for node in pair), *kept[place:]]
            for row in [list(pair) for pair in pairs] or [[*left, *own]]:
                self.abreast(row)
        self.left = {node.key for node in own} if piece.place == "left" else set()
        if re.match(r"top|upper|above", piece.place):
            tops = [
                node
                for node in before
                if self.order.get(node.key) == -1 and (node.group or node.key in self.corner)
            ]
            if re.search("right|left", piece.place):
                self.corner |= {node.key for node in own}
            if tops and re.search("right|left", piece.place):
                self.abreast([*tops, *own])
            for node in own:
                self.order[node.key] = -1
        elif re.match(r"bottom|lower|end", piece.place):
            for node in own:
                self.order[node.key] = 1
                if node.widget == "menu":  # tabs at the bottom stand there
                    self.nodes[self.nodes.index(node)] = node.model_copy(update={"widget": "footer"})

    def abreast(self, row: list[Node]) -> None:
        """Parts that share a row have its name in common."""
        if len(row) < 2:
            return
        self.rows += 1
        keys = {node.key for node in row}
        self.nodes[:] = [
            node.model_copy(update={"group": f"r{self.rows}"}) if node.key in keys else node
            for node in self.nodes
        ]

    def settle(self, names: list[str]) -> None:
        """The parts in their order on the page, with the names that were given to all of them."""
        top = [number for number, node in enumerate(self.nodes) if node.parent is None]
        if names and len(names) == len(top):
            for number, name in zip(top, names, strict=True):
                self.nodes[number] = self.nodes[number].model_copy(update={"label": name})
        self.nodes.sort(key=lambda node: self.order.get(node.key, 0))

    def key(self) -> str:
        return f"n{len(self.nodes) + 1}"

    def add(self, label: str, widget: Widget, parent: str | None) -> str:
        self.nodes.append(Node(key=self.key(), label=label, widget=widget, parent=parent))
        return self.nodes[-1].key


def _words(item: str) -> str:
    return clean(re.sub(r"^(?:and|also)\s+", "", item)).strip('"“”')


def _in_series(items: list[str], piece: _Piece) -> bool:
    """ "Table 1, Table 2": one more of what stands before it, whatever its first word means."""
    first, *rest = piece.text.split() or [""]
    return bool(items and rest and not piece.apart and first[:1].isupper() and items[-1].split()[0] == first)


def _is_bare(piece: _Piece) -> bool:
    """A name alone: no place of its own, no article or number, no part that holds something."""
    if piece.apart or not piece.text or _ANOTHER.match(piece.text):
        return False
    if re.match(r"[\"“]", piece.text):
        return bool(re.fullmatch(r"[\"“][^\"”]+[\"”]", piece.text))
    holder = _HOLDER.match(piece.text)
    if holder and not (holder["none"] is not None and piece.text[0].isupper()):
        return False
    led = _LED_BY_KIND.match(piece.text)
    return not led or piece.text[0].isupper()


def _pieces(text: str) -> list[_Piece]:
    """The pieces between commas and "and", each with its place taken off."""
    found: list[_Piece] = []
    for part in split_outside(text, ",;"):
        halves = _halves(part.strip())
        for number, half in enumerate(halves):
            joined = "and" if number or re.match(r"(?:and|&|plus)\s", half, re.IGNORECASE) else ","
            piece = _piece(re.sub(r"^&\s*", "", half.strip()), joined)
            if piece.text or piece.apart:
                found.append(piece)
    return found


def _piece(text: str, joined: str) -> _Piece:
    piece = _Piece("", joined)
    while lead := _LEAD.match(text):
        if not lead[0].strip() or (lead["row"] and not text[lead.end() :]) or _UNDER_TITLE.match(text):
            break
        _take_place(piece, lead)
        piece.led |= bool(lead["place"])
        piece.then |= bool(lead["then"])
        if lead["row"]:
            piece.row = (lead["which"] or "row").lower().replace("upper", "top").replace("first", "top")
        text = text[lead.end() :]
    if under := _UNDER_TITLE.match(text):
        text, piece.place, piece.led = text[under.end() :], "top", True
    if side := _SIDE_NAME.match(text):
        piece.place, piece.led, text = side["side"].lower(), True, text[side.end() :]
    while said := next(
        (
            m
            for p in (_ROW, _STACKED, _PLACED, _PLACED_INSIDE)
            if (m := p.search(text)) and m.start() and not text[: m.start()].count('"') % 2
        ),
        None,
    ):
        if said.re in {_ROW, _STACKED}:
            piece.abreast |= said.re is _ROW
            piece.place = "top" if said[0].endswith("top") else piece.place
        else:
            _take_place(piece, said)
        text = text[: said.start()] + text[said.end() :]
    piece.text = text.strip(" ,;")
    return piece


def _take_place(piece: _Piece, said: re.Match[str]) -> None:
    place = (
        "below"
        if said["below"]
        else "above"
        if said["above"]
        else "beside"
        if said["beside"]
        else "before"
        if said["before"]
        else (said["spot"] or "").lower()
    )
    piece.place = place or piece.place


def _halves(part: str) -> list[str]:
    """What "and" parts: "a headline and a button", "Cancel and Delete"; not what is in quotes or brackets."""
    halves = [""]
    for word in re.split(r"\s+(?=(?:and|plus)\s)", part):
        whole = halves[-1]
        if (
            not whole
            or whole.count('"') % 2
            or whole.count("(") > whole.count(")")
            or whole.count("“") > whole.count("”")
        ):
            halves[-1] = f"{whole} {word}".strip()
        else:
            halves.append(word)
    return halves


def _each(kind: str) -> str:
    """ "cards for A and B" are a card A and a card B."""
    word = re.sub(r"\s+", " ", kind.lower())
    if word in {"check boxes", "boxes", "text boxes", "switches"} or word == "checkboxes":
        return word[:-2]
    return word.removesuffix("s")


def _kind_named(text: str) -> bool:
    return _kind(text, "section") != "section" or bool(re.search(r"\b(?:section|panel|area)\b", text, re.I))


def _kind(text: str, usual: Widget) -> Widget:
    """The word nearest to the end decides: "search results list" is a list, "list of buttons" too."""
    best: tuple[int, Widget] | None = None
    if pressed := re.fullmatch(
        r"(?:[a-z]+\s+){0,3}[A-Z].*\s(button|link|field|tab|checkbox)", text
    ):  # "Add to basket button"
        text = pressed[1]
    main = re.split(
        r"(?<!\blog)(?<!\bsign)\s+(?:of|for|with|showing|to|on|in|that|labell?ed|saying|called)\s+",
        re.sub(r"\(.*\)|[\"“].*[\"”]", "", text),
    )[0]
    for pattern, widget in _KINDS:
        for match in re.finditer(rf"\b(?:{pattern})\b", main, re.IGNORECASE):
            if best is None or match.end() > best[0]:
                best = (match.end(), widget)
    return best[1] if best else usual


def _part(text: str, nodes: list[Node], usual: Widget, parent: str | None) -> None:
    text = re.sub(r"^(?:an?|the|one|another)\s+", "", clean(text), flags=re.IGNORECASE)
    while (shorter := _PLACED.sub("", text)) != text:
        text = shorter
    text = re.sub(r"^(?:an?|the|one|another)\s+", "", text, flags=re.IGNORECASE)
    told = re.fullmatch(r"(?P<label>[^()]+?)\s*\((?:an?\s+)?(?P<kind>[a-z][a-z -]+)\)", text)
    if told and _kind_named(told["kind"]) and _kind(told["label"], "section") not in _LISTED:
        nodes.append(
            Node(
                key=f"n{len(nodes) + 1}",
                label=clean(told["label"]),
                widget=_kind(told["kind"], usual),
                parent=parent,
            )
        )
        return
    text = re.sub(rf"^(?:{SIZE}\s+)(?=(?-i:[A-Z])|{COLOR}\s+(?-i:[A-Z]))", "", text, flags=re.IGNORECASE)
    if pressed := re.fullmatch(r"\[(?P<label>[^\[\]]{1,40})\]", text):
        nodes.append(Node(key=f"n{len(nodes) + 1}", label=pressed["label"], widget="button", parent=parent))
        return
    paint = re.match(rf"(?:{SIZE}\s+)?(?P<color>{LIGHT}{COLOR})\s+(?=\S)", text, re.IGNORECASE)
    color = color_of(paint["color"]) if paint and _kind_named(text) else None
    text = text[paint.end() :] if paint and color else text
    counted = re.match(rf"^(?P<count>{NUMBER})\s+(?P<rest>.+)$", text, re.IGNORECASE)
    count = number_of(counted["count"]) if counted else 1
    if count > MAX_NODES:
        raise TooMuch(f"A page holds at most {MAX_NODES} parts. Ask for fewer at once.")
    if counted:
        text = counted["rest"]
        if count > 1:  # "3 cards" are a card, three times
            text = re.sub(r"(?<=[^s])s$", "", text)
    led = _LED_BY_KIND.match(text)
    widget = _kind((led["kind"] or led["kind2"]) if led else text, usual)
    if (
        widget == "section"
        and usual == "section"
        and len(text.split()) <= 6
        and not re.search(r"section|panel|area|container|column|\bbox", text, re.I)
    ):
        widget = "button" if _SENDS.match(text) else "text"
    inside = re.match(r"^(?P<label>[^()]*?)\s*\((?P<items>.+)\)$", text)
    quoted = re.search(
        r"(?:labell?ed|saying|called|named|titled|reading|that\s+(?:says|reads)|(?:with|has)\s+(?:the\s+|an?\s+)?(?:text|words?|label|title|placeholder|caption|question))\s*:?\s+(?P<label>.+)$",
        text,
        re.IGNORECASE,
    ) or re.search(r"^(?:[\w-]+\s+){1,4}:?\s*(?P<label>[\"“\u2018][^\"”\u2019]+[\"”\u2019])$", text)
    fields: tuple[str, ...] = ()
    label = text
    if quoted:
        label = clean(quoted["label"])
    elif inside and widget in _LISTED:
        label, fields = clean(inside["label"]), tuple(split_items(inside["items"]))
    if led and not quoted and not (inside and widget in _LISTED):
        label = clean(led["label"] or led["label2"])
    elif widget in {"button", "field", "choice", "checkbox", "area", "card"} and not quoted:
        label = clean(re.sub(_KIND_WORD, "", label, flags=re.IGNORECASE) or label)
    for _ in range(count):
        nodes.append(
            Node(
                key=f"n{len(nodes) + 1}",
                label=label,
                widget=widget,
                fields=fields,
                parent=parent,
                color=color,
            )
        )


# These lead to the words of a part, and not to what is in it.
_NAMING: Final = frozenset(
    {"for", "to", "called", "named", "labelled", "titled", "saying", "says", "reading", "that says"}
)
_LISTED: Final[frozenset[Widget]] = frozenset({"menu", "sidebar", "footer", "list", "table"})
