"""From `kill -9` of the engine that runs a job, or of the whole service, to the vendor's being called again."""

import os
import signal
import socket
import time
from contextlib import ExitStack

from ai_jobs.models import AIJob, Worker
from benchmarks.figures import Figure, Options
from benchmarks.service import empty, load_jobs, make_users, workers

# What a host waits before it starts a service that has ended again.
RESTART_SECONDS = 1.0


def measure(options: Options) -> list[Figure]:
    return [
        Figure("kill -9 to job running again", "s", _rerun(options, whole=False), at_most=20),
        Figure(
            "kill -9 of the whole service to job running again",
            "s",
            _rerun(options, whole=True),
            at_most=20,
        ),
    ]


def _rerun(options: Options, *, whole: bool) -> float:
    empty()
    make_users(1)
    with ExitStack() as services, socket.create_server(("127.0.0.1", 0)) as vendor:
        vendor.settimeout(120)
        service = services.enter_context(workers(engines=options.engines))
        load_jobs(
            1,
            users=1,
            job_type="probe",
            parameters=f'{{"url": "127.0.0.1:{vendor.getsockname()[1]}"}}',
        )
        first, _ = vendor.accept()
        job = AIJob.objects.get()
        if whole:
            service.kill()
        else:
            os.kill(Worker.objects.get(pk=job.worker_id or "").pid, signal.SIGKILL)
        begun = time.perf_counter()
        if whole:
            time.sleep(RESTART_SECONDS)
            services.enter_context(workers(engines=options.engines))
        second, _ = vendor.accept()
        seconds = time.perf_counter() - begun
        # What still runs would hold up the stop for the whole drain time.
        job.delete()
        first.close()
        second.close()
    return seconds
