"""`python -m tests.image`: does what the Dockerfile says in an empty folder, without Docker, and runs what is made.

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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from collabcanvas.lib.embedded_postgres import start_or_join
from tests.running import PROJECT, free_port, wait_until

# What web and the health check load, so a file that is missing in the image shows.
IMPORTS = "import collabcanvas.asgi, collabcanvas.container_health"
# Accounts and packages of the system are the business of the image.
_SKIPPED = ("useradd ", "apt-get ")


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

    def last(self, word: str) -> str:
        """What the last instruction of this kind says."""
        return [rest for found, rest in self.instructions if found == word][-1]


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
        done = self._done(stage, command, environment)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def succeeds(self, stage: Stage, command: list[str], **environment: str) -> bool:
        """Whether the command, run in the same way, leaves with 0."""
        return self._done(stage, command, environment).returncode == 0

    def _done(
        self, stage: Stage, command: list[str], environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self._inside(stage, stage.workdir),
            env=self._environment(stage, environment),
            check=False,
            capture_output=True,
            text=True,
        )

    @contextmanager
    def started(
        self, stage: Stage, command: list[str], *, stops_within: float, **environment: str
    ) -> Iterator[None]:
        """The command runs, in the same way; at the end it is told to stop, and does so in time."""
        log = self._folder / f"{Path(command[0]).name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=self._inside(stage, stage.workdir),
                env=self._environment(stage, environment),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            yield
            process.terminate()
            process.wait(stops_within)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            raise SystemExit(f"{' '.join(command)}: {error}\n{log.read_text()}") from error
        finally:
            process.kill()

    def _environment(self, stage: Stage, more: dict[str, str]) -> dict[str, str]:
        own = {name: self._moved(stage, value) for name, value in stage.environment.items()}
        own["PATH"] = own.get("PATH", "$PATH").replace("$PATH", os.environ["PATH"])
        return {"HOME": str(self._folder), **own, **more}

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
        sys.stdout.write(f"static files: {served}\nrunning …\n")
        server = start_or_join(Path(folder) / "database", durable=False)
        try:
            _run(build, final, {**production, "DATABASE_URL": server.url, "PORT": str(free_port())})
        finally:
            server.stop()
        sys.stdout.write("The image can be built; its web and its worker start, do a job, and stop.\n")


def _run(build: Build, final: Stage, settings: dict[str, str]) -> None:
    """Both services as a host starts them: migrated first, asked for their health, told to stop."""
    manage = ["python", "manage.py"]
    worker = [*manage, "qcluster"]
    build.execute(final, [*manage, "migrate", "--no-input", "--verbosity", "0"], **settings)
    person = {"DJANGO_SUPERUSER_PASSWORD": "for-this-check-only"}
    who = ["--username", "operator", "--email", "operator@example.org"]
    build.execute(final, [*manage, "createsuperuser", "--no-input", *who], **settings, **person)
    web = json.loads(final.last("CMD"))
    healthy = json.loads(final.last("HEALTHCHECK").partition("CMD ")[2])
    # It knows a worker by the container's first process, which is another one here.
    works = [
        "python",
        "-c",
        "import sys, collabcanvas.container_health as c; sys.exit(c.fault_of_worker() or None)",
    ]
    with (
        build.started(final, web, stops_within=15, **settings),
        build.started(final, worker, stops_within=40, **settings),
    ):
        for check in (healthy, works):
            wait_until(partial(build.succeeds, final, check, **settings), f"{check[-1]} succeeds")
        build.execute(
            final, [*manage, "aijobs", "submit", "Pack -> Ship", "--wait", "--timeout", "60"], **settings
        )


if __name__ == "__main__":
    main()
