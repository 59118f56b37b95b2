"""Every address, asked wrongly: the codes and the body that the contract promises, and never a fault of ours."""

import http.client
import json
import re
import socket
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.people import Person, Rows
from tests.running import Running

TOO_LONG = "x" * 4_001
RECTANGLE = {
    "id": "box1", "type": "rectangle", "x": 0, "y": 0, "width": 160, "height": 80, "angle": 0,
    "strokeColor": "#1e1e1e", "backgroundColor": "#a5d8ff", "fillStyle": "solid", "strokeWidth": 2,
    "strokeStyle": "solid", "roughness": 1, "opacity": 100, "groupIds": [], "frameId": None,
    "roundness": {"type": 3}, "seed": 1, "version": 1, "versionNonce": 12345, "index": "a0",
    "isDeleted": False, "boundElements": [], "updated": 1767323045678, "link": None, "locked": False,
}  # fmt: skip


WRONG_TYPES: list[Any] = [None, 5.5, 10**30, True, [], {}, [[]], {"a": 1}, [None], "", "   ", "\t\n"]


class Route(NamedTuple):
    method: str
    path: str
    # A body that this address would take; None when it takes none.
    body: dict[str, Any] | None = None


# What DRF and Django's forms say of a field, and nobody should read.
FRAMEWORKS_WORDS = re.compile(
    r"This field|Ensure this|Not a valid|A valid|Enter a|Must be a valid|valid choice|Expected a|No data provided"
    r"|This list|Null characters|non_field_errors"
)
ASK = {"instructions": "A -> B"}
ROUTES = [
    Route("GET", "/api/session"),
    Route("POST", "/api/session", {"username": "ada", "password": "wrong"}),
    Route("DELETE", "/api/session"),
    Route("GET", "/api/schema"),
    Route("GET", "/api/docs"),
    Route("POST", "/api/ai-agent/create-canvas", ASK),
    Route("POST", "/api/ai-agent/modify-canvas", {**ASK, "canvas_id": "{canvas_id}"}),
    Route("GET", "/api/ai-agent/job/{job_id}/status"),
    Route("GET", "/api/ai-agent/job/{job_id}/result"),
    Route("POST", "/api/ai-agent/job/{job_id}/cancel"),
    Route("POST", "/api/ai-agent/job/{job_id}/retry"),
    Route("GET", "/api/ai-agent/jobs"),
    Route("GET", "/api/ai-agent/jobs/stats"),
    Route("GET", "/api/ai-agent/health"),
    Route("GET", "/api/jobs"),
    Route("POST", "/api/jobs", {**ASK, "job_type": "create_canvas"}),
    Route("GET", "/api/jobs/{job_id}"),
    Route("PATCH", "/api/jobs/{job_id}", {"priority": 0}),
    Route("DELETE", "/api/jobs/{job_id}"),
    Route("POST", "/api/jobs/{job_id}/cancel"),
    Route("POST", "/api/jobs/{job_id}/retry"),
    Route("POST", "/api/jobs/{job_id}/undo"),
    Route("POST", "/api/jobs/{job_id}/redo"),
    Route("POST", "/api/jobs/batch", {"jobs": [{"job_type": "create_canvas", "instructions": "A -> B"}]}),
    Route("GET", "/api/jobs/batch/{batch_id}"),
    Route("GET", "/api/jobs/{job_id}/result"),
    Route("GET", "/api/jobs/{job_id}/events"),
    Route("GET", "/api/canvases"),
    Route("POST", "/api/canvases", {"title": "Mine"}),
    Route("GET", "/api/canvases/{canvas_id}"),
    Route("PATCH", "/api/canvases/{canvas_id}", {"title": "Mine"}),
    Route("DELETE", "/api/canvases/{canvas_id}"),
    Route("GET", "/api/canvases/{canvas_id}/snapshot"),
    Route("POST", "/api/canvases/{canvas_id}/operations", {"operations": [{"type": "delete", "id": "x"}]}),
    *(
        Route("GET", f"/api/canvases/{{canvas_id}}/export?format={name}")
        for name in ("excalidraw", "svg", "png", "mermaid", "markdown")
    ),
    Route("GET", "/api/canvases/{canvas_id}/thumbnail?seq=1"),
    Route("GET", "/api/canvases/{canvas_id}/jobs"),
    Route("GET", "/api/canvases/{canvas_id}/history"),
    Route("GET", "/api/canvases/{canvas_id}/members"),
    Route("PATCH", "/api/canvases/{canvas_id}/members/{user_id}", {"role": "viewer"}),
    Route("DELETE", "/api/canvases/{canvas_id}/members/{user_id}"),
    Route("GET", "/api/canvases/{canvas_id}/invitations"),
    Route("POST", "/api/canvases/{canvas_id}/invitations", {"email": "x@example.org", "role": "viewer"}),
    Route("DELETE", "/api/canvases/{canvas_id}/invitations/{invitation_id}"),
    Route("GET", "/api/invitations/{token}"),
    Route("POST", "/api/invitations/{token}/accept"),
]
OPEN = {"/api/session", "/api/schema", "/api/docs", "/api/ai-agent/health"}
GUARDED = [route for route in ROUTES if route.path not in OPEN]
WITH_BODY = [route for route in ROUTES if route.body is not None]
WITH_ID = [route for route in ROUTES if "{" in route.path]
WRITING = [route for route in ROUTES if route.method != "GET"]


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


