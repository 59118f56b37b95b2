# ruff: noqa: E501  # a pattern stays on one line: the table is read down, not across
"""Changes of what is on the canvas: colours, words, places, sizes, arrows, in the person's own words."""

import itertools
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from ai_jobs.planning.changes import carry_out, with_names
from ai_jobs.planning.edits import (
    Align,
    Connect,
    Delete,
    Distribute,
    Duplicate,
    Edit,
    Insert,
    Move,
    Place,
    Recolor,
    Relabel,
    Resize,
    Restyle,
    Side,
    Swap,
)
from ai_jobs.planning.errors import NothingMatches
from ai_jobs.planning.parts import EdgeStyle
from ai_jobs.planning.plan import Plan
from ai_jobs.providers.sketcher.arrows import ARROW
from ai_jobs.providers.sketcher.courtesy import strip_courtesy
from ai_jobs.providers.sketcher.items import clean
from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.vocabulary import COLOR, LIGHT, NUMBER, SHAPE, color_of, number_of, shape_of

Edits = list[Edit]
_Reader = Callable[[re.Match[str], Surroundings], "Edits | None"]

# Under which the canvas after the first part of a sentence is imagined; no element with its ids is ever kept.
_IMAGINED: Final = uuid.UUID(int=0)
# What is longer is a drawing to be made: a change is a sentence or two.
_LONGEST: Final = 300
_MOST_CLAUSES: Final = 8
_PUT: Final = r"(?:put|move|place|position|bring|drag|shift|set|arrange|get|stick)"
_SIDE: Final = (
    r"(?:(?:directly|right|just|somewhere)\s+)?(?:(?:on|to|at|towards?)\s+)?(?:the\s+)?"
    r"(?P<side>left(?:\s+(?:side\s+)?of)|right(?:\s+(?:side\s+)?of)|above|over|on\s+top\s+of|top\s+of|below|under"
    r"|underneath|beneath|beside|next\s+to|before|after|behind|in\s+front\s+of)"
)
_NEW: Final = (
    rf"(?:(?:a|an|another|one|new|the)\s+)*(?:new\s+)?(?:(?P<color>{LIGHT}{COLOR})\s+)?"
    rf"(?:(?P<shape>{SHAPE}|step|node|item|task|stage|element|decision|card|block|state|activity|object|shape)\b\s*)?"
    r"(?:(?:called|named|labell?ed|titled|saying|that\s+says|with(?:\s+the)?\s+(?:text|label|name|words?))\s+|:\s*)?"
)
_COLORED: Final = rf"(?P<color>{LIGHT}{COLOR})(?:[\s-]+colou?r(?:ed)?)?"
_SIZE_WORD: Final = r"(?:big|large|wide|tall|high|small|long|thick)"
# "… and colour it blue": what follows speaks of what went before, and is no part of a name.
_GOES_ON: Final = re.compile(
    r"(?:[,;.]|\s(?:and|then|but))\s+(?:(?:and|then|also|please)\s+)*(?:make|colou?r|paint|turn|fill|move|put|place|shift"
    r"|connect|link|join|rename|call|label|resize|enlarge|shrink|duplicate|copy|delete|remove|align)\s+(?:it|them|this|that)\s+\S",
    re.IGNORECASE,
)
_COURTEOUS: Final = r"(?:i(?:'d| would)? (?:want|like|need)\s+)?"


def from_words(text: str, canvas: Surroundings) -> Plan | None:
    """The edits that the words ask for; None when they ask for no change of what is there.

    Raises `NothingMatches` when they clearly do, but for something that is not on the canvas.
    """
    text = strip_courtesy(text).strip(" \n.!;")
    if not text or len(text) > _LONGEST or "\n" in text or ARROW.search(text):
        return None
    edits = _read(text, canvas)
    return Plan(edits=tuple(edits)) if edits else None


def _read(text: str, canvas: Surroundings, *, depth: int = 0) -> Edits | None:
    missing: NothingMatches | None = None
    if depth < 2 and _GOES_ON.search(text) and (parts := _clauses(text, canvas, depth)):
        return parts
    for pattern, reader in _PATTERNS:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        try:
            edits = reader(match, canvas)
        except NothingMatches as error:
            missing = missing or error
            continue
        if edits:
            return edits
    if depth < 2:
        parts = _clauses(text, canvas, depth)
        if parts:
            return parts
    if missing:
        raise missing
    return None


