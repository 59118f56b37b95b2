"""What settings change that no other test shows: where mail goes, how the log reads, what compose and make use."""

import base64
import json
import os
import re
import shutil
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from tests.running import PROJECT

UNUSED = {"DEBUG": "1", "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}


def program(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter in exactly this environment, without a database."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], **UNUSED, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@contextmanager
def mail_server() -> Iterator[tuple[str, list[str]]]:
    """Its address, and the lines that it is told: it takes every mail from who names a password."""
    told: list[str] = []

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 ready")
            in_mail = False
            for raw in self.rfile:
                line = raw.decode().rstrip("\r\n")
                told.append(line)
                if in_mail:
                    in_mail = line != "."
                    if not in_mail:
                        self.say("250 taken")
                elif line.upper() == "DATA":
                    in_mail = True
                    self.say("354 go on")
                elif line.upper().startswith("EHLO"):
                    self.say("250-here\r\n250 AUTH PLAIN")
                elif line.startswith("AUTH"):
                    self.say("235 welcome")
                elif line.upper() == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 well")

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}", told
        finally:
            server.shutdown()
            thread.join()


def test_mail_goes_to_the_server_that_email_url_names_and_is_printed_without_one() -> None:
    send = ("manage.py", "sendtestemail", "somebody@example.org")
    printed = program(*send)
    assert printed.returncode == 0, printed.stderr
    assert "To: somebody@example.org" in printed.stdout

    with mail_server() as (address, told):
        sent = program(*send, EMAIL_URL=f"smtp://ada:pa%2Fss@{address}")
    assert sent.returncode == 0, sent.stderr
    assert "To: somebody@example.org" not in sent.stdout
    assert "To: somebody@example.org" in told
    (signed_in,) = [line for line in told if line.startswith("AUTH PLAIN")]
    assert base64.b64decode(signed_in.split()[2]) == b"\0ada\0pa/ss"


def test_log_format_text_is_for_people_and_shows_what_json_keeps_to_itself() -> None:
    fault = (
        "import django, logging; django.setup()\n"
        "try: raise ValueError('the words of somebody')\n"
        "except ValueError: logging.getLogger('here').exception('it_happened', extra={'job_id': 7})"
    )
    lines = {
        kind: program("-c", fault, DJANGO_SETTINGS_MODULE="collabcanvas.settings", LOG_FORMAT=kind).stderr
        for kind in ("json", "text")
    }
    told = json.loads(lines["json"])
    assert (told["event"], told["job_id"]) == ("it_happened", 7)
    assert "ValueError" in told["exception"]
    assert "the words of somebody" not in lines["json"]

    first, *traceback = lines["text"].splitlines()
    assert first.startswith("[error")
    assert "it_happened" in first
    assert "job_id=7" in first
    assert "ValueError: the words of somebody" in traceback[-1]


@pytest.mark.parametrize(
    ("environment", "password"),
    [({}, "collabcanvas"), ({"POSTGRES_PASSWORD": "of-this-test"}, "of-this-test")],
)
def test_postgres_password_is_that_of_the_server_and_of_all_who_connect_to_it(
    environment: dict[str, str], password: str
) -> None:
    # As compose fills it in: the value, or what follows `:-`.
    filled = re.sub(
        r"\$\{(\w+):-(\w*)\}",
        lambda found: environment.get(found[1]) or found[2],
        (PROJECT / "docker-compose.yml").read_text(),
    )
    services = yaml.safe_load(filled)["services"]
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD"] == password
    for name in ("migrate", "web", "worker"):
        address = urlsplit(services[name]["environment"]["DATABASE_URL"])
        assert (address.hostname, address.password) == ("postgres", password), name


def test_python_names_the_interpreter_that_makes_the_environment(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    for name in ("Makefile", ".ci/check-python"):
        shutil.copy(PROJECT / name, tmp_path / name)
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text("")
    mine = tmp_path / "my-python"
    mine.write_text(f'#!/bin/sh\necho "$@" >> "{tmp_path}/asked"\nexec "{sys.executable}" "$@"\n')
    mine.chmod(0o755)

    def make(python: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", ".venv/bin/installed", f"PYTHON={python}"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PIP_NO_INDEX": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    refused = make(tmp_path / "no-python")
    assert refused.returncode != 0
    assert f"There is no {tmp_path}/no-python here." in refused.stderr
    assert not (tmp_path / ".venv").exists()
    made = make(mine)
    assert made.returncode == 0, made.stdout + made.stderr
    assert "-m venv --clear .venv" in (tmp_path / "asked").read_text()
    assert (tmp_path / ".venv" / "bin" / "installed").exists()
