"""The engine: one asyncio loop in a thread of each qcluster worker process that runs many AI jobs at once.

It listens, claims up to its free slots, runs each job as a coroutine, renews all leases with one statement,
gathers endings into batches, cancels what was cancelled, and drains on stop. See docs/architecture.md.
"""

import asyncio
import contextlib
import functools
import logging
import os
import socket
import statistics
import threading
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, DataError, IntegrityError

from ai_jobs import claims, lifecycle, metrics, runner, waiting
from ai_jobs.claims import ClaimedJob
from ai_jobs.engine.database import DatabaseThreads
from ai_jobs.engine.line import Line, LineLost
from ai_jobs.engine.roster import Roster
from ai_jobs.engine.watchdog import Watchdog
from ai_jobs.handlers.base import Handler
from ai_jobs.lifecycle import Failure, Held, LeaseLost, Progress, WorkerReport
from ai_jobs.providers.base import Usage
from ai_jobs.states import EventKind
from ai_jobs.usage import record_usage
from collabcanvas.lib.metrics import share_counts
from collabcanvas.lib.tracing import span
from collabcanvas.lib.turns import Turns

logger = logging.getLogger(__name__)

# At most four progress writes a second for one job.
_PROGRESS_SECONDS = 0.25
# Progress of all runs is gathered for so long. What is over by then never needs to be written.
_GATHER_SECONDS = 0.1
# After the queue has moved, so long until those who wait hear of it, and at most one such wave a second.
_SETTLE_SECONDS = 0.3
_WAVE_SECONDS = 1.0
# How long an engine waits after a doorbell for each engine that has less to do, and for how many at most.
_POLITE_SECONDS = 0.003
_POLITE_ENGINES = 4
# What handlers give to `asyncio.to_thread`: more of it at once would only take turns on the processors.
_HANDLER_THREADS = 16
# So long at a time a thread waits for a row that somebody has locked, such as a canvas.
_LOCK_SECONDS = 1.0
# Without one heartbeat for so many leases something hangs that only a new process gets rid of.
_SILENT_LEASES = 4
# The estimates of waiting times rest on the median of so many runs.
_MEASURED_RUNS = 50


@dataclass(frozen=True, kw_only=True)
class EngineConfig:
    """What the settings say to an engine; durations in seconds."""

    slots: int
    per_user: int
    poll_seconds: float
    job_timeout_seconds: float
    lease_seconds: float
    heartbeat_seconds: float
    drain_seconds: float
    version: str
    enabled: bool = True


@dataclass(eq=False)
class _Run:
    """One job that this engine holds."""

    job: ClaimedJob
    task: "asyncio.Task[None] | None" = None
    usage: Usage = field(default_factory=Usage)
    progress: Progress | None = None
    progress_written_at: float = 0.0
    renewed_at: float = field(default_factory=time.monotonic)
    begun_at: float = field(default_factory=time.monotonic)


