"""`/api/canvases` and `/api/invitations`: parse, one call, translate."""

from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from django.views.decorators.gzip import gzip_page
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ViewSet

from canvases import access, invitations, services
from canvases.api.serializers import (
    AcceptedInvitationSerializer,
    AppliedSerializer,
    CanvasSerializer,
    CanvasTitleSerializer,
    ErrorSerializer,
    InvitationPreviewSerializer,
    InvitationSerializer,
    InvitationsSerializer,
    InviteSerializer,
    MemberSerializer,
    MembersSerializer,
    NewInvitationSerializer,
    OperationsSerializer,
    RoleSerializer,
    SnapshotSerializer,
)
from canvases.errors import MalformedEdits, MemberNotFound
from canvases.events import actor_of, person_name
from canvases.export import FORMATS, export_canvas, thumbnail_of
from canvases.models import Canvas
from canvases.operations import parse_operations
from canvases.querysets import CanvasQuerySet
from canvases.roles import Role
from canvases.services import EditResult
from collabcanvas.lib.pagination import SEQUENCE, integer_parameter

_INVALID = {400: OpenApiResponse(ErrorSerializer, description="The input is not valid.")}
_UNKNOWN = {404: OpenApiResponse(ErrorSerializer, description="Unknown, or not shared with you.")}
_FORBIDDEN = {403: OpenApiResponse(ErrorSerializer, description="Your role does not allow it.")}
_CONFLICT = {409: OpenApiResponse(ErrorSerializer, description="Not possible in its present state.")}


def _user(request: Request) -> User:
    user = request.user
    assert isinstance(user, User)  # IsAuthenticated, the default, let the request in
    return user


def _validated(serializer: serializers.Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    validated: dict[str, Any] = serializer.validated_data
    return validated


def _member_id(raw: str) -> int:
    # As in the database: a whole number that fits an integer column; anything else is an unknown person.
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 10 and int(raw) < 2**31):
        raise MemberNotFound
    return int(raw)


def _edit_result(result: EditResult) -> dict[str, Any]:
    answer: dict[str, Any] = {"id": result.object_id, "status": result.status, "object": result.row}
    if result.status == "refused":
        answer |= {"code": result.code, "error": result.error}
    return answer


