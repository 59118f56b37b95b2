"""Venn diagrams: two or three sets and what they share."""

import re
from typing import Final

from ai_jobs.planning.plan import Group, Node, Plan
from ai_jobs.providers.sketcher.heading import headed, needs, sections
from ai_jobs.providers.sketcher.items import clean, split_items

_NOUN: Final = re.compile(
    r"(?:venn(?:[\s-]?(?:diagram|chart))?s?|euler[\s-]diagrams?|set\s+diagrams?|overlapping\s+circles)\b",
    re.IGNORECASE,
)
_SHARED: Final = re.compile(
    r"(?:both|all(?:\s+three)?|shared|common|in\s+common|overlap|intersection|middle|center|centre|together|everything|all\s+of\s+them)$",
    re.IGNORECASE,
)
_OVERLAP: Final = re.compile(
    r"[\s,;.]*\b(?:with|and|where|that)?\s*(?:the\s+|an?\s+)?(?:overlap(?:ping)?|intersection|shared\s+part|middle|common\s+part)\s*(?:is|being|of|:|labell?ed|called|in)?\s+(?P<items>[^:]+)$"
    r"|[\s,;.]*\b(?:both|which|that)\s+(?:share|have\s+in\s+common)\s+(?P<shared>.+)$",
    re.IGNORECASE,
)
# "…, both have caffeine, tea has leaves": sentences, each about one set or what is shared.
_HAVE: Final = re.compile(
    r"\s*[,;.]\s+(?:and\s+|while\s+)?(?:only\s+)?(?P<name>(?:both|all)(?:\s+(?:of\s+them|three))?|[\w-]+(?:\s[\w-]+)?)\s+(?:has|have|share)\s+",
    re.IGNORECASE,
)


def parse(text: str) -> Plan | None:
    """Sets from the heading or the list; "both" and "A and B" name what lies between."""
    if ":" not in text and _NOUN.search(text):
        text = _HAVE.sub(r"; \g<name>: ", text)
    found = headed(text, _NOUN)
    if found is None:
        return None
    subject, body = found.subject, found.body
    overlap: list[str] = []
    for source in ("body", "subject"):
        value = body if source == "body" else subject
        if match := _OVERLAP.search(value):
            overlap = split_items(match["items"] or match["shared"])
            value = value[: match.start()]
            body, subject = (value, subject) if source == "body" else (body, value)
            break
    told = sections(body) if body.strip(" ,;.") else []
    if told and len(told) == 1 and not told[0][1]:
        told = [(name, []) for name in split_items(re.sub(r"\s+(?:vs\.?|versus|&)\s+", ", ", told[0][0]))]
    in_subject = split_items(re.sub(r"\s+(?:vs\.?|versus|&|or)\s+", ", ", subject)) if subject else []
    named_in_subject = 2 <= len(in_subject) <= 3
    names = in_subject if named_in_subject else _names(told)
    if not 2 <= len(names) <= 3:
        raise needs(
            "A Venn diagram here has two or three sets.",
            "Venn diagram: Cats: independent; Dogs: loyal; both: pets",
        )
    groups = [Group(key=f"g{number}", label=name[:500]) for number, name in enumerate(names, 1)]
    nodes: list[Node] = []
    sections_told = [*told, ("both", overlap)] if overlap else told
    for name, items in sections_told:
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


def _names(told: list[tuple[str, list[str]]]) -> list[str]:
    """The sets are the sections that are no combination of others."""
    bare = [_only(name) for name, _ in told if not _SHARED.match(_only(name))]
    return [
        name
        for name in bare
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
