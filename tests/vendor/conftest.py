"""Workers and a vendor for tests of language models."""

from collections.abc import Iterator

import pytest

from tests.engine.conftest import start_workers  # noqa: F401  # a fixture for this folder too
from tests.vendor.server import Vendor, vendor


@pytest.fixture
def model_vendor() -> Iterator[Vendor]:
    """A vendor of this test's own."""
    with vendor() as running:
        yield running
