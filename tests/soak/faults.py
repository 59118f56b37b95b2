"""What is done to the product, in which order, and a record of it."""

import random
import time
from dataclasses import dataclass, field

# Every process of both services; engines most often, because only they hold jobs.
_KILLS = ("engine", "pusher", "engine", "monitor", "engine", "web", "engine", "sentinel", "main")


@dataclass(frozen=True)
class Fault:
    """One thing that was done; `pid` is the process that was killed, 0 for the database."""

    at: float
    kind: str
    pid: int

    @property
    def breaks_engines(self) -> bool:
        """Whether it may end or cut off more engines than the one killed."""
        return self.kind in ("main", "sentinel", "restart", "cut")


@dataclass
class FaultLog:
    """All faults so far."""

    faults: list[Fault] = field(default_factory=list)

    def note(self, kind: str, pid: int = 0) -> None:
        self.faults.append(Fault(time.time(), kind, pid))

    def count(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for fault in self.faults:
            counts[fault.kind] = counts.get(fault.kind, 0) + 1
        return counts


def plan(random_source: random.Random, *, kills: int, restarts: int, cuts: int) -> list[str]:
    """The kinds of faults in the order in which they will happen; the same seed gives the same plan."""
    kinds = [_KILLS[number % len(_KILLS)] for number in range(kills)]
    kinds += ["restart"] * restarts + ["cut"] * cuts
    random_source.shuffle(kinds)
    return kinds
