"""Restoring: a canvas file becomes a canvas. The one writer beside `canvases.services`, one transaction per canvas."""

import logging
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from canvases import events
from canvases.archive import take_snapshot
from canvases.elements.validate import InvalidElement, parse_element
from canvases.errors import OwnerHasNoAccount, RestoreRefused
from canvases.events import Actor
from canvases.merge import stamp_above
from canvases.models import MAX_TITLE_LENGTH, Canvas, CanvasObject, CanvasSnapshot, Membership
from canvases.operations import DeleteObject, Operation, PutObject
from canvases.portable import CanvasFile, FilePerson, drawing_digest
from canvases.roles import Role
from canvases.services import MAX_OBJECTS, EditResult, apply_operations, forget_tombstones, size_of
from collabcanvas.lib import audit
from collabcanvas.lib.errors import AppError
from collabcanvas.lib.realtime import publish

logger = logging.getLogger(__name__)

_ACTOR = Actor(user_id=None, name="Restored from a backup")
_BATCH = 500


class IfItExists(StrEnum):
    """What becomes of a canvas that is there already and differs from the file."""

    LEAVE = "leave"
    REPLACE = "replace"
    COPY = "copy"


class Result(StrEnum):
    """What became of one canvas file."""

    RESTORED = "restored"
    REPLACED = "replaced"
    COPIED = "copied"
    UNCHANGED = "unchanged"
    EXISTS = "exists"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one file: `canvas_id` is the canvas that now holds it, `notes` what an operator should know."""

    canvas_id: str
    title: str
    result: Result
    objects: int = 0
    notes: list[str] = field(default_factory=list)
    code: str = ""
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How to restore. `owner` gets the canvases whose own owner has no account here."""

    if_it_exists: IfItExists = IfItExists.LEAVE
    owner: User | None = None
    create_people: bool = False
    dry_run: bool = False


class _DryRun(Exception):
    """Takes the transaction back, with all that it has tried."""


def restore_canvas(file: CanvasFile, wishes: Wishes) -> Outcome:
    """The canvas of the file is there, as `wishes` say, and everybody who has it open sees it.

    Restoring the same file again changes nothing: a canvas that shows what the file shows is `unchanged`, one
    that differs `exists` and is left, unless the wish is to replace it (its present state goes to the archive
    first, its members stay as they are) or to have a copy beside it (of which there is one per file). A dry run
    does all of it and takes it back. What goes wrong is an outcome, not an error; nothing is then changed.
    """
    outcome = None
    try:
        with transaction.atomic():
            outcome = _restore(file, wishes)
            if outcome.result in {Result.RESTORED, Result.REPLACED, Result.COPIED}:
                audit.record(
                    "canvas.restored",
                    target=("canvas", outcome.canvas_id),
                    result=outcome.result,
                    objects=outcome.objects,
                )
            if wishes.dry_run:
                raise _DryRun
    except _DryRun:
        assert outcome is not None
        return outcome
    except AppError as error:
        return failed(str(file.canvas.id), file.canvas.title, error)
    except IntegrityError:
        met = RestoreRefused("The canvas or an account was made by somebody else at this moment. Try again.")
        return failed(str(file.canvas.id), file.canvas.title, met)
    logger.info("canvas_restored", extra={"canvas_id": outcome.canvas_id, "result": outcome.result})
    return outcome


def failed(canvas_id: str, title: str, error: AppError) -> Outcome:
    """The outcome for a canvas that could not be restored."""
    return Outcome(
        canvas_id=canvas_id, title=title, result=Result.FAILED, code=error.code, error=error.message
    )


def _restore(file: CanvasFile, wishes: Wishes) -> Outcome:
    wanted = file.canvas
    live = sum(not element.is_deleted for element in file.elements)
    outcome = Outcome(canvas_id=str(wanted.id), title=wanted.title, result=Result.UNCHANGED, objects=live)
    canvas = _locked(wanted.id)
    if canvas is None:
        notes = _create(file, wishes, canvas_id=wanted.id, title=wanted.title, with_members=True)
        return replace(outcome, result=Result.RESTORED, notes=notes)
    if _drawing_of(canvas) == file.drawing:
        return outcome
    match wishes.if_it_exists:
        case IfItExists.LEAVE:
            return replace(outcome, result=Result.EXISTS)
        case IfItExists.REPLACE:
            take_snapshot(canvas_id=canvas.pk, reason=CanvasSnapshot.Reason.BEFORE_RESTORE)
            _replace(canvas, file)
            return replace(outcome, result=Result.REPLACED)
        case IfItExists.COPY:
            # The same file gives the same copy, so a second run finds it.
            copy_id = uuid.uuid5(wanted.id, file.checksum)
            outcome = replace(outcome, canvas_id=str(copy_id))
            if _locked(copy_id) is not None:
                return outcome
            title = f"{wanted.title[: MAX_TITLE_LENGTH - 11]} (restored)"
            notes = _create(file, wishes, canvas_id=copy_id, title=title, with_members=False)
            return replace(outcome, result=Result.COPIED, title=title, notes=notes)


def _locked(canvas_id: uuid.UUID) -> Canvas | None:
    return Canvas.objects.select_for_update(no_key=True).filter(pk=canvas_id).first()


def _drawing_of(canvas: Canvas) -> str:
    return drawing_digest(
        canvas.title, CanvasObject.objects.filter(canvas=canvas).live().values_list("properties", flat=True)
    )


