"""The soak with crashes in short; `make soak` runs the long one."""

import subprocess
import sys

from tests.worker_service import PROJECT


def test_crashes_of_every_kind_lose_and_double_nothing() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.soak"),
            *("--jobs", "1200", "--seed", "7", "--kills", "9", "--restarts", "1", "--cuts", "1"),
            *("--patience", "240"),
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
