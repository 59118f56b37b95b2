"""The JSON parser of every REST view: strict where PostgreSQL and browsers are strict."""

import json
import re
from collections.abc import Mapping
from typing import IO, Any, Never

from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import BaseParser

FORBIDDEN_TEXT = "A text contains a NUL character or half of a surrogate pair. Remove it and send again."
_MAX_DEPTH = 64
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def has_forbidden_text(value: Any, depth: int = 0) -> bool:
    """Whether any text inside, keys included, cannot be stored as UTF-8 by PostgreSQL, or nesting passes 64 levels."""
    if depth > _MAX_DEPTH:
        return True
    if isinstance(value, str):
        return _FORBIDDEN.search(value) is not None
    if isinstance(value, Mapping):
        return any(
            has_forbidden_text(k, depth + 1) or has_forbidden_text(v, depth + 1) for k, v in value.items()
        )
    if isinstance(value, list):
        return any(has_forbidden_text(item, depth + 1) for item in value)
    return False


def loads(raw: str | bytes) -> Any:
    """Parse JSON as the contract wants it.

    Raises `ParseError` for anything that is not JSON (NaN and Infinity included) and `ValidationError` for
    texts that cannot be stored.
    """
    try:
        value = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ParseError from error
    if has_forbidden_text(value):
        raise ValidationError(FORBIDDEN_TEXT)
    return value


class StrictJSONParser(BaseParser):
    """`application/json` only, through `loads`."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return loads(stream.read())
