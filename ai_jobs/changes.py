"""What a job changed on its canvas, object by object, so that it can be taken back and done again at any time."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Q

from ai_jobs.models import AIJob, AIJobChange
from canvases import services as canvas_services
from canvases.elements.validate import InvalidElement, parse_element
from canvases.events import actor_of
from canvases.merge import stamp_above
from canvases.models import CanvasObject
from canvases.operations import DeleteObject, Operation, PutObject
from canvases.services import Applied
from canvases.three_way import ends_of, moved_along, same_content
from collabcanvas.lib.postgres.prepared import Prepared

# What a new state of an object always brings along, whatever else it changes.
_STAMPS: Final = frozenset({"version", "versionNonce", "updated", "index"})
_EDITED_SINCE: Final = "Somebody changed this since; it was left as it is."
_PART_EDITED_SINCE: Final = "Somebody changed what belongs to this since; it was left as it is."
_LONGEST_NAME: Final = 40

# The elements are in the database already: nothing is gained by sending them again.
_REMEMBER = Prepared(
    "ai_jobs_remember_changes",
    """
    INSERT INTO ai_jobs_aijobchange (job_id, object_id, before, after, version, version_nonce)
    SELECT %(job)s, object_id, %(before)s -> object_id, CASE WHEN NOT is_deleted THEN properties END,
        version, version_nonce
    FROM canvases_canvasobject
    WHERE canvas_id = %(canvas)s AND seq > %(seq)s ORDER BY seq
    """,
    {"job": "uuid", "canvas": "uuid", "seq": "bigint", "before": "jsonb"},
)


@dataclass(frozen=True, kw_only=True)
class Reverted:
    """The objects that were changed, and those that were left alone, each with its words and the reason."""

    changed: list[str]
    conflicts: list[dict[str, str]]

    @property
    def is_refused(self) -> bool:
        """Whether nothing at all was reverted, for what people edited since."""
        return bool(self.conflicts) and not self.changed


def remember_changes(job_id: uuid.UUID, canvas_id: uuid.UUID, applied: Applied) -> None:
    """Every object that the job just changed, under the canvas's lock, is kept with its state before and after.

    For the transaction that completes the job. Nothing leads out of completed, so no earlier run can have left any.
    """
    before = {item.object_id: item.before for item in applied.results if item.changed}
    with connection.cursor() as cursor:
        _REMEMBER.execute(
            cursor,
            {
                "job": job_id,
                "before": json.dumps({name: was for name, was in before.items() if was is not None}),
                "canvas": canvas_id,
                "seq": applied.seq - len(before),
            },
        )


def revert(*, job: AIJob, user: User, to_before: bool, force: bool) -> Reverted:
    """The job's objects are as before the job (`to_before`) or as the job left them, except where somebody
    edited since; `force` takes those along too. What is so already is not touched.

    Where only conflicts are left, nothing is reverted (`Reverted.is_refused`), and the job is as it was.
    The caller holds the job's row and has authorised `user` on the locked canvas.
    """
    assert job.canvas_id is not None  # a completed job that changed something has a canvas
    changes = {change.object_id: change for change in job.changes.all()}
    rows = {
        row.object_id: row
        for row in CanvasObject.objects.filter(canvas_id=job.canvas_id, object_id__in=list(changes))
    }
    conflicts = {} if force else _conflicts(changes, rows, to_before=to_before)
    operations: list[Operation] = []
    for object_id, change in changes.items():
        row = rows.get(object_id)
        if object_id in conflicts:
            continue
        wanted = change.before if to_before else change.after
        if wanted is None:
            if row is not None and not row.is_deleted:
                operations.append(DeleteObject(object_id))
            continue
        if row is not None and _is_exactly(row, wanted):
            continue
        # Without a row, its tombstone was removed for its age: the object is made anew.
        newer = {
            **stamp_above(change.version if row is None else row.version).as_properties(),
            "isDeleted": False,
            "index": wanted.get("index") if row is None else row.index,
        }
        try:
            operations.append(PutObject(parse_element(wanted | newer, is_stored=True)))
        except InvalidElement as error:
            conflicts[object_id] = error.message
    applied = canvas_services.apply_operations(
        canvas_id=job.canvas_id, operations=operations, actor=actor_of(user, client_id=None)
    )
    left: list[Mapping[str, Any]] = []
    for item in applied.results:
        if item.status == "refused":
            conflicts[item.object_id] = item.error or _EDITED_SINCE
        elif item.row is not None:
            left.append(item.row)
    _remember_versions(job.pk, left)
    names = _names(job.canvas_id, conflicts) if conflicts else {}
    return Reverted(
        changed=[item.object_id for item in applied.results if item.status == "applied"],
        conflicts=[
            {"id": object_id, "name": names.get(object_id, ""), "error": reason}
            for object_id, reason in conflicts.items()
        ],
    )


def _remember_versions(job_id: uuid.UUID, rows: Sequence[Mapping[str, Any]]) -> None:
    # Django's `bulk_update` takes seconds to put thousands of cases together, and others wait for the canvas meanwhile.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE ai_jobs_aijobchange AS change SET version = left_as.version, version_nonce = left_as.nonce
            FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) AS left_as(object_id, version, nonce)
            WHERE change.job_id = %s AND change.object_id = left_as.object_id
            """,
            [
                [row["id"] for row in rows],
                [row["version"] for row in rows],
                [row["version_nonce"] for row in rows],
                job_id,
            ],
        )


