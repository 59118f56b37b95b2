# ruff: noqa: E501  # a pattern stays on one line
"""Wireframes, forms and dashboards, out of the parts that were named."""

import re
from typing import Final

from ai_jobs.planning.errors import TooMuch
from ai_jobs.planning.parts import MAX_NODES, Widget
from ai_jobs.planning.plan import Group, Node, Plan
from ai_jobs.providers.sketcher.heading import Headed, headed, needs
from ai_jobs.providers.sketcher.items import clean, split_items, split_outside, strip_bullet
from ai_jobs.providers.sketcher.prose import sentences
from ai_jobs.providers.sketcher.vocabulary import COLOR, LIGHT, NUMBER, SIZE, color_of, number_of

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
        (r"fields?|inputs?|questions?|text\s?box(?:es)?|entry", "field"),
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
# "header with logo and search", "main area (three cards, a chart)": a part that holds others.
_HOLDING: Final = re.compile(
    r"^(?P<label>(?:[\w-]+\s+){0,2}(?:header|section|panel|container|column|row|content|body|main|half|pane|(?:main|content|left|right|top|bottom|center|centre)\s+area))"
    r"\s*(?:\s(?:with|containing|holding)\s+(?:the\s+)?|\((?=.*\)$))(?P<items>\S.*?)\)?$",
    re.IGNORECASE,
)
# "revenue and churn cards": both are cards.
_SHARED_KIND: Final = re.compile(
    r"^(?P<first>[^()]+?)\s+and\s+(?P<second>[^()]+?)\s+(?P<kind>cards|fields|buttons|charts|inputs|tiles|kpis|images|lists|tables)$",
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
    _parts(found.body, nodes, usual, None)
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


def _parts(body: str, nodes: list[Node], usual: Widget, parent: str | None) -> None:
    lines = [line for line in body.split("\n") if line.strip()]
    if len(lines) > 1:
        stack: list[tuple[int, str]] = []
        for number, line in enumerate(lines):
            depth, text, _ = strip_bullet(line)
            while stack and stack[-1][0] >= depth:
                stack.pop()
            following = strip_bullet(lines[number + 1])[0] if number + 1 < len(lines) else 0
            above = stack[-1][1] if stack else parent
            if following > depth:
                nodes.append(
                    Node(
                        key=f"n{len(nodes) + 1}",
                        label=clean(text).rstrip(":"),
                        widget="section",
                        parent=above,
                    )
                )
                stack.append((depth, nodes[-1].key))
            else:
                _sentence(text, nodes, usual, above)
        return
    for part in sentences(body):
        _sentence(part, nodes, usual, parent)


def _sentence(text: str, nodes: list[Node], usual: Widget, parent: str | None) -> None:
    """Parts named one after the other, and before a colon what they are or stand in."""
    if listed := _ARE_LISTED.match(text):
        text, usual = text[listed.end() :], "button" if "button" in listed[0].lower() else usual
    named = re.match(r"^\s*(?P<name>[^:,;()\"“]{2,40}):\s+(?P<rest>.+)$", text)
    if named is None:
        _placed(_items(text), nodes, usual, parent)
        return
    name = _LEAD.sub("", named["name"]).strip()
    place = re.fullmatch(rf"(?:row|line)\s*\w*|{_PLACE}", named["name"].strip(), re.IGNORECASE)
    if _GENERIC.fullmatch(name) or place:
        first = len(nodes)
        _placed(_items(named["rest"]), nodes, "button" if "button" in name.lower() else usual, parent)
        if place and re.match("row|line", place[0], re.IGNORECASE):
            _side_by_side(nodes, nodes[first:])
        return
    kind = _kind(name, "section")
    if kind in _LISTED:
        _part(f"{name} ({named['rest']})", nodes, usual, parent)
    elif kind != "section" and len(name.split()) <= 3:
        items = [
            item if _kind_named(item) else f'{_each(name) or name} "{item}"' for item in _items(named["rest"])
        ]
        _placed(items, nodes, usual, parent)
    else:
        nodes.append(Node(key=f"n{len(nodes) + 1}", label=clean(name), widget="section", parent=parent))
        _parts(named["rest"], nodes, usual, nodes[-1].key)


_SIDE: Final = re.compile(
    r"\b(?:on|at|to)\s+the\s+(?P<side>left|right)\b|\b(?P<beside>next\s+to|beside)\s+(?:it|that|them)\b",
    re.IGNORECASE,
)


def _placed(items: list[str], nodes: list[Node], usual: Widget, parent: str | None) -> None:
    """Parts one below the other, and in one row those that were told to stand side by side."""
    begun: list[Node] = []
    for item in items:
        first = len(nodes)
        _part(item, nodes, usual, parent)
        own = [node for node in nodes[first:] if node.parent == parent]
        if _ROW.search(item):
            alike = (
                [node for node in nodes if node.parent == parent and node.widget == own[-1].widget]
                if own
                else []
            )
            _side_by_side(nodes, alike)
        side = _SIDE.search(item)
        right = side and (side["beside"] or side["side"].lower() == "right")
        if right and begun and begun[-1].widget not in {"sidebar", "menu", "footer"}:
            _side_by_side(nodes, [*begun[-1:], *own])
        begun = own if own else begun


def _side_by_side(nodes: list[Node], row: list[Node]) -> None:
    """Parts that share a row have its name in common."""
    keys = {node.key for node in row}
    for number, node in enumerate(nodes):
        if node.key in keys and len(keys) > 1:
            nodes[number] = node.model_copy(update={"group": f"r{row[0].key}"})


# "fields: name, e-mail": the word before the colon is no part of its own.
_GENERIC: Final = re.compile(
    r"(?:(?:the|with|its|input|form)\s+)*(?:fields?|inputs?|parts?|elements?|components?|widgets?|buttons?|content|contents|questions?)",
    re.I,
)
_ARE_LISTED: Final = re.compile(
    rf"\s*{_GENERIC.pattern}\s+(?:are|is|(?:would|should|must)\s+be|include)\s*:?\s+", re.IGNORECASE
)
_PLACE: Final = r"(?:next\s+to\s+(?:each\s+other|one\s+another)|side\s+by\s+side|in\s+(?:a|one)\s+(?:row|column)|(?:below|above|under(?:neath)?|next\s+to|to\s+the\s+(?:left|right)\s+of)\s+(?:it|them|that|this|those|these|each\s+other)|below|above|underneath|beneath|(?:at|on|along|in|across|to|up)\s+(?:the\s+|its\s+)?(?:very\s+)?(?:(?:top|bottom)[\s-]+(?:left|right)|top|bottom|left|right|middle|cent(?:er|re)|side|footer|end)(?:\s+(?:side|corner|of\s+(?:it|the\s+\w+)))?)"
_PLACED: Final = re.compile(rf"(?<=\S)[\s,]+{_PLACE}$", re.IGNORECASE)
_LEAD: Final = re.compile(
    rf"^(?:(?:and|then|also|with|plus|finally|(?-i:next)|below\s+(?:it|that)|under\s+(?:it|that)|{_PLACE}(?:\s+(?:there\s+(?:is|are)|there['\u2019]s|is|are|we\s+have|goes|put|comes))?|there\s+(?:is|are)|there['\u2019]s|it\s+has|(?-i:put|add)|has|(?:you|users?|people|visitors|we|they|one)\s+can\s+(?:enter|type|choose|pick|fill\s+in|see|find|give))\b[\s,:]*)+(?=\S)",
    re.IGNORECASE,
)
_ANOTHER: Final = rf"(?:an?|the|one|another|some|{NUMBER}|then|also|below|at\s+the|on\s+the|plus)\s"
_HOLDER: Final = re.compile(
    rf"^(?:the\s+|these\s+)?(?:(?P<count>{NUMBER})\s+)?(?P<head>(?:[\w-]+\s+){{0,3}}?(?P<kind>side\s?bar|side\s+menu|nav(?:igation)?(?:\s?bar|\s+menu)?|menu(?:\s?bar)?|tabs?(?:\s+bar)?|tool\s?bar|top\s+bar|header|footer|lists?|tables?|drop[\s-]?downs?|cards|tiles|fields|inputs|questions|buttons|charts|check\s?boxes|toggles|links|images|kpis|metrics|sections|boxes))"
    r"\s*(?:\s(?P<how>with|for|of|saying|reading|says?|containing|has|have|holding|showing|that\s+(?:has|shows|holds|says?)|labell?ed|called|named|to)\s+|\s?[:\u2013\u2014]\s+|\s-\s|(?<=s),?\s+(?=[\"“\d]|(?-i:[A-Z])))(?:the\s+)?(?:(?P<inner>links?|items?|entries|tabs?|options?|pages|names|rows|columns)\s+(?:to\s+|for\s+|called\s+|like\s+)?)?(?P<first>\S.*)$",
    re.IGNORECASE,
)


# "three cards under the headline "Pick a plan"": what is told last stands first.
_UNDER_TITLE: Final = re.compile(
    r"(?:and\s+)?(?:all\s+)?(?:under|below|beneath|underneath)\s+(?:the|an?)\s+(?=(?:head(?:line|ing|er)|title)\b)",
    re.IGNORECASE,
)
_COUNTED_KIND: Final = re.compile(
    rf"(?:the\s+|these\s+)?{NUMBER}\s+(?:[a-z]+\s+)?(?:boxes|sections|buttons|fields|cards|tiles|inputs|links|charts|check\s?boxes|toggles|tabs)",
    re.IGNORECASE,
)


_ROW: Final = re.compile(
    r"(?:next\s+to|beside)\s+(?:each\s+other|one\s+another)|side\s+by\s+side|in\s+(?:a|one)\s+row",
    re.IGNORECASE,
)
# "Username, Password and Repeat password as inputs"
_AS_KIND: Final = re.compile(
    r"(?:^|(?<=,\s)|(?<=^with\s))(?P<names>[^:;()]+?)\s+as\s+(?:the\s+)?(?P<kind>inputs|fields|buttons|cards|tiles|links|tabs|check\s?boxes|sections)\b",
    re.IGNORECASE,
)


def _items(text: str) -> list[str]:
    """The parts of a page: "a sidebar with A, B and C" is one, with what it holds in brackets."""
    if named := _AS_KIND.match(text):
        text = f"{named['kind']} {named['names']}{text[named.end() :]}"
    pieces = [piece.strip() for piece in split_outside(text, ",")]
    found: list[str] = []
    for number, piece in enumerate(pieces):
        last = number + 1 == len(pieces) or pieces[number + 1].lower().startswith("and ")
        found += _halves(piece, last=last)
    parts: list[str] = []
    position = 0
    while position < len(found):
        piece = found[position].lstrip("&")
        if lead := _LEAD.match(piece):
            side = _SIDE.search(lead[0])
            piece = piece[lead.end() :] + (f" {side[0]}" if side else "")
        position += 1
        if _COUNTED_KIND.fullmatch(_PLACED.sub("", piece)):
            piece = _PLACED.sub("", piece)
        if (
            _COUNTED_KIND.fullmatch(piece)
            and position < len(found)
            and re.match(r"[A-Z\"“\d]", found[position])
        ):
            piece, position = f"{piece} {found[position]}", position + 1
        holder = _HOLDER.match(piece)
        if (
            holder is None
            or re.match(rf"(?:an?|{NUMBER})\s", holder["first"], re.IGNORECASE)
            or (holder["how"] in {"for", "to", "has"} and not holder["kind"].lower().endswith("s"))
            or (holder["how"] == "of" and holder["first"][0].islower())
            or (holder["how"] in {"called", "named", "labelled"} and not holder["kind"].lower().endswith("s"))
            or (
                holder["how"] == "for"
                and holder["count"]
                and re.match(r"the\s", piece[holder.end("how") :].lstrip())
            )
        ):
            parts.append(piece)
            continue
        members = split_items(holder["first"])
        most = number_of(holder["count"]) if holder["count"] else 0
        most = most if most > 1 else 0
        while (
            " and " not in holder["first"]
            and position < len(found)
            and not re.match(_ANOTHER, found[position].removeprefix("and "), re.IGNORECASE)
        ):
            ended = found[position].startswith("and ")
            if len(members) >= most and (
                most or (_kind(found[position], "section") != "section" and not ended)
            ):
                break
            members += split_items(found[position].removeprefix("and "))
            ended = ended or " and " in found[position]
            position += 1
            if ended:
                break
        row = bool(_ROW.search(members[-1]))
        while (shorter := _PLACED.sub("", members[-1])) != members[-1]:
            members[-1] = shorter
        if each := _each(holder["kind"]):
            parts += [
                member if '"' in member and member[0] != '"' else f'{each} "{member.strip(chr(34))}"'
                for member in members
            ]
            parts[-1] += " in a row" if row else ""
        else:
            parts.append(f"{holder['head']} ({'; '.join(members)})")
    return [part for part in parts if part.strip()]


def _each(kind: str) -> str:
    """ "cards for A and B" are a card A and a card B; a list or menu holds its entries itself."""
    word = kind.lower()
    return (
        word[:-2]
        if word == "check boxes"
        else word.removesuffix("es" if word == "checkboxes" else "s")
        if not re.match(r"side|nav|menu|tab|tool|top|header|footer|list|drop|links", word)
        else ""
    )


def _halves(piece: str, *, last: bool) -> list[str]:
    """ "a headline and a button", and at the end of a list "Churn and Returns"; "and" leads the second half."""
    piece = re.sub(r"^&\s*", "and ", piece)
    shared = _SHARED_KIND.match(piece)
    if shared and not _kind_named(shared["first"]):
        kind = shared["kind"].removesuffix("s")
        return [f"{shared['first']} {kind}", f"{shared['second']} {kind}"]
    halves = [""]
    for word in re.split(r"\s+(?=and\s)", piece):
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
    found = [halves[0]]
    for number, half in enumerate(halves[1:], 1):
        another = [
            bool(re.match(rf"and\s+(?:{_ANOTHER})", other, re.IGNORECASE))
            for other in halves[number : number + 2]
        ]
        short = re.fullmatch(r"[A-Z][\w-]*(?:\s[\w-]+)?\s+and\s+[A-Z][\w-]*(?:\s[\w-]+)?", piece)
        if any(another) or short or (last and number == len(halves) - 1):
            found.append(half)
        else:
            found[-1] += f" {half}"
    return found


def _kind_named(text: str) -> bool:
    return _kind(text, "section") != "section" or bool(re.search(r"\b(?:section|panel|area)\b", text, re.I))


def _kind(text: str, usual: Widget) -> Widget:
    """The word nearest to the end decides: "search results list" is a list, "list of buttons" too."""
    best: tuple[int, Widget] | None = None
    if pressed := re.fullmatch(r"[A-Z].*\s(button|link|field|tab)", text):  # "Add to basket button"
        text = pressed[1]
    main = re.split(
        r"\s+(?:of|for|with|showing|to|on|in|that|labell?ed|saying|called)\s+",
        re.sub(r"\(.*\)|[\"“].*[\"”]", "", text),
    )[0]
    for pattern, widget in _KINDS:
        for match in re.finditer(rf"\b(?:{pattern})\b", main, re.IGNORECASE):
            if best is None or match.end() > best[0]:
                best = (match.end(), widget)
    return best[1] if best else usual


def _part(text: str, nodes: list[Node], usual: Widget, parent: str | None) -> None:
    if under := _UNDER_TITLE.match(text):
        _part(text[under.end() :], nodes, usual, parent)
        nodes.insert(0, nodes.pop())
        return
    text = re.sub(r"^(?:an?|the|one|another)\s+", "", clean(text), flags=re.IGNORECASE)
    text = _LEAD.sub("", text)
    while (shorter := _PLACED.sub("", text)) != text:
        text = shorter
    text = re.sub(r"^(?:an?|the|one|another)\s+", "", text, flags=re.IGNORECASE)
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
    if widget == "field" and _SENDS.match(text) and not re.search(r"field|input|box", text, re.IGNORECASE):
        widget = "button"
    if (
        widget == "section"
        and usual == "section"
        and len(text.split()) <= 6
        and not re.search(r"section|panel|area|container|column|\bbox", text, re.I)
    ):
        widget = "button" if _SENDS.match(text) else "text"
    inside = re.match(r"^(?P<label>[^()]*?)\s*\((?P<items>.+)\)$", text)
    quoted = re.search(
        r"(?:labell?ed|saying|called|named|reading|that\s+(?:says|reads)|(?:with|has)\s+(?:the\s+)?(?:text|words?|label|title))\s*:?\s+(?P<label>.+)$",
        text,
        re.IGNORECASE,
    ) or re.search(r"^(?:[\w-]+\s+){1,4}:?\s*(?P<label>[\"“\u2018][^\"”\u2019]+[\"”\u2019])$", text)
    linked = re.match(
        r"^(?P<label>.*?)\s+(?:with|:)\s*(?:the\s+)?(?:links?|items?|entries|tabs?|options?)?\s*(?P<items>\S.*)$",
        text,
        re.IGNORECASE,
    )
    fields: tuple[str, ...] = ()
    label = text
    if quoted:
        label = clean(quoted["label"])
    elif inside and widget in _LISTED:
        label, fields = clean(inside["label"]), tuple(split_items(inside["items"]))
    elif linked and widget in _LISTED:
        label, fields = clean(linked["label"]), tuple(split_items(linked["items"]))
    held = _HOLDING.match(text)
    if held and count == 1:
        nodes.append(
            Node(key=f"n{len(nodes) + 1}", label=clean(held["label"]), widget="section", parent=parent)
        )
        above = nodes[-1].key
        for item in split_items(held["items"]):
            _part(item, nodes, usual, above)
        return
    if led and not quoted and not (inside and widget in _LISTED):
        label = clean(led["label"] or led["label2"])
    elif widget in {"button", "field", "choice", "checkbox", "area", "card"} and not quoted:
        label = clean(re.sub(_KIND_WORD, "", label, flags=re.IGNORECASE) or label)
    listed = split_items(inside["items"]) if inside and count > 1 and widget not in _LISTED else []
    if listed:
        for item in listed:
            nodes.append(Node(key=f"n{len(nodes) + 1}", label=item, widget=widget, parent=parent))
        return
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


_LISTED: Final[frozenset[Widget]] = frozenset({"menu", "sidebar", "footer", "list", "table"})
