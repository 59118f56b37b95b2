"""The image's health check: `python -m collabcanvas.container_health` succeeds when the web process does.

In a worker's container, where process 1 is no web process, it succeeds: workers report by heartbeats.
"""

import json
import os
import sys
import urllib.request
from pathlib import Path

# A name that is surely allowed; the request does not leave the container.
_FALLBACK_HOST = "localhost"


def is_healthy() -> bool:
    """Whether the web process of this container answers and has its database."""
    command = Path("/proc/1/cmdline")
    if command.exists() and b"qcluster" in command.read_bytes():
        return True
    allowed = [name.strip().lstrip(".") for name in os.environ.get("ALLOWED_HOSTS", "").split(",")]
    host = next((name for name in allowed if name and name != "*"), _FALLBACK_HOST)
    address = f"http://127.0.0.1:{os.environ.get('PORT') or '8000'}/api/ai-agent/health"
    request = urllib.request.Request(address, headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310 - our own address
            return bool(json.load(answer).get("status") == "healthy")
    except (OSError, ValueError):
        return False


if __name__ == "__main__":
    sys.exit(not is_healthy())
