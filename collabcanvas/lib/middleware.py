"""Requests that no view should see, and a header that every answer has."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse

from collabcanvas.lib.errors import InvalidInput, TooLarge

# What neither the page nor the editor uses, and no script that gets into them may.
_NOT_USED = (
    "bluetooth", "camera", "display-capture", "geolocation", "hid", "microphone", "midi", "payment", "serial", "usb",
)  # fmt: skip


class PermissionsPolicyMiddleware:
    """Every answer tells the browser which of its powers nobody here needs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", ", ".join(f"{name}=()" for name in _NOT_USED))
        return response


class BoundRequestMiddleware:
    """Answers 413 above the body limit and 400 for NUL in the address, before anything is parsed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if _is_larger(request, limit):
            error = TooLarge(f"The request is larger than {limit // 1024} KB. Send less at once.")
            return JsonResponse(error.as_dict(), status=error.status)
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            refused = InvalidInput("The address contains a NUL character. Remove it.")
            return JsonResponse(refused.as_dict(), status=refused.status)
        # A cookie can spell NUL, too; ours never do, and a session of such a name would crash the database's client.
        for name in [name for name, value in request.COOKIES.items() if "\x00" in value]:
            del request.COOKIES[name]
        return self.get_response(request)


def _is_larger(request: HttpRequest, limit: int) -> bool:
    declared = request.META.get("CONTENT_LENGTH") or ""
    if declared.isascii() and declared.isdigit():
        return int(declared) > limit
    # Without a declared length (chunked transfer) the body itself is measured.
    try:
        return len(request.body) > limit
    except RequestDataTooBig:
        return True
