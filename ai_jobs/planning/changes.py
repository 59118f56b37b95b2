"""Carries out typed edits on what is on a canvas and tells in words what was done."""

import itertools
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ai_jobs.planning.edits import (
    Align,
    Arrange,
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
    Swap,
)
from ai_jobs.planning.errors import NothingMatches
from canvases.elements.board import CONTAINERS, Board, custom
from canvases.elements.palette import (
    AA_CONTRAST,
    CANVAS,
    NAMED_COLORS,
    TRANSPARENT,
    Paint,
    contrast,
    look_for,
)
from canvases.elements.quality import find_problems
from canvases.elements.scene import Figure, add_figure
from canvases.elements.sizing import fit
from canvases.elements.text import font_for
from canvases.layout.geometry import Box, Point, Size, bounds
from canvases.layout.grid import ITEM_GAP, PANEL_GAP, PANEL_PADDING, grid

_GAP: Final = 60.0
_STEP_GAP: Final = 56.0
_UNSTACK: Final = 28.0
_ON_PAGE: Final = 18.0
_SMALLEST: Final = 10.0
_OUT_OF_THE_WAY: Final = 1_000_000.0


@dataclass(frozen=True, kw_only=True)
class Changes:
    """New and changed elements, ids that are gone, what was done in words, and flaws that are new."""

    elements: tuple[dict[str, Any], ...]
    deleted_ids: tuple[str, ...]
    said: tuple[str, ...]
    problems: tuple[str, ...]


def carry_out(
    edits: Sequence[Edit],
    canvas: Sequence[Mapping[str, Any]],
    *,
    job_id: uuid.UUID,
    style: str,
    color_scheme: str,
    updated_ms: int,
) -> Changes:
    """The canvas after these edits, in order. Raises `NothingMatches` when none of them finds its objects."""
    board = Board(canvas, job_id=job_id, look=look_for(style, color_scheme), updated_ms=updated_ms)
    said = edit_board(edits, board)
    if not said:
        raise NothingMatches("What this was about is no longer on the canvas. Nothing was changed.")
    elements, deleted = board.result()
    before = {(problem.kind, problem.element_ids) for problem in find_problems(canvas)}
    after = [p for p in find_problems(board.all()) if (p.kind, p.element_ids) not in before]
    return Changes(
        elements=elements,
        deleted_ids=deleted,
        said=tuple(dict.fromkeys(text for text in said if text)),
        problems=tuple(problem.kind for problem in after),
    )


def edit_board(edits: Sequence[Edit], board: Board) -> list[str]:
    """The board after these edits, in order; what was done in words, once for each edit that found its objects."""
    said: list[str] = []
    names: dict[str, str] = {}
    for edit in edits:
        known = _existing(with_names(edit, names), board)
        if known is None:
            continue
        pool = board.arrows if isinstance(known, Connect) else board.shapes
        there = set(pool())
        said.append(_DONE[known.do](board, known))
        if isinstance(known, Insert | Duplicate | Connect) and known.key:
            new = [name for name in pool() if name not in there]
            names |= dict.fromkeys([known.key], new[0]) if new else {}
    if said:
        board.widen_panels()
    return said


REFERENCES: Final = ("target", "anchor", "source", "first", "second", "after", "before", "same_as")


def with_names(edit: Edit, names: Mapping[str, str]) -> Edit:
    """The edit with other ids for the objects that it names; those without one stay."""
    meant: dict[str, Any] = {
        field: names[name]
        for field in REFERENCES
        if isinstance(name := getattr(edit, field, None), str) and name in names
    }
    if targets := getattr(edit, "targets", None):
        meant["targets"] = tuple(names.get(name, name) for name in targets)
    return edit.model_copy(update=meant) if meant else edit


def _existing(edit: Edit, board: Board) -> Edit | None:
    """The edit with the targets that are still there; None when what it needs is gone."""
    targets = getattr(edit, "targets", None)
    if targets is not None:
        there = tuple(dict.fromkeys(name for name in targets if name in board))
        if not there:
            return None
        edit = edit.model_copy(update={"targets": there})
    for field in REFERENCES:
        name = getattr(edit, field, None)
        if name is not None and name not in board:
            return None
    return edit