def _clauses(text: str, canvas: Surroundings, depth: int) -> Edits | None:
    """Several changes in one sentence: each part must be one by itself."""
    verb = re.match(r"\w+(?:-\w+)?", text)
    separators = re.finditer(
        r"\s*[;.]\s+|\s*,\s+(?:and\s+)?(?:then\s+|also\s+)?|\s+(?:and\s+then|and\s+also|then|and|but)\s+",
        text,
    )
    for separator in itertools.islice(separators, _MOST_CLAUSES):
        first, rest = text[: separator.start()], text[separator.end() :]
        if not first.strip() or not rest.strip():
            continue
        rest = re.sub(r"^(?:also|then|please)\s+", "", rest)
        try:
            before = _read(first, canvas, depth=depth + 1)
        except NothingMatches:
            continue
        if not before:
            continue
        if re.match(r"(?:keep|leave)\b", rest, re.IGNORECASE):
            return before
        before, then, names = _afterwards(before, canvas)
        for spoken in (rest, f"{verb[0]} {rest}" if verb else rest):
            try:
                after = _read(_with_antecedent(spoken, before, names, then), then, depth=depth + 1)
            except NothingMatches:
                continue
            if after:
                keys = {name: key for key, name in names.items()}
                return [*before, *(with_names(edit, keys) for edit in after)]
    return None


def _afterwards(before: Edits, canvas: Surroundings) -> tuple[Edits, Surroundings, dict[str, str]]:
    """The edits with a key for each new box, the canvas after them, and the id there of each key."""
    keyed = [
        edit.model_copy(update={"key": f"new {edit.label or number}"[:64]})
        if isinstance(edit, Insert)
        else edit
        for number, edit in enumerate(before)
    ]
    elements = [dict(element) for element in canvas.board.all()]
    known = {str(element["id"]) for element in elements}
    try:
        changes = carry_out(
            keyed, elements, job_id=_IMAGINED, style="modern", color_scheme="default", updated_ms=0
        )
    except NothingMatches:
        return keyed, canvas, {}
    changed = {str(element["id"]): element for element in changes.elements}
    kept = [changed.pop(str(e["id"]), e) for e in elements if e["id"] not in changes.deleted_ids]
    then = Surroundings([*kept, *changed.values()], [name for name in canvas.selected if name in known])
    new = [name for name in then.board.shapes() if name not in known]
    keys = [edit.key for edit in keyed if isinstance(edit, Insert) and edit.key]
    return keyed, then, dict(zip(keys, new, strict=False))


def _with_antecedent(text: str, before: Edits, made: Mapping[str, str], canvas: Surroundings) -> str:
    """ "make A red and move it up": "it" is what was spoken of before, or what was made."""
    names = [
        name
        for edit in before
        for name in (*getattr(edit, "targets", ()), getattr(edit, "target", None))
        if name
    ]
    names = list(made.values()) or names
    if canvas.selected and not made:
        return text
    labels = [canvas.board.label(name) for name in dict.fromkeys(names) if name in canvas.board]
    if len(labels) == 1 and labels[0] and "\n" not in labels[0]:
        return re.sub(r"\b(?:it|this|that)\b", lambda _: f'"{labels[0]}"', text, count=1)
    return text


def _is_new(phrase: str) -> bool:
    """ "a box", "three circles": something to be drawn, not something that is there."""
    return bool(
        re.match(rf"(?:a|an|another|some|new|{NUMBER})\s+\S", phrase.strip(), re.IGNORECASE)
        and not re.match(r"(?:a|an|one)\s+(?:and|to|with|,)", phrase.strip(), re.IGNORECASE)
    )


def _targets(phrase: str, canvas: Surroundings) -> tuple[str, ...] | None:
    if not canvas.knows(phrase) and _is_new(phrase):
        return None
    return tuple(canvas.find(phrase))


# -- colour ------------------------------------------------------------------------------------------------


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
    targets = _targets(phrase, canvas)
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
    targets = _targets(match["ref"], canvas)
    return (
        targets and [Recolor(targets=targets, color=color_of(match["color"]), part=cast(Any, part))]
    ) or None


