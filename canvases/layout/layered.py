"""Layered layout: boxes in rows by how far they are from the start, arrows in the free space between rows.

Rank and order inside a row come from fast-sugiyama. Positions along a row are our own, because the library
knows one width for all boxes; so are the row heights, because diamonds are tall. Arrows run at right angles:
down through the rows in columns that the library's dummy nodes keep free, sideways only between rows. Arrows
that go back run around the boxes in lanes outside.

Everything here is computed for "down" in the terms *cross* (along a row) and *main* (from row to row);
"right" swaps the two on the way in and out.
"""

import bisect
import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from fast_sugiyama import from_edges

from canvases.layout.geometry import Box, Layout, Link, Point, Size, label_center
from canvases.layout.labels import with_label_at

Direction = Literal["down", "right"]

BOX_GAP: Final = 48.0
LABEL_GAP: Final = 20.0
COLUMN_GAP: Final = 22.0
ROW_GAP: Final = 60.0
TRACK_GAP: Final = 16.0
BEFORE_TRACK: Final = 20.0
# Room for an arrow head below the last bend.
AFTER_TRACK: Final = 34.0
LANE_GAP: Final = 26.0
LOOP_OUT: Final = 22.0
# Less than AFTER_TRACK: between the box and the lowest track above it.
LOOP_UP: Final = 24.0
COMPONENT_GAP: Final = 72.0
MAX_BAND: Final = 1800.0

_SWEEPS: Final = 8
# Where arrows pass so many rows in all, time goes before fewer crossings: there are thousands then in any case.
_MANY_PASSES: Final = 1_500
# So many vertices are moved in all the sweeps over a large graph.
_MOVES: Final = 30_000


class _Horizontal(NamedTuple):
    """A sideways run between two rows: from the column it comes down in to the column it goes down in."""

    net: tuple[str, int]
    came: float | None
    goes: float | None
    low: float
    high: float


@dataclass(slots=True)
class _Vertex:
    """A box, the place of a label, or a column kept free for an arrow."""

    cross_size: float
    main_size: float
    box: int | None = None
    # Kept free on both sides: for an arrow from the box to itself and its label.
    reserve: float = 0.0
    # On an arrow that passes other rows: it gives way to boxes and short arrows.
    passing: bool = False
    rank: int = 0
    cross: float = 0.0
    above: list[int] = field(default_factory=list)
    below: list[int] = field(default_factory=list)

    @property
    def half(self) -> float:
        return self.cross_size / 2 + self.reserve

    def gap_to(self, other: "_Vertex") -> float:
        if self.box is not None and other.box is not None:
            return BOX_GAP
        return LABEL_GAP if self.main_size or other.main_size else COLUMN_GAP


@dataclass(frozen=True)
class _Back:
    """An arrow that goes up: its lane, and whether each end uses the box's side or its bottom and top."""

    link: int
    lane: float
    leaves_by_side: bool
    enters_by_side: bool


def layered(sizes: Sequence[Size], links: Sequence[Link], *, direction: Direction = "down") -> Layout:
    """Places every box and routes every link; nothing overlaps and no arrow passes through a foreign box.

    The same input always gives the same result. Links may form cycles, repeat, and start where they end.
    """
    swap = direction == "right"
    cross_sizes = [Size(s.height, s.width) if swap else s for s in sizes]
    turned = [
        Link(k.source, k.target, Size(k.label.height, k.label.width) if swap and k.label else k.label)
        for k in links
    ]
    boxes: dict[int, Box] = {}
    routes: dict[int, tuple[Point, ...]] = {}
    band_cross = band_main = band_height = 0.0
    for nodes in _components(len(sizes), turned):
        part = _Component(nodes, cross_sizes, turned)
        extent = part.extent()
        if band_cross and band_cross + extent.width > MAX_BAND:
            band_cross, band_main, band_height = 0.0, band_main + band_height + COMPONENT_GAP, 0.0
        dx, dy = band_cross - extent.x, band_main - extent.y
        boxes.update({node: box.moved(dx, dy) for node, box in part.boxes.items()})
        for number, points in part.routes.items():
            routes[number] = tuple(Point(p.x + dx, p.y + dy) for p in points)
        band_cross += extent.width + COMPONENT_GAP
        band_height = max(band_height, extent.height)
    if swap:
        boxes = {node: Box(b.y, b.x, b.height, b.width) for node, b in boxes.items()}
        routes = {number: tuple(Point(p.y, p.x) for p in points) for number, points in routes.items()}
    return Layout(
        boxes=tuple(boxes[node] for node in range(len(sizes))),
        routes=tuple(routes[number] for number in range(len(links))),
    )


