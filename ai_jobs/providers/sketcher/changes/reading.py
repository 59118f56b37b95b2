# a pattern stays on one line: the table is read down, not across
"""Changes of what is on the canvas: sentences and what "it" is in them."""

import itertools
import re
import uuid
from collections.abc import Mapping
from typing import Final

from ai_jobs.planning.changes import carry_out, with_names
from ai_jobs.planning.edits import Insert
from ai_jobs.planning.errors import NothingMatches
from ai_jobs.planning.plan import Plan
from ai_jobs.providers.sketcher.arrows import ARROW
from ai_jobs.providers.sketcher.changes import contents, labels, looks, places
from ai_jobs.providers.sketcher.changes.phrases import Edits
from ai_jobs.providers.sketcher.courtesy import strip_courtesy
from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.spelling import CHANGE_WORDS, nearest_words

_PATTERNS: Final = (*looks.PATTERNS, *labels.PATTERNS, *contents.PATTERNS, *places.PATTERNS)

# Under which the canvas after the first part of a sentence is imagined; no element with its ids is ever kept.
_IMAGINED: Final = uuid.UUID(int=0)
# What is longer is a drawing to be made: a change is a sentence or two.
_LONGEST: Final = 300
_MOST_CLAUSES: Final = 8
# "… and colour it blue": what follows speaks of what went before, and is no part of a name.
_GOES_ON: Final = re.compile(
    r"(?:[,;.]|\s(?:and|then|but))\s+(?:(?:and|then|also|please)\s+)*(?:make|colou?r|paint|turn|fill|move|put|place|shift"
    r"|connect|link|join|rename|call|label|resize|enlarge|shrink|duplicate|copy|delete|remove|align)\s+(?:it|them|this|that)\s+\S",
    re.IGNORECASE,
)


def from_words(text: str, canvas: Surroundings) -> Plan | None:
    """The edits that the words ask for; None when they ask for no change of what is there.

    Raises `NothingMatches` when they clearly do, but for something that is not on the canvas.
    """
    text = strip_courtesy(text).strip(" \n.!;")
    if not text or len(text) > _LONGEST or "\n" in text or ARROW.search(text):
        return None
    text = _plainly(text)
    missing: NothingMatches | None = None
    own_words = " ".join(canvas.labels.values())
    for spoken in dict.fromkeys((text, nearest_words(text, CHANGE_WORDS, but=own_words))):
        try:
            edits = _read(spoken, canvas)
        except NothingMatches as error:
            missing = missing or error
            continue
        if edits:
            return Plan(edits=tuple(edits))
    if missing:
        raise missing
    return None


# "…, nobody uses that": a reason, and no change.
_REASON: Final = re.compile(
    r"\s*[,;.\u2013\u2014(-]+\s*(?:(?:and|because|since|as|so|cause)\s+)*(?:(?:nobody|no\s+one|none\s+of|it|that|this|they|we|you|he|she|there|which|people|everyone|not)\b(?!['\u2019]?s?\s+(?:should|must|has\s+to|needs?\s+to))|i\s+(?:think|don|do|can|mean|like))[^,;.]*$"
    r"|\s+(?:because|since|so\s+that|as\s+it|cause)\s+[^,;.]*$",
    re.IGNORECASE,
)
_AFTERTHOUGHT: Final = re.compile(
    r"\s*,?\s*(?:(?:and|but)\s+(?:leave|keep|don['\u2019]?t\s+(?:touch|change))\s+(?:(?:all\s+)?the\s+(?:rest|others?|other\s+\w+)|everything\s+else|them|it)(?:\s+(?:as\s+(?:it|they|is|they\s+are)(?:\s+is|\s+are)?|alone|unchanged|untouched|where\s+\w+\s+(?:is|are)))?|from\s+now\s+on|for\s+(?:me|us|now)|while\s+you['\u2019]?re\s+at\s+it|if\s+you\s+(?:can|could|please)|a\s+second)\s*$",
    re.IGNORECASE,
)
# "we forgot QA, squeeze it in between A and B": what is spoken of comes before the change.
_FORGOT: Final = re.compile(
    r"^(?:(?:we|i|you)(?:['\u2019](?:re|ve|m))?\s+(?:(?:are|have|am|also|totally|completely|just)\s+)*(?:forgot(?:ten)?|missed|missing|left\s+out|need|overlooked|skipped)(?:\s+about)?|there(?:\s+is|['\u2019]s)\s+(?:no|an?))\s+(?:(?:the|an?)\s+)?(?P<what>[^,;.]{1,60}?)(?:\s+(?:is|step))?\s*[,;.]\s*(?:(?:and|so|please|can\s+you|could\s+you)\s+)*(?P<rest>.*?\b)(?:it|that|this|one)\b(?P<end>.*)$",
    re.IGNORECASE,
)
# "Done is too small, make it twice as big": the wish, and not the complaint too.
_COMPLAINT: Final = re.compile(
    r"^(?P<what>[^,;.]{1,60}?)\s+(?:is|are|looks?)\s+(?:(?:way|much|a\s+bit|far|still)\s+)*(?:too|not|wrong|ugly|boring|hard)\b[^,;.]*[,;.]\s+(?:(?:so|please|can\s+you|could\s+you)\s+)*(?P<do>make|turn|colou?r|paint|move|put|call|rename)\s+(?:it|them|that)\s+(?P<rest>.+)$",
    re.IGNORECASE,
)


