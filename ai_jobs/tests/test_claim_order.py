"""The order of claims, held against a plain model of it, and what a claim costs the database."""

import itertools
import json
import random
import uuid
from collections import Counter, defaultdict
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ai_jobs import claims, lifecycle
from ai_jobs.models import AIJob, Pause, Worker
from ai_jobs.states import Status
from ai_jobs.tests import factories as make
from ai_jobs.tests.test_claim_jobs import start_age_turns_at

pytestmark = pytest.mark.django_db

CAP = 3


def fill(chance: random.Random, *, users: int, jobs: int) -> None:
    """A queue of this many people in which no two jobs came at the same moment, and some jobs already run."""
    now = timezone.now()
    people = [make.make_user() for _ in range(users)]
    AIJob.objects.bulk_create(
        AIJob(
            user=chance.choice(people),
            job_type="create_canvas",
            request_data={"instructions": f"job {number}", "style": "modern", "colorScheme": "default"},
            priority=chance.choice([-1, 0, 0, 2]),
            max_retries=3,
            created_at=now,
            # Some are not due yet.
            next_processing_at=now
            + timedelta(seconds=chance.choice([-60, -60, -60, 60]), milliseconds=number),
        )
        for number in range(jobs)
    )
    make.claim(users // 2, per_user=CAP)


def expected(slots: int) -> set[uuid.UUID]:
    """Priority first; inside a priority turns, fewest running first; inside a turn the oldest; never above the cap.

    One claim in `AGE_TURN` goes before all that to the person whose job has waited longest.
    """
    running = Counter(AIJob.objects.filter(status=Status.PROCESSING).values_list("user_id", flat=True))
    of_user = defaultdict(list)
    for job in AIJob.objects.filter(status=Status.QUEUED, next_processing_at__lte=timezone.now()):
        if running[job.user_id] < CAP:
            of_user[job.user_id].append(job)
    claimable = sum(min(len(jobs), CAP - running[user]) for user, jobs in of_user.items())
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM ai_jobs_lease_token")
        last = cursor.fetchone()[0]
    age_turns = (last + min(slots, claimable)) // claims.AGE_TURN - last // claims.AGE_TURN
    oldest = [min(jobs, key=lambda job: job.next_processing_at) for jobs in of_user.values()]
    aged = set(sorted(oldest, key=lambda job: job.next_processing_at)[:age_turns])
    candidates = []
    for user, jobs in of_user.items():
        jobs.sort(key=lambda job: (job not in aged, -job.priority, job.next_processing_at))
        for place, job in enumerate(jobs[: CAP - running[user]], start=1):
            turn = running[user] + place
            candidates.append((job not in aged, -job.priority, turn, job.next_processing_at, job.pk))
    return {key[-1] for key in sorted(candidates)[:slots]}


@pytest.mark.parametrize("few_wait", [False, True])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("users", "jobs", "slots"),
    [(60, 150, 1), (60, 150, 6), (60, 150, 25), (5, 150, 6), (5, 150, 200), (60, 90, 100), (9, 20, 20)],
)
def test_a_claim_takes_the_jobs_that_the_rule_names(seed, users, jobs, slots, few_wait):
    fill(random.Random(seed), users=users, jobs=jobs)
    for _ in range(3):
        assert expected(slots) == {job.row.id for job in make.claim(slots, per_user=CAP, few_wait=few_wait)}


def test_the_oldest_has_its_turn_also_where_the_head_of_the_queue_is_full_of_others():
    patient = make.submit(make.make_user(), "patient", priority=-10)
    for _ in range(60):
        make.submit(make.make_user(), priority=5)
    start_age_turns_at(claims.AGE_TURN - 1)
    first = [job.row.id for _ in range(claims.AGE_TURN - 1) for job in make.claim(1)]
    assert patient.pk not in first
    assert [job.row.id for job in make.claim(1)] == [patient.pk]


