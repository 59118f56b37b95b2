"""A drawing as text: Mermaid's flowchart, and Markdown that reads without the picture."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from canvases.graph import Graph, GraphEdge, GraphNode, graph_of

_BRACKETS: Final = {
    "diamond": ("{", "}"),
    "ellipse": ("([", "])"),
    "circle": ("((", "))"),
    "hexagon": ("{{", "}}"),
}
_SHAFTS: Final = {"solid": ("-->", "---"), "dotted": ("-.->", "-.-"), "dashed": ("-.->", "-.-")}
# What would end a quoted text, start markup or be read as an entity; Mermaid writes characters by number.
_CODES: Final = str.maketrans(
    {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;", "|": "#124;"}
)
_MARKUP: Final = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>#|~"})


def mermaid_of(title: str, elements: Sequence[Mapping[str, Any]]) -> bytes:
    """A flowchart with the drawing's boxes, arrows and groups; other things have no place in one."""
    graph = graph_of(elements)
    names = {node.id: f"n{number}" for number, node in enumerate(graph.nodes, 1)}
    lines = [f"flowchart {_direction(graph)}"]
    for number, group in enumerate(graph.groups, 1):
        members = [node for node in graph.nodes if node.group == group.id]
        if members:
            lines.append(f"    subgraph g{number}[{_quoted(group.label)}]")
            lines += [f"        {_node(names[node.id], node)}" for node in members]
            lines.append("    end")
    lines += [f"    {_node(names[node.id], node)}" for node in graph.nodes if node.group is None]
    lines += [f"    {_edge(names, edge)}" for edge in graph.edges]
    # In the head, texts follow YAML, of which JSON's are a part.
    head = f"---\ntitle: {_yaml(title)}\n---\n" if title.strip() else ""
    return f"{head}{chr(10).join(lines)}\n".encode()


def _direction(graph: Graph) -> str:
    """The way that most arrows go."""
    boxes = {node.id: node.box for node in graph.nodes}
    right = down = 0.0
    for edge in graph.edges:
        start, end = boxes[edge.source].center, boxes[edge.target].center
        right, down = right + abs(end.x - start.x), down + abs(end.y - start.y)
    return "LR" if right > down else "TD"


def _node(name: str, node: GraphNode) -> str:
    opening, closing = _BRACKETS.get(node.shape, ("[", "]"))
    return f"{name}{opening}{_quoted(node.label)}{closing}"


def _edge(names: Mapping[str, str], edge: GraphEdge) -> str:
    pointed, plain = _SHAFTS.get(edge.style, _SHAFTS["solid"])
    shaft = pointed if edge.has_head else plain
    shaft = f"<{shaft}" if edge.is_two_way else shaft
    label = f"|{_quoted(edge.label)}|" if edge.label else ""
    return f"{names[edge.source]} {shaft}{label} {names[edge.target]}"


def _quoted(words: str) -> str:
    lines = [" ".join(line.split()) for line in words.translate(_CODES).splitlines()]
    return f'"{"<br>".join(line for line in lines if line) or " "}"'


def _yaml(words: str) -> str:
    line = _one_line(words)
    return (
        line
        if all(char.isalnum() or char in " -_.," for char in line) and line[0].isalpha()
        else json.dumps(line)
    )


def _one_line(words: str) -> str:
    return " ".join(words.split())


def markdown_of(title: str, elements: Sequence[Mapping[str, Any]]) -> bytes:
    """A heading, what stands in each group, what is connected with what, and the other texts."""
    graph = graph_of(elements)
    blocks = [f"# {_plain(title) or 'Untitled'}"]
    for group in graph.groups:
        members = [node for node in graph.nodes if node.group == group.id]
        if members or group.label:
            blocks.append(f"## {_plain(group.label) or 'Group'}")
            blocks.append(_items(_plain(node.label) for node in members if node.label))
    loose = [node for node in graph.nodes if node.group is None and node.label]
    if loose:
        if graph.groups:
            blocks.append("## Others")
        blocks.append(_items(_plain(node.label) for node in loose))
    if graph.edges:
        words = {node.id: _plain(node.label) or f"({node.shape})" for node in graph.nodes}
        blocks.append("## Connections")
        blocks.append(_items(_connection(words, edge) for edge in graph.edges))
    texts = [text for text in graph.texts if " ".join(text.split()) != " ".join(title.split())]
    if texts:
        blocks.append("## Notes")
        blocks.append(_items(_plain(text) for text in texts))
    return ("\n\n".join(block for block in blocks if block) + "\n").encode()


def _connection(words: Mapping[str, str], edge: GraphEdge) -> str:
    sign = "↔" if edge.is_two_way else "→" if edge.has_head else "–"
    label = f": {_plain(edge.label)}" if edge.label else ""
    return f"{words[edge.source]} {sign} {words[edge.target]}{label}"


def _items(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _plain(words: str) -> str:
    return _one_line(words).translate(_MARKUP)
