# ruff: noqa: E501  # a pattern stays on one line: the table is read down, not across
"""Changes of what is on the canvas: sentences and clauses, what is only talk in them, and what "it" is."""

import contextlib
import itertools
import re
import uuid
from collections.abc import Callable
from typing import Final

from ai_jobs.planning.changes import edit_board, with_names
from ai_jobs.planning.edits import Connect, Delete, Duplicate, Insert, Recolor
from ai_jobs.planning.errors import NothingMatches, NotUnderstood
from ai_jobs.planning.plan import Plan
from ai_jobs.providers.sketcher.changes import contents, fields, labels, looks
from ai_jobs.providers.sketcher.changes.additions import read_addition
from ai_jobs.providers.sketcher.changes.phrases import ADD, DELETE, Edits, Patterns, is_new
from ai_jobs.providers.sketcher.changes.states import read_state
from ai_jobs.providers.sketcher.changes.talk import taken_back, without_asides, without_lead
from ai_jobs.providers.sketcher.courtesy import strip_manners
from ai_jobs.providers.sketcher.items import strip_bullet
from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.spelling import CHANGE_WORDS, in_full, nearest_words
from canvases.elements.board import Board

# What is longer is a drawing to be made: a change is a sentence or two.
_LONGEST: Final = 300
_MOST_CLAUSES: Final = 8
_DEEPEST: Final = 2
_MOST_TAKEN_BACK: Final = 8
_SEPARATOR: Final = re.compile(
    r"\s*[;.!?:]\s+|\s+with\s+(?=an?\s+(?:\w+\s+)?(?:arrow|line|connection)\s+(?:from|to|pointing|going|leading)\b)|\s*,\s+(?:and\s+|so\s+|but\s+)*(?:then\s+|also\s+|after\s+that\s+|now\s+)*|\s+(?:and\s+then|and\s+also|and\s+after\s+that|and\s+so|then|and|but|so|because|since|\u2013|\u2014|-)\s+",
    re.IGNORECASE,
)
_COMMAND: Final = rf"(?:{DELETE}|{ADD}|rename|relabel|call|connect|link|join|take|kick|throw|toss|colou?r|recolou?r|paint|turn|change|fill|move|shift|swap|switch|resize|enlarge|shrink|double|triple|halve|duplicate|copy|align|arrange|stack|distribute|reverse|flip|replace|label|highlight|mark|empty|disconnect|keep|leave)"
# What nobody says of a drawing that is still to be made.
_CHANGE: Final = re.compile(
    r"(?:.*\b(?:frames?|borders?|box|rectangle|circle|line|group|cloud)\s+(?:\w+\s+)?around\b|(?:surround|enclose|encircle|divide|break|delete|remove|erase|rename|relabel|recolou?r|swap|exchange|duplicate|copy|clone|resize|enlarge|shrink|double|triple|align|distribute|disconnect|reverse|flip|replace|highlight|move|shift|get\s+rid\s+of|split|merge|combine|group|ungroup|rotate|undo|redo|hide|lock)\s+(?!an?\s)\S)",
    re.IGNORECASE,
)
_FRAMED: Final = re.compile(r"\b(?:frame|box|border)\s+around\s+\S+.*\s(?:and|all)\s", re.IGNORECASE)
# What tells something and asks for nothing: a reason, a complaint, what somebody thinks.
_REMARK: Final = re.compile(
    rf"(?!(?:please\s+)?{_COMMAND}\b(?!\s+(?:is|are|was|has|have|had)\b))(?!.*\b(?:should|must|shall|needs?\s+to|has\s+to|have\s+to|ought\s+to)\b)"
    r"(?:(?:it|that|this|they|we|i|you|he|she|there|nobody|no\s+one|none|everyone|everybody|people|because|since|as|so|cause|which|when|if|while|not|now)\b(?:['\u2019]\w+)?.*"
    r"|.*\b(?:is|are|was|were|isn['\u2019]?t|aren['\u2019]?t|has|have|had|will|does|do|don['\u2019]?t|doesn['\u2019]?t|looks?|seems?|feels?|bugs?|matters?|points?|\w+n['\u2019]t|stays?|ended|came|became|got|went|happened|remains?|left|talks?|joined|reports?|works?|counts?|goes|belongs?|can|mixed|['\u2019]s|needs)\b.*)",
    re.IGNORECASE,
)
_POINTS_BACK: Final = re.compile(
    r"\b(?:there|it|its|them|they|their|that|those|these|him|her|his|this|all|everything)\b", re.IGNORECASE
)
# "…, nobody uses that": a reason for what was asked before.
_REASON: Final = re.compile(
    r"(?!.*\b(?:should|must|shall|needs?\s+to|has\s+to|have\s+to|ought|too)\b)(?:that|those|these|it|they|this|he|she|nobody|no\s+one|we|i|which|people|everyone)\b(?:['\u2019]\w+)?(?:\s+\w+)?\s+(?!.*\b(?:to|in|into)\s+(?:the\s+)?(?:left|right|top|bottom)).*",
    re.IGNORECASE,
)
# "can you change that", "add her please": a request that only points to what was said.
_POINTING: Final = re.compile(
    r"(?:(?:please|and|so|then|just|also|can\s+you|could\s+you)\s+)*(?:change|fix|do|update|adjust|move|shift|bring|take|draw|rename|recolou?r|colou?r|paint|resize|set|put|make|add|apply|correct|show|include|draw|insert|keep|leave|remove|delete|drop|take|kick|throw|get\s+rid\s+of)(?:\s+(?:it|that|this|them|her|his|him|their|its|name|there|in|instead|all|of|so|for|me|us|to|everywhere|please|accordingly|too|as|is|they|are|the|title|label|name|text|chart|drawing|diagram|everything|else|rest|others?|out|away|off|at|the|end|start|beginning|right|correct|place|spot|boxes|alone|unchanged|untouched|where))*",
    re.IGNORECASE,
)
_LEAD: Final = re.compile(
    rf"^(?:(?:(?:to(?=\s+{_COMMAND}\b)|be\s+so\s+(?:kind|good|nice)\s+(?:and|to)|you(?:\s+(?:must|have\s+to|need\s+to))?(?=\s+{_COMMAND}\b)|it(?:\s+is|['\u2019]s)\s+(?:necessary|important|needed|better)\s+(?:that|to)|(?:i|we)\s+(?:want|wish|like|need|prefer|would\s+like)\s+that|(?:so\s+|make\s+(?:it\s+)?(?:so\s+)?)?that(?=\s+(?:the|all|every|each|both|there|you|we|it|my|our|an?|between|after|before|(?-i:[A-Z])|[\"\u201c]))|and|so|then|now|also|please|(?:first|second|third)(?!\s+(?:one|two|three|\w+\s+(?:and|should|in|to)\b|(?:box|step|circle|card|shape|item|node|arrow)\b))(?:ly)?|finally|next|oh|hmm+|oops|wait|sorry|ok(?:ay)?|well|btw|by\s+the\s+way|actually|after\s+that|before\s+i\s+forget|on\s+second\s+thoughts?|from\s+now\s+on|(?:let['\u2019]?s\s+)?start\s+(?:over|again|afresh)|one\s+more\s+thing|(?:fix|correct)\s+(?:the\s+|a\s+)?(?:spelling|typo)(?=\s*[:,])|another\s+thing|as\s+well|what\s+if|maybe|perhaps|lastly|if\s+possible|for\s+now|i\s+(?:guess|think|feel|suppose)(?:\s+that)?|(?:i|we)(?:['\u2019]d|\s+would)(?=\s+{_COMMAND}\b)|(?:i|we)(?:['\u2019]ll|\s+will|\s+can)?(?=\s+{DELETE}\b)|i(?:['\u2019]d|\s+would)(?!.*\bthan\b)\s+(?:rather|prefer|like|love)(?:\s+to)?(?:\s+(?:see|have|get))?|it\s+would\s+be\s+(?:nice|great|good|better)\s+(?:if|to)|we\s+(?:should|must|have\s+to|need\s+to|can)|let['\u2019]?s|you\s+(?:can|could|should))\b\s*[,:\u2013\u2014-]?|[,;:.\u2013\u2014-]+)\s*)+(?=\S)",
    re.IGNORECASE,
)
_AFTERTHOUGHT: Final = re.compile(
    r"\s*,?\s*(?:(?:and|but)?\s*(?:leave|keep|don['\u2019]?t\s+(?:touch|change))\s+(?:(?:all\s+)?the\s+(?:rest|others?|other\s+\w+)|everything\s+else|them|it)(?:\s+(?:as\s+(?:it|they|is|they\s+are)(?:\s+is|\s+are)?|alone|unchanged|untouched|where\s+\w+\s+(?:is|are)))?|and\s+keep\s+the\s+(?:flow|chain|order|line)\s+(?:going|intact|connected|as\s+it\s+is)|nothing\s+else|from\s+now\s+on|for\s+(?:me|us|now)|(?<!of\s)\bhere|as\s+well|while\s+you['\u2019]?re\s+at\s+it|if\s+you\s+(?:can|could|please)|(?:just\s+)?a\s+second|(?:(?:so\s+)?that\s+it\s+stands\s+out)|asap|a\.s\.a\.p|urgently|real\s+quick|quickly|at\s+last|after\s+all|for\s+a\s+change|once\s+more|if\s+(?:that|it)(?:\s+is|['\u2019]s|\s+isn['\u2019]t)\s+[\w\s]{1,30}|and\s+start\s+(?:again|over|afresh)|\b(?:please|pls))\s*[.!?]*$",
    re.IGNORECASE,
)
# "we forgot QA, squeeze it in between A and B": what is spoken of comes before the change.
_FORGOT: Final = re.compile(
    r"^(?:(?:we|i|you)(?:['\u2019](?:re|ve|m))?\s+(?:(?:are|have|am|also|totally|completely|just)\s+)*(?:forgot(?:ten)?|hired|got|missed|missing|left\s+out|overlooked|skipped|need)(?:\s+about)?|there(?:\s+is|['\u2019]s)\s+no)\s+(?:(?:the|an?)\s+)?(?P<what>[^,;.!]{1,60}?)(?:\s+is)?\s*[,;.!]\s*(?:(?:and|so|please|can\s+you|could\s+you)\s+)*(?P<rest>.*?\b)(?:it|that|this|one|he|she|him|her|they|them)\b(?P<end>.*)$",
    re.IGNORECASE,
)
# "Nina has joined and reports to Tom, can you add her", "a step is missing between A and B, put it in".
_ADD_IT: Final = re.compile(
    rf"^(?P<what>.{{3,160}}?)\s*[,;.\u2013-]\s*(?:(?:and|so|please|can\s+(?:you|we)|could\s+(?:you|we))\s+)*{ADD}\s+(?:it|her|him|them|this|that|one)(?:\s+(?:in|there|please|too|as\s+well|to\s+the\s+\w+))*(?P<then>(?:\s+and\s+(?:connect|link)\b.*)?)$",
    re.IGNORECASE,
)
_JOINED: Final = re.compile(
    r"^(?P<new>\S+(?:\s+(?-i:[A-Z])\S*)?)\s+(?:is|has|have|was|will|joins|joined|starts?|started|just|now)\b.*?\b(?P<place>(?:reports?|works?|reporting|working)\s+(?:to|for|under)\s.+|(?:under|below|after|before|between)\s.+)$",
    re.IGNORECASE,
)
_THERE_IS: Final = re.compile(r"^there(?:\s+(?:is|are|should\s+be|must\s+be)|['\u2019]s)\s+", re.IGNORECASE)


