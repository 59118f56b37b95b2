"""The operators' pages in a real browser, on the real services."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from canvases.demo import PASSWORD
from tests.pages import Watch, overflow
from tests.people import Person
from tests.running import Running
from tests.test_second_factor import code_of

NewBrowser = Callable[..., BrowserContext]


def sign_in(page: Page, base_url: str, username: str = "ada") -> None:
    page.goto(f"{base_url}/admin/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    # Where it is narrow, the side bar is folded away.
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()


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


def tile(page: Page, title: str) -> Locator:
    """The value of a tile on the dashboard."""
    name = page.locator("dt", has_text=re.compile(f"^{title}$"))
    return page.locator(".ops-tile", has=name).locator(".ops-value")


@pytest.fixture
def paused(running: Running) -> Iterator[Callable[[], None]]:
    """No engine begins a job until the test calls it, or ends."""
    is_paused = True

    def resume() -> None:
        nonlocal is_paused
        if is_paused:
            running.manage("aijobs", "resume")
            is_paused = False

    running.manage("aijobs", "pause")
    yield resume
    resume()


def test_the_dashboard_follows_a_job_from_the_queue_to_its_end_without_a_reload(
    operator: Page, cast: dict[str, Person], paused: Callable[[], None]
) -> None:
    expect(operator.get_by_role("row", name=re.compile("^Everything"))).to_contain_text("paused")
    ended = operator.get_by_role("heading", name=re.compile("ended$"))
    before = ended.inner_text()
    operator.evaluate("window.loadedOnce = true")
    job_id = cast["ben"].ask("Pack -> Ship")
    expect(tile(operator, "Queue")).to_have_text("1")
    # What is paused is not ready.
    expect(tile(operator, "Oldest ready job")).to_have_text("–")
    paused()
    expect(operator.get_by_role("row", name=re.compile("^Everything"))).to_contain_text("goes on")
    cast["ben"].wait_for_job(job_id)
    expect(tile(operator, "Queue")).to_have_text("0")
    expect(ended).not_to_have_text(before)
    assert operator.evaluate("window.loadedOnce") is True


def test_a_page_that_nobody_sees_asks_for_nothing(operator: Page) -> None:
    asked: list[str] = []
    operator.on("request", lambda request: asked.append(request.url))
    with operator.expect_response(re.compile("/live/now/")):
        pass
    hide = """(hidden) => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    operator.evaluate(hide, True)
    # What was on its way is no new request.
    operator.wait_for_timeout(1_000)
    asked.clear()
    # Longer than the interval of both parts.
    operator.wait_for_timeout(6_000)
    assert asked == []
    with operator.expect_response(re.compile("/live/now/")):
        operator.evaluate(hide, False)


def test_pausing_and_resuming_with_the_buttons(operator: Page) -> None:
    row = operator.get_by_role("row", name=re.compile("^create_canvas"))
    operator.get_by_role("button", name="Pause create_canvas").click()
    expect(row).to_contain_text("by ada")
    operator.get_by_role("button", name="Resume create_canvas").click()
    expect(row).to_contain_text("goes on")


def test_waiting_jobs_are_found_chosen_and_cancelled_together(
    operator: Page, running: Running, cast: dict[str, Person], paused: Callable[[], None]
) -> None:
    jobs = [cast["ben"].ask(f"Together {number} -> Done") for number in range(3)]
    operator.goto(f"{running.base_url}/admin/ai_jobs/aijob/?status__exact=queued&q=together")
    expect(operator.get_by_role("link", name=re.compile("^[0-9a-f]{8}$"))).to_have_count(3)
    operator.get_by_label("Select all objects on this page for an action").check()
    operator.get_by_role("combobox", name="Select action to run").select_option("Cancel")
    operator.get_by_role("button", name="Run").click()
    expect(operator.get_by_text("3 jobs cancelled.")).to_be_visible()
    assert {cast["ben"].job(job_id)["status"] for job_id in jobs} == {"cancelled"}