def names_of(board: Board, names: Sequence[str]) -> str:
    """ "“A” and “B”", or how many of what kind."""
    kinds = {str(board.get(name)["type"]) for name in names}
    labelled = all(board.label(name).strip() for name in names)
    if len(names) <= 3 and (labelled or len(names) == 1):
        *first, last = [board.title(name) for name in names]
        return f"{', '.join(first)} and {last}" if first else last
    kind = kinds.pop() if len(kinds) == 1 else "object"
    return f"{len(names)} {kind}s"


# -- one function for each edit ----------------------------------------------------------------------------


def _recolor(board: Board, edit: Recolor) -> str:
    paint = NAMED_COLORS[edit.color]
    for name in edit.targets:
        _paint(board, name, paint, edit.part)
    return f"Made {names_of(board, edit.targets)} {edit.color}"


def _paint(board: Board, name: str, paint: Paint, part: str) -> None:
    kind = board.get(name)["type"]
    label = board.label_id(name)
    if kind == "text":
        box = board.box(name)
        grounds = [CANVAS] + [
            str(board.get(other)["backgroundColor"])
            for other in board.shapes()
            if other != name and board.box(other).holds(box)
        ]
        inks = (paint.stroke, paint.text, "#1e1e1e")
        clear = [ink for ink in inks if all(contrast(ink, ground) >= AA_CONTRAST for ground in grounds)]
        board.change(name, strokeColor=clear[0] if clear else paint.stroke)
        return
    if kind in {"arrow", "line", "freedraw"} and not board.is_polygon(name):
        board.change(name, strokeColor=paint.stroke)
        if label:
            board.change(label, strokeColor=paint.text if paint.text != "#ffffff" else paint.stroke)
        return
    if part in {"all", "fill"}:
        board.change(name, backgroundColor=paint.fill, fillStyle=board.get(name).get("fillStyle") or "solid")
    if part in {"all", "stroke"}:
        board.change(name, strokeColor=paint.stroke)
    if label and part in {"all", "fill", "text"}:
        inside = board.box(name).holds(board.box(label))
        ground = board.get(name)["backgroundColor"] if inside else TRANSPARENT
        ink = next(
            (
                c
                for c in (paint.text, paint.stroke, "#1e1e1e", "#ffffff")
                if contrast(c, ground) >= AA_CONTRAST
            ),
            "#1e1e1e",
        )
        board.change(label, strokeColor=ink)


def _relabel(board: Board, edit: Relabel) -> str:
    before = board.title(edit.target)
    if not edit.label:
        board.remove_label(edit.target)
        return f"Removed the words of {before}"
    old = board.box(edit.target)
    board.set_label(edit.target, edit.label)
    label = board.label_id(edit.target)
    if len(board.own_parts(edit.target)) > 1:  # what stands below its heading grows downward
        new = board.box(edit.target)
        board.set_box(edit.target, Box(new.x, old.y, new.width, new.height))
    if (
        edit.target in board.arrows()
        and label is not None
        and any(
            board.box(label).overlaps(board.box(name)) for name in board.shapes() if not board.is_ground(name)
        )
    ):
        board.lead_arrow(edit.target)
    _settle(board, [edit.target])
    return f"Renamed {before} to “{edit.label}”"


def _settle(board: Board, names: Sequence[str]) -> None:
    """After things have grown or moved: what they lie on gives way, their arrows are led anew."""
    shapes = [name for name in names if board.is_shape(name)]
    board.make_room(shapes)
    board.lead_arrows([*shapes, *(board.holder(name) for name in shapes)])


def _delete(board: Board, edit: Delete) -> str:
    told = names_of(board, edit.targets)
    there = [name for name in edit.targets if name in board]
    board.delete([part for name in there for part in (*board.own_parts(name), board.holder(name))])
    return f"Deleted {told}"


def _move(board: Board, edit: Move) -> str:
    board.move(edit.targets, edit.dx, edit.dy)
    _settle(board, edit.targets)
    return f"Moved {names_of(board, edit.targets)}"


