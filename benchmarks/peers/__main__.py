"""`make bench-peers`: procrastinate, django-q2 (stock and tuned) and Celery with Redis beside CollabCanvas, one table.

Each peer is installed in an environment of its own in a temporary folder and gets fresh databases on one durable
PostgreSQL. In each pass they are measured one after the other, ours the last; the table has the medians. No-op jobs
are loaded before the peer's workers start, and the rate is counted from the first to the last one that began, within
10 s at most: their start-up and the writing of their last results are not held against them.

What is mostly waiting is measured once, for all of them at the same time and after the passes: what a service asks of
its database or broker in 40 s without work, and how long a job that was killed waits for its second start.
"""

import argparse
import datetime
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2

from benchmarks.figures import quantile
from benchmarks.peers.bench import Bench, install
from benchmarks.peers.systems import PEERS
from benchmarks.peers.table import Measured, markdown
from benchmarks.service import PROJECT, RESULTS, commit, fill_the_log, machine
from collabcanvas.lib.embedded_postgres import start_or_join


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peers", nargs="*", metavar="peer", help=f"of {', '.join(PEERS)}; all by default")
    parser.add_argument(
        "--passes", type=int, default=3, help="0 measures only idle queries and second starts"
    )
    parser.add_argument("--without-ours", action="store_true", help="do not measure CollabCanvas beside them")
    arguments = parser.parse_args()
    if unknown := set(arguments.peers) - set(PEERS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}. Use: {', '.join(PEERS)}.")
    began = datetime.datetime.now(tz=datetime.UTC)
    folder = Path(tempfile.mkdtemp(prefix="collabcanvas-peers-"))
    folder.chmod(0o711)
    print(f"commit {commit()}, {machine()}, load before {os.getloadavg()[0]:.1f}", flush=True)
    measured = {key: Measured(name=PEERS[key].name) for key in _possible(arguments.peers or list(PEERS))}
    ours = None if arguments.without_ours else Measured(name="**CollabCanvas**")
    server = start_or_join(folder, durable=True)
    try:
        fill_the_log(server.url)
        for number in range(arguments.passes):
            for key, figures in measured.items():
                _measure(key, figures, number, folder, server.url)
            if ours:
                _measure_ours(ours, folder)
            print(f"\npass {number + 1}, medians so far", flush=True)
            print(markdown([*measured.values(), *([ours] if ours else [])]), flush=True)
        _measure_together(measured, ours, folder, server.url)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    everyone = [*measured.values(), *([ours] if ours else [])]
    print(f"\n{markdown(everyone)}")
    output = RESULTS / f"peers-{began:%Y%m%dT%H%M%SZ}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    systems = [figures.as_json() for figures in everyone]
    output.write_text(
        json.dumps(
            {
                "commit": commit(),
                "machine": machine(),
                "passes": arguments.passes,
                "systems": systems,
            },
            indent=2,
        )
    )
    minutes = (datetime.datetime.now(tz=datetime.UTC) - began).total_seconds() / 60
    print(f"\n{minutes:.0f} minutes. Written to {output}")


def _possible(keys: list[str]) -> list[str]:
    """Those whose broker is here."""
    here = shutil.which("redis-server") is not None
    for key in keys:
        if PEERS[key].needs_redis and not here:
            print(f"{PEERS[key].name} is left out: there is no redis-server here. Install one to measure it.")
    return [key for key in keys if here or not PEERS[key].needs_redis]


def _bench(key: str, purpose: str, folder: Path, url: str) -> Bench:
    peer = PEERS[key]
    programs = install(peer, folder / f"environment-{peer.environment}")
    return Bench(peer, programs, folder / f"{key}-{purpose}", url)


def _measure(key: str, figures: Measured, number: int, folder: Path, url: str) -> None:
    print(f"pass {number + 1}, {key}", flush=True)
    bench = _bench(key, f"pass{number}", folder, url)
    figures.noop_per_second.append(bench.noop())
    pickups = bench.pickup()
    figures.pickup_median_ms.append(statistics.median(pickups))
    figures.pickup_p99_ms.append(quantile(pickups, 99))
    seconds, megabytes = bench.at_once()
    figures.at_once_seconds.append(seconds)
    figures.at_once_megabytes.append(megabytes)


def _measure_together(measured: dict[str, Measured], ours: Measured | None, folder: Path, url: str) -> None:
    """What is mostly waiting, of all systems at once, each measure in a database of its own."""
    _say_whose(url)
    print("\nidle and killed, all at the same time", flush=True)
    benches = {
        (key, purpose): _bench(key, purpose, folder, url)
        for key in measured
        for purpose in ("idle", "process", "service")
    }
    with ThreadPoolExecutor(max_workers=len(benches) + 1) as pool:
        waiting_of_ours = pool.submit(_run_ours, ["idle", "recovery"], folder) if ours else None
        waiting = {
            key: (
                pool.submit(benches[key, "idle"].idle),
                pool.submit(benches[key, "process"].rerun, whole=False),
                pool.submit(benches[key, "service"].rerun, whole=True),
            )
            for key in measured
        }
        for key, (idle, process, service) in waiting.items():
            measured[key].asks = " Redis commands" if PEERS[key].needs_redis else ""
            measured[key].idle_per_second.append(idle.result())
            measured[key].process_rerun_seconds.append(process.result())
            measured[key].service_rerun_seconds.append(service.result())
        if ours and waiting_of_ours:
            found = waiting_of_ours.result()
            ours.idle_per_second.append(found["idle, queries per second, BEGIN and COMMIT among them"])
            ours.process_rerun_seconds.append(found["kill -9 to job running again"])
            ours.service_rerun_seconds.append(found["kill -9 of the whole service to job running again"])


def _say_whose(url: str) -> None:
    """Each line of PostgreSQL's log begins with its database."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET log_line_prefix = '%d '")
        cursor.execute("SELECT pg_reload_conf()")
    connection.close()


def _measure_ours(ours: Measured, folder: Path) -> None:
    found = _run_ours(["pickup", "throughput", "at_once"], folder)
    ours.pickup_median_ms.append(found["pickup, idle, median"])
    ours.pickup_p99_ms.append(found["pickup, idle, p99"])
    ours.noop_per_second.append(found["no-op jobs per second"])
    ours.at_once_seconds.append(found["500 jobs of 2 s at once"])
    ours.at_once_megabytes.append(found["worker service with 500 jobs, memory (Pss)"])


def _run_ours(names: list[str], folder: Path) -> dict[str, float]:
    """The figures of one round of these benchmarks, in a process and a database of their own."""
    output = folder / "ours.json"
    subprocess.run(
        [sys.executable, "-m", "benchmarks", *names, "--rounds", "1", "--output", str(output)],
        cwd=PROJECT,
        check=True,
    )
    return {figure["name"]: figure["median"] for figure in json.loads(output.read_text())["figures"]}


if __name__ == "__main__":
    main()
