"""Every alert fires when its reason is caused, every metric moves, and every query of the dashboard has an answer.

One system is brought into trouble after trouble; what `/metrics` says before and after each is given to a real
Prometheus.
"""

import json
import os
import re
import shutil
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psycopg2
import pytest
import yaml
from websockets.sync.client import connect

from tests.prometheus import UP, History, Prometheus, Scrape, parse, prometheus
from tests.running import METRICS_TOKEN, PROJECT, wait_until
from tests.separate_services import SeparateServices
from tests.vendor.server import Vendor, vendor

pytestmark = pytest.mark.skipif(
    not (shutil.which("prometheus") and shutil.which("promtool")),
    reason="There is no Prometheus here; .ci/find-prometheus says how to get one.",
)

ALERTS = {
    rule["alert"]: rule
    for group in yaml.safe_load((PROJECT / "docs/monitoring/alerts.yml").read_text())["groups"]
    for rule in group["rules"]
}
DASHBOARD = json.loads((PROJECT / "docs/monitoring/dashboard.json").read_text())
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
# Settings, told as they are: they move when somebody changes them and starts anew.
SETTINGS = {"collabcanvas_build_info", "collabcanvas_canary_interval_seconds"}
OURS = re.compile(r"collabcanvas_[a-z_]+")


def seconds(text: str) -> int:
    number, unit = int(text[:-1]), text[-1]
    return number * {"s": 1, "m": 60}[unit]


class Troubled:
    """The system, what it said of itself when, and the histories that make each alert fire."""

    def __init__(self, services: SeparateServices, model: Vendor) -> None:
        self.services = services
        self.model = model
        self.ada = services.cast["ada"]
        self.scrapes: list[Scrape] = []
        self.histories: dict[str, History] = {}

    def look(self) -> Scrape:
        try:
            answer = httpx.get(
                f"{self.services.base_url}/metrics",
                headers={"Authorization": f"Bearer {METRICS_TOKEN}"},
                timeout=60,
            )
        except httpx.TransportError:
            return {UP: 0.0}
        assert answer.status_code == 200, answer.text
        return {UP: 1.0, **parse(answer.text)}

    def scrape(self) -> Scrape:
        self.scrapes.append(self.look())
        return self.scrapes[-1]

    def scrape_when(self, holds: Callable[[Scrape], bool], what: str) -> Scrape:
        """The first answer of which that holds."""
        found: list[Scrape] = []

        def look() -> bool:
            found.append(self.look())
            return holds(found[-1])

        wait_until(look, what)
        self.scrapes.append(found[-1])
        return found[-1]

    def fires(self, alert: str, *scrapes: Scrape) -> None:
        """These answers, one after the other, are what makes it fire; the last one stays."""
        lasting = seconds(ALERTS[alert].get("for", "0s")) + 300
        before = [(scrape, 900) for scrape in scrapes[:1]]
        between = [(scrape, 15) for scrape in scrapes[1:-1]]
        self.histories[alert] = [*before, *between, (scrapes[-1], lasting)]

    # --- Causing it ---
    @contextmanager
    def database(self) -> Iterator[Any]:
        connection = psycopg2.connect(self.services.database_url)
        try:
            with connection, connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def sql(self, statement: str, *parameters: object) -> list[Any]:
        with self.database() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def ask(self, answer: str, *, times: int = 1, max_retries: int = 1) -> list[str]:
        jobs = [self.ada.ask(f"Draw something (answer: {answer}) {uuid.uuid4()}") for _ in range(times)]
        self.sql("UPDATE ai_jobs_aijob SET max_retries = %s WHERE id::text = ANY(%s)", max_retries, jobs)
        return jobs

    def probe(self, *, times: int = 1, **parameters: object) -> list[str]:
        """Jobs of the type that does as it is told; no API takes those."""
        request = {"instructions": "", "style": "modern", "colorScheme": "default", **parameters}
        return [
            self.sql(
                "INSERT INTO ai_jobs_aijob (id, user_id, job_type, status, request_data, priority, max_retries)"
                " VALUES (%s, %s, 'probe', 'queued', %s, 0, 1) RETURNING id::text",
                str(uuid.uuid4()),
                self.ada.user_id,
                json.dumps(request),
            )[0][0]
            for _ in range(times)
        ]

    def send_canary(self) -> None:
        """What the schedule does, which would come when no test expects it."""
        command = "from ai_jobs.tasks import send_canary; assert send_canary()"
        self.services.manage("shell", "--no-imports", "-c", command)

    def canaries(self) -> list[str]:
        wanted = "SELECT j.id::text FROM ai_jobs_aijob j JOIN auth_user u ON u.id = j.user_id WHERE u.username = %s"
        return [row[0] for row in self.sql(wanted, "collabcanvas-canary")]

    def pass_time(self, *, minutes: int, job_ids: list[str]) -> None:
        """What happened to these jobs happened so much earlier."""
        self.sql(
            "UPDATE ai_jobs_aijob SET created_at = created_at - gone, started_at = started_at - gone,"
            " completed_at = completed_at - gone, next_processing_at = next_processing_at - gone"
            " FROM make_interval(mins => %s) AS gone WHERE id::text = ANY(%s)",
            minutes,
            job_ids,
        )

    def over(self, jobs: list[str]) -> None:
        open_jobs = "SELECT count(*) FROM ai_jobs_aijob WHERE id::text = ANY(%s) AND completed_at IS NULL"
        wait_until(lambda: self.sql(open_jobs, jobs)[0][0] == 0, "the jobs are over")


