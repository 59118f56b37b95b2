"""The dashboard, its two parts that follow by themselves, and its buttons."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from ai_jobs import dashboard, services
from ai_jobs.admin.access import may, must, person
from ai_jobs.rights import Right
from collabcanvas.lib.errors import AppError


def dashboard_context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the admin's first page shows to those who may look at jobs; the others get the list of sections."""
    if not may(request, Right.VIEW):
        return context
    window = dashboard.WINDOWS.get(request.GET.get("window", ""), dashboard.WINDOWS["hour"])
    return {
        **context,
        "may_steer": may(request, Right.STEER),
        "may_view_workers": _may_view_workers(request),
        "jobs_page": jobs_page(),
        "dashboard": {
            "now": dashboard.now_facts(jobs_page=jobs_page()),
            "now_address": reverse("admin:ai_jobs_live_now"),
            "windows": list(dashboard.WINDOWS.values()),
            "window": dashboard.window_facts(window),
            "window_address": reverse("admin:ai_jobs_live_window", args=[window.name]),
        },
    }


def live_now(request: HttpRequest) -> HttpResponse:
    must(may(request, Right.VIEW))
    facts = dashboard.now_facts(jobs_page=jobs_page())
    return render(
        request,
        "ai_jobs/dashboard/now.html",
        {
            "facts": facts,
            "may_steer": may(request, Right.STEER),
            "may_view_workers": _may_view_workers(request),
        },
    )


def live_window(request: HttpRequest, name: str) -> HttpResponse:
    must(may(request, Right.VIEW))
    if name not in dashboard.WINDOWS:
        raise Http404
    facts = dashboard.window_facts(dashboard.WINDOWS[name])
    return render(request, "ai_jobs/dashboard/window.html", {"facts": facts, "jobs_page": jobs_page()})


@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    must(may(request, Right.STEER))
    job_type = request.POST.get("job_type", "")
    return _steered(
        request,
        lambda: services.pause_jobs(user=person(request), job_type=job_type),
        f"Paused: {job_type or 'everything'}. What runs goes on.",
    )


@require_POST
def resume(request: HttpRequest) -> HttpResponse:
    must(may(request, Right.STEER))
    job_type = request.POST.get("job_type", "")
    return _steered(
        request,
        lambda: services.resume_jobs(user=person(request), job_type=job_type),
        f"Goes on: {job_type or 'everything'}.",
    )


def _steered(request: HttpRequest, steer: Callable[[], object], done: str) -> HttpResponse:
    try:
        steer()
    except AppError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return HttpResponseRedirect(reverse("admin:index"))


def _may_view_workers(request: HttpRequest) -> bool:
    return person(request).has_perm("ai_jobs.view_worker")


def jobs_page() -> str:
    return reverse("admin:ai_jobs_aijob_changelist")
