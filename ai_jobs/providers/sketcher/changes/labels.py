# ruff: noqa: E501  # a pattern stays on one line: the table is read down, not across
"""Changes of words."""

import re
from difflib import SequenceMatcher
from typing import Final

from ai_jobs.planning.edits import Place, Relabel
from ai_jobs.planning.errors import NothingMatches
from ai_jobs.providers.sketcher.changes.phrases import (
    DELETE,
    Edits,
    Patterns,
    Predicates,
    Targets,
    is_new,
    sentence,
)
from ai_jobs.providers.sketcher.items import clean
from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.vocabulary import COLOR, LIGHT, SHAPE

_ASPECT: Final = r"(?:text|label|name|words?|title|caption|heading|wording|lettering)s?"


def _of_what(phrase: str, canvas: Surroundings) -> str:
    """ "the label of A", "A's name": A."""
    if canvas.labelled(phrase):
        return phrase
    if re.fullmatch(rf"(?:(?:the|its|their|this|that)\s+)?{_ASPECT}", phrase.strip(), re.IGNORECASE):
        return "it"
    phrase = re.sub(rf"^(?:the\s+)?{_ASPECT}\s+(?:of|in|on|from)\s+", "", phrase, flags=re.IGNORECASE)
    return re.sub(rf"(?:'s|\u2019s)\s+{_ASPECT}$", "", phrase, flags=re.IGNORECASE)


def _words(said: str) -> str:
    """The new words, without what they replace: "Deploy and not Depoly"."""
    quoted = re.fullmatch(
        r"\s*([\"“].+[\"”])(?:\s+(?:instead|now|please|on|above|over|in|inside|next|as)\b.*)?", said
    )
    if quoted:
        return clean(quoted[1])
    said = re.sub(
        r"\s*(?:,\s*(?:and\s+)?|\band\s+|\bbut\s+)not\s+.+$|\s+(?:instead(?:\s+of\s+.+)?|from\s+now\s+on|now|rather\s+than\s+.+)$",
        "",
        said,
        flags=re.IGNORECASE,
    )
    return clean(said)


