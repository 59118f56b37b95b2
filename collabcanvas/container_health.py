"""The image's health check: `python -m collabcanvas.container_health` succeeds when the service of its container works.
Otherwise it says what is wrong (`docker inspect` shows it).

For a web process that is `/health/ready`; for a worker, that an engine of this container gave a sign of life lately. No
Django is loaded for it: it runs every few seconds.
"""

import os
import socket
import sys
import urllib.error
import urllib.request
from http.client import HTTPException
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


def fault() -> str:
    """What keeps the service of this container from its work, as a sentence; empty when nothing does."""
    command = Path("/proc/1/cmdline")
    if command.exists() and b"qcluster" in command.read_bytes():
        return fault_of_worker()
    return fault_of_web()


def fault_of_web() -> str:
    """Why the web process at PORT is not ready; empty when it is."""
    allowed = [name.strip().lstrip(".") for name in os.environ.get("ALLOWED_HOSTS", "").split(",")]
    host = next((name for name in allowed if name and name != "*"), _FALLBACK_HOST)
    address = f"http://127.0.0.1:{os.environ.get('PORT') or '8000'}/health/ready"
    request = urllib.request.Request(address, headers={"Host": host})
    try:
        # Not through the proxy that a container's environment may name.
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=4):
            return ""
    except urllib.error.HTTPError as error:
        said = error.read(1_000).decode(errors="replace")
        return f"{address} answered {error.code}: {said}"
    except (OSError, HTTPException) as error:
        return f"{address} does not answer ({error}). Is PORT the one that web listens on?"


def fault_of_worker() -> str:
    """Why no engine of this host is known to live, one that drains included; empty when one is."""
    try:
        connection = psycopg2.connect(os.environ.get("DATABASE_URL", ""), connect_timeout=3)
        try:
            with connection.cursor() as cursor:
                cursor.execute(_SIGN_OF_LIFE, [socket.gethostname()])
                (is_alive,) = cursor.fetchone()
        finally:
            connection.close()
    except psycopg2.Error:
        # Not in libpq's words, which can hold the password of an address that it misread.
        return "The database at DATABASE_URL cannot be asked. In this container, `python manage.py doctor` says why."
    if is_alive:
        return ""
    return "No engine of this container has given a sign of life for 30 s. Its log says why."


if __name__ == "__main__":
    sys.exit(fault() or None)
