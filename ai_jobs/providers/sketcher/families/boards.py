# ruff: noqa: E501  # a pattern stays on one line
"""Kanban boards, SWOT and other quadrants, tables."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from ai_jobs.planning.errors import TooMuch
from ai_jobs.planning.parts import LayoutKind
from ai_jobs.planning.plan import Group, Node, Plan
from ai_jobs.providers.sketcher.courtesy import strip_command, strip_courtesy
from ai_jobs.providers.sketcher.heading import Headed, headed, needs
from ai_jobs.providers.sketcher.items import clean, colored, singular, split_items, strip_bullet
from ai_jobs.providers.sketcher.sections import Section, distributed, sections
from ai_jobs.providers.sketcher.vocabulary import COLOR, LIGHT, color_of
from ai_jobs.providers.sketcher.wording import as_title

_KANBAN: Final = re.compile(
    r"(?:kanban(?:[\s-]?board|\s+chart)?|scrum[\s-]?board|task[\s-]?board|trello(?:[\s-]?(?:(?:like|style)\s+)?board)?|"
    r"(?:planning|project|status|progress|chore|story|agile)[\s-]board|retro(?:spective)?(?:[\s-]?board)?|column\s+board|swim[\s-]?lanes?(?:\s+(?:diagram|chart|board|map))?|(?:[\w-]+\s+){0,3}?board(?=\s*(?:pls|please)?[\s,:.]*(?:with|columns?|the\s+columns|lists?|lanes?|has|having)\b)|board|columns)\b",
    re.IGNORECASE,
)
_SWOT: Final = re.compile(r"swot(?:[\s-](?:analysis|diagram|matrix|chart|squares?|grid))?\b", re.IGNORECASE)
_EISENHOWER: Final = re.compile(
    r"(?:eisenhower(?:[\s-](?:matrix|box))?|priority\s+matrix(?:\s*,?\s*(?:of\s+|with\s+)?(?:urgen(?:t|cy)\s*(?:vs\.?|versus|and|/|-|against|by)\s*importan(?:t|ce)|importan(?:t|ce)\s*(?:vs\.?|versus|and|/|-|against|by)\s*urgen(?:t|cy)))?|urgent[\s/-]important\s+matrix)\b",
    re.IGNORECASE,
)
_QUADRANTS: Final = re.compile(
    r"(?:quadrants?(?:[\s-](?:chart|diagram|matrix))?|(?:2\s?(?:x|by)\s?2|two[\s-]by[\s-]two)(?:[\s-](?:matrix|grid))?|"
    r"(?:four|4)[\s-](?:quadrants?|field)(?:[\s-](?:chart|diagram|matrix))?|(?:(?!of\b|for\b|with\b|in\b|on\b|and\b)[\w/-]+\s+){0,3}?(?:matrix|quadrants?(?:\s+(?:chart|diagram))?)|bcg(?:\s+\w+)?)\b",
    re.IGNORECASE,
)
_TABLE: Final = re.compile(r"(?:comparison\s+)?table\b", re.IGNORECASE)
# What speaks for something, and what against it.
_FOR: Final = (
    r"(?P<first>pros|advantages|benefits|upsides|plus(?:es|\s+points)?|strengths|do['\u2019]?s|positives)"
)
_AGAINST: Final = r"(?P<second>cons|disadvantages|drawbacks|downsides|minus(?:es|\s+points)?|weaknesses|don['\u2019]?ts|negatives|risks)"
_FOR_AND_AGAINST: Final = re.compile(
    rf"\b{_FOR}\s*(?:and|&|/|,|or|vs\.?|versus)\s*(?:the\s+)?{_AGAINST}\b", re.IGNORECASE
)
_SIDES: Final = re.compile(
    rf"\W*(?:the\s+)?{_FOR}\s*(?::|are\b).+[;.,\n]\s*(?:and\s+|the\s+)*{_AGAINST}\s*(?::|are\b)",
    re.IGNORECASE | re.DOTALL,
)
# A table as Markdown writes it.
_BARS: Final = re.compile(
    r"\|.*\|\s*\n(?:\s*\|.*\|\s*(?:\n|$))+|[^|\n]+(?:\s\|\s[^|\n]+)+(?:\n[^|\n]+(?:\s\|\s[^|\n]+)+)+"
)
# What the name of the method itself stands for.
_SWOT_NAMES: Final = ("Strengths", "Weaknesses", "Opportunities", "Threats")
_EISENHOWER_NAMES: Final = ("Do", "Schedule", "Delegate", "Delete")
_KANBAN_NAMES: Final = ("To do", "In progress", "Done")
# Columns and rows may be named in one sentence.
_AND_ROWS: Final = re.compile(
    r"\s*[,;.]?\s*\b(?:and|with)\s+(?:the\s+)?rows?\b\s*(?:are\b)?\s*:?\s+", re.IGNORECASE
)


# "Backlog | Sprint | Done board, …": the columns lead.
_NAMES_LED: Final = re.compile(
    r"^\s*(?:(?:an?|my|our|the)\s+)?(?P<names>[^,:;|/\n]{1,40}(?:\s[|/]\s[^,:;|/\n]{1,40})+?)\s+(?:kanban\s+)?(?:board|columns)\b[\s,:;.-]*",
    re.IGNORECASE,
)
# The colour of all cards may be told anywhere: "All cards yellow: …", "make the notes pink".
_CARDS_COLORED: Final = re.compile(
    rf"(?:^|[\s,.;]+)(?:(?:and|please|make|with|paint|colou?r)\s+)*(?:(?:all|the|every|each)\s+)*(?:cards?|notes?|stick(?:y|ies)(?:\s+notes?)?|items?|tasks?)\s+(?:(?:are|is|should|must|be|all|in)\s+)*(?P<color>{LIGHT}{COLOR})(?:[\s:.,;]+|$)",
    re.IGNORECASE,
)
# "…, Published for our content team": whom the board is for is no part of its last name.
_FOR_SOMEBODY: Final = re.compile(r"\s+for\s+(?:our|my|the)\s+[a-z][a-z' -]{2,40}$")
# "membership form in two columns: …" is no board.
_PAGE: Final = re.compile(r"\b(?:form|page|screen|wire\s?frame|mock\s?up|dash\s?board)\b", re.IGNORECASE)
_MOST_FIELDS: Final = 50


def parse(text: str) -> Plan | None:
    """A board with named columns, or a square of named fields."""
    if found := headed(text, _SWOT):
        return _quadrants(found.parted(), _SWOT_NAMES)
    if found := headed(text, _EISENHOWER):
        return _quadrants(found.parted(), _EISENHOWER_NAMES)
    led = _NAMES_LED.sub(r"board with columns \g<names>. ", strip_command(strip_courtesy(text))[0])
    found = headed(text, _KANBAN) or headed(led, _KANBAN)
    if found and not (found.noun == "columns" and _PAGE.search(text[:80])):
        return _board(found.parted())
    if plan := _opposed(strip_command(strip_courtesy(text))[0]):
        return plan
    text = _UPRIGHT.sub(
        lambda said: "y" if (said["way"] or said["way2"]).lower() == "vertical" else "x", text
    )
    if found := headed(text, _QUADRANTS):
        return _quadrants(found.parted(), ())
    if found := headed(text, _TABLE):
        return _table(found)
    if _BARS.fullmatch(text.strip()):
        return _table(Headed(title="", subject="", body=text, noun="table"))
    return None


def _dashed(body: str) -> str:
    """ "- A / B / C - and put x in B", "columns A, B. x -> B": the names set off by dashes, and arrows to a column."""
    if "\n" not in body:
        body = re.sub(r"^\s*[\u2013\u2014-]\s+", "", body)
    return body


# "…, and leave Closed empty", "Bought stays empty": a column all the same.
_EMPTY: Final = re.compile(
    r"(?:[,;.]\s*(?:(?:and|but|please|with)\s+)*|\s+(?:and|but)\s+)(?:(?:leave|keep|let|have)\s+(?:the\s+)?(?P<name>(?-i:[A-Z\"\u201c])[^,;:.\n]{0,40}?)(?:\s+column)?\s+(?:be\s+|still\s+)?|(?:the\s+)?(?:(?:column|list|lane)\s+)?(?P<name2>(?-i:[A-Z])[^,;:.\n]{0,40}?)\s+(?:(?:stays|remains)\s+(?:still\s+)?|is\s+(?=free\b)))(?:empty|blank|free)(?:\s+(?:for\s+now|yet|so\s+far))?(?=\s*(?:[,;.\n]|$))",
    re.IGNORECASE,
)


def _emptied(body: str) -> Callable[[re.Match[str]], str]:
    named = re.search(r"\w:\s", body)
    return lambda said: f"; {said['name'] or said['name2']}{': nothing' if named else ' is empty'}"


def _board(found: Headed) -> Plan | None:
    if wish := _CARDS_COLORED.search(found.body):
        body = f"{found.body[: wish.start()]}. {found.body[wish.end() :]}".strip(" .")
        found = replace(found, body=body, color=color_of(wish["color"]))
    found = replace(found, body=_EMPTY.sub(_emptied(found.body), _dashed(found.body)))
    names, colon, rest = found.body.partition(":")
    listed = split_items(names) if colon and "\n" not in names else []
    repeats = len(listed) > 1 and re.match(rf"\s*{re.escape(listed[0])}\s*:", rest, re.IGNORECASE)
    named = sections(rest if repeats else found.body)  # "Sales, Ops: Sales: quote; Ops: build"
    if not named:
        if not re.match(r"kanban|scrum|task|trello", found.noun):
            return None
        named = [(name, []) for name in _KANBAN_NAMES]
    if not any(items for _, items in named):
        named = [(_FOR_SOMEBODY.sub("", name), items) for name, items in named]
    if len(named) < 2 and found.noun in {"board", "columns"}:
        return None
    if found.noun.startswith("swim") and ":" not in found.body and _are_sentences(named):
        raise needs(
            "Name the lanes and what is in each; I cannot tell from prose what belongs where.",
            "Swimlanes: Customer: asks for a refund; Support: checks it; Finance: pays it back",
        )
    return _panels(found, named, "columns")


def _are_sentences(named: list[Section]) -> bool:
    """Whether what was taken for names tells what happens, and nothing is in them."""
    return not any(items for _, items in named) and all(len(name.split()) > 2 for name, _ in named)


def _lost(body: str, told: list[Section]) -> bool:
    """Whether somebody told facts and no field, so that none has its place, or a wrong one."""
    if not any(items for _, items in told):
        words = re.sub(
            "|".join(rf"\b{re.escape(name)}\b" for name, _ in told), " ", body, flags=re.IGNORECASE
        )
        return len(re.findall(r"[^\W\d]{2,}", words)) > 3
    return not re.search(r"[:\n|]", body) and all(name[:1].islower() for name, items in told if items)


def _opposed(text: str) -> Plan | None:
    """ "Pros and cons of a dog: pros: company; cons: hair", or the two sides without a heading: two columns."""
    pair = _FOR_AND_AGAINST.search(text[:80])
    title = ""
    if pair:
        begun = re.compile(rf"[:.\n]\s*|,?\s+(?:with\s+)?(?={pair['first']}\b)", re.IGNORECASE)
        if (cut := begun.search(text, pair.end())) is None:
            if pair.start() > 4 or re.search(r"[,:;>\n]", text):
                return None
            raise needs(
                "Name what speaks for it and what against it.",
                "Pros and cons of a dog: pros: company, walks; cons: hair, vet bills",
            )
        title, body = as_title(text[: cut.start()]), text[cut.end() :]
    elif pair := _SIDES.match(text):
        body = text
    else:
        return None
    names = [as_title(pair[side]) for side in ("first", "second")]
    told = distributed(body, names)
    if not any(items for _, items in told):
        told = [(as_title(name), items) for name, items in sections(body)]
    return _panels(Headed(title=title, subject="", body=body, noun="columns"), told, "columns")


_LABELLED: Final = re.compile(
    r"^\s*(?:(?:2\s?x\s?2|with|and)[\s:,]+)*(?:(?:labell?ed|called|named|titled)\s+)?(?=\S)", re.IGNORECASE
)
# "on the vertical": said of an axis, and no wish for the drawing.
_UPRIGHT: Final = re.compile(
    r"\b(?P<way>vertical|horizontal)(?=[\s-]+ax[ie]s\b)|(?<=\bthe )(?P<way2>vertical|horizontal)(?=\s*(?:[,;:.]|$|and\b))",
    re.IGNORECASE,
)
_AXIS_NAME: Final = r"[\"\u201c]?(?P<name>(?!(?:and|the|is|with|from|quadrants?|axis)\b)[\w-]+(?:\s(?!(?:and|the|is|with|goes|on|quadrants?|fields)\b)[\w-]+){0,2}?)[\"\u201d]?"
_AXES: Final = (
    re.compile(
        rf"(?:\b(?:with|and|has)\s+|\b)(?:the\s+)?{_AXIS_NAME}\s+(?:is\s+|goes\s+|runs\s+)?(?:on|along|as|up)\s+(?:the\s+)?(?P<axis>[xy]|horizontal|vertical)(?:[\s-]*axis)?\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?:\b(?:with|and|has)\s+)?(?:\bthe\s+)?\b(?P<axis>[xy]|horizontal|vertical)[\s-]*ax[ie]s\s*(?:is|are|:|=|-|shows|called|labell?ed|named|for|being|should\s+be)?\s*(?:the\s+)?{_AXIS_NAME}(?=\s*(?:[,.;:\n(]|$|and\b|with\b|quadrants|fields))",
        re.IGNORECASE,
    ),
)
_VERSUS: Final = re.compile(
    r"\W*(?:(?:for|of|with|by|axes:?)\s+)?(?P<y>[\w-]+(?:\s[\w-]+)?)\s*(?:\bvs\.?|\bversus\b|\bagainst\b)\s*(?P<x>[\w-]+(?:\s[\w-]+)?)\s*(?:[.:;,\n]|$)",
    re.IGNORECASE,
)


def _without_axes(body: str) -> tuple[dict[str, str], str]:
    """The names of the two axes ("x axis Effort", "impact vs effort"), and the rest of the words."""
    named: dict[str, str] = {}

    def take(said: re.Match[str]) -> str:
        named.setdefault("x" if said["axis"][0].lower() in "xh" else "y", as_title(said["name"]))
        return ""

    for pattern in _AXES:
        body = pattern.sub(take, body)
    if not named and (versus := _VERSUS.match(body)):
        named, body = {end: as_title(versus[end]) for end in "xy"}, body[versus.end() :]
    return named, re.sub(
        r"^(?:[\s,.;:]|and\b|(?:the|with|four|4|its)\s+|(?:quadrants?|fields?|boxes|corners)\s*(?:are\b)?:?)+",
        "",
        re.sub(r"(?:\s*[,;.]\s*){2,}", ". ", body),
        flags=re.IGNORECASE,
    ) if named else body


def _levels(axes: Mapping[str, str]) -> list[str]:
    """Four fields that only the axes name, as they are read."""
    word = {True: "High", False: "Low"}
    return [
        f"{word[up]} {axes['y'].lower()}, {word[right].lower()} {axes['x'].lower()}"
        for up in (True, False)
        for right in (False, True)
    ]


def _listed(found: Headed) -> Headed:
    """ "four quadrants called A, B, C and D, with x in A": the names are no title."""
    if len(split_items(found.subject)) < 3:
        return found
    return replace(found, title="", subject="", body=f"{found.subject}. {found.body}".rstrip(" ."))


def _quadrants(found: Headed, names: tuple[str, ...]) -> Plan:
    found = _listed(found)
    axes, body = _without_axes(_LABELLED.sub("", found.body))
    told = _told_of(body, names, axes) if body else []
    if len(axes) == 2 and not told and not body.strip(" .,"):
        told = [(name, []) for name in _levels(axes)]
    if len(told) < 2:
        raise needs(
            "Name the fields and what is in them.",
            "Quadrants: Quick wins: newsletter; Big bets: app; Fill-ins: blog; Money pits: fair",
        )
    if names and _lost(body, told):
        raise needs(
            f"Name the fields and what is in them ({', '.join(names)}); I cannot tell from prose what belongs where.",
            f"{names[0]}: loyal regulars; {names[1]}: high rent; {names[2]}: new office; {names[3]}: a chain",
        )
    plan = _panels(found, told, "quadrants")
    if len(axes) < 2:
        return plan
    named = (Node(key=f"axis-{end}", label=axes[end], role="note") for end in "xy")
    return plan.model_copy(update={"nodes": (*plan.nodes, *named)})


def _told_of(body: str, names: tuple[str, ...], axes: Mapping[str, str]) -> list[Section]:
    """The fields with what is in them; those that the method itself names come first, in its order."""
    if placed := _placed(body, axes) or _urgent(body, names) or _on_axes(body, axes):
        return placed
    own = sections(body)
    if len(own) == 4 and len(names) == 4 and all(items for _, items in own) and _known_by(own, names) != 4:
        return own
    if names and (told := distributed(body, names)):
        return told
    told = sections(_spaced(body, names))
    if not names:
        return told
    initials = {name[0].casefold(): name for name in names} if len({name[0] for name in names}) == 4 else {}
    by_name = {
        singular(initials.get(name.casefold(), name).casefold()): (name, items) for name, items in told
    }
    known = [(name, by_name.pop(singular(name.casefold()), (name, list[str]()))[1]) for name in names]
    return known + [section for section in by_name.values() if section[1]]


def _led_up_to(pattern: re.Pattern[str], body: str, ends: str) -> Iterator[tuple[re.Match[str], str]]:
    """Every match with the words of its clause before it: a search that began with any words would take their square."""
    begin = 0
    for match in pattern.finditer(body):
        clause = max(begin, *(body.rfind(end, begin, match.start()) + 1 for end in ends))
        yield match, body[clause : match.start()].strip()
        begin = match.end()


_CORNER: Final = re.compile(
    r"(?:\b(?:is|goes)\s+|\()?(?:\b(?:at|in|on)\s+)?(?:\bthe\s+)?\b(?P<corner>(?:top|upper|bottom|lower)[\s-]+(?:left|right))\b(?:\s+(?:corner|quadrant|box|field|one)\b)?\)?",
    re.IGNORECASE,
)
_AFTER_CORNER: Final = re.compile(
    r"(?:\s*(?::|=|-|,)\s*|\s+(?:is|are|has|goes|holds)\s+|\s+(?=[\"“]|(?-i:[A-Z])))(?P<name>[^,;.\n]+)",
    re.IGNORECASE,
)
_ITEMS_AFTER: Final = re.compile(r"\s*:\s*(?P<items>[^;.\n]+)")


def _known_by(told: list[Section], names: tuple[str, ...]) -> int:
    """How many of the sections have a name of the method itself, or its initial."""
    known = {singular(name.casefold()) for name in names}
    initials = {name[0].casefold() for name in names}
    return sum(singular(name.casefold()) in known or name.casefold() in initials for name, _ in told)


def _placed(body: str, axes: Mapping[str, str]) -> list[Section]:
    """ "Quick wins in the top left, Big bets top right": the fields in the order in which they are read."""
    found: dict[str, Section] = {}
    told = list(_led_up_to(_CORNER, body, ",;.:\n"))
    for number, (match, before) in enumerate(told):
        corner = re.split(r"[\s-]+", match["corner"].lower())
        place = ("2" if corner[0] in {"bottom", "lower"} else "1") + ("r" if corner[1] == "right" else "l")
        next_one = told[number + 1][0].start() if number + 1 < len(told) else len(body)
        items: re.Match[str] | None = None
        name = re.sub(r"^(?:and|with|put)\b\s*|^\W+", "", before, flags=re.IGNORECASE)
        if name:
            items = _ITEMS_AFTER.match(body, match.end())
        elif after := _AFTER_CORNER.match(body, match.end(), next_one):
            name = re.sub(r"\s+and$", "", after["name"].strip(), flags=re.IGNORECASE)
        if name:
            found[place] = (clean(name), split_items(items["items"]) if items else [])
    if len(axes) == 2 and 1 < len(found) < 4:  # too few to be the fields themselves
        by_place = zip(_levels(axes), ("1l", "1r", "2l", "2r"), strict=True)
        return [(level, [found[place][0]] if place in found else []) for level, place in by_place]
    return [found[place] for place in sorted(found)] if len(found) == 4 else []


# The fields are told by urgency: "A is urgent and important, B is important but not urgent".
_URGENT: Final = re.compile(
    r"(?:\bis\b|\bare\b|:|-|(?<=\w)\s)\s*(?P<told>(?:neither|both)(?=\s*(?:[,;.]|and\b|$))|(?:(?:not|neither|un|both|but|and|nor|,)\s*)*(?:urgent|important)(?:[\s,]+(?:but|and|nor|not|,|yet|both)+)*(?:[\s,]+(?:not\s+)?(?:un)?(?:urgent|important))?)",
    re.IGNORECASE,
)


_URGENT_FIRST: Final = re.compile(
    r"[-*\s]*(?:and\s+)?(?P<told>[^:]*\b(?:(?:un)?urgent|(?:un)?important|neither)\b[^:]*):\s*(?P<items>\S.*)",
    re.IGNORECASE,
)


def _urgent(body: str, names: tuple[str, ...]) -> list[Section]:
    """The fields of an Eisenhower matrix, where its things are told by how urgent and important they are."""
    if names != _EISENHOWER_NAMES or not re.search(r"\b(?:un)?(?:urgent|important)\b", body, re.IGNORECASE):
        return []
    found: dict[str, list[str]] = {name: [] for name in names}
    led = [_URGENT_FIRST.match(part) for part in re.split(r"[;\n]", body) if part.strip()]
    told = [(match, match["items"]) for match in led if match]
    if not all(led):
        told = [(match, items) for match, items in _led_up_to(_URGENT, body, ",;.\n") if items]
    for match, items in told:
        neither = re.search(r"\bneither\b", match["told"], re.IGNORECASE)
        yes = [
            bool(re.search(rf"\b{word}\b|^both$", match["told"], re.IGNORECASE))
            and not neither
            and not re.search(rf"\bnot\s+{word}\b", match["told"], re.IGNORECASE)
            for word in ("urgent", "important")
        ]
        field = names[0 if all(yes) else 1 if yes[1] else 2 if yes[0] else 3]
        found[field] += split_items(re.sub(r"^(?:and|while)\s+", "", items.strip()))
    return list(found.items()) if any(found.values()) else []


_LEVEL: Final = r"(?P<{0}>low|high|little|much|small|big|less|more)[\s-]+(?P<{0}_axis>\w+)"
_ON_AXES: Final = re.compile(
    rf"(?:\bis\b|\bare\b|\bhas\b|\bhave\b|:|\(|-|\bin\b)\s*{_LEVEL.format('first')}(?:\s*,\s*|\s+and\s+|\s+but\s+|\s*/\s*|\s+){_LEVEL.format('second')}\)?",
    re.IGNORECASE,
)


def _on_axes(body: str, axes: Mapping[str, str]) -> list[Section]:
    """ "Candles are low effort high impact": four fields by two measures, the first across and the second upwards."""
    told = [
        (match, items)
        for match, items in _led_up_to(_ON_AXES, body, ",;.:?\n")
        if items and match["first_axis"].lower() != match["second_axis"].lower()
    ]
    if not told:
        return []
    across = re.search(r"(\w+)\s+(?:is\s+)?(?:on|along|at)\s+the\s+bottom", body, re.IGNORECASE)
    first, second = (told[0][0][end].lower() for end in ("first_axis", "second_axis"))
    if second in {across[1].lower() if across else "", axes.get("x", "").lower()}:
        first, second = second, first
    found: dict[tuple[bool, bool], list[str]] = {
        (up, right): [] for up in (True, False) for right in (False, True)
    }
    for match, items in told:
        high = {
            match[f"{end}_axis"].lower(): match[end].lower() in {"high", "much", "big", "more"}
            for end in ("first", "second")
        }
        found[high.get(second, False), high.get(first, False)] += split_items(
            re.sub(r"^(?:and|while)\s+", "", items)
        )
    return list(zip(_levels({"x": first, "y": second}), found.values(), strict=True))


def _spaced(body: str, names: tuple[str, ...]) -> str:
    """ "strengths are location and brand; weaknesses …": the names of the method need no colon."""
    for name, word in (("Strengths", "strong"), ("Weaknesses", "weak")) if names == _SWOT_NAMES else ():
        if re.search(rf"\b{name[:-2]}", body, re.IGNORECASE):
            continue
        body = re.sub(
            rf"(?:\b(?:we|they|it|i)\s+(?:are|is|am)\s+)?\b{word}\s+(?:in|at|on)\s+",
            f"{name}: ",
            body,
            flags=re.IGNORECASE,
        )
    for name in names:
        stem = re.escape(re.sub(r"(?:ies|es|s)$", "", name))
        body = re.sub(
            rf"(^|[;,.\n]\s*|\band\s+)({stem}(?:ies|es|y|s)?)[ \t]+(?:are|is|include|like|(?:would|could|might|will|can)[ \t]+be)?[ \t]*(?=[^:\s])(?!:)",
            r"\1\2: ",
            body,
            flags=re.IGNORECASE,
        )
    return re.sub(r":\s*:", ":", body)


def _panels(found: Headed, named: list[Section], layout: LayoutKind) -> Plan:
    if len(named) > _MOST_FIELDS:
        raise TooMuch(f"A board holds at most {_MOST_FIELDS} columns or fields. Ask for fewer at once.")
    groups = [Group(key=f"g{number}", label=name[:500]) for number, (name, _) in enumerate(named, 1)]
    nodes: list[Node] = []
    for group, (_, items) in zip(groups, named, strict=True):
        for item in items:
            words, color = colored(item, in_brackets=True)
            key = f"n{len(nodes) + 1}"
            nodes.append(Node(key=key, label=words, role="item", group=group.key, color=color or found.color))
    return Plan(title=found.title, layout=layout, groups=tuple(groups), nodes=tuple(nodes))


def _table(found: Headed) -> Plan | None:
    """Rows as lines or between semicolons, cells between bars or commas; a row of dashes is no row."""
    rows = []
    body = found.body
    columns, _, told = _AND_ROWS.sub(": ", body, count=1).partition(":")
    heads, items = split_items(columns), split_items(told)
    if (
        ":" not in told
        and "\n" not in columns
        and min(len(heads), len(items)) > 1
        and all(len(item.split()) == len(heads) for item in items)
    ):
        rows, body = [heads], "\n".join(items)  # "… and rows Anna 31 Oslo, Ben 25 Rome"
    for line in re.split(r"\n|;", body):
        text = strip_bullet(line)[1].strip().strip("|")
        if not text or re.fullmatch(r"[\s|:-]+", text):
            continue
        cells = [cell.strip() for cell in text.split("|")] if "|" in text else _cells(text)
        rows.append([clean(cell) for cell in cells])
    if not rows or (len(rows) == 1 and len(rows[0]) < 2):
        raise needs("Name the rows and their cells.", "Table: Name, Age; Ann, 31; Ben, 28")
    width = max(len(row) for row in rows)
    rows = [cells for row in rows for cells in _words_as_cells(row, width)]
    if width == 1:
        return None
    cells = [cell for row in rows for cell in [*row, *[""] * (width - len(row))]]
    return Plan(
        title=found.title,
        layout="table",
        columns=min(width, 40),
        nodes=tuple(Node(key=f"n{number}", label=cell, role="item") for number, cell in enumerate(cells, 1)),
    )


def _words_as_cells(row: list[str], width: int) -> list[list[str]]:
    """ "Anna 31 Oslo" under three columns: as many words as columns are one cell each."""
    rows = [item.split() for item in row]
    if width > 1 and len(rows) == 1 and len(rows[0]) == width:
        return rows
    return [row]


def _cells(text: str) -> list[str]:
    name, colon, rest = text.partition(":")
    return [name, *rest.split(",")] if colon else text.split(",")
