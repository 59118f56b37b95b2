"""Pages, forms and dashboards out of nested parts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ai_jobs.planning.parts import Widget
from ai_jobs.planning.plan import Node, Plan
from canvases.elements.palette import Look, Paint
from canvases.elements.scene import Figure, Scene, Stroke, Words
from canvases.elements.text import TextSize, wrap
from canvases.layout.geometry import Box, Point

_PADDING: Final = 24.0
_GAP: Final = 18.0
_CAPTION_GAP: Final = 6.0
_SIDEBAR: Final = 180.0
# Parts that stand side by side when they follow one another, and how many share a row.
_ABREAST: Final[Mapping[Widget, int]] = {"card": 4, "chart": 2, "image": 3, "button": 4}
# … and how many of those that were asked to share one.
_MOST_ABREAST: Final = 6


@dataclass
class _Page:
    """What has been drawn so far; each drawing function returns the height that it used."""

    look: Look
    children: dict[str | None, list[Node]]
    figures: list[Figure] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)

    def measure(self, label: str, width: float, size: int) -> TextSize:
        return wrap(label, font=self.look.font, size=size, max_width=max(width, 40))

    def write(
        self, key: str, label: str, at: Point, width: float, *, size: int = 0, center: bool = False
    ) -> float:
        """Words of their own; returns their height."""
        size = size or self.look.label_size
        text = self.measure(label, width, size)
        x = at.x + (width - text.width) / 2 if center else at.x
        self.words.append(
            Words(key=key, at=Point(x, at.y), label=label, text=text, size=size, color=self.look.label)
        )
        return text.height

    def box(
        self, key: str, box: Box, paint: Paint, label: str = "", *, ground: bool = False, group: str = ""
    ) -> None:
        text = self.measure(label, box.width - 20, self.look.label_size) if label else None
        self.figures.append(
            Figure(
                key=key,
                shape="rectangle",
                box=box,
                paint=paint,
                label=label,
                text=text,
                font_size=self.look.label_size,
                ground=ground,
                group=group,
            )
        )

    def bar_height(self, label: str, width: float) -> float:
        return self.measure(label, width - 20, self.look.label_size).height + 20 if label else 40.0


def compose_wireframe(plan: Plan, look: Look) -> Scene:
    """A page with a sidebar where one was named, and everything else from top to bottom."""
    children: dict[str | None, list[Node]] = {}
    for node in plan.nodes:
        children.setdefault(node.parent, []).append(node)
    page = _Page(look, children)
    top = children.get(None, [])
    sides = [node for node in top if node.widget == "sidebar"]
    bars = [node for node in top if node.widget == "menu"]
    feet = [node for node in top if node.widget == "footer"]
    main = [node for node in top if node not in sides and node not in bars and node not in feet]
    abreast = any(node.group or node.widget in ("card", "chart", "image") for node in main)
    width = 760.0 if sides or abreast or bars else 420.0
    y = _stack(page, bars, Point(_PADDING, _PADDING), width)
    y = y + _GAP if bars else _PADDING
    left = _PADDING + (_SIDEBAR + _GAP if sides else 0)
    bottom = y
    if main:
        bottom = _stack(page, main, Point(left, y), width - (left - _PADDING))
    for side in sides:
        bottom = max(bottom, _sidebar(page, side, Box(_PADDING, y, _SIDEBAR, max(bottom - y, 160))))
    if feet:
        bottom = _stack(page, feet, Point(_PADDING, bottom + _GAP), width)
    outer = Box(0, 0, width + 2 * _PADDING, bottom + _PADDING)
    page.figures.insert(0, Figure(key="page", shape="rectangle", box=outer, paint=_PAPER, ground=True))
    return Scene(figures=tuple(page.figures), words=tuple(page.words), strokes=tuple(page.strokes))


_PAPER: Final = Paint(fill="#ffffff", stroke="#868e96", text="#1e293b")
_PANEL: Final = Paint(fill="#f8f9fa", stroke="#adb5bd", text="#343a40")
_LINE: Final = "#adb5bd"


def _stack(page: _Page, nodes: Sequence[Node], at: Point, width: float) -> float:
    """Draws parts from top to bottom, some of them side by side; returns where they end."""
    y = at.y
    number = 0
    while number < len(nodes):
        node = nodes[number]
        most = _MOST_ABREAST if node.group else _ABREAST.get(node.widget or "text", 1)
        row = [node]
        while len(row) < most and number + len(row) < len(nodes):
            following = nodes[number + len(row)]
            if following.group != node.group or not (node.group or following.widget == node.widget):
                break
            row.append(following)
        share = (width - _GAP * (len(row) - 1)) / len(row)
        heights = [
            _DRAWN.get(part.widget or "text", _text)(
                page, part, Point(at.x + place * (share + _GAP), y), share
            )
            for place, part in enumerate(row)
        ]
        y += max(heights) + _GAP
        number += len(row)
    return y - _GAP


def _heading(page: _Page, node: Node, at: Point, width: float) -> float:
    return page.write(f"node:{node.key}", node.label, at, width, size=26)


def _text(page: _Page, node: Node, at: Point, width: float) -> float:
    return page.write(f"node:{node.key}", node.label, at, width)


def _field(page: _Page, node: Node, at: Point, width: float) -> float:
    return _captioned(page, node, at, width, 40.0)


def _area(page: _Page, node: Node, at: Point, width: float) -> float:
    return _captioned(page, node, at, width, 96.0)


def _captioned(page: _Page, node: Node, at: Point, width: float, height: float) -> float:
    used = page.write(f"caption:{node.key}", node.label, at, width) + _CAPTION_GAP if node.label else 0.0
    page.box(f"node:{node.key}", Box(at.x, at.y + used, width, height), _PAPER)
    return used + height


def _choice(page: _Page, node: Node, at: Point, width: float) -> float:
    height = _captioned(page, node, at, width, 40.0)
    x, y = at.x + width - 26, at.y + height - 24
    page.strokes.append(
        Stroke(
            key=f"arrow:{node.key}",
            points=(Point(x, y), Point(x + 7, y + 8), Point(x + 14, y)),
            color=_LINE,
            front=True,
        )
    )
    return height


def _search(page: _Page, node: Node, at: Point, width: float) -> float:
    height = page.bar_height(node.label, width)
    page.box(f"node:{node.key}", Box(at.x, at.y, width, height), _PAPER, node.label)
    return height


def _checkbox(page: _Page, node: Node, at: Point, width: float) -> float:
    page.box(f"node:{node.key}", Box(at.x, at.y, 22, 22), _PAPER)
    return max(22.0, page.write(f"caption:{node.key}", node.label, Point(at.x + 32, at.y), width - 32))


def _button(page: _Page, node: Node, at: Point, width: float) -> float:
    height = page.bar_height(node.label, width)
    natural = page.measure(node.label, width - 20, page.look.label_size).width + 48
    paint = page.look.paint("step", node.color)
    page.box(f"node:{node.key}", Box(at.x, at.y, min(width, max(natural, 110)), height), paint, node.label)
    return height


def _image(page: _Page, node: Node, at: Point, width: float) -> float:
    box = Box(at.x, at.y, width, 150.0)
    page.box(f"node:{node.key}", box, _PANEL, node.label, group=node.key)
    for number, (x, y, dx, dy) in enumerate(
        (
            (box.x, box.y, 1, 1),
            (box.right, box.y, -1, 1),
            (box.x, box.bottom, 1, -1),
            (box.right, box.bottom, -1, -1),
        )
    ):
        page.strokes.append(
            Stroke(
                key=f"corner{number}:{node.key}",
                points=(Point(x + 4 * dx, y + 4 * dy), Point(x + 38 * dx, y + 30 * dy)),
                color=_LINE,
                front=True,
                group=node.key,
            )
        )
    return box.height


def _card(page: _Page, node: Node, at: Point, width: float) -> float:
    height = max(96.0, page.bar_height(node.label, width) + 30)
    page.box(
        f"node:{node.key}", Box(at.x, at.y, width, height), page.look.paint("step", node.color), node.label
    )
    return height


def _chart(page: _Page, node: Node, at: Point, width: float) -> float:
    """A panel with the words and a picture of bars or of a line, as the words say."""
    caption = page.write(f"caption:{node.key}", node.label, Point(at.x + 14, at.y + 12), width - 28)
    height = caption + 150.0
    page.box(f"node:{node.key}", Box(at.x, at.y, width, height), _PANEL, ground=True)
    base, inner = at.y + height - 18, width - 48
    color = page.look.paint("step", node.color)
    if "line" in node.label.lower() or "trend" in node.label.lower():
        levels = (20, 46, 34, 70, 58, 92)
        points = tuple(
            Point(at.x + 24 + inner * place / 5, base - level) for place, level in enumerate(levels)
        )
        page.strokes.append(Stroke(key=f"curve:{node.key}", points=points, color=color.stroke))
        return height
    for place, level in enumerate((44, 76, 58, 96)):
        bar = Box(at.x + 24 + inner * place / 4, base - level, inner / 4 - 14, float(level))
        page.box(f"bar{place}:{node.key}", bar, Paint(fill=color.fill, stroke=color.stroke, text=color.text))
    return height


def _lines(page: _Page, node: Node, at: Point, width: float) -> float:
    """A table or list: the words above, its entries or empty rows below."""
    caption = page.write(f"caption:{node.key}", node.label, Point(at.x + 14, at.y + 12), width - 28)
    top, rows = at.y + caption + 24, max(len(node.fields), 1) if node.fields else 4
    texts = [page.measure(entry, width - 28, page.look.label_size).height for entry in node.fields]
    row_height = max([32.0, *(text + 12 for text in texts)])
    height = caption + 24 + row_height * rows
    page.box(f"node:{node.key}", Box(at.x, at.y, width, height), _PANEL, ground=True)
    for row in range(rows):
        y = top + row_height * row
        page.strokes.append(
            Stroke(
                key=f"row{row}:{node.key}",
                points=(Point(at.x + 1, y), Point(at.x + width - 1, y)),
                color=_LINE,
                front=True,
            )
        )
    for row, entry in enumerate(node.fields):
        page.write(f"entry{row}:{node.key}", entry, Point(at.x + 14, top + row_height * row + 6), width - 28)
    return height


def _bar(page: _Page, node: Node, at: Point, width: float) -> float:
    """A menu or footer: one bar with its words side by side."""
    entries = list(node.fields) or [node.label]
    share = (width - 20) / len(entries)
    texts = [page.measure(entry, share - 10, page.look.label_size) for entry in entries]
    height = max(text.height for text in texts) + 22
    page.box(f"node:{node.key}", Box(at.x, at.y, width, height), _PANEL, ground=True)
    for place, (entry, text) in enumerate(zip(entries, texts, strict=True)):
        page.write(
            f"entry{place}:{node.key}",
            entry,
            Point(at.x + 10 + place * share, at.y + (height - text.height) / 2),
            share,
            center=True,
        )
    return height


def _section(page: _Page, node: Node, at: Point, width: float) -> float:
    inner = page.children.get(node.key, [])
    if not inner:
        height = max(90.0, page.bar_height(node.label, width))
        page.box(f"node:{node.key}", Box(at.x, at.y, width, height), _PANEL, node.label)
        return height
    mark = len(page.figures)
    caption = page.write(f"caption:{node.key}", node.label, Point(at.x + 14, at.y + 12), width - 28)
    end = _stack(page, inner, Point(at.x + 14, at.y + caption + 24), width - 28)
    height = end - at.y + 14
    panel = Figure(
        key=f"node:{node.key}",
        shape="rectangle",
        box=Box(at.x, at.y, width, height),
        paint=_PANEL,
        ground=True,
    )
    page.figures.insert(mark, panel)
    return height


def _sidebar(page: _Page, node: Node, box: Box) -> float:
    entries = list(node.fields) or [node.label]
    y = box.y + 14
    for place, entry in enumerate(entries):
        y += page.write(f"entry{place}:{node.key}", entry, Point(box.x + 14, y), box.width - 28) + 12
    height = max(box.height, y - box.y)
    page.box(f"node:{node.key}", box._replace(height=height), _PANEL, ground=True)
    return box.y + height


_DRAWN: Final[Mapping[Widget, Callable[[_Page, Node, Point, float], float]]] = {
    "section": _section,
    "heading": _heading,
    "text": _text,
    "field": _field,
    "area": _area,
    "choice": _choice,
    "checkbox": _checkbox,
    "button": _button,
    "image": _image,
    "card": _card,
    "chart": _chart,
    "table": _lines,
    "list": _lines,
    "menu": _bar,
    "footer": _bar,
    "search": _search,
}
