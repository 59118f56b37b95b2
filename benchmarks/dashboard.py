"""How long the operators' pages take with 1,000,000 finished jobs of a week: rendered whole, without the network.

Beside the time by the clock, the processor time of this process: what a page costs of Python, on a busy machine too.
"""

import logging
import time
import uuid
from collections.abc import Callable

from django.contrib.auth.models import User
from django.test import Client

from benchmarks.figures import Figure, Options, quantile
from benchmarks.service import empty, execute, make_users, number, rows

ROUNDS = 1
USERS = 1_000
REQUESTS = 25
# What an operator takes for at once; the pages are asked on a machine that does nothing else.
TARGET_MS = 500
LIST = "/admin/ai_jobs/aijob/"


def measure(options: Options) -> list[Figure]:
    jobs = 100_000 if options.quick else 1_000_000
    _load(jobs)
    client = _operator()
    newest = [
        job_id for (job_id,) in rows("SELECT id FROM ai_jobs_aijob ORDER BY created_at DESC LIMIT 1000")
    ]
    some = [job_id for (job_id,) in rows("SELECT id FROM ai_jobs_aijob TABLESAMPLE SYSTEM (1) LIMIT 1000")]
    day = rows("SELECT to_char(now() - interval '3 days', 'YYYY-MM-DD')")[0][0]
    pages: dict[str, Callable[[int], str]] = {
        "dashboard, hour": lambda turn: "/admin/",
        "dashboard, week": lambda turn: "/admin/?window=week",
        "tiles alone (every 3 s)": lambda turn: f"{LIST}live/now/",
        "charts alone, week (every 60 s)": lambda turn: f"{LIST}live/window/week/",
        "list": lambda turn: LIST,
        "list, page 150": lambda turn: f"{LIST}?p=150",
        "list of the failed": lambda turn: f"{LIST}?status__exact=failed",
        "list of the queued": lambda turn: f"{LIST}?status__exact=queued",
        "list of one type": lambda turn: f"{LIST}?job_type=modify_canvas",
        "list of one error code": lambda turn: f"{LIST}?error_code=code-{turn % 5}",
        "list of one person": lambda turn: f"{LIST}?user__id__exact={1 + turn}",
        "list of one day": lambda turn: f"{LIST}?day={day}",
        "search for an id": lambda turn: f"{LIST}?q={some[turn]}",
        "search for a person": lambda turn: f"{LIST}?q=person-{1 + turn}",
        "search for words": lambda turn: f"{LIST}?q=sign+up+{turn}",
        "search for words that are nowhere": lambda turn: f"{LIST}?q=nowhere+{turn}",
        "a job's page": lambda turn: f"{LIST}{newest[turn]}/change/",
    }
    # What everybody asks, beside the operators: somebody with a thousand jobs, and somebody with none yet.
    people = {
        "own jobs in the API": _signed_in(User.objects.get(pk=7)),
        "own jobs in the API of a newcomer": _signed_in(User.objects.create(username=f"new-{uuid.uuid4()}")),
    }
    figures = []
    logging.disable(logging.INFO)
    try:
        asked = [(name, client, address) for name, address in pages.items()]
        asked += [(name, person, lambda turn: "/api/jobs") for name, person in people.items()]
        for name, who, address in asked:
            times, processor = _times(who, address)
            figures.append(Figure(f"{name}, processor", "ms", quantile(processor, 50)))
            figures.append(Figure(f"{name}, median", "ms", quantile(times, 50)))
            figures.append(Figure(f"{name}, p95", "ms", quantile(times, 95), at_most=TARGET_MS))
    finally:
        logging.disable(logging.NOTSET)
    return figures


def _times(client: Client, address: Callable[[int], str]) -> tuple[list[float], list[float]]:
    times, processor = [], []
    for turn in range(REQUESTS):
        begun, begun_processor = time.perf_counter(), time.process_time()
        answer = client.get(address(turn), secure=True)
        times.append((time.perf_counter() - begun) * 1000)
        processor.append((time.process_time() - begun_processor) * 1000)
        if answer.status_code != 200:
            raise AssertionError(f"{address(turn)} answered {answer.status_code}")
    # The first ones fill caches: templates, connections, pages of the database.
    return times[3:], processor[3:]


def _operator() -> Client:
    return _signed_in(
        User.objects.create(username=f"operator-{uuid.uuid4()}", is_staff=True, is_superuser=True)
    )


def _signed_in(user: User) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def _load(jobs: int) -> None:
    """Finished jobs spread over the last week, 100 that wait, the history of the newest."""
    if number("SELECT count(*) FROM ai_jobs_aijob") >= jobs:
        return
    empty()
    make_users(USERS)
    execute("SELECT setval('auth_user_id_seq', %s)", [USERS])
    execute(
        f"""
        INSERT INTO ai_jobs_aijob (id, user_id, job_type, status, priority, request_data, result_data, max_retries,
            attempt, created_at, next_processing_at, started_at, completed_at, error_code, error_message)
        SELECT gen_random_uuid(), 1 + number %% {USERS},
            CASE WHEN number %% 3 = 0 THEN 'create_canvas' ELSE 'modify_canvas' END, status, 0,
            jsonb_build_object('instructions', 'Flowchart: Sign up -> Verify -> Welcome ' || number,
                'style', 'modern', 'colorScheme', 'default'),
            CASE status WHEN 'completed' THEN
                jsonb_build_object('title', 'A drawing', 'message', 'Drew it.', 'objects', '[]'::jsonb) END,
            3, 1, at, at, at + interval '0.5 s', at + interval '0.5 s' + make_interval(secs => number %% 30),
            CASE status WHEN 'failed' THEN 'code-' || number %% 5 WHEN 'cancelled' THEN 'cancelled' ELSE '' END,
            CASE status WHEN 'completed' THEN '' ELSE 'It did not go well.' END
        FROM generate_series(1, %(jobs)s) AS number,
            LATERAL (SELECT
                now() - interval '7 days' * (1 - number::float / %(jobs)s) - interval '31 s' AS at,
                CASE WHEN number %% 33 = 0 THEN 'failed' WHEN number %% 101 = 0 THEN 'cancelled' ELSE 'completed' END
                    AS status
            ) AS made
        """,
        {"jobs": jobs},  # type: ignore[arg-type]
    )
    execute(
        f"""
        INSERT INTO ai_jobs_aijob (id, user_id, job_type, status, priority, request_data, max_retries)
        SELECT gen_random_uuid(), 1 + number % {USERS}, 'create_canvas', 'queued', 0, '{{"instructions": "-"}}', 3
        FROM generate_series(1, 100) AS number
        """
    )
    execute(
        """
        INSERT INTO ai_jobs_aijobevent (job_id, sequence, at, kind, attempt, data)
        SELECT job.id, event.sequence, job.created_at, event.kind, event.attempt, '{}'
        FROM (SELECT id, created_at FROM ai_jobs_aijob ORDER BY created_at DESC LIMIT 2000) AS job,
            (VALUES (1, 'submitted', 0), (2, 'claimed', 1), (3, 'completed', 1)) AS event(sequence, kind, attempt)
        """
    )
    execute("VACUUM ANALYZE")
    execute("CHECKPOINT")
