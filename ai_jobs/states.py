"""The state machine of a job, in one table: everything else derives from it or is tested against it."""

from typing import NamedTuple

from django.db.models import TextChoices

# Higher goes first.
MIN_PRIORITY, MAX_PRIORITY = -10, 10


class Status(TextChoices):
    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIVE = frozenset({Status.QUEUED, Status.PROCESSING})
FINAL = frozenset({Status.COMPLETED, Status.FAILED, Status.CANCELLED})


class EventKind(TextChoices):
    """What can happen to a job; each is one row of its history."""

    SUBMITTED = "submitted"
    CLAIMED = "claimed"
    COMPLETED = "completed"
    FAILED = "failed"
    RETRY_SCHEDULED = "retry_scheduled"
    SNOOZED = "snoozed"
    HANDED_BACK = "handed_back"
    RESCUED = "rescued"
    QUARANTINED = "quarantined"
    CANCELLED = "cancelled"
    RETRIED = "retried"
    REPRIORITISED = "reprioritised"
    UNDONE = "undone"
    REDONE = "redone"


class Transition(NamedTuple):
    """From which statuses an event may come and where it leads; no source means that the row is new."""

    sources: frozenset[Status]
    target: Status
    meaning: str


TRANSITIONS: dict[EventKind, Transition] = {
    EventKind.SUBMITTED: Transition(frozenset(), Status.QUEUED, "a person asked for it"),
    EventKind.CLAIMED: Transition(
        frozenset({Status.QUEUED}), Status.PROCESSING, "an engine took it under a lease"
    ),
    EventKind.COMPLETED: Transition(
        frozenset({Status.PROCESSING}), Status.COMPLETED, "its result is on the canvas"
    ),
    EventKind.FAILED: Transition(
        frozenset({Status.PROCESSING}), Status.FAILED, "a lasting error, or no automatic retry left"
    ),
    EventKind.RETRY_SCHEDULED: Transition(
        frozenset({Status.PROCESSING}), Status.QUEUED, "a passing error; it waits, then runs again"
    ),
    EventKind.SNOOZED: Transition(
        frozenset({Status.PROCESSING}), Status.QUEUED, "the provider asked to wait; costs no retry"
    ),
    EventKind.HANDED_BACK: Transition(
        frozenset({Status.PROCESSING}), Status.QUEUED, "its worker stopped in order; costs no attempt"
    ),
    EventKind.RESCUED: Transition(
        frozenset({Status.PROCESSING}),
        Status.QUEUED,
        "its worker vanished: it was missed by the one in its place, or the lease expired",
    ),
    EventKind.QUARANTINED: Transition(
        frozenset({Status.PROCESSING}),
        Status.FAILED,
        "its worker vanished three times while running it alone",
    ),
    EventKind.CANCELLED: Transition(LIVE, Status.CANCELLED, "a person stopped it"),
    EventKind.RETRIED: Transition(
        frozenset({Status.FAILED, Status.CANCELLED}), Status.QUEUED, "a person asked for it again"
    ),
    EventKind.REPRIORITISED: Transition(
        frozenset({Status.QUEUED}), Status.QUEUED, "its priority was changed"
    ),
    EventKind.UNDONE: Transition(
        frozenset({Status.COMPLETED}), Status.COMPLETED, "a person took its changes back"
    ),
    EventKind.REDONE: Transition(
        frozenset({Status.COMPLETED}), Status.COMPLETED, "a person put its changes back in place"
    ),
}
