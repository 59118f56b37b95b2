"""Deleting a person: what is theirs goes with them, what they did for others stays."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from knox.models import AuthToken

from ai_jobs import events
from ai_jobs.models import AIJob
from canvases.events import person_name
from canvases.models import Canvas, Invitation, Membership
from canvases.services import delete_canvas
from collabcanvas.lib.postgres.deadlocks import atomic_despite_deadlocks


@dataclass(frozen=True, kw_only=True)
class Belongings:
    """What goes with a person; `shared` are the titles of their canvases, each with those who lose it too."""

    canvases: int
    jobs: int
    tokens: int
    shared: list[tuple[str, list[str]]]


def belongings_of(user: User) -> Belongings:
    """What `delete_person` would take away now."""
    others: dict[Canvas, list[str]] = {}
    memberships = Membership.objects.filter(canvas__owner=user).exclude(user=user)
    for member in memberships.select_related("canvas", "user").order_by("canvas__title", "canvas", "pk"):
        others.setdefault(member.canvas, []).append(person_name(member.user))
    return Belongings(
        canvases=Canvas.objects.filter(owner=user).count(),
        jobs=AIJob.objects.filter(user=user).count(),
        tokens=AuthToken.objects.filter(user=user).count(),
        shared=[(canvas.title, names) for canvas, names in others.items()],
    )


# The rows of others that name the person are locked in no order.
@atomic_despite_deadlocks
def delete_person(*, user: User, actor: User) -> None:
    """The account is gone, with its canvases, jobs and tokens; everybody who had one of them open is told.

    What the person drew on canvases of others stays, without the name. `actor` must have the right to delete accounts,
    which includes everything that goes with one.
    """
    # In this transaction alone: to an account that is switched off, its own canvases are closed.
    User.objects.filter(pk=user.pk).update(is_active=True)
    for canvas_id in Canvas.objects.filter(owner=user).order_by("pk").values_list("pk", flat=True):
        delete_canvas(user=user, canvas_id=canvas_id, actor=actor)
    # Jobs before their person, as a run that ends locks them.
    jobs = AIJob.objects.select_for_update().filter(user=user).order_by("pk")
    events.announce((job, events.deleted_message(job)) for job in jobs.defer("request_data", "result_data"))
    # Whoever adds something of theirs from here on waits, and fails: Django looks first and deletes then.
    User.objects.select_for_update().get(pk=user.pk)
    # They hold the person's e-mail address.
    Invitation.objects.filter(accepted_by=user).delete()
    user.delete()
