"""How long `submit_job` takes for one job, from the call to its commit: checks, row, event, message, doorbell.

No engine runs meanwhile: what is measured is what a person's click waits for in the web process, without HTTP.
"""

import statistics
import time

from django.contrib.auth.models import User

from ai_jobs import services
from benchmarks.figures import Figure, Options, quantile
from benchmarks.service import empty, make_users

USERS = 20


def measure(options: Options) -> list[Figure]:
    empty()
    make_users(USERS)
    people = list(User.objects.order_by("pk"))
    body = {"instructions": "Draw the sign-up flow: Form -> Confirmation -> Welcome"}
    times = []
    for number in range(300 if options.quick else 2_000):
        begun = time.perf_counter()
        services.submit_job(user=people[number % USERS], job_type="create_canvas", body=body)
        times.append((time.perf_counter() - begun) * 1000)
    # The first ones warm up the connection and caches.
    times = times[50:]
    return [
        Figure("submit_job, median", "ms", statistics.median(times), at_most=3),
        Figure("submit_job, p99", "ms", quantile(times, 99), at_most=10),
    ]
