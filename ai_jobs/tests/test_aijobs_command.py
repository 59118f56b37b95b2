"""`manage.py aijobs`: what it prints, what it leaves in the database, and its exit codes."""

import io
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.db import connection

from ai_jobs import canary, lifecycle
from ai_jobs.management.commands.aijobs import ExitCode
from ai_jobs.models import AIJob, Worker
from ai_jobs.states import EventKind, Status
from ai_jobs.tests import factories as make
from collabcanvas.lib.tests.commands import Said, run_command
from tests.running import wait_until

pytestmark = [
    pytest.mark.django_db,
    # django-typer 4.1 still passes what typer 0.27 calls deprecated.
    pytest.mark.filterwarnings("ignore:In Typer, only the parameter 'autocompletion':DeprecationWarning"),
]

NO_DATABASE = "postgresql://localhost:1/none"
PROJECT = Path(__file__).resolve().parent.parent.parent


def aijobs(*arguments: object) -> Said:
    return run_command("aijobs", *arguments)


@pytest.fixture(autouse=True)
def _nobody_is_set_in_the_environment(monkeypatch):
    monkeypatch.delenv("COLLABCANVAS_USER", raising=False)


@pytest.fixture
def ada(operator):
    """The only superuser: whom commands act as by default."""
    return operator


class Engine:
    """Another process's engine, in a thread of its own: ends each job that comes as it was told to."""

    def __init__(self, ending) -> None:
        self._ending = ending
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(timeout=90)

    def _run(self) -> None:
        try:
            worker = make.make_worker()
            while not self._stop.is_set():
                for claimed in make.claim(worker_id=worker):
                    self._ending(claimed)
                self._stop.wait(0.02)
        finally:
            connection.close()


# --- submit -------------------------------------------------------------------------------------------------
def test_submit_queues_a_job_on_a_new_canvas(ada):
    said = aijobs("submit", "A -> B", "--style", "minimal", "--color-scheme", "pastel", "--priority", "4")
    assert said.code == ExitCode.OK
    job = AIJob.objects.get()
    assert (job.user, job.job_type, job.status, job.priority) == (ada, "create_canvas", Status.QUEUED, 4)
    assert job.request_data["style"] == "minimal"
    assert job.request_data["colorScheme"] == "pastel"
    assert said.out == f"Job {job.pk} is queued.\n"


def test_submit_with_a_canvas_modifies_it(owner, canvas):
    args = ("--canvas", str(canvas.pk), "--user", "owner", "--selected", "one", "--selected", "two")
    assert aijobs("submit", "A -> B", *args).code == ExitCode.OK
    job = AIJob.objects.get()
    assert (job.user, job.job_type, job.canvas) == (owner, "modify_canvas", canvas)
    assert job.request_data["selected_object_ids"] == ["one", "two"]


def test_submit_may_create_on_a_given_canvas(owner, canvas):
    args = ("--canvas", str(canvas.pk), "--user", "owner", "--type", "create_canvas")
    assert aijobs("submit", "A -> B", *args).code == ExitCode.OK
    assert AIJob.objects.get().job_type == "create_canvas"


def test_submit_reads_standard_input(ada, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("A -> B\nB -> C\n"))
    assert aijobs("submit", "-").code == ExitCode.OK
    assert AIJob.objects.get().request_data["instructions"] == "A -> B\nB -> C\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["submit", ""],
        ["submit", "   "],
        ["submit", "x" * 4_001],
        ["submit", "a\x00b"],
        ["submit", "a\udcffb"],
        ["submit", "A", "--style", "baroque"],
        ["submit", "A", "--priority", "11"],
        ["submit", "A", "--canvas", "nonsense"],
        ["submit", "A", "--canvas", "00000000-0000-4000-8000-000000000000"],
        ["submit", "A", "--type", "modify_canvas"],
        ["submit", "A", "--user", "nobody-of-this-name"],
        ["submit", "A", "--user", "a\udcffb"],
        ["submit", "A", "--user", ""],
        ["list", "--by", "nobody-of-this-name"],
        ["list", "--canvas", "nonsense"],
        ["show", "00000000-0000-4000-8000-000000000000"],
        ["show", "nonsense"],
        ["show", "abc"],
        ["show", "' OR 1=1"],
        ["cancel", "12345678"],
        ["retry", "12345678"],
    ],
)
def test_what_is_refused_ends_with_two_and_a_sentence(ada, arguments):
    said = aijobs(*arguments)
    assert said.code == ExitCode.REFUSED
    assert said.out == ""
    assert len(said.error.splitlines()) == 1
    assert "Traceback" not in said.error
    as_json = aijobs(*arguments, "--json")
    assert as_json.code == ExitCode.REFUSED
    assert as_json.document["error"] == said.error.rstrip("\n")
    assert as_json.document["code"]
    assert not AIJob.objects.exists()


