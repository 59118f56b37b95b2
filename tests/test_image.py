"""The image without Docker: its last stage is made in an empty folder and its programs load; the files around it."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.image import IMPORTS, Build, context, ignored
from tests.running import PROJECT

PRODUCTION = {
    "SECRET_KEY": "x" * 64,
    "ALLOWED_HOSTS": "localhost",
    "DATABASE_URL": "postgresql:///none",
}


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The last stage; of the others, what it copies is stood in for by this environment and an empty page."""
    build = Build(tmp_path_factory.mktemp("image"))
    programs = build.stages["packages"].root / "opt" / "venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (programs / "python").chmod(0o755)
    page = build.stages["frontend"].root / "build" / "frontend" / "dist"
    page.mkdir(parents=True)
    (page / "index.html").write_text("<title>CollabCanvas</title>")
    build.run("final", short=True)
    return build


def test_web_and_health_check_load_from_what_is_in_the_image(build: Build) -> None:
    build.execute(build.stages["final"], ["python", "-c", IMPORTS], **PRODUCTION)


def test_the_worker_and_the_migration_are_there(build: Build) -> None:
    listed = build.execute(build.stages["final"], ["python", "manage.py", "help", "--commands"], **PRODUCTION)
    assert {"qcluster", "migrate", "aijobs", "canvases"} <= set(listed.split())


def test_the_pages_files_and_the_admins_are_found(build: Build) -> None:
    command = ["python", "manage.py", "collectstatic", "--dry-run", "--no-input", "--verbosity", "2"]
    found = build.execute(build.stages["final"], command, **PRODUCTION)
    assert "frontend/dist/index.html" in found
    assert "/admin/css/base.css" in found


def test_the_image_and_the_guide_bring_fonts_for_what_the_pages_fonts_lack() -> None:
    guide = (PROJECT / "docs" / "deployment.md").read_text()
    (installed,) = re.findall(
        r"apt-get install --yes --no-install-recommends (.+?) &&",
        " ".join(rest for word, rest in Build(Path()).stages["final"].instructions if word == "RUN"),
    )
    fonts = installed.split()
    assert {"fonts-noto-core", "fonts-noto-color-emoji"} <= set(fonts)
    (by_hand,) = re.findall(r"^    apt install (.+)$", guide, re.MULTILINE)
    assert set(fonts) <= set(by_hand.split())


def test_no_test_no_secret_and_no_folder_of_this_machine_is_sent() -> None:
    sent = context()
    assert "collabcanvas/settings.py" in sent
    assert not [
        path for path in sent if "/tests/" in path or path.startswith(("tests/", ".git", ".env", ".data"))
    ]
    assert ignored(".env")
    assert ignored("frontend/node_modules/x/y.js")


def _checked(*command: str) -> str:
    tool = Path(sys.executable).parent / command[0]
    done = subprocess.run(
        [str(tool), *command[1:]], cwd=PROJECT, capture_output=True, text=True, check=False, timeout=60
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_the_dockerfile_has_nothing_that_its_linter_minds() -> None:
    assert _checked("hadolint", "Dockerfile") == ""


def test_compose_is_what_its_schema_describes() -> None:
    assert _checked("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml") == ""


def test_every_script_is_what_its_linter_likes() -> None:
    files = [PROJECT / "deploy.sh", *(PROJECT / ".ci").iterdir()]
    scripts = [str(path) for path in files if re.match(r"#!.*sh\n", path.read_text())]
    assert _checked("shellcheck", *scripts) == ""


# Of Railway's configuration as code, docs.railway.com/config-as-code/reference: what we use, and its kind.
_RAILWAY: dict[str, dict[str, type]] = {
    "build": {"builder": str, "dockerfilePath": str},
    "deploy": {
        "preDeployCommand": list,
        "startCommand": str,
        "healthcheckPath": str,
        "healthcheckTimeout": int,
        "restartPolicyType": str,
        "overlapSeconds": int,
        "drainingSeconds": int,
    },
}


@pytest.mark.parametrize("name", ["railway.json", "railway.worker.json"])
def test_railway_knows_every_key(name: str) -> None:
    wanted = json.loads((PROJECT / name).read_text())
    assert wanted.pop("$schema") == "https://railway.com/railway.schema.json"
    assert set(wanted) == set(_RAILWAY)
    for part, keys in wanted.items():
        for key, value in keys.items():
            assert isinstance(value, _RAILWAY[part][key]), key
    assert wanted["build"]["builder"] == "DOCKERFILE"
    assert wanted["deploy"]["restartPolicyType"] in {"ON_FAILURE", "ALWAYS", "NEVER"}


UNITS = ["collabcanvas-web.service", "collabcanvas-worker.service"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_the_units(name: str, tmp_path: Path) -> None:
    # With programs that exist here: systemd looks for them.
    unit = re.sub(r"/srv/collabcanvas/venv/bin/\w+", sys.executable, (PROJECT / "deploy" / name).read_text())
    (tmp_path / name).write_text(unit)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / name)],
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if name in line]
    assert complaints == []


def test_the_units_run_what_the_image_runs() -> None:
    web, worker = ((PROJECT / "deploy" / name).read_text() for name in UNITS)
    image = (PROJECT / "Dockerfile").read_text()
    daphne = re.search(r"--websocket-max-message-size .*?application", image)
    assert daphne is not None
    assert daphne.group() in web
    assert "manage.py qcluster" in worker
    stop = re.search(r"TimeoutStopSec=(\d+)", worker)
    assert stop is not None
    assert int(stop.group(1)) > 20 + 5, "more than AI_JOBS_DRAIN_SECONDS and what the worker itself needs"


def test_the_guide_names_files_that_exist() -> None:
    guide = (PROJECT / "docs" / "deployment.md").read_text()
    named = r"(?<![\w/])((?:deploy|docs|tests)/[\w./-]+\.\w+|deploy\.sh|railway[\w.]*\.json|\.env\.example)"
    found = set(re.findall(named, guide))
    assert {"deploy.sh", "railway.worker.json", "deploy/collabcanvas-worker.service"} <= found
    for path in found:
        assert (PROJECT / path).exists(), path