class Engine:
    """Runs jobs until told to stop. `start` and `stop` may be called from any thread, each once."""

    def __init__(
        self,
        *,
        config: EngineConfig,
        handlers: Mapping[str, Handler],
        stop_descriptor: int | None = None,
        roster: Roster | None = None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self.worker_id = uuid.uuid4()
        self._config = config
        self._handlers = handlers
        self._stop_descriptor = stop_descriptor
        self._roster = roster
        self._on_end = on_end
        self._parent = os.getppid()
        self._thread = threading.Thread(target=self._run_thread, name="ai-engine", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()

    def start(self) -> None:
        """The engine runs in its own thread from now on."""
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Drain and end: returns when every job is finished or handed back, after `drain_seconds` at the latest."""
        if self._thread.is_alive() and self._loop is not None:
            self._loop.call_soon_threadsafe(self._begin_drain)
        self._thread.join()

    # --- The thread and its loop ----------------------------------------------------------------------------
    def _run_thread(self) -> None:
        try:
            asyncio.run(self._main())
        finally:
            self._ready.set()
            self._on_end()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._draining = asyncio.Event()
        self._slot_freed = asyncio.Event()
        self._runs: dict[uuid.UUID, _Run] = {}
        self._completed: dict[Held, tuple[_Run, dict[str, Any]]] = {}
        self._ended: dict[Held, tuple[_Run, runner.Outcome]] = {}
        self._endings = asyncio.Event()
        self._progressed = asyncio.Event()
        self._accounts: set[asyncio.Task[None]] = set()
        self._loop_lag_ms = 0.0
        self._claimed_lately = False
        self._engines_before = 0
        self._rang = False
        self._beat_at = time.monotonic()
        # Whether jobs were left to others because of missing heartbeats.
        self._held_back = False
        self._loop.set_default_executor(
            ThreadPoolExecutor(_HANDLER_THREADS, thread_name_prefix="engine-handlers")
        )
        watchdog = Watchdog(limit_seconds=self._config.lease_seconds)
        self._queue_moved = asyncio.Event()
        self._run_times: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_MEASURED_RUNS))
        self._newly_measured: set[str] = set()
        self._line = Line(on_ready=self._ready_rang, on_stopped=self._cancel_stopped)
        # Held while jobs are being claimed that nobody has begun yet.
        self._claiming = asyncio.Lock()
        self._control = DatabaseThreads(threads=1, name="engine-control")
        self._effects = DatabaseThreads(threads=2, name="engine-effects", lock_seconds=_LOCK_SECONDS)
        # Jobs draw on one canvas one after the other: for one that is locked, one thread waits at most.
        self._turns = Turns()
        if self._stop_descriptor is not None:
            self._loop.add_reader(self._stop_descriptor, self._begin_drain)
        if self._roster is not None:
            self._roster.enter(self.worker_id)
        services = [
            asyncio.create_task(self._supervised(self._line.keep)),
            asyncio.create_task(self._supervised(self._claim)),
            asyncio.create_task(self._supervised(self._heartbeat)),
            asyncio.create_task(self._supervised(self._write_endings)),
            asyncio.create_task(self._supervised(self._write_progress)),
            asyncio.create_task(self._supervised(self._tell_places)),
            asyncio.create_task(self._watch_time(watchdog)),
        ]
        logger.info("engine_started", extra={"worker": str(self.worker_id), "slots": self._config.slots})
        self._ready.set()
        await self._draining.wait()
        await self._drain()
        await asyncio.gather(*self._accounts)
        for service in services:
            service.cancel()
        await asyncio.gather(*services, return_exceptions=True)
        watchdog.stop()
        await self._control(self._share_counts)
        await self._control(lifecycle.remove_worker, self.worker_id)
        if self._roster is not None:
            self._roster.leave()
        self._control.close()
        self._effects.close()
        logger.info("engine_stopped", extra={"worker": str(self.worker_id)})

    async def _supervised(self, service: Callable[[], Any]) -> None:
        """Keep a part of the engine going: what it could not do now is tried again, and the log says so."""
        while True:
            try:
                await service()
                return
            except Exception:  # an engine without heartbeat or claims would be worse than any error
                logger.exception("engine_part_failed", extra={"part": getattr(service, "__name__", "?")})
                await asyncio.sleep(1.0)

    # --- Claiming -------------------------------------------------------------------------------------------
    async def _claim(self) -> None:
        few_wait = True
        self._wake.set()
        while not self._draining.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._config.poll_seconds):
                    await self._wake.wait()
            self._wake.clear()
            if self._rang:
                self._rang = False
                # A doorbell wakes all engines. Those with less to do go first; the others would only be in their way.
                if before := min(self._engines_before, _POLITE_ENGINES):
                    await asyncio.sleep(_POLITE_SECONDS * before)
            if self._draining.is_set():
                break
            while True:
                await self._line.is_up.wait()
                try:
                    async with self._claiming:
                        slots = self._free_slots()
                        if not slots:
                            break
                        claimed = await self._line.ask(self._claim_of(slots, few_wait=few_wait))
                        for job in claimed:
                            self._begin(job)
                except LineLost:
                    continue
                if claimed:
                    self._claimed_lately = True
                    self._queue_moved.set()
                    if few_wait:
                        # The runs have their first turn: a thread that wakes now would be in their way.
                        await asyncio.sleep(0)
                    await self._control(claims.announce_claims, claimed, self.worker_id)
                few_wait = not claimed
                if len(claimed) < slots:
                    break

    def _claim_of(
        self, slots: int, *, few_wait: bool
    ) -> Generator[claims.Statement, claims.Rows, list[ClaimedJob]]:
        suspects = sum(run.job.row.crash_count == 2 for run in self._runs.values())
        return claims.claim_jobs(
            worker_id=self.worker_id,
            slots=slots,
            per_user=self._config.per_user,
            lease_seconds=self._config.lease_seconds,
            suspects=max(0, claims.SUSPECT_GROUP - suspects),
            few_wait=few_wait,
        )

    def _ready_rang(self) -> None:
        self._rang = True
        self._wake.set()
        self._queue_moved.set()

    def _free_slots(self) -> int:
        if self._draining.is_set() or not self._config.enabled:
            return 0
        if time.monotonic() - self._beat_at > self._config.lease_seconds / 2:
            # Heartbeats do not get through at the moment, so nobody would renew what is claimed now.
            self._held_back = True
            return 0
        if any(run.job.must_run_alone for run in self._runs.values()):
            return 0
        return self._config.slots - len(self._runs)

    def _begin(self, job: ClaimedJob) -> None:
        stale = self._runs.get(job.row.id)
        if stale is not None and stale.task is not None:
            # Somebody took it from us and we have it again: the first run may write nothing any more.
            metrics.leases_lost.inc()
            stale.task.cancel()
        run = _Run(job)
        if job.row.attempt == 1:
            metrics.count_first_claim(job_type=job.row.job_type, waited_seconds=job.waited_seconds)
        self._runs[job.row.id] = run
        run.task = asyncio.create_task(self._run(run))

    def _finish(self, run: _Run) -> None:
        """The run is over, written or lost: its slot is free."""
        if self._runs.get(run.job.row.id) is run:
            metrics.count_run(job_type=run.job.row.job_type, seconds=time.monotonic() - run.begun_at)
            del self._runs[run.job.row.id]
            self._slot_freed.set()
            self._wake.set()

    # --- Running --------------------------------------------------------------------------------------------
    async def _run(self, run: _Run) -> None:
        job = run.job
        try:
            if job.must_run_alone:
                await self._wait_until_alone()
            handler = self._handlers.get(job.row.job_type)
            if handler is None:
                raise runner.UnknownJobType(job.row.job_type)

            async def report(*, stage: str, message: str, progress: int, objects_done: int = 0) -> None:
                run.progress = Progress(stage, message, progress, objects_done)
                self._progressed.set()

            begun = time.monotonic()
            with span(
                f"job {job.row.job_type}", job_id=job.row.id, attempt=job.row.attempt, worker=self.worker_id
            ):
                async with asyncio.timeout(self._config.job_timeout_seconds):
                    drawing = await runner.draw(
                        job, handler=handler, report=report, usage=run.usage, in_database=self._effects
                    )
            self._run_times[job.row.job_type].append(time.monotonic() - begun)
            self._newly_measured.add(job.row.job_type)
            await self._record_usage(run)
            if not runner.changes_canvas(job, drawing):
                self._completed[job.held] = (run, runner.plain_result(job, drawing))
                self._endings.set()
                return
            # Who is cancelled lets go of the turn at once; a thread that waits gives up soon after.
            async with self._turns.of(runner.canvas_id_of(job) or job.row.id):
                await self._effects(runner.record, job, drawing, self.worker_id)
            self._finish(run)
        except asyncio.CancelledError:
            # Cancelled by a person, lost, or drained: whoever cancelled the task looks after the row.
            account = asyncio.create_task(self._record_usage(run))
            self._accounts.add(account)
            account.add_done_callback(self._accounts.discard)
            self._finish(run)
            raise
        except LeaseLost:
            metrics.leases_lost.inc()
            logger.info("lease_lost", extra={"job_id": str(job.row.id), "worker": str(self.worker_id)})
            self._finish(run)
        except Exception as error:  # noqa: BLE001  # the runner's boundary: whatever a handler raises is recorded
            await self._record_usage(run)
            outcome = runner.outcome_of(error, job)
            metrics.failures.labels(outcome.failure.code).inc()
            self._ended[job.held] = (run, outcome)
            self._endings.set()

    async def _record_usage(self, run: _Run) -> None:
        """What the run used of a model is on its account, once; that this fails changes nothing for the job."""
        usage, run.usage = run.usage, Usage()
        if usage.requests:
            metrics.count_usage(usage)
            try:
                await self._effects.once(record_usage, run.job.row.id, run.job.row.user_id, usage)
            except Exception:  # an account that cannot be written must not cost the drawing
                logger.exception("usage_not_recorded", extra={"job_id": str(run.job.row.id)})

    async def _wait_until_alone(self) -> None:
        while len(self._runs) > 1:
            self._slot_freed.clear()
            await self._slot_freed.wait()

    def _cancel_stopped(self, job_id: str) -> None:
        self._queue_moved.set()
        for run in self._runs.values():
            if str(run.job.row.id) == job_id and run.task is not None:
                run.task.cancel()

    # --- Writing --------------------------------------------------------------------------------------------
    async def _write_endings(self) -> None:
        """Write all endings that have gathered while the previous batch was being written."""
        while True:
            await self._endings.wait()
            self._endings.clear()
            # One turn of the loop: runs that end in the same moment go into the same batch.
            await asyncio.sleep(0)
            completed, self._completed = self._completed, {}
            if completed:
                results = {held: result for held, (_, result) in completed.items()}
                await self._write_batch(completed, lifecycle.complete_jobs, "results", results)
            ended, self._ended = self._ended, {}
            for kind in (EventKind.FAILED, EventKind.RETRY_SCHEDULED, EventKind.SNOOZED):
                batch = {held: item for held, item in ended.items() if item[1].kind is kind}
                if batch:
                    failures: dict[Held, Failure] = {
                        held: outcome.failure for held, (_, outcome) in batch.items()
                    }
                    end = functools.partial(lifecycle.end_runs, kind=kind)
                    await self._write_batch(batch, end, "failures", failures)

    async def _write_batch(
        self,
        batch: Mapping[Held, tuple[_Run, Any]],
        write: Callable[..., Any],
        argument: str,
        endings: Mapping[Held, Any],
    ) -> None:
        written: set[uuid.UUID] = set()
        try:
            written = await self._write(write, argument, endings)
        except Exception:  # the batches after this one must still be written
            logger.exception("endings_not_written", extra={"worker": str(self.worker_id), "jobs": len(batch)})
        finally:
            # Also after a failure: the lease runs out and the job is rescued, rather than blocking its slot.
            for held, (run, _) in batch.items():
                if held.job_id not in written:
                    metrics.leases_lost.inc()
                    logger.info(
                        "lease_lost", extra={"job_id": str(held.job_id), "worker": str(self.worker_id)}
                    )
                self._finish(run)

    async def _write(
        self, write: Callable[..., Any], argument: str, endings: Mapping[Held, Any]
    ) -> set[uuid.UUID]:
        """The ids of the jobs whose ending was stored; an ending that no database takes fails its job alone."""
        try:
            written: set[uuid.UUID] = await self._control(
                write, worker_id=self.worker_id, **{argument: endings}
            )
        except (DataError, IntegrityError, ValueError):
            if len(endings) > 1:
                alone = [
                    await self._write(write, argument, {held: ending}) for held, ending in endings.items()
                ]
                return set().union(*alone)
            logger.exception("ending_refused", extra={"job_ids": [str(held.job_id) for held in endings]})
            failures = dict.fromkeys(endings, runner.UNSTORABLE)
            return await self._write(
                functools.partial(lifecycle.end_runs, kind=EventKind.FAILED), "failures", failures
            )
        return written

    async def _write_progress(self) -> None:
        while True:
            await self._progressed.wait()
            await asyncio.sleep(_GATHER_SECONDS)
            self._progressed.clear()
            now = time.monotonic()
            due: dict[Held, Progress] = {}
            waiting = False
            for run in self._runs.values():
                if run.progress is None:
                    continue
                if now - run.progress_written_at >= _PROGRESS_SECONDS:
                    due[run.job.held] = run.progress
                    run.progress, run.progress_written_at = None, now
                else:
                    waiting = True
            if due:
                await self._control(lifecycle.record_progress, given=due)
            if waiting:
                self._progressed.set()

    async def _tell_places(self) -> None:
        """After the queue has moved, tell those who wait; see `ai_jobs.waiting`."""
        told: waiting.Told = {}
        while True:
            await self._queue_moved.wait()
            await asyncio.sleep(_SETTLE_SECONDS)
            self._queue_moved.clear()
            # What the estimates in this wave rest on must not lag behind the run that caused it.
            await self._record_run_times()
            now_told = await self._effects(waiting.tell_places, told)
            if now_told is None:
                self._queue_moved.set()
            else:
                told = now_told
            await asyncio.sleep(_WAVE_SECONDS - _SETTLE_SECONDS)

    # --- Staying alive --------------------------------------------------------------------------------------
    async def _heartbeat(self) -> None:
        while True:
            runs = list(self._runs.values())
            started = time.monotonic()
            lag_ms = self._loop_lag_ms
            renewed = await self._control(self._beat, [run.job.held for run in runs], lag_ms)
            self._beat_at = time.monotonic()
            if self._held_back:
                self._held_back = False
                self._wake.set()
            if self._loop_lag_ms == lag_ms:  # what was measured meanwhile is told next time
                self._loop_lag_ms = 0.0
            for run in runs:
                if run.job.held in renewed:
                    run.renewed_at = started
                else:
                    self._cancel_lost(run)
            await self._record_run_times()
            # Besides the stop line, which a main process that hangs never lets go of.
            if os.getppid() != self._parent and not self._draining.is_set():
                logger.error("engine_orphaned", extra={"worker": str(self.worker_id)})
                self._begin_drain()
            await asyncio.sleep(self._config.heartbeat_seconds)

    def _cancel_lost(self, run: _Run) -> None:
        """Cancelled or taken over, and the doorbell was missed; an ending that waits to be written settles itself."""
        if self._runs.get(run.job.row.id) is run and run.task is not None and not run.task.done():
            metrics.leases_lost.inc()
            run.task.cancel()

    def _beat(self, held: list[Held], loop_lag_ms: float) -> set[Held]:
        """In the database thread: show that we live, renew every lease, return to the queue what nobody renews."""
        surroundings = lifecycle.report_worker(
            WorkerReport(
                worker_id=self.worker_id,
                host=socket.gethostname(),
                pid=os.getpid(),
                version=self._config.version,
                slots=self._config.slots,
                running=len(held),
                loop_lag_ms=loop_lag_ms,
                draining=self._draining.is_set(),
                claimed_lately=self._claimed_lately,
            )
        )
        self._claimed_lately = False
        self._engines_before = surroundings.engines_before
        renewed = (
            lifecycle.renew_leases(held=held, lease_seconds=self._config.lease_seconds) if held else set()
        )
        if surroundings.leases_ran_out:
            lifecycle.rescue_jobs()
        self._miss_gone()
        # Last: the leases are renewed, so nobody waits for it.
        self._share_counts()
        return renewed

    def _miss_gone(self) -> None:
        """Engines of this service that were killed: mostly this one was started in the place of such a one."""
        if self._roster is not None and (gone := self._roster.gone()):
            requeued = lifecycle.miss_workers(list(gone.values()))
            logger.warning(
                "engines_gone", extra={"workers": [str(one) for one in gone.values()], "jobs": requeued}
            )
            for pid in gone:
                self._roster.forget(pid)

    def _share_counts(self) -> None:
        """A count that cannot be written now is written later; no lease may depend on it."""
        try:
            share_counts()
        except DatabaseError as error:
            logger.warning("counts_not_shared", extra={"reason": str(error).strip()})

    async def _record_run_times(self) -> None:
        measured, self._newly_measured = self._newly_measured, set()
        if measured:
            times = {job_type: self._run_times[job_type] for job_type in measured}
            await self._control(
                waiting.record_run_times,
                {job_type: (statistics.median(runs), len(runs)) for job_type, runs in times.items()},
            )

    def _drop_expired(self) -> None:
        """Stop runs that could not be renewed in time: somebody else may have them by now."""
        limit = time.monotonic() - self._config.lease_seconds
        for run in self._runs.values():
            if run.renewed_at < limit and run.task is not None and not run.task.done():
                metrics.leases_lost.inc()
                run.task.cancel()

    async def _watch_time(self, watchdog: Watchdog) -> None:
        """Once a second, whatever else hangs: show that the loop turns, measure its lag, drop what has expired."""
        while True:
            before = time.monotonic()
            watchdog.touch()
            await asyncio.sleep(1.0)
            lag_ms = max(0.0, (time.monotonic() - before - 1.0) * 1000)
            # The worst since the last heartbeat is what health shows.
            self._loop_lag_ms = max(self._loop_lag_ms, lag_ms)
            self._drop_expired()
            if time.monotonic() - self._beat_at > _SILENT_LEASES * self._config.lease_seconds:
                watchdog.end_process("no heartbeat could be written for too long")

    # --- Stopping -------------------------------------------------------------------------------------------
    def _begin_drain(self) -> None:
        if self._stop_descriptor is not None and self._loop is not None:
            # At the end of the pipe the descriptor stays readable: once is enough.
            self._loop.remove_reader(self._stop_descriptor)
        self._draining.set()
        self._wake.set()

    async def _drain(self) -> None:
        """Wait for the running jobs, then hand the rest back."""
        logger.info("engine_draining", extra={"worker": str(self.worker_id), "running": len(self._runs)})
        deadline = time.monotonic() + self._config.drain_seconds
        with contextlib.suppress(TimeoutError):
            # What is being claimed at this moment is handed back like the rest, not left to its lease.
            async with asyncio.timeout(self._config.drain_seconds), self._claiming:
                pass
        while self._runs and (seconds := deadline - time.monotonic()) > 0:
            self._slot_freed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._slot_freed.wait()
        left = list(self._runs.values())
        if left:
            for run in left:
                if run.task is not None:
                    run.task.cancel()
            await asyncio.gather(*(run.task for run in left if run.task is not None), return_exceptions=True)
            handed = await self._control(
                lifecycle.hand_back_jobs, held=[run.job.held for run in left], worker_id=self.worker_id
            )
            logger.info("jobs_handed_back", extra={"worker": str(self.worker_id), "jobs": handed})
