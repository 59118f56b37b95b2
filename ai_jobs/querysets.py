"""Which jobs: chainable filters over rows of `AIJob`."""

from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import User
from django.db.models import QuerySet

from ai_jobs.rights import Right, may_with_any_job
from ai_jobs.states import Status
from canvases.access import visible_canvases

if TYPE_CHECKING:
    from ai_jobs.models import AIJob  # noqa: F401  # named in the string below


class AIJobQuerySet(QuerySet["AIJob"]):
    """Filters by who may see a job and by what it is waiting for."""

    def visible_to(self, user: User) -> Self:
        """Own jobs, and those on canvases that the user is a member of; staff see all."""
        if may_with_any_job(user, Right.VIEW):
            return self
        # Either half has an index; an OR of both would be answered by looking at everybody's jobs, newest first.
        own = self.model._default_manager.filter(user=user).order_by()
        shared = self.model._default_manager.filter(canvas__in=visible_canvases(user)).order_by()
        return self.filter(pk__in=own.values("pk").union(shared.values("pk"), all=True))

    def live(self) -> Self:
        """Jobs that wait or run."""
        return self.filter(status__in=[Status.QUEUED, Status.PROCESSING])
