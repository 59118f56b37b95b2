"""Whoever is signed out, switched off, or has a token revoked or a new password: their sockets close at once."""

import asyncio
import uuid
from collections.abc import Callable, Iterator

import pytest

from canvases.demo import PASSWORD
from tests.people import Person
from tests.running import Running
from tests.test_who_hears_what import Ear, listen

MAKE = f"""
from django.contrib.auth.models import User
from knox.models import AuthToken
user = User.objects.create_user("{{name}}", "{{name}}@example.org", {PASSWORD!r})
print("MADE", user.pk, AuthToken.objects.create(user)[1], AuthToken.objects.create(user)[1])
"""


@pytest.fixture
def manage(running: Running) -> Callable[[str], str]:
    return lambda command: running.manage("shell", "--no-imports", "--command", command).stdout


@pytest.fixture
def somebody(running: Running, manage: Callable[[str], str]) -> Iterator[tuple[Person, str]]:
    """A person of this test's own, signed in, and a second token of theirs."""
    name = f"p{uuid.uuid4().hex[:8]}"
    made = next(line for line in manage(MAKE.format(name=name)).splitlines() if line.startswith("MADE"))
    _, user_id, token, other = made.split()
    person = Person(base_url=running.base_url, name=name, user_id=int(user_id), token=token)
    person.sign_in()
    yield person, other
    person.http.close()


async def join(ear: Ear) -> None:
    await ear.hear_until("jobs.snapshot")


async def test_signing_out_closes_the_sockets_of_that_browser_and_no_others(
    running: Running, somebody: tuple[Person, str]
) -> None:
    person, token = somebody
    canvas_id = person.make_canvas("Sockets")
    async with (
        listen(running, "/ws/jobs", person=person) as jobs,
        listen(running, f"/ws/canvases/{canvas_id}", person=person) as canvas,
        listen(running, "/ws/jobs", token=token) as program,
    ):
        await join(jobs)
        await join(program)
        await canvas.hear_until("jobs.snapshot")
        await asyncio.to_thread(person.call, "DELETE", "/api/session", expect=204)
        assert await jobs.close_code() == 4401
        assert await canvas.close_code() == 4401
        await program.hear_nothing_more()


async def test_revoking_a_token_closes_its_sockets_and_no_others(
    running: Running, somebody: tuple[Person, str], manage: Callable[[str], str]
) -> None:
    person, other = somebody
    async with (
        listen(running, "/ws/jobs", token=person.token) as revoked,
        listen(running, "/ws/jobs", token=other) as kept,
        listen(running, "/ws/jobs", person=person) as page,
    ):
        for ear in (revoked, kept, page):
            await join(ear)
        await asyncio.to_thread(
            manage,
            "from knox.models import AuthToken; "
            f"AuthToken.objects.filter(user_id={person.user_id}, token_key={person.token[:15]!r}).delete()",
        )
        assert await revoked.close_code() == 4401
        await kept.hear_nothing_more()
        await page.hear_nothing_more()


@pytest.mark.parametrize(
    "change",
    ["user.is_active = False; user.save()", "user.set_password('another'); user.save()", "user.delete()"],
)
async def test_an_account_that_is_switched_off_or_changed_loses_all_its_sockets(
    running: Running, somebody: tuple[Person, str], manage: Callable[[str], str], change: str
) -> None:
    person, other = somebody
    async with (
        listen(running, "/ws/jobs", token=other) as program,
        listen(running, "/ws/jobs", person=person) as page,
    ):
        await join(program)
        await join(page)
        await asyncio.to_thread(
            manage,
            f"from django.contrib.auth.models import User; user = User.objects.get(pk={person.user_id}); {change}",
        )
        assert await program.close_code() == 4401
        assert await page.close_code() == 4401


async def test_other_changes_of_an_account_close_nothing(
    running: Running, somebody: tuple[Person, str], manage: Callable[[str], str]
) -> None:
    person, other = somebody
    async with listen(running, "/ws/jobs", token=other) as program:
        await join(program)
        await asyncio.to_thread(
            manage,
            "from django.contrib.auth.models import User; "
            f"user = User.objects.get(pk={person.user_id}); user.first_name = 'New'; user.save()",
        )
        await program.hear_nothing_more()