_INSTEAD: Final = re.compile(
    rf"{DELETE}\s+(?P<old>[^,;]+?)\s*,?\s+(?:(?:and|then)\s+)*(?:(?:replace|swap|substitute|exchange)\s+(?:it\s+)?(?:with|by|for)\s+(?P<new>.+)|(?:put|add|use|have|insert|write)\s+(?P<there>.+?)\s+(?:instead|in\s+(?:its|their)\s+(?:place|stead)|there)(?:\s+instead)?)",
    re.IGNORECASE,
)
# "connect A to B and to C directly": the word for the way stands once.
_TO_TOO: Final = re.compile(
    r"(?P<mark>,\s*(?:and\s+)?|\s+and\s+)(?:to|with)\s+(?=(?-i:[A-Z0-9\"]))|\bboth\s+(?=(?-i:[A-Z])\S*(?:\s\S+)?\s+and\s)",
    re.IGNORECASE,
)
_DIRECTLY: Final = re.compile(r"\s+(?:directly|straight|right\s+away)$", re.IGNORECASE)
# "… and another one from B to C"
_ANOTHER: Final = re.compile(
    r"^(?:(?:then|also|with)\s+)*(?:(?:an?|another|one|the|more|other|further|second|third|last|new)\s+)*(?:(?:arrow|line|one)\s+)?(?=(?:back\s+)?from\s)",
    re.IGNORECASE,
)


