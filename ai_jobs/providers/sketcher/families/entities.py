# ruff: noqa: E501  # a pattern stays on one line
"""ER diagrams and class-like boxes: entities with fields, and the relations between them."""

import re
from typing import Final

from ai_jobs.planning.parts import Cardinality
from ai_jobs.planning.plan import Edge, Node, Plan
from ai_jobs.providers.sketcher.heading import headed, needs
from ai_jobs.providers.sketcher.items import clean, split_items, split_outside, strip_bullet

_NOUN: Final = re.compile(
    r"(?:e\.?r\.?(?:[\s-]?d|[\s-](?:diagram|model|chart|schema))?s?|entity[\s-]relation(?:ship)?(?:[\s-](?:diagram|model))?s?|"
    r"(?:database|db|data|relational|sql|table)[\s-](?:schema|model|diagram|design|structure)s?|(?:uml\s+)?class[\s-]diagrams?|entities|erDiagram|schema|(?:database|db)(?=\b[^:\n]{0,80}\bwith\s+(?:the\s+|these\s+|following\s+)*(?:tables|entities)\b))\b(?!\s*->)",
    re.IGNORECASE,
)
_ONE_MANY: Final[dict[str, Cardinality]] = {"11": "1:1", "1n": "1:n", "n1": "n:1", "nn": "n:m"}
_SYMBOL: Final = re.compile(
    r"^(?P<first>[\w \"]+?)\s*(?:\((?P<from_bracket>[1nm*]|0?\.?\.?[1n*])\))?\s*(?:"
    r"(?P<left>[1nm*])\s*(?:-+|:|to|\u2013)\s*(?P<right>[1nm*])"
    r"|(?P<crow>[|}o]{2}--[|{o]{2})"
    r"|-+>|<-+>|--+|→|-(?=\s))\s*(?:\((?P<to_bracket>[1nm*])\))?\s*(?P<second>[\w \"]+?)\s*(?::\s*(?P<label>.+))?$"
)
_COUNTED: Final = re.compile(
    r"^(?:(?:an?|each|every|one|the)\s+)?(?P<first>[\w -]+?)\s+(?P<verb>(?:can\s+|may\s+)?(?:has|have|owns?|contains?|places?|writes?|belongs?\s+to|"
    r"includes?|holds?|makes?|gets?|teaches|attends?|takes|employs?|sells|buys|references?|refers?\s+to|is\s+part\s+of|is\s+linked\s+to|relates?\s+to|"
    r"is\s+related\s+to|manages?|works?\s+(?:in|for)|lives\s+in|creates?|uses?|reads?|borrows?|receives?|orders?|rates?|enrolls?\s+in|is\s+in|posts?|likes?|follows?))\s+"
    r"(?P<count>(?:zero\s+or\s+more|one\s+or\s+more|exactly\s+one|at\s+most\s+one|many|several|multiple|some|one|an?|n|the|its|\d+)\s+)?(?P<second>[\w -]+)$",
    re.IGNORECASE,
)
# A relation whose entities bring their fields along.
_BETWEEN_FIELDS: Final = re.compile(
    r"^(?:an?\s+|the\s+)?(?P<first>[\w -]{1,40}?)\s*\((?P<first_fields>[^()]*)\)\s+(?P<verb>[a-z]+(?:\s+(?:to|in|for|by|of|on|at|many|several|one))*)\s+"
    r"(?P<second>[\w -]{1,40}?)\s*\((?P<second_fields>[^()]*)\)$"
)
_MANY: Final = re.compile(r"many|several|multiple|some|more|^n$|\d", re.IGNORECASE)


def parse(text: str) -> Plan | None:
    """Entities in order of first mention. Named as an ER diagram, or written as "User(id, name)" with relations."""
    found = headed(text, _NOUN)
    body = found.body if found else ""
    if found is None:
        return None
    model = _Model()
    for statement in _statements(body):
        model.read(statement)
    if not model.keys:
        raise needs(
            "Name the entities with their fields, and how they relate.",
            "ER diagram: User(id, name), Order(id, total); User has many Orders",
        )
    return Plan(
        title=found.title,
        layout="entities",
        direction=found.direction,
        nodes=tuple(
            Node(
                key=key,
                label=model.labels[key],
                fields=tuple(model.fields[key][:60]),
                role="step",
                color=found.color,
            )
            for key in model.labels
        ),
        edges=tuple(model.edges),
    )


def _statements(body: str) -> list[str]:
    found: list[str] = []
    lines = [line for line in body.split("\n") if line.strip()]
    nested = ""
    for line in lines:
        depth, text, marked = strip_bullet(line)
        if nested and (depth or marked) and not _COUNTED.match(text.strip(" .")):
            found[-1] += (
                f", {text.strip(' ,{}')}"
                if not found[-1].rstrip().endswith((":", "{"))
                else f" {text.strip(' ,{}')}"
            )
            continue
        text = text.strip().rstrip("}")
        nested = text if text else ""
        for sentence in split_outside(text, ";"):
            for part in re.split(r"\.\s+", sentence):
                found += _by_commas(part)
    return [part.strip(" .{}") for part in found if part.strip(" .{}")]


