"""Trees and mind maps: every parent in the middle of its children, levels in line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from canvases.layout.geometry import Box, Point, Size

LEVEL_GAP: Final = 64.0
SIBLING_GAP: Final = 28.0
BRANCH_GAP: Final = 64.0
MIND_LEVEL_GAP: Final = 72.0
MIND_SIBLING_GAP: Final = 18.0


@dataclass(frozen=True)
class Forest:
    """Nodes by number: the roots, and the children of each node, all in reading order."""

    roots: tuple[int, ...]
    children: tuple[tuple[int, ...], ...]


def forest_of(count: int, links: Sequence[tuple[int, int]]) -> tuple[Forest, set[int]]:
    """A forest that reaches every node once, and the numbers of the links that it uses.

    Links may form any graph: a link that would close a circle or give a second parent is left out.
    """
    outgoing: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    has_parent = set()
    for number, (source, target) in enumerate(links):
        if source != target:
            outgoing[source].append((number, target))
            has_parent.add(target)
    children: list[list[int]] = [[] for _ in range(count)]
    used: set[int] = set()
    seen: set[int] = set()
    roots: list[int] = []
    for start in sorted(range(count), key=lambda node: (node in has_parent, node)):
        if start in seen:
            continue
        roots.append(start)
        seen.add(start)
        queue = [start]
        for node in queue:
            for number, target in outgoing[node]:
                if target not in seen:
                    seen.add(target)
                    used.add(number)
                    children[node].append(target)
                    queue.append(target)
    return Forest(tuple(roots), tuple(map(tuple, children))), used


def tree(sizes: Sequence[Size], forest: Forest) -> tuple[Box, ...]:
    """Roots on top, children below, side by side."""
    boxes = [Box(0, 0, *size) for size in sizes]
    levels = _levels(forest)
    tops = _starts([max(sizes[node].height for node in level) for level in levels], LEVEL_GAP)
    x = 0.0
    for root in forest.roots:
        breadth = _breadths(root, [size.width for size in sizes], forest, SIBLING_GAP)
        _spread(root, x, breadth, [size.width for size in sizes], forest, SIBLING_GAP, boxes, across="x")
        x += breadth[root] + BRANCH_GAP
    for depth, level in enumerate(levels):
        for node in level:
            boxes[node] = boxes[node]._replace(y=tops[depth])
    return tuple(boxes)


def mind_map(sizes: Sequence[Size], forest: Forest) -> tuple[Box, ...]:
    """The root in the middle, its branches to the right and then to the left, balanced by height."""
    boxes = [Box(0, 0, *size) for size in sizes]
    top = 0.0
    heights = [size.height for size in sizes]
    for root in forest.roots:
        breadth = _breadths(root, heights, forest, MIND_SIBLING_GAP)
        right, left = _halves(forest.children[root], breadth)
        total = [
            sum(breadth[node] + MIND_SIBLING_GAP for node in half) - MIND_SIBLING_GAP
            for half in (right, left)
        ]
        tallest = max([sizes[root].height, *total])
        boxes[root] = Box(-sizes[root].width / 2, top + (tallest - sizes[root].height) / 2, *sizes[root])
        for half, extent, sign in ((right, total[0], 1), (left, total[1], -1)):
            y = top + (tallest - extent) / 2
            for node in half:
                _spread(node, y, breadth, heights, forest, MIND_SIBLING_GAP, boxes, across="y")
                y += breadth[node] + MIND_SIBLING_GAP
            _place_outward(half, sign, sizes[root].width / 2 + MIND_LEVEL_GAP, sizes, forest, boxes)
        top += tallest + BRANCH_GAP
    return tuple(boxes)


def _place_outward(
    nodes: Sequence[int], sign: int, start: float, sizes: Sequence[Size], forest: Forest, boxes: list[Box]
) -> None:
    level = list(nodes)
    while level:
        for node in level:
            x = start if sign > 0 else -start - sizes[node].width
            boxes[node] = boxes[node]._replace(x=x)
        start += max(sizes[node].width for node in level) + MIND_LEVEL_GAP
        level = [child for node in level for child in forest.children[node]]


def _halves(children: Sequence[int], breadth: dict[int, float]) -> tuple[Sequence[int], Sequence[int]]:
    if len(children) < 3:
        return children[:1], children[1:]
    cuts = range(1, len(children))
    cut = min(
        cuts,
        key=lambda at: abs(
            sum(breadth[node] for node in children[:at]) - sum(breadth[node] for node in children[at:])
        ),
    )
    return children[:cut], children[cut:]


def _levels(forest: Forest) -> list[list[int]]:
    levels: list[list[int]] = []
    level = list(forest.roots)
    while level:
        levels.append(level)
        level = [child for node in level for child in forest.children[node]]
    return levels


def _starts(extents: Sequence[float], gap: float) -> list[float]:
    starts, at = [], 0.0
    for extent in extents:
        starts.append(at)
        at += extent + gap
    return starts


def _breadths(root: int, own: Sequence[float], forest: Forest, gap: float) -> dict[int, float]:
    """How much room each subtree takes across, by its top node; children are settled before parents."""
    order = [root]
    for node in order:
        order.extend(forest.children[node])
    breadth: dict[int, float] = {}
    for node in reversed(order):
        inner = sum(breadth[child] + gap for child in forest.children[node]) - gap
        breadth[node] = max(own[node], inner)
    return breadth


def _spread(
    root: int,
    start: float,
    breadth: dict[int, float],
    own: Sequence[float],
    forest: Forest,
    gap: float,
    boxes: list[Box],
    *,
    across: Literal["x", "y"],
) -> None:
    """Gives every node of a subtree its place across, the subtree's own band beginning at `start`."""
    open_ = [(root, start)]
    while open_:
        node, at = open_.pop()
        middle = at + breadth[node] / 2 - own[node] / 2
        boxes[node] = boxes[node]._replace(x=middle) if across == "x" else boxes[node]._replace(y=middle)
        children = forest.children[node]
        inner = sum(breadth[child] + gap for child in children) - gap
        at += (breadth[node] - inner) / 2
        for child in children:
            open_.append((child, at))
            at += breadth[child] + gap


def tree_route(parent: Box, child: Box) -> tuple[Point, ...]:
    """From the middle below the parent to the middle above the child, sideways halfway between the levels."""
    start, end = Point(parent.center.x, parent.bottom), Point(child.center.x, child.y)
    if abs(start.x - end.x) < 1:
        return Point(end.x, start.y), end
    level = end.y - LEVEL_GAP / 2
    return start, Point(start.x, level), Point(end.x, level), end


def mind_route(parent: Box, child: Box) -> tuple[Point, ...]:
    """Straight from the parent's side to the child's."""
    if child.x >= parent.right:
        return Point(parent.right, parent.center.y), Point(child.x, child.center.y)
    return Point(parent.x, parent.center.y), Point(child.right, child.center.y)
