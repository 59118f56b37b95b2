"""Web and worker as two services that come and go by themselves, as on a server with many hosts."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from tests.people import MAKE_CAST, Person, assemble
from tests.running import PROJECT, UNLIMITED, free_port, wait_until


class SeparateServices:
    """A database of its own, one web and one worker service on it, and a gate in front of every drawing.

    While the gate is shut (`shut_gate`), a job that was claimed waits before it draws. `code` is the
    folder of the project whose services they are.
    """

    def __init__(self, folder: Path, *, code: Path = PROJECT, **environment: str) -> None:
        self._code = code
        self.port = free_port()
        self.base_url = f"http://localhost:{self.port}"
        self._server_url = os.environ["DATABASE_URL"]
        self._name = f"separate_{self.port}"
        self._on_server(f'CREATE DATABASE "{self._name}"')
        self.database_url = urlunsplit(urlsplit(self._server_url)._replace(path=f"/{self._name}"))
        self._gate = folder / "gate"
        self._log = folder / "services.log"
        self._environment = {
            **os.environ,
            "DEBUG": "1",
            **UNLIMITED,
            "DATABASE_URL": self.database_url,
            "DJANGO_SETTINGS_MODULE": "tests.probe_settings",
            "PROBE_GATE": str(self._gate),
            "AI_JOBS_DRAIN_SECONDS": "0",
            "Q_WORKERS": "1",
            **environment,
        }
        self._web: subprocess.Popen[bytes] | None = None
        self._worker: subprocess.Popen[bytes] | None = None
        self._second: subprocess.Popen[bytes] | None = None
        self.manage("migrate", "--verbosity", "0")
        self.manage("create_demo")
        made = self.manage("shell", "--no-imports", "--command", MAKE_CAST)
        self.start_web()
        self.cast: dict[str, Person] = assemble(base_url=self.base_url, made=made)

    def start_web(self, **environment: str) -> None:
        """It answers."""
        self._web = self._start(
            "-m",
            "daphne",
            "-v",
            "0",
            "-b",
            "127.0.0.1",
            "-p",
            str(self.port),
            "collabcanvas.asgi:application",
            **environment,
        )
        wait_until(self._answers, f"the web service answers; log:\n{self._log}")

    def stop_web(self) -> None:
        """It is killed: no farewell to anybody."""
        if self._web is not None:
            self._web.send_signal(signal.SIGKILL)
            self._web.wait(60)
            self._web = None

    def start_worker(self) -> None:
        """Health says that jobs are being taken; nothing happens when one runs already."""
        if self._worker is None:
            self._worker = self._start("manage.py", "qcluster")
        wait_until(lambda: self._processor() == "running", "a worker is running")

    def stop_worker(self) -> None:
        """Health says that there is none; nothing happens when none runs."""
        if self._worker is not None:
            self._worker.terminate()
            assert self._worker.wait(120) == 0
            self._worker = None
        wait_until(lambda: self._processor() == "stopped", "no worker is running")

    @property
    def web_pid(self) -> int:
        assert self._web is not None
        return self._web.pid

    def start_second_worker(self, **environment: str) -> None:
        """One more worker service is on its way."""
        self._second = self._start("manage.py", "qcluster", **environment)

    def stop_second_worker(self) -> None:
        """It has ended; nothing happens when there is none."""
        if self._second is not None:
            self._second.terminate()
            assert self._second.wait(120) == 0
            self._second = None

    def shut_database(self) -> None:
        """Nobody is connected to it any more, and nobody can be."""
        self._on_server(f'ALTER DATABASE "{self._name}" WITH ALLOW_CONNECTIONS false')
        self._on_server(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._name}'"
        )

    def open_database(self) -> None:
        self._on_server(f'ALTER DATABASE "{self._name}" WITH ALLOW_CONNECTIONS true')

    def shut_gate(self) -> None:
        self._gate.touch()

    def open_gate(self) -> None:
        self._gate.unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing of it is left."""
        self.open_gate()
        for person in self.cast.values():
            person.http.close()
        if self._worker is not None:
            self._worker.terminate()
            self._worker.wait(120)
        self.stop_second_worker()
        self.stop_web()
        self._on_server(f'DROP DATABASE "{self._name}" WITH (FORCE)')

    def _processor(self) -> str:
        state: str = self.cast["ada"].call("GET", "/api/ai-agent/health")["job_processor"]
        return state

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base_url}/api/ai-agent/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _start(self, *arguments: str, **environment: str) -> "subprocess.Popen[bytes]":
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *arguments],
                cwd=self._code,
                env={**self._environment, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def manage(self, *arguments: str, code: Path | None = None) -> str:
        """What `manage.py` with these arguments printed; `code` is that of the services unless it is said."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=code or self._code,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _on_server(self, statement: str) -> None:
        connection = psycopg2.connect(self._server_url)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()
