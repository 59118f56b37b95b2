"""Who may come in and who is there, in a real browser: signing in, sharing, leaving, names and ends of canvases."""

import re
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from canvases.demo import PASSWORD
from tests.pages import CanvasPage, Watch, carry_session, overflow, sign_in
from tests.people import Person, Rows
from tests.running import Running

OpenCanvas = Callable[..., CanvasPage]
NewBrowser = Callable[..., BrowserContext]


def test_a_new_title_is_seen_by_everybody_and_nobody_takes_it_back_unawares(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str
) -> None:
    ada, ben, vera = open_canvas("ada"), open_canvas("ben"), open_canvas("vera")
    # ada is about to rename it too, and leaves it at that.
    ada.page.get_by_role("button", name="Rename").click()
    ben.page.get_by_role("button", name="Rename").click()
    ben.page.get_by_role("textbox", name="Title").fill("Plan for spring")
    ben.page.keyboard.press("Enter")
    expect(vera.page.get_by_role("heading", name="Plan for spring")).to_be_visible()
    expect(vera.page).to_have_title("Plan for spring – CollabCanvas")
    expect(ada.page).to_have_title("Plan for spring – CollabCanvas")
    ada.page.keyboard.press("Enter")
    expect(ada.page.get_by_role("heading", name="Plan for spring")).to_be_visible()
    ada.page.get_by_role("link", name="Your canvases").click()
    expect(ada.page.get_by_role("link", name="Plan for spring")).to_be_visible()
    title = "SELECT title FROM canvases_canvas WHERE id = %s"
    assert rows.query(title, canvas_id)[0]["title"] == "Plan for spring"


def test_a_canvas_that_is_deleted_says_so_to_everybody_who_has_it_open(
    open_canvas: OpenCanvas, cast: dict[str, Person], canvas_id: str
) -> None:
    ada, ben = open_canvas("ada"), open_canvas("ben")
    cast["ada"].call("DELETE", f"/api/canvases/{canvas_id}", expect=204)
    for page in (ada.page, ben.page):
        expect(page.get_by_role("heading", name="This canvas was deleted")).to_be_visible()
        expect(page).to_have_title("Canvas deleted – CollabCanvas")


def test_who_is_removed_is_told_and_sees_nothing_of_the_canvas_not_even_its_name(
    open_canvas: OpenCanvas, cast: dict[str, Person], canvas_id: str
) -> None:
    ben = open_canvas("ben")
    cast["ada"].call("DELETE", f"/api/canvases/{canvas_id}/members/{cast['ben'].user_id}", expect=204)
    expect(ben.page.get_by_role("heading", name="This canvas is no longer open to you")).to_be_visible()
    expect(ben.page).to_have_title("No access – CollabCanvas")


def test_a_wrong_password_is_answered_with_a_sentence_and_the_right_one_leads_back(
    new_browser: NewBrowser, running: Running, canvas_id: str, watch: Watch
) -> None:
    watch.expected += [r"status of 401"]
    page = new_browser().new_page()
    page.goto(f"{running.base_url}/c/{canvas_id}")
    page.wait_for_url("**/sign-in*")
    sign_in(page, "ada", "not the password")
    expect(page.get_by_role("alert")).to_have_text(
        "That user name and password do not fit together. Check both and try again."
    )
    sign_in(page, "ada", PASSWORD)
    page.wait_for_url(f"**/c/{canvas_id}")
    expect(page.get_by_label("What should be drawn?")).to_be_visible()


def test_signing_out_leads_to_the_sign_in_page_and_nowhere_before(
    new_browser: NewBrowser, running: Running, canvas_id: str
) -> None:
    page = new_browser().new_page()
    # The socket closes, and tells the page why, well before the answer is there.
    page.add_init_script(
        """
        const quick = window.fetch;
        window.fetch = async (address, options) => {
          const answer = await quick(address, options);
          if (options?.method === "DELETE") await new Promise((go) => setTimeout(go, 1500));
          return answer;
        };
        """
    )
    page.goto(f"{running.base_url}/c/{canvas_id}")
    page.wait_for_url("**/sign-in*")
    sign_in(page, "ada", PASSWORD)
    expect(page.get_by_label("What should be drawn?")).to_be_visible()
    addresses: set[str] = set()
    page.on("framenavigated", lambda frame: addresses.add(frame.url))
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{running.base_url}/sign-in")
    assert addresses == {f"{running.base_url}/sign-in"}
    page.goto(f"{running.base_url}/c/{canvas_id}")
    page.wait_for_url("**/sign-in*")


