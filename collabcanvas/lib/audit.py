"""Who did what to what, when, from where and through what: one row per act of a person, written with the act.

Services call `record` inside their transaction: an act that is rolled back leaves no row, and none is without one.
Acts on Django's own models (accounts, groups, tokens, schedules) are recorded by the receivers below, whichever way
they are done. Rows cannot be changed; see the table's trigger.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.auth.models import AbstractBaseUser, User

from collabcanvas.lib.correlation import current_request_id
from collabcanvas.lib.credentials import changes_of
from collabcanvas.lib.models import AuditEntry
from collabcanvas.lib.origin import current_origin

REDACTED: Final = "[redacted]"
_SECRET: Final = re.compile(
    r"pass(word|phrase)|secret|token|digest|cookie|authori[sz]ation|api.?key", re.IGNORECASE
)
_MAX_TEXT: Final = 500
_CHANGES: Final = {
    "password": "user.password_changed",
    "is_active": "user.activation_changed",
    "is_staff": "user.rights_changed",
    "is_superuser": "user.rights_changed",
}
_DELETIONS: Final = {
    "user": "user.deleted",
    "group": "group.deleted",
    "schedule": "schedule.deleted",
    "authtoken": "token.deleted",
}


def record(action: str, *, target: tuple[str, object] = ("", ""), actor: Any = None, **detail: Any) -> None:
    """The act is on record when the current transaction commits.

    `action` is `<thing>.<what happened>`, `target` its kind and id. Without `actor` it is the user of the request
    or socket that is being answered. What looks like a secret in `detail` is left out.
    """
    origin = current_origin()
    who = actor if actor is not None else origin.who()
    known = isinstance(who, AbstractBaseUser) and who.pk is not None
    AuditEntry.objects.create(
        action=action,
        target_type=target[0],
        target_id=str(target[1])[:100],
        actor_id=who.pk if known else None,
        actor_name=who.get_username() if known else "",
        channel=origin.channel,
        address=origin.address,
        request_id=current_request_id(),
        detail=redacted(detail),
    )


def redacted(value: Any, name: str = "") -> Any:
    """The value without what a reader of the records must not learn, and without texts of any length."""
    if name and _SECRET.search(name):
        return REDACTED
    if isinstance(value, Mapping):
        return {str(key): redacted(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(item) for item in value]
    if isinstance(value, str):
        return value[:_MAX_TEXT]
    return value if isinstance(value, bool | int | float | None) else str(value)[:_MAX_TEXT]


# --- Acts on models that are not ours ---
def on_signed_in(*, user: User, **_: Any) -> None:
    record("sign_in.succeeded", target=("user", user.pk), actor=user)


def on_signed_out(*, user: User | None, **_: Any) -> None:
    if user is not None:
        record("sign_in.ended", target=("user", user.pk), actor=user)


def on_sign_in_failed(*, credentials: Mapping[str, Any], **_: Any) -> None:
    """A name that belongs to nobody is not kept: it may be a password typed into the wrong field."""
    typed = str(credentials.get("username", "")).replace("\x00", "")
    user = User.objects.filter(username=typed).first()
    target = ("user", user.pk) if user else ("user", "")
    record("sign_in.failed", target=target, account=user.username if user else "unknown")


def on_user_saved(*, instance: User, created: bool, **_: Any) -> None:
    if created:
        record("user.created", target=("user", instance.pk), name=instance.username)
    for action in sorted({_CHANGES[name] for name in changes_of(instance)}):
        state = {
            "is_active": instance.is_active,
            "is_staff": instance.is_staff,
            "is_superuser": instance.is_superuser,
        }
        record(action, target=("user", instance.pk), name=instance.username, **state)


def on_token_saved(*, instance: Any, created: bool, **_: Any) -> None:
    if created:
        record("token.created", target=("token", instance.token_key), owner=instance.user.get_username())


def on_deleted(*, instance: Any, **_: Any) -> None:
    """An account, a group, a schedule or a token is gone, by whatever way."""
    action = _DELETIONS[instance._meta.model_name]
    kind = action.partition(".")[0]
    key = instance.token_key if kind == "token" else instance.pk
    name = instance.user.get_username() if kind == "token" else str(instance)
    record(action, target=(kind, key), name=name)


def on_admin_logged(*, instance: LogEntry, **_: Any) -> None:
    """Every change that the admin makes to a row, ours or a library's; what was entered stays out."""
    if instance.action_flag == DELETION:
        return
    kind = instance.content_type.model if instance.content_type else "row"
    record(
        "admin.changed" if instance.action_flag == CHANGE else "admin.added",
        target=(kind, instance.object_id or ""),
        actor=instance.user,
        what=instance.get_change_message(),
    )