def _place(board: Board, edit: Place) -> str:
    targets = [name for name in edit.targets if name != edit.anchor]
    if not targets:
        return ""
    if edit.side == "inside" and board.is_ground(edit.anchor):
        _put_on_panel(board, edit.anchor, targets)
        return f"Put {names_of(board, targets)} into {board.title(edit.anchor)}"
    block, anchor = board.bounds_of(targets), board.box(edit.anchor)
    at, step = _beside(anchor, Size(block.width, block.height), edit.side)
    free = board.free_beside(Size(block.width, block.height), at, step, board.companions(targets))
    board.move(targets, free.x - block.x, free.y - block.y)
    return f"Put {names_of(board, targets)} {_told_side(edit.side)} {board.title(edit.anchor)}"


def _told_side(side: str) -> str:
    return {"left": "left of", "right": "right of"}.get(side, side)


def _put_on_panel(board: Board, panel: str, names: Sequence[str]) -> None:
    """The things lie on the panel, below what lies there; what lay below them where they were moves up."""
    for number, name in enumerate(names):
        old = board.box(name)
        source = next((n for n in _panels(board) if n != panel and board.box(n).holds(old)), None)
        box = _room_on(board, panel, Size(old.width, old.height), but=names[number:])
        board.move([name], box.x - old.x, box.y - old.y)
        below = [n for n in (_lying_on(board, source) if source else ()) if board.box(n).y >= old.bottom]
        if below:
            board.move(below, 0, old.y - min(board.box(n).y for n in below))
    board.lead_arrows([*names, *(board.holder(name) for name in names)])


def _panels(board: Board) -> list[str]:
    return [name for name in board.shapes() if board.is_ground(name)]


def _lying_on(board: Board, panel: str) -> list[str]:
    box = board.box(panel).grown(1)
    return [n for n in board.shapes() if n != panel and not board.is_ground(n) and box.holds(board.box(n))]


def _room_on(board: Board, panel: str, size: Size, *, but: Sequence[str] = ()) -> Box:
    """The place for one more thing on a panel; the panel grows where it is full, and what is beyond moves on."""
    area, label = board.box(panel), board.label_id(panel)
    lying = [board.box(name) for name in _lying_on(board, panel) if name not in but]
    top = area.y + PANEL_PADDING
    if label is not None:
        if not lying and board.get(label).get("verticalAlign") != "top":
            board.change(label, verticalAlign="top")
            board.settle_label(panel)
        top = max(top, board.box(label).bottom + ITEM_GAP)
    at = max([top, *(box.bottom + ITEM_GAP for box in lying)])
    wider = max(0.0, size.width + 2 * PANEL_PADDING - area.width)
    higher = max(0.0, at + size.height + PANEL_PADDING - area.bottom)
    leave = {panel, *_lying_on(board, panel), *but}
    others = [name for name in board.shapes() if name not in leave]
    for beyond, dx, dy in (
        ([n for n in others if board.box(n).x >= area.right - 1], wider, 0.0),
        ([n for n in others if board.box(n).y >= area.bottom - 1], 0.0, higher),
    ):
        if beyond and (dx or dy):
            board.move(beyond, dx, dy)
    if wider or higher:
        board.set_box(panel, Box(area.x, area.y, area.width + wider, area.height + higher))
    left = min((box.x for box in lying), default=area.center.x + wider / 2 - size.width / 2)
    return Box(left, at, *size)


def _beside(anchor: Box, size: Size, side: str, gap: float = _GAP) -> tuple[Point, tuple[float, float]]:
    x, y = anchor.center.x - size.width / 2, anchor.center.y - size.height / 2
    return {
        "left": (Point(anchor.x - gap - size.width, y), (-1.0, 0.0)),
        "right": (Point(anchor.right + gap, y), (1.0, 0.0)),
        "above": (Point(x, anchor.y - gap - size.height), (0.0, -1.0)),
        "below": (Point(x, anchor.bottom + gap), (0.0, 1.0)),
    }[side if side != "inside" else "below"]


