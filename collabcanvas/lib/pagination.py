"""Pages of lists: limits from 1 to 100, refused with a sentence when they are not numbers."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request


def integer_parameter(request: Request, name: str, *, default: int, minimum: int, maximum: int) -> int:
    """A whole number from the query string; raises `ValidationError` naming the parameter and its bounds."""
    raw = request.query_params.get(name)
    if raw is None:
        return default
    # Digits only: int() would also take " 1_0 " and other scripts' digits, and refuse 5,000 of them loudly.
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 18) or not minimum <= int(raw) <= maximum:
        raise ValidationError({name: [f"“{name}” must be a whole number from {minimum} to {maximum}."]})
    return int(raw)


LIMIT: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}
OFFSET: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": 10_000_000, "default": 0}
# What has a number of its own and is asked for from there on; more digits than these are refused.
SEQUENCE: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
LIMIT_PARAMETER = OpenApiParameter("limit", LIMIT)
OFFSET_PARAMETER = OpenApiParameter("offset", OFFSET)


def with_bounds(parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parameters of a paginator for the OpenAPI document, which says what is taken for them."""
    known = {"limit": LIMIT, "offset": OFFSET}
    return [{**item, "schema": known.get(item["name"], item["schema"])} for item in parameters]


class LimitOffset(LimitOffsetPagination):
    """`?limit=1…100&offset=0…`; anything else is a 400."""

    default_limit = 50
    max_limit = 100

    def get_limit(self, request: Request) -> int:
        return integer_parameter(
            request, "limit", default=self.default_limit, minimum=1, maximum=self.max_limit
        )

    def get_offset(self, request: Request) -> int:
        return integer_parameter(request, "offset", default=0, minimum=0, maximum=10_000_000)

    def get_schema_operation_parameters(self, view: Any) -> Any:
        return with_bounds(super().get_schema_operation_parameters(view))
