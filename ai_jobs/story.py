"""A job as an operator reads it: what happened, attempt by attempt, and what it was made of. Reads only."""

import json
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ai_jobs.models import AIJob, AIJobEvent
from ai_jobs.states import TRANSITIONS, EventKind, Status
from ai_jobs.waiting import queue_facts
from collabcanvas.lib.wording import counted, seconds_text

_EVENTS_SHOWN = 300
_TEXT_SHOWN = 20_000
# After these, the run that was going on is over.
_ENDINGS = frozenset(
    kind
    for kind, rule in TRANSITIONS.items()
    if rule.target is not Status.PROCESSING and kind is not EventKind.SUBMITTED
)


@dataclass
class Attempt:
    """One try at running the job; `outcome` is empty while it runs."""

    number: int
    worker: uuid.UUID | None
    began: datetime
    ended: datetime | None = None
    outcome: str = ""
    error: str = ""
    code: str = ""
    ran: str = field(default="", init=False)

    def end(self, event: AIJobEvent) -> None:
        self.ended, self.outcome = event.at, event.kind
        self.error, self.code = event.message, str(event.data.get("code", ""))
        self.ran = seconds_text((event.at - self.began).total_seconds())


def story_of(job: AIJob) -> dict[str, Any]:
    """Everything that the page of a job shows."""
    events = list(job.events.select_related("actor").order_by("-sequence")[: _EVENTS_SHOWN + 1])
    is_cut = len(events) > _EVENTS_SHOWN
    events = events[:_EVENTS_SHOWN][::-1]
    return {
        "job": job,
        "is_live": not job.is_over,
        "queue": queue_facts([job]).get(job.pk),
        "attempts": _attempts(events),
        "timeline": [_line(event, job.created_at) for event in events],
        "is_cut": is_cut,
        "instructions": _bounded(str(job.request_data.get("instructions", ""))),
        "request": _bounded(json.dumps(job.request_data, indent=2, ensure_ascii=False)),
        "result": _bounded(json.dumps(job.result_data, indent=2, ensure_ascii=False))
        if job.result_data
        else "",
        "result_summary": _result_summary(job.result_data or {}),
        "quality": _quality(job.result_data or {}),
    }


def _attempts(events: list[AIJobEvent]) -> list[Attempt]:
    attempts: list[Attempt] = []
    for event in events:
        if event.kind == EventKind.CLAIMED:
            attempts.append(Attempt(event.attempt, event.worker_id, event.at))
        elif event.kind in _ENDINGS and attempts and attempts[-1].ended is None:
            attempts[-1].end(event)
    return attempts


def _line(event: AIJobEvent, start: datetime) -> dict[str, Any]:
    kind = EventKind(event.kind)
    return {
        "at": event.at,
        "since": f"+{seconds_text((event.at - start).total_seconds())}",
        "kind": kind.value,
        "status": TRANSITIONS[kind].target.value,
        "meaning": TRANSITIONS[kind].meaning,
        "attempt": event.attempt,
        "by": event.actor or (f"worker {str(event.worker_id)[:8]}" if event.worker_id else ""),
        "details": event.message or ", ".join(f"{name} {value}" for name, value in event.data.items()),
    }


def _result_summary(result: dict[str, Any]) -> str:
    if not result:
        return ""
    objects = result.get("objects") or []
    kinds: dict[str, int] = {}
    for item in objects:
        kind = str(item.get("object_type", "object"))
        kinds[kind] = kinds.get(kind, 0) + 1
    parts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    drawn = f"{counted(len(objects), 'object')} ({parts})" if objects else "no objects"
    return " · ".join(
        line for line in (str(result.get("title") or ""), str(result.get("message") or ""), drawn) if line
    )


def _quality(result: dict[str, Any]) -> str:
    """How well the drawing can be read, in a line; empty where nothing was measured."""
    measured = (result.get("usage") or {}).get("quality")
    if not measured:
        return ""
    flaws = [
        f"{count} {kind.replace('_', ' ')}" for kind, count in sorted(Counter(measured["problems"]).items())
    ]
    if measured["crossings"]:
        flaws.append(f"arrows cross {counted(measured['crossings'], 'time')}")
    return f"{measured['score']} of 100: {', '.join(flaws) or 'no flaw found'}"


def _bounded(text: str) -> str:
    if len(text) <= _TEXT_SHOWN:
        return text
    return f"{text[:_TEXT_SHOWN]}\n… and {len(text) - _TEXT_SHOWN:,} more characters."
