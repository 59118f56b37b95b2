"""What a person or a job can do to a canvas: every write goes through here, one transaction each."""

import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import BigIntegerField, Max, Sum
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from fractional_indexing import generate_n_keys_between

from canvases import archive, events
from canvases.access import get_membership
from canvases.elements.validate import LAST_INDEXES, json_text, last_index
from canvases.errors import CanvasNotFound, MemberNotFound, OwnerStays
from canvases.events import Actor, ObjectRow, actor_of, object_row
from canvases.merge import Stamp, incoming_wins, stamp_above
from canvases.models import Canvas, CanvasObject, Membership
from canvases.operations import DeleteObject, Edit, PutObject, RefusedEdit
from canvases.roles import Role
from collabcanvas.lib import audit
from collabcanvas.lib.postgres.deadlocks import atomic_despite_deadlocks
from collabcanvas.lib.postgres.prepared import Prepared
from collabcanvas.lib.realtime import publish

__all__ = [
    "MAX_OBJECTS",
    "Actor",
    "Applied",
    "EditResult",
    "Snapshot",
    "actor_of",
    "apply_operations",
    "change_role",
    "create_canvas",
    "delete_canvas",
    "draw_on_new_canvas",
    "edit",
    "forget_tombstones",
    "measure",
    "prune_tombstones",
    "remove_member",
    "rename_canvas",
    "size_of",
    "snapshot",
]

# Tombstones count: they are kept, sent and stored like any other object.
MAX_OBJECTS = 10_000
_PRUNE_BATCH = 1_000


@dataclass(frozen=True, kw_only=True)
class EditResult:
    """What became of one edit. `row` is what the canvas holds now, or None where it holds nothing.

    `changed` is False for an applied edit that the canvas already had. `before` is the object's element as it was
    before the whole batch; None where there was none, or a tombstone.
    """

    object_id: str
    status: Literal["applied", "refused"]
    row: ObjectRow | None = None
    code: str | None = None
    error: str | None = None
    changed: bool = False
    before: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Applied:
    """The canvas's seq after a batch, and one result per edit in the order of the edits."""

    seq: int
    results: list[EditResult]


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Objects with tombstones; whoever holds them has every change up to `seq`.

    When `is_full`, what is not among the objects is not on the canvas.
    """

    objects: list[ObjectRow]
    seq: int
    is_full: bool


# --- Canvases ---
@transaction.atomic
def create_canvas(*, owner: User, title: str) -> Canvas:
    """`owner` has made a new, empty canvas."""
    canvas = Canvas.objects.create(title=title, owner=owner)
    Membership.objects.create(canvas=canvas, user=owner, role=Role.OWNER)
    audit.record("canvas.created", target=("canvas", canvas.pk), actor=owner, title=title)
    return canvas


@transaction.atomic
def rename_canvas(*, user: User, canvas_id: object, title: str) -> Canvas:
    """The canvas has `title`; editors and the owner may do this."""
    canvas = get_membership(user=user, canvas_id=canvas_id, role=Role.EDITOR, lock=True).canvas
    Canvas.objects.filter(pk=canvas.pk).update(title=title, updated_at=Now())
    audit.record("canvas.renamed", target=("canvas", canvas.pk), actor=user, before=canvas.title, after=title)
    publish([events.renamed(canvas_id=canvas.pk, title=title)])
    canvas.refresh_from_db(fields=["title", "updated_at"])
    return canvas


# Runs that end and heartbeats lock the jobs of a canvas in an order of their own.
@atomic_despite_deadlocks
def delete_canvas(*, user: User, canvas_id: object, actor: User | None = None) -> None:
    """The canvas and everything on it is gone, and its members' sockets close; only the owner may do this.

    The archive keeps it as it was. `actor` is who does it in the owner's place: an operator who deletes the account.
    """
    canvas = get_membership(user=user, canvas_id=canvas_id, role=Role.OWNER, lock=True).canvas
    # As deleting locks it, but before Django takes it out of the rows that name it: one more could come after that.
    Canvas.objects.select_for_update().get(pk=canvas.pk)
    archive.take_last_snapshot(canvas)
    publish([events.deleted(canvas_id=canvas.pk)])
    audit.record("canvas.deleted", target=("canvas", canvas.pk), actor=actor or user, title=canvas.title)
    canvas.delete()


# --- Members ---
def _locked_member(*, canvas: Canvas, user_id: int) -> Membership:
    member = Membership.objects.select_related("user").filter(canvas=canvas, user_id=user_id).first()
    if member is None:
        raise MemberNotFound
    if member.role == Role.OWNER:
        raise OwnerStays
    return member


@transaction.atomic
def change_role(*, user: User, canvas_id: object, member_id: int, role: Role) -> Membership:
    """The member has `role`, and their open sockets know; only the owner may do this.

    `role` is viewer or editor: a canvas keeps its owner.
    """
    if role == Role.OWNER:
        raise OwnerStays
    canvas = get_membership(user=user, canvas_id=canvas_id, role=Role.OWNER, lock=True).canvas
    member = _locked_member(canvas=canvas, user_id=member_id)
    if member.role != role:
        audit.record(
            "member.role_changed",
            target=("canvas", canvas.pk),
            actor=user,
            member=member_id,
            before=member.role,
            after=role.value,
        )
        Membership.objects.filter(pk=member.pk).update(role=role)
        member.role = role
        publish([events.access_changed(canvas_id=canvas.pk, user_id=member_id, role=role)])
    return member


@transaction.atomic
def remove_member(*, user: User, canvas_id: object, member_id: int) -> None:
    """The member has no access any more, and their open sockets close.

    The owner may do this, and members for themselves; the owner stays."""
    needed = Role.VIEWER if member_id == user.pk else Role.OWNER
    canvas = get_membership(user=user, canvas_id=canvas_id, role=needed, lock=True).canvas
    _locked_member(canvas=canvas, user_id=member_id).delete()
    audit.record("member.removed", target=("canvas", canvas.pk), actor=user, member=member_id)
    publish([events.access_changed(canvas_id=canvas.pk, user_id=member_id, role=None)])


# --- Objects ---
# A batch is one statement in plain SQL: putting the rows together with the ORM would take longer than all else that
# is done here. Each object is sent as its JSON, from which the other columns are read.
_NEW_CANVAS = """
    WITH canvas AS (
        INSERT INTO canvases_canvas (id, title, owner_id, seq, size_bytes)
        VALUES (%(canvas)s, %(title)s, %(user)s, %(last_seq)s, %(size)s)
    ), owner AS (
        INSERT INTO canvases_membership (canvas_id, user_id, role) VALUES (%(canvas)s, %(user)s, 'owner')
    )
