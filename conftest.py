"""Every test run has a PostgreSQL of its own in a temporary folder, unless DATABASE_URL names one."""

import os
import shutil
import tempfile
from pathlib import Path

import django
import pytest
from django.conf import settings

from collabcanvas.lib.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError, start_or_join

_server: EmbeddedPostgres | None = None
_folder: Path | None = None

os.environ["DEBUG"] = os.environ.get("DEBUG") or "1"
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

# Here and not in pyproject.toml: pytest-django would read the settings before this file has set DATABASE_URL.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "collabcanvas.settings")
django.setup()
# WhiteNoise warns when it is missing, and warnings are errors here.
Path(settings.STATIC_ROOT).mkdir(exist_ok=True)


def pytest_unconfigure() -> None:
    if _server:
        _server.stop()
    if _folder:
        shutil.rmtree(_folder, ignore_errors=True)
