"""Mermaid's flowcharts and sequence diagrams, as people paste them."""

import html
import re
from typing import Final

from ai_jobs.planning.parts import Direction, EdgeStyle, Shape
from ai_jobs.planning.plan import Edge, Group, Node, Plan
from ai_jobs.providers.sketcher.families.sequences import read_messages
from ai_jobs.providers.sketcher.heading import Headed

_FENCE: Final = re.compile(r"```(?:mermaid)?\s*\n?(?P<code>.*?)```", re.DOTALL | re.IGNORECASE)
_START: Final = re.compile(
    r"(?:^|(?<=\n)|(?<=:)|(?<=\s))\s*(?P<kind>graph|flowchart)\s+(?P<way>TD|TB|BT|LR|RL)\b\s*;?", re.MULTILINE
)
_SEQUENCE: Final = re.compile(r"(?:^|\n|\s)sequenceDiagram\b")
_TITLE: Final = re.compile(r"^\s*(?:---\s*\n)?title:?\s+(?P<title>.+)$", re.MULTILINE)
_BRACKETS: Final[tuple[tuple[str, str, Shape], ...]] = (
    ("([", "])", "ellipse"), ("[[", "]]", "rectangle"), ("[(", ")]", "ellipse"), ("((", "))", "circle"),
    ("{{", "}}", "hexagon"), ("[/", "/]", "rectangle"), ("[\\", "\\]", "rectangle"), ("[", "]", "rectangle"),
    ("(", ")", "rectangle"), ("{", "}", "diamond"), (">", "]", "rectangle"),
)  # fmt: skip
_ID: Final = re.compile(r"\s*(?P<id>[^\s\[\](){}<>|;&-]+(?:-[^\s\[\](){}<>|;&>-]+)*)")
_LINK: Final = re.compile(
    r"\s*(?:(?P<open>--|==|-\.)\s+(?P<text>[^|\n]+?)\s+(?P<close>-{1,}>|={1,}>|\.-+>|-{3,}|={3,}|\.-)"
    r"|(?P<plain><?(?:-{2,}[>xo]?|={2,}>?|-\.+->?|~{3})))\s*(?:\|(?P<piped>\"[^\"\n]*\"|[^|]*)\|)?"
)
_IGNORED: Final = re.compile(
    r"^(?:%%|style\b|classDef\b|class\b|click\b|linkStyle\b|direction\b|accTitle|accDescr)"
)
# A semicolon inside quotes belongs to a character's code.
_STATEMENT: Final = re.compile(r'(?:"[^"\n]*"|[^;\n])+')
_SUBGRAPH: Final = re.compile(r"subgraph\b\s*(?P<rest>.*)$")


def parse(text: str) -> Plan | None:
    """Only what is Mermaid from its first word on; chat around a code fence is left out."""
    fenced = _FENCE.search(text)
    code = fenced["code"] if fenced else text
    if _SEQUENCE.search(code):
        body = _SEQUENCE.split(code, maxsplit=1)[1]
        body = re.sub(
            r"^\s*(?:Note|activate|deactivate|loop|alt|else|opt|end|autonumber|par|and|rect)\b.*$",
            "",
            body,
            flags=re.M,
        )
        return read_messages(Headed(title=_title(code), subject="", body=body, noun=""))
    start = _START.search(code)
    if start is None:
        return None
    reader = _Reader()
    for statement in _STATEMENT.findall(code[start.end() :]):
        reader.read(statement.strip())
    if not reader.labels:
        return None
    direction: Direction = "right" if start["way"] in {"LR", "RL"} else "down"
    return reader.plan(_title(code), direction)


def _words(written: str) -> str:
    """A label without its quotes and codes."""
    words = written.strip()
    if len(words) > 1 and words[0] == words[-1] == '"':
        words = words[1:-1]
    words = re.sub(r"<br\s*/?>", "\n", words)
    return re.sub(r"#(?:(\d{1,6})|(\w+));", _character, words).strip()


def _character(code: re.Match[str]) -> str:
    if code[1]:
        number = int(code[1])
        return chr(number) if 32 <= number < 0x110000 and not 0xD800 <= number < 0xE000 else ""
    found = html.unescape(f"&{code[2]};")
    return code[0] if found.startswith("&") and len(found) > 1 else found


