"""`manage.py doctor` names each part that a test breaks, and says what to do."""

import json
import shutil
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from ai_jobs.tests import factories as make
from collabcanvas.lib.tests.commands import run_command

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # django-typer 4.1 still passes what typer 0.27 calls deprecated.
    pytest.mark.filterwarnings("ignore:In Typer, only the parameter 'autocompletion':DeprecationWarning"),
]
KEY = "sk-a-key-of-the-tests"


def doctor(*arguments: str) -> tuple[int, str]:
    said = run_command("doctor", *arguments)
    return said.code, said.out


def examine(part: str) -> dict[str, Any]:
    """What it says of one part, in a run that has to end as that part's state demands."""
    code, text = doctor("--json")
    found: dict[str, dict[str, Any]] = {item["part"]: item for item in json.loads(text)["checks"]}
    states = {item["state"] for item in found.values()}
    assert code == (2 if "broken" in states else 1 if "warning" in states else 0)
    item = found[part]
    assert (item["state"] in ("warning", "broken")) == bool(item["advice"]), item
    return item


@pytest.fixture(autouse=True)
def all_well(settings: Any, tmp_path: Path) -> None:
    """A worker lives, the page is built, and mail is printed."""
    make.make_worker()
    (tmp_path / "index.html").touch()
    settings.RELEASE = "1.2.3"
    settings.FRONTEND_DIST = tmp_path
    settings.WHITENOISE_USE_FINDERS = True
    settings.DEBUG = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    # What other tests have not made stays out of this one.
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def test_all_is_well() -> None:
    code, text = doctor()
    assert code == 0, text
    assert "broken" not in text
    assert "What to do" not in text
    assert {item["state"] for item in json.loads(doctor("--json")[1])["checks"]} == {"ok"}


def test_a_table_and_what_to_do() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ai_jobs_worker")
    code, text = doctor()
    assert code == 2
    lines = text.splitlines()
    assert lines[0].split() == ["PART", "STATE", "FOUND"]
    assert any(line.split()[:2] == ["workers", "broken"] for line in lines)
    assert "- workers: Start one: python manage.py qcluster" in lines


def test_a_database_that_is_away() -> None:
    connection.close()
    real = dict(connection.settings_dict)
    connection.settings_dict.update(HOST="127.0.0.1", PORT="1")
    try:
        assert examine("database")["state"] == "broken"
        for part in ("migrations", "notifications", "workers", "clock"):
            assert examine(part)["state"] == "skipped"
    finally:
        connection.settings_dict.update(real)


def test_a_missing_migration() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations WHERE app = 'kernel')"
            " RETURNING name"
        )
        name = cursor.fetchone()[0]
        try:
            item = examine("migrations")
        finally:
            cursor.execute(
                "INSERT INTO django_migrations (app, name, applied) VALUES ('kernel', %s, now())", [name]
            )
    assert (item["state"], item["advice"]) == ("broken", "Run: python manage.py migrate")
    assert f"kernel.{name}" in item["found"]


def test_a_pooler_that_swallows_notifications() -> None:
    with deaf_pooler() as port:
        real = dict(connection.settings_dict)
        connection.close()
        options = {**real["OPTIONS"], "sslmode": "disable", "gssencmode": "disable"}
        connection.settings_dict.update(HOST="127.0.0.1", PORT=str(port), OPTIONS=options)
        try:
            item = examine("notifications")
            assert examine("database")["state"] == "ok"
        finally:
            connection.close()
            connection.settings_dict.update(real)
    assert item["state"] == "broken"
    assert "session mode" in item["advice"]


def test_a_channel_layer_that_carries_nothing(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "no.such.Layer"}}
    assert examine("channel layer")["state"] == "broken"


@pytest.mark.parametrize(
    ("statement", "state"),
    [
        ("DELETE FROM ai_jobs_worker", "broken"),
        ("UPDATE ai_jobs_worker SET heartbeat_at = now() - interval '31 s'", "broken"),
        ("UPDATE ai_jobs_worker SET draining = TRUE", "broken"),
        ("UPDATE ai_jobs_worker SET loop_lag_ms = 5000", "warning"),
        ("UPDATE ai_jobs_worker SET version = '0.0.1'", "warning"),
        ("INSERT INTO ai_jobs_pause (job_type, reason, paused_at) VALUES ('', '', now())", "warning"),
    ],
)
def test_workers_that_are_not_well(statement: str, state: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
    assert examine("workers")["state"] == state


def test_a_cache_without_its_table(settings: Any) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "no_such_cache"}
    }
    item = examine("cache tables")
    assert item["state"] == "broken"
    assert "createcachetable" in item["advice"]