def test_without_anybody_to_act_as_it_says_whom_to_name(db):
    said = aijobs("list")
    assert said.code == ExitCode.REFUSED
    assert "--user" in said.error


def test_the_environment_names_the_user(owner, ada, monkeypatch):
    monkeypatch.setenv("COLLABCANVAS_USER", "owner")
    aijobs("submit", "A -> B")
    assert AIJob.objects.get().user == owner


def test_a_switched_off_account_cannot_be_used(owner):
    owner.is_active = False
    owner.save()
    assert aijobs("list", "--user", "owner").code == ExitCode.REFUSED


def test_submit_says_when_jobs_are_switched_off(ada, settings):
    settings.AI_JOBS_ENABLED = False
    said = aijobs("submit", "A -> B", "--json")
    assert said.code == ExitCode.UNAVAILABLE
    assert said.document["code"] == "ai_jobs_disabled"


@pytest.mark.parametrize(
    ("hosts", "https_only", "origins", "address"),
    [
        (["canvas.example.org", "other.example.org"], True, [], "https://canvas.example.org"),
        (["canvas.example.org"], True, ["https://outside.example.org"], "https://outside.example.org"),
        ([".example.org"], True, [], "http://localhost:8123"),
        (["*"], True, [], "http://localhost:8123"),
        (["localhost"], False, [], "http://localhost:8123"),
    ],
)
def test_the_address_of_a_drawing_is_the_one_that_people_use(
    ada, settings, monkeypatch, hosts, https_only, origins, address
):
    monkeypatch.setenv("PORT", "8123")
    settings.ALLOWED_HOSTS, settings.HTTPS_ONLY, settings.CSRF_TRUSTED_ORIGINS = hosts, https_only, origins
    canvas = make.make_canvas(ada)
    job = make.submit(ada, canvas=canvas)
    assert f"{address}/c/{canvas.pk}" in aijobs("show", str(job.pk)).out


# --- waiting ------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_waiting_for_a_job_that_completes_ends_with_what_was_drawn_and_where():
    ada = make.make_user("ada", is_superuser=True)
    canvas = make.make_canvas(ada)
    with Engine(lambda claimed: make.complete(claimed, canvas=canvas)):
        said = aijobs("submit", "A -> B", "--wait", "--timeout", "90")
    assert said.code == ExitCode.OK
    assert "Drew 2 objects: A drawing" in said.out
    assert f"/c/{canvas.pk}" in said.out


@pytest.mark.django_db(transaction=True)
def test_waiting_as_json_prints_the_job_and_nothing_else():
    ada = make.make_user("ada", is_superuser=True)
    canvas = make.make_canvas(ada)
    with Engine(lambda claimed: make.complete(claimed, canvas=canvas)):
        said = aijobs("submit", "A -> B", "--wait", "--timeout", "90", "--json")
    assert (said.code, said.error) == (ExitCode.OK, "")
    assert said.document["status"] == "completed"
    assert said.document["result_data"] == make.result(canvas)


@pytest.mark.django_db(transaction=True)
def test_waiting_for_a_job_that_fails_ends_with_one_and_its_reason():
    make.make_user("ada", is_superuser=True)
    with Engine(make.fail):
        said = aijobs("submit", "A -> B", "--wait", "--timeout", "90")
    assert said.code == ExitCode.FAILED
    assert "The job failed: The model did not answer." in said.error


@pytest.mark.django_db(transaction=True)
def test_waiting_for_a_job_that_somebody_cancels_ends_with_three():
    ada = make.make_user("ada", is_superuser=True)
    with Engine(lambda claimed: lifecycle.cancel_job(job_id=claimed.row.id, actor_id=ada.pk)):
        said = aijobs("submit", "A -> B", "--wait", "--timeout", "90")
    assert said.code == ExitCode.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_progress_is_shown_while_waiting():
    make.make_user("ada", is_superuser=True)

    error = io.StringIO()

    def once_it_is_shown(claimed):
        lifecycle.record_progress(given={claimed.held: lifecycle.Progress("drawing", "Drawing boxes", 40, 3)})
        wait_until(lambda: "40 % Drawing boxes, 3 objects so far\n" in error.getvalue(), "it is shown")
        make.complete(claimed)

    with Engine(once_it_is_shown):
        call_command(
            "aijobs", "submit", "A -> B", "--wait", "--timeout", "90", stdout=io.StringIO(), stderr=error
        )
    assert AIJob.objects.get().status == Status.COMPLETED


