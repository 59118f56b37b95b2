# ruff: noqa: E501  # a pattern stays on one line
"""Shapes for their own sake: "3 blue circles and 2 red squares in a row", "a big red star"."""

import itertools
import re
from dataclasses import dataclass
from typing import Final

from ai_jobs.planning.errors import TooMuch
from ai_jobs.planning.parts import MAX_NODES, Color, LayoutKind, Shape, Size
from ai_jobs.planning.plan import Edge, Geometry, Node, Plan
from ai_jobs.providers.sketcher.courtesy import strip_command, strip_courtesy
from ai_jobs.providers.sketcher.items import clean, split_items
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

_WORDS: Final = r"(?:labell?ed|called|named|saying|that\s+(?:just\s+)?(?:says?|reads?)|which\s+says?|with(?:\s+the)?\s+(?:texts?|labels?|words?|names?)|reading|titled)"
_WORDS_AFTER: Final = (
    rf"(?:\s+{_WORDS}\s+(?:as\s+)?(?P<words>.+)|\s*:\s*(?P<listed>.+)|\s+(?P<named>[\"“].+|(?-i:[A-Z]).*))?"
)
_PHRASE: Final = re.compile(
    rf"(?:(?P<number>{NUMBER})\s+(?:of\s+)?)?(?:(?:simple|plain|nice|new|empty|filled|solid|regular|perfect|different|equal|more)\s+)*"
    rf"(?:(?P<size>{SIZE})(?:\s+|-))?(?:(?P<color>{LIGHT}{COLOR})(?:[\s-]+colou?red)?\s+)?(?:(?P<size2>{SIZE})\s+)?"
    rf"(?P<shape>{SHAPE})(?P<after>\s+(?:in|colou?red)\s+(?:{LIGHT}{COLOR})(?:(?:\s*,\s*|\s+and\s+|\s*,\s*and\s+){LIGHT}{COLOR})*)?{_WORDS_AFTER}",
    re.IGNORECASE,
)
_START: Final = (
    rf"(?:{NUMBER}|the|another)\s+(?:(?:{SIZE}|{LIGHT}{COLOR}|simple|plain|filled)\s+){{0,3}}{SHAPE}"
)
_JOINED: Final = re.compile(
    rf"\s*(?:,\s*(?:and\s+)?|;\s*|\s+and\s+|\s*\+\s*|\s+plus\s+|\s*&\s*|\s+with\s+(?=a))(?={_START}|{LIGHT}{COLOR}\s+{SHAPE}|{SIZE}\s)",
    re.I,
)
_SIDE: Final = re.compile(
    rf"[\s,]+(?:(?:and\s+)?(?:right\s+|directly\s+)?)(?P<side>above|on\s+top\s+of|over|below|under|underneath|beneath|(?:to\s+the\s+)?left\s+of|"
    rf"(?:to\s+the\s+)?right\s+of|next\s+to|beside)\s+(?:(?P<it>it|this|that)\s*,?\s+(?:(?:there\s+)?is\s+)?)?(?={_START})",
    re.IGNORECASE,
)
_CONNECTED: Final = re.compile(
    r"\s*,?\s+(?:and\s+)?(?:(?:connect|link|join)\s+(?:them|these|those|all|each)(?:\s+(?:all|up|together|in\s+(?:that\s+|this\s+)?order|from\s+left\s+to\s+right))*|(?:both\s+|all\s+|that\s+are\s+)?(?:connected|linked|joined))(?:\s+(?:to|with)\s+(?!arrows?\b|lines?\b|an?\s+(?:arrow|line))(?P<other>.+?))?"
    r"(?:\s+(?:by|with|through)\s+(?:an?\s+)?(?:arrows?|lines?))?(?:\s+(?:from\s+)?(?:left\s+to\s+right|top\s+to\s+bottom))?$",
    re.IGNORECASE,
)
_ROW: Final = re.compile(
    r"[\s,]*\b(?:(?:all\s+|arranged\s+|placed\s+|lined\s+up\s+)?(?:in|as|on)\s+(?:a|one)\s+(?:single\s+|straight\s+|horizontal\s+)?(?:row|line)|side\s+by\s+side|"
    r"next\s+to\s+(?:each\s+other|one\s+another)|horizontally|from\s+left\s+to\s+right|left\s+to\s+right)\b\s*$",
    re.IGNORECASE,
)
_COLUMN: Final = re.compile(
    r"[\s,]*\b(?:(?:all\s+|arranged\s+|placed\s+)?(?:in|as)\s+(?:a|one)\s+(?:single\s+|vertical\s+)?(?:column|stack)|on\s+top\s+of\s+each\s+other|"
    r"below\s+each\s+other|vertically|stacked)\b\s*$",
    re.IGNORECASE,
)
# "in a row, labelled North, South": the words first, then how they stand.
_LAID_OUT_FIRST: Final = re.compile(
    rf"(?P<how>[\s,]+(?:in\s+(?:a|one)\s+(?:row|line|column|grid)|side\s+by\s+side|next\s+to\s+each\s+other))\s*,?(?P<words>\s+{_WORDS}\s+\S.*)$",
    re.IGNORECASE,
)
_IN_GRID: Final = re.compile(
    r"[\s,]*\b(?:arranged\s+|placed\s+)?(?:in|as)\s+(?:a|an)\s+(?:(?P<across>\d{1,2})\s*(?:x|by|\u00d7|\*)\s*(?P<down>\d{1,2})\s+)?grid\s*$",
    re.I,
)
_LINE_OF: Final = re.compile(
    r"^(?:a\s+|one\s+)?(?:(?P<kind>row|line|column|stack|grid|group|set|bunch)\s+(?:of|with)\s+)",
    re.IGNORECASE,
)
_GRID_OF: Final = re.compile(
    rf"^(?:a\s+|an\s+)?(?P<across>{NUMBER})\s*(?:x|by|\u00d7|\*)\s*(?P<down>{NUMBER})\s+(?:grid|matrix|array|table)(?:\s+(?:of|with)\s+(?P<rest>.+))?$"
    rf"|^(?:a\s+)?grid\s+(?:of|with)\s+(?P<across2>{NUMBER})\s*(?:x|by|\u00d7|\*)\s*(?P<down2>{NUMBER})\s+(?P<rest2>.+)$"
    rf"|^(?:a\s+)?grid\s+(?:of|with)\s+(?P<down3>{NUMBER})\s+rows?\s+and\s+(?P<across3>{NUMBER})\s+columns?(?:\s+of\s+(?P<rest3>.+))?$",
    re.IGNORECASE,
)
_ROWS_OF: Final = re.compile(
    rf"^(?P<lines>{NUMBER})\s+(?P<kind>rows|lines|columns|stacks)\s+(?:of|with)\s+(?P<each>{NUMBER})\s+(?P<rest>.+?)(?:\s+each)?$",
    re.IGNORECASE,
)
# "a triangle with a circle to its right"
_WITH_ONE: Final = re.compile(
    rf"^(?P<first>.+?)\s+(?:with|and)\s+(?P<second>{_START}.*?)\s+(?:(?:to|on|at)\s+(?:its|the)\s+(?P<side>left|right)(?:\s+of\s+it)?"
    r"|(?P<level>above|below|under|underneath|beneath|next\s+to|beside|on\s+top\s+of)\s+it)$",
    re.IGNORECASE,
)
# "…, then a yellow circle next to it", "… and two circles under it that say Q1 and Q2"
_THEN_BESIDE: Final = re.compile(
    rf"(?:\s*,\s*|\s+)(?:and|then|and\s+then|with)\s+(?P<one>{NUMBER}\s[^,;.]*?)\s+(?P<side>next\s+to|beside|above|over|on\s+top\s+of|below|under|underneath|beneath|left\s+of|right\s+of)\s+(?:it|that|them)\b(?P<words>(?:\s+{_WORDS}\s+.+)?)$",
    re.IGNORECASE,
)
# "one red, one blue and one green square": the shape is named once.
_SHARED_SHAPE: Final = re.compile(
    rf"^(?P<colored>(?:{NUMBER}\s+{LIGHT}{COLOR}\s*(?:,\s*(?:and\s+)?|\sand\s+))+)(?P<last>{NUMBER}\s+{LIGHT}{COLOR}\s+(?P<shape>{SHAPE}))$",
    re.IGNORECASE,
)