def from_words(text: str, canvas: Surroundings) -> Plan | None:
    """The edits that the words ask for; None when they ask for no change of what is there.

    Raises `NothingMatches` when they clearly do, but for something that is not on the canvas.
    """
    if len(text) > _LONGEST:
        return None
    text = in_full(text, but=" ".join(canvas.labels.values()))
    if _FRAMED.search(text) and not canvas.labelled("frame"):
        raise NotUnderstood(
            "I draw no frames around what is there already. Ask for the drawing anew with the parts in their "
            "frames, for example: board: Kitchen: stove, oven; Hall: tables, bar. Nothing was changed."
        )
    lines = [line for line in (strip_bullet(line)[1] for line in text.split("\n")) if line]
    if len(lines) > 1 and lines[0].endswith(":"):
        lines = lines[1:]
    edits: Edits = []
    whole = canvas
    for number, line in enumerate(lines):
        found = _from_line(line, canvas, alone=len(lines) == 1)
        if found is None:
            return None
        more, canvas = _continued(found, canvas) if number < len(lines) - 1 else (found, canvas)
        edits += more
    if not edits:
        return None
    _refuse_events(edits, whole)
    joined, remark = _rejoined(edits, whole)
    return Plan(edits=(*edits, *joined), remark=remark or _went_along(edits, whole, text))