def test_waiting_has_an_end_and_the_job_goes_on(ada):
    said = aijobs("submit", "A -> B", "--wait", "--timeout", "0.1")
    assert said.code == ExitCode.TIMEOUT
    assert "aijobs show" in said.error
    assert AIJob.objects.get().status == Status.QUEUED


def test_waiting_without_a_worker_says_so(ada):
    said = aijobs("submit", "A -> B", "--wait", "--timeout", "0.1")
    assert "no worker is running" in said.error
    make.make_worker()
    said = aijobs("submit", "A -> B", "--wait", "--timeout", "0.1")
    assert "no worker is running" not in said.error


def test_waiting_says_what_for_in_the_words_of_show(ada, settings):
    settings.AI_JOBS_PER_USER = 1
    make.make_worker()

    def waits_for():
        said = aijobs("submit", "A -> B", "--wait", "--timeout", "0.1").error.splitlines()[0]
        newest = AIJob.objects.latest("created_at")
        assert said in aijobs("show", str(newest.pk)).out
        return said

    assert waits_for() == "Waiting for a free worker"
    aijobs("pause")
    assert waits_for().startswith("Waiting: paused")
    aijobs("resume")
    make.claim()
    assert "AI_JOBS_PER_USER" in waits_for()


def test_ctrl_c_leaves_the_job_and_says_how_to_cancel_it(ada, monkeypatch):
    def interrupt(seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupt)
    said = aijobs("submit", "A -> B", "--wait")
    job = AIJob.objects.get()
    assert said.code == ExitCode.INTERRUPTED
    assert f"aijobs cancel {str(job.pk)[:8]}" in said.error
    assert job.status == Status.QUEUED


# --- list, show, cancel, retry, stats -----------------------------------------------------------------------
def test_list_shows_what_the_user_may_see(owner, editor, stranger, ada, canvas):
    job = make.submit(owner, "A -> B", canvas=canvas)
    for name in ("owner", "editor", "operator"):
        assert str(job.pk)[:8] in aijobs("list", "--user", name).out
    assert aijobs("list", "--user", "stranger").out == "There are no such jobs.\n"


def test_list_filters_and_is_newest_first(ada, owner, canvas):
    first = make.submit(owner, "first", canvas=canvas)
    second = make.submit(owner, "second", canvas=canvas)
    other = make.submit(ada, "third")
    lifecycle.cancel_job(job_id=second.pk, actor_id=owner.pk)

    def ids(*arguments):
        return [job["id"] for job in aijobs("list", "--json", *arguments).document["jobs"]]

    assert ids() == [str(other.pk), str(second.pk), str(first.pk)]
    assert ids("--limit", "1") == [str(other.pk)]
    assert ids("--status", "cancelled") == [str(second.pk)]
    assert ids("--by", "operator") == [str(other.pk)]
    assert ids("--canvas", str(canvas.pk)) == [str(second.pk), str(first.pk)]


def test_show_prints_a_job_with_its_history(ada):
    job = make.submit(ada, "A -> B")
    make.fail(make.claim_one(job))
    said = aijobs("show", str(job.pk))
    for expected in (
        str(job.pk),
        "failed",
        "A -> B",
        "The model did not answer. (provider_error)",
        "claimed",
    ):
        assert expected in said.out
    document = aijobs("show", str(job.pk), "--json").document
    assert document["id"] == str(job.pk)
    assert [event["kind"] for event in document["events"]] == make.kinds(job)


def test_terminal_codes_in_instructions_are_not_obeyed(ada):
    job = make.submit(ada, "A\x1b[2J\x07 -> B [bold]")
    for said in (aijobs("list"), aijobs("show", str(job.pk))):
        assert "\x1b" not in said.out
        assert "\x07" not in said.out
        assert "[bold]" in said.out


def test_an_id_may_be_cut_short_while_it_is_unique(ada):
    job = make.submit(ada)
    for given in (str(job.pk), str(job.pk)[:8], str(job.pk)[:13], job.pk.hex, str(job.pk).upper()):
        assert aijobs("show", given, "--json").document["id"] == str(job.pk)


