# ruff: noqa: E501  # a pattern stays on one line: the table is read down, not across
"""Changes of words."""

import re
from typing import Final

from ai_jobs.planning.edits import Relabel
from ai_jobs.planning.errors import NothingMatches
from ai_jobs.providers.sketcher.changes.phrases import DELETE, Edits, Patterns, is_new, sentence
from ai_jobs.providers.sketcher.items import clean
from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.vocabulary import COLOR, LIGHT, SHAPE


def _relabel(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    if is_new(match["ref"]) and not canvas.knows(match["ref"]):
        return None
    phrase = re.sub(
        r"^(?:the\s+)?(?:text|label|name|words?|title|caption)s?\s+(?:of|in|on|from)\s+",
        "",
        match["ref"],
        flags=re.I,
    )
    phrase = re.sub(r"(?:'s|\u2019s)\s+(?:text|label|name|title)$", "", phrase)
    words = clean(match["words"])
    return [Relabel(target=canvas.find_one(phrase), label=words)] if words else None


def _label_arrow(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "label the arrow from A to B yes": the longest name that is there, and the rest is its label."""
    words = match["all"].split()
    for cut in range(len(words) - 1, 3, -1):
        phrase = " ".join(words[:cut])
        target = re.sub(r"^.*\s(?:to|and)\s+", "", phrase)
        if canvas.labelled(target) and canvas.knows(phrase):
            label = clean(re.sub(r"^(?:as|with|:)\s+", "", " ".join(words[cut:])))
            return [Relabel(target=canvas.find_one(phrase), label=label)]
    raise NothingMatches(canvas.missing(match["all"]))


def _replace(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "change Welcome to Hello": words only where the target is one thing by its words."""
    words = clean(match["words"])
    if re.fullmatch(rf"(?:an?\s+)?{SHAPE}|{LIGHT}{COLOR}", words, re.IGNORECASE):
        return None
    name = canvas.labelled(match["ref"]) or canvas.nearly_labelled(match["ref"])
    if not name:
        raise NothingMatches(canvas.missing(match["ref"]))
    return [Relabel(target=name[0], label=words)]


def _unlabel(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    return [Relabel(target=name, label="") for name in canvas.find(match["ref"])]


PATTERNS: Final[Patterns] = (
    (sentence(r"(?:write|put|use|show|say)\s+(?P<words>.+?)\s+instead\s+of\s+(?P<ref>.+)"), _replace),
    (sentence(r"instead\s+of\s+(?P<ref>.+?)\s*,?\s+(?:write|put|use|show|say|it\s+should\s+(?:say|read|be))\s+(?P<words>.+)"), _replace),
    (sentence(r"(?P<ref>.+?)\s+(?:(?:is|are)\s+now\s+(?:called\s+|named\s+)?|(?:is|are)\s+called\s+(?=.*\snow$)|(?:should|must|needs\s+to)\s+(?:become|be\s+(?:renamed|changed|relabell?ed)(?:\s+to|\s+as)?)\s+|becomes\s+)(?P<words>.+?)(?:\s+now)?"), _replace),
    (sentence(r"(?:rename|relabel|call)\s+(?P<ref>\S+)\s+(?P<words>(?!to\b|as\b|into\b|it\b)\S+)"), _relabel),
    (sentence(r"(?:rename|relabel|retitle|re-?word)\s+(?P<ref>.+?)\s+(?:to|as|into|=>|with)\s+(?P<words>.+)"), _relabel),
    (sentence(r"(?:change|set|update|edit)\s+(?P<ref>(?:the\s+)?(?:text|label|name|words?|title|caption)s?\s+(?:of|in|on)\s+.+?)\s+to\s+(?:say\s+|read\s+)?(?P<words>.+)"), _relabel),
    (sentence(r"(?:change|set)\s+(?P<ref>.+?(?:'s|\u2019s)\s+(?:text|label|name|title))\s+to\s+(?P<words>.+)"), _relabel),
    (sentence(r"(?:make\s+)?(?P<ref>.+?)\s+(?:should\s+)?(?:say|read|be\s+(?:called|named|labell?ed))s?\s+(?:instead\s+)?(?P<words>.+)"), _relabel),
    (sentence(r"(?:label|caption)\s+(?P<ref>.+?)\s+(?:as|with)\s+(?P<words>.+)"), _relabel),
    (sentence(r"(?:label|name)\s+(?P<all>(?:the\s+)?(?:arrow|line|connection)\s+(?:from|between)\s+.+?\s+(?:to|and)\s+.+)"), _label_arrow),
    (sentence(r"call\s+(?P<ref>.+?)\s+(?P<words>[\"“].+[\"”])(?:\s+instead)?"), _relabel),
    (sentence(r"call\s+(?P<ref>\S+)\s+(?!instead$)(?P<words>\S.*?)(?:\s+instead)?"), _relabel),
    (sentence(r"(?:change|replace|edit|correct)\s+(?P<ref>.+?)\s+(?:to|with|by|into)\s+(?P<words>.+)"), _replace),
    (sentence(rf"{DELETE}\s+(?:the\s+)?(?:label|text|words?|caption)s?\s+(?:of|from|on|in)\s+(?P<ref>.+)"), _unlabel),
)  # fmt: skip