def _refuse_events(edits: Edits, canvas: Surroundings) -> None:
    """An event more has no place on a line whose dots and dates are drawn."""
    for edit in edits:
        if not isinstance(edit, Insert) or not edit.connected:
            continue
        beside = {edit.after, edit.before} & {*canvas.things}
        if any(canvas.is_event(name) for name in beside if name):
            raise NotUnderstood(
                f"I cannot put “{edit.label}” on a timeline that is drawn already. Ask for the timeline anew with all "
                "its events, for example: timeline: 2019 Founded, 2020 Seed round, 2021 New office. Nothing was changed."
            )


def _went_along(edits: Edits, canvas: Surroundings, text: str) -> str:
    """What went with the topic that it hung on, and was not named."""
    gone = [name for edit in edits if isinstance(edit, Delete) for name in edit.targets]
    named = canvas.named_in(text)
    topics = [name for name in named if name in gone and canvas.branch(name)]
    along = [name for name in gone if name not in named and any(name in canvas.branch(t) for t in topics)]
    if not along:
        return ""
    what = ", ".join(canvas.board.title(name) for name in along)
    return f"What hung on {canvas.board.title(topics[0])} went with it: {what}."[:500]


def _rejoined(edits: Edits, canvas: Surroundings) -> tuple[Edits, str]:
    """Where a box goes that had one arrow in and one out, its neighbours are joined, and what to say of it."""
    if any(isinstance(edit, Connect | Insert) for edit in edits):
        return [], ""
    gone = {name for edit in edits if isinstance(edit, Delete) for name in edit.targets}
    arrows = canvas.board.arrows()
    ways = [ends for arrow in arrows if arrow not in gone and None not in (ends := canvas.board.ends(arrow))]
    boxes = {canvas.board.holder(name) for name in gone if name not in arrows}
    after: dict[str | None, list[str | None]] = {box: [] for box in boxes}
    before: dict[str | None, list[str | None]] = {box: [] for box in boxes}
    for source, target in ways:
        after.setdefault(source, []).append(target)
        before.setdefault(target, []).append(source)
    plain = {box for box in boxes if len(after[box]) == len(before[box]) == 1}
    joined: Edits = []
    said = []
    for box in plain:
        source, target = before[box][0], after[box][0]
        passed = {box}
        while target in plain and target not in passed:
            passed.add(target)
            target = after[target][0]
        if source is None or target is None or {source, target} & boxes or (source, target) in ways:
            continue
        if source != target:
            joined.append(Connect(source=source, target=target))
            said.append(f"{canvas.board.title(source)} and {canvas.board.title(target)}")
    return joined, f"Joined again by an arrow: {'; '.join(said)}."[:500] if said else ""


