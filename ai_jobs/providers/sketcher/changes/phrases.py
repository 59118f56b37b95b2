# ruff: noqa: E501  # a pattern stays on one line
"""What all changes share: who is meant, on which side, and what a reader of a sentence is."""

import re
from collections.abc import Callable
from typing import Final

from ai_jobs.planning.edits import Edit, Side
from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.vocabulary import NUMBER

Edits = list[Edit]
Reader = Callable[[re.Match[str], Surroundings], "Edits | None"]
# The first pattern that takes in the whole sentence, and whose objects are there, decides.
Patterns = tuple[tuple[re.Pattern[str], Reader], ...]
DELETE: Final = r"(?:delete|remove|erase|drop|get\s+rid\s+of|take\s+(?:away|out|off)|throw\s+(?:away|out)|eliminate|wipe(?:\s+out)?|kill|clear|discard|ditch|scrap|lose|cut|strip|cross\s+out|do\s+away\s+with)"
_COURTEOUS: Final = r"(?:i(?:'d| would)? (?:want|like|need)\s+)?"
SIDE: Final = (
    r"(?:(?:directly|right|just|somewhere)\s+)?(?:(?:on|to|at|towards?)\s+)?(?:the\s+)?"
    r"(?P<side>left(?:\s+(?:side\s+)?of)|right(?:\s+(?:side\s+)?of)|above|over|on\s+top\s+of|top\s+of|below|under"
    r"|underneath|beneath|beside|next\s+to|before|after|behind|in\s+front\s+of)"
)
_SIDES: Final[dict[str, Side]] = {
    "left": "left", "before": "left", "in front": "left", "right": "right", "after": "right", "behind": "right",
    "beside": "right", "next": "right", "above": "above", "over": "above", "on top": "above", "top": "above",
    "below": "below", "under": "below", "beneath": "below",
}  # fmt: skip


def side_of(words: str) -> Side:
    words = re.sub(r"\s+", " ", words.lower())
    return next(side for start, side in _SIDES.items() if words.startswith(start))


def is_new(phrase: str) -> bool:
    """ "a box", "three circles": something to be drawn, not something that is there."""
    return bool(
        re.match(rf"(?:a|an|another|some|new|{NUMBER})\s+\S", phrase.strip(), re.IGNORECASE)
        and not re.match(r"(?:a|an|one)\s+(?:and|to|with|,)", phrase.strip(), re.IGNORECASE)
    )


def targets_of(phrase: str, canvas: Surroundings) -> tuple[str, ...] | None:
    if not canvas.knows(phrase) and is_new(phrase):
        return None
    return tuple(canvas.find(phrase))


def sentence(pattern: str) -> re.Pattern[str]:
    return re.compile(_COURTEOUS + pattern, re.IGNORECASE)
