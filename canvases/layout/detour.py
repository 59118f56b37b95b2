"""The shortest way at right angles between two boxes through whatever gaps there are, found by search."""

import bisect
import heapq
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from canvases.layout.geometry import Box, Point, segment_meets

# So far a way keeps from what it goes around: gaps of twice as much can be passed.
_CLEAR: Final = 12.0


class _State(NamedTuple):
    """A crossing of two grid lines, and whether it was reached on the level one."""

    column: int
    row: int
    is_level: bool


def find_detour(
    source: Box, target: Box, walls: Sequence[Box], *, bend_cost: float
) -> tuple[Point, ...] | None:
    """From the middle of a side to the middle of a side, past all walls and both boxes; None without a way.

    The lines beside the walls make a grid, and the way is the cheapest along its free pieces: its length, and
    `bend_cost` for each bend (Dijkstra).
    """
    solid = [*walls, source.grown(-1), target.grown(-1)]
    grid = _Grid(source, target, solid)
    starts, goals = grid.doors(source), grid.doors(target)
    cost_of = dict.fromkeys(starts, 0.0)
    before: dict[_State, _State] = {}
    queue = [(0.0, state) for state in starts]
    heapq.heapify(queue)
    best: tuple[float, _State, _State] | None = None
    while queue:
        cost, state = heapq.heappop(queue)
        if best and cost >= best[0]:
            break
        if cost > cost_of[state]:
            continue
        for goal in goals:
            if state[:2] == goal[:2]:
                whole = cost + bend_cost * (state.is_level != goal.is_level)
                best = min(best or (whole, state, goal), (whole, state, goal))
        for following, length in grid.neighbours(state):
            total = cost + length + bend_cost * (state.is_level != following.is_level)
            if total < cost_of.get(following, float("inf")):
                cost_of[following] = total
                before[following] = state
                heapq.heappush(queue, (total, following))
    if best is None:
        return None
    _, state, goal = best
    way = [goals[goal], grid.at(state)]
    while state in before:
        state = before[state]
        way.append(grid.at(state))
    way.append(starts[state])
    return _without_needless(way[::-1])


class _Grid:
    """The lines beside the walls and through the middle of both ends, and which of their pieces are free."""

    def __init__(self, source: Box, target: Box, walls: Sequence[Box]) -> None:
        self.columns = sorted(
            {box.center.x for box in (source, target)}
            | {edge for box in walls for edge in (box.x - _CLEAR, box.right + _CLEAR)}
        )
        self.rows = sorted(
            {box.center.y for box in (source, target)}
            | {edge for box in walls for edge in (box.y - _CLEAR, box.bottom + _CLEAR)}
        )
        self._walls = walls
        self._closed: set[_State] = set()  # a piece by the crossing where it begins, left or on top
        for box in walls:
            self._closed.update(
                _State(column, row, is_level)
                for is_level in (True, False)
                for column in _within(self.columns, box.x, box.right, pieces=is_level)
                for row in _within(self.rows, box.y, box.bottom, pieces=not is_level)
            )

    def at(self, state: _State) -> Point:
        return Point(self.columns[state.column], self.rows[state.row])

    def doors(self, box: Box) -> dict[_State, Point]:
        """The crossings right outside the sides that are free there, each with the middle of its side."""
        x, y = box.center
        inside = box.grown(-1)
        column, row = self.columns.index(x), self.rows.index(y)
        left, right = (self.columns.index(at) for at in (inside.x - _CLEAR, inside.right + _CLEAR))
        above, below = (self.rows.index(at) for at in (inside.y - _CLEAR, inside.bottom + _CLEAR))
        sides = {
            _State(column, above, False): Point(x, box.y),
            _State(column, below, False): Point(x, box.bottom),
            _State(left, row, True): Point(box.x, y),
            _State(right, row, True): Point(box.right, y),
        }
        return {
            door: middle
            for door, middle in sides.items()
            if not any(segment_meets(wall, middle, self.at(door)) for wall in self._walls)
        }

    def neighbours(self, state: _State) -> Iterator[tuple[_State, float]]:
        """The next crossings that are reached freely, each with how far away it is."""
        column, row, _ = state
        for is_level, lines, at in ((True, self.columns, column), (False, self.rows, row)):
            for step in (-1, 1):
                to, piece = at + step, min(at, at + step)
                following = _State(to, row, True) if is_level else _State(column, to, False)
                begins = _State(piece, row, True) if is_level else _State(column, piece, False)
                if 0 <= to < len(lines) and begins not in self._closed:
                    yield following, abs(lines[to] - lines[at])


def _within(lines: Sequence[float], low: float, high: float, *, pieces: bool) -> range:
    """The lines inside, or the pieces between two lines that are partly inside, by the line where they begin."""
    if pieces:
        return range(max(bisect.bisect_right(lines, low) - 1, 0), bisect.bisect_left(lines, high))
    return range(bisect.bisect_right(lines, low), bisect.bisect_left(lines, high))


def _without_needless(way: Sequence[Point]) -> tuple[Point, ...]:
    """The same line without points on which it does not bend."""
    kept = [way[0]]
    for before, at, after in zip(way, way[1:], way[2:], strict=False):
        if at != kept[-1] and not (before.x == at.x == after.x or before.y == at.y == after.y):
            kept.append(at)
    return (*kept, way[-1])
