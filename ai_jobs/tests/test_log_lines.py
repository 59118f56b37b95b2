"""What one job may write into the log has a bound."""

import logging
import uuid
from typing import Any

import pytest

from ai_jobs.logs import JobLineLimit


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.addFilter(JobLineLimit())
        self.lines: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record)


@pytest.fixture
def kept() -> Kept:
    return Kept()


def log(kept: Kept, **ids: Any) -> None:
    record = logging.LogRecord("ai_jobs", logging.INFO, __file__, 1, "job_snoozed", None, None)
    record.__dict__.update(ids)
    kept.handle(record)


def test_a_job_has_a_hundred_lines_and_the_last_one_says_so(kept: Kept) -> None:
    for _ in range(250):
        log(kept, job_id="one")
    log(kept, job_id="another")
    log(kept)
    assert len(kept.lines) == 102
    assert [hasattr(line, "more") for line in kept.lines[98:102]] == [False, True, False, False]


def test_a_line_about_many_jobs_keeps_those_within_their_bound(kept: Kept) -> None:
    for _ in range(100):
        log(kept, job_ids=["noisy"])
    log(kept, job_ids=["noisy", "quiet"])
    log(kept, job_ids=["noisy"])
    assert len(kept.lines) == 101
    assert kept.lines[-1].__dict__["job_ids"] == ["quiet"]


def test_it_does_not_remember_jobs_for_ever(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ai_jobs.logs._JOBS", 10)
    limit = kept.filters[0]
    for _ in range(1_000):
        log(kept, job_id=uuid.uuid4())
    assert isinstance(limit, JobLineLimit)
    assert len(limit._lines) == 10