def _relabel(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    if is_new(match["ref"]) and not canvas.knows(match["ref"]):
        return None
    words = _words(match["words"])
    found = canvas.find(_of_what(match["ref"], canvas))
    if case := _CASE.fullmatch(match["words"]):
        return _recased(case, tuple(found), canvas)
    return [Relabel(target=found[0], label=words)] if words and len(found) == 1 else None


def _recased(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    """The same words in capitals or without."""
    how = match["case"].lower()
    case = (
        str.lower
        if how.startswith(("lower", "small"))
        else str.title
        if how.startswith("title")
        else str.upper
    )
    labels = {name: canvas.board.label(name) for name in targets}
    return [Relabel(target=name, label=case(label)) for name, label in labels.items() if label] or None


def _relabel_to(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    words = _words(match["words"])
    if (
        not words
        or len(targets) != 1
        or (canvas.board.is_ground(targets[0]) and not canvas.labels[targets[0]])
    ):
        return None
    if place := canvas.labelled(words):  # "Stout is now Brewing": the column
        inside = canvas.board.is_ground(place[0]) and not canvas.board.is_ground(targets[0])
        return [Place(targets=targets, side="inside", anchor=place[0])] if inside else None
    return [Relabel(target=targets[0], label=words)]


def _relabel_next(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "label the arrow from A to B yes", "call A B": the longest name that is there, and the rest is its label."""
    words = match["all"].split()
    for cut in range(len(words) - 1, 0, -1):
        phrase, rest = " ".join(words[:cut]), " ".join(words[cut:])
        label = _words(re.sub(r"^(?:as|with|to|:)\s+", "", rest))
        if (
            label
            and rest not in {"instead", "now"}
            and canvas.knows(phrase)
            and len(canvas.find(phrase)) == 1
        ):
            return [Relabel(target=canvas.find_one(phrase), label=label)]
    return None


def _replace(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "change Welcome to Hello": words only where the target is one thing by its words, or words in several."""
    words, ref = _words(match["words"]), _of_what(match["ref"], canvas)
    if canvas.speaks_of(words) and re.match(r"put|have", match[0], re.IGNORECASE):
        return None  # "put A under B instead of C"
    if not words or re.fullmatch(rf"(?:an?\s+)?{SHAPE}|{LIGHT}{COLOR}", words, re.IGNORECASE):
        return None
    if re.search(r"\bevery(?:where| time)|\ball over|in (?:all|every)", match[0], re.IGNORECASE) or (
        not canvas.labelled(ref) and len(_holding(ref, canvas)) > 1
    ):
        old = clean(ref)
        return [
            Relabel(
                target=name,
                label=re.sub(
                    rf"(?<!\w){re.escape(old)}(?!\w)",
                    lambda _: words,
                    canvas.board.label(name),
                    flags=re.IGNORECASE,
                ),
            )
            for name in _holding(ref, canvas)
        ]
    name = canvas.labelled(ref) or canvas.nearly_labelled(ref)
    if not name and canvas.knows(ref) and len(canvas.find(ref)) == 1:
        name = canvas.find(ref)
    if not name:
        raise NothingMatches(canvas.missing(ref))
    return [Relabel(target=name[0], label=words)]


def _holding(ref: str, canvas: Surroundings) -> list[str]:
    pattern = re.compile(rf"(?<!\w){re.escape(clean(ref))}(?!\w)", re.IGNORECASE)
    return [name for name in canvas.things if pattern.search(canvas.board.label(name))]


def _alike(first: str, second: str) -> bool:
    """Whether the one may be the other, spelt right."""
    return SequenceMatcher(None, first.casefold(), second.casefold()).ratio() > 0.6


def _unlabel(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    return [Relabel(target=name, label="") for name in canvas.find(match["ref"])]


_MUST: Final = r"(?:(?:should|must|shall|needs?\s+to|has\s+to|ought\s+to|could|can|(?:is|are)\s+(?:supposed\s+)?to|to)\s+)?(?:now\s+|rather\s+|really\s+)?"
_CASE: Final = sentence(
    r"(?:(?:in|to|into|all|written)\s+)*(?P<case>upper[\s-]?case|(?:block\s+)?capitals|(?:all\s+)?caps|capital\s+letters|lower[\s-]?case|small\s+letters|title\s+case)(?:\s+letters)?"
)
PREDICATES: Final[Predicates] = (
    (_CASE, _recased),
    (sentence(rf"{_MUST}(?:be\s+)?(?:(?:now\s+)?(?:re)?(?:named|called|labell?ed|titled|marked)(?:\s+(?:to|as|into))?|(?:(?:gets?|got|is|are|was|has\s+been)\s+)?(?:changed|renamed|promoted|upgraded)\s+(?:in)?to|say|says|read|reads|(?:carry|have|get)\s+the\s+(?:name|label|text|words?))\s+(?P<words>.+)"), _relabel_to),
)  # fmt: skip
# "A becomes B": a name, where B is nothing that a thing can look like.
LATE_PREDICATES: Final[Predicates] = (
    (sentence(rf"{_MUST}(?:becomes?|(?:is|are)\s+(?:now\s+)(?:called\s+|named\s+)?|(?:was|is|has\s+been|got|gets|were)\s+(?:replaced|renamed|succeeded)\s+(?:by|to|with)|(?:be\s+)?(?:replaced|succeeded)\s+(?:by|with)|=>|turns?\s+into|(?:is|are)\s+called\s+(?=.*\snow$))\s*(?P<words>.+)"), _relabel_to),
)  # fmt: skip
PATTERNS: Final[Patterns] = (
    (sentence(rf"(?:give\s+)?(?P<ref>.+?)\s+(?:(?:needs?|should|must|shall|is\s+to|gets?|have|has|wants?|could|use)\s+)*(?:an?|the)\s+(?:(?:new|other|different|better)\s+)*{_ASPECT}\s*[,:]?\s+(?:(?:of|called|like|namely)\s+)?(?P<words>.+)"), _relabel),
    (sentence(r"(?:write|put|add|print|say)\s+(?:the\s+(?:word|text|label)s?\s+)?(?P<words>.+?)\s+(?:on(?:to)?|over|above|next\s+to|along|at|to|by)\s+(?P<ref>(?:the\s+)?(?:arrow|line|connection|link)\b.*)"), _relabel),
    (sentence(r"(?:rename|relabel|retitle|re-?word|call|name)\s+(?P<ref>.+?)\s+(?:to|as|into|=>|->|with)\s+(?P<words>.+)"), _relabel),
    (sentence(rf"(?:change|set|update|edit|make|adjust)\s+(?P<ref>(?:the\s+)?{_ASPECT}\s+(?:of|in|on)\s+.+?|.+?(?:'s|\u2019s)\s+{_ASPECT}|(?:(?:the|its|this)\s+)?{_ASPECT})\s+(?:to|into|as|from\s+.+?\s+to)\s+(?:say\s+|read\s+)?(?P<words>.+)"), _relabel),
    (sentence(r"(?:label|caption)\s+(?P<ref>.+?)\s+(?:as|with)\s+(?P<words>.+)"), _relabel),
    (sentence(r"(?:rename|relabel|label|caption|call|name)\s+(?P<all>.+)"), _relabel_next),
    (sentence(r"(?:write|type|enter)\s+(?P<words>.+?)\s+(?:in|into|inside|on|onto)\s+(?P<ref>.+)"), _relabel),
    (sentence(rf"{DELETE}\s+(?:the\s+)?(?:label|text|words?|caption)s?\s+(?:of|from|on|in)\s+(?P<ref>.+)"), _unlabel),
)  # fmt: skip
# Words that may as well say something else: these come last.
LATE_PATTERNS: Final[Patterns] = (
    (sentence(r"(?:(?:it|that|this)(?:\s+is|['\u2019]s)?\s+)?(?:(?:called|named|spelt|spelled|written)\s+)?(?P<words>[^,]{1,60}?)\s*,?\s+(?:and\s+)?not\s+(?P<ref>.+)"), lambda m, c: _replace(m, c) if c.labelled(m["ref"]) and not c.speaks_of(m["words"]) else None),
    (sentence(r"(?P<ref>.+?)\s+(?:should|must|has\s+to|needs\s+to|ought\s+to)\s+be\s+(?P<words>.+)"), lambda m, c: _relabel(m, c) if _alike(m["ref"], m["words"]) else None),
    (sentence(r"(?P<ref>it|that|this)\s+(?:should|must|has\s+to|needs\s+to|ought\s+to)\s+be\s+(?P<words>.+)"), _relabel),
    (sentence(r"(?:change|replace|edit|correct|swap\s+out|substitute)\s+(?:all\s+|every\s+|the\s+word\s+)?(?P<ref>.+?)\s+(?:to|with|by|into|for)\s+(?P<words>.+?)(?:\s+(?:everywhere|in\s+all\s+(?:the\s+)?\w+|throughout|all\s+over))?"), _replace),
)  # fmt: skip
