"""Many jobs that wait for a model, all at once: from the commit of all to the end of the last one, and the memory."""

from benchmarks.figures import Figure, Options
from benchmarks.service import Peak, empty, load_jobs, make_users, wait_for_end, workers

USERS = 20


def measure(options: Options) -> list[Figure]:
    small, small_peak, _ = _run(jobs=500, seconds=2, engines=options.engines)
    wall, peak, before = _run(jobs=1_000, seconds=5, engines=options.engines)
    return [
        Figure("500 jobs of 2 s at once", "s", small, at_most=2.8),
        Figure("worker service with 500 jobs, memory (Pss)", "MB", small_peak),
        Figure("1,000 jobs of 5 s at once", "s", wall, at_most=7),
        Figure("worker service with 1,000 jobs, memory (Pss)", "MB", peak, at_most=256),
        Figure("worker service without jobs, memory (Pss)", "MB", before),
    ]


def _run(*, jobs: int, seconds: float, engines: int) -> tuple[float, float, float]:
    empty()
    make_users(USERS)
    settings = {"MAX_CONCURRENT_JOBS": str(jobs), "AI_JOBS_PER_USER": str(jobs // USERS)}
    with workers(engines=engines, **settings) as service:
        load_jobs(20, users=USERS)
        wait_for_end(seconds=30)
        before = service.memory_mb()
        with Peak(service) as peak:
            begun = load_jobs(jobs, users=USERS, job_type="probe", parameters=f'{{"seconds": {seconds}}}')
            ended = wait_for_end(seconds=120)
    return ended - begun, peak.megabytes, before
