"""`manage.py api_token USERNAME`."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient


@pytest.mark.django_db
def test_it_prints_a_token_that_signs_the_user_in() -> None:
    User.objects.create_user(username="tess")
    out = StringIO()

    call_command("api_token", "tess", stdout=out)

    token = out.getvalue().removesuffix("\n")
    assert token
    assert not any(character.isspace() for character in token)
    answer = APIClient().get("/api/canvases", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


@pytest.mark.django_db
def test_an_unknown_user_ends_with_a_sentence() -> None:
    with pytest.raises(CommandError, match="no active user named 'nobody'") as failure:
        call_command("api_token", "nobody")

    assert failure.value.returncode == 1
