"""Which addresses answer, and with what."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

PROJECT = Path(__file__).resolve().parents[2]
WORDS = b"<!doctype html><title>CollabCanvas</title>"


@pytest.fixture(autouse=True)
def _the_page_is_built(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_bytes(WORDS)
    settings.FRONTEND_DIST = tmp_path


def addresses_of_the_page() -> list[str]:
    routes = (PROJECT / "frontend" / "src" / "app" / "routes.tsx").read_text()
    return [
        re.sub(r":\w+", "5d4aa460", path) for path in re.findall(r'path: "([^"]+)"', routes) if path != "*"
    ]


def test_what_the_pages_router_knows_is_the_page(client: Client) -> None:
    known = addresses_of_the_page()
    assert len(known) >= 4
    for address in known:
        answer = client.get(address)
        assert (answer.status_code, answer.content) == (200, WORDS), address


@pytest.mark.parametrize("address", ["/nowhere", "/c", "/c/1/2", "/canvases/1", "/ping", "/sign-in/x"])
def test_elsewhere_it_is_the_page_too_and_says_404(client: Client, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.content) == (404, WORDS)


@pytest.mark.parametrize(
    "address", ["/health", "/healthz", "/healthz/", "/health/nothing", "/metrics/", "/version/", "/api"]
)
def test_a_probe_with_a_wrong_address_gets_no_page(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_the_admin_is_found_without_its_slash(client: Client) -> None:
    answer = client.get("/admin")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")


def test_a_foreign_host_is_refused_with_the_line_of_every_request_and_no_error(
    client: Client, caplog: Any
) -> None:
    answer = client.get("/invitations/secret", headers={"host": "evil.example.org"})
    assert answer.status_code == 400
    assert [(record.levelname, record.message) for record in caplog.records] == [("INFO", "request")]
