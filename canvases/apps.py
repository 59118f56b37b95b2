"""The canvases app."""

from django.apps import AppConfig


class CanvasesConfig(AppConfig):
    name = "canvases"
