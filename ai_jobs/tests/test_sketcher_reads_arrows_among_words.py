import pytest

from ai_jobs.providers.sketcher.provider import sketch

# One instruction for each way in which people mix arrows, answers and sentences, and the arrows that it means.
TOLD = (
    (
        "Cast -> Rehearsal -> Premiere, plus an arrow from Rehearsal back to Cast labelled recast",
        "Cast > Rehearsal; Rehearsal > Premiere; Rehearsal > Cast | recast",
    ),
    (
        "Two flows. First one: Milk -> Curd -> Cheese. Second one: Grape -> Must -> Wine",
        "Milk > Curd; Curd > Cheese; Grape > Must; Must > Wine",
    ),
    (
        "After Enrolment three things run in parallel: Timetable, Locker and Library card. All lead to First day.",
        "Enrolment > Timetable; Enrolment > Locker; Enrolment > Library card; "
        "Timetable > First day; Locker > First day; Library card > First day",
    ),
    (
        "Depot goes to truck-1, truck-2 and truck-3, and all three go to Harbour",
        "Depot > truck-1; Depot > truck-2; Depot > truck-3; "
        "truck-1 > Harbour; truck-2 > Harbour; truck-3 > Harbour",
    ),
    (
        "Boss fight won? -> (yes) Next level, (no) Try again -> Boss fight won?",
        "Boss fight won? > Next level | yes; Boss fight won? > Try again | no; Try again > Boss fight won?",
    ),
    (
        "Open -> Closed (push), Closed -> Open (pull)",
        "Open > Closed | push; Closed > Open | pull",
    ),
    (
        "a diamond Temperature with two exits: low goes to Heater, high goes to Fan",
        "Temperature > Heater | low; Temperature > Fan | high",
    ),
    (
        "claim flow: Claim filed, then Visit; Visit -> Report; Report -> Payout or Denial",
        "Claim filed > Visit; Visit > Report; Report > Payout; Report > Denial",
    ),
    (
        "hierarchy: Site manager over Inbound lead and Outbound lead, Inbound lead over Unloaders",
        "Site manager > Inbound lead; Site manager > Outbound lead; Inbound lead > Unloaders",
    ),
    (
        "sequence diagram: Client calls Gateway (create invoice). Gateway returns to Client (receipt).",
        "Client > Gateway | create invoice; Gateway > Client | receipt",
    ),
)


@pytest.mark.parametrize(("instruction", "meant"), TOLD)
def test_arrows_and_sentences_make_one_drawing(instruction, meant):
    plan = sketch(instruction)
    names = {node.key: node.label for node in plan.nodes}
    drawn = [
        f"{names[edge.source]} > {names[edge.target]}" + (f" | {edge.label}" if edge.label else "")
        for edge in plan.edges
    ]
    assert sorted(drawn) == sorted(meant.split("; "))
