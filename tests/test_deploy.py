"""`deploy.sh` against a stand-in for Railway: what it asks for, in which order, and where it stops."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.running import PROJECT

# Answers as the command line of Railway does, and writes down what it was asked.
STAND_IN = """#!{python}
import json, os, pathlib, sys
arguments = sys.argv[1:]
state_path = pathlib.Path({state!r})
state = json.loads(state_path.read_text())
uploaded = {{}}
if arguments[0] == "up":
    folder = pathlib.Path(arguments[1])
    uploaded = {{"start": json.loads((folder / "railway.json").read_text())["deploy"]["startCommand"],
                "files": sorted(path.name for path in folder.iterdir())}}
state["calls"].append({{"arguments": arguments, **uploaded}})
service = arguments[arguments.index("--service") + 1] if "--service" in arguments else None
status = 1 if arguments[0] in state["fails"] else 0
if arguments[0] == "variables":
    known = state["services"].get(service)
    if known is None:
        status = 1
    elif "--set" in arguments:
        name, _, value = arguments[arguments.index("--set") + 1].partition("=")
        known[name] = value
    else:
        state["reads"] += 1
        if state["reads"] == state["read_that_fails"]:
            status = 1
        else:
            print(json.dumps(known))
elif arguments[0] == "domain":
    state["services"][service]["RAILWAY_PUBLIC_DOMAIN"] = "canvas.example.org"
elif arguments[0] == "up" and not status:
    state["running"].append(uploaded["start"])
