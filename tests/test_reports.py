"""What leaves the house: log lines of real processes, reports and spans – and nothing that a person wrote."""

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import brotli
import psycopg2
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.running import PROJECT, wait_until
from tests.separate_services import SeparateServices

SECRET = "the-words-of-a-person"


@dataclass
class Intake:
    """A server that speaks both intake protocols: envelopes of Sentry, OTLP over HTTP."""

    address: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    spans: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def take(self, path: str, body: bytes) -> None:
        self.raw.append(body)
        if path.endswith("/v1/traces"):
            for of_service in ExportTraceServiceRequest.FromString(body).resource_spans:
                resource = {item.key: item.value.string_value for item in of_service.resource.attributes}
                for scope in of_service.scope_spans:
                    for span in scope.spans:
                        told = {
                            item.key: item.value.string_value or item.value.int_value
                            for item in span.attributes
                        }
                        told["error"] = span.status.message
                        self.spans.append((resource["service.name"], span.name, told))
        elif path.endswith("/envelope/"):
            lines = body.split(b"\n")
            for head, item in zip(lines[1::2], lines[2::2], strict=False):
                if json.loads(head)["type"] == "event":
                    self.events.append(json.loads(item))


@contextmanager
def intake() -> Iterator[Intake]:
    taken = Intake()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            match self.headers.get("Content-Encoding"):
                case "gzip":
                    body = gzip.decompress(body)
                case "br":
                    body = brotli.decompress(body)
            taken.take(self.path, body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    taken.address = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield taken
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Happened:
    """What left the house when one job was drawn, one crashed, and one request did."""

    intake: Intake
    lines: list[dict[str, Any]]
    text: str
    done: str
    crashed: str
    user_id: int


@pytest.fixture(scope="module")
def happened(tmp_path_factory: pytest.TempPathFactory) -> Happened:
    folder: Path = tmp_path_factory.mktemp("reports")
    with intake() as taken:
        services = SeparateServices(
            folder,
            # As in production, where lines are JSON; the people of the tests are made by the demo.
            LOG_FORMAT="json",
            SENTRY_DSN=f"http://key@{taken.address}/42",
            OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{taken.address}",
            OTEL_BSP_SCHEDULE_DELAY="200",
            NO_PROXY="127.0.0.1",
            JOB_PROCESSING_INTERVAL="0.5",
        )
        ada = services.cast["ada"]
        database = psycopg2.connect(services.database_url)
        database.autocommit = True
        try:
            services.start_worker()
            answer = ada.http.post(
                "/api/ai-agent/create-canvas",
                json={"instructions": f"Draw: {SECRET} -> B"},
                headers={"X-Request-ID": "the-request-of-the-test"},
            )
            done = answer.json()["job_id"]
            with database.cursor() as cursor:
                request = {"instructions": SECRET, "style": "modern", "colorScheme": "default", "fault": True}
                cursor.execute(
                    "INSERT INTO ai_jobs_aijob (id, user_id, job_type, status, request_data, priority, max_retries)"
                    " VALUES (gen_random_uuid(), %s, 'probe', 'queued', %s, 0, 0) RETURNING id::text",
                    [ada.user_id, json.dumps(request)],
                )
                crashed = cursor.fetchone()[0]

                def are_over() -> bool:
                    cursor.execute(
                        "SELECT count(*) FROM ai_jobs_aijob WHERE id::text = ANY(%s) AND completed_at IS NOT NULL",
                        [[done, crashed]],
                    )
                    return bool(cursor.fetchone()[0] == 2)

                wait_until(are_over, "both jobs are over")
                cursor.execute("ALTER TABLE canvases_canvas RENAME TO canvases_elsewhere")
                assert ada.http.get(f"/api/canvases?note={SECRET}").status_code == 500
                cursor.execute("ALTER TABLE canvases_elsewhere RENAME TO canvases_canvas")
            wait_until(lambda: len(taken.events) >= 2, "the errors are reported")
            wait_until(lambda: any(name == "job probe" for _, name, _ in taken.spans), "the spans have come")
        finally:
            database.close()
            services.close()
        text = (folder / "services.log").read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return Happened(taken, lines, text, done, crashed, ada.user_id)


def test_every_line_is_json_with_its_time_and_place(happened: Happened) -> None:
    assert len(happened.lines) == len(happened.text.splitlines()), [
        line for line in happened.text.splitlines() if not line.startswith("{")
    ]
    for line in happened.lines:
        assert {"event", "at", "level", "logger"} <= set(line), line


def test_a_job_is_followed_from_its_request_to_its_end(happened: Happened) -> None:
    request = [line for line in happened.lines if line.get("request_id") == "the-request-of-the-test"]
    assert {line["event"] for line in request} == {"request", "job_submitted"}
    of_job = [line for line in happened.lines if happened.done in line.get("job_ids", [])]
    assert [line["event"] for line in of_job] == ["job_submitted", "job_claimed", "job_completed"]
    assert all(line["user_ids"] == [happened.user_id] for line in of_job)
    assert all(line["worker"] for line in of_job[1:])
    (answered,) = [line for line in request if line["event"] == "request"]
    assert answered["route"] == "/api/ai-agent/create-canvas"
    assert (answered["status"], answered["user_id"]) == (202, happened.user_id)


def test_a_crash_is_found_by_its_place_and_not_by_its_words(happened: Happened) -> None:
    (crash,) = [line for line in happened.lines if line["event"] == "job_crashed"]
    assert crash["job_id"] == happened.crashed
    assert "LookupError" in crash["exception"]
    assert "probes.py" in crash["exception"]
    (error,) = [line for line in happened.lines if line["event"] == "unexpected_error"]
    assert error["request_id"]
    assert "ProgrammingError" in error["exception"]


def test_no_line_holds_what_a_person_wrote(happened: Happened) -> None:
    assert SECRET not in happened.text


def test_the_errors_reach_sentry_with_ids_and_nothing_else(happened: Happened) -> None:
    events = {event["message"]: event for event in happened.intake.events}
    assert set(events) == {"job_crashed", "unexpected_error"}
    crash = events["job_crashed"]
    assert crash["extra"]["job_id"] == happened.crashed
    assert crash["tags"]["service"] == "worker"
    assert events["unexpected_error"]["tags"]["service"] == "web"
    error = crash["exception"]["values"][-1]
    assert (error["type"], "value" in error) == ("LookupError", False)
    assert error["stacktrace"]["frames"][-1]["function"] == "probe"
    assert not {"request", "user", "breadcrumbs", "contexts", "modules"} & set(crash)
    for raw in happened.intake.raw:
        assert SECRET.encode() not in raw
        assert b"ada@example.org" not in raw


def test_requests_and_jobs_are_spans_with_their_ids(happened: Happened) -> None:
    told = {(service, name): attributes for service, name, attributes in happened.intake.spans}
    request = told["collabcanvas-web", "POST /api/ai-agent/create-canvas"]
    assert (request["request_id"], request["status"]) == ("the-request-of-the-test", 202)
    assert told["collabcanvas-worker", "job create_canvas"]["job_id"] == happened.done
    crash = told["collabcanvas-worker", "job probe"]
    assert (crash["job_id"], crash["error"]) == (happened.crashed, "LookupError")


def test_without_an_address_nothing_is_loaded() -> None:
    program = "import collabcanvas.asgi, sys; print('sentry_sdk' in sys.modules, 'opentelemetry.sdk' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "False False\n"
