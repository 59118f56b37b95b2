# ruff: noqa: E501  # a pattern stays on one line
"""ER diagrams and class-like boxes: entities with fields, and the relations between them."""

import itertools
import re
from dataclasses import replace
from typing import Final

from ai_jobs.planning.parts import Cardinality
from ai_jobs.planning.plan import Edge, Node, Plan
from ai_jobs.providers.sketcher.heading import headed, needs
from ai_jobs.providers.sketcher.items import clean, singular, split_items, split_outside, strip_bullet
from ai_jobs.providers.sketcher.prose import clauses
from ai_jobs.providers.sketcher.vocabulary import NUMBER

_NOUN: Final = re.compile(
    r"(?:entity\s+diagrams?|e\.?r\.?(?:[\s-]?d|[\s-](?:diagram|model|chart|schema))?s?|entity[\s-]relation(?:ship)?(?:[\s-](?:diagram|model))?s?|"
    r"(?:database|db|data|relational|sql|table|domain)[\s-](?:schema|model|diagram|design|structure)s?|(?:uml\s+)?class[\s-]diagrams?|entit(?:y|ies)|erDiagram|schema|(?:database|db|sql)\s+tables?|tables(?=,?\s+[A-Z])|(?:database|db)(?=\b[^:\n]{0,80}\bwith\s+(?:the\s+|these\s+|following\s+)*(?:tables|entities)\b))\b(?!\s*->)",
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
# "the entity Invoice with the fields number and amount", "each Order contains …"
_LED: Final = re.compile(
    r"^(?:(?:and|then|so|where|that|also|with|there\s+(?:is|are)|there['\u2019]s|we\s+have|i\s+have|the|an?)\s+)*(?:entit(?:y|ies)|tables?|class(?:es)?|model|relation(?:ship)?s?)\s*:?\s+(?:called\s+|named\s+)?(?=[\w\"])|^(?:(?:and|then|so|where|that|also|there\s+(?:is|are)|there['\u2019]s|we\s+have)\s+)+",
    re.IGNORECASE,
)
_BRACKET: Final = re.compile(
    r"^(?P<name>[^(){}:]+?)\s*[({\[](?P<fields>[^(){}]*(?:\([^()]*\)[^(){}]*)*)[)}\]]?$"
)
_FIELDS_WORD: Final = (
    r"(?:(?:the|these|following|its|two|three|four|five)\s+)*(?:fields?|attributes?|columns?|properties)"
)
_LISTED: Final = re.compile(
    rf"^(?:(?:an?|the|each|every)\s+(?=[\w-]+\s+(?:with|has|have)\b))?(?P<name>[\w -]+?)(?:['\u2019]s)?\s*(?:\b{_FIELDS_WORD}\s*(?::|are)|\bhas\s+{_FIELDS_WORD}:?|\bhave\s+{_FIELDS_WORD}:?|:|(?:,\s*)?\b(?:with|and)\s+its(?:\s+{_FIELDS_WORD})?\b:?|(?:,\s*)?\bwith(?:\s+{_FIELDS_WORD})?\b:?|\{{|\s-\s|\bhas\s+(?:an?\s+)?(?=[\w]+\s*(?:,|\band\b))|\b(?:stores|holds|keeps|needs)\s+(?:an?\s+|the\s+)?(?=[\w]+\s*(?:,|\band\b)))\s*(?P<fields>.+)$",
    re.IGNORECASE,
)
# Any verb between two names with capitals.
_LOOSE: Final = re.compile(
    r"^(?:(?:[Aa]n?|[Ee]ach|[Ee]very|[Tt]he|[Oo]ne|[Mm]any)\s+)?(?P<first>[A-Z]\w*(?:\s[A-Z]\w*)?)\s+(?P<verb>(?!and\b|or\b|with\b)(?:[a-z-]+\s+){0,4}?[a-z-]+(?:\s+(?:many|several|one|an?|the|multiple))?)\s+(?P<second>[A-Z]\w*(?:\s[A-Z]\w*)?)$"
)
_MANY: Final = re.compile(
    r"many|\b(?:lots?|plenty|number)\s+of\b|several|multiple|some|more|^n$|\d", re.IGNORECASE
)


# The kind may stand behind what is in it: "I want Flight (number) and Passenger (name) as entities".
_AS_ENTITIES: Final = re.compile(r"\s+as\s+(?:the\s+)?entities\b", re.IGNORECASE)
_SHOWN: Final = re.compile(
    r"(?-i:[A-Z])\w*\s*\([^)]*\)[^.:]*\sas\s+(?:the\s+)?entities\b.*", re.IGNORECASE | re.DOTALL
)


# The tables of a database with their fields in brackets, under the word "tables" alone.
_TABLES: Final = re.compile(
    r"\W*(?:(?:draw|make|create|show)\s+)?(?:the\s+|these\s+|my\s+|our\s+)?tables\s*:\s*(?=\w+\s*\([^()]*\))",
    re.IGNORECASE,
)


def parse(text: str) -> Plan | None:
    """Entities in order of first mention. Named as an ER diagram, or written as "User(id, name)" with relations."""
    text = _TABLES.sub("ER diagram: ", text, count=1) if _TABLES.match(text) else text
    found = (
        headed(_AS_ENTITIES.sub("", f"entities {said[0]}"), _NOUN)
        if (said := _SHOWN.search(text))
        else headed(text, _NOUN)
    )
    body = found.body if found else ""
    if found is None:
        return None
    model = _Model()
    small: list[str] = []
    if len(_mentions(found.subject)) > 1 or "(" in found.subject:  # "of Recipe and Ingredient, many to many"
        body, found = f"{found.subject}. {body}", replace(found, title="")
    parts = re.split(r"\s+[/|]\s+", body)
    if len(parts) > 1 and re.match(r"[^:(\n]{1,40}[:(]", parts[0]):  # "A: x, y / B: z / an A has many Bs"
        body = "\n".join(parts)
    body = _IN_CAPITALS.sub(lambda said: said[0].lower(), _plainly(body))
    if listed := _SMALL.match(
        body
    ):  # "authors, books and publishers. authors have a name": names all the same
        small = split_items(listed["names"])
        body = re.sub(rf"\b(?:{'|'.join(small)})\b", lambda said: said[0].capitalize(), body)
    for statement in _statements(_with_capitals(body)):
        model.read(statement)
    model.labels = {
        key: label.lower() if label.lower() in small else label for key, label in model.labels.items()
    }
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
                fields=tuple(model.fields[key]),
                role="step",
                color=found.color,
            )
            for key in model.labels
        ),
        edges=tuple(model.edges),
    )


