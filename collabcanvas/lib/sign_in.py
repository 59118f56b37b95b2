"""Signing in with a password, wherever it happens: failures are counted, and too many are made to wait."""

import hashlib
import math
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.forms import AuthenticationForm

from collabcanvas.lib import throttles
from collabcanvas.lib.origin import current_origin, network_of
from collabcanvas.lib.throttles import Throttled

FAILURES_WITHIN_SECONDS = 15 * 60.0


class TooManySignIns(Throttled):
    code = "too_many_sign_ins"

    def __init__(self, wait: float) -> None:
        minutes = math.ceil(wait / 60)
        span = "a minute" if minutes <= 1 else f"{minutes} minutes"
        super().__init__(wait, f"Too many failed sign-ins. Wait {span}, then try again.")


class PasswordBackend(ModelBackend):
    """Django's passwords, with a limit on failures per account and per address.

    The attempt is charged before the password is looked at and given back when it was right: many attempts
    at the same moment cannot slip through together, and a limit that is used up costs no hashing. It holds for
    names that do not exist too, so it tells nothing about which do. Raises `TooManySignIns`.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
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
        if user is not None:
            _give_back(buckets)
        return user


class AdminSignInForm(AuthenticationForm):
    """The admin's form, which says how long to wait."""

    def clean(self) -> Any:
        try:
            return super().clean()
        except TooManySignIns as error:
            raise ValidationError(error.message, code=error.code) from error


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
