# ruff: noqa: E501  # a pattern stays on one line: the table is read down, not across
"""What is removed, connected and copied."""

import itertools
import re
from typing import Final, cast

from ai_jobs.planning.edits import Connect, Delete, Duplicate, Insert, Place, Relabel, Side
from ai_jobs.planning.errors import NothingMatches
from ai_jobs.planning.parts import EdgeStyle
from ai_jobs.providers.sketcher.arrows import ARROW
from ai_jobs.providers.sketcher.changes.phrases import (
    DELETE,
    NOUN,
    Edits,
    Patterns,
    Predicates,
    Targets,
    sentence,
)
from ai_jobs.providers.sketcher.items import clean, split_items
from ai_jobs.providers.sketcher.references import Surroundings
from ai_jobs.providers.sketcher.vocabulary import NUMBER, SHAPE, number_of

_LINE: Final = r"(?:arrows?|lines?|connections?|connectors?|links?|edges?|loops?|paths?)"


# -- removing ----------------------------------------------------------------------------------------------


def _delete(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    groups = match.groupdict()
    ref, with_its = _ITS.subn("", match["ref"])
    targets = canvas.find(ref)
    waiting = list(targets) if with_its else []
    while waiting:
        new = [name for name in canvas.below(waiting.pop()) if name not in targets]
        targets += new
        waiting += new
    if not groups.get("keep"):
        targets += [topic for name in list(targets) for topic in canvas.branch(name) if topic not in targets]
    if groups.get("keep"):
        kept = set(canvas.find(groups["keep"])) if canvas.knows(groups["keep"]) else set()
        targets = [name for name in targets if name not in kept]
    # A column goes with the cards that lie on it.
    targets += [card for panel in targets if canvas.board.is_ground(panel) for card in canvas.below(panel)]
    return [Delete(targets=tuple(targets))] if targets else None


_ITS: Final = re.compile(
    r"\s*,?\s+(?:(?:along|together|and)\s+)*(?:with\s+)?(?:all\s+|everything\s+|what(?:ever)?\s+|anything\s+)*(?:(?:of\s+)?its\s+\w+|(?:that\s+)?(?:(?:belongs?|hangs?|is|comes?|goes|lies)\s+)?(?:to|under|below|beneath|in|on|off|with)\s+(?:it|them))$",
    re.IGNORECASE,
)


def _gone(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    return [Delete(targets=targets)]


def _keep_only(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    kept = set(canvas.find(match["ref"]))
    gone = [name for name in canvas.things if name not in kept]
    return [Delete(targets=tuple(gone))] if gone else None


def _empty(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "empty the Done column": what lies on it goes, it stays."""
    inner = [name for panel in canvas.find(match["ref"]) for name in canvas.below(panel)]
    return [Delete(targets=tuple(inner))] if inner else None


def _disconnect(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    return [Delete(targets=tuple(canvas.find(f"arrows between {match['ref']} and {match['other']}")))]


# -- connecting --------------------------------------------------------------------------------------------


def _connect(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    groups = match.groupdict()
    style = cast(EdgeStyle, (groups.get("style") or "solid").lower())
    label = clean(
        re.sub(
            r"^(?:as|with|:)\s+",
            "",
            groups.get("words") or groups.get("quoted") or groups.get("written") or "",
        )
    )
    sources, targets = canvas.find(match["ref"]), canvas.find(match["other"])
    if re.match(
        r"(?:the\s+)?(?:others?|rest)|\w+\s+else|all\s+(?:the\s+)?others?|each\s+of|them|all$",
        match["other"],
        re.IGNORECASE,
    ):
        targets = [
            name
            for name in (canvas.boxes() if set(targets) <= set(sources) else targets)
            if name not in sources
        ]
    if put := _put_on(targets, tuple(sources), canvas):
        return put
    ends = [tuple(map(canvas.board.holder, pair)) for pair in itertools.product(sources, targets)]
    there = [arrow for arrow in canvas.board.arrows() if canvas.board.ends(arrow) in ends]
    if label and there and not any(map(canvas.board.label, there)):
        return [Relabel(target=arrow, label=label) for arrow in there]
    return [
        Connect(source=source, target=target, label=label, style=style)
        for source in sources
        for target in targets
        if source != target or len(sources) == len(targets) == 1
    ] or None


def _connect_spoken(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "A sends things to B, draw an arrow there": between the two that the remark names."""
    pair = canvas.named_in(canvas.remark) or canvas.selected or canvas.spoken
    if len(pair) != 2:
        return None
    label = clean(match["words"] or match["quoted"] or "")
    return [Connect(source=pair[0], target=pair[1], label=label)]


def _connect_pair(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "connect A to B", and "connect A, B and C" as a chain: "and" joins names, "to" joins boxes."""
    if "," in match["ref"] and not re.search(rf"\s(?:to|with|into)\s+{re.escape(match['other'])}", match[0]):
        return None
    return _connect(match, canvas)


def _chain(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    names = [
        name
        for name in canvas.find(match["chain"] or match.groupdict().get("each") or "them")
        if canvas.board.is_shape(name)
    ]
    if len(names) < 2:
        raise NothingMatches("Two objects or more are needed to connect something. " + canvas.what_is_there())
    return [Connect(source=a, target=b) for a, b in itertools.pairwise(names)]


def _connected(match: re.Match[str], targets: Targets, canvas: Surroundings) -> Edits | None:
    ends = canvas.find(match["other"])
    targets = tuple(name for name in targets if name not in ends and canvas.board.is_shape(name))
    if put := _put_on(ends, targets, canvas):
        return put
    return [Connect(source=name, target=end) for name in targets for end in ends] or None


def _put_on(panels: list[str], cards: Targets, canvas: Surroundings) -> Edits | None:
    """Cards go on to a column; only boxes go to boxes with an arrow."""
    if len(panels) == 1 and canvas.board.is_ground(panels[0]) and not any(map(canvas.board.is_ground, cards)):
        return [Place(targets=cards, side="inside", anchor=panels[0])]
    return None


def _arrows(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "A -> B" where both are there: an arrow; a column after the arrow takes the card in, and a new name renames."""
    cuts = [0, *(end for arrow in ARROW.finditer(match[0]) for end in arrow.span()), len(match[0])]
    parts = [part for a, b in zip(cuts[::2], cuts[1::2], strict=True) if (part := match[0][a:b].strip())]
    parts[:1] = [
        re.sub(
            rf"^(?:rename|relabel|change)\s+(?=\S)|^(?:(?:add|draw|put|make)\s+)?(?:an?\s+|the\s+)?{_LINE}(?:\s+from)?\s+(?=\S)|^(?:connect|link)\s+(?=\S)",
            "",
            part,
            flags=re.IGNORECASE,
        )
        for part in parts[:1]
    ]
    if len(parts) < 2:
        return None
    label = next(
        (said for arrow in ARROW.finditer(match[0]) if (said := arrow["dashed"] or arrow["piped"])), ""
    )
    if not canvas.knows(parts[-1], nearly=False) and ":" in parts[-1]:
        parts[-1], label = (part.strip() for part in parts[-1].split(":", 1))
    known = [canvas.knows(part, nearly=False) for part in parts]
    if all(known):
        ends = [canvas.find(part) for part in parts]
        if len(ends) == 2 and (put := _put_on(ends[1], tuple(ends[0]), canvas)):
            return put
        return [
            Connect(source=a, target=b, label=clean(label))
            for sources, targets in itertools.pairwise(ends)
            for a in sources
            for b in targets
            if a != b
        ] or None
    if known == [True, False] and re.match(
        r"(?:the\s+)?(?:column|box|step|card|label|text|title|lane|list|circle|node)\s",
        parts[0],
        re.IGNORECASE,
    ):
        return [Relabel(target=canvas.find_one(parts[0]), label=clean(parts[1]))]
    return None


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


# -- dividing ----------------------------------------------------------------------------------------------


def _divide(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "split A into B and C": A is called B, and C comes after it, in a tree beside it."""
    labels = split_items(match["words"])
    if len(labels) < 2:
        return None
    target = canvas.find_one(match["ref"] or match.groupdict().get("kept") or "")
    if canvas.board.is_ground(target) or not canvas.board.is_shape(target):
        return None
    leading = [canvas.board.ends(arrow) for arrow in canvas.board.arrows()]
    parents = [start for start, end in leading if start and end == target] if canvas.in_tree(target) else []
    in_line = not parents and any(target in ends for ends in leading)
    edits: Edits = [Relabel(target=target, label=labels[0])]
    after = target
    for number, label in enumerate(labels[1:]):
        key = f"new {number} {label}"[:64]
        side: Side | None = None if in_line else "right"
        edits.append(Insert(key=key, label=label, after=after, side=side, connected=in_line))
        edits += [Connect(source=parent, target=key) for parent in parents]
        after = key
    return edits


# -- joining -----------------------------------------------------------------------------------------------


def _merge(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    """ "merge A and B into C": the first is called C and has the arrows of the others, which go."""
    names = [name for name in canvas.find(match["ref"]) if canvas.board.is_shape(name)]
    if len(names) < 2 or any(map(canvas.board.is_ground, names)):
        return None
    label = clean(match["words"] or "") or " / ".join(canvas.board.label(name) for name in names)
    kept, gone = names[0], {canvas.board.holder(name) for name in names[1:]}
    own = gone | {canvas.board.holder(kept)}
    there = set(canvas.ends.values())
    edits: Edits = [Relabel(target=kept, label=label)]
    for arrow, (start, end) in canvas.ends.items():
        if not ({start, end} & gone) or {start, end} <= own or not start or not end:
            continue
        way = (kept, end) if start in gone else (start, kept)
        if way not in there:
            there.add(way)
            edits.append(Connect(source=way[0], target=way[1], label=canvas.board.label(arrow)))
    return [*edits, Delete(targets=tuple(names[1:]))]


# -- copying -----------------------------------------------------------------------------------------------


def _duplicate(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    copies = match.groupdict().get("copies")
    ref = re.sub(
        r"^(?:one|those|these)\s+(?=like\s)|^(?:just\s+|exactly\s+)*like\s+",
        "",
        match["ref"] or "it",
        flags=re.IGNORECASE,
    )
    targets = tuple(canvas.find(ref))
    return [Duplicate(targets=targets, copies=min(number_of(copies), 20) if copies else 1)]


def _duplicate_like(match: re.Match[str], canvas: Surroundings) -> Edits | None:
    ref = re.sub(r"^(?:\w+\s+)?(?:just\s+|exactly\s+)?(?:of|like)\s+", "", match["ref"], flags=re.IGNORECASE)
    return [Duplicate(targets=tuple(canvas.find(ref)))]


_CONNECT: Final = r"(?:(?:re)?connect|(?:re)?link|join|wire|attach|hook(?:\s+up)?|tie|chain)(?:\s+up)?"
_LABEL: Final = r"(?:\s*,?\s*(?:(?:and|with|the|arrow|line|it|which|that|should|must|to|has|have|being|is|be|please)\s+)*(?:say(?:s|ing)?|reads?|reading|labell?(?:ed|ing)?|label|texts?|captions?|words?|marked|called|named|call|title|titled|note|write|put|:)(?:\s+it)?\s*(?:(?:of|as|with|on|it|being|is|should|say|read|be)\s+)*[:,]?\s*(?P<words>\S.*?)(?:\s+(?:on|above|over|next\s+to)\s+(?:it|the\s+(?:arrow|line)))?|\s*,?\s*(?:with\s+)?(?P<quoted>\"[^\"]+\")(?:\s+(?:(?:written|printed)\s+)?(?:on|above|over|next\s+to)\s+(?:it|the\s+(?:arrow|line)))?)?"
_WITH: Final = (
    r"(?:\s*,?\s+(?:with|by|using|via)\s+(?:an?\s+)?(?:(?P<style>dashed|dotted|solid)\s+)?(?:arrows?|lines?))?"
    r"(?:\s*,?\s+and\s+(?:write|put|say)\s+(?P<written>[\"“].+[\"”])\s+(?:on|above|over|next\s+to)\s+(?:the\s+(?:arrow|line)|it))?"
)
_GO: Final = r"(?:go(?:es)?|be\s+(?:gone|skipped|omitted|cut|left\s+out|kicked\s+out|deleted|removed|dropped|erased|thrown\s+(?:out|away)|taken\s+(?:out|away|off))|disappear|vanish|leave|come\s+(?:out|off)(?:\s+(?:of\s+)?(?:the|this|our)\s+\w+)?|out)(?:\s+away)?"
_NO_MORE: Final = r"(?:\s+any\s*(?:more|longer))?"
PREDICATES: Final[Predicates] = (
    (sentence(r"(?:(?:has|have|had)\s+)?(?:left|quit|resigned|retired)(?:\s+(?:us|the\s+\w+))?"), _gone),
    (sentence(rf"(?:(?:can|should|must|has\s+to|have\s+to|needs?\s+to|could|may|ought\s+to)\s+)?(?:now\s+|all\s+|also\s+|just\s+)?{_GO}(?:\s+(?:now|completely|entirely))?"), _gone),
)  # fmt: skip
_TWO: Final = rf"(?:(?:(?:the|these)\s+)?{NUMBER}\s+(?:(?:new|separate|different|smaller)\s+)?(?:{NOUN}|{SHAPE})(?:e?s)?)"
PATTERNS: Final[Patterns] = (
    (sentence(rf"(?:split|divide|break|separate|cut)\s+(?:up\s+)?(?P<ref>.+?)(?:\s+(?:up|apart))?\s+(?:in|into)\s+(?:{_TWO}\s*(?:[,:]|\bcalled\b|\bnamed\b)?\s*)?(?P<words>.+)"), _divide),
    (sentence(rf"(?P<ref>.+?)\s+(?:(?:should|must|shall|is|are|be|has|have|to|can|needs?)\s+)*(?:split|divided|broken)(?:\s+up)?\s+(?:in|into)\s+(?:{_TWO}\s*(?:[,:]|\bcalled\b|\bnamed\b)?\s*)?(?P<words>.+)"), _divide),
    (sentence(rf"(?:merge|combine|fuse|unite|unify|collapse)\s+(?P<ref>.+?)(?:\s+(?:together|up))?\s+(?:in|into|to|as)\s+(?:(?:an?|one)\s+)?(?:(?:single|common|joint|new)\s+)*(?:one\b\s*)?(?:(?:{NOUN}|{SHAPE})\b)?\s*,?\s*(?:(?:called|named|labell?ed|titled|saying)\s+)?(?P<words>.*)"), _merge),
    (sentence(r"(?:merge|combine|fuse|unite)\s+(?P<ref>.+?)(?P<words>)"), _merge),
    (sentence(rf"(?P<ref>.+?)\s+(?:(?:should|must|shall|are|to|can|now)\s+)*(?:become|be|form|turn\s+into|(?:be\s+)?(?:merged|combined|joined)(?:\s+(?:in)?to)?)\s+(?:just\s+)?(?:one|a\s+single)(?:\s+(?:{NOUN}|{SHAPE}))?\s*[,:]?\s*(?:(?:called|named|labell?ed)\s+)?(?P<words>.*)"), _merge),
    (re.compile(r".+(?:->|=>|\u2192|-->).+"), _arrows),
    (sentence(rf"(?:(?:i|we|you)\s+)?(?:don['\u2019]?t|do\s+not|not|no|no\s+longer|never)\s+(?:want|need|use|have|like)\s+(?:(?:no|any)\s+(?:more\s+|longer\s+)?)?(?P<ref>.+?){_NO_MORE}(?:\s+(?:in|on)\s+(?:this|the|that|our)\s+\w+(?:\s+\w+)?)?"), _delete),
    (sentence(rf"{DELETE}\s+(?:(?:only|just)\s+)?(?P<ref>.+?)(?:\s+only)?\s*,?\s+(?:but|and|yet|while)\s+(?:keep(?:ing)?|leave|leaving|not)\s+(?P<keep>.+)"), _delete),
    (sentence(r"(?:take|throw|get|cut|cross|strike|rip|kick|move|strip|toss)\s+(?P<ref>.+?)\s+(?:(?:away|out|off)\b(?:\s+(?:of|from)?\s*(?:there|here|it|this|the\s+(?!list|left|right|top|bottom)\w+(?:\s+\w+)?))?)"), _delete),
    (sentence(rf"(?:no\s+more|(?:do\s+)?without|no)\s+(?P<ref>.+?){_NO_MORE}"), _delete),
    (sentence(r"(?:empty|clear(?:\s+out)?|clean\s+out)\s+(?P<ref>.+?)"), lambda m, c: _empty(m, c) if c.knows(m["ref"]) and all(c.board.is_ground(n) for n in c.find(m["ref"])) else None),
    (sentence(rf"{DELETE}\s+(?:(?:only|just)\s+)?(?P<ref>.+?)(?:\s+only)?(?:\s+from\s+(?:the\s+)?(?:canvas|board|drawing|diagram|chart|map|picture|here))?(?:\s+(?:completely|entirely|altogether))?"), _delete),
    (sentence(r"(?:(?:keep|leave)\s+(?:only|just)|(?:only|just)\s+(?:keep|leave))\s+(?P<ref>.+)"), _keep_only),
    (sentence(r"(?:only|just)\s+(?P<ref>.+?)\s+(?:(?:should|can|must|may|is\s+to|are\s+to)\s+)?(?:stays?|remains?|be\s+(?:left|kept|there)|survives?)(?:\s*,\s*(?:and\s+)?(?:all\s+)?(?:the\s+)?(?:others?|rest|everything\s+else)\b.*)?"), _keep_only),
    (sentence(r"(?:disconnect|unlink|detach|separate|decouple)\s+(?P<ref>.+?)\s+(?:from|and)\s+(?P<other>.+)"), _disconnect),
    (sentence(rf"(?P<ref>.+?)\s+and\s+(?P<other>.+?)\s+(?:should\s*n['\u2019]?o?t|should\s+(?:not|no\s+longer)|must\s*n['\u2019]?t|must\s+not|are\s+(?:not|no\s+longer)|aren['\u2019]?t|don['\u2019]?t)\s+(?:be\s+)?(?:connect(?:ed)?|link(?:ed)?|join(?:ed)?)(?:\s+(?:to|with)\s+(?:each\s+other|one\s+another))?{_NO_MORE}"), _disconnect),
    (sentence(r"(?:reverse|flip|turn\s+around|turn(?=.*(?:a?round|other\s+way)$)|invert|switch\s+around|change\s+the\s+direction\s+of|change(?=.*direction$))\s+(?:the\s+direction\s+of\s+)?(?P<ref>.+?)(?:['\u2019]s\s+direction)?(?:\s+(?:a?round|over|the\s+other\s+way(?:\s+a?round)?))?"), _reverse),
    (sentence(r"(?P<ref>.+?)\s+(?:should\s+|must\s+)?(?:be\s+)?(?:go|point|run|lead|be)s?\s+(?:in\s+)?the\s+(?:other\s+way|opposite\s+(?:way|direction))(?:\s+a?round)?"), _reverse),
    (sentence(rf"(?:(?:draw|add|put|make|create|insert|run|lead|pull|stretch|have|need|want|give\s+me|there\s+(?:should|must|needs\s+to)\s+(?:also\s+)?be|there['\u2019]?s|with|let|also|another|is\s+missing|missing\s+is|i|we|an?|one|the|so)\s+)*(?:(?P<style>dashed|dotted|solid)\s+)?{_LINE}(?:\s+(?:that\s+)?(?:back|going|go(?:es)?|running|runs?|leading|pointing|points?|leads?|directly|straight))*\s+(?:from|between)\s+(?P<ref>.+?)(?:\s+(?:back|straight|directly|right|over))*\s+(?:to|and)\s+(?P<other>.+?){_LABEL}"), _connect),
    (sentence(rf"(?:(?:draw|add|put|run|need|want|i|we)\s+)*(?:(?:an?|another|one)\s+)?{_LINE}(?:\s+back)?\s*:?\s+(?P<ref>\S.*?)\s+to\s+(?P<other>.+?){_LABEL}"), _connect),
    (sentence(rf"(?:(?:draw|add|put|need|want|have|i|we|there|should|must|be|with|an?|the|another)\s+)*{_LINE}\s+(?:there|for\s+(?:that|this|it)|between\s+(?:them|the\s+two|those|these|both)){_LABEL}"), _connect_spoken),
    (sentence(rf"{_CONNECT}\s+(?:them|these|those|all(?:\s+of\s+them)?|everything|both|the\s+\w+)\b[^:]{{0,60}}:\s*(?P<chain>.+)"), _chain),
    (sentence(rf"{_CONNECT}\s+(?P<ref>.+?)(?:\s+(?:back|straight|directly|right|on|up|over|again))*\s+(?:to|with|and|into|onto)\s+(?P<other>.+?){_WITH}{_LABEL}"), _connect_pair),
    (sentence(rf"{_CONNECT}\s+(?P<chain>.+?)(?:\s+(?:together|up|one\s+after\s+(?:the\s+other|another)|in\s+(?:order|a\s+(?:chain|row)|sequence|turn|(?:this|that|the\s+given|the\s+same)\s+order)|(?:with|by|using)\s+(?:(?:an?|the)\s+)?(?:arrows?|lines?)))*"), _chain),
    (sentence(r"(?:(?:draw|add|put)\s+)?(?:arrows\s+between\s+(?P<chain>.+)|an?\s+arrow\s+between\s+(?P<each>(?:each|all|every|them|these|the\s+(?:boxes|steps))\b.*))"), _chain),
    (sentence(r"(?P<ref>.+?)\s+(?:points?|leads?|goes|talks|connects|links|sends)\s+(?:(?:back|directly|straight|right|on)\s+)*to\s+(?P<other>.+)"), _connect),
    (sentence(rf"(?:(?:get|have|draw|add|make|give\s+me|need|want|i|we)\s+)*(?:another|one\s+more|an?\s+second|an?\s+further|a\s+third)\s+(?P<ref>{SHAPE}|one\s+(?:of|like)\s+.+?|(?:(?:box|circle|shape|card|one|step|thing)\s+)?(?:just\s+|exactly\s+)?(?:like|of)\s+.+?)(?P<copies>)(?:\s+(?:just\s+|exactly\s+)?(?:like|of)\s+(?:that|this|it|the|these).*)?"), _duplicate_like),
    (sentence(rf"(?:duplicate|copy|clone|replicate|repeat)\s+(?P<ref>.+?)(?:\s+(?:once|(?P<copies>{NUMBER})(?:\s+times?)?))?"), _duplicate),
    (sentence(rf"(?:(?:make|create|add|draw|need|want|get|have)\s+)?(?:an?\s+|(?P<copies>{NUMBER})\s+)?(?:more\s+|second\s+|exact\s+)?(?:copy|copies|duplicates?|clones?)\s+of\s+(?P<ref>.+?)(?:\s*,?\s+(?:right\s+)?(?:next\s+to|beside|to\s+the\s+(?:left|right)\s+of|below|under|above)\s+(?:it|them|that|the\s+original))?"), _duplicate),
)  # fmt: skip
