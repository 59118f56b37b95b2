# ruff: noqa: E501  # lists of words
"""What people say around a change and that changes nothing, and what they take back while they write.

What is talk is told by what is not in it: no name of a thing on the canvas, and no word that can be part of a change.
"""

import re
from collections.abc import Iterator
from typing import Final

from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.spelling import CHANGE_WORDS
from ai_jobs.providers.sketcher.vocabulary import COLOR, NUMBER, SHAPE

# Words that may be part of a change.
_MEANS: Final = re.compile(
    rf"\b(?:{COLOR}|{SHAPE}|(?!(?:a|an|one|couple)\b){NUMBER}|{'|'.join(CHANGE_WORDS)}|tak(?:e|ing)|drop|get\s+rid|rub|scrap|eras|throw|kick|cross|wipe|cut|called?|nam(?:e|es|ed)|labell?ed|titled?|says?|reads?|write|written|text|link|join|wire|hook|point|leads?|run|exchange|trade|mov(?:e|ed|ing)|shift|push|pull|slide|nudge|bring|send|scale|grow|widen|stretch|stack|sort|order|spread|space|gaps?|reverse|flip|split|divide|merge|combine|highlight|mark|empty|clear|keep|round(?:ed)?|dash|reports?|works?\s+(?:for|under)|set|give|show|squeeze|slip|wedge|slot|append|attach|include|clone|group|frame|nodes?|steps?|cards?|items?|shapes?|branch(?:es)?|fields?|lines?|rows?|text|words?|fonts?|letters?|borders?|outlines?|size|width|height|big|large|small|tiny|huge|wide|narrow|tall|higher|lower|thick|thin|bold|solid|next\s+to|beside|top|first|last|middle|end|half|triple|nothing|undo|there|missing|need|replac\w+|both|all|every\w*|each|only|no|not|never|without|\w+n['\u2019]?t)\b|\d|[\"\u201c\u201d]|->|\u2192",
    re.IGNORECASE,
)
_TALK: Final = re.compile(
    r"\b(?:i|we|you|he|she|they|it|me|us|my|our|your|that|this|is|was|were|are|has|had|have|would|could|should|will|can|may|might|if|as|so|because|since|wants?|wishes|thinks?|likes?|asks?|asked|says?|said|prefers?|insists?|decided|feels?|how|what)\b(?!-)",
    re.IGNORECASE,
)
_ASKS: Final = re.compile(
    r"^\W*(?:what(?!\s+(?:about|if))|why(?!\s+not)|how(?!\s+about)|when|who|where|which|does|did|is|are|do|has|have)\b",
    re.IGNORECASE,
)
# What is said for its tone.
_TONE: Final = re.compile(
    r"(?:(?:oh|ah|ooh|uh|um+|hm+|wow|oops|ugh|argh|dear|god|gosh|my|me|hi|hello|hey|good|great|nice|lovely|super|perfect|cool|fine|wonderful|brilliant|excellent|amazing|beautiful|awesome|sweet|neat|well|ok|okay|alright|right|yes|yep|yeah|sure|thanks|thank\s+you|thx|cheers|ta|many|so\s+much|a\s+lot|very|much|please|pls|plz|sorry|pardon|all|everybody|everyone|folks|team|guys|mate|friends?|there|again|morning|afternoon|evening|day|quick|quickly|asap|urgent|urgently|correction|update|revision|change\s+request|request|note|nb|ps|p\.s|fyi|btw|todo|attention|important|question|task|wrong\s+way\s+(?:a?round)?|one\s+(?:last|more|final|other)\s+thing|another\s+thing|last\s+one|last\s+thing|job|almost\s+there|not\s+bad|looking\s+good|almost|honestly|frankly|obviously|of\s+course|seriously|for\s+a\s+change|if\s+possible|kind\s+regards|regards|#?\d+(?:\.\d+)?)(?:\s+|$)[!.]*)+",
    re.IGNORECASE,
)
# One of these alone may as well be an entry of a list.
_NAME_ALONE: Final = re.compile(
    r"(?:morning|afternoon|evening|day|correction|updates?|revision|(?:change\s+)?requests?|notes?|important|attention|questions?|tasks?|jobs?|teams?|folks|guys|mate|friends?|everybody|everyone|regards|urgent|super|neat|god|all)",
    re.IGNORECASE,
)
# That the rest is to stay as it is: it does. And that new things look like the old ones: they do.
_STAYS: Final = re.compile(
    r"(?:(?:and|but|with|in|of|at|just|keep(?:ing)?|leave|all|with)\s+)*(?:(?:(?:exactly\s+)?(?:the\s+)?same\s+(?:order|style|look|size|colou?r|shape|kind|sort|type|way|format|place|position|words?|text)s?(?:\s+(?:as\s+(?:the\s+)?(?:others?|rest|before|now|these|those|them)|too|please))?)|(?:just\s+|exactly\s+|looking\s+)*like\s+(?:(?:all\s+)?the\s+(?:others?|rest|other\s+\w+|existing\s+\w+)|(?:these|those)(?:\s+\w+){0,2})"
    r"|(?:(?:all|everything|the)\s+)*(?:others?|rest|else|everything|remaining\s+\w+|other\s+\w+)\s+(?:(?:can|should|must|may|to|is|are|as)\s+)*(?:stays?|remains?|unchanged|untouched|keeps?(?:\s+(?:its|their)\s+\w+)?|left|is|are|be|before|it)(?:\s+(?:as\s+(?:is|it\s+is|they\s+are|before|now)|the\s+same|alone|where\s+\w+\s+(?:is|are)|unchanged|untouched|put))?|otherwise\s+(?:as\s+(?:is|before)|unchanged|the\s+same)|no(?:thing)?\s+(?:other|else|further)(?:\s+(?:changes?|is\s+to\s+change|should\s+change))?)",
    re.IGNORECASE,
)
_MIND: Final = re.compile(
    r"(?:(?:and|but|as|since|because|sorry)\s+)*(?:i|we|he|she|they|somebody|someone)\s+(?:(?:had|have|has|am|was|just|only|completely|totally|simply|really|clean)\s+)*(?:(?:forgot(?:ten)?|overlooked|missed)(?=\s+(?:about\s+)?(?:that|it|them|this|to|the\s+\w+)\b|\s*$)|noticed|reali[sz]ed)\b.*",
    re.IGNORECASE,
)
# A capital within the sentence: something that is not there yet.
_OWN_NAME: Final = re.compile(r"(?<=[a-z,]\s)(?!I\b)[A-Z]")
_CUT: Final = re.compile(
    r"\s*(?:[,;.!?]+|\u2026)(?=\s|$)\s*|\s+[\u2013\u2014-]{1,2}\s+|\s*[()]\s*|(?<=\w)\s*:\s+"
)
_TAKEN_BACK: Final = re.compile(
    r"[\s,;.!?\u2013\u2014-]+(?:(?:(?:oh|ah|hm+|uh|er+m?|no|nope|sorry|wait|oops|actually|rather|pardon|correction|scratch\s+that|strike\s+that|i\s+mean(?:t)?|i\s+wanted\s+to\s+say|make\s+(?:that|it)|or\s+rather|or\s+better|better|not\s+that|my\s+mistake|on\s+second\s+thoughts?|let['\u2019]?s\s+(?:say|make\s+it)|let\s+me\s+correct\s+(?:that|myself))\b[\s,.;:!\u2026\u2013\u2014-]*)+)(?=\S)",
    re.IGNORECASE,
)
_SURELY: Final = re.compile(
    r"^\s*[,;.!?\u2013\u2014-].*\b(?:no|nope|wait|oops|scratch|strike|i\s+mean(?:t)?|correction|or\s+rather|mistake|second\s+thoughts?|sorry)\b|\b(?:no\W+wait|i\s+mean(?:t)?|or\s+rather)\b",
    re.IGNORECASE,
)


