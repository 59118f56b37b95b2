"""How long a worker service takes from the commit of a submission to the first line of its handler.

The clock starts before COMMIT is sent, so writing to disk is included; jobs are submitted one at a time, each
after the one before it is over. Idle means that nothing else happens; under load, 200 other jobs are running
and 100 more per second come, run and end.
"""

import random
import statistics
import threading
import time

from django.contrib.auth.models import User
from django.db import connection, transaction

from ai_jobs import lifecycle
from ai_jobs.models import AIJob
from benchmarks.figures import Figure, Options, quantile
from benchmarks.service import empty, load_jobs, make_users, workers

USERS = 20
SETTINGS = {"MAX_CONCURRENT_JOBS": "500", "AI_JOBS_PER_USER": "50"}


def measure(options: Options) -> list[Figure]:
    jobs = 100 if options.quick else 250
    empty()
    make_users(USERS + 1)
    with workers(engines=options.engines, **SETTINGS):
        idle = _pick_up(jobs)
        load_jobs(200, users=USERS, job_type="probe", parameters='{"seconds": 600}')
        over = threading.Event()
        load = threading.Thread(target=_keep_coming, args=[over])
        load.start()
        try:
            busy = _pick_up(jobs)
        finally:
            over.set()
            load.join()
        # What still runs would hold up the stop for the whole drain time.
        AIJob.objects.all().delete()
    return [
        Figure("pickup, idle, median", "ms", statistics.median(idle), at_most=2),
        Figure("pickup, idle, p99", "ms", quantile(idle, 99), at_most=7),
        Figure("pickup, under load, median", "ms", statistics.median(busy)),
        Figure("pickup, under load, p99", "ms", quantile(busy, 99)),
    ]


def _pick_up(jobs: int) -> list[float]:
    user = User.objects.get(pk=USERS + 1)
    delays = []
    for _ in range(jobs + 20):
        with transaction.atomic():
            job = AIJob(
                user=user,
                job_type="probe",
                max_retries=0,
                request_data={"instructions": "-", "style": "modern", "colorScheme": "default"},
            )
            lifecycle.submit_jobs([job], actor_id=user.pk)
            committed_at = time.time()
        while job.result_data is None:
            time.sleep(0.005)
            job.refresh_from_db(fields=["result_data"])
        delays.append((job.result_data["usage"]["first_line_at"] - committed_at) * 1000)
        # Let bookkeeping finish, until a moment that no timer shares.
        time.sleep(random.uniform(0.01, 0.05))
    # The first ones warm up connections and caches.
    return delays[20:]


def _keep_coming(over: threading.Event) -> None:
    try:
        while not over.wait(0.1):
            load_jobs(10, users=USERS)
    finally:
        connection.close()