def test_a_clock_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time
    monkeypatch.setattr("time.time", lambda: real() - 60)
    assert examine("clock")["state"] == "warning"


@pytest.mark.parametrize(
    ("status", "models", "state", "says"),
    [
        (200, ["gpt-5.4-mini"], "ok", "accepts the key"),
        (200, ["another"], "warning", "AI_MODEL"),
        (401, [], "broken", "OPENAI_API_KEY"),
        (404, [], "warning", "aijobs submit"),
    ],
)
def test_the_vendor_is_asked_with_the_key(
    settings: Any, status: int, models: list[str], state: str, says: str
) -> None:
    with http_server(status, {"data": [{"id": model} for model in models]}) as (address, asked):
        settings.AI_VENDOR, settings.AI_MODEL_NAME = "openai", "gpt-5.4-mini"
        settings.AI_BASE_URL, settings.OPENAI_API_KEY = f"{address}/v1", KEY
        item = examine("provider")
    assert (item["state"], says in item["found"] + (item["advice"] or "")) == (state, True)
    assert asked == [("/v1/models", f"Bearer {KEY}")]
    assert KEY not in json.dumps(item)


def test_a_vendor_that_is_away(settings: Any) -> None:
    settings.AI_VENDOR, settings.AI_MODEL_NAME = "anthropic", "claude-haiku-5-5"
    settings.AI_BASE_URL, settings.ANTHROPIC_API_KEY = "http://127.0.0.1:1", KEY
    assert examine("provider")["state"] == "broken"


def test_a_mail_server_that_is_away_and_one_that_lets_us_in(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    item = examine("mail")
    assert (item["state"], "EMAIL_URL" in item["advice"]) == ("broken", True)
    with mail_server() as port:
        settings.EMAIL_PORT = port
        assert examine("mail")["state"] == "ok"


def test_printed_mail_is_a_warning_in_production(settings: Any) -> None:
    settings.DEBUG = False
    assert examine("mail")["state"] == "warning"


def test_a_page_that_was_not_built_and_files_that_were_not_collected(settings: Any, tmp_path: Path) -> None:
    settings.WHITENOISE_USE_FINDERS, settings.STATIC_ROOT = False, tmp_path / "nothing"
    assert "collectstatic" in examine("static files")["advice"]
    settings.FRONTEND_DIST = tmp_path / "nothing"
    assert "npm run build" in examine("static files")["advice"]


def test_settings_that_do_not_fit_together(settings: Any) -> None:
    settings.AI_JOBS_LEASE_SECONDS = 6.0
    item = examine("settings")
    assert (item["state"], "ai_jobs.E001" in item["found"]) == ("broken", True)
    assert "AI_JOBS_LEASE_SECONDS" in item["advice"]


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    # A disk that is really full would break the tests that run beside this one.
    usage = shutil.disk_usage("/")
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage._replace(free=1024))
    assert examine("disk")["state"] == "warning"


# --- What it talks to ---------------------------------------------------------------------------------------
@contextmanager
def served(server: Any) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def http_server(status: int, body: Any) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A vendor that answers everything so; with the paths and keys that it was asked with."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Authorization"]))
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    with served(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        yield f"http://127.0.0.1:{port}", asked


@contextmanager
def mail_server() -> Iterator[int]:
    """A server that greets and says yes to everything."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            for line in self.rfile:
                self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 yes\r\n")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with served(server) as port:
        yield port


@contextmanager
def deaf_pooler() -> Iterator[int]:
    """A way to the database that passes everything on but notifications, as poolers in transaction mode do."""
    parameters = connection.get_connection_params()

    def reach_database() -> socket.socket:
        host = str(parameters.get("host") or "/var/run/postgresql")
        port = parameters.get("port") or 5432
        if host.startswith("/"):
            there = socket.socket(socket.AF_UNIX)
            there.connect(f"{host}/.s.PGSQL.{port}")
            return there
        return socket.create_connection((host, int(port)))

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            there = reach_database()
            back = threading.Thread(
                target=pass_on_without_notifications, args=(there, self.request), daemon=True
            )
            back.start()
            while data := self.request.recv(65536):
                there.sendall(data)
            there.close()
            back.join(5)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with served(server) as port:
        yield port


def pass_on_without_notifications(there: socket.socket, here: socket.socket) -> None:
    stream = there.makefile("rb")
    try:
        # Each message is one letter, its length, and the rest.
        while head := stream.read(5):
            rest = stream.read(int.from_bytes(head[1:], "big") - 4)
            if head[:1] != b"A":
                here.sendall(head + rest)
    except OSError:
        pass