def asks_for_a_change(text: str) -> bool:
    """Whether the words ask for a change and for no drawing, whatever else they say."""
    # Its length first: the patterns take long to find nothing in a long text.
    return len(text) <= _LONGEST and ":" not in text and bool(_CHANGE.match(_without_afterthought(text)))


def _from_line(text: str, canvas: Surroundings, *, alone: bool) -> Edits | None:
    bare = _plainly(strip_manners(text).strip(" \n.!?;"), canvas)
    if not bare:
        return None
    wished = re.search(
        r"\b(?:have|get|like|love|wish|prefer|need|want|about)\b",
        text[: max(len(text) - len(bare), 0)],
        re.IGNORECASE,
    )
    own_words = " ".join(canvas.labels.values())
    missing: NothingMatches | None = None
    if (joined := canvas.with_names_joined(bare)) != bare:
        with contextlib.suppress(NothingMatches):
            if edits := _read(joined, canvas):
                return [canvas.with_names_parted(edit) for edit in edits]
    spoken = [
        *itertools.islice(taken_back(bare), _MOST_TAKEN_BACK),
        bare,
        nearest_words(bare, CHANGE_WORDS, but=own_words),
    ]
    if wished:
        spoken += [f"add {said}" for said in spoken]
    spoken.append(without_lead(bare, canvas))
    for said in dict.fromkeys(spoken):
        try:
            if edits := _read(said, canvas):
                return edits
        except NothingMatches as error:
            missing = missing or error
    if missing and alone:
        raise missing
    return None


_PLEASE: Final = re.compile(
    r"(?<=[\w,;\"])\s+(?:please|kindly)(?=[\s,;.!?]|$)(?=[^\"]*(?:\"[^\"]*\"[^\"]*)*$)", re.IGNORECASE
)


