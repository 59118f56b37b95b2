"""`make bench`: measures CollabCanvas against its targets, prints a table and writes it as JSON.

`python -m benchmarks [names] [--rounds 3] [--quick] [--engines 2]`; names are modules of this folder. A figure is
the median of the rounds. PostgreSQL, the worker service and the load share the machine.
"""

import argparse
import datetime
import importlib
import json
import os
import statistics
from pathlib import Path

from benchmarks.figures import Figure, Options, show
from benchmarks.service import RESULTS, commit, database, machine

NAMES = [
    *("submit", "pickup", "throughput", "at_once", "cancel", "recovery", "idle", "claim"),
    *("preview", "drawing"),
]
# Those that take many minutes run only when they are named.
ON_DEMAND = ["load", "processor", "scrape", "dashboard"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="name",
        help=f"of {', '.join(NAMES)} (the default); or {', '.join(ON_DEMAND)}",
    )
    parser.add_argument("--rounds", type=int, help="3, and 1 for what takes minutes or varies little")
    parser.add_argument("--engines", type=int, default=2)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--output", type=Path, help="where the JSON goes; benchmarks/results by default")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - {*NAMES, *ON_DEMAND}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}. Use: {', '.join(NAMES + ON_DEMAND)}.")
    options = Options(quick=arguments.quick, engines=arguments.engines)
    measured: dict[str, list[Figure]] = {}
    print(f"commit {commit()}, {machine()}, load before {os.getloadavg()[0]:.1f}", flush=True)
    with database():
        for name in arguments.names or NAMES:
            module = importlib.import_module(f"benchmarks.{name}")
            rounds = arguments.rounds or getattr(module, "ROUNDS", 3)
            for turn in range(rounds):
                for figure in module.measure(options):
                    measured.setdefault(figure.name, []).append(figure)
                    print(
                        f"  {figure.name}, round {turn + 1}: {show(figure.value)} {figure.unit}", flush=True
                    )
    _print_table(measured)
    output = arguments.output or _default_output()
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(_as_json(measured, options), indent=2))
    print(f"\nWritten to {output}")


def _median(figures: list[Figure]) -> float:
    return statistics.median(figure.value for figure in figures)


def _print_table(measured: dict[str, list[Figure]]) -> None:
    lines = [("figure", "median", "unit", "target", "", "rounds")]
    for name, figures in measured.items():
        value = _median(figures)
        target = figures[0].target
        verdict = "" if not target else "met" if figures[0].is_met(value) else "MISSED"
        each = "  ".join(show(figure.value) for figure in figures)
        lines.append((name, show(value), figures[0].unit, target, verdict, each))
    widths = [max(len(line[column]) for line in lines) for column in range(6)]
    print()
    for line in lines:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _as_json(measured: dict[str, list[Figure]], options: Options) -> dict[str, object]:
    return {
        "commit": commit(),
        "machine": machine(),
        "quick": options.quick,
        "engines": options.engines,
        "figures": [
            {
                "name": name,
                "unit": figures[0].unit,
                "median": round(_median(figures), 3),
                "rounds": [round(figure.value, 3) for figure in figures],
                "target": figures[0].target,
                "met": figures[0].is_met(_median(figures)),
            }
            for name, figures in measured.items()
        ],
    }


def _default_output() -> Path:
    now = datetime.datetime.now(tz=datetime.UTC)
    return RESULTS / f"{now:%Y%m%dT%H%M%SZ}.json"


if __name__ == "__main__":
    main()
