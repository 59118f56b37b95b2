import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canvases.layout.box_index import BoxIndex
from canvases.layout.column import column, row
from canvases.layout.free_space import find_free_place
from canvases.layout.geometry import Box, Link, Size, bounds, label_center, segment_meets
from canvases.layout.layered import layered
from tests.counted_calls import calls_in

sizes = st.builds(Size, st.integers(40, 320).map(float), st.integers(40, 180).map(float))
labels = st.none() | st.builds(Size, st.integers(10, 160).map(float), st.integers(20, 60).map(float))


@st.composite
def graphs(draw):
    nodes = draw(st.lists(sizes, min_size=1, max_size=40))
    ends = st.integers(0, len(nodes) - 1)
    links = draw(st.lists(st.builds(Link, ends, ends, labels), max_size=50))
    loops = set()
    kept = []
    for link in links:  # a box has room for one arrow to itself
        if link.source == link.target:
            if link.source in loops:
                continue
            loops.add(link.source)
        kept.append(link)
    return nodes, kept, draw(st.sampled_from(["down", "right"]))


def around(center, size):
    return Box(center.x - size.width / 2, center.y - size.height / 2, size.width, size.height)


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_no_graph_makes_boxes_or_labels_overlap_or_arrows_cross_boxes(graph):
    nodes, links, direction = graph
    placed = layered(nodes, links, direction=direction)
    captions = [
        around(label_center(route), link.label)
        for link, route in zip(links, placed.routes, strict=True)
        if link.label
    ]
    solid = [box.grown(-0.5) for box in [*placed.boxes, *captions]]
    for number, box in enumerate(solid):
        assert not any(box.overlaps(other) for other in solid[number + 1 :])
    for link, route in zip(links, placed.routes, strict=True):
        for number, box in enumerate(placed.boxes):
            if number in (link.source, link.target):
                continue
            inside = box.grown(-1)
            assert not any(segment_meets(inside, a, b) for a, b in itertools.pairwise(route))


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_sizes_are_kept_and_arrows_end_on_their_boxes(graph):
    nodes, links, direction = graph
    placed = layered(nodes, links, direction=direction)
    for size, box in zip(nodes, placed.boxes, strict=True):
        assert (box.width, box.height) == (size.width, size.height)
    for link, route in zip(links, placed.routes, strict=True):
        for point, box in ((route[0], placed.boxes[link.source]), (route[-1], placed.boxes[link.target])):
            around_box = box.grown(0.2)
            assert around_box.x <= point.x <= around_box.right
            assert around_box.y <= point.y <= around_box.bottom


def test_a_chain_runs_straight_down_in_the_order_given():
    placed = layered([Size(100, 50)] * 4, [Link(i, i + 1) for i in range(3)])
    assert len({box.x for box in placed.boxes}) == 1
    assert [box.y for box in placed.boxes] == sorted(box.y for box in placed.boxes)
    assert all(len(route) == 2 for route in placed.routes)


def test_right_means_from_left_to_right():
    placed = layered([Size(100, 50)] * 3, [Link(0, 1), Link(1, 2)], direction="right")
    assert [box.x for box in placed.boxes] == sorted(box.x for box in placed.boxes)
    assert len({box.y for box in placed.boxes}) == 1


def test_the_first_mentioned_stays_on_top_of_a_cycle():
    placed = layered([Size(100, 50)] * 3, [Link(0, 1), Link(1, 2), Link(2, 0)])
    assert placed.boxes[0].y < placed.boxes[1].y < placed.boxes[2].y


def test_the_first_branch_goes_left():
    placed = layered([Size(100, 50)] * 3, [Link(0, 1, Size(30, 20)), Link(0, 2, Size(30, 20))])
    assert placed.boxes[1].x < placed.boxes[2].x


def test_the_same_graph_is_always_laid_out_alike():
    links = [Link(0, 1), Link(0, 2), Link(1, 3), Link(2, 3), Link(3, 0)]
    assert layered([Size(100, 50)] * 4, links) == layered([Size(100, 50)] * 4, links)


@pytest.mark.parametrize(("arrows", "most"), [(299, 90_000), (400, 230_000), (600, 850_000)])
def test_three_hundred_boxes_lie_apart_and_take_no_more_steps_than_they_need(arrows, most):
    ends = random.Random(1)
    links = [Link(ends.randrange(number), number) for number in range(1, 300)]
    pairs = (ends.sample(range(300), 2) for _ in range(arrows - len(links)))
    links += [Link(source, target) for source, target in pairs]
    placed, made = calls_in(lambda: layered([Size(100, 50)] * 300, links))
    assert made <= most
    assert not any(one.overlaps(other) for one, other in itertools.combinations(placed.boxes, 2))
    insides = [box.grown(-1) for box in placed.boxes]
    index = BoxIndex(insides)
    for link, way in zip(links, placed.routes, strict=True):
        for a, b in itertools.pairwise(way):
            near = index.overlapping(bounds([Box(a.x, a.y, 0, 0), Box(b.x, b.y, 0, 0)]))
            assert {n for n in near if segment_meets(insides[n], a, b)} <= {link.source, link.target}


@given(st.lists(sizes, min_size=1, max_size=60))
def test_columns_and_rows_keep_their_boxes_apart(items):
    for placed in (column(items), row(items)):
        for number, box in enumerate(placed.boxes):
            assert not any(box.overlaps(other) for other in placed.boxes[number + 1 :])


boxes = st.builds(
    Box,
    st.integers(-2000, 2000).map(float),
    st.integers(-2000, 2000).map(float),
    st.integers(1, 600).map(float),
    st.integers(1, 600).map(float),
)


@given(st.lists(boxes, max_size=30), boxes)
def test_an_index_finds_the_boxes_that_a_look_at_each_finds(items, area):
    found = BoxIndex(items).overlapping(area)
    assert found == [number for number, box in enumerate(items) if box.overlaps(area)]


@given(st.lists(boxes, max_size=12), st.lists(boxes, max_size=2), sizes)
def test_free_space_is_free(taken, near, size):
    place = find_free_place(size, taken=[*taken, *near], near=near)
    wanted = Box(place.x, place.y, size.width, size.height)
    assert not any(wanted.overlaps(box) for box in [*taken, *near])


def test_one_drawing_after_another_fills_a_screen_and_not_a_strip():
    taken: list[Box] = []
    for _ in range(12):
        place = find_free_place(Size(600, 300), taken=taken)
        taken.append(Box(place.x, place.y, 600, 300))
    around = bounds(taken)
    assert 1 <= around.width / around.height <= 3


def test_bounds_of_nothing_are_empty():
    assert bounds([]) == Box(0, 0, 0, 0)
