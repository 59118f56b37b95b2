"""Which provider plans the drawings of this installation."""

from ai_jobs.providers.base import Provider
from ai_jobs.providers.sketcher.provider import Sketcher


def build_provider() -> Provider:
    """The provider in use. Without a model's key that is the built-in sketcher."""
    return Sketcher()
