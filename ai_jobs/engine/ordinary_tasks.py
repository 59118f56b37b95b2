"""Whether django-q2's own queue still moves: what its processes note, and how the main process reads it.

A worker that is killed while it waits for work keeps the lock of django-q2's queue (its issue #23), and then no
ordinary task runs any more although every process looks alive. The pusher, the workers and the monitor therefore
note each step of a task in memory that they share, and the main process notices a step that does not come.
"""

import time
from multiprocessing.sharedctypes import RawArray, RawValue
from typing import Any

from django_q.brokers.orm import ORM

# More than can ever be between the pusher and the monitor: two queues and the workers.
_PLACES = 1024
_ACK, _PUSHED, _STARTED, _ENDED = range(4)
# Beyond a task's time limit, after which django-q2 has ended its worker.
_TIMEOUT_MARGIN_SECONDS = 10.0
# A pusher without its database waits ten seconds, ends, and is replaced.
_PUSHER_MARGIN_SECONDS = 20.0


class TaskBoard:
    """What became of each task that this service has taken from the broker; make it before the first fork.

    Without locks, because a process that is killed would keep them, which is the fault that this looks for.
    Every field has one writer at a time, and times are those of the monotonic clock, which all processes of
    a machine share.
    """

    def __init__(self) -> None:
        self._fields: Any = RawArray("d", 4 * _PLACES)
        self._looked_at: Any = RawValue("d", time.monotonic())
        self._moved_at: Any = RawValue("d", time.monotonic())

    def looked(self) -> None:
        """The pusher has asked the broker for tasks."""
        self._looked_at.value = time.monotonic()

    def pushed(self, ack_id: int) -> None:
        """A task is on its way to the workers. One that was pushed before and never begun keeps its time."""
        place = self._place(ack_id)
        is_waiting = self._fields[place + _ACK] == ack_id and not self._fields[place + _STARTED]
        if not is_waiting:
            self._fields[place + _STARTED] = self._fields[place + _ENDED] = 0.0
            self._fields[place + _PUSHED] = time.monotonic()
            self._fields[place + _ACK] = ack_id

    def started(self, ack_id: int) -> None:
        """A worker has begun with the task."""
        self._note(ack_id, _STARTED)

    def ended(self, ack_id: int) -> None:
        """The worker is through with the task, whatever came of it."""
        self._note(ack_id, _ENDED)

    def acknowledged(self, ack_id: int) -> None:
        """The broker has forgotten the task: nothing more is to come."""
        if self._fields[self._place(ack_id) + _ACK] == ack_id:
            self._fields[self._place(ack_id) + _ACK] = 0.0

    def stall(self, *, seconds: float, workers: int, task_timeout: float) -> str | None:
        """What has not moved for `seconds` although a worker is idle, as a short word; None when all is well.

        A task that waits because every worker is busy is no stall, nor one whose worker died while it ran:
        django-q2 gives that one out again.
        """
        now = time.monotonic()
        fields = self._fields[:]
        tasks = [fields[start : start + 4] for start in range(0, len(fields), 4) if fields[start]]
        if any(task[_ENDED] and now - task[_ENDED] > seconds for task in tasks):
            return "results_not_recorded"
        longest = task_timeout + _TIMEOUT_MARGIN_SECONDS
        running = sum(
            bool(task[_STARTED]) and not task[_ENDED] and now - task[_STARTED] < longest for task in tasks
        )
        # Between two tasks of one worker it looks idle for a moment.
        if running >= workers or now - self._moved_at.value <= seconds:
            return None
        if any(not task[_STARTED] and now - task[_PUSHED] > seconds for task in tasks):
            return "tasks_not_begun"
        if now - self._looked_at.value > seconds + _PUSHER_MARGIN_SECONDS:
            return "broker_not_asked"
        return None

    def _note(self, ack_id: int, field: int) -> None:
        place = self._place(ack_id)
        if self._fields[place + _ACK] == ack_id:
            self._fields[place + field] = self._moved_at.value = time.monotonic()

    def _place(self, ack_id: int) -> int:
        return 4 * (ack_id % _PLACES)


# Set in the main process, before it forks: what the children inherit. Elsewhere nothing is noted.
_board: list[TaskBoard] = []


def share_board() -> TaskBoard:
    """The board on which the brokers of this process and of all that it forks will note."""
    _board[:] = [TaskBoard()]
    return _board[0]


class NotingBroker(ORM):  # type: ignore[misc]  # django-q2 has no types
    """Django-q2's broker on the database, which notes what it gave out and what came back."""

    def dequeue(self) -> Any:
        for board in _board:
            board.looked()
        tasks = super().dequeue()
        for board in _board:
            for ack_id, _ in tasks or ():
                board.pushed(ack_id)
        return tasks

    def delete(self, task_id: int) -> None:
        super().delete(task_id)
        for board in _board:
            board.acknowledged(task_id)


def note_started(task: dict[str, Any]) -> None:
    """This worker begins with an ordinary task."""
    for board in _board:
        board.started(task.get("ack_id", 0))


def note_ended(task: dict[str, Any]) -> None:
    """This worker is through with an ordinary task."""
    for board in _board:
        board.ended(task.get("ack_id", 0))
