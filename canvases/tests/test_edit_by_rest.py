"""`/snapshot`, `/operations` and `/export` of a canvas."""

import json
from typing import Any

import pytest

from canvases.models import Canvas, CanvasObject
from canvases.services import actor_of, apply_operations
from canvases.tests.factories import Cast, client_of, delete, edits, element, put, send

EXAMPLE_KEYS = {
    "id",
    "object_type",
    "version",
    "version_nonce",
    "index",
    "seq",
    "is_deleted",
    "created_by",
    "created_by_job_id",
    "updated_by",
    "job_id",
    "properties",
}


def path(cast: Cast, rest: str) -> str:
    return f"/api/canvases/{cast.canvas.pk}/{rest}"


def test_edits_are_answered_one_by_one_and_can_be_read_back(cast: Cast) -> None:
    client = client_of(cast.editor)

    answer = client.post(
        path(cast, "operations"),
        {"operations": [put("a"), put("b", width="wide"), put("c", index="a1"), delete("a")]},
    )

    assert answer.status_code == 200
    body = answer.json()
    assert [(row["id"], row["status"]) for row in body["results"]] == [
        ("a", "applied"),
        ("b", "refused"),
        ("c", "applied"),
        ("a", "applied"),
    ]
    refused = body["results"][1]
    assert (refused["object"], refused["code"]) == (None, "invalid_object")
    assert "width" in refused["error"]
    assert "error" not in body["results"][0]
    assert set(body["results"][2]["object"]) == EXAMPLE_KEYS

    snapshot = client_of(cast.viewer).get(path(cast, "snapshot")).json()
    assert (snapshot["seq"], snapshot["role"]) == (body["seq"], "viewer")
    assert {row["id"]: row["is_deleted"] for row in snapshot["objects"]} == {"a": True, "c": False}
    assert snapshot["objects"][1]["properties"] == element("c", index="a1")


def test_a_snapshot_since_a_seq_holds_only_what_came_after(cast: Cast) -> None:
    apply_operations(
        canvas_id=cast.canvas.pk,
        operations=edits(put("a"), put("b", index="a1"), put("c", index="a2")),
        actor=actor_of(cast.owner),
    )
    client = client_of(cast.viewer)

    assert [row["id"] for row in client.get(path(cast, "snapshot?since_seq=1")).json()["objects"]] == [
        "b",
        "c",
    ]
    assert client.get(path(cast, "snapshot?since_seq=3")).json()["objects"] == []
    assert client.get(path(cast, "snapshot?since_seq=99")).json()["seq"] == 3


@pytest.mark.parametrize("value", ["-1", "x", "1.5", "9" * 30, "", "٣"])
def test_a_bad_since_seq_is_refused(cast: Cast, value: str) -> None:
    assert client_of(cast.owner).get(path(cast, f"snapshot?since_seq={value}")).status_code == 400


def test_a_viewer_may_not_edit(cast: Cast) -> None:
    answer = client_of(cast.viewer).post(path(cast, "operations"), {"operations": [put("a")]})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert not CanvasObject.objects.exists()


def test_a_canvas_takes_no_object_of_another_one(cast: Cast) -> None:
    client = client_of(cast.editor)
    client.post(path(cast, "operations"), {"operations": [put("a")]})
    own = client.post("/api/canvases", {"title": "Own"}).json()["id"]

    answer = client.post(f"/api/canvases/{own}/operations", {"operations": [delete("a"), put("a", x=7)]})

    assert [row["status"] for row in answer.json()["results"]] == ["refused", "applied"]
    assert CanvasObject.objects.get(canvas=cast.canvas).properties["x"] == 0


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        [],
        "text",
        {"operations": None},
        {"operations": []},
        {"operations": {}},
        {"operations": "all"},
        {"operations": [put("a")] * 501},
        {"operations": [put("a", customData={"note": "nul \x00"})]},
        {"operations": [put("a", customData={"note": "half \udc00"})]},
    ],
)
def test_a_body_that_is_no_batch_is_refused_as_a_whole(cast: Cast, body: Any) -> None:
    answer = send(client_of(cast.editor), "POST", path(cast, "operations"), body)

    assert answer.status_code == 400
    assert answer.json()["error"]
    assert not CanvasObject.objects.exists()