def _components(count: int, links: Sequence[Link]) -> list[list[int]]:
    """Nodes that hang together, each group and the groups themselves in order of first mention."""
    parent = list(range(count))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for link in links:
        first, second = sorted((root(link.source), root(link.target)))
        parent[second] = first
    groups: dict[int, list[int]] = defaultdict(list)
    for node in range(count):
        groups[root(node)].append(node)
    return list(groups.values())


def _back_links(nodes: Sequence[int], links: dict[int, Link]) -> set[int]:
    """The links that close a cycle when one reads from the first-mentioned beginnings."""
    outgoing: dict[int, list[int]] = defaultdict(list)
    targets = set()
    for number, link in links.items():
        if link.source == link.target:
            continue
        outgoing[link.source].append(number)
        targets.add(link.target)
    back: set[int] = set()
    done: set[int] = set()
    open_: set[int] = set()
    for start in sorted(nodes, key=lambda node: (node in targets, node)):
        stack = [(start, iter(outgoing[start]))] if start not in done else []
        if stack:
            open_.add(start)
        while stack:
            node, rest = stack[-1]
            for number in rest:
                target = links[number].target
                if target in open_:
                    back.add(number)
                elif target not in done:
                    open_.add(target)
                    stack.append((target, iter(outgoing[target])))
                    break
            else:
                stack.pop()
                open_.discard(node)
                done.add(node)
    return back