# Longer than any row of shapes that a person would tell.
_LONGEST: Final = 500


@dataclass(frozen=True)
class _Lot:
    """A number of like shapes."""

    count: int
    shape: Shape
    color: Color | None
    size: Size
    labels: tuple[str, ...] = ()
    colors: tuple[Color, ...] = ()


def parse(text: str) -> Plan | None:
    """Only what is nothing but shapes: one word more, and another family may understand it better."""
    text, _ = strip_command(strip_courtesy(text))
    text = text.strip(" \n.!")
    if titled := _TITLED.match(text):
        plan = parse(text[titled.end() :])
        return plan.model_copy(update={"title": as_title(titled["title"])}) if plan else None
    text, color = _color_of_all(text)
    text = _in_corners(text)
    if len(text) > _LONGEST or "\n" in text or "->" in text:
        return None
    if plan := _grid(text):
        return _painted(plan, color)
    layout: LayoutKind | None = None
    columns: int | None = None
    text = _LAID_OUT_FIRST.sub(r"\g<words>\g<how>", text)
    if match := _IN_GRID.search(text):
        layout, text = "grid", text[: match.start()]
        columns = int(match["across"]) if match["across"] else None
    for pattern, kind in ((_ROW, "row"), (_COLUMN, "column")):
        if not _CONNECTED.search(text) and (match := pattern.search(text)):
            layout, text = ("row" if kind == "row" else "column"), text[: match.start()]
    if match := _LINE_OF.match(text):
        named = match["kind"].lower()
        layout = layout or (
            "column" if named in {"column", "stack"} else "grid" if named == "grid" else "row"
        )
        text = text[match.end() :]
    text = _THEN_BESIDE.sub(r" \g<side> it \g<one>\g<words>", text)
    if held := _WITH_ONE.match(text):
        side = (held["side"] or held["level"]).lower()
        text = f"{held['first']} and {f'{side} of' if held['side'] else side} it {held['second']}"
    said = list(_SAYS.finditer(text))
    if said and _SAYS.sub("", text).strip():
        plan = parse(_SAYS.sub("", text))
        return _worded(plan, said) if plan else None
    if counted := _COLORS_COUNTED.match(text):
        shape = re.search(rf"{SHAPE}$", counted["lots"], re.IGNORECASE)
        assert shape is not None
        text = f"{counted['colors']} {shape[0]}"
        text = re.sub(r"\b(?:in|are)\s+", "", text)
    if several := _SHARED_SHAPE.match(text):
        named = re.sub(r"\s*(,\s*and|,|\band)\s*$", "", several["colored"], flags=re.IGNORECASE)
        colored = re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", named)
        text = " and ".join([*(f"{lot} {several['shape']}" for lot in colored), several["last"]])
    if plan := _beside(text):
        return plan
    joined = _CONNECTED.search(text)
    if joined:
        text = (
            f"{text[: joined.start()]} and {joined['other']}" if joined["other"] else text[: joined.start()]
        )
    lots = _lots(text)
    if not lots:
        return None
    nodes = [
        node if node.color or not color else node.model_copy(update={"color": color}) for node in _nodes(lots)
    ]
    if joined and len(nodes) > 1:
        ends = [(a.key, b.key) for a, b in itertools.pairwise(nodes)]
        edges = tuple(Edge.model_validate({"from": a, "to": b}) for a, b in ends)
        return Plan(layout="layered", direction="right", nodes=tuple(nodes), edges=edges)
    return Plan(layout=layout or ("row" if len(nodes) <= 8 else "grid"), columns=columns, nodes=tuple(nodes))


