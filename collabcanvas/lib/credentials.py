"""What lets a person in – a session, a token, the account itself – and that its sockets close when it ends."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from knox.models import AuthToken

from collabcanvas.lib.realtime import Envelope, publish

SIGN_OUT: Final = {"type": "realtime.sign_out"}


@dataclass(frozen=True, kw_only=True)
class Credential:
    """What a socket's handshake showed; `key` is a session's key or a token's digest."""

    kind: Literal["session", "token"]
    key: str

    @property
    def group(self) -> str:
        """The sockets that were opened with it; hashed, because whoever knows the key of a session is its owner."""
        return f"{self.kind}.{hashlib.sha256(self.key.encode()).hexdigest()[:40]}"

    def is_valid(self) -> bool:
        """Whether it still exists."""
        if self.kind == "token":
            return bool(AuthToken.objects.filter(pk=self.key).exists())
        return Session.objects.filter(pk=self.key).exists()


def account_group(user_id: int) -> str:
    """All sockets of one person."""
    return f"account.{user_id}"


def credential_of(scope: Mapping[str, Any]) -> Credential | None:
    """What the handshake of this socket was let in with."""
    if scope.get("token_digest"):
        return Credential(kind="token", key=scope["token_digest"])
    session = scope.get("session")
    if session is not None and session.session_key:
        return Credential(kind="session", key=session.session_key)
    return None


def still_signed_in(user: User, credential: Credential | None) -> bool:
    """Whether the account is as it was in the handshake, and what let it in exists. Asks the database."""
    unchanged = User.objects.filter(pk=user.pk, is_active=True, password=user.password).exists()
    return unchanged and (credential is None or credential.is_valid())


def sign_out_sockets(groups: Sequence[str]) -> None:
    """The sockets of these groups close with 4401 when the current transaction commits."""
    publish([Envelope((group,), SIGN_OUT) for group in groups])


# --- Django's and knox's own models: their signals tell of every way in which they change ---
def on_session_deleted(*, instance: Session, **_: Any) -> None:
    """Signed out, or the session expired and was cleaned away."""
    sign_out_sockets([Credential(kind="session", key=instance.pk).group])


def on_token_deleted(*, instance: Any, **_: Any) -> None:
    """Revoked."""
    sign_out_sockets([Credential(kind="token", key=instance.pk).group])


def on_user_deleted(*, instance: User, **_: Any) -> None:
    sign_out_sockets([account_group(instance.pk)])


def before_user_saved(*, instance: User, update_fields: frozenset[str] | None, **_: Any) -> None:
    """Notes what is about to change, for `after_user_saved`."""
    instance._changing = []  # type: ignore[attr-defined]  # a note on the way from one signal to the next
    if instance._state.adding or (update_fields is not None and not {*update_fields} & {*_WATCHED}):
        return
    before = User.objects.filter(pk=instance.pk).values(*_WATCHED).first() or {}
    instance._changing = [  # type: ignore[attr-defined]  # see above
        name for name, value in before.items() if value != getattr(instance, name)
    ]


def after_user_saved(*, instance: User, **_: Any) -> None:
    """A new password, or an account that was switched off: all of its sockets close."""
    if {"password", "is_active"} & {*changes_of(instance)}:
        sign_out_sockets([account_group(instance.pk)])


def changes_of(user: User) -> list[str]:
    """Which of the fields that decide about access the save that is going on changes."""
    return list(getattr(user, "_changing", []))


_WATCHED: Final = ("password", "is_active", "is_staff", "is_superuser")
