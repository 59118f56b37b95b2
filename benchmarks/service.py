"""What every benchmark needs: a PostgreSQL of its own, a real worker service on it, jobs, and measures of both."""

import contextlib
import functools
import logging
import os
import re
import secrets
import select
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import psutil
import psycopg2
from django.core.management import call_command
from django.db import connection, connections

from collabcanvas.lib.embedded_postgres import start_or_join

PROJECT = Path(__file__).resolve().parent.parent
RESULTS = PROJECT / "benchmarks" / "results"
# Of 16 MB each; the longest benchmark writes less than that.
_LOG_FILES = 32


@contextmanager
def database() -> Iterator[None]:
    """An empty, migrated, durable database; Django is set up on it as in production, with the probe job types."""
    folder = Path(tempfile.mkdtemp(prefix="collabcanvas-benchmark-"))
    folder.chmod(0o711)
    server = start_or_join(folder, durable=True)
    os.environ.update(
        DATABASE_URL=server.url,
        DJANGO_SETTINGS_MODULE="tests.probe_settings",
        # With DEBUG, Django records every statement: nobody's product does that.
        DEBUG="0",
        SECRET_KEY=secrets.token_urlsafe(64),
        ALLOWED_HOSTS="localhost",
    )
    nowhere = open(os.devnull, "w")  # noqa: SIM115  # for the rest of the process
    try:
        django.setup()
        # Log lines are made, as in production, but do not drown the table.
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(nowhere)
        call_command("migrate", verbosity=0)
        fill_the_log(server.url)
        yield
        connections.close_all()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def fill_the_log(url: str) -> None:
    """The database has files for its log as one has that has worked for some minutes, and uses them again.

    A new one makes each file when it needs it, and everybody who commits meanwhile waits for 16 MB of zeros to be on
    the disk: 0.1 to 0.4 s, every ten seconds under `load`.
    """
    server = psycopg2.connect(url)
    server.autocommit = True
    with contextlib.closing(server), server.cursor() as cursor:
        cursor.execute(f"ALTER SYSTEM SET min_wal_size = '{_LOG_FILES * 16} MB'")
        cursor.execute("SELECT pg_reload_conf()")
        for _ in range(_LOG_FILES):
            cursor.execute("SELECT pg_logical_emit_message(false, 'benchmark', '')")
            cursor.execute("SELECT pg_switch_wal()")
        cursor.execute("CHECKPOINT")


@contextmanager
def workers(*, engines: int = 2, **environment: str) -> Iterator["Service"]:
    """A worker service with this many engines, all of them ready, and a little time to settle."""
    # Modules that need models can be imported only when Django is set up.
    from tests.worker_service import wait_until, worker_service  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "worker.log"
        with worker_service(log=log, Q_WORKERS=str(engines), **environment) as running:
            service = Service(running.process.pid, log)
            wait_until(lambda: _live_engines() >= engines, what=f"{engines} engines started")
            try:
                yield service
            except AssertionError as error:
                error.add_note("The end of the worker service's log:\n" + log.read_text()[-3000:])
                raise


def _live_engines() -> int:
    return int(
        number("SELECT count(*) FROM ai_jobs_worker WHERE heartbeat_at > now() - interval '30 seconds'")
    )


class Service:
    """The measures of a running worker service: main process, sentinel, workers, monitor, pusher."""

    def __init__(self, pid: int, log: Path) -> None:
        self.pid = pid
        self.log = log

    def processes(self) -> list[psutil.Process]:
        main = psutil.Process(self.pid)
        return [main, *main.children(recursive=True)]

    def engines(self) -> list[int]:
        """The process ids of the engines that live."""
        return [int(pid) for (pid,) in rows("SELECT pid FROM ai_jobs_worker") if psutil.pid_exists(pid)]

    def kill(self) -> None:
        """All of it is killed, as if the machine's memory had run out."""
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def memory_mb(self) -> float:
        """The proportional set size of all processes together: shared pages count once."""
        return ProcessTree([self.pid]).memory_mb()

    def cpu_seconds(self) -> float:
        total = 0.0
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
        return total


class ProcessTree:
    """Some processes and all that they started."""

    def __init__(self, pids: list[int]) -> None:
        self._pids = pids

    def processor_seconds(self) -> float:
        """What all of them have used so far, those that have ended included."""
        total = 0.0
        for pid in self._pids:
            with contextlib.suppress(psutil.NoSuchProcess):
                main = psutil.Process(pid)
                for process in [main, *main.children(recursive=True)]:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        total += sum(process.cpu_times()[:4])
        return total

    def memory_mb(self) -> float:
        """The proportional set size of all of them together: shared pages count once."""
        total = 0
        for pid in self._pids:
            with contextlib.suppress(psutil.NoSuchProcess):
                main = psutil.Process(pid)
                for process in [main, *main.children(recursive=True)]:
                    with contextlib.suppress(OSError):
                        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
                            if line.startswith("Pss:"):
                                total += int(line.split()[1])
        return total / 1024


