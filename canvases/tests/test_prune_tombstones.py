"""Deleted objects are removed for good after a while, and clients that were away still end up right."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from canvases import services, tasks
from canvases.models import Canvas, CanvasObject
from canvases.services import create_canvas, measure
from canvases.tests.factories import Cast, client_of, delete, put
from canvases.tests.pictures import draw


def age(cast: Cast, *, days: float) -> None:
    """Everything on the canvas happened so many days earlier."""
    CanvasObject.objects.filter(canvas=cast.canvas).update(updated_at=F("updated_at") - timedelta(days=days))


def ids(cast: Cast) -> set[str]:
    return set(CanvasObject.objects.filter(canvas=cast.canvas).values_list("object_id", flat=True))


def fetch(cast: Cast, since_seq: int | None = None) -> dict[str, Any]:
    query = "" if since_seq is None else f"?since_seq={since_seq}"
    answer: dict[str, Any] = (
        client_of(cast.viewer).get(f"/api/canvases/{cast.canvas.pk}/snapshot{query}").json()
    )
    return answer


@pytest.fixture
def pruned(cast: Cast, settings: Any) -> Cast:
    """`a` was drawn (seq 1), `b` drawn and deleted (2, 3) 31 days ago; `c` drawn and deleted (4, 5) now."""
    settings.CANVAS_TOMBSTONE_DAYS = 30
    draw(cast, put("a"), put("b", index="a1"))
    draw(cast, delete("b"))
    age(cast, days=31)
    draw(cast, put("c", index="a2"))
    draw(cast, delete("c"))
    assert tasks.remove_deleted_objects() == 1
    return cast


def test_old_tombstones_go_and_everything_else_stays(pruned: Cast) -> None:
    assert ids(pruned) == {"a", "c"}
    assert tasks.remove_deleted_objects() == 0


def test_a_client_that_was_away_too_long_gets_the_whole_canvas(pruned: Cast) -> None:
    for since_seq, full in ((0, True), (2, True), (3, False), (5, False), (6, True), (None, True)):
        answer = fetch(pruned, since_seq)
        assert answer["full"] is full, since_seq
        assert answer["seq"] == 5
        found = {row["id"] for row in answer["objects"]}
        assert found == ({"a", "c"} if full else {"c"} if since_seq == 3 else set())


def test_other_canvases_keep_telling_changes(pruned: Cast) -> None:
    other = create_canvas(owner=pruned.owner, title="Other")
    assert services.snapshot(canvas=other, since_seq=0).is_full is False


def test_zero_days_keep_tombstones(cast: Cast, settings: Any) -> None:
    settings.CANVAS_TOMBSTONE_DAYS = 0
    draw(cast, put("a"))
    draw(cast, delete("a"))
    age(cast, days=9_000)
    assert tasks.remove_deleted_objects() == 0
    assert ids(cast) == {"a"}


def test_more_than_one_batch_goes(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_PRUNE_BATCH", 2)
    for number in range(3):
        cast = Cast(
            create_canvas(owner=cast.owner, title=f"{number}"), cast.owner, cast.owner, cast.owner, cast.owner
        )
        draw(cast, *(put(f"o{n}", index=f"a{n}") for n in range(3)))
        draw(cast, *(delete(f"o{n}") for n in range(3)))
        age(cast, days=31)
    assert services.prune_tombstones(days=30) == 9


# --- The bound in bytes -------------------------------------------------------------------------------------
def text(size: int, **fields: Any) -> dict[str, Any]:
    return {"customData": {"note": ["ä" * 9_000] * (size // 18_000)}, **fields}


def size_bytes(cast: Cast) -> int:
    return Canvas.objects.get(pk=cast.canvas.pk).size_bytes


def test_the_running_count_is_what_the_database_counts(cast: Cast) -> None:
    draw(cast, put("a", **text(90_000)), put("b", index=None))
    draw(cast, put("a", version=2), delete("b"), put("c", index="a9"), put("a", version=3, x=5))
    assert size_bytes(cast) == measure(cast.canvas) > 1_000
    age(cast, days=31)
    services.prune_tombstones(days=30)
    assert size_bytes(cast) == measure(cast.canvas)


@pytest.mark.parametrize("number", [1e-300, -1.25e-7, 5e-324, 6.123233995736766e-17, 1e15, -0.1])
def test_the_smallest_numbers_count_as_the_database_writes_them(cast: Cast, number: float) -> None:
    draw(cast, put("a", points=[[number, 1]] * 50, type="line", customData={'1e-9" \\\\': '2e-300 "3e-300'}))
    assert size_bytes(cast) == measure(cast.canvas)


def fill_up(cast: Cast, settings: Any) -> None:
    settings.CANVAS_MAX_MEGABYTES = 1
    draw(cast, *(put(f"o{number}", index=f"a{number}", **text(190_000)) for number in range(5)))


def test_a_full_canvas_refuses_what_grows_it_with_a_sentence(cast: Cast, settings: Any) -> None:
    fill_up(cast, settings)

    refused = client_of(cast.editor).post(
        f"/api/canvases/{cast.canvas.pk}/operations",
        {"operations": [put("new", index="a9", **text(190_000)), put("small", index="aA")]},
        format="json",
    )

    new, small = refused.json()["results"]
    assert (new["status"], new["code"]) == ("refused", "canvas_too_large")
    assert new["error"].startswith("A canvas holds at most 1 MB")
    assert small["status"] == "applied"
    assert "new" not in ids(cast)


def test_a_full_canvas_can_be_made_smaller_and_drawn_on_again(cast: Cast, settings: Any) -> None:
    fill_up(cast, settings)
    draw(cast, put("o0", version=2, index="a0"))
    draw(cast, put("new", index="a9", **text(180_000)))
    assert "new" in ids(cast)


def test_a_count_that_is_too_high_refuses_nobody(cast: Cast, settings: Any) -> None:
    draw(cast, put("a"))
    Canvas.objects.filter(pk=cast.canvas.pk).update(size_bytes=10**12)
    draw(cast, put("b", index="a1"))
    assert ids(cast) == {"a", "b"}
    assert size_bytes(cast) == measure(cast.canvas)
