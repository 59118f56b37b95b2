"""Bringing people in: a link by e-mail, for one address, used once, for seven days."""

import hashlib
import uuid
from base64 import urlsafe_b64encode
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from django_q.tasks import async_task

from canvases import events
from canvases.access import get_membership
from canvases.errors import (
    AlreadyMember,
    InvitationExpired,
    InvitationForSomeoneElse,
    InvitationNotFound,
    InvitationRevoked,
    InvitationUsed,
    TooManyInvitations,
)
from canvases.models import Canvas, Invitation, Membership
from canvases.roles import Role
from collabcanvas.lib import audit
from collabcanvas.lib.realtime import publish

VALID_FOR = timedelta(days=7)
MAX_OPEN_INVITATIONS = 100
_SEND_TASK = "canvases.tasks.send_invitation"


def token_of(invitation_id: uuid.UUID) -> str:
    """The secret in the link of an invitation.

    It is computed from the id and the server's key, so that neither our table nor the task that mails the
    link has to store it.
    """
    mac = salted_hmac("canvases.invitations", invitation_id.bytes, algorithm="sha256").digest()
    return urlsafe_b64encode(mac).decode().rstrip("=")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def link(invitation_id: uuid.UUID, site: str) -> str:
    """The address that the invited person opens; `site` is scheme and host, without a slash at the end."""
    return f"{site}/invitations/{token_of(invitation_id)}"


@transaction.atomic
def invite(*, user: User, canvas_id: object, email: str, role: Role, site: str) -> Invitation:
    """An invitation for `email` is open, and a mail with its link goes out once this is committed.

    Only the owner invites. An earlier open invitation of the same address is withdrawn: the newest counts.
    """
    canvas = get_membership(user=user, canvas_id=canvas_id, role=Role.OWNER, lock=True).canvas
    if Membership.objects.filter(canvas=canvas, user__email__iexact=email).exists():
        raise AlreadyMember
    pending = Invitation.objects.filter(canvas=canvas, accepted_at=None, revoked_at=None)
    pending.filter(email__iexact=email).update(revoked_at=Now())
    if pending.filter(expires_at__gt=Now()).count() >= MAX_OPEN_INVITATIONS:
        raise TooManyInvitations
    invitation_id = uuid.uuid4()
    Invitation.objects.create(
        id=invitation_id,
        canvas=canvas,
        email=email,
        role=role,
        token_hash=_hash(token_of(invitation_id)),
        invited_by=user,
        expires_at=Now() + VALID_FOR,
    )
    audit.record(
        "invitation.created",
        target=("invitation", invitation_id),
        actor=user,
        canvas=canvas.pk,
        email=email,
        role=role.value,
    )
    # The task queue is a table of the same database: the mail is ordered if and only if this commits.
    async_task(_SEND_TASK, str(invitation_id), site)
    return Invitation.objects.select_related("invited_by").get(pk=invitation_id)


def invitations_of(*, user: User, canvas_id: object) -> QuerySet[Invitation]:
    """All invitations of a canvas for its owner, newest first."""
    canvas = get_membership(user=user, canvas_id=canvas_id, role=Role.OWNER).canvas
    return Invitation.objects.filter(canvas=canvas).select_related("invited_by").order_by("-created_at", "id")


@transaction.atomic
def revoke_invitation(*, user: User, canvas_id: object, invitation_id: object) -> None:
    """The link does not work any more; only the owner may do this. Doing it twice is fine."""
    canvas = get_membership(user=user, canvas_id=canvas_id, role=Role.OWNER, lock=True).canvas
    try:
        parsed = uuid.UUID(str(invitation_id))
    except ValueError as error:
        raise InvitationNotFound from error
    invitation = Invitation.objects.filter(canvas=canvas, pk=parsed).first()
    if invitation is None:
        raise InvitationNotFound
    if invitation.accepted_at is not None:
        raise InvitationUsed(
            "This invitation has been accepted already. Remove the person from the members instead."
        )
    if Invitation.objects.filter(pk=parsed, revoked_at=None).update(revoked_at=Now()):
        audit.record("invitation.revoked", target=("invitation", parsed), actor=user, canvas=canvas.pk)


def open_invitation(*, token: str) -> Invitation:
    """The invitation behind a link, with its canvas; raises what keeps it from being accepted."""
    found = Invitation.objects.select_related("canvas", "invited_by").filter(token_hash=_hash(token)).first()
    if found is None:
        raise InvitationNotFound
    if found.accepted_at is not None:
        raise InvitationUsed
    if found.revoked_at is not None:
        raise InvitationRevoked
    # Time that matters is the database's.
    if Invitation.objects.filter(pk=found.pk, expires_at__lte=Now()).exists():
        raise InvitationExpired
    return found


@transaction.atomic
def accept_invitation(*, user: User, token: str) -> uuid.UUID:
    """`user` is a member of the canvas, whose id is returned, and the invitation is used up.

    Only the account with the invited e-mail address may accept. A role that is higher already stays.
    """
    canvas_id = open_invitation(token=token).canvas_id
    # The lock that every change of membership takes; what is read below it cannot change any more.
    Canvas.objects.select_for_update(no_key=True).filter(pk=canvas_id).values_list("pk").first()
    invitation = open_invitation(token=token)
    if user.email.lower() != invitation.email.lower():
        raise InvitationForSomeoneElse
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=Now(), accepted_by=user)
    audit.record(
        "invitation.accepted",
        target=("invitation", invitation.pk),
        actor=user,
        canvas=canvas_id,
        role=invitation.role,
    )
    offered = Role(invitation.role)
    member, is_new = Membership.objects.get_or_create(
        canvas_id=canvas_id, user=user, defaults={"role": offered}
    )
    if not is_new and not Role(member.role).includes(offered):
        Membership.objects.filter(pk=member.pk).update(role=offered)
        publish([events.access_changed(canvas_id=canvas_id, user_id=user.pk, role=offered)])
    return canvas_id
