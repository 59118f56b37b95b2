import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvases.merge import Stamp, incoming_wins

CASES = json.loads(Path(__file__).with_name("merge_cases.json").read_text())

stamps = st.builds(Stamp, version=st.integers(0, 3), version_nonce=st.integers(0, 3))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_shared_cases_hold(case):
    stored = Stamp(**case["local"]) if case["local"] else None
    assert incoming_wins(stored=stored, incoming=Stamp(**case["remote"])) == (case["winner"] == "remote")


@given(st.lists(stamps, min_size=1, max_size=6), st.randoms())
def test_every_order_of_arrival_ends_in_the_same_state(arrivals, random):
    def settle(order: list[Stamp]) -> Stamp:
        kept = order[0]
        for stamp in order[1:]:
            kept = stamp if incoming_wins(stored=kept, incoming=stamp) else kept
        return kept

    shuffled = list(arrivals)
    random.shuffle(shuffled)
    assert settle(arrivals) == settle(shuffled)