def _recolor_several(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "make A red and B blue, C green"."""
    edits: Edits = []
    for pair in re.finditer(
        rf"(?P<ref>\S.*?)\s+(?:to\s+)?(?P<color>{LIGHT}{COLOR})(?:\s*,\s*(?:and\s+)?|\s+and\s+|$)",
        match["pairs"],
        re.I,
    ):
        targets = _targets(pair["ref"], canvas)
        if targets is None:
            return None
        edits.append(Recolor(targets=targets, color=color_of(pair["color"])))
    return edits if len(edits) > 1 else None


# -- words -------------------------------------------------------------------------------------------------


def _relabel(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    if _is_new(match["ref"]) and not canvas.knows(match["ref"]):
        return None
    phrase = re.sub(
        r"^(?:the\s+)?(?:text|label|name|words?|title|caption)s?\s+(?:of|in|on|from)\s+",
        "",
        match["ref"],
        flags=re.I,
    )
    phrase = re.sub(r"(?:'s|\u2019s)\s+(?:text|label|name|title)$", "", phrase)
    words = clean(match["words"])
    return [Relabel(target=canvas.find_one(phrase), label=words)] if words else None


def _label_arrow(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "label the arrow from A to B yes": the longest name that is there, and the rest is its label."""
    words = match["all"].split()
    for cut in range(len(words) - 1, 3, -1):
        phrase = " ".join(words[:cut])
        target = re.sub(r"^.*\s(?:to|and)\s+", "", phrase)
        if canvas.labelled(target) and canvas.knows(phrase):
            label = clean(re.sub(r"^(?:as|with|:)\s+", "", " ".join(words[cut:])))
            return [Relabel(target=canvas.find_one(phrase), label=label)]
    raise NothingMatches(canvas.missing(match["all"]))


def _replace(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "change Welcome to Hello": words only where the target is one thing by its words."""
    words = clean(match["words"])
    if re.fullmatch(rf"(?:an?\s+)?{SHAPE}|{LIGHT}{COLOR}", words, re.IGNORECASE):
        return None
    name = canvas.labelled(match["ref"]) or canvas.nearly_labelled(match["ref"])
    if not name:
        raise NothingMatches(canvas.missing(match["ref"]))
    return [Relabel(target=name[0], label=words)]


def _unlabel(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    return [Relabel(target=name, label="") for name in canvas.find(match["ref"])]


# -- deleting ----------------------------------------------------------------------------------------------


def _delete(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    groups = match.groupdict()
    targets = canvas.find(match["ref"])
    if groups.get("keep"):
        kept = set(canvas.find(groups["keep"])) if canvas.knows(groups["keep"]) else set()
        targets = [name for name in targets if name not in kept]
    return [Delete(targets=tuple(targets))] if targets else None


def _keep_only(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    kept = set(canvas.find(match["ref"]))
    gone = [name for name in canvas.things if name not in kept]
    return [Delete(targets=tuple(gone))] if gone else None


def _disconnect(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    return [Delete(targets=tuple(canvas.find(f"arrows between {match['ref']} and {match['other']}")))]


# -- places ------------------------------------------------------------------------------------------------

_SIDES: Final[dict[str, Side]] = {
    "left": "left", "before": "left", "in front": "left", "right": "right", "after": "right", "behind": "right",
    "beside": "right", "next": "right", "above": "above", "over": "above", "on top": "above", "top": "above",
    "below": "below", "under": "below", "beneath": "below",
}  # fmt: skip


def _side(words: str) -> Side:
    words = re.sub(r"\s+", " ", words.lower())
    return next(side for start, side in _SIDES.items() if words.startswith(start))


def _place(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    targets = _targets(match["ref"], canvas)
    if targets is None:
        return None
    anchor = canvas.find_one(match["anchor"])
    return [Place(targets=tuple(targets), side=_side(match["side"]), anchor=anchor)]


_WAYS: Final = {
    "left": (-1, 0),
    "right": (1, 0),
    "up": (0, -1),
    "down": (0, 1),
    "upward": (0, -1),
    "downward": (0, 1),
}
_FAR: Final = {"top": (0, -1), "bottom": (0, 1), "left": (-1, 0), "right": (1, 0)}


def _move(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    targets = _targets(match["ref"], canvas)
    if targets is None:
        return None
    way = _WAYS[match["way"].lower().removesuffix("s")]
    distance = float(match["by"] or match["more"] or 0) or (30.0 if match["bit"] else 100.0)
    return [Move(targets=targets, dx=way[0] * distance, dy=way[1] * distance)]


def _move_far(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "move A to the bottom": beyond everything else on that side."""
    targets = _targets(match["ref"], canvas)
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


def _distribute(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    groups = match.groupdict()
    targets = tuple(canvas.find(groups.get("ref") or "them"))
    axis = (groups.get("axis") or "").lower()
    around = canvas.board.bounds_of(targets)
    flat = axis.startswith("horizontal") or (
        not axis.startswith("vertical") and around.width >= around.height
    )
    return [Distribute(targets=targets, axis="horizontal" if flat else "vertical")]


# -- sizes -------------------------------------------------------------------------------------------------


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


def _resize_by(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    targets = _targets(match["ref"], canvas)
    if targets is None:
        return None
    groups = match.groupdict()
    factor = _times(match["times"])
    said = (groups.get("size") or "").lower()
    if said == "small":
        factor = 1 / factor if factor > 1 else factor
    return [_resized(targets, factor, said)]


def _resized(targets: tuple[str, ...], factor: float, said: str) -> Resize:
    factor = min(max(factor, 0.05), 20)
    wide = said.startswith(("wide", "long", "narrow"))
    tall = said.startswith(("tall", "high", "short"))
    return Resize(targets=targets, factor_x=1 if tall else factor, factor_y=1 if wide else factor)


def _resize(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    targets = _targets(match["ref"], canvas)
    if targets is None:
        return None
    word = match["how"].lower()
    smaller = word.startswith(("small", "narrow", "short", "shrink", "reduce", "tini"))
    strong = "much" in (match.groupdict().get("much") or "").lower() or "a lot" in match[0].lower()
    slight = re.search(r"a (?:bit|little)|slightly", match[0], re.IGNORECASE)
    factor = 2.0 if strong else 1.2 if slight else 1.5
    return [_resized(targets, 1 / factor if smaller else factor, word)]


def _resize_like(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    targets = _targets(match["ref"], canvas)
    return (targets and [Resize(targets=targets, same_as=canvas.find_one(match["other"]))]) or None


def _same_size(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    targets = tuple(name for name in canvas.find(match["ref"]) if canvas.board.is_shape(name))
    if len(targets) < 2:
        return None
    largest = max(targets, key=lambda name: canvas.board.box(name).width * canvas.board.box(name).height)
    return [Resize(targets=targets, same_as=largest)]


# -- arrows and new boxes --------------------------------------------------------------------------------------


def _connect(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    groups = match.groupdict()
    label = clean(groups.get("words") or "")
    style: EdgeStyle = cast(EdgeStyle, (groups.get("style") or "solid").lower())
    if groups.get("chain"):
        names = canvas.find(groups["chain"])
        names = [name for name in names if canvas.board.is_shape(name)]
        if len(names) < 2:
            raise NothingMatches(
                "Two objects or more are needed to connect something. " + canvas.what_is_there()
            )
        return [Connect(source=a, target=b, label=label, style=style) for a, b in itertools.pairwise(names)]
    sources, targets = canvas.find(match["ref"]), canvas.find(match["other"])
    return [
        Connect(source=source, target=target, label=label, style=style)
        for source in sources
        for target in targets
        if source != target or len(sources) == len(targets) == 1
    ]


def _insert(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    groups = match.groupdict()
    label = clean(
        re.sub(r"\s+(?:step|box|node)$", "", match["words"]) if not groups.get("shape") else match["words"]
    )
    kind = (groups.get("shape") or "").lower()
    color = color_of(groups["color"]) if groups.get("color") else None
    if not label and not kind:
        return None
    shape = shape_of(kind) if re.fullmatch(SHAPE, kind) else "diamond" if kind == "decision" else None
    connected = bool(groups.get("connected"))
    made: dict[str, Any] = {"label": label, "shape": shape, "color": color}
    if groups.get("first"):
        pair = canvas.find_one(match["first"]), canvas.find_one(match["second"])
        return [Insert(after=pair[0], before=pair[1], **made)]
    if groups.get("joined"):
        return [Insert(after=canvas.find_one(match["joined"]), **made)]
    anchor = canvas.find_one(match["anchor"])
    side = match["side"].lower()
    if side in {"after", "before"}:
        return [Insert(**{side: anchor}, **made)]
    return [Insert(after=anchor, side=_side(side), connected=connected, **made)]


# -- copies, exchanges, styles ---------------------------------------------------------------------------------


def _duplicate(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    copies = match.groupdict().get("copies")
    return [
        Duplicate(
            targets=tuple(canvas.find(match["ref"])), copies=min(number_of(copies), 20) if copies else 1
        )
    ]


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
_AND_CONNECT: Final = (
    r"(?P<connected>\s*,?\s+(?:and|then)\s+(?:connect|link|join)\b"
    r"(?:\s+(?:it|them|these|those|both|all|everything|the\s+\w+))?(?:\s+(?:up|together|all|both|too|as\s+well|with\s+arrows))*)?"
)
_LOOK: Final = rf"(?P<look>{'|'.join(sorted(_LOOKS, key=len, reverse=True))})"


def _restyle(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    groups = match.groupdict()
    phrase = re.sub(
        r"^(?:the\s+)?(?:borders?|outlines?|lines?|edges?|strokes?|corners?)\s+of\s+",
        "",
        groups.get("ref") or "arrows",
    )
    phrase = re.sub(r"(?<=\w)(?:'s|\u2019s)?\s+(?:borders?|outlines?|corners?)$", "", phrase)
    targets = _targets(phrase, canvas)
    return (targets and [Restyle(targets=targets, **_LOOKS[match["look"].lower()])]) or None


def _reshape(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    targets = _targets(match["ref"], canvas)
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


def _insert_led(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "after A, add B"."""
    lead = match[0].split()[0].lower()
    anchor = canvas.find_one(match["after"])
    label = clean(match["words"])
    if not label:
        return None
    if lead in {"after", "before"}:
        return [Insert(label=label, **cast(Any, {lead: anchor}))]
    return [Insert(label=label, after=anchor, side=_side(lead), connected=False)]


def _connect_pair(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "connect A to B", and "connect A, B and C" as a chain: "and" joins names, "to" joins boxes."""
    if re.search(rf"\s(?:to|with|into)\s+{re.escape(match['other'])}", match[0]):
        return _connect(match, canvas)
    if "," in match["ref"]:
        return None
    return _connect(match, canvas)


def _p(pattern: str) -> re.Pattern[str]:
    return re.compile(_COURTEOUS + pattern, re.IGNORECASE)


_DELETE: Final = r"(?:delete|remove|erase|drop|get\s+rid\s+of|take\s+(?:away|out)|throw\s+(?:away|out)|eliminate|wipe|kill|clear|discard)"
_MAKE: Final = r"(?:make|colou?r|re-?colou?r|paint|turn|set|change|fill|have)"
_CONNECT: Final = r"(?:connect|link|join|wire|attach)"
_ARROW_WORDS: Final = (
    r"(?:\s+(?:with|by|using)\s+(?:an?\s+)?(?:(?P<style>dashed|dotted|solid)\s+)?(?:arrow|line))?"
    r"(?:\s*(?:,\s*)?(?:and\s+)?(?:labell?ed|label(?:\s+it)?|saying|called|named|with(?:\s+the)?\s+(?:label|text))\s+(?:with\s+|as\s+)?(?P<words>.+))?"
)

# The first pattern that takes in the whole sentence, and whose objects are there, decides.
_PATTERNS: Final[tuple[tuple[re.Pattern[str], _Reader], ...]] = (
    (_p(rf"{_MAKE}\s+(?P<ref>.+?)\s+(?:to\s+be\s+|to\s+|into\s+|in\s+|as\s+|all\s+)?{_COLORED}"), _recolor),
    (_p(rf"{_MAKE}\s+(?P<ref>.+?)\s+(?:to\s+|in\s+)?{_COLORED}\s*,?\s+(?P<but>(?:except|but\s+not|apart\s+from|other\s+than)\s+.+)"), _recolor_others),
    (_p(rf"{_MAKE}\s+(?P<pairs>.+{COLOR}.+{COLOR})"), _recolor_several),
    (_p(rf"(?P<ref>.+?)\s+(?:should|must|shall|needs?\s+to|has\s+to|have\s+to)\s+(?:be|become|turn|look|appear|get|come\s+out)\s+(?:in\s+)?{_COLORED}"), _recolor),
    (_p(rf"(?P<ref>.+?)\s+(?:in\s+)?{_COLORED}(?:\s+please)?"), _recolor),
    (_p(rf"use\s+{_COLORED}\s+(?:for|on|in)\s+(?P<ref>.+)"), _recolor),
    (_p(rf"give\s+(?P<ref>.+?)\s+(?:an?\s+)?(?P<color>{LIGHT}{COLOR})\s+(?P<part>border|outline|background|fill|text|font|colou?r)"), _recolor_part),
    (_p(rf"(?P<part>fill)\s+(?:in\s+)?(?P<ref>.+?)\s+(?:with|in)\s+(?P<color>{LIGHT}{COLOR})"), _recolor_part),
    (_p(rf"(?:change|turn|make|convert|transform)\s+(?P<ref>.+?)\s+(?:in)?to\s+(?:an?\s+)?(?P<shape>{SHAPE})"), _reshape),
    (_p(rf"(?:make|turn)\s+(?P<ref>.+?)\s+(?:an?\s+)?(?P<shape>{SHAPE})"), _reshape),
    (_p(r"(?:rename|relabel|retitle|re-?word)\s+(?P<ref>.+?)\s+(?:to|as|into|=>|with)\s+(?P<words>.+)"), _relabel),
    (_p(r"(?:change|set|update|edit)\s+(?P<ref>(?:the\s+)?(?:text|label|name|words?|title|caption)s?\s+(?:of|in|on)\s+.+?)\s+to\s+(?:say\s+|read\s+)?(?P<words>.+)"), _relabel),
    (_p(r"(?:change|set)\s+(?P<ref>.+?(?:'s|\u2019s)\s+(?:text|label|name|title))\s+to\s+(?P<words>.+)"), _relabel),
    (_p(r"(?:make\s+)?(?P<ref>.+?)\s+(?:should\s+)?(?:say|read|be\s+(?:called|named|labell?ed))s?\s+(?:instead\s+)?(?P<words>.+)"), _relabel),
    (_p(r"(?:label|caption)\s+(?P<ref>.+?)\s+(?:as|with)\s+(?P<words>.+)"), _relabel),
    (_p(r"(?:label|name)\s+(?P<all>(?:the\s+)?(?:arrow|line|connection)\s+(?:from|between)\s+.+?\s+(?:to|and)\s+.+)"), _label_arrow),
    (_p(r"call\s+(?P<ref>.+?)\s+(?P<words>[\"“].+[\"”])(?:\s+instead)?"), _relabel),
    (_p(r"call\s+(?P<ref>\S+)\s+(?!instead$)(?P<words>\S.*?)(?:\s+instead)?"), _relabel),
    (_p(r"(?:change|replace|edit|correct)\s+(?P<ref>.+?)\s+(?:to|with|by|into)\s+(?P<words>.+)"), _replace),
    (_p(rf"{_DELETE}\s+(?:the\s+)?(?:label|text|words?|caption)s?\s+(?:of|from|on|in)\s+(?P<ref>.+)"), _unlabel),
    (_p(rf"{_DELETE}\s+(?P<ref>.+?)\s*,?\s+(?:but|and|yet|while)\s+(?:keep(?:ing)?|leave|leaving|not)\s+(?P<keep>.+)"), _delete),
    (_p(r"(?:i\s+)?(?:don['’]?t|do\s+not|no\s+longer)\s+(?:want|need)\s+(?P<ref>.+?)(?:\s+any\s*(?:more|longer))?"), _delete),
    (_p(rf"{_DELETE}\s+(?P<ref>.+?)(?:\s+from\s+(?:the\s+)?(?:canvas|board|drawing|diagram))?"), _delete),
    (_p(r"(?:keep|leave)\s+only\s+(?P<ref>.+)|only\s+keep\s+(?P<other>.+)"), lambda m, c: _keep_only(m, c) if m["ref"] else None),
    (_p(r"(?:disconnect|unlink|detach|separate)\s+(?P<ref>.+?)\s+(?:from|and)\s+(?P<other>.+)"), _disconnect),
    (_p(rf"(?:add|insert|put|place|create|squeeze|draw)\s+(?:in\s+)?{_NEW}(?P<words>.*?)\s*\bbetween\s+(?P<first>.+?)\s+and\s+(?P<second>.+?){_AND_CONNECT}"), _insert),
    (_p(rf"between\s+(?P<first>.+?)\s+and\s+(?P<second>.+?)\s*,?\s+(?:add|insert|put|place)\s+{_NEW}(?P<words>.*)"), _insert),
    (_p(rf"(?:add|insert|create|draw)\s+{_NEW}(?P<words>.*?)\s*\b{_SIDE}\s+(?P<anchor>.+?){_AND_CONNECT}"), _insert),
    (_p(rf"(?:put|place)\s+(?=(?:a|an|another|a\s+new|the\s+new)\s){_NEW}(?P<words>.*?)\s*\b{_SIDE}\s+(?P<anchor>.+?){_AND_CONNECT}"), _insert),
    (_p(rf"(?:after|before|below|above)\s+(?P<after>.+?)\s*,\s+(?:add|insert|put)\s+{_NEW}(?P<words>.*)"), _insert_led),
    (_p(rf"(?:after|before)\s+(?P<after>.+?)\s+(?:comes?|goes|follows?|should\s+come)\s+{_NEW}(?P<words>.*)"), _insert_led),
    (_p(rf"(?:add|insert|create|draw)\s+{_NEW}(?P<words>.*?)\s*,?\s*\b(?:(?:that\s+is\s+)?(?:connected|linked|attached|joined)\s+(?:to|with)|and\s+(?:connect|link)\s+(?:it\s+)?(?:to|with))\s+(?P<joined>.+)"), _insert),
    (_p(rf"{_PUT}\s+(?P<ref>.+?)\s+{_SIDE}\s+(?P<anchor>.+)"), _place),
    (_p(rf"(?P<ref>.+?)\s+(?:should|must|has\s+to|needs\s+to|goes|belongs)\s*(?:be|go|stand)?\s+{_SIDE}\s+(?P<anchor>.+)"), _place),
    (_p(r"(?:move|shift|push|nudge|slide|drag)\s+(?P<ref>.+?)\s+(?P<bit>(?:a\s+(?:bit|little)|slightly)\s+)?(?:(?:by\s+)?(?P<more>\d{1,5})\s*(?:px|pixels?|units?|points?)?\s+)?(?:further\s+)?(?:to(?:wards)?\s+the\s+)?(?P<way>left|right|up(?:wards?)?|down(?:wards?)?)(?:\s+(?:by\s+)?(?P<by>\d{1,5})\s*(?:px|pixels?|units?|points?)?)?(?:\s+(?:a\s+(?:bit|little)|slightly))?"), _move),
    (_p(r"(?:move|put|place|bring|send)\s+(?P<ref>.+?)\s+(?:to|at|on)\s+the\s+(?:very\s+|far\s+)?(?P<to>top|bottom|left|right)(?:\s+(?:of\s+(?:the\s+)?(?:canvas|board|page|drawing)|side|end|edge))?"), _move_far),
    (_p(rf"(?:make|scale|resize|enlarge|blow\s+up|grow|shrink)\s+(?P<ref>.+?)\s+(?:to\s+(?:be\s+)?|by\s+)?(?:a\s+factor\s+of\s+)?(?P<times>twice|double|triple|thrice|half|\d+(?:\.\d+)?\s*(?:x|times|%|percent)?|(?:two|three|four|five)\s+times)(?:\s+(?:as|the|its|their)\b)?\s*(?:(?:current\s+|original\s+)?(?P<size>{_SIZE_WORD}|size|width|height)(?:g?er)?)?(?:\s+as\s+(?:now|before))?"), _resize_by),
    (_p(r"(?P<times>double|triple|halve)\s+(?:the\s+size\s+of\s+)?(?P<ref>.+?)(?:\s+in\s+size)?"), _resize_by),
    (_p(rf"(?P<ref>.+?)\s+(?:(?:should|must|shall|needs?\s+to|has\s+to|have\s+to)\s+(?:be|become)\s+)?(?P<times>twice|half|(?:\d+|two|three|four)\s+times)\s+as\s+(?P<size>{_SIZE_WORD})"), _resize_by),
    (_p(rf"(?P<ref>)(?P<times>twice|half|(?:\d+|two|three|four)\s+times)\s+as\s+(?P<size>{_SIZE_WORD})"), lambda m, c: [_resized(tuple(c.find("them")), _times(m["times"]), m["size"])]),
    (_p(rf"(?:make|resize|scale)\s+(?P<ref>.+?)\s+(?:to\s+be\s+)?(?:(?:as\s+{_SIZE_WORD}\s+as)|(?:the\s+same\s+size\s+as)|(?:the\s+size\s+of)|like)\s+(?P<other>.+)"), _resize_like),
    (_p(r"(?:make|give|resize)\s+(?P<ref>.+?)\s+(?:(?:to\s+)?(?:the\s+)?(?:same|equal|one|uniform)(?:ly)?\s+(?:size|sized|big|large|width)|equally\s+(?:big|large))"), _same_size),
    (_p(r"(?:make|increase|decrease|enlarge|reduce)\s+(?:the\s+)?(?:text|font|letters|font\s+size|text\s+size|labels?)(?:\s+size)?(?:\s+(?:of|in|on)\s+(?P<ref>.+?))?(?:\s+(?:a\s+(?:bit|little)|slightly|much))?\s+(?P<how>bigger|larger|smaller)"), _font),
    (_p(r"make\s+(?P<ref>.+?)\s+(?P<much>much\s+|a\s+lot\s+|a\s+(?:bit|little)\s+|slightly\s+)?(?P<how>bigger|larger|smaller|wider|taller|higher|narrower|shorter|longer|tinier)(?:\s+please)?"), _resize),
    (_p(r"(?P<ref>.+?)\s+(?:should|must|shall|needs?\s+to|has\s+to|have\s+to)\s+(?:be|become|get)\s+(?P<much>much\s+|a\s+lot\s+|a\s+(?:bit|little)\s+|slightly\s+)?(?P<how>bigger|larger|smaller|wider|taller|higher|narrower|shorter|longer)"), _resize),
    (_p(r"(?P<how>enlarge|shrink|reduce|grow|magnify)\s+(?:the\s+size\s+of\s+)?(?P<ref>.+?)(?:\s+(?:a\s+(?:bit|little)|slightly|a\s+lot))?"), _resize),
    (_p(r"(?P<to>left|right|top|bottom|center|centre|middle)[\s-]align\s+(?P<ref>.+)"), _align),
    (_p(r"align\s+(?:to\s+)?(?:the\s+)?(?P<to>left|right|top|bottom|center|centre|middle|horizontally|vertically)"), _align),
    (_p(r"(?:align|line\s+up)\s+(?P<ref>.+?)(?:\s+(?:(?:to|on|at|by|along)\s+)?(?:(?:the|their)\s+)?(?P<to>left|right|top|bottom|centers?|centres?|middle|horizontally|vertically)(?:\s+(?:edges?|sides?|ly))?)"), _align),
    (_p(r"line\s+(?P<ref>.+?)\s+up(?:\s+in(?:to)?\s+(?:a|one)\s+(?:single\s+|straight\s+)?(?P<to>row|column|line))?"), _align),
    (_p(r"(?:align|line\s+up|tidy(?:\s+up)?|straighten(?:\s+out)?)(?:\s+(?P<ref>.+?))?(?:\s+(?:nicely|neatly|properly|up))?"), _align),
    (_p(r"(?:arrange|put|line\s+up|align|order|lay\s+out|place)\s+(?P<ref>.+?)\s+(?:up\s+)?in(?:to)?\s+(?:a|one)\s+(?:single\s+|straight\s+|horizontal\s+|vertical\s+)?(?P<to>row|column|line)"), _align),
    (_p(r"(?:cent(?:er|re))\s+(?P<ref>.+?)(?:\s+(?P<to>horizontally|vertically))?"), _align),
    (_p(r"(?:distribute|space(?:\s+out)?|spread(?:\s+out)?)(?:\s+(?P<ref>.+?))??(?:\s+out)?(?:\s+(?:evenly|equally|uniformly|regularly))?(?:\s+(?P<axis>horizontally|vertically))?(?:\s+(?:evenly|equally))?"), _distribute),
    (_p(r"(?:make|give)\s+(?P<ref>.+?)\s+(?:evenly\s+spaced|equal\s+(?:spacing|gaps|distances?))"), _distribute),
    (_p(rf"{_CONNECT}\s+(?P<ref>.+?)\s+(?:to|with|and|into)\s+(?P<other>.+?){_ARROW_WORDS}"), _connect_pair),
    (_p(rf"{_CONNECT}\s+(?P<chain>.+?)(?:\s+(?:together|in\s+(?:order|a\s+chain|sequence)|with\s+(?:arrows|lines)))*"), _connect),
    (_p(r"(?:draw|add|put|make|create|insert)\s+(?:an?\s+)?(?:(?P<style>dashed|dotted|solid)\s+)?(?:arrow|line|connection|connector|link|edge)\s+(?:from|between)\s+(?P<ref>.+?)\s+(?:to|and)\s+(?P<other>.+?)(?:\s*(?:,\s*)?(?:labell?ed|saying|called|with(?:\s+the)?\s+(?:label|text)|:)\s+(?P<words>.+))?"), _connect),
    (_p(r"(?P<ref>.+?)\s+(?:points?|leads?|goes)\s+to\s+(?P<other>.+)"), _connect),
    (_p(rf"(?:duplicate|copy|clone|replicate)\s+(?P<ref>.+?)(?:\s+(?P<copies>{NUMBER})(?:\s+times?)?)?"), _duplicate),
    (_p(rf"(?:make|create|add)\s+(?:(?P<copies>{NUMBER})\s+)?(?:more\s+)?(?:copy|copies|duplicates?|clones?)\s+of\s+(?P<ref>.+)"), _duplicate),
    (_p(r"(?:swap|switch|exchange|interchange)\s+(?:the\s+)?(?P<what>colou?rs?|texts?|labels?|names?|words|places?|positions?)\s+(?:of|between)\s+(?P<ref>.+?)\s+(?:and|with)\s+(?P<other>.+)"), _swap),
    (_p(r"(?:swap|switch|exchange|interchange)\s+(?:the\s+)?(?P<what>colou?rs?|texts?|labels?|names?|words|places?|positions?)(?:\s+(?:of|between)\s+(?P<both>these|those|them|the\s+(?:two\s+)?(?:selected\s+)?\w+))?"), _swap),
    (_p(r"(?:swap|switch|exchange|interchange)\s+(?P<ref>.+?)\s+(?:and|with|for)\s+(?P<other>.+?)(?:\s+around)?"), _swap),
    (_p(r"(?:swap|switch|exchange)\s+(?P<both>.+?)"), _swap),
    (_p(rf"(?:make|draw|render|style|set|turn)\s+(?P<ref>.+?)\s+(?:to\s+|as\s+)?(?:an?\s+)?{_LOOK}(?:\s+(?:lines?|style|corners?|borders?|outlines?))?"), _restyle),
    (_p(rf"use\s+{_LOOK}\s+(?:lines?|arrows|borders?|outlines?|corners?|strokes?)(?:\s+(?:for|on)\s+(?P<ref>.+))?"), _restyle),
    (_p(rf"give\s+(?P<ref>.+?)\s+(?:an?\s+)?{_LOOK}\s+(?:lines?|borders?|outlines?|corners?|strokes?)"), _restyle),
    (_p(r"round\s+(?:the\s+)?corners\s+of\s+(?P<ref>.+)"), lambda m, c: [Restyle(targets=tuple(c.find(m["ref"])), rounded=True)]),
)  # fmt: skip
