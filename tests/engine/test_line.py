"""The line on which an engine hears doorbells and claims: cut, slow, and asked to stop in the middle of a claim."""

import os
import select
import signal

from django.db import connection

from ai_jobs import claims
from ai_jobs.events import READY_CHANNEL
from ai_jobs.models import AIJob
from ai_jobs.states import Status
from collabcanvas.lib.channel_layer import connect_outside_pool
from tests.engine.conftest import StartWorkers, SubmitProbe
from tests.worker_service import children_of, wait_until


def _lines() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'collabcanvas engine' AND datname = %s",
            [connection.settings_dict["NAME"]],
        )
        return {pid for (pid,) in cursor.fetchall()}


def _claims_asked_on() -> set[int]:
    """Lines whose last statement was a claim that has ended: whoever claims has listened before."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT pid FROM pg_stat_activity WHERE application_name = 'collabcanvas engine' AND datname = %s
                AND state = 'idle' AND query LIKE '%%EXECUTE%%'
            """,
            [connection.settings_dict["NAME"]],
        )
        return {pid for (pid,) in cursor.fetchall()}


def test_an_engine_whose_line_is_cut_connects_again_and_hears_the_next_doorbell(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    # No poll within the time of this test: only a doorbell can start the job.
    start_workers(JOB_PROCESSING_INTERVAL="600")
    wait_until(_lines, what="the engine has a line")
    before = _lines()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) AS pid", [list(before)])
    wait_until(lambda: _lines() - before, what="the engine has a new line")
    job = submit_probe(seconds=0)
    wait_until(lambda: _status(job) == Status.COMPLETED, what="the job ran")


def test_a_doorbell_that_is_read_along_with_the_answer_to_a_claim_is_heard(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    service = start_workers(JOB_PROCESSING_INTERVAL="600")
    wait_until(_claims_asked_on, what="the engine has asked for jobs")
    engines = children_of(service.process.pid)
    observer = connect_outside_pool(application_name="test observer")
    try:
        with observer.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [claims.CLAIM_LOCK])
            cursor.execute(f"NOTIFY {READY_CHANNEL}")
            wait_until(_a_claim_waits, what="the engine is in the middle of a claim")
            for pid in engines:
                os.kill(pid, signal.SIGSTOP)
            try:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [claims.CLAIM_LOCK])
                wait_until(_claims_asked_on, what="the claim has found nothing")
                cursor.execute(f"LISTEN {READY_CHANNEL}")
                job = submit_probe(seconds=0)
                assert any(select.select([observer], [], [], 30)), "the doorbell has rung"
            finally:
                # From here on both are read at once.
                for pid in engines:
                    os.kill(pid, signal.SIGCONT)
    finally:
        observer.close()
    wait_until(lambda: _status(job) == Status.COMPLETED, what="the job ran")


def test_a_stop_in_the_middle_of_a_claim_hands_back_what_was_claimed(
    start_workers: StartWorkers, submit_probe: SubmitProbe
) -> None:
    service = start_workers(AI_JOBS_DRAIN_SECONDS="10")
    obstacle = connect_outside_pool(application_name="test obstacle")
    try:
        with obstacle.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [claims.CLAIM_LOCK])
            job = submit_probe(seconds=600)
            wait_until(_a_claim_waits, what="the engine is in the middle of a claim")
            service.process.send_signal(signal.SIGTERM)
            wait_until(lambda: "engine_draining" in service.log.read_text(), what="the engine drains")
            cursor.execute("SELECT pg_advisory_unlock(%s)", [claims.CLAIM_LOCK])
        assert service.process.wait(90) == 0
    finally:
        obstacle.close()
    job.refresh_from_db()
    assert (job.status, job.attempt, job.crash_count) == (Status.QUEUED, 0, 0)


def _a_claim_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(cursor.fetchone()[0])


def _status(job: AIJob) -> str:
    job.refresh_from_db()
    return job.status
