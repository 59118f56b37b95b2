"""The strict gate for elements that come from outside: browsers, the API, and models.

Everything that Excalidraw 0.18.1 writes passes unchanged, keys we do not know included; what could break
another person's editor, the database, or our own arithmetic does not.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from fractional_indexing import BASE_62_DIGITS, FIError, validate_order_key

MAX_OBJECT_ID_LENGTH: Final = 64
MAX_INDEX_LENGTH: Final = 256
MAX_BYTES: Final = 200_000
MAX_TEXT: Final = 20_000
MAX_POINTS: Final = 10_000
MAX_COORDINATE: Final = 1e7
MAX_DEPTH: Final = 12
_MAX_ITEMS: Final = 10_000
_MAX_KEYS: Final = 200
_MAX_SAFE_INTEGER: Final = 2**53 - 1
# The server raises what it is given, by deleting, undoing and restoring: that it still fits, it is given half of it.
_MAX_VERSION: Final = 2**52
# What the server may set in any element. It counts for no limit, so that what was taken once is read back always.
_SET_BY_SERVER: Final = frozenset({"version", "versionNonce", "index", "isDeleted", "updated"})
# Keys that begin so are at the end of what can be counted to: what follows them grows with every key.
LAST_INDEXES: Final = "z"
_MAX_NONCE: Final = 2**31 - 1
_ID: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_OBJECT_ID_LENGTH}}}")
_SHAPE: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_COLOR: Final = re.compile(r"[#A-Za-z0-9(),.%\s/-]{0,64}")
_TYPES: Final = {
    "rectangle", "diamond", "ellipse", "text", "arrow", "line", "freedraw", "image", "frame", "magicframe",
}  # fmt: skip
_LINK_SCHEMES: Final = {"http", "https", "mailto"}
_ARROWHEADS: Final = {
    "arrow", "bar", "dot", "circle", "circle_outline", "triangle", "triangle_outline", "diamond",
    "diamond_outline", "crowfoot_one", "crowfoot_many", "crowfoot_one_or_many",
}  # fmt: skip


# Written out where they are used, these would be put together anew for each value that is looked at.
_CONTAINERS: Final = (dict, list)
_NUMBERS: Final = (int, float)


class InvalidElement(Exception):
    """An element that is refused; `message` is a sentence that names the field, or what a person made of it."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


@dataclass(frozen=True)
class ParsedElement:
    """A valid element. `properties` is the element itself, as it is stored and sent on, its sizes made positive.

    `text` is that as `json_text` writes it, made once for all who need it. `index` is None where the sender has
    none yet; the server then gives one.
    """

    id: str
    object_type: str
    version: int
    version_nonce: int
    index: str | None
    is_deleted: bool
    properties: dict[str, Any]
    text: str


# Texts, so that nothing inside them is taken for a number, and numbers with a negative exponent.
_TINY: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|(-?)(\d)(?:\.(\d+))?e-(\d+)')
_encode = json.JSONEncoder(ensure_ascii=False).encode
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def json_text(properties: Mapping[str, Any]) -> str:
    """The element's JSON, as long as PostgreSQL writes it: it only sorts the keys in another way.

    So numbers are written in full there, and 1e-300 is 302 characters long.
    """
    text = _encode(properties)
    return _TINY.sub(_in_full, text) if "e-" in text else text


def _in_full(found: re.Match[str]) -> str:
    sign, first, others, exponent = found.groups()
    return f"{sign}0.{'0' * (int(exponent) - 1)}{first}{others or ''}" if first else found[0]


def parse_element(raw: object, *, is_stored: bool = False) -> ParsedElement:
    """The element as typed columns beside its JSON; raises `InvalidElement` for anything out of bounds.

    With `is_stored`, it is one that a canvas holds or held, or that the server made of one: that may have used the room
    which is left to it.
    """
    if not isinstance(raw, dict):
        msg = "The element must be a JSON object."
        raise InvalidElement(msg)
    _check_what_people_make(raw)
    _check_tree(raw, "", 0)
    element_id = _required(raw, "id")
    if not isinstance(element_id, str) or not _ID.fullmatch(element_id):
        msg = f"id: must be 1 to {MAX_OBJECT_ID_LENGTH} letters, digits, hyphens or underscores."
        raise InvalidElement(msg)
    kind = _required(raw, "type")
    if kind in ("iframe", "embeddable"):
        msg = "type: embedded pages are not allowed."
        raise InvalidElement(msg)
    if not isinstance(kind, str) or kind not in _TYPES:
        raise InvalidElement(f"type: must be one of {', '.join(sorted(_TYPES))}.")
    for field, value in raw.items():
        if check := _FIELDS.get(field):
            check(field, value)
    for field in ("x", "y", "width", "height"):
        _required(raw, field)
    if kind in {"arrow", "line", "freedraw"} and "points" not in raw:
        msg = "points: is missing."
        raise InvalidElement(msg)
    if kind == "text":
        _required(raw, "text")
    version = _integer(raw, "version", _MAX_SAFE_INTEGER if is_stored else _MAX_VERSION)
    nonce = _integer(raw, "versionNonce", _MAX_NONCE)
    is_deleted = raw.get("isDeleted", False)
    index = _index(raw.get("index"))
    if index is not None and not is_stored and index >= LAST_INDEXES:
        raise InvalidElement(
            f"index: leaves no room for objects above it. It must begin with a letter before {LAST_INDEXES!r}."
        )
    properties = _with_positive_sizes(raw)
    text = json_text(properties)
    # The blanks between its parts do not count, but are seldom what it is about.
    if len(text.encode()) > MAX_BYTES and _size(properties) > MAX_BYTES:
        raise InvalidElement(f"The element is larger than {MAX_BYTES // 1000} KB.")
    return ParsedElement(
        id=element_id,
        object_type=_object_type(kind, raw.get("customData")),
        version=version,
        version_nonce=nonce,
        index=index,
        is_deleted=is_deleted,
        properties=properties,
        text=text,
    )


