# ruff: noqa: E501  # a pattern stays on one line
"""Names of kinds of drawings that cannot be anything else, wherever in an instruction they stand."""

import re
from typing import Final

from ai_jobs.providers.sketcher.arrows import ARROW
from ai_jobs.providers.sketcher.courtesy import strip_command, strip_courtesy

# A name that means a drawing even in the middle of a sentence.
_SURE: Final = (
    r"(?:flow[\s-]?(?:charts?|diagrams?)|process\s+(?:diagram|map|flow)|(?:mind|concept|idea|spider)[\s-]?(?:maps?|diagrams?)|time[\s-]?lines?|road[\s-]?maps?"
    r"|(?:org|organi[sz]ation(?:al)?)[\s-]?(?:charts?|diagrams?)|organigram(?:me)?|family\s+tree|tree\s+(?:diagram|chart)|kanban(?:[\s-]?board)?|(?:scrum|task|retro|sprint|trello)[\s-]?board"
    r"|venn(?:[\s-]?diagram)?|sequence[\s-]diagram|e\.?r\.?[\s-](?:diagram|model)|entity[\s-]relation(?:ship)?[\s-](?:diagram|model)|data(?:base)?\s+(?:model|schema)|class\s+diagram"
    r"|wire[\s-]?frame|mock[\s-]?up|swot(?:[\s-](?:analysis|matrix))?|eisenhower(?:[\s-](?:matrix|box))?|2\s?x\s?2(?:\s+matrix)?|quadrants?(?:\s+(?:chart|diagram))?|dash[\s-]?board)"
)
# … and one that does where it says "as a list", "in a table".
_NAMED: Final = (
    rf"(?:{_SURE}|list|check[\s-]?list|table|process|tree|board|grid|matrix|form|flow|sequence|bullet\s+list)"
)
_ADJECTIVES: Final = (
    r"(?:(?:simple|little|small|quick|nice|basic|clean|neat|short|plain|proper|rough|good|new)\s+)*"
)
_KIND_LAST: Final = re.compile(
    rf"(?:[\s,.;:!?\u2013\u2014-](?:and\s+)?(?:please\s+|pls\s+|now\s+|so\s+|then\s+|just\s+|(?:can|could|would)\s+you\s+(?:please\s+)?|i(?:['\u2019]d|\s+would)\s+like\s+(?:to\s+(?:see|have)\s+)?|i\s+(?:want|need)\s+)*"
    rf"(?:(?:show|draw|put|make|turn|sketch|do|lay\s+out|arrange|represent|display|visuali[sz]e|render|map|model|have|get|present)\s+)?(?:(?:me|us)\s+)?(?:(?:that|this|it|them|all(?:\s+of)?\s+(?:that|this|it)|these|those|everything|all|the\s+above)\s+)?(?:(?:out|up)\s+)?(?:as|in|on|into|in\s+the\s+form\s+of|like)\s+(?:an?|the|one)\s+{_ADJECTIVES}(?P<kind>{_NAMED})"
    rf"|[\s,.;!?\u2013\u2014-](?:and\s+)?(?:please\s+|(?:can|could|would)\s+you\s+(?:please\s+)?)*(?:make|draw|sketch|do|create|build)\s+(?:me\s+|us\s+)?(?:an?|the)\s+{_ADJECTIVES}(?P<made>{_NAMED})\s+(?:of|from|out\s+of|for|with)\s+(?:that|this|it|them|these|those|all\s+(?:of\s+)?(?:that|this)))$",
    re.IGNORECASE | re.DOTALL,
)
_KIND_LED: Final = re.compile(rf"^as\s+an?\s+{_ADJECTIVES}(?P<kind>{_NAMED})\s*[,:]?\s+(?=\S)", re.IGNORECASE)
# "For Monday I need a kanban board with …": what stands before the article is talk.
_IN_THE_MIDDLE: Final = re.compile(
    rf"^(?P<before>[^:\n>\u2192]{{1,120}}?)(?<!\bas )(?<!\bin )(?<!\bon )(?<!\binto )\b(?:an?|my|our|another|some)\s+{_ADJECTIVES}(?P<rest>(?:[\w-]+\s+)?{_SURE}\b.*)$",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_LAST_CLAUSE: Final = 160
_LONGEST_WITH_KIND_LAST: Final = 1500


def kind_first(instructions: str) -> str:
    """ "Alarm, coffee - as a flowchart" and "For Monday I need a flowchart: …": the kind, then what is in it."""
    if len(instructions) > _LONGEST_WITH_KIND_LAST:
        return instructions
    text = strip_courtesy(instructions).strip(" .!?")
    if first := _KIND_LED.match(text):
        return f"{first['kind']}: {text[first.end() :]}"
    # The kind stands at the end: a search through the whole text would take its length squared.
    start = max(len(text) - _LONGEST_LAST_CLAUSE, 0)
    match = _KIND_LAST.search(text, start)
    said = text[: match.start()].rstrip() if match else ""
    if match and not said.endswith(":") and re.search(r"[,:>;.\n]|\sand\s|\u2192", said):
        told, _ = strip_command(said)
        told = told.strip(" ,;-\u2013\u2014")
        kind = match["kind"] or match["made"]
        return f"{kind} of {told}" if re.match(r"[^:.\n,]{1,60}:\s", told) else f"{kind}: {told}"
    middle = _IN_THE_MIDDLE.match(strip_command(text)[0])
    if middle and not ARROW.search(middle["before"]) and _is_talk(middle["before"]):
        return middle["rest"]
    return instructions


def sure_kind(noun: str) -> bool:
    """Whether the noun means a drawing wherever it stands, and is no first item of a list."""
    return bool(
        re.fullmatch(rf"{_SURE}|tables|entities|(?:database|db)\s+table", noun.strip(), re.IGNORECASE)
    )


def names_a_kind(instructions: str) -> bool:
    """Whether a name of a kind stands where the instruction begins."""
    return bool(re.search(rf"\b{_SURE}\b", instructions[:80], re.IGNORECASE))


def _is_talk(before: str) -> bool:
    """Whether the words before "a mind map" ask for one, and are not its content ("Ann reads a mind map")."""
    return bool(
        re.search(
            r"\b(?:i|we|you|me|us|let['\u2019]?s|my|our|need|want|would|draw|make|show|here|there)\b",
            before,
            re.IGNORECASE,
        )
    )
