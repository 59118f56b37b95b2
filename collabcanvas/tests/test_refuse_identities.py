"""A wrong identity, however odd, is answered with 401."""

import pytest
from django.test import Client


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
