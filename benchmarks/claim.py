"""How long one claim takes with 100,000 queued jobs of 1,000 users and 1,000,000 finished ones.

Once with the users in turns, where the head of the queue settles the order, and once, beyond the target, with 50,000
jobs more of one person at the head, where every user who waits has to be looked at.
"""

import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from ai_jobs import claims, lifecycle
from ai_jobs.tests.factories import open_for_claims, run_claim
from benchmarks.figures import Figure, Options, quantile
from benchmarks.service import empty, execute, make_users, number

USERS = 1_000
PER_USER = 5
LEASE_SECONDS = 60.0
_COLUMNS = """(id, user_id, job_type, status, priority, request_data, max_retries, completed_at, created_at,
    next_processing_at)"""


def measure(options: Options) -> list[Figure]:
    scale = 10 if options.quick else 1
    _load(queued=100_000 // scale, finished=1_000_000 // scale)
    open_for_claims()
    logging.disable(logging.INFO)
    try:
        figures = _claims("", at_most=10)
        with _crowd(50_000 // scale):
            return figures + _claims(" behind the many of one person", at_most=None)
    finally:
        logging.disable(logging.NOTSET)


def _claims(where: str, *, at_most: float | None) -> list[Figure]:
    return [
        Figure(f"claim of {slots}{where}, p95", "ms", quantile(_claim(slots), 95), at_most=at_most)
        for slots in (1, 10, 100)
    ]


@contextmanager
def _crowd(jobs: int) -> Iterator[None]:
    """So many jobs of user 1 wait before all others, as urgent as the most urgent and older."""
    execute(
        f"""
        INSERT INTO ai_jobs_aijob {_COLUMNS}
        SELECT gen_random_uuid(), 1, 'crowd', 'queued', 1, '{{"instructions": "-"}}', 3, NULL, at, at
        FROM generate_series(1, %s) AS number,
            LATERAL (SELECT now() - interval '1 day' - make_interval(secs => number * 0.001)) AS time(at)
        """,
        [jobs],
    )
    execute("VACUUM ANALYZE ai_jobs_aijob")
    try:
        yield
    finally:
        execute("DELETE FROM ai_jobs_aijob WHERE job_type = 'crowd'")
        execute("VACUUM ANALYZE ai_jobs_aijob")


def _claim(slots: int) -> list[float]:
    worker = uuid.uuid4()
    times = []
    for _ in range(120):
        begun = time.perf_counter()
        claimed = run_claim(
            claims.claim_jobs(worker_id=worker, slots=slots, per_user=PER_USER, lease_seconds=LEASE_SECONDS)
        )
        times.append((time.perf_counter() - begun) * 1000)
        if len(claimed) != slots:
            raise AssertionError(f"{len(claimed)} claimed instead of {slots}")
        lifecycle.hand_back_jobs(held=[job.held for job in claimed], worker_id=worker)
    return times[20:]


def _load(*, queued: int, finished: int) -> None:
    """The rows are there; the second round finds those of the first."""
    if number("SELECT count(*) FROM ai_jobs_aijob") == queued + finished:
        return
    empty()
    make_users(USERS)
    execute(
        f"""
        INSERT INTO ai_jobs_aijob {_COLUMNS}
        SELECT gen_random_uuid(), 1 + number %% {USERS}, 'noop', 'completed', 0, '{{"instructions": "-"}}', 3,
            at, at, at
        FROM generate_series(1, %s) AS number, LATERAL (SELECT now() - make_interval(secs => number)) AS time(at)
        """,
        [finished],
    )
    execute(
        f"""
        INSERT INTO ai_jobs_aijob {_COLUMNS}
        SELECT gen_random_uuid(), 1 + number %% {USERS}, 'noop', 'queued', number %% 3 - 1,
            '{{"instructions": "-"}}', 3, NULL, at, at
        FROM generate_series(1, %s) AS number,
            LATERAL (SELECT now() - make_interval(secs => number * 0.001)) AS time(at)
        """,
        [queued],
    )
    execute("VACUUM ANALYZE")
    execute("CHECKPOINT")
