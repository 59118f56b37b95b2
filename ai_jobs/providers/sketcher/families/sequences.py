# ruff: noqa: E501  # a pattern stays on one line
"""Sequence diagrams: who sends what to whom, with arrows or in sentences."""

import re
from collections.abc import Iterable
from typing import Final

from ai_jobs.planning.parts import EdgeStyle
from ai_jobs.planning.plan import Edge, Node, Plan
from ai_jobs.providers.sketcher.courtesy import strip_courtesy
from ai_jobs.providers.sketcher.graph import same_words
from ai_jobs.providers.sketcher.heading import Headed, headed, needs
from ai_jobs.providers.sketcher.items import clean, split_items
from ai_jobs.providers.sketcher.mentions import mentions, recurring
from ai_jobs.providers.sketcher.prose import clauses

_NOUN: Final = re.compile(
    r"(?:(?:message|call|data|communication|information)[\s-]flow\s+as\s+(?:an?\s+)?)?(?:(?:uml\s+)?seq(?:uence|uense)?\.?[\s-]?(?:diagram+|chart)s?|message[\s-](?:sequence|flow)(?:[\s-](?:chart|diagram))?|interaction[\s-]diagram|sequenceDiagram)\b",
    re.IGNORECASE,
)
_ARROW: Final = re.compile(r"\s*(?P<arrow><?-{1,2}(?:>{1,2}|x|\))|-\.+->|=+>|→|←|<-{1,2})\s*")
_VERB: Final = (
    r"(?:sends?|asks?|calls?|requests?|queries|query|returns?|repl(?:y|ies)|responds?|answers?|notif(?:y|ies)|tells?|forwards?|posts?|"
    r"gets?|reads?|writes?|opens?|clicks?|submits?|validates?|confirms?|pushes|publishes|checks?|fetch(?:es)?|loads?|saves?|stores?|"
    r"creates?|updates?|deletes?|redirects?|shows?|displays?|logs?(?:\s+(?:in|out|on)(?=\s))?|signs?(?:\s+(?:in|up|out)(?=\s))?|enters?|pays?|charges?|verif(?:y|ies)|acknowledges?|passes|"
    r"gives?|hands?|brings?|serves?|takes?|offers?|sells?|invites?|reminds?|contacts?|delivers?|ships?|orders?|emits?|triggers?|invokes?|uploads?|downloads?|authenticates?|informs?|e?-?mails?|transfers?)"
)
_SENTENCE: Final = re.compile(
    rf"^(?:the\s+)?(?P<source>[^,]{{1,40}}?)\s+(?P<verb>{_VERB})\b\s*(?P<rest>.*)$", re.IGNORECASE
)
# A verb that is not in the list, before "the …" or a name.
_LOOSE_SENTENCE: Final = re.compile(
    r"^(?:[Tt]he\s+)?(?P<source>[\w-]+(?:\s[\w-]+){0,2}?)\s+(?P<verb>(?!is\b|was\b|has\b|does\b|this\b|its\b)[a-z]{2,}s)\s+(?P<rest>(?:the\s|an?\s|it\s|him\s|her\s|them\s|[A-Z]).*)$"
)
_RECEIVER: Final = re.compile(
    r"^(?:the\s+|an?\s+)?(?P<target>[\w-]+(?:\s[\w-]+)?)\s+(?P<what>(?:an?|the|its|his|her|their)\s+.+)$",
    re.IGNORECASE,
)
_TARGET: Final = re.compile(
    r"^(?P<what>.*?)\s*\b(?:back\s+)?(?:to|from|at|with|in|into|on|for)\s+(?:the\s+|an?\s+)?(?P<target>[^,]{1,40})$",
    re.IGNORECASE,
)
# "asks the waiter for the menu": who is addressed comes first, then what it is about.
_ADDRESSED: Final = re.compile(
    r"^(?:the\s+|an?\s+)?(?P<target>(?!for\b|about\b|to\b|that\b|with\b|by\b|back\b)[^,]{1,40}?)\s+(?P<what>(?:for|about|to|that|whether|if|with|by)\s+.+)$",
    re.IGNORECASE,
)
_ADDRESSING: Final = re.compile(
    r"(?:asks?|tells?|calls?|informs?|notif(?:y|ies)|quer(?:y|ies)|invites?|reminds?|contacts?|e?-?mails?|answers?|greets?|pays?|serves?|helps?|thanks?|warns?|updates?|texts?|messages?|pings?|alerts?)$",
    re.IGNORECASE,
)
# What is sent, shown or stored is a thing; it takes no part unless it did so before.
_HANDLING: Final = re.compile(
    r"(?:send|show|display|enter|submit|create|update|delete|save|store|write|upload|download|post|deliver|ship|hand|give|bring)",
    re.IGNORECASE,
)
_GIVING: Final = re.compile(
    r"(?:sends?|e?-?mails?|gives?|hands?|shows?|tells?|asks?|passes|offers?|pays?|brings?|posts?)", re.I
)
# The bare word heads a row of steps as well: only messages in full sentences make it a sequence diagram.
_BARE_NOUN: Final = re.compile(r"(?:uml\s+)?sequence\b", re.IGNORECASE)
_THIRD_PERSON: Final = re.compile(rf"{_VERB}(?<=s)(?:\s|$)", re.IGNORECASE)
# The participants may be named before the messages, with a colon after them.
_CAST_FIRST: Final = re.compile(
    r"^\s*(?:between\s+)?(?P<names>[^:\n<>.;]{1,120}?(?:,|\sand\s|\s/\s)[^:\n<>.;]{1,120}?)(?::|\s[\u2013\u2014-])\s+(?P<rest>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_PARTICIPANTS: Final = re.compile(
    r"^\s*(?:(?:the|with|\d+|two|three|four|five|six)\s+)*(?:participants?|actors?|people|lanes?|parties|players|roles|systems|lifelines|between)\s*(?:are|is|involved\s+are|:)?\s*:?\s+(?P<names>.+?)\s*$",
    re.IGNORECASE,
)


