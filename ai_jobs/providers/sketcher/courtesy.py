# ruff: noqa: E501  # a pattern stays on one line
"""What people say around a request: greetings, "could you please", asides, thanks. The request itself is left."""

import re
from functools import lru_cache
from typing import Final

from ai_jobs.providers.sketcher.arrows import ARROW

_COURTESY: Final = re.compile(
    r"""^[\s,]*(?:
        (?:hi+|hello|hey+|hiya|yo|howdy|greetings|good\ (?:morning|evening|afternoon|day))(?:\ (?:there|all|team|everyone|folks|again|sketcher))?[\s,!.]+
      | (?:please|pls|plz|kindly|ok(?:ay)?|k|so|now|well|right|alright|all\ right|cool|great|sure|perfect|thanks|thank\ you|um+|uh+|erm|hm+|ah|oh|oops|sorry|actually|basically|quick\ one|quickly|also|and|just|maybe|perhaps|hmm|wait|next|real\ quick|one\ more(?:\ thing)?|quick\ (?:question|favou?r|request)|do\ me\ a\ favou?r(?:\ and)?|if\ (?:you|it)(?:'s|\ is)?\ (?:can|could|possible|don't\ mind)|when\ you\ (?:can|have\ time|get\ a\ chance))(?:\s*[,!.:\u2026\u2014\u2013-]+\s+|\s*\.\.\.\s*)
      | (?:please|pls|plz|kindly|ok(?:ay)?|so|now|well|um+|uh+|hm+|oh|just|then|also|maybe|perhaps|actually|basically|alright)\s+(?=\S)
      | (?:do\ you\ think|any\ chance|is\ it\ possible|would\ it\ be\ possible)\ (?:that\ )?(?:you|u|we|i|for\ you|to)?(?:\ to)?\s*(?=(?:could|can|would)\b)
      | (?:any\ chance|is\ it\ possible|would\ it\ be\ possible)(?:\ (?:of|for\ you|you|i|we))?(?:\ (?:to|could|can))?(?:\ (?:get|have))?\s+
      | (?:could|can|would|will|may|might|should)\ (?:you|u|we|i|someone|somebody)(?:\ (?:please|kindly|maybe|perhaps|possibly|also|just|quickly|get|have|see|help\ (?:me|us)(?:\ (?:to|with))?|be\ so\ kind(?:\ as)?\ (?:to|and)))*\s+
      | (?:would|do)\ you\ mind\s+
      | i(?:'d|\u2019d|\ would|\ should|\ was\ hoping|\ am\ hoping|'m\ hoping)\ (?:like|love|appreciate|prefer|to\ get|to\ have|to\ see)(?:\ (?:you\ to|to\ (?:have|see|get)|for\ you\ to))?\s+
      | we(?:'d|\u2019d|\ would)\ (?:like|love)(?:\ (?:you\ to|to\ (?:have|see|get)))?\s+
      | (?:i|we)\ (?:want|need|wish|require)(?:\ (?:you\ to|to\ (?:have|see|get|draw)))?\s+(?!to\b)
      | (?:i'm|i\ am|we're|we\ are)\ (?:looking\ for|after|trying\ to\ (?:draw|make|get)|going\ to\ need|gonna\ need)\s+
      | (?:let's|let\u2019s|lets|let\ us|let\ me|gimme|need|want|looking\ for|how\ about|what\ about|time\ (?:for|to)|try\ to)(?:\ (?:do|have|see|get))?\s+(?=(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|an?|the|some|my|our|you|me|us|draw|make|call|put|add|have|brainstorm|rename|move|change|create|sketch|map)\b)
      | (?:we|i|there(?:'s|\ is)?)\ (?:have|had|is)?\ ?(?=an?\ [^.,:\n]{1,40}\ (?:where|in\ which)\ )
      | help\ (?:me|us)(?:\ (?:to|with))?\s+
      | (?:here\ is|here's|here\u2019s|this\ is|there's|there\ is)\s+(?=(?:an?|my|our|the)\ [^.:\n]{1,60}[.:\n])
      | (?:for\ (?:me|us))[\s,]+
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_ASKS_WHETHER: Final = re.compile(
    r"^\W*(?:\w+[\s,!.]+){0,3}?(?:(?:can|could|would|will|may) (?:you|u|we|i|someone|somebody|anyone|anybody)|how about|what about|why not)\b",
    re.IGNORECASE,
)
VERB: Final = re.compile(
    r"""^\s*(?:drawing|draw|sketching|sketch|creating|create|making|make|showing|show|build|generate|design|model|mock\ up|whip\ up|prepare|set\ up|lay\ out|write|have
        |diagram|visuali[sz]e|illustrate|map(?:\ out)?|outline|give|produce|add|put(?:\ together)?|chart|display|render|do|get|plot|document|depict|come\ up\ with)
        \b(?:\ (?:me|us|up|out))*(?:\ (?:please|here|quickly|pls))?(?=[\s:,]|$)[\s,]*""",
    re.VERBOSE | re.IGNORECASE,
)
_THANKS: Final = re.compile(
    r"""[\s,;.!\u2013\u2014-]*\b(?:
        thanks|thank\ you|thx|ty|cheers|many\ thanks|please|pls|plz|ok(?:ay)?\?|if\ (?:you\ can|possible|that's\ ok(?:ay)?)|(?:if\ )?you\ don't\ mind|real\ quick
      | would\ do
      | (?:that\ would\ be|would\ be)\ (?:great|nice|lovely|awesome|perfect|helpful|amazing|cool)
      | (?:that's|that\ is|that\u2019s|this\ is|thats)\ (?:it|all|everything|enough)(?:\ (?:for\ (?:now|today)|i\ need|really|so\ far|folks|we\ need))*
      | (?:like|similar\ to)\ (?:those|the|that|my|an?|one\ of)\ [^,.:;\n]{0,40}(?:boards?|charts?|diagrams?|maps?|matrix|timelines?)\b[^,.:;\n]{0,40}
      | (?:would|could|can|will)\ (?:you|u)\??
      | (?:nothing\ (?:else|fancy|more|special)|keep\ it\ (?:simple|short|clean|minimal)|no\ (?:rush|hurry|need\ for\ [\w\ ]{2,30}))
      | (?:can|could|would|will)\ (?:you|u)\ (?:please\ )?(?:draw|sketch|make|show|map|do|visuali[sz]e|diagram|chart|illustrate|put)\ (?:me\ |us\ )?(?:that|this|it|those|them|something\ like\ that)(?:\ (?:out|down|up))?(?:\ for\ (?:me|us))?\??
      | (?:just\ )?(?:draw|sketch|map|diagram|visuali[sz]e|show|illustrate)\ (?:me\ |us\ )?(?:that|this|it|all\ that|all\ of\ (?:that|this))(?:\ (?:out|down|up))?(?:\ for\ (?:me|us))?
    )(?:\ (?:a\ lot|so\ much|very\ much|in\ advance|again|for\ now|please|pls|dear|all|everyone|team|folks|guys|mate))*\s*[.!:?)]*\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
# A last sentence that only says what is not there yet, or talks about the request.
_REMARK: Final = re.compile(
    r"(?<=[.!?\w)\"])[.!?]\s+(?:(?:no|without)\s+(?:[\w-]+\s+){1,3}?(?:yet|needed|required|necessary|please|for\s+now)|nothing\s+(?:in\s+(?:it|them)|there)\s+yet|(?:just|only)\s+(?:the\s+)?(?:names|headers|columns|boxes)(?:\s+for\s+now)?|"
    r"(?:make\s+it|keep\s+it|it\s+(?:should|can|doesn['\u2019]t|does\s+not|need))\s+[^.:\n]{1,50}|i(?:['\u2019]ll|\s+will)\s+[^.:\n]{1,60}|(?:hope|hopefully)\s[^.:\n]{1,60}|sounds?\s+[^.:\n]{1,30})\s*[.!]?\s*$",
    re.IGNORECASE,
)
# "I'm planning a wedding. Could you draw …": a sentence about the person, before the one that asks.
_PREFACE: Final = re.compile(
    r"(?:(?:hi|hello|hey|ok(?:ay)?|so)\b[\s,!.]+)*(?:i|we|my|our|i['\u2019]m|we['\u2019]re|you|it|this|there)\b[^.?!:\n>]{2,140}[.!]\s+"
    r"(?=(?:so|please|now|for\s[^.:,]{1,60})?[\s,]*(?:(?:could|can|would|will)\s+(?:you|we|i)\b|(?:please\s+)?(?:draw|make|sketch|create|give\s+me|show\s+me|build)\b|i(?:['\u2019]d|\s+would)\s+like|(?:i|we)\s+(?:need|want)\b))",
    re.IGNORECASE,
)
# "Bookkeeping is drowning, so please put …"
_SO: Final = re.compile(
    r"[^.:\n>\u2192]{3,90},\s+so\s+(?=(?:please|put|draw|make|show|give|sketch|create|could|can)\b)",
    re.IGNORECASE,
)
_WITHOUT_ARROWS: Final = re.compile(
    r"(?<=\w)[\s,.;(\u2013\u2014-]+(?:but\s+|just\s+)?(?:(?:without|with\s+no|no)\s+(?:any\s+)?(?:arrows?|lines|connections?|connectors?|fields|attributes)|(?:nothing|not|none)\s+(?:\w+\s+)?(?:connected|linked)|unconnected)(?:\s+(?:between|needed|please|yet|though|at\s+all)[^.:\n]{0,30})?\s*[).!]*\s*$",
    re.IGNORECASE,
)
# "This is our release process, could you sketch it? Freeze -> Tag"
_SKETCH_IT: Final = re.compile(
    r"(?P<what>[^?\n>:\u2192]{0,100}?)[\s,.;\u2013\u2014-]*\b(?:(?:can|could|would|will)\s+(?:you|u)(?:\s+(?:please|maybe|quickly))?|please|pls)\s+(?:draw|sketch|make|show|map|visuali[sz]e|diagram|chart|illustrate|do|mock|wire[\s-]?frame|lay|set|put)\s+(?:me\s+|us\s+)?(?:it|this|that|them)(?:\s+(?:out|up|down|for\s+(?:me|us)|please|quickly))*\s*[?:]\s+(?=\S)",
    re.IGNORECASE,
)
# "Here is our booking form, could you draw it?": parts of a page are told by the page.
_A_PAGE: Final = re.compile(
    r"(?:here(?:\s+is|['\u2019]s)|this\s+is|it['\u2019]s)?\s*(?:(?:my|our|the|an?)\s+)?(?P<kind>(?:[\w-]+\s+){0,3}(?:form|page|screen|site|dashboard|wireframe|mockup))",
    re.IGNORECASE,
)
_FOR_ME: Final = re.compile(
    r"\s+(?:(?:for|to)\s+(?:me|us)|real\s+quick|quickly|please|pls|here|now)\s*$", re.IGNORECASE
)
_LONGEST_THANKS: Final = 120


@lru_cache(maxsize=8)
def strip_courtesy(text: str) -> str:
    """The request itself: without greetings, "could you please" and thanks."""
    text = text.strip()
    if preface := _PREFACE.match(text) or _SO.match(text):
        text = text[preface.end() :]
    return _without_greeting(asked_to(without_thanks(asked_to(text))))


# "add a box Thanks", "rename it to thanks", "Order -> Thank you": the words are a name and no courtesy.
_NAMES_IT: Final = re.compile(
    r"(?:->|=>|\u2192|:|\b(?:called|named|labell?ed|titled|saying|says|reading|reads|to|into))\s*$",
    re.IGNORECASE,
)
_NAMED_THING: Final = re.compile(
    r"\b(?:box|step|card|node|circle|diamond|ellipse|rectangle|shape|column|list|branch|page|screen|label|text|state|stage|event)$",
    re.IGNORECASE,
)


def _courtesy_at_the_end(text: str) -> re.Match[str] | None:
    """Thanks and the like at the end of a text: a search through the whole would take its length squared."""
    match = _THANKS.search(text, max(len(text) - _LONGEST_THANKS, 0))
    if match and match.start() and re.match(r"\W*ok", match[0], re.IGNORECASE):
        asked = " ".join(text.split()[-2:])
        if text.count(asked) > 1:
            return None  # "Legal ok?" is asked more than once
    if match and match.start():
        before, said = text[: match.start()], match[0].strip()
        if _NAMES_IT.search(before) or (_NAMED_THING.search(before) and said[:1].isupper()):
            return None
    return match


def strip_manners(text: str) -> str:
    """The text without greetings, "could you please" and thanks only: what is told around the request stays."""
    text = text.strip()
    for _ in range(4):
        match = _courtesy_at_the_end(text)
        if not match or not match.start():
            break
        text = text[: match.start()]
    return _without_greeting(text)


def _without_greeting(text: str) -> str:
    while (match := _COURTESY.match(text)) and text[match.end() :].strip() and not _is_named(text, match):
        text = text[match.end() :]
    return text


def _is_named(text: str, match: re.Match[str]) -> bool:
    """ "Next -> Done", "Now / Next / Later", "Now: a": the word is a name and no courtesy."""
    return bool(
        re.match(r"\s*(?:[:/|=>\u2192]|-+>|,\s*\w+\s*,)", text[len(match[0].rstrip(" :,")) :])
        and len(match[0].split()) == 1
        and not re.match(r"(?:hi|hello|hey|please|pls|ok|okay|so|well)\b", match[0].strip(), re.IGNORECASE)
    )


def asked_to(text: str) -> str:
    """ "Can you draw the hiring process for me? apply, offer": the question was whether, and what follows is what."""
    if sketched := _SKETCH_IT.match(text):
        kind = _A_PAGE.fullmatch(sketched["what"])
        return f"{kind['kind']}:{sketched[0][-1]}{text[sketched.end() :]}" if kind else text[sketched.end() :]
    asked, *rest = re.split(r"\?(?![\"\u201d'\u2019])", text, maxsplit=1)
    if not _ASKS_WHETHER.match(text) or not rest:
        return text
    told = rest[0]
    if "\n" in asked:
        return text
    while (shorter := _FOR_ME.sub("", asked)) != asked:
        asked = shorter.rstrip(" ,")
    if not told.strip():
        return asked
    told = re.sub(
        r"^\s*(?:i['\u2019]m\s+thinking(?:\s+of)?|i\s+am\s+thinking(?:\s+of)?|something\s+like|so|like|with|it\s+(?:has|should\s+have))\s*[:,]?\s+",
        " ",
        told,
        flags=re.IGNORECASE,
    )
    request, _ = strip_command(asked)
    mark = "." if re.search(r",|\bwith\b", request) and ";" not in told else ":"
    return (
        f"{asked}{mark}{told}" if ":" not in asked and not ARROW.search(asked) and request != asked else text
    )


def without_thanks(text: str) -> str:
    """The text without thanks and remarks at its end."""
    text = _WITHOUT_ARROWS.sub("", text)
    for _ in range(4):
        match = _courtesy_at_the_end(text) or _REMARK.search(text, max(len(text) - _LONGEST_THANKS, 0))
        if not match or not match.start():
            break
        text = text[: match.start()]
    return text


@lru_cache(maxsize=8)
def strip_command(text: str) -> tuple[str, bool]:
    """The text without courtesy and "draw me", and whether there was any."""
    bare = _without_greeting(text)
    match = VERB.match(bare)
    # "Draft -> Make -> Sell" and "Show: A, B" begin with a verb too: a command only when something
    # other than an arrow follows.
    if match and not _is_first_label(bare, match.end()) and not _DOES.match(bare):
        return bare[match.end() :], True
    return bare, bare != text


# "Write story -> Edit": a verb that asks for a drawing, and yet the first step.
_DOES: Final = re.compile(
    r"(?:write|make|show|build|generate|design|prepare|set\ up|outline|produce|add|put|display|get|do|document|create|give|have)\s+"
    r"(?!(?:an?|the|my|our|us|me|this|that|these|those|it|them|some|one|two|three|up|out|as|in)\b)"
    r"(?![^\n:>\u2192]*\b(?:\w*flow\w*|\w*charts?|diagrams?|process|pipeline|chain|loop|cycle|steps|boxes|map|tree|board|arrows?|nodes|sequence|graph)\b)"
    r"[^\n:>\u2192,.]{2,40}(?:->|=>|\u2192|\s>\s)",
    re.IGNORECASE,
)


def _is_first_label(text: str, end: int) -> bool:
    """Whether the verb just read is the first label of an arrow chain ("Design -> Build -> Test")."""
    rest = text[end:]
    if not rest.strip():
        return True
    arrow = ARROW.search(text)
    return (arrow is not None and arrow.start() <= end) or bool(re.match(r"\s*(?:,|and\b)", rest))
