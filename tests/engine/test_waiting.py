"""Places in line and estimates, live from real engines."""

import json
import socket
from typing import Any

import psycopg2
import pytest

from ai_jobs.models import AIJob, RunTime
from collabcanvas.lib.channel_layer import NOTIFY_CHANNEL, connect_outside_pool
from tests.engine.conftest import StartWorkers, SubmitProbe
from tests.worker_service import wait_until


@pytest.fixture
def listener(transactional_db: None):
    connection = connect_outside_pool(application_name="test listener")
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {NOTIFY_CHANNEL}")
    yield connection
    connection.close()


def messages(connection: "psycopg2.extensions.connection") -> list[dict[str, Any]]:
    connection.poll()
    return [
        envelope[1]["message"]
        for bell in connection.notifies
        for envelope in json.loads(bell.payload)
        if isinstance(envelope, list)
    ]


def test_a_waiting_job_hears_how_it_moves_up(
    start_workers: StartWorkers, submit_probe: SubmitProbe, listener
):
    start_workers(engines=1, MAX_CONCURRENT_JOBS="1", PROBE_HEARTBEAT_SECONDS="0.5", PROBE_LEASE_SECONDS="5")

    def heard() -> list[Any]:
        return [
            message["queue"]
            for message in messages(listener)
            if message.get("job_id") == str(last.pk) and "queue" in message
        ]

    with socket.create_server(("127.0.0.1", 0)) as vendor:
        vendor.settimeout(60)
        address = f"127.0.0.1:{vendor.getsockname()[1]}"
        submit_probe(url=address)
        first, _ = vendor.accept()
        submit_probe(url=address)
        last = submit_probe(seconds=0)
        wait_until(lambda: any(queue["position"] == 2 for queue in heard()), what="it is second in line")
        first.close()
        second, _ = vendor.accept()
        wait_until(lambda: any(queue["position"] == 1 for queue in heard()), what="it is first in line")
        second.close()
    wait_until(lambda: not AIJob.objects.live().exists(), what="all are done")
    assert heard()[0]["position"] == 2
    assert {queue["waiting_reason"] for queue in heard()} == {"behind_others"}
    assert heard()[-1]["eta_seconds"] is not None, "the first run was measured by then"
    wait_until(
        lambda: RunTime.objects.filter(job_type="probe", runs=3).exists(), what="the runs are measured"
    )
    assert 0 <= RunTime.objects.get().seconds < 60
