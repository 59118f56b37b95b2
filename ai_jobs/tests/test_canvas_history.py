"""`/api/canvases/{id}/history`: what its members learn of a canvas's past."""

import re

import pytest
from django.db import transaction

from ai_jobs import services
from ai_jobs.canvas_history import ENTRY_ID
from ai_jobs.tests import factories as make
from canvases import archive, invitations
from canvases import services as canvases
from canvases.models import CanvasSnapshot
from canvases.roles import Role
from canvases.tests.factories import client_of, edits, put

pytestmark = pytest.mark.django_db(transaction=True)


def _past(user, canvas, **parameters):
    answer = client_of(user).get(f"/api/canvases/{canvas.pk}/history", parameters)
    assert answer.status_code == 200, answer.content
    return answer.json()


def _draw(user, canvas):
    """A completed job on the canvas, and one object there."""
    canvases.apply_operations(
        canvas_id=canvas.pk,
        operations=edits(put("a")),
        actor=canvases.Actor(user_id=user.pk, name=user.username),
    )
    job = make.submit(user, canvas=canvas)
    assert make.complete(make.claim_one(job), canvas=canvas)
    return job


def test_the_history_tells_who_did_what_to_a_canvas_newest_first():
    ada, ben = make.make_user("ada"), make.make_user("ben")
    canvas = make.make_canvas(ada, editors=(ben,))
    canvases.rename_canvas(user=ben, canvas_id=canvas.pk, title="Plan B")
    job = _draw(ben, canvas)
    archive.take_snapshot(canvas_id=canvas.pk, reason=CanvasSnapshot.Reason.BY_HAND)
    canvases.change_role(user=ada, canvas_id=canvas.pk, member_id=ben.pk, role=Role.VIEWER)
    canvases.remove_member(user=ada, canvas_id=canvas.pk, member_id=ben.pk)

    body = _past(ada, canvas)
    assert body["next"] is None
    told = [(entry["kind"], entry["actor"] and entry["actor"]["name"]) for entry in body["results"]]
    assert told == [
        ("member.removed", "ada"),
        ("member.role_changed", "ada"),
        ("canvas.archived", None),
        ("job.completed", "ben"),
        ("canvas.renamed", "ben"),
        ("canvas.created", "ada"),
    ]
    removed, changed, kept, drawn, renamed, created = body["results"]
    assert removed["detail"] == {"member": {"id": ben.pk, "name": "ben"}}
    assert changed["detail"] == {**removed["detail"], "before": "editor", "after": "viewer"}
    assert kept["detail"] == {"objects": 1, "reason": "by_hand"}
    assert drawn["job_id"] == str(job.pk)
    assert drawn["detail"]["message"] == make.result(canvas)["message"]
    assert renamed["detail"] == {"before": "Shared", "after": "Plan B"}
    assert created["detail"] == {}
    assert all(re.fullmatch(ENTRY_ID, entry["id"]) for entry in body["results"])


def test_undo_redo_and_joining_are_in_the_history_each_time_they_happen():
    ada, ben = make.make_user("ada"), make.make_user("ben", email="ben@example.org")
    canvas = make.make_canvas(ada)
    invited = invitations.invite(
        user=ada, canvas_id=canvas.pk, email=ben.email, role=Role.EDITOR, site="http://testserver"
    )
    invitations.accept_invitation(user=ben, token=invitations.token_of(invited.pk))
    job = _draw(ada, canvas)
    services.undo_job(user=ben, job_id=job.pk)
    services.redo_job(user=ada, job_id=job.pk)
    services.undo_job(user=ben, job_id=job.pk)

    told = [
        (entry["kind"], entry["actor"]["name"], entry["job_id"]) for entry in _past(ada, canvas)["results"]
    ]
    assert told == [
        ("job.undone", "ben", str(job.pk)),
        ("job.redone", "ada", str(job.pk)),
        ("job.undone", "ben", str(job.pk)),
        ("job.completed", "ada", str(job.pk)),
        ("member.joined", "ben", None),
        ("canvas.created", "ada", None),
    ]
    assert _past(ben, canvas)["results"][-2]["detail"] == {"role": "editor"}


def test_pages_follow_each_other_without_a_gap_or_a_double_also_at_one_moment():
    ada = make.make_user("ada")
    canvas, other = make.make_canvas(ada), make.make_canvas(ada)
    with transaction.atomic():  # all of them at the same moment
        for number in range(7):
            canvases.rename_canvas(user=ada, canvas_id=canvas.pk, title=f"Title {number}")
    canvases.rename_canvas(user=ada, canvas_id=other.pk, title="Not this one")

    whole = _past(ada, canvas)
    assert len(whole["results"]) == 8
    assert whole["next"] is None
    client, address, pages = client_of(ada), f"/api/canvases/{canvas.pk}/history?limit=3", []
    while address:
        page = client.get(address).json()
        pages.append(page["results"])
        address = page["next"]
    assert [len(page) for page in pages] == [3, 3, 2]
    assert _past(ada, canvas, before=whole["results"][-1]["id"]) == {"results": [], "next": None}
    assert [entry for page in pages for entry in page] == whole["results"]


def test_what_somebody_did_whose_account_is_gone_stays_with_their_name():
    ada, ben = make.make_user("ada"), make.make_user("ben")
    canvas = make.make_canvas(ada, editors=(ben,))
    canvases.rename_canvas(user=ben, canvas_id=canvas.pk, title="Plan B")
    ben_id = ben.pk
    ben.delete()
    assert _past(ada, canvas)["results"][0]["actor"] == {"id": ben_id, "name": "ben"}


@pytest.mark.parametrize("before", ["", "x", "1", ".a", "99999999999999999.a", "1.A", "1.a'--", "%00"])
def test_what_is_no_entry_of_a_history_is_refused_with_a_sentence(before):
    ada = make.make_user("ada")
    canvas = make.make_canvas(ada)
    answer = client_of(ada).get(f"/api/canvases/{canvas.pk}/history", {"before": before})
    assert answer.status_code == 400
    assert answer.json()["details"] == {"before": ["This “before” is no entry of ours. Begin without it."]}
