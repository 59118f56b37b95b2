"""From `kill -9` of the engine that runs a job to the moment when another one has called the vendor again."""

import os
import signal
import socket
import time

from ai_jobs.models import AIJob, Worker
from benchmarks.figures import Figure, Options
from benchmarks.service import empty, load_jobs, make_users, workers


def measure(options: Options) -> list[Figure]:
    empty()
    make_users(1)
    with workers(engines=options.engines), socket.create_server(("127.0.0.1", 0)) as vendor:
        vendor.settimeout(120)
        load_jobs(
            1,
            users=1,
            job_type="probe",
            parameters=f'{{"url": "127.0.0.1:{vendor.getsockname()[1]}"}}',
        )
        first, _ = vendor.accept()
        job = AIJob.objects.get()
        os.kill(Worker.objects.get(pk=job.worker_id or "").pid, signal.SIGKILL)
        begun = time.perf_counter()
        second, _ = vendor.accept()
        seconds = time.perf_counter() - begun
        job.delete()
        first.close()
        second.close()
    return [Figure("kill -9 to job running again", "s", seconds, at_most=20)]
