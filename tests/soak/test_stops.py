"""Stopping the worker service with jobs running, many times; `STOPS=100` for the long version."""

import os

from tests.engine.conftest import StartWorkers, SubmitProbe
from tests.soak.stops import DRAIN_SECONDS, stop_often


def test_every_stop_ends_in_time_and_costs_no_job_an_attempt(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    for _ in range(20):
        submit_probe(seconds=600)

    stops = stop_often(
        int(os.environ.get("STOPS", "6")),
        start=lambda: start_workers(
            engines=2, AI_JOBS_DRAIN_SECONDS=str(DRAIN_SECONDS), AI_JOBS_PER_USER="100"
        ),
        running=20,
    )

    assert [stop for stop in stops if not stop.is_clean] == []
