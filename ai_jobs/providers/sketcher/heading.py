# ruff: noqa: E501  # a pattern stays on one line
"""The kind of drawing that an instruction names, its subject, and the content that follows."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from ai_jobs.planning.errors import NotUnderstood
from ai_jobs.planning.parts import Color, Direction, Shape
from ai_jobs.providers.sketcher.arrows import ARROW
from ai_jobs.providers.sketcher.courtesy import strip_command, strip_courtesy
from ai_jobs.providers.sketcher.graph import Graph
from ai_jobs.providers.sketcher.items import (
    is_abbreviated,
)
from ai_jobs.providers.sketcher.kinds import sure_kind
from ai_jobs.providers.sketcher.prose import sentences
from ai_jobs.providers.sketcher.prose import told as told_way
from ai_jobs.providers.sketcher.vocabulary import NUMBER
from ai_jobs.providers.sketcher.wording import Wording, as_title, bare_noun, take_tail, take_wishes

# A longer first sentence is a story and no heading.
_LONGEST: Final = 160
_ABOUT: Final = re.compile(
    r"^\s*(?:(?:for|of|about|on|around|showing(?!\s+(?:an?|the|\d+|two|three|four|five|six|my|our)\s)|describing|comparing|called|titled|named|regarding|(?:which|that)\s+shows?(?!\s+(?:an?|the|\d+|two|three|four|five|six|my|our)\s)|"
    r"with\s+the\s+title)\s+|[\u2013\u2014-]\s+|(?=[\"\u201c]))",
    re.IGNORECASE,
)
_WITH: Final = re.compile(
    r"\s*\b(?:(?:with|having|containing|including|(?:that|which)\s+(?:has|have|contains?|shows?))(?:\s+(?:the|these|following|\d{1,2}|two|three|four|five|six|its))*"
    r"(?:\s+(?:central|main|empty|plain))?(?:\s+(?:columns?|lanes?|lists?|branches|topics|nodes|sections|quadrants|entities|tables|events|milestones|"
    r"fields|elements|components|participants|actors|sets|circles|items|cards|steps|widgets|parts|subtopics|cells|rows|phases|stages|dates|periods|people|roles|groups|tasks)(?:\s+(?:and|with)\s+(?:their\s+|its\s+)?(?:cards|items|tasks|notes|fields|links|content)\b)?(?:\s+(?:for|like|such\s+as|namely|named|called))?)?"
    r"|containing|including|consisting\s+of|made\s+(?:up\s+)?of|that\s+(?:has|have|contains?)|should\s+(?:show|have|contain|include|list)(?:\s+that)?|has|having|whose|there(?:['\u2019]s|\s+is|\s+are)|where|in\s+which|showing|split\s+into|"
    r"divided\s+into|using|from)\b\s*:?\s*",
    re.IGNORECASE,
)
# A subject ends with its sentence, at a semicolon, or at a dash.
_ENDED: Final = re.compile(
    r"\s*;\s+(?=\S)|,\s+(?=(?:an?|with|title|headline|one|two|three|four|five|\d+|(?:the\s+|its\s+)?(?:fields?|columns?|buttons?|header|heading|sidebar|inputs?)|(?:on|at|in)\s+(?:the\s+)?(?:very\s+)?(?:top|bottom|left|right|middle|header))\s)|(?<=\w\w)[.!]\s+(?=\S)|(?P<dash>\s+[\u2013\u2014-]\s+(?=\S))"
)
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

    def parted(self) -> "Headed":
        """ "the move, in week 1 A, in week 2 B" as the subject of a heading: its first part is the subject."""
        subject, comma, told = self.subject.partition(",")
        if self.body.strip() or not comma or not told.strip():
            return self
        return replace(self, title=as_title(subject), subject=subject.strip(), body=told.strip())

    def graph(self) -> Graph:
        """An empty drawing with this title and these wishes."""
        return Graph(self.wording())

    def wording(self) -> Wording:
        return Wording(
            body=self.body, title=self.title, color=self.color, direction=self.direction, shape=self.shape
        )


_CUT: Final = re.compile(
    r":(?=\s|$)|\n|\?\s+(?=\S)|(?<=\w\w)[.!]\s+(?=\S)|\s+\|\s+(?=[^|\n]{1,40}:)|(?<=[)\"”])[.]\s+(?=\S)"
)
_PLEASE: Final = r"(?:drawn|made|sketched|please|pls|plz|thanks|for\s+(?:me|us)|real\s+quick|quick\s+one|if\s+possible|now|here|today|again)"
# "org chart, quick one: …", "sequence please, who talks to whom: …": talk between the kind and what is in it.
_ASIDE: Final = re.compile(
    rf"^\s*,?\s*(?:{_PLEASE}\b\s*,?\s*)*(?:as\s+an?\s+(?:\w+\s+)?(?:tree|diagram|chart|picture|drawing)|(?:out\s+of|from|of|with|using|for)\s+(?:this|these|that|the\s+(?:following|below))(?:\s+(?:\w+\s+)?\w+)?)?(?:\s*,?\s*{_PLEASE}\b)*(?:,\s*(?:so|quick\s+one|nothing\s+fancy|very\s+(?:simple|short)|simple(?:\s+one)?|keep\s+it\s+\w+|(?:who|what|which|how|where|when|just|in)\s[^,:]{{1,60}}))?\s*$",
    re.IGNORECASE,
)
_LISTED_AFTER: Final = re.compile(
    r"^\s*,?\s*(?!(?-i:[A-Z])[a-z]+(?:,|\s+(?:(?:and|or|has|have|with)\b|\()))(?:(?:the|its|with|and|these|those)\s+)*(?:fields?|columns?|lanes?|lists?|branches|participants?|actors?|people|events?|milestones?|entities|tables|steps?|stages|sections?|parts|elements|circles|sets|topics|rows?|items?|members|dates|quadrants|phases|cards|nodes)\b\s*(?:are|is|being|(?:should|would)\s+be)?(?:\s+(?:called|named))?\s*[:,]?\s+",
    re.IGNORECASE,
)


# "a board, one column per day": how each of the things stands is no name of one.
_ONE_EACH: Final = re.compile(
    r",?\s+(?:with\s+)?(?:one|an?|each\s+an?)\s+(?:column|list|lane|box|card|circle|row|bubble)\s+(?:per|for\s+(?:each|every))\b[^,:]*",
    re.IGNORECASE,
)


# What is in it may stand in brackets: "an empty board for the team (Backlog, Sprint, Done)".
_LIST_IN_BRACKETS: Final = re.compile(
    r"(?P<head>[^(\[,:;]{3,100}?)\s*[(\[](?P<items>[^()\[\]]+,[^()\[\]]+)[)\]]\W*"
)


@lru_cache(maxsize=4)
def _opened(text: str) -> tuple[str, str, str, Wording]:
    """Heading, what ends it (a colon, a line end, a sentence's end, or nothing), the rest, and the wishes on the way."""
    wishes = Wording(body="")
    text = take_tail(strip_courtesy(text), wishes).strip()
    text, _ = strip_command(text)
    cut = next((m for m in _CUT.finditer(text) if not is_abbreviated(text[: m.end()].rstrip())), None)
    head, mark, body = (text[: cut.start()], cut[0], text[cut.end() :]) if cut else (text, "", "")
    if not cut and (listed := _LIST_IN_BRACKETS.fullmatch(head)):
        head, mark, body = listed["head"], ":", listed["items"]
    head = re.sub(rf"[\s,]+(?:{_PLEASE}\s*$|(?:please|pls|plz)\s*(?=,\s))", "", head, flags=re.IGNORECASE)
    if mark.startswith(":"):
        head = re.sub(
            r",?\s+(?:so|namely|as\s+follows|like\s+(?:this|so)|i\.e\.)\s*$", "", head, flags=re.IGNORECASE
        )
    head = _ONE_EACH.sub("", head)
    return bare_noun(take_wishes(head, wishes)), mark.strip() or mark[:1], body, wishes


def headed(text: str, noun: re.Pattern[str]) -> Headed | None:
    """The instruction split at the noun for its kind, when it begins with that noun or its heading ends on it."""
    head, mark, body, wishes = _opened(text)
    at_start = noun.match(head)
    of_it = at_start and re.match(rf"{_ABOUT.pattern}|{_WITH.pattern}", head[at_start.end() :], re.IGNORECASE)
    parted = at_start and sure_kind(at_start[0]) and re.match(r"\s*[,;]\s", head[at_start.end() :])
    if not of_it and not parted and told_way(_first_words(head, mark, body)):
        return None  # "Survey splits into three: …" tells something of a survey
    # "Let us brainstorm: a mind map of …": the kind is named after the colon.
    after_colon = mark == ":" and re.match(r"\s*(?:an?|the)\s+\S", body) and noun.match(bare_noun(body))
    if after_colon and len(head) < _LONGEST and not ARROW.search(head):
        return headed(body.strip(), noun)
    if at_start:
        rest = head[at_start.end() :]
        if mark == ":" and _ASIDE.match(rest):
            rest = ""
        pleased = re.match(rf"\s*,?\s*{_PLEASE}\b\s*,?\s*", rest, re.IGNORECASE)
        if (pleased and pleased.end()) or (
            re.match(r"\s*[,;?!]\s+\S", rest)
            and (_tells(rest, mark, body) or sure_kind(at_start[0]) or " " in at_start[0].strip())
        ):
            told = re.sub(r"^\s*[,;?!]\s*", "", rest[pleased.end() :] if pleased else rest)
            if not re.match(_ABOUT.pattern + "|" + _WITH.pattern, told, re.IGNORECASE) or not told:
                body = (
                    f"{told}{mark} {body}"
                    if told and mark and mark != "\n"
                    else f"{told}{mark}{body}"
                    if told
                    else body
                )
                return _made("", "", _LISTED_AFTER.sub("", body), at_start[0], wishes)
            rest = f" {told}"
        first_named = mark == ":" and not _PART.match(body) and bool(_NEXT_PART.search(body))
        if first_named:  # "SWOT - strengths: a; weaknesses: b": a part, and no subject
            rest = re.sub(r"^\s+[\u2013\u2014-]\s+", "", rest)
        subject, inner = _subject(rest, dash=mark != ":" or first_named, listed=mark == ":")
        if inner:
            body = (
                f"{inner}{mark} {body}"
                if mark and mark != "\n"
                else f"{inner}\n{body}"
                if body.strip()
                else inner
            )
        return _made(
            as_title(subject),
            subject,
            _LISTED_AFTER.sub("", body) if mark != "\n" and not inner else body,
            at_start[0],
            wishes,
        )
    if mark == "." and not ARROW.search(head) and (later := _in_the_next_sentence(body, noun)):
        return headed(later, noun)
    if led := _led_by_a_word(head, noun):
        found = headed(f"{head[led.end() :]}{': ' if mark == ':' else f'{mark} '}{body}", noun)
        named = as_title(f"{led[0]}{found.noun}") if found else ""
        return found and replace(
            found, title=found.title or named, color=wishes.color, direction=wishes.direction
        )
    if len(head) > _LONGEST or ARROW.search(head):
        return None
    if re.match(r"(?:[\w-]+\s+)?(?:check[\s-]?)?lists?\b", head, re.IGNORECASE):
        return None  # "bullet list with demo and retro"
    if re.match(
        r"(?:steps|stages|process|procedure|work\s?flow|flow)\s+(?:of|for|in)\s", head, re.IGNORECASE
    ):
        return None  # "the steps of long division for the board"
    at_end = re.search(rf"(?<![\w-])(?:{noun.pattern})\s*$", head, noun.flags)
    if not at_end or not at_end.start():
        return None
    before = re.sub(r"\s+(?:as|in|into|on)\s+(?:a|an|the)?\s*$", "", head[: at_end.start()])
    as_kind = before != head[: at_end.start()]
    before = re.sub(
        r"^(?:show|see|have|visuali[sz]e|compare|contrast|prioriti[sz]e|organi[sz]e)\s+",
        "",
        before,
        flags=re.IGNORECASE,
    )
    title = before if as_kind else head
    return _made(as_title(title), before.strip(), body if mark else "", at_end[0].strip(), wishes)


def _in_the_next_sentence(body: str, noun: re.Pattern[str]) -> str:
    """ "We model our bookings. Entities: …": the sentence that begins with the kind; empty when the next does not."""
    told = bare_noun(strip_command(strip_courtesy(body))[0])
    named = noun.match(told)
    follows = named and re.match(
        rf"\s*:|{_WITH.pattern}|{_ABOUT.pattern}|,?\s+columns\b", told[named.end() :], re.IGNORECASE
    )
    return told if follows else ""


def _led_by_a_word(head: str, noun: re.Pattern[str]) -> re.Match[str] | None:
    """ "season timeline for the club with …": a word or two that lead the noun, where the heading goes on after it."""
    led = re.match(
        r"(?:(?!(?:NUMBER|and|or|the|an?|in|on|to|with|for|of|as)\b)[\w'\u2019-]+\s+){1,2}?(?=(?P<kind>KIND)(?:\s+(?:for|of|with|about|where)\s|\s*[,.]\s))".replace(
            "KIND", noun.pattern
        ).replace("NUMBER", NUMBER),
        head,
        noun.flags,
    )
    return led if led and sure_kind(led["kind"]) and led["kind"].lower() != "tables" else None


def _first_words(head: str, mark: str, body: str) -> str:
    """The first sentence, through a colon that ends no name: "splits into two: A, B"."""
    first = f"{head}: {body}" if mark == ":" and re.search(r"\b(?:into|to)\b", head) else head
    return next(iter(sentences(first[:200])), "")


def _tells(rest: str, mark: str, body: str) -> bool:
    """ "SWOT, strengths: a" and "form, fields: a, b": what follows the comma is no second item of a list."""
    return bool(mark == ":" and body.strip()) or bool(_LISTED_AFTER.match(rest))


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


def _subject(rest: str, *, dash: bool, listed: bool = False) -> tuple[str, str]:
    """ "of coffee with branches a, b" → ("coffee", "a, b")."""
    about = _ABOUT.match(rest)
    if about:
        rest = rest[about.end() :]
        first = re.split(r"[;.]", rest)[0]
        if re.match(r"\s*[\u2013\u2014-]", about[0]) and first.count(",") > 1 and not _WITH.search(first):
            return "", rest.strip()  # "task board - To pack, Packed, Shipped; …"
        subject, comma, part = rest.rpartition(",")
        if listed and comma and part.strip() and len(part.split()) <= 4 and " and " not in part:
            rest = f"{subject}; {part.strip()}"  # "for our app, strengths": the first part and no subject
        inside, ended = _WITH.search(rest), _end_of_subject(rest, dash=dash)
        if ended and not (inside and 0 < inside.start() < ended.start()):
            return rest[: ended.start()].strip(" ,"), rest[ended.end() :].strip()
        if inside and inside.start():
            return rest[: inside.start()].strip(" ,"), rest[inside.end() :].strip()
        return rest.strip(), ""
    inside = _WITH.match(rest)
    if inside:
        return "", rest[inside.end() :].strip()
    parted = re.match(
        r"\s+(?P<subject>[^,:;]{1,60}),\s*(?=(?:with\s+)?(?:the\s+)?(?:main\s+)?[a-z]+s?$)", rest
    )
    if (
        listed and parted and rest.rsplit(",", 1)[-1].strip().lower() not in parted["subject"].lower()
    ):  # "mind map negligence, branches: …"
        return parted["subject"].strip(), ""
    return "", rest.strip(" ,.-")


def needs(what: str, example: str) -> NotUnderstood:
    """The refusal of a drawing whose kind was named and whose content was not."""
    return NotUnderstood(f"{what} For example: {example}")
