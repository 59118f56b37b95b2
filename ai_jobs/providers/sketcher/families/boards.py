"""Kanban boards, SWOT and other quadrants, tables."""

import re
from typing import Final

from ai_jobs.planning.parts import LayoutKind
from ai_jobs.planning.plan import Group, Node, Plan
from ai_jobs.providers.sketcher.heading import Headed, Section, headed, needs, sections
from ai_jobs.providers.sketcher.items import clean, split_items, strip_bullet

_KANBAN: Final = re.compile(
    r"(?:kanban(?:[\s-]?board|\s+chart)?|scrum[\s-]?board|task[\s-]?board|trello(?:[\s-]?(?:like\s+)?board)?|"
    r"retro(?:spective)?(?:[\s-]?board)?|column\s+board|board|columns)\b",
    re.IGNORECASE,
)
_SWOT: Final = re.compile(r"swot(?:[\s-](?:analysis|diagram|matrix|chart))?\b", re.IGNORECASE)
_EISENHOWER: Final = re.compile(
    r"(?:eisenhower(?:[\s-](?:matrix|box))?|priority\s+matrix|urgent[\s/-]important\s+matrix)\b",
    re.IGNORECASE,
)
_QUADRANTS: Final = re.compile(
    r"(?:quadrants?(?:[\s-](?:chart|diagram|matrix))?|(?:2\s?x\s?2|two[\s-]by[\s-]two)(?:[\s-](?:matrix|grid))?|"
    r"(?:four|4)[\s-](?:quadrants?|field)(?:[\s-](?:chart|diagram|matrix))?|matrix)\b",
    re.IGNORECASE,
)
_TABLE: Final = re.compile(r"(?:comparison\s+)?table\b", re.IGNORECASE)
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
_CARDS: Final = re.compile(
    r"^(?P<items>.+?)\s+(?:in|under|into|inside)\s+(?:the\s+)?(?P<name>.+?)(?:\s+column)?$", re.I
)


def parse(text: str) -> Plan | None:
    """A board with named columns, or a square of named fields."""
    if found := headed(text, _SWOT):
        return _quadrants(found, _SWOT_NAMES)
    if found := headed(text, _EISENHOWER):
        return _quadrants(found, _EISENHOWER_NAMES)
    if found := headed(text, _KANBAN):
        return _board(found)
    if found := headed(text, _QUADRANTS):
        return _quadrants(found, ())
    if found := headed(text, _TABLE):
        return _table(found)
    if _BARS.fullmatch(text.strip()):
        return _table(Headed(title="", subject="", body=text, noun="table"))
    return None


def _board(found: Headed) -> Plan | None:
    body, *added = re.split(r"\.\s+(?:then\s+)?(?:add|put|place)\s+", found.body, flags=re.IGNORECASE)
    named = _cards_in_columns(body) or sections(body)
    for told in added:
        if card := re.match(
            r"^(?P<items>.+?)\s+(?:to|in|into|under)\s+(?:the\s+)?(?P<name>.+?)\s*\.?$", told
        ):
            name = re.sub(r"\s+column$", "", clean(card["name"])).casefold()
            for column, items in named:
                if column.casefold() == name:
                    items.extend(split_items(card["items"]))
    if not named:
        if not re.match(r"kanban|scrum|task|trello", found.noun):
            return None
        named = [(name, []) for name in _KANBAN_NAMES]
    named = [(re.sub(r"\s+columns?$", "", name, flags=re.IGNORECASE), items) for name, items in named]
    if len(named) < 2 and found.noun in {"board", "columns"}:
        return None
    return _panels(found, named, "columns")


