"""From a person's POST to the moment when the model's vendor sees its connection closed."""

import socket
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from ai_jobs.models import AIJob
from benchmarks.figures import Figure, Options, quantile
from benchmarks.load import services, tokens
from benchmarks.service import empty, load_jobs, make_users


def measure(options: Options) -> list[Figure]:
    empty()
    make_users(1)
    times = []
    with (
        services(options, settings="tests.probe_settings") as (web, _, _),
        socket.create_server(("127.0.0.1", 0)) as vendor,
        # The product trusts its proxy to say that the request came by https.
        httpx.Client(
            headers={"Authorization": f"Bearer {tokens()[0]}", "X-Forwarded-Proto": "https"}, timeout=20
        ) as person,
        ThreadPoolExecutor(1) as beside,
    ):
        vendor.settimeout(20)
        address = f"127.0.0.1:{vendor.getsockname()[1]}"
        for _ in range(20 if options.quick else 110):
            load_jobs(1, users=1, job_type="probe", parameters=f'{{"url": "{address}"}}')
            request, _ = vendor.accept()
            job = AIJob.objects.live().get()
            with request:
                request.settimeout(20)
                closed_at = beside.submit(_closed_at, request)
                begun = time.perf_counter()
                answer = person.post(f"{web}/api/ai-agent/job/{job.pk}/cancel")
                times.append((closed_at.result() - begun) * 1000)
            answer.raise_for_status()
    times = times[10:]
    return [
        Figure("POST to closed connection, median", "ms", statistics.median(times), at_most=100),
        Figure("POST to closed connection, p99", "ms", quantile(times, 99), at_most=300),
    ]


def _closed_at(request: socket.socket) -> float:
    if request.recv(1) != b"":
        raise AssertionError("the worker sent something instead of closing")
    return time.perf_counter()
