"""Deleting an account in the admin: what goes with it, what stays, and who hears of it."""

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.contrib.auth.models import Permission, User
from django.test import Client
from knox.models import AuthToken

from ai_jobs.models import AIJob
from ai_jobs.tests import factories as make
from canvases import invitations
from canvases.models import Canvas, CanvasObject, Invitation, Membership
from canvases.roles import Role
from canvases.services import actor_of, apply_operations
from canvases.tests.factories import edits, put
from canvases.tests.test_canvas_socket import Socket
from collabcanvas.lib.models import AuditEntry


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def page_of(user):
    return f"/admin/auth/user/{user.pk}/delete/"


@pytest.mark.django_db
def test_the_page_says_what_goes_and_who_loses_a_canvas_too(owner, editor, viewer, operator, canvas):
    make.make_canvas(owner)
    make.submit(owner, canvas=canvas)
    page = signed_in(operator).get(page_of(owner)).content.decode()
    assert "Canvas “Shared”, which is lost to editor, viewer too" in page
    assert "Canvases of nobody else&#x27;s: 1" in page
    assert "Jobs, those that wait or run included: 1" in page
    assert User.objects.filter(pk=owner.pk).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("is_active", [True, False])
def test_an_account_goes_with_what_is_its_own_and_what_it_drew_for_others_stays(
    owner, editor, operator, is_active
):
    theirs = make.make_canvas(owner, editors=(editor,))
    others = make.make_canvas(editor, editors=(owner,))
    apply_operations(canvas_id=others.pk, operations=edits(put("a")), actor=actor_of(owner))
    for canvas in (theirs, others):
        make.submit(owner, canvas=canvas)
    kept = make.submit(editor, canvas=theirs)
    AuthToken.objects.create(user=owner)
    invited = invitations.invite(
        user=editor, canvas_id=others.pk, email="owner@example.org", role=Role.VIEWER, site="http://x"
    )
    Invitation.objects.filter(pk=invited.pk).update(accepted_by=owner)
    User.objects.filter(pk=owner.pk).update(is_active=is_active)

    answer = signed_in(operator).post(page_of(owner), {"post": "yes"})

    assert answer.status_code == 302
    assert not User.objects.filter(pk=owner.pk).exists()
    assert list(Canvas.objects.all()) == [others]
    assert list(Membership.objects.all()) == [others.memberships.get(user=editor)]
    assert list(AIJob.objects.filter(canvas=None)) == list(AIJob.objects.all()) == [kept]
    assert not AuthToken.objects.exists()
    assert not Invitation.objects.exists()
    assert CanvasObject.objects.get(canvas=others).created_by is None
    acts = AuditEntry.objects.filter(action__in=["canvas.deleted", "token.deleted", "user.deleted"])
    assert {(act.action, act.actor_name, act.channel) for act in acts} == {
        (action, "operator", "admin") for action in ("canvas.deleted", "token.deleted", "user.deleted")
    }


@pytest.mark.django_db
def test_several_accounts_go_at_once_and_only_with_the_right_to_delete_accounts(owner, editor):
    make.make_canvas(owner)
    make.make_canvas(editor)
    helper = make.make_user("helper", is_staff=True)
    chosen = {"action": "delete_selected", "_selected_action": [owner.pk, editor.pk], "post": "yes"}
    helper.user_permissions.add(Permission.objects.get(codename="view_user"))
    assert signed_in(helper).post(page_of(owner), {"post": "yes"}).status_code == 403
    signed_in(helper).post("/admin/auth/user/", chosen)
    assert User.objects.count() == 3

    helper.user_permissions.add(Permission.objects.get(codename="delete_user"))
    assert signed_in(helper).post("/admin/auth/user/", chosen).status_code == 302

    assert list(User.objects.all()) == [helper]
    assert not Canvas.objects.exists()
    assert AuditEntry.objects.filter(action="canvas.deleted", actor_name="helper").count() == 2


@pytest.mark.django_db(transaction=True)
async def test_whoever_has_a_canvas_of_theirs_open_loses_it_at_once(owner, editor, operator, canvas):
    others = await sync_to_async(make.make_canvas)(editor, editors=(owner,))
    job = await sync_to_async(make.submit)(owner, canvas=others)
    lost, kept = Socket(editor, canvas.pk), Socket(editor, others.pk)
    await lost.join()
    await kept.join()

    await sync_to_async(lambda: signed_in(operator).post(page_of(owner), {"post": "yes"}))()

    assert await lost.close_code() == 4403
    assert (await kept.wait_for("ai_job_deleted"))["job_id"] == str(job.pk)
    await lost.close()
    await kept.close()
    await get_channel_layer().close()
