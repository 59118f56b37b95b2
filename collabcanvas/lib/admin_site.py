"""The operators' site: django-unfold's look, its content policy, and a side bar made of what is registered."""

from typing import Any

from csp.decorators import csp_update
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from unfold.sites import UnfoldAdminSite

from collabcanvas.lib.sign_in import AdminSignInForm

# django-unfold's pages are driven by Alpine, which compiles the expressions in its attributes. Only pages of the admin
# may do so; nothing may come from another origin and no script may stand in a page here either. See
# docs/decisions/0011-admin-look.md.
_relaxed = csp_update({"script-src": ["'unsafe-eval'"]})


class OperatorsSite(UnfoldAdminSite):
    """Every registered model appears in the side bar by itself, for those who may look at it.

    An admin class may say `icon` (a name of Material Symbols) and `group` (the heading; its app's name otherwise).
    """

    index_title = "Dashboard"
    login_form = AdminSignInForm

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return _relaxed(super().admin_view(view, cacheable))

    @method_decorator(_relaxed)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().login(request, extra_context)

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        index = reverse(f"{self.name}:index")
        groups: dict[str, list[dict[str, Any]]] = {}
        for app in self.get_app_list(request):
            for model in app["models"]:
                model_admin: ModelAdmin[Any] = self._registry[model["model"]]
                address = model["admin_url"]
                groups.setdefault(getattr(model_admin, "group", app["name"]), []).append(
                    _link(
                        str(model["name"]),
                        address,
                        icon=getattr(model_admin, "icon", "table_rows"),
                        is_active=bool(address) and request.path.startswith(address),
                    )
                )
        start = _link(self.index_title, index, icon="monitoring", is_active=request.path == index)
        return [
            {"items": [start]},
            *({"title": title, "separator": True, "items": groups[title]} for title in sorted(groups)),
        ]


def _link(title: str, address: str | None, *, icon: str, is_active: bool) -> dict[str, Any]:
    return {"title": title, "link": address, "icon": icon, "active": is_active, "has_permission": True}