def _size(properties: Mapping[str, Any]) -> int:
    return len(
        _compact({key: value for key, value in properties.items() if key not in _SET_BY_SERVER}).encode()
    )


def _with_positive_sizes(raw: dict[str, Any]) -> dict[str, Any]:
    """As the editor itself does it at the end of a stroke: a box drawn to the left begins at its left edge."""
    turned: dict[str, Any] = {}
    for size, place in (("width", "x"), ("height", "y")):
        if raw[size] < 0:
            turned[size] = -raw[size]
            # Where a line begins is where its first point is, whatever its direction.
            if "points" not in raw:
                turned[place] = raw[place] + raw[size]
                _coordinate(place, turned[place])
    return {**raw, **turned} if turned else raw


def is_valid_index(index: str) -> bool:
    """Whether the editor accepts this fractional index; an invalid one makes it drop a whole update."""
    if not index or len(index) > MAX_INDEX_LENGTH or any(char not in BASE_62_DIGITS for char in index):
        return False
    try:
        validate_order_key(index)
    except (FIError, IndexError):
        return False
    return True


def last_index(indexes: Iterable[str | None]) -> str | None:
    """The index that new ones can follow: the highest, but for those that nothing can follow at a bearable length."""
    return max((index for index in indexes if index and index < LAST_INDEXES), default=None)


def _check_what_people_make(raw: Mapping[Any, object]) -> None:
    """The bounds that somebody meets who draws and types in the editor, in words for them."""
    for field in ("text", "originalText"):
        words = raw.get(field)
        if isinstance(words, str) and len(words) > MAX_TEXT:
            raise InvalidElement(
                f"A text has at most {MAX_TEXT:,} characters. Shorten it, or make it two texts."
            )
    points = raw.get("points")
    if isinstance(points, list) and len(points) > MAX_POINTS:
        raise InvalidElement(f"A line has at most {MAX_POINTS:,} points. Draw it in several strokes.")


def _check_tree(parent: Mapping[Any, object] | list[object], path: str, depth: int) -> None:
    """Bounds on everything, known or not: depth, sizes, finite numbers, storable text."""
    where = path or "The element"
    if parent and depth == MAX_DEPTH:
        raise InvalidElement(f"{where}: is nested too deeply.")
    if isinstance(parent, list):
        if len(parent) > _MAX_ITEMS:
            raise InvalidElement(f"{where}: at most {_MAX_ITEMS:,} entries are allowed.")
        for item in parent:
            if isinstance(item, _CONTAINERS):
                _check_tree(item, path, depth + 1)
            elif problem := _problem_of(item):
                raise InvalidElement(f"{where}: {problem}")
        return
    if len(parent) > _MAX_KEYS and (depth or len(parent.keys() - _SET_BY_SERVER) > _MAX_KEYS):
        raise InvalidElement(f"{where}: at most {_MAX_KEYS} keys are allowed.")
    for key, item in parent.items():
        if key not in _FIELDS:
            if not isinstance(key, str):
                raise InvalidElement(f"{where}: keys must be strings.")
            if problem := _problem_of_text(key, 128):
                raise InvalidElement(f"{where}, a key: {problem}")
        if isinstance(item, _CONTAINERS):
            _check_tree(item, f"{path}.{key}" if path else key, depth + 1)
        elif problem := _problem_of(item):
            raise InvalidElement(f"{path}.{key}: {problem}" if path else f"{key}: {problem}")