class _Component:
    """The layout of one connected group of boxes, in its own coordinates."""

    def __init__(self, nodes: Sequence[int], sizes: Sequence[Size], links: Sequence[Link]) -> None:
        members = set(nodes)
        self.links = {number: link for number, link in enumerate(links) if link.source in members}
        self.loops = [number for number, link in self.links.items() if link.source == link.target]
        backward = _back_links(nodes, self.links)
        self.backward = [number for number in self.links if number in backward]
        self.forward = [
            number for number in self.links if number not in backward and number not in set(self.loops)
        ]
        self.vertices = [_Vertex(sizes[node].width, sizes[node].height, box=node) for node in nodes]
        self.vertex_of = {node: number for number, node in enumerate(nodes)}
        for number in self.loops:
            label = self.links[number].label
            own = self.vertices[self._source(number)]
            own.reserve = max(own.reserve, LOOP_OUT + (label.width if label else 0))
        self.paths: dict[int, list[int]] = {}
        self.label_vertex: dict[int, int] = {}
        self._rank_and_order()
        self._place_across()
        self.backs = self._lanes()
        self._route()

    # -- rank and order ------------------------------------------------------------------------------

    def _rank_and_order(self) -> None:
        pairs = [(self._source(number), self._target(number)) for number in self.forward]
        # A label is a vertex of its own, so that it gets a place in a row like a box. Splitting every link
        # alike keeps boxes in the even rows and labels in the odd ones.
        labelled = any(self.links[n].label for n in self.forward)
        is_large = _passes(pairs) > _MANY_PASSES
        split = labelled or (len(set(pairs)) < len(pairs) and not is_large)
        met: set[tuple[int, int]] = set()
        edges: list[tuple[int, int]] = []
        starts: dict[int, list[tuple[int, int]]] = {}
        for number, (source, target) in zip(self.forward, pairs, strict=True):
            # Of a large graph only those that go where another goes: it would have twice as many rows.
            again = (source, target) in met
            met.add((source, target))
            if split or again:
                label = self.links[number].label
                middle = len(self.vertices)
                self.vertices.append(_Vertex(*(label or Size(0, 0))))
                if label:
                    self.label_vertex[number] = middle
                starts[number] = [(source, middle), (middle, target)]
            else:
                starts[number] = [(source, target)]
            edges.extend(starts[number])
        if not edges:
            self.rows = [[vertex] for vertex in range(len(self.vertices))]
            for vertex in range(len(self.vertices)):
                self.vertices[vertex].rank = vertex
            return
        through = self._ask_sugiyama(edges, is_large=is_large)
        for number in self.forward:
            path = [starts[number][0][0]]
            for edge in starts[number]:
                path.extend([*through[edge], edge[1]])
            self.paths[number] = path
            if len(path) > len(starts[number]) + 1:
                for vertex in path[1:-1]:
                    self.vertices[vertex].passing = True
            for upper, lower in itertools.pairwise(path):
                self.vertices[upper].below.append(lower)
                self.vertices[lower].above.append(upper)

    def _ask_sugiyama(
        self, edges: list[tuple[int, int]], *, is_large: bool
    ) -> dict[tuple[int, int], list[int]]:
        """Fills in rank and a first cross position; returns the vertices that each edge passes through.

        The library aborts the whole process on cycles of length one and renumbers ids that are not
        0…n-1: it is given neither.
        """
        known = len(self.vertices)
        positions, _, _, found = from_edges(
            edges, vertex_spacing=100, dummy_vertices=True, check_layout=False, transpose=not is_large
        )[0]
        places = {int(vertex): place for vertex, place in positions}
        depths = sorted({y for _, y in places.values()}, reverse=True)
        rank_of = {depth: rank for rank, depth in enumerate(depths)}
        number_of: dict[int, int] = {}
        for vertex in sorted(places):
            if vertex >= known:
                number_of[vertex] = len(self.vertices)
                self.vertices.append(_Vertex(0, 0))
            else:
                number_of[vertex] = vertex
            own = self.vertices[number_of[vertex]]
            own.cross, depth = places[vertex]
            own.rank = rank_of[depth]
        self.rows = [[] for _ in depths]
        for number in number_of.values():
            self.rows[self.vertices[number].rank].append(number)
        after: dict[int, list[int]] = defaultdict(list)
        for first, second in found or ():
            after[int(first)].append(int(second))
        through: dict[tuple[int, int], list[int]] = {}
        for source in range(known):
            for following in after[source]:
                dummies, step = [], following
                while step >= known:
                    dummies.append(number_of[step])
                    step = after[step][0]
                through[source, step] = dummies
        self._mirror_to_reading_order()
        return through

    def _mirror_to_reading_order(self) -> None:
        """The first-mentioned branch goes left: turns the whole component when most branches disagree."""
        wrong = right = 0
        targets: dict[int, list[int]] = defaultdict(list)
        for number in self.forward:
            targets[self._source(number)].append(self._target(number))
        for branch in targets.values():
            for first, second in itertools.pairwise(branch):
                here, there = self.vertices[first].cross, self.vertices[second].cross
                wrong += here > there
                right += here < there
        sign = -1 if wrong > right else 1
        for row in self.rows:
            for number in row:
                self.vertices[number].cross *= sign
            row.sort(key=lambda number: self.vertices[number].cross)

    # -- positions along the rows --------------------------------------------------------------------

    def _place_across(self) -> None:
        """Real widths, straight arrows where possible, and parents in the middle above their children."""
        rows = [_Row(row, self.vertices) for row in self.rows]
        cross = [vertex.cross for vertex in self.vertices]
        up = [self._near(vertex, vertex.above) for vertex in self.vertices]
        down = [self._near(vertex, vertex.below) for vertex in self.vertices]
        for row in rows:
            row.settle(cross, [cross[number] for number in row.numbers])
        for _ in range(max(1, min(_SWEEPS, _MOVES // (2 * len(cross))))):
            for row in rows[1:]:
                row.settle(cross, _wanted(row.numbers, up, cross))
            for row in reversed(rows[:-1]):
                row.settle(cross, _wanted(row.numbers, down, cross))
        for vertex, place in zip(self.vertices, cross, strict=True):
            vertex.cross = place
        for path in sorted(self.paths.values(), key=len):
            self._straighten(path)
        for vertex in self.vertices:
            vertex.cross = round(vertex.cross, 1)

    def _straighten(self, path: Sequence[int]) -> None:
        """Puts the inner vertices of an arrow into one column where there is room: fewer bends."""
        inner = [self.vertices[number] for number in path[1:-1]]
        if not inner:
            return
        start, end = self.vertices[path[0]].cross, self.vertices[path[-1]].cross
        room = [self._room(number) for number in path[1:-1]]
        low, high = max(left for left, _ in room), min(right for _, right in room)
        wishes = [start, end, *(vertex.cross for vertex in inner)]
        possible = [wish for wish in wishes if low <= wish <= high]
        if not possible and low <= high:
            possible = [min(max(start, low), high)]
        if possible:
            # A fork spreads at once, and arrows that meet come together late.
            liked = end if len(self.vertices[path[0]].below) > 1 else start
            best = min(
                possible,
                key=lambda at: (
                    abs(at - start) + abs(at - end) + 8 * (at not in (start, end)) + 4 * (at != liked)
                ),
            )
            for vertex in inner:
                vertex.cross = best

    def _room(self, number: int) -> tuple[float, float]:
        """How far a vertex may move before it comes too near to its neighbours in the row."""
        own = self.vertices[number]
        row = self.rows[own.rank]
        place = row.index(number)
        low, high = float("-inf"), float("inf")
        if place:
            left = self.vertices[row[place - 1]]
            low = left.cross + left.half + left.gap_to(own) + own.half
        if place + 1 < len(row):
            right = self.vertices[row[place + 1]]
            high = right.cross - right.half - own.gap_to(right) - own.half
        return low - 0.01, high + 0.01

    def _near(self, vertex: _Vertex, others: list[int]) -> list[int]:
        """The neighbours that a vertex stands amid: a box heeds arrows that pass only for want of others."""
        if vertex.box is None:
            return others
        return [number for number in others if not self.vertices[number].passing] or others

    # -- arrows that go back -------------------------------------------------------------------------

    def _lanes(self) -> dict[int, _Back]:
        backs: dict[int, _Back] = {}
        taken: list[tuple[int, int, float, float]] = []  # ranks from, to, and cross from, to
        leaving: set[tuple[int, int]] = set()
        entering: set[tuple[int, int]] = set()
        reach = {
            side: [
                max(side * self.vertices[n].cross + self.vertices[n].half for n in row) for row in self.rows
            ]
            for side in (1, -1)
        }
        by_length = sorted(
            self.backward,
            key=lambda n: (self._rank(self._source(n)) - self._rank(self._target(n)), n),
        )
        for number in by_length:
            source, target = self._source(number), self._target(number)
            top, bottom = sorted((self._rank(source), self._rank(target)))
            label = self.links[number].label
            half = (label.width / 2 if label else 0) + (6 if label else 0)
            best: tuple[float, int, float, bool, bool] | None = None
            for side in (1, -1):
                lane = side * (max(reach[side][top : bottom + 1]) + LANE_GAP + half)
                clash = True
                while clash:
                    clash = False
                    for first, last, low, high in taken:
                        if first <= bottom and top <= last and lane - half < high and low < lane + half:
                            lane = (high + LANE_GAP + half) if side > 0 else (low - LANE_GAP - half)
                            clash = True
                leaves = self._is_outermost(source, side) and (source, side) not in entering
                enters = self._is_outermost(target, side) and (target, side) not in leaving
                cost = abs(lane - self.vertices[source].cross) + abs(lane - self.vertices[target].cross)
                cost += 400 * ((not leaves) + (not enters)) + (side < 0)
                if best is None or cost < best[0]:
                    best = (cost, side, lane, leaves, enters)
            assert best is not None
            _, side, lane, leaves, enters = best
            if leaves:
                leaving.add((source, side))
            if enters:
                entering.add((target, side))
            margin = max(half, 1)
            taken.append((top, bottom, lane - margin - COLUMN_GAP / 2, lane + margin + COLUMN_GAP / 2))
            backs[number] = _Back(number, lane, leaves, enters)
        return backs

    def _is_outermost(self, number: int, side: int) -> bool:
        row = self.rows[self._rank(number)]
        return all(
            self.vertices[n].main_size == 0
            for n in (row[row.index(number) + 1 :] if side > 0 else row[: row.index(number)])
        )

    # -- arrows ----------------------------------------------------------------------------------------

    def _route(self) -> None:
        runs: dict[int, list[_Horizontal]] = defaultdict(list)  # by the row above; -1 is above the first
        for number in self.forward:
            path = self.paths[number]
            for upper, lower in itertools.pairwise(path):
                came, goes = self.vertices[upper].cross, self.vertices[lower].cross
                if came != goes:
                    run = _Horizontal(("from", upper), came, goes, min(came, goes), max(came, goes))
                    runs[self._rank(upper)].append(run)
        for back in self.backs.values():
            source, target = self._source(back.link), self._target(back.link)
            if not back.leaves_by_side:
                at = self.vertices[source].cross
                run = _Horizontal(("back", back.link), at, None, min(at, back.lane), max(at, back.lane))
                runs[self._rank(source)].append(run)
            if not back.enters_by_side:
                at = self.vertices[target].cross
                run = _Horizontal(("home", back.link), None, at, min(at, back.lane), max(at, back.lane))
                runs[self._rank(target) - 1].append(run)
        tracks = {row: _assign_tracks(found) for row, found in runs.items()}
        self._place_rows(tracks)
        self.boxes = {
            own.box: Box(
                own.cross - own.cross_size / 2,
                self.middles[own.rank] - own.main_size / 2,
                own.cross_size,
                own.main_size,
            )
            for own in self.vertices
            if own.box is not None
        }
        self.routes: dict[int, tuple[Point, ...]] = {}
        for number in self.forward:
            self.routes[number] = self._forward_route(number, tracks)
        for back in self.backs.values():
            self.routes[back.link] = self._back_route(back, tracks)
        for number in self.loops:
            self.routes[number] = self._loop_route(number)

    def _place_rows(self, tracks: dict[int, dict[tuple[str, int], int]]) -> None:
        self.middles: list[float] = []
        self.track_start: dict[int, float] = {}
        counts = {row: max(found.values()) + 1 for row, found in tracks.items() if found}
        heights = [max(self.vertices[number].main_size for number in row) for row in self.rows]
        has_boxes = [any(self.vertices[n].box is not None for n in row) for row in self.rows]
        at = 0.0
        if -1 in counts:
            self.track_start[-1] = at - AFTER_TRACK - (counts[-1] - 1) * TRACK_GAP
        last = len(self.rows) - 1
        for row, height in enumerate(heights):
            self.middles.append(at + height / 2)
            at += height
            if row == last:
                self.track_start[row] = at + BEFORE_TRACK
                break
            both = has_boxes[row] and has_boxes[row + 1]
            before = BEFORE_TRACK if has_boxes[row] else 10.0
            after = AFTER_TRACK if has_boxes[row + 1] else 10.0
            count = counts.get(row, 0)
            if not count:
                at += ROW_GAP if both else (before + after) * 0.8
                continue
            needed = before + after + (count - 1) * TRACK_GAP
            gap = max(needed, ROW_GAP) if both else needed
            self.track_start[row] = at + before + (gap - needed) / 2
            at += gap

    def _forward_route(self, number: int, tracks: dict[int, dict[tuple[str, int], int]]) -> tuple[Point, ...]:
        path = self.paths[number]
        first, last = self.boxes[self._box(path[0])], self.boxes[self._box(path[-1])]
        points = [Point(first.center.x, first.bottom)]
        for upper, lower in itertools.pairwise(path):
            came, goes = self.vertices[upper].cross, self.vertices[lower].cross
            if came != goes:
                row = self._rank(upper)
                level = self.track_start[row] + tracks[row]["from", upper] * TRACK_GAP
                points += [Point(came, level), Point(goes, level)]
        points.append(Point(last.center.x, last.y))
        label = self.label_vertex.get(number)
        if label is None:
            return tuple(points)
        own = self.vertices[label]
        return with_label_at(points, Point(own.cross, self.middles[own.rank]))

    def _back_route(self, back: _Back, tracks: dict[int, dict[tuple[str, int], int]]) -> tuple[Point, ...]:
        source, target = self._source(back.link), self._target(back.link)
        start, end = self.boxes[self._box(source)], self.boxes[self._box(target)]
        if back.leaves_by_side:
            side = start.right if back.lane > start.center.x else start.x
            points = [Point(side, start.center.y), Point(back.lane, start.center.y)]
        else:
            row = self._rank(source)
            level = self.track_start[row] + tracks[row]["back", back.link] * TRACK_GAP
            points = [
                Point(start.center.x, start.bottom),
                Point(start.center.x, level),
                Point(back.lane, level),
            ]
        if back.enters_by_side:
            side = end.right if back.lane > end.center.x else end.x
            points += [Point(back.lane, end.center.y), Point(side, end.center.y)]
        else:
            row = self._rank(target) - 1
            level = self.track_start[row] + tracks[row]["home", back.link] * TRACK_GAP
            points += [
                Point(back.lane, level),
                Point(end.center.x, level),
                Point(end.center.x, end.y),
            ]
        if self.links[back.link].label and len(points) % 2:
            corner = next(i for i, point in enumerate(points) if point.x == back.lane)
            middle = Point(back.lane, (points[corner].y + points[corner + 1].y) / 2)
            return with_label_at(points, middle)
        return tuple(points)

    def _loop_route(self, number: int) -> tuple[Point, ...]:
        """Out of the right side and back into the top, where other arrows arrive too."""
        box = self.boxes[self.links[number].source]
        label = self.links[number].label
        out = box.right + LOOP_OUT + (label.width / 2 if label else 0)
        above = box.y - LOOP_UP
        points = [
            Point(box.right, box.center.y),
            Point(out, box.center.y),
            Point(out, above),
            Point(box.center.x, above),
            Point(box.center.x, box.y),
        ]
        return with_label_at(points, Point(out, (box.center.y + above) / 2)) if label else tuple(points)

    # -- small things ----------------------------------------------------------------------------------

    def extent(self) -> Box:
        """The box around all boxes, bends and labels of this component."""
        left = min(box.x for box in self.boxes.values())
        right = max(box.right for box in self.boxes.values())
        top = min(box.y for box in self.boxes.values())
        bottom = max(box.bottom for box in self.boxes.values())
        for number, points in self.routes.items():
            label = self.links[number].label
            at, half = label_center(points), (label.width / 2 if label else 0)
            left = min(left, at.x - half, *(p.x for p in points))
            right = max(right, at.x + half, *(p.x for p in points))
            top = min(top, *(p.y for p in points))
            bottom = max(bottom, *(p.y for p in points))
        return Box(left, top, right - left, bottom - top)

    def _source(self, number: int) -> int:
        return self.vertex_of[self.links[number].source]

    def _target(self, number: int) -> int:
        return self.vertex_of[self.links[number].target]

    def _rank(self, vertex: int) -> int:
        return self.vertices[vertex].rank

    def _box(self, vertex: int) -> int:
        box = self.vertices[vertex].box
        assert box is not None
        return box


class _Row:
    """The vertices of a row from left to right, and how far each at least is from the first."""

    def __init__(self, numbers: Sequence[int], vertices: Sequence[_Vertex]) -> None:
        self.numbers = numbers
        own = [vertices[number] for number in numbers]
        gaps = (one.half + one.gap_to(other) + other.half for one, other in itertools.pairwise(own))
        self._offsets = list(itertools.accumulate(gaps, initial=0.0))
        self._weights = [1.0 if vertex.box is not None or vertex.passing else 6.0 for vertex in own]

    def settle(self, cross: list[float], wanted: Sequence[float]) -> None:
        """The positions nearest to those wanted that keep order and distance (isotonic regression)."""
        blocks: list[tuple[float, float, float, int]] = []  # where, weighted sum, weight, how many
        for wish, offset, own in zip(wanted, self._offsets, self._weights, strict=True):
            place, weight, count = wish - offset, own, 1
            total = place * weight
            while blocks and blocks[-1][0] >= place:
                _, before, more, others = blocks.pop()
                total, weight, count = before + total, more + weight, others + count
                place = total / weight
            blocks.append((place, total, weight, count))
        position = 0
        for place, _, _, count in blocks:
            for at in range(position, position + count):
                cross[self.numbers[at]] = place + self._offsets[at]
            position += count


def _wanted(numbers: Sequence[int], near_of: Sequence[Sequence[int]], cross: Sequence[float]) -> list[float]:
    """The middle one of each vertex's neighbours."""
    wanted: list[float] = []
    for number in numbers:
        near = near_of[number]
        if len(near) == 1:
            wanted.append(cross[near[0]])
        elif near:
            others = sorted([cross[other] for other in near])
            half = len(others) // 2
            wanted.append(others[half] if len(others) % 2 else (others[half - 1] + others[half]) / 2)
        else:
            wanted.append(cross[number])
    return wanted


def _passes(pairs: Sequence[tuple[int, int]]) -> int:
    """How many rows arrows pass in all, when each box stands in the row after its latest predecessor."""
    after: dict[int, list[int]] = defaultdict(list)
    waits_for: dict[int, int] = defaultdict(int)
    for source, target in pairs:
        after[source].append(target)
        waits_for[target] += 1
    rank = {source: 0 for source in after if not waits_for[source]}
    ready = list(rank)
    for source in ready:
        for target in after[source]:
            rank[target] = max(rank.get(target, 0), rank[source] + 1)
            waits_for[target] -= 1
            if not waits_for[target]:
                ready.append(target)
    return sum(rank[target] - rank[source] - 1 for source, target in pairs)


def _assign_tracks(runs: Iterable[_Horizontal]) -> dict[tuple[str, int], int]:
    """A level for every net between two rows: foreign runs never lie on one another.

    Arrows of one source form one net and may share their level, as one line that forks. Where one net comes
    down in the column that another goes down in, the first turns off higher; a ring of such wishes is cut.
    """
    nets: dict[tuple[str, int], list[_Horizontal]] = defaultdict(list)
    for run in runs:
        nets[run.net].append(run)
    spans = {net: (min(run.low for run in own), max(run.high for run in own)) for net, own in nets.items()}
    departs = sorted((run.goes, net) for net, own in nets.items() for run in own if run.goes is not None)
    must_be_below: dict[tuple[str, int], set[tuple[str, int]]] = {net: set() for net in nets}
    for net, own in nets.items():
        for came in {run.came for run in own if run.came is not None}:
            first = bisect.bisect_right(departs, came - 4, key=lambda depart: depart[0])
            for goes, other in itertools.islice(departs, first, None):
                if goes >= came + 4:
                    break
                if other != net:
                    must_be_below[other].add(net)
    tracks: dict[tuple[str, int], int] = {}
    taken: dict[int, list[tuple[float, float]]] = defaultdict(list)
    waiting = sorted(nets, key=lambda net: spans[net])
    while waiting:
        net = next((n for n in waiting if must_be_below[n] <= tracks.keys()), waiting[0])
        waiting.remove(net)
        low, high = spans[net]
        level = max((tracks[other] + 1 for other in must_be_below[net] if other in tracks), default=0)
        while any(left < high + 12 and low < right + 12 for left, right in taken[level]):
            level += 1
        tracks[net] = level
        taken[level].append((low, high))
    return tracks
