"""A drawing with every position and text size known, in its own coordinates, before it is made of elements."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from canvases.elements.build import ElementBuilder, StrokeStyle
from canvases.elements.palette import Look, Paint
from canvases.elements.polygons import LABEL_BELOW, POLYGONS
from canvases.elements.text import TextSize
from canvases.layout.geometry import Box, Point, bounds, label_center

_LABEL_GAP: Final = 6.0


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A shape with or without a label. A `ground` is a panel that other things may lie on."""

    key: str
    shape: str
    box: Box
    paint: Paint
    label: str = ""
    text: TextSize | None = None
    font_size: int | None = None
    align: Literal["left", "center"] = "center"
    vertical: Literal["top", "middle"] = "middle"
    ground: bool = False
    group: str = ""
    opacity: int = 100
    stroke_style: StrokeStyle = "solid"
    rounded: bool = True


@dataclass(frozen=True, kw_only=True)
class Words:
    """A text that stands by itself, its top left corner at `at`."""

    key: str
    at: Point
    label: str
    text: TextSize
    size: int
    color: str
    align: Literal["left", "center"] = "left"
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class Stroke:
    """A line that joins nothing: an axis, a lifeline; `front` when it is drawn on top of figures."""

    key: str
    points: tuple[Point, ...]
    color: str
    style: StrokeStyle = "solid"
    group: str = ""
    front: bool = False


@dataclass(frozen=True, kw_only=True)
class Wire:
    """An arrow between two figures, from outline to outline."""

    key: str
    points: tuple[Point, ...]
    source: str
    target: str
    label: str = ""
    text: TextSize | None = None
    style: StrokeStyle = "solid"
    start_head: str | None = None
    end_head: str | None = "arrow"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Everything to be drawn, back to front within each kind: strokes, figures, words, wires."""

    figures: tuple[Figure, ...] = ()
    words: tuple[Words, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    wires: tuple[Wire, ...] = ()
    title: Words | None = None

    def extent(self) -> Box:
        """The smallest box around all of it, labels of arrows included."""
        return bounds(
            [
                *(figure.box for figure in self.figures),
                *(Box(w.at.x, w.at.y, w.text.width, w.text.height) for w in self._all_words()),
                *_around_points(point for stroke in self.strokes for point in stroke.points),
                *_around_points(point for wire in self.wires for point in wire.points),
                *(_label_box(wire) for wire in self.wires if wire.text),
            ]
        )

    def _all_words(self) -> tuple[Words, ...]:
        return (self.title, *self.words) if self.title else self.words


def _around_points(points: Iterable[Point]) -> list[Box]:
    return [Box(point.x, point.y, 0, 0) for point in points]


def _label_box(wire: Wire) -> Box:
    assert wire.text is not None
    center = label_center(wire.points)
    width, height = wire.text.width, wire.text.height
    return Box(center.x - width / 2, center.y - height / 2, width, height)


def split_label(figure: Figure) -> tuple[Box, Point | None]:
    """The outline's own box, and where a label that stands below it begins (None: it stands inside)."""
    if figure.shape not in LABEL_BELOW or figure.text is None or not figure.label:
        return figure.box, None
    height = figure.box.height - figure.text.height - _LABEL_GAP
    side = min(figure.box.width, height)
    box = Box(figure.box.center.x - side / 2, figure.box.y, side, height)
    return box, Point(figure.box.center.x - figure.text.width / 2, figure.box.y + height + _LABEL_GAP)


