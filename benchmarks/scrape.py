"""How long a scrape of `/metrics` takes, without HTTP, beside 1,000,000 finished jobs and 10,000 that wait."""

import statistics
import time

from django.db import connection
from prometheus_client import CollectorRegistry, generate_latest

from ai_jobs.gauges import gauges
from benchmarks.figures import Figure, Options
from benchmarks.service import empty, make_users
from collabcanvas.lib.metrics import LOCAL, FromDatabase

ROUNDS = 1
USERS = 1_000


def measure(options: Options) -> list[Figure]:
    empty()
    make_users(USERS)
    finished = 50_000 if options.quick else 1_000_000
    _fill(finished, status="completed")
    _fill(10_000, status="queued")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE ai_jobs_aijob")
    times = []
    for _ in range(60):
        begun = time.perf_counter()
        registry = CollectorRegistry()
        registry.register(LOCAL)
        registry.register(FromDatabase(gauges))
        generate_latest(registry)
        times.append((time.perf_counter() - begun) * 1000)
    # The first ones warm up the connection and caches.
    times = times[10:]
    return [
        Figure(f"scrape beside {finished:,} jobs, median", "ms", statistics.median(times), at_most=100),
        Figure(f"scrape beside {finished:,} jobs, slowest", "ms", max(times), at_most=100),
    ]


def _fill(jobs: int, *, status: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO ai_jobs_aijob (id, user_id, job_type, status, request_data, priority, max_retries, created_at,
                next_processing_at, completed_at)
            SELECT gen_random_uuid(), (SELECT min(id) FROM auth_user) + n %% %(users)s, 'create_canvas', %(status)s,
                '{"instructions": "A -> B", "style": "modern", "colorScheme": "default"}', 0, 3,
                now() - n * interval '0.5 s', now() - n * interval '0.5 s',
                CASE WHEN %(status)s = 'completed' THEN now() END
            FROM generate_series(1, %(jobs)s) AS n
            """,
            {"users": USERS, "status": status, "jobs": jobs},
        )