def _plainly(text: str, canvas: Surroundings) -> str:
    """The change alone: without an afterthought, and what was forgotten in its place."""
    text = _without_afterthought(without_asides(_PLEASE.sub("", text), canvas))
    text = re.sub(
        r"^(?:we|i)\s+(?:would\s+)?(?:also\s+|still\s+)?(?:need|want)\s+(?!to\b)(?=\S)",
        "need ",
        text,
        flags=re.IGNORECASE,
    )
    text = re.sub(r"\bthe\s+(?:whole|entire|complete)\s+(?=[\w\"])", "the ", text)
    if re.search(r"\b(?:connect|link|join|wire|arrows?)\b", text, re.IGNORECASE):
        text = re.sub(r"(?<=\w)\s+also(?=\s+an?\s+(?:arrow|line)\b)", "", text)
        text = _TO_TOO.sub(lambda said: said["mark"] or "", _DIRECTLY.sub("", text))
    if forgot := _FORGOT.match(text):
        if forgot["what"].casefold() in forgot["rest"].casefold():
            return f"{forgot['rest']}it{forgot['end']}"
        lead = "" if re.match(_COMMAND, forgot["rest"], re.IGNORECASE) else "add "
        return f"{lead}{forgot['rest']}{forgot['what']}{forgot['end']}"
    if instead := _INSTEAD.fullmatch(text):
        return f"replace {instead['old']} by {instead['new'] or instead['there']}"
    if added := _ADD_IT.match(text):
        joined = _JOINED.match(added["what"])
        what = (
            f"{joined['new']} {joined['place']}"
            if joined
            else _THERE_IS.sub("", _LEAD.sub("", added["what"]))
        )
        return f"add {what}{added['then']}"
    return text


def _without_afterthought(text: str) -> str:
    while (shorter := _AFTERTHOUGHT.sub("", _LEAD.sub("", strip_manners(text))).strip()) != text and shorter:
        text = shorter
    return text


def _readers() -> tuple[Callable[[str, Surroundings], Edits | None], ...]:
    return (
        lambda text, canvas: (
            _from_patterns(fields.PATTERNS, text, canvas)
            if any(map(canvas.is_fields, canvas.parts))
            else None
        ),
        lambda text, canvas: _from_patterns(looks.PATTERNS, text, canvas),
        lambda text, canvas: _from_patterns(labels.PATTERNS, text, canvas),
        lambda text, canvas: _from_patterns(contents.PATTERNS, text, canvas),
        read_state,
        read_addition,
    )


_READERS: Final = _readers()


def _from_patterns(patterns: Patterns, text: str, canvas: Surroundings) -> Edits | None:
    missing: NothingMatches | None = None
    for pattern, reader in patterns:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        try:
            if edits := reader(match, canvas):
                return edits
        except NothingMatches as error:
            missing = missing or error
    if missing:
        raise missing
    return None


def _read(text: str, canvas: Surroundings, *, depth: int = 0) -> Edits | None:
    """As one sentence by the exact names, else as several, else with names that are nearly those on the canvas."""
    missing: NothingMatches | None = None
    whole: Edits | None = None
    if depth <= _DEEPEST and (edits := _remark_first(text, canvas, depth)):
        return edits
    for nearly in (False, True):
        canvas.nearly = nearly
        for reader in (*_READERS, _late):
            if whole is None or reader is not _late:
                try:
                    whole = whole or reader(text, canvas)
                except NothingMatches as error:
                    missing = missing or error if nearly else None
        if whole and not _swallows(whole, text):
            break
        if not nearly and depth <= _DEEPEST and (parts := _clauses(text, canvas, depth)):
            canvas.nearly = True
            return parts
        if whole:
            break
    canvas.nearly = True
    if missing and not whole:
        raise missing
    return whole


def _remark_first(text: str, canvas: Surroundings, depth: int) -> Edits | None:
    """ "A is too small, double its size": what points back at a remark is the change, and the remark is none."""
    for separator in itertools.islice(_SEPARATOR.finditer(text), _MOST_CLAUSES):
        first, rest = (
            text[: separator.start()].strip(),
            _without_afterthought(text[separator.end() :].strip()),
        )
        if "and" in separator[0].split() and _begins_with_name(rest, canvas):
            continue  # "Ben and Dan have left, remove them": both are spoken of
        points_back = _POINTS_BACK.search(rest) and not _REASON.fullmatch(rest)
        tells = _is_remark(first, canvas) or (
            canvas.named_in(first)
            and not (re.match(_COMMAND, first, re.IGNORECASE) or is_new(first))
            and _try(first, canvas, depth) is None
        )
        if points_back and tells and (edits := _after_remark(first, rest, canvas, depth)):
            return edits
    return None


