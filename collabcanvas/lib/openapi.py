"""What every address answers beside what its view says: added to the OpenAPI document in one place."""

from collections.abc import Mapping
from typing import Any, Final

# What is left when Python trims a text, which also takes control characters that \s does not mean everywhere.
NOT_BLANK: Final = r"[^\s\x1c-\x1f\x85]"
_ERROR: Final = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
_RETRY_AFTER: Final = {
    "Retry-After": {
        "description": "Seconds until it is allowed.",
        "schema": {"type": "integer", "minimum": 1},
    }
}
# Health stays reachable when nothing else is.
_UNLIMITED: Final = "/api/ai-agent/health"


def _answer(description: str, **more: Any) -> dict[str, Any]:
    return {"description": description, "content": _ERROR, **more}


def add_common_answers(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: each operation documents the refusals that do not depend on its view."""
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for code, answer in _common(path, method, operation).items():
                operation["responses"].setdefault(code, answer)
    return result


def _common(path: str, method: str, operation: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    answers = {
        "400": _answer("The input is not valid."),
        "413": _answer("The body is too large."),
        "503": _answer("The database is away."),
    }
    if operation.get("security"):
        answers["401"] = _answer("Not signed in, or with a token that is not valid.")
    if path != _UNLIMITED:
        answers["429"] = _answer("Too many requests.", headers=_RETRY_AFTER)
    if "{" in path:
        answers["404"] = _answer("Unknown, or not for you to see.")
    if method != "get":
        answers["403"] = _answer("Not allowed, or the CSRF token is missing.")
        answers["415"] = _answer("The body is not JSON.")
    return answers