@pytest.mark.parametrize("which", ["unknown", "malformed", "foreign"])
def test_a_canvas_that_one_may_not_see_cannot_be_found(
    new_browser: NewBrowser,
    running: Running,
    cast: dict[str, Person],
    canvas_id: str,
    watch: Watch,
    which: str,
) -> None:
    watch.expected += [r"status of 404"]
    address = {"unknown": str(uuid.uuid4()), "malformed": "no-such-canvas", "foreign": canvas_id}[which]
    context = new_browser()
    carry_session(context, cast["sam"], running.base_url)
    page = context.new_page()
    page.goto(f"{running.base_url}/c/{address}")
    expect(page.get_by_text("This canvas cannot be found")).to_be_visible()
    page.get_by_role("link", name="Your canvases").click()
    expect(page.get_by_role("heading", name="Your canvases")).to_be_visible()


def test_who_leaves_a_canvas_is_led_away_and_who_has_it_open_when_it_goes_is_told(
    open_canvas: OpenCanvas, cast: dict[str, Person], canvas_id: str
) -> None:
    ada, ben = open_canvas("ada"), open_canvas("ben")
    for someone in (ada, ben):
        someone.page.evaluate(
            """() => {
                window.headings = new Set();
                const look = () => document.querySelectorAll("h1").forEach((h1) => headings.add(h1.innerText));
                new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
            }"""
        )
    gone = "This canvas was deleted"
    ben.page.get_by_role("button", name="Share", exact=True).click()
    ben.page.get_by_role("button", name="Leave this canvas").click()
    ben.page.get_by_role("button", name="Leave it").click()
    expect(ben.page.get_by_role("heading", name="Your canvases")).to_be_visible()
    cast["ada"].call("DELETE", f"/api/canvases/{canvas_id}", expect=204)
    expect(ada.page.get_by_role("heading", name=gone)).to_be_visible()
    assert gone in ada.page.evaluate("[...window.headings]")
    assert not {gone, "This canvas is no longer open to you"} & {*ben.page.evaluate("[...window.headings]")}


def test_a_canvas_is_renamed_by_keyboard_and_the_next_key_is_not_meant_for_the_drawing(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str
) -> None:
    ada = open_canvas("ada")
    ada.draw_rectangle()
    ada.wait_until_saved()
    page = ada.page
    for last_key, title in (("Enter", "Better plan"), ("Escape", "Worse plan")):
        page.get_by_role("button", name=re.compile("^Rename")).click()
        page.keyboard.type(title)
        page.keyboard.press(last_key)
        expect(page.get_by_role("button", name="Rename Better plan")).to_be_focused()
        page.keyboard.press("Delete")
    ada.wait_until_saved()
    assert len(ada.scene()) == len(rows.objects(canvas_id)) == 1


def test_who_goes_by_keyboard_asks_invites_and_leaves_a_dialog_again(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str
) -> None:
    ada = open_canvas("ada")
    ada.draw_rectangle()
    ada.wait_until_saved()
    page = ada.page
    page.reload()
    ada.wait_until_live()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(ada.question).to_be_focused()
    page.keyboard.type("Pack -> Ship")
    page.keyboard.press("Control+Enter")
    expect(ada.card("Pack -> Ship")).to_contain_text("Done")
    page.get_by_role("button", name="Share").press("Enter")
    page.get_by_role("textbox", name="E-mail").press_sequentially("new@example.org")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Invitation link")).to_be_visible()
    # A Delete here is not meant for the drawing, and Escape is meant for the dialog.
    page.keyboard.press("Delete")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Share")).to_be_focused()
    assert len(rows.objects(canvas_id)) == 6


LONG = "someone.with.a.very.long.address@subdomain.of.an.organisation.example.org"


@pytest.mark.parametrize("width", [360, 1440])
def test_the_share_dialog_holds_a_long_address_and_no_link_that_was_revoked(
    open_canvas: OpenCanvas, width: int
) -> None:
    page = open_canvas("ada", viewport={"width": width, "height": 740}).page
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("textbox", name="E-mail").fill(LONG)
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_label("Invitation link")).to_be_visible()
    page.get_by_role("list", name="Members").get_by_text("ben", exact=True).wait_for()
    assert overflow(page) == []
    page.get_by_role("button", name=f"Revoke the invitation of {LONG}").click()
    expect(page.get_by_label("Invitation link")).to_have_count(0)
    expect(page.get_by_role("list", name="Open invitations")).to_have_count(0)


