"""`manage.py remove_second_factor USERNAME`: for somebody who lost it."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from collabcanvas.lib import second_factor


class Command(BaseCommand):
    help = "Removes the second factor and the recovery codes of a user, who then signs in with the password alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="the name the person signs in with")

    def handle(self, *args: Any, **options: Any) -> None:
        username: str = options["username"]
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no user named {username!r}. Check the name.")
        if not second_factor.remove(user):
            raise CommandError(f"{username} has no second factor. There is nothing to remove.")
        self.stdout.write(f"{username} signs in with the password alone.")
