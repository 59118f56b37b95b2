"""What a drawing means, before anything has a position: one set of types for models, sketcher and layout.

The JSON schema that a model is given and the validation of its answer both come from `Plan`.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MAX_NODES: Final = 300
MAX_EDGES: Final = 600

LayoutKind = Literal["layered", "column", "row"]
Direction = Literal["down", "right"]
Shape = Literal["rectangle", "diamond", "ellipse"]
Role = Literal["start", "end", "step", "decision", "item", "note"]
EdgeStyle = Literal["solid", "dashed", "dotted"]
Color = Literal[
    "red", "orange", "yellow", "green", "teal", "cyan", "blue", "purple", "pink", "brown", "grey", "black",
    "white",
]  # fmt: skip


def _drawable(text: str) -> str:
    """Text that PostgreSQL and the browser both accept; line ends as the editor writes them."""
    cleaned = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return cleaned.encode("utf-8", "replace").decode().strip()


Text = Annotated[str, AfterValidator(_drawable)]
Label = Annotated[Text, Field(max_length=500)]
Key = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Node(_Part):
    """A box: a step, a decision, an item of a list."""

    key: Key = Field(description="Short and unique in this plan; edges refer to it.")
    label: Label = Field(description="The words in the box, taken from the request.")
    shape: Shape = "rectangle"
    role: Role = Field(default="step", description="Decides the colour.")
    color: Color | None = Field(default=None, description="Only when a colour was asked for.")
    group: Key | None = None


class Edge(_Part):
    """An arrow from one node to another, or back to the same."""

    source: Key = Field(alias="from")
    target: Key = Field(alias="to")
    label: Label = ""
    style: EdgeStyle = "solid"


class Group(_Part):
    """Nodes that belong together under one name."""

    key: Key
    label: Label


class Plan(_Part):
    """A whole drawing. Keys are unique, and edges and groups refer only to what is in the plan."""

    title: Label = ""
    layout: LayoutKind = "layered"
    direction: Direction | None = Field(default=None, description="None lets the layout choose.")
    nodes: Annotated[tuple[Node, ...], Field(min_length=1, max_length=MAX_NODES)]
    edges: Annotated[tuple[Edge, ...], Field(max_length=MAX_EDGES)] = ()
    groups: Annotated[tuple[Group, ...], Field(max_length=50)] = ()
    remark: Label = Field(default="", description="What was asked for and could not be done, for the person.")

    @model_validator(mode="after")
    def _refers_only_to_itself(self) -> Self:
        keys = {node.key for node in self.nodes}
        if len(keys) != len(self.nodes):
            raise ValueError(f"{len(self.nodes) - len(keys)} of the nodes repeat the key of another")
        for edge in self.edges:
            for end in (edge.source, edge.target):
                if end not in keys:
                    raise ValueError(f"an edge refers to the unknown node {end!r}")
        groups = {group.key for group in self.groups}
        for node in self.nodes:
            if node.group is not None and node.group not in groups:
                raise ValueError(f"node {node.key!r} is in the unknown group {node.group!r}")
        return self