def check(answer: httpx.Response, *codes: int) -> dict[str, Any]:
    """The answer has one of these codes and the body of every error; returns it."""
    asked = f"{answer.request.method} {answer.request.url}"
    assert answer.status_code in codes, f"{asked}: {answer.status_code} {answer.text[:500]}"
    body = answer.json()
    assert body.keys() - {"details"} == {"error", "code"}, f"{asked}: {body}"
    assert re.fullmatch(r"[a-z][a-z_]+", body["code"])
    assert len(body["error"]) >= 10
    said = [body["error"], *(text for texts in body.get("details", {}).values() for text in texts)]
    assert not [text for text in said if FRAMEWORKS_WORDS.search(text)], f"{asked}: {body}"
    for field, texts in body.get("details", {}).items():
        assert isinstance(field, str)
        assert all(isinstance(text, str) for text in texts)
    return dict(body)


@pytest.fixture(scope="module")
def ids(cast: dict[str, Person]) -> dict[str, str]:
    """Ids of things that are ada's; sam sees none of them."""
    ada = cast["ada"]
    canvas_id = ada.make_canvas("Asked wrongly")
    job_id = ada.ask("A -> B", canvas_id=canvas_id)
    ada.wait_for_job(job_id)
    invitation = ada.call(
        "POST",
        f"/api/canvases/{canvas_id}/invitations",
        {"email": "somebody@example.org", "role": "viewer"},
        expect=201,
    )
    batch = {"jobs": [{"job_type": "create_canvas", "instructions": "A -> B"}]}
    return {
        "batch_id": ada.call("POST", "/api/jobs/batch", batch, expect=201)["id"],
        "canvas_id": canvas_id,
        "job_id": job_id,
        "invitation_id": invitation["id"],
        "token": "no-such-token",
        "user_id": str(cast["ben"].user_id),
    }


def filled(route: Route, ids: dict[str, str]) -> tuple[str, Any]:
    body = json.loads(json.dumps(route.body).replace("{canvas_id}", ids["canvas_id"]))
    return route.path.format_map(ids), body


