"""`manage.py canvases`: what it prints, what it leaves in the database and on the disk, and its exit codes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from canvases.export import FORMATS
from canvases.management.commands.canvases import EPILOG, ExitCode
from canvases.models import Canvas, CanvasSnapshot
from canvases.services import create_canvas
from canvases.tests.factories import Cast, put
from canvases.tests.pictures import draw, elsewhere, everything, fill
from collabcanvas.lib.one_at_a_time import Work
from collabcanvas.lib.tests.commands import Said, run_command

pytestmark = [
    pytest.mark.django_db,
    # django-typer 4.1 still passes what typer 0.27 calls deprecated.
    pytest.mark.filterwarnings("ignore:In Typer, only the parameter 'autocompletion':DeprecationWarning"),
]

PROJECT = Path(__file__).resolve().parent.parent.parent


def canvases(*arguments: object) -> Said:
    return run_command("canvases", *arguments)


@pytest.fixture(autouse=True)
def _no_address(settings: Any) -> None:
    settings.BACKUP_URL = ""


# --- Looking ------------------------------------------------------------------------------------------------
def test_list_names_canvases_with_their_owners(cast: Cast) -> None:
    fill(cast)
    said = canvases("list")
    assert said.code == ExitCode.OK
    assert said.out.splitlines()[0].split() == ["ID", "TITLE", "OWNER", "OBJECTS", "MEMBERS", "CHANGED"]
    assert f"{cast.canvas.pk}  Plan" in said.out
    (mine,) = canvases("list", "--owner", "olga", "--json").document["canvases"]
    assert (mine["id"], mine["objects"], mine["members"]) == (str(cast.canvas.pk), 3, 3)


def test_list_says_when_there_is_nothing(db: None) -> None:
    assert canvases("list").out == "There are no such canvases.\n"


@pytest.mark.parametrize("name", ["nobody", "a\0b", "\ud800", ""])
def test_an_unknown_owner_is_refused(cast: Cast, name: str) -> None:
    said = canvases("list", "--owner", name, "--json")
    assert said.code == ExitCode.REFUSED
    assert "There is no active user named" in said.document["error"]


def test_a_title_cannot_steer_the_terminal(cast: Cast) -> None:
    Canvas.objects.filter(pk=cast.canvas.pk).update(title="\x1b[31mred\r\nline")
    said = canvases("list")
    assert "\x1b" not in said.out
    assert len(said.out.splitlines()) == 2


# --- Files --------------------------------------------------------------------------------------------------
def test_what_is_exported_can_be_imported(cast: Cast, tmp_path: Path) -> None:
    fill(cast)
    before = everything()
    exported = canvases("export", "--all", "--to", tmp_path / "new" / "folder", "--json").document["files"]
    Canvas.objects.all().delete()

    said = canvases("import", *(file["file"] for file in exported))

    assert said.code == ExitCode.OK
    assert said.out.count(" restored ") == 3
    assert everything() == before


@pytest.mark.parametrize("file_format", FORMATS)
def test_every_format_is_exported(cast: Cast, tmp_path: Path, file_format: str) -> None:
    fill(cast)
    said = canvases("export", cast.canvas.pk, "--format", file_format, "--to", tmp_path)
    assert said.code == ExitCode.OK
    (file,) = tmp_path.iterdir()
    assert file.suffix == f".{FORMATS[file_format].extension.rpartition('.')[2]}"
    assert file.stat().st_size > 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Name the canvases by their ids"),
        (("--all", "00000000-0000-4000-8000-000000000000"), "Name the canvases by their ids"),
        (("00000000-0000-4000-8000-000000000000",), "does not exist"),
        (("nonsense",), "There is no such canvas"),
        (("--all", "--format", "doc"), "That format is not available."),
    ],
)
def test_what_cannot_be_exported_is_refused(
    cast: Cast, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    said = canvases("export", *arguments, "--to", tmp_path)
    assert said.code == ExitCode.REFUSED
    assert sentence in said.error
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_refused(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    said = canvases("export", "--all", "--to", tmp_path / "file" / "folder", "--json")
    assert (said.code, said.document["code"]) == (ExitCode.REFUSED, "file_not_writable")
    assert "Choose another folder" in said.error


def test_broken_files_are_reported_and_the_good_ones_imported(cast: Cast, tmp_path: Path) -> None:
    fill(cast)
    (good,) = canvases("export", cast.canvas.pk, "--to", tmp_path, "--json").document["files"]
    (tmp_path / "broken.gz").write_bytes(Path(good["file"]).read_bytes()[:100])
    cast.canvas.delete()

    said = canvases("import", tmp_path / "broken.gz", good["file"], tmp_path / "missing", "--json")

    assert said.code == ExitCode.INCOMPLETE
    assert [(row["result"], row["code"]) for row in said.document["canvases"]] == [
        ("failed", "broken_canvas_file"),
        ("restored", ""),
        ("failed", "file_not_readable"),
    ]


def test_the_two_ways_with_what_exists_exclude_each_other(cast: Cast, tmp_path: Path) -> None:
    said = canvases("import", tmp_path / "any", "--replace", "--as-copy")
    assert said.code == ExitCode.REFUSED
    assert "exclude each other" in said.error


# --- Backups ------------------------------------------------------------------------------------------------
def test_backup_wipe_restore_compare(cast: Cast, tmp_path: Path) -> None:
    fill(cast)
    before = everything()
    made = canvases("backup", "--to", tmp_path)
    assert made.code == ExitCode.OK
    assert "3 canvases" in made.out
    Canvas.objects.all().delete()

    tried = canvases("restore", "--from", tmp_path, "--dry-run")
    assert tried.code == ExitCode.OK
    assert tried.out.count(" restored ") == 3
    assert tried.out.endswith("This was a dry run: nothing was changed.\n")
    assert everything() == []

    assert canvases("restore", "--from", tmp_path).code == ExitCode.OK
    assert everything() == before
    again = canvases("restore", "--from", tmp_path, "--json")
    assert again.code == ExitCode.OK
    assert {row["result"] for row in again.document["canvases"]} == {"unchanged"}


def test_accounts_that_are_missing_are_made_where_that_is_asked_for(cast: Cast, tmp_path: Path) -> None:
    fill(cast)
    canvases("backup", "--to", tmp_path)
    (exported,) = canvases("export", cast.canvas.pk, "--to", tmp_path / "files", "--json").document["files"]
    for command in (("restore", "--from", tmp_path), ("import", exported["file"])):
        User.objects.all().delete()
        assert canvases(*command).code == ExitCode.INCOMPLETE
        assert not User.objects.exists()

        assert canvases(*command, "--create-people").code == ExitCode.OK
        assert User.objects.filter(username="olga", email="olga@example.org").exists()
        assert Canvas.objects.get(pk=cast.canvas.pk).owner.username == "olga"


def test_what_is_to_be_said_of_many_canvases_is_said_once(cast: Cast, tmp_path: Path) -> None:
    for title in ("One", "Two"):
        create_canvas(owner=cast.editor, title=title)
    canvases("backup", "--to", tmp_path)
    User.objects.all().delete()

    refused = canvases("restore", "--from", tmp_path, "--dry-run")

    assert refused.code == ExitCode.INCOMPLETE
    assert "2 canvases: The owner 'edda' has no account here" in refused.error
    assert len(refused.error.splitlines()) == 2


def test_what_exists_and_differs_is_told_with_what_to_do(cast: Cast, tmp_path: Path) -> None:
    fill(cast)
    (name,) = [canvases("backup", "--to", tmp_path, "--json").document["name"]]
    draw(cast, put("a", version=9, x=500))

    left = canvases("restore", name, "--from", tmp_path, "--canvas", cast.canvas.pk)
    assert left.code == ExitCode.INCOMPLETE
    assert "--replace" in left.error
    replaced = canvases("restore", name, "--from", tmp_path, "--canvas", cast.canvas.pk, "--replace")
    assert replaced.code == ExitCode.OK
    assert " replaced " in replaced.out


def test_backups_lists_them_newest_first(cast: Cast, tmp_path: Path) -> None:
    assert canvases("backups", "--from", tmp_path / "none").out.startswith("There are no backups.")
    made = [canvases("backup", "--to", tmp_path, "--json").document["name"] for _ in range(2)]
    listed = canvases("backups", "--from", tmp_path, "--json").document["backups"]
    assert [backup["name"] for backup in listed] == made[::-1]
    assert made[0] in canvases("backups", "--from", tmp_path).out


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("backup",), ExitCode.UNAVAILABLE, "Set BACKUP_URL"),
        (("restore",), ExitCode.UNAVAILABLE, "Set BACKUP_URL"),
        (("backups",), ExitCode.UNAVAILABLE, "Set BACKUP_URL"),
        (("restore", "--from", "{folder}"), ExitCode.REFUSED, "There is no finished backup."),
        (("restore", "last-week", "--from", "{folder}"), ExitCode.REFUSED, "There is no backup 'last-week'."),
        (("restore", "--snapshot", "1"), ExitCode.REFUSED, "There is no such snapshot."),
        (("restore", "x", "--snapshot", "1"), ExitCode.REFUSED, "--snapshot names one canvas"),
        (("restore", "--from", "{folder}", "--owner", "nobody"), ExitCode.REFUSED, "no active user"),
        (("backup", "--to", "/proc/none"), ExitCode.UNAVAILABLE, "Check that it exists and can be written."),
    ],
)
def test_wrong_input_is_refused_with_what_to_do(
    cast: Cast, tmp_path: Path, arguments: tuple[str, ...], code: ExitCode, sentence: str
) -> None:
    said = canvases(*(argument.replace("{folder}", str(tmp_path)) for argument in arguments), "--json")
    assert said.code == code
    assert sentence in said.document["error"]
    assert sentence in said.error


def test_a_canvas_that_the_backup_does_not_hold_is_refused(cast: Cast, tmp_path: Path) -> None:
    canvases("backup", "--to", tmp_path)
    said = canvases(
        "restore", "--from", tmp_path, "--canvas", "00000000-0000-4000-8000-000000000000", "--json"
    )
    assert (said.code, said.document["code"]) == (ExitCode.REFUSED, "canvas_not_found")


def test_nothing_is_restored_while_a_backup_runs(cast: Cast, tmp_path: Path) -> None:
    canvases("backup", "--to", tmp_path)
    with elsewhere(Work.BACKUP):
        assert canvases("restore", "--from", tmp_path).code == ExitCode.UNAVAILABLE
        assert canvases("backup", "--to", tmp_path).code == ExitCode.UNAVAILABLE


# --- The archive --------------------------------------------------------------------------------------------
def test_a_snapshot_is_made_listed_and_restored(cast: Cast) -> None:
    fill(cast)
    before = everything()
    made = canvases("snapshot", cast.canvas.pk, "--json").document
    assert canvases("snapshot", cast.canvas.pk).out.startswith(f"Snapshot {made['id']} of Plan (3 objects)")
    listed = canvases("snapshots", "--canvas", cast.canvas.pk, "--json").document["snapshots"]
    assert listed == [made]
    assert "by_hand" in canvases("snapshots").out
    cast.canvas.delete()

    assert canvases("restore", "--snapshot", made["id"]).code == ExitCode.OK

    assert everything() == before
    assert CanvasSnapshot.objects.count() == 1


# --- As a program -------------------------------------------------------------------------------------------
def test_wrong_usage_ends_with_2_and_one_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "canvases", "explode", "--json"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == ExitCode.REFUSED
    assert json.loads(done.stdout)["code"] == "usage"
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_page_lists_the_commands_and_their_exit_codes() -> None:
    page = (PROJECT / "docs" / "command-line.md").read_text().partition("# Canvases")[2]
    assert "manage.py canvases" in page
    commands = ("list", "export", "import", "backup", "backups", "restore", "snapshot", "snapshots")
    for name in commands:
        assert f"| `canvases {name}" in page
    for code in ExitCode:
        assert f"| {code.value} |" in page
        assert f"{code.value} " in EPILOG
