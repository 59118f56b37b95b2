"""The second factor of an account: an authenticator app's codes, and recovery codes for when it is lost.

The rows and the arithmetic are django-allauth's; where the codes are asked for is ours (`collabcanvas.lib.sign_in` and
the operators' page). See docs/decisions/0014-second-factor.md.
"""

import hashlib
from typing import Any, Final

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, validate_totp_code
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest

from collabcanvas.lib import audit, throttles
from collabcanvas.lib.errors import AppError

_APP: Final = Authenticator.Type.TOTP
_RECOVERY: Final = Authenticator.Type.RECOVERY_CODES
# A code is right in its own half minute, the one before and the one after.
_CODE_LIVES_SECONDS: Final = 90.0
_PENDING: Final = "second_factor_secret"


class WrongCode(AppError):
    status = 401
    code = "wrong_code"
    message = (
        "That code is not right. Enter the one that your authenticator app shows now (each works once), "
        "or a recovery code that you have not used."
    )


class AlreadyThere(AppError):
    status = 409
    code = "second_factor_exists"
    message = "This account has a second factor already. Remove it first."


def get(user: User) -> Authenticator | None:
    """The authenticator app of this account; recovery codes alone are no second factor."""
    found: Authenticator | None = Authenticator.objects.filter(user_id=user.pk, type=_APP).first()
    return found


def is_still_to_be_made(user: Any) -> bool:
    """Whether this installation asks staff for a second factor and this one has none."""
    return settings.STAFF_SECOND_FACTOR == "required" and user.is_staff and get(user) is None


def unused_recovery_codes(user: User) -> list[str]:
    kept = Authenticator.objects.filter(user_id=user.pk, type=_RECOVERY).first()
    return [] if kept is None else list(kept.wrap().get_unused_codes())


def use(user: User, code: str) -> bool:
    """Whether the code is right; then it is used up, for all web processes together."""
    for kept in Authenticator.objects.filter(user_id=user.pk, type__in=[_APP, _RECOVERY]).order_by("-type"):
        if not kept.wrap().validate_code(code):
            continue
        if kept.type == _APP and not _is_fresh(user, code):
            return False
        kept.refresh_from_db()
        kept.record_usage()
        if kept.type == _RECOVERY:
            left = len(unused_recovery_codes(user))
            audit.record("second_factor.recovery_code_used", target=("user", user.pk), actor=user, left=left)
        return True
    return False


def pending_secret(request: HttpRequest) -> str:
    """The secret that this session offers for adding; the same until it was taken."""
    return str(request.session.setdefault(_PENDING, generate_totp_secret()))


def link_of(user: User, secret: str) -> str:
    """What the picture for the authenticator app says."""
    return str(get_adapter().build_totp_url(user, secret))


def picture_of(link: str) -> str:
    """An SVG."""
    return str(get_adapter().build_totp_svg(link))


def add(request: HttpRequest, user: User, code: str) -> list[str]:
    """The account has the pending secret as its second factor, and these recovery codes.

    Raises `WrongCode` unless the code belongs to the secret, and `AlreadyThere`.
    """
    secret = pending_secret(request)
    if not validate_totp_code(secret, code) or not _is_fresh(user, code):
        raise WrongCode
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if get(user) is not None:
            raise AlreadyThere
        TOTP.activate(user, secret)
        codes = _make_recovery_codes(user)
    del request.session[_PENDING]
    return codes


def make_recovery_codes(user: User) -> list[str]:
    """Fresh recovery codes; the earlier ones are void."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        return _make_recovery_codes(user)


def remove(user: User) -> bool:
    """The account has neither second factor nor recovery codes; False when it had none."""
    with transaction.atomic():
        _, counts = Authenticator.objects.filter(user_id=user.pk).delete()
    return bool(counts)


def _make_recovery_codes(user: User) -> list[str]:
    Authenticator.objects.filter(user_id=user.pk, type=_RECOVERY).delete()
    return list(RecoveryCodes.activate(user).get_unused_codes())


def _is_fresh(user: User, code: str) -> bool:
    # The library remembers used codes in the cache of one process, and for less time than they are right.
    used = hashlib.sha256(normalize_user_code(code).encode()).hexdigest()[:32]
    return not throttles.take(f"code-used:{user.pk}:{used}", amount=1, seconds=_CODE_LIVES_SECONDS)


# --- The library's rows: their signals tell of every way in which they come and go ---
def on_saved(*, instance: Authenticator, created: bool, **_: Any) -> None:
    if created:
        audit.record(
            "second_factor.added" if instance.type == _APP else "second_factor.recovery_codes_made",
            target=("user", instance.user_id),
        )


def on_deleted(*, instance: Authenticator, **_: Any) -> None:
    if instance.type == _APP:
        audit.record("second_factor.removed", target=("user", instance.user_id))