_WHICH: Final = re.compile(
    r"\b(?P<name>[A-Z]\w*),?\s+(?:which|that)\s+(?=(?:belongs|has|have|references|refers|is|contains)\b)"
)
_BOTH: Final = re.compile(
    r"\b(?P<source>\w+)\s+(?P<verb>belongs?\s+to|refers?\s+to|links?\s+to|relates?\s+to)\s+(?:an?\s+)?(?P<first>\w+)\s+and\s+(?:also\s+)?(?:to\s+)?(?:an?\s+)?(?P<second>[A-Z]\w*)\b(?!\s+(?:has|have|belongs?|with)\b)"
)


_SMALL: Final = re.compile(r"\s*(?P<names>[a-z_]+(?:,\s+[a-z_]+)*,?\s+and\s+[a-z_]+)\s*[.;:]\s")
_PLACE: Final = re.compile(
    r"\s+(?:(?:right\s+)?in|at|on)\s+the\s+(?:very\s+)?(?:middle|cent(?:er|re)|left|right|top|bottom|outside)\b",
    re.IGNORECASE,
)
_OPENS: Final = re.compile(
    rf"^\W*(?:(?:ok|so|well|(?:we|i)(?:['\u2019]ve|\s+have)(?:\s+got)?|there\s+(?:is|are)|with|of|for|just|only|the|these|following|{NUMBER}|unrelated|separate|independent|main|simple|single|different|its)\s+)*(?:entit(?:y|ies)|tables?|classes|class)\b(?:\s+(?:are|is|called|named))?\s*[:,]?\s+(?=[\w\"\u201c])"
    r"|^\W*(?:please\s+)?(?:model|draw|show|sketch|make)\s*:\s+|^\W*(?:how|what|which)\b[^:.?]{3,80}[:?]\s+|^\W*(?:ok\W+)?(?:so\W+)?(?:we|i)(?:['\u2019]ve|\s+have)\s+(?:got\s+)?",
    re.IGNORECASE,
)
_AN_ENTITY: Final = re.compile(
    r"\b(?P<name>(?!(?:the|an?|one|each|every|another|and|first|second|this|that|with|of)\b)\w+)\s+(?-i:entity|table|class)\b(?!\s+(?:called|named|diagram|[A-Z]))",
    re.IGNORECASE,
)
_IN_BRACKETS: Final = re.compile(r"(?<=\w)\s*[\[{](?P<fields>[^\[\]{}\n]+)[\]}]")
_WITH_MORE: Final = re.compile(
    r"(?P<name>\b\w+)(?P<fields>\s*\([^()]*\)),?\s+(?:which|that|who|and\s+it|it)\s+(?=[a-z])"
)
_LINKED: Final = re.compile(
    r"(?:^|(?<=[.;\n]))\s*(?P<name>\w+),?\s+(?:is\s+|and\s+)?(?P<verb>(?:linked|connected|joined|related)\s+(?:to|with))\s+(?P<others>[^.;:\n]+)"
)