@pytest.mark.parametrize(
    "edit",
    [
        None,
        5,
        "put",
        [],
        {},
        {"type": "put"},
        {"type": "put", "id": "a"},
        {"type": "put", "id": "a", "properties": None},
        {"type": "put", "id": "a", "properties": []},
        {"type": "put", "id": "a", "properties": {}},
        {"type": "put", "id": "other", "properties": element("a")},
        {"type": "put", "id": "", "properties": element("")},
        {"type": "put", "id": "x" * 65, "properties": element("x" * 65)},
        {"type": "put", "id": 5, "properties": element("5")},
        {"type": "move", "id": "a", "properties": element("a")},
        {"type": ["put"], "id": "a", "properties": element("a")},
        {"type": "delete"},
        {"type": "delete", "id": None},
        put("a", version="new"),
        put("a", version=-1),
        put("a", version=10**30),
        put("a", versionNonce=2**63),
        put("a", isDeleted="no"),
        put("a", index="not an index!"),
        put("a", index=5),
        put("a", type="spaceship"),
        put("a", type=None),
        put("a", x=None),
        put("a", width=10**400),
    ],
)
def test_an_edit_that_cannot_be_read_is_refused_alone(cast: Cast, edit: Any) -> None:
    body = {"operations": [edit, put("fine")]}

    answer = send(client_of(cast.editor), "POST", path(cast, "operations"), body)

    assert answer.status_code == 200
    bad, fine = answer.json()["results"]
    assert (bad["status"], fine["status"]) == ("refused", "applied")
    assert bad["error"]
    assert list(CanvasObject.objects.values_list("object_id", flat=True)) == ["fine"]


@pytest.mark.parametrize(
    ("raw", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"operations": [NaN]}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 50_000, "application/json", 400),
        (b"operations=1", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
        (b'{"operations": "' + b"x" * 1024 * 1024 + b'"}', "application/json", 413),
    ],
)
def test_what_is_not_json_is_refused(cast: Cast, raw: bytes, content_type: str, status: int) -> None:
    client = client_of(cast.editor)
    answer = client.post(path(cast, "operations"), raw, content_type=content_type)

    assert answer.status_code == status
    assert json.loads(answer.content)["error"]


def test_an_export_is_a_complete_excalidraw_file_of_the_live_objects_in_order(cast: Cast) -> None:
    apply_operations(
        canvas_id=cast.canvas.pk,
        operations=edits(
            put("top", index="a2"), put("bottom", index="Zz"), put("gone", index="a1"), delete("gone")
        ),
        actor=actor_of(cast.owner),
    )

    answer = client_of(cast.viewer).get(path(cast, "export?format=excalidraw"))

    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'attachment; filename="Plan.excalidraw"'
    file = json.loads(answer.content)
    assert (file["type"], file["version"], file["files"]) == ("excalidraw", 2, {})
    assert [item["id"] for item in file["elements"]] == ["bottom", "top"]
    assert file["elements"][1] == element("top", index="a2")


@pytest.mark.parametrize("query", ["", "?format=", "?format=pdf", "?format=json", "?format=api"])
def test_an_unknown_format_is_refused_with_what_there_is(cast: Cast, query: str) -> None:
    answer = client_of(cast.viewer).get(path(cast, f"export{query}"))

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_format")
    assert "format=excalidraw" in answer.json()["error"]


def test_an_edit_by_rest_counts_as_a_change_of_the_canvas(cast: Cast) -> None:
    before = Canvas.objects.get().updated_at
    client_of(cast.editor).post(path(cast, "operations"), {"operations": [put("a")]})

    assert Canvas.objects.get().updated_at > before
