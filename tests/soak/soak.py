"""The soak itself: jobs come in, faults happen, and in the end every job must have had its effect exactly once."""

import contextlib
import dataclasses
import json
import os
import random
import shutil
import signal
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from django.contrib.auth.models import User
from django.db import DatabaseError, InterfaceError, connection, connections, transaction
from knox.models import AuthToken

from ai_jobs.models import AIJob, Worker
from ai_jobs.states import LIVE, Status
from canvases.services import create_canvas
from tests.soak.faults import FaultLog, plan
from tests.soak.server import Server
from tests.soak.supervised import Supervised, WorkerProcesses, pause
from tests.soak.verdict import Verdict, judge
from tests.soak.web import Web

T = TypeVar("T")
USERS = 20
SHARED_CANVASES = 40
ENGINES = 2
INSTRUCTIONS = "Draw: Red -> Green -> Blue"
# Short leases, so that many crashes fit into little time; their proportions are the product's.
SETTINGS = {
    "Q_WORKERS": str(ENGINES),
    "MAX_CONCURRENT_JOBS": "50",
    "AI_JOBS_PER_USER": "10",
    "AI_JOBS_DRAIN_SECONDS": "2",
    "JOB_RETRY_BASE_SECONDS": "0.2",
    "PROBE_LEASE_SECONDS": "3",
    "PROBE_HEARTBEAT_SECONDS": "0.8",
}
_OUTAGE_SECONDS = 90.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Extent:
    """How much of everything."""

    jobs: int
    seed: int
    kills: int
    restarts: int
    cuts: int
    patience_seconds: float


class Soak:
    """One run; the same extent and seed give the same jobs and the same order of faults."""

    def __init__(self, extent: Extent, server: Server, say: Callable[[str], None]) -> None:
        self._extent = extent
        self._server = server
        self._say = say
        self._random = random.Random(extent.seed)
        self._log = FaultLog()
        self._submitted: set[uuid.UUID] = set()
        self._drawing: set[uuid.UUID] = set()
        self._pids: dict[uuid.UUID, int] = {}
        self._over = threading.Event()

    def run(self) -> Verdict:
        """Everything from the first job to the verdict."""
        kinds = plan(
            self._random,
            kills=self._extent.kills,
            restarts=self._extent.restarts,
            cuts=self._extent.cuts,
        )
        self._people = [User.objects.create_user(f"person-{number}") for number in range(USERS)]
        self._tokens = [AuthToken.objects.create(person)[1] for person in self._people]
        self._canvases = [
            create_canvas(owner=self._people[number % USERS], title=f"Shared {number}")
            for number in range(SHARED_CANVASES)
        ]
        with tempfile.TemporaryDirectory(prefix="collabcanvas-soak-files-") as name:
            folder = Path(name)
            executions = folder / "executions"
            executions.touch()
            service = Supervised(
                "manage.py",
                "qcluster",
                log=folder / "worker.log",
                environment={**SETTINGS, "PROBE_EXECUTIONS": str(executions)},
            )
            self._web = Web(log=folder / "web.log", environment={"PROBE_EXECUTIONS": str(executions)})
            watcher = threading.Thread(target=self._watch_workers)
            watcher.start()
            try:
                self._go_on(kinds, service)
                self._wait_for_end()
            finally:
                self._over.set()
                watcher.join()
                service.stop(seconds=20)
                self._web.stop()
                if keep := os.environ.get("SOAK_LOGS"):
                    shutil.copy(folder / "worker.log", Path(keep) / f"soak-{self._extent.seed}.log")
            verdict = judge(
                submitted=self._submitted,
                drawing=self._drawing,
                shared_canvases={canvas.pk for canvas in self._canvases},
                executions_file=executions,
                faults=self._log.faults,
                pids=self._pids,
            )
        self._say(
            f"faults: {json.dumps(self._log.count())}; worker service started {service.starts} times,"
            f" web process {self._web.starts} times"
        )
        return verdict

    # --- Jobs ---------------------------------------------------------------------------------------------
    def _go_on(self, kinds: list[str], service: Supervised) -> None:
        """Between any two faults the same number of new jobs, and a moment for them to run."""
        processes = WorkerProcesses(service)
        portion = -(-self._extent.jobs // (len(kinds) + 1))
        left = self._extent.jobs
        for number, kind in enumerate([*kinds, None]):
            size = min(portion, left)
            left -= size
            self._submit(size)
            pause(self._random.uniform(0.2, 1.2))
            if kind is None:
                return
            self._cause(kind, processes)
            if number % 10 == 9:
                self._say(f"{number + 1} of {len(kinds)} faults, {len(self._submitted)} jobs submitted")

    def _submit(self, size: int) -> None:
        plain: list[dict[str, object]] = []
        for _ in range(size):
            dice = self._random.random()
            job_id = uuid.UUID(int=self._random.getrandbits(128), version=4)
            seconds = round(self._random.uniform(0, 0.6), 3)
            user = self._random.randrange(USERS)
            if dice < 0.02:
                self._ask_as_a_person_does(user, key=str(job_id))
                continue
            parameters: dict[str, object] = {"seconds": seconds}
            if dice < 0.10:
                parameters["draw"] = True
                self._drawing.add(job_id)
            if dice < 0.05:
                number = self._random.randrange(SHARED_CANVASES)
                user = number % USERS
                parameters["canvas_id"] = str(self._canvases[number].pk)
            plain.append({"id": str(job_id), "user": self._people[user].pk, "parameters": parameters})
        insist(lambda: _insert(plain))
        self._submitted.update(uuid.UUID(str(job["id"])) for job in plain)

    def _ask_as_a_person_does(self, user: int, *, key: str) -> None:
        """Through the product's own door, with a key, and twice, as after a lost answer: one job must come of it."""
        body: dict[str, object] = {"instructions": INSTRUCTIONS}
        first, second = (self._web.submit(token=self._tokens[user], body=body, key=key) for _ in range(2))
        if first != second:
            raise AssertionError(f"one key made two jobs: {first} and {second}")
        self._submitted.add(first)
        self._drawing.add(first)

    def _wait_for_end(self) -> None:
        deadline = time.monotonic() + self._extent.patience_seconds
        said = 0.0
        while left := insist(lambda: AIJob.objects.filter(status__in=LIVE).count()):
            if time.monotonic() > deadline:
                return
            if time.monotonic() - said > 10:
                said = time.monotonic()
                self._say(f"{left} jobs left")
            pause(0.25)

    # --- Faults -------------------------------------------------------------------------------------------
    def _cause(self, kind: str, processes: WorkerProcesses) -> None:
        if kind == "restart":
            self._log.note(kind)
            self._server.crash()
            pause(self._random.uniform(0, 2))
            self._server.start()
        elif kind == "cut":
            self._log.note(kind)
            insist(_cut_connections)
        else:
            pid = self._web.pid() if kind == "web" else self._find(kind, processes)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self._log.note(kind, pid)

    def _find(self, kind: str, processes: WorkerProcesses) -> int:
        deadline = time.monotonic() + 60
        while True:
            # Killing an engine that holds no job would prove nothing.
            engines = insist(_engines)
            complete = processes.find("main", engines=set(engines)) is not None
            if kind == "engine" and complete and (busy := [pid for pid, jobs in engines.items() if jobs]):
                return self._random.choice(sorted(busy))
            if kind != "engine" and len(engines) >= ENGINES:
                pid = processes.find(kind, engines=set(engines))
                if pid is not None:
                    return pid
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"no {kind} process was found within 60 s; engines {engines}; {processes.describe()}"
                )
            if kind == "engine":
                insist(lambda: _insert_filler(self))
            pause(0.1)

    def fill(self) -> None:
        """A few more jobs, so that an engine has something to lose."""
        self._submit(20)

    def _watch_workers(self) -> None:
        """Which process each engine was: their rows go when they end in order."""
        try:
            while not self._over.wait(0.1):
                try:
                    self._pids.update(Worker.objects.values_list("pk", "pid"))
                except (DatabaseError, InterfaceError):
                    connections.close_all()
        finally:
            connections.close_all()