class Peak:
    """The highest memory of a service while the context is open, looked at every so many seconds.

    A look costs tens of milliseconds of processor and stops the others of the process that looks.
    """

    def __init__(self, service: Service | ProcessTree, *, every: float = 0.25) -> None:
        self.megabytes = 0.0
        self._service = service
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(self._every):
            with contextlib.suppress(psutil.NoSuchProcess):
                self.megabytes = max(self.megabytes, self._service.memory_mb())


class Audience:
    """One web process's listener: it receives every message and doorbell while the context is open."""

    def __init__(self) -> None:
        self.payloads: list[str] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen)

    def __enter__(self) -> "Audience":
        from collabcanvas.lib.channel_layer import (  # noqa: PLC0415  # needs settings
            NOTIFY_CHANNEL,
            connect_outside_pool,
        )

        self._connection = connect_outside_pool(application_name="benchmark audience")
        with self._connection.cursor() as cursor:
            cursor.execute(f"LISTEN {NOTIFY_CHANNEL}")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._connection.close()

    def messages(self) -> int:
        """How many messages it has received so far."""
        return sum(payload.count('"realtime.deliver"') for payload in self.payloads)

    def _listen(self) -> None:
        while not self._over.is_set():
            if not select.select([self._connection], [], [], 0.1)[0]:
                continue
            self._connection.poll()
            self.payloads += [bell.payload for bell in self._connection.notifies]
            self._connection.notifies.clear()


def rows(sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def number(sql: str, parameters: list[Any] | None = None) -> float:
    return float(rows(sql, parameters)[0][0] or 0)


def postgres() -> int:
    """The process id of the database server."""
    return int(psutil.Process(int(number("SELECT pg_backend_pid()"))).ppid())


def execute(sql: str, parameters: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def empty() -> None:
    """No jobs, workers or people, tables as new, and everything before is on disk."""
    # It lets nobody empty it; what is measured here is nobody's act.
    execute("ALTER TABLE kernel_auditentry DISABLE TRIGGER audit_is_not_emptied")
    call_command("flush", interactive=False, verbosity=0)
    execute("VACUUM ANALYZE")
    execute("CHECKPOINT")


def make_users(count: int) -> None:
    """People with the ids 1 to `count`."""
    execute(
        """
        INSERT INTO auth_user (id, username, password, is_superuser, first_name, last_name, email, is_staff,
            is_active, date_joined)
        SELECT number, 'person-' || number, '', false, '', '', '', false, true, now()
        FROM generate_series(1, %s) AS number
        """,
        [count],
    )


def load_jobs(count: int, *, users: int, job_type: str = "noop", parameters: str = "{}") -> float:
    """`count` jobs are queued in turns by users 1 to `users`, with their first events; returns the database's
    time at their commit, as an epoch. One transaction: the engines see all at once.
    """
    return number(
        """
        WITH job AS (
            INSERT INTO ai_jobs_aijob (id, user_id, job_type, status, priority, request_data, max_retries)
            SELECT gen_random_uuid(), 1 + number %% %(users)s, %(job_type)s, 'queued', 0,
                '{"instructions": "-", "style": "modern", "colorScheme": "default"}'::jsonb
                    || %(parameters)s::jsonb, 0
            FROM generate_series(1, %(count)s) AS number
            RETURNING id, user_id
        ), event AS (
            INSERT INTO ai_jobs_aijobevent (job_id, sequence, at, kind, attempt, actor_id, data)
            SELECT id, 1, clock_timestamp(), 'submitted', 0, user_id, '{}' FROM job RETURNING 1
        )
        SELECT extract(epoch FROM clock_timestamp()), count(*), pg_notify('ai_jobs_ready', '') FROM event
        """,
        {"count": count, "users": users, "job_type": job_type, "parameters": parameters},  # type: ignore[arg-type]
    )


def wait_for_end(*, seconds: float, every: float = 0.2) -> float:
    """All jobs are over; returns the database's time of the last one's end, as an epoch."""
    deadline = time.monotonic() + seconds
    live = "SELECT EXISTS (SELECT 1 FROM ai_jobs_aijob WHERE status IN ('queued', 'processing'))"
    while rows(live)[0][0]:
        if time.monotonic() > deadline:
            raise AssertionError(
                f"after {seconds} s: {rows('SELECT status, count(*) FROM ai_jobs_aijob GROUP BY status')}"
            )
        time.sleep(every)
    return number("SELECT extract(epoch FROM max(completed_at)) FROM ai_jobs_aijob")


def count_statements(log: str, *, database: str = "") -> int:
    """How many statements a log with `log_statement = 'all'` has, BEGIN and COMMIT among them.

    Of one database, if `log_line_prefix` puts its name before each line. Clients that bind their parameters on
    the server execute statements; the steps before (parse, bind) are not logged.
    """
    prefix = rf"^{re.escape(database)} " if database else ""
    return len(re.findall(rf"{prefix}LOG:  (?:statement|execute [^:]*): ", log, re.MULTILINE))


@functools.cache
def machine() -> str:
    """The machine's size, for the record beside every figure."""
    memory = psutil.virtual_memory().total / 1024**3
    return f"{len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB"


@functools.cache
def commit() -> str:
    """The version that is measured; marked when the files differ from it."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"
