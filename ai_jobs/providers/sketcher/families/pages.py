# ruff: noqa: E501  # a pattern stays on one line
"""Wireframes, forms and dashboards, out of the parts that were named."""

import re
from typing import Final

from ai_jobs.planning.parts import Widget
from ai_jobs.planning.plan import Node, Plan
from ai_jobs.providers.sketcher.heading import Headed, headed, needs
from ai_jobs.providers.sketcher.items import clean, split_items, split_outside, strip_bullet
from ai_jobs.providers.sketcher.prose import sentences
from ai_jobs.providers.sketcher.vocabulary import NUMBER, number_of

_WIRE: Final = re.compile(
    r"(?:wire[\s-]?frames?|mock[\s-]?ups?|(?:ui|gui|page|screen|app|website)[\s-](?:wireframe|mock[\s-]?up|layout|sketch|design)|"
    r"(?:(?:mobile|phone|app|tablet|desktop|welcome|account|user|booking|order|payment|results?|details?|history|help|404|error|dashboard|web|landing|home|log[\s-]?in|sign[\s-]?up|sign[\s-]?in|profile|product|checkout|settings|contact|pricing|search|start|about)[\s-]?)+(?:page|screen|view)|(?:app|mobile)\s+screen|(?:[\w-]+\s+){0,2}(?:pop[\s-]?up|modal|dialog(?:ue)?)(?:\s+(?:box|window))?|website|web\s*page|page(?=\s+(?:for|with|about|of)\s)|site(?=\s+(?:for|with|about)\s)|screen(?=\s+(?:for|with|where)\s)|screen\s+layout)(?:\s+(?:wire[\s-]?frame|mock[\s-]?up|layout|design|sketch))?\b",
    re.IGNORECASE,
)
_FORM: Final = re.compile(r"(?:(?:[\w-]+\s+){0,2}form|questionnaire|survey)\b", re.IGNORECASE)
_DASHBOARD: Final = re.compile(
    r"(?:(?:[\w-]+\s+){0,2}dash[\s-]?boards?|(?:[\w-]+\s+)?(?:kpi|analytics|control)\s+panel|cockpit)\b",
    re.IGNORECASE,
)
_KINDS: Final[tuple[tuple[str, Widget], ...]] = (
        (r"side\s?bar|side\s+(?:menu|navigation|nav)|left\s+(?:menu|nav|navigation)", "sidebar"),
        (r"footer", "footer"),
        (r"nav(?:igation)?(?:\s?bar|\s+menu)?|menu(?:\s?bar)?|tabs?(?:\s+bar)?|tool\s?bar|top\s+bar|header\s+bar|app\s+bar|bread\s?crumbs?", "menu"),
        (r"search(?:\s+(?:bar|box|field|input))?", "search"),
        (r"buttons?|cta|call[\s-]to[\s-]action|submit|btn", "button"),
        (r"check\s?box(?:es)?|tick\s?box(?:es)?|toggles?|switch(?:es)?|radio(?:\s+buttons?)?", "checkbox"),
        (r"drop[\s-]?downs?|select(?:or|\s+box)?s?|combo\s?box(?:es)?|picker", "choice"),
        (r"text\s?area|message\s+(?:box|field|area)|comment\s+(?:box|field|area)|multi[\s-]?line\s+\w+", "area"),
        (r"fields?|inputs?|text\s?box(?:es)?|entry", "field"),
        (r"charts?|graphs?|plots?|histograms?|sparklines?|trends?|gauges?|heat\s?maps?|pie|diagrams?", "chart"),
        (r"tables?|data\s?grid", "table"),
        (r"lists?|feed|log", "list"),
        (r"images?|pictures?|photos?|avatars?|logos?|icons?|videos?|maps?|banners?|hero(?:\s+(?:image|section))?|carousels?|illustrations?|thumbnails?", "image"),
        (r"cards?|tiles?|kpis?|metrics?|stats?|statistics?|widgets?|counters?", "card"),
        (r"title|heading|headline|header|h1", "heading"),
        (r"section|panel|container|area|column", "section"),
        (r"text|paragraph|links?|label|description|copy|caption|subtitle|tagline|note", "text"),
)  # fmt: skip
_KIND_WORD: Final = r"\s+(?:input\s+|text\s+)?(?:fields?|inputs?|buttons?|text\s?box(?:es)?|check\s?box(?:es)?|drop[\s-]?downs?|text\s?area|btn|select|cards?|tiles?)$"
# "button create account": the kind comes first, and no second one follows.
_LED_BY_KIND: Final = re.compile(
    r"^(?P<kind>button|check\s?box|toggle|switch|radio\s+button|drop[\s-]?down|text\s?box|text\s?area|field|input|link|title|headline|heading)(?:\s*:)?\s+[\"“]?"
    r"(?!(?:fields?|inputs?|box(?:es)?|buttons?|groups?|rows?|bars?|labels?|lists?|areas?|menus?|links?|for|to|with|of|on|in|at|and|or|that|labell?ed|saying|called)\b)"
    r"(?P<label>[^()]+)$",
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


def parse(text: str) -> Plan | None:
    """A page with its parts in the order named."""
    patterns: tuple[tuple[re.Pattern[str], Widget, str], ...] = (
        (_WIRE, "section", "Wireframe of a login page: logo, e-mail field, password field, log in button"),
        (_DASHBOARD, "card", "Dashboard: revenue, orders, customers, sales chart, table of top products"),
        (_FORM, "field", "Contact form: name, e-mail, message area, send button"),
    )
    for pattern, usual, example in patterns:
        found = headed(text, pattern)
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
    return Plan(title=title, layout="wireframe", nodes=tuple(nodes[:300]))


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
                _part(text, nodes, usual, above)
        return
    named = re.match(r"^(?P<name>[^:,;]{2,40}):\s+(?P<rest>.+)$", body.strip())
    for part in sentences(body):
        named = re.match(r"^\s*(?P<name>[^:,;()]{2,40}):\s+(?P<rest>.+)$", part)
        if named:
            if _GENERIC.fullmatch(named["name"].strip()):
                for item in _items(named["rest"]):
                    _part(item, nodes, "button" if "button" in named["name"].lower() else usual, parent)
                continue
            kind = _kind(named["name"], "section")
            if kind in {"menu", "sidebar", "footer"}:
                _part(f"{named['name']} ({named['rest']})", nodes, usual, parent)
                continue
            nodes.append(
                Node(key=f"n{len(nodes) + 1}", label=clean(named["name"]), widget="section", parent=parent)
            )
            _parts(named["rest"], nodes, usual, nodes[-1].key)
            continue
        for item in _items(part):
            _part(item, nodes, usual, parent)


# "fields: name, e-mail": the word before the colon is no part of its own.
_GENERIC: Final = re.compile(
    r"(?:(?:the|with|its|input|form)\s+)*(?:fields?|inputs?|parts?|elements?|components?|widgets?|buttons?|content|contents|questions?)",
    re.I,
)
_PLACE: Final = r"(?:next\s+to\s+(?:each\s+other|one\s+another)|side\s+by\s+side|in\s+(?:a|one)\s+(?:row|column)|(?:below|above|under|next\s+to)\s+(?:it|them|that|those)|below|above|underneath|beneath|(?:at|on|along|in|across|to)\s+(?:the\s+|its\s+)?(?:very\s+)?(?:top|bottom|left|right|middle|cent(?:er|re)|side|footer|end)(?:\s+(?:side|corner|of\s+(?:it|the\s+\w+)))?)"
_PLACED: Final = re.compile(rf"(?<=\S)[\s,]+{_PLACE}$", re.IGNORECASE)
_LEAD: Final = re.compile(
    rf"^(?:(?:and|then|also|with|plus|finally|next|below\s+(?:it|that)|under\s+(?:it|that)|{_PLACE}(?:\s+(?:there\s+(?:is|are)|there['\u2019]s|is|are|we\s+have|goes|put|comes))?|there\s+(?:is|are)|there['\u2019]s|it\s+has|put|add|has)\b[\s,:]*)+(?=\S)",
    re.IGNORECASE,
)
_ANOTHER: Final = rf"(?:an?|the|one|another|some|{NUMBER}|then|also|below|at\s+the|on\s+the|plus)\s"
_HOLDER: Final = re.compile(
    rf"^(?:{NUMBER}\s+|the\s+)?(?P<head>(?:[\w-]+\s+){{0,3}}?(?P<kind>side\s?bar|side\s+menu|nav(?:igation)?(?:\s?bar|\s+menu)?|menu(?:\s?bar)?|tabs?(?:\s+bar)?|tool\s?bar|top\s+bar|header|footer|lists?|tables?|drop[\s-]?downs?|cards|tiles|fields|inputs|buttons|charts|check\s?boxes|toggles|links|images|kpis|metrics))"
    r"\s*(?:\s(?P<how>with|for|containing|has|have|holding|showing|that\s+(?:has|shows|holds|says?)|labell?ed|called|named|to)\s+|\s?[:\u2013\u2014]\s+|\s-\s|(?<=s),?\s+(?=[\"“]|(?-i:[A-Z])))(?:the\s+)?(?:(?P<inner>links?|items?|entries|tabs?|options?|pages|names|rows|columns)\s+(?:to\s+|for\s+|called\s+|like\s+)?)?(?P<first>\S.*)$",
    re.IGNORECASE,
)


_COUNTED_KIND: Final = re.compile(
    rf"{NUMBER}\s+(?:[a-z]+\s+)?(?:buttons|fields|cards|tiles|inputs|links|charts|check\s?boxes|toggles|tabs)",
    re.IGNORECASE,
)


def _items(text: str) -> list[str]:
    """The parts of a page: "a sidebar with A, B and C" is one, with what it holds in brackets."""
    pieces = [piece.strip() for piece in split_outside(text, ",")]
    found: list[str] = []
    for number, piece in enumerate(pieces):
        last = number + 1 == len(pieces) or pieces[number + 1].lower().startswith("and ")
        found += _halves(piece, last=last)
    parts: list[str] = []
    position = 0
    while position < len(found):
        piece = _LEAD.sub("", found[position].lstrip("&"))
        position += 1
        if (
            _COUNTED_KIND.fullmatch(piece)
            and position < len(found)
            and re.match(r"[A-Z\"“]", found[position])
        ):
            piece, position = f"{piece} {found[position]}", position + 1
        holder = _HOLDER.match(piece)
        if (
            holder is None
            or re.match(rf"(?:an?|{NUMBER})\s", holder["first"], re.IGNORECASE)
            or (holder["how"] in {"for", "to", "has"} and not holder["kind"].lower().endswith("s"))
        ):
            parts.append(piece)
            continue
        members = [holder["first"]]
        while (
            " and " not in holder["first"]
            and position < len(found)
            and not re.match(_ANOTHER, found[position].removeprefix("and "), re.IGNORECASE)
        ):
            ended = found[position].startswith("and ")
            if _kind(found[position], "section") != "section" and not ended:
                break
            members.append(found[position].removeprefix("and "))
            position += 1
            if ended:
                break
        members = [_PLACED.sub("", member) for member in members]
        parts.append(f"{holder['head']} ({'; '.join(members)})" if not _each(holder["kind"]) else "")
        parts[-1:] = (
            [f"{member} {_each(holder['kind'])}" for member in members] if not parts[-1] else parts[-1:]
        )
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
    text = re.sub(r"^(?:an?|the|one|another)\s+", "", clean(text), flags=re.IGNORECASE)
    text = _PLACED.sub("", _LEAD.sub("", text))
    text = re.sub(r"^(?:an?|the|one|another)\s+", "", text, flags=re.IGNORECASE)
    counted = re.match(rf"^(?P<count>{NUMBER})\s+(?P<rest>.+)$", text, re.IGNORECASE)
    count = min(number_of(counted["count"]), 12) if counted else 1
    if counted:
        text = counted["rest"]
        if count > 1:  # "3 cards" are a card, three times
            text = re.sub(r"(?<=[^s])s$", "", text)
    led = _LED_BY_KIND.match(text)
    widget = _kind(led["kind"] if led else text, usual)
    if widget == "field" and _SENDS.match(text) and not re.search(r"field|input|box", text, re.IGNORECASE):
        widget = "button"
    if (
        widget == "section"
        and usual == "section"
        and len(text.split()) <= 6
        and not re.search(r"section|panel|area|container|column", text, re.I)
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
    if led and not quoted:
        label = clean(led["label"])
    elif widget in {"button", "field", "choice", "checkbox", "area", "card"} and not quoted:
        label = clean(re.sub(_KIND_WORD, "", label, flags=re.IGNORECASE) or label)
    listed = split_items(inside["items"]) if inside and count > 1 and widget not in _LISTED else []
    if listed:
        for item in listed:
            nodes.append(Node(key=f"n{len(nodes) + 1}", label=item, widget=widget, parent=parent))
        return
    for _ in range(count):
        nodes.append(Node(key=f"n{len(nodes) + 1}", label=label, widget=widget, fields=fields, parent=parent))


_LISTED: Final[frozenset[Widget]] = frozenset({"menu", "sidebar", "footer", "list", "table"})
