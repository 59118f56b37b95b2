"""What a worker service costs that has nothing to do: queries per second and processor time."""

import time
from pathlib import Path

from benchmarks.figures import Figure, Options
from benchmarks.service import count_statements, empty, execute, rows, workers


def measure(options: Options) -> list[Figure]:
    seconds = 20 if options.quick else 40
    empty()
    with workers(engines=options.engines) as service:
        # Starting up is not idling.
        time.sleep(5)
        log = Path(rows("SHOW data_directory")[0][0]) / "server.log"
        execute("ALTER SYSTEM SET log_statement = 'all'")
        execute("SELECT pg_reload_conf()")
        time.sleep(0.5)
        start, cpu = log.stat().st_size, service.cpu_seconds()
        time.sleep(seconds)
        cpu = service.cpu_seconds() - cpu
        said = log.read_bytes()[start:].decode(errors="replace")
        execute("ALTER SYSTEM RESET log_statement")
        execute("SELECT pg_reload_conf()")
    queries = count_statements(said)
    return [
        Figure("idle, queries per second, BEGIN and COMMIT among them", "1/s", queries / seconds, at_most=2),
        Figure("idle, processor (one core = 100)", "%", cpu / seconds * 100, at_most=1),
    ]
