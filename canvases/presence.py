"""Who is here and where they point: read from sockets, never stored; pure."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from canvases.elements.validate import MAX_OBJECT_ID_LENGTH
from collabcanvas.lib.errors import InvalidInput

MAX_SELECTED = 500
_FARTHEST = 1e9
_NOT_A_POINT = "A pointer needs x and y as numbers in scene coordinates."


class RateLimit:
    """Lets through at most `per_second` calls a second on average, and as many in one burst."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        self._left = per_second
        self._checked_at = clock()

    def allows(self) -> bool:
        """Whether one more may pass now; counts it when it does."""
        now = self._clock()
        self._left = min(self._per_second, self._left + (now - self._checked_at) * self._per_second)
        self._checked_at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def _coordinate(raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not abs(raw) <= _FARTHEST:
        raise InvalidInput(_NOT_A_POINT)
    return raw


def pointer(message: Mapping[str, Any], *, client_id: str) -> dict[str, Any]:
    """The announcement of a `presence.pointer`; raises `InvalidInput` for anything but two numbers."""
    return {
        "type": "presence.pointer",
        "client_id": client_id,
        "x": _coordinate(message.get("x")),
        "y": _coordinate(message.get("y")),
        "button": "down" if message.get("button") == "down" else "up",
    }


def selection(message: Mapping[str, Any], *, client_id: str) -> dict[str, Any]:
    """The announcement of a `presence.selection`; raises `InvalidInput` unless it is a short list of ids."""
    ids = message.get("object_ids")
    if not (
        isinstance(ids, list)
        and len(ids) <= MAX_SELECTED
        and all(isinstance(item, str) and len(item) <= MAX_OBJECT_ID_LENGTH for item in ids)
    ):
        raise InvalidInput(f"A selection is a list of at most {MAX_SELECTED} object ids.")
    return {"type": "presence.selection", "client_id": client_id, "object_ids": ids}