def test_an_id_that_several_jobs_share_is_refused_with_the_ids(ada):
    ids = [f"12345678-0000-4000-8000-00000000000{number}" for number in range(2)]
    for job_id in ids:
        AIJob.objects.create(id=job_id, user=ada, job_type="create_canvas", request_data={}, max_retries=3)
    said = aijobs("cancel", "12345678")
    assert said.code == ExitCode.REFUSED
    assert all(job_id in said.error for job_id in ids)
    assert AIJob.objects.filter(status=Status.QUEUED).count() == 2


def test_a_foreign_job_is_unknown(owner, stranger):
    job = make.submit(owner)
    for verb in ("show", "cancel", "retry"):
        said = aijobs(verb, str(job.pk), "--user", "stranger", "--json")
        assert (said.code, said.document["code"]) == (ExitCode.REFUSED, "job_not_found")


def test_cancel_cancels_and_twice_is_refused(ada):
    job = make.submit(ada)
    assert aijobs("cancel", str(job.pk)[:8]).code == ExitCode.OK
    job.refresh_from_db()
    assert (job.status, job.cancel_requested_by) == (Status.CANCELLED, ada)
    said = aijobs("cancel", str(job.pk)[:8])
    assert said.code == ExitCode.REFUSED
    assert "is cancelled already" in said.error


def test_retry_queues_a_failed_job_again(ada):
    job = make.submit(ada)
    assert aijobs("retry", str(job.pk)).code == ExitCode.REFUSED
    make.fail(make.claim_one(job))
    said = aijobs("retry", str(job.pk), "--json")
    assert (said.code, said.document["status"]) == (ExitCode.OK, "queued")
    assert make.kinds(job)[-1] == EventKind.RETRIED


def test_stats_count_and_show_the_workers(ada, owner):
    make.complete(make.claim_one(make.submit(ada)))
    make.submit(owner)
    document = aijobs("stats", "--json").document
    assert document["stats"]["total_jobs"] == 2
    assert document["stats"]["success_rate"] == 100
    assert document["job_processor"] == "stopped"
    assert aijobs("stats", "--user", "owner", "--json").document["stats"]["total_jobs"] == 1
    assert "No worker is running" in aijobs("stats").out
    make.make_worker(running=7)
    assert "1 worker with 7 of 200 slots in use." in aijobs("stats").out


# --- watch --------------------------------------------------------------------------------------------------
def test_watching_a_job_ends_as_the_job_does(ada):
    done, failed, waiting = make.submit(ada), make.submit(ada), make.submit(ada)
    by_id = {claimed.row.id: claimed for claimed in make.claim(3)}
    make.complete(by_id[done.pk])
    make.fail(by_id[failed.pk])
    assert aijobs("watch", str(done.pk)).code == ExitCode.OK
    assert aijobs("watch", str(failed.pk), "--json").code == ExitCode.FAILED
    said = aijobs("watch", str(waiting.pk), "--timeout", "0.1", "--json")
    assert (said.code, said.document["status"]) == (ExitCode.TIMEOUT, "processing")
    assert aijobs("watch", "feedfeed").code == ExitCode.REFUSED


# --- cleanup ------------------------------------------------------------------------------------------------
def long_ago(*jobs: AIJob) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ai_jobs_aijob SET created_at = now() - interval '10 d', completed_at = now() - interval '9 d'"
            " WHERE id = ANY(%s)",
            [[job.pk for job in jobs]],
        )


def test_cleanup_removes_what_is_over_for_long_and_says_before_what_it_would(ada):
    old, young, waiting = make.submit(ada), make.submit(ada), make.submit(ada)
    for claimed in make.claim(3):
        if claimed.row.id != waiting.pk:
            make.complete(claimed)
    long_ago(old)
    would = aijobs("cleanup", "--dry-run", "--json").document
    assert would == {"days": 7, "found": 1, "removed": 0, "dry_run": True}
    assert "1 job over for more than 7 days would be removed." in aijobs("cleanup", "--dry-run").out
    assert AIJob.objects.count() == 3
    assert aijobs("cleanup", "--days", "30").out == "0 jobs removed.\n"
    assert aijobs("cleanup").out == "1 job removed.\n"
    assert set(AIJob.objects.values_list("pk", flat=True)) == {young.pk, waiting.pk}


def test_cleanup_of_an_installation_that_keeps_all_needs_to_be_told_how_old(ada, settings):
    settings.JOB_CLEANUP_DAYS = 0
    said = aijobs("cleanup", "--json")
    assert (said.code, said.document["code"]) == (ExitCode.REFUSED, "keeps_all_jobs")
    assert aijobs("cleanup", "--days", "1").code == ExitCode.OK