def _title(code: str) -> str:
    match = _TITLE.search(code)
    return _words(match["title"]) if match else ""


class _Reader:
    def __init__(self) -> None:
        self.labels: dict[str, str] = {}
        self.shapes: dict[str, Shape] = {}
        self.edges: list[tuple[str, str, str, EdgeStyle]] = []
        # Label of each subgraph by its name, and the innermost one in which a node was first written.
        self.subgraphs: dict[str, str] = {}
        self.inside: dict[str, str] = {}
        self._open: list[str] = []

    def read(self, statement: str) -> None:
        if not statement or _IGNORED.match(statement):
            return
        if begun := _SUBGRAPH.match(statement):
            self._begin(begun["rest"].strip())
            return
        if statement == "end":
            self._open = self._open[:-1]
            return
        sources, position = self._nodes(statement, 0)
        while sources and (link := _LINK.match(statement, position)):
            targets, position = self._nodes(statement, link.end())
            label = _words(link["text"] or link["piped"] or "")
            shaft = link["plain"] or f"{link['open']}{link['close']}"
            style: EdgeStyle = "dotted" if "." in shaft else "solid"
            if "~" not in shaft:
                self.edges += [(source, target, label, style) for source in sources for target in targets]
            if shaft.startswith("<"):
                self.edges += [(target, source, "", style) for source in sources for target in targets]
            sources = targets

    def _begin(self, rest: str) -> None:
        """`subgraph name [Label]`, `subgraph name` or `subgraph "Label"`."""
        named = re.fullmatch(r'(?P<name>[^\s\["]+)\s*(?:\[(?P<label>.*)\])?', rest)
        name = named["name"] if named else rest.strip('"')
        words = (named["label"] or named["name"]) if named else name
        self.subgraphs[name] = _words(words)
        self._open.append(name)

    def _nodes(self, text: str, position: int) -> tuple[list[str], int]:
        found: list[str] = []
        while match := _ID.match(text, position):
            name, position = match["id"], match.end()
            if name in self.subgraphs:
                # An arrow to a whole group: there is nothing of one box to bind it to.
                return [], position
            if name not in self.labels and self._open:
                self.inside[name] = self._open[-1]
            self.labels.setdefault(name, name)
            for opening, closing, shape in _BRACKETS:
                begin = position + len(opening)
                if not text.startswith(opening, position):
                    continue
                # In quotes a label may hold brackets.
                quote = '"' if text.startswith('"', begin) else ""
                end = text.find(quote + closing, begin + len(quote))
                if end >= 0:
                    end += len(quote)
                    self.labels[name] = _words(text[begin:end])
                    self.shapes[name] = shape
                    position = end + len(closing)
                    break
            position = (
                re.compile(r":::\w+").match(text, position) or re.compile("").match(text, position)
            ).end()  # type: ignore[union-attr]  # the empty pattern always matches
            found.append(name)
            following = re.compile(r"\s*&").match(text, position)
            if not following:
                break
            position = following.end()
        return found, position

    def plan(self, title: str, direction: Direction) -> Plan:
        keys = {name: f"n{number}" for number, name in enumerate(self.labels, 1)}
        sources = {source for source, *_ in self.edges}
        targets = {target for _, target, *_ in self.edges}
        used = [name for name in self.subgraphs if name in self.inside.values()][:50]
        groups = {name: f"g{number}" for number, name in enumerate(used, 1)}
        nodes = []
        for name, label in self.labels.items():
            shape = self.shapes.get(name, "rectangle")
            role = (
                "decision" if shape == "diamond"
                else "start" if name in sources and name not in targets
                else "end" if name in targets and name not in sources
                else "step"
            )  # fmt: skip
            nodes.append(
                Node.model_validate(
                    {
                        "key": keys[name],
                        "label": label[:500],
                        "shape": shape,
                        "role": role,
                        "group": groups.get(self.inside.get(name, "")),
                    }
                )
            )
        edges = dict.fromkeys(self.edges)
        return Plan(
            title=title[:200],
            direction=direction,
            nodes=tuple(nodes),
            groups=tuple(Group(key=key, label=self.subgraphs[name][:500]) for name, key in groups.items()),
            edges=tuple(
                Edge.model_validate({"from": keys[a], "to": keys[b], "label": label[:200], "style": style})
                for a, b, label, style in edges
            ),
        )
