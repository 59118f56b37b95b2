"""The shared document: canvases, what is on them, who may touch them, and who was invited."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from canvases.elements.validate import MAX_INDEX_LENGTH, MAX_OBJECT_ID_LENGTH
from canvases.querysets import (
    CanvasObjectQuerySet,
    CanvasQuerySet,
    CanvasSnapshotQuerySet,
    InvitationQuerySet,
)
from canvases.roles import Role

MAX_TITLE_LENGTH = 200


class Canvas(models.Model):
    """A shared drawing. `seq` counts the changes of its objects and is given out under this row's lock.

    Tombstones up to `pruned_seq` may be gone: what changed since an earlier seq can no longer be told.
    `size_bytes` is what the properties of its objects take as text, tombstones included.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=MAX_TITLE_LENGTH)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="owned_canvases"
    )
    seq = models.BigIntegerField(default=0, editable=False)
    pruned_seq = models.BigIntegerField(default=0, db_default=0, editable=False)
    size_bytes = models.BigIntegerField(default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = CanvasQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "canvases"
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="canvas_has_a_title"),
            models.CheckConstraint(condition=Q(seq__gte=0), name="canvas_counts_changes_from_zero"),
        ]
        indexes = [models.Index(F("updated_at").desc(), name="canvas_by_last_change")]

    def __str__(self) -> str:
        return self.title


class CanvasObject(models.Model):
    """One thing on a canvas. `properties` is its complete Excalidraw element, the source of other columns.

    A deleted object stays as a tombstone, so that a client that was away does not bring it back.
    """

    canvas = models.ForeignKey(Canvas, on_delete=models.CASCADE, related_name="objects_on_it")
    object_id = models.CharField(max_length=MAX_OBJECT_ID_LENGTH)
    object_type = models.CharField(max_length=40)
    properties = models.JSONField()
    version = models.BigIntegerField()
    version_nonce = models.BigIntegerField()
    # Fractional indexes are compared byte by byte, never by the rules of a language.
    index = models.CharField(max_length=MAX_INDEX_LENGTH, null=True, db_collation="C")  # noqa: DJ001
    is_deleted = models.BooleanField(default=False)
    seq = models.BigIntegerField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    # The job that made the object stays; `job_id` is the job that changed it last, and goes when a person does.
    created_by_job_id = models.UUIDField(null=True)
    job_id = models.UUIDField(null=True, db_index=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    objects = CanvasObjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["canvas", "object_id"], name="object_is_on_a_canvas_once"),
            models.CheckConstraint(condition=~Q(object_id=""), name="object_has_an_id"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="object_has_a_seq_of_its_canvas"),
        ]
        indexes = [
            models.Index(fields=["canvas", "seq"], name="object_by_canvas_and_seq"),
            models.Index(fields=["updated_at"], name="tombstone_by_age", condition=Q(is_deleted=True)),
        ]

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_id}"


class Membership(models.Model):
    """A person's role on a canvas; the owner has one too."""

    canvas = models.ForeignKey(Canvas, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="canvas_memberships"
    )
    role = models.CharField(max_length=10, choices=Role.choices)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["canvas", "user"], name="person_has_one_role_on_a_canvas"),
            models.UniqueConstraint(
                fields=["canvas"], condition=Q(role="owner"), name="canvas_has_one_owner"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_has_a_known_role"),
        ]

    def __str__(self) -> str:
        return f"{self.role} of canvas {self.canvas_id}"


class Invitation(models.Model):
    """A pending right for an e-mail address. The token of its link is never stored, only its hash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    canvas = models.ForeignKey(Canvas, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role.choices)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="sent_invitations"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="accepted_invitations"
    )
    revoked_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("canvas"),
                Lower("email"),
                condition=Q(accepted_at=None, revoked_at=None),
                name="address_has_one_open_invitation",
            ),
            models.CheckConstraint(
                condition=Q(role__in=[Role.VIEWER, Role.EDITOR]), name="invitation_offers_view_or_edit"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(revoked_at=None), name="invitation_ends_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of canvas {self.canvas_id}"


class CanvasSnapshot(models.Model):
    """A canvas as it was, for good: the database refuses to change a row (see the migration).

    `content` is a canvas file (`canvases.portable`). A snapshot outlives its canvas until its own time is over, so
    there is no foreign key.
    """

    class Reason(models.TextChoices):
        SCHEDULED = "scheduled", "Scheduled"
        BEFORE_RESTORE = "before_restore", "Before a restore"
        BEFORE_DELETION = "before_deletion", "Before it was deleted"
        BY_HAND = "by_hand", "By hand"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    canvas_id = models.UUIDField()
    title = models.CharField(max_length=MAX_TITLE_LENGTH)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    seq = models.BigIntegerField()
    canvas_updated_at = models.DateTimeField()
    object_count = models.PositiveIntegerField()
    checksum = models.CharField(max_length=80)
    content = models.BinaryField()
    size_bytes = models.PositiveIntegerField()
    made_at = models.DateTimeField(db_default=Now())

    objects = CanvasSnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(fields=["canvas_id", "checksum"], name="state_of_a_canvas_is_kept_once"),
            models.CheckConstraint(
                condition=Q(reason__in=["scheduled", "before_restore", "before_deletion", "by_hand"]),
                name="snapshot_has_a_known_reason",
            ),
        ]
        indexes = [
            models.Index(F("canvas_id"), F("made_at").desc(), name="snapshot_by_canvas_newest"),
            models.Index(fields=["-made_at"], name="snapshot_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.made_at:%Y-%m-%d %H:%M})"
