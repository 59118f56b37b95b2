"""More web processes beside the running CollabCanvas, on the same database, each with an environment of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.running import PROJECT, free_port, wait_until


@contextmanager
def web_process(*, database_url: str, log: Path, **environment: str) -> Iterator[str]:
    """daphne answers at the address that is given, with the settings of `environment`."""
    port = free_port()
    address = f"http://localhost:{port}"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "daphne", "-v", "0", "-p", str(port), "collabcanvas.asgi:application"],
            cwd=PROJECT,
            env={**os.environ, "DEBUG": "1", "DATABASE_URL": database_url, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return httpx.get(f"{address}/api/ai-agent/health").status_code == 200
        except httpx.TransportError:
            return False

    try:
        wait_until(answers, f"a web process answers; log: {log}")
        yield address
    finally:
        process.terminate()
        process.wait(90)
