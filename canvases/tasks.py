"""What django-q2 runs for canvases. Its queue stores these dotted names: never rename them."""

import logging
import uuid
from datetime import timedelta

from django.core.mail import send_mail
from django.db.models.functions import Now

from canvases.events import person_name
from canvases.invitations import link
from canvases.models import Invitation
from canvases.roles import Role
from collabcanvas.lib.schedules import RegularTask

logger = logging.getLogger(__name__)

# Long enough for somebody to ask why an old link does not work.
KEEP_EXPIRED_INVITATIONS = timedelta(days=30)

REGULAR_TASKS = (
    RegularTask(
        name="Remove expired invitations",
        function="canvases.tasks.remove_expired_invitations",
        minutes=24 * 60,
    ),
)

_MAY = {Role.VIEWER: "look at", Role.EDITOR: "edit"}


def send_invitation(invitation_id: str, site: str) -> None:
    """Mails the link of an invitation, unless it was withdrawn, used, or expired meanwhile."""
    invitation = (
        Invitation.objects.open()
        .select_related("canvas", "invited_by")
        .filter(pk=uuid.UUID(invitation_id))
        .first()
    )
    if invitation is None:
        logger.info("invitation_mail_skipped", extra={"invitation_id": invitation_id})
        return
    inviter = person_name(invitation.invited_by) if invitation.invited_by else "Somebody"
    # A header must stay one line, whatever the title contains.
    title = " ".join(invitation.canvas.title.split())
    send_mail(
        subject=f'{" ".join(inviter.split())} shared "{title}" with you on CollabCanvas',
        message=(
            f'{inviter} invites you to {_MAY[Role(invitation.role)]} the canvas "{title}".\n\n'
            f"Open it: {link(invitation.pk, site)}\n\n"
            f"The link works once, until {invitation.expires_at:%d %B %Y %H:%M} UTC, and only for an\n"
            f"account with the address {invitation.email}. If you did not expect this, ignore it.\n"
        ),
        from_email=None,
        recipient_list=[invitation.email],
    )


def remove_expired_invitations() -> int:
    """Invitations that nobody accepted are gone a month after their link expired."""
    removed, _ = Invitation.objects.filter(
        accepted_at=None, expires_at__lt=Now() - KEEP_EXPIRED_INVITATIONS
    ).delete()
    logger.info("expired_invitations_removed", extra={"invitations": removed})
    return removed
