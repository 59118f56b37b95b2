"""The page: one built `index.html` for every address that is not an API."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe


@require_safe
@never_cache
@ensure_csrf_cookie
def page(request: HttpRequest, status: int = 200) -> HttpResponse:
    """The front end's entry page; a sentence instead when it has not been built."""
    index = settings.FRONTEND_DIST / "index.html"
    if not index.is_file():
        return HttpResponse(
            "The page has not been built. Run `make run`, or `npm ci && npm run build` in frontend/.\n",
            content_type="text/plain; charset=utf-8",
            status=503,
        )
    return HttpResponse(index.read_bytes(), status=status)
