"""Cancelling while a job runs."""

import socket

from ai_jobs import services
from ai_jobs.states import Status
from tests.engine.conftest import StartWorkers, SubmitProbe
from tests.worker_service import wait_until


def test_a_running_job_stops_and_its_request_is_closed(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    start_workers(engines=1)
    with socket.create_server(("127.0.0.1", 0)) as vendor:
        vendor.settimeout(60)
        job = submit_probe(url=f"127.0.0.1:{vendor.getsockname()[1]}")
        request, _ = vendor.accept()
        with request:
            request.settimeout(60)
            services.cancel_job(user=job.user, job_id=job.pk)
            assert request.recv(1) == b"", "the worker closes its connection"
    job.refresh_from_db()
    assert job.status == Status.CANCELLED
    assert job.cancel_requested_by == job.user
    assert job.cancel_requested_at is not None
    wait_until(lambda: job.events.latest("sequence").kind == Status.CANCELLED, what="the history says so")