# --- requeue ------------------------------------------------------------------------------------------------
def test_requeue_takes_back_what_a_vanished_worker_held(ada):
    lost, running = make.submit(ada), make.submit(ada)
    worker = make.make_worker()
    by_id = {claimed.row.id: claimed for claimed in make.claim(2, worker_id=worker)}
    make.expire(by_id[lost.pk])
    assert str(lost.pk) in aijobs("requeue", "--dry-run").out
    assert aijobs("requeue", "--dry-run", "--json").document["found"] == [str(lost.pk)]
    assert aijobs("requeue", "--json").document == {"found": [str(lost.pk)], "requeued": 1, "dry_run": False}
    lost.refresh_from_db()
    running.refresh_from_db()
    assert (lost.status, running.status) == (Status.QUEUED, Status.PROCESSING)


def test_requeue_of_named_jobs_costs_no_attempt_and_the_old_run_is_shut_out(ada):
    job, other = make.submit(ada), make.submit(ada)
    by_id = {claimed.row.id: claimed for claimed in make.claim(2)}
    assert aijobs("requeue", str(job.pk)[:8]).out == "1 job queued again.\n"
    job.refresh_from_db()
    other.refresh_from_db()
    assert (job.status, job.attempt, other.status) == (Status.QUEUED, 0, Status.PROCESSING)
    assert not make.complete(by_id[job.pk])
    assert make.kinds(job)[-1] == EventKind.HANDED_BACK
    for dry_run in ([], ["--dry-run"]):
        said = aijobs("requeue", str(other.pk), str(job.pk), *dry_run)
        assert (said.code, said.out) == (ExitCode.REFUSED, "")
        assert f"Job {str(job.pk)[:8]} is queued." in said.error
    other.refresh_from_db()
    assert other.status == Status.PROCESSING


def test_requeue_of_a_worker_takes_all_that_it_runs(ada):
    worker = make.make_worker(host="worker-7")
    for _ in range(3):
        make.submit(ada)
    make.claim(2, worker_id=worker)
    assert aijobs("requeue", "--worker", "worker-7:4711", "--json").document["requeued"] == 2
    assert not AIJob.objects.filter(status=Status.PROCESSING).exists()
    assert aijobs("requeue", "--worker", "worker-8:1").code == ExitCode.REFUSED


def test_requeue_takes_jobs_or_a_worker(ada):
    job = make.submit(ada)
    make.claim()
    assert aijobs("requeue", str(job.pk), "--worker", "nobody:1").code == ExitCode.REFUSED
    job.refresh_from_db()
    assert job.status == Status.PROCESSING


@pytest.mark.parametrize(
    "arguments",
    [
        ["cleanup", "--days", "1"],
        ["cleanup", "--dry-run"],
        ["requeue"],
        ["requeue", "--dry-run"],
        ["pause"],
        ["resume"],
    ],
)
def test_only_operators_may_do_what_concerns_everybody(ada, owner, arguments):
    said = aijobs(*arguments, "--user", "owner", "--json")
    assert (said.code, said.document["code"]) == (ExitCode.REFUSED, "forbidden")


def test_cleaning_up_needs_the_right_to_delete(ada, owner):
    make.complete(make.claim_one(make.submit(owner)))
    User.objects.filter(pk=owner.pk).update(is_staff=True)
    owner.user_permissions.add(Permission.objects.get(codename="change_aijob"))
    for dry_run in ([], ["--dry-run"]):
        said = aijobs("cleanup", "--days", "0", "--user", "owner", *dry_run)
        assert (said.code, "the right to delete" in said.error) == (ExitCode.REFUSED, True)
    assert AIJob.objects.count() == 1
    owner.user_permissions.set([Permission.objects.get(codename="delete_aijob")])
    assert aijobs("cleanup", "--days", "0", "--user", "owner").out == "1 job removed.\n"


# --- health -------------------------------------------------------------------------------------------------
def test_health_is_down_without_a_worker_that_takes_jobs(db):
    said = aijobs("health")
    assert said.code == 2
    assert "manage.py qcluster" in said.out
    make.make_worker()
    said = aijobs("health", "--json")
    assert said.code == 0
    assert (said.document["health"], said.document["findings"]) == ("healthy", [])