# "…, and connect User to Role": whatever the verb is.
_JOIN_TWO: Final = re.compile(
    r"(?:,|,?[ ]+and|[.;])[ ]+(?:then[ ]+)?[a-z]+[ ]+(?=(?:the[ ]+)?[A-Z]\w*[ ]+(?:to|with)[ ]+[A-Z])"
)
_HAS_FIELDS: Final = re.compile(
    rf"(?P<name>(?-i:\b[A-Z]\w*)),\s+{_FIELDS_WORD}\b(?:\s+are|\s*:)?\s+", re.IGNORECASE
)


def _plainly(body: str) -> str:
    """The words with one sort of brackets, and without those that only say that an entity is one."""
    body = _PLACE.sub("", body)
    body = _IN_BRACKETS.sub(r" (\g<fields>)", body)
    body = _AN_ENTITY.sub(r"\g<name>", _OPENS.sub("", body))
    body = _WITH_MORE.sub(r"\g<name>\g<fields>. \g<name> ", body)
    body = _LINKED.sub(
        lambda said: ". ".join(f"{said['name']} -> {other}" for other in split_items(said["others"])), body
    )
    return _HAS_FIELDS.sub(r"\g<name> has fields ", _JOIN_TWO.sub(". ", body))


def _with_capitals(body: str) -> str:
    """ "Entities: Teacher, Lesson. A teacher gives many lessons": the names in small letters are the same ones."""
    names = {singular(name.casefold()): name for name, _, _ in _mentions(body) if " " not in name}

    def known(said: re.Match[str]) -> str:
        name = names.get(singular(said["word"]))
        return said["led"] + (name if name else said["word"])

    return re.sub(
        r"\b(?P<led>(?:[Aa]n?|[Tt]he|[Ee]ach|[Ee]very|many|one|several|some)\s+)(?P<word>[a-z]+)\b",
        known,
        body,
    )


# "1:N" is written in capitals and is no name.
_IN_CAPITALS: Final = re.compile(r"(?<!\w)[1NM*]\s*(?::|-|to)\s*[1NM*](?!\w)")
_WITH_RELATION: Final = re.compile(
    r"(?:,?\s+(?:and\s+)?with\s+(?=(?:an?\s+|the\s+)?relation)|,?\s+(?:and|plus|then)\s+(?=(?:an?|one|the)\s+(?:\w+\s+)?(?:relation(?:ship)?|link|connection|line|arrow)\s+(?:from|between|called|named|labell?ed)\b))"
)


def _statements(body: str) -> list[str]:
    found: list[str] = []
    lines = [line for line in _WITH_RELATION.sub(". ", body).split("\n") if line.strip()]
    head: str | None = None
    margin = 0
    for number, line in enumerate(lines):
        depth, text, marked = strip_bullet(
            _BOTH.sub(
                r"\g<source> \g<verb> \g<first>. \g<source> \g<verb> \g<second>",
                _WHICH.sub(r"\g<name> ", line),
            )
        )
        text = text.strip().rstrip("}")
        below = strip_bullet(lines[number + 1]) if number + 1 < len(lines) else (0, "", False)
        if head is not None and (depth > margin or (marked and not head.startswith(("-", "*")))):
            # A line under the name of an entity is a field of it.
            comma = "" if found[-1].endswith("(") else ", "
            found[-1] += f"{comma}{text.strip(' ,{}')}"
            continue
        head = None
        name = _LED.sub("", text).strip(" :{")
        nests = (below[0] > depth or (below[2] and not marked)) and not re.search(r"[(,]", name)
        if nests and len(name.split()) <= 3 and not _tells(below[1]):
            head, margin = line.strip(), depth
            found.append(f"{name} (")
            continue
        for clause in clauses(text, _tells):
            found += _by_commas(clause)
    return [part.strip(" .{}") for part in found if part.strip(" .{}")]


