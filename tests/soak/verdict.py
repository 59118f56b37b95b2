"""What became of every job: lost, doubled, stuck, or run again without a crash to explain it."""

import statistics
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db.models import Count, Max

from ai_jobs.models import AIJob, AIJobEvent
from ai_jobs.states import FINAL, EventKind, Status
from canvases.models import Canvas, CanvasObject
from tests.soak.faults import Fault

# Red, Green and Blue with their texts, and two arrows.
OBJECTS_PER_DRAWING = 8
# What has not been told to wait for the disk is written every 0.2 s, and is there after three times that long.
_FORGETS_SECONDS = 1.0
_RUN_AGAIN_AFTER = (
    EventKind.RESCUED,
    EventKind.HANDED_BACK,
    EventKind.RETRY_SCHEDULED,
    EventKind.SNOOZED,
)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Counts of what must not be, and a few figures for orientation."""

    jobs: int
    lost: int
    not_completed: dict[str, int]
    doubled: int
    stuck: int
    orphaned_events: int
    executions: int
    second_executions: int
    unexplained_executions: int
    unexplained_rescues: int
    rescued: int
    handed_back: int
    slowest_recovery_seconds: float
    median_recovery_seconds: float

    @property
    def is_clean(self) -> bool:
        return not (
            self.lost
            or self.not_completed
            or self.doubled
            or self.stuck
            or self.orphaned_events
            or self.unexplained_executions
            or self.unexplained_rescues
        )


def judge(
    *,
    submitted: Collection[uuid.UUID],
    drawing: Collection[uuid.UUID],
    shared_canvases: Collection[uuid.UUID],
    executions_file: Path,
    faults: list[Fault],
    pids: Mapping[uuid.UUID, int],
) -> Verdict:
    """Compare what was asked for with rows, objects, history and the executions that were noted past the database."""
    rows = {
        row["pk"]: row
        for row in AIJob.objects.values("pk", "status", "canvas_id", "error_code", "request_data")
    }
    events: dict[uuid.UUID, list[AIJobEvent]] = defaultdict(list)
    for event in AIJobEvent.objects.order_by("job", "sequence"):
        events[event.job_id].append(event)
    executions: dict[uuid.UUID, list[float]] = defaultdict(list)
    for line in executions_file.read_text().splitlines():
        job, _, at = line.split(" ")
        executions[uuid.UUID(job)].append(float(at))
    restarts = [fault.at for fault in faults if fault.kind == "restart"]
    unexplained_executions = sum(
        len(times) - 1
        > sum(event.kind in _RUN_AGAIN_AFTER for event in events[job])
        + _forgotten_claims(events[job], times, restarts)
        for job, times in executions.items()
    )
    recoveries, unexplained_rescues = _recoveries(events, faults, pids)
    over = [row for row in rows.values() if row["status"] in FINAL]
    return Verdict(
        jobs=len(submitted),
        lost=len(set(submitted) - set(rows)),
        not_completed=dict(
            Counter(
                f"{row['status']} {row['error_code']}" for row in over if row["status"] != Status.COMPLETED
            )
        ),
        doubled=_doubled(
            drawing, {*shared_canvases, *(row["canvas_id"] for row in rows.values() if row["canvas_id"])}
        ),
        stuck=len(rows) - len(over),
        orphaned_events=sum(len(history) for job, history in events.items() if job not in rows),
        executions=sum(len(times) for times in executions.values()),
        second_executions=sum(len(times) - 1 for times in executions.values()),
        unexplained_executions=unexplained_executions,
        unexplained_rescues=unexplained_rescues,
        rescued=sum(event.kind == EventKind.RESCUED for history in events.values() for event in history),
        handed_back=sum(
            event.kind == EventKind.HANDED_BACK for history in events.values() for event in history
        ),
        slowest_recovery_seconds=max(recoveries, default=0.0),
        median_recovery_seconds=statistics.median(recoveries) if recoveries else 0.0,
    )


def _forgotten_claims(history: list[AIJobEvent], executions: list[float], restarts: list[float]) -> int:
    """How many of the executions had a claim that a crash of the database forgot.

    Claims do not wait for the disk (docs/decisions/0005-claim-order.md): of the last moments before the database dies
    nothing may be left of them, and the job, which was begun, is queued as if it never had been.
    """
    missing = len(executions) - sum(event.kind == EventKind.CLAIMED for event in history)
    at_a_crash = sum(any(abs(at - crash) < _FORGETS_SECONDS for crash in restarts) for at in executions)
    return max(0, min(missing, at_a_crash))


def _doubled(drawing: Collection[uuid.UUID], known_canvases: Collection[uuid.UUID]) -> int:
    """How many jobs or canvases hold more, or less, than each drawing job's objects exactly once.

    The ids of a job's objects are the same in each run, so counting objects would not show a second edit; the
    canvas's counter does, which grows by one with every object written.
    """
    per_job = Counter(
        {
            row["job_id"]: row["count"]
            for row in CanvasObject.objects.values("job_id").annotate(count=Count("pk")).order_by()
        }
    )
    wrong: int = sum(per_job[job] != OBJECTS_PER_DRAWING for job in drawing)
    wrong += len(set(per_job) - set(drawing))
    # A canvas that a job made and that no job names was made by a run whose end was not recorded.
    wrong += Canvas.objects.exclude(pk__in=known_canvases).count()
    counters = CanvasObject.objects.values("canvas").annotate(count=Count("pk"), last=Max("seq")).order_by()
    wrong += sum(row["count"] != row["last"] for row in counters)
    return wrong


def _recoveries(
    events: Mapping[uuid.UUID, list[AIJobEvent]], faults: list[Fault], pids: Mapping[uuid.UUID, int]
) -> tuple[list[float], int]:
    """The seconds from each fault to its jobs' next claims, and how many rescues no fault explains."""
    seconds, unexplained = [], 0
    for history in events.values():
        for number, event in enumerate(history):
            if event.kind != EventKind.RESCUED:
                continue
            claimed = next(
                earlier for earlier in reversed(history[:number]) if earlier.kind == EventKind.CLAIMED
            )
            pid = pids.get(claimed.worker_id) if claimed.worker_id else None
            reasons = [
                fault
                for fault in faults
                # A moment before: the kill and the claim cross each other.
                if claimed.at.timestamp() - 1 <= fault.at <= event.at.timestamp()
                and (fault.breaks_engines or pid is None or fault.pid == pid)
            ]
            if not reasons:
                unexplained += 1
                continue
            again = next((later for later in history[number:] if later.kind == EventKind.CLAIMED), None)
            if again is not None:
                seconds.append(again.at.timestamp() - max(fault.at for fault in reasons))
    return seconds, unexplained
