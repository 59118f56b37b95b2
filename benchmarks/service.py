"""What every benchmark needs: a PostgreSQL of its own, migrated, and a real worker service on it."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from collabcanvas.lib.embedded_postgres import start_or_join  # noqa: E402


@contextmanager
def database() -> Iterator[None]:
    """An empty, migrated, durable database; Django is set up on it with the probe job types."""
    folder = Path(tempfile.mkdtemp(prefix="collabcanvas-benchmark-"))
    folder.chmod(0o711)
    server = start_or_join(folder, durable=True)
    os.environ.update(DATABASE_URL=server.url, DEBUG="1", DJANGO_SETTINGS_MODULE="tests.probe_settings")
    try:
        import django  # noqa: PLC0415  # needs the variables above
        from django.core.management import call_command  # noqa: PLC0415
        from django.db import connections  # noqa: PLC0415

        django.setup()
        # Loading rows in bulk is not what is measured here; DEBUG would record every statement.
        from django.conf import settings  # noqa: PLC0415

        settings.DEBUG = False
        call_command("migrate", verbosity=0)
        yield
        connections.close_all()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def machine() -> str:
    """The machine's size, for the record beside every figure."""
    with Path("/proc/meminfo").open() as lines:
        kilobytes = int(next(line for line in lines if line.startswith("MemTotal")).split()[1])
    return f"{len(os.sched_getaffinity(0))} cores, {kilobytes / 1024**2:.0f} GiB"
