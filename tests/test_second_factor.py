"""The second factor: who is asked for a code, where, which codes are right, and what is on record."""

import base64
import hmac
import re
import struct
import time
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from knox.models import AuthToken

from collabcanvas.lib.models import AuditEntry

PASSWORD = "correct horse battery staple"
PAGE = "/admin/second-factor/"


def code_of(secret: str, *, steps: int = 0) -> str:
    """What an authenticator app shows for this secret (RFC 6238), some half minutes from now."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def wrong_code(secret: str) -> str:
    right = {code_of(secret, steps=steps) for steps in range(-2, 3)}
    return next(
        code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in right
    )


def offered_secret(browser: Client) -> str:
    found = re.search(r"factor-secret[^>]*>([A-Z2-7 ]+)<", browser.get(PAGE).content.decode())
    assert found is not None
    return found[1].replace(" ", "")


def press(browser: Client, act: str, code: str, *, password: str = PASSWORD) -> str:
    """The page after one of its buttons."""
    answer = browser.post(PAGE, {"act": act, "password": password, "code": code}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def shown_codes(page: str) -> list[str]:
    return re.findall(r'role="listitem">(\d{8})<', page)


@dataclass
class Member:
    """Somebody of the staff with a second factor, whose browser is signed in to the admin."""

    user: User
    browser: Client
    secret: str
    recovery: list[str]


@pytest.fixture(autouse=True)
def hashing_is_quick(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def one_half_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code changes during no test, or it would use one twice."""
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now)


@pytest.fixture
def tess(db: None) -> User:
    return User.objects.create_superuser("tess", password=PASSWORD)


@pytest.fixture
def member(tess: User) -> Member:
    browser = Client()
    browser.force_login(tess)
    secret = offered_secret(browser)
    # The code of the half minute before, so that tests may use the others.
    page = press(browser, "add", code_of(secret, steps=-1))
    return Member(tess, browser, secret, shown_codes(page))


def sign_in(code: str | None = None, *, username: str = "tess", password: str = PASSWORD) -> tuple[int, str]:
    """Status and error code of signing in through the API."""
    body = {"username": username, "password": password} | ({} if code is None else {"code": code})
    browser = Client()
    answer = browser.post("/api/session", body, content_type="application/json")
    assert ("sessionid" in browser.cookies) == (answer.status_code == 200)
    return answer.status_code, answer.json().get("code", "")


def sign_in_to_admin(code: str, *, password: str = PASSWORD) -> str:
    """Where one is led, or the page that says why not."""
    body = {"username": "tess", "password": password, "code": code, "next": "/admin/"}
    answer = Client().post("/admin/login/", body)
    return answer["Location"] if answer.status_code == 302 else answer.content.decode()


def acts() -> list[str]:
    kept = AuditEntry.objects.filter(action__startswith="second_factor").order_by("id")
    return [entry.action.partition(".")[2] for entry in kept]


# --- Making one ---
def test_adding_asks_for_the_password_and_for_a_code_of_the_app(tess: User) -> None:
    browser = Client()
    browser.force_login(tess)
    secret = offered_secret(browser)
    assert "do not fit together" in press(browser, "add", code_of(secret), password="wrong")
    assert "That code is not right" in press(browser, "add", wrong_code(secret))
    assert sign_in() == (200, "")
    # The offer stays the same while one tries.
    assert offered_secret(browser) == secret
    codes = shown_codes(press(browser, "add", code_of(secret)))
    assert len(set(codes)) == 10
    assert sign_in() == (401, "second_factor_needed")
    page = browser.get(PAGE).content.decode()
    assert "Recovery codes that are left: 10" in page
    assert not [code for code in codes if code in page]
    assert secret not in page.replace(" ", "")


def test_a_second_one_cannot_be_added_from_a_page_that_is_out_of_date(member: Member) -> None:
    assert "has a second factor" in press(member.browser, "add", code_of(member.secret))
    assert acts() == ["added", "recovery_codes_made"]


# --- Signing in ---
def test_the_page_signs_in_with_a_code_and_not_without(member: Member) -> None:
    assert sign_in() == (401, "second_factor_needed")
    assert sign_in("") == (401, "second_factor_needed")
    assert sign_in(wrong_code(member.secret)) == (401, "wrong_code")
    assert sign_in(code_of(member.secret, steps=4)) == (401, "wrong_code")
    assert sign_in(code_of(member.secret)) == (200, "")
    # Without the password, nothing is said about the second factor.
    assert sign_in(password="wrong") == (401, "wrong_password")
    assert sign_in(code_of(member.secret, steps=1), password="wrong") == (401, "wrong_password")


def test_a_code_works_once_in_all_web_processes(member: Member) -> None:
    code = code_of(member.secret)
    assert sign_in(f"{code[:3]} {code[3:]}") == (200, "")
    # What a process remembers by itself, another does not know.
    cache.clear()
    assert sign_in(code) == (401, "wrong_code")
    assert "That code is not right" in sign_in_to_admin(code)


def test_the_admin_signs_in_with_a_code_and_not_without(member: Member) -> None:
    assert "This account has a second factor" in sign_in_to_admin("")
    assert "That code is not right" in sign_in_to_admin(wrong_code(member.secret))
    assert sign_in_to_admin(code_of(member.secret)) == "/admin/"


