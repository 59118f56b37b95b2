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
    (
        "boxes joined by arrows, one after another: Guest checks in, Key handed over, Bag goes up, Two rings",
        "Guest checks in > Key handed over; Key handed over > Bag goes up; Bag goes up > Two rings",
    ),
    (
        "When School ends the class divides into Bus riders and Walkers, and both end at Home. Draw it as a flow",
        "School ends > Bus riders; School ends > Walkers; Bus riders > Home; Walkers > Home",
    ),
    (
        "Parcel flow: it lands in the Depot, then comes the Scan. If it's damaged it goes to Repair, "
        "if it's fine it goes to Van.",
        "Depot > Scan; Scan > Repair | damaged; Scan > Van | fine",
    ),
    (
        'Question "Gate closed?": no leads to Board, yes leads to Wait. Wait leads to Board.',
        "Gate closed? > Board | no; Gate closed? > Wait | yes; Wait > Board",
    ),
    (
        'Sun, Soil and Water as branches of "Growing tomatoes", please as a mind map',
        "Growing tomatoes > Sun; Growing tomatoes > Soil; Growing tomatoes > Water",
    ),
    (
        "Boxes for Shop, Till and Bank. Shop calls Till and Till queries Bank.",
        "Shop > Till; Till > Bank",
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