def parse(text: str) -> Plan | None:
    """Participants in order of first mention, messages in the order told."""
    found = headed(text, _NOUN)
    if found is None and not _NOUN.search(text):
        bare = headed(text, _BARE_NOUN)
        if bare and _tells_messages(bare.body):
            return read_messages(bare)
        said = _CAST_THEN_MESSAGES.fullmatch(strip_courtesy(text))
        return (
            read_messages(Headed(title="", subject="", body=said["body"], noun="sequence")) if said else None
        )
    plan = read_messages(found) if found else None
    # The kind may be named in the midst of what is told.
    told = read_messages(Headed(title="", subject="", body=strip_courtesy(text), noun=""), only_messages=True)
    if told and (plan is None or len(told.edges) > len(plan.edges)):
        plan = told
    if plan is None and found is None:
        return None
    if plan is None:
        raise needs(
            "Say who sends what to whom.",
            "Sequence diagram: Browser -> Server: log in; Server -> Database: find user",
        )
    return plan


# "sequence: A, B / A -> B hello": who takes part, and then what goes from one of them to another.
_CAST_THEN_MESSAGES: Final = re.compile(
    r"(?:uml\s+)?sequence\s*[,:\n]\s*(?P<body>[\w-]+(?:\s*[,/]\s*(?:and\s+)?[\w-]+|\s+and\s+[\w-]+)+\s*[.:;\n]\s*[\w-]+\s*(?:-+>|=+>|\u2192)\s*[\w-]+(?::\s|\s+\w).*)",
    re.IGNORECASE | re.DOTALL,
)


def _tells_messages(body: str) -> bool:
    """Whether each sentence is a message, and somebody takes part in more than one."""
    cast, edges = _Cast(), list[Edge]()
    for statement in _statements(body):
        found = _messages(statement, cast, edges)
        if not edges and not found and len(split_items(statement)) > 1:
            continue  # who takes part, named first
        if not all(edge.label and edge.source != edge.target for edge in found) or not found:
            return False
        edges += found
    return len(edges) > 1 and len(cast.labels) < 2 * len(edges)


_LONGEST_NAME: Final = 4


