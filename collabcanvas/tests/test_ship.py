"""What is shipped fits together: the image, Railway's two files, compose, and the example environment."""

import importlib.util
import json
import re
import shlex
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parent.parent.parent
HEALTH = "/health/ready"
# Twice our own limit: daphne cuts the line without a word, our consumers say why.
SIZES = "--websocket-max-message-size 2097152 --websocket-max-frame-size 2097152"
WEB = f"exec daphne -b 0.0.0.0 -p ${{PORT}} {SIZES} collabcanvas.asgi:application"
WORKER = "python manage.py qcluster"


def instructions() -> list[tuple[str, str]]:
    text = (PROJECT / "Dockerfile").read_text()
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


def words_of(word: str) -> str:
    return "\n".join(rest for found, rest in instructions() if found == word)


def compose() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
    return parsed


def railway(name: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads((PROJECT / name).read_text())
    return parsed


def test_everything_that_the_image_copies_exists_and_is_not_ignored() -> None:
    let_in = {
        line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    copied = [
        source
        for word, rest in instructions()
        if word == "COPY" and "--from" not in rest
        for source in rest.split()[:-1]
    ]
    assert copied
    for source in copied:
        assert (PROJECT / source).exists(), source
        assert Path(source).parts[0] in let_in, source


def test_every_application_is_in_the_image() -> None:
    copied = " ".join(rest for word, rest in instructions() if word == "COPY")
    for package in (path.parent.name for path in PROJECT.glob("*/__init__.py")):
        assert package in {"tests", "benchmarks"} or f"{package}/ {package}/" in copied, package


def test_the_image_serves_as_an_ordinary_user_and_its_commands_exist() -> None:
    words = dict(instructions())
    assert words["USER"] == "10001"
    assert "useradd --system --create-home --uid 10001 collabcanvas" in words_of("RUN")
    assert json.loads(words["CMD"]) == ["sh", "-c", WEB]
    assert importlib.util.find_spec("collabcanvas.asgi")
    check = json.loads(words["HEALTHCHECK"].partition(" CMD ")[2])
    assert check[:2] == ["python", "-m"]
    assert importlib.util.find_spec(check[2])
    assert HEALTH in (PROJECT / "collabcanvas" / "container_health.py").read_text()


def test_the_image_installs_only_what_ships() -> None:
    installed = " ".join(rest for word, rest in instructions() if word == "RUN")
    assert "requirements.txt" in installed
    assert "requirements-dev" not in installed


def test_railway_runs_web_with_a_migration_before_and_a_health_check() -> None:
    deploy = railway("railway.json")["deploy"]
    assert deploy["preDeployCommand"] == ["python manage.py migrate --no-input"]
    assert deploy["healthcheckPath"] == HEALTH
    assert shlex.split(deploy["startCommand"]) == ["sh", "-c", WEB.replace("${PORT}", "$PORT")]


def test_railway_gives_a_worker_more_time_than_it_drains() -> None:
    deploy = railway("railway.worker.json")["deploy"]
    assert deploy["startCommand"] == WORKER
    # Railway refuses these as texts.
    assert isinstance(deploy["drainingSeconds"], int)
    assert deploy["drainingSeconds"] >= 20 + 5
    assert "healthcheckPath" not in deploy


def test_both_railway_files_build_the_same_image() -> None:
    assert railway("railway.json")["build"] == railway("railway.worker.json")["build"]
    assert (PROJECT / railway("railway.json")["build"]["dockerfilePath"]).exists()


def test_compose_migrates_before_web_and_worker_start() -> None:
    services = compose()["services"]
    assert set(services) == {"postgres", "migrate", "web", "worker"}
    assert services["migrate"]["command"] == ["python", "manage.py", "migrate", "--no-input"]
    assert " ".join(services["worker"]["command"]) == WORKER
    for name in ("web", "worker"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
        assert services[name]["environment"]["DATABASE_URL"].startswith("postgresql://")
