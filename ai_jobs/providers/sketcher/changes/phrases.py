# ruff: noqa: E501  # a pattern stays on one line: the table is read down, not across
"""What all changes share: how a sentence and a predicate are read, and words for sides and verbs."""

import re
from collections.abc import Callable
from typing import Final

from ai_jobs.planning.edits import Edit, Side
from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.vocabulary import NUMBER

Edits = list[Edit]
Targets = tuple[str, ...]
# A sentence by itself: "connect A to B".
Reader = Callable[[re.Match[str], Surroundings], "Edits | None"]
Patterns = tuple[tuple[re.Pattern[str], Reader], ...]
# What is said of objects, whatever the words around it: "left of B", "twice as wide".
Maker = Callable[[re.Match[str], Targets, Surroundings], "Edits | None"]
Predicates = tuple[tuple[re.Pattern[str], Maker], ...]

DELETE: Final = r"(?:delete|remove|erase|drop|get\s+rid\s+of|take\s+(?:away|out|off)|throw\s+(?:away|out)|eliminate|wipe(?:\s+out)?|kill|clear|discard|ditch|scrap|lose|cut|strip|cross\s+out|do\s+away\s+with|skip|omit|dump|trash|(?:kick|pull|toss|chuck|leave)\s+out|scratch(?:\s+out)?|chuck|bin|nix|rub\s+out|blot\s+out|zap|purge|axe|fire|sack|dismiss|nuke|destroy|strike(?:\s+out)?|lop\s+off|rm|del)"
ADD: Final = r"(?:add|extend\s+(?:it|this|the\s+\w+)\s+(?:with|by)|(?:continue|go\s+on)\s+with|insert|put|place|create|squeeze|draw|slot|stick|fit|slip|wedge|append|attach|tack|include|make|introduce|pop|drop|throw|hang|set|give|have|get|need|want|write|list|bring)(?:\s+(?:in|on|up|me|us))*"
NOUN: Final = r"(?:sub-?)?(?:step|node|item|task|stage|element|decision|question|card|block|state|activity|object|shape|branch|topic|idea|point|entry|ticket|sticky(?:\s+note)?|note|person|employee|member|column|list|lane|section|quadrant|child(?:ren)?|leaf|phase|action|bullet|box|one|field|screen|page|service|component)"
SIDE: Final = (
    r"(?:(?:directly|right|just|somewhere|straight|immediately|further)\s+)?(?:(?:on|to|at|towards?|in)\s+)?(?:the\s+)?"
    r"(?P<side>left(?:(?:\s+hand)?\s+(?:side\s+)?of)|right(?:(?:\s+hand)?\s+(?:side\s+)?of)|above|over|on\s+top\s+of|top\s+of|below|under"
    r"|underneath|beneath|beside|next\s+to|before|after|behind|in\s+front\s+of|front\s+of|following|ahead\s+of)"
)
_SIDES: Final[dict[str, Side]] = {
    "left": "left", "before": "left", "in front": "left", "front": "left", "ahead": "left", "right": "right",
    "after": "right", "behind": "right", "following": "right", "beside": "right", "next": "right",
    "above": "above", "over": "above", "on top": "above", "top": "above",
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


def sentence(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