"""
_CHANGED_CANVAS = """
    WITH canvas AS (
        UPDATE canvases_canvas
        SET seq = %(last_seq)s, size_bytes = %(size)s, updated_at = statement_timestamp()
        WHERE id = %(canvas)s
    )
"""
_OBJECTS = """
    INSERT INTO canvases_canvasobject (
        canvas_id, object_id, object_type, properties, version, version_nonce, index, is_deleted, seq,
        created_by_id, created_by_job_id, updated_by_id, job_id
    )
    SELECT %(canvas)s, element ->> 'id', object_type, element, (element -> 'version')::bigint,
        (element -> 'versionNonce')::bigint, element ->> 'index',
        coalesce((element -> 'isDeleted')::boolean, false), %(first_seq)s + place - 1,
        %(user)s, %(job)s, %(user)s, %(job)s
    FROM unnest(%(types)s, %(elements)s) WITH ORDINALITY AS given(object_type, element, place)
    ON CONFLICT (canvas_id, object_id) DO UPDATE SET
        object_type = excluded.object_type, properties = excluded.properties, version = excluded.version,
        version_nonce = excluded.version_nonce, index = excluded.index, is_deleted = excluded.is_deleted,
        seq = excluded.seq, updated_by_id = excluded.updated_by_id, job_id = excluded.job_id,
        updated_at = statement_timestamp()
