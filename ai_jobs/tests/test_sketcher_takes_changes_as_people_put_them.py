# ruff: noqa: E501  # a case stays on one line
"""Classes of phrasing that a change may come in: talk around it, words taken back, sorts of things, what is missing."""

import pytest

from ai_jobs.tests.corpus_report import failures

ROW = "Draw four boxes in a row: Ward A, Ward B, Theatre, Kitchen"
FLOW = "Draw: Triage -> Doctor -> Discharge"
TREE = "Org chart: Partner manages Associate and Clerk"


@pytest.mark.parametrize(
    ("on", "say", "expect"),
    [
        # Talk before, within and after it.
        (ROW, "Our matron would like the Kitchen to be purple after all", {"colors": {"Kitchen": "purple"}}),
        (ROW, "thanks, lovely! one last thing, the Kitchen in orange, if that isn't too much trouble", {"colors": {"Kitchen": "orange"}}),
        (FLOW, "add X-ray, same style, after Doctor, I had forgotten that step", {"arrows": [["Doctor", "X-ray"], ["X-ray", "Discharge"]]}),
        (ROW, "revision 3: Theatre is to be renamed Surgery; others as is", {"labels": ["Surgery"], "unchanged": ["Ward A", "Kitchen"]}),
        # Words taken back.
        (ROW, "make Kitchen red, no, green", {"colors": {"Kitchen": "green"}, "unchanged": ["Theatre"]}),
        (ROW, "delete Kitchen, sorry, I mean Theatre", {"absent": ["Theatre"], "labels": ["Kitchen"]}),
        (FLOW, "connect Triage to Doctor, no wait, to Discharge", {"arrows": [["Triage", "Discharge"]], "arrow_count": 3}),
        # Short hand and slips.
        (ROW, "make em all teal pls", {"colors": {"Ward A": "teal", "Kitchen": "teal"}}),
        (ROW, "mak Kitchen gren w/ dashed outline", {"colors": {"Kitchen": "green"}}),
        # Sorts of things by one of their words, and what is not so.
        (ROW, "colour the wards light blue and the theatre green", {"colors": {"Ward A": "blue", "Ward B": "blue", "Theatre": "green"}}),
        ("Draw a red box Ham and a blue box Egg", "everything that isn't red becomes white", {"colors": {"Ham": "red", "Egg": "white"}}),
        # What is missing, what comes instead, and which place it has.
        (ROW, "there's one missing: Chapel", {"labels": ["Chapel"]}),
        (FLOW, "Pharmacy has to come in between doctor and discharge", {"arrows": [["Doctor", "Pharmacy"], ["Pharmacy", "Discharge"]]}),
        (FLOW, "kill Doctor, replace with Nurse", {"arrows": [["Triage", "Nurse"], ["Nurse", "Discharge"]], "absent": ["Doctor"]}),
        (FLOW, 'Insert "Blood test" as step 2', {"arrows": [["Triage", "Blood test"], ["Blood test", "Doctor"]]}),
        (FLOW, "finish with Letter home", {"arrows": [["Discharge", "Letter home"]], "arrow_count": 3}),
        (FLOW, "add Coffee, Team and Friends after Doctor", {"arrows": [["Doctor", "Coffee"], ["Coffee", "Team"], ["Team", "Friends"]]}),
        # Joined, moved in a tree, another shape, and fields.
        (FLOW, "Triage and Doctor belong together, merge them into one box called Clinic", {"arrows": [["Clinic", "Discharge"]], "absent": ["Doctor"], "arrow_count": 1}),
        (TREE, "a paralegal called Jo joins under Associate", {"arrows": [["Associate", "Jo"]], "arrow_count": 3}),
        (TREE, "Clerk moves over to Associate's team", {"arrows": [["Associate", "Clerk"], ["Partner", "Associate"]], "arrow_count": 2}),
        (ROW, "Kitchen should be a hexagon", {"counts": {"hexagon": 1, "rectangle": 3}, "labels": ["Kitchen"]}),
        ("ER diagram with entities Client (id, name) and Deal (id, value)", "Client also needs a field called phone", {"labels": ["phone", "id", "name", "value"]}),
        ("ER diagram with entities Client (id, name) and Deal (id, value)", "rename value to amount", {"labels": ["amount", "id"], "absent": ["value"]}),
        # What is not there is no other thing with nearly the same words, and no talk is drawn.
        (ROW, "paint Ward C green", {"refused": True}),
        (FLOW, "Doctor is nice, so is Discharge", {"refused": True}),
        (ROW, "what colour is Kitchen?", {"refused": True}),
        (ROW, "don't make Kitchen red", {"refused": True}),
    ],
)  # fmt: skip
def test_a_change_is_understood_however_it_is_put(on, say, expect):
    assert failures({"on": on, "say": say, "expect": expect}) == []