state_path.write_text(json.dumps(state))
sys.exit(status)
"""


class Railway:
    """A project on the stand-in, a checkout with `deploy.sh`, and a site that runs what was uploaded."""

    def __init__(self, folder: Path, site: str) -> None:
        self.checkout = folder / "checkout"
        self._site = site
        self._state = folder / "state.json"
        self.write(
            services={"web": {}, "worker": {}, "Postgres": {"DATABASE_URL": "postgresql://…"}},
            calls=[],
            fails=[],
            reads=0,
            read_that_fails=0,
            running=[],
        )
        bin_folder = folder / "bin"
        bin_folder.mkdir()
        stand_in = bin_folder / "railway"
        stand_in.write_text(STAND_IN.format(python=sys.executable, state=str(self._state)))
        stand_in.chmod(0o755)
        self.path = f"{bin_folder}:{os.environ['PATH']}"
        self.checkout.mkdir()
        for name in ("deploy.sh", "railway.json", "railway.worker.json"):
            shutil.copy(PROJECT / name, self.checkout)
        self.git("init", "--quiet")
        self.git("add", "--all")
        self.git(
            "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "-m", "a release"
        )
        self.commit = self.git("rev-parse", "HEAD").strip()

    def git(self, *arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=self.checkout, check=True, capture_output=True, text=True
        ).stdout

    def read(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self._state.read_text())
        return state

    def write(self, **changes: Any) -> None:
        known = self.read() if self._state.exists() else {}
        self._state.write_text(json.dumps(known | changes))

    def deploy(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["./deploy.sh", *arguments],
            cwd=self.checkout,
            env={
                "PATH": self.path,
                "HOME": str(self.checkout),
                "SITE_URL": self._site,
                "SMOKE_SECONDS": "20",
                "SMOKE_INTERVAL": "0.1",
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def uploads(self) -> list[dict[str, Any]]:
        return [call for call in self.read()["calls"] if call["arguments"][0] == "up"]


@pytest.fixture
def railway(tmp_path: Path) -> Iterator[Railway]:
    def answer(path: str) -> dict[str, Any]:
        running = project.read()["running"]
        return {
            "/version": {"commit": project.commit if any("daphne" in start for start in running) else "old"},
            "/health/ready": {"status": "ready"},
            "/api/ai-agent/health": {
                "status": "healthy",
                "job_processor": "running" if any("qcluster" in start for start in running) else "stopped",
            },
        }[path]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(answer(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        project = Railway(tmp_path, f"http://127.0.0.1:{server.server_port}")
        yield project
        server.shutdown()


def test_it_sets_what_is_missing_and_deploys_web_before_the_worker(railway: Railway) -> None:
    done = railway.deploy()

    assert done.returncode == 0, done.stdout + done.stderr
    services = railway.read()["services"]
    secret = services["web"].pop("SECRET_KEY")
    assert len(secret) > 50
    assert secret not in done.stdout + done.stderr
    assert services["web"] == {
        "RAILWAY_PUBLIC_DOMAIN": "canvas.example.org",
        "ALLOWED_HOSTS": "${{RAILWAY_PUBLIC_DOMAIN}}",
        "DATABASE_URL": "${{Postgres.DATABASE_URL}}",
        "COMMIT_SHA": railway.commit,
    }
    assert services["worker"] == {
        "SECRET_KEY": "${{web.SECRET_KEY}}",
        "ALLOWED_HOSTS": "${{web.ALLOWED_HOSTS}}",
        "DATABASE_URL": "${{web.DATABASE_URL}}",
        "COMMIT_SHA": railway.commit,
    }
    web, worker = railway.uploads()
    assert web["arguments"][2:] == ["--path-as-root", "--service", "web", "--ci"]
    assert worker["arguments"][2:] == ["--path-as-root", "--service", "worker", "--ci"]
    assert "daphne" in web["start"]
    assert worker["start"] == "python manage.py qcluster"
    assert f"CollabCanvas {railway.commit} runs at" in done.stdout


def test_the_services_may_have_other_names(railway: Railway) -> None:
    railway.write(services={"page": {}, "draws": {}, "Data": {"DATABASE_URL": "postgresql://…"}})
    done = railway.deploy(WEB_SERVICE="page", WORKER_SERVICE="draws", POSTGRES_SERVICE="Data")
    assert done.returncode == 0, done.stdout + done.stderr
    services = railway.read()["services"]
    assert services["page"]["DATABASE_URL"] == "${{Data.DATABASE_URL}}"
    assert services["draws"]["SECRET_KEY"] == "${{page.SECRET_KEY}}"
    assert [upload["arguments"][4] for upload in railway.uploads()] == ["page", "draws"]


def test_a_second_time_it_leaves_the_variables_as_they_are(railway: Railway) -> None:
    railway.deploy()
    first = railway.read()["services"]
    assert railway.deploy().returncode == 0
    assert railway.read()["services"] == first


def test_what_a_person_set_stays(railway: Railway) -> None:
    mine = {
        "SECRET_KEY": "mine",
        "ALLOWED_HOSTS": "draw.example.org",
        "RAILWAY_PUBLIC_DOMAIN": "x.example.org",
    }
    railway.write(services={"web": mine, "worker": {"SECRET_KEY": "mine"}, "Postgres": {}})
    assert railway.deploy().returncode == 0
    services = railway.read()["services"]
    assert mine.items() <= services["web"].items()
    assert services["worker"]["SECRET_KEY"] == "mine"


# The first three only look whether there are such services; then come web's variables and the worker's.
@pytest.mark.parametrize("number", [5, 8])
def test_that_railway_does_not_answer_once_is_not_taken_for_a_variable_that_is_missing(
    railway: Railway, number: int
) -> None:
    railway.deploy()
    first = railway.read()["services"]
    railway.write(reads=0, read_that_fails=number, calls=[])
    done = railway.deploy()
    assert done.returncode == 1
    assert f"does not say which variables {'worker' if number == 8 else 'web'} has" in done.stderr
    assert railway.read()["services"] == first
    assert not railway.uploads()


def test_only_what_is_committed_is_uploaded(railway: Railway) -> None:
    (railway.checkout / ".git" / "info" / "exclude").write_text("secret.txt\n")
    (railway.checkout / "secret.txt").write_text("not for Railway")
    railway.deploy()
    assert [upload["files"] for upload in railway.uploads()] == [
        ["deploy.sh", "railway.json", "railway.worker.json"],
        ["deploy.sh", "railway.json"],
    ]


def test_looking_changes_nothing(railway: Railway) -> None:
    done = railway.deploy("--check")
    assert (done.returncode, done.stdout) == (0, "Everything is there that a deployment needs.\n")
    assert all("--set" not in call["arguments"] for call in railway.read()["calls"])
    assert not railway.uploads()


def _dirty(railway: Railway) -> None:
    (railway.checkout / "new.txt").write_text("not committed")


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (
            lambda railway: railway.write(fails=["whoami"]),
            "You are not signed in to Railway. Run: railway login",
        ),
        (lambda railway: railway.write(fails=["status"]), "belongs to no Railway project. Run: railway link"),
        (lambda railway: railway.write(services={"web": {}, "Postgres": {}}), "no service 'worker'"),
        (lambda railway: railway.write(services={"web": {}, "worker": {}}), "no database 'Postgres'"),
        (_dirty, "changes that are not committed"),
    ],
)
def test_what_is_missing_is_named_before_anything_is_changed(
    railway: Railway, prepare: Callable[[Railway], None], sentence: str
) -> None:
    prepare(railway)
    done = railway.deploy()
    assert done.returncode == 1
    assert sentence in done.stderr
    assert all("--set" not in call["arguments"] for call in railway.read()["calls"])
    assert not railway.uploads()


def test_a_token_takes_the_place_of_signing_in(railway: Railway) -> None:
    railway.write(fails=["whoami"])
    assert railway.deploy("--check", RAILWAY_TOKEN="of-the-project").returncode == 0


def test_a_build_that_fails_stops_it_before_the_worker(railway: Railway) -> None:
    railway.write(fails=["up"])
    done = railway.deploy()
    assert done.returncode == 1
    assert "Railway did not build web" in done.stderr
    assert len(railway.uploads()) == 1


def test_a_site_that_does_not_run_the_commit_is_reported(railway: Railway) -> None:
    railway.commit = "another"
    done = railway.deploy(SMOKE_SECONDS="1")
    assert done.returncode == 1
    assert "does not run this commit after 1 s. See: railway logs --service web" in done.stderr
    assert len(railway.uploads()) == 1


def test_an_unknown_option_is_refused(railway: Railway) -> None:
    assert "is no option" in railway.deploy("--fast").stderr
