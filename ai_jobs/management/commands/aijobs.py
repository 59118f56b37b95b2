"""`manage.py aijobs`: AI jobs in a terminal or a script, as a user and through the services of the page."""

import math
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Annotated, Any, Literal

import typer
from django.conf import settings
from django.db import Error
from django.db.models import QuerySet
from django.db.models.functions import Now
from django_typer.management import TyperCommand, command
from rich.console import Console
from rich.status import Status as LiveLine
from rich.table import Table
from rich.text import Text

from ai_jobs import services
from ai_jobs.changes import Reverted
from ai_jobs.errors import JobCannotBeCancelled, JobCannotBeRetried
from ai_jobs.health import Level, findings, paused, resume_command
from ai_jobs.health import health as read_health
from ai_jobs.management.finding import JobDeleted, acting_user, find_job, reloaded, workers_named
from ai_jobs.management.words import address, drawn, progress, short, waits
from ai_jobs.models import AIJob
from ai_jobs.requests import COLOR_SCHEMES, STYLES
from ai_jobs.rows import event_rows, job_row, job_rows
from ai_jobs.states import FINAL, Status
from ai_jobs.statistics import job_statistics
from canvases.access import parse_canvas_id
from collabcanvas.lib import terminal
from collabcanvas.lib.errors import Conflict, InvalidInput
from collabcanvas.lib.health import NO_DATABASE, NotReady, check_ready
from collabcanvas.lib.terminal import TerminalAnswers, printable, user_named
from collabcanvas.lib.wording import counted

POLL_SECONDS = 0.2
_COLORS = {
    Status.QUEUED: "yellow",
    Status.PROCESSING: "cyan",
    Status.COMPLETED: "green",
    Status.FAILED: "red",
    Status.CANCELLED: "magenta",
}


class ExitCode(IntEnum):
    """What a script learns from the exit code."""

    OK = 0
    FAILED = 1
    REFUSED = terminal.REFUSED
    CANCELLED = 3
    TIMEOUT = 4
    UNAVAILABLE = terminal.UNAVAILABLE
    INTERRUPTED = 130
    NOBODY_READS = terminal.NOBODY_READS


EPILOG = (
    "Exit codes: 0 done; 1 the job failed; 2 wrong usage, not found, or refused; 3 the job was cancelled; "
    "4 --timeout passed while waiting (the job goes on); 5 not possible right now (no database, or jobs are "
    "switched off, or the output cannot be written); 130 interrupted (the job goes on); "
    "141 nobody reads the output any more (the job goes on)."
)