def _begins_with_name(text: str, canvas: Surroundings) -> bool:
    words = re.sub(r"^the\s+", "", text).split()[:5]
    return any(canvas.labelled(" ".join(words[:end]).rstrip(",;.")) for end in range(1, len(words) + 1))


def _late(text: str, canvas: Surroundings) -> Edits | None:
    return _from_patterns(labels.LATE_PATTERNS, text, canvas)


def _swallows(edits: Edits, text: str) -> bool:
    """Whether new words look as if they held another change: "Register and make it green"."""
    for edit in edits:
        words = getattr(edit, "label", "") or ""
        if _SEPARATOR.search(words) and f'"{words}"' not in text and f"\u201c{words}\u201d" not in text:
            return True
    return False


def _clauses(text: str, canvas: Surroundings, depth: int) -> Edits | None:
    """Several changes in one sentence, or changes and talk: each part must be one or the other."""
    verb = re.match(r"\w+(?:-\w+)?", text)
    # Where a sentence ends before where a part of it does.
    separators = sorted(_SEPARATOR.finditer(text), key=_weight)
    for separator in separators[:_MOST_CLAUSES]:
        first, rest = text[: separator.start()].strip(), text[separator.end() :].strip()
        rest = _without_afterthought(rest)
        if not first or not rest or first.count('"') % 2 or first.count("\u201c") > first.count("\u201d"):
            continue
        before = _try(first, canvas, depth)
        if before is None and depth and _POINTING.fullmatch(first):
            return _try(rest, canvas, depth)
        if before is None:
            asked = separator[0].strip() == ":" and re.match(_COMMAND, rest, re.IGNORECASE)
            why = (
                asked
                or re.search(r"\bso\b", separator[0])
                or (_weight(separator) == 0 and len(first.split()) < 5 and not canvas.named_in(first))
            )
            if (why or _is_remark(first, canvas)) and (edits := _after_remark(first, rest, canvas, depth)):
                return edits
            continue
        if _REASON.fullmatch(rest) or (
            rest.lower().startswith(("only ", "just ")) and isinstance(before[0], Delete)
        ):
            return before
        if kept := re.fullmatch(
            r"(?:(?:only|just)\s+)?(?:keep|leave|not|don['\u2019]?t\s+(?:touch|delete|remove|change))\s+(?P<kept>.+)|(?P<stays>.+?)\s+(?:(?:should|can|must|may|have\s+to)\s+)?(?:stay|remain|be\s+(?:left|kept))s?\b.*",
            rest,
            re.IGNORECASE,
        ):
            return _without(before, kept["kept"] or kept["stays"], canvas)
        if _POINTING.fullmatch(rest):
            return before
        done, then = _continued(before, canvas)
        again = "an arrow " if all(isinstance(edit, Connect) for edit in before) else ""
        shorter = _ANOTHER.sub("", rest) if again else rest
        for spoken in (
            f"{again}{shorter}" if again and shorter.startswith(("from ", "back ")) else rest,
            f"{verb[0]} {rest}" if verb else rest,
        ):
            if after := _try(spoken, then, depth):
                keys = then.keys
                return [*done, *(with_names(edit, keys) for edit in after)]
        if _is_remark(rest, canvas):
            return before
    return None


def _weight(separator: re.Match[str]) -> int:
    """Sentences are divided before their parts."""
    return 0 if separator[0].strip()[:1] in {".", "!", "?", ";"} else 1


