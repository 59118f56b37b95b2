"""A bound on what one job may write into the log, however long it waits, snoozes and tries again."""

import logging
import threading
from collections import OrderedDict

_LINES = 100
_JOBS = 20_000


class JobLineLimit(logging.Filter):
    """Drops the lines of a job that has had its hundred in this process; the last one says so.

    A line about many jobs (a transition that they made together) keeps those that are within their bound.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        job_id = getattr(record, "job_id", None)
        if job_id is not None:
            lines = self._count(str(job_id))
            if lines == _LINES:
                record.__dict__["more"] = "the log has no further lines of this job"
            return lines <= _LINES
        job_ids = getattr(record, "job_ids", None)
        if not job_ids:
            return True
        within = [each for each in job_ids if self._count(str(each)) <= _LINES]
        record.__dict__["job_ids"] = within
        return bool(within)

    def _count(self, job_id: str) -> int:
        with self._lock:
            lines = self._lines.pop(job_id, 0) + 1
            self._lines[job_id] = lines
            if len(self._lines) > _JOBS:
                self._lines.popitem(last=False)
        return lines
