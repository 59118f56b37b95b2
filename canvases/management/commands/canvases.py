"""`manage.py canvases`: canvases as files, backups, restoring, and the archive, for operators."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from django.db.models import QuerySet
from django_typer.management import TyperCommand, command
from rich.table import Table
from rich.text import Text

from canvases import archive, backups, restoring
from canvases.access import parse_canvas_id
from canvases.errors import BackupUnderWay, CanvasNotFound
from canvases.export import FORMATS, export_canvas
from canvases.models import Canvas, CanvasSnapshot
from canvases.portable import SUFFIX, read_canvas, write_canvas
from canvases.restoring import IfItExists, Outcome, Result, Wishes
from collabcanvas.lib import terminal
from collabcanvas.lib.errors import AppError, InvalidInput
from collabcanvas.lib.one_at_a_time import Work, one_at_a_time
from collabcanvas.lib.terminal import TerminalAnswers, printable, user_named
from collabcanvas.lib.wording import counted

COMPLETE = "canvas"
_COLORS = {Result.EXISTS: "yellow", Result.FAILED: "red", Result.UNCHANGED: "dim"}


class ExitCode(IntEnum):
    """What a script learns from the exit code."""

    OK = 0
    INCOMPLETE = 1
    REFUSED = terminal.REFUSED
    UNAVAILABLE = terminal.UNAVAILABLE


EPILOG = (
    "Exit codes: 0 done; 1 some canvases failed or were left as they are, the others are done; 2 wrong usage, not "
    "found, or refused: nothing was changed; 5 not possible right now (no database, no storage, or another run)."
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
CanvasIds = Annotated[
    list[str] | None, typer.Option("--canvas", metavar="ID", help="Only this one; may be repeated.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")]
ReplaceIt = Annotated[
    bool,
    typer.Option(
        "--replace", help="Put canvases that differ back to what was saved; the archive keeps them."
    ),
]
AsCopy = Annotated[bool, typer.Option("--as-copy", help="Make a copy beside each canvas that differs.")]
Owner = Annotated[
    str | None,
    typer.Option("--owner", metavar="USERNAME", help="Who owns canvases whose owner has no account here."),
]
CreatePeople = Annotated[
    bool, typer.Option("--create-people", help="Make the accounts that are missing, without a password.")
]
From = Annotated[str | None, typer.Option("--from", metavar="FOLDER", help="Instead of BACKUP_URL.")]


class FileNotReadable(InvalidInput):
    code = "file_not_readable"


class FileNotWritable(InvalidInput):
    code = "file_not_writable"


class Command(TerminalAnswers, TyperCommand, rich_markup_mode=None, epilog=EPILOG):
    help = "List, export, import, back up and restore canvases."
    # A broken migration or model is the business of `manage.py check`; scripts want an answer.
    requires_system_checks: list[str] = []
    quiet_log = "canvases"

    # --- Looking --------------------------------------------------------------------------------------------
    @command(name="list", epilog=EPILOG)
    def list_canvases(
        self,
        owner: Annotated[
            str | None, typer.Option("--owner", metavar="USERNAME", help="Only this person's.")
        ] = None,
        limit: Annotated[
            int, typer.Option(min=1, max=100_000, help="At most this many, last changed first.")
        ] = 50,
        as_json: AsJson = False,
    ) -> None:
        """List canvases, the last changed first."""
        with self._answering(as_json):
            found = Canvas.objects.all()
            if owner is not None:
                found = found.filter(owner=user_named(owner))
            rows = [
                _canvas_row(canvas) for canvas in found.with_counts().order_by("-updated_at", "pk")[:limit]
            ]
            if as_json:
                self._print_json({"canvases": rows})
                return
            self._table(
                "There are no such canvases.",
                ("ID", "TITLE", "OWNER", "OBJECTS", "MEMBERS", "CHANGED"),
                [
                    (r["id"], r["title"], r["owner"], r["objects"], r["members"], _minute(r["updated_at"]))
                    for r in rows
                ],
            )

    @command(epilog=EPILOG)
    def snapshots(
        self,
        canvas: Annotated[
            str | None, typer.Option("--canvas", metavar="ID", help="Only of this canvas.")
        ] = None,
        limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most this many, newest first.")] = 50,
        as_json: AsJson = False,
    ) -> None:
        """List the snapshots in the archive, newest first."""
        with self._answering(as_json):
            found = CanvasSnapshot.objects.without_content()
            if canvas is not None:
                found = found.filter(canvas_id=parse_canvas_id(canvas))
            rows = [_snapshot_row(snapshot) for snapshot in found[:limit]]
            if as_json:
                self._print_json({"snapshots": rows})
                return
            self._table(
                "There are no such snapshots.",
                ("ID", "CANVAS", "TITLE", "WHY", "OBJECTS", "SIZE", "MADE"),
                [
                    (
                        r["id"],
                        r["canvas_id"][:8],
                        r["title"],
                        r["reason"],
                        r["objects"],
                        _size(r["size_bytes"]),
                        _minute(r["made_at"]),
                    )
                    for r in rows
                ],
            )

    @command(name="backups", epilog=EPILOG)
    def list_backups(self, source: From = None, as_json: AsJson = False) -> None:
        """List the backups, newest first."""
        with self._answering(as_json):
            found = [
                backups.summary(manifest) for manifest in backups.list_backups(backups.storage_at(source))
            ]
            if as_json:
                self._print_json({"backups": found})
                return
            self._table(
                "There are no backups. Make one with: python manage.py canvases backup",
                ("NAME", "CANVASES", "FAILED", "SIZE", "FINISHED"),
                [
                    (
                        row["name"],
                        row["canvases"],
                        len(row["failed"]),
                        _size(row["size_bytes"]),
                        _minute(row["finished_at"]) if row["finished_at"] else "not finished",
                    )
                    for row in found
                ],
            )

    # --- Files ----------------------------------------------------------------------------------------------
    @command(name="export", epilog=EPILOG)
    def export_canvases(
        self,
        canvas_ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...")] = None,
        every: Annotated[bool, typer.Option("--all", help="All canvases.")] = False,
        file_format: Annotated[
            str,
            typer.Option("--format", help=f"{COMPLETE} (complete, for import) or {', '.join(FORMATS)}."),
        ] = COMPLETE,
        folder: Annotated[
            Path, typer.Option("--to", metavar="FOLDER", help="Where the files go; made if it is not there.")
        ] = Path(),
        as_json: AsJson = False,
    ) -> None:
        """Write canvases as files."""
        with self._answering(as_json):
            if every == bool(canvas_ids):
                raise InvalidInput("Name the canvases by their ids, or use --all.")
            wanted = [parse_canvas_id(canvas_id) for canvas_id in canvas_ids or ()]
            found = Canvas.objects.all() if every else Canvas.objects.filter(pk__in=wanted)
            if not every and found.count() != len(set(wanted)):
                raise CanvasNotFound(
                    "At least one of these canvases does not exist. See them with: python manage.py canvases list"
                )
            written = []
            with _writing(folder):
                folder.mkdir(parents=True, exist_ok=True)
                for canvas in self._with_bar(found.order_by("pk"), found.count(), "Exporting", quiet=as_json):
                    name, content = _file_of(canvas, file_format)
                    (folder / name).write_bytes(content)
                    written.append({"id": str(canvas.pk), "file": str(folder / name), "bytes": len(content)})
            if as_json:
                self._print_json({"files": written})
                return
            for row in written:
                self._say(f"{row['file']}")
            self._say(f"{counted(len(written), 'file')} written.")

    @command(name="import", epilog=EPILOG)
    def import_files(
        self,
        files: Annotated[list[Path], typer.Argument(metavar="FILE...")],
        dry_run: DryRun = False,
        replace: ReplaceIt = False,
        as_copy: AsCopy = False,
        owner: Owner = None,
        create_people: CreatePeople = False,
        as_json: AsJson = False,
    ) -> None:
        """Make canvases of files that `export` wrote."""
        with self._answering(as_json):
            wishes = _wishes(dry_run, replace, as_copy, owner, create_people)

            def restore_one(path: Path) -> Outcome:
                try:
                    return restoring.restore_canvas(read_canvas(_read(path)), wishes)
                except AppError as error:
                    return restoring.failed("", str(path), error)

            self._restore(files, restore_one, wishes, as_json)

    # --- Backups --------------------------------------------------------------------------------------------
    @command(epilog=EPILOG)
    def backup(
        self,
        folder: Annotated[
            str | None, typer.Option("--to", metavar="FOLDER", help="Instead of BACKUP_URL.")
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        """Save all canvases, or go on with a backup that was interrupted."""
        with self._answering(as_json):
            storage = backups.storage_at(folder)
            with self._bar("Saving", quiet=as_json) as moved:
                manifest = backups.back_up(
                    storage,
                    progress=lambda now, total: moved(len(now.canvases) + len(now.failed), total),
                )
            if as_json:
                self._print_json(dict(backups.summary(manifest)))
            else:
                self._say(
                    f"Backup {manifest.name}: {counted(len(manifest.canvases), 'canvas', 'canvases')}, "
                    f"{_size(manifest.size_bytes)}."
                )
            for canvas_id, reason in manifest.failed.items():
                self._complain(f"{canvas_id} is not in it: {reason}")
            if manifest.failed:
                raise typer.Exit(ExitCode.INCOMPLETE)

    @command(epilog=EPILOG)
    def restore(
        self,
        name: Annotated[
            str | None,
            typer.Argument(metavar="[BACKUP]", help="Its name; otherwise the newest finished one."),
        ] = None,
        canvas_ids: CanvasIds = None,
        snapshot: Annotated[
            str | None, typer.Option("--snapshot", metavar="ID", help="From the archive instead of a backup.")
        ] = None,
        source: From = None,
        dry_run: DryRun = False,
        replace: ReplaceIt = False,
        as_copy: AsCopy = False,
        owner: Owner = None,
        create_people: CreatePeople = False,
        as_json: AsJson = False,
    ) -> None:
        """Bring canvases back from a backup, or one from the archive."""
        with self._answering(as_json):
            wishes = _wishes(dry_run, replace, as_copy, owner, create_people)
            if snapshot is not None:
                if name or canvas_ids or source:
                    raise InvalidInput("--snapshot names one canvas; leave the backup and --canvas away.")
                kept = archive.get_snapshot(snapshot)
                self._restore(
                    [kept],
                    lambda kept: restoring.restore_canvas(read_canvas(bytes(kept.content)), wishes),
                    wishes,
                    as_json,
                )
                return
            storage = backups.storage_at(source)
            manifest = backups.get_backup(storage, name)
            wanted = [parse_canvas_id(canvas_id) for canvas_id in canvas_ids or ()] or list(manifest.canvases)
            if not set(wanted) <= manifest.canvases.keys():
                raise CanvasNotFound(f"Backup {manifest.name} does not hold all of these canvases.")

            def restore_one(canvas_id: Any) -> Outcome:
                try:
                    return restoring.restore_canvas(backups.read_backup(storage, manifest, canvas_id), wishes)
                except AppError as error:
                    return restoring.failed(str(canvas_id), manifest.canvases[canvas_id].title, error)

            self._restore(wanted, restore_one, wishes, as_json)

    @command(epilog=EPILOG)
    def snapshot(
        self, canvas_id: Annotated[str, typer.Argument(metavar="ID")], as_json: AsJson = False
    ) -> None:
        """Put a canvas into the archive as it is now."""
        with self._answering(as_json):
            kept = archive.take_snapshot(
                canvas_id=parse_canvas_id(canvas_id), reason=CanvasSnapshot.Reason.BY_HAND
            )
            if as_json:
                self._print_json(_snapshot_row(kept))
            else:
                self._say(f"Snapshot {kept.pk} of {kept.title} ({counted(kept.object_count, 'object')}).")

    # --- Restoring ------------------------------------------------------------------------------------------
    def _restore(
        self, sources: list[Any], restore_one: Callable[[Any], Outcome], wishes: Wishes, as_json: bool
    ) -> None:
        with one_at_a_time(Work.BACKUP) as is_ours:
            if not is_ours:
                raise BackupUnderWay
            doing = "Trying" if wishes.dry_run else "Restoring"
            outcomes = [
                restore_one(source) for source in self._with_bar(sources, len(sources), doing, quiet=as_json)
            ]
        if as_json:
            self._print_json({"dry_run": wishes.dry_run, "canvases": [vars(outcome) for outcome in outcomes]})
        else:
            self._print_outcomes(outcomes, wishes)
        if any(outcome.result in {Result.FAILED, Result.EXISTS} for outcome in outcomes):
            raise typer.Exit(ExitCode.INCOMPLETE)

    def _print_outcomes(self, outcomes: list[Outcome], wishes: Wishes) -> None:
        self._table(
            "The backup is empty.",
            ("CANVAS", "RESULT", "OBJECTS", "TITLE"),
            [
                (
                    outcome.canvas_id or "-",
                    Text(outcome.result, style=_COLORS.get(outcome.result, "green")),
                    outcome.objects,
                    outcome.title,
                )
                for outcome in outcomes
            ],
        )
        told: dict[str, list[Outcome]] = {}
        for outcome in outcomes:
            for line in (*outcome.notes, *([outcome.error] if outcome.error else [])):
                told.setdefault(line, []).append(outcome)
        for line, about in told.items():
            where = f"{len(about)} canvases" if len(about) > 1 else about[0].canvas_id or about[0].title
            self._complain(f"{where}: {line}")
        if any(outcome.result == Result.EXISTS for outcome in outcomes):
            self._complain(
                "Canvases that exist and differ were left. Use --replace (the archive keeps what is there now) or "
                "--as-copy."
            )
        if wishes.dry_run:
            self._say("This was a dry run: nothing was changed.")

    # --- Output ---------------------------------------------------------------------------------------------
    def _table(self, nothing: str, headings: Iterable[str], rows: list[tuple[Any, ...]]) -> None:
        if not rows:
            self._say(nothing)
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in headings:
            is_number = heading in {"OBJECTS", "MEMBERS", "CANVASES", "FAILED", "SIZE"}
            table.add_column(
                heading,
                no_wrap=True,
                overflow="ellipsis" if heading == "TITLE" else "fold",
                justify="right" if is_number else "left",
            )
        for row in rows:
            table.add_row(*(cell if isinstance(cell, Text) else Text(_line(cell)) for cell in row))
        self._render(table)

    def _with_bar(
        self, things: "Iterable[Any] | QuerySet[Any]", total: int, doing: str, *, quiet: bool
    ) -> Iterator[Any]:
        with self._bar(doing, quiet=quiet) as moved:
            for done, thing in enumerate(things, start=1):
                yield thing
                moved(done, total)


# --- Input --------------------------------------------------------------------------------------------------
def _wishes(dry_run: bool, replace: bool, as_copy: bool, owner: str | None, create_people: bool) -> Wishes:
    if replace and as_copy:
        raise InvalidInput("--replace and --as-copy exclude each other. Choose one.")
    if_it_exists = IfItExists.REPLACE if replace else IfItExists.COPY if as_copy else IfItExists.LEAVE
    return Wishes(
        if_it_exists=if_it_exists,
        owner=None if owner is None else user_named(owner),
        create_people=create_people,
        dry_run=dry_run,
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileNotReadable(f"{path} cannot be read ({error.strerror}). Check the name.") from error


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileNotWritable(
            f"{error.filename or folder} cannot be written ({error.strerror}). Choose another folder with --to."
        ) from error


def _file_of(canvas: Canvas, file_format: str) -> tuple[str, bytes]:
    if file_format == COMPLETE:
        return f"{canvas.pk}{SUFFIX}", write_canvas(canvas.pk).content
    exported = export_canvas(canvas, file_format)
    return f"{canvas.pk}.{exported.extension}", exported.content


# --- Words --------------------------------------------------------------------------------------------------
def _canvas_row(canvas: Any) -> dict[str, Any]:
    return {
        "id": str(canvas.pk),
        "title": canvas.title,
        "owner": canvas.owner.get_username(),
        "objects": canvas.object_count,
        "members": canvas.member_count,
        "seq": canvas.seq,
        "created_at": canvas.created_at,
        "updated_at": canvas.updated_at,
    }


def _snapshot_row(snapshot: CanvasSnapshot) -> dict[str, Any]:
    return {
        "id": str(snapshot.pk),
        "canvas_id": str(snapshot.canvas_id),
        "title": snapshot.title,
        "reason": snapshot.reason,
        "objects": snapshot.object_count,
        "seq": snapshot.seq,
        "size_bytes": snapshot.size_bytes,
        "checksum": snapshot.checksum,
        "made_at": snapshot.made_at,
    }


def _line(cell: Any) -> str:
    return printable(" ".join(str(cell).split()))


def _minute(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")


def _size(number: int) -> str:
    for unit, bytes_in_it in (("MB", 1_000_000), ("KB", 1_000)):
        if number >= bytes_in_it:
            return f"{number / bytes_in_it:.1f} {unit}"
    return f"{number} B"