def _resize(board: Board, edit: Resize) -> str:
    shapes = [name for name in edit.targets if board.is_shape(name)]
    everything = len(shapes) > 1 and set(board.shapes()) <= set(board.companions(shapes))
    around = board.bounds_of(shapes or edit.targets)
    for name in shapes:
        box = board.box(name)
        if edit.same_as is not None:
            width, height = board.box(edit.same_as).width, board.box(edit.same_as).height
        else:
            width, height = box.width * edit.factor_x, box.height * edit.factor_y
        center = box.center
        if everything:
            center = Point(
                around.x + (center.x - around.x) * max(edit.factor_x, 1),
                around.y + (center.y - around.y) * max(edit.factor_y, 1),
            )
        wanted = Box(center.x - width / 2, center.y - height / 2, width, height)
        board.set_box(name, wanted)
        if (label := board.label_id(name)) and board.box(name).width > width + 1:
            # Words that do not fit any more are written smaller, as far as they can be read.
            size = float(board.get(label)["fontSize"])
            factor = max(width / board.box(name).width, min(_SMALLEST / size, 1))
            board.set_text(label, board.label(name), factor=factor)
            board.set_box(name, wanted)
    # What was the measure keeps its place.
    _settle(board, [*filter(None, [edit.same_as]), *shapes])
    return f"Resized {names_of(board, edit.targets)}"


def _align(board: Board, edit: Align) -> str:
    shapes = [name for name in edit.targets if board.is_shape(name)]
    if len(shapes) < 2:
        return f"There is only {names_of(board, edit.targets)} to align"
    around = board.bounds_of(shapes)
    across = edit.to in {"left", "center", "right"}
    for name in shapes:
        box = board.box(name)
        x = {"left": around.x, "right": around.right - box.width, "center": around.center.x - box.width / 2}
        y = {
            "top": around.y,
            "bottom": around.bottom - box.height,
            "middle": around.center.y - box.height / 2,
        }
        board.move([name], (x[edit.to] - box.x) if across else 0, 0 if across else (y[edit.to] - box.y))
    _unstack(board, shapes, down=across)
    _settle(board, shapes)
    return f"Aligned {names_of(board, edit.targets)}"


def _unstack(board: Board, shapes: Sequence[str], *, down: bool) -> None:
    """Things that share a line now and lie on one another are drawn apart along it, in their order."""
    ordered = sorted(
        shapes,
        key=lambda name: (
            (board.box(name).y, board.box(name).x) if down else (board.box(name).x, board.box(name).y)
        ),
    )
    for before, name in itertools.pairwise(ordered):
        box, last = board.box(name), board.box(before)
        if down and box.y < last.bottom:
            board.move([name], 0, last.bottom + _UNSTACK - box.y)
        elif not down and box.x < last.right:
            board.move([name], last.right + _UNSTACK - box.x, 0)


def _distribute(board: Board, edit: Distribute) -> str:
    shapes = [name for name in edit.targets if board.is_shape(name)]
    if len(shapes) < 3:
        return f"Three objects or more can be distributed, here are {len(shapes)}"
    flat = edit.axis == "horizontal"
    ordered = sorted(shapes, key=lambda name: board.box(name).x if flat else board.box(name).y)
    around = board.bounds_of(ordered)
    lengths = [board.box(name).width if flat else board.box(name).height for name in ordered]
    room = (around.width if flat else around.height) - sum(lengths)
    gap = max(room / (len(ordered) - 1), _UNSTACK)
    at = around.x if flat else around.y
    for name, length in zip(ordered, lengths, strict=True):
        box = board.box(name)
        board.move([name], at - box.x if flat else 0, 0 if flat else at - box.y)
        at += length + gap
    _settle(board, ordered)
    return f"Distributed {names_of(board, edit.targets)} evenly"


def _arrange(board: Board, edit: Arrange) -> str:
    shapes = [name for name in edit.targets if board.is_shape(name)]
    if len(shapes) < 2:
        return f"There is only {names_of(board, edit.targets)} to arrange"
    around = board.bounds_of(shapes)
    sizes = [Size(board.box(name).width, board.box(name).height) for name in shapes]
    boxes = grid(sizes, edit.columns, gap=edit.gap)
    extent = bounds(boxes)
    at = board.free_beside(
        Size(extent.width, extent.height), Point(around.x, around.y), (0.0, 1.0), board.companions(shapes)
    )
    for name, box in zip(shapes, boxes, strict=True):
        old = board.box(name)
        board.move([name], at.x + box.x - old.x, at.y + box.y - old.y)
    board.lead_arrows([*shapes, *(board.holder(name) for name in shapes)])
    return f"Arranged {names_of(board, edit.targets)}"


