# ruff: noqa: E501  # a pattern stays on one line
"""Lines within a box: the fields of an entity are added, renamed and removed one by one."""

import re
from typing import Final

from ai_jobs.planning.edits import Relabel
from ai_jobs.providers.sketcher.changes.phrases import ADD, DELETE, Edits, Patterns, sentence
from ai_jobs.providers.sketcher.items import split_items
from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.vocabulary import NUMBER

_FIELD: Final = r"(?:fields?|columns?|attributes?|propert(?:y|ies))"
_A_FIELD: Final = rf"(?:(?:an?|another|the|also|new|more|extra|further|additional|{NUMBER})\s+)*(?P<noun>{_FIELD}\b)?\s*(?:[,:]|called\b|named\b|for\b)?\s*"


def _add(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    fields = _fields_of(match["entity"], canvas)
    new = [re.sub(rf"^(?:an?|the)\s+|\s+{_FIELD}$", "", item) for item in split_items(match["new"])]
    if fields is None or not new or any(len(item.split()) > 3 for item in new):
        return None
    said = canvas.board.label(fields)
    return [Relabel(target=fields, label="\n".join([*filter(None, said.split("\n")), *new]))]


def _remove(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    return _rewritten(match, canvas, "")


def _rename(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    return _rewritten(match, canvas, match["words"].strip(" \"'“”"))


def _rewritten(match: re.Match[str], canvas: Surroundings, words: str) -> Edits | None:
    """Each line that is called so has other words; without any it is gone."""
    one = _fields_of(match["entity"], canvas) if match["entity"] else None
    wanted = [item.casefold() for item in split_items(match["field"])]
    edits: Edits = []
    for fields in [one] if one else canvas.parts if not match["entity"] else ():
        lines = canvas.board.label(fields).split("\n")
        if len(lines) > 1 and any(line.casefold() in wanted for line in lines):
            kept = [words if line.casefold() in wanted else line for line in lines]
            edits.append(Relabel(target=fields, label="\n".join(filter(None, kept))))
    return edits or None


def _fields_of(entity: str, canvas: Surroundings) -> str | None:
    """The box of fields below the heading of an entity."""
    heading = canvas.labelled(entity) or canvas.labelled(re.sub(r"\s+(?:entity|table|class)$", "", entity))
    for part in canvas.board.own_parts(heading[0]) if heading else ():
        if part != heading[0] and part in canvas.parts and canvas.is_fields(part):
            return part
    return None


_OF: Final = r"(?:\s+(?:of|in|from|on|for)\s+(?:the\s+)?(?P<entity>.+?))?"
PATTERNS: Final[Patterns] = (
    (sentence(rf"{ADD}\s+{_A_FIELD}(?P<new>.+?)\s+(?:to|in|into|on|for|of|under)\s+(?:the\s+)?(?P<entity>.+)"), _add),
    (sentence(rf"(?:give\s+|let\s+)?(?:the\s+)?(?P<entity>.+?)\s+(?:(?:also|still|should|must|could|can|to|now|please)\s+)*(?:(?:have|has|needs?|gets?|wants?|lacks?|store|(?:is\s+)?missing)\s+)?(?:also\s+)?{_A_FIELD}(?P<new>.+)"), lambda m, c: _add(m, c) if m["noun"] or re.search(r"\b(?:have|has|needs?|gets?|wants?|lacks?|missing)\s", m[0]) else None),
    (sentence(rf"{DELETE}\s+(?:the\s+)?(?:{_FIELD}\s+)?(?P<field>.+?)(?:\s+{_FIELD})?{_OF}"), _remove),
    (sentence(rf"(?:rename|relabel|change|call|replace)\s+(?:the\s+)?(?:{_FIELD}\s+)?(?P<field>.+?)(?:\s+{_FIELD})?{_OF}\s+(?:to|into|as|with|by)\s+(?P<words>.+)"), _rename),
    (sentence(rf"(?:the\s+)?(?:{_FIELD}\s+)?(?P<field>.+?)(?:\s+{_FIELD})?{_OF}\s+(?:should|must|is\s+to|has\s+to|needs\s+to)\s+be\s+(?:(?:called|named|renamed)\s+(?:to\s+)?)?(?P<words>.+)"), _rename),
)  # fmt: skip