def test_a_job_is_retried_from_its_page_which_follows_it_to_the_end(
    operator: Page, running: Running, cast: dict[str, Person]
) -> None:
    job_id = cast["ben"].ask("hmm")
    cast["ben"].wait_for_job(job_id, "failed")
    operator.goto(f"{running.base_url}/admin/ai_jobs/aijob/{job_id}/change/")
    attempts = operator.locator("section", has=operator.get_by_role("heading", name="Attempts"))
    expect(attempts.get_by_role("row")).to_have_count(2)
    operator.get_by_role("link", name="Retry").click()
    operator.get_by_role("button", name="Retry").click()
    expect(operator.get_by_text("Retry: done.")).to_be_visible()
    expect(attempts.get_by_role("row")).to_have_count(3)
    expect(attempts.get_by_role("row").last).to_contain_text("not_understood")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_the_operators_pages_fit_their_window_in_both_themes(
    new_browser: NewBrowser, running: Running, cast: dict[str, Person], width: int, scheme: Any
) -> None:
    job_id = cast["ben"].ask("Pack -> Ship")
    cast["ben"].wait_for_job(job_id)
    page = new_browser(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    sign_in(page, running.base_url)
    for path in (
        "",
        "?window=week",
        f"ai_jobs/aijob/{job_id}/change/",
        f"ai_jobs/aijob/{job_id}/act/delete/",
    ):
        page.goto(f"{running.base_url}/admin/{path}")
        expect(page.locator(".ops")).to_be_visible()
        assert [item for item in overflow(page) if item.startswith("page")] == []
        brightness = page.evaluate(
            """() => {
                const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
                paint.fillStyle = getComputedStyle(document.getElementById("main")).backgroundColor;
                paint.fillRect(0, 0, 1, 1);
                return paint.getImageData(0, 0, 1, 1).data.slice(0, 3).reduce((sum, part) => sum + part, 0) / 3;
            }"""
        )
        assert (brightness < 80) == (scheme == "dark")


def test_only_pages_of_the_admin_may_compile_scripts_and_none_may_stand_in_a_page(running: Running) -> None:
    def scripts(path: str) -> str:
        policy = httpx.get(running.base_url + path, timeout=60).headers["content-security-policy"]
        return next(part.strip() for part in policy.split(";") if "script-src" in part)

    assert scripts("/admin/login/") == "script-src 'self' 'unsafe-eval'"
    for path in ("/", "/api/docs", "/api/session", "/c/admin"):
        assert scripts(path) == "script-src 'self'", path


def test_a_second_factor_is_added_shown_and_asked_for_in_the_admin_and_the_page(
    new_browser: NewBrowser, running: Running, watch: Watch
) -> None:
    watch.expected += [r"status of 401"]
    making = f'User.objects.create_superuser("tess", password={PASSWORD!r})'
    running.manage(
        "shell", "--no-imports", "--command", f"from django.contrib.auth.models import User; {making}"
    )

    page = new_browser(viewport={"width": 390, "height": 900}, color_scheme="dark").new_page()
    sign_in(page, running.base_url, "tess")
    page.goto(f"{running.base_url}/admin/second-factor/")
    secret = page.locator(".factor-secret").inner_text().replace(" ", "")
    picture = page.get_by_alt_text("The picture for your authenticator app")
    assert picture.evaluate("picture => picture.complete && picture.naturalWidth > 0")
    assert [item for item in overflow(page) if item.startswith("page")] == []
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Add it").click()
    codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(codes).to_have_count(10)
    first, second = codes.nth(0).inner_text(), codes.nth(1).inner_text()
    assert [item for item in overflow(page) if item.startswith("page")] == []

    other = new_browser().new_page()
    other.goto(f"{running.base_url}/admin/")
    other.get_by_label("Username").fill("tess")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_label("Code").fill(first)
    other.get_by_role("button", name="Log in").click()
    expect(other.get_by_role("heading", name="Dashboard")).to_be_visible()

    drawing = new_browser().new_page()
    drawing.goto(f"{running.base_url}/sign-in")
    expect(drawing.get_by_label("Code")).to_have_count(0)
    drawing.get_by_label("Username").fill("tess")
    drawing.get_by_label("Password", exact=True).fill(PASSWORD)
    drawing.get_by_role("button", name="Sign in").click()
    expect(drawing.get_by_role("alert")).to_contain_text("This account has a second factor.")
    drawing.get_by_label("Code").fill(first)
    drawing.get_by_role("button", name="Sign in").click()
    expect(drawing.get_by_role("alert")).to_contain_text("That code is not right.")
    drawing.get_by_label("Code").fill(second)
    drawing.get_by_role("button", name="Sign in").click()
    expect(drawing.get_by_role("heading", name="Your canvases")).to_be_visible()
