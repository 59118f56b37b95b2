"""Forms from a page of another origin: only from those that CSRF_TRUSTED_ORIGINS names."""

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

ORIGIN = "https://draw.example.org"


@pytest.mark.parametrize(("trusted", "status"), [([], 403), ([ORIGIN], 200)])
def test_a_form_is_taken_from_a_trusted_origin_only(settings: Any, trusted: list[str], status: int) -> None:
    settings.CSRF_TRUSTED_ORIGINS = trusted
    client = Client(enforce_csrf_checks=True)
    client.get("/admin/login/")
    form = {"username": "nobody", "password": "wrong"}
    token = client.cookies["csrftoken"].value
    answer = client.post("/admin/login/", form | {"csrfmiddlewaretoken": token}, headers={"origin": ORIGIN})
    assert answer.status_code == status
