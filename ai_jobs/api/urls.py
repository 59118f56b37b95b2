"""The addresses under `/api/` that belong to jobs."""

from django.urls import path

from ai_jobs.api import published
from ai_jobs.api.views import (
    BatchProgressView,
    BatchView,
    CanvasHistoryView,
    CanvasJobsViewSet,
    JobViewSet,
)

urlpatterns = [
    path("ai-agent/create-canvas", published.CreateCanvasView.as_view(), name="ai-agent-create-canvas"),
    path("ai-agent/modify-canvas", published.ModifyCanvasView.as_view(), name="ai-agent-modify-canvas"),
    path("ai-agent/job/<str:job_id>/status", published.JobStatusView.as_view(), name="ai-agent-job-status"),
    path("ai-agent/job/<str:job_id>/result", published.JobResultView.as_view(), name="ai-agent-job-result"),
    path("ai-agent/job/<str:job_id>/cancel", published.JobCancelView.as_view(), name="ai-agent-job-cancel"),
    path("ai-agent/job/<str:job_id>/retry", published.JobRetryView.as_view(), name="ai-agent-job-retry"),
    path("ai-agent/jobs", published.JobListView.as_view(), name="ai-agent-jobs"),
    path("ai-agent/jobs/stats", published.JobStatsView.as_view(), name="ai-agent-jobs-stats"),
    path("ai-agent/health", published.HealthView.as_view(), name="ai-agent-health"),
    path("jobs", JobViewSet.as_view({"get": "list", "post": "create"}), name="jobs"),
    path("jobs/batch", BatchView.as_view(), name="jobs-batch"),
    path("jobs/batch/<str:batch_id>", BatchProgressView.as_view(), name="job-batch"),
    path(
        "jobs/<str:job_id>",
        JobViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="job",
    ),
    path("jobs/<str:job_id>/cancel", JobViewSet.as_view({"post": "cancel"}), name="job-cancel"),
    path("jobs/<str:job_id>/retry", JobViewSet.as_view({"post": "retry"}), name="job-retry"),
    path("jobs/<str:job_id>/undo", JobViewSet.as_view({"post": "undo"}), name="job-undo"),
    path("jobs/<str:job_id>/redo", JobViewSet.as_view({"post": "redo"}), name="job-redo"),
    path("jobs/<str:job_id>/result", JobViewSet.as_view({"get": "result"}), name="job-result"),
    path("jobs/<str:job_id>/events", JobViewSet.as_view({"get": "events"}), name="job-events"),
    path("canvases/<str:canvas_id>/jobs", CanvasJobsViewSet.as_view({"get": "list"}), name="canvas-jobs"),
    path("canvases/<str:canvas_id>/history", CanvasHistoryView.as_view(), name="canvas-history"),
]