def test_an_open_share_dialog_shows_who_accepted_meanwhile(
    open_canvas: OpenCanvas, cast: dict[str, Person], canvas_id: str
) -> None:
    page = open_canvas("ada").page
    page.get_by_role("button", name="Share", exact=True).click()
    members = page.get_by_role("list", name="Members")
    expect(members.get_by_text("vera", exact=True)).to_be_visible()
    cast["ada"].share(canvas_id, with_person=cast["sam"], role="viewer")
    expect(members.get_by_text("sam", exact=True)).to_be_visible()
    expect(page.get_by_role("list", name="Open invitations")).to_have_count(0)


def test_who_opens_somebody_elses_invitation_can_use_another_account(
    new_browser: NewBrowser, running: Running, cast: dict[str, Person], canvas_id: str, watch: Watch
) -> None:
    watch.expected += [r"status of 403"]
    body = {"email": "ben@example.org", "role": "viewer"}
    other = cast["ada"].make_canvas("For ben")
    made = cast["ada"].call("POST", f"/api/canvases/{other}/invitations", body, expect=201)
    address = f"{running.base_url}/invitations/{made['url'].rpartition('/')[2]}"
    page = new_browser().new_page()
    page.goto(address)
    page.wait_for_url("**/sign-in*")
    sign_in(page, "ada", PASSWORD)
    page.get_by_role("button", name="Accept the invitation").click()
    expect(page.get_by_role("heading", name="This invitation is for ben@example.org")).to_be_visible()
    expect(page.get_by_role("link", name="Your canvases")).to_be_visible()
    page.get_by_role("button", name="Sign out and use another account").click()
    page.wait_for_url("**/sign-in*")
    sign_in(page, "ben", PASSWORD)
    page.wait_for_url(address)
    page.get_by_role("button", name="Accept the invitation").click()
    page.wait_for_url(f"**/c/{other}")


def test_removing_and_leaving_are_asked_about_and_keep_the_keyboards_place(
    open_canvas: OpenCanvas, rows: Rows, canvas_id: str
) -> None:
    def members() -> int:
        return len(rows.query("SELECT id FROM canvases_membership WHERE canvas_id = %s", canvas_id))

    ada, vera = open_canvas("ada"), open_canvas("vera")
    page = ada.page
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("button", name="Remove ben").press("Enter")
    question = page.get_by_role("dialog", name="Remove ben?")
    question.get_by_role("button", name="Keep them").press("Enter")
    expect(question).to_have_count(0)
    expect(page.get_by_role("button", name="Remove ben")).to_be_focused()
    assert members() == 3
    page.keyboard.press("Enter")
    question.get_by_role("button", name="Remove them").press("Enter")
    expect(page.get_by_role("button", name="Remove ben")).to_have_count(0)
    expect(page.get_by_role("heading", name="Who has access")).to_be_focused()
    assert members() == 2

    vera.page.get_by_role("button", name="Share", exact=True).click()
    vera.page.get_by_role("button", name="Leave this canvas").click()
    question = vera.page.get_by_role("dialog", name="Leave this canvas?")
    question.get_by_role("button", name="Stay").click()
    expect(vera.page.get_by_role("button", name="Leave this canvas")).to_be_focused()
    assert members() == 2
    vera.page.keyboard.press("Enter")
    question.get_by_role("button", name="Leave it").click()
    expect(vera.page.get_by_role("heading", name="Your canvases")).to_be_visible()
    assert members() == 1


def test_deleting_a_canvas_keeps_the_keyboards_place_in_the_list(
    new_browser: NewBrowser, running: Running, cast: dict[str, Person]
) -> None:
    cast["sam"].make_canvas("Of no use")
    context = new_browser()
    carry_session(context, cast["sam"], running.base_url)
    page = context.new_page()
    page.goto(running.base_url)
    page.get_by_role("button", name="Delete Of no use").press("Enter")
    page.get_by_role("button", name="Delete it").press("Enter")
    expect(page.get_by_role("link", name="Of no use")).to_have_count(0)
    expect(page.get_by_role("heading", name="Your canvases")).to_be_focused()
