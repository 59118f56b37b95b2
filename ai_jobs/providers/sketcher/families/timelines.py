# ruff: noqa: E501  # a pattern stays on one line
"""Timelines and roadmaps: what happened when."""

import re
from dataclasses import replace
from typing import Final

from ai_jobs.planning.plan import Node, Plan
from ai_jobs.providers.sketcher.heading import headed, needs
from ai_jobs.providers.sketcher.items import clean, split_items, strip_bullet
from ai_jobs.providers.sketcher.vocabulary import ORDINALS

_NOUN: Final = re.compile(
    r"(?:time[\s-]?lines?|road[\s-]?maps?|chronolog(?:y|ies)|milestones?|history)(?:\s+(?:chart|diagram|plan))?(?:\s+(?:by|per)\s+(?:quarter|month|year|week|day|date|decade|phase)s?)?\b",
    re.I,
)
_MONTH: Final = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
_DAY: Final = r"(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?"
_DATE: Final = re.compile(
    rf"(?:(?:in|on|by|at|since|from|around|ca\.?|circa|early|mid|late)\s+)?(?:"
    rf"\d{{4}}-\d{{2}}(?:-\d{{2}})?|\d{{1,2}}[./]\d{{1,2}}(?:[./]\d{{2,4}})?|"
    rf"\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+\d{{4}})?|{_MONTH}(?:\s+\d{{1,2}}(?:st|nd|rd|th)?)?(?:,?\s+\d{{4}})?|"
    rf"Q[1-4](?:\s*[/']?\s*\d{{2,4}})?|H[12](?:\s+\d{{4}})?|\d{{1,2}}:\d{{2}}(?:\s?[ap]m)?|\d{{1,2}}\s?[ap]m|"
    rf"(?:week|day|month|year|phase|sprint|quarter)\s+\d{{1,3}}|{_DAY}|today|now|tomorrow|"
    rf"(?:spring|summer|autumn|fall|winter)(?:\s+\d{{4}})?|\d{{1,4}}\s?(?:bce?|ad|ce)|\d{{4}}s?(?:\s*[\u2013-]\s*(?:\d{{2,4}}|today|now))?"
    rf")(?!\w)",
    re.IGNORECASE,
)
_BETWEEN: Final = re.compile(r"^\s*(?:[:\u2013\u2014,=|]|-(?=\s)|\u2192|->)\s*|^\s+")


# "in week 1 we do A", "in 2012 there was B"
_THERE: Final = re.compile(
    r"^(?:(?:we|i|they|you|it)\s+(?:do|have|had|get|plan|see|start|did|run|hold)\s+(?=\S)|(?:there\s+(?:is|was|are|were|will\s+be)|is|was|comes|came|comes\s+the|will\s+be)\s+(?:an?\s+|the\s+)?)",
    re.IGNORECASE,
)


def parse(text: str) -> Plan | None:
    """Events with their dates, in the order given."""
    found = headed(text, _NOUN)
    if found is None:
        return None
    found = found.parted()
    found = replace(found, body=_TALK.sub("", _LISTED.sub("", _THAT.sub("", found.body))))
    told, colon, events_told = found.body.partition(": ")
    of_a_year = re.fullmatch(r"\s*\d{4}", told) and not re.search(r"\d{4}", events_told)
    if colon and (of_a_year or not _DATE.search(told)) and len(_DATE.findall(events_told)) > 1:
        found = replace(found, body=events_told)  # "with the months on top: March - tryouts, …"
    events = _below_dates(found.body) or [_event(item) for item in _items(found.body)]
    dates = split_items(found.subject)
    if (
        len(dates) == len(events) > 1
        and all(map(_DATE.fullmatch, dates))
        and not any(date for date, _ in events)
    ):
        events = list(zip(dates, (label for _, label in events), strict=True))
        found = replace(found, title="")
    events = [event for event in events if event != ("", "")]
    if found.noun.startswith(("history", "milestone")) and not any(date for date, _ in events):
        return None
    if not events:
        raise needs(
            "Name the events, with or without dates.",
            "Timeline: 1969 moon landing, 1989 fall of the wall, 2007 iPhone",
        )
    return Plan(
        title=re.sub(r"\s+as\s+(?:an?\s+)?time\s?line$", "", found.title, flags=re.IGNORECASE),
        layout="timeline",
        direction=found.direction,
        nodes=tuple(
            Node(
                key=f"n{number}",
                label=label or date,
                note=date if label else "",
                role="step",
                color=found.color,
            )
            for number, (date, label) in enumerate(events, 1)
        ),
    )


