# ruff: noqa: E501  # a pattern stays on one line: the table is read down, not across
"""Changes of colours, lines, corners, shapes and letters."""

import re
from typing import Any, Final, cast

from ai_jobs.planning.edits import Recolor, Restyle, Swap
from ai_jobs.planning.errors import NothingMatches
from ai_jobs.providers.sketcher.changes.phrases import Edits, Patterns, sentence, targets_of
from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.vocabulary import COLOR, LIGHT, SHAPE, color_of, shape_of

_COLORED: Final = rf"(?P<color>{LIGHT}{COLOR})(?:[\s-]+colou?r(?:ed)?)?"
_MAKE: Final = r"(?:make|colou?r|re-?colou?r|paint|turn|set|change|fill|have)"


def _recolor(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    phrase = match["ref"]
    part = "all"
    pieces = re.match(
        r"(?:the\s+)?(?:(?P<part>text|font|letters?|words?|label|border|outline|stroke|edge|background|fill(?:ing)?|colou?r)s?)"
        r"(?:\s+colou?r)?\s+(?:of|in|on|from|for)\s+(?P<of>.+)",
        phrase,
        re.IGNORECASE,
    ) or re.match(
        r"(?P<of>.+?)(?:'s|\u2019s|s')\s+(?P<part>text|font|label|border|outline|stroke|background|fill|colou?r)s?(?:\s+colou?r)?$",
        phrase,
        re.IGNORECASE,
    )
    if pieces:
        phrase, part = pieces["of"], _part(pieces["part"])
    every = re.fullmatch(
        r"(?:all\s+)?(?:the\s+)?(?P<part>texts?|fonts?|letters|borders?|outlines?|backgrounds?)",
        phrase,
        re.IGNORECASE,
    )
    if (
        every
        and not pieces
        and not canvas.labelled(phrase)
        and (names := tuple(canvas.selected or canvas.boxes()))
    ):
        return [Recolor(targets=names, color=color_of(match["color"]), part=cast(Any, _part(every["part"])))]
    targets = targets_of(phrase, canvas)
    if targets is None:
        return None
    return [Recolor(targets=targets, color=color_of(match["color"]), part=cast(Any, part))]


def _recolor_others(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "make everything grey except A"."""
    return [
        Recolor(targets=tuple(canvas.find(f"{match['ref']} {match['but']}")), color=color_of(match["color"]))
    ]


def _part(word: str) -> str:
    word = word.lower()
    if word.startswith(("text", "font", "letter", "word", "label")):
        return "text"
    if word.startswith(("border", "outline", "stroke", "edge")):
        return "stroke"
    return "fill" if word.startswith(("background", "fill")) else "all"


def _recolor_part(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "give A a red border", "fill A with red"."""
    part = _part(match["part"] or "colour")
    targets = targets_of(match["ref"], canvas)
    return (
        targets and [Recolor(targets=targets, color=color_of(match["color"]), part=cast(Any, part))]
    ) or None


def _recolor_several(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "make A red and B blue, C green"."""
    edits: Edits = []
    for pair in re.finditer(
        rf"(?P<ref>\S.*?)\s+(?:to\s+)?(?P<color>{LIGHT}{COLOR})(?:\s*,\s*(?:(?:and|but)\s+)?|\s+(?:and|but|while)\s+|$)",
        match["pairs"],
        re.I,
    ):
        if re.fullmatch(
            r"(?:the\s+)?(?:others?|rest|remaining|other\s+\w+)(?:\s+ones)?", pair["ref"], re.IGNORECASE
        ):
            named = {name for edit in edits for name in getattr(edit, "targets", ())}
            targets = tuple(name for name in canvas.boxes() if name not in named) or None
        else:
            targets = targets_of(pair["ref"], canvas)
        if targets is None:
            return None
        edits.append(Recolor(targets=targets, color=color_of(pair["color"])))
    return edits if len(edits) > 1 else None


def _swap(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    groups = match.groupdict()
    said = (groups.get("what") or "").lower()
    what = (
        "color"
        if said.startswith("col")
        else "label"
        if said.startswith(("text", "label", "name", "word"))
        else "place"
    )
    if groups.get("ref"):
        pair = [canvas.find_one(match["ref"]), canvas.find_one(match["other"])]
    elif groups.get("both"):
        pair = canvas.find(match["both"])
    else:
        pair = canvas.selected or (canvas.boxes() if what != "color" else [])
        if len(pair) != 2 and what == "color":
            return _swap_two_colors(canvas)
    if len(pair) != 2:
        raise NothingMatches(
            f"Two objects can be swapped, and I found {len(pair)}. Select two, or name them. {canvas.what_is_there()}"
        )
    return [Swap(first=pair[0], second=pair[1], what=cast(Any, what))]


def _swap_two_colors(canvas: Surroundings) -> Edits | None:
    pool = canvas.selected or canvas.boxes()
    by_color: dict[str, list[str]] = {}
    for name in pool:
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


def _restyle(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    groups = match.groupdict()
    phrase = re.sub(
        r"^(?:the\s+)?(?:borders?|outlines?|lines?|edges?|strokes?|corners?)\s+of\s+",
        "",
        groups.get("ref") or "arrows",
    )
    phrase = re.sub(r"(?<=\w)(?:'s|\u2019s)?\s+(?:borders?|outlines?|corners?)$", "", phrase)
    targets = targets_of(phrase, canvas)
    return (targets and [Restyle(targets=targets, **_LOOKS[match["look"].lower()])]) or None


def _reshape(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    targets = targets_of(match["ref"], canvas)
    if targets is None:
        return None
    shape = {"circle": "ellipse", "square": "rectangle"}.get(
        shape_of(match["shape"]), shape_of(match["shape"])
    )
    if shape not in {"rectangle", "diamond", "ellipse"}:
        return None
    return [Restyle(targets=targets, shape=cast(Any, shape))]


def _font(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    phrase = match["ref"] or ""
    names = canvas.find(phrase) if phrase else canvas.selected or canvas.things
    smaller = match["how"].lower().startswith("small")
    return [Restyle(targets=tuple(names), font_factor=0.75 if smaller else 1.4)]


def _highlight(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    targets = targets_of(match["ref"], canvas)
    return [Recolor(targets=targets, color="yellow")] if targets else None


PATTERNS: Final[Patterns] = (
    (sentence(rf"(?P<ref>.+?)\s+to\s+(?:be|become)\s+{_COLORED}"), _recolor),
    (sentence(rf"(?P<ref>.+?)\s+to\s+(?:be|become)\s+(?:an?\s+)?(?P<shape>{SHAPE})"), _reshape),
    (sentence(r"(?:the\s+)?(?:text|font|letters|label|words)s?\s+(?:of|in|on)\s+(?P<ref>.+?)\s+(?:should|must|needs?\s+to|has\s+to)\s+be\s+(?:a\s+(?:bit|little)\s+|much\s+)?(?P<how>bigger|larger|smaller)"), _font),
    (sentence(rf"(?:highlight|mark|shade|tint|draw|show|dye)\s+(?P<ref>.+?)\s+(?:in|with|as)\s+{_COLORED}"), _recolor),
    (sentence(r"(?:highlight|emphasi[sz]e)\s+(?P<ref>.+)"), _highlight),
    (sentence(rf"(?P<ref>.+?)\s+(?:should|must|shall|needs?\s+to|has\s+to|have\s+to)\s+(?:be|become)\s+(?:an?\s+)?(?P<shape>{SHAPE})"), _reshape),
    (sentence(r"(?P<ref>.+?)\s+and\s+(?P<other>.+?)\s+(?:should|must|need\s+to|have\s+to)\s+(?:swap|switch|trade|exchange|change)\s+(?P<what>places?|positions?|colou?rs?|names?|labels?|texts?)"), _swap),
    (sentence(r"(?:swap|switch|exchange|trade)\s+(?P<ref>.+?)(?:'s|\u2019s)\s+and\s+(?P<other>.+?)(?:'s|\u2019s)\s+(?P<what>places?|positions?|colou?rs?|names?|labels?|texts?)"), _swap),
    (sentence(rf"{_MAKE}\s+(?P<ref>.+?)\s+(?:to\s+be\s+|to\s+|into\s+|in\s+|as\s+|all\s+)?{_COLORED}"), _recolor),
    (sentence(rf"{_MAKE}\s+(?P<ref>.+?)\s+(?:to\s+|in\s+)?{_COLORED}\s*,?\s+(?P<but>(?:except|but\s+not|apart\s+from|other\s+than)\s+.+)"), _recolor_others),
    (sentence(rf"{_MAKE}\s+(?P<pairs>.+{COLOR}.+{COLOR})"), _recolor_several),
    (sentence(rf"(?P<ref>.+?)\s+(?:should|must|shall|needs?\s+to|has\s+to|have\s+to)\s+(?:be|become|turn|look|appear|get|come\s+out)\s+(?:in\s+)?{_COLORED}"), _recolor),
    (sentence(rf"(?P<ref>.+?)\s+(?:in\s+)?{_COLORED}(?:\s+please)?"), _recolor),
    (sentence(rf"use\s+{_COLORED}\s+(?:for|on|in)\s+(?P<ref>.+)"), _recolor),
    (sentence(rf"give\s+(?P<ref>.+?)\s+(?:an?\s+)?(?P<color>{LIGHT}{COLOR})\s+(?P<part>border|outline|background|fill|text|font|colou?r)"), _recolor_part),
    (sentence(rf"(?P<part>fill)\s+(?:in\s+)?(?P<ref>.+?)\s+(?:with|in)\s+(?P<color>{LIGHT}{COLOR})"), _recolor_part),
    (sentence(rf"(?:change|turn|make|convert|transform)\s+(?P<ref>.+?)\s+(?:in)?to\s+(?:an?\s+)?(?P<shape>{SHAPE})"), _reshape),
    (sentence(rf"(?:make|turn)\s+(?P<ref>.+?)\s+(?:an?\s+)?(?P<shape>{SHAPE})"), _reshape),
    (sentence(r"(?:make|increase|decrease|enlarge|reduce)\s+(?:the\s+)?(?:text|font|letters|font\s+size|text\s+size|labels?)(?:\s+size)?(?:\s+(?:of|in|on)\s+(?P<ref>.+?))?(?:\s+(?:a\s+(?:bit|little)|slightly|much))?\s+(?P<how>bigger|larger|smaller)"), _font),
    (sentence(r"(?:swap|switch|exchange|interchange)\s+(?:the\s+)?(?P<what>colou?rs?|texts?|labels?|names?|words|places?|positions?)\s+(?:of|between)\s+(?P<ref>.+?)\s+(?:and|with)\s+(?P<other>.+)"), _swap),
    (sentence(r"(?:swap|switch|exchange|interchange)\s+(?:the\s+)?(?P<what>colou?rs?|texts?|labels?|names?|words|places?|positions?)(?:\s+(?:of|between)\s+(?P<both>these|those|them|the\s+(?:two\s+)?(?:selected\s+)?\w+))?"), _swap),
    (sentence(r"(?:swap|switch|exchange|interchange)\s+(?P<ref>.+?)\s+(?:and|with|for)\s+(?P<other>.+?)(?:\s+around)?"), _swap),
    (sentence(r"(?:swap|switch|exchange)\s+(?P<both>.+?)"), _swap),
    (sentence(rf"(?:make|draw|render|style|set|turn)\s+(?P<ref>.+?)\s+(?:to\s+|as\s+)?(?:an?\s+)?{_LOOK}(?:\s+(?:lines?|style|corners?|borders?|outlines?))?"), _restyle),
    (sentence(rf"use\s+{_LOOK}\s+(?:lines?|arrows|borders?|outlines?|corners?|strokes?)(?:\s+(?:for|on)\s+(?P<ref>.+))?"), _restyle),
    (sentence(rf"give\s+(?P<ref>.+?)\s+(?:an?\s+)?{_LOOK}\s+(?:lines?|borders?|outlines?|corners?|strokes?)"), _restyle),
    (sentence(r"round\s+(?:the\s+)?corners\s+of\s+(?P<ref>.+)"), lambda m, c: [Restyle(targets=tuple(c.find(m["ref"])), rounded=True)]),
)  # fmt: skip
