"""`manage.py create_demo`."""

from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import override_settings

from canvases.models import Canvas, Membership


def run() -> str:
    out = StringIO()
    call_command("create_demo", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
@override_settings(DEBUG=True)
def test_two_people_share_a_canvas_and_can_sign_in() -> None:
    printed = run()

    canvas = Canvas.objects.get()
    assert canvas.title == "Welcome to CollabCanvas"
    assert dict(Membership.objects.values_list("user__username", "role")) == {"ada": "owner", "ben": "editor"}
    for name in ("ada", "ben"):
        user = authenticate(username=name, password="collabcanvas-demo")
        assert user is not None
        assert User.objects.get(username=name).email == f"{name}@example.org"
    assert User.objects.get(username="ada").is_superuser
    assert not User.objects.get(username="ben").is_staff
    assert "collabcanvas-demo" in printed
    assert str(canvas.pk) in printed


@pytest.mark.django_db
@override_settings(DEBUG=True)
def test_a_second_run_changes_nothing() -> None:
    run()
    ada = User.objects.get(username="ada")
    ada.set_password("changed by ada")
    ada.save()

    run()

    assert (User.objects.count(), Canvas.objects.count(), Membership.objects.count()) == (2, 1, 2)
    assert authenticate(username="ada", password="changed by ada") is not None


@pytest.mark.django_db
@override_settings(DEBUG=False)
def test_it_refuses_when_debug_is_off() -> None:
    with pytest.raises(CommandError, match="createsuperuser"):
        run()

    assert not User.objects.exists()