def build_scene(
    scene: Scene,
    *,
    look: Look,
    job_id: uuid.UUID,
    offset: Point,
    updated_ms: int,
    after_index: str | None = None,
) -> tuple[dict[str, Any], ...]:
    """Complete elements of a scene that is moved by `offset`."""
    builder = ElementBuilder(job_id=job_id, look=look, updated_ms=updated_ms, after_index=after_index)
    dx, dy = offset
    joined = {end for wire in scene.wires for end in (wire.source, wire.target)}
    if scene.title:
        _add_words(builder, scene.title, dx, dy)
    for figure in scene.figures:
        if figure.ground:
            _add_shape(builder, figure, dx, dy)
    for stroke in scene.strokes:
        if not stroke.front:
            _add_stroke(builder, stroke, dx, dy)
    for figure in scene.figures:
        if not figure.ground:
            add_figure(builder, figure, dx, dy, anchored=figure.key in joined)
    for stroke in scene.strokes:
        if stroke.front:
            _add_stroke(builder, stroke, dx, dy)
    for words in scene.words:
        _add_words(builder, words, dx, dy)
    for wire in scene.wires:
        builder.arrow(
            key=wire.key,
            points=_moved(wire.points, dx, dy),
            source=wire.source,
            target=wire.target,
            label=wire.label,
            text=wire.text,
            stroke_style=wire.style,
            start_head=wire.start_head,
            end_head=wire.end_head,
        )
    return builder.finish()


def _moved(points: Sequence[Point], dx: float, dy: float) -> list[Point]:
    return [Point(point.x + dx, point.y + dy) for point in points]


def add_figure(
    builder: ElementBuilder, figure: Figure, dx: float = 0, dy: float = 0, *, anchored: bool = False
) -> None:
    """Adds a figure with its label; `anchored` when arrows are to be bound to it."""
    if figure.shape in POLYGONS:
        _add_polygon(builder, figure, dx, dy, anchored=anchored)
    else:
        _add_shape(builder, figure, dx, dy)


def _add_stroke(builder: ElementBuilder, stroke: Stroke, dx: float, dy: float) -> None:
    builder.line(
        key=stroke.key,
        points=_moved(stroke.points, dx, dy),
        color=stroke.color,
        stroke_style=stroke.style,
        group=stroke.group,
    )


def _add_words(builder: ElementBuilder, words: Words, dx: float, dy: float) -> None:
    builder.text(
        key=words.key,
        at=Point(words.at.x + dx, words.at.y + dy),
        label=words.label,
        text=words.text,
        size=words.size,
        color=words.color,
        align=words.align,
        group=words.group,
    )


def _add_shape(builder: ElementBuilder, figure: Figure, dx: float, dy: float) -> None:
    builder.shape(
        key=figure.key,
        shape=figure.shape,
        box=figure.box.moved(dx, dy),
        label=figure.label,
        text=figure.text,
        paint=figure.paint,
        font_size=figure.font_size,
        align=figure.align,
        vertical=figure.vertical,
        ground=figure.ground,
        group=figure.group,
        opacity=figure.opacity,
        stroke_style=figure.stroke_style,
        rounded=figure.rounded,
    )


def _add_polygon(builder: ElementBuilder, figure: Figure, dx: float, dy: float, *, anchored: bool) -> None:
    """A closed line. Arrows cannot be bound to lines: where some are, an unseen box around it holds them."""
    box, below = split_label(figure)
    group = figure.group or (figure.key if figure.label or anchored else "")
    polygon = builder.polygon(
        key=f"{figure.key}:outline" if anchored else figure.key,
        shape=figure.shape,
        box=box.moved(dx, dy),
        paint=figure.paint,
        group=group,
        opacity=figure.opacity,
        stroke_style=figure.stroke_style,
    )
    if anchored:
        builder.anchor(key=figure.key, box=figure.box.moved(dx, dy), group=group)
    if figure.label and figure.text:
        at = below or Point(box.center.x - figure.text.width / 2, box.center.y - figure.text.height / 2)
        builder.text(
            key=f"{figure.key}:label",
            at=Point(at.x + dx, at.y + dy),
            label=figure.label,
            text=figure.text,
            size=builder.look.font_size,
            color=builder.look.title if below else figure.paint.text,
            align="center",
            group=group,
            label_of=polygon,
        )