# "we roll out in phases. The phases are A, B": what is told before the list is no event of it.
_LISTED: Final = re.compile(
    r"^(?:[^:.;\n]{3,120}[.;]\s+)?(?:(?:with|and|the|these|following|its|our|has|as)\s+)*(?:phases|stages|milestones|events|dates|steps|periods|points|stations|entries)(?:\s+(?:are|were|is|being|will\s+be|on\s+it))?(?:\s*:\s*|\s+)(?=\S)",
    re.IGNORECASE,
)
_THAT: Final = re.compile(r"^\s*that\s+(?=\S)")
_TALK: Final = re.compile(
    r"[\s,;]+(?:(?:all\s+)?(?:in|with)\s+(?:that|this|the\s+given)\s+order|one\s+(?:in|per|for|at)\s+(?:each|every)(?:\s+\w+)?|(?:one\s+)?each|on\s+it|respectively)\W*$",
    re.IGNORECASE,
)
# "first A, then B, afterwards C": words that only say that one thing follows the other.
_THEN: Final = re.compile(
    r"^(?:(?:and|at|first(?:ly)?|then|next|after(?:wards|\s+that)|later(?:\s+on)?|finally|last(?:ly)?|eventually|second(?:ly)?|third(?:ly)?|followed\s+by|(?:we|it)\s+(?:starts?|begins?|ends?|finish(?:es)?)\s+with|starting\s+with|ending\s+with)\b[\s,:]*)+(?:(?:comes?|there\s+(?:is|was)|is|was|the)\s+)*(?=\S)",
    re.IGNORECASE,
)


def _below_dates(body: str) -> list[tuple[str, str]]:
    """Lines of dates, and below each the lines that tell what happened then."""
    lines = [
        strip_bullet(line)
        if not _DATE.match(line.strip())
        else (len(line) - len(line.lstrip()), line.strip(), False)
        for line in body.split("\n")
        if line.strip()
    ]
    margin = min((depth for depth, _, _ in lines), default=0)
    nested = any(depth > margin for depth, _, _ in lines)
    heads = [
        depth == margin if nested else bool(_DATE.fullmatch(text.rstrip(":"))) for depth, text, _ in lines
    ]
    if len(lines) < 3 or not heads[0] or heads[-1] or sum(heads) < 2:
        return []
    found: list[tuple[str, str]] = []
    date = ""
    for head, (_, text, _) in zip(heads, lines, strict=True):
        if head:
            date = clean(text).rstrip(":")
        else:
            found.append((date, clean(text)))
    return found


def _items(body: str) -> list[str]:
    lines = [line for line in body.split("\n") if line.strip()]
    if len(lines) > 1:
        # "1. kick-off" is a number and "1969. landing" is not: only a bullet or short number goes.
        return [clean(strip_bullet(line)[1] if not _DATE.match(line.strip()) else line) for line in lines]
    items = [
        _THEN.sub("", item) if item[:1].islower() or _THEN.match(body) else item for item in split_items(body)
    ]
    merged: list[str] = []
    for item in items:  # "May 4, 2024: launch" holds a comma
        if (
            merged
            and re.match(r"^\d{4}\b", item)
            and re.search(rf"{_MONTH}(?:\s+\d{{1,2}})?$", merged[-1], re.I)
        ):
            merged[-1] = f"{merged[-1]}, {item}"
        else:
            merged.append(item)
    return merged


ARROWS: Final = re.compile(r"\s*(?:-+>|=+>|→)\s*")


def _event(item: str) -> tuple[str, str]:
    """Date and words of "1969: moon landing", "moon landing (1969)" or "moon landing in 1969"."""
    first = _DATE.match(item)
    if first:
        rest = item[first.end() :]
        if gap := _BETWEEN.match(rest):
            return _plain(first[0]), clean(_THERE.sub("", rest[gap.end() :]))
    bracket = re.match(r"^(?P<label>.+?)\s*[(\[](?P<date>[^()\[\]]{1,40})[)\]]$", item)
    if bracket:
        return clean(bracket["date"]), clean(bracket["label"])
    named = re.match(
        rf"^(?P<label>\S.*?)\s*(?:[,:\u2013\u2014@-]\s*|\s)(?P<date>{_DATE.pattern}|at\s+\d{{1,2}}(?:[.:]\d\d)?)$",
        item,
        re.I,
    )
    if named:
        return _plain(named["date"]), clean(named["label"])
    item = re.sub(rf"\s+(?:comes\s+|is\s+)?(?:{'|'.join(ORDINALS)})$", "", item)
    label, colon, rest = item.partition(": ")
    if colon and len(label) <= 30:
        return clean(label), clean(rest)
    return "", clean(item)


def _plain(date: str) -> str:
    return clean(re.sub(r"^(?:in|on|by|at|since|from)\s+", "", date.strip(), flags=re.IGNORECASE))
