"""Canvases for operators: who has access to what, never what is drawn."""

from django.contrib import admin
from django.http import HttpRequest

from canvases.models import Canvas, CanvasSnapshot, Invitation, Membership
from canvases.querysets import CanvasSnapshotQuerySet
from collabcanvas.lib.admin import ReadOnly


@admin.register(Canvas)
class CanvasAdmin(ReadOnly):
    icon = "draw"
    list_display = ["title", "owner", "seq", "created_at", "updated_at"]
    list_filter = ["created_at", "updated_at"]
    list_select_related = ["owner"]
    search_fields = ["=id", "title", "owner__username", "owner__email"]
    date_hierarchy = "created_at"
    ordering = ["-updated_at"]
    show_full_result_count = False


@admin.register(Membership)
class MembershipAdmin(ReadOnly):
    icon = "diversity_3"
    list_display = ["user", "canvas", "role", "created_at"]
    list_filter = ["role", "created_at"]
    list_select_related = ["user", "canvas"]
    search_fields = ["=canvas__id", "canvas__title", "user__username", "user__email"]
    ordering = ["-created_at"]
    show_full_result_count = False


@admin.register(Invitation)
class InvitationAdmin(ReadOnly):
    icon = "mail"
    list_display = [
        "email",
        "canvas",
        "role",
        "invited_by",
        "created_at",
        "expires_at",
        "accepted_at",
        "revoked_at",
    ]
    list_filter = ["role", "created_at", ("accepted_at", admin.EmptyFieldListFilter)]
    list_select_related = ["canvas", "invited_by"]
    search_fields = ["=canvas__id", "canvas__title", "email", "invited_by__username"]
    exclude = ["token_hash"]
    ordering = ["-created_at"]
    show_full_result_count = False


@admin.register(CanvasSnapshot)
class CanvasSnapshotAdmin(ReadOnly):
    icon = "history"
    list_display = ["title", "canvas_id", "reason", "object_count", "size_bytes", "made_at"]
    list_filter = ["reason", "made_at"]
    search_fields = ["=canvas_id", "title"]
    exclude = ["content"]
    date_hierarchy = "made_at"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> CanvasSnapshotQuerySet:
        return CanvasSnapshot.objects.without_content()
