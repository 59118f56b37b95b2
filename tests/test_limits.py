"""How often one may ask: 429 with Retry-After, shared by all web processes, per person or else per address."""

import asyncio
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect

from canvases.demo import PASSWORD
from tests.people import Person, Rows
from tests.running import Running
from tests.test_bad_input import RECTANGLE, check
from tests.web_processes import web_process

# Small enough to be reached with a few requests, different enough to be told apart.
LIMITS = {
    "THROTTLE_READ": "9", "THROTTLE_WRITE": "7", "THROTTLE_SUBMIT": "5", "THROTTLE_EXPORT": "3",
    "THROTTLE_THUMBNAIL": "4",
    "THROTTLE_INVITE": "2", "THROTTLE_VISITOR": "6", "THROTTLE_EDIT": "60", "THROTTLE_STATUS": "600",
    "SIGN_IN_FAILURES_PER_ACCOUNT": "3", "SIGN_IN_FAILURES_PER_ADDRESS": "8", "TRUSTED_PROXIES": "1",
}  # fmt: skip


@pytest.fixture(scope="module")
def webs(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Two more web processes of the running CollabCanvas, with small limits."""
    log = tmp_path_factory.mktemp("limits") / "web.log"
    with (
        web_process(database_url=running.database_url, log=log, **LIMITS) as first,
        web_process(database_url=running.database_url, log=log, **LIMITS) as second,
    ):
        yield first, second


@pytest.fixture(autouse=True)
def nothing_counted_yet(rows: Rows) -> None:
    rows.query("DELETE FROM kernel_throttle")


def until_refused(
    webs: tuple[str, str], method: str, path: str, *, headers: dict[str, str], body: object = None
) -> tuple[int, httpx.Response]:
    """How many were let in, asked from both processes in turn, and the answer to the first that was not."""
    with httpx.Client(timeout=60) as http:
        for count in range(30):
            answer = http.request(method, f"{webs[count % 2]}{path}", headers=headers, json=body)
            if answer.status_code == 429:
                return count, answer
            assert answer.status_code < 500, answer.text
    raise AssertionError(f"{method} {path} was never refused")


def refused_well(answer: httpx.Response, *, at_most: float) -> None:
    body = check(answer, 429)
    assert body["code"] == "throttled"
    seconds = int(answer.headers["Retry-After"])
    assert 1 <= seconds <= at_most
    assert body["error"] == f"Too many requests. Try again in {seconds} s."


ASK = {"instructions": "A -> B", "job_type": "create_canvas"}


@pytest.mark.parametrize(
    ("method", "path", "body", "allowed"),
    [
        ("GET", "/api/canvases", None, 9),
        ("PATCH", "/api/canvases/{canvas_id}", {"title": "Limits"}, 7),
        ("POST", "/api/jobs", ASK, 5),
        ("POST", "/api/ai-agent/create-canvas", {"instructions": "A -> B"}, 5),
        ("GET", "/api/canvases/{canvas_id}/export?format=excalidraw", None, 3),
        ("GET", "/api/canvases/{canvas_id}/thumbnail", None, 4),
        ("POST", "/api/canvases/{canvas_id}/invitations", {"email": "x@example.org", "role": "viewer"}, 2),
    ],
)
def test_each_kind_of_request_has_a_limit_that_two_processes_share(
    webs: tuple[str, str], cast: dict[str, Person], canvas_id: str, method: str, path: str, body: object, allowed: int
) -> None:  # fmt: skip
    begun = time.monotonic()
    count, answer = until_refused(
        webs, method, path.format(canvas_id=canvas_id), headers=cast["ada"].bearer, body=body
    )
    # The bucket refills while a slow machine asks.
    assert allowed <= count <= allowed + 1 + (time.monotonic() - begun) * allowed / 60
    refused_well(answer, at_most=60 / allowed + 1)
    # Others are not kept waiting, and neither are this person's other requests.
    assert httpx.get(f"{webs[0]}/api/canvases", headers=cast["vera"].bearer, timeout=60).status_code == 200
    other = "/api/ai-agent/jobs/stats" if allowed != 9 else f"/api/ai-agent/job/{uuid.uuid4()}/status"
    assert httpx.get(f"{webs[1]}{other}", headers=cast["ada"].bearer, timeout=60).status_code in {200, 404}


def test_every_job_of_a_batch_counts(webs: tuple[str, str], cast: dict[str, Person], rows: Rows) -> None:
    before = rows.query("SELECT count(*) AS n FROM ai_jobs_aijob")
    jobs = {"jobs": [ASK] * 4}
    count, answer = until_refused(webs, "POST", "/api/jobs/batch", headers=cast["ben"].bearer, body=jobs)
    assert count == 1
    refused_well(answer, at_most=61)
    assert rows.query("SELECT count(*) AS n FROM ai_jobs_aijob")[0]["n"] == before[0]["n"] + 4


def test_a_batch_of_more_than_a_minutes_worth_needs_all_of_it_and_no_more(
    webs: tuple[str, str], cast: dict[str, Person]
) -> None:
    jobs = {"jobs": [ASK] * 7}
    wrong = {"jobs": [ASK, {"job_type": "create_canvas"}]}
    with httpx.Client(headers=cast["ben"].bearer, timeout=60) as http:
        assert http.post(f"{webs[0]}/api/jobs/batch", json=wrong).status_code == 400
        assert http.post(f"{webs[1]}/api/jobs/batch", json=jobs).status_code == 201
        refused_well(http.post(f"{webs[0]}/api/jobs/batch", json=jobs), at_most=61)


def test_six_hundred_looks_at_a_status_in_a_minute_are_never_refused(
    webs: tuple[str, str], cast: dict[str, Person], rows: Rows
) -> None:
    job_id = cast["ada"].ask("A -> B")
    with httpx.Client(headers=cast["ada"].bearer, timeout=60) as http:
        codes = [
            http.get(f"{webs[number % 2]}/api/ai-agent/job/{job_id}/status").status_code
            for number in range(600)
        ]
        assert set(codes) == {200}
        # The limit is there all the same. On a slow machine the bucket refills while it is asked, so it is emptied.
        emptied = rows.query(
            "UPDATE kernel_throttle SET full_at = clock_timestamp() + interval '61 s'"
            " WHERE key LIKE 'status:%%' RETURNING key"
        )
        assert [row["key"] for row in emptied] == [f"status:{cast['ada'].user_id}"]
        refused_well(http.get(f"{webs[0]}/api/jobs/{job_id}"), at_most=2)


def test_visitors_are_told_apart_by_the_address_that_the_proxy_noted(webs: tuple[str, str]) -> None:
    def from_address(forwarded: str) -> dict[str, str]:
        return {"X-Forwarded-For": forwarded}

    begun = time.monotonic()
    count, answer = until_refused(webs, "GET", "/api/session", headers=from_address("203.0.113.7"))
    # The bucket refills while a slow machine asks.
    assert 6 <= count <= 8 + (time.monotonic() - begun) * 6 / 60
    refused_well(answer, at_most=11)
    # What the client wrote before the proxy's entry makes nobody else of it.
    forged = httpx.get(
        f"{webs[1]}/api/session", headers=from_address("198.51.100.1, 203.0.113.7"), timeout=60
    )
    assert forged.status_code == 429
    assert (
        httpx.get(f"{webs[1]}/api/session", headers=from_address("203.0.113.8"), timeout=60).status_code
        == 200
    )


def test_without_a_trusted_proxy_the_header_is_not_believed(running: Running, tmp_path: Path) -> None:
    limits = {**LIMITS, "TRUSTED_PROXIES": "0"}
    with web_process(database_url=running.database_url, log=tmp_path / "log", **limits) as web:
        codes = [
            httpx.get(
                f"{web}/api/session", headers={"X-Forwarded-For": f"203.0.113.{n}"}, timeout=60
            ).status_code
            for n in range(12)
        ]
    assert 429 in codes


def test_the_version_counts_as_a_visitors_request(webs: tuple[str, str]) -> None:
    count, answer = until_refused(webs, "GET", "/version", headers={"X-Forwarded-For": "203.0.113.30"})
    assert 6 <= count <= 8
    refused_well(answer, at_most=11)


def test_health_has_no_limit(webs: tuple[str, str]) -> None:
    with httpx.Client(timeout=60) as http:
        codes = {http.get(f"{webs[0]}/api/ai-agent/health").status_code for _ in range(40)}
    assert codes == {200}


# --- Sockets ---
def socket(web: str, path: str, person: Person) -> connect:
    subprotocols = ["collabcanvas.v1", f"bearer.{person.token}"]
    return connect(web.replace("http", "ws") + path, subprotocols=subprotocols, max_size=None)  # type: ignore[arg-type]


async def test_edits_through_a_socket_are_slowed_down_and_none_is_lost(
    webs: tuple[str, str], cast: dict[str, Person], canvas_id: str
) -> None:
    async with socket(webs[0], f"/ws/canvases/{canvas_id}", cast["ada"]) as line:
        begun = time.monotonic()
        for number in range(63):
            element = {**RECTANGLE, "id": f"box{number}", "index": None}
            await line.send(
                json.dumps(
                    {"type": "objects.change", "objects": [{"id": element["id"], "properties": element}]}
                )
            )
        heard: set[str] = set()
        async with asyncio.timeout(60):
            while len(heard) < 63:
                message = json.loads(await line.recv())
                assert message["type"] not in {"error", "objects.refused"}, message
                if message["type"] == "objects.changed":
                    heard |= {item["id"] for item in message["objects"]}
        # 60 at once, and then one a second.
        assert time.monotonic() - begun > 2


async def test_cancelling_through_a_socket_counts_as_a_change(
    webs: tuple[str, str], cast: dict[str, Person]
) -> None:
    async with socket(webs[0], "/ws/jobs", cast["ada"]) as line:
        for _ in range(12):
            await line.send(json.dumps({"type": "job.cancel", "job_id": str(uuid.uuid4())}))
        errors: list[str] = []
        async with asyncio.timeout(60):
            while len(errors) < 12:
                message = json.loads(await line.recv())
                if message["type"] == "error":
                    errors.append(message["code"])
    assert errors[:7] == ["job_not_found"] * 7
    assert errors[-1] == "throttled"


# --- Signing in ---
def sign_in(web: str, username: str, password: str, *, address: str) -> httpx.Response:
    headers = {"X-Forwarded-For": address}
    with httpx.Client(base_url=web, headers=headers, timeout=60) as http:
        http.get("/api/session")
        return http.post(
            "/api/session",
            json={"username": username, "password": password},
            headers={"X-CSRFToken": http.cookies["csrftoken"]},
        )


def test_failures_for_one_account_are_made_to_wait_whatever_the_address(webs: tuple[str, str]) -> None:
    codes = [
        sign_in(webs[n % 2], "vera", f"wrong {n}", address=f"203.0.113.{n}").status_code for n in range(3)
    ]
    assert codes == [401] * 3
    for password in ("wrong again", PASSWORD):
        refused = sign_in(webs[0], "vera", password, address="203.0.113.9")
        assert check(refused, 429)["code"] == "too_many_sign_ins"
        assert 1 <= int(refused.headers["Retry-After"]) <= 300
        assert refused.json()["error"] == "Too many failed sign-ins. Wait 5 minutes, then try again."
    assert sign_in(webs[0], "ben", PASSWORD, address="203.0.113.9").status_code == 200


def test_failures_from_one_address_are_made_to_wait_whatever_the_account(
    webs: tuple[str, str], rows: Rows
) -> None:
    for n in range(8):
        assert sign_in(webs[n % 2], f"nobody{n}", "wrong", address="198.51.100.5").status_code == 401
        rows.query("DELETE FROM kernel_throttle WHERE key LIKE 'visitor%%'")
    assert sign_in(webs[0], "nobody9", "wrong", address="198.51.100.5").status_code == 429
    assert sign_in(webs[0], "nobody9", "wrong", address="198.51.100.6").status_code == 401


def test_signing_in_rightly_costs_nothing(webs: tuple[str, str]) -> None:
    codes = [sign_in(webs[0], "ben", PASSWORD, address=f"203.0.113.{n}").status_code for n in range(6)]
    assert codes == [200] * 6


def test_the_admins_form_says_how_long_to_wait(webs: tuple[str, str]) -> None:
    for attempt in range(4):
        with httpx.Client(base_url=webs[attempt % 2], timeout=60) as http:
            http.get("/admin/login/")
            form = {"username": "ada", "password": "wrong", "csrfmiddlewaretoken": http.cookies["csrftoken"]}
            answer = http.post("/admin/login/", data=form)
        waits = "Too many failed sign-ins. Wait 5 minutes, then try again." in answer.text
        assert waits == (attempt == 3)
        assert answer.status_code == (429 if waits else 200)
        assert ("Retry-After" in answer.headers) == waits
