"""Boards, entities, pages, shapes, timelines and quadrants, told in the ways that people vary them."""

import pytest

from ai_jobs.tests.corpus_report import failures


@pytest.mark.parametrize(
    ("say", "expect"),
    [
        (
            "task board - To pack, Packed, Shipped; order 101 is in To pack, order 99 is Shipped",
            {"inside": {"order 101": "To pack", "order 99": "Shipped"}, "labels": ["Packed"]},
        ),
        (
            "kanban with the lists Open, Running, Done. There are 2 cards in Open (Boiler, Roof) and none in Done yet",
            {"inside": {"Boiler": "Open", "Roof": "Open"}, "labels": ["Done"]},
        ),
        (
            "prioritisation matrix with value on the vertical and cost on the horizontal axis: upper left Now, "
            "upper right Plan, lower left Maybe, lower right Never",
            {
                "labels": ["Value", "Cost"],
                "left_to_right": ["Value", "Now", "Plan"],
                "top_to_bottom": ["Now", "Maybe"],
            },
        ),
        (
            "I need tables authors and books. authors have name and country, books have title, authors write books",
            {"labels": ["authors", "country", "title"], "arrows": [["authors", "books"]], "arrow_count": 1},
        ),
        (
            "Wireframe: header with the title Night Shift, left menu with Rota, Swaps, in the main area a table Wards",
            {"left_to_right": ["Rota", "Wards"], "top_to_bottom": ["Night Shift", "Rota", "Swaps"]},
        ),
        (
            "Wireframe of a shop: menu (Home, Products, Cart), hero image, headline, 3 product cards",
            {"top_to_bottom": ["Home", "hero image", "headline"], "level": ["Home", "Products", "Cart"]},
        ),
        (
            "sign-in form in two columns: left Name, Street; right Phone, City. Button Join underneath",
            {"left_to_right": ["Name", "Phone"], "top_to_bottom": ["Name", "Street", "Join"]},
        ),
        (
            "a blue square on the left, a yellow one on the right and between them a small red triangle",
            {"counts": {"rectangle": 2}, "color_counts": {"blue": 1, "yellow": 1}},
        ),
        (
            "4 boxes in a row North, South, East, West, south red the others green",
            {"colors": {"North": "green", "South": "red", "West": "green"}},
        ),
        (
            "purple box Core, underneath an orange box Edge, with an arrow from Core to Edge",
            {"arrows": [["Core", "Edge"]], "top_to_bottom": ["Core", "Edge"], "colors": {"Core": "purple"}},
        ),
        (
            "Timeline of the season\nMay\n  Sowing\nAugust\n  Harvest",
            {"left_to_right": ["Sowing", "Harvest"], "labels": ["May", "August"]},
        ),
        (
            "venn diagram of Nurses and Clerks, with Rotas shared, Wards on the Nurses side",
            {"sets": {"Rotas": ["Nurses", "Clerks"], "Wards": ["Nurses"]}},
        ),
        (
            "kanban: in Open put Boiler and Roof, in Running put Lift, and leave Closed empty",
            {"inside": {"Roof": "Open", "Lift": "Running"}, "labels": ["Closed"]},
        ),
        (
            "four quadrants called Sun, Rain, Wind and Snow, with Hat in Sun and Boots in Rain",
            {"inside": {"Hat": "Sun", "Boots": "Rain"}, "labels": ["Wind", "Snow"]},
        ),
        (
            "er diagram - Owner: name / Boat: length, berth / an Owner sails many Boats",
            {"labels": ["Owner", "length", "berth"], "arrow_count": 1},
        ),
        (
            "Dashboard with 3 tiles for the harbour office: Arrivals, Berths, Complaints",
            {"labels": ["Arrivals", "Berths", "Complaints"], "arrow_count": 0},
        ),
        (
            "big grey rectangle called Harbour with a small circle named Buoy inside it",
            {"inside": {"Buoy": "Harbour"}},
        ),
        (
            "three circles stacked, red on top, yellow in the middle, green at the bottom",
            {"counts": {"ellipse": 3}, "color_counts": {"red": 1, "yellow": 1, "green": 1}},
        ),
        (
            "boxes Client (blue) and Server (grey), arrow Client -> Server",
            {"colors": {"Client": "blue", "Server": "grey"}, "arrows": [["Client", "Server"]]},
        ),
        (
            "put our move on a horizontal timeline with the milestones Packing, Lorry and Party",
            {"left_to_right": ["Packing", "Lorry", "Party"]},
        ),
    ],
)
def test_it_is_understood(say, expect):
    assert failures({"say": say, "expect": expect}) == []
