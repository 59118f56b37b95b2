"""The operators' site: django-unfold's look, its content policy, and a side bar made of what is registered."""

from functools import wraps
from typing import Any
from urllib.parse import quote

from csp.decorators import csp_update
from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from unfold.sites import UnfoldAdminSite
from unfold.widgets import BASE_INPUT_CLASSES

from collabcanvas.lib import second_factor
from collabcanvas.lib.errors import AppError, InvalidInput
from collabcanvas.lib.sign_in import AdminSignInForm, CodeField, WrongPassword

# django-unfold's pages are driven by Alpine, which compiles the expressions in its attributes. Only pages of the admin
# may do so; nothing may come from another origin and no script may stand in a page here either. See
# docs/decisions/0011-admin-look.md.
_relaxed = csp_update({"script-src": ["'unsafe-eval'"]})


# What somebody may open who has yet to make the second factor that is required.
_ALWAYS_OPEN = {"second_factor", "logout", "jsi18n"}


class ConfirmForm(forms.Form):
    """That it is still the person who signed in: nobody at a forgotten screen changes how one signs in."""

    password = forms.CharField(
        strip=False,
        widget=forms.PasswordInput(
            attrs={"class": " ".join(BASE_INPUT_CLASSES), "autocomplete": "current-password"}
        ),
    )
    code = CodeField()


class OperatorsSite(UnfoldAdminSite):
    """Every registered model appears in the side bar by itself, for those who may look at it.

    An admin class may say `icon` (a name of Material Symbols) and `group` (the heading; its app's name otherwise).
    """

    index_title = "Dashboard"
    login_form = AdminSignInForm
    login_template = "kernel/sign_in.html"

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        @wraps(view)
        def led_to_the_second_factor(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            place = request.resolver_match
            is_open = place is not None and place.url_name in _ALWAYS_OPEN
            if not is_open and second_factor.is_still_to_be_made(request.user):
                return redirect(f"{self.name}:second_factor")
            return view(request, *args, **kwargs)

        return _relaxed(super().admin_view(led_to_the_second_factor, cacheable))

    def extra_urls(self) -> list[URLPattern]:
        return [path("second-factor/", self.admin_view(self.second_factor), name="second_factor")]

    def second_factor(self, request: HttpRequest) -> HttpResponse:
        """One's own second factor: adds it, makes recovery codes, removes it."""
        user: Any = request.user  # somebody, and staff: `admin_view` has looked
        form = ConfirmForm(request.POST or None)
        codes: list[str] = []
        if request.method == "POST" and form.is_valid():
            try:
                codes = _change_second_factor(request, **form.cleaned_data)
            except AppError as error:
                form.add_error(None, error.message)
            else:
                if not codes:
                    messages.success(request, "Your second factor is removed.")
                    return redirect(f"{self.name}:second_factor")
                form = ConfirmForm()
        kept = second_factor.get(user)
        context = {
            **self.each_context(request),
            "title": "Second factor",
            "form": form,
            "kept": kept,
            "is_required": second_factor.is_still_to_be_made(user),
            "new_codes": codes,
            "codes_left": len(second_factor.unused_recovery_codes(user)),
        }
        if kept is None:
            secret = second_factor.pending_secret(request)
            link = second_factor.link_of(user, secret)
            context |= {
                "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
                "link": link,
                "picture": f"data:image/svg+xml,{quote(second_factor.picture_of(link))}",
            }
        return TemplateResponse(request, "kernel/second_factor.html", context)

    @method_decorator(_relaxed)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        answer = super().login(request, extra_context)
        form = (getattr(answer, "context_data", None) or {}).get("form")
        if isinstance(form, AdminSignInForm) and form.retry_after:
            # The page with its sentence, but a program must be able to see it too.
            answer.status_code = 429
            answer.headers["Retry-After"] = str(form.retry_after)
        return answer

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


def _change_second_factor(request: HttpRequest, *, password: str, code: str) -> list[str]:
    """Does what the pressed button says and returns recovery codes to be shown, this once."""
    user: Any = request.user
    names = {"username": user.get_username(), "password": password}
    if request.POST.get("act") == "add":
        if authenticate(request, **names) is None:
            raise WrongPassword
        return second_factor.add(request, user, code)
    if authenticate(request, **names, code=code) is None:
        raise WrongPassword
    if request.POST.get("act") == "codes":
        return second_factor.make_recovery_codes(user)
    if request.POST.get("act") != "remove":
        raise InvalidInput("Press one of the buttons.")
    second_factor.remove(user)
    return []


def _link(title: str, address: str | None, *, icon: str, is_active: bool) -> dict[str, Any]:
    return {"title": title, "link": address, "icon": icon, "active": is_active, "has_permission": True}