def _connect(board: Board, edit: Connect) -> str:
    ends = (board.holder(edit.source), board.holder(edit.target))
    told = f"{board.title(edit.source)} to {board.title(edit.target)}"
    for arrow in board.arrows():
        if board.ends(arrow) == ends and board.label(arrow).casefold() == edit.label.casefold():
            return f"{told[:1].upper()}{told[1:]} was connected already"
    if board.is_polygon(edit.source) or board.is_polygon(edit.target):
        _anchor(board, edit.source, edit.target)
    beside = next((a for a in board.arrows() if board.ends(a)[0] == ends[0]), None) or next(
        (a for a in board.arrows() if ends[0] in board.ends(a)), None
    )
    arrow = board.connect(edit.source, edit.target, label=edit.label, style=edit.style)
    if beside is not None:
        # The lines of a mind map have no heads: one more looks like those that are there.
        like = board.get(beside)
        board.change(arrow, endArrowhead=like.get("endArrowhead"), strokeColor=like["strokeColor"])
    return f"Connected {told}"


def _anchor(board: Board, *names: str) -> None:
    """Polygons get the unseen box that arrows can be bound to."""
    for name in names:
        if board.is_polygon(name) and board.holder(name) == name:
            builder = board.builder()
            key = board.new_key("anchor")
            group = list(board.get(name).get("groupIds") or ())
            builder.anchor(key=key, box=board.box(name), group=key)
            anchor = board.adopt(builder)[0]
            if group:
                board.change(anchor, groupIds=group)
            else:
                board.change(name, groupIds=list(board.get(anchor)["groupIds"]))


def _insert(board: Board, edit: Insert) -> str:
    after, before = edit.after, edit.before
    if edit.connected and edit.side is None:
        after, before = _neighbours(board, after, before)
    model = after or before
    look = board.look
    on_panel = edit.side == "inside" and after is not None and board.is_ground(after)
    is_panel = model is not None and board.is_ground(model) and not on_panel
    if on_panel and model is not None:
        model = next(iter(_lying_on(board, model)), None)
    kind = edit.shape or (str(board.get(model)["type"]) if model else "rectangle")
    if (kind not in CONTAINERS and edit.shape is None) or (kind == "diamond" and edit.shape is None):
        kind = "diamond" if edit.label.endswith("?") else "rectangle"
    look = replace(look, font=font_for(edit.label, look.font))
    text, size = fit(edit.label, kind, look)
    if model and edit.shape is None and board.get(model)["type"] == kind:
        size = Size(max(size.width, board.box(model).width), max(size.height, board.box(model).height))
    if is_panel and model:
        size = Size(max(size.width, board.box(model).width), board.box(model).height)
    if on_panel and after:
        room = board.box(model).width if model else board.box(after).width - 2 * PANEL_PADDING
        box = _room_on(board, after, Size(max(size.width, room), size.height))
    else:
        box = _place_for(board, size, after, before, edit.side)
    builder = board.builder()
    builder.look = look
    figure = Figure(
        key=board.new_key("box"), shape=kind, box=box, label=edit.label, text=text,
        paint=look.paint("step", edit.color), ground=is_panel, vertical="top" if is_panel else "middle",
    )  # fmt: skip
    add_figure(builder, figure, anchored=edit.connected)
    name = board.adopt(builder)[0]
    if model and edit.color is None and board.get(model)["type"] == kind:
        _dress_like(board, name, model)
    board.make_room([name])
    told = ""
    if edit.connected and not is_panel and not on_panel:
        told = _join(board, name, after, before)
    where = {
        (True, True): f" between {board.title(after or name)} and {board.title(before or name)}",
        (True, False): f" {_told_side(edit.side or 'after')} {board.title(after or name)}",
        (False, True): f" {_told_side(edit.side or 'before')} {board.title(before or name)}",
        (False, False): "",
    }[after is not None, before is not None]
    return f"Added “{edit.label}”{where}{told}"


def _neighbours(board: Board, after: str | None, before: str | None) -> tuple[str | None, str | None]:
    """ "after A" where A leads to one box only means between the two; likewise "before B"."""
    if after and not before:
        following = [end for _, end in map(board.ends, board.arrows_at(after)) if end and end != after]
        if len(following) == 1:
            before = following[0]
    elif before and not after:
        leading = [
            start for start, _ in map(board.ends, board.arrows_at(before)) if start and start != before
        ]
        if len(leading) == 1:
            after = leading[0]
    return after, before


