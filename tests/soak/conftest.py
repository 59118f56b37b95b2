"""The fixtures of the engine's tests serve here too."""

from tests.engine.conftest import start_workers, submit_probe

__all__ = ["start_workers", "submit_probe"]