def test_health_is_degraded_by_each_thing_that_needs_a_look(ada, settings):
    worker = make.make_worker()
    settings.CANARY_INTERVAL_SECONDS = 60

    def degraded() -> str:
        said = aijobs("health")
        assert said.code == 1, said.out
        return said.out

    make.submit(ada)
    AIJob.objects.update(next_processing_at="2000-01-01T00:00:00Z")
    assert "has waited for" in degraded()
    aijobs("pause")
    assert "aijobs resume" in degraded()
    aijobs("resume")
    AIJob.objects.all().delete()
    Worker.objects.filter(pk=worker).update(loop_lag_ms=1500)
    assert "1500 ms late" in degraded()
    Worker.objects.filter(pk=worker).update(loop_lag_ms=1)
    User.objects.create(username=canary.USERNAME, date_joined="2000-01-01T00:00:00Z")
    assert "No canary job" in degraded()
    settings.CANARY_INTERVAL_SECONDS = 0
    settings.AI_JOBS_ENABLED = False
    assert "AI_JOBS_ENABLED=1" in degraded()
    settings.AI_JOBS_ENABLED = True
    assert aijobs("health").code == 0


# --- as a process -------------------------------------------------------------------------------------------
def run(*arguments: str, **environment: str) -> Said:
    done = subprocess.run(
        [sys.executable, "manage.py", "aijobs", *arguments],
        cwd=PROJECT,
        env={
            "PATH": "/usr/bin:/bin",
            "DEBUG": "1",
            "DATABASE_URL": NO_DATABASE,
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        ["submit"],
        ["submit", "A", "--nonsense"],
        ["submit", "A", "--timeout", "nan"],
        ["list", "--limit", "0"],
        ["dance"],
    ],
)
def test_wrong_usage_ends_with_two_and_leaves_stdout_to_json(arguments):
    said = run(*arguments, "--json")
    assert said.code == ExitCode.REFUSED
    assert said.document["code"] == "usage"
    assert "--help" in said.error


def test_health_without_a_database_is_down():
    said = run("health", "--json")
    assert (said.code, said.document["health"]) == (2, "down")
    assert "DATABASE_URL" in said.document["findings"][0]


def test_a_database_that_is_away_is_a_sentence():
    said = run("list", "--json")
    assert said.code == ExitCode.UNAVAILABLE
    assert said.document["code"] == "unavailable"
    assert "DATABASE_URL" in said.error
    assert "Traceback" not in said.error


def test_a_setting_that_stops_the_start_is_one_document_too():
    for command, code in (("list", ExitCode.UNAVAILABLE), ("health", 2)):
        said = run(command, "--json", AI_JOBS_PER_USER="many")
        assert (said.code, said.document["code"]) == (code, "cannot_start")
        assert said.error == f"{said.document['error']}\n"
        assert "AI_JOBS_PER_USER='many'" in said.error


def run_into(output: int, *arguments: str, **environment: str) -> Said:
    """The command with its standard output there."""
    done = subprocess.run(
        [sys.executable, "manage.py", "aijobs", *arguments],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", "DEBUG": "1", "DATABASE_URL": NO_DATABASE, **environment},
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    return Said(done.returncode, "", done.stderr)


@pytest.mark.parametrize("arguments", [["health"], ["health", "--json"]])
def test_an_output_that_nobody_reads_is_no_failed_job(arguments):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        said = run_into(writing, *arguments)
    finally:
        os.close(writing)
    assert (said.code, said.error) == (ExitCode.NOBODY_READS, "")


def test_an_output_that_takes_nothing_is_a_sentence():
    with Path("/dev/full").open("w") as full:
        said = run_into(full.fileno(), "health")
    assert said.code == ExitCode.UNAVAILABLE
    assert said.error == "What there is to say cannot be written: No space left on device.\n"


def test_an_output_of_few_letters_gets_the_others_escaped():
    told = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", "print('b\u00fccher')"],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", "DEBUG": "1", "DATABASE_URL": NO_DATABASE, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (told.returncode, told.stdout) == (0, "b\\xfccher\n")


def test_help_and_docs_name_every_exit_code():
    said = run("submit", "--help")
    page = (PROJECT / "docs" / "command-line.md").read_text()
    for code in ExitCode:
        assert f"{code.value} " in " ".join(said.out.split())
        assert f"| {code.value} |" in page
    verbs = re.findall(
        r"^  (?:│ )?([a-z]+)  ", run("--help").out.replace("│", " ").replace("   ", "  "), flags=re.MULTILINE
    )
    assert {"submit", "watch", "requeue", "health"} <= set(verbs)
    for verb in verbs:
        assert f"aijobs {verb}" in page
