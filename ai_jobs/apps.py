"""The ai_jobs app."""

from django.apps import AppConfig


class AIJobsConfig(AppConfig):
    name = "ai_jobs"
