import pytest
from pydantic import ValidationError

from ai_jobs.planning.parts import MAX_NODES
from ai_jobs.planning.plan import Plan

TWO = [{"key": "a", "label": "A"}, {"key": "b", "label": "B"}]


def test_a_plan_reads_from_and_to():
    plan = Plan.model_validate({"nodes": TWO, "edges": [{"from": "a", "to": "b", "label": "yes"}]})
    assert (plan.edges[0].source, plan.edges[0].target, plan.edges[0].label) == ("a", "b", "yes")


@pytest.mark.parametrize(
    "broken",
    [
        {"nodes": []},
        {"nodes": [{"key": "a", "label": "A"}] * 2},
        {"nodes": TWO, "edges": [{"from": "a", "to": "z"}]},
        {"nodes": [{"key": "a", "label": "A", "group": "g"}]},
        {"nodes": [{"key": "a b", "label": "A"}]},
        {"nodes": [{"key": "a", "label": "x" * 501}]},
        {"nodes": [{"key": "a", "label": "A", "shape": "star9"}]},
        {"nodes": [{"key": "a", "label": "A", "script": "x"}]},
        {"nodes": [{"key": f"n{i}", "label": "x"} for i in range(MAX_NODES + 1)]},
        {"nodes": TWO, "layout": "spiral"},
    ],
)
def test_a_plan_out_of_bounds_is_refused(broken):
    with pytest.raises(ValidationError):
        Plan.model_validate(broken)


def test_labels_lose_what_no_database_stores():
    plan = Plan.model_validate({"title": "a\0b\ud800", "nodes": TWO})
    assert plan.title == "ab?"


def test_the_schema_for_models_names_every_bound():
    schema = Plan.model_json_schema(by_alias=True)
    assert schema["properties"]["nodes"]["maxItems"] == MAX_NODES
    assert set(schema["$defs"]["Edge"]["required"]) == {"from", "to"}
