"""`manage.py doctor`: looks at each part that CollabCanvas needs and says what to do for those that do not work."""

from typing import Annotated

import typer
from django_typer.management import TyperCommand
from rich.table import Table
from rich.text import Text

from ai_jobs.doctor import Checked, State, examine
from collabcanvas.lib.terminal import TerminalAnswers

_LOOKS = {State.OK: "green", State.WARNING: "yellow", State.BROKEN: "bold red", State.SKIPPED: "dim"}
_EPILOG = (
    "Exit codes: 0 all works; 1 it works, but something needs a look; 2 something is broken, or wrong usage."
)


class Command(TerminalAnswers, TyperCommand, rich_markup_mode=None, epilog=_EPILOG):
    help = "Check database, notifications, workers, provider, mail, static files and settings, and say what to do."
    # It runs the checks itself and goes on where they fail.
    requires_system_checks: list[str] = []
    quiet_log = "ai_jobs"

    def handle(
        self,
        as_json: Annotated[
            bool, typer.Option("--json", help="Print one JSON document and nothing else.")
        ] = False,
    ) -> None:
        with self._answering(as_json):
            checked = list(examine())
        states = {item.state for item in checked}
        if as_json:
            self._print_json(
                {
                    "checks": [
                        {
                            "part": item.part,
                            "state": item.state.value,
                            "found": item.found,
                            "advice": item.advice or None,
                        }
                        for item in checked
                    ]
                }
            )
        else:
            self._print(checked)
        if State.BROKEN in states:
            raise typer.Exit(2)
        if State.WARNING in states:
            raise typer.Exit(1)

    def _print(self, checked: list[Checked]) -> None:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("PART", no_wrap=True)
        table.add_column("STATE", no_wrap=True)
        table.add_column("FOUND")
        for item in checked:
            # Text, not markup: what was found may contain brackets.
            table.add_row(item.part, Text(item.state.value, style=_LOOKS[item.state]), Text(item.found))
        self._render(table)
        todo = [item for item in checked if item.advice]
        if todo:
            self._say("\nWhat to do:")
        for item in todo:
            self._say(f"- {item.part}: {item.advice}")
