"""All addresses of the web service."""

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from ai_jobs.api.session import session_extra
from collabcanvas.lib.errors import unknown_address
from collabcanvas.lib.page import page
from collabcanvas.lib.session_api import SessionView

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/session", SessionView.as_view(extra=session_extra), name="session"),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/", include("canvases.api.urls")),
    path("api/", include("ai_jobs.api.urls")),
    re_path(r"^api/", unknown_address),
    # Every other address outside these prefixes is the page's: it routes by itself.
    re_path(r"^(?!api/|admin/|static/|ws/).*$", page, name="page"),
]

handler404 = "collabcanvas.lib.errors.handler404"
handler500 = "collabcanvas.lib.errors.handler500"
