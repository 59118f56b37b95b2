"""From `kill -9` to the moment when the vendor is called again: of an engine with one job, of one with many, and of
the whole service, which is started again."""

import os
import signal
import socket
import statistics
import time
from contextlib import ExitStack

from ai_jobs.models import AIJob, Worker
from benchmarks.figures import Figure, Options
from benchmarks.service import empty, load_jobs, make_users, rows, workers

MANY = 200
# What a host waits before it starts a service that has ended again.
RESTART_SECONDS = 1.0


def measure(options: Options) -> list[Figure]:
    empty()
    make_users(MANY)
    with workers(engines=options.engines), socket.create_server(("127.0.0.1", 0)) as vendor:
        vendor.settimeout(120)
        (alone,) = _recover(vendor, jobs=1)
        AIJob.objects.all().delete()
        together = _recover(vendor, jobs=MANY)
        AIJob.objects.all().delete()
    return [
        Figure("kill -9 to job running again", "s", alone, at_most=20),
        Figure("kill -9 of the whole service to job running again", "s", _restart(options), at_most=20),
        Figure("jobs on the engine that was killed with many", "", len(together)),
        Figure("the same for these: the first", "s", together[0]),
        Figure("the same for these: median", "s", statistics.median(together)),
        Figure("the same for these: the last", "s", together[-1], at_most=20),
    ]


def _recover(vendor: socket.socket, *, jobs: int) -> list[float]:
    """The engine that runs most of these jobs is killed: the seconds until each of them calls the vendor again."""
    with ExitStack() as calls:
        _run(vendor, jobs, calls)
        ((engine, count),) = rows(
            """
            SELECT worker_id, count(*) FROM ai_jobs_aijob WHERE status = 'processing'
            GROUP BY worker_id ORDER BY 2 DESC LIMIT 1
            """
        )
        os.kill(Worker.objects.get(pk=engine).pid, signal.SIGKILL)
        begun = time.perf_counter()
        seconds = []
        for _ in range(count):
            calls.enter_context(vendor.accept()[0])
            seconds.append(time.perf_counter() - begun)
        return seconds


def _restart(options: Options) -> float:
    """All processes are killed and the service is started again: the seconds until its one job calls the vendor."""
    empty()
    make_users(MANY)
    with ExitStack() as services, socket.create_server(("127.0.0.1", 0)) as vendor, ExitStack() as calls:
        vendor.settimeout(120)
        service = services.enter_context(workers(engines=options.engines))
        _run(vendor, 1, calls)
        service.kill()
        begun = time.perf_counter()
        time.sleep(RESTART_SECONDS)
        services.enter_context(workers(engines=options.engines))
        calls.enter_context(vendor.accept()[0])
        seconds = time.perf_counter() - begun
        # What still runs would hold up the stop for the whole drain time.
        AIJob.objects.all().delete()
    return seconds


def _run(vendor: socket.socket, jobs: int, calls: ExitStack) -> None:
    """So many jobs run, and the vendor holds the call of each."""
    load_jobs(
        jobs,
        users=MANY,
        job_type="probe",
        parameters=f'{{"url": "127.0.0.1:{vendor.getsockname()[1]}"}}',
    )
    for _ in range(jobs):
        calls.enter_context(vendor.accept()[0])