def _plainly(text: str) -> str:
    """The change alone: without a reason or an afterthought, and what was forgotten in its place."""
    while (shorter := _AFTERTHOUGHT.sub("", text)) != text and shorter.strip():
        text = shorter
    text = re.sub(r"^(?:we|i)\s+(?:also\s+|still\s+)?(?:need|want)\s+", "add ", text, flags=re.IGNORECASE)
    if complaint := _COMPLAINT.match(text):
        text = f"{complaint['do']} {complaint['what']} {complaint['rest']}"
    if forgot := _FORGOT.match(text):
        if forgot["what"].casefold() in forgot["rest"].casefold():
            return f"{forgot['rest']}it{forgot['end']}"
        return f"{forgot['rest']}{forgot['what']}{forgot['end']}"
    shorter = _REASON.sub("", text)
    return shorter if len(shorter.split()) > 1 else text


def _read(text: str, canvas: Surroundings, *, depth: int = 0) -> Edits | None:
    missing: NothingMatches | None = None
    if depth < 2 and _GOES_ON.search(text) and (parts := _clauses(text, canvas, depth)):
        return parts
    for pattern, reader in _PATTERNS:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        try:
            edits = reader(match, canvas)
        except NothingMatches as error:
            missing = missing or error
            continue
        if edits:
            return edits
    if depth < 2:
        parts = _clauses(text, canvas, depth)
        if parts:
            return parts
    if missing:
        raise missing
    return None


def _clauses(text: str, canvas: Surroundings, depth: int) -> Edits | None:
    """Several changes in one sentence: each part must be one by itself."""
    verb = re.match(r"\w+(?:-\w+)?", text)
    separators = re.finditer(
        r"\s*[;.]\s+|\s*,\s+(?:and\s+)?(?:then\s+|also\s+)?|\s+(?:and\s+then|and\s+also|then|and|but)\s+",
        text,
    )
    for separator in itertools.islice(separators, _MOST_CLAUSES):
        first, rest = text[: separator.start()], text[separator.end() :]
        if not first.strip() or not rest.strip():
            continue
        rest = re.sub(r"^(?:(?:and|also|then|please)\s+)+", "", strip_courtesy(rest), flags=re.IGNORECASE)
        try:
            before = _read(first, canvas, depth=depth + 1)
        except NothingMatches:
            continue
        if not before:
            continue
        if re.match(r"(?:keep|leave)\b", rest, re.IGNORECASE):
            return before
        before, then, names = _afterwards(before, canvas)
        for spoken in (rest, f"{verb[0]} {rest}" if verb else rest):
            try:
                after = _read(_with_antecedent(spoken, before, names, then), then, depth=depth + 1)
            except NothingMatches:
                continue
            if after:
                keys = {name: key for key, name in names.items()}
                return [*before, *(with_names(edit, keys) for edit in after)]
    return None


def _afterwards(before: Edits, canvas: Surroundings) -> tuple[Edits, Surroundings, dict[str, str]]:
    """The edits with a key for each new box, the canvas after them, and the id there of each key."""
    keyed = [
        edit.model_copy(update={"key": f"new {edit.label or number}"[:64]})
        if isinstance(edit, Insert)
        else edit
        for number, edit in enumerate(before)
    ]
    elements = [dict(element) for element in canvas.board.all()]
    known = {str(element["id"]) for element in elements}
    try:
        changes = carry_out(
            keyed, elements, job_id=_IMAGINED, style="modern", color_scheme="default", updated_ms=0
        )
    except NothingMatches:
        return keyed, canvas, {}
    changed = {str(element["id"]): element for element in changes.elements}
    kept = [changed.pop(str(e["id"]), e) for e in elements if e["id"] not in changes.deleted_ids]
    then = Surroundings([*kept, *changed.values()], [name for name in canvas.selected if name in known])
    new = [name for name in then.board.shapes() if name not in known]
    keys = [edit.key for edit in keyed if isinstance(edit, Insert) and edit.key]
    return keyed, then, dict(zip(keys, new, strict=False))


def _with_antecedent(text: str, before: Edits, made: Mapping[str, str], canvas: Surroundings) -> str:
    """ "make A red and move it up": "it" is what was spoken of before, or what was made."""
    names = [
        name
        for edit in before
        for name in (*getattr(edit, "targets", ()), getattr(edit, "target", None))
        if name
    ]
    names = list(made.values()) or names
    if canvas.selected and not made:
        return text
    labels = [canvas.board.label(name) for name in dict.fromkeys(names) if name in canvas.board]
    if len(labels) == 1 and labels[0] and "\n" not in labels[0]:
        return re.sub(r"\b(?:it|this|that)\b", lambda _: f'"{labels[0]}"', text, count=1)
    return text