def insist(function: Callable[[], T]) -> T:
    """The function's result, tried again while the database is away; what it commits must be safe to repeat."""
    deadline = time.monotonic() + _OUTAGE_SECONDS
    while True:
        try:
            return function()
        except (DatabaseError, InterfaceError):
            connections.close_all()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _insert_filler(soak: Soak) -> None:
    if not AIJob.objects.filter(status=Status.QUEUED).exists():
        soak.fill()


def _insert(jobs: list[dict[str, object]]) -> None:
    """The jobs are queued, each once, however often this is repeated."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH given AS (
                SELECT (job ->> 'id')::uuid AS id, (job ->> 'user')::int AS user_id, job -> 'parameters' AS parameters
                FROM jsonb_array_elements(%s::jsonb) AS job
            ), inserted AS (
                INSERT INTO ai_jobs_aijob (id, user_id, canvas_id, job_type, status, priority, request_data,
                    max_retries)
                SELECT id, user_id, (parameters ->> 'canvas_id')::uuid, 'probe', 'queued', 0,
                    jsonb_build_object('instructions', %s, 'style', 'modern', 'colorScheme', 'default')
                        || parameters, 3
                FROM given
                ON CONFLICT (id) DO NOTHING
                RETURNING id, user_id
            ), logged AS (
                INSERT INTO ai_jobs_aijobevent (job_id, sequence, at, kind, attempt, actor_id, data)
                SELECT id, 1, clock_timestamp(), 'submitted', 0, user_id, '{}' FROM inserted
            )
            SELECT pg_notify('ai_jobs_ready', '')
            """,
            [json.dumps(jobs), INSTRUCTIONS],
        )


def _engines() -> dict[int, int]:
    """The process ids of the engines that live, and how many jobs each holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT worker.pid, count(job.id) FROM ai_jobs_worker AS worker
            LEFT JOIN ai_jobs_aijob AS job ON job.worker_id = worker.id AND job.status = 'processing'
            WHERE worker.heartbeat_at > clock_timestamp() - interval '2 seconds'
            GROUP BY worker.pid
            """
        )
        return {pid: jobs for pid, jobs in cursor.fetchall() if _is_alive(pid)}


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _cut_connections() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """
        )
