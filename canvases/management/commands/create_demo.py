"""`manage.py create_demo`: two accounts and a shared canvas to try things with."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from canvases.demo import PASSWORD, TITLE, ensure_demo

_REFUSED = (
    "The demo accounts have a password that everybody knows, so they are not created when DEBUG is off. "
    "Create your own with `manage.py createsuperuser`."
)


class Command(BaseCommand):
    help = "Creates the demo accounts ada and ben and a canvas they share, unless they exist (DEBUG only)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(_REFUSED)
        demo = ensure_demo()
        self.stdout.write(
            f'Sign in as {demo.ada.username} or {demo.ben.username} with the password "{PASSWORD}". '
            f'Both edit the canvas "{TITLE}" (/c/{demo.canvas.pk}); '
            f"{demo.ada.username} may open the admin too."
        )
