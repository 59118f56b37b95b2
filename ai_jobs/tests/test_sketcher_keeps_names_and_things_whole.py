# ruff: noqa: E501  # a case stays on one line
"""Names on the canvas win over the words of a sentence, and what is drawn as one thing stays one."""

import pytest

from ai_jobs.planning.errors import NotUnderstood
from ai_jobs.providers.sketcher.provider import sketch
from ai_jobs.tests.corpus_report import carried_out, drawn, failures
from ai_jobs.tests.test_edit_objects import change, of
from canvases.elements.board import custom

PAGE = 'wireframe of a login page: logo, email field, password field, "Log in" button'
WAY = "Log in -> Check out -> Pay for it"
TABLES = (
    "tables: customers (id, name, city), orders (id, date, customer_id), items (id, order_id, price). "
    "one customer has many orders, an order has many items"
)
MUSIC = "mind map Music: rhythm (beat, tempo), melody (notes, scale), harmony"
STAFF = "org chart: Maria leads Tom, Ann, Bob, Eve and Ida"
YEARS = "timeline: 2019 founded, 2020 seed round, 2021 50 people, 2022 series A"


@pytest.mark.parametrize(
    ("on", "say", "expect"),
    [
        (PAGE, "make the Log in button blue", {"colors": {"Log in": "blue"}}),
        (PAGE, 'add a "Sign up" button below the Log in button', {"labels": ["Sign up", "Log in"]}),
        (WAY, "connect Log in to Pay for it", {"arrows": [["Log in", "Pay for it"]], "arrow_count": 3}),
        (WAY, "add Log in help after Log in", {"arrows": [["Log in", "Log in help"], ["Log in help", "Check out"]]}),
        ("Cart -> items sold -> Pay", "rename items to order lines", {"labels": ["Cart", "order lines", "Pay"]}),
        (TABLES, "rename items to order lines", {"labels": ["customers", "orders", "order lines"], "absent": ["items"]}),
        (STAFF, "add Nina under Tom", {"arrows": [["Tom", "Nina"]], "arrow_count": 6}),
        (MUSIC, "delete rhythm but keep beat", {"labels": ["beat", "melody"], "absent": ["rhythm"]}),
        ("Tea -> Milk, Tea -> Cup, Milk -> Cow", "delete Milk", {"labels": ["Cow", "Cup"], "absent": ["Milk"]}),
    ],
)  # fmt: skip
def test_a_name_on_the_canvas_is_known_whatever_words_it_holds(on, say, expect):
    assert failures({"on": on, "say": say, "expect": expect}) == []


def test_tables_with_fields_in_brackets_are_entities():
    plan = sketch(TABLES)
    assert {node.label: node.fields for node in plan.nodes} == {
        "customers": ("id", "name", "city"),
        "orders": ("id", "date", "customer_id"),
        "items": ("id", "order_id", "price"),
    }
    assert len(plan.edges) == 2


def test_a_picture_of_a_page_moves_with_its_cross():
    before = drawn(PAGE)
    after = {e["id"]: e for e in carried_out("put the logo left of the email field", before)}
    logo, _ = of(before, "logo")
    shift = after[logo["id"]]["x"] - logo["x"]
    strokes = [e for e in before if str(custom(e).get("key")).startswith("corner")]
    assert shift != 0
    assert [after[e["id"]]["x"] - e["x"] for e in strokes] == [shift] * 4


def test_a_button_more_stands_on_the_page():
    after = carried_out('add a "Sign up" button below the Log in button', drawn(PAGE))
    (new, _), (old, _) = of(after, "Sign up"), of(after, "Log in")
    page = next(e for e in after if custom(e).get("key") == "page")
    assert old["x"] == new["x"]
    assert old["y"] + old["height"] < new["y"]
    assert new["y"] + new["height"] < page["y"] + page["height"]


def test_a_report_stands_below_who_leads_her_however_wide_the_chart():
    after = carried_out("add Nina under Tom", drawn(STAFF))
    (tom, _), (nina, _) = of(after, "Tom"), of(after, "Nina")
    assert nina["y"] > tom["y"] + tom["height"]
    assert nina["x"] == tom["x"]


async def test_a_topic_of_a_mind_map_goes_with_what_hangs_on_it_and_that_is_said():
    drawing = await change("delete rhythm", drawn(MUSIC))
    assert "What hung on “rhythm” went with it: “beat”, “tempo”." in drawing.message
    left = carried_out("delete rhythm", drawn(MUSIC))
    labels = {e["originalText"] for e in left if e["type"] == "text"}
    assert labels == {"Music", "melody", "notes", "scale", "harmony"}


async def test_where_a_box_was_added_is_said_in_whole_words():
    drawing = await change("add Nina left of Tom", drawn("Tom -> Ann"))
    assert "Added “Nina” left of “Tom”" in drawing.message


def test_an_event_more_on_a_timeline_is_refused_with_what_to_do_instead():
    with pytest.raises(NotUnderstood, match="Ask for the timeline anew"):
        sketch('add "moved to Berlin" between seed round and 50 people', objects=drawn(YEARS))


@pytest.mark.parametrize(
    ("told", "advice"),
    [
        ("SWOT for a coffee shop. we have loyal regulars and great beans, but the rent is high.", "Name the fields"),
        ("swot analysis for a tea shop. regulars love us. rent is high. new office opens.", "Name the fields"),
        ("swimlanes for a refund: the customer asks for a refund, support checks it and finance pays it back", "Name the lanes"),
    ],
)  # fmt: skip
def test_facts_that_find_no_field_are_not_dropped(told, advice):
    with pytest.raises(NotUnderstood, match=advice):
        sketch(told)


def test_fields_may_be_empty_when_nothing_was_told_of_them():
    assert len(sketch("SWOT: strengths, weaknesses, opportunities, threats").groups) == 4
    assert len(sketch("swimlanes: Sales, Back office, Finance").groups) == 3
