"""The small words that plans and edits are made of."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MAX_NODES: Final = 300
MAX_EDGES: Final = 600

LayoutKind = Literal[
    "layered", "tree", "mindmap", "columns", "quadrants", "grid", "row", "column", "timeline", "sequence",
    "entities", "wireframe", "venn", "table", "freeform",
]  # fmt: skip
Direction = Literal["down", "right"]
Shape = Literal[
    "rectangle", "diamond", "ellipse", "square", "circle", "star", "heart", "hexagon", "triangle", "pentagon",
    "octagon",
]  # fmt: skip
Role = Literal["start", "end", "step", "decision", "item", "note"]
Size = Literal["small", "medium", "large"]
Widget = Literal[
    "section", "heading", "text", "field", "area", "choice", "checkbox", "button", "image", "card", "chart",
    "table", "list", "menu", "sidebar", "footer", "search",
]  # fmt: skip
Cardinality = Literal["", "1:1", "1:n", "n:1", "n:m"]
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


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
