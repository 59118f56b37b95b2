# ruff: noqa: E501  # a pattern stays on one line
"""Venn diagrams: two or three sets and what they share."""

import re
from typing import Final

from ai_jobs.planning.plan import Group, Node, Plan
from ai_jobs.providers.sketcher.heading import headed, needs
from ai_jobs.providers.sketcher.items import clean, split_items, strip_bullet
from ai_jobs.providers.sketcher.sections import Section, declared, distributed, sections

_NOUN: Final = re.compile(
    r"(?:venn(?:[\s-]?(?:diagram|chart))?s?|euler[\s-]diagrams?|set\s+diagrams?|overlapping\s+(?:circles|sets)|intersecting\s+(?:circles|sets)|(?:circles|sets)\s+(?:that|which)\s+(?:overlap|intersect))\b",
    re.IGNORECASE,
)
_SHARED: Final = re.compile(
    r"(?:both|all(?:\s+three)?|shared|common|in\s+common|overlap|intersection|middle|center|centre|together|everything|all\s+of\s+them)$",
    re.IGNORECASE,
)
_MIDDLE: Final = r"(?:overlap(?:ping(?:\s+(?:part|area))?)?|intersection|shared\s+(?:part|area|space|bit)|middle|common\s+(?:part|area|ground)|cent(?:er|re)|where\s+they\s+(?:meet|overlap|cross))"
_ALL: Final = rf"\b(?:both(?!\s+(?-i:[A-Z]))|all(?:\s+three)?(?:\s+of\s+them)?|each\s+of\s+them|{_MIDDLE})"
# "Max plays both Tennis and Golf": the sets, where nothing else names them.
_BOTH: Final = re.compile(
    r"\bboth\s+(?P<first>[A-Z][\w-]*(?:\s[A-Z][\w-]*)?)\s+and\s+(?P<second>[A-Z][\w-]*(?:\s[A-Z][\w-]*)?)"
)
_OVERLAP: Final = re.compile(
    rf"[\s,;.]*\b(?:(?:with|and|where|that|put|have)\s+)*(?:both\s+)?(?:(?:in|inside|at|into)\s+)?(?:the\s+|an?\s+)?{_MIDDLE}\s*(?:(?:is|are|being|of|:|labell?ed|called|named|put|goes|we\s+(?:have|find|put|see)|there\s+(?:is|are)|holds|has|says|contains|write|they\s+share)\s*:?\s*)?(?P<items>[^:]+)$"
    rf"|[\s,;.]*\b(?:both|which|that|they|all(?:\s+three)?)\s+(?:share|have\s+in\s+common|have\s+both)\s+(?P<shared>.+)$"
    rf"|(?:[\s,;.]+(?:and\s+)?(?:with|put|having|place|write)\s+|^(?!.*\swith\s)(?=\w))(?P<placed>[^:;]+?)\s+(?:is\s+|are\s+|goes\s+)?(?:in|at|inside|into)\s+(?:the\s+|their\s+)?{_MIDDLE}$",
    re.IGNORECASE,
)
_NUMBERED: Final = re.compile(
    r"^\s*(?:(?:two|three|2|3|the|with)\s+)*(?:circles|sets|groups)\s*(?:are|called|named|labell?ed|for|of)?\s*[:,]?\s+",
    re.I,
)
# "…, both have caffeine, tea has leaves": sentences, each about one set or what is shared.
_HAVE: Final = re.compile(
    r"\s*[,;.]\s+(?:and\s+|while\s+)?(?:only\s+)?(?P<name>(?:both|all)(?:\s+(?:of\s+them|three))?|[\w-]+(?:\s[\w-]+)?)\s+(?:has|have|share)\s+",
    re.IGNORECASE,
)


# "cats, dogs and both: …": what is shared is no set of its own.
_AND_BOTH: Final = re.compile(
    rf"(?:,|\s+and)\s+(?P<last>[^,:;]{{1,60}}?),?\s+and\s+(?:the\s+)?(?:both|all|{_MIDDLE})\s*(?=:)",
    re.IGNORECASE,
)


_AS_A_VENN: Final = re.compile(
    r"\s+(?:as|in|on)\s+an?\s+(?:venn|euler)(?:[\s-]?diagram)?\b(?!\s+of)", re.IGNORECASE
)
# "…, with Facilitation shared, …": what is shared, before the word for it.
_ARE_SHARED: Final = re.compile(
    r"(?:(?:^|[,;.:])\s*(?:and\s+)?(?:with\s+)?|\s+(?:and|with)\s+)(?P<items>[^,;.:]{1,80}?)\s+(?:is\s+|are\s+|being\s+)?(?:both\s+)?(?:shared(?:\s+by\s+(?:both|all))?|in\s+common|common\s+to\s+both)\s*(?=[,;.]|and\b|$)",
    re.IGNORECASE,
)