def is_talk(said: str, canvas: Surroundings) -> bool:
    """Whether a part of a sentence asks for nothing: no name, no word of a change, or that all else is to stay."""
    said = said.strip(" ,;.!?:")
    if canvas.speaks_of(said) or _OWN_NAME.search(said):
        return False
    if (
        not said
        or (_TONE.fullmatch(said) and not _NAME_ALONE.fullmatch(said))
        or _STAYS.fullmatch(said)
        or _MIND.fullmatch(said)
    ):
        return True
    return not _MEANS.search(said) and bool(_TALK.search(said))


def without_asides(text: str, canvas: Surroundings) -> str:
    """The text without the parts between commas, stops, dashes and brackets that are talk."""
    parts: list[tuple[str, str]] = []
    mark, start = "", 0
    for cut in (*_CUT.finditer(text), None):
        part = text[start : cut.start() if cut else len(text)]
        if cut and (part.count('"') % 2 or part.count("\u201c") > part.count("\u201d")):
            continue
        parts.append((mark, part))
        if cut:
            mark, start = cut[0], cut.end()
    if len(parts) == 1:
        return text
    left = [
        (mark, part)
        for mark, part in parts
        if not (is_talk(part, canvas) or (mark.strip() == "(" and canvas.knows(part, nearly=False)))
    ]
    if not left or len(left) == len(parts):
        return text
    said = left[0][1] + "".join(
        f"{mark if mark.strip() not in {'(', ')'} else ', '}{part}" for mark, part in left[1:]
    )
    return said.strip(" ,;")


def without_lead(text: str, canvas: Surroundings) -> str:
    """The text from its first word on that can be part of a change: "our club would like A to be red" begins with A."""
    words = text.split()
    at = next(
        (n for n in range(len(words)) if _MEANS.search(words[n]) or _begins_a_name(words, n, canvas)), 0
    )
    while at and re.fullmatch(
        r"(?:the|all|both|every|each|my|our|these|those|a|an|of)", words[at - 1], re.IGNORECASE
    ):
        at -= 1
    lead = " ".join(words[:at])
    return " ".join(words[at:]) if at and _TALK.search(lead) and not _ASKS.match(lead) else text


def _begins_a_name(words: list[str], at: int, canvas: Surroundings) -> bool:
    return any(canvas.labelled(" ".join(words[at:end])) for end in range(at + 1, min(at + 6, len(words)) + 1))


def taken_back(text: str) -> Iterator[str]:
    """ "Make A red, no, blue": the sentence with what was meant in the place of what was said, in the ways that may be meant."""
    for back in _TAKEN_BACK.finditer(text):
        if not back.start() or not _SURELY.search(back[0]):
            continue
        words, meant = text[: back.start()].split(), text[back.end() :]
        for kept in range(len(words) - 1, max(len(words) - 6, -1), -1):
            yield " ".join([*words[:kept], meant])
