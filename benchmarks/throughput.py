"""No-op jobs per second, drained from 20,000, with all bookkeeping: every event, every message, every lease."""

import contextlib

from benchmarks.figures import Figure, Options
from benchmarks.service import Audience, empty, load_jobs, make_users, number, rows, wait_for_end, workers
from tests.worker_service import wait_until

# Enough people for fair turns to cost what they cost; the cap on each out of the way of the slots.
USERS = 20
SETTINGS = {"MAX_CONCURRENT_JOBS": "500", "AI_JOBS_PER_USER": "50"}


def measure(options: Options) -> list[Figure]:
    jobs = 4_000 if options.quick else 20_000
    empty()
    make_users(USERS)
    with workers(engines=options.engines, **SETTINGS), Audience() as audience:
        # The first jobs warm up connections, plans and caches.
        load_jobs(500, users=USERS)
        wait_for_end(seconds=60)
        begun = load_jobs(jobs, users=USERS)
        ended = wait_for_end(seconds=300)
        completed = number("SELECT count(*) FROM ai_jobs_aijob WHERE status = 'completed'")
        events = number("SELECT count(*) FROM ai_jobs_aijobevent")
        with contextlib.suppress(AssertionError):
            wait_until(lambda: audience.messages() >= 2 * completed, seconds=5)
        messages = audience.messages()
        if completed != jobs + 500 or events != 3 * completed or messages < 2 * completed:
            outcomes = rows("SELECT status, error_message, count(*) FROM ai_jobs_aijob GROUP BY 1, 2 LIMIT 5")
            raise AssertionError(f"{events:g} events, {messages} messages, jobs: {outcomes}")
    return [
        Figure("no-op jobs per second", "1/s", jobs / (ended - begun), at_least=8_000),
    ]