"""
_TYPES = {
    "canvas": "uuid",
    "user": "int",
    "job": "uuid",
    "first_seq": "bigint",
    "last_seq": "bigint",
    "size": "bigint",
    "types": "text[]",
    "elements": "jsonb[]",
}
_WRITE_ON_NEW = Prepared("canvases_write_on_new", _NEW_CANVAS + _OBJECTS, {**_TYPES, "title": "text"})
_WRITE = Prepared("canvases_write", _CHANGED_CANVAS + _OBJECTS, _TYPES)


class _Batch:
    """The rows that a batch touches, as they will be written; works in memory under the canvas's lock."""

    def __init__(
        self, canvas: Canvas, rows: Iterable[CanvasObject], actor: Actor, *, is_new: bool = False
    ) -> None:
        self.canvas = canvas
        self._is_new = is_new
        self.actor = actor
        self._job_id = None if actor.job_id is None else str(actor.job_id)
        self.rows = {row.object_id: object_row(row) for row in rows}
        self.before = {name: row["properties"] for name, row in self.rows.items() if not row["is_deleted"]}
        self._texts: dict[str, str] = {}  # the JSON of what changed
        self._room: int | None = None
        # What the stored rows take, and how much more it will be with this batch.
        self._sizes = {name: size_of(row["properties"]) for name, row in self.rows.items()}
        self._growth = 0
        self._is_measured = False

    @property
    def changed(self) -> list[ObjectRow]:
        """In the order of their new seqs."""
        return [self.rows[object_id] for object_id in self._texts]

    def stamp(self, object_id: str) -> Stamp | None:
        row = self.rows.get(object_id)
        return None if row is None else Stamp(row["version"], row["version_nonce"])

    def _fits(self, growth: int) -> bool:
        limit = settings.CANVAS_MAX_MEGABYTES * 1_000_000
        if growth <= 0 or self.canvas.size_bytes + self._growth + growth <= limit:
            return True
        if not self._is_measured:
            # The running count may be off where a release that kept none has written; nobody is refused for that.
            self.canvas.size_bytes = measure(self.canvas)
            self._is_measured = True
        return self.canvas.size_bytes + self._growth + growth <= limit

    def _has_room(self) -> bool:
        if self._room is None:
            self._room = MAX_OBJECTS
            if not self._is_new:
                self._room -= CanvasObject.objects.filter(canvas=self.canvas).count()
        return self._room > 0

    def put(self, edit: PutObject) -> tuple[str, str] | None:
        """Takes the edit over unless the merge rule says no; answers with code and sentence when refused."""
        element = edit.element
        row = self.rows.get(element.id)
        if row is not None:
            stored, incoming = self.stamp(element.id), Stamp(element.version, element.version_nonce)
            if stored == incoming:
                return None
            if not incoming_wins(stored=stored, incoming=incoming):
                return "superseded", "Somebody changed this object in the meantime; their version stays."
        elif not self._has_room():
            return (
                "canvas_full",
                f"A canvas holds at most {MAX_OBJECTS:,} objects, deleted ones included. Start another.",
            )
        index, properties, text = element.index, element.properties, element.text
        if index is None and row is not None:
            index = row["index"]
            properties = {**properties, "index": index}
            text = json_text(properties)
        if not self._fits(_bytes(text) - self._sizes.get(element.id, 0)):
            return (
                "canvas_too_large",
                f"A canvas holds at most {settings.CANVAS_MAX_MEGABYTES} MB, what was deleted lately included. "
                "Make this smaller, or start another canvas.",
            )
        if row is None:
            assert self._room is not None
            self._room -= 1
        new: ObjectRow = {
            "id": element.id,
            "object_type": element.object_type,
            "version": element.version,
            "version_nonce": element.version_nonce,
            "index": index,
            "seq": 0,
            "is_deleted": element.is_deleted,
            "created_by": self.actor.user_id if row is None else row["created_by"],
            "created_by_job_id": self._job_id if row is None else row["created_by_job_id"],
            "updated_by": None,
            "job_id": None,
            "properties": properties,
        }
        self._note(new, text)
        return None

    def delete(self, edit: DeleteObject) -> tuple[str, str] | None:
        """Leaves a tombstone one version higher; deleting what is deleted already changes nothing."""
        row = self.rows.get(edit.object_id)
        if row is None:
            return "unknown_object", "There is no such object on this canvas. Reload it."
        if row["is_deleted"]:
            return None
        tombstone = row.copy()
        stamp = stamp_above(row["version"])
        tombstone["version"], tombstone["version_nonce"] = stamp
        tombstone["is_deleted"] = True
        tombstone["properties"] = {
            **row["properties"],
            **stamp.as_properties(),
            "isDeleted": True,
            "updated": time.time_ns() // 1_000_000,
        }
        self._note(tombstone, json_text(tombstone["properties"]))
        return None

    def _note(self, row: ObjectRow, text: str) -> None:
        row["updated_by"] = self.actor.user_id
        row["job_id"] = self._job_id
        self.rows[row["id"]] = row
        self._texts[row["id"]] = text
        size = _bytes(text)
        self._growth += size - self._sizes.get(row["id"], 0)
        self._sizes[row["id"]] = size

    def write(self) -> None:
        """Stores what changed with the next seqs, without a gap, and the canvas's new seq."""
        self._fill_missing_indexes()
        rows, first_seq = self.changed, self.canvas.seq + 1
        for seq, row in enumerate(rows, start=first_seq):
            row["seq"] = seq
        self.canvas.seq += len(rows)
        self.canvas.size_bytes = max(0, self.canvas.size_bytes + self._growth)
        with connection.cursor() as cursor:
            (_WRITE_ON_NEW if self._is_new else _WRITE).execute(
                cursor,
                {
                    "canvas": self.canvas.pk,
                    "title": self.canvas.title,
                    "first_seq": first_seq,
                    "last_seq": self.canvas.seq,
                    "size": self.canvas.size_bytes,
                    "types": [row["object_type"] for row in rows],
                    "elements": list(self._texts.values()),
                    "user": self.actor.user_id,
                    "job": self.actor.job_id,
                },
            )

    def _fill_missing_indexes(self) -> None:
        changed = self.changed
        rows = [row for row in changed if row["index"] is None]
        if not rows:
            return
        stored = None
        if not self._is_new:
            others = CanvasObject.objects.filter(canvas=self.canvas, index__lt=LAST_INDEXES)
            stored = others.aggregate(last=Max("index"))["last"]
        # Keys are ASCII, so Python compares them as the column's "C" collation does.
        last = last_index((stored, *(row["index"] for row in changed)))
        for row, index in zip(rows, generate_n_keys_between(last, None, len(rows)), strict=True):
            row["index"] = index
            row["properties"] = {**row["properties"], "index": index}
            self._note(row, json_text(row["properties"]))


