"""CollabCanvas: a collaborative canvas whose AI work runs as durable background jobs."""

__version__ = "0.1.0"