_FROM_TO: Final = re.compile(
    r"(?:an?\s+|the\s+|one\s+)?(?:(?:relation(?:ship)?|link|connection|arrow|line)\s+)?(?:(?:called|named|labell?ed)\s+)?[\"“]?(?P<verb>[a-z ]{2,20}?)??[\"”]?\s*(?:from|between)\s+(?P<source>\w+)\s+(?:to|and)\s+(?P<target>\w+)(?:,?\s+(?:(?:that\s+is\s+|which\s+is\s+)?(?:called|named|labell?ed)|(?:that|which)\s+says|saying|with\s+the\s+(?:label|name))\s+[\"“]?(?P<verb2>[\w ]{2,30}?)[\"”]?)?",
    re.IGNORECASE,
)
# "Customer to Order is one to many", "every Exhibit stands in a Gallery": names with what is between them.
_NAMED: Final = re.compile(r"(?<![\w\"“(])[A-Z]\w*(?:\s[A-Z]\w*)*(?![\w(])")
_NO_NAME: Final = re.compile(
    r"(?:An?|The|Each|Every|One|Many|Several|All|Any|Relations?|Relationships?|Entit(?:y|ies)|Tables?|There|And|Also|Then|In|On|At|For|With|Our|My|If|When|Where|So|That|Between|From|Some|Its)(?:\s+|$)"
)
_TIMES: Final = re.compile(
    r"(?P<first>one|many|n|m|1)[\s-]*(?:to|:|-)[\s-]*(?P<second>one|many|n|m|1)\b", re.IGNORECASE
)
_COUNT: Final = re.compile(
    r"\b(?:an?|the|its|each|every|one\s+or\s+more|zero\s+or\s+more|exactly\s+one|at\s+most\s+one|exactly|(?:lots|plenty|an?\s+(?:lot|number)|any\s+number)\s+of|many|several|multiple|some|one|\d+)\b\s*",
    re.IGNORECASE,
)


def _mentions(clause: str) -> list[tuple[str, int, int]]:
    """The names with capitals in a clause, and where they stand."""
    found = []
    for match in _NAMED.finditer(clause):
        led = _NO_NAME.match(match[0])
        start = match.start() + (led.end() if led else 0)
        if clause[start : match.end()].strip():
            found.append((clause[start : match.end()], start, match.end()))
    return found


