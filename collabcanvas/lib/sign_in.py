"""Signing in with a password and, where there is one, the code of a second factor, wherever it happens.

Failures are counted, and too many are made to wait.
"""

import hashlib
import math
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.forms import AuthenticationForm
from unfold.widgets import BASE_INPUT_CLASSES

from collabcanvas.lib import audit, second_factor, throttles
from collabcanvas.lib.errors import AppError
from collabcanvas.lib.origin import current_origin, network_of
from collabcanvas.lib.throttles import Throttled

FAILURES_WITHIN_SECONDS = 15 * 60.0


class TooManySignIns(Throttled):
    code = "too_many_sign_ins"

    def __init__(self, wait: float) -> None:
        minutes = math.ceil(wait / 60)
        span = "a minute" if minutes <= 1 else f"{minutes} minutes"
        super().__init__(wait, f"Too many failed sign-ins. Wait {span}, then try again.")


class WrongPassword(AppError):
    status = 401
    code = "wrong_password"
    message = "That user name and password do not fit together. Check both and try again."


class SecondFactorNeeded(AppError):
    status = 401
    code = "second_factor_needed"
    message = "This account has a second factor. Enter the code that your authenticator app shows, or a recovery code."


class PasswordBackend(ModelBackend):
    """Django's passwords and the second factor's codes, with a limit on failures per account and per address.

    The attempt is charged before the password is looked at and given back when it was right: many attempts
    at the same moment cannot slip through together, and a limit that is used up costs no hashing. It holds for
    names that do not exist too, so it tells nothing about which do.

    Raises `TooManySignIns`; once the password is right, `SecondFactorNeeded` when the code is lacking, which costs
    nothing, and `WrongCode`, which counts like a wrong password.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        code: str = "",
        **_: Any,
    ) -> User | None:
        if username is None or password is None:
            return None
        buckets = _buckets(username)
        for place, (key, amount) in enumerate(buckets):
            wait = throttles.take(key, amount=amount, seconds=FAILURES_WITHIN_SECONDS)
            if wait:
                _give_back(buckets[:place])
                raise TooManySignIns(wait)
        user = super().authenticate(request, username=username, password=password)
        if user is None:
            return None
        needs_code = second_factor.get(user) is not None
        if needs_code and code and not second_factor.use(user, code):
            audit.record("sign_in.failed", target=("user", user.pk), account=user.username, wrong="code")
            raise second_factor.WrongCode
        _give_back(buckets)
        if needs_code and not code:
            raise SecondFactorNeeded
        return user


class CodeField(forms.CharField):
    """For six digits of an app or eight of a recovery code, with or without spaces."""

    def __init__(self, **options: Any) -> None:
        looks = {
            "class": " ".join(BASE_INPUT_CLASSES),
            "autocomplete": "one-time-code",
            "inputmode": "numeric",
            "spellcheck": "false",
        }
        super().__init__(max_length=64, widget=forms.TextInput(attrs=looks), **options)


class AdminSignInForm(AuthenticationForm):
    """The admin's form, which asks for the code too and says how long to wait."""

    code = CodeField(required=False, label="Code", help_text="If you have a second factor.")
    # Seconds until there may be another attempt, when there were too many.
    retry_after: int | None = None

    def clean(self) -> Any:
        typed = {name: self.cleaned_data.get(name) for name in ("username", "password", "code")}
        if not typed["username"] or not typed["password"]:
            return self.cleaned_data
        try:
            user = authenticate(self.request, **typed)
        except AppError as error:
            if isinstance(error, Throttled):
                self.retry_after = error.retry_after
            raise ValidationError(error.message, code=error.code) from error
        if user is None:
            raise self.get_invalid_login_error()
        self.confirm_login_allowed(user)
        self.user_cache = user
        return self.cleaned_data


def _buckets(username: str) -> list[tuple[str, int]]:
    # Hashed: what is typed as a name may be a password.
    name = hashlib.sha256(username.encode(errors="replace")).hexdigest()[:32]
    buckets = [
        (f"sign-in-account:{name}", settings.SIGN_IN_FAILURES_PER_ACCOUNT),
        (
            f"sign-in-address:{network_of(current_origin().address)}",
            settings.SIGN_IN_FAILURES_PER_ADDRESS,
        ),
    ]
    return [(key, amount) for key, amount in buckets if amount]


def _give_back(buckets: list[tuple[str, int]]) -> None:
    for key, amount in buckets:
        throttles.give_back(key, amount=amount, seconds=FAILURES_WITHIN_SECONDS)
