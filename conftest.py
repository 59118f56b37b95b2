"""Every test run has a PostgreSQL of its own in a temporary folder, unless DATABASE_URL names one."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import django
import hypothesis
import pytest
from django.conf import settings
from django.db import connection

from collabcanvas.lib.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError, start_or_join


def _remove(server: EmbeddedPostgres, folder: Path, made_by: int) -> None:
    # A process that a test has forked must not take the database away from the others.
    if os.getpid() == made_by:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


os.environ["DEBUG"] = os.environ.get("DEBUG") or "1"
# Tests run beside each other: a worker service that stands back would wait for the other tests.
os.environ.setdefault("WORKER_NICE", "0")
if not os.environ.get("DATABASE_URL"):
    _folder = Path(tempfile.mkdtemp(prefix="collabcanvas-tests-"))
    # When root runs the tests, the server's own account must be able to reach its data.
    _folder.chmod(0o711)
    try:
        _server = start_or_join(_folder, durable=False)
    except EmbeddedPostgresError as error:
        shutil.rmtree(_folder, ignore_errors=True)
        pytest.exit(str(error), returncode=2)
    os.environ["DATABASE_URL"] = _server.url
    atexit.register(_remove, _server, _folder, os.getpid())

# Here and not in pyproject.toml: pytest-django would read the settings before this file has set DATABASE_URL.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "collabcanvas.settings")
django.setup()
# The same generated examples in every run, however slow the machine; `--hypothesis-profile default` looks for others.
hypothesis.settings.load_profile("ci")
# WhiteNoise warns when it is missing, and warnings are errors here.
Path(settings.STATIC_ROOT).mkdir(exist_ok=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests that commit are cleaned up by emptying all tables, which the audit's lets nobody do."""
    # pytest-django makes the tests' database only where a test that was chosen says that it needs one.
    name = str(connection.settings_dict["NAME"])
    assert name.startswith("test_"), (
        f"{name} is no test's: whoever uses this fixture is marked with django_db"
    )
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE kernel_auditentry DISABLE TRIGGER audit_is_not_emptied")
