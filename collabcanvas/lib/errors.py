"""Errors that people and clients may see, and the one place where they become HTTP answers."""

import logging
import sys
import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

from collabcanvas.lib.field_sentences import field_sentence

logger = logging.getLogger(__name__)

Details = Mapping[str, Sequence[str]]


class AppError(Exception):
    """Base of every error that is meant for a person.

    `message` is a sentence that says what to do; `code` a stable word for programs; `status` the HTTP
    status it becomes; `details` maps a field to its texts;
    `retry_after` is a number of seconds that becomes a header.
    """

    status: int = HTTPStatus.BAD_REQUEST
    retry_after: int | None = None
    code: str = "bad_request"
    message: str = "The request could not be understood. Check it and try again."

    def __init__(self, message: str | None = None, *, details: Details | None = None) -> None:
        self.message = message or self.message
        self.details = details
        super().__init__(self.message)

    def as_dict(self) -> dict[str, Any]:
        """The body of an error answer: `{"error", "code", "details"?}`."""
        body: dict[str, Any] = {"error": self.message, "code": self.code}
        if self.details:
            body["details"] = {field: list(texts) for field, texts in self.details.items()}
        return body


class NotFound(AppError):
    status = HTTPStatus.NOT_FOUND
    code = "not_found"
    message = "Not found. It may have been deleted, or it is not shared with you."


class Forbidden(AppError):
    status = HTTPStatus.FORBIDDEN
    code = "forbidden"
    message = "You may look at this but not change it. Ask its owner for the right to edit."


class Conflict(AppError):
    status = HTTPStatus.CONFLICT
    code = "conflict"
    message = "This is not possible in its present state. Reload and try again."


class InvalidInput(AppError):
    code = "invalid_input"
    message = "Some of the input is not valid. See the details and correct it."


class TooLarge(AppError):
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "too_large"
    message = "That is too large. Send less at once."


class Unavailable(AppError):
    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"
    message = "This is not available right now. Try again in a minute."


_DRF_MESSAGES: dict[type[exceptions.APIException], tuple[str, str]] = {
    exceptions.NotAuthenticated: ("not_authenticated", "You are not signed in. Sign in and try again."),
    exceptions.AuthenticationFailed: (
        "authentication_failed",
        "Your sign-in is not valid or has expired. Sign in again or use a fresh token.",
    ),
    exceptions.PermissionDenied: ("forbidden", Forbidden.message),
    exceptions.NotFound: ("not_found", NotFound.message),
    exceptions.MethodNotAllowed: ("method_not_allowed", "This address does not support that method."),
    exceptions.UnsupportedMediaType: (
        "unsupported_media_type",
        "Send JSON (Content-Type: application/json).",
    ),
    exceptions.ParseError: ("malformed_json", "The body is not valid JSON. Correct it and send it again."),
    exceptions.NotAcceptable: ("not_acceptable", "Only JSON answers are available. Accept application/json."),
}


def _texts(detail: Any, field: str) -> list[str]:
    if isinstance(detail, Mapping):
        return [text for key, value in detail.items() for text in _texts(value, f"{field}.{key}")]
    if isinstance(detail, list | tuple):
        return [text for item in detail for text in _texts(item, field)]
    return [field_sentence(str(detail), field=field)]


def _validation_body(detail: Any) -> dict[str, Any]:
    """Each text is a sentence that says by itself what it is about."""
    named = detail if isinstance(detail, Mapping) else {api_settings.NON_FIELD_ERRORS_KEY: detail}
    fields = {str(field): _texts(value, str(field)) for field, value in named.items()}
    return {"error": next(iter(fields.values()))[0], "code": InvalidInput.code, "details": fields}


def invalid_input(detail: Any) -> InvalidInput:
    """The domain error for what a serializer found; the same sentence and details as the REST answer."""
    body = _validation_body(detail)
    return InvalidInput(body["error"], details=body["details"])


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response:
    """Turn whatever a view raised into the contract's error body; never shows an exception's own text.

    Domain errors keep their code, DRF's get a stable one, a lost database is 503, anything else is logged
    with an `error_id` that the answer carries too (500).
    """
    if isinstance(exc, AppError):
        after = None if exc.retry_after is None else {"Retry-After": str(exc.retry_after)}
        return Response(exc.as_dict(), status=exc.status, headers=after)
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    if isinstance(exc, exceptions.ValidationError):
        return Response(_validation_body(exc.detail), status=exc.status_code)
    if isinstance(exc, exceptions.APIException):
        code, message = _DRF_MESSAGES.get(type(exc), ("bad_request", AppError.message))
        header = getattr(exc, "auth_header", None)
        headers = {"WWW-Authenticate": header} if header else None
        return Response({"error": message, "code": code}, status=exc.status_code, headers=headers)
    if isinstance(exc, OperationalError | InterfaceError):
        logger.error("database_unavailable", exc_info=exc)
        return Response(Unavailable("The database is away. Try again in a minute.").as_dict(), status=503)
    return Response(_unexpected(exc), status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _unexpected(exc: BaseException | None) -> dict[str, str]:
    error_id = uuid.uuid4().hex
    logger.error("unexpected_error", exc_info=exc, extra={"error_id": error_id})
    return {
        "error": "Something went wrong on our side. Try again; if it stays, report the error id.",
        "code": "internal_error",
        "error_id": error_id,
    }


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address that no route knows: the same body as any other 404."""
    return unknown_address(request)


@csrf_exempt
def unknown_address(request: HttpRequest) -> HttpResponse:
    """The same as a route, because in development Django answers with a page of its own instead."""
    return JsonResponse(NotFound("There is nothing at this address.").as_dict(), status=404)


def handler500(request: HttpRequest) -> HttpResponse:
    """A crash outside DRF: the same body as inside."""
    return JsonResponse(_unexpected(sys.exception()), status=500)
