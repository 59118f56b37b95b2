"""Engines that cannot do their duty: a blocked loop, a database that is away."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
from django.db import connection

from ai_jobs.models import AIJob, Worker
from ai_jobs.states import EventKind, Status
from tests.engine.conftest import StartWorkers, SubmitProbe
from tests.worker_service import is_alive, wait_until


@contextmanager
def database_away() -> Iterator[None]:
    """Nobody but this test has a connection to the database, and nobody gets one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        mine = cursor.fetchone()[0]
    parameters = connection.get_connection_params()
    name = parameters["dbname"]
    parameters.pop("cursor_factory")
    outside = psycopg2.connect(**{**parameters, "dbname": "postgres"})
    outside.autocommit = True
    with closing(outside), outside.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s",
                [name, mine],
            )
            yield
        finally:
            cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_a_handler_that_blocks_ends_its_process_and_is_failed_in_the_end(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    service = start_workers(engines=1, PROBE_LEASE_SECONDS="2", PROBE_HEARTBEAT_SECONDS="0.5")
    blocking = submit_probe(block=600)
    wait_until(lambda: AIJob.objects.get().lone_crash_count == 1, what="its process ended")
    innocent = submit_probe()
    wait_until(lambda: not AIJob.objects.live().exists(), seconds=180, what="both are over")
    blocking.refresh_from_db()
    assert (blocking.status, blocking.error_code) == (Status.FAILED, "worker_crashed")
    assert AIJob.objects.get(pk=innocent.pk).status == Status.COMPLETED
    log = service.log.read_text()
    assert "engine_gives_up" in log
    assert "probe (" in log, "the log names the line that blocked"


def test_a_loop_that_lags_is_seen_in_the_workers_row(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    start_workers(engines=1, PROBE_HEARTBEAT_SECONDS="1")
    job = submit_probe(block=2.5)
    wait_until(lambda: Worker.objects.get().loop_lag_ms > 1_000, what="health shows the lag")
    wait_until(lambda: Worker.objects.get().loop_lag_ms < 500, what="and that it is over")
    job.refresh_from_db()
    assert job.status == Status.COMPLETED


def test_an_engine_without_a_heartbeat_for_four_leases_ends_its_process_and_another_takes_its_place(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    service = start_workers(engines=1, PROBE_LEASE_SECONDS="1", PROBE_HEARTBEAT_SECONDS="0.3")
    first = Worker.objects.get().pid
    with socket.create_server(("127.0.0.1", 0)) as vendor:
        vendor.settimeout(120)
        job = submit_probe(url=f"127.0.0.1:{vendor.getsockname()[1]}")
        running, _ = vendor.accept()
        with running, database_away():
            wait_until(
                lambda: "no heartbeat could be written for too long" in service.log.read_text(),
                what="the engine gives up",
            )
            wait_until(lambda: not is_alive(first), what="its process has ended")
        again, _ = vendor.accept()
        again.close()
    wait_until(lambda: AIJob.objects.get(pk=job.pk).status == Status.COMPLETED, what="it ran again")
    job.refresh_from_db()
    assert job.worker_id == Worker.objects.exclude(pid=first).get().pk


def test_an_engine_that_cannot_renew_stops_its_runs_and_goes_on_when_the_database_is_back(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    start_workers(engines=1, PROBE_LEASE_SECONDS="3", PROBE_HEARTBEAT_SECONDS="1")
    with socket.create_server(("127.0.0.1", 0)) as vendor:
        vendor.settimeout(120)
        job = submit_probe(url=f"127.0.0.1:{vendor.getsockname()[1]}")
        first, _ = vendor.accept()
        first.settimeout(60)
        with first, database_away():
            assert first.recv(1) == b"", "the run is cancelled, its connection closed"
            job.refresh_from_db()
            assert job.status == Status.PROCESSING, "nothing could be written"
        second, _ = vendor.accept()
        second.close()
    wait_until(lambda: AIJob.objects.get().status == Status.COMPLETED, what="it ran again")
    kinds = list(job.events.order_by("sequence").values_list("kind", flat=True))
    assert kinds.count(EventKind.RESCUED) == 1
    assert kinds[-1] == EventKind.COMPLETED
