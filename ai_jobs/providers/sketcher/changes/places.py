# ruff: noqa: E501  # a pattern stays on one line: the table is read down, not across
"""Where things stand, and how large they are."""

import re
from typing import Any, Final, cast

from ai_jobs.planning.edits import Align, Arrange, Connect, Delete, Distribute, Move, Place, Resize
from ai_jobs.providers.sketcher.changes.phrases import SIDE, Edits, Predicates, Targets, sentence, side_of
from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.vocabulary import NUMBER, number_of

_GAP, _WIDE_GAP, _NARROW_GAP = 60.0, 140.0, 24.0


# -- beside what, and how far --------------------------------------------------------------------------------


def _place(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    anchors = [name for name in canvas.find(match["anchor"]) if name not in targets]
    if anchors and re.match(r"under|beneath", match["side"], re.IGNORECASE) and canvas.in_tree(anchors[0]):
        return _reports_to(anchors[0], targets, canvas)
    return [Place(targets=targets, side=side_of(match["side"]), anchor=anchors[0])] if anchors else None


def _into(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    panels = [name for name in canvas.find(match["panel"]) if canvas.board.is_ground(name)]
    cards = tuple(name for name in targets if name not in panels)
    return [Place(targets=cards, side="inside", anchor=panels[0])] if panels and cards else None


def _between(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    """Between two others in a row: the row in its new order; elsewhere beside the first."""
    if match["second"]:
        first, second = canvas.find_one(match["first"]), canvas.find_one(match["second"])
    elif len(both := [name for name in canvas.find(match["first"]) if name not in targets]) == 2:
        first, second = both
    else:
        return None
    row = [name for name in canvas.boxes() if name not in targets]
    if not {first, second} <= set(row):
        return None
    at = max(row.index(first), row.index(second))
    if abs(row.index(first) - row.index(second)) != 1:
        return [Place(targets=targets, side="right", anchor=first)]
    order = (*row[:at], *targets, *row[at:])
    return [Arrange(targets=order, columns=_columns(canvas, order), gap=_GAP)]


def _columns(canvas: Surroundings, names: Targets) -> int:
    """One for a column, as many as there are for a row: as the things stand now."""
    centers = [canvas.board.box(name).center for name in names]
    wide = max(c.x for c in centers) - min(c.x for c in centers)
    high = max(c.y for c in centers) - min(c.y for c in centers)
    return len(names) if wide >= high else 1


_WAYS: Final = {
    "left": (-1, 0),
    "right": (1, 0),
    "up": (0, -1),
    "down": (0, 1),
    "higher": (0, -1),
    "lower": (0, 1),
}


def _move(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    word = re.sub(r"wards?$", "", match["way"].lower())
    way = _WAYS[word]
    slight = re.search(r"\ba (?:bit|little)|slightly", match[0], re.IGNORECASE)
    distance = float(match["by"] or match["more"] or 0) or (30.0 if slight else 100.0)
    return [Move(targets=targets, dx=way[0] * distance, dy=way[1] * distance)]


def _move_far(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    """ "to the bottom", "to the end of the row": beyond everything else on that side."""
    others = [name for name in canvas.boxes() if name not in targets]
    if not others:
        return None
    to = match["to"].lower()
    flat = _columns(canvas, tuple(others)) > 1
    if to in {"end", "back", "last"}:
        to = "right" if flat else "bottom"
    elif to in {"start", "beginning", "front", "first"}:
        to = "left" if flat else "top"
    block, rest = canvas.board.bounds_of(targets), canvas.board.bounds_of(others)
    dx = {"left": rest.x - 60 - block.right, "right": rest.right + 60 - block.x}.get(to, 0.0)
    dy = {"top": rest.y - 60 - block.bottom, "bottom": rest.bottom + 60 - block.y}.get(to, 0.0)
    return [Move(targets=targets, dx=dx, dy=dy)]


def _works_for(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    """ "Kai reports to Lea": the arrow that leads to Kai comes from Lea now."""
    return _reports_to(canvas.find_one(match["anchor"]), targets, canvas)


def _to_team(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    """ "Kai moves over to Lea's team": in a tree only."""
    boss = canvas.find_one(match["anchor"])
    if not canvas.in_tree(boss) or not all(map(canvas.in_tree, targets)) or boss in targets:
        return None
    return _reports_to(boss, targets, canvas)


def _reports_to(boss: str, targets: Targets, canvas: Surroundings) -> Edits | None:
    before = {canvas.board.holder(name) for name in targets}
    old = tuple(arrow for arrow in canvas.board.arrows() if canvas.board.ends(arrow)[1] in before)
    moving = tuple(name for name in targets if name != boss)
    siblings = [name for name in canvas.below(boss) if name not in moving]
    edits: Edits = [Delete(targets=old)] if old else []
    if moving:
        edits.append(
            Place(targets=moving, side="right" if siblings else "below", anchor=(siblings or [boss])[-1])
        )
    return [*edits, *(Connect(source=boss, target=name) for name in moving)]


# -- in what order ---------------------------------------------------------------------------------------------


def _arrange(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    shapes = [name for name in targets if canvas.board.is_shape(name)]
    names = [name for name in shapes if not canvas.board.is_ground(name)] or shapes
    if len(names) < 2:
        return None
    groups = match.groupdict()
    order = _ordered(groups.get("order") or "", names, canvas)
    said = match[0].lower()
    if grid := re.search(rf"({NUMBER})\s*(?:x|by|\u00d7)\s*({NUMBER})", said):
        columns = number_of(grid[2])
    elif "grid" in said or "square" in said:
        columns = round(len(order) ** 0.5)
    elif counted := re.search(rf"({NUMBER})\s+(row|column)s", said):
        count = number_of(counted[1])
        columns = count if counted[2] == "column" else -(-len(order) // max(count, 1))
    else:
        down = (
            r"column|stack|pile|vertical|below|under|beneath|on\s+top|top\s+(?:of|to|down)|downward|upright"
        )
        columns = 1 if re.search(down, said.split(" instead of ")[0]) else len(order)
    gap = 80.0 if canvas.board.arrows() else _GAP
    return [Arrange(targets=tuple(order), columns=max(columns, 1), gap=gap)]


def _ordered(said: str, names: list[str], canvas: Surroundings) -> list[str]:
    """The things in the order that is asked for: those that are named first, or last, and the others as they are."""
    parts = [part for part in re.split(r"\s*[,;]\s*|\s+(?:then|and|followed\s+by)\s+", said) if part.strip()]
    first: list[str] = []
    last: list[str] = []
    for part in map(str.strip, parts):
        bare = re.sub(
            r"^(?:(?:and|then|with|starting|beginning|first|from|ending|finally|so)\s+(?:with\s+)?"
            r"|(?:top\s+(?:to\s+bottom|down)|left\s+to\s+right|in\s+(?:this|that)\s+order)\s*:\s*)+",
            "",
            part,
        )
        name, _, where = bare.partition(" at the ")
        name = re.sub(r"\s+(?:first|last|on\s+top|top|in\s+front|below|next)$", "", name)
        if canvas.knows(name, nearly=False):
            to_end = re.match(r"bottom|end|right", where) or re.search(r"\blast\b|ending", part)
            (last if to_end else first).extend(canvas.find(name))
    middle = [name for name in names if name not in first and name not in last]
    return [*dict.fromkeys(first), *middle, *dict.fromkeys(last)]


def _reorder(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    said = match["order"]
    upward = re.match(
        r"(?:from\s+(?:the\s+)?)?(?:bottom|below)(?:\s*[\s-](?:up(?:wards?)?|to\s+(?:the\s+)?top))?\b[\s:,]*",
        said,
        re.IGNORECASE,
    )
    downward = re.match(
        r"(?:from\s+(?:the\s+)?)?top[\s-](?:down|to\s+(?:the\s+)?bottom)\b[\s:,]*", said, re.IGNORECASE
    )
    if way := upward or downward:
        said = said[way.end() :]
    named = [part for part in re.split(r"\s*[,;>]\s*|\s+(?:then|and)\s+|\s*->\s*", said) if part.strip()]
    known = [canvas.knows(name) or bool(way and canvas.speaks_of(name)) for name in named]
    if len(named) < 2 or not all(known):
        return None
    order = tuple(canvas.named_in(said) if way else _ordered(said, list(targets), canvas))
    order = tuple(dict.fromkeys([*(order[::-1] if upward else order), *targets]))
    columns = 1 if way else _columns(canvas, order)
    return [Arrange(targets=order, columns=columns, gap=80.0 if canvas.board.arrows() else _GAP)]


def _sorted(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    names = [name for name in targets if canvas.board.is_shape(name)]
    if len(names) < 2:
        return None
    backwards = not re.search(r"alphabet|name|a\s+to\s+z", match[0], re.IGNORECASE)
    order = names[::-1] if backwards else sorted(names, key=lambda name: canvas.labels[name])
    return [Arrange(targets=tuple(order), columns=_columns(canvas, tuple(names)), gap=_GAP)]


def _spaced(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    names = tuple(name for name in targets if canvas.board.is_shape(name))
    if len(names) < 2:
        return None
    less = re.search(r"less|smaller|closer|tighter|narrower", match[0], re.IGNORECASE)
    return [Arrange(targets=names, columns=_columns(canvas, names), gap=_NARROW_GAP if less else _WIDE_GAP)]


def _align(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    to = (match["to"] or "").lower()
    words = {
        "left": "left", "right": "right", "top": "top", "bottom": "bottom", "center": "center", "centre": "center",
        "centers": "center", "centres": "center", "middle": "middle", "vertically": "center", "vertical": "center",
        "horizontally": "middle", "horizontal": "middle",
    }  # fmt: skip
    if to in words:
        return [Align(targets=targets, to=cast(Any, words[to]))]
    shapes = tuple(name for name in targets if canvas.board.is_shape(name)) or targets
    return [Align(targets=targets, to="middle" if _columns(canvas, shapes) > 1 else "center")]


def _distribute(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    axis = (match.groupdict().get("axis") or "").lower()
    around = canvas.board.bounds_of(targets)
    flat = axis.startswith("horizontal") or (
        not axis.startswith("vertical") and around.width >= around.height
    )
    return [Distribute(targets=targets, axis="horizontal" if flat else "vertical")]


# -- how large -------------------------------------------------------------------------------------------------


_TIMES: Final = r"(?P<times>twice|double(?:d)?|triple(?:d)?|quadruple(?:d)?|thrice|halved?|half|\d+(?:\.\d+)?\s*(?:x|times|%|percent)|(?<=factor\s)\d+(?:\.\d+)?|(?<=factor\sof\s)\d+(?:\.\d+)?|(?:two|three|four|five)\s+times)"
_SIZE_WORD: Final = r"(?:big|large|wide|tall|high|small|long|thick|broad)(?:g?er)?|size[ds]?|width|height"


def _times(word: str, said: str) -> float:
    word = word.lower().strip()
    if percent := re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:%|percent)", word):
        share = float(percent[1]) / 100
        if re.search(r"smaller|narrower|shorter|down|less", said):
            return max(1 - share, 0.05) if " by " in f" {said}" else share
        grows = re.search(r"bigger|larger|wider|taller|higher|up\b|more", said)
        return 1 + share if grows and share <= 1 and " to " not in f" {said}" else share
    for start, factor in (
        ("hal", 0.5),
        ("tw", 2.0),
        ("doub", 2.0),
        ("thr", 3.0),
        ("trip", 3.0),
        ("quad", 4.0),
    ):
        if word.startswith(start):
            return factor
    number = re.match(r"\d+(?:\.\d+)?", word)
    return float(number[0]) if number else float(number_of(re.split(r"\s|x|times", word)[0]))


def _resized(targets: Targets, factor: float, said: str) -> Resize:
    factor = min(max(factor, 0.05), 20)
    wide = re.search(r"wid|long|narrow|broad|horizontal", said)
    tall = re.search(r"tall|high|short|heigh|vertical", said)
    return Resize(targets=targets, factor_x=1 if tall else factor, factor_y=1 if wide else factor)


def resize_by(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    said = match[0].lower()
    factor = _times(match["times"], said)
    if re.search(r"small(?!er\s+by)", said) and "%" not in said and "percent" not in said and factor > 1:
        factor = 1 / factor
    return [_resized(targets, factor, f"{canvas.aspect} {said}")]


def resize(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    word, said = match["how"].lower(), match[0].lower()
    if re.search(r"\btoo\b|\bnot\b|n['\u2019]t", said):
        opposite = {"small": "big", "little": "big", "tiny": "big", "narrow": "wide", "short": "tall"}
        smaller = word not in opposite if "too" in said else word in opposite
        word = opposite.get(word, word)
    else:
        smaller = word.startswith(("small", "narrow", "short", "tin"))
    slight = re.search(r"a (?:bit|little)|slightly|somewhat", said) and "too" not in said
    factor = 2.0 if re.search(r"much|a lot|way ", said) and "too" not in said else 1.2 if slight else 1.5
    return [_resized(targets, 1 / factor if smaller else factor, f"{word} {said}")]


def _resize_like(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    other = canvas.find_one(match["other"])
    targets = tuple(name for name in targets if canvas.board.is_shape(name) and name != other)
    return [Resize(targets=targets, same_as=other)] if targets else None


def _away(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    here, there = (
        canvas.board.bounds_of(targets).center,
        canvas.board.box(canvas.find_one(match["other"])).center,
    )
    dx, dy = here.x - there.x, here.y - there.y
    if abs(dx) >= abs(dy):
        return [Move(targets=targets, dx=100.0 if dx >= 0 else -100.0)]
    return [Move(targets=targets, dy=100.0 if dy >= 0 else -100.0)]


def _same_size(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    shapes = tuple(name for name in targets if canvas.board.is_shape(name))
    if len(shapes) < 2:
        return None
    largest = max(shapes, key=lambda name: canvas.board.box(name).width * canvas.board.box(name).height)
    return [Resize(targets=shapes, same_as=largest)]


_BIT: Final = r"(?:(?:quite\s+)?(?:(?:a\s+)?(?:(?:(?:little|tiny|wee)\s+)?bit|little|lot|tad|touch)|slightly|quite|much|somewhat|even|far|way)\s+)*"
_ORDER: Final = r"(?P<order>(?:\s*,?\s+(?:with|starting|beginning|so|and|but|first|from|in\s+the\s+order(?:\s+of)?)\s.+|\s*[,:]\s.+)?)"
PREDICATES: Final[Predicates] = (
    (sentence(rf"{SIDE}\s+(?P<anchor>.+)"), _place),
    (sentence(r"(?:(?:moves?|goes|changes|slides|is\s+moved)\s+)?(?:from\s+.+?\s+)?(?:over\s+|across\s+|back\s+)?(?:in|inside|into|onto|on|to|under|within|as)\s+(?:the\s+)?(?P<panel>.+?)(?:\s+(?:column|list|lane|section|quadrant|panel|board))?"), _into),
    (sentence(r"(?:(?:really|actually|rather|in\s+fact|more\s+of|more\s+like)\s+)*(?:an?|one\s+of\s+the)\s+(?P<panel>\w[\w\s-]{2,30}?)"), _into),
    (sentence(r"(?:in\s*)?(?:right\s+|somewhere\s+)?between\s+(?P<first>.+?)(?:\s+and\s+(?P<second>.+))?"), _between),
    (sentence(r"(?:(?:works?|working|reports?|reporting|answers?|belongs?)\s+(?:for|to|under)|(?:led|managed|headed)\s+by)\s+(?P<anchor>.+)"), _works_for),
    (sentence(r"(?:(?:moves?|goes|switch(?:es)?|transfers?|changes?|joins?|over|across)\s+)*(?:in)?to\s+(?:the\s+)?(?:team\s+(?:of\s+)?)?(?P<anchor>.+?)(?:['\u2019]s)?(?:\s+(?:team|group|side|branch|department))?"), _to_team),
    (sentence(rf"{_BIT}(?:by\s+)?(?:(?P<more>\d{{1,5}})\s*(?:px|pixels?|units?|points?)?\s+)?{_BIT}(?:further\s+|more\s+)?(?:to(?:wards)?\s+the\s+)?(?P<way>left|right|up(?:wards?)?|down(?:wards?)?|higher\s+up|lower)(?:\s+(?:by\s+)?(?P<by>\d{{1,5}})\s*(?:px|pixels?|units?|points?)?)?(?:\s+(?:a\s+(?:bit|little)|slightly))?(?:\s+(?:more|further))?"), _move),
    (sentence(r"(?:to|at|on)\s+the\s+(?:very\s+|far\s+|left\s+|right\s+)?(?P<to>top|bottom|left|right|end|start|beginning|front|back)(?:\s+(?:of\s+(?:the\s+)?\w+|side|end|edge)(?:\s+of\s+(?:the\s+)?\w+)?)?"), _move_far),
    (sentence(rf"(?:(?:arranged?|stacked|listed|lined\s+up|piled(?:\s+up)?|run(?:ning)?|flow(?:ing)?|going|go|displayed|in(?:to)?|as|from)\s+)*(?:(?:an?|one|the)\s+)?(?:(?:single|straight|horizontal|vertical|neat|nice|long)\s+)*(?:rows?|columns?|line|stack|pile|grid|side\s+by\s+side|(?:next\s+to|beside|below|under|beneath|underneath|on\s+top\s+of|above)\s+(?:each\s+other|one\s+another)|vertical(?:ly)?|horizontal(?:ly)?|(?:from\s+)?top[\s-](?:to[\s-]bottom|down)|(?:from\s+)?left[\s-]to[\s-]right|downwards?|sideways|(?:in\s+)?(?:an?\s+)?{NUMBER}\s*(?:x|by|\u00d7)\s*{NUMBER}(?:\s+\w+)?|{NUMBER}\s+(?:rows|columns)(?:\s+of\s+\w+)?(?:\s+each)?){_ORDER}"), _arrange),
    (sentence(r"(?:on\s+top\s+of\s+each\s+other|one\s+(?:below|under|above|beside|after|next\s+to|on\s+top\s+of)\s+(?:the\s+other|another))(?P<order>.*)"), _arrange),
    (sentence(r"(?:in\s+)?(?:(?:this|the\s+following|that|the)\s+)?order\s*[:,]?\s+(?P<order>\S.*)"), _reorder),
    (sentence(r"(?:the\s+)?(?:very\s+)?(?P<to>first|last)(?:\s+(?:one|box|step|place|position|in\s+(?:the\s+)?(?:row|line|order)))?"), _move_far),
    (sentence(r"(?:alphabetical(?:ly)?|by\s+name|(?:in\s+)?alphabetical\s+order|from\s+a\s+to\s+z|(?:the\s+)?other\s+way\s+(?:a?round)|(?:in\s+)?(?:the\s+)?(?:reversed?|opposite|backwards?)(?:\s+order)?)(?:\s*,.*)?"), _sorted),
    (sentence(r"(?:(?:a\s+(?:bit|little)\s+)?(?:more|bigger|larger|wider|greater|narrower|tighter|closer|less|smaller)\s+(?:space|room|distance|gaps?|spacing)(?:\s+between\s+(?:them|each\s+other))?|(?:(?:a\s+(?:bit|little)|much)\s+)?(?:closer(?:\s+together)?|(?:further|farther)\s+apart|apart|spread\s+out|tighter))"), _spaced),
    (sentence(r"(?:(?:well|all|nicely|properly)\s+)?(?:aligned|align|lined\s+up|line\s+up)(?:\s+(?:(?:to|on|at|by|along)\s+)?(?:(?:the|their|one|a)\s+)?(?P<to>left|right|top|bottom|cent(?:er|re)s?|middle|horizontal(?:ly)?|vertical(?:ly)?)(?:\s+(?:edges?|sides?|line))?)?"), _align),
    (sentence(r"(?:evenly|equally|regularly)\s+(?:spaced|distributed|spread)(?:\s+(?P<axis>horizontally|vertically))?|(?:gaps\s+)?(?:(?:should|must|ought\s+to|needs?\s+to|to|be|have|has|is|are)\s+)*(?:equal|the\s+same|even)(?:\s+(?:spacing|gaps?|distances?|space))?"), _distribute),
    (sentence(rf"(?:(?:bigger|larger|smaller|wider|taller|higher|narrower|shorter|up|down|shrink|grow|increase|decrease|reduced?)[,!]?\s+)?(?:(?:to|by)\s+)?(?:be\s+)?(?:(?:a\s+)?factor\s+(?:of\s+)?)?(?:(?:bigger|smaller)\s+(?:by\s+|to\s+)?)?{_TIMES}(?:\s+(?:as|the|its|their|his|her|of\s+its)\b)*\s*(?:(?:current\s+|original\s+)?(?:{_SIZE_WORD}|wider|taller|higher|larger|narrower|shorter)(?:\s+(?:width|height|size))?)?(?:\s+(?:up|down))?(?:\s+as\s+(?:now|before|it\s+is(?:\s+now)?|much))?"), resize_by),
    (sentence(r"(?:(?:further|farther|more)\s+)?away\s+from\s+(?P<other>.+)"), _away),
    (sentence(r"(?:(?:exactly|just)\s+)?(?:(?:as\s+(?:big|large|wide|tall|high|small|long)\s+as)|(?:(?:of|in|have|has|get)\s+)?(?:the\s+)?same\s+size\s+(?:as|like)|(?:the\s+)?size\s+of|like)\s+(?P<other>.+)"), _resize_like),
    (sentence(r"(?:(?:to\s+|of\s+)?(?:the\s+)?(?:same|equal|one|uniform)(?:ly)?\s+(?:size|sized|big|large|width)|equally\s+(?:big|large))"), _same_size),
    (sentence(rf"(?:(?:is|are|looks?|isn['\u2019]?t|aren['\u2019]?t)\s+)?{_BIT}(?:too|not)\s+(?P<how>small|little|tiny|big|large|wide|narrow|tall|short|high)(?:\s+enough)?"), resize),
    (sentence(rf"{_BIT}(?P<how>bigger|larger|smaller|wider|taller|higher|narrower|shorter|longer|tinier|broader)(?:\s+(?:size|width|height))?(?:\s+(?:a\s+(?:bit|little|lot)|slightly|much))?"), resize),
)  # fmt: skip
# What is said of all that there is, when it is said of "it".
OF_ALL: Final = frozenset({_arrange, _reorder, _sorted, _spaced, _distribute})