@transaction.atomic
def apply_operations(*, canvas_id: uuid.UUID, operations: Sequence[Edit], actor: Actor) -> Applied:
    """The canvas holds every edit that the merge rule lets win, and its audience hears of it on commit.

    **The caller has authorised `actor`** (`access.get_canvas(…, role=EDITOR)`), in the same transaction with
    `lock=True` where a role may change meanwhile. Joins the caller's transaction or opens one, and holds the
    canvas's row until it ends: edits of one canvas happen one after the other. Each edit stands alone: a
    refused one says why and which row won, the others apply. An edit that the canvas already holds (same
    version and nonce) counts as applied, so sending a batch twice is safe. Raises `CanvasNotFound` when the
    canvas is gone.
    """
    canvas = Canvas.objects.select_for_update(no_key=True).filter(pk=canvas_id).first()
    if canvas is None:
        raise CanvasNotFound
    touched = {_object_id(edit) for edit in operations}
    rows = CanvasObject.objects.filter(canvas=canvas, object_id__in=touched)
    batch = _Batch(canvas, rows, actor)
    applied = _apply(batch, operations)
    if batch.changed:
        publish(events.objects_changed(canvas_id=canvas.pk, rows=batch.changed, actor=actor))
    return applied


def draw_on_new_canvas(
    *, canvas_id: uuid.UUID, title: str, operations: Sequence[Edit], actor: Actor
) -> Applied:
    """A new canvas of the actor's holds every edit, as with `apply_operations`; without any edit, there is none.

    Runs in the caller's transaction. Nobody else can have changed the canvas or have it open, so nothing is looked
    up, locked or published.
    """
    canvas = Canvas(id=canvas_id, title=title)
    return _apply(_Batch(canvas, (), actor, is_new=True), operations)


def _apply(batch: _Batch, operations: Sequence[Edit]) -> Applied:
    outcomes: list[tuple[str, tuple[str, str] | None, bool]] = []
    for edit in operations:
        object_id = _object_id(edit)
        before = batch.stamp(object_id)
        match edit:
            case PutObject():
                refusal = batch.put(edit)
            case DeleteObject():
                refusal = batch.delete(edit)
            case RefusedEdit():
                refusal = edit.code, edit.error
        outcomes.append((object_id, refusal, before != batch.stamp(object_id)))
    if batch.changed:
        batch.write()
    return Applied(
        seq=batch.canvas.seq,
        results=[
            EditResult(
                object_id=object_id,
                status="applied",
                row=batch.rows[object_id],
                changed=changed,
                before=batch.before.get(object_id),
            )
            if refusal is None
            else EditResult(
                object_id=object_id,
                status="refused",
                row=batch.rows.get(object_id),
                code=refusal[0],
                error=refusal[1],
            )
            for object_id, refusal, changed in outcomes
        ],
    )