class CanvasViewSet(GenericViewSet[Canvas]):
    """The canvases that are shared with the person who asks."""

    queryset = Canvas.objects.none()
    serializer_class = CanvasSerializer
    lookup_url_kwarg = "canvas_id"
    throttle_actions: ClassVar[dict[str, str]] = {"export": "export", "thumbnail": "thumbnail"}

    def _rows(self, request: Request) -> CanvasQuerySet:
        user = _user(request)
        return access.visible_canvases(user).for_listing(user).order_by("-updated_at", "id")

    def _describe(self, request: Request, canvas: Canvas) -> dict[str, Any]:
        described: dict[str, Any] = CanvasSerializer(self._rows(request).get(pk=canvas.pk)).data
        return described

    @extend_schema(
        summary="Canvases shared with you, the last changed first", responses=CanvasSerializer(many=True)
    )
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self._rows(request))
        assert page is not None  # a paginator is configured for the whole API
        return self.get_paginated_response(CanvasSerializer(page, many=True).data)

    @extend_schema(
        summary="Make a canvas",
        request=CanvasTitleSerializer,
        responses={201: CanvasSerializer} | _INVALID,
    )
    def create(self, request: Request) -> Response:
        title = _validated(CanvasTitleSerializer(data=request.data))["title"]
        canvas = services.create_canvas(owner=_user(request), title=title)
        return Response(self._describe(request, canvas), status=status.HTTP_201_CREATED)

    @extend_schema(summary="One canvas", responses={200: CanvasSerializer} | _UNKNOWN)
    def retrieve(self, request: Request, canvas_id: str) -> Response:
        canvas = access.get_canvas(user=_user(request), canvas_id=canvas_id)
        return Response(self._describe(request, canvas))

    @extend_schema(
        summary="Rename a canvas (editors and the owner)",
        request=CanvasTitleSerializer,
        responses={200: CanvasSerializer} | _INVALID | _FORBIDDEN | _UNKNOWN,
    )
    def partial_update(self, request: Request, canvas_id: str) -> Response:
        access.get_canvas(user=_user(request), canvas_id=canvas_id, role=Role.EDITOR)
        title = _validated(CanvasTitleSerializer(data=request.data))["title"]
        canvas = services.rename_canvas(user=_user(request), canvas_id=canvas_id, title=title)
        return Response(self._describe(request, canvas))

    @extend_schema(
        summary="Delete a canvas with everything on it (the owner)",
        responses={204: None} | _FORBIDDEN | _UNKNOWN,
    )
    def destroy(self, request: Request, canvas_id: str) -> Response:
        services.delete_canvas(user=_user(request), canvas_id=canvas_id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary="The objects of a canvas, tombstones included, or those changed after a seq",
        parameters=[
            OpenApiParameter(
                "since_seq",
                SEQUENCE,
                description="Only what changed after this seq, where that is known still.",
            )
        ],
        responses={200: SnapshotSerializer} | _INVALID | _UNKNOWN,
    )
    # Its length may tell an eavesdropper nothing of worth: there is no secret in it, and only members write into it.
    @method_decorator(gzip_page)
    def snapshot(self, request: Request, canvas_id: str) -> Response:
        member = access.get_membership(user=_user(request), canvas_id=canvas_id)
        since_seq = integer_parameter(
            request, "since_seq", default=-1, minimum=0, maximum=SEQUENCE["maximum"]
        )
        taken = services.snapshot(canvas=member.canvas, since_seq=None if since_seq < 0 else since_seq)
        return Response(
            {"objects": taken.objects, "seq": taken.seq, "full": taken.is_full, "role": member.role}
        )

    @extend_schema(
        summary="Apply a batch of edits (editors and the owner)",
        description="Each edit is answered by itself: applied, or refused with the object that won.",
        request=OperationsSerializer,
        responses={200: AppliedSerializer} | _INVALID | _FORBIDDEN | _UNKNOWN,
    )
    def operations(self, request: Request, canvas_id: str) -> Response:
        access.get_canvas(user=_user(request), canvas_id=canvas_id, role=Role.EDITOR)
        if not isinstance(request.data, dict):
            raise MalformedEdits
        edits = parse_operations(request.data.get("operations"))
        applied = services.edit(
            user=_user(request), canvas_id=canvas_id, operations=edits, actor=actor_of(_user(request))
        )
        return Response({"seq": applied.seq, "results": [_edit_result(result) for result in applied.results]})

    @extend_schema(
        summary="A canvas as a file",
        parameters=[OpenApiParameter("format", str, enum=tuple(FORMATS), required=True)],
        responses={
            (200, form.content_type): (
                OpenApiTypes.OBJECT if form.content_type.endswith("+json") else OpenApiTypes.BINARY
            )
            for form in FORMATS.values()
        }
        | _INVALID
        | _UNKNOWN,
    )
    def export(self, request: Request, canvas_id: str) -> HttpResponse:
        canvas = access.get_canvas(user=_user(request), canvas_id=canvas_id)
        exported = export_canvas(canvas, request.query_params.get("format", ""))
        return HttpResponse(
            exported.content,
            content_type=exported.content_type,
            headers={"Content-Disposition": content_disposition_header(True, exported.name) or ""},
        )

    @extend_schema(
        summary="A small picture of a canvas",
        description="Changes with the canvas's `seq`: ask with `?seq=…` and keep the answer as long as you like.",
        parameters=[
            OpenApiParameter("seq", SEQUENCE, description="Makes the address new when the canvas changes.")
        ],
        responses={(200, "image/png"): OpenApiTypes.BINARY, 304: None} | _INVALID | _UNKNOWN,
    )
    def thumbnail(self, request: Request, canvas_id: str) -> HttpResponse:
        canvas = access.get_canvas(user=_user(request), canvas_id=canvas_id)
        tag = f'"{canvas.seq}"'
        seq = integer_parameter(request, "seq", default=-1, minimum=0, maximum=SEQUENCE["maximum"])
        keeps = "no-cache" if seq < 0 else "max-age=31536000, immutable"
        headers = {"ETag": tag, "Cache-Control": f"private, {keeps}"}
        if request.headers.get("If-None-Match") == tag:
            return HttpResponse(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
        return HttpResponse(thumbnail_of(canvas), content_type="image/png", headers=headers)


class MemberViewSet(ViewSet):
    """Who has access to a canvas, and as what."""

    @extend_schema(summary="The members of a canvas", responses={200: MembersSerializer} | _UNKNOWN)
    def list(self, request: Request, canvas_id: str) -> Response:
        canvas = access.get_canvas(user=_user(request), canvas_id=canvas_id)
        members = access.members_of(canvas).order_by("created_at", "id")
        return Response({"results": MemberSerializer(members, many=True).data})

    @extend_schema(
        summary="Change a member's role (the owner)",
        request=RoleSerializer,
        responses={200: MemberSerializer} | _INVALID | _FORBIDDEN | _UNKNOWN | _CONFLICT,
    )
    def partial_update(self, request: Request, canvas_id: str, user_id: str) -> Response:
        access.get_canvas(user=_user(request), canvas_id=canvas_id, role=Role.OWNER)
        role = Role(_validated(RoleSerializer(data=request.data))["role"])
        member = services.change_role(
            user=_user(request), canvas_id=canvas_id, member_id=_member_id(user_id), role=role
        )
        return Response(MemberSerializer(member).data)

    @extend_schema(
        summary="Remove a member (the owner), or leave the canvas yourself",
        responses={204: None} | _FORBIDDEN | _UNKNOWN | _CONFLICT,
    )
    def destroy(self, request: Request, canvas_id: str, user_id: str) -> Response:
        access.get_canvas(user=_user(request), canvas_id=canvas_id)
        services.remove_member(user=_user(request), canvas_id=canvas_id, member_id=_member_id(user_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class CanvasInvitationViewSet(ViewSet):
    """Pending access to a canvas; all of it is the owner's."""

    throttle_actions: ClassVar[dict[str, str]] = {"create": "invite"}

    @extend_schema(
        summary="The invitations of a canvas (the owner)",
        responses={200: InvitationsSerializer} | _FORBIDDEN | _UNKNOWN,
    )
    def list(self, request: Request, canvas_id: str) -> Response:
        rows = invitations.invitations_of(user=_user(request), canvas_id=canvas_id)
        return Response({"results": InvitationSerializer(rows, many=True).data})

    @extend_schema(
        summary="Invite somebody by e-mail (the owner)",
        request=InviteSerializer,
        responses={201: NewInvitationSerializer} | _INVALID | _FORBIDDEN | _UNKNOWN | _CONFLICT,
    )
    def create(self, request: Request, canvas_id: str) -> Response:
        access.get_canvas(user=_user(request), canvas_id=canvas_id, role=Role.OWNER)
        wanted = _validated(InviteSerializer(data=request.data))
        site = request.build_absolute_uri("/").rstrip("/")
        invitation = invitations.invite(
            user=_user(request),
            canvas_id=canvas_id,
            email=wanted["email"],
            role=Role(wanted["role"]),
            site=site,
        )
        described = InvitationSerializer(invitation).data
        return Response(
            {**described, "url": invitations.link(invitation.pk, site)}, status=status.HTTP_201_CREATED
        )

    @extend_schema(
        summary="Withdraw an invitation (the owner)",
        responses={204: None} | _FORBIDDEN | _UNKNOWN | _CONFLICT,
    )
    def destroy(self, request: Request, canvas_id: str, invitation_id: str) -> Response:
        invitations.revoke_invitation(user=_user(request), canvas_id=canvas_id, invitation_id=invitation_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationViewSet(ViewSet):
    """What the person sees who opened the link of an invitation."""

    @extend_schema(
        summary="What an invitation offers",
        responses={200: InvitationPreviewSerializer} | _UNKNOWN | _CONFLICT,
    )
    def retrieve(self, request: Request, token: str) -> Response:
        invitation = invitations.open_invitation(token=token)
        inviter = invitation.invited_by
        return Response(
            {
                "canvas_title": invitation.canvas.title,
                "role": invitation.role,
                "invited_by": "" if inviter is None else person_name(inviter),
                "email": invitation.email,
            }
        )

    @extend_schema(
        summary="Accept an invitation (the invited person)",
        request=None,
        responses={200: AcceptedInvitationSerializer} | _FORBIDDEN | _UNKNOWN | _CONFLICT,
    )
    def accept(self, request: Request, token: str) -> Response:
        canvas_id = invitations.accept_invitation(user=_user(request), token=token)
        return Response({"canvas_id": str(canvas_id)})
