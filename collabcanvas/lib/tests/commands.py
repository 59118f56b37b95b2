"""Running a management command as a script would: its exit code and both of its outputs."""

import io
import json
from typing import Any, NamedTuple

from django.core.management import CommandError, call_command


class Said(NamedTuple):
    """What a command did."""

    code: int
    out: str
    error: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


def run_command(command: str, *arguments: object) -> Said:
    """The command has run in this process, on the test's database."""
    out, error = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command(command, *map(str, arguments), stdout=out, stderr=error)
    except CommandError as failure:
        code = failure.returncode
    return Said(code, out.getvalue(), error.getvalue())
