"""From `services.cancel_job` to the moment when the model's vendor sees its connection closed.

That is what a person's POST calls; the request around it is not measured here.
"""

import socket
import statistics
import time

from django.contrib.auth.models import User

from ai_jobs import services
from ai_jobs.models import AIJob
from benchmarks.figures import Figure, Options, quantile
from benchmarks.service import empty, load_jobs, make_users, workers


def measure(options: Options) -> list[Figure]:
    empty()
    make_users(1)
    user = User.objects.get()
    times = []
    with workers(engines=options.engines), socket.create_server(("127.0.0.1", 0)) as vendor:
        vendor.settimeout(20)
        address = f"127.0.0.1:{vendor.getsockname()[1]}"
        for _ in range(20 if options.quick else 110):
            load_jobs(1, users=1, job_type="probe", parameters=f'{{"url": "{address}"}}')
            request, _ = vendor.accept()
            job = AIJob.objects.live().get()
            with request:
                request.settimeout(20)
                begun = time.perf_counter()
                services.cancel_job(user=user, job_id=job.pk)
                if request.recv(1) != b"":
                    raise AssertionError("the worker sent something instead of closing")
                times.append((time.perf_counter() - begun) * 1000)
    times = times[10:]
    return [
        Figure(
            "services.cancel_job to closed connection, median", "ms", statistics.median(times), at_most=100
        ),
        Figure("services.cancel_job to closed connection, p99", "ms", quantile(times, 99), at_most=300),
    ]
