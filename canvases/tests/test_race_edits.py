"""Edits of one canvas by several connections at the same time."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from canvases import invitations, services
from canvases.errors import CanvasNotFound, InvitationUsed, RoleTooLow
from canvases.models import Canvas, CanvasObject, Invitation, Membership
from canvases.roles import Role
from canvases.services import actor_of, apply_operations
from canvases.tests.factories import Cast, edits, put

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call returned or raised; all start together, each on a connection of its own."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait(timeout=60)
            return call()
        except (CanvasNotFound, InvitationUsed, RoleTooLow) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_batches_get_distinct_seqs_without_a_gap(cast: Cast) -> None:
    def batch(name: str) -> Callable[[], Any]:
        operations = edits(*(put(f"{name}{number}", index=None) for number in range(20)))
        return lambda: apply_operations(
            canvas_id=cast.canvas.pk, operations=operations, actor=actor_of(cast.editor)
        )

    at_once(*(batch(name) for name in "abcd"))

    seqs = list(CanvasObject.objects.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, 81))
    assert Canvas.objects.get().seq == 80
    indexes = list(CanvasObject.objects.values_list("index", flat=True))
    assert len(set(indexes)) == 80


def test_of_two_versions_of_one_object_the_same_one_wins_in_either_order(cast: Cast) -> None:
    def write(nonce: int) -> Callable[[], Any]:
        return lambda: apply_operations(
            canvas_id=cast.canvas.pk,
            operations=edits(put("a", version=3, versionNonce=nonce)),
            actor=actor_of(cast.editor),
        )

    for _ in range(5):
        CanvasObject.objects.all().delete()
        at_once(write(5), write(6))
        assert CanvasObject.objects.get().version_nonce == 5


def test_an_edit_that_waits_behind_the_loss_of_the_role_is_refused(cast: Cast) -> None:
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            services.change_role(
                user=cast.owner, canvas_id=cast.canvas.pk, member_id=cast.editor.pk, role=Role.VIEWER
            )
            waiting = pool.submit(
                at_once,
                lambda: services.edit(
                    user=cast.editor,
                    canvas_id=cast.canvas.pk,
                    operations=edits(put("a")),
                    actor=actor_of(cast.editor),
                ),
            )
            _wait_until_something_waits_for_a_lock()
        (outcome,) = waiting.result(timeout=60)

    assert isinstance(outcome, RoleTooLow)
    assert not CanvasObject.objects.exists()


def _wait_until_something_waits_for_a_lock() -> None:
    give_up_at = time.monotonic() + 60
    with connection.cursor() as cursor:
        while time.monotonic() < give_up_at:
            # Not pg_stat_activity: inside a transaction that one shows the same picture again and again.
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
    pytest.fail("nothing waited for a lock")


def test_an_invitation_is_used_once_even_when_accepted_twice_at_the_same_time(cast: Cast) -> None:
    invitation = invitations.invite(
        user=cast.owner,
        canvas_id=cast.canvas.pk,
        email=cast.stranger.email,
        role=Role.EDITOR,
        site="http://testserver",
    )
    token = invitations.token_of(invitation.pk)

    outcomes = at_once(*[lambda: invitations.accept_invitation(user=cast.stranger, token=token)] * 2)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["InvitationUsed", "UUID"]
    assert Membership.objects.filter(user=cast.stranger).count() == 1
    assert Invitation.objects.get().accepted_by == cast.stranger
