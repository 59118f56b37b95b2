# ruff: noqa: E501  # a pattern stays on one line: the table is read down, not across
"""Colours, lines, corners, shapes and letters."""

import re
from typing import Any, Final, cast

from ai_jobs.planning.edits import Connect, Delete, Insert, Recolor, Restyle, Swap
from ai_jobs.planning.errors import NothingMatches
from ai_jobs.providers.sketcher.changes.phrases import Edits, Patterns, Predicates, Targets, sentence
from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.vocabulary import COLOR, LIGHT, SHAPE, color_of, shape_of

_PART: Final = r"(?:texts?|fonts?|letters?|letterings?|words?|labels?|borders?|outlines?|strokes?|edges?|backgrounds?|fill(?:ing)?s?)"


def _part(word: str | None) -> str:
    word = (word or "").lower()
    if word.startswith(("text", "font", "letter", "word", "label")):
        return "text"
    if word.startswith(("border", "outline", "stroke", "edge")):
        return "stroke"
    return "fill" if word.startswith(("background", "fill")) else "all"


def _recolor(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    part = _part(match.groupdict().get("part") or canvas.aspect)
    return [Recolor(targets=targets, color=color_of(match["color"]), part=cast(Any, part))]


def _recolor_like(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    color = canvas.color(canvas.find_one(match["other"]))
    return [Recolor(targets=targets, color=cast(Any, color))] if color else None


def _reshape(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    targets = tuple(name for name in targets if canvas.board.is_shape(name))
    if match["shape"].lower().startswith("box") and {*map(canvas.kind, targets)} <= {"rectangle"}:
        return None  # "all boxes …": what they are, and not what they are to be
    shape = {"circle": "ellipse", "square": "rectangle"}.get(
        shape_of(match["shape"]), shape_of(match["shape"])
    )
    if shape not in {"rectangle", "diamond", "ellipse"}:
        return _as_polygons(shape, match["color"], targets, canvas)
    edits: Edits = [Restyle(targets=targets, shape=cast(Any, shape))]
    return edits + ([Recolor(targets=targets, color=color_of(match["color"]))] if match["color"] else [])


def _as_polygons(shape: Any, color: str | None, targets: Targets, canvas: Surroundings) -> Edits | None:
    """A star and the like is drawn anew in the place of what was there, with its arrows."""
    edits: Edits = []
    for number, name in enumerate(targets):
        if not canvas.board.is_shape(name) or canvas.board.is_ground(name):
            return None
        key = f"new {shape} {number}"
        paint = cast(Any, color_of(color) if color else canvas.color(name))
        edits.append(
            Insert(
                key=key,
                label=canvas.board.label(name),
                after=name,
                side="below",
                connected=False,
                shape=shape,
                color=paint,
            )
        )
        edits.append(Swap(first=name, second=key))
        for arrow, (start, end) in canvas.ends.items():
            if canvas.board.holder(name) in (start, end) and start and end:
                source, target = (key if end_ == canvas.board.holder(name) else end_ for end_ in (start, end))
                edits.append(Connect(source=source, target=target, label=canvas.board.label(arrow)))
        edits.append(Delete(targets=(name,)))
    return edits


_LOOKS: Final[dict[str, dict[str, Any]]] = {
    "dashed": {"stroke_style": "dashed"}, "dotted": {"stroke_style": "dotted"}, "solid": {"stroke_style": "solid"},
    "thick": {"stroke_width": 4}, "thicker": {"stroke_width": 4}, "bold": {"stroke_width": 4},
    "bolder": {"stroke_width": 4}, "thin": {"stroke_width": 1}, "thinner": {"stroke_width": 1},
    "rounded": {"rounded": True}, "round": {"rounded": True}, "sharp": {"rounded": False},
    "angular": {"rounded": False}, "transparent": {"opacity": 40}, "see-through": {"opacity": 40},
    "opaque": {"opacity": 100}, "hatched": {"fill_style": "hachure"}, "filled": {"fill_style": "solid"},
    "sketchy": {"roughness": 2}, "hand-drawn": {"roughness": 1}, "clean": {"roughness": 0},
}  # fmt: skip
_LOOK: Final = rf"(?P<look>{'|'.join(sorted(_LOOKS, key=len, reverse=True))})"


def _restyle(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    return [Restyle(targets=targets, **_LOOKS[match["look"].lower()])]


def _border(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    return [
        Restyle(targets=targets, **_LOOKS[match["look"].lower()]),
        *(_recolor(match, targets, canvas) or ()),
    ]


def _font(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    if _part(match["part"] or canvas.aspect) != "text":
        return None
    smaller = match["how"].lower().startswith("small")
    return [Restyle(targets=targets, font_factor=0.75 if smaller else 1.4)]


def _highlight(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    return [Recolor(targets=targets, color="yellow")]


PREDICATES: Final[Predicates] = (
    (sentence(rf"(?:in\s+|with\s+)?(?:(?:the\s+)?colou?r\s+)?(?:highlighted\s+(?:in\s+)?)?(?:(?:bold|big|large|strong)\s+)?(?P<color>{LIGHT}{COLOR})(?:ish)?(?:[\s-]+colou?r(?:ed)?)?(?:\s+(?P<part>{_PART}))?"), _recolor),
    (sentence(rf"(?:(?:of|in|have|get|has|with|have\s+got)\s+)?(?:exactly\s+)?(?:the\s+)?same(?:\s+(?:colou?rs?|{COLOR}))?\s+(?:as|like)\s+(?P<other>.+)"), _recolor_like),
    (sentence(r"highlighted|stand\s+out(?:\s+more)?"), _highlight),
    (sentence(rf"(?:(?P<color>{LIGHT}{COLOR})\s+)?(?P<shape>{SHAPE})(?:[\s-]+shaped?)?"), _reshape),
    (sentence(rf"{_LOOK}(?:\s+(?:lines?|styles?|arrows?|corners?|borders?|outlines?|edges?|strokes?))?"), _restyle),
    (sentence(rf"{_LOOK},?\s+(?:and\s+)?(?P<color>{LIGHT}{COLOR})\s+(?P<part>{_PART})"), _border),
    (sentence(rf"(?:a\s+(?:bit|little)\s+|much\s+|slightly\s+)?(?P<how>bigger|larger|smaller)(?:\s+(?P<part>{_PART}))?(?:\s+size)?"), _font),
)  # fmt: skip


def _swap(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    groups = match.groupdict()
    said = (groups.get("what") or "").lower()
    if groups.get("ref"):
        pair = [canvas.find_one(match["ref"]), canvas.find_one(match["other"])]
    elif groups.get("both"):
        pair = canvas.find(match["both"])
        said = said or ("colour" if re.search("colou?r", canvas.remark, re.IGNORECASE) else "")
    else:
        pair = canvas.selected or canvas.spoken or ([] if said.startswith("col") else canvas.boxes())
        if len(pair) != 2 and said.startswith("col"):
            return _swap_two_colors(canvas)
    if len(pair) != 2:
        raise NothingMatches(
            f"Two objects can be swapped, and I found {len(pair)}. Select two, or name them. {canvas.what_is_there()}"
        )
    words = said.startswith(("text", "label", "name", "word"))
    what = "color" if said.startswith("col") else "label" if words else "place"
    return [Swap(first=pair[0], second=pair[1], what=cast(Any, what))]


def _swap_two_colors(canvas: Surroundings) -> Edits | None:
    by_color: dict[str, list[str]] = {}
    for name in canvas.selected or canvas.boxes():
        color = canvas.color(name)
        if color is not None:
            by_color.setdefault(color, []).append(name)
    if len(by_color) != 2:
        raise NothingMatches(
            f"Two colours can be swapped, and here are {len(by_color)}. Name two objects, for example: "
            "swap the colours of A and B. Nothing was changed."
        )
    (first, ones), (second, others) = by_color.items()
    return [
        Recolor(targets=tuple(ones), color=cast(Any, second)),
        Recolor(targets=tuple(others), color=cast(Any, first)),
    ]


_SWAP: Final = r"(?:swap|switch|exchange|interchange|trade|flip|mix\s+up)"
_WHAT: Final = r"(?P<what>places?|positions?|spots?|colou?rs?|texts?|labels?|names?|words)"
PATTERNS: Final[Patterns] = (
    (sentence(rf"(?:(?:let|have|make)\s+)?(?P<ref>.+?)\s+and\s+(?P<other>.+?)\s+(?:(?:should|must|need\s+to|have\s+to|could|can)\s+)?(?:swap|switch|trade|exchange|change)\s+(?:their\s+)?{_WHAT}"), _swap),
    (sentence(r"(?P<ref>.+?)\s+and\s+(?P<other>.+?)\s+(?:(?:should|must|need\s+to|have\s+to|could|can)\s+)?(?:be\s+)?(?:swap(?:ped)?|switch(?:ed)?|trade)(?:\s+(?:around|over))?"), _swap),
    (sentence(rf"{_SWAP}\s+(?P<ref>.+?)(?:'s|\u2019s)?\s+and\s+(?P<other>.+?)(?:'s|\u2019s)\s+{_WHAT}"), _swap),
    (sentence(rf"{_SWAP}\s+(?:the\s+|their\s+)?(?:two\s+|both\s+)?{_WHAT}\s+(?:of|between|for)\s+(?P<ref>.+?)\s+(?:and|with)\s+(?P<other>.+)"), _swap),
    (sentence(rf"{_SWAP}\s+(?:the\s+|their\s+)?(?:two\s+|both\s+)?{_WHAT}(?:\s+around)?(?:\s+(?:of|between)\s+(?P<both>.+))?"), _swap),
    (sentence(r"(?:swap|switch|exchange|interchange|trade)\s+(?P<ref>.+?)(?:\s+(?:and|with|for)\s+|\s*(?:/|<->|&|\+)\s*)(?P<other>.+?)(?:\s+(?:around|over|please))?"), _swap),
    (sentence(r"(?:swap|switch|exchange|interchange)\s+(?P<both>.+?)(?:\s+(?:around|over|please))?"), _swap),
)  # fmt: skip
