"""What watches over CollabCanvas agrees with itself, and is itself looked at."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from ai_jobs import health
from tests.running import PROJECT

EXPRESSIONS = {
    rule["alert"]: rule["expr"]
    for group in yaml.safe_load((PROJECT / "docs/monitoring/alerts.yml").read_text())["groups"]
    for rule in group["rules"]
}


@pytest.mark.parametrize(
    ("alert", "metric", "limit"),
    [
        ("JobsWaitTooLong", "collabcanvas_oldest_ready_seconds", f"{health.OLDEST_READY_SECONDS:g}"),
        ("WorkerLate", "collabcanvas_worker_loop_lag_seconds)", f"{health.LOOP_LAG_MS / 1000:g}"),
        (
            "CanaryStale",
            "collabcanvas_canary_age_seconds",
            f"collabcanvas_canary_interval_seconds + {health.CANARY_GRACE_SECONDS:g}",
        ),
    ],
)
def test_health_and_the_alerts_have_the_same_limits(alert: str, metric: str, limit: str) -> None:
    assert EXPRESSIONS[alert].endswith(f"{metric} > {limit}")


@pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)])
def test_without_prometheus_continuous_integration_fails(tmp_path: Path, ci: str, status: int) -> None:
    for tool in ("sh", "id"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or "")
    done = subprocess.run(
        [str(PROJECT / ".ci" / "find-prometheus")],
        env={**os.environ, "PATH": str(tmp_path), "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status
    assert re.search(r"no Prometheus here.*install it", done.stderr)
