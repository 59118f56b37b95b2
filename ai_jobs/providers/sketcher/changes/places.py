# ruff: noqa: E501  # a pattern stays on one line: the table is read down, not across
"""Where things stand, and how large they are."""

import itertools
import re
from typing import Any, Final, cast

from ai_jobs.planning.edits import Align, Distribute, Move, Place, Resize, Side
from ai_jobs.providers.sketcher.changes.phrases import SIDE, Edits, Patterns, sentence, side_of, targets_of
from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.vocabulary import number_of

_PUT: Final = r"(?:put|move|place|position|bring|drag|shift|set|arrange|get|stick)"
_SIZE_WORD: Final = r"(?:big|large|wide|tall|high|small|long|thick)"


def _place(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    targets = targets_of(match["ref"], canvas)
    if targets is None:
        return None
    anchor = canvas.find_one(match["anchor"])
    return [Place(targets=tuple(targets), side=side_of(match["side"]), anchor=anchor)]


_WAYS: Final = {
    "left": (-1, 0),
    "right": (1, 0),
    "up": (0, -1),
    "down": (0, 1),
    "upward": (0, -1),
    "downward": (0, 1),
}


def _move(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    targets = targets_of(match["ref"], canvas)
    if targets is None:
        return None
    way = _WAYS[match["way"].lower().removesuffix("s")]
    distance = float(match["by"] or match["more"] or 0) or (30.0 if match["bit"] else 100.0)
    return [Move(targets=targets, dx=way[0] * distance, dy=way[1] * distance)]


def _move_far(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "move A to the bottom": beyond everything else on that side."""
    targets = targets_of(match["ref"], canvas)
    others = [name for name in canvas.boxes() if targets and name not in targets]
    if targets is None or not others:
        return None
    block, rest = canvas.board.bounds_of(targets), canvas.board.bounds_of(others)
    to = match["to"].lower()
    dx = {"left": rest.x - 60 - block.right, "right": rest.right + 60 - block.x}.get(to, 0.0)
    dy = {"top": rest.y - 60 - block.bottom, "bottom": rest.bottom + 60 - block.y}.get(to, 0.0)
    return [Move(targets=targets, dx=dx, dy=dy)]


def _align(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    groups = match.groupdict()
    targets = tuple(canvas.find(groups.get("ref") or "them"))
    to = (groups.get("to") or "").lower()
    words = {
        "left": "left", "right": "right", "top": "top", "bottom": "bottom", "center": "center", "centre": "center",
        "centers": "center", "centres": "center", "middle": "middle", "vertically": "center", "column": "center",
        "horizontally": "middle", "row": "middle", "line": "middle",
    }  # fmt: skip
    if to in words:
        return [Align(targets=targets, to=cast(Any, words[to]))]
    around = canvas.board.bounds_of(targets)
    centers = [canvas.board.box(name).center for name in targets if canvas.board.is_shape(name)]
    wide = max(c.x for c in centers) - min(c.x for c in centers) if centers else around.width
    high = max(c.y for c in centers) - min(c.y for c in centers) if centers else around.height
    return [Align(targets=targets, to="middle" if wide > high else "center")]


def _in_line(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "stack them in one column": one after the other, where alignment alone would put one upon the other."""
    targets = tuple(
        name for name in canvas.find(match.groupdict().get("ref") or "them") if canvas.board.is_shape(name)
    )
    if len(targets) < 2:
        return None
    down = bool(
        re.search(r"column|stack|pile|vertical|below|under|on\s+top|top\s+of", match[0], re.IGNORECASE)
    )
    boxes = [canvas.board.box(name) for name in targets]
    spans = sorted((box.y, box.bottom) if down else (box.x, box.right) for box in boxes)
    if all(first[1] <= second[0] for first, second in itertools.pairwise(spans)):
        return [Align(targets=targets, to="center" if down else "middle")]
    side: Side = "below" if down else "right"
    return [Place(targets=(name,), side=side, anchor=anchor) for anchor, name in itertools.pairwise(targets)]


def _distribute(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    groups = match.groupdict()
    targets = tuple(canvas.find(groups.get("ref") or "them"))
    axis = (groups.get("axis") or "").lower()
    around = canvas.board.bounds_of(targets)
    flat = axis.startswith("horizontal") or (
        not axis.startswith("vertical") and around.width >= around.height
    )
    return [Distribute(targets=targets, axis="horizontal" if flat else "vertical")]


def _times(word: str) -> float:
    word = word.lower().strip()
    if percent := re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:%|percent)", word):
        return float(percent[1]) / 100
    if word.startswith("half"):
        return 0.5
    if word.startswith(("twice", "double")):
        return 2.0
    if word.startswith(("thrice", "triple")):
        return 3.0
    number = re.match(r"\d+(?:\.\d+)?", word)
    return float(number[0]) if number else float(number_of(re.split(r"\s|x|times", word)[0]))


def _resized(targets: tuple[str, ...], factor: float, said: str) -> Resize:
    factor = min(max(factor, 0.05), 20)
    wide = said.startswith(("wide", "long", "narrow"))
    tall = said.startswith(("tall", "high", "short"))
    return Resize(targets=targets, factor_x=1 if tall else factor, factor_y=1 if wide else factor)


def _resize_by(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    targets = targets_of(match["ref"], canvas)
    if targets is None:
        return None
    groups = match.groupdict()
    factor = _times(match["times"])
    said = (groups.get("size") or "").lower()
    if said == "small":
        factor = 1 / factor if factor > 1 else factor
    return [_resized(targets, factor, said)]


def _resize(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    targets = targets_of(match["ref"], canvas)
    if targets is None:
        return None
    word = match["how"].lower()
    smaller = word.startswith(("small", "narrow", "short", "shrink", "reduce", "tini", "down"))
    strong = "much" in (match.groupdict().get("much") or "").lower() or "a lot" in match[0].lower()
    slight = re.search(r"a (?:bit|little)|slightly", match[0], re.IGNORECASE)
    factor = 2.0 if strong else 1.2 if slight else 1.5
    return [_resized(targets, 1 / factor if smaller else factor, word)]


def _resize_too(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "A is too small": larger, and the other way round."""
    targets = targets_of(match["ref"], canvas)
    if targets is None:
        return None
    how = match["how"].lower()
    factor = 1.5 if how in {"small", "narrow", "short"} else 1 / 1.5
    return [_resized(targets, factor, {"narrow": "wide", "short": "tall"}.get(how, how))]


def _resize_like(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    targets = targets_of(match["ref"], canvas)
    return (targets and [Resize(targets=targets, same_as=canvas.find_one(match["other"]))]) or None


def _same_size(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    targets = tuple(name for name in canvas.find(match["ref"]) if canvas.board.is_shape(name))
    if len(targets) < 2:
        return None
    largest = max(targets, key=lambda name: canvas.board.box(name).width * canvas.board.box(name).height)
    return [Resize(targets=targets, same_as=largest)]


PATTERNS: Final[Patterns] = (
    (sentence(r"(?P<ref>.+?)\s+(?:should|must|need\s+to|have\s+to|needs\s+to)\s+(?:all\s+|both\s+)?be\s+(?:aligned|lined\s+up)(?:\s+(?:(?:to|on|at|by|along)\s+)?(?:(?:the|their)\s+)?(?P<to>left|right|top|bottom|centers?|centres?|middle|horizontally|vertically))?"), _align),
    (sentence(r"(?:stack|pile)(?:\s+up)?(?:\s+(?P<ref>.+?))?(?:\s+up)?(?:\s+(?:in(?:to)?\s+(?:a|one)\s+(?:single\s+)?(?:column|stack|pile)|vertically|on\s+top\s+of\s+(?:each\s+other|one\s+another)))?"), _in_line),
    (sentence(r"(?:arrange|put|place|lay\s+out|order|line\s+up|list|show|set|organi[sz]e|have|make)\s+(?P<ref>.+?)\s+(?:up\s+)?(?:(?:in(?:to)?|as)\s+(?:a|one)\s+(?:single\s+|straight\s+|horizontal\s+|vertical\s+|neat\s+)?(?:row|column|line|stack)|side\s+by\s+side|next\s+to\s+(?:each\s+other|one\s+another)|(?:below|under|beneath)\s+(?:each\s+other|one\s+another)|on\s+top\s+of\s+(?:each\s+other|one\s+another)|vertically|horizontally)"), _in_line),
    (sentence(r"(?:increase|raise)\s+(?:the\s+)?size\s+of\s+(?P<ref>.+?)(?P<how>)"), _resize),
    (sentence(r"(?:scale|blow|size)\s+(?P<how>up|down)\s+(?P<ref>.+)"), _resize),
    (sentence(r"(?P<ref>.+?)\s+(?:is|are|looks?)\s+(?:way\s+|much\s+|a\s+bit\s+)?too\s+(?P<how>small|big|large|wide|narrow|tall|short|high)"), _resize_too),
    (sentence(r"(?:reduce|decrease)\s+(?:the\s+)?(?P<how>size)\s+of\s+(?P<ref>.+)"), _resize_too),
    (sentence(rf"{_PUT}\s+(?P<ref>.+?)\s+{SIDE}\s+(?P<anchor>.+)"), _place),
    (sentence(rf"(?P<ref>.+?)\s+(?:should|must|has\s+to|needs\s+to|goes|belongs)\s*(?:be|go|stand|sit|come|appear|move)?\s+{SIDE}\s+(?P<anchor>.+)"), _place),
    (sentence(r"(?:move|shift|push|nudge|slide|drag)\s+(?P<ref>.+?)\s+(?P<bit>(?:a\s+(?:bit|little)|slightly)\s+)?(?:(?:by\s+)?(?P<more>\d{1,5})\s*(?:px|pixels?|units?|points?)?\s+)?(?:further\s+)?(?:to(?:wards)?\s+the\s+)?(?P<way>left|right|up(?:wards?)?|down(?:wards?)?)(?:\s+(?:by\s+)?(?P<by>\d{1,5})\s*(?:px|pixels?|units?|points?)?)?(?:\s+(?:a\s+(?:bit|little)|slightly))?"), _move),
    (sentence(r"(?:move|put|place|bring|send)\s+(?P<ref>.+?)\s+(?:to|at|on)\s+the\s+(?:very\s+|far\s+)?(?P<to>top|bottom|left|right)(?:\s+(?:of\s+(?:the\s+)?(?:canvas|board|page|drawing)|side|end|edge))?"), _move_far),
    (sentence(rf"(?:make|scale|resize|enlarge|blow\s+up|grow|shrink)\s+(?P<ref>.+?)\s+(?:to\s+(?:be\s+)?|by\s+)?(?:a\s+factor\s+of\s+)?(?P<times>twice|double|triple|thrice|half|\d+(?:\.\d+)?\s*(?:x|times|%|percent)?|(?:two|three|four|five)\s+times)(?:\s+(?:as|the|its|their)\b)?\s*(?:(?:current\s+|original\s+)?(?P<size>{_SIZE_WORD}|size|width|height)(?:g?er)?)?(?:\s+as\s+(?:now|before))?"), _resize_by),
    (sentence(r"(?P<times>double|triple|halve)\s+(?:the\s+size\s+of\s+)?(?P<ref>.+?)(?:\s+in\s+size)?"), _resize_by),
    (sentence(rf"(?P<ref>.+?)\s+(?:(?:should|must|shall|needs?\s+to|has\s+to|have\s+to)\s+(?:be|become)\s+)?(?P<times>twice|half|(?:\d+|two|three|four)\s+times)\s+as\s+(?P<size>{_SIZE_WORD})"), _resize_by),
    (sentence(rf"(?P<ref>)(?P<times>twice|half|(?:\d+|two|three|four)\s+times)\s+as\s+(?P<size>{_SIZE_WORD})"), lambda m, c: [_resized(tuple(c.find("them")), _times(m["times"]), m["size"])]),
    (sentence(rf"(?:make|resize|scale)\s+(?P<ref>.+?)\s+(?:to\s+be\s+)?(?:(?:as\s+{_SIZE_WORD}\s+as)|(?:the\s+same\s+size\s+as)|(?:the\s+size\s+of)|like)\s+(?P<other>.+)"), _resize_like),
    (sentence(r"(?:make|give|resize)\s+(?P<ref>.+?)\s+(?:(?:to\s+)?(?:the\s+)?(?:same|equal|one|uniform)(?:ly)?\s+(?:size|sized|big|large|width)|equally\s+(?:big|large))"), _same_size),
    (sentence(r"make\s+(?P<ref>.+?)\s+(?P<much>much\s+|a\s+lot\s+|a\s+(?:bit|little)\s+|slightly\s+)?(?P<how>bigger|larger|smaller|wider|taller|higher|narrower|shorter|longer|tinier)(?:\s+please)?"), _resize),
    (sentence(r"(?P<ref>.+?)\s+(?:should|must|shall|needs?\s+to|has\s+to|have\s+to)\s+(?:be|become|get)\s+(?P<much>much\s+|a\s+lot\s+|a\s+(?:bit|little)\s+|slightly\s+)?(?P<how>bigger|larger|smaller|wider|taller|higher|narrower|shorter|longer)"), _resize),
    (sentence(r"(?P<how>enlarge|shrink|reduce|grow|magnify)\s+(?:the\s+size\s+of\s+)?(?P<ref>.+?)(?:\s+(?:a\s+(?:bit|little)|slightly|a\s+lot))?"), _resize),
    (sentence(r"(?P<to>left|right|top|bottom|center|centre|middle)[\s-]align\s+(?P<ref>.+)"), _align),
    (sentence(r"align\s+(?:to\s+)?(?:the\s+)?(?P<to>left|right|top|bottom|center|centre|middle|horizontally|vertically)"), _align),
    (sentence(r"(?:align|line\s+up)\s+(?P<ref>.+?)(?:\s+(?:(?:to|on|at|by|along)\s+)?(?:(?:the|their)\s+)?(?P<to>left|right|top|bottom|centers?|centres?|middle|horizontally|vertically)(?:\s+(?:edges?|sides?|ly))?)"), _align),
    (sentence(r"line\s+(?P<ref>.+?)\s+up(?:\s+in(?:to)?\s+(?:a|one)\s+(?:single\s+|straight\s+)?(?P<to>row|column|line))?"), _align),
    (sentence(r"(?:align|line\s+up|tidy(?:\s+up)?|straighten(?:\s+out)?)(?:\s+(?P<ref>.+?))?(?:\s+(?:nicely|neatly|properly|up))?"), _align),
    (sentence(r"(?:arrange|put|line\s+up|align|order|lay\s+out|place)\s+(?P<ref>.+?)\s+(?:up\s+)?in(?:to)?\s+(?:a|one)\s+(?:single\s+|straight\s+|horizontal\s+|vertical\s+)?(?P<to>row|column|line)"), _align),
    (sentence(r"(?:cent(?:er|re))\s+(?P<ref>.+?)(?:\s+(?P<to>horizontally|vertically))?"), _align),
    (sentence(r"(?:distribute|space(?:\s+out)?|spread(?:\s+out)?)(?:\s+(?P<ref>.+?))??(?:\s+out)?(?:\s+(?:evenly|equally|uniformly|regularly))?(?:\s+(?P<axis>horizontally|vertically))?(?:\s+(?:evenly|equally))?"), _distribute),
    (sentence(r"(?:make|give)\s+(?P<ref>.+?)\s+(?:evenly\s+spaced|equal\s+(?:spacing|gaps|distances?))"), _distribute),
    (sentence(r"(?P<ref>.+?)\s+(?P<how>bigger|larger|smaller|wider|taller|narrower|shorter)"), _resize),
)  # fmt: skip
