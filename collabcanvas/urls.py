"""All addresses of the web service."""

from django.contrib import admin
from django.shortcuts import redirect
from django.urls import include, path, re_path
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from ai_jobs.api.session import session_extra
from ai_jobs.gauges import gauges
from ai_jobs.health import worker_versions
from collabcanvas.lib import health
from collabcanvas.lib.errors import unknown_address
from collabcanvas.lib.metrics import metrics
from collabcanvas.lib.page import page
from collabcanvas.lib.session_api import SessionView

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/session", SessionView.as_view(extra=session_extra), name="session"),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/", include("canvases.api.urls")),
    path("api/", include("ai_jobs.api.urls")),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("version", health.version, {"workers": worker_versions}, name="version"),
    path("metrics", metrics, {"gauges": gauges}, name="metrics"),
    path("admin", require_safe(lambda request: redirect("admin:index"))),
    # A probe or scrape with a wrong address must not take the page for an answer.
    re_path(r"^(?:api|health|healthz|metrics|version)(?:/|$)", unknown_address),
    # The page routes by itself: these are the addresses that its router knows. It says itself what there is at others.
    re_path(r"^(?:(?:sign-in|c/[^/]+|invitations/[^/]+)/?)?$", page, name="page"),
    re_path(r"^(?!admin/|static/|ws/).*$", page, {"status": 404}),
]

handler404 = "collabcanvas.lib.errors.handler404"
handler500 = "collabcanvas.lib.errors.handler500"
