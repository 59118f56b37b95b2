"""`/api/ai-agent` as its published clients know it: the paths, keys and words, in answers and in the document."""

import json
import re
import uuid
from datetime import datetime
from typing import Any

import httpx
import pytest
import yaml

from tests.people import Person, Rows
from tests.running import Running

# The contract, written out by hand: neither the code nor the document made from it is asked.
JOB_KEYS = {
    "id", "user_id", "canvas_id", "job_type", "status", "priority", "request_data", "result_data",
    "error_message", "error_code", "retry_count", "max_retries", "created_at", "started_at", "completed_at",
    "next_processing_at", "progress", "progress_message", "revision",
}  # fmt: skip
STATS_KEYS = {
    "total_jobs", "queued_jobs", "processing_jobs", "completed_jobs", "failed_jobs", "cancelled_jobs",
    "success_rate",
}  # fmt: skip
RESULT_KEYS = {"canvas_id", "title", "message", "objects", "usage"}
STATUSES = {"queued", "processing", "completed", "failed", "cancelled"}
REASONS = {"behind_others", "user_limit", "retry_backoff", "rate_limited", "paused", "no_worker"}
STARTED = {"success", "job_id", "message", "status"}
CALLS = {
    ("post", "/api/ai-agent/create-canvas"): ("202", STARTED),
    ("post", "/api/ai-agent/modify-canvas"): ("202", STARTED),
    ("get", "/api/ai-agent/job/{job_id}/status"): ("200", {"success", "job"}),
    ("get", "/api/ai-agent/job/{job_id}/result"): ("200", {"success", "result"}),
    ("post", "/api/ai-agent/job/{job_id}/cancel"): ("200", {"success", "message"}),
    ("post", "/api/ai-agent/job/{job_id}/retry"): ("200", {"success", "message"}),
    ("get", "/api/ai-agent/jobs"): ("200", {"success", "jobs", "total"}),
    ("get", "/api/ai-agent/jobs/stats"): ("200", {"success", "stats"}),
    ("get", "/api/ai-agent/health"): ("200", {"status", "database", "job_processor", "timestamp"}),
}
# The newer addresses, with what can be done at each.
RESOURCES = {
    "/api/jobs": {"get", "post"},
    "/api/jobs/{job_id}": {"get", "patch", "delete"},
    **{f"/api/jobs/{{job_id}}/{act}": {"post"} for act in ("cancel", "retry", "undo", "redo")},
    **{f"/api/jobs/{{job_id}}/{part}": {"get"} for part in ("result", "events")},
    "/api/canvases": {"get", "post"},
    "/api/canvases/{canvas_id}": {"get", "patch", "delete"},
    **{f"/api/canvases/{{canvas_id}}/{part}": {"get"} for part in ("snapshot", "export", "jobs", "history")},
    "/api/canvases/{canvas_id}/operations": {"post"},
    "/api/canvases/{canvas_id}/members": {"get"},
    "/api/canvases/{canvas_id}/members/{user_id}": {"patch", "delete"},
    "/api/canvases/{canvas_id}/invitations": {"get", "post"},
    "/api/canvases/{canvas_id}/invitations/{invitation_id}": {"delete"},
    "/api/invitations/{token}/accept": {"post"},
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@pytest.fixture(scope="module")
def document(running: Running) -> dict[str, Any]:
    """The OpenAPI document that the server serves."""
    answer = httpx.get(f"{running.base_url}/api/schema", timeout=60)
    assert answer.status_code == 200
    parsed: dict[str, Any] = yaml.safe_load(answer.text)
    return parsed


def resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema behind a reference."""
    while "$ref" in schema or "allOf" in schema:
        name = (schema.get("$ref") or schema["allOf"][0]["$ref"]).rpartition("/")[2]
        schema = document["components"]["schemas"][name]
    return schema


def answer_schema(document: dict[str, Any], method: str, path: str, code: str) -> dict[str, Any]:
    response = document["paths"][path][method]["responses"][code]
    return resolve(document, response["content"]["application/json"]["schema"])


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_the_document_has_every_published_call_with_its_keys(
    document: dict[str, Any], call: tuple[str, str]
) -> None:
    code, keys = CALLS[call]
    assert answer_schema(document, *call, code)["properties"].keys() >= keys


def test_the_document_has_every_address_of_jobs_and_canvases(document: dict[str, Any]) -> None:
    there = {path: document["paths"].get(path, {}).keys() & methods for path, methods in RESOURCES.items()}
    assert there == RESOURCES


def test_the_document_names_every_key_and_word_of_a_job(document: dict[str, Any]) -> None:
    wrapped = answer_schema(document, "get", "/api/ai-agent/job/{job_id}/status", "200")
    job = resolve(document, wrapped["properties"]["job"])
    assert job["properties"].keys() >= JOB_KEYS | {"queue"}
    assert set(resolve(document, job["properties"]["status"])["enum"]) == STATUSES
    schemas = document["components"]["schemas"]
    assert set(resolve(document, schemas["Queue"]["properties"]["waiting_reason"])["enum"]) == REASONS
    stats = answer_schema(document, "get", "/api/ai-agent/jobs/stats", "200")["properties"]["stats"]
    assert resolve(document, stats)["properties"].keys() >= STATS_KEYS


@pytest.mark.parametrize("name", ["create-canvas", "modify-canvas"])
def test_the_document_bounds_a_request(document: dict[str, Any], name: str) -> None:
    body = document["paths"][f"/api/ai-agent/{name}"]["post"]["requestBody"]["content"]["application/json"]
    fields = resolve(document, body["schema"])["properties"]
    assert fields.keys() >= {"instructions", "style", "colorScheme", "canvas_id", "priority"}
    style = resolve(document, fields["style"])
    assert set(style["enum"]) == {"modern", "corporate", "creative", "minimal"}
    scheme = resolve(document, fields["colorScheme"])
    assert set(scheme["enum"]) == {"default", "pastel", "vibrant", "monochrome"}
    assert (fields["priority"]["minimum"], fields["priority"]["maximum"]) == (-10, 10)


def test_a_job_from_its_first_call_to_its_last(cast: dict[str, Person], rows: Rows, canvas_id: str) -> None:
    ada = cast["ada"].http
    started = ada.post(
        "/api/ai-agent/modify-canvas", json={"instructions": "Red -> Green", "canvas_id": canvas_id}
    )
    assert started.status_code == 202
    job_id = started.json()["job_id"]
    assert started.json() == {
        "success": True,
        "job_id": str(uuid.UUID(job_id)),
        "message": "Canvas modification job started",
        "status": "queued",
    }
    job = cast["ada"].wait_for_job(job_id)
    assert job.keys() >= JOB_KEYS
    assert job["user_id"] == cast["ada"].user_id
    assert (
        job["request_data"].items()
        >= {
            "instructions": "Red -> Green",
            "canvas_id": canvas_id,
            "style": "modern",
            "colorScheme": "default",
            "selected_object_ids": [],
        }.items()
    )
    assert (job["retry_count"], job["max_retries"], job["progress"]) == (0, 3, 100)
    for key in ("created_at", "started_at", "completed_at", "next_processing_at"):
        assert TIME.fullmatch(job[key])
    moments = [datetime.fromisoformat(job[key]) for key in ("created_at", "started_at", "completed_at")]
    assert moments == sorted(moments)

    result = ada.get(f"/api/ai-agent/job/{job_id}/result").json()
    assert result["success"] is True
    assert result["result"].keys() >= RESULT_KEYS
    assert result["result"] == job["result_data"]
    drawn = {row["object_id"] for row in rows.objects(canvas_id)}
    assert {item if isinstance(item, str) else item["id"] for item in result["result"]["objects"]} == drawn

    over = ada.post(f"/api/ai-agent/job/{job_id}/cancel")
    assert over.status_code == 400
    assert over.json()["error"].startswith("Job cannot be cancelled")
    again = ada.post(f"/api/ai-agent/job/{job_id}/retry")
    assert again.status_code == 400
    assert again.json()["error"].startswith("Job cannot be retried")

    listed = ada.get("/api/ai-agent/jobs?limit=1&offset=0").json()
    assert listed["success"] is True
    assert [entry["id"] for entry in listed["jobs"]] == [job_id]
    mine = rows.query("SELECT count(*) AS n FROM ai_jobs_aijob WHERE user_id = %s", cast["ada"].user_id)
    assert listed["total"] == mine[0]["n"]


def test_a_failed_job_has_no_result_and_can_be_retried(cast: dict[str, Person]) -> None:
    ada = cast["ada"].http
    started = ada.post("/api/ai-agent/create-canvas", json={"instructions": "hmm"}).json()
    assert started["message"] == "Canvas creation job started"
    job = cast["ada"].wait_for_job(started["job_id"], "failed")
    assert (job["canvas_id"], job["result_data"], job["error_code"]) == (None, None, "not_understood")
    refused = ada.get(f"/api/ai-agent/job/{job['id']}/result")
    assert refused.status_code == 400
    assert refused.json()["error"].startswith("Job not completed")
    assert ada.post(f"/api/ai-agent/job/{job['id']}/retry").json() == {
        "success": True,
        "message": "Job retry started",
    }
    assert cast["ada"].wait_for_job(job["id"], "failed")["retry_count"] == 0


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "status"), ("GET", "result"), ("POST", "cancel"), ("POST", "retry")]
)
def test_an_unknown_job_is_called_so(cast: dict[str, Person], method: str, path: str) -> None:
    answer = cast["ada"].http.request(method, f"/api/ai-agent/job/{uuid.uuid4()}/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"].startswith("Job not found")


def test_the_counts_are_those_of_the_rows(cast: dict[str, Person], rows: Rows) -> None:
    vera = cast["vera"]
    for text, status in (("A -> B", "completed"), ("C -> D", "completed"), ("hmm", "failed")):
        vera.wait_for_job(vera.ask(text), status)
    stats = vera.call("GET", "/api/ai-agent/jobs/stats")["stats"]
    assert stats.keys() >= STATS_KEYS
    counted = {
        row["status"]: row["n"]
        for row in rows.query(
            "SELECT status, count(*) AS n FROM ai_jobs_aijob WHERE user_id = %s GROUP BY status", vera.user_id
        )
    }
    assert {status: stats[f"{status}_jobs"] for status in STATUSES} == {
        status: counted.get(status, 0) for status in STATUSES
    }
    expected = 100 * counted["completed"] / (counted["completed"] + counted["failed"])
    assert stats["success_rate"] == pytest.approx(expected, abs=0.1)


def test_one_key_makes_one_job(cast: dict[str, Person]) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    path = "/api/ai-agent/create-canvas"
    first, second = (
        cast["ada"].http.post(path, json={"instructions": "A -> B"}, headers=key).json() for _ in range(2)
    )
    assert first["job_id"] == second["job_id"]
    other = cast["ben"].http.post(path, json={"instructions": "A -> B"}, headers=key).json()
    assert other["job_id"] != first["job_id"]


def test_health_needs_no_sign_in_and_counts_workers(running: Running) -> None:
    answer = httpx.get(f"{running.base_url}/api/ai-agent/health", timeout=60)
    assert answer.status_code == 200
    body = answer.json()
    assert (
        body.items()
        >= {
            "status": "healthy",
            "database": "connected",
            "job_processor": "running",
            "provider": "sketcher",
        }.items()
    )
    assert TIME.fullmatch(body["timestamp"])
    assert body["workers"]
    assert all(worker["heartbeat_age_seconds"] < 30 for worker in body["workers"])


def test_the_document_can_be_had_as_json_too(running: Running) -> None:
    answer = httpx.get(
        f"{running.base_url}/api/schema", headers={"Accept": "application/vnd.oai.openapi+json"}, timeout=60
    )
    assert json.loads(answer.text)["info"]["title"] == "CollabCanvas"
