"""`manage.py api_token USERNAME`: a fresh token for programs."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from knox.models import AuthToken


class Command(BaseCommand):
    help = "Prints a fresh API token for a user. It is shown this once; earlier tokens stay valid."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="the name the person signs in with")

    def handle(self, *args: Any, **options: Any) -> None:
        username: str = options["username"]
        user = get_user_model().objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(
                f"There is no active user named {username!r}. Check the name, or create it in the admin."
            )
        _, token = AuthToken.objects.create(user)
        self.stdout.write(token)
