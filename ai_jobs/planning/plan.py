"""What a drawing means, before anything has a position: one set of types for models, sketcher and layout.

The JSON schema that a model is given and the validation of its answer both come from `Plan`.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from ai_jobs.planning.edits import MAX_EDITS, Edit
from ai_jobs.planning.parts import (
    MAX_EDGES,
    MAX_NODES,
    Cardinality,
    Color,
    Direction,
    EdgeStyle,
    Key,
    Label,
    LayoutKind,
    Part,
    Role,
    Shape,
    Size,
    Widget,
)


class Geometry(Part):
    """Where something was asked to be, and how large. Scene units; y grows downward."""

    x: Annotated[float, Field(ge=-100_000, le=100_000)]
    y: Annotated[float, Field(ge=-100_000, le=100_000)]
    width: Annotated[float, Field(ge=8, le=5_000)] = 160
    height: Annotated[float, Field(ge=8, le=5_000)] = 80


class Node(Part):
    """A box: a step, a decision, an item of a list, a card, an entity, a part of a page."""

    key: Key = Field(description="Short and unique in this plan; edges refer to it.")
    label: Label = Field(description="The words in the box, taken from the request.")
    shape: Shape = "rectangle"
    role: Role = Field(default="step", description="Decides the colour.")
    color: Color | None = Field(default=None, description="Only when a colour was asked for.")
    size: Size = "medium"
    group: Key | None = Field(
        default=None,
        description="Its column, quadrant or set; in a flowchart, the frame around it; in a wireframe, its row.",
    )
    also_in: Annotated[tuple[Key, ...], Field(max_length=3)] = Field(
        default=(), description="Venn only: the other sets that it belongs to."
    )
    parent: Key | None = Field(default=None, description="Wireframe only: the section that it stands in.")
    note: Label = Field(default="", description="Timeline only: the date.")
    fields: Annotated[tuple[Label, ...], Field(max_length=60)] = Field(
        default=(), description="Entities only: their attributes."
    )
    widget: Widget | None = Field(default=None, description="Wireframe only: which part of a page.")
    geometry: Geometry | None = Field(default=None, description="Freeform only.")


class Edge(Part):
    """An arrow from one node to another, or back to the same; in a sequence, a message."""

    source: Key = Field(alias="from")
    target: Key = Field(alias="to")
    label: Label = ""
    style: EdgeStyle = "solid"
    cardinality: Cardinality = Field(default="", description="Entities only.")


class Group(Part):
    """Nodes that belong together under one name: a column, a quadrant, a set."""

    key: Key
    label: Label
    color: Color | None = None


class Plan(Part):
    """What is to be drawn, or changed, or both. Keys are unique; edges and groups refer only to the plan."""

    title: Label = ""
    layout: LayoutKind = "layered"
    direction: Direction | None = Field(default=None, description="None lets the layout choose.")
    columns: Annotated[int, Field(ge=1, le=40)] | None = Field(
        default=None, description="Grid and table: how many side by side."
    )
    nodes: Annotated[tuple[Node, ...], Field(max_length=MAX_NODES)] = ()
    edges: Annotated[tuple[Edge, ...], Field(max_length=MAX_EDGES)] = ()
    groups: Annotated[tuple[Group, ...], Field(max_length=50)] = ()
    edits: Annotated[tuple[Edit, ...], Field(max_length=MAX_EDITS)] = Field(
        default=(), description="Changes of what is on the canvas, carried out in this order."
    )
    remark: Label = Field(default="", description="What was asked for and could not be done, for the person.")

    @model_validator(mode="after")
    def _refers_only_to_itself(self) -> Self:
        if not (self.nodes or self.groups or self.edits):
            raise ValueError("a plan needs nodes or edits")
        keys = {node.key for node in self.nodes}
        if len(keys) != len(self.nodes):
            raise ValueError(f"{len(self.nodes) - len(keys)} of the nodes repeat the key of another")
        for edge in self.edges:
            for end in (edge.source, edge.target):
                if end not in keys:
                    raise ValueError(f"an edge refers to the unknown node {end!r}")
        groups = {group.key for group in self.groups}
        for node in self.nodes:
            for name in (node.group, *node.also_in):
                if name is not None and name not in groups:
                    raise ValueError(f"node {node.key!r} is in the unknown group {name!r}")
            if node.parent is not None and node.parent not in keys:
                raise ValueError(f"node {node.key!r} stands in the unknown node {node.parent!r}")
        return self
