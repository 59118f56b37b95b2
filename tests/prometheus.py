"""A real Prometheus over what `/metrics` has said: does an expression hold, and for how long?

Waiting for minutes is what alerts do. So the tests scrape the endpoint before and after they cause something, and
these answers are laid out in time, as if each had been scraped every 15 seconds for a while: Prometheus reads them from
disk and evaluates the very expressions that are shipped.
"""

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.running import free_port, wait_until

STEP_SECONDS = 15
# Each history has a stretch of time of its own, far enough from the next that none looks into another.
STRETCH_SECONDS = 3 * 3600

Series = tuple[str, tuple[tuple[str, str], ...]]
Scrape = Mapping[Series, float]
# One answer after the other, each for so many seconds.
History = Sequence[tuple[Scrape, int]]

UP: Series = ("up", (("job", "collabcanvas"),))


def parse(text: str) -> dict[Series, float]:
    """The samples of an answer."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


class Prometheus:
    """Answers questions about histories by their names."""

    def __init__(self, url: str, begins: Mapping[str, int], lasts: Mapping[str, int]) -> None:
        self._url = url
        self._begins = begins
        self._lasts = lasts

    def holds(self, expression: str, name: str) -> int:
        """For how many seconds on end the expression has a result, at the longest, in that history."""
        begin = self._begins[name]
        answer = httpx.get(
            f"{self._url}/api/v1/query_range",
            params={
                "query": expression,
                "start": begin,
                "end": begin + self._lasts[name],
                "step": STEP_SECONDS,
            },
            timeout=30,
        )
        assert answer.status_code == 200, f"{expression}: {answer.text}"
        longest = -STEP_SECONDS
        for series in answer.json()["data"]["result"]:
            run, before = -STEP_SECONDS, -1.0
            for at, value in series["values"]:
                if value == "NaN":
                    continue
                run = run + STEP_SECONDS if at - before == STEP_SECONDS else 0
                before = at
                longest = max(longest, run)
        return longest


@contextmanager
def prometheus(folder: Path, histories: Mapping[str, History]) -> Iterator[Prometheus]:
    """A Prometheus that remembers these histories."""
    last = int(time.time()) // STEP_SECONDS * STEP_SECONDS - STRETCH_SECONDS
    begins = {name: last - place * STRETCH_SECONDS for place, name in enumerate(histories)}
    lasts = {name: sum(seconds for _, seconds in history) for name, history in histories.items()}
    said = folder / "metrics.txt"
    with said.open("w") as file:
        for name, history in histories.items():
            at = begins[name]
            for scrape, seconds in history:
                for moment in range(at, at + seconds, STEP_SECONDS):
                    for (metric, labels), value in scrape.items():
                        told = ",".join(f'{label}="{text}"' for label, text in labels)
                        file.write(f"{metric}{{{told}}} {value} {moment}\n")
                at += seconds
        file.write("# EOF\n")
    data = folder / "data"
    made = subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(said), str(data)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    configuration = folder / "prometheus.yml"
    configuration.write_text("scrape_configs: []\n")
    url = f"http://127.0.0.1:{free_port()}"
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={configuration}",
                f"--storage.tsdb.path={data}",
                "--storage.tsdb.retention.time=10y",
                f"--web.listen-address={url.removeprefix('http://')}",
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: _is_ready(url), "Prometheus answers")
        yield Prometheus(url, begins, lasts)
    finally:
        server.terminate()
        server.wait(20)


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready").status_code == 200
    except httpx.TransportError:
        return False
