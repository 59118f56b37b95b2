"""What the canvas endpoints read and answer."""

from typing import Any

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from canvases import events
from canvases.models import MAX_TITLE_LENGTH, Canvas, Invitation, Membership
from canvases.roles import GIVEN_ROLES, Role
from collabcanvas.lib.openapi import NOT_BLANK


@extend_schema_field({"type": "string", "minLength": 1, "maxLength": MAX_TITLE_LENGTH, "pattern": NOT_BLANK})
class TitleField(serializers.CharField):
    """A text, and not a number that would be read as one; spaces at its ends go, but count."""

    def __init__(self) -> None:
        super().__init__(
            max_length=MAX_TITLE_LENGTH,
            error_messages={
                "blank": "A canvas needs a title. Write one.",
                "max_length": f"A title has at most {MAX_TITLE_LENGTH} characters. Shorten it.",
            },
        )

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if len(data) > MAX_TITLE_LENGTH:
            self.fail("max_length", max_length=MAX_TITLE_LENGTH)
        return super().to_internal_value(data)


class PersonSerializer(serializers.ModelSerializer[User]):
    name = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["id", "username", "name"]
        ref_name = "Person"

    def get_name(self, user: User) -> str:
        return events.person_name(user)


class CanvasSerializer(serializers.ModelSerializer[Canvas]):
    """A row of `CanvasQuerySet.for_listing`."""

    role = serializers.ChoiceField(source="my_role", choices=Role.choices, read_only=True)
    owner = PersonSerializer(read_only=True)
    object_count = serializers.IntegerField(read_only=True)
    member_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Canvas
        fields = [
            *("id", "title", "role", "owner", "created_at", "updated_at"),
            *("seq", "object_count", "member_count"),
        ]
        read_only_fields = fields


class CanvasTitleSerializer(serializers.Serializer[Any]):
    title = TitleField()


class ObjectSerializer(serializers.Serializer[Any]):
    """Describes `events.ObjectRow` in the schema; rows are sent as they are."""

    id = serializers.CharField()
    object_type = serializers.CharField()
    version = serializers.IntegerField()
    version_nonce = serializers.IntegerField()
    index = serializers.CharField(allow_null=True)
    seq = serializers.IntegerField()
    is_deleted = serializers.BooleanField()
    created_by = serializers.IntegerField(allow_null=True)
    created_by_job_id = serializers.UUIDField(
        allow_null=True, help_text="The job that made the object, if one did; it stays when people change it."
    )
    updated_by = serializers.IntegerField(allow_null=True)
    job_id = serializers.UUIDField(
        allow_null=True, help_text="The job that changed the object last; null when a person did."
    )
    properties = serializers.DictField(help_text="The complete Excalidraw element.")


class SnapshotSerializer(serializers.Serializer[Any]):
    objects = ObjectSerializer(many=True)
    seq = serializers.IntegerField()
    full = serializers.BooleanField(
        help_text="True when this is all of the canvas; false when it is what changed after since_seq."
    )
    role = serializers.ChoiceField(choices=Role.choices)


class OperationSerializer(serializers.Serializer[Any]):
    """One edit; `properties` is needed for a put only."""

    type = serializers.ChoiceField(choices=["put", "delete"])
    id = serializers.CharField(max_length=64)
    properties = serializers.DictField(required=False)


class OperationsSerializer(serializers.Serializer[Any]):
    """Describes the body in the schema; `operations.parse_operations` reads it, edit by edit."""

    operations = serializers.ListField(child=OperationSerializer(), min_length=1, max_length=500)


class EditResultSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    status = serializers.ChoiceField(choices=["applied", "refused"])
    object = ObjectSerializer(allow_null=True, help_text="What the canvas holds now.")
    code = serializers.CharField(required=False, help_text="Only when refused.")
    error = serializers.CharField(required=False, help_text="Only when refused.")


class AppliedSerializer(serializers.Serializer[Any]):
    seq = serializers.IntegerField()
    results = EditResultSerializer(many=True)


class MemberSerializer(serializers.ModelSerializer[Membership]):
    user_id = serializers.IntegerField(read_only=True)
    username = serializers.CharField(source="user.username", read_only=True)
    name = serializers.SerializerMethodField()
    joined_at = serializers.DateTimeField(source="created_at", read_only=True)

    class Meta:
        model = Membership
        fields = ["user_id", "username", "name", "role", "joined_at"]
        read_only_fields = fields

    def get_name(self, member: Membership) -> str:
        return events.person_name(member.user)


@extend_schema_serializer(many=False)
class MembersSerializer(serializers.Serializer[Any]):
    results = MemberSerializer(many=True)


class RoleSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=Role.choices)


class InviteSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField(
        max_length=254,
        error_messages={"blank": "Whom do you invite? Write an e-mail address, like name@example.org."},
    )
    role = serializers.ChoiceField(choices=GIVEN_ROLES, default=Role.EDITOR.value)


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    invited_by = serializers.SerializerMethodField()

    class Meta:
        model = Invitation
        fields = [
            "id",
            "email",
            "role",
            "invited_by",
            "created_at",
            "expires_at",
            "accepted_at",
            "revoked_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_invited_by(self, invitation: Invitation) -> str | None:
        return None if invitation.invited_by is None else events.person_name(invitation.invited_by)


@extend_schema_serializer(many=False)
class InvitationsSerializer(serializers.Serializer[Any]):
    results = InvitationSerializer(many=True)


class NewInvitationSerializer(InvitationSerializer):
    url = serializers.CharField(read_only=True, help_text="The link; it is shown this once.")

    class Meta(InvitationSerializer.Meta):
        fields = [*InvitationSerializer.Meta.fields, "url"]
        read_only_fields = fields


class InvitationPreviewSerializer(serializers.Serializer[Any]):
    canvas_title = serializers.CharField()
    role = serializers.ChoiceField(choices=GIVEN_ROLES)
    invited_by = serializers.CharField(allow_blank=True)
    email = serializers.EmailField()


class AcceptedInvitationSerializer(serializers.Serializer[Any]):
    canvas_id = serializers.UUIDField()


class ErrorSerializer(serializers.Serializer[Any]):
    """The body of every error."""

    error = serializers.CharField(help_text="A sentence for a person.")
    code = serializers.CharField(help_text="A stable word for programs.")
    details = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