# --- A canvas that is not there ---
def _create(
    file: CanvasFile, wishes: Wishes, *, canvas_id: uuid.UUID, title: str, with_members: bool
) -> list[str]:
    wanted = file.canvas
    if len(file.elements) > MAX_OBJECTS:
        raise RestoreRefused(
            f"The file holds more than {MAX_OBJECTS:,} objects, the most that a canvas may have."
        )
    accounts = _accounts(file.canvas.people, create=wishes.create_people)
    notes = [
        f"{member.username} is no member: no account here has this user name and e-mail address."
        for member in wanted.members
        if with_members and member.username not in {*accounts, wanted.owner}
    ]
    owner = accounts.get(wanted.owner) or wishes.owner
    is_taken = wanted.owner not in accounts and User.objects.filter(username=wanted.owner).exists()
    if owner is None:
        email = next(person.email for person in wanted.people if person.username == wanted.owner)
        raise OwnerHasNoAccount(wanted.owner, email, name_is_taken=is_taken)
    if wanted.owner not in accounts:
        reason = "is not known by that name and e-mail address" if is_taken else "has no account"
        notes.append(f"{owner.username} owns it now: {wanted.owner} {reason} here.")
    # Beyond whatever it had counted to when it was lost, however often that was, so that nobody takes what is drawn
    # from now on for what they saw then: no canvas has a change in every microsecond.
    seq = max(wanted.seq, time.time_ns() // 1_000)
    canvas = Canvas(
        id=canvas_id,
        title=title,
        owner=owner,
        seq=seq,
        pruned_seq=seq,
        size_bytes=sum(size_of(element.properties) for element in file.elements),
        created_at=wanted.created_at,
        updated_at=wanted.updated_at,
    )
    canvas.save(force_insert=True)
    roles = {owner.pk: (owner, Role.OWNER, wanted.created_at)}
    for member in wanted.members:
        account = accounts.get(member.username)
        if account is not None and (with_members or account == owner):
            role = Role.OWNER if account == owner else Role(member.role)
            roles[account.pk] = (account, role, member.created_at)
    Membership.objects.bulk_create(
        Membership(canvas=canvas, user=user, role=role, created_at=created_at)
        for user, role, created_at in roles.values()
    )
    CanvasObject.objects.bulk_create(
        (
            CanvasObject(
                canvas=canvas,
                object_id=element.id,
                object_type=element.object_type,
                properties=element.properties,
                version=element.version,
                version_nonce=element.version_nonce,
                index=element.index,
                is_deleted=element.is_deleted,
                seq=entry.seq,
                created_by=accounts.get(entry.created_by or ""),
                created_by_job_id=entry.created_by_job_id,
                updated_by=accounts.get(entry.updated_by or ""),
                job_id=entry.job_id,
                created_at=entry.created_at,
                updated_at=entry.updated_at,
            )
            for entry, element in zip(wanted.objects, file.elements, strict=True)
        ),
        batch_size=_BATCH,
    )
    return notes


def _accounts(people: Iterable[FilePerson], *, create: bool) -> dict[str, User]:
    """The accounts of those who have one. A user name alone is not enough: elsewhere it may be somebody else's.

    So nobody is known, and nobody made, without an e-mail address.
    """
    known = User.objects.in_bulk([person.username for person in people], field_name="username")
    accounts: dict[str, User] = {}
    for person in people:
        if not person.email:
            continue
        account = known.get(person.username)
        if account is None and create:
            account = User(
                username=person.username,
                email=person.email,
                first_name=person.first_name,
                last_name=person.last_name,
            )
            # Nobody can sign in with it until an operator sets a password.
            account.set_unusable_password()
            account.save(force_insert=True)
        if account is not None and account.email.lower() == person.email.lower():
            accounts[person.username] = account
    return accounts


# --- A canvas that is there ---
def _replace(canvas: Canvas, file: CanvasFile) -> None:
    held = {row.object_id: row for row in CanvasObject.objects.filter(canvas=canvas)}
    wanted = {element.id: element for element in file.elements if not element.is_deleted}
    deletions: list[Operation] = [
        DeleteObject(object_id)
        for object_id, row in held.items()
        if not row.is_deleted and object_id not in wanted
    ]
    puts: list[Operation] = []
    for object_id, element in wanted.items():
        row = held.get(object_id)
        if row is not None and not row.is_deleted and row.properties == element.properties:
            continue
        # Higher than what anybody holds, so that the merge rule lets it win everywhere.
        newer = stamp_above(element.version, row.version if row else 0).as_properties()
        try:
            puts.append(PutObject(parse_element(element.properties | newer, is_stored=True)))
        except InvalidElement as error:
            raise RestoreRefused(f"The canvas cannot take what the file holds: {error.message}") from error
    refused = _refused(canvas, [*deletions, *puts])
    if refused:
        # What was just deleted still counts as long as it leaves tombstones.
        forget_tombstones(canvas_id=canvas.pk)
        refused = _refused(canvas, puts)
    if refused:
        raise RestoreRefused(f"The canvas cannot take what the file holds: {refused[0].error}")
    Canvas.objects.filter(pk=canvas.pk).update(title=file.canvas.title, updated_at=Now())
    publish([events.renamed(canvas_id=canvas.pk, title=file.canvas.title)])


def _refused(canvas: Canvas, operations: list[Operation]) -> list[EditResult]:
    applied = apply_operations(canvas_id=canvas.pk, operations=operations, actor=_ACTOR)
    return [result for result in applied.results if result.status == "refused"]
