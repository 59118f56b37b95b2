# ruff: noqa: E501  # a pattern stays on one line: the table is read down, not across
"""What is added, removed, connected and copied."""

import itertools
import re
from typing import Any, Final, cast

from ai_jobs.planning.edits import Connect, Delete, Duplicate, Insert
from ai_jobs.planning.errors import NothingMatches
from ai_jobs.planning.parts import EdgeStyle
from ai_jobs.providers.sketcher.changes.phrases import DELETE, SIDE, Edits, Patterns, sentence, side_of
from ai_jobs.providers.sketcher.items import clean
from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.vocabulary import COLOR, LIGHT, NUMBER, SHAPE, color_of, number_of, shape_of

_NEW: Final = (
    rf"(?:(?:a|an|another|one|new|the)\s+)*(?:new\s+)?(?:(?P<color>{LIGHT}{COLOR})\s+)?"
    rf"(?:(?P<shape>{SHAPE}|step|node|item|task|stage|element|decision|card|block|state|activity|object|shape)\b\s*)?"
    r"(?:(?:called|named|labell?ed|titled|saying|that\s+says|with(?:\s+the)?\s+(?:text|label|name|words?))\s+|:\s*)?"
)
_AND_CONNECT: Final = (
    r"(?P<connected>\s*,?\s+(?:and|then)\s+(?:connect|link|join)\b"
    r"(?:\s+(?:it|them|these|those|both|all|everything|the\s+\w+))?(?:\s+(?:up|together|all|both|too|as\s+well|with\s+arrows))*)?"
)
_CONNECT: Final = r"(?:connect|link|join|wire|attach)"
_ARROW_WORDS: Final = (
    r"(?:\s+(?:with|by|using)\s+(?:an?\s+)?(?:(?P<style>dashed|dotted|solid)\s+)?(?:arrow|line))?"
    r"(?:\s*,?\s+and\s+(?:write|put|say)\s+(?P<written>[\"“].+[\"”])\s+(?:on|above|over|next\s+to)\s+(?:the\s+(?:arrow|line)|it))?"
    r"(?:\s*(?:,\s*)?(?:and\s+)?(?:labell?ed|label(?:\s+it)?|saying|called|named|with(?:\s+the)?\s+(?:label|text))\s+(?:with\s+|as\s+)?(?P<words>.+))?"
)


