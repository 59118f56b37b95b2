"""Typed changes of what is on a canvas. They name objects by id and say what is meant, not where it ends up.

Labels and arrows need no edit of their own: they follow the box that they belong to.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from ai_jobs.planning.parts import Color, EdgeStyle, Label, Part, Shape

MAX_EDITS: Final = 200

Ref = Annotated[str, Field(min_length=1, max_length=64, description="The id of an object on the canvas.")]
Refs = Annotated[tuple[Ref, ...], Field(min_length=1, max_length=2_000)]
Side = Literal["left", "right", "above", "below", "inside"]


class Recolor(Part):
    """The objects have this colour: boxes are filled, lines and texts drawn in it."""

    do: Literal["recolor"] = "recolor"
    targets: Refs
    color: Color
    part: Literal["all", "fill", "stroke", "text"] = "all"


class Relabel(Part):
    """The object carries these words."""

    do: Literal["relabel"] = "relabel"
    target: Ref
    label: Label


class Delete(Part):
    """The objects are gone, boxes with their labels and arrows."""

    do: Literal["delete"] = "delete"
    targets: Refs


class Move(Part):
    """The objects are shifted together."""

    do: Literal["move"] = "move"
    targets: Refs
    dx: Annotated[float, Field(ge=-100_000, le=100_000)] = 0
    dy: Annotated[float, Field(ge=-100_000, le=100_000)] = 0


class Place(Part):
    """The objects stand beside another one, in the nearest free place on that side.

    Inside a panel (a column, a quadrant, a frame) they stand below what lies there.
    """

    do: Literal["place"] = "place"
    targets: Refs
    side: Side
    anchor: Ref


class Resize(Part):
    """The objects are this many times as large; with `same_as`, as large as that one."""

    do: Literal["resize"] = "resize"
    targets: Refs
    factor_x: Annotated[float, Field(gt=0.02, le=50)] = 1
    factor_y: Annotated[float, Field(gt=0.02, le=50)] = 1
    same_as: Ref | None = None


class Align(Part):
    """The objects share an edge or a middle line."""

    do: Literal["align"] = "align"
    targets: Refs
    to: Literal["left", "center", "right", "top", "middle", "bottom"]


class Distribute(Part):
    """The gaps between the objects are equal."""

    do: Literal["distribute"] = "distribute"
    targets: Refs
    axis: Literal["horizontal", "vertical"]


class Arrange(Part):
    """The objects stand row by row in a grid of so many columns, in the order in which they are named here."""

    do: Literal["arrange"] = "arrange"
    targets: Refs
    columns: Annotated[int, Field(ge=1, le=2_000)] = Field(
        description="1 is a column; as many as objects, a row."
    )
    gap: Annotated[float, Field(ge=5, le=1_000)] = 60


class Connect(Part):
    """An arrow runs from one object to the other."""

    do: Literal["connect"] = "connect"
    key: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="Later edits may name the new arrow by it as if it were an id."
    )
    source: Ref
    target: Ref
    label: Label = ""
    style: EdgeStyle = "solid"


class Insert(Part):
    """A new box stands after `after`, before `before`, or between the two.

    Connected, an arrow that joined the two now leads through the new box. Beside a panel it is one more panel.
    """

    do: Literal["insert"] = "insert"
    key: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="Later edits may name the new box by it as if it were an id."
    )
    label: Label
    after: Ref | None = None
    before: Ref | None = None
    connected: bool = True
    side: Side | None = Field(default=None, description="Of the one object named; None: where the flow goes.")
    shape: Shape | None = Field(default=None, description="None: like its neighbour.")
    color: Color | None = None


class Duplicate(Part):
    """The objects stand there `copies` times more, beside the originals."""

    do: Literal["duplicate"] = "duplicate"
    key: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="Later edits may name the first copy by it as if it were an id."
    )
    targets: Refs
    copies: Annotated[int, Field(ge=1, le=20)] = 1


class Swap(Part):
    """Two objects have exchanged their places, colours or labels."""

    do: Literal["swap"] = "swap"
    first: Ref
    second: Ref
    what: Literal["place", "color", "label"] = "place"


class Restyle(Part):
    """The objects are drawn another way; what is None stays."""

    do: Literal["restyle"] = "restyle"
    targets: Refs
    stroke_style: EdgeStyle | None = None
    stroke_width: Annotated[float, Field(ge=0.5, le=20)] | None = None
    fill_style: Literal["solid", "hachure", "cross-hatch"] | None = None
    shape: Literal["rectangle", "diamond", "ellipse"] | None = None
    opacity: Annotated[int, Field(ge=10, le=100)] | None = None
    roughness: Literal[0, 1, 2] | None = None
    rounded: bool | None = None
    font_factor: Annotated[float, Field(ge=0.2, le=5)] | None = None


Edit = Annotated[
    Recolor | Relabel | Delete | Move | Place | Resize | Align | Distribute | Arrange | Connect | Insert | Duplicate
    | Swap | Restyle,
    Field(discriminator="do"),
]  # fmt: skip