# "traffic light: a red circle, below it …": a heading, and then the first shape.
_TITLED: Final = re.compile(
    rf"(?!.*{SHAPE}\b[^:]*:)(?P<title>[A-Za-z][^:,;\n]{{2,40}}):\s+(?={_START})", re.IGNORECASE
)
# "a green box on the left and a red box on the right"
_AT_SIDE: Final = re.compile(
    r"[\s,]+(?:on|at|to)\s+the\s+(?P<side>left|right|top|bottom)(?:[\s-]+(?:hand\s+)?side)?(?=\s*(?:,|\s+and\s|$))",
    re.IGNORECASE,
)


def _in_corners(text: str) -> str:
    """Two shapes of which each has its side, as one above or beside the other."""
    said = list(_AT_SIDE.finditer(text))
    if len(said) != 2:
        return text
    first, second = text[: said[0].start()], text[said[0].end() : said[1].start()]
    second = re.sub(r"^\s*(?:,\s*)?(?:and\s+)?", "", second)
    sides = [match["side"].lower() for match in said]
    if sides[0] in {"right", "bottom"}:
        first, second = second, first
    how = "above" if {"top", "bottom"} & set(sides) else "left of"
    return f"{first} {how} {second}"


# "…, all orange", "…, and please make them green"
_ALL_COLORED: Final = re.compile(
    rf"[\s,;.]+(?:(?:and|please|then)\s+)*(?:(?:make|paint|colou?r|have|i\s+want|turn)\s+)?(?:(?:them|they|it|all|both|everything|every\s+one|each(?:\s+one)?)\s+)+(?:of\s+them\s+)?(?:(?:should|must)\s+be\s+|are\s+|is\s+|to\s+be\s+|in\s+)?(?P<color>{LIGHT}{COLOR})$",
    re.IGNORECASE,
)


