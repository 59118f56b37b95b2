"""The operators' pages in a real browser, on the real services."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from canvases.demo import PASSWORD
from tests.people import Person
from tests.running import Running

NewBrowser = Callable[..., BrowserContext]


def sign_in(page: Page, base_url: str) -> None:
    page.goto(f"{base_url}/admin/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("link", name="Dashboard").first).to_be_visible()


@pytest.fixture
def operator(new_browser: NewBrowser, running: Running, cast: dict[str, Person]) -> Page:
    """ada's browser, signed in to the admin; whatever it complains about fails the test."""
    page = new_browser().new_page()
    sign_in(page, running.base_url)
    return page


def test_every_section_opens_without_a_complaint_or_a_request_elsewhere(
    operator: Page, running: Running
) -> None:
    links = operator.locator("#nav-sidebar-apps a")
    sections = [links.nth(place).get_attribute("href") or "" for place in range(links.count())]
    assert len(sections) > 10
    for section in sections:
        answer = operator.goto(running.base_url + section)
        assert answer is not None
        assert answer.status == 200, section
        # Alpine has run: before it does, the page is hidden.
        expect(operator.get_by_role("link", name="Dashboard").first).to_be_visible()


def test_only_pages_of_the_admin_may_compile_scripts_and_none_may_stand_in_a_page(running: Running) -> None:
    def scripts(path: str) -> str:
        policy = httpx.get(running.base_url + path).headers["content-security-policy"]
        return next(part.strip() for part in policy.split(";") if "script-src" in part)

    assert scripts("/admin/login/") == "script-src 'self' 'unsafe-eval'"
    for path in ("/", "/api/docs", "/api/session", "/administrator"):
        assert scripts(path) == "script-src 'self'", path