def _delete(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    groups = match.groupdict()
    targets = canvas.find(match["ref"])
    if groups.get("keep"):
        kept = set(canvas.find(groups["keep"])) if canvas.knows(groups["keep"]) else set()
        targets = [name for name in targets if name not in kept]
    return [Delete(targets=tuple(targets))] if targets else None


def _keep_only(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    kept = set(canvas.find(match["ref"]))
    gone = [name for name in canvas.things if name not in kept]
    return [Delete(targets=tuple(gone))] if gone else None


def _disconnect(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    return [Delete(targets=tuple(canvas.find(f"arrows between {match['ref']} and {match['other']}")))]


def _connect(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    groups = match.groupdict()
    label = clean(groups.get("words") or groups.get("written") or "")
    style: EdgeStyle = cast(EdgeStyle, (groups.get("style") or "solid").lower())
    if groups.get("chain"):
        names = canvas.find(groups["chain"])
        names = [name for name in names if canvas.board.is_shape(name)]
        if len(names) < 2:
            raise NothingMatches(
                "Two objects or more are needed to connect something. " + canvas.what_is_there()
            )
        return [Connect(source=a, target=b, label=label, style=style) for a, b in itertools.pairwise(names)]
    sources, targets = canvas.find(match["ref"]), canvas.find(match["other"])
    return [
        Connect(source=source, target=target, label=label, style=style)
        for source in sources
        for target in targets
        if source != target or len(sources) == len(targets) == 1
    ]


def _connect_pair(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "connect A to B", and "connect A, B and C" as a chain: "and" joins names, "to" joins boxes."""
    if re.search(rf"\s(?:to|with|into)\s+{re.escape(match['other'])}", match[0]):
        return _connect(match, canvas)
    if "," in match["ref"]:
        return None
    return _connect(match, canvas)


def _insert(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    groups = match.groupdict()
    label = clean(
        re.sub(r"\s+(?:step|box|node)$", "", match["words"]) if not groups.get("shape") else match["words"]
    )
    kind = (groups.get("shape") or "").lower()
    if not kind and (
        shaped := re.fullmatch(
            rf"(?P<label>.+?)\s+as\s+an?\s+(?P<shape>decision|question|{SHAPE})",
            match["words"],
            re.IGNORECASE,
        )
    ):
        label, kind = clean(shaped["label"]), shaped["shape"].lower().replace("question", "decision")
    color = color_of(groups["color"]) if groups.get("color") else None
    if not label and not kind:
        return None
    shape = shape_of(kind) if re.fullmatch(SHAPE, kind) else "diamond" if kind == "decision" else None
    connected = bool(groups.get("connected"))
    made: dict[str, Any] = {"label": label, "shape": shape, "color": color}
    if groups.get("first"):
        pair = canvas.find_one(match["first"]), canvas.find_one(match["second"])
        return [Insert(after=pair[0], before=pair[1], **made)]
    if groups.get("joined"):
        return [Insert(after=canvas.find_one(match["joined"]), **made)]
    anchor = canvas.find_one(match["anchor"])
    side = match["side"].lower()
    if side in {"after", "before"}:
        return [Insert(**{side: anchor}, **made)]
    return [Insert(after=anchor, side=side_of(side), connected=connected, **made)]


def _insert_led(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "after A, add B"."""
    lead = match[0].split()[0].lower()
    anchor = canvas.find_one(match["after"])
    label = clean(match["words"])
    if not label:
        return None
    if lead in {"after", "before"}:
        return [Insert(label=label, **cast(Any, {lead: anchor}))]
    return [Insert(label=label, after=anchor, side=side_of(lead), connected=False)]


def _duplicate(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    copies = match.groupdict().get("copies")
    return [
        Duplicate(
            targets=tuple(canvas.find(match["ref"])), copies=min(number_of(copies), 20) if copies else 1
        )
    ]


def _insert_at_end(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "add Ship at the end": after what no arrow leaves, or before what none leads to."""
    label = clean(match["words"])
    boxes = canvas.boxes()
    if not label or not boxes:
        return None
    first = bool(re.search(r"start|begin|front|first|top", match["where"], re.IGNORECASE))
    ends = [canvas.board.ends(arrow)[1 if first else 0] for arrow in canvas.board.arrows()]
    free = [name for name in boxes if name not in ends] or boxes
    return [Insert(label=label, before=free[0])] if first else [Insert(label=label, after=free[-1])]


def _reverse(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    arrows = [name for name in canvas.find(match["ref"]) if name in canvas.board.arrows()]
    edits: Edits = []
    for arrow in arrows:
        start, end = canvas.board.ends(arrow)
        if start and end:
            edits += [
                Delete(targets=(arrow,)),
                Connect(source=end, target=start, label=canvas.board.label(arrow)),
            ]
    return edits or None


PATTERNS: Final[Patterns] = (
    (sentence(r"(?:i|we)\s+(?:don['’]?t|do\s+not|no\s+longer)\s+(?:want|need|use|have)\s+(?P<ref>.+?)(?:\s+any\s*(?:more|longer))?"), _delete),
    (sentence(r"(?P<ref>.+?)\s+(?:(?:can|should|must|has\s+to|have\s+to|needs\s+to)\s+(?:go(?:\s+away)?|be\s+(?:deleted|removed|dropped)|disappear)|(?:is|are)\s+(?:not|no\s+longer)\s+(?:needed|necessary|required|used)(?:\s+any\s*(?:more|longer))?|(?:is|are)\s+(?:obsolete|gone))"), _delete),
    (sentence(r"(?:take|throw|get|cut|rip)\s+(?P<ref>.+?)\s+(?:away|out|off)(?:\s+of\s+(?:there|here|it|the\s+\w+))?(?:\s*,?\s+but\s+(?:leave|keep)\s.*)?"), _delete),
    (sentence(rf"(?:(?:get|have|draw|add|make|give\s+me)\s+)?(?:another|one\s+more|a\s+second|a\s+further)\s+(?P<ref>{SHAPE})(?P<copies>)(?:\s+(?:just\s+|exactly\s+)?like\s+(?:that|this|it|the).*)?"), _duplicate),
    (sentence(r"(?:no\s+more|without)\s+(?P<ref>.+)"), _delete),
    (sentence(r"(?:reverse|flip|turn\s+around|invert)\s+(?:the\s+direction\s+of\s+)?(?P<ref>.+?)(?:\s+around)?"), _reverse),
    (sentence(r"(?:make|have|let)\s+(?P<ref>.+?)\s+(?:point|lead|go|connect|link)\s+to\s+(?P<other>.+)"), _connect),
    (sentence(r"(?P<ref>.+?)\s+(?:should|must|needs\s+to|has\s+to)\s+(?:also\s+)?(?:point|lead|go|connect|link|be\s+(?:connected|linked|joined))\s+(?:to|with)\s+(?P<other>.+)"), _connect),
    (sentence(rf"{DELETE}\s+(?P<ref>.+?)\s*,?\s+(?:but|and|yet|while)\s+(?:keep(?:ing)?|leave|leaving|not)\s+(?P<keep>.+)"), _delete),
    (sentence(r"(?:i\s+)?(?:don['’]?t|do\s+not|no\s+longer)\s+(?:want|need)\s+(?P<ref>.+?)(?:\s+any\s*(?:more|longer))?"), _delete),
    (sentence(rf"{DELETE}\s+(?P<ref>.+?)(?:\s+from\s+(?:the\s+)?(?:canvas|board|drawing|diagram))?"), _delete),
    (sentence(r"(?:keep|leave)\s+only\s+(?P<ref>.+)|only\s+keep\s+(?P<other>.+)"), lambda m, c: _keep_only(m, c) if m["ref"] else None),
    (sentence(r"(?:disconnect|unlink|detach|separate)\s+(?P<ref>.+?)\s+(?:from|and)\s+(?P<other>.+)"), _disconnect),
    (sentence(rf"(?:add|insert|put|place|create|squeeze|draw|slot|stick|fit|slip|wedge)\s+(?:in\s+)?{_NEW}(?P<words>.*?)(?:\s+in)?\s*\b(?:in\s+|right\s+)?between\s+(?P<first>.+?)\s+and\s+(?P<second>.+?){_AND_CONNECT}"), _insert),
    (sentence(rf"between\s+(?P<first>.+?)\s+and\s+(?P<second>.+?)\s*,?\s+(?:add|insert|put|place)\s+{_NEW}(?P<words>.*)"), _insert),
    (sentence(rf"(?:add|insert|create|draw)\s+{_NEW}(?P<words>.*?)\s*\b{SIDE}\s+(?P<anchor>.+?){_AND_CONNECT}"), _insert),
    (sentence(rf"(?:put|place)\s+(?=(?:a|an|another|a\s+new|the\s+new)\s){_NEW}(?P<words>.*?)\s*\b{SIDE}\s+(?P<anchor>.+?){_AND_CONNECT}"), _insert),
    (sentence(rf"(?:after|before|below|above)\s+(?P<after>.+?)\s*,\s+(?:add|insert|put)\s+{_NEW}(?P<words>.*)"), _insert_led),
    (sentence(rf"(?:after|before)\s+(?P<after>.+?)\s+(?:comes?|goes|follows?|should\s+(?:come|be|follow)|(?:we|i)\s+(?:need|want)|there\s+(?:should|must)\s+be|is)\s+{_NEW}(?P<words>.*)"), _insert_led),
    (sentence(rf"(?:add|insert|create|draw)\s+{_NEW}(?P<words>.*?)\s*,?\s*\b(?:(?:that\s+is\s+)?(?:connected|linked|attached|joined)\s+(?:to|with)|and\s+(?:connect|link)\s+(?:it\s+)?(?:to|with))\s+(?P<joined>.+)"), _insert),
    (sentence(rf"{_CONNECT}\s+(?P<ref>.+?)(?:\s+back)?\s+(?:to|with|and|into)\s+(?P<other>.+?){_ARROW_WORDS}"), _connect_pair),
    (sentence(rf"{_CONNECT}\s+(?P<chain>.+?)(?:\s+(?:together|in\s+(?:order|a\s+chain|sequence)|with\s+(?:arrows|lines)))*"), _connect),
    (sentence(r"(?:draw|add|put|make|create|insert)\s+(?:an?\s+)?(?:(?P<style>dashed|dotted|solid)\s+)?(?:arrow|line|connection|connector|link|edge)\s+(?:from|between)\s+(?P<ref>.+?)\s+(?:to|and)\s+(?P<other>.+?)(?:\s*(?:,\s*)?(?:labell?ed|saying|called|that\s+says|which\s+says|reading|with(?:\s+the)?\s+(?:label|text|words?)(?:\s+of)?|:)\s+(?:as\s+)?(?P<words>.+))?"), _connect),
    (sentence(r"(?P<ref>.+?)\s+(?:points?|leads?|goes)\s+to\s+(?P<other>.+)"), _connect),
    (sentence(rf"(?:duplicate|copy|clone|replicate)\s+(?P<ref>.+?)(?:\s+(?P<copies>{NUMBER})(?:\s+times?)?)?"), _duplicate),
    (sentence(rf"(?:make|create|add)\s+(?:(?P<copies>{NUMBER})\s+)?(?:more\s+)?(?:copy|copies|duplicates?|clones?)\s+of\s+(?P<ref>.+)"), _duplicate),
    (sentence(rf"(?:(?:add|append|insert|put|attach|tack\s+on)\s+)?{_NEW}(?P<words>.+?)\s+(?P<where>(?:at|to|on|as)\s+the\s+(?:very\s+)?(?:end|start|beginning|front|last\s+(?:step|box|one)|first\s+(?:step|box|one))(?:\s+of\s+(?:it|the\s+\w+))?)"), _insert_at_end),
    (sentence(rf"(?:there\s+(?:should|must|needs\s+to)\s+be\s+|(?=(?:an?|another|one|new|the)\s)|(?=.*\s(?:should|must|has\s+to|needs\s+to)\s)){_NEW}(?P<words>.*?)\s*(?:(?:should|must|has\s+to|needs\s+to)\s+(?:come|go|be)\s+)?\s*\b(?:in\s+|right\s+)?between\s+(?P<first>.+?)\s+and\s+(?P<second>.+?){_AND_CONNECT}"), lambda m, c: None if c.knows(clean(m["words"])) else _insert(m, c)),
    (sentence(r"(?:(?:an?|another)\s+)?(?:(?P<style>dashed|dotted|solid)\s+)?(?:arrow|line|connection|link)\s+(?:from|between)\s+(?P<ref>.+?)\s+(?:to|and)\s+(?P<other>.+?)(?:\s*(?:,\s*)?(?:labell?ed|saying|called|that\s+says|with(?:\s+the)?\s+(?:label|text)|:)\s+(?P<words>.+))?"), _connect),
)  # fmt: skip
