"""AI jobs and their workers for operators: look at everything, steer through the services."""

from ai_jobs.admin import jobs, pauses, people, token_uses, workers

__all__ = ["jobs", "pauses", "people", "token_uses", "workers"]
