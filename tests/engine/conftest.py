"""Real worker services on the test database."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection

from ai_jobs import lifecycle
from ai_jobs.health import live_workers
from ai_jobs.models import AIJob
from tests.worker_service import WorkerService, wait_until, worker_service

StartWorkers = Callable[..., WorkerService]
SubmitProbe = Callable[..., AIJob]


@pytest.fixture
def start_workers(transactional_db: None, tmp_path: Path) -> Iterator[StartWorkers]:
    """Starts a worker service (settings as keywords) and waits for its engines."""
    with ExitStack() as stack:

        def start(*, engines: int = 1, **environment: str) -> WorkerService:
            before = live_workers().count()
            service = stack.enter_context(
                worker_service(
                    log=tmp_path / "worker.log",
                    PROBE_DATABASE_NAME=connection.settings_dict["NAME"],
                    Q_WORKERS=str(engines),
                    # What still runs at the end of a test is not waited for.
                    **{"AI_JOBS_DRAIN_SECONDS": "0", **environment},
                )
            )
            wait_until(
                lambda: live_workers().count() == before + engines,
                what=f"{engines} engines started; log:\n{service.log.read_text()}",
            )
            return service

        yield start


@pytest.fixture
def submit_probe(transactional_db: None) -> SubmitProbe:
    """Submits a job of the type `probe` with the given parameters."""
    user = User.objects.create_user("prober")

    def submit(**parameters: object) -> AIJob:
        job = AIJob(
            user=user,
            job_type="probe",
            max_retries=settings.MAX_JOB_RETRIES,
            request_data={
                "instructions": "Draw: Red -> Green -> Blue",
                "style": "modern",
                "colorScheme": "default",
                **parameters,
            },
        )
        lifecycle.submit_jobs([job], actor_id=user.pk)
        return job

    return submit