def _color_of_all(text: str) -> tuple[str, Color | None]:
    match = _ALL_COLORED.search(text)
    return (text[: match.start()], color_of(match["color"])) if match else (text, None)


def _painted(plan: Plan, color: Color | None) -> Plan:
    return (
        plan.model_copy(
            update={"nodes": tuple(node.model_copy(update={"color": color}) for node in plan.nodes)}
        )
        if color
        else plan
    )


# "a pink circle above a grey one, the circle says Mood and the rectangle says Energy": words told afterwards.
_SAYS: Final = re.compile(
    rf"(?:^|[,;.]\s*|\s+and\s+|\s+with\s+)(?:and\s+|where\s+)*the\s+(?:(?P<which>{'|'.join(ORDINALS)}|{LIGHT}{COLOR}|{SIZE}|top|bottom|upper|lower|left|right)\s+)?(?P<shape>{SHAPE}|one)?\s*(?:{_WORDS}|says|reads|is\s+(?:called|labell?ed|named)|has\s+the\s+(?:text|label|words?))\s+(?P<words>\"[^\"]+\"|“[^”]+”|.+?)(?=\s*(?:[,;.]|\s+and\s+the\s|$))",
    re.IGNORECASE,
)
# The colours of a number of shapes are counted after them: "five squares: three green, two red".
_COLORS_COUNTED: Final = re.compile(
    rf"^(?P<lots>{NUMBER}\s+(?:{SIZE}\s+)?{SHAPE})[^:,;]*?\s*[:,;]\s*(?P<colors>{NUMBER}\s+(?:in\s+|are\s+)?{LIGHT}{COLOR}(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+){NUMBER}\s+(?:in\s+|are\s+)?{LIGHT}{COLOR})+)$",
    re.IGNORECASE,
)


def _lots(text: str) -> list[_Lot]:
    lots: list[_Lot] = []
    for part in _JOINED.split(text):
        match = _PHRASE.fullmatch(part.strip())
        if match is None or (
            not (match["number"] or match["color"] or match["size"] or match["words"])
            and not lots
            and not _alone(part)
        ):
            return []
        lots.append(_lot(match))
    return lots


def _worded(plan: Plan, said: list[re.Match[str]]) -> Plan:
    """The shapes with the words that are told of them afterwards."""
    nodes = list(plan.nodes)
    for match in said:
        which = (match["which"] or "").lower()
        shape = shape_of(match["shape"]) if match["shape"] and match["shape"].lower() != "one" else None
        fitting = [
            number
            for number, node in enumerate(nodes)
            if (shape is None or node.shape == shape)
            and (not re.fullmatch(rf"{LIGHT}{COLOR}", which) or node.color == color_of(which))
            and (which not in SIZES or node.size == SIZES[which])
        ]
        if which in ORDINALS and fitting:
            fitting = fitting[ORDINALS[which] :][:1]
        elif which in {"bottom", "lower", "right"}:
            fitting = fitting[::-1]
        blank = [number for number in fitting if not nodes[number].label]
        if blank:
            nodes[blank[0]] = nodes[blank[0]].model_copy(update={"label": clean(match["words"])})
    return plan.model_copy(update={"nodes": tuple(nodes)})


def _alone(part: str) -> bool:
    """ "star", "hearts": a shape and nothing else."""
    return bool(re.fullmatch(SHAPE, part.strip(), re.IGNORECASE)) and not re.fullmatch(
        r"box(?:es)?", part.strip(), re.I
    )


