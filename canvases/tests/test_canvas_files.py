"""A canvas as a file: what is in it, and what is refused."""

import gzip
import json
from typing import Any

import pytest

from canvases.errors import BrokenCanvasFile, CanvasNotFound, UnknownFileVersion
from canvases.models import CanvasObject
from canvases.portable import checksum_of, read_canvas, write_canvas
from canvases.tests.factories import Cast, delete, element, put
from canvases.tests.pictures import JOB, draw, fill


def document(cast: Cast) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(gzip.decompress(write_canvas(cast.canvas.pk).content))
    return parsed


def packed(changed: dict[str, Any], *, fit: bool = True) -> bytes:
    if fit:
        changed["checksum"] = checksum_of(changed.get("canvas"))
    return gzip.compress(json.dumps(changed).encode())


def test_the_same_canvas_gives_the_same_bytes(cast: Cast) -> None:
    fill(cast)
    assert write_canvas(cast.canvas.pk).content == write_canvas(cast.canvas.pk).content


def test_a_file_is_read_packed_and_unpacked(cast: Cast) -> None:
    fill(cast)
    written = write_canvas(cast.canvas.pk)
    for content in (written.content, gzip.decompress(written.content)):
        file = read_canvas(content)
        assert (file.canvas.id, file.checksum) == (cast.canvas.pk, written.checksum)
        assert {found.id: found.is_deleted for found in file.elements} == {
            "a": False,
            "b": False,
            "c": False,
            "gone": True,
        }


def test_a_file_names_people_and_tells_no_secret(cast: Cast) -> None:
    fill(cast)
    cast.owner.set_password("very secret")
    cast.owner.save()
    text = json.dumps(document(cast))
    assert "olga@example.org" in text
    assert "stan" not in text, "somebody who has nothing to do with the canvas"
    assert cast.owner.password not in text


def test_a_file_names_the_job_that_made_an_object_and_is_read_without_that_too(cast: Cast) -> None:
    fill(cast)
    written = document(cast)
    objects = written["canvas"]["objects"]
    made = {entry["properties"]["id"]: entry["created_by_job_id"] for entry in objects}
    assert made == {"a": None, "b": None, "c": str(JOB), "gone": None}

    for entry in objects:
        del entry["created_by_job_id"]
    earlier = read_canvas(packed(written))
    assert {entry.created_by_job_id for entry in earlier.canvas.objects} == {None}


def test_a_canvas_that_is_gone_has_no_file(cast: Cast) -> None:
    cast.canvas.delete()
    with pytest.raises(CanvasNotFound):
        write_canvas(cast.canvas.pk)


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lambda content: b"", "cannot be read as JSON"),
        (lambda content: b"\xff\xfe", "cannot be read as JSON"),
        (lambda content: b"[" * 100_000, "cannot be read as JSON"),
        (lambda content: b'{"format": NaN}', "cannot be read as JSON"),
        (lambda content: b"[]", "not a canvas file"),
        (lambda content: b'{"type": "excalidraw"}', "not a canvas file"),
        (cut, "cannot be unpacked"),
        (lambda content: content[:-6] + b"\0\0\0\0\0\0", "cannot be unpacked"),
        (lambda content: gzip.decompress(content).replace(b"Plan", b"Plot"), "checksum does not fit"),
    ],
)
def test_a_damaged_file_is_refused_with_a_reason(cast: Cast, break_it: Any, sentence: str) -> None:
    with pytest.raises(BrokenCanvasFile, match=sentence):
        read_canvas(break_it(write_canvas(cast.canvas.pk).content))


def test_a_file_of_another_version_names_the_release_that_made_it(cast: Cast) -> None:
    newer = document(cast) | {"version": 2, "made_by": "CollabCanvas 9.9"}
    with pytest.raises(UnknownFileVersion, match=r"version '2' .* CollabCanvas 9\.9"):
        read_canvas(packed(newer))


def _object(cast: Cast, **fields: Any) -> dict[str, Any]:
    kept: dict[str, Any] = document(cast)["canvas"]["objects"][0]
    return kept | fields


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda cast, canvas: canvas.pop("title"), "title: Field required"),
        (lambda cast, canvas: canvas.update(title=""), "title: "),
        (lambda cast, canvas: canvas.update(title="a\0b"), "title: "),
        (lambda cast, canvas: canvas.update(title="\ud800"), "does not describe a canvas"),
        (lambda cast, canvas: canvas.update(id="1"), "id: "),
        (lambda cast, canvas: canvas.update(surprise=1), "surprise: "),
        (lambda cast, canvas: canvas.update(seq=2**70), "seq: "),
        (lambda cast, canvas: canvas.update(seq=0), "seq above its canvas's"),
        (lambda cast, canvas: canvas.update(owner="edda"), "its owner as one of them"),
        (lambda cast, canvas: canvas.update(people=[]), "whom it does not describe"),
        (lambda cast, canvas: canvas["people"].append(canvas["people"][0]), "a person twice"),
        (lambda cast, canvas: canvas["members"].append(canvas["members"][0]), "each member once"),
        (lambda cast, canvas: canvas["objects"].append(canvas["objects"][0]), "an object twice"),
        (
            lambda cast, canvas: canvas["objects"].append(_object(cast, properties={"id": "x"})),
            "object that is not valid: type: is missing",
        ),
        (
            lambda cast, canvas: canvas["objects"].append(
                _object(cast, properties=element("evil", link="javascript:alert(1)"))
            ),
            "object that is not valid: A link leads to",
        ),
    ],
)
def test_a_file_that_was_made_up_is_refused_with_the_field(cast: Cast, change: Any, sentence: str) -> None:
    fill(cast)
    made_up = document(cast)
    change(cast, made_up["canvas"])
    with pytest.raises(BrokenCanvasFile, match=sentence):
        read_canvas(packed(made_up))


def huge(size: int, **fields: Any) -> dict[str, Any]:
    """A rectangle whose JSON takes exactly so many bytes."""
    grown = element("a", customData={"t": [""] * 11}, **fields)
    missing = size - len(json.dumps(grown, separators=(",", ":")))
    for place in range(11):
        grown["customData"]["t"][place] = "x" * min(missing, 20_000)
        missing -= min(missing, 20_000)
    return grown


@pytest.mark.parametrize(
    "biggest",
    [
        element("a", version=2**52),
        huge(200_000, index=None),
        element("a", index=None) | {f"key{number}": 1 for number in range(175)},
        element("a", x=0.1, width=-0.2, y=-1e7, height=1e7),
        element("a", x=1e-300),
    ],
)
def test_whatever_can_be_drawn_and_deleted_can_be_read_back(cast: Cast, biggest: dict[str, Any]) -> None:
    for field in ("index", "isDeleted", "updated"):
        if biggest["index"] is None and field != "index":
            del biggest[field]
    del biggest["index"]
    draw(cast, {"type": "put", "id": "a", "properties": biggest})
    assert [found.is_deleted for found in read_canvas(write_canvas(cast.canvas.pk).content).elements] == [
        False
    ]

    draw(cast, delete("a"))
    assert [found.is_deleted for found in read_canvas(write_canvas(cast.canvas.pk).content).elements] == [
        True
    ]


def test_an_index_that_leaves_no_room_is_read_back_where_it_is_there(cast: Cast) -> None:
    draw(cast, put("a"))
    top = element("a", index="z" * 256)
    CanvasObject.objects.update(properties=top, index=top["index"])
    assert read_canvas(write_canvas(cast.canvas.pk).content).elements[0].index == top["index"]
