"""Mermaid out of a drawing, and the same drawing out of that Mermaid."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_jobs.handlers import create_canvas
from ai_jobs.planning.drawing import arrange, draw
from ai_jobs.planning.plan import Plan
from ai_jobs.providers.sketcher.families.mermaid import parse
from ai_jobs.tests.corpus_report import drawn
from ai_jobs.tests.test_handlers import Log, request_for
from canvases.elements.quality import box_of, find_problems
from canvases.graph import graph_of
from canvases.written import markdown_of, mermaid_of

SHOP = """flowchart TD
  A[Browser] --> B{Signed in?}
  subgraph shop [The "shop" & more]
    B -->|yes| C[Cart]
    C --> D[Pay]
    D -.-> C
  end
  subgraph back["Back #35; office"]
    E([Orders]) --> F[Pack]
    F --> G((Ship))
  end
  B -->|no| H[Login]
  H --> B
  D --> E
  G -- told by mail --> A
"""


def said(elements):
    """The graph without ids, places and order."""
    graph = graph_of(elements)
    labels = {node.id: node.label for node in graph.nodes}
    groups = {group.id: group.label for group in graph.groups}
    return (
        sorted((node.label, node.shape, groups.get(node.group or "", "")) for node in graph.nodes),
        sorted(
            (labels[edge.source], labels[edge.target], edge.label, edge.style, edge.has_head)
            for edge in graph.edges
        ),
        sorted(groups.values()),
    )


def test_subgraphs_become_frames_around_their_own_boxes_and_no_others():
    elements = drawn(SHOP)
    nodes, _, groups = said(elements)
    assert groups == ["Back # office", 'The "shop" & more']
    assert {label: group for label, _, group in nodes} == {
        "Browser": "",
        "Signed in?": "",
        "Login": "",
        "Cart": 'The "shop" & more',
        "Pay": 'The "shop" & more',
        "Orders": "Back # office",
        "Pack": "Back # office",
        "Ship": "Back # office",
    }
    frames = [box_of(e) for e in elements if e["customData"].get("ground")]
    for element in elements:
        if element["type"] in {"rectangle", "diamond", "ellipse"} and not element["customData"].get("ground"):
            inside = [frame.overlaps(box_of(element)) for frame in frames]
            assert inside == [frame.holds(box_of(element)) for frame in frames]
    assert find_problems(elements) == []


@pytest.mark.parametrize(
    "instructions",
    [
        SHOP,
        "Start -> Valid?; Valid? -yes-> Save; Valid? -no-> Fix; Fix -> Valid?",
        "graph LR; A[One] --> B([Two]) & C{{Three}}; B -. maybe .-> D((Four)); C --> D",
    ],
)
def test_a_flowchart_that_went_out_comes_in_again(instructions):
    before = drawn(instructions)
    written = mermaid_of("Some title", before).decode()
    assert said(drawn(written)) == said(before)


labels = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"), exclude_characters="\u00ad"),
    min_size=1,
    max_size=24,
).map(lambda text: " ".join(text.split())).filter(bool)  # fmt: skip


@st.composite
def plans(draw_from):
    names = draw_from(st.lists(labels, min_size=2, max_size=7, unique=True))
    groups = draw_from(st.lists(labels, max_size=2, unique=True))
    shapes = st.sampled_from(["rectangle", "diamond", "ellipse"])
    nodes = [
        {
            "key": f"n{number}",
            "label": label,
            "shape": draw_from(shapes),
            "group": draw_from(st.sampled_from([None, *(f"g{n}" for n in range(len(groups)))])),
        }
        for number, label in enumerate(names)
    ]
    ends = st.integers(0, len(nodes) - 1)
    pairs = draw_from(st.lists(st.tuples(ends, ends), max_size=8, unique=True))
    edges = [
        {"from": f"n{a}", "to": f"n{b}", "label": draw_from(st.one_of(st.just(""), labels))}
        for a, b in pairs
        if a != b
    ]
    used = {node["group"] for node in nodes}
    return Plan.model_validate(
        {
            "nodes": nodes,
            "edges": edges,
            "groups": [{"key": f"g{n}", "label": label} for n, label in enumerate(groups) if f"g{n}" in used],
        }
    )


@settings(max_examples=60, deadline=None)
@given(plan=plans())
def test_whatever_the_labels_the_same_graph_comes_back(plan):
    job = request_for("-").job_id

    def elements_of(some):
        placed = arrange(some, style="modern", color_scheme="default")
        return draw(placed, job_id=job, canvas=(), near=(), updated_ms=1)

    before = elements_of(plan)
    again = parse(mermaid_of("", before).decode())
    assert again is not None
    assert said(elements_of(again)) == said(before)
    assert find_problems(before) == []


async def test_markdown_tells_groups_connections_and_notes_and_nothing_is_markup():
    drawing = await create_canvas.handle(request_for(SHOP), Log())
    written = markdown_of("My *shop*", drawing.elements).decode()
    assert written.startswith("# My \\*shop\\*\n")
    assert '## The "shop" & more\n\n- Cart\n- Pay\n' in written
    assert "## Others\n\n- Browser\n" in written
    assert "- Signed in? → Cart: yes\n" in written


def test_an_empty_canvas_is_an_empty_flowchart_and_a_heading():
    assert mermaid_of("", ()) == b"flowchart TD\n"
    assert markdown_of("Plan", ()) == b"# Plan\n"
