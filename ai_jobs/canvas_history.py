"""What happened to a canvas: the acts on it, the jobs that drew on it, and the states of it that are kept."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from django.contrib.auth.models import User
from django.db import connection

from canvases.events import person_name
from canvases.models import Canvas

# An entry's id is its moment in microseconds and what tells entries of one moment apart.
ENTRY_ID: Final = r"^[0-9]{1,16}\.[0-9a-z-]{1,80}$"
KINDS: Final = (
    *("canvas.created", "canvas.renamed", "canvas.restored", "canvas.archived"),
    *("member.joined", "member.role_changed", "member.removed"),
    *("job.completed", "job.undone", "job.redone"),
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# What of an act's record concerns everybody on the canvas.
_TOLD: Final = frozenset({"before", "after", "role", "result", "objects", "reason", "changed"})

# Each source by an index of its own: acts by their target, jobs and snapshots by their canvas.
_ENTRIES: Final = """
    WITH page AS (
        SELECT * FROM (
            SELECT created_at AS at, 'created' COLLATE "C" AS key, 'canvas.created' AS kind,
                   owner_id::bigint AS actor_id, '' AS actor_name, NULL::uuid AS job_id, '{}'::jsonb AS detail
            FROM canvases_canvas WHERE id = %(canvas)s
          UNION ALL
            SELECT at, 'act-' || id, action, actor_id, actor_name, NULL, detail
            FROM kernel_auditentry
            WHERE target_type = 'canvas' AND target_id = %(canvas)s::text AND action = ANY(%(kinds)s)
              AND action <> 'canvas.created'
          UNION ALL
            SELECT accepted_at, 'joined-' || id, 'member.joined', accepted_by_id, '', NULL,
                   jsonb_build_object('role', role)
            FROM canvases_invitation WHERE canvas_id = %(canvas)s AND accepted_at IS NOT NULL
          UNION ALL
            SELECT event.at, 'job-' || job.id || '-' || event.sequence, 'job.' || event.kind,
                   coalesce(event.actor_id, job.user_id), '', job.id, event.data
            FROM ai_jobs_aijob job JOIN ai_jobs_aijobevent event ON event.job_id = job.id
            WHERE job.canvas_id = %(canvas)s AND event.kind IN ('completed', 'undone', 'redone')
          UNION ALL
            SELECT made_at, 'kept-' || id, 'canvas.archived', NULL, '', NULL,
                   jsonb_build_object('objects', object_count, 'reason', reason)
            FROM canvases_canvassnapshot WHERE canvas_id = %(canvas)s
        ) entries
        WHERE %(at)s::timestamptz IS NULL OR (at, key) < (%(at)s::timestamptz, %(key)s)
        ORDER BY at DESC, key DESC LIMIT %(limit)s
    )
    SELECT page.at, page.key, page.kind, page.actor_id, page.actor_name, page.job_id, page.detail,
           job.result_data ->> 'message'
    FROM page LEFT JOIN ai_jobs_aijob job ON job.id = page.job_id AND page.kind = 'job.completed'
    ORDER BY page.at DESC, page.key DESC
"""


def canvas_history(*, canvas: Canvas, before: str | None, limit: int) -> list[dict[str, Any]]:
    """The newest entries as clients read them, older than the entry `before` (its id, which fits `ENTRY_ID`).

    **The caller has authorised whoever reads it.** It reaches as far back as what it is made of: jobs go after
    `JOB_CLEANUP_DAYS`, acts after `AUDIT_RETENTION_DAYS`, kept states with the archive.
    """
    at, key = _parsed(before) if before else (None, "")
    with connection.cursor() as cursor:
        cursor.execute(
            _ENTRIES, {"canvas": canvas.pk, "kinds": list(KINDS), "at": at, "key": key, "limit": limit}
        )
        found = cursor.fetchall()
    entries = [_Entry._make([*row[:6], json.loads(row[6]), row[7]]) for row in found]
    named = {who for entry in entries for who in (entry.actor_id, entry.detail.get("member"))} - {None}
    people = User.objects.in_bulk(named)
    return [_row(entry, people) for entry in entries]


class _Entry(NamedTuple):
    at: datetime
    key: str
    kind: str
    actor_id: int | None
    actor_name: str
    job_id: uuid.UUID | None
    detail: Mapping[str, Any]
    message: str | None


def _parsed(entry_id: str) -> tuple[datetime, str]:
    moment, _, key = entry_id.partition(".")
    return _EPOCH + timedelta(microseconds=int(moment)), key


def _row(entry: _Entry, people: Mapping[int, User]) -> dict[str, Any]:
    detail = {name: value for name, value in entry.detail.items() if name in _TOLD}
    if "member" in entry.detail:
        detail["member"] = _person(entry.detail["member"], people)
    if entry.message is not None:
        detail["message"] = entry.message
    return {
        "id": f"{(entry.at - _EPOCH) // timedelta(microseconds=1)}.{entry.key}",
        "at": entry.at,
        "kind": entry.kind,
        "actor": _person(entry.actor_id, people, entry.actor_name),
        "job_id": entry.job_id,
        "detail": detail,
    }


def _person(user_id: int | None, people: Mapping[int, User], name: str = "") -> dict[str, Any] | None:
    """Who it was; of a deleted account what is still known."""
    if user_id is None:
        return None
    user = people.get(user_id)
    return {"id": user_id, "name": person_name(user) if user else name}
