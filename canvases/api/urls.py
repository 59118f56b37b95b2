"""The addresses under `/api/` that belong to canvases."""

from django.urls import path

from canvases.api.views import CanvasInvitationViewSet, CanvasViewSet, InvitationViewSet, MemberViewSet

urlpatterns = [
    path("canvases", CanvasViewSet.as_view({"get": "list", "post": "create"}), name="canvases"),
    path(
        "canvases/<str:canvas_id>",
        CanvasViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="canvas",
    ),
    path(
        "canvases/<str:canvas_id>/snapshot",
        CanvasViewSet.as_view({"get": "snapshot"}),
        name="canvas-snapshot",
    ),
    path(
        "canvases/<str:canvas_id>/operations",
        CanvasViewSet.as_view({"post": "operations"}),
        name="canvas-operations",
    ),
    path(
        "canvases/<str:canvas_id>/thumbnail",
        CanvasViewSet.as_view({"get": "thumbnail"}),
        name="canvas-thumbnail",
    ),
    path("canvases/<str:canvas_id>/export", CanvasViewSet.as_view({"get": "export"}), name="canvas-export"),
    path("canvases/<str:canvas_id>/members", MemberViewSet.as_view({"get": "list"}), name="canvas-members"),
    path(
        "canvases/<str:canvas_id>/members/<str:user_id>",
        MemberViewSet.as_view({"patch": "partial_update", "delete": "destroy"}),
        name="canvas-member",
    ),
    path(
        "canvases/<str:canvas_id>/invitations",
        CanvasInvitationViewSet.as_view({"get": "list", "post": "create"}),
        name="canvas-invitations",
    ),
    path(
        "canvases/<str:canvas_id>/invitations/<str:invitation_id>",
        CanvasInvitationViewSet.as_view({"delete": "destroy"}),
        name="canvas-invitation",
    ),
    path("invitations/<str:token>", InvitationViewSet.as_view({"get": "retrieve"}), name="invitation"),
    path(
        "invitations/<str:token>/accept",
        InvitationViewSet.as_view({"post": "accept"}),
        name="invitation-accept",
    ),
]