def _is_remark(clause: str, canvas: Surroundings) -> bool:
    """Whether the clause asks for nothing; a name that begins like a command is a name."""
    words = clause.split()
    for cut in range(min(len(words) - 1, 8), 0, -1):
        if canvas.labelled(" ".join(words[:cut])):
            return bool(_REMARK.fullmatch(f"X {' '.join(words[cut:])}"))
    # "A should not come after B": what is not wished is no wish.
    return bool(_REMARK.fullmatch(clause))


def _without(edits: Edits, kept: str, canvas: Surroundings) -> Edits:
    """The edits, but for what is to stay as it is."""
    stays = set(canvas.find(kept)) if canvas.knows(kept) else set()
    left = [
        edit.model_copy(update={"targets": tuple(name for name in edit.targets if name not in stays)})
        if isinstance(edit, Delete | Recolor)
        else edit
        for edit in edits
    ]
    return [edit for edit in left if getattr(edit, "targets", True)]


def _try(text: str, canvas: Surroundings, depth: int) -> Edits | None:
    key = (text, depth, canvas.remark, *canvas.spoken)
    if key not in canvas.read:
        if next(canvas.patience, None) is None:
            return None
        try:
            edits = _read(text, canvas, depth=depth + 1)
        except NothingMatches:
            edits = None
        canvas.read[key] = edits, canvas.spoken, canvas.remark
    found: Edits | None
    found, canvas.spoken, canvas.remark = canvas.read[key]
    return found


def _after_remark(remark: str, rest: str, canvas: Surroundings, depth: int) -> Edits | None:
    """What follows a remark may speak of what was mentioned in it."""
    before = canvas.spoken, canvas.remark
    canvas.spoken, canvas.remark = canvas.mentioned(remark) or canvas.spoken, remark
    edits = _try(rest, canvas, depth)
    if not edits:
        canvas.spoken, canvas.remark = before
    return edits


def _continued(before: Edits, canvas: Surroundings) -> tuple[Edits, Surroundings]:
    """The edits with a key for each thing that is new, and the canvas after them, where "it" is what they were about."""
    key = ("after", id(before))
    if key not in canvas.read:
        canvas.read[key] = _imagined(before, canvas), before  # which keeps its id its own
    found: tuple[Edits, Surroundings] = canvas.read[key][0]
    return found


def _imagined(before: Edits, canvas: Surroundings) -> tuple[Edits, Surroundings]:
    done = [
        edit.model_copy(update={"key": f"new {getattr(edit, 'label', '')} {number}"[-64:]})
        if isinstance(edit, Insert | Duplicate | Connect) and not edit.key
        else edit
        for number, edit in enumerate(before, len(canvas.keys))
    ]
    # To imagine a canvas is the work of several readings.
    next(itertools.islice(canvas.patience, 12, None), None)
    elements = canvas.board.all()
    known = {str(element["id"]) for element in elements}
    board = Board(elements, job_id=uuid.UUID(int=len(canvas.keys)), look=canvas.board.look, updated_ms=0)
    if not edit_board(done, board):
        return done, canvas
    then = Surroundings(board.all(), [name for name in canvas.selected if name in known])
    only_arrows = all(isinstance(edit, Connect) for edit in done)
    pool = then.board.arrows() if only_arrows else then.board.shapes()
    new = [name for name in pool if name not in known]
    keys = [
        edit.key
        for edit in done
        if isinstance(edit, Insert | Duplicate | Connect)
        and edit.key
        and (only_arrows or not isinstance(edit, Connect))
    ]
    then.patience = canvas.patience
    then.keys = canvas.keys | dict(zip(new, keys, strict=False))
    spoken = [
        name
        for edit in before
        for name in (*getattr(edit, "targets", ()), getattr(edit, "target", None))
        if name and name in then.board
    ]
    then.spoken = new or list(dict.fromkeys(spoken)) or canvas.spoken
    if new:
        then.selected = []
    return done, then
