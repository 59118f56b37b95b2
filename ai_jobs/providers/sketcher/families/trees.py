"""Mind maps, org charts and other trees."""

import itertools
import re
from typing import Final

from ai_jobs.planning.plan import Plan
from ai_jobs.providers.sketcher.arrows import ARROW
from ai_jobs.providers.sketcher.courtesy import strip_command, strip_courtesy
from ai_jobs.providers.sketcher.graph import Graph
from ai_jobs.providers.sketcher.heading import Headed, headed, needs
from ai_jobs.providers.sketcher.items import clean, split_items, split_outside, strip_bullet
from ai_jobs.providers.sketcher.kinds import kind_named
from ai_jobs.providers.sketcher.lineage import lineage
from ai_jobs.providers.sketcher.mentions import mentions
from ai_jobs.providers.sketcher.prose import bare_name, clauses
from ai_jobs.providers.sketcher.sections import sections, told_sections
from ai_jobs.providers.sketcher.vocabulary import NUMBER
from ai_jobs.providers.sketcher.wording import Wording, as_title

_MIND: Final = re.compile(
    r"(?:mind[\s-]?maps?(?:ping)?|brain[\s-]?storm(?:ing)?(?:[\s-]?map)?|spider[\s-]?(?:diagram|map)|concept[\s-]?map|idea[\s-]?map|"
    r"word[\s-]?web|topic[\s-]?map)\b",
    re.IGNORECASE,
)
_ORG: Final = re.compile(
    r"(?:org(?:ani[sz]ation(?:al)?)?[\s-]?(?:charts?|diagrams?|structure|tree)|organi[sz]ation|organigram(?:me)?|team\s+structure|hierarchy|"
    r"reporting\s+(?:lines|structure)|who\s+reports\s+to\s+whom|family\s+tree|tree(?:\s+(?:diagram|chart|structure))?|site\s*map|"
    r"(?:work\s+)?break[\s-]?down\s+structure|folder\s+structure|taxonomy(?:\s+tree)?|company\s+structure)\b",
    re.IGNORECASE,
)
_LEADS: Final = re.compile(
    r"^(?:the\s+)?(?P<above>.+?)\s+(?:manages?|leads?|supervises?|heads?(?:\s+up)?|oversees?|runs|directs?|is\s+in\s+charge\s+of|is\s+responsible\s+for|has|have|had|with|is\s+(?:the\s+)?(?:parent|boss|manager|head|leader|owner|(?:grand)?(?:mother|father|ma|pa)|mum|dad)\s+of|"
    r"(?:splits?|divides?|breaks?|branch(?:es)?)\s+(?:up\s+|down\s+)?into|includes?|contains?|consists?\s+of|over)\s+(?:the\s+)?(?:children\s+|reports\s+|teams\s+)?(?P<below>.+)$",
    re.IGNORECASE,
)


