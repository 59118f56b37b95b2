"""Collects boxes and arrows while the words are read; the same words are the same box."""

import itertools
import re
from typing import Final

from ai_jobs.planning.errors import TooMuch
from ai_jobs.planning.parts import MAX_EDGES, MAX_NODES, Color, EdgeStyle, LayoutKind, Role, Shape
from ai_jobs.planning.plan import Edge, Node, Plan
from ai_jobs.providers.sketcher.vocabulary import COLOR, LIGHT, color_of
from ai_jobs.providers.sketcher.wording import Wording

_IN_A_COLOR: Final = re.compile(rf"(?P<label>\S.*?)\s+in\s+(?P<color>{LIGHT}{COLOR})", re.IGNORECASE)

_TERMINALS: Final = {
    "start",
    "begin",
    "stop",
    "end",
    "finish",
    "done",
    "[start]",
    "[end]",
    "(start)",
    "(end)",
}


# A letter that nobody types and that shows nothing: it makes one word of a name with small words in it.
JOINER: Final = "\u3164"


def same_words(label: str) -> str:
    """What makes two mentions the same thing: case, spaces and a final full stop do not count."""
    return re.sub(rf"[\s{JOINER}]+", " ", label).strip(" .").casefold()


class Graph:
    """A drawing in the making."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._keys: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        self._decisions: set[str] = set()
        self._colors: dict[str, Color] = {}
        self.edges: dict[tuple[str, str, str], EdgeStyle] = {}

    def __len__(self) -> int:
        return len(self.labels)

    def title(self, title: str) -> None:
        """The drawing is headed like this; nothing when its root says it already."""
        self._wording.title = title

    def drop(self, key: str) -> None:
        """A box that only held others together is gone, its arrows too."""
        self._keys.pop(same_words(self.labels.pop(key)), None)
        self.edges = {ends: style for ends, style in self.edges.items() if key not in ends[:2]}

    def knows(self, label: str) -> bool:
        return same_words(label) in self._keys

    def node(self, label: str) -> str:
        """The key of the box with this label, made when it is new; "Build in green" is Build, and green."""
        if colored := _IN_A_COLOR.fullmatch(label):
            key = self.node(colored["label"])
            self._colors[key] = color_of(colored["color"])
            return key
        words = same_words(label)
        if words not in self._keys:
            if len(self.labels) >= MAX_NODES:
                raise TooMuch(f"A drawing holds at most {MAX_NODES} boxes. Ask for fewer at once.")
            return self.new_node(label)
        return self._keys[words]

    def new_node(self, label: str) -> str:
        """A further box, even when another one has the same label (two items of a list may)."""
        if len(self.labels) >= MAX_NODES:
            raise TooMuch(f"A drawing holds at most {MAX_NODES} boxes. Ask for fewer at once.")
        key = f"n{len(self.labels) + 1}"
        self._keys.setdefault(same_words(label), key)
        self.labels[key] = label
        if label.endswith("?"):
            self._decisions.add(key)
        return key

    def decision(self, label: str) -> str:
        key = self.node(label)
        self._decisions.add(key)
        return key

    def is_decision(self, key: str) -> bool:
        return key in self._decisions

    def edge(self, source: str, target: str, label: str = "", style: EdgeStyle = "solid") -> None:
        """An arrow; the same arrow twice is one, and a label completes one without."""
        if label:
            self.edges.pop((source, target, ""), None)
        elif any(a == source and b == target for a, b, _ in self.edges):
            return
        if len(self.edges) >= MAX_EDGES:
            raise TooMuch(f"A drawing holds at most {MAX_EDGES} arrows. Ask for fewer at once.")
        self.edges[source, target, label] = style

    def leaves(self) -> list[str]:
        """The boxes that an arrow leads to and none leaves: where the branches end."""
        sources, targets = {a for a, _, _ in self.edges}, {b for _, b, _ in self.edges}
        return [key for key in self.labels if key in targets and key not in sources]

    def find(self, words: str) -> str | None:
        """The box that a phrase such as "the payment step" means: the same words, else the nearest."""
        wanted = same_words(re.sub(r"^(?:the|step)\s+|\s+(?:step|again)$", "", words.strip(), flags=re.I))
        if wanted in self._keys:
            return self._keys[wanted]
        number = re.fullmatch(r"(?:step\s+)?(\d{1,3})", wanted)
        if number and f"n{number[1]}" in self.labels:
            return f"n{number[1]}"
        if len(wanted) < 3:
            return None
        for text, key in self._keys.items():
            if wanted in text or text in wanted:
                return key
        parts = set(re.findall(r"\w{4,}", wanted))
        scored = [(len(parts & set(re.findall(r"\w{4,}", text))), key) for text, key in self._keys.items()]
        best = max(scored, default=(0, ""), key=lambda pair: pair[0])
        return best[1] if best[0] else None

    def plan(self, layout: LayoutKind) -> Plan:
        """The finished plan, with roles by position and the look that was asked for."""
        wording = self._wording
        keys = list(self.labels)
        if (
            wording.goes_round
            and len(keys) > 2
            and [ends[:2] for ends in self.edges] == list(itertools.pairwise(keys))
        ):
            self.edge(keys[-1], keys[0])
        sources = {source for source, target, _ in self.edges if source != target}
        targets = {target for source, target, _ in self.edges if source != target}
        nodes = []
        for number, (key, label) in enumerate(self.labels.items()):
            role: Role = "item" if not self.edges else "step"
            shape: Shape = wording.shape or "rectangle"
            if key in self._decisions and self.edges:
                role, shape = "decision", "diamond"
            elif key not in targets and key in sources:
                role = "start"
            elif key in targets and key not in sources:
                role = "end"
            elif not number and sources <= targets and key in sources:
                role = "start"
            if shape == "rectangle" and same_words(label) in _TERMINALS:
                shape = "ellipse"
            nodes.append(
                Node(key=key, label=label, shape=shape, role=role, color=self._colors.get(key, wording.color))
            )
        return Plan(
            title=wording.title[:200],
            layout=layout,
            direction=wording.direction,
            nodes=tuple(nodes),
            edges=tuple(
                Edge.model_validate({"from": source, "to": target, "label": label[:200], "style": style})
                for (source, target, label), style in self.edges.items()
            ),
            remark=wording.remark,
        )
