"""`manage.py api_token USERNAME`: a fresh token for programs."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError, ProgrammingError
from knox.models import AuthToken

from collabcanvas.lib.terminal import NO_DATABASE, NO_TABLES


class Command(BaseCommand):
    help = "Prints a fresh API token for a user. It is shown this once; earlier tokens stay valid."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="the name the person signs in with")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(self._new_token(options["username"]))
        except ProgrammingError as error:
            raise CommandError(NO_TABLES) from error
        except (OperationalError, InterfaceError) as error:
            raise CommandError(NO_DATABASE) from error

    def _new_token(self, username: str) -> str:
        user = get_user_model().objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(
                f"There is no active user named {username!r}. Check the name, or create it in the admin."
            )
        token: str = AuthToken.objects.create(user)[1]
        return token
