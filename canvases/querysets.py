"""Which rows: filters and annotations of the canvases app."""

from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import User
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Collate, Now

if TYPE_CHECKING:
    from canvases.models import Canvas, CanvasObject, CanvasSnapshot, Invitation  # noqa: F401  # named in the strings below


def _count(rows: "QuerySet[Any]") -> Coalesce:
    counted = (
        rows.filter(canvas=OuterRef("pk")).order_by().values("canvas").annotate(n=Count("*")).values("n")
    )
    return Coalesce(Subquery(counted), 0)


class CanvasQuerySet(QuerySet["Canvas"]):
    def visible_to(self, user: User) -> Self:
        """Canvases of which `user`, whose account is active, is a member."""
        return self.filter(memberships__user=user, memberships__user__is_active=True)

    def for_listing(self, user: User) -> Self:
        """With `my_role` of `user`, `object_count` (live ones), `member_count`, and the owner loaded."""
        memberships = self.model._meta.get_field("memberships").related_model._default_manager
        return self.with_counts().annotate(
            my_role=Subquery(memberships.filter(canvas=OuterRef("pk"), user=user).values("role"))
        )

    def with_counts(self) -> Self:
        """With `object_count` (live ones), `member_count`, and the owner loaded."""
        objects = self.model._meta.get_field("objects_on_it").related_model._default_manager
        memberships = self.model._meta.get_field("memberships").related_model._default_manager
        return self.select_related("owner").annotate(
            object_count=_count(objects.filter(is_deleted=False)), member_count=_count(memberships.all())
        )


class CanvasSnapshotQuerySet(QuerySet["CanvasSnapshot"]):
    def without_content(self) -> Self:
        """For lists: the files themselves stay in the database."""
        return self.defer("content")


class CanvasObjectQuerySet(QuerySet["CanvasObject"]):
    def live(self) -> Self:
        """Without tombstones."""
        return self.filter(is_deleted=False)

    def bottom_to_top(self) -> Self:
        """As they lie on each other: by fractional index, byte by byte, then by id, as in the browser."""
        return self.order_by(F("index").asc(nulls_first=True), Collate("object_id", "C"))

    def after(self, seq: int | None) -> Self:
        """Rows changed after `seq`; all rows when it is None. In the order of their changes."""
        rows = self if seq is None else self.filter(seq__gt=seq)
        return rows.order_by("seq")


class InvitationQuerySet(QuerySet["Invitation"]):
    def open(self) -> Self:
        """Neither accepted, revoked nor expired."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=Now())
