"""The figures of each system and their table, in Markdown, as docs/benchmarks.md shows it."""

import statistics
from dataclasses import asdict, dataclass, field

from benchmarks.figures import show

HEADING = (
    "",
    "pickup idle, median / p99 ms",
    "no-op jobs/s",
    "500 jobs of 2 s at once",
    "idle queries/s",
    "job re-run after `kill -9` of its process / of the whole service",
)


@dataclass(kw_only=True)
class Measured:
    """What was measured of one system, one value for each pass; None is a job that was not run again in time."""

    name: str
    asks: str = ""
    pickup_median_ms: list[float] = field(default_factory=list)
    pickup_p99_ms: list[float] = field(default_factory=list)
    noop_per_second: list[float] = field(default_factory=list)
    at_once_seconds: list[float] = field(default_factory=list)
    at_once_megabytes: list[float] = field(default_factory=list)
    idle_per_second: list[float] = field(default_factory=list)
    process_rerun_seconds: list[float | None] = field(default_factory=list)
    service_rerun_seconds: list[float | None] = field(default_factory=list)

    def line(self) -> tuple[str, ...]:
        """The medians, in the order of the heading; a column that was not measured is empty."""
        return (
            self.name,
            _together(_median(self.pickup_median_ms), _median(self.pickup_p99_ms), between=" / "),
            _median(self.noop_per_second),
            _together(
                _median(self.at_once_seconds, " s"), _median(self.at_once_megabytes, " MB"), between=", "
            ),
            _median(self.idle_per_second, self.asks),
            _together(_rerun(self.process_rerun_seconds), _rerun(self.service_rerun_seconds), between=" / "),
        )

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def markdown(measured: list[Measured]) -> str:
    lines = [HEADING, ("---",) * len(HEADING), *(one.line() for one in measured)]
    return "\n".join("| " + " | ".join(line).strip() + " |" for line in lines)


def _median(values: list[float], unit: str = "") -> str:
    return show(statistics.median(values)) + unit if values else ""


def _rerun(values: list[float | None]) -> str:
    """A kill that the system did not get over outweighs those that it did."""
    if None in values:
        return "not within 120 s"
    return _median([value for value in values if value is not None], " s")


def _together(*texts: str, between: str) -> str:
    return between.join(texts) if all(texts) else ""