def _cards_in_columns(body: str) -> list[Section]:
    """ "To do, Doing, Done; a and b in To do, c in Doing"."""
    if ":" in body or "\n" in body or not re.search(r"\s(?:in|under)\s", body):
        return []
    names, _, told = body.partition(";") if ";" in body else ("", "", body)
    columns: dict[str, tuple[str, list[str]]] = {name.casefold(): (name, []) for name in split_items(names)}
    held: list[str] = []
    for part in re.split(r"\s*[,;]\s*(?:and\s+)?|\s+and\s+", told):
        held.append(part)
        match = _CARDS.match(part)
        if not match:
            continue
        held[-1] = match["items"]
        name = clean(match["name"])
        columns.setdefault(name.casefold(), (name, []))[1].extend(
            clean(item) for item in held if item.strip()
        )
        held = []
    if held and any(item.strip() for item in held):
        return []
    return list(columns.values())


def _quadrants(found: Headed, names: tuple[str, ...]) -> Plan:
    told = sections(_spaced(found.body, names)) if found.body else []
    if names:
        by_name = {_stem(name): (name, items) for name, items in told}
        known = [by_name.pop(_stem(name), (name, [])) for name in names]
        told = known + [section for section in by_name.values() if section[1]]
    if len(told) < 2:
        raise needs(
            "Name the fields and what is in them.",
            "Quadrants: Quick wins: newsletter; Big bets: app; Fill-ins: blog; Money pits: fair",
        )
    return _panels(found, told, "quadrants")


def _stem(name: str) -> str:
    name = name.casefold().strip()
    return re.sub(r"(?:ies|es|y|s)$", "", name)


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
            rf"(^|[;,.\n]\s*|\band\s+)({stem}(?:ies|es|y|s)?)\s+(?:are|is|include|like)?\s*(?=[^:\s])(?!:)",
            r"\1\2: ",
            body,
            flags=re.IGNORECASE,
        )
    return re.sub(r":\s*:", ":", body)


def _panels(found: Headed, named: list[Section], layout: LayoutKind) -> Plan:
    groups = [Group(key=f"g{number}", label=name[:500]) for number, (name, _) in enumerate(named, 1)]
    nodes: list[Node] = []
    for group, (_, items) in zip(groups, named, strict=True):
        for item in items:
            nodes.append(
                Node(key=f"n{len(nodes) + 1}", label=item, role="item", group=group.key, color=found.color)
            )
    return Plan(title=found.title, layout=layout, groups=tuple(groups), nodes=tuple(nodes))


def _table(found: Headed) -> Plan | None:
    """Rows as lines or between semicolons, cells between bars or commas; a row of dashes is no row."""
    rows = []
    body = found.body
    columns, _, told = _AND_ROWS.sub(": ", body, count=1).partition(":")
    if ":" not in told and "\n" not in columns and len(heads := split_items(columns)) > 1:
        lines = [line for line in re.split(r"\n|;", told) if line.strip()]
        # One row alone may as well be a name with what belongs to it: "Salt and pepper: 1, 2".
        if (
            lines
            and (len(lines) > 1 or "," in columns)
            and all(len(_cells(line)) == len(heads) for line in lines)
        ):
            rows, body = [heads], told  # "columns Day and Meal: Monday, soup; Tuesday, rice"
    for line in re.split(r"\n|;", body):
        text = strip_bullet(line)[1].strip().strip("|")
        if not text or re.fullmatch(r"[\s|:-]+", text):
            continue
        cells = [cell.strip() for cell in text.split("|")] if "|" in text else _cells(text)
        rows.append([clean(cell) for cell in cells])
    if not rows or (len(rows) == 1 and len(rows[0]) < 2):
        raise needs("Name the rows and their cells.", "Table: Name, Age; Ann, 31; Ben, 28")
    width = max(len(row) for row in rows)
    if width == 1:
        return None
    cells = [cell for row in rows for cell in [*row, *[""] * (width - len(row))]]
    return Plan(
        title=found.title,
        layout="table",
        columns=min(width, 40),
        nodes=tuple(Node(key=f"n{number}", label=cell, role="item") for number, cell in enumerate(cells, 1)),
    )


def _cells(text: str) -> list[str]:
    name, colon, rest = text.partition(":")
    return [name, *rest.split(",")] if colon else text.split(",")