_CENTRED: Final = re.compile(
    r"^(?:(?:in|at)\s+the\s+(?:cent(?:er|re)|middle)\s*[:,]?\s*(?:is\s+|put\s+)?(?=[^,\n]+,\s*(?:and\s+)?(?:around|with|branches)\b)(?P<first>[^,\n]+),|(?P<topic>[^,\n]+?)\s+(?:in|at|as)\s+(?:the\s+)?(?:cent(?:er|re)|middle|root|main\s+topic))\s*[,.;]?\s*(?:and|with)?\s*(?:with\s+)?(?:(?:around|from|off)\s+(?:it|that|there)\s*[:,]?\s*|(?:on\s+)?(?:the|these)\s+)?"
    r"(?:(?:branches?|subtopics|nodes|children|topics|arms)\s*(?:for|to|like|called|named|are|being|about)?)?\s*:?\s*(?P<rest>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
# The middle and the branches may each stand in a sentence that names them.
_CENTRE_NAMED: Final = re.compile(
    r"^\s*(?:the\s+)?(?:cent(?:er|re)|(?:central\s+|main\s+)?(?:topic|theme|idea|node)|middle|root)(?:\s*[:=]\s*|\s+(?=[\"\u201c]|(?-i:[A-Z])))(?P<topic>[^.;:,\n]{1,80}?)\s*(?:[.;,\n]|\band\s+(?=(?:the\s+|its\s+)?(?:main\s+)?(?:branches|subtopics|nodes|children|topics|arms)\b))\s*"
    r"(?:(?:and\s+)?(?:the\s+)?(?:main\s+)?(?:branches|subtopics|nodes|children|topics|arms)\s*(?:[:=]\s*|(?=(?-i:[A-Z]))))?(?P<rest>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_CENTRE_IS: Final = re.compile(
    r"(?:the\s+)?(?:cent(?:er|re)|middle|(?:main\s+|central\s+)?topic|root)(?:\s+(?:is|being|called))?\s*[:=]?\s*[\"\u201c]?(?P<topic>[^\"\u201d]+?)[\"\u201d]?(?:\s+and\s+(?:the\s+|its\s+)?(?:main\s+)?(?:arms|branches|topics|subtopics|children|nodes))?",
    re.IGNORECASE,
)
_BRANCHES_ARE: Final = re.compile(
    r"^\s*(?:and\s+)?(?:(?:the|its|main|with|\d+|two|three|four|five|six)\s+)*(?:branches|subtopics|children|topics|arms)\s*(?::|\bare\b:?)\s*",
    re.IGNORECASE,
)
# "Boss has three reports: Anna, Bert": the words alone say that it is a tree.
_HAS_BELOW: Final = re.compile(
    rf"^(?:the\s+)?(?P<above>[^,:;\n]{{1,60}}?)\s+(?:has|have)\s+(?:(?:{NUMBER}|the|these|following|direct)\s+)*"
    r"(?:reports?|subordinates?|employees?|child(?:ren)?|deput(?:y|ies))\s*:\s*(?P<below>\S.*)$",
    re.IGNORECASE,
)


# "Karl has a son Max and daughters Lea and Mia": Max, Lea and Mia.
_KIN: Final = re.compile(
    rf"(?P<before>(?:\b(?:has|have|had|with|got|and)\s+|,\s*))(?:(?:an?|the|one|only|older|elder|younger|little|{NUMBER})\s+)*(?:grand|step)?(?:son|daughter|child(?:ren)?|kid|boy|girl|twin)s?(?:\s*[,:]\s*|\s+)(?:(?:called|named)\s+)?(?=(?-i:[A-Z]))",
    re.IGNORECASE,
)


def parse(text: str) -> Plan | None:
    """A topic with branches, or people above people."""
    if re.search(r"\bfamily\b", text, re.IGNORECASE):
        text = _KIN.sub(r"\g<before>", text)
    text = re.sub(
        r"\b(root|top|cent(?:er|re)|middle|(?:main\s+|central\s+)?topic|branches|(?:first\s+|second\s+)?level(?:\s+\d)?)\s*=\s*",
        r"\1: ",
        text,
        flags=re.IGNORECASE,
    )
    text = re.sub(
        r"\b(?:(?:first|second|1st|2nd|next)\s+level|level\s+(?:\d|one|two))(?=\s*:)",
        "branches",
        text,
        flags=re.IGNORECASE,
    )
    text = (
        re.sub(r"\s+(?:[/|]|--)\s+(?=[\w ]{1,30}:\s)", ". ", text)
        if _MIND.search(text) or _ORG.search(text)
        else text
    )
    text = text if ARROW.search(text) else re.sub(r"(?<=\S)\s+>\s+(?=\S)", " -> ", text)
    if len(ARROW.findall(text)) == 1 and "(" in text:  # "mind map of the body -> head (eyes, ears), torso"
        text = ARROW.sub(": ", text)
    text = re.sub(r"^([^:.,\n]{0,60}\btree)\s+(?:where|in\s+which)\s+", r"\1: ", text)
    if plan := _told_lineage(text):
        return plan
    asked = _MIND.search(text)
    if asked and (found := headed(text, _MIND) or headed(text[asked.start() :], _MIND)):
        return _mind_map(found, spoken_of=_last_name(text))
    bare, _ = strip_command(strip_courtesy(text))
    if re.search(r"\b(?:around|branch|off)\w*\s+(?:it|that|for|are)\b", bare[:300]) and _CENTRED.match(bare):
        return _mind_map(Headed(title="", subject="", body=bare, noun="mind map"))
    if (found := headed(text, _ORG)) and not re.search(
        r"\bdecision\b|^(?:steps|process|how|procedure)\b", f"{found.title} {found.noun}", re.I
    ):
        return _org_chart(found)
    return _told_tree(text)


def _told_lineage(text: str) -> Plan | None:
    """A tree told in sentences with names, its kind named anywhere in them."""
    bare = strip_courtesy(text)
    named = re.search(
        rf"^(?:(?:an?|the|my|our)\s+)?(?:{_ORG.pattern})|(?-i:\b(?=[a-z])){_ORG.pattern}", text, re.IGNORECASE
    )
    kind = "mindmap" if _MIND.search(text) else "tree" if named else None
    other = kind_named(text)  # "Kanban board with Done: Plant tree": a tree in the contents makes none
    if other and not re.search(rf"{_ORG.pattern}|{_MIND.pattern}", other, re.IGNORECASE):
        return None
    if kind is None or ARROW.search(bare) or re.search(r"\S\s>\s\S", bare):
        return None
    lines = [line for line in bare.split("\n") if line.strip()]
    if len(lines) > 1 and _is_outline(lines[1:]):
        return None
    if kind == "mindmap" and not re.search(r"\b(?:cent(?:er|re)|middle|root|topic)\b", bare, re.IGNORECASE):
        bare = _TOPIC_IN_SMALL.sub(lambda said: f'{said["before"]}"{as_title(said["topic"])}"', bare, count=1)
    bare = _ORG.sub(lambda said: said[0].lower(), _MIND.sub(lambda said: said[0].lower(), bare))
    # "Structure of our club: Board on top": the heading names nobody.
    heading, _, rest = re.sub(r"^\s*(?:tree|chart|org\w*\s?chart)\s*:\s+(?=[^.\n]*:)", "", bare).partition(
        ":"
    )
    apart = (
        lineage(rest)
        if kind == "tree" and len(heading) < 60 and not re.search(r"\s(?:top|root|under|below)\b", heading)
        else None
    )
    told = apart if apart and len(apart[0]) > 1 else lineage(bare)
    if told is None:
        return None
    pairs, root = told
    graph = Graph(Wording(body=text))
    if root:
        graph.node(root)
    for above, below in pairs:
        graph.edge(graph.node(above), graph.node(below))
    return graph.plan("mindmap" if kind == "mindmap" else "tree")


def _told_tree(text: str) -> Plan | None:
    """Nothing but sentences of who has whom below."""
    told = [part for part in re.split(r"\.\s+|[;\n]\s*", strip_courtesy(text).strip(" .\n")) if part.strip()]
    pairs = [_HAS_BELOW.match(part.strip()) for part in told]
    graph = Graph(Wording(body=text))
    for pair in pairs:
        if pair is None:
            return None
        for name in split_items(pair["below"]):
            graph.edge(graph.node(clean(pair["above"])), graph.node(name))
    return graph.plan("tree") if graph.edges else None


# "… with the root Fruit" and its branches line by line below it
_ROOT_NAMED: Final = re.compile(
    r"^\s*(?:the\s+)?(?:root|middle|cent(?:er|re)|(?:main\s+|central\s+)?topic)(?:\s+node)?(?:\s+is|\s+called|\s+named|:|\s+being)?\s+(?=[^\n]+\n)",
    re.IGNORECASE,
)
# "a mind map about exam revision with …": the middle has a name, in small letters too.
_TOPIC_IN_SMALL: Final = re.compile(
    rf"(?P<before>{_MIND.pattern}\s+(?:for|of|about|on|around)\s+(?:the\s+|our\s+|my\s+|an?\s+)?)(?P<topic>(?-i:[a-z])[^,.:;\n\"]{{1,60}}?)(?=\s+(?:with|has|having|that\s+has|where)\s|\s*\.\s)",
    re.IGNORECASE,
)
_AROUND_IT: Final = re.compile(
    r"\s+(?:as\s+(?:the\s+|its\s+)?(?:main\s+)?(?:branches|topics|subtopics|children|nodes)|(?:around|off|below|under)\s+(?:it|that))\s*[.!]?\s*$",
    re.IGNORECASE,
)


def _last_name(text: str) -> str:
    """What was spoken of before a mind map was asked for: "I teach Rome and want a mind map with …"."""
    asked = _MIND.search(text)
    found, _ = mentions(text[: asked.start()] if asked else "")
    return found[-1].name if found else ""


def _mind_map(found: Headed, *, spoken_of: str = "") -> Plan:
    graph = found.graph()
    named = _CENTRE_IS.fullmatch(found.subject)
    topic = named["topic"] if named else found.subject
    topic = re.sub(r"(?<=\w)\s+for\s+(?:my|our)\s.*$", "", clean(topic))
    body = found.body
    if not body and (
        apart := re.match(r"(?P<about>[^,]+),\s+(?=[^,]+\s(?:in|at|as)\s+the\s)", found.subject)
    ):
        topic, body = clean(apart["about"]), found.subject[apart.end() :]
    if centred := _CENTRED.match(body) or _CENTRE_NAMED.match(body):
        topic, body = clean(centred.groupdict().get("first") or centred["topic"]), centred["rest"]
    elif (inside := re.fullmatch(r"\s*(?P<topic>[^(),:;\n]+?)\s*\((?P<rest>.+)\)\s*", body)) and len(
        split_outside(body, ",;")
    ) == 1:
        topic, body = clean(inside["topic"]), inside["rest"]
    if not topic and ARROW.search(body):
        _arrows(graph, None, body)
        if graph.edges:
            return graph.plan("mindmap")
    if not topic:
        topic, body = (spoken_of, body) if spoken_of and "(" in body else _topic_in(body)
    body = _AROUND_IT.sub("", _BRANCHES_ARE.sub("", body))
    if not topic or not body.strip():
        raise needs(
            "A mind map needs a topic and its branches.",
            "Mind map of coffee: origin, brewing (espresso, filter), roasting",
        )
    body = _ROOT_NAMED.sub("", body)
    lines = [line for line in body.split("\n") if line.strip()]
    depths = [strip_bullet(line)[0] for line in lines]
    if len(lines) > 2 and min(depths[1:]) > depths[0]:  # the outline has a topic of its own
        topic, body = strip_bullet(lines[0])[1].rstrip(":"), "\n".join(lines[1:])
    topic = re.sub(r"^(?:the\s+)?(?:word|term|topic|subject)\s+(?=[A-Z\"])", "", topic)
    root = graph.new_node(as_title(topic))
    if not _told_around(graph, root, body):
        _branches(graph, root, body)
    graph.title("")
    return graph.plan("mindmap")


def _told_around(graph: Graph, root: str, body: str) -> bool:
    """ "fish, birds and mammals around it; birds split into owls and ducks": clause after clause."""
    told = [_AROUND_IT.sub("", part) for part in re.split(r"\s*[;.\n]\s*", body) if part.strip()]
    pairs = [_above_and_below(part) for part in told]
    if len(told) < 2 or not any(pairs[1:]) or re.search(r"[:()]|->", body):
        return False
    for part, pair in zip(told, pairs, strict=True):
        above, below = pair or ("it", split_items(part))
        key = root if _PRONOUN.fullmatch(above) else graph.node(above)
        if key != root and not any(target == key for _, target, _ in graph.edges):
            graph.edge(root, key)
        for name in below:
            graph.edge(key, graph.node(name))
    return True


_BRANCHES_NEXT: Final = re.compile(
    r"[.;]\s+(?:(?:and|the|its|with|main)\s+)*branches\s*(?::|are\b:?)\s*", re.IGNORECASE
)


def _topic_in(body: str) -> tuple[str, str]:
    """The topic is the first line, what comes before a colon, or the middle that the words name."""
    if (cut := _BRANCHES_NEXT.search(body)) and not re.search(r"[,;:\n]", body[: cut.start()]):
        return clean(body[: cut.start()]), body[cut.end() :]
    named = re.match(
        r"^(?:(?:the\s+)?(?:central|main|middle)\s+(?:topic|idea|node|theme)\s+(?:is\s+)?)?(?P<topic>[^\n,;:]{1,80})\s*(?:[:\n]|\s[\u2013\u2014-]\s|,?\s+with(?:\s+(?:the\s+)?branches)?\s)\s*(?P<rest>.+)$",
        body,
        re.IGNORECASE | re.DOTALL,
    )
    if named:
        rest = body[named.start("rest") :]
        return clean(strip_bullet(named["topic"])[1]), rest if "\n" not in body else body.split("\n", 1)[
            1
        ] if "\n" in body[: named.start("rest")] else rest
    return "", body


def _branches(graph: Graph, root: str, body: str) -> None:
    """Hangs an outline, sections or nested brackets below a node."""
    lines = [line for line in body.split("\n") if line.strip()]
    if len(lines) > 1 and not ARROW.search(body):
        _outline(graph, root, lines)
        return
    if ARROW.search(body):
        _arrows(graph, root, body)
        return
    named = told_sections(body) if ":" not in body else []
    named = named or sections(body)
    if any(items for _, items in named) and "(" not in body:
        for name, items in named:
            branch = graph.new_node(name)
            graph.edge(root, branch)
            for item in items:
                graph.edge(branch, graph.new_node(item))
        return
    _brackets(graph, root, body)


def _outline(graph: Graph, root: str, lines: list[str]) -> None:
    stack: list[tuple[int, str]] = []
    # "Noise - ear plugs, quiet hours" in every line
    dashed = len(lines) > 1 and all(re.search(r"\S\s[=\u2013\u2014-]\s", line) for line in lines)
    for line in lines:
        depth, text, marked = strip_bullet(line)
        depth += (
            1 if marked and stack and stack[0][0] == 0 and depth == 0 and not stack[0][1].endswith("*") else 0
        )
        while stack and stack[-1][0] >= depth:
            stack.pop()
        name, colon, rest = text.partition(":")
        if dashed and not colon:
            name, colon, rest = re.split(r"(\s[=\u2013\u2014-]\s)", text, maxsplit=1)
        above = stack[-1][1].rstrip("*") if stack else root
        if colon and rest.strip() and not name.lower().startswith("http"):
            key = graph.new_node(clean(name))
            for item in split_items(rest):
                graph.edge(key, graph.new_node(item))
        else:
            key = graph.new_node(clean(text).rstrip(":"))
        graph.edge(above, key)
        stack.append((depth, f"{key}*" if marked and not stack else key))


def _arrows(graph: Graph, root: str | None, body: str) -> None:
    below: set[str] = set()
    for statement in _APART.split(body):
        parts = [part for part in (clean(p or "") for p in _plain_arrows(statement)) if part]
        if len(parts) < 2:
            continue
        for upper, lower in itertools.pairwise(parts):
            for name in split_items(lower):
                source = graph.node(split_items(upper)[-1])
                graph.edge(source, graph.node(name))
                below.add(graph.node(name))
    if root:
        for key in list(graph.labels):
            if key != root and key not in below:
                graph.edge(root, key)


_APART: Final = re.compile(r"[\n;]|(?<=\w)\.\s|,\s*(?:and\s+)?(?=(?:(?!\.\s)[^,\n;])*(?:->|=>|\u2192))")


def _plain_arrows(statement: str) -> list[str]:
    return re.split(r"\s*(?:-+>|=+>|→)\s*", statement)


def _brackets(graph: Graph, above: str, text: str) -> None:
    """ "origin (Ethiopia, Brazil), brewing (espresso (short, long), filter)"."""
    separator = ";" if ";" in text else ","
    parts = split_outside(text, separator)
    last = parts.pop()
    if "(" not in last or re.match(r"\s*and\s", last):
        parts += re.split(r"\s+and\s+", re.sub(r"^\s*and\s+", "", last), maxsplit=1)
    else:
        halves = re.split(r"\)\s+and\s+", last, maxsplit=1)
        parts += [f"{halves[0]})", halves[1]] if len(halves) > 1 else [last]
    for part in parts:
        match = re.match(r"^(?P<name>[^()]*)\((?P<inner>.*)\)\s*$", part.strip(), re.DOTALL)
        label = clean(match["name"] if match else part)
        if not label:
            continue
        key = graph.new_node(label)
        graph.edge(above, key)
        if match:
            _brackets(graph, key, match["inner"])


def _org_chart(found: Headed) -> Plan | None:
    graph = found.graph()
    body = _ROOT_NAMED.sub("", found.body)
    lines = [line for line in body.split("\n") if line.strip()]
    if not body.strip():
        if found.noun in {"tree", "hierarchy", "organization", "organisation"}:
            return None
        raise needs("Name who stands above whom.", "Org chart: Ann: Ben, Cem; Ben: Dora, Emil")
    if ARROW.search(body):
        _arrows(graph, None, body)
    elif len(lines) > 1 and _is_outline(lines):
        _forest(graph, lines)
    elif not _sentences(graph, body):
        named = sections(body)
        if any(items for _, items in named) and "(" not in body:
            for name, items in named:
                above = graph.node(name)
                for item in items:
                    graph.edge(above, graph.node(item))
        elif "(" in body:
            root = graph.new_node("")
            _brackets(graph, root, body)
            graph.drop(root)
        elif found.subject and len(named) > 1:
            root = graph.new_node(as_title(found.subject))
            for name, _ in named:
                graph.edge(root, graph.new_node(re.sub(r"^(?:an?|the)\s+", "", name)))
            graph.title("")
    if len(graph) < 2 or not graph.edges:
        raise needs("Name who stands above whom.", "Org chart: Ann: Ben, Cem; Ben: Dora, Emil")
    return graph.plan("tree")


def _is_outline(lines: list[str]) -> bool:
    depths = {strip_bullet(line)[0] for line in lines}
    marks = {strip_bullet(line)[2] for line in lines}
    return len(depths) > 1 or len(marks) > 1


def _forest(graph: Graph, lines: list[str]) -> None:
    stack: list[tuple[int, str]] = []
    for line in lines:
        depth, text, marked = strip_bullet(line)
        depth = depth * 2 + (1 if marked else 0)
        while stack and stack[-1][0] >= depth:
            stack.pop()
        name, colon, rest = text.partition(":")
        label = clean(name) if colon and rest.strip() and ("," in rest) else clean(text).rstrip(":")
        key = graph.new_node(label)
        if stack:
            graph.edge(stack[-1][1], key)
        if label == clean(name) and rest.strip():
            for item in split_items(rest):
                graph.edge(key, graph.new_node(item))
        stack.append((depth, key))


def _sentences(graph: Graph, body: str) -> bool:
    """ "Ben and Cem report to Ann. Ben manages Dora": true when every clause says who is above whom."""
    pairs: list[tuple[str, list[str]]] = []
    told = clauses(body, _above_and_below)
    latest = ""
    for part in told:
        if pair := _above_and_below(part):
            above, below = pair
            pairs.append((latest if latest and _PRONOUN.fullmatch(above) else above, below))
            latest = pairs[-1][0]
        elif pairs or "," in part or ":" in part or len(told) == 1:
            return False
        else:
            latest = clean(part)
            graph.node(latest)
    everybody = [name for above, below in pairs for name in (above, *below)]
    pairs = [
        (_titled(above, everybody), [_titled(name, everybody) for name in below]) for above, below in pairs
    ]
    for above, _ in pairs:
        graph.node(above)
    for above, below in pairs:
        for name in below:
            if graph.node(name) != graph.node(above):
                graph.edge(graph.node(above), graph.node(name))
    return bool(pairs)


def _titled(name: str, everybody: list[str]) -> str:
    """ "Tom (CTO)" or "CTO Tom" for Tom, who has been introduced so."""
    introduced = re.compile(rf"(?:[A-Z]{{2,}}|\w+\.)\s+{re.escape(name)}|{re.escape(name)}\s\(.*")
    titled = {said for said in everybody if introduced.fullmatch(said)}
    return titled.pop() if len(titled) == 1 else name


_PRONOUN: Final = re.compile(r"(?:it|them|him|her|that|this|he|she|they|the\s+top)", re.IGNORECASE)
_IS_BELOW: Final = re.compile(
    r"^(?:put\s+|add\s+)?(?P<below>[^,:]+?)\s+(?:(?:go(?:es)?|is|are|sits?|comes?)\s+)?(?:right\s+|directly\s+)?(?:below|under|underneath|beneath|around)\s+(?:the\s+)?(?P<above>\S.*)$",
    re.IGNORECASE,
)
_UNDER_THEM: Final = re.compile(
    r"^(?:under|below|beneath)\s+(?P<above>it|them|him|her|that)\s*,?\s+(?P<below>\S.*)$", re.IGNORECASE
)


def _bare(clause: str) -> str:
    return re.sub(
        r"^(?:(?:and|then|who|while|with|there)\s+)+", "", clause.strip(" .,;"), flags=re.IGNORECASE
    )


def _above_and_below(clause: str) -> tuple[str, list[str]] | None:
    """ "Ben and Cem report to Ann": who is above, and who is below."""
    part = _bare(clause)
    match = _UNDER_THEM.match(part) or _LEADS.match(part) or _IS_BELOW.match(part)
    if match is None:
        return None
    names = [
        name
        for part in split_outside(match["below"], ",")
        for name in re.split(r"\s+and\s+(?![^()]*\))", f" {part.strip()}")
    ]
    return bare_name(match["above"]), [
        name for part in names if (name := bare_name(re.sub(r"^\s*and\s+", "", part)))
    ]
