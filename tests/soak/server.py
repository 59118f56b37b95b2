"""A PostgreSQL that the soak may break: stopped as if it had crashed, and started again."""

import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

import psutil

from collabcanvas.lib.embedded_postgres import EmbeddedPostgresError, start_or_join


class Server:
    """One durable server in a folder of its own: what it has committed must survive each of its ends."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="collabcanvas-soak-"))
        self.folder.chmod(0o711)
        # Held to the end: whoever keeps the server of this folder sees that it is in use.
        self._use = start_or_join(self.folder, durable=True)
        self.url = self._use.url
        self.data_directory = self.folder / "postgres"

    def crash(self) -> None:
        """PostgreSQL's immediate shutdown: no checkpoint, every connection is cut, recovery at the next start."""
        postmaster = psutil.Process(
            int((self.data_directory / "postmaster.pid").read_text().split("\n", 1)[0])
        )
        os.kill(postmaster.pid, signal.SIGQUIT)
        psutil.wait_procs([postmaster], timeout=30)

    def start(self) -> None:
        """It runs again."""
        deadline = time.monotonic() + 60
        while True:
            try:
                start_or_join(self.folder, durable=True).close()
                return
            except EmbeddedPostgresError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def remove(self) -> None:
        """It is stopped and its folder is gone."""
        self._use.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