def _by_commas(part: str) -> list[str]:
    """ "User(id, name), Order(id), User has many Orders": commas outside brackets, unless after "User:"."""
    if (
        re.match(r"^\s*[\w -]+?\s*(?::|\bwith\b|\bhas\s+(?:the\s+)?(?:fields|attributes|columns))", part)
        and "(" not in part
    ):
        return [part]
    pieces = [re.sub(r"^\s*and\s+", "", piece) for piece in split_outside(part, ",")]
    out: list[str] = []
    for piece in pieces:
        halves = re.split(r"\)\s+and\s+", piece)
        out += [*(f"{half})" for half in halves[:-1]), halves[-1]]
    if len(out) > 1 and not any(
        "(" in piece or _COUNTED.match(piece.strip()) or _SYMBOL.match(piece.strip()) for piece in out
    ):
        return [name for piece in out for name in split_items(piece)]
    return out


class _Model:
    """Entities by name; singular and plural are the same one."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        self.fields: dict[str, list[str]] = {}
        self.edges: list[Edge] = []

    def entity(self, name: str) -> str:
        label = re.sub(r"^(?:an?|the|each|every|many|one)\s+", "", clean(name), flags=re.IGNORECASE)
        words = _singular(label.casefold())
        if words not in self.keys:
            key = f"e{len(self.keys) + 1}"
            self.keys[words] = key
            self.labels[key] = label
            self.fields[key] = []
        return self.keys[words]

    def read(self, statement: str) -> None:
        bracket = re.match(
            r"^(?P<name>[^(){}:]+?)\s*[({\[](?P<fields>[^(){}]*(?:\([^()]*\)[^(){}]*)*)[)}\]]?$", statement
        )
        listed = re.match(
            r"^(?P<name>[\w -]+?)\s*(?::|(?:,\s*)?\bwith(?:\s+(?:the\s+)?(?:fields|attributes|columns))?\b:?|\bhas\s+(?:the\s+)?(?:fields|attributes|columns):?|\{)\s*(?P<fields>.+)$",
            statement,
        )
        between = _BETWEEN_FIELDS.match(statement)
        if between:
            ends = self.entity(between["first"]), self.entity(between["second"])
            for key, fields in zip(ends, ("first_fields", "second_fields"), strict=True):
                self.fields[key] += split_items(between[fields])
            self._relate(*ends, between["verb"], "1:n" if _MANY.search(between["verb"]) else "")
            return
        counted, symbol = _COUNTED.match(statement), _SYMBOL.match(statement)
        if bracket and not (symbol and symbol["from_bracket"]):
            self.fields[self.entity(bracket["name"])] += split_items(bracket["fields"])
        elif listed and not (symbol and (symbol["left"] or symbol["crow"] or "-" in statement.split(":")[0])):
            self.fields[self.entity(listed["name"])] += split_items(listed["fields"])
        elif counted:
            self._counted(counted)
        elif symbol:
            self._symbol(symbol)
        elif len(statement.split()) <= 4:
            self.entity(statement)

    def _counted(self, match: re.Match[str]) -> None:
        verb = re.sub(r"^(?:can|may)\s+", "", match["verb"])
        count = (match["count"] or "").strip()
        second = match["second"]
        many = bool(_MANY.search(count)) or (not count and _singular(second.casefold()) != second.casefold())
        cardinality: Cardinality = "1:n" if many else "1:1" if re.search(r"one", count, re.I) else ""
        if re.match(r"belong|is\s+part|work|live|is\s+in", verb, re.IGNORECASE):
            cardinality = "n:m" if many else "n:1"
        source, target = self.entity(match["first"]), self.entity(second)
        for number, edge in enumerate(self.edges):  # the other way round it is the same relation
            if (edge.source, edge.target) == (target, source):
                turned: Cardinality = "n:m" if edge.cardinality == "1:n" and many else edge.cardinality
                self.edges[number] = edge.model_copy(update={"cardinality": turned})
                return
        self._relate(source, target, verb, cardinality)

    def _symbol(self, match: re.Match[str]) -> None:
        ends = [match["left"] or match["from_bracket"], match["right"] or match["to_bracket"]]
        if match["crow"]:
            ends = ["n" if re.search(r"[{}]", half) else "1" for half in match["crow"].split("--")]
        counts = ["1" if end == "1" else "n" if end else "" for end in ends]
        cardinality = _ONE_MANY.get("".join(counts), "") if all(counts) else ""
        self._relate(
            self.entity(match["first"]), self.entity(match["second"]), match["label"] or "", cardinality
        )

    def _relate(self, source: str, target: str, label: str, cardinality: Cardinality) -> None:
        self.edges.append(
            Edge.model_validate(
                {"from": source, "to": target, "label": clean(label), "cardinality": cardinality}
            )
        )


def _singular(words: str) -> str:
    if words.endswith("ies") and len(words) > 4:
        return f"{words[:-3]}y"
    if re.search(r"(?:ss|x|ch|sh)es$", words):
        return words[:-2]
    return words[:-1] if words.endswith("s") and not words.endswith("ss") else words
