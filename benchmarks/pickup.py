"""How long an idle worker service takes from the commit of a submission to the first line of its handler.

Run `python benchmarks/pickup.py [--jobs N]`. The clock starts before COMMIT is sent, so writing to disk is
included; jobs are submitted one at a time, each after the one before it is over.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.service import database, machine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--engines", type=int, default=2)
    arguments = parser.parse_args()
    with database(), tempfile.TemporaryDirectory() as folder:
        delays = _measure(arguments.jobs, arguments.engines, Path(folder) / "worker.log")
    figures = {
        "jobs": arguments.jobs,
        "engines": arguments.engines,
        "pickup_ms": {
            "median": round(statistics.median(delays), 2),
            "p99": round(statistics.quantiles(delays, n=100)[98], 2),
            "max": round(max(delays), 2),
        },
        "machine": machine(),
    }
    print(json.dumps(figures, indent=2))


def _measure(jobs: int, engines: int, log: Path) -> list[float]:
    from django.contrib.auth.models import User  # noqa: PLC0415  # Django is set up by `database`
    from django.db import transaction  # noqa: PLC0415

    from ai_jobs import lifecycle  # noqa: PLC0415
    from ai_jobs.health import live_workers  # noqa: PLC0415
    from ai_jobs.models import AIJob  # noqa: PLC0415
    from tests.worker_service import wait_until, worker_service  # noqa: PLC0415

    user = User.objects.create_user("benchmark")
    delays = []
    with worker_service(log=log, Q_WORKERS=str(engines)):
        wait_until(lambda: live_workers().count() == engines, what="the engines started")
        for _ in range(jobs + 10):
            with transaction.atomic():
                job = AIJob.objects.create(
                    user=user,
                    job_type="probe",
                    max_retries=0,
                    request_data={"instructions": "-", "style": "modern", "colorScheme": "default"},
                )
                lifecycle.announce_submitted(job_id=job.pk, actor_id=user.pk)
                committed_at = time.time()
            while job.result_data is None:
                time.sleep(0.005)
                job.refresh_from_db(fields=["result_data"])
            delays.append((job.result_data["usage"]["first_line_at"] - committed_at) * 1000)
            # Idle means idle: let bookkeeping finish, at a moment that no timer shares.
            time.sleep(random.uniform(0.01, 0.05))
    # The first ones warm up connections and caches.
    return delays[10:]


if __name__ == "__main__":
    main()
