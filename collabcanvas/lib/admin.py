"""The base of our admin classes, and the admins of the libraries we build on, in the same look."""

from typing import Any, cast, get_args

from allauth.account.admin import EmailAddress
from allauth.mfa.admin import Authenticator
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django_q import admin as django_q
from django_q.models import Failure, OrmQ, Schedule, Success
from knox.admin import AuthTokenAdmin as KnoxTokenAdmin
from knox.models import AuthToken
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from collabcanvas.lib.models import AuditEntry
from collabcanvas.lib.origin import Channel

_COUNT_LIMIT = 10_000
_VALUES_SHOWN = 100

# E-mail addresses of allauth are not used: its second factor needs their tables and nothing else of them.
for _model in (Authenticator, EmailAddress, Group, User, AuthToken, Failure, OrmQ, Schedule, Success):
    admin.site.unregister(_model)


class LimitedPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable at run time
    """Counts exactly up to a limit and not beyond: on a long table counting would take seconds."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return rows.order_by().values("pk")[:_COUNT_LIMIT].count()


def values_by_index(model: type[Model], column: str) -> list[str]:
    """The texts that occur in a column with an index, but the empty one; at most `_VALUES_SHOWN` of them.

    From one to the next by the index: one probe for each, however many rows have it.
    """
    names = {
        "table": connection.ops.quote_name(model._meta.db_table),
        "column": connection.ops.quote_name(column),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE found(value) AS (
                (SELECT {column} FROM {table} WHERE {column} <> '' ORDER BY {column} LIMIT 1)
                UNION ALL
                SELECT (
                    SELECT {column} FROM {table}
                    WHERE {column} <> '' AND {column} > found.value ORDER BY {column} LIMIT 1
                ) FROM found WHERE found.value IS NOT NULL
            )
            SELECT value FROM found WHERE value IS NOT NULL LIMIT %s
            """.format_map(names),
            [_VALUES_SHOWN],
        )
        return [value for (value,) in cursor.fetchall()]


class ReadOnly(ModelAdmin):
    """Looks at rows; changes go through the product, which tells everybody whom it concerns."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]  # mixed as unfold says
    icon, group = "person", "People"
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    show_full_result_count = False


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]  # mixed as unfold says
    icon, group = "group", "People"


@admin.register(AuthToken)
class AuthTokenAdmin(KnoxTokenAdmin, ModelAdmin):  # type: ignore[misc]  # it has no types
    icon, group = "key", "People"
    list_display = ["token_key", "user", "created", "expiry"]
    list_select_related = ["user"]


@admin.register(Authenticator)
class SecondFactorAdmin(ReadOnly):
    """Who has a second factor; a superuser removes one that was lost. Its secret is not shown."""

    icon, group = "lock", "People"
    list_display = ["user", "type", "created_at", "last_used_at"]
    list_display_links = ["user", "type"]
    list_select_related = ["user"]
    list_filter = ["type"]
    search_fields = ["=user__username"]
    search_help_text = "A user name, exactly"
    fields = ["user", "type", "created_at", "last_used_at"]

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)


@admin.register(Schedule)
class ScheduleAdmin(django_q.ScheduleAdmin, ModelAdmin):  # type: ignore[misc]  # it has no types
    icon = "schedule"


@admin.register(Success)
class SuccessAdmin(django_q.TaskAdmin, ModelAdmin):  # type: ignore[misc]  # it has no types
    icon = "task_alt"
    show_full_result_count = False


@admin.register(Failure)
class FailureAdmin(django_q.FailAdmin, ModelAdmin):  # type: ignore[misc]  # it has no types
    icon = "error"
    show_full_result_count = False


@admin.register(OrmQ)
class OrmQAdmin(django_q.QueueAdmin, ModelAdmin):  # type: ignore[misc]  # it has no types
    icon = "low_priority"


class ChannelFilter(admin.SimpleListFilter):
    """Through what it was done."""

    title = "channel"
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(channel, channel) for channel in get_args(Channel)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(channel=self.value()) if self.value() else queryset


class TargetTypeFilter(admin.SimpleListFilter):
    """The kinds of things to which something was done."""

    title = "target type"
    parameter_name = "target_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(target, target) for target in values_by_index(AuditEntry, "target_type")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(target_type=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditAdmin(ReadOnly):
    """Who did what; nobody changes it, whatever their rights."""

    icon, group = "policy", "People"
    list_display = [
        "at",
        "action",
        "actor_name",
        "target_type",
        "target_id",
        "channel",
        "address",
        "request_id",
        "detail_beginning",
    ]
    list_display_links = ["at", "action"]
    list_filter = [ChannelFilter, TargetTypeFilter, "at"]
    paginator = LimitedPaginator
    search_fields = ["=target_id", "=actor_name", "^action", "=request_id", "=address"]
    search_help_text = "An id, a user name, the beginning of an action, a request id or an address, exactly"
    ordering = ["-id"]
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    @admin.display(description="detail")
    def detail_beginning(self, entry: AuditEntry) -> str:
        return Truncator(", ".join(f"{name}: {value}" for name, value in entry.detail.items())).chars(80)
