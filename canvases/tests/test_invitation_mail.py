"""The mail of an invitation as a reader receives it."""

import logging
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core import mail

from canvases import export, invitations
from canvases import invitation_mail as canvas_mail
from canvases.export import thumbnail_of
from canvases.models import CanvasObject, Invitation
from canvases.roles import Role
from canvases.services import actor_of, apply_operations
from canvases.tasks import send_invitation
from canvases.tests.factories import Cast, delete, edits, put
from canvases.tests.test_exports import size_of

SITE = "https://canvas.example.org"


def draw(cast: Cast, *raw: dict[str, Any]) -> None:
    apply_operations(canvas_id=cast.canvas.pk, operations=edits(*raw), actor=actor_of(cast.owner))


def receive(cast: Cast) -> EmailMessage:
    """The mail of a new invitation, read from the bytes that travel."""
    invitation = invitations.invite(
        user=cast.owner, canvas_id=cast.canvas.pk, email="stan@example.org", role=Role.VIEWER, site=SITE
    )
    send_invitation(str(invitation.pk), SITE)
    received = message_from_bytes(mail.outbox[-1].message().as_bytes(), policy=policy.default)
    assert isinstance(received, EmailMessage)
    return received


def text_of(received: EmailMessage, kind: str) -> str:
    part = received.get_body(preferencelist=(kind,))
    assert part is not None
    return str(part.get_content())


def pictures_of(received: EmailMessage) -> list[EmailMessage]:
    return [part for part in received.walk() if part.get_content_maintype() == "image"]


class Tags(HTMLParser):
    """The elements of a page with their attributes, and all its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def test_it_shows_the_canvas_in_a_picture_of_its_own_and_fetches_nothing(cast: Cast) -> None:
    draw(cast, put("a"), put("b", x=900, y=300))

    received = receive(cast)

    (picture,) = pictures_of(received)
    assert picture.get_content_type() == "image/png"
    assert picture.get_content_disposition() == "inline"
    width, height = size_of(picture.get_content())
    assert max(width, height) <= 960
    page = Tags(text_of(received, "html"))
    (shown,) = page.all("img")
    assert f"<{str(shown['src']).removeprefix('cid:')}>" == picture["Content-ID"]
    assert shown["width"] == str(width // 2)
    assert "Plan" in str(shown["alt"])
    addresses = {attributes["href"] for attributes in page.all("a")}
    assert len(addresses) == 1
    assert not page.all("script") + page.all("link")


def test_both_forms_say_who_invites_to_what_until_when_and_where(cast: Cast) -> None:
    received = receive(cast)
    invitation = Invitation.objects.get()

    assert received["Subject"] == 'olga shared "Plan" with you on CollabCanvas'
    assert received["To"] == "stan@example.org"
    page = Tags(text_of(received, "html"))
    plain = text_of(received, "plain")
    for words in (plain, page.text):
        assert "olga invites you to look at the canvas" in words
        assert "Plan" in words
        assert invitations.link(invitation.pk, SITE) in words
        assert f"{invitation.expires_at:%d %B %Y %H:%M} UTC" in words
        assert "stan@example.org" in words
    assert page.all("a")[0]["href"] == invitations.link(invitation.pk, SITE)


def test_an_empty_canvas_has_no_picture(cast: Cast) -> None:
    draw(cast, put("a"))
    draw(cast, delete("a"))

    received = receive(cast)

    assert pictures_of(received) == []
    assert not Tags(text_of(received, "html")).all("img")
    assert invitations.link(Invitation.objects.get().pk, SITE) in text_of(received, "plain")


def test_names_are_words_whatever_they_hold(cast: Cast) -> None:
    cast.owner.first_name = '<img src=x onerror="alert(1)">&amp;'
    cast.owner.save()
    cast.canvas.title = "</style><script>alert(1)</script>\r\nBcc: b@example.org {{ link }}"
    cast.canvas.save()
    draw(cast, put("a"))

    received = receive(cast)

    page = Tags(text_of(received, "html"))
    assert (len(page.all("img")), page.all("script"), len(page.all("style"))) == (1, [], 1)
    assert '<img src=x onerror="alert(1)">&amp; invites you' in page.text
    assert "</script> Bcc: b@example.org {{ link }}" in page.text
    assert received["Bcc"] is None
    assert '<script>alert(1)</script> Bcc: b@example.org {{ link }}"' in text_of(received, "plain")


def test_what_cannot_be_drawn_is_on_record_and_the_mail_goes_without_a_picture(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    draw(cast, put("a"))
    monkeypatch.setattr(export, "_SECONDS_FOR_PIXELS", 0.001)

    received = receive(cast)

    assert pictures_of(received) == []
    assert not Tags(text_of(received, "html")).all("img")
    (record,) = [record for record in caplog.records if record.name == canvas_mail.__name__]
    assert (record.message, record.levelno) == ("invitation_picture_not_drawn", logging.ERROR)


def test_an_element_that_breaks_the_drawing_does_not_stop_the_mail(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    draw(cast, put("a"))
    # Not even an element: nothing that our own gate would let through.
    CanvasObject.objects.update(properties={"id": "a"})

    received = receive(cast)

    assert pictures_of(received) == []
    (record,) = [record for record in caplog.records if record.name == canvas_mail.__name__]
    assert (record.message, record.levelno) == ("invitation_picture_not_drawn", logging.ERROR)
    assert record.exc_info


def test_a_picture_that_is_too_heavy_for_a_mail_is_left_out(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    draw(cast, put("a"))
    monkeypatch.setattr(
        canvas_mail, "MOST_PICTURE_BYTES", len(thumbnail_of(cast.canvas, longest_side=960)) - 1
    )

    received = receive(cast)

    assert pictures_of(received) == []
    assert [record.message for record in caplog.records if record.name == canvas_mail.__name__] == [
        "invitation_picture_too_large"
    ]