@pytest.fixture(scope="module")
def program(running: Running, cast: dict[str, Person]) -> Iterator[httpx.Client]:
    """ada's program: a token, no cookies."""
    with httpx.Client(base_url=running.base_url, headers=cast["ada"].bearer, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def visitor(running: Running) -> Iterator[httpx.Client]:
    """Nobody in particular."""
    with httpx.Client(base_url=running.base_url, timeout=60) as client:
        yield client


def patterns(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, address)
        elif isinstance(pattern, URLPattern):
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", address)


def test_this_file_knows_every_address_of_the_api() -> None:
    known = {route.path.partition("?")[0] for route in ROUTES}
    assert {address for address in patterns(get_resolver()) if address.startswith("/api/")} - {
        "/^api/"
    } == known


# --- Who asks ---
@pytest.mark.parametrize("route", GUARDED, ids=name)
def test_without_a_sign_in_it_is_401(visitor: httpx.Client, ids: dict[str, str], route: Route) -> None:
    path, body = filled(route, ids)
    headers = {b"Content-Type": b"application/json"}
    answer = visitor.request(route.method, path, content=json.dumps(body), headers=headers)
    assert check(answer, 401)["code"] == "not_authenticated"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    for wrong in ("Bearer nonsense", "Bearer " + "0" * 64, "Bearer", "Bearer a b", "Bearer é", "Basic YTpi"):
        refused = visitor.request(
            route.method,
            path,
            content=json.dumps(body),
            headers={**headers, b"Authorization": wrong.encode()},
        )
        check(refused, 401)


@pytest.mark.parametrize(
    "route", [route for route in WRITING if route.path not in {"/api/session"}], ids=name
)
def test_a_session_without_its_csrf_token_is_403(
    cast: dict[str, Person], running: Running, ids: dict[str, str], route: Route
) -> None:
    path, body = filled(route, ids)
    cookies = {"sessionid": cast["ada"].http.cookies["sessionid"]}
    with httpx.Client(base_url=running.base_url, cookies=cookies, timeout=60) as client:
        assert check(client.request(route.method, path, json=body), 403)["code"] == "csrf_failed"


def test_signing_in_needs_the_csrf_token_of_this_site(visitor: httpx.Client) -> None:
    refused = visitor.post("/api/session", json={"username": "ada", "password": "collabcanvas-demo"})
    assert check(refused, 403)["code"] == "csrf_failed"


# --- What for ---
@pytest.mark.parametrize("route", WITH_ID, ids=name)
def test_ids_that_are_unknown_foreign_or_malformed_are_404(
    cast: dict[str, Person], ids: dict[str, str], route: Route
) -> None:
    _, body = filled(route, ids)
    sam = cast["sam"].http
    foreign = check(sam.request(route.method, filled(route, ids)[0], json=body), 404)
    for unknown in (
        str(uuid.uuid4()),
        "nonsense",
        "0",
        "-1",
        "x" * 300,
        "%F0%9F%8E%A8",
        "%ED%A0%80",
        "%27--",
        "%2e%2e",
    ):
        wrong = dict.fromkeys(ids, unknown)
        answer = check(sam.request(route.method, route.path.format_map(wrong), json=body), 404)
        if unknown not in {"%2e%2e"}:
            assert answer == foreign, "missing and forbidden look the same"
    nul = sam.request(route.method, route.path.format_map(dict.fromkeys(ids, "a%00b")), json=body)
    check(nul, 400, 404)


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_other_methods_are_405(program: httpx.Client, ids: dict[str, str], route: Route) -> None:
    path, _ = filled(route, ids)
    taken = {other.method for other in ROUTES if other.path.partition("?")[0] == route.path.partition("?")[0]}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - taken:
        answer = program.request(method, path, json={})
        if route.path in {"/api/schema", "/api/docs"}:
            # Documents: they answer in their own formats.
            assert answer.status_code == 405
        else:
            check(answer, 405)


def test_an_unknown_address_is_404_in_json(program: httpx.Client) -> None:
    for path in ("/api/nothing", "/api/", "/api/jobs/", "/api/canvases/x/y/z", "/api/ai-agent/jobs/stats/"):
        for method in ("GET", "POST", "DELETE"):
            assert check(program.request(method, path), 404)["code"] == "not_found"


# --- With what ---
@pytest.mark.parametrize("route", WITH_BODY, ids=name)
def test_a_body_that_is_no_json_is_400_or_415(
    cast: dict[str, Person], ids: dict[str, str], route: Route
) -> None:
    path, body = filled(route, ids)
    http = cast["ada"].http

    def send(content: bytes, content_type: str = "application/json") -> httpx.Response:
        return http.request(route.method, path, content=content, headers={"Content-Type": content_type})

    for broken in (
        b"{", b"}", b'{"a": }', b"[1,]", b"nul", b"NaN", b'{"a": Infinity}', b'{"a": -Infinity}', b"\xff\xfe{}",
        b"'", b'{"a": "\x01"}', b'"unfinished', b"{}{}",
    ):  # fmt: skip
        assert check(send(broken), 400)["code"] == "malformed_json", broken
    for deep in (b"[" * 100_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000, b"[" * 200 + b"]" * 200):
        check(send(deep), 400)
    for odd in (b"null", b"5", b'"text"', b"[]", b"true", b"1e999", b"9" * 5_000, b""):
        check(send(odd), 400)
    good = json.dumps(body).encode()
    for content_type in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "nonsense",
    ):
        assert check(send(good, content_type), 415)["code"] == "unsupported_media_type"
    form = b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nMine\r\n--x--\r\n'
    check(send(form, "multipart/form-data; boundary=x"), 415)