def _relations(clause: str) -> list[tuple[str, str, str, str]]:
    """Who is related to whom, by which words, and what is said of their number; nothing where fields are told."""
    if re.search(r"[(){}:]\s*\w", _TIMES.sub("", clause)):
        return []
    names = _mentions(clause)
    if len(names) < 2 or re.search(rf"\b{_FIELDS_WORD}\b", clause, re.IGNORECASE):
        return []
    before, after = clause[: names[0][1]], clause[names[-1][2] :]
    quoted = re.search(r"[\"“](.+?)[\"”]", before)
    times = _TIMES.search(clause)
    if not re.fullmatch(
        r"\W*(?:(?:is|are|an?|as|there|exists?|relation(?:ship)?|in|with|each|too|also|of|one|many|to|n|m|1|[:-])\W*)*",
        after,
        re.IGNORECASE,
    ):
        return []
    if (
        before.strip()
        and not quoted
        and not re.fullmatch(
            r"\W*(?:(?:an?|the|each|every|one|many|and|also|then|a\s+single|between|from|relation(?:ship)?s?|connect|link|relate|arrow|line|of|with|in\s+(?:my|our|the)\s+\w+)\b\W*)*",
            before,
            re.IGNORECASE,
        )
    ):
        return []
    told: list[tuple[str, str, str, str]] = []
    source, verb, count = names[0][0], "", ""
    beside: list[str] = []  # "Dog and Cat inherit from Animal"
    gaps = [clause[left[2] : right[1]] for left, right in itertools.pairwise(names)]
    for number, between in enumerate(gaps):
        left, right = names[number][0], names[number + 1][0]
        joined = _COUNT.sub(
            "",
            re.sub(r"^\W*(?:and|or|where|while|but|so|in\s+which|as\s+well\s+as|to|also|&)\b", "", between),
        )
        if not joined.strip(" ,&"):
            goes_on = number + 1 < len(gaps) and re.search(
                r"[a-z-]", re.sub(r"^\W*(?:and|or)\b", "", gaps[number + 1])
            )
            if told and not goes_on:
                told.append((source, right, verb, count))
            elif not told and (times or quoted or re.search(r"\bbetween\b", before, re.IGNORECASE)):
                told.append((left, right, quoted[1] if quoted else "", clause))
            else:
                beside = [*beside, left] if re.fullmatch(r"\s*(?:,|&|,?\s*and)\s*", between) else []
                source = right
            continue
        if told and source != left and not re.match(r"\s*(?:,\s*)?(?:and|which|that)\s+[a-z]", between):
            source = left
        verb = re.sub(r"^\W*(?:(?:and|which|that|can|may|also)\s+)*", "", _TIMES.sub("", between)).strip(" ,")
        verb, count = quoted[1] if quoted else _COUNT.sub("", verb).strip(), clause if times else between
        if not re.match(r"\w*s\b", verb):
            told += [(name, right, verb, count) for name in beside]
        beside = []
        told.append((source, right, verb, count))
    return told


def _tells(clause: str) -> bool:
    """Whether the clause names an entity with its fields, or relates two."""
    clause = _LED.sub("", clause.strip(" ,.;"))
    return bool(
        _relations(clause)
        or _FROM_TO.fullmatch(clause)
        or _BRACKET.match(clause)
        or _LISTED.match(clause)
        or _COUNTED.match(clause)
        or _BETWEEN_FIELDS.match(clause)
        or _LOOSE.match(clause)
    )


def _by_commas(part: str) -> list[str]:
    """ "User, Order and Item": names alone."""
    if _tells(part):
        return [part]
    pieces = [re.sub(r"^\s*and\s+", "", piece) for piece in split_outside(part, ",")]
    return [name for piece in pieces for name in split_items(piece)]


def _fields(text: str) -> list[str]:
    """ "a name, an age & the town": what an entity has, without articles."""
    return [
        re.sub(r"^(?:an?|the|its|one)\s+(?=[a-z])", "", item)
        for item in split_items(re.sub(r"\s+&\s+", ", ", text))
    ]


def _one_of(name: str) -> str:
    """ "places many Orders": one of them is an Order."""
    return singular(name) if name[:1].isupper() and not name.endswith("es") else name


