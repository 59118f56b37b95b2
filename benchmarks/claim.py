"""How long one claim takes with 100,000 queued jobs of 1,000 users and 1,000,000 finished ones."""

import logging
import time
import uuid

from ai_jobs import claims, lifecycle
from ai_jobs.tests.factories import open_for_claims, run_claim
from benchmarks.figures import Figure, Options, quantile
from benchmarks.service import empty, execute, make_users, number

USERS = 1_000
PER_USER = 5
LEASE_SECONDS = 60.0


def measure(options: Options) -> list[Figure]:
    scale = 10 if options.quick else 1
    _load(queued=100_000 // scale, finished=1_000_000 // scale)
    open_for_claims()
    logging.disable(logging.INFO)
    try:
        return [
            Figure(f"claim of {slots}, p95", "ms", quantile(_claim(slots), 95), at_most=10)
            for slots in (1, 10, 100)
        ]
    finally:
        logging.disable(logging.NOTSET)


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
    columns = "(id, user_id, job_type, status, priority, request_data, max_retries, completed_at, created_at,"
    columns += " next_processing_at)"
    execute(
        f"""
        INSERT INTO ai_jobs_aijob {columns}
        SELECT gen_random_uuid(), 1 + number %% {USERS}, 'noop', 'completed', 0, '{{"instructions": "-"}}', 3,
            at, at, at
        FROM generate_series(1, %s) AS number, LATERAL (SELECT now() - make_interval(secs => number)) AS time(at)
        """,
        [finished],
    )
    execute(
        f"""
        INSERT INTO ai_jobs_aijob {columns}
        SELECT gen_random_uuid(), 1 + number %% {USERS}, 'noop', 'queued', number %% 3 - 1,
            '{{"instructions": "-"}}', 3, NULL, at, at
        FROM generate_series(1, %s) AS number,
            LATERAL (SELECT now() - make_interval(secs => number * 0.001)) AS time(at)
        """,
        [queued],
    )
    execute("VACUUM ANALYZE")
    execute("CHECKPOINT")