@pytest.mark.parametrize("route", WITH_BODY, ids=name)
def test_text_that_cannot_be_stored_is_400(
    cast: dict[str, Person], ids: dict[str, str], route: Route
) -> None:
    path, body = filled(route, ids)
    assert isinstance(body, dict)
    for field in [*body, "a_field_that_nobody_knows"]:
        for text in ("a\\u0000b", "\\ud800", "\\udfff tail", "ok \\udc00\\ud800"):
            raw = json.dumps({**body, field: "MARK"}).replace("MARK", text)
            answer = cast["ada"].http.request(
                route.method, path, content=raw, headers={"Content-Type": "application/json"}
            )
            check(answer, 400)


@pytest.mark.parametrize("route", WITH_BODY, ids=name)
def test_fields_of_the_wrong_type_are_400(cast: dict[str, Person], ids: dict[str, str], route: Route) -> None:
    path, body = filled(route, ids)
    assert isinstance(body, dict)
    for field in body:
        for wrong in WRONG_TYPES:
            answer = cast["ada"].http.request(route.method, path, json={**body, field: wrong})
            if field == "operations" and wrong in ([[]], [None]):
                # Every edit is answered by itself.
                assert [result["status"] for result in answer.json()["results"]] == ["refused"]
            elif field == "canvas_id":
                # An id that cannot be one is an unknown one.
                check(answer, 400, 404)
            elif (
                field == "password"
                and isinstance(wrong, str | int | float)
                and wrong is not True
                and wrong != ""
            ) or (field == "username" and isinstance(wrong, int | float) and wrong is not True):
                check(answer, 400, 401)
            else:
                check(answer, 400)
        missing = {key: value for key, value in body.items() if key != field}
        if (route.path, field) not in {("/api/canvases/{canvas_id}/invitations", "role")}:
            check(cast["ada"].http.request(route.method, path, json=missing), 400)