def parse(text: str) -> Plan | None:
    """Sets from the heading or the list; "both" and "A and B" name what lies between."""
    text = re.sub(r"(?<=\w)\s+&\s+(?=[A-Z]\w*\s+(?:share|have|both)\b)", " and ", text)
    if (named := _NOUN.search(text)) and (again := _AS_A_VENN.search(text, named.end())):
        text = text[: again.start()] + text[again.end() :]
    if ":" not in text and _NOUN.search(text):
        text = _HAVE.sub(r"; \g<name>: ", text)
    found = headed(_AND_BOTH.sub(r" and \g<last>", text, count=1), _NOUN)
    if found is None:
        return None
    names, more = declared(re.sub(r"\s+(?:vs\.?|versus|&|or)\s+", ", ", found.subject))
    names = [name for name in names if not _SHARED.match(name)]
    names = names if 2 <= len(names) <= 3 else []
    named_in_subject = bool(names)
    rest = _NUMBERED.sub("", ". ".join(part for part in (more if names else "", found.body) if part.strip()))
    if not names:
        names, rest = _names_and_rest(rest)
    rest = _ARE_SHARED.sub(r"; both: \g<items>;", rest)
    told = distributed(rest, names, {_ALL: "both"}) if names else []
    if not any(items for _, items in told):
        told = _told_in_parts(rest, names)
        names = names or _names(told)
    if not 2 <= len(names) <= 3:
        raise needs(
            "A Venn diagram here has two or three sets.",
            "Venn diagram: Cats: independent; Dogs: loyal; both: pets",
        )
    told = [section for section in told if section[1] or not _known(section[0], names)]
    groups = [Group(key=f"g{number}", label=name[:500]) for number, name in enumerate(names, 1)]
    nodes: list[Node] = []
    for name, items in told:
        members = _members(name, names)
        if not members and not items and not named_in_subject:
            continue
        for item in items if members or items else [name]:
            keys = [groups[number].key for number in members or range(len(names))]
            nodes.append(
                Node(
                    key=f"n{len(nodes) + 1}", label=item, role="item", group=keys[0], also_in=tuple(keys[1:])
                )
            )
    return Plan(
        title="" if named_in_subject else found.title, layout="venn", groups=tuple(groups), nodes=tuple(nodes)
    )


def _names_and_rest(body: str) -> tuple[list[str], str]:
    """The sets where they are named before anything is told of them: in a list, in lines, or as "both A and B"."""
    lines = body.strip("\n").split("\n")
    marked = [strip_bullet(line)[1] for line in lines if strip_bullet(line)[2]]
    if 2 <= len(marked) <= 3 < len(lines) + 1 and not any(":" in name for name in marked):
        return marked, "\n".join(line for line in lines if not strip_bullet(line)[2])
    names, rest = declared(re.sub(r"\s+(?:vs\.?|versus)\s+", ", ", body))
    if 2 <= len(names) <= 3:
        return names, rest
    if both := _BOTH.search(body):
        return [both["first"], both["second"]], re.sub(r"^\s*that\s+", "", body)
    return [], body


def _told_in_parts(body: str, names: list[str]) -> list[Section]:
    """Sections by their colons and brackets, and at the end what is shared."""
    overlap: list[str] = []
    if match := _OVERLAP.search(body):
        overlap = split_items(match["items"] or match["shared"] or match["placed"])
        body = body[: match.start()]
    told = sections(body) if body.strip(" ,;.") else []
    return [*told, ("both", overlap)] if overlap else told


def _names(told: list[tuple[str, list[str]]]) -> list[str]:
    """The sets are the sections that are no combination of others."""
    bare = [_only(name) for name, _ in told if not _SHARED.match(_only(name))]
    return [
        name
        for name in dict.fromkeys(bare)
        if not (len(parts := _parts(name)) > 1 and all(_known(part, bare) for part in parts))
    ]


def _only(name: str) -> str:
    return clean(re.sub(r"^(?:only|just)\s+|\s+only$|^in\s+", "", name, flags=re.IGNORECASE))


def _parts(name: str) -> list[str]:
    return [part for part in re.split(r"\s*(?:&|\+|,|/|\u2229)\s*|\s+and\s+", name) if part]


def _known(part: str, names: list[str]) -> bool:
    return any(part.casefold() == name.casefold() for name in names)


def _members(name: str, names: list[str]) -> list[int]:
    """Which sets a section speaks of."""
    name = _only(name)
    if _SHARED.match(name):
        return list(range(len(names)))
    lowered = [other.casefold() for other in names]
    if name.casefold() in lowered:
        return [lowered.index(name.casefold())]
    found = [lowered.index(part.casefold()) for part in _parts(name) if part.casefold() in lowered]
    return found if len(found) == len(_parts(name)) else []
