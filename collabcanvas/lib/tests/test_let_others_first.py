"""What a process that stands back takes from itself, and from nobody else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from collabcanvas.supervisor import PROJECT

_SESSION_SHARE = Path("/proc/self/autogroup")


@pytest.mark.skipif(not _SESSION_SHARE.exists(), reason="this system does not share out among sessions")
def test_a_worker_in_a_terminal_leaves_the_session_its_share() -> None:
    lower = (
        "import os; from collabcanvas.lib.processes import let_others_first; let_others_first(7);"
        "print(os.getpriority(os.PRIO_PROCESS, 0), flush=True)"
    )
    shell = subprocess.run(
        ["sh", "-c", '"$0" -c "$1"; cat "$2"', sys.executable, lower, _SESSION_SHARE],
        cwd=PROJECT,
        start_new_session=True,
        capture_output=True,
        text=True,
        check=True,
    )
    own, session = shell.stdout.splitlines()
    assert int(own) == max(7, os.getpriority(os.PRIO_PROCESS, 0))
    assert session.endswith(" nice 0")
