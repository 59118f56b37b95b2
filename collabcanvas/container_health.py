"""The image's health check: `python -m collabcanvas.container_health` succeeds when the service of its container works.

For a web process that is `/health/ready`; for a worker, that an engine of this container gave a sign of life lately. No
Django is loaded for it: it runs every few seconds.
"""

import os
import socket
import sys
import urllib.request
from pathlib import Path

import psycopg2

# A name that is surely allowed; the request does not leave the container.
_FALLBACK_HOST = "localhost"
_SIGN_OF_LIFE = """
    SELECT EXISTS (
        SELECT FROM ai_jobs_worker
        WHERE host = %s AND heartbeat_at > clock_timestamp() - interval '30 seconds'
    )
"""


def is_healthy() -> bool:
    """Whether the service of this container does its work."""
    command = Path("/proc/1/cmdline")
    if command.exists() and b"qcluster" in command.read_bytes():
        return worker_is_healthy()
    return web_is_healthy()


def web_is_healthy() -> bool:
    """Whether the web process at PORT is ready."""
    allowed = [name.strip().lstrip(".") for name in os.environ.get("ALLOWED_HOSTS", "").split(",")]
    host = next((name for name in allowed if name and name != "*"), _FALLBACK_HOST)
    address = f"http://127.0.0.1:{os.environ.get('PORT') or '8000'}/health/ready"
    request = urllib.request.Request(address, headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except OSError:
        return False


def worker_is_healthy() -> bool:
    """Whether an engine of this host wrote its heartbeat; also one that drains does."""
    try:
        connection = psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=3)
        try:
            with connection.cursor() as cursor:
                cursor.execute(_SIGN_OF_LIFE, [socket.gethostname()])
                return bool(cursor.fetchone()[0])
        finally:
            connection.close()
    except psycopg2.Error:
        return False


if __name__ == "__main__":
    sys.exit(not is_healthy())
