"""The table of `make bench-peers`: what is counted for it, what its cells say, and that the document shows it."""

from pathlib import Path

from benchmarks.peers.table import HEADING, Measured, markdown
from benchmarks.service import count_statements

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
LOG = """\
peer_one LOG:  statement: BEGIN
peer_one LOG:  execute <unnamed>: SELECT 1
\tFROM job
peer_one LOG:  execute _pg3_0: SELECT 'LOG:  statement: ' || $1
peer_one DETAIL:  Parameters: $1 = 'LOG:  statement: '
peer_one_idle LOG:  statement: SELECT 2
 LOG:  checkpoint starting: time
peer_one LOG:  statement: COMMIT
"""


def test_statements_are_counted_for_one_database_with_begin_and_commit() -> None:
    assert count_statements(LOG, database="peer_one") == 4
    assert count_statements(LOG, database="peer_one_idle") == 1
    assert (
        count_statements("2026-01-01 UTC [7] LOG:  statement: BEGIN\n2026-01-01 UTC [7] LOG:  ready\n") == 1
    )


def test_a_cell_is_the_median_of_the_passes() -> None:
    measured = Measured(
        name="one",
        pickup_median_ms=[3, 9, 4],
        pickup_p99_ms=[12, 10, 11],
        noop_per_second=[100, 8_000, 4_000],
        at_once_seconds=[2.5, 2.25, 9],
        at_once_megabytes=[50, 60, 40],
        idle_per_second=[1.5],
        process_rerun_seconds=[15],
        service_rerun_seconds=[16.25],
    )
    assert measured.line() == (
        "one", "4.00 / 11.00", "4,000", "2.50 s, 50.00 MB", "1.50", "15.00 s / 16.25 s",
    )  # fmt: skip


def test_a_job_that_was_lost_once_is_not_hidden_by_the_median() -> None:
    measured = Measured(
        name="one",
        process_rerun_seconds=[1, None, 2],
        service_rerun_seconds=[3, 4, 5],
        asks=" Redis commands",
    )
    assert measured.line() == ("one", "", "", "", "", "not within 120 s / 4.00 s")


def test_the_document_has_the_columns_that_are_printed() -> None:
    assert markdown([]).splitlines()[0] in DOCUMENT.read_text().splitlines()
    assert all(
        line.count(" | ") == len(HEADING) - 1 for line in markdown([Measured(name="one")]).splitlines()
    )
