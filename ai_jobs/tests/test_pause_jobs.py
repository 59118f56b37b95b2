"""Pausing and resuming everything, or one job type."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from ai_jobs import lifecycle, services
from ai_jobs.errors import NotPaused
from ai_jobs.health import findings, health
from ai_jobs.metrics import pickup_seconds
from ai_jobs.models import AIJob, Pause
from ai_jobs.rows import job_row
from ai_jobs.states import Status
from ai_jobs.tests import factories as make
from collabcanvas.lib.errors import Forbidden, InvalidInput

pytestmark = [
    pytest.mark.django_db,
    # django-typer 4.1 still passes what typer 0.27 calls deprecated.
    pytest.mark.filterwarnings("ignore:In Typer, only the parameter 'autocompletion':DeprecationWarning"),
]


def reason(job):
    job.refresh_from_db()
    return job_row(job)["queue"]["waiting_reason"]


def test_while_everything_is_paused_nothing_begins_and_what_runs_goes_on(owner, operator):
    make.make_worker()
    running = make.claim_one(make.submit(owner))
    services.pause_jobs(user=operator)
    waiting = make.submit(owner)

    assert make.claim(10) == []
    assert reason(waiting) == "paused"
    assert lifecycle.renew_leases(held=[running.held], lease_seconds=15) == {running.held}
    assert make.complete(running)

    services.resume_jobs(user=operator)
    assert reason(waiting) == "behind_others"
    assert [job.row.id for job in make.claim(10)] == [waiting.pk]


def test_a_paused_type_holds_up_no_other_type(owner, canvas, operator):
    make.make_worker()
    paused = [make.submit(owner, priority=5) for _ in range(6)]
    other = make.submit(owner, canvas=canvas)
    services.pause_jobs(user=operator, job_type="create_canvas")

    assert (reason(paused[0]), reason(other)) == ("paused", "behind_others")
    other.refresh_from_db()
    assert job_row(other)["queue"]["position"] == 1
    assert [job.row.id for job in make.claim(2, per_user=3)] == [other.pk]
    assert make.claim(10) == []

    services.resume_jobs(user=operator, job_type="create_canvas")
    assert len(make.claim(10)) == 6


def test_a_job_that_was_in_a_crash_waits_too(owner, operator):
    job = make.submit(owner)
    make.crash(make.claim_one(job))
    services.pause_jobs(user=operator, job_type="create_canvas")
    assert make.claim(10) == []
    services.resume_jobs(user=operator, job_type="create_canvas")
    assert make.claim_one(job)


def test_everything_stays_paused_when_one_type_is_resumed(owner, operator):
    services.pause_jobs(user=operator)
    services.pause_jobs(user=operator, job_type="create_canvas")
    make.submit(owner)
    services.resume_jobs(user=operator, job_type="create_canvas")
    assert make.claim(10) == []


def test_pausing_twice_is_pausing_once_and_resuming_twice_says_so(operator):
    services.pause_jobs(user=operator, reason="the model is down")
    assert services.pause_jobs(user=operator, reason="again").reason == "the model is down"
    services.resume_jobs(user=operator)
    with pytest.raises(NotPaused):
        services.resume_jobs(user=operator)


def test_only_operators_may_and_only_known_types(owner, operator):
    for steer in (services.pause_jobs, services.resume_jobs):
        with pytest.raises(Forbidden):
            steer(user=owner)
    with pytest.raises(InvalidInput, match=r"create_canvas, modify_canvas"):
        services.pause_jobs(user=operator, job_type="paint")
    owner.user_permissions.add(Permission.objects.get(codename="change_aijob"))
    with pytest.raises(Forbidden):
        services.pause_jobs(user=type(owner).objects.get(pk=owner.pk))
    type(owner).objects.filter(pk=owner.pk).update(is_staff=True)
    services.pause_jobs(user=type(owner).objects.get(pk=owner.pk))


def test_health_names_what_is_paused(operator):
    assert health()["paused"] == {"everything": False, "job_types": []}
    services.pause_jobs(user=operator)
    services.pause_jobs(user=operator, job_type="modify_canvas")
    assert health()["paused"] == {"everything": True, "job_types": ["modify_canvas"]}


def test_only_what_could_run_counts_as_ready_wherever_it_is_told(client, owner, stranger, operator, settings):
    settings.AI_JOBS_PER_USER = 1
    make.claim_one(make.submit(owner))
    # Their person has as many running as may run at once.
    make.submit_many(owner, 2)
    paused = make.submit(stranger)
    AIJob.objects.filter(status=Status.QUEUED).update(next_processing_at="2000-01-01T00:00:00Z")
    services.pause_jobs(user=operator)
    client.force_login(operator)

    def told():
        (scraped,) = re.findall(
            r"(?m)^collabcanvas_oldest_ready_seconds (\S+)$", client.get("/metrics").content.decode()
        )
        page = client.get("/admin/").content.decode()
        tile = re.search(r"<dt>Oldest ready job</dt>\s*<dd class=\"ops-value\">(.+?)</dd>", page)
        assert tile is not None
        return float(scraped) > 60, health()["oldest_ready_age_seconds"] > 60, tile[1] != "–"

    assert told() == (False, False, False)
    assert "with everything" in client.get("/admin/").content.decode()
    services.resume_jobs(user=operator)
    assert told() == (True, True, True)
    assert "with everything" not in client.get("/admin/").content.decode()
    paused.delete()
    assert told() == (False, False, False)


def pickups():
    (family,) = pickup_seconds.collect()
    return next(sample.value for sample in family.samples if sample.name.endswith("_count"))


def waited_long(*jobs):
    AIJob.objects.filter(pk__in=[job.pk for job in jobs]).update(
        next_processing_at=Now() - timedelta(minutes=5)
    )


def test_what_a_pause_held_up_is_no_slow_pickup(owner, operator):
    services.pause_jobs(user=operator, job_type="create_canvas")
    job = make.submit(owner)
    waited_long(job)
    assert make.claim() == []
    services.resume_jobs(user=operator, job_type="create_canvas")
    before = pickups()
    make.claim_one(job)
    assert pickups() == before

    other = make.submit(owner)
    make.claim_one(other)
    assert pickups() == before + 1


def test_the_command_line_pauses_and_resumes(operator, capsys):
    call_command("aijobs", "pause", "--type", "create_canvas", "--reason", "trial")
    assert Pause.objects.get().job_type == "create_canvas"
    said = capsys.readouterr().out
    assert "Paused: create_canvas." in said
    assert said.endswith("To go on: aijobs resume --type create_canvas\n")
    assert "To go on: aijobs resume --type create_canvas" in " ".join(
        finding.sentence for finding in findings(health())
    )
    call_command("aijobs", "stats")
    assert "Paused: create_canvas." in capsys.readouterr().out
    call_command("aijobs", "resume", "--type", "create_canvas", "--json")
    assert '"job_types": []' in capsys.readouterr().out
    assert not Pause.objects.exists()
    with pytest.raises((SystemExit, CommandError)):
        call_command("aijobs", "resume")


def test_the_admin_pauses_by_adding_and_resumes_by_deleting(client, operator, owner):
    client.force_login(operator)
    add = "/admin/ai_jobs/pause/add/"
    assert b"everything" in client.get(add).content
    assert client.post(add, {"job_type": "", "reason": "maintenance"}, follow=True).status_code == 200
    pause = Pause.objects.get()
    assert (pause.job_type, pause.reason, pause.paused_by) == ("", "maintenance", operator)
    job = make.submit(owner)
    assert make.claim() == []
    assert b"maintenance" in client.get("/admin/ai_jobs/pause/").content
    client.post(f"/admin/ai_jobs/pause/{pause.pk}/delete/", {"post": "yes"})
    assert make.claim_one(job).row.status == Status.PROCESSING
