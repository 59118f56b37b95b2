"""The WebSocket addresses."""

from django.urls import path

from ai_jobs.consumers import CanvasWithJobsConsumer, JobsConsumer

websocket_urlpatterns = [
    path("ws/jobs", JobsConsumer.as_asgi()),
    path("ws/canvases/<str:canvas_id>", CanvasWithJobsConsumer.as_asgi()),
]
