"""`manage.py api_token USERNAME`."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from collabcanvas.lib.terminal import NO_DATABASE


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


def test_without_a_database_it_ends_with_a_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "api_token", "tess"],
        cwd=Path(__file__).resolve().parents[3],
        env={"PATH": os.environ["PATH"], "DEBUG": "1", "DATABASE_URL": "postgresql://localhost:1/none"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"CommandError: {NO_DATABASE}\n"


@pytest.mark.django_db
def test_an_unknown_user_ends_with_a_sentence() -> None:
    with pytest.raises(CommandError, match="no active user named 'nobody'") as failure:
        call_command("api_token", "nobody")

    assert failure.value.returncode == 1
