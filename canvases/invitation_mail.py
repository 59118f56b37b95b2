"""The mail of an invitation: who invites, to what, the link, and a small picture of the canvas."""

import logging
import struct
from email.mime.image import MIMEImage
from email.utils import make_msgid
from typing import Final

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from canvases.events import person_name
from canvases.export import thumbnail_of
from canvases.invitations import link
from canvases.models import CanvasObject, Invitation
from canvases.roles import Role

logger = logging.getLogger(__name__)

_MAY: Final = {Role.VIEWER: "look at", Role.EDITOR: "edit"}
# Twice as many pixels as it is shown with: screens of phones have them.
_PICTURE_SIDE: Final = 960
# Mail servers refuse large mails, and many readers cut them off.
MOST_PICTURE_BYTES: Final = 500_000


class _IllustratedMail(EmailMultiAlternatives):
    """What is attached belongs to the page, and is no file beside it."""

    mixed_subtype = "related"


def invitation_mail(invitation: Invitation, *, site: str) -> EmailMultiAlternatives:
    """The mail in plain text and in HTML, ready to be sent; `site` is as for `link`.

    The HTML shows the canvas as it is now, from a picture in the mail itself: a reader fetches nothing. Without a
    picture of it, whatever the reason, the mail is whole all the same.
    """
    inviter = person_name(invitation.invited_by) if invitation.invited_by else "Somebody"
    # A header must stay one line, whatever the names contain.
    title, inviter = " ".join(invitation.canvas.title.split()), " ".join(inviter.split())
    picture = _picture_of(invitation)
    picture_id = make_msgid(domain="collabcanvas")[1:-1]
    facts = {
        "inviter": inviter,
        "may": _MAY[Role(invitation.role)],
        "title": title,
        "link": link(invitation.pk, site),
        "until": f"{invitation.expires_at:%d %B %Y %H:%M} UTC",
        "email": invitation.email,
        "picture_id": picture_id if picture else None,
        "picture_width": _width_of(picture) // 2 if picture else None,
    }
    mail = _IllustratedMail(
        subject=f'{inviter} shared "{title}" with you on CollabCanvas',
        body=render_to_string("canvases/invitation.txt", facts),
        to=[invitation.email],
    )
    mail.attach_alternative(render_to_string("canvases/invitation.html", facts), "text/html")
    if picture:
        part = MIMEImage(picture, "png")
        part.add_header("Content-ID", f"<{picture_id}>")
        part.add_header("Content-Disposition", "inline", filename="canvas.png")
        mail.attach(part)
    return mail


def _picture_of(invitation: Invitation) -> bytes | None:
    """The canvas as it is now, small enough for a mail; None when there is nothing to see or it cannot be drawn."""
    if not CanvasObject.objects.filter(canvas=invitation.canvas_id).live().exists():
        return None
    about = {"invitation_id": str(invitation.pk), "canvas_id": str(invitation.canvas_id)}
    try:
        picture = thumbnail_of(invitation.canvas, longest_side=_PICTURE_SIDE)
    except Exception:  # an element that the drawing does not know yet must not keep anybody out
        logger.exception("invitation_picture_not_drawn", extra=about)
        return None
    if len(picture) > MOST_PICTURE_BYTES:
        logger.warning("invitation_picture_too_large", extra={**about, "bytes": len(picture)})
        return None
    return picture


def _width_of(png: bytes) -> int:
    width: int = struct.unpack(">I", png[16:20])[0]
    return width
