"""Processes, also those that are not our children: what the system says of them, and what share they get."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

_PROC = Path("/proc/self/stat")
_SESSION_SHARE = Path("/proc/self/autogroup")
_SHARE_TRIES = 20


def let_others_first(nice: int) -> None:
    """This process and those that it starts get less of a processor that others want, too.

    `nice` as for `nice(1)`: 0 changes nothing, with 10 it is a tenth of what others get, 19 is the most. What
    others leave it gets in any case. A process that was started with a higher value keeps it.
    """
    if nice == 0:
        return
    own = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, max(own, nice))
    # Linux shares out among sessions first (sched(7), "The autogroup feature"), and in there nice values say nothing
    # to those outside. Who does not lead its session would hold back the terminal that it was started from.
    if os.getsid(0) == os.getpid():
        # Not there, empty or not ours to write where the system shares out in another way.
        with contextlib.suppress(OSError, ValueError):
            given = int(_SESSION_SHARE.read_text().rpartition(" ")[2])
            _write_share(max(given, nice))


def _write_share(nice: int) -> None:
    for _ in range(_SHARE_TRIES):
        try:
            _SESSION_SHARE.write_text(str(nice))
        except BlockingIOError:
            # From those without rights Linux takes one a tenth of a second, of all processes together.
            time.sleep(0.1)
        else:
            return


def command_line(pid: int) -> str:
    """How the process was started; empty when there is none with this id."""
    if _PROC.exists():
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return ""
    listed = subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)], check=False, capture_output=True, text=True
    )
    return listed.stdout


def session_members(leader: int) -> list[int]:
    """The live processes of the session that this process began, also when it has ended itself."""
    if _PROC.exists():
        live = [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit()]
    else:
        listed = subprocess.run(["ps", "-A", "-o", "pid="], check=False, capture_output=True, text=True)
        live = [int(word) for word in listed.stdout.split()]
    return [pid for pid in live if _session_of(pid) == leader]


def _session_of(pid: int) -> int | None:
    if not _PROC.exists():
        with contextlib.suppress(OSError):
            return os.getsid(pid)
        return None
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    # The name in parentheses may hold anything; then: state, parent, group, session.
    state, _, _, session = stat.rpartition(")")[2].split()[:4]
    return None if state in "ZX" else int(session)


def kill_session(leader: int) -> None:
    """No process of that session is left."""
    for pid in session_members(leader):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