def _names(canvas_id: uuid.UUID, object_ids: Iterable[str]) -> dict[str, str]:
    """The words that people know the objects by: their own, or those of their label."""
    wanted = list(object_ids)
    texts = CanvasObject.objects.filter(canvas_id=canvas_id, object_type="text").filter(
        Q(object_id__in=wanted) | Q(properties__containerId__in=wanted)
    )
    names: dict[str, str] = {}
    for element in texts.values_list("properties", flat=True):
        words = " ".join(str(element.get("originalText") or element.get("text") or "").split())
        names |= dict.fromkeys({element["id"], element.get("containerId")} & {*wanted}, words[:_LONGEST_NAME])
    return names


def _conflicts(
    changes: Mapping[str, AIJobChange], rows: Mapping[str, CanvasObject], *, to_before: bool
) -> dict[str, str]:
    """Objects that are no longer as the job (`to_before`) or its undo left them, and with them the other half of a
    shape and its label.

    Who took a change back by hand and did it again left the object as it was: that is no edit. Nor is there anything
    to lose where an object is already as it shall be.
    """
    left = {name: change.after if to_before else change.before for name, change in changes.items()}
    wanted = {name: change.before if to_before else change.after for name, change in changes.items()}
    rows = {name: row for name, row in rows.items() if not row.is_deleted or wanted[name] is not None}
    conflicts = {
        name: _EDITED_SINCE
        for name, row in rows.items()
        if (row.version, row.version_nonce) != (changes[name].version, changes[name].version_nonce)
        and not _is_as_left(row, left[name])
        and not _is_as_left(row, wanted[name])
    }
    for name, row in rows.items():
        container = row.properties.get("containerId")
        if container in rows and (name in conflicts) != (container in conflicts):
            conflicts.setdefault(name, _PART_EDITED_SINCE)
            conflicts.setdefault(container, _PART_EDITED_SINCE)
    going = {name for name, state in wanted.items() if state is None and name not in conflicts}
    for name in _moved_along(rows, left, conflicts, going):
        del conflicts[name]
    return conflicts


def _moved_along(
    rows: Mapping[str, CanvasObject],
    left: Mapping[str, Mapping[str, Any] | None],
    conflicts: Mapping[str, str],
    going: Set[str],
) -> list[str]:
    """Arrows that would hang on what goes, and their labels, where nobody edited more than what they run between."""
    found: list[str] = []
    for name in conflicts:
        row, was = rows[name], left[name]
        if was is None or row.is_deleted or not ends_of(was) & going or not moved_along(was, row.properties):
            continue
        labels = [part for part in conflicts if rows[part].properties.get("containerId") == name]
        if all(conflicts[label] == _PART_EDITED_SINCE for label in labels):
            found += [name, *labels]
    return found


def _is_exactly(row: CanvasObject, wanted: Mapping[str, Any]) -> bool:
    """Stricter than `_is_as_left`: a label may hold the same words and stand where its box was moved to."""
    there = row.properties
    return not row.is_deleted and all(
        there.get(key) == wanted.get(key) for key in {*there, *wanted} - _STAMPS
    )


def _is_as_left(row: CanvasObject, left: Mapping[str, Any] | None) -> bool:
    if left is None or row.is_deleted:
        return left is None and row.is_deleted
    return same_content(row.properties, left)
