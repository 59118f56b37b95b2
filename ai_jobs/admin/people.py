"""Accounts: deleting one takes its canvases and jobs along."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest

from ai_jobs.accounts import belongings_of, delete_person
from collabcanvas.lib.admin import UserAdmin

admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):
    """Deletes through the service, which tells everybody whom it concerns; the right to delete accounts is enough."""

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        lines: list[Any] = []
        counts = {"users": 0, "canvases": 0, "jobs": 0, "API tokens": 0}
        for user in objs:
            theirs = belongings_of(user)
            counts["users"] += 1
            counts["canvases"] += theirs.canvases
            counts["jobs"] += theirs.jobs
            counts["API tokens"] += theirs.tokens
            lines.append(f"User: {user}")
            lines.append(
                [
                    *(
                        f"Canvas “{title}”, which is lost to {', '.join(names)} too"
                        for title, names in theirs.shared
                    ),
                    f"Canvases of nobody else's: {theirs.canvases - len(theirs.shared)}",
                    f"Jobs, those that wait or run included: {theirs.jobs}",
                    "Stays: what they drew on canvases of others, without the name, and the audit",
                ]
            )
        return lines, counts, set(), []

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        delete_person(user=obj, actor=cast("User", request.user))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            self.delete_model(request, user)
