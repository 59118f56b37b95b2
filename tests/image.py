"""`python -m tests.image`: does what the Dockerfile says in an empty folder, without Docker, and loads what is made.

Each stage gets a folder of its own; absolute paths of the image lie below it. What the base images bring (Python,
Node) is that of this machine. Takes minutes, because packages are installed and the front end is built; the tests do
the last stage only (tests/test_image.py).
"""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.running import PROJECT

# What web and the health check load, so a file that is missing in the image shows.
IMPORTS = "import collabcanvas.asgi, collabcanvas.container_health"
# Accounts are the business of the image.
_SKIPPED = ("useradd ",)


@dataclass
class Stage:
    """One FROM of the Dockerfile: its name, its instructions, and, once built, its folder and state."""

    name: str
    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list)
    root: Path = Path()
    workdir: str = "/"
    arguments: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)


def stages() -> list[Stage]:
    """The Dockerfile, parsed."""
    text = (PROJECT / "Dockerfile").read_text()
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    found: list[Stage] = []
    for line in filter(str.strip, text.splitlines()):
        word, rest = line.split(maxsplit=1)
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            found.append(Stage(name=name or "final", base=base))
        else:
            found[-1].instructions.append((word, " ".join(rest.split())))
    return found


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps this path of the project out of the build."""
    verdict = False
    for line in (PROJECT / ".dockerignore").read_text().splitlines():
        pattern = line.strip().removeprefix("!")
        if not pattern or line.startswith("#"):
            continue
        parts = path.split("/")
        prefixes = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
        bare = pattern.removeprefix("**/")
        anywhere = pattern.startswith("**/")
        names = [*prefixes, *parts] if anywhere else prefixes
        if any(
            fnmatch.fnmatchcase(name, bare) and (anywhere or name.count("/") == bare.count("/"))
            for name in names
        ):
            verdict = not line.startswith("!")
    return verdict


def context() -> list[str]:
    """The files that Docker would be sent: known to git, and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    return [path for path in listed if not ignored(path) and (PROJECT / path).is_file()]


class Build:
    """Stages built below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.stages = {stage.name: stage for stage in stages()}
        for stage in self.stages.values():
            stage.root = folder / stage.name

    def run(self, name: str, *, short: bool = False) -> Stage:
        """The stage is built; those that it copies from must be. In `short`, static files are found and not packed."""
        stage = self.stages[name]
        stage.root.mkdir(parents=True, exist_ok=True)
        for word, rest in stage.instructions:
            match word:
                case "WORKDIR":
                    stage.workdir = rest
                    self._inside(stage, rest).mkdir(parents=True, exist_ok=True)
                case "COPY":
                    self._copy(stage, rest)
                case "ARG":
                    setting, _, value = rest.partition("=")
                    stage.arguments[setting] = value.strip('"')
                case "ENV":
                    for setting, value in re.findall(r"(\w+)=(\S*)", rest):
                        stage.environment[setting] = stage.arguments.get(value.removeprefix("$"), value)
                case "RUN" if not rest.startswith(_SKIPPED):
                    wanted = rest.replace("collectstatic", "collectstatic --dry-run") if short else rest
                    self.execute(stage, ["sh", "-c", self._moved(stage, wanted)])
        return stage

    def execute(self, stage: Stage, command: list[str], **environment: str) -> str:
        """The command has run in the stage's working folder, with its environment alone."""
        own = {name: self._moved(stage, value) for name, value in stage.environment.items()}
        outside = os.environ["PATH"]
        own["PATH"] = own.get("PATH", "$PATH").replace("$PATH", outside)
        done = subprocess.run(
            command,
            cwd=self._inside(stage, stage.workdir),
            env={"HOME": str(self._folder), **own, **environment},
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def _inside(self, stage: Stage, path: str) -> Path:
        return (
            stage.root / path.lstrip("/")
            if path.startswith("/")
            else self._inside(stage, stage.workdir) / path
        )

    def _moved(self, stage: Stage, text: str) -> str:
        return re.sub(
            r"(?<![\w.])/(opt|app|build)(?=/|\b)", lambda found: f"{stage.root}{found.group()}", text
        )

    def _copy(self, stage: Stage, rest: str) -> None:
        words = rest.split()
        origin = next((word.partition("=")[2] for word in words if word.startswith("--from=")), None)
        *sources, target = [word for word in words if not word.startswith("--")]
        destination = self._inside(stage, target)
        for source in sources:
            if origin is not None:
                shutil.copytree(self._inside(self.stages[origin], source), destination, symlinks=True)
                continue
            files = [path for path in context() if path == source or path.startswith(source)]
            if not files:
                raise SystemExit(f"COPY {source}: there is nothing of that name in what is built from.")
            for path in files:
                into_folder = target.endswith("/")
                kept = path.removeprefix(source) if source.endswith("/") else Path(path).name
                place = destination / kept if into_folder else destination
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(PROJECT / path, place)


def main() -> None:
    """All stages; then the finished image's programs answer."""
    with tempfile.TemporaryDirectory(prefix="collabcanvas-image-") as folder:
        build = Build(Path(folder))
        for name in build.stages:
            sys.stdout.write(f"{name} …\n")
            build.run(name)
        final = build.stages["final"]
        production = {
            "SECRET_KEY": "for-this-check-only-and-long-enough-to-pass-the-check-of-django",
            "ALLOWED_HOSTS": "localhost",
            "DATABASE_URL": "postgresql:///none",
        }
        build.execute(
            final, ["python", "manage.py", "check", "--deploy", "--fail-level", "ERROR"], **production
        )
        build.execute(final, ["python", "-c", IMPORTS], **production)
        served = json.dumps(sorted(path.name for path in (final.root / "app" / "staticfiles").iterdir()))
        sys.stdout.write(f"static files: {served}\nThe image can be built, and what is in it starts.\n")


if __name__ == "__main__":
    main()