def total(scrape: Scrape, metric: str, **wanted: str) -> float:
    return sum(
        value
        for (name, labels), value in scrape.items()
        if name == metric and wanted.items() <= dict(labels).items()
    )


def happened(scrape: Scrape, event: str) -> float:
    return total(scrape, "collabcanvas_job_transitions_total", event=event)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """The process stands still."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def live_through(it: Troubled) -> None:
    """One trouble after the other, each seen in what `/metrics` says."""
    services = it.services
    it.sql("DELETE FROM django_q_schedule")
    services.start_worker()
    it.over(it.ask("good"))
    it.send_canary()
    it.over(it.canaries())
    socket_url = f"{services.base_url.replace('http', 'ws')}/ws/jobs"
    with connect(socket_url, subprotocols=["collabcanvas.v1", f"bearer.{it.ada.token}"]) as socket:  # type: ignore[list-item]
        socket.recv(timeout=60)
        it.scrape_when(lambda s: total(s, "collabcanvas_sockets") == 1, "the socket is counted")
    calm = it.scrape_when(
        lambda s: (
            happened(s, "completed") == 2
            and total(s, "collabcanvas_web_loop_lag_seconds") < 1
            and total(s, "collabcanvas_worker_loop_lag_seconds") < 1
            and total(s, "collabcanvas_channel_layer_lag_seconds") < 2
        ),
        "the calm job and the canary are counted, and nothing is late",
    )
    it.histories["calm"] = [(calm, 3600)]

    # People ask for what nobody can draw.
    it.over(it.ask("cut_off", times=4))
    refused = it.scrape_when(lambda s: happened(s, "failed") == 4, "the refused jobs are counted")
    it.histories["refusals"] = [(calm, 900), (refused, 900)]

    # An ordinary task fails. (Before a worker is killed: that may freeze their queue.)
    services.manage(
        "shell", "--no-imports", "-c", "from django_q.tasks import async_task; async_task('math.sqrt', -1)"
    )
    it.fires(
        "OrdinaryTasksFail",
        calm,
        it.scrape_when(lambda s: total(s, "collabcanvas_ordinary_tasks_failed") == 1, "the failure is told"),
    )

    # Nobody works, and jobs wait; then somebody comes, late.
    services.stop_worker()
    waiting = it.ask("good", times=8)
    it.fires("NoWorker", calm, it.scrape())
    # The canary that was done gets old, and the next one waits with the others.
    it.pass_time(minutes=10, job_ids=it.canaries())
    it.send_canary()
    assert len(it.canaries()) == 2
    it.fires(
        "CanaryStale",
        calm,
        it.scrape_when(lambda s: total(s, "collabcanvas_canary_age_seconds") > 600, "the canary is missed"),
    )
    it.scrape_when(lambda s: total(s, "collabcanvas_oldest_ready_seconds") > 2, "they wait and wait")
    it.pass_time(minutes=1, job_ids=waiting)
    it.fires(
        "JobsWaitTooLong",
        calm,
        it.scrape_when(lambda s: total(s, "collabcanvas_oldest_ready_seconds") > 62, "they have waited"),
    )
    services.start_worker()
    it.over(waiting + it.canaries())
    late = it.scrape_when(
        lambda s: happened(s, "completed") == 11 and total(s, "collabcanvas_canary_age_seconds") < 60,
        "the late jobs are counted, and the canary lives",
    )
    it.fires("SlowPickup", calm, late)

    # The model refuses.
    failing = it.ask("forbidden", times=4) + it.ask("server_error", times=4)
    it.over(failing)
    failed = it.scrape_when(lambda s: happened(s, "failed") == 12, "the failed jobs are counted")
    for alert in ("JobsFail", "JobsRetry", "ProviderErrors"):
        it.fires(alert, late, failed)

    # A worker is killed.
    victim = it.probe(seconds=3)
    wait_until(lambda: it.sql("SELECT 1 FROM ai_jobs_aijob WHERE status = 'processing'"), "it runs")
    pid = it.sql("SELECT pid FROM ai_jobs_worker ORDER BY heartbeat_at DESC LIMIT 1")[0][0]
    os.kill(pid, signal.SIGKILL)
    it.over(victim)
    crashed = it.scrape_when(lambda s: happened(s, "rescued") >= 1, "the rescue is counted")
    it.fires("WorkersCrash", failed, crashed)
    wait_until(lambda: total(it.look(), "collabcanvas_workers", state="running") >= 1, "there is another")
    it.sql("DELETE FROM ai_jobs_worker WHERE pid = %s", pid)

    # All slots are taken, and then their runs are taken away.
    full = it.probe(times=6, seconds=60)
    it.fires(
        "SlotsUsedUp",
        calm,
        it.scrape_when(lambda s: total(s, "collabcanvas_worker_slots", state="running") == 6, "six run"),
    )
    before = it.scrape()
    # The second time they are quick.
    it.sql(
        "UPDATE ai_jobs_aijob SET request_data = request_data || '{\"seconds\": 0}' WHERE job_type = 'probe'"
    )
    services.manage("aijobs", "requeue", *full)
    lost = it.scrape_when(lambda s: total(s, "collabcanvas_leases_lost_total") >= 4, "the losses are counted")
    it.fires("LeasesLost", before, lost)
    it.over(full)

    # A handler holds up the engine's loop.
    it.probe(block=2.5)
    it.fires(
        "WorkerLate",
        calm,
        it.scrape_when(lambda s: total(s, "collabcanvas_worker_loop_lag_seconds") > 1, "the lag is told"),
    )

    # The model says nothing for long; meanwhile other things go wrong.
    before = it.scrape()
    hanging = it.ask("hang", times=2, max_retries=0)

    services.start_second_worker(COMMIT_SHA="abc1234")
    different = it.scrape_when(
        lambda s: len({labels for name, labels in s if name == "collabcanvas_worker_info"}) == 2,
        "two releases",
    )
    it.fires("ReleasesDiffer", calm, different)
    services.stop_second_worker()

    services.manage("aijobs", "pause")
    it.fires("Paused", calm, it.scrape())
    services.manage("aijobs", "resume")

    with stopped(services.web_pid):
        time.sleep(2.5)
    it.fires(
        "WebLate",
        calm,
        it.scrape_when(lambda s: total(s, "collabcanvas_web_loop_lag_seconds") > 1, "the lag is told"),
    )

    ear = it.sql(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'collabcanvas web listener'"
        " AND datname = current_database()"
    )
    with stopped(ear[0][0]):
        silent = it.scrape_when(
            lambda s: total(s, "collabcanvas_channel_layer_lag_seconds") > 2, "silence is told"
        )
    it.fires("ChannelLayerSilent", calm, silent)

    # Not since it was calm: among all the requests since then two slow ones may be fewer than one in a hundred.
    slow = [it.scrape(), *(slow_request(it) for _ in range(2))]
    it.fires("SlowRequests", *slow)
    broken = [slow[-1], *(broken_request(it) for _ in range(2))]
    it.fires("ServerErrors", *broken)

    it.over(hanging)
    it.fires(
        "ProviderSlow",
        before,
        it.scrape_when(
            lambda s: (
                total(s, "collabcanvas_provider_request_seconds_count")
                >= total(before, "collabcanvas_provider_request_seconds_count") + 2
            ),
            "the slow requests are counted",
        ),
    )

    services.stop_web()
    services.start_web(AI_JOBS_ENABLED="0")
    it.fires("JobsSwitchedOff", calm, it.scrape())
    services.shut_database()
    it.fires(
        "DatabaseAway",
        calm,
        it.scrape_when(lambda s: total(s, "collabcanvas_database_up") == 0, "it is told"),
    )
    services.open_database()
    services.stop_web()
    it.fires("CollabCanvasDown", calm, it.scrape())


def slow_request(it: Troubled) -> Scrape:
    with it.database() as cursor:
        cursor.execute("LOCK TABLE canvases_canvas IN ACCESS EXCLUSIVE MODE")
        waiting = threading.Thread(target=it.ada.http.get, args=("/api/canvases",))
        waiting.start()
        wait_until(lambda: it.sql("SELECT 1 FROM pg_locks WHERE NOT granted"), "the request waits")
        time.sleep(1.5)
    waiting.join(60)
    return it.scrape()


def broken_request(it: Troubled) -> Scrape:
    it.sql("ALTER TABLE canvases_canvas RENAME TO canvases_elsewhere")
    try:
        assert it.ada.http.get("/api/canvases").status_code == 500
    finally:
        it.sql("ALTER TABLE canvases_elsewhere RENAME TO canvases_canvas")
    return it.scrape()


class Told(NamedTuple):
    prometheus: Prometheus
    scrapes: list[Scrape]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder: Path = tmp_path_factory.mktemp("alerts")
    with vendor() as model:
        services = SeparateServices(
            folder,
            METRICS_TOKEN=METRICS_TOKEN,
            AI_MODEL="openai:gpt-5.4-mini",
            AI_BASE_URL=f"{model.address}/v1",
            AI_OUTPUT="tool",
            AI_SILENCE_SECONDS="22",
            OPENAI_API_KEY="sk-of-the-tests",
            NO_PROXY="127.0.0.1",
            CANARY_INTERVAL_SECONDS="60",
            MAX_CONCURRENT_JOBS="6",
            AI_JOBS_PER_USER="6",
            JOB_RETRY_BASE_SECONDS="0.1",
            JOB_PROCESSING_INTERVAL="0.5",
            PROBE_LEASE_SECONDS="4",
            PROBE_HEARTBEAT_SECONDS="1",
            PROBE_POLL_SECONDS="0.5",
        )
        it = Troubled(services, model)
        try:
            live_through(it)
        finally:
            services.close()
    it.histories["everything"] = [(scrape, 60) for scrape in it.scrapes]
    with prometheus(folder, it.histories) as running:
        yield Told(running, it.scrapes)


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_fires_for_its_reason_and_not_without(told: Told, alert: str) -> None:
    rule = ALERTS[alert]
    lasting = seconds(rule.get("for", "0s"))
    assert told.prometheus.holds(rule["expr"], alert) >= lasting
    assert told.prometheus.holds(rule["expr"], "calm") < 0


def test_requests_that_cannot_be_drawn_wake_nobody(told: Told) -> None:
    assert told.prometheus.holds(ALERTS["JobsFail"]["expr"], "refusals") < 0
    counted = 'sum(rate(collabcanvas_job_transitions_total{event="failed"}[10m])) > 0'
    assert told.prometheus.holds(counted, "refusals") >= 0


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_of_the_dashboard_has_an_answer(told: Told, query: str) -> None:
    assert told.prometheus.holds(query, "everything") >= 0


def families(scrape: Scrape) -> set[str]:
    return {re.sub(r"_(bucket|sum|count|total)$", "", name) for name, _ in scrape if OURS.match(name)}


def test_every_metric_moves(told: Told) -> None:
    everything = set().union(*(families(scrape) for scrape in told.scrapes))
    for family in everything - SETTINGS:
        values = [
            {series: value for series, value in scrape.items() if series[0].startswith(family)}
            for scrape in told.scrapes
            if total(scrape, "collabcanvas_database_up") == 1
        ]
        assert any(one != values[0] for one in values) or family == "collabcanvas_database_up", family


def test_what_counts_never_falls(told: Told) -> None:
    """Although jobs are retried and workers end; a web process counts its own from zero when it starts anew."""
    before: dict[Any, float] = {}
    for scrape in told.scrapes:
        for series, value in scrape.items():
            name = series[0]
            if name.startswith("collabcanvas_") and name.endswith(("_total", "_bucket", "_count")):
                if not name.startswith("collabcanvas_request_"):
                    assert value >= before.get(series, 0), series
                before[series] = value


def test_the_page_lists_every_metric(told: Told) -> None:
    page = (PROJECT / "docs" / "monitoring.md").read_text()
    listed = set(re.findall(r"^\| `(collabcanvas_[a-z_]+)`", page, flags=re.MULTILINE))
    everything = set().union(*(families(scrape) for scrape in told.scrapes))
    assert {re.sub(r"_total$", "", name) for name in listed} == everything


def test_the_runbook_has_a_section_for_every_alert_and_no_other() -> None:
    page = (PROJECT / "docs" / "runbook.md").read_text()
    sections = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    named = {section.split("\n", 1)[0]: section for section in sections}
    assert set(named) == set(ALERTS)
    for name, section in named.items():
        for heading in ("**What it means.**", "**How to see it.**", "**What to do.**"):
            assert heading in section, (name, heading)


def test_everything_named_in_alerts_and_dashboard_exists(told: Told) -> None:
    names = {name for scrape in told.scrapes for name, _ in scrape}
    asked = [rule["expr"] for rule in ALERTS.values()] + QUERIES
    assert {name for text in asked for name in OURS.findall(text)} <= names
