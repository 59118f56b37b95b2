#!/usr/bin/env python
"""Django's command line for CollabCanvas; without DATABASE_URL it brings its own PostgreSQL."""

import atexit
import json
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from collabcanvas.lib.embedded_postgres import EmbeddedPostgresError, start_or_join
from collabcanvas.lib.origin import Channel, Origin, acting

# These never ask the database, so they need not wait for one.
WITHOUT_DATABASE = {
    "", "help", "--help", "-h", "version", "--version", "check", "collectstatic", "compilemessages",
    "diffsettings", "findstatic", "makemessages", "spectacular", "startapp",
}  # fmt: skip
NO_DATABASE_URL = "postgresql://postgres@/none?host=/nonexistent"


# What these leave with when they cannot even begin; with 1, `aijobs` would say that a job failed.
UNAVAILABLE = {"aijobs": 5, "canvases": 5, "doctor": 2}


def refuse_to_start(sentence: str) -> NoReturn:
    """Says why; to a script that asked for JSON, as every refusal of our commands is said."""
    sys.stderr.write(f"{sentence}\n")
    if "--json" in sys.argv:
        sys.stdout.write(json.dumps({"error": sentence, "code": "cannot_start"}) + "\n")
    command = "".join(sys.argv[1:2])
    sys.exit(2 if command == "aijobs" and "health" in sys.argv[2:3] else UNAVAILABLE.get(command, 1))


def provide_database(arguments: list[str]) -> None:
    """DATABASE_URL is set, unless this is production: there, settings.py says what is missing.

    The embedded server is stopped at the end of this process, unless others use it too.
    """
    switched_off = os.environ.get("DEBUG", "").strip().lower() in {"0", "false", "no", "off"}
    if os.environ.get("DATABASE_URL") or switched_off or os.environ.get("RAILWAY_ENVIRONMENT"):
        return
    command = arguments[1] if len(arguments) > 1 else ""
    asks_for_help = "--help" in arguments or "-h" in arguments
    if asks_for_help or (command in WITHOUT_DATABASE and "--database" not in arguments):
        os.environ["DATABASE_URL"] = NO_DATABASE_URL
    else:
        data_folder = os.environ.get("COLLABCANVAS_DATA") or Path(__file__).resolve().parent / ".data"
        try:
            server = start_or_join(Path(data_folder))
        except EmbeddedPostgresError as error:
            refuse_to_start(str(error))
        atexit.register(server.close)
        os.environ["DATABASE_URL"] = server.url
    os.environ["DEBUG"] = os.environ.get("DEBUG") or "1"


if __name__ == "__main__":
    if isinstance(sys.stdout, TextIOWrapper):
        # Names hold letters that an output of few letters does not know.
        sys.stdout.reconfigure(errors="backslashreplace")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "collabcanvas.settings")
    provide_database(sys.argv)
    try:
        settings.DEBUG  # noqa: B018 - reading one setting loads them all
    except ImproperlyConfigured as error:
        refuse_to_start(f"CollabCanvas cannot start: {error}")
    # The worker service is nobody's act.
    channel: Channel = "system" if "qcluster" in sys.argv[1:2] else "cli"
    with acting(Origin(channel=channel)):
        execute_from_command_line(sys.argv)