def test_a_recovery_code_works_once_and_is_on_record(member: Member) -> None:
    first, second = member.recovery[:2]
    assert sign_in_to_admin(first) == "/admin/"
    assert sign_in(first) == (401, "wrong_code")
    assert sign_in(second) == (200, "")
    entry = AuditEntry.objects.filter(action="second_factor.recovery_code_used").latest("id")
    assert (entry.target_id, entry.actor_name, entry.detail) == (str(member.user.pk), "tess", {"left": 8})


def test_without_a_second_factor_nobody_is_asked_for_a_code(db: None) -> None:
    User.objects.create_user("ada", password=PASSWORD)
    assert sign_in(username="ada") == (200, "")
    assert sign_in("123456", username="ada") == (200, "")


def test_wrong_codes_count_as_failed_sign_ins_and_are_on_record(member: Member, settings: Any) -> None:
    settings.SIGN_IN_FAILURES_PER_ACCOUNT = 2
    # Without a code nothing has failed, however often.
    assert {sign_in() for _ in range(4)} == {(401, "second_factor_needed")}
    assert {sign_in(wrong_code(member.secret)) for _ in range(2)} == {(401, "wrong_code")}
    assert sign_in(code_of(member.secret)) == (429, "too_many_sign_ins")
    failed = AuditEntry.objects.filter(action="sign_in.failed", target_id=str(member.user.pk))
    assert [entry.detail for entry in failed] == [{"account": "tess", "wrong": "code"}] * 2


def test_tokens_of_programs_need_no_code(member: Member) -> None:
    _, token = AuthToken.objects.create(member.user)
    answer = Client().get("/api/canvases", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


# --- Changing and losing it ---
def test_new_recovery_codes_make_the_earlier_ones_void(member: Member) -> None:
    assert shown_codes(press(member.browser, "codes", wrong_code(member.secret))) == []
    fresh = shown_codes(press(member.browser, "codes", code_of(member.secret)))
    assert len(fresh) == 10
    assert sign_in(member.recovery[0]) == (401, "wrong_code")
    assert sign_in(fresh[0]) == (200, "")


def test_removing_asks_for_password_and_code(member: Member) -> None:
    assert "do not fit together" in press(member.browser, "remove", code_of(member.secret), password="wrong")
    assert "That code is not right" in press(member.browser, "remove", wrong_code(member.secret))
    assert "Press one of the buttons" in press(member.browser, "nothing", code_of(member.secret, steps=1))
    assert sign_in() == (401, "second_factor_needed")
    assert "is removed" in press(member.browser, "remove", code_of(member.secret))
    assert sign_in() == (200, "")
    assert acts() == ["added", "recovery_codes_made", "removed"]
    assert {entry.actor_name for entry in AuditEntry.objects.filter(action__startswith="second_factor")} == {
        "tess"
    }


def test_a_lost_one_is_removed_from_the_command_line(member: Member) -> None:
    out = StringIO()
    call_command("remove_second_factor", "tess", stdout=out)
    assert out.getvalue() == "tess signs in with the password alone.\n"
    assert sign_in() == (200, "")
    assert acts()[-1] == "removed"
    with pytest.raises(CommandError, match="has no second factor"):
        call_command("remove_second_factor", "tess")
    with pytest.raises(CommandError, match="no user named"):
        call_command("remove_second_factor", "nobody")


def test_a_lost_one_is_removed_by_a_superuser_and_nobody_sees_its_secret(member: Member) -> None:
    boss, helper = Client(), Client()
    boss.force_login(User.objects.create_superuser("boss"))
    helper.force_login(User.objects.create_user("helper", is_staff=True))
    kept = Authenticator.objects.get(user=member.user, type="totp")
    address = f"/admin/mfa/authenticator/{kept.pk}"
    page = boss.get(f"{address}/change/").content.decode()
    assert "tess" in page
    assert member.secret not in page
    assert helper.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    assert sign_in() == (401, "second_factor_needed")
    assert boss.post(f"{address}/delete/", {"post": "yes"}).status_code == 302
    assert sign_in() == (200, "")
    entry = AuditEntry.objects.get(action="second_factor.removed")
    assert (entry.actor_name, entry.target_id, entry.channel) == ("boss", str(member.user.pk), "admin")
    # Recovery codes that are left over are void, and go when a new one is added.
    browser = Client()
    browser.force_login(member.user)
    secret = offered_secret(browser)
    assert not set(shown_codes(press(browser, "add", code_of(secret)))) & set(member.recovery)


# --- Where it is required ---
def test_staff_that_must_have_one_is_led_to_it_and_then_let_in(tess: User, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = "required"
    browser = Client()
    browser.force_login(tess)
    for path in ("/admin/", "/admin/auth/user/", "/admin/password_change/", "/admin/ai_jobs/aijob/"):
        assert browser.get(path).headers.get("Location") == PAGE, path
        assert browser.post(path).headers.get("Location") == PAGE, path
    secret = offered_secret(browser)
    press(browser, "add", code_of(secret))
    assert browser.get("/admin/auth/user/").status_code == 200


def test_the_page_is_for_staff_alone(db: None, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = "required"
    browser = Client()
    browser.force_login(User.objects.create_user("ada"))
    for answer in (browser.get(PAGE), browser.post(PAGE), Client().get(PAGE)):
        assert answer.headers.get("Location") == f"/admin/login/?next={PAGE}"
    assert browser.get("/api/canvases").status_code == 200