class _Model:
    """Entities by name; singular and plural are the same one."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        self.fields: dict[str, list[str]] = {}
        self.edges: list[Edge] = []

    def entity(self, name: str) -> str:
        label = re.sub(r"^(?:an?|the|each|every|many|one)\s+", "", clean(name), flags=re.IGNORECASE)
        words = singular(label.casefold())
        if words in self.keys and words == label.casefold() and label[:1].isupper():
            self.labels[self.keys[words]] = label
        if words not in self.keys:
            key = f"e{len(self.keys) + 1}"
            self.keys[words] = key
            self.labels[key] = label
            self.fields[key] = []
        return self.keys[words]

    def read(self, statement: str) -> None:
        statement = re.sub(r"\b(has|have|with)\s+(?:only|just|also)\s+", r"\1 ", _LED.sub("", statement))
        if reference := re.match(
            r"(?P<first>\w+)\.\w+\s+(?P<verb>[a-z ]+?|->|=)\s+(?P<second>\w+)(?:\.\w+)?$", statement
        ):
            verb = reference["verb"] if reference["verb"][0].isalpha() else ""
            self._relate(self.entity(reference["first"]), self.entity(reference["second"]), verb, "n:1")
            return
        if "->" in statement and len(chain := re.split(r"\s*-+>\s*", statement)) > 2:
            for left, right in itertools.pairwise(chain):
                self._relate(self.entity(left), self.entity(right), "", "")
            return
        if way := _FROM_TO.fullmatch(statement):
            self._relate(
                self.entity(way["source"]), self.entity(way["target"]), way["verb"] or way["verb2"] or "", ""
            )
            return
        if told := _relations(statement):
            for source, target, verb, count in told:
                self._told(source, target, verb, count)
            return
        bracket, listed = _BRACKET.match(statement), _LISTED.match(statement)
        between = _BETWEEN_FIELDS.match(statement)
        if between:
            ends = self.entity(between["first"]), self.entity(between["second"])
            for key, fields in zip(ends, ("first_fields", "second_fields"), strict=True):
                self.fields[key] += _fields(between[fields])
            self._relate(*ends, between["verb"], "1:n" if _MANY.search(between["verb"]) else "")
            return
        counted, symbol = _COUNTED.match(statement), _SYMBOL.match(statement)
        if bracket and not (symbol and (symbol["from_bracket"] or symbol["crow"])):
            self.fields[self.entity(bracket["name"])] += _fields(bracket["fields"])
        elif listed and not (symbol and (symbol["left"] or symbol["crow"] or "-" in statement.split(":")[0])):
            self.fields[self.entity(listed["name"])] += _fields(listed["fields"])
        elif counted and not self._names_a_field(counted):
            self._counted(counted)
        elif counted:
            self.fields[self.entity(counted["first"])] += split_items(counted["second"])
        elif symbol:
            self._symbol(symbol)
        elif loose := _LOOSE.match(statement):
            many = bool(_MANY.search(loose["verb"])) or loose["second"].endswith("s")
            self._relate(
                self.entity(loose["first"]),
                self.entity(loose["second"]),
                loose["verb"],
                "1:n" if many else "",
            )
        elif (times := _TIMES.search(statement)) and len(self.labels) == 2:
            first, second = self.labels.values()
            self._told(first, second, "", times[0])
        elif len(statement.split()) <= 4:
            self.entity(statement)

    def _told(self, source: str, target: str, verb: str, count: str) -> None:
        """A relation in words: how many there are stands with the verb, or as "one to many"."""
        verb = "" if re.fullmatch(r"(?:to|and|with|is|are|-+|\W*)", verb, re.IGNORECASE) else verb
        if times := _TIMES.search(count):
            ends = "".join("1" if times[end].lower() in {"one", "1"} else "n" for end in ("first", "second"))
            self._relate(self.entity(source), self.entity(target), verb, _ONE_MANY[ends])
            return
        many = bool(_MANY.search(count))
        target = _one_of(target) if many else target
        plural = (
            singular(target.casefold()) != target.casefold() and singular(target.casefold()) not in self.keys
        )
        cardinality: Cardinality = (
            "1:n" if many or plural else "1:1" if re.search(r"\bone\b", count, re.IGNORECASE) else ""
        )
        if re.match(r"belong|is\s+part|work|live|is\s+in", verb, re.IGNORECASE):
            cardinality = "n:m" if many else "n:1"
        self._once(self.entity(source), self.entity(target), verb, cardinality, many=many)

    def _names_a_field(self, match: re.Match[str]) -> bool:
        """ "Course has title": a word in small letters that is no entity."""
        return (
            bool(re.match(r"has|have", match["verb"], re.IGNORECASE))
            and not match["count"]
            and match["first"][:1].isupper()
            and match["second"][:1].islower()
            and singular(match["second"].casefold()) not in self.keys
        )

    def _counted(self, match: re.Match[str]) -> None:
        verb = re.sub(r"^(?:can|may)\s+", "", match["verb"])
        count = (match["count"] or "").strip()
        second = _one_of(match["second"]) if _MANY.search(count) else match["second"]
        many = bool(_MANY.search(count)) or (not count and singular(second.casefold()) != second.casefold())
        cardinality: Cardinality = "1:n" if many else "1:1" if re.search(r"one", count, re.I) else ""
        if re.match(r"belong|is\s+part|work|live|is\s+in", verb, re.IGNORECASE):
            cardinality = "n:m" if many else "n:1"
        self._once(self.entity(match["first"]), self.entity(second), verb, cardinality, many=many)

    def _once(self, source: str, target: str, verb: str, cardinality: Cardinality, *, many: bool) -> None:
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
        label = "" if label.strip().lower() in {"to", "with", "and"} else label
        self.edges.append(
            Edge.model_validate(
                {"from": source, "to": target, "label": clean(label), "cardinality": cardinality}
            )
        )
