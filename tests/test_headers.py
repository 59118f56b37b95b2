"""What every answer tells the browser, asked of a web process as it runs in production."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from canvases.demo import PASSWORD
from tests.people import Person
from tests.running import PROJECT, UNLIMITED, Running
from tests.web_processes import web_process


@pytest.fixture(scope="module")
def production(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """HTTPS as a proxy in front would say it; DEBUG stays on for its static files only."""
    strict = UNLIMITED | {
        "HTTPS_ONLY": "1",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "TRUSTED_PROXIES": "1",
    }
    log = tmp_path_factory.mktemp("headers") / "web.log"
    with (
        web_process(database_url=running.database_url, log=log, **strict) as address,
        httpx.Client(base_url=address, headers={"X-Forwarded-Proto": "https"}, timeout=60) as http,
    ):
        yield http


ADDRESSES = [
    "/", "/c/anything", "/api/session", "/api/canvases", "/api/docs", "/admin/login/",
    "/static/unfold/css/styles.css", "/static/icon.svg", "/health/live",
]  # fmt: skip


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_answer_carries_the_policies(production: httpx.Client, path: str) -> None:
    if path == "/static/icon.svg" and not (PROJECT / "frontend" / "dist" / "icon.svg").exists():
        pytest.skip("the page has not been built")
    answer = production.get(path)
    # 503: the page has not been built.
    assert answer.status_code in {200, 401, 404, 503}, answer.status_code
    headers = answer.headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["object-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == policy["form-action"] == "'self'"
    # No script that stands in a page, and none from elsewhere; only the admin's library may compile its own.
    allowed = {"'self'", "'unsafe-eval'"} if path.startswith("/admin/") else {"'self'"}
    assert set(policy["script-src"].split()) <= allowed
    assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains; preload"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "server" not in headers or "daphne" in headers["server"].lower()


@pytest.mark.parametrize("path", ["/", "/api/session", "/admin/login/"])
def test_no_answer_may_be_framed(production: httpx.Client, path: str) -> None:
    assert production.get(path).headers["x-frame-options"] == "DENY"


def test_plain_http_is_sent_to_https(production: httpx.Client) -> None:
    answer = httpx.get(
        f"{production.base_url}/api/session", headers={"X-Forwarded-Proto": "http"}, timeout=60
    )
    assert answer.status_code == 301
    assert answer.headers["location"].startswith("https://")


def test_without_a_trusted_proxy_nobody_can_say_that_they_came_by_https(
    running: Running, tmp_path: Path
) -> None:
    strict = {"HTTPS_ONLY": "1", "SECRET_KEY": secrets.token_urlsafe(64), "TRUSTED_PROXIES": "0"}
    with web_process(database_url=running.database_url, log=tmp_path / "web.log", **strict) as address:
        answer = httpx.get(f"{address}/api/session", headers={"X-Forwarded-Proto": "https"}, timeout=60)
    assert answer.status_code == 301


def test_cookies_travel_by_https_alone_and_the_session_is_hidden_from_scripts(
    production: httpx.Client, cast: dict[str, Person]
) -> None:
    first = production.get("/api/session")
    token = next(cookie for cookie in first.headers.get_list("set-cookie") if cookie.startswith("csrftoken="))
    assert "Secure" in token
    assert "SameSite=Lax" in token
    value = token.partition("=")[2].partition(";")[0]
    answer = production.post(
        "/api/session",
        json={"username": "ada", "password": PASSWORD},
        headers={
            "X-CSRFToken": value,
            "Cookie": f"csrftoken={value}",
            "Referer": str(production.base_url).replace("http:", "https:"),
        },
    )
    assert answer.status_code == 200, answer.text
    session = next(
        cookie for cookie in answer.headers.get_list("set-cookie") if cookie.startswith("sessionid=")
    )
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= {part.strip() for part in session.split(";")}