def _place_for(board: Board, size: Size, after: str | None, before: str | None, side: str | None) -> Box:
    if after and before and side is None:
        return _between(board, size, after, before)
    anchor = after or before
    if anchor is None:
        everything = board.bounds_of(board.shapes()) if board.shapes() else Box(100, 100, 0, 0)
        at = Point(everything.x, everything.bottom + _GAP)
        free = board.free_beside(size, at, (0.0, 1.0), [])
        return Box(free.x, free.y, *size)
    if side is None:
        flow = _flow_side(board, anchor)
        side = flow if after else {"below": "above", "right": "left", "above": "below", "left": "right"}[flow]
    page = _page_of(board, anchor) if side == "below" else None
    if page is not None:
        below = board.box(anchor)
        at = board.free_beside(size, Point(below.x, below.bottom + _ON_PAGE), (0.0, 1.0), [])
        board.set_box(page, bounds([board.box(page), Box(at.x, at.y, *size).grown(_ON_PAGE)]))
        return Box(at.x, at.y, *size)
    at, step = _beside(board.box(anchor), size, side)
    # Along the row or column first, where the way outward is taken by a branch.
    free = board.free_beside(size, at, step if side in {"left", "right"} else (0.0, step[1]), [])
    return Box(free.x, free.y, *size)


def _page_of(board: Board, name: str) -> str | None:
    """The page of a wireframe that the thing stands on."""
    pages = (panel for panel in _panels(board) if custom(board.get(panel)).get("key") == "page")
    return next((page for page in pages if page != name and board.box(page).holds(board.box(name))), None)


def _flow_side(board: Board, anchor: str) -> str:
    """The side on which a thing's next step belongs: on as its arrows run."""
    for arrow in board.arrows_at(anchor):
        start, end = board.ends(arrow)
        if start and end and start != end:
            a, b = board.box(start).center, board.box(end).center
            if abs(a.x - b.x) > abs(a.y - b.y):
                return "right" if b.x > a.x else "left"
            return "below" if b.y > a.y else "above"
    return "below"


def _between(board: Board, size: Size, after: str, before: str) -> Box:
    """In the gap between two things; where it is too narrow, everything on the far side moves on."""
    a, b = board.box(after), board.box(before)
    flat = (
        abs(a.center.x - b.center.x) - (a.width + b.width) / 2
        > abs(a.center.y - b.center.y) - (a.height + b.height) / 2
    )
    forward = (b.center.x >= a.center.x) if flat else (b.center.y >= a.center.y)
    near, far = (a, b) if forward else (b, a)
    gap = (far.x - near.right) if flat else (far.y - near.bottom)
    apart = PANEL_GAP if board.is_ground(after) and board.is_ground(before) else _STEP_GAP
    needed = (size.width if flat else size.height) + 2 * apart
    push = max(0.0, needed - gap)
    edge = far.x if flat else far.y
    if push:
        beyond = [
            name
            for name in board.shapes()
            if (board.box(name).x if flat else board.box(name).y) >= edge - 1
            and name not in (after if forward else before,)
        ]
        board.move(beyond, push if flat else 0, 0 if flat else push)
    a, b = board.box(after), board.box(before)
    near, far = (a, b) if forward else (b, a)
    if flat:
        middle = Point((near.right + far.x) / 2, (near.center.y + far.center.y) / 2)
    else:
        middle = Point((near.center.x + far.center.x) / 2, (near.bottom + far.y) / 2)
    return Box(middle.x - size.width / 2, middle.y - size.height / 2, *size)


def _dress_like(board: Board, name: str, model: str) -> None:
    """A new box looks like its neighbour: a person's own style goes on."""
    other = board.get(model)
    style = {
        key: other[key]
        for key in (
            "strokeColor", "backgroundColor", "fillStyle", "strokeWidth", "strokeStyle", "roughness", "roundness",
            "opacity",
        )
        if key in other
    }  # fmt: skip
    board.change(name, **style)
    label, pattern = board.label_id(name), board.label_id(model)
    if label and pattern:
        text = board.get(pattern)
        board.change(label, strokeColor=text["strokeColor"])