def _lot(match: re.Match[str]) -> _Lot:
    shape = shape_of(match["shape"])
    plural = match["shape"].lower().endswith("s") and match["shape"].lower() != "rhombus"
    words = match["words"] or match["listed"] or match["named"] or ""
    words = re.sub(r"\s+(?:(?:in|on|inside)\s+(?:it|them)|inside)$", "", words, flags=re.IGNORECASE)
    colors = tuple(
        color_of(word) for word in re.findall(rf"{LIGHT}{COLOR}\b", match["after"] or "", re.IGNORECASE)
    )
    count = number_of(match["number"]) if match["number"] else None
    labels: tuple[str, ...] = ()
    if words:
        labels = tuple(split_items(words)) if plural or (count or 1) > 1 else (clean(words),)
    if count is None:
        count = len(labels) or len(colors) or (2 if plural else 1)
    size = match["size"] or match["size2"]
    return _Lot(
        count=max(count, len(labels)),
        shape=shape,
        color=color_of(match["color"]) if match["color"] else colors[0] if len(colors) == 1 else None,
        size=SIZES[size.lower()] if size else "medium",
        labels=labels,
        colors=colors if len(colors) > 1 else (),
    )


def _nodes(lots: list[_Lot]) -> list[Node]:
    if sum(lot.count for lot in lots) > MAX_NODES:
        raise TooMuch(f"A drawing holds at most {MAX_NODES} shapes. Ask for fewer at once.")
    nodes: list[Node] = []
    for lot in lots:
        for number in range(lot.count):
            label = lot.labels[number] if number < len(lot.labels) else ""
            if len(lot.labels) == 1 and lot.count > 1:
                label = lot.labels[0]
            nodes.append(
                Node(
                    key=f"n{len(nodes) + 1}",
                    label=label,
                    shape=lot.shape,
                    role="item",
                    color=lot.colors[number % len(lot.colors)] if lot.colors else lot.color,
                    size=lot.size,
                )
            )
    return nodes


def _grid(text: str) -> Plan | None:
    if rows := _ROWS_OF.match(text):
        across, down = number_of(rows["each"]), number_of(rows["lines"])
        if rows["kind"].lower() in {"columns", "stacks"}:
            across, down = down, across
        return _filled_grid(across, down, rows["rest"]) if not _JOINED.search(rows["rest"]) else None
    match = _GRID_OF.match(text)
    if match is None:
        return None
    across = number_of(match["across"] or match["across2"] or match["across3"])
    down = number_of(match["down"] or match["down2"] or match["down3"])
    return _filled_grid(across, down, match["rest"] or match["rest2"] or match["rest3"] or "squares")


def _filled_grid(across: int, down: int, rest: str) -> Plan | None:
    if across * down > MAX_NODES or not across * down:
        raise TooMuch(f"A drawing holds at most {MAX_NODES} shapes. Ask for fewer at once.")
    lots = _lots(f"{across * down} {rest}" if not re.match(rf"{NUMBER}\s", rest, re.I) else rest)
    if not lots:
        return None
    return Plan(layout="grid", columns=min(across, 40), nodes=tuple(_nodes(lots)))


_STEP: Final = 220.0
_MOST_BESIDE: Final = 12


def _beside(text: str) -> Plan | None:
    """ "a star above a circle", "a hexagon above two triangles"."""
    sides = list(_SIDE.finditer(text))
    if not sides:
        return None
    starts = [0, *(match.end() for match in sides)]
    ends = [*(match.start() for match in sides), len(text)]
    lots = [_lots(text[start:end]) for start, end in zip(starts, ends, strict=True)]
    if any(len(lot) != 1 or lot[0].count > _MOST_BESIDE for lot in lots):
        return None
    x = y = 0.0
    rows: list[list[Node]] = []
    for number, lot in enumerate(reversed(lots)):
        row = _nodes(lot)
        if number:
            said = sides[len(lots) - 1 - number]
            side = said["side"].lower()
            across = _STEP * (len(row) + len(rows[-1])) / 2
            dx, dy = (
                (-across, 0) if "left" in side
                else (across, 0) if "right" in side
                else (0, -_STEP) if side.startswith(("above", "on", "over"))
                else (0, _STEP)
            )  # fmt: skip
            if said["it"]:  # "a star and below it a circle" tells the second one's place
                dx, dy = -dx, -dy
            if side.startswith(("next", "beside")):  # in the order in which they are read
                dx, dy = -across, 0
            x, y = x + dx, y + dy
        start = x - _STEP * (len(row) - 1) / 2
        rows.append(
            [
                node.model_copy(
                    update={"geometry": Geometry(x=start + _STEP * place, y=y, width=8, height=8)}
                )
                for place, node in enumerate(row)
            ]
        )
    nodes = [node for row in reversed(rows) for node in row]
    return Plan(
        layout="freeform",
        nodes=tuple(node.model_copy(update={"key": f"n{number}"}) for number, node in enumerate(nodes, 1)),
    )