@transaction.atomic
def edit(*, user: User, canvas_id: object, operations: Sequence[Edit], actor: Actor) -> Applied:
    """`apply_operations` for a person, whose right to edit holds until the edits are committed."""
    canvas = get_membership(user=user, canvas_id=canvas_id, role=Role.EDITOR, lock=True).canvas
    return apply_operations(canvas_id=canvas.pk, operations=operations, actor=actor)


def _object_id(edit: Edit) -> str:
    return edit.element.id if isinstance(edit, PutObject) else edit.object_id


def size_of(properties: Mapping[str, Any]) -> int:
    """The bytes that an object counts for: those of its JSON, written as PostgreSQL writes it."""
    return _bytes(json_text(properties))


def _bytes(text: str) -> int:
    return len(text.encode())


def measure(canvas: Canvas) -> int:
    """What the stored objects of the canvas take, counted by the database."""
    total = CanvasObject.objects.filter(canvas=canvas).aggregate(
        bytes=Sum(RawSQL("octet_length(properties::text)", [], output_field=BigIntegerField()))
    )["bytes"]
    return int(total or 0)


def snapshot(*, canvas: Canvas, since_seq: int | None = None) -> Snapshot:
    """What is on the canvas, or what changed after `since_seq`; raises `CanvasNotFound` when it is gone.

    Where the changes since then can no longer be told, because tombstones are gone or the canvas was restored to an
    earlier state, the answer is full. The seq is read before the objects: a change in between is in `objects`
    already and comes once more as a message, which is harmless; the other order would lose it.
    """
    counts = Canvas.objects.filter(pk=canvas.pk).values_list("seq", "pruned_seq").first()
    if counts is None:
        raise CanvasNotFound
    seq, pruned_seq = counts
    if since_seq is not None and not pruned_seq <= since_seq <= seq:
        since_seq = None
    rows = CanvasObject.objects.filter(canvas=canvas).after(since_seq)
    taken = [object_row(row) for row in rows]
    # Pruning between the two questions: the rows may lack a tombstone that this client needs.
    if since_seq is not None:
        pruned_seq = Canvas.objects.filter(pk=canvas.pk).values_list("pruned_seq", flat=True).first() or 0
        if pruned_seq > since_seq:
            return snapshot(canvas=canvas)
    return Snapshot(objects=taken, seq=seq, is_full=since_seq is None)


# --- Tombstones ---
def prune_tombstones(*, days: int, seconds: float = 60.0) -> int:
    """Objects that were deleted more than `days` ago are gone for good; answers how many.

    Clients that come back with what they held before get the whole canvas instead of the changes. One canvas at a
    time, under its lock, for at most `seconds`; what is left goes next time.
    """
    deadline = time.monotonic() + seconds
    removed = 0
    while time.monotonic() < deadline:
        old = CanvasObject.objects.filter(is_deleted=True, updated_at__lt=Now() - timedelta(days=days))
        batch = list(old.order_by("updated_at").values_list("canvas_id", flat=True)[:_PRUNE_BATCH])
        for canvas_id in dict.fromkeys(batch):
            removed += forget_tombstones(canvas_id=canvas_id, days=days)
        if len(batch) < _PRUNE_BATCH:
            break
    return removed


@transaction.atomic
def forget_tombstones(*, canvas_id: uuid.UUID, days: int = 0) -> int:
    """As `prune_tombstones`, for one canvas; holds its row until the caller's transaction ends."""
    canvas = Canvas.objects.select_for_update(no_key=True).filter(pk=canvas_id).first()
    old = list(
        CanvasObject.objects.filter(
            canvas_id=canvas_id, is_deleted=True, updated_at__lt=Now() - timedelta(days=days)
        )
    )
    if canvas is None or not old:
        return 0
    CanvasObject.objects.filter(pk__in=[row.pk for row in old]).delete()
    Canvas.objects.filter(pk=canvas_id).update(
        pruned_seq=max(canvas.pruned_seq, *(row.seq for row in old)),
        size_bytes=max(0, canvas.size_bytes - sum(size_of(row.properties) for row in old)),
    )
    return len(old)