def _join(board: Board, name: str, after: str | None, before: str | None) -> str:
    """Arrows through the new box; the direct arrow between the two is replaced and gives its label."""
    label, style = "", "solid"
    if after and before:
        for arrow in board.arrows():
            if board.ends(arrow) == (after, before):
                label, style = board.label(arrow), str(board.get(arrow).get("strokeStyle") or "solid")
                board.delete([arrow])
                break
    if after:
        board.connect(after, name, label=label, style=style)
    if before:
        board.connect(name, before, style=style)
    return " and connected it" if after or before else ""


def _duplicate(board: Board, edit: Duplicate) -> str:
    told = names_of(board, edit.targets)
    names = [name for name in edit.targets if board.is_shape(name)] or list(edit.targets)
    around = board.bounds_of(board.companions(names))
    for _ in range(edit.copies):
        at = Point(around.right + 40, around.y)
        size = Size(around.width, around.height)
        free = board.free_beside(size, at, (1.0, 0.0), [])
        board.copy(names, free.x - around.x, free.y - around.y)
    return f"Copied {told}" + (f" {edit.copies} times" if edit.copies > 1 else "")


def _swap(board: Board, edit: Swap) -> str:
    first, second = edit.first, edit.second
    told = f"{board.title(first)} and {board.title(second)}"
    if edit.what == "label":
        words = board.label(first), board.label(second)
        board.set_label(first, words[1])
        board.set_label(second, words[0])
    elif edit.what == "color":
        _swap_colors(board, first, second)
        return f"Swapped the colours of {told}"
    else:
        a, b = board.box(first).center, board.box(second).center
        # Out of the way in between: what lies on a panel goes with it, and so would the other panel.
        board.move([first], _OUT_OF_THE_WAY, 0)
        board.move([second], a.x - b.x, a.y - b.y)
        board.move([first], b.x - a.x - _OUT_OF_THE_WAY, b.y - a.y)
        board.lead_arrows([first, second, board.holder(first), board.holder(second)])
    _settle(board, [first, second])
    return f"Swapped {told}"


def _swap_colors(board: Board, first: str, second: str) -> None:
    keys = ("strokeColor", "backgroundColor", "fillStyle")
    styles = [
        {key: board.get(name)[key] for key in keys if key in board.get(name)} for name in (first, second)
    ]
    labels = [board.label_id(first), board.label_id(second)]
    inks = [board.get(label)["strokeColor"] if label else None for label in labels]
    for name, label, style, ink in zip((first, second), labels, styles[::-1], inks[::-1], strict=True):
        board.change(name, **style)
        if label and ink:
            board.change(label, strokeColor=ink)


def _restyle(board: Board, edit: Restyle) -> str:
    plain = {
        "strokeStyle": edit.stroke_style,
        "strokeWidth": edit.stroke_width,
        "fillStyle": edit.fill_style,
        "roughness": edit.roughness,
    }
    for name in edit.targets:
        element = board.get(name)
        board.change(name, **{key: value for key, value in plain.items() if value is not None})
        if edit.opacity is not None:
            for part in (name, board.label_id(name)):
                if part:
                    board.change(part, opacity=edit.opacity)
        if edit.rounded is not None and element["type"] in {"rectangle", "diamond"}:
            board.change(name, roundness={"type": 3} if edit.rounded else None)
        if edit.shape is not None and element["type"] in CONTAINERS:
            board.change(
                name, type=edit.shape, roundness=None if edit.shape == "ellipse" else element.get("roundness")
            )
            board.set_box(name, board.box(name))
        if edit.font_factor is not None and board.label(name):
            board.set_label(name, board.label(name), factor=edit.font_factor)
    if edit.shape is not None or edit.font_factor is not None:
        _settle(board, edit.targets)
    return f"Restyled {names_of(board, edit.targets)}"


_DONE: Final[Mapping[str, Callable[[Board, Any], str]]] = {
    "recolor": _recolor,
    "relabel": _relabel,
    "delete": _delete,
    "move": _move,
    "place": _place,
    "resize": _resize,
    "align": _align,
    "distribute": _distribute,
    "arrange": _arrange,
    "connect": _connect,
    "insert": _insert,
    "duplicate": _duplicate,
    "swap": _swap,
    "restyle": _restyle,
}
