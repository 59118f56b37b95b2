"""A result that PostgreSQL refuses."""

from ai_jobs.models import AIJob
from ai_jobs.states import Status
from tests.engine.conftest import StartWorkers, SubmitProbe
from tests.worker_service import wait_until


def test_it_fails_its_own_job_and_those_that_ended_with_it_complete(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    jobs = [submit_probe(seconds=0.3) for _ in range(4)]
    # The text that JSON spells \u0000 passes every check but the database's.
    refused = submit_probe(seconds=0.3, title_codes=[0])
    start_workers(engines=1, AI_JOBS_PER_USER="10")
    wait_until(lambda: not AIJob.objects.live().exists(), what="all are over")

    refused.refresh_from_db()
    assert (refused.status, refused.error_code, refused.crash_count) == (Status.FAILED, "invalid_result", 0)
    for job in jobs:
        job.refresh_from_db()
        assert (job.status, job.crash_count, job.attempt) == (Status.COMPLETED, 0, 1)