def _problem_of(value: object) -> str:
    """What is wrong with what is no list and no object."""
    if isinstance(value, str):
        return _problem_of_text(value, MAX_TEXT)
    if isinstance(value, int):
        return "the number is too large." if abs(value) > _MAX_SAFE_INTEGER else ""
    if isinstance(value, float):
        # Of what is no number, no comparison is true.
        return "" if abs(value) <= _MAX_SAFE_INTEGER else "must be a finite number."
    return "" if value is None else "is not JSON."


def _problem_of_text(value: str, limit: int) -> str:
    if len(value) > limit:
        return f"at most {limit:,} characters are allowed."
    if "\0" in value:
        return "NUL characters are not allowed."
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        return "contains half of a surrogate pair."
    return ""


def _required(raw: Mapping[str, Any], field: str) -> Any:
    if field not in raw:
        raise InvalidElement(f"{field}: is missing.")
    return raw[field]


def _integer(raw: Mapping[str, Any], field: str, limit: int) -> int:
    value = _required(raw, field)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= limit:
        raise InvalidElement(f"{field}: must be a whole number from 0 to {limit}.")
    return value


def _index(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not is_valid_index(value):
        msg = "index: is not a valid fractional index."
        raise InvalidElement(msg)
    return value


def _object_type(kind: str, custom: object) -> str:
    shape = custom.get("shape") if isinstance(custom, dict) else None
    if kind == "line" and isinstance(shape, str) and _SHAPE.fullmatch(shape):
        return shape
    return kind


# -- one check for each known key ------------------------------------------------------------------------

_Check = Callable[[str, object], None]


def _is_number(value: object) -> bool:
    return isinstance(value, _NUMBERS) and not isinstance(value, bool)


def _number(low: float, high: float, *, nullable: bool = False) -> _Check:
    def check(field: str, value: object) -> None:
        if value is None and nullable:
            return
        if not isinstance(value, _NUMBERS) or isinstance(value, bool):
            raise InvalidElement(f"{field}: must be a number.")
        if not low <= value <= high:
            raise InvalidElement(f"{field}: must be between {low:g} and {high:g}.")

    return check


def _string(limit: int, *, nullable: bool = False, pattern: re.Pattern[str] | None = None) -> _Check:
    def check(field: str, value: object) -> None:
        if value is None and nullable:
            return
        if not isinstance(value, str):
            raise InvalidElement(f"{field}: must be text.")
        if len(value) > limit:
            raise InvalidElement(f"{field}: at most {limit:,} characters are allowed.")
        if pattern is not None and not pattern.fullmatch(value):
            raise InvalidElement(f"{field}: contains characters that are not allowed.")

    return check


def _one_of(*words: str, nullable: bool = False) -> _Check:
    def check(field: str, value: object) -> None:
        if value is None and nullable:
            return
        if not isinstance(value, str) or value not in words:
            raise InvalidElement(f"{field}: must be one of {', '.join(words)}.")

    return check


def _boolean(field: str, value: object) -> None:
    if not isinstance(value, bool):
        raise InvalidElement(f"{field}: must be true or false.")


def _boolean_or_null(field: str, value: object) -> None:
    if value is not None:
        _boolean(field, value)


def _object(field: str, value: object) -> None:
    if value is not None and not isinstance(value, dict):
        raise InvalidElement(f"{field}: must be an object or null.")


def _list(field: str, value: object, limit: int) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidElement(f"{field}: must be a list.")
    if len(value) > limit:
        raise InvalidElement(f"{field}: at most {limit:,} entries are allowed.")
    return value


def _point(field: str, value: object) -> None:
    coordinates = _list(field, value, 3)
    # Excalidraw writes pairs; very old drawings carry a third number, the pressure.
    if len(coordinates) < 2 or not all(
        _is_number(number) and abs(number) <= MAX_COORDINATE for number in coordinates
    ):
        raise InvalidElement(f"{field}: must hold pairs of numbers up to {MAX_COORDINATE:g}.")


def _point_or_null(field: str, value: object) -> None:
    if value is not None:
        _point(field, value)


def _points(field: str, value: object) -> None:
    for point in _list(field, value, MAX_POINTS):
        _point(field, point)


def _numbers(field: str, value: object) -> None:
    if not all(
        _is_number(number) and abs(number) <= MAX_COORDINATE for number in _list(field, value, MAX_POINTS)
    ):
        raise InvalidElement(f"{field}: must hold numbers only.")


def _ids(field: str, value: object) -> None:
    for name in _list(field, value, 100):
        if not isinstance(name, str) or not _ID.fullmatch(name):
            raise InvalidElement(f"{field}: must hold ids only.")


def _bound_elements(field: str, value: object) -> None:
    if value is None:
        return
    for bound in _list(field, value, 1_000):
        if not isinstance(bound, dict) or bound.get("type") not in ("arrow", "text"):
            raise InvalidElement(f"{field}: every entry needs the type arrow or text.")
        if not isinstance(bound.get("id"), str) or not _ID.fullmatch(bound["id"]):
            raise InvalidElement(f"{field}: every entry needs an id.")


def _binding(field: str, value: object) -> None:
    _object(field, value)
    if not isinstance(value, dict):
        return
    if not isinstance(value.get("elementId"), str) or not _ID.fullmatch(value["elementId"]):
        raise InvalidElement(f"{field}: needs the id of an element.")
    for key in ("focus", "gap"):
        if value.get(key) is not None:
            _number(-MAX_COORDINATE, MAX_COORDINATE)(f"{field}.{key}", value[key])
    if value.get("fixedPoint") is not None:
        _point(f"{field}.fixedPoint", value["fixedPoint"])


def _roundness(field: str, value: object) -> None:
    _object(field, value)
    if isinstance(value, dict):
        if value.get("type") not in (1, 2, 3) or isinstance(value.get("type"), bool):
            raise InvalidElement(f"{field}: needs the type 1, 2 or 3.")
        if value.get("value") is not None:
            _number(0, MAX_COORDINATE)(f"{field}.value", value["value"])


def _segments(field: str, value: object) -> None:
    if value is None:
        return
    for segment in _list(field, value, 1_000):
        if not isinstance(segment, dict):
            raise InvalidElement(f"{field}: must hold objects.")
        _point(f"{field}.start", segment.get("start"))
        _point(f"{field}.end", segment.get("end"))


def _link(field: str, value: object) -> None:
    """http, https, mailto, or relative; browsers ignore blanks and controls, so there may be none."""
    if value is None or value == "":
        return
    _string(2_048)(field, value)
    assert isinstance(value, str)
    try:
        scheme = urlsplit(value).scheme.lower()
    except ValueError:
        scheme = "?"
    odd = any(char.isspace() or ord(char) < 0x20 or ord(char) == 0x7F for char in value)
    # urlsplit takes "java&#10;script:" for a path; no relative address needs a colon in its first part.
    colon = ":" in re.split(r"[/?#]", value, maxsplit=1)[0]
    if odd or (scheme and scheme not in _LINK_SCHEMES) or (not scheme and colon):
        raise InvalidElement(
            "A link leads to http, https and mailto addresses only. Correct it, or take it off."
        )


_coordinate = _number(-MAX_COORDINATE, MAX_COORDINATE)
_id_or_null = _string(MAX_OBJECT_ID_LENGTH, nullable=True, pattern=_ID)
_color = _string(64, pattern=_COLOR)

_FIELDS: Final[Mapping[str, _Check]] = {
    "x": _coordinate,
    "y": _coordinate,
    "width": _coordinate,
    "height": _coordinate,
    "angle": _number(-1000, 1000),
    "strokeColor": _color,
    "backgroundColor": _color,
    "fillStyle": _one_of("hachure", "cross-hatch", "solid", "zigzag"),
    "strokeWidth": _number(0, 1000),
    "strokeStyle": _one_of("solid", "dashed", "dotted"),
    "roughness": _number(0, 10),
    "opacity": _number(0, 100),
    "groupIds": _ids,
    "frameId": _id_or_null,
    "roundness": _roundness,
    "seed": _number(-_MAX_SAFE_INTEGER, _MAX_SAFE_INTEGER),
    "isDeleted": _boolean,
    "boundElements": _bound_elements,
    "updated": _number(0, _MAX_SAFE_INTEGER),
    "link": _link,
    "locked": _boolean,
    "customData": _object,
    "text": _string(MAX_TEXT),
    "originalText": _string(MAX_TEXT),
    "fontSize": _number(0.1, 10_000),
    "fontFamily": _number(0, 1_000),
    "textAlign": _one_of("left", "center", "right"),
    "verticalAlign": _one_of("top", "middle", "bottom"),
    "containerId": _id_or_null,
    "autoResize": _boolean,
    "lineHeight": _number(0, 100),
    "baseline": _coordinate,
    "points": _points,
    "lastCommittedPoint": _point_or_null,
    "startBinding": _binding,
    "endBinding": _binding,
    "startArrowhead": _one_of(*sorted(_ARROWHEADS), nullable=True),
    "endArrowhead": _one_of(*sorted(_ARROWHEADS), nullable=True),
    "elbowed": _boolean,
    "fixedSegments": _segments,
    "startIsSpecial": _boolean_or_null,
    "endIsSpecial": _boolean_or_null,
    "polygon": _boolean,
    "pressures": _numbers,
    "simulatePressure": _boolean,
    "fileId": _string(128, nullable=True),
    "status": _one_of("pending", "saved", "error"),
    "scale": _point,
    "crop": _object,
    "name": _string(1_000, nullable=True),
}
