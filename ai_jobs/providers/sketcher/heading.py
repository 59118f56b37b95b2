"""The kind of drawing that an instruction names, its subject, and the content that follows."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ai_jobs.planning.errors import NotUnderstood
from ai_jobs.planning.parts import Color, Direction, Shape
from ai_jobs.providers.sketcher.graph import Graph
from ai_jobs.providers.sketcher.items import clean, is_abbreviated, split_items, split_outside, strip_bullet
from ai_jobs.providers.sketcher.wording import (
    ARROW,
    Wording,
    as_title,
    bare_noun,
    strip_command,
    strip_courtesy,
    take_tail,
    take_wishes,
)

# A longer first sentence is a story and no heading.
_LONGEST: Final = 160
_ABOUT: Final = re.compile(
    r"^\s*(?:(?:for|of|about|on|around|showing|describing|comparing|called|titled|named|regarding|which\s+shows?|"
    r"that\s+shows?|with\s+the\s+title)\s+|[\u2013\u2014-]\s+)",
    re.IGNORECASE,
)
_WITH: Final = re.compile(
    r"\s*\b(?:(?:with|having|containing|including|that\s+(?:has|have|contains?))(?:\s+(?:the|these|following|\d+|two|three|four|five|six|its))*"
    r"(?:\s+(?:central|main))?(?:\s+(?:columns?|lanes?|lists?|branches|topics|nodes|sections|quadrants|entities|tables|events|milestones|"
    r"fields|elements|components|participants|actors|sets|circles|items|cards|steps|widgets|parts|subtopics|cells|rows)(?:\s+(?:for|like|such\s+as|namely|named|called))?)?"
    r"|containing|including|consisting\s+of|made\s+(?:up\s+)?of|that\s+(?:has|have|contains?)|has|having|where|in\s+which|split\s+into|"
    r"divided\s+into|using|from)\b\s*:?\s*",
    re.IGNORECASE,
)
# A subject ends with its sentence, at a semicolon, or at a dash.
_ENDED: Final = re.compile(r"\s*;\s+(?=\S)|(?<=\w\w)[.!]\s+(?=\S)|(?P<dash>\s+[\u2013\u2014-]\s+(?=\S))")
# … at a dash only where more than one part is named after it: "Berlin - capital: a, b" is one name.
_PART: Final = re.compile(r"\s*[^:;,/|\n]{1,40}:\s")
_NEXT_PART: Final = re.compile(rf"[/|;,.\n]{_PART.pattern}")


@dataclass(frozen=True)
class Headed:
    """An instruction that names its kind: "Mind map of coffee: origin, brewing"."""

    title: str
    subject: str
    body: str
    noun: str
    color: Color | None = None
    direction: Direction | None = None
    shape: Shape | None = None

    def graph(self) -> Graph:
        """An empty drawing with this title and these wishes."""
        return Graph(self.wording())

    def wording(self) -> Wording:
        return Wording(
            body=self.body, title=self.title, color=self.color, direction=self.direction, shape=self.shape
        )


@lru_cache(maxsize=4)
def _opened(text: str) -> tuple[str, str, str, Wording]:
    """Heading, what ends it (a colon, a line end, or nothing), the rest, and the wishes found on the way."""
    wishes = Wording(body="")
    text = take_tail(strip_courtesy(text), wishes).strip()
    text, _ = strip_command(text)
    cut = re.search(r":(?=\s|$)|\n|\?\s+(?=[\w ]{1,40}:)", text)
    head, mark, body = (text[: cut.start()], cut[0], text[cut.end() :]) if cut else (text, "", "")
    head = re.sub(r"[\s,]+(?:please|pls|thanks)\s*$", "", head, flags=re.IGNORECASE)
    return bare_noun(take_wishes(head, wishes)), mark, body, wishes


def headed(text: str, noun: re.Pattern[str]) -> Headed | None:
    """The instruction split at the noun for its kind, when it begins with that noun or its heading ends on it."""
    head, mark, body, wishes = _opened(text)
    at_start = noun.match(head)
    # "Let us brainstorm: a mind map of …": the kind is named after the colon.
    after_colon = mark == ":" and re.match(r"\s*(?:an?|the)\s+\S", body) and noun.match(bare_noun(body))
    if after_colon and len(head) < _LONGEST and not ARROW.search(head):
        return headed(body.strip(), noun)
    if at_start:
        rest = head[at_start.end() :]
        if re.match(r"\s*(?:,|\?|and\b|then\b|is\b|are\b)", rest) or (
            (arrow := ARROW.match(rest)) and arrow[0].strip()
        ):
            return None
        first_named = mark == ":" and not _PART.match(body) and bool(_NEXT_PART.search(body))
        if first_named:  # "SWOT - strengths: a; weaknesses: b": a part, and no subject
            rest = re.sub(r"^\s+[\u2013\u2014-]\s+", "", rest)
        subject, inner = _subject(rest, dash=mark != ":" or first_named)
        if inner:
            body = f"{inner}: {body}" if mark == ":" else f"{inner}\n{body}" if body.strip() else inner
        return _made(as_title(subject), subject, body, at_start[0], wishes)
    if len(head) > _LONGEST or ARROW.search(head):
        return None
    at_end = re.search(rf"(?<![\w-])(?:{noun.pattern})\s*$", head, noun.flags)
    if not at_end or not at_end.start():
        return None
    before = re.sub(r"\s+(?:as|in|into)\s+(?:a|an|the)?\s*$", "", head[: at_end.start()])
    as_kind = before != head[: at_end.start()]
    before = re.sub(r"^(?:show|see|have|visuali[sz]e)\s+", "", before, flags=re.IGNORECASE)
    title = before if as_kind else head
    return _made(as_title(title), before.strip(), body if mark else "", at_end[0].strip(), wishes)


def _made(title: str, subject: str, body: str, noun: str, wishes: Wording) -> Headed:
    body = body.strip("\n").rstrip()
    return Headed(
        title=title[:200],
        subject=subject.strip(),
        body=body,
        noun=noun.lower(),
        color=wishes.color,
        direction=wishes.direction,
        shape=wishes.shape,
    )


def _end_of_subject(rest: str, *, dash: bool) -> re.Match[str] | None:
    for ended in _ENDED.finditer(rest):
        if not is_abbreviated(rest[: ended.end()].rstrip()) and (dash or not ended["dash"]):
            return ended
    return None


def _subject(rest: str, *, dash: bool) -> tuple[str, str]:
    """ "of coffee with branches a, b" → ("coffee", "a, b")."""
    about = _ABOUT.match(rest)
    if about:
        rest = rest[about.end() :]
        inside, ended = _WITH.search(rest), _end_of_subject(rest, dash=dash)
        if ended and not (inside and 0 < inside.start() < ended.start()):
            return rest[: ended.start()].strip(" ,"), rest[ended.end() :].strip()
        if inside and inside.start():
            return rest[: inside.start()].strip(" ,"), rest[inside.end() :].strip()
        return rest.strip(), ""
    inside = _WITH.match(rest)
    if inside:
        return "", rest[inside.end() :].strip()
    return "", rest.strip(" ,.-")


Section = tuple[str, list[str]]
_NAME: Final = re.compile(
    r"(?:^|(?<=[;,.\n]))\s*(?:and\s+)?(?P<name>[^:;,.\n()]{1,60}?)\s*(?::(?=\s|$)|=(?=\s)|\s[\u2013\u2014-](?=\s))",
    re.M,
)


def sections(body: str) -> list[Section]:
    """Named groups with their items, in any of the ways people write them; names alone have no items."""
    slashed = re.split(r"\s+[/|]\s+", body)
    if len(slashed) > 1 and all(re.match(r"\s*[^:\n]{1,60}:\s*\S", part) for part in slashed):
        body = "\n".join(part.strip() for part in slashed)
    lines = [line for line in body.split("\n") if line.strip()]
    if len(lines) > 1 and (found := _sections_of_lines(lines)):
        return found
    named = list(_NAME.finditer(body))
    if named and not body[: named[0].start()].strip(" ,;"):
        ends = [match.start() for match in named[1:]] + [len(body)]
        return [
            (clean(strip_bullet(match["name"])[1]), split_items(body[match.end() : end].strip(" ,;.\n")))
            for match, end in zip(named, ends, strict=True)
        ]
    found = []
    for part in split_items(body) if ";" not in body else [clean(p) for p in split_outside(body, ";")]:
        inside = re.match(r"^(?P<name>[^()]+?)\s*\((?P<items>[^()]*)\)$", part)
        if inside:
            found.append((clean(inside["name"]), split_items(inside["items"])))
        elif part:
            found.append((clean(part), []))
    return found


def _sections_of_lines(lines: list[str]) -> list[Section]:
    parsed = [strip_bullet(line) for line in lines]
    depths = sorted({depth for depth, _, _ in parsed})
    marked = {mark for _, _, mark in parsed}
    found: list[Section] = []
    nested = len(depths) > 1
    for line, (depth, text, mark) in zip(lines, parsed, strict=True):
        is_name = depth == depths[0] if nested else not mark if len(marked) > 1 else True
        if is_name:
            name, colon, rest = text.partition(":")
            if colon:
                found.append((clean(name), split_items(rest)))
                continue
            inside = re.match(r"^(?P<name>[^()]+?)\s*\((?P<items>[^()]*)\)$", text)
            dashed = re.match(r"^(?P<name>[^,]{1,40}?)\s+[\u2013\u2014-]\s+(?P<items>.+)$", text)
            if inside or dashed:
                match = inside or dashed
                assert match is not None
                found.append((clean(match["name"]), split_items(match["items"])))
            else:
                found.append((clean(text), []))
        elif found:
            found[-1][1].append(clean(text))
        else:
            return []
        del line
    return found


def needs(what: str, example: str) -> NotUnderstood:
    """The refusal of a drawing whose kind was named and whose content was not."""
    return NotUnderstood(f"{what} For example: {example}")
