"""`/metrics` of a running CollabCanvas: who may read it, and that it tells what workers did."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.people import Person, Rows
from tests.running import METRICS_TOKEN, Running, wait_until


def scrape(running: Running) -> dict[str, float]:
    """Sample with its labels → value."""
    answer = httpx.get(
        f"{running.base_url}/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}, timeout=60
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        sample.name
        + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_only_the_token_or_staff_may_read_it(running: Running, cast: dict[str, Person]) -> None:
    url = f"{running.base_url}/metrics"
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {METRICS_TOKEN}"},
        {"Authorization": METRICS_TOKEN},
        cast["ada"].bearer,
    ):
        answer = httpx.get(url, headers=headers, timeout=60)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), headers
    assert cast["ada"].http.get("/metrics").status_code == 200
    assert cast["ben"].http.get("/metrics").status_code == 404


def test_methods_that_clients_invent_are_counted_together(running: Running) -> None:
    for number in range(3):
        httpx.request(f"INVENTED{number}", f"{running.base_url}/health/live", timeout=60)
    told = scrape(running)
    assert not [name for name in told if "INVENTED" in name]
    assert told["collabcanvas_request_seconds_count method=other route=/health/live status=403"] >= 3


def test_what_a_worker_did_is_told_by_web(running: Running, cast: dict[str, Person], rows: Rows) -> None:
    labels = " event={} job_type=create_canvas"
    names = [
        f"collabcanvas_job_transitions_total{labels.format(e)}" for e in ("submitted", "claimed", "completed")
    ]
    names += [
        "collabcanvas_job_pickup_seconds_count",
        "collabcanvas_job_wait_seconds_count job_type=create_canvas",
        "collabcanvas_job_run_seconds_count job_type=create_canvas",
    ]
    before = scrape(running)
    cast["ben"].ask("Draw: Metrics -> Moved")

    def moved() -> bool:
        now = scrape(running)
        return all(now.get(name, 0) > before.get(name, 0) for name in names)

    wait_until(moved, "everything about the job has been counted")
    now = scrape(running)
    assert now["collabcanvas_database_up"] == 1
    assert now["collabcanvas_workers state=running"] >= 1
    # It is measured again and again.
    wait_until(lambda: scrape(running)["collabcanvas_channel_layer_lag_seconds"] < 5, "messages arrive")
    assert now["process_resident_memory_bytes"] > 1e7
    assert not [name for name, value in before.items() if name.endswith("_total") and now[name] < value]
    assert "Metrics" not in str(now)
