"""Counts of many processes become one, which only ever grows."""

import threading
from collections.abc import Iterator

import pytest
from django.db import Error, connection
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from collabcanvas.lib import metrics
from collabcanvas.lib.models import SharedCount


class Counting:
    """One process that counts: its own registry, and what it has shared."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.shared: dict[metrics.Key, float] = {}
        self.done = Counter("test_done", "Done.", ["what"], registry=self.registry)
        self.took = Histogram("test_took", "Took.", ["what"], buckets=(1, 10), registry=self.registry)


@pytest.fixture
def switch(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    def become(process: Counting) -> None:
        monkeypatch.setattr(metrics, "SHARED", process.registry)
        monkeypatch.setattr(metrics, "_shared_so_far", process.shared)

    return become  # type: ignore[return-value]


def told() -> dict[tuple[str, str, str], float]:
    registry = CollectorRegistry()
    registry.register(metrics._SharedCounts())
    text = generate_latest(registry).decode()
    return {
        (sample.name, sample.labels.get("what", ""), sample.labels.get("le", "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_two_processes_counted_is_added(db: None, switch) -> None:
    one, two = Counting(), Counting()
    for process, number in ((one, 3), (two, 4), (one, 5)):
        switch(process)
        process.done.labels("x").inc(number)
        process.took.labels("x").observe(number)
        metrics.share_counts()
    assert told()["test_done_total", "x", ""] == 12
    assert told()["test_took_count", "x", ""] == 3
    assert told()["test_took_bucket", "x", "10.0"] == 3
    assert told()["test_took_sum", "x", ""] == 12


def test_labels_may_be_of_any_length(db: None, switch) -> None:
    process = Counting()
    switch(process)
    process.done.labels("x" * 600).inc()
    metrics.share_counts()
    assert told()["test_done_total", "x" * 600, ""] == 1


def test_a_histogram_always_has_all_its_buckets(db: None, switch) -> None:
    process = Counting()
    switch(process)
    process.took.labels("x").observe(100)
    metrics.share_counts()
    assert {le: told()["test_took_bucket", "x", le] for le in ("1.0", "10.0", "+Inf")} == {
        "1.0": 0,
        "10.0": 0,
        "+Inf": 1,
    }


def test_nothing_is_written_when_nothing_was_counted(db: None, switch, django_assert_num_queries) -> None:
    process = Counting()
    switch(process)
    process.done.labels("x").inc()
    metrics.share_counts()
    with django_assert_num_queries(0):
        metrics.share_counts()


def test_what_could_not_be_shared_is_shared_later(transactional_db: None, switch, monkeypatch) -> None:
    process = Counting()
    switch(process)
    process.done.labels("x").inc(2)
    connection.close()
    port = connection.settings_dict["PORT"]
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    with pytest.raises(Error):
        metrics.share_counts()
    monkeypatch.setitem(connection.settings_dict, "PORT", port)
    process.done.labels("x").inc()
    metrics.share_counts()
    assert told()["test_done_total", "x", ""] == 3


def test_many_at_once_lose_nothing(transactional_db: None, switch) -> None:
    process = Counting()
    switch(process)

    def work() -> None:
        try:
            for _ in range(20):
                process.done.labels("x").inc()
                metrics.share_counts()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    metrics.share_counts()
    assert SharedCount.objects.get(sample="test_done_total").value == 80
