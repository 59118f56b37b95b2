"""A wrong identity, however odd, is answered with 401."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header",
    [
        {"HTTP_AUTHORIZATION": "Bearer \xff\xfe"},
        {"HTTP_AUTHORIZATION": "Bearer a\x00b"},
        {"HTTP_AUTHORIZATION": "Bearer " + "a" * 64},
        {"HTTP_COOKIE": 'sessionid="\\000aaaaaaaaaaaa"'},
        {"HTTP_COOKIE": 'csrftoken="\\000aaaaaaaaaaaa"'},
    ],
)
def test_a_token_or_cookie_that_nobody_has_is_401(header: dict[str, str]) -> None:
    answer = Client(raise_request_exception=False).get("/api/jobs", **header)  # type: ignore[arg-type]
    assert answer.status_code == 401, answer.content


@pytest.mark.django_db
def test_a_token_ends_with_its_time_its_person_and_its_revocation() -> None:
    people = [User.objects.create_user(name) for name in ("expired", "switched off", "revoked")]
    tokens = [AuthToken.objects.create(person) for person in people]

    def answers() -> list[int]:
        return [
            Client().get("/api/jobs", headers={"Authorization": f"Bearer {token}"}).status_code
            for _, token in tokens
        ]

    assert answers() == [200, 200, 200]
    AuthToken.objects.filter(pk=tokens[0][0].pk).update(expiry=timezone.now() - timedelta(seconds=1))
    User.objects.filter(pk=people[1].pk).update(is_active=False)
    tokens[2][0].delete()

    assert answers() == [401, 401, 401]
    assert not AuthToken.objects.filter(pk=tokens[0][0].pk).exists()
