"""What our commands share: sentences and JSON on the right output, tables, and refusals with an exit code."""

import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, ClassVar, NoReturn

import typer
from django.contrib.auth.models import User
from django.core.management.base import OutputWrapper
from django.core.serializers.json import DjangoJSONEncoder
from django.db import Error, InterfaceError, OperationalError, ProgrammingError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from typer._click.exceptions import UsageError

from collabcanvas.lib.errors import AppError, InvalidInput, Unavailable
from collabcanvas.lib.metrics import share_counts

NO_TABLES = "The database has no tables for this yet. Run: python manage.py migrate"
NO_DATABASE = "The database does not answer. Check DATABASE_URL and that the server is running."
REFUSED = 2
UNAVAILABLE = 5
# As a shell says of a program that the system ended for it.
NOBODY_READS = 141


class NoSuchUser(InvalidInput):
    code = "no_such_user"


class OutputLost(Exception):
    """What was to be said could not be written."""

    def __init__(self, reason: OSError) -> None:
        super().__init__(str(reason))
        self.reason = reason


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputLost(error) from error


class TerminalAnswers:
    """Base beside `TyperCommand`, before it, of a command whose subcommands take `--json`.

    Answers go to standard output, everything else to standard error. With `--json`, standard output carries
    exactly one document, whatever happens.
    """

    # The person at this terminal reads answers, not the log of this app.
    quiet_log: ClassVar[str]
    stdout: OutputWrapper
    stderr: OutputWrapper
    no_color: bool

    def _say(self, text: str) -> None:
        self._write(printable(text))

    def _complain(self, text: str) -> None:
        with _writing():
            self.stderr.write(printable(text), style_func=str)

    def _print_json(self, document: dict[str, Any]) -> None:
        self._write(json.dumps(document, cls=DjangoJSONEncoder, indent=2, ensure_ascii=True))

    def _write(self, text: str) -> None:
        with _writing():
            self.stdout.write(text)
            # Now, and not when Python ends: then nobody could say any more that it did not work.
            self.stdout.flush()

    def _render(self, table: Table) -> None:
        is_terminal = self.stdout.isatty()
        console = Console(
            file=sys.stdout if is_terminal else None,
            # Not a terminal: nothing is cut off to fit one.
            width=None if is_terminal else 400,
            no_color=self.no_color,
        )
        if is_terminal:
            with _writing():
                console.print(table)
            return
        with console.capture() as captured:
            console.print(table)
        self._write("\n".join(line.rstrip() for line in captured.get().splitlines()))

    @contextmanager
    def _bar(self, doing: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
        """A function that moves a progress bar to `done` of `total` on a terminal; elsewhere nothing is shown."""
        if quiet or not self.stderr.isatty():
            yield lambda done, total: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(file=sys.stderr)) as bar:
            task = bar.add_task(doing, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)

    @contextmanager
    def _answering(self, as_json: bool) -> Iterator[None]:
        """Whatever goes wrong inside becomes a sentence and an exit code."""
        log = logging.getLogger(self.quiet_log)
        level = log.level
        log.setLevel(logging.WARNING)
        try:
            yield
        except AppError as error:
            code = UNAVAILABLE if isinstance(error, Unavailable) else REFUSED
            self._refuse(error, code, as_json)
        except ProgrammingError:
            self._refuse(Unavailable(NO_TABLES), UNAVAILABLE, as_json)
        except (OperationalError, InterfaceError):
            self._refuse(Unavailable(NO_DATABASE), UNAVAILABLE, as_json)
        finally:
            log.setLevel(level)
            # What this command did counts too; without a database there is nothing to count.
            with suppress(Error):
                share_counts()

    def _refuse(self, error: AppError, code: int, as_json: bool) -> NoReturn:
        if as_json:
            self._print_json(error.as_dict())
        self._complain(error.message)
        raise typer.Exit(code)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        if isinstance(error, OutputLost) and getattr(self, "_called_from_command_line", False):
            _leave(error.reason)
        # django-typer would print the whole help to stdout and leave with 1, our code for a failed job.
        if isinstance(error, UsageError) and getattr(self, "_called_from_command_line", False):
            as_json = "--json" in sys.argv
            if as_json:
                self._print_json({"error": error.format_message(), "code": "usage"})
            where = error.ctx.command_path if error.ctx else "manage.py"
            self._complain(f"{error.format_message().rstrip('.')}. See: {where} --help")
            sys.exit(REFUSED)
        handled: bool | None = super().__exit__(kind, error, trace)  # type: ignore[misc]  # TyperCommand's
        return handled


def _leave(reason: OSError) -> NoReturn:
    """Ends the program whose output cannot be written; what is left of it goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
    if isinstance(reason, BrokenPipeError):
        sys.exit(NOBODY_READS)
    sys.stderr.write(f"What there is to say cannot be written: {reason.strerror}.\n")
    sys.exit(UNAVAILABLE)


def user_named(username: str) -> User:
    """The active user of that name; raises `NoSuchUser`."""
    # NUL and lone surrogates cannot be in any name, and PostgreSQL would refuse the question.
    user = User.objects.filter(username=username, is_active=True).first() if username.isprintable() else None
    if user is None:
        raise NoSuchUser(f"There is no active user named {username!r}. Check the name.")
    return user


def printable(text: str) -> str:
    """The text without what would steer a terminal or cannot be encoded; line breaks and tabs stay."""
    return "".join(
        character if character.isprintable() or character in "\n\t" else "\ufffd" for character in text
    )
