"""What is measured, what it must reach, and how it is shown."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Options:
    """How much to measure: `quick` takes smaller amounts, for trying out; its figures are no record."""

    quick: bool = False
    engines: int = 2


@dataclass(frozen=True)
class Figure:
    """One measured value and its target; without a target it is shown for orientation."""

    name: str
    unit: str
    value: float
    at_most: float | None = None
    at_least: float | None = None

    @property
    def target(self) -> str:
        if self.at_most is not None:
            return f"≤ {self.at_most:,g}"
        return f"≥ {self.at_least:,g}" if self.at_least is not None else ""

    def is_met(self, value: float) -> bool:
        if self.at_most is not None:
            return value <= self.at_most
        return self.at_least is None or value >= self.at_least


def quantile(values: Sequence[float], percent: int) -> float:
    """The value below which `percent` of the values lie."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def show(value: float) -> str:
    """The value with about three digits that mean something."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}"
