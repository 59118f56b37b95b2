# ruff: noqa: E501  # a pattern stays on one line
"""Sentences that tell something: where one ends, and what goes to what in it. Every family reads prose with this."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ai_jobs.providers.sketcher.items import clean, is_abbreviated, split_outside, strip_bullet

_SENTENCE_END: Final = re.compile(r"(?<=[\w)\"”\]'][.!])\s+(?=\S)|(?<=\?)\s+(?=\S)")
# What stands between two clauses of one sentence.
_BETWEEN: Final = re.compile(
    r"(\s*,\s*(?:(?:and|but|while|whereas|plus)\s+)?(?:(?:then|also|finally|next)\s+)?|\s+(?:and|but|while|whereas)\s+(?:(?:then|also|finally)\s+)?|\s+then\s+|\s+(?=which\s|who\s))",
    re.IGNORECASE,
)
# "…, and if nothing helps, C goes to D": the condition belongs to what follows.
_CONDITION: Final = re.compile(r"(?:if|when|once|unless|after|otherwise|in\s+case)\s", re.IGNORECASE)
_MANY: Final = re.compile(
    r"\b(?:both|all|go|lead|flow|feed|report|belong|point|have|are|end|join|merge|work|answer|connect|link|come|below|under|underneath|beneath)\b"
)


def sentences(text: str) -> list[str]:
    """The sentences of a text, also those that end at a semicolon or with their line; bullets go."""
    found: list[str] = []
    for line in text.split("\n"):
        for part in split_outside(strip_bullet(line)[1], ";"):
            current = ""
            for piece in _SENTENCE_END.split(part):
                current = f"{current} {piece}" if current else piece
                initial = re.search(r"\b([A-Z])\.$", current)
                named = initial and re.search(
                    rf"\b{initial[1]}\b(?![.'\u2019])", text
                )  # "to B and C. C goes"
                if (named or not is_abbreviated(current)) and not current.count('"') % 2:
                    found.append(current)
                    current = ""
            found.append(current)
    return [sentence.strip(" ;") for sentence in found if sentence.strip(" ,;.")]


def clauses(text: str, tells: Callable[[str], object]) -> list[str]:
    """The clauses of a text that each tell something by themselves; what tells nothing belongs to its neighbour.

    "A has B and C, D has E" are two: "C" tells nothing and is one more thing that A has. In "A has B, and C and D
    have E" the verb says that C is no thing of A's.
    """
    return [clause for sentence in sentences(text) for clause in _clauses(sentence, tells)]


def _clauses(sentence: str, tells: Callable[[str], object]) -> list[str]:
    if len(sentence) > 1500:
        return [sentence]
    pieces = _pieces(sentence)
    found: list[str] = []
    current, held = pieces[0], list[tuple[str, str]]()
    for between, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        told = tells(current)
        if not told or not tells(piece):
            if told:
                held.append((between, piece))
            elif tells(piece) and not tells(current + between + piece):
                found.append(current)
                current = piece
            else:
                current += between + piece
            continue
        start = next((n for n, (_, text) in enumerate(held) if _CONDITION.match(text)), len(held))
        if (
            held
            and start == len(held)
            and not told_of_them(piece)
            and _MANY.search(piece)
            and " and " in f" {between.strip()} "
        ):
            # "…, B and C go to D": all that stands since the last comma takes part in what follows.
            commas = [number for number, (mark, _) in enumerate(held) if "," in mark or "then" in mark]
            start = commas[-1] if commas else len(held)
        found.append(current + "".join(mark + text for mark, text in held[:start]))
        current = (
            "".join((mark if number else "") + text for number, (mark, text) in enumerate(held[start:]))
            + (between if held[start:] else "")
            + piece
        )
        held = []
    return [*found, current + "".join(mark + text for mark, text in held)]


def told_of_them(clause: str) -> bool:
    """ "both of those go to D": the clause speaks of what was named before."""
    return bool(re.match(r"(?:both|all|they|these|those|each)\b(?!\s+[A-Z])", clause.strip()))


def _pieces(sentence: str) -> list[str]:
    """Pieces and what stands between them, in turn; brackets and quotes hold together."""
    pieces = _BETWEEN.split(sentence)
    joined = [pieces[0]]
    for between, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        whole = joined[-1]
        if whole.count("(") > whole.count(")") or whole.count('"') % 2 or whole.count("“") > whole.count("”"):
            joined[-1] += between + piece
        else:
            joined += [between, piece]
    return joined


# -- what goes to what -------------------------------------------------------------------------------------

_ADVERB: Final = r"(?:(?:then|also|always|both|all|each|directly|next|eventually|finally|can|may|will|should|must|just|usually|simply|immediately|automatically|only|now)\s+)*"
_TOO: Final = r"(?:\s+(?:it|them|everything|back|over|on|off|out|up|down|straight|directly|right|again|along|together|things|work|us))*"
_MOVE: Final = (
    r"(?:go(?:es)?|leads?|moves?|flows?|pass(?:es)?|hands?|points?|connects?|links?|proceeds?|continues?|advances?|routes?|returns?|loops?|jumps?|comes?|fans?|transitions?|"
    r"switch(?:es)?|escalates?|heads?|progress(?:es)?|sends?|forwards?|feeds?|falls?|drops?|runs?|turns?|changes?|kicks?|refers?|delivers?|brings?|takes?|gets?)"
)
_INTO: Final = r"(?:goes?|splits?|branch(?:es)?|forks?|breaks?|divides?|turns?|merges?|flows?|feeds?|develops?|grows?|evolves?|changes?|converts?|drains?|pours?|empt(?:y|ies)|leads?|moves?|runs?|hatches|joins?)(?:\s+(?:out|off|up|back|over))?\s+(?:into|in\s+to)"
_END: Final = r"(?:ends?\s+(?:up\s+)?(?:in|at|with|as)|lands?\s+(?:in|at|on|with)|finish(?:es)?\s+(?:in|at|with)|results?\s+in|arrives?\s+(?:in|at)|stops?\s+(?:at|with)|opens?\s+into)"
_DONE: Final = (
    r"(?:is|are|gets?|be)\s+(?:then\s+|directly\s+|immediately\s+)?(?:(?:sent|passed|handed|forwarded|routed|moved|connected|linked|joined|wired|attached|escalated|fed|given|transferred|split|turned|merged)"
    + _TOO
    + r"\s+(?:to|into|with)|followed\s+by)"
)
_TAKES: Final = r"(?:feeds?|triggers?|starts|kicks?\s+off|becomes?|precedes?|unlocks?|causes?|produces?|creates|calls|uses|queries|reads\s+from|writes\s+to|talks\s+to|depends\s+on|publishes\s+to|notifies|invokes|(?:(?<=both\s)|(?<=all\s))(?:call|use|query|read\s+from|write\s+to|talk\s+to|depend\s+on)|(?:comes?|goes|is|are|happens?)\s+(?:right\s+|just\s+|directly\s+)?before)"
FORWARD: Final = rf"(?:{_ADVERB}(?:{_INTO}|{_END}|{_DONE}|{_MOVE}{_TOO}\s+(?:to|onto|towards)|{_TAKES}))"
_BACKWARD: Final = rf"(?:{_ADVERB}(?:(?:comes?|goes|is|are|happens?|follows)\s+(?:right\s+|just\s+|directly\s+)?after|follows?|comes?\s+from|(?:is|are)\s+(?:triggered|started|fed|preceded|caused)\s+by))"
_FOLLOWED: Final = r"(?:follow(?:ed)?\s+(?:it\s+|that\s+|this\s+)?(?:up\s+)?(?:with|by)|(?:end|finish|close)\s+(?:up\s+|it\s+)?(?:with|at))"
_WHY: Final = r"(?:\s*,?\s+(?P<why>(?:if|when|until|unless|in\s+case|whenever|as\s+soon\s+as|on|for|labell?ed|saying|that\s+says|with\s+(?:the\s+)?(?:label|text|words?))\s+\S.*))?"
_ARROW_NOUN: Final = r"(?:(?:there(?:\s+is|\s+are|['\u2019]s)|with|add|draw|put|have)\s+)?(?:(?:an?|another|one|the|some)\s+)?(?:(?:dashed|dotted|feedback|return)\s+)?(?:arrows?|lines?|loops?|edges?|links?|paths?|way|connections?)(?:\s+(?:going|leading|pointing|running|that\s+goes|which\s+goes|back))*\s+"
_TELLING: Final[tuple[re.Pattern[str], ...]] = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"(?:(?P<cond>(?:if|when|unless|in\s+case)\s+[^,]+?)\s*,\s*(?:then\s+)?)?(?:{_ARROW_NOUN})?(?:back\s+)?from\s+(?P<source>\S.*?)\s*,?\s+(?:(?:there(?:\s+is|[\'\u2019]s)|draw|add)\s+(?:an?|another)\s+(?:arrow|line|loop|path|way|link)\s+)?(?:(?:it|we|you|they|that|things?)\s+)?(?:{_ADVERB}{_MOVE}\s+)?(?:back\s+)?(?:in)?to\s+(?P<target>\S.*?){_WHY}",
        rf"(?:right\s+|just\s+)?after\s+(?P<source>\S.*?)\s*,?\s+(?:(?:comes?|follows?|there\s+(?:is|are)|there['\u2019]s|is|are|do|(?:we|you|they|it)\s+(?:do|have|go(?:es)?\s+to|move\s+to))|(?:(?:we|you|they|it)\s+)?{FORWARD})\s+(?P<target>\S.*?){_WHY}",
        rf"(?:right\s+|just\s+)?after\s+(?P<source>[^,]+?)\s*(?:,\s*|\s+(?=both\s))(?P<target>\S.*?)\s+(?:starts?|begins?|happens?|follows?|comes?(?:\s+next)?|takes?\s+place|is\s+next|are\s+next){_WHY}",
        rf"before\s+(?P<target>\S.*?)\s*,?\s+(?:comes?|there\s+(?:is|are)|there['\u2019]s|is|are)\s+(?P<source>\S.*?){_WHY}",
        rf"(?!(?:(?:we|it|you|they|everything|the\s+\w+)\s+)?(?:begins?|starts?|first|opens?)\b)(?:(?P<cond>(?:if|when|once|unless|in\s+case)\s+[^,]+?)\s*,\s*(?:then\s+)?)?(?P<source>\S.*?)\s+{FORWARD}\s*:?\s+(?P<target>\S.*?){_WHY}",
        rf"(?P<source>)(?:it\s+|we\s+|they\s+)?{_FOLLOWED}\s+(?P<target>\S.*?){_WHY}",
        rf"(?P<target>\S.*?)\s+{_BACKWARD}\s+(?P<source>\S.*?){_WHY}",
    )
)
_LABELLED: Final = re.compile(
    r"^(?:labell?ed|saying|that\s+says|with\s+(?:the\s+)?(?:label|text|words?))\s+(?:as\s+|with\s+)?",
    re.IGNORECASE,
)
_THEM: Final = re.compile(
    r"(?:and\s+)?(?:both|all|either|they|these|those|each|(?:both|all|each|either)\s+(?:of\s+)?(?:them|those|these|which|three|four|two|branches|paths|ways|the\s+\w+))(?:\s+of\s+(?:them|those|these))?",
    re.IGNORECASE,
)
_IT: Final = re.compile(r"(?:it|that|this|which|who|that\s+one|the\s+latter|we|you|and)", re.IGNORECASE)
_AROUND_A_NAME: Final = re.compile(
    r"^(?:the\s+(?=\S)|an?\s+(?=\S\S)|(?:both|all|either)\s+(?!of\b)|(?:two|three|four|five|several)(?:\s+\w+)?\s*:\s*|(?:two|three|four|five|several)\s+(?:things|steps|ways|paths|branches|parts|teams)\s*,\s*)"
    r"|(?<!\b[Tt]ry)\s+(?:in\s+parallel|at\s+the\s+same\s+time|again|first|next|then|too|as\s+well|directly|in\s+turn|step|afterwards|instead)$",
    re.IGNORECASE,
)


# A colon ends a heading, except after a number: "splits into three: A, B, C".
_COLON: Final = re.compile(r":(?<!two:)(?<!three:)(?<!four:)(?<!five:)(?<!ways:)(?<!paths:)(?<!branches:)")


@dataclass(frozen=True)
class Told:
    """ "A and B go to C when done": who, where to, and why."""

    source: str
    target: str
    why: str = ""

    @property
    def speaks_of_many(self) -> bool:
        return bool(_THEM.fullmatch(self.source))

    @property
    def goes_on(self) -> bool:
        """Whether the source is only a word for what was spoken of before."""
        return self.speaks_of_many or bool(_IT.fullmatch(self.source))


def told(clause: str) -> Told | None:
    """What the clause tells of a way from one thing to another; None when it tells none."""
    clause = re.sub(r"^(?:and|but|then|so|also|with)\s+", "", clause.strip(" ,;.!\n"), flags=re.IGNORECASE)
    if len(clause) > 300:
        return None
    for pattern in _TELLING:
        match = pattern.fullmatch(clause)
        if (
            match
            and not re.search(r"\sto\s", match["target"])
            and not _COLON.search(f"{match['source']} | {match['target']}")
        ):
            named = match.groupdict()
            why = clean(_LABELLED.sub("", named["why"] or named.get("cond") or ""))
            return Told(bare_name(match["source"]) or "it", bare_name(match["target"]), why)
    return None


def bare_name(name: str) -> str:
    """A name without what only a sentence needs: "the Exit Survey" is Exit Survey."""
    name = clean(name)
    while (shorter := _AROUND_A_NAME.sub("", name, count=1).strip()) != name and shorter:
        name = shorter
    return clean(name)


# Words that tell of a way, in a label: what they say was not understood, and a drawing of it would be nonsense.
UNREAD: Final = re.compile(
    r"\bis followed by\b|\b(?:goes|leads|go|going|loops?|points?)\s+(?:(?:straight|right|back|on|over)\s+)*to\s+[A-Z\"]|->|\u2192|"
    r"\?\s*,?\s+(?:if|yes|no)\b|\b(?:if )?(?:yes|no):|\barrows? (?:from|back|to|between)\b|^(?:which|both|and then|and from)\s|\blabell?ed\b|\.\s+(?:If|Then|From|After|When)\b|\n"
)