@pytest.mark.parametrize(
    "changes",
    [
        {"instructions": ""}, {"instructions": " \n "}, {"instructions": TOO_LONG}, {"instructions": 5},
        {"instructions": ["A -> B"]}, {"instructions": None}, {"style": "baroque"}, {"style": 1},
        {"style": None}, {"colorScheme": "loud"}, {"colorScheme": []}, {"priority": 11}, {"priority": -11},
        {"priority": "5"}, {"priority": 1.5}, {"priority": True}, {"priority": None}, {"priority": 10**30},
        {"selected_object_ids": "x"}, {"selected_object_ids": [5]}, {"selected_object_ids": ["x"] * 501},
        {"selected_object_ids": ["x" * 65]}, {"selected_object_ids": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_request_for_a_drawing_with_a_wrong_field_is_400_and_names_it(
    cast: dict[str, Person], ids: dict[str, str], rows: Rows, changes: dict[str, Any]
) -> None:
    before = rows.query("SELECT count(*) AS n FROM ai_jobs_aijob")
    field = next(iter(changes))
    addresses = {
        "/api/ai-agent/modify-canvas": {**ASK, "canvas_id": ids["canvas_id"]},
        "/api/jobs": {**ASK, "canvas_id": ids["canvas_id"], "job_type": "modify_canvas"},
    }
    if field != "selected_object_ids":
        addresses["/api/ai-agent/create-canvas"] = ASK
    for path, body in addresses.items():
        answer = check(cast["ada"].http.post(path, json={**body, **changes}), 400)
        assert field in answer["details"], answer
    assert rows.query("SELECT count(*) AS n FROM ai_jobs_aijob") == before


def test_the_longest_request_in_any_script_is_taken_as_it_was_typed(cast: dict[str, Person]) -> None:
    ada = cast["ada"]
    for text in ("é🎨\u202e <b>&amp;</b> -> Tom & Jerry -> [End]", "  A -> B  ", "漢" * 4_000):
        job = ada.job(ada.ask(text))
        assert job["request_data"]["instructions"] == text


def test_an_unknown_job_type_is_400(cast: dict[str, Person]) -> None:
    for job_type in ("probe", "", "x" * 10_000, "__class__"):
        check(cast["ada"].http.post("/api/jobs", json={**ASK, "job_type": job_type}), 400)


def test_a_foreign_canvas_is_404_before_any_job_is_made(
    cast: dict[str, Person], ids: dict[str, str], rows: Rows
) -> None:
    before = rows.query("SELECT count(*) AS n FROM ai_jobs_aijob")
    for canvas_id in (ids["canvas_id"], str(uuid.uuid4()), "nonsense", "x" * 64):
        for path in ("/api/ai-agent/modify-canvas", "/api/ai-agent/create-canvas"):
            check(cast["sam"].http.post(path, json={**ASK, "canvas_id": canvas_id}), 404)
    assert rows.query("SELECT count(*) AS n FROM ai_jobs_aijob") == before


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/api/ai-agent/jobs", ["limit", "offset"]),
        ("/api/jobs", ["limit"]),
        ("/api/canvases", ["limit", "offset"]),
        ("/api/canvases/{canvas_id}/jobs", ["limit"]),
        ("/api/canvases/{canvas_id}/history", ["limit"]),
        ("/api/canvases/{canvas_id}/snapshot", ["since_seq"]),
        ("/api/jobs/{job_id}/events", ["after"]),
    ],
)
def test_numbers_in_the_address_have_bounds(
    program: httpx.Client, ids: dict[str, str], path: str, parameters: list[str]
) -> None:
    for parameter in parameters:
        wrong = ["-1", "", "x", "1.5", "1e3", "9" * 40, "٣", "0x10", " 1", "1_0", "null", "%00"]
        if parameter == "limit":
            wrong += ["0", "101"]
        for value in wrong:
            check(program.get(f"{path.format_map(ids)}?{parameter}={value}"), 400)
        assert program.get(f"{path.format_map(ids)}?{parameter}=1").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "status=nonsense",
        "job_type=%F0%9F%8E%A8",
        "canvas=nonsense",
        "created_after=yesterday",
        "created_before=99999-01-01",
        "cursor=x",
    ],
)
def test_filters_that_make_no_sense_are_refused(program: httpx.Client, query: str) -> None:
    check(program.get(f"/api/jobs?{query}"), 400, 404)


@pytest.mark.parametrize(
    "query",
    ["search=%25_%5C", "search=%ED%A0%80", "cursor=", "unknown=1", "status=",
     "created_after=0001-01-01T00:00:00Z", "created_before=9999-12-31T23:59:59%2B00:00",
     "created_after=2026-01-01T00:00:00-19:55"],
)  # fmt: skip
def test_odd_but_harmless_filters_are_answered(program: httpx.Client, query: str) -> None:
    assert program.get(f"/api/jobs?{query}").status_code == 200


def test_the_scope_of_the_counts_is_for_staff(cast: dict[str, Person]) -> None:
    check(cast["sam"].http.get("/api/ai-agent/jobs/stats?scope=all"), 403)
    check(cast["sam"].http.get("/api/ai-agent/jobs/stats?scope=everything"), 400)
    assert cast["ada"].http.get("/api/ai-agent/jobs/stats?scope=all").status_code == 200


