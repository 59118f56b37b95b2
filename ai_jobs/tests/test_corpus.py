import pytest

from ai_jobs.tests.corpus_report import failures, load

CASES = load()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["say"][:60])
def test_the_objects_drawn_are_those_asked_for(case):
    assert failures(case) == []


def test_the_corpus_is_large_and_a_third_of_it_was_written_after_the_rules():
    held_out = [case for case in CASES if case.get("held_out")]
    assert len(CASES) >= 200
    assert 3 * len(held_out) >= len(CASES)