class _Cast:
    """Who takes part, by the words used for them."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = list(names)
        self.labels: dict[str, str] = {}
        self.keys: dict[str, str] = {}

    @property
    def names(self) -> list[str]:
        """Who is known to be somebody, whether they take part by now or not."""
        return [*self.labels.values(), *self._names]

    def key(self, label: str) -> str:
        words = re.sub(r"^(?:the|a|an)\s+", "", same_words(label))
        if words not in self.keys:
            key = f"p{len(self.keys) + 1}"
            self.keys[words] = key
            self.labels[key] = re.sub(r"^(?:the|a|an)\s+", "", clean(label), flags=re.IGNORECASE)
        return self.keys[words]

    def knows(self, label: str) -> bool:
        return re.sub(r"^(?:the|a|an)\s+", "", same_words(label)) in self.keys

    def alias(self, name: str, label: str) -> None:
        self.keys[same_words(name)] = self.key(label)


def read_messages(found: Headed, *, only_messages: bool = False) -> Plan | None:
    """The plan, or None where no message was found; among talk nothing but messages counts."""
    cast, edges = _Cast(recurring(found.body)), list[Edge]()
    body = found.body
    listed = _CAST_FIRST.match(body)
    if listed and not _SENTENCE.match(listed["names"].strip()) and len(split_items(listed["names"])) > 1:
        for name in split_items(listed["names"]):
            cast.key(name)
        body = listed["rest"]
    for line in _statements(body, cast.names):
        declared = re.match(
            r"^(?:participant|actor)\s+(?P<name>\S+)(?:\s+as\s+(?P<label>.+))?$", line, re.IGNORECASE
        )
        listed = None if only_messages else _PARTICIPANTS.match(line)
        if declared:
            cast.alias(declared["name"], clean(declared["label"] or declared["name"]))
        elif listed and not _ARROW.search(line):
            for name in split_items(listed["names"]):
                cast.key(name)
        elif said := _messages(line, cast, edges, only_names=only_messages):
            edges += said
        elif not only_messages and not edges and not cast.labels and len(names := split_items(line)) > 1:
            for name in names:
                cast.key(name)
    if not edges and (only_messages or len(cast.labels) < 2):
        return None
    if not edges and any(
        '"' in label or len(label.split()) > _LONGEST_NAME for label in cast.labels.values()
    ):
        return None  # messages that were not understood
    return Plan(
        title=found.title,
        layout="sequence",
        nodes=tuple(
            Node(key=key, label=label, role="step", color=found.color) for key, label in cast.labels.items()
        ),
        edges=tuple(edges),
    )


# A message without an arrow: "Planner to Florist: order roses".
def _to(names: Iterable[str]) -> re.Pattern[str]:
    known = "".join(f"{re.escape(name)}|" for name in sorted(names, key=len, reverse=True))
    name = rf"(?:{known}[\w-]+(?:\s[\w-]+)?)"
    return re.compile(
        rf"(?:^|(?<=[.;,:\n]))(?P<gap>[ \t]*(?:(?:and|then|first|firstly|second|third|next|last|lastly|finally|after\s+that)[ \t,]+)*)(?:from\s+)?"
        rf"(?P<source>{known}[\w-]+(?:\s(?![a-z]+s\s)[\w-]+)?)\s+(?:back\s+)?to\s+(?P<target>{name})\s*(?::|\s-\s)\s*",
        re.MULTILINE,
    )


# "Hub then says" is "Hub says".
_THEN_DOES: Final = re.compile(r"(?<=\w)\s(?:then|also|afterwards)\s(?=[a-z]+s\b)")
_NUMBERED: Final = re.compile(r"(?:^|\s)\(?\d{1,2}[.)]\s+")


def _statements(body: str, names: Iterable[str] = ()) -> list[str]:
    found: list[str] = []
    body = re.sub(r"(?<=\w) > (?=\w)", " -> ", body)
    if len(_NUMBERED.findall(body)) > 1:
        body = _NUMBERED.sub("\n", body)
    body = _THEN_DOES.sub(" ", body)
    body = _to(names).sub(r" \g<source> -> \g<target>: ", body)
    for clause in clauses(body, _is_message):
        bare = re.sub(
            r"^\s*(?:(?:and|then|next|finally|first|after\s+that|afterwards|lastly|last|so|that|where|in\s+which)[\s,]+)+",
            "",
            clause,
            flags=re.I,
        )
        if bare := bare.strip(" .,"):
            found.append(bare)
    return found


def _is_message(clause: str) -> bool:
    clause = re.sub(
        r"^(?:(?:and|then|next|finally|after\s+that)[\s,]+)+", "", clause.strip(" ,."), flags=re.I
    )
    return bool(
        _ARROW.search(clause)
        or _named(clause)
        or _answered(clause)
        or _between_names(clause)
        or _SENTENCE.match(clause)
        or _LOOSE_SENTENCE.match(clause)
        or _THIRD_PERSON.match(clause)
    )


def _messages(line: str, cast: _Cast, edges: list[Edge], *, only_names: bool = False) -> list[Edge]:
    """The messages of a statement: along arrows, between two names with quoted words, or in a plain sentence."""
    if _ARROW.search(_QUOTED.sub("", line)):
        return _arrows(line, cast)
    if named := _named(line):
        source, target, label = named
        answers = bool(_RETURNING.search(line.split(source)[-1][:20]))
        return [_message(cast.key(source), cast.key(target), label, dashed=answers)]
    if answered := _answered(line):
        who, said = answered
        source = cast.key(who)
        last = edges[-1]
        return [_message(source, last.source if last.source != source else last.target, said, dashed=True)]
    if spoken := _between_names(line, cast.names):
        source, target, label = spoken
        dashed = bool(_RETURNING.match(label))
        return [_message(cast.key(source), cast.key(target), label, dashed=dashed)]
    told = None if only_names else _told(line, cast, edges)
    return [told] if told else []


_QUOTED: Final = re.compile(r"\"[^\"\n]*\"|\u201c[^\u201d\n]*\u201d|(?<!\w)['\u2018][^\n]+?['\u2019](?!\w)")
_RETURNING: Final = re.compile(r"\b(?:return|repl|respond|answer|acknowledge|confirm)", re.IGNORECASE)


def _named(clause: str) -> tuple[str, str, str] | None:
    """Two names and the quoted words that go from the one to the other, whatever the verb."""
    found, _ = mentions(clause)
    said = [number for number, mention in enumerate(found) if mention.quoted]
    if len(said) != 1:
        return None
    before, after = [m.name for m in found[: said[0]]], [m.name for m in found[said[0] + 1 :]]
    aimed = after and not re.search(r"[,.;]|\bwhere\b|\bwith\b", found[said[0] + 1].gap)
    names = [*before[-1:], *after[: 1 if before else 2]] if aimed else before[-2:]
    return (names[0], names[1], found[said[0]].name) if len(names) == 2 else None


_SPEAKS: Final = re.compile(
    r"\s*(?:then\s+|also\s+)?(?:says|asks|tells|shouts|writes|texts|sends|calls|adds|whispers|thinks|(?:return|repl|respond|answer|acknowledge|confirm)[a-z]*)(?:\s+(?:back|with))*\s*[:,]?\s*",
    re.IGNORECASE,
)
_PLACED: Final = re.compile(r"\s(?:to|for|with|about|that|an?|the|in|on|at|its|whether|back)(?=\s|$)")


# "Client calls Gateway (create invoice)": what is said stands in brackets; "calls pay() on Bank": it is the call.
_IN_BRACKETS: Final = re.compile(r"\s+\((?P<said>[^()]+)\)\s*$")
_LEADS_IN: Final = re.compile(
    r"\s*(?:.{0,80}\b(?:that|where|how|showing|which|when|first|then|next|last|lastly|finally|and|so)[\s,:]+)?(?:the\s+|an?\s+)?",
    re.IGNORECASE | re.DOTALL,
)
_CALL: Final = re.compile(
    r"(?:calls|invokes|runs|triggers|executes)\s+(?P<said>[\w.]+\(.*\))$", re.IGNORECASE
)


def _between_names(clause: str, known: Iterable[str] = ()) -> tuple[str, str, str] | None:
    """ "User types a password into App": two names, and what stands between them is the message."""
    if aside := _IN_BRACKETS.search(clause):
        named = _between_names(clause[: aside.start()], known)
        return (*named[:2], aside["said"]) if named else None
    found, tail = mentions(clause, until=_PLACED, known=known)
    if len(found) != 2 or any(mention.quoted for mention in found) or not _LEADS_IN.fullmatch(found[0].gap):
        return None
    words = re.sub(
        r"(?:\s+back)?(?:\s+(?:to|into|at|with|from|in|on|by))?(?:\s+(?:the|an?))?\s*$", "", found[1].gap
    )
    said = f"{words} {tail.strip(' .')}".strip()
    if not re.match(r"\s*[a-z]+(?:s|es)\b", words) or ":" in clause or "," in clause:
        return None
    called = _CALL.fullmatch(said)
    return found[0].name, found[1].name, called["said"] if called else re.sub(r"^sends\s+", "", said)


def _answered(clause: str) -> tuple[str, str] | None:
    """'Tower replies "ok"': one name, and what is said to whom asked."""
    found, _ = mentions(clause)
    if [mention.quoted for mention in found] == [False, True] and _SPEAKS.fullmatch(found[1].gap):
        return found[0].name, found[1].name
    return None


def _message(source: str, target: str, label: str, *, dashed: bool) -> Edge:
    style: EdgeStyle = "dashed" if dashed else "solid"
    return Edge.model_validate({"from": source, "to": target, "label": clean(label), "style": style})


def _arrows(line: str, cast: _Cast) -> list[Edge]:
    """ "A -> B: text", also "A -> B -> C" and "A <- B: reply"."""
    head, colon, label = (
        line.partition(":") if not re.search(r":\S", line.split(": ")[0]) else line.partition(": ")
    )
    if not colon and (last := list(_ARROW.finditer(line))):
        aimed = line[last[-1].end() :]
        if known := [name for name in cast.labels.values() if aimed.startswith(f"{name} ")]:
            target = max(known, key=len)
            head, colon, label = f"{line[: last[-1].end()]}{target}", ":", aimed[len(target) :]
    if not colon and (said := _QUOTED.search(line)) and said.start():
        head, colon, label = f"{line[: said.start()]}{line[said.end() :]}", ":", said[0]
    parts = _ARROW.split(head)
    names, arrows = parts[::2], parts[1::2]
    captioned = []
    for number, arrow in enumerate(arrows):
        source, target = names[number], names[number + 1]
        if not source.strip() or not target.strip():
            continue
        dashed = arrow.startswith(("--", "-.", "<--"))
        if arrow.startswith(("<-", "←")) and not arrow.endswith(">"):
            source, target = target, source
        target = re.sub(r"^[+-]", "", target)
        words = label if colon and number == len(arrows) - 1 else ""
        captioned.append(_message(cast.key(source), cast.key(target), words, dashed=dashed))
    return captioned


def _told(line: str, cast: _Cast, edges: list[Edge]) -> Edge | None:
    """ "the server sends a token to the browser", "App queries Database", "Database returns the user"."""
    spoken = re.match(r"^(?P<head>.*?)\s*(?::|\bsaying\b)\s+(?P<label>.+)$", line)
    said = spoken["head"] if spoken else line
    match = _SENTENCE.match(said) or _LOOSE_SENTENCE.match(said)
    if not match:
        return None
    verb, rest = match["verb"], match["rest"].strip()
    source = (
        cast.key(match["source"])
        if not re.fullmatch(r"it|which|who|that", match["source"], re.I)
        else (edges[-1].target if edges else None)
    )
    if source is None:
        return None
    target_match = _TARGET.match(rest)
    returns = bool(re.match(r"(?:return|repl|respond|answer|acknowledge|confirm)", verb, re.IGNORECASE))
    addressed = _ADDRESSED.match(rest) if _ADDRESSING.match(verb) else None
    if addressed and (cast.knows(addressed["target"]) or len(addressed["target"].split()) <= 3):
        target, what = cast.key(addressed["target"]), addressed["what"]
    elif (receiver := _RECEIVER.match(rest)) and (
        cast.knows(receiver["target"]) or (_GIVING.match(verb) and receiver["target"][:1].isupper())
    ):
        target, what = cast.key(receiver["target"]), receiver["what"]
    elif target_match and (cast.knows(target_match["target"]) or len(target_match["target"].split()) <= 3):
        target, what = cast.key(target_match["target"]), target_match["what"]
    elif returns and edges:
        asked = next((edge for edge in reversed(edges) if edge.target == source), edges[-1])
        target, what = asked.source, rest
    elif rest and len(rest.split()) <= 3 and (cast.knows(rest) or not _HANDLING.match(verb)):
        target, what = cast.key(rest), ""
    else:
        target, what = source, rest
    if spoken:
        label = spoken["label"]
    else:  # what is sent is the message
        label = what if what and re.match(r"sends?$", verb, re.I) else f"{verb} {what}".strip()
    return _message(source, target, label, dashed=returns)