@pytest.mark.parametrize(
    "operations",
    [
        None, 5, "x", {}, [], [None], [5], [[]], [{}], [{"type": "put"}], [{"type": "burn", "id": "x"}],
        [{"type": "put", "id": 5, "properties": RECTANGLE}], [{"type": "delete", "id": "x"}] * 501,
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_edits_that_cannot_be_read_change_nothing(
    cast: dict[str, Person], ids: dict[str, str], rows: Rows, operations: Any
) -> None:
    before = rows.objects(ids["canvas_id"])
    answer = cast["ada"].http.post(
        f"/api/canvases/{ids['canvas_id']}/operations", json={"operations": operations}
    )
    if answer.status_code == 200:
        assert [result["status"] for result in answer.json()["results"]] == ["refused"]
    else:
        check(answer, 400)
    assert rows.objects(ids["canvas_id"]) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"x": "left"}, {"x": None}, {"x": 10**400}, {"width": -1}, {"width": []}, {"type": "script"}, {"type": 5},
        {"version": 0}, {"version": -5}, {"version": 2**63}, {"version": 1.5}, {"versionNonce": 2**63},
        {"versionNonce": "x"}, {"index": 5}, {"index": "é"}, {"index": "x" * 300}, {"isDeleted": "no"},
        {"id": "another"}, {"strokeColor": 5}, {"opacity": "full"}, {"groupIds": "x"}, {"boundElements": "x"},
        {"link": "javascript:alert(1)"}, {"link": 5}, {"roundness": "very"}, {"angle": {}},
    ],
    ids=str,
)  # fmt: skip
def test_an_object_that_is_not_complete_and_sound_is_refused_by_itself(
    cast: dict[str, Person], rows: Rows, changes: dict[str, Any]
) -> None:
    canvas_id = cast["ada"].make_canvas("Sound objects")
    wrong = {**RECTANGLE, **changes}
    answer = cast["ada"].http.post(
        f"/api/canvases/{canvas_id}/operations",
        content=json.dumps(
            {
                "operations": [
                    {"type": "put", "id": "box1", "properties": wrong},
                    {"type": "put", "id": "good", "properties": {**RECTANGLE, "id": "good"}},
                ]
            }
        ),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 200, answer.text[:300]
    refused, applied = answer.json()["results"]
    assert applied["status"] == "applied"
    stored = {row["object_id"]: row["properties"] for row in rows.objects(canvas_id)}
    if refused["status"] == "refused":
        assert refused["error"]
        assert refused["code"]
        assert stored.keys() == {"good"}
    else:
        # It was taken, but what could do harm was not.
        assert set(changes) <= {"link", "strokeColor", "index", "width", "version"}, refused
        assert "javascript" not in json.dumps(stored)


# --- How much ---
@pytest.mark.parametrize("route", WITH_BODY, ids=name)
def test_more_than_one_megabyte_is_413_with_and_without_a_declared_length(
    cast: dict[str, Person], ids: dict[str, str], route: Route
) -> None:
    path, body = filled(route, ids)
    huge = json.dumps({**body, "filler": "x" * 1_048_577}).encode()
    headers = {"Content-Type": "application/json"}
    answer = cast["ada"].http.request(route.method, path, content=huge, headers=headers)
    assert check(answer, 413)["code"] == "too_large"
    pieces = (huge[start : start + 65_536] for start in range(0, len(huge), 65_536))
    chunked = cast["ada"].http.request(route.method, path, content=pieces, headers=headers)
    assert check(chunked, 413)["code"] == "too_large"


@pytest.mark.parametrize("length", ["-1", "abc", "²", "99999999999999999999"])
def test_a_length_that_is_a_lie_breaks_nothing(running: Running, length: str) -> None:
    host = urlsplit(running.base_url).netloc
    with socket.create_connection(("localhost", running.port), timeout=60) as line:
        line.sendall(
            f"POST /api/session HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {length}\r\nConnection: close\r\n\r\n{{}}".encode()
        )
        line.shutdown(socket.SHUT_WR)
        answer = http.client.HTTPResponse(line)
        try:
            answer.begin()
        except (http.client.HTTPException, ConnectionError):
            return  # It hung up, which is an answer too.
        assert 400 <= answer.status < 500


def test_a_host_that_is_not_ours_is_refused(running: Running) -> None:
    for host in ("evil.example", "localhost.evil.example", "bad host", ""):
        answer = httpx.get(f"{running.base_url}/api/session", headers={"Host": host}, timeout=60)
        assert answer.status_code == 400
