"""What a host is told of a process, with and without its database."""

import json
import platform
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings

from ai_jobs import health as jobs_health
from ai_jobs.models import Worker
from ai_jobs.tests.factories import make_user, submit_many
from collabcanvas import container_health
from collabcanvas.lib import health
from collabcanvas.lib.errors import AppError


@contextmanager
def no_database() -> Iterator[None]:
    """Whoever asks the database now finds nobody: the connection is to a port where nothing listens."""
    connection.close()
    real = dict(connection.settings_dict)
    connection.settings_dict.update(HOST="127.0.0.1", PORT="1")
    try:
        yield
    finally:
        connection.settings_dict.update(real)


@pytest.fixture
def without_database(transactional_db: None) -> Iterator[None]:
    with no_database():
        yield


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a fresh process."""
    monkeypatch.setattr(health, "_migrated", [])


def ask(client: Client, path: str, code: int) -> Any:
    answer = client.get(path)
    assert answer.status_code == code, answer.content
    assert "no-store" in answer["Cache-Control"]
    return json.loads(answer.content)


def test_ready_with_a_migrated_database(client: Client, db: None) -> None:
    assert ask(client, "/health/ready", 200) == {"status": "ready"}


def test_alive_but_not_ready_without_a_database(client: Client, without_database: None) -> None:
    assert ask(client, "/health/live", 200) == {"status": "alive"}
    answer = ask(client, "/health/ready", 503)
    assert answer == {"error": health.NO_DATABASE, "code": "not_ready"}


def test_not_ready_again_when_the_database_goes_away_later(client: Client, transactional_db: None) -> None:
    ask(client, "/health/ready", 200)
    with no_database():
        assert ask(client, "/health/ready", 503)["error"] == health.NO_DATABASE


def test_not_ready_while_a_migration_is_missing(client: Client, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations WHERE app = 'kernel')"
            " RETURNING name"
        )
        name = cursor.fetchone()[0]
    answer = ask(client, "/health/ready", 503)
    assert f"kernel.{name}" in answer["error"]
    assert "python manage.py migrate" in answer["error"]


def test_the_version_of_web_and_of_the_workers(client: Client, db: None) -> None:
    for version in ("0.1.0+abc1234", "0.1.0+abc1234", "0.0.9"):
        Worker.objects.create(host="h", pid=1, version=version, slots=1)
    with override_settings(COMMIT="abc1234def"):
        answer = ask(client, "/version", 200)
    assert answer == {
        "release": settings.VERSION,
        "commit": "abc1234def",
        "django": answer["django"],
        "python": platform.python_version(),
        "workers": {"0.0.9": 1, "0.1.0+abc1234": 2},
    }


def test_the_version_is_told_without_a_database(client: Client, without_database: None) -> None:
    assert ask(client, "/version", 200)["workers"] is None


def test_a_hosts_check_over_plain_http_is_not_sent_to_https(client: Client, db: None) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True):
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/ready").status_code == 200
        assert client.get("/version").status_code == 301


@pytest.mark.parametrize("path", ["/health/", "/health/well"])
def test_what_is_not_there_is_no_page(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_worker_that_drains_alone_does_not_count_as_running(client: Client, db: None) -> None:
    Worker.objects.create(host="h", pid=1, version="1", slots=1, draining=True)
    answer = client.get("/api/ai-agent/health").json()
    assert answer["job_processor"] == "stopped"
    assert [worker["draining"] for worker in answer["workers"]] == [True]
    Worker.objects.create(host="h", pid=2, version="1", slots=1)
    assert client.get("/api/ai-agent/health").json()["job_processor"] == "running"


def test_anybody_learns_how_the_workers_are_but_not_where(client: Client, db: None) -> None:
    Worker.objects.create(host="a-secret-host", pid=4711, version="1", slots=3)
    answer = client.get("/api/ai-agent/health")
    assert answer.json()["workers"][0]["slots"] == 3
    assert answer.json()["workers"][0]["heartbeat_age_seconds"] < 30
    assert b"a-secret-host" not in answer.content
    assert b"4711" not in answer.content


def test_a_long_queue_is_not_counted_to_its_end(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_health, "QUEUE_COUNTED", 3)
    submit_many(make_user(), 5)
    assert client.get("/api/ai-agent/health").json()["queue_depth"] == 3


def test_a_workers_container_is_well_while_its_engine_gives_signs_of_life(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = connection.get_connection_params()
    address = " ".join(
        f"{name}={parts[name]}" for name in ("host", "port", "dbname", "user", "password") if parts.get(name)
    )
    monkeypatch.setenv("DATABASE_URL", address)
    silent = "No engine of this container has given a sign of life"
    assert container_health.fault_of_worker().startswith(silent)
    Worker.objects.create(host="another-host", pid=1, version="1", slots=1)
    assert container_health.fault_of_worker().startswith(silent)
    mine = Worker.objects.create(host=socket.gethostname(), pid=2, version="1", slots=1)
    assert container_health.fault_of_worker() == ""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ai_jobs_worker SET heartbeat_at = now() - interval '31 s' WHERE id = %s", [mine.pk]
        )
    assert container_health.fault_of_worker().startswith(silent)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "postgresql://nobody@127.0.0.1:1/none",
        "postgresql://nobody:se%cret@127.0.0.1:1/none",
        "postgresql://nobody:se/cret@127.0.0.1:1/none",
        "postgresql://nobody:se@cret@127.0.0.1:1/none",
        "pgsql://nobody:secret@127.0.0.1:1/none",
    ],
)
def test_a_container_without_its_database_says_so_and_not_the_password(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    fault = container_health.fault_of_worker()
    assert fault.startswith("The database at DATABASE_URL cannot be asked.")
    assert "cret" not in fault


def test_a_web_container_says_what_keeps_it_from_being_ready(
    live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", str(live_server.thread.port))
    assert container_health.fault_of_web() == ""
    monkeypatch.setattr(health, "_migrated", [])
    monkeypatch.setattr(health, "unapplied_migrations", lambda: ["ai_jobs.0999_later"])
    fault = container_health.fault_of_web()
    assert "answered 503" in fault
    assert "Run: python manage.py migrate" in fault
    monkeypatch.setenv("PORT", "1")
    assert "does not answer" in container_health.fault_of_web()


def test_every_refusal_is_a_sentence() -> None:
    assert issubclass(health.NotReady, AppError)
    assert health.NO_DATABASE.endswith(".")