@pytest.mark.parametrize(
    ("few_wait", "slots", "claimed", "statements"),
    [
        (False, 20, 20, 1),
        # All 29 fit; or they do not, and the whole rule is asked after all.
        (True, 29, 29, 1),
        (True, 20, 20, 2),
    ],
)
def test_claiming_a_batch_is_one_statement_and_telling_of_it_another(few_wait, slots, claimed, statements):
    make.submit_many(make.make_user(), 30)
    make.claim(1)
    with CaptureQueriesContext(connection) as seen:
        jobs = make.run_claim(
            claims.claim_jobs(
                worker_id=uuid.uuid4(), slots=slots, per_user=50, lease_seconds=15, few_wait=few_wait
            )
        )
    assert (len(jobs), len(seen)) == (claimed, statements)


@pytest.mark.parametrize("obstacle", ["pause", "suspect", "cap"])
def test_all_who_are_ready_are_taken_only_where_nobody_has_to_wait(obstacle):
    """What stands in the way of one claim stands in the way of the quick one, too."""
    make.submit_many(make.make_user(), 3)
    left = 0
    match obstacle:
        case "pause":
            Pause.objects.create(job_type="")
            left = 3
        case "suspect":
            for _ in range(2):
                make.crash(*make.claim(3))
            assert [job.row.crash_count for job in make.claim(10, few_wait=True, suspects=1)] == [2]
            left = 2
        case "cap":
            assert len(make.claim(10, per_user=2, few_wait=True)) == 2
            assert make.claim(10, per_user=2, few_wait=True) == []
            left = 1
    make.claim(10, per_user=2, few_wait=True, suspects=0)
    assert AIJob.objects.filter(status=Status.QUEUED).count() == left


def test_a_plan_made_for_an_empty_table_still_touches_few_rows_when_many_jobs_wait():
    """An engine starts before there is work, and keeps its plan: whatever it believes, it must not walk the queue."""
    with connection.cursor() as cursor:
        make.open_for_claims()
        make.claim(1)
        make.claim(1, few_wait=True)
        for _ in range(40):
            make.submit_many(make.make_user(), 100)
        for slots, statement in itertools.product((1, 20, 200), ("ai_jobs_claim", "ai_jobs_claim_all")):
            cursor.execute(
                f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE {statement}(%s, %s, 5, 15, 16)",
                [uuid.uuid4(), slots],
            )
            plan = cursor.fetchone()[0]
            plan = json.loads(plan) if isinstance(plan, str) else plan
            read = dict(_rows_read(plan[0]["Plan"]))
            assert {where: rows for where, rows in read.items() if rows > 2 * slots + 64} == {}, (
                slots,
                statement,
            )


def _rows_read(node):
    """By place in the plan: how many rows each scan of a table read, those it threw away included."""
    if "Relation Name" in node:
        rows = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        yield (
            f"{node.get('Alias')} by {node.get('Index Name')}: {node.get('Index Cond')} {node.get('Filter')}",
            rows,
        )
    for child in node.get("Plans", []):
        yield from _rows_read(child)


def test_engines_with_less_to_do_answer_a_doorbell_first():
    busy, idle = make.make_worker(running=40), make.make_worker(running=0)
    full = make.make_worker(running=200)
    report = lifecycle.WorkerReport(
        worker_id=busy, host="worker.example", pid=1, version="1", slots=200, running=40, loop_lag_ms=0.0,
        draining=False, claimed_lately=False,
    )  # fmt: skip
    assert lifecycle.report_worker(report).engines_before == 1
    assert lifecycle.report_worker(report._replace(worker_id=idle, running=0)).engines_before == 0
    # A job more or less changes nothing: between equals it is the ids that say who is first, for both alike.
    first, second = sorted((make.make_worker(running=2), make.make_worker(running=3)))
    for worker, before in ((first, 1), (second, 2)):
        seen = lifecycle.report_worker(report._replace(worker_id=worker, running=4)).engines_before
        assert seen - (idle < worker) == before - 1
    Worker.objects.filter(pk__in=[first, second]).delete()
    # Who has no slot free, who drains and who is silent stands before nobody.
    assert lifecycle.report_worker(report._replace(worker_id=full, running=201)).engines_before == 2
    lifecycle.report_worker(report._replace(worker_id=idle, running=0, draining=True))
    assert lifecycle.report_worker(report).engines_before == 0