EPILOG_HEALTH = (
    "Exit codes: 0 healthy; 1 degraded: jobs are done, but something needs a look; 2 down: no database, a missing "
    "migration, or no worker; also for wrong usage."
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
AsUser = Annotated[
    str | None,
    typer.Option(
        "--user",
        envvar="COLLABCANVAS_USER",
        metavar="USERNAME",
        help="Act as this user. Otherwise the first superuser.",
    ),
]
JobId = Annotated[str, typer.Argument(metavar="ID", help="The job's id, or its first 8 characters or more.")]
PausedType = Annotated[
    str, typer.Option("--type", metavar="TYPE", help="Only this job type; everything without it.")
]
Wait = Annotated[bool, typer.Option("--wait", help="Stay until the job is over and show its progress.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
Force = Annotated[bool, typer.Option("--force", help="Also what somebody edited since.")]


def _seconds(value: float | None) -> float | None:
    # `min` lets it pass: it is not smaller than anything.
    if value is not None and math.isnan(value):
        raise typer.BadParameter("nan is not a number of seconds.")
    return value


Timeout = Annotated[
    float | None,
    typer.Option(
        "--timeout", metavar="SECONDS", min=0, callback=_seconds, help="With --wait: stay at most this long."
    ),
]


class KeepsAllJobs(InvalidInput):
    code = "keeps_all_jobs"
    message = "JOB_CLEANUP_DAYS is 0, which keeps all jobs. Say with --days how old those are that should go."


class JobNotRunning(Conflict):
    code = "job_not_running"


class Command(TerminalAnswers, TyperCommand, rich_markup_mode=None, epilog=EPILOG):
    help = "Submit, watch, cancel and retry AI jobs; pause, resume, clean up and judge the whole."
    # A broken migration or model is the business of `manage.py check`; scripts want an answer.
    requires_system_checks: list[str] = []
    quiet_log = "ai_jobs"

    # --- The commands ---------------------------------------------------------------------------------------
    @command(epilog=EPILOG, no_args_is_help=False)
    def submit(
        self,
        instructions: Annotated[
            str,
            typer.Argument(metavar="TEXT", help='What to draw, in words; "-" reads it from standard input.'),
        ],
        canvas: Annotated[
            str | None,
            typer.Option("--canvas", metavar="ID", help="Draw on this canvas instead of a new one."),
        ] = None,
        user: AsUser = None,
        job_type: Annotated[
            Literal["create_canvas", "modify_canvas"] | None,
            typer.Option("--type", help="Default: modify_canvas with --canvas, create_canvas without."),
        ] = None,
        style: Annotated[str, typer.Option(help=", ".join(STYLES))] = STYLES[0],
        color_scheme: Annotated[
            str, typer.Option("--color-scheme", help=", ".join(COLOR_SCHEMES))
        ] = COLOR_SCHEMES[0],
        priority: Annotated[int, typer.Option(help="-10 to 10; higher goes first.")] = 0,
        selected: Annotated[
            list[str] | None,
            typer.Option("--selected", metavar="OBJECT", help="An object that is meant; may be repeated."),
        ] = None,
        wait: Wait = False,
        timeout: Timeout = None,
        as_json: AsJson = False,
    ) -> None:
        """Ask for a drawing."""
        with self._answering(as_json):
            person = acting_user(user)
            if instructions == "-":
                instructions = sys.stdin.read()
            body: dict[str, Any] = {
                "instructions": instructions,
                "style": style,
                "colorScheme": color_scheme,
                "priority": priority,
            }
            if canvas is not None:
                body["canvas_id"] = canvas
            if selected:
                body["selected_object_ids"] = selected
            job = services.submit_job(
                user=person, job_type=job_type or ("modify_canvas" if canvas else "create_canvas"), body=body
            )
            job = services.get_job(user=person, job_id=job.pk)
            if not as_json:
                self._say(f"Job {job.pk} is queued.")
            self._answer(job, wait=wait, timeout=timeout, as_json=as_json)

    @command(name="list", epilog=EPILOG)
    def list_jobs(
        self,
        status: Annotated[
            Literal["queued", "processing", "completed", "failed", "cancelled"] | None,
            typer.Option(help="Only jobs in this status."),
        ] = None,
        by: Annotated[
            str | None, typer.Option("--by", metavar="USERNAME", help="Only jobs that this user asked for.")
        ] = None,
        canvas: Annotated[
            str | None, typer.Option("--canvas", metavar="ID", help="Only jobs of this canvas.")
        ] = None,
        limit: Annotated[int, typer.Option(min=1, max=1000, help="At most this many, newest first.")] = 20,
        user: AsUser = None,
        as_json: AsJson = False,
    ) -> None:
        """List the jobs that the user may see, newest first."""
        with self._answering(as_json):
            jobs = AIJob.objects.visible_to(acting_user(user))
            if status is not None:
                jobs = jobs.filter(status=status)
            if by is not None:
                jobs = jobs.filter(user=user_named(by))
            if canvas is not None:
                jobs = jobs.filter(canvas_id=parse_canvas_id(canvas))
            newest = jobs.select_related("user").order_by("-created_at", "-id")[:limit]
            if as_json:
                self._print_json({"jobs": job_rows(newest)})
            else:
                self._print_table(newest.defer("result_data"))

    @command(epilog=EPILOG)
    def show(self, job_id: JobId, user: AsUser = None, as_json: AsJson = False) -> None:
        """Show one job with its history."""
        with self._answering(as_json):
            job = find_job(acting_user(user), job_id)
            history = event_rows(job.events.order_by("sequence"))
            if as_json:
                self._print_json({**job_row(job), "events": history})
            else:
                self._print_job(job_row(job), history)

    @command(epilog=EPILOG)
    def watch(
        self, job_id: JobId, user: AsUser = None, timeout: Timeout = None, as_json: AsJson = False
    ) -> None:
        """Follow one job until it is over; the exit code says how it went."""
        with self._answering(as_json):
            job = find_job(acting_user(user), job_id)
            self._answer(job, wait=True, timeout=timeout, as_json=as_json)

    @command(epilog=EPILOG)
    def cancel(self, job_id: JobId, user: AsUser = None, as_json: AsJson = False) -> None:
        """Cancel a job that waits or runs."""
        with self._answering(as_json):
            person = acting_user(user)
            found = find_job(person, job_id)
            try:
                job = services.cancel_job(user=person, job_id=found.pk)
            except JobCannotBeCancelled as error:
                raise JobCannotBeCancelled(f"Job {short(found.pk)} is {found.status} already.") from error
            if as_json:
                self._print_json(job_row(job))
            else:
                self._say(f"Job {job.pk} is cancelled.")

    @command(epilog=EPILOG)
    def retry(
        self,
        job_id: JobId,
        user: AsUser = None,
        wait: Wait = False,
        timeout: Timeout = None,
        as_json: AsJson = False,
    ) -> None:
        """Run a failed or cancelled job again."""
        with self._answering(as_json):
            person = acting_user(user)
            found = find_job(person, job_id)
            try:
                job = services.retry_job(user=person, job_id=found.pk)
            except JobCannotBeRetried as error:
                raise JobCannotBeRetried(
                    f"Job {short(found.pk)} is {found.status}. Only a failed or cancelled job can be retried."
                ) from error
            if not as_json:
                self._say(f"Job {job.pk} is queued again.")
            self._answer(job, wait=wait, timeout=timeout, as_json=as_json)

    @command(epilog=EPILOG)
    def undo(self, job_id: JobId, user: AsUser = None, force: Force = False, as_json: AsJson = False) -> None:
        """Take back what a completed job changed, except what somebody edited since."""
        self._revert(services.undo_job, "taken back", job_id, user, force, as_json)

    @command(epilog=EPILOG)
    def redo(self, job_id: JobId, user: AsUser = None, force: Force = False, as_json: AsJson = False) -> None:
        """Put back in place what an undo took back."""
        self._revert(services.redo_job, "put back in place", job_id, user, force, as_json)

    def _revert(
        self,
        service: Callable[..., Reverted],
        what_happened: str,
        job_id: str,
        user: str | None,
        force: bool,
        as_json: bool,
    ) -> None:
        with self._answering(as_json):
            person = acting_user(user)
            found = find_job(person, job_id)
            reverted = service(user=person, job_id=found.pk, force=force)
            if as_json:
                self._print_json({"changed": reverted.changed, "conflicts": reverted.conflicts})
                return
            self._say(f"{counted(len(reverted.changed), 'object was', 'objects were')} {what_happened}.")
            for conflict in reverted.conflicts:
                self._say(f"{conflict['id']}: {conflict['error']}")
            if reverted.conflicts:
                self._say("Use --force to take these along.")

    @command(epilog=EPILOG)
    def stats(self, user: AsUser = None, as_json: AsJson = False) -> None:
        """Count the jobs that the user may see, and say whether workers are running."""
        with self._answering(as_json):
            counts = job_statistics(AIJob.objects.visible_to(acting_user(user)))
            state = read_health()
            if as_json:
                known = ("job_processor", "workers", "queue_depth", "oldest_ready_age_seconds", "paused")
                self._print_json({"stats": counts, **{key: state[key] for key in known}})
                return
            for status in Status:
                self._say(f"{status.value:<12}{counts[f'{status.value}_jobs']:>8}")
            self._say(f"{'total':<12}{counts['total_jobs']:>8}   {counts['success_rate']:g} % succeeded")
            running = sum(worker["running"] for worker in state["workers"])
            slots = sum(worker["slots"] for worker in state["workers"])
            if state["workers"]:
                self._say(
                    f"{counted(len(state['workers']), 'worker')} with {running} of {slots} slots in use."
                )
            else:
                self._say("No worker is running. Start one: python manage.py qcluster")
            for job_type in (
                *(["everything"] if state["paused"]["everything"] else []),
                *state["paused"]["job_types"],
            ):
                self._say(f"Paused: {job_type}.")

    @command(epilog=EPILOG)
    def pause(
        self,
        job_type: PausedType = "",
        reason: Annotated[str, typer.Option(help="Why, for other operators.")] = "",
        user: AsUser = None,
        as_json: AsJson = False,
    ) -> None:
        """Begin no more jobs, or none of one type; those that run go on, and new ones wait."""
        with self._answering(as_json):
            services.pause_jobs(user=acting_user(user), job_type=job_type, reason=reason)
            self._answer_paused(
                as_json,
                f"Paused: {job_type or 'everything'}. Running jobs go on. To go on: {resume_command(job_type)}",
            )

    @command(epilog=EPILOG)
    def resume(self, job_type: PausedType = "", user: AsUser = None, as_json: AsJson = False) -> None:
        """Begin jobs again that `pause` has held up."""
        with self._answering(as_json):
            services.resume_jobs(user=acting_user(user), job_type=job_type)
            self._answer_paused(as_json, f"Resumed: {job_type or 'everything'}.")

    @command(epilog=EPILOG)
    def cleanup(
        self,
        days: Annotated[
            int | None,
            typer.Option(min=0, max=36_500, help="Over for so many days; otherwise JOB_CLEANUP_DAYS."),
        ] = None,
        dry_run: DryRun = False,
        user: AsUser = None,
        as_json: AsJson = False,
    ) -> None:
        """Remove jobs that are over for long, with their history; what they drew stays."""
        with self._answering(as_json):
            person = acting_user(user)
            age = settings.JOB_CLEANUP_DAYS if days is None else days
            if days is None and not age:
                raise KeepsAllJobs
            found = services.count_old_jobs(user=person, days=age)
            if dry_run:
                removed = 0
            else:
                with self._bar("Removing", quiet=as_json) as moved:
                    removed = services.clean_up_jobs(
                        user=person, days=age, on_batch=lambda done: moved(done, found)
                    )
            if as_json:
                self._print_json({"days": age, "found": found, "removed": removed, "dry_run": dry_run})
            elif dry_run:
                self._say(
                    f"{counted(found, 'job')} over for more than {counted(age, 'day')} would be removed."
                )
            else:
                self._say(f"{counted(removed, 'job')} removed.")

    @command(epilog=EPILOG)
    def requeue(
        self,
        job_ids: Annotated[
            list[str] | None,
            typer.Argument(metavar="[ID]...", help="Jobs that hang; without any, those of vanished workers."),
        ] = None,
        worker: Annotated[
            str | None,
            typer.Option(
                "--worker", metavar="HOST:PID", help="All that this worker runs; see health --json."
            ),
        ] = None,
        dry_run: DryRun = False,
        user: AsUser = None,
        as_json: AsJson = False,
    ) -> None:
        """Queue jobs again that a vanished or hanging worker holds; it costs them no attempt."""
        with self._answering(as_json):
            person = acting_user(user)
            running = services.running_jobs(user=person)
            if job_ids and worker:
                raise InvalidInput("Name jobs or a worker, not both.")
            if job_ids:
                named = [find_job(person, given) for given in job_ids]
                for job in named:
                    if job.status != Status.PROCESSING:
                        raise JobNotRunning(
                            f"Job {short(job.pk)} is {job.status}. Only a running job can be requeued."
                        )
                wanted = running.filter(pk__in=[job.pk for job in named])
            elif worker:
                wanted = running.filter(worker_id__in=workers_named(worker))
            else:
                wanted = running.filter(lease_expires_at__lte=Now())
            found = list(wanted.select_related("user").order_by("-created_at"))
            requeued = 0
            if not dry_run and (job_ids or worker):
                requeued = services.requeue_jobs(user=person, job_ids=[job.pk for job in found])
            elif not dry_run:
                requeued = services.rescue_jobs(user=person)
            if as_json:
                ids = [str(job.pk) for job in found]
                self._print_json({"found": ids, "requeued": requeued, "dry_run": dry_run})
                return
            if dry_run:
                for job in found:
                    self._say(
                        f"{job.pk}  {job.job_type}  {job.user.get_username()}  runs since {job.started_at}"
                    )
                self._say(f"{counted(len(found), 'job')} would be queued again.")
            else:
                self._say(f"{counted(requeued, 'job')} queued again.")

    @command(epilog=EPILOG_HEALTH)
    def health(self, as_json: AsJson = False) -> None:
        """Judge whether jobs are being done."""
        level, document, sentences = Level.DOWN, {}, []
        try:
            check_ready()
            document = read_health()
            found = findings(document)
            level = found[0].level if found else Level.HEALTHY
            sentences = [finding.sentence for finding in found]
        except (NotReady, Error) as error:
            sentences = [error.message if isinstance(error, NotReady) else NO_DATABASE]
        if as_json:
            self._print_json({**document, "health": level.name.lower(), "findings": sentences})
        else:
            self._say(level.name.capitalize())
            for sentence in sentences:
                self._say(f"- {sentence}")
        if level is not Level.HEALTHY:
            raise typer.Exit(level)

    def _answer_paused(self, as_json: bool, sentence: str) -> None:
        if as_json:
            self._print_json({"paused": paused()})
        else:
            self._say(sentence)

    # --- Waiting --------------------------------------------------------------------------------------------
    def _answer(self, job: AIJob, *, wait: bool, timeout: float | None, as_json: bool) -> None:
        """Print the job as it is at the end of the command, and leave with the code that says how it went."""
        if not wait:
            if as_json:
                self._print_json(job_row(job))
            return
        try:
            is_over = self._wait_for(job.pk, timeout=timeout, quiet=as_json)
        except KeyboardInterrupt:
            self._complain(f"The job goes on. To stop it: python manage.py aijobs cancel {short(job.pk)}")
            if as_json:
                self._print_json(job_row(reloaded(job)))
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        job = reloaded(job)
        if as_json:
            self._print_json(job_row(job))
        if not is_over:
            self._complain(
                f"Not over after {timeout:g} s; the job goes on. Look again: python manage.py aijobs show "
                f"{short(job.pk)}"
            )
            raise typer.Exit(ExitCode.TIMEOUT)
        match job.status:
            case Status.COMPLETED:
                if not as_json:
                    self._say(drawn(job))
            case Status.CANCELLED:
                self._complain("The job was cancelled.")
                raise typer.Exit(ExitCode.CANCELLED)
            case _:
                self._complain(f"The job failed: {job.error_message}")
                raise typer.Exit(ExitCode.FAILED)

    def _wait_for(self, job_id: uuid.UUID, *, timeout: float | None, quiet: bool) -> bool:
        """Whether the job was over before the time was; shows its progress meanwhile."""
        deadline = None if timeout is None else time.monotonic() + timeout
        shown = ""
        with self._progress_line(quiet) as show:
            while True:
                job = AIJob.objects.defer("request_data", "result_data").filter(pk=job_id).first()
                if job is None:
                    raise JobDeleted
                if job.status in FINAL:
                    return True
                line = progress(job)
                if line != shown:
                    show(line)
                    shown = line
                left = POLL_SECONDS if deadline is None else min(POLL_SECONDS, deadline - time.monotonic())
                if left <= 0:
                    return False
                time.sleep(left)

    @contextmanager
    def _progress_line(self, quiet: bool) -> Iterator[Any]:
        """A function that shows how far the job is: one live line on a terminal, lines elsewhere."""
        if quiet:
            yield lambda text: None
        elif self.stderr.isatty():
            with LiveLine("", console=Console(file=sys.stderr)) as line:
                yield lambda text: line.update(Text(text))
        else:
            yield self._complain

    # --- Output ---------------------------------------------------------------------------------------------
    def _print_table(self, jobs: QuerySet[AIJob]) -> None:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("ID", "STATUS", "TYPE", "USER", "CREATED"):
            table.add_column(heading, no_wrap=True)
        table.add_column("INSTRUCTIONS", no_wrap=True, overflow="ellipsis")
        found = 0
        for job in jobs:
            found += 1
            table.add_row(
                short(job.pk),
                Text(job.status, style=_COLORS[Status(job.status)]),
                job.job_type,
                Text(printable(job.user.get_username())),
                job.created_at.strftime("%Y-%m-%d %H:%M"),
                Text(printable(" ".join(str(job.request_data.get("instructions", "")).split())[:200])),
            )
        if not found:
            self._say("There are no such jobs.")
            return
        self._render(table)

    def _print_job(self, row: dict[str, Any], history: list[dict[str, Any]]) -> None:
        lines = {
            "Job": row["id"],
            "Status": row["status"],
            "Type": row["job_type"],
            "User": row["user_name"],
            "Canvas": address(row["canvas_id"]) if row["canvas_id"] else "none yet",
            "Instructions": row["request_data"].get("instructions", ""),
            "Priority": row["priority"],
            "Created": row["created_at"],
            "Attempts": row["attempt"],
        }
        if row["status"] == Status.PROCESSING:
            lines["Progress"] = f"{row['progress']} % {row['progress_message']}"
        if row["queue"]:
            reason = waits(row["queue"]["waiting_reason"], "")
            lines["Progress"] = f"{reason}; position {row['queue']['position']}"
        if row["elapsed_seconds"] is not None:
            lines["Time"] = f"{row['elapsed_seconds']:.1f} s"
        if row["result_data"]:
            lines["Result"] = (
                f"{counted(len(row['result_data']['objects']), 'object')}: {row['result_data']['title']}"
            )
        if row["error_message"]:
            lines["Error"] = f"{row['error_message']} ({row['error_code']})"
        for name, value in lines.items():
            self._say(f"{name + ':':<14}{value}")
        self._say("")
        for event in history:
            self._say(
                f"{event['at']}  {event['kind']:<16} attempt {event['attempt']}  {event['message']}".rstrip()
            )
