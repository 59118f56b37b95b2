# ruff: noqa: E501  # a pattern stays on one line
"""Flowcharts in the person's own words: arrows, outlines, conditions, and steps in a row."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from ai_jobs.planning.parts import EdgeStyle
from ai_jobs.planning.plan import Plan
from ai_jobs.providers.sketcher.arrows import ARROW, SEQUENCE
from ai_jobs.providers.sketcher.graph import Graph, same_words
from ai_jobs.providers.sketcher.items import (
    clean,
    is_numbered,
    singular,
    split_items,
    split_outside,
    strip_bullet,
)
from ai_jobs.providers.sketcher.prose import FORWARD, Told, sentences, told
from ai_jobs.providers.sketcher.relations import RelationReader
from ai_jobs.providers.sketcher.vocabulary import STEP_VERB
from ai_jobs.providers.sketcher.wording import Wording

_BRANCH_WORDS: Final = (
    r"(?:yes|no|yep|nope|y|n|true|false|ok|okay|fail(?:ed|s|ure)?|success|pass(?:ed|es)?|valid|invalid|approved|"
    r"rejected|accepted|declined|otherwise|else|if so|if not|if yes|if no|in stock|out of stock)"
)
_BRANCH: Final = re.compile(
    rf"^\s*(?:if\s+)?(?P<label>{_BRANCH_WORDS})\s*(?:[:,]|=(?!=|>)|then\b|[-\u2013\u2014]\s)\s*(?P<rest>\S.*)$",
    re.I | re.S,
)
_SPOKEN_ANSWER: Final = re.compile(
    rf"(?P<start>(?:^|[?,;.][\"”]?)\s*(?:and\s+)?)(?:(?:(?:if|with|on|for)\s+)?(?P<label>{_BRANCH_WORDS})\s*(?::|=(?![=>])|\s(?:goes|leads|means|is)\b(?:\s+(?:in)?to\b)?)\s+|if\s+(?P<said>{_BRANCH_WORDS}|not|so)\s*,?\s+(?:then\s+)?(?![-=\u2192]))",
    re.IGNORECASE,
)
_BARE_BRANCH: Final = re.compile(rf"^\s*(?:if\s+)?(?P<label>{_BRANCH_WORDS})\s*$", re.IGNORECASE)
_PLAIN_ANSWERS: Final = {
    "if so": "yes",
    "if yes": "yes",
    "if not": "no",
    "not": "no",
    "so": "yes",
    "if no": "no",
    "otherwise": "no",
    "else": "no",
}
_GO_TO: Final = re.compile(
    r"^(?:then\s+)?(?:go(?:es)?|jump|loop|return|come|move|send(?: it| them)?|continue|start)\s*"
    r"(?:back|again|over|on)?\s*(?:to|at|from|with|in)\s+(?:the\s+)?(?P<target>.+)$"
    r"|^back to\s+(?:the\s+)?(?P<back>.+)$"
    r"|^repeat\s+(?:from\s+)?(?P<repeat>.+)$",
    re.IGNORECASE,
)
_AGAIN: Final = re.compile(r"(?:then\s+)?(?P<step>\S.*?)(?:\s+(?:it|them))?\s+again", re.IGNORECASE)
_IF: Final = re.compile(
    r"^\s*(?:and\s+|but\s+|then\s+)?if\s+(?P<condition>.+?)"
    r"(?:\s*,?\s*\bthen\b\s*,?\s*|\s*,\s*|\s*:\s*|(?<!and)(?<!then)\s+(?=(?:go|goes|return|loop|jump)\s+back\s))(?P<rest>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_ELSE: Final = re.compile(
    r"\s*[,;.]?\s*(?:\bbut\s+)?\b(?:otherwise|else|if\s+not|or\s+else)\b(?!\s+if\b)\s*[,:]?\s*(?:then\s+)?",
    re.I,
)
_WE_DO: Final = re.compile(
    r"\s+(?:(?:we|you|they|i)\s+(?=\w)|it\s+(?=(?:is|goes|gets|comes|will|must|should)\b))", re.IGNORECASE
)
_IMPERATIVE: Final = re.compile(
    rf"\s+{STEP_VERB}\b",
    re.IGNORECASE,
)
_AND_BACK: Final = re.compile(
    r"\s+and\s+(?=(?:then\s+)?(?:(?:go|return|jump|loop|repeat|come)\b|\w+(?:\s+\w+){0,3}\s+again$))",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"(?<=[.;!])\s+(?=\S)|(?<=\?)\s+(?=\S)")
# "we start with Intake", "and then it lands in Planning", "follow it with Clean": only the thing is a step.
_GOES_ON_WITH: Final = re.compile(
    rf"^(?i:(?:you|we|it|they|everything|the\s+\w+|that)\s+)?(?i:(?:starts?|begins?|opens?|kicks?\s+(?:it\s+)?off)\s+(?:with|at|from|in|by)|follow(?:ed)?\s+(?:it\s+|that\s+|this\s+)?(?:up\s+)?(?:with|by)|{FORWARD}|comes?|it['\u2019]?s|there['\u2019]s|is)"
    r"\s+(?:the\s+)?(?=[A-Z\"“])",
)
_COMES: Final = re.compile(r"(?<=\S)\s+comes?\s+(?:first|next|then|last)$", re.IGNORECASE)
_LEADING_PRONOUN: Final = re.compile(
    r"^(?:(?:basically|simply|roughly|normally|usually)\s+)?(?:we|you|they|i|(?!(?-i:IT\b))it)\s+(?=\w)|^(?:basically|simply|roughly|normally|usually)\s+(?=\w)",
    re.IGNORECASE,
)


@dataclass
class _Thread:
    """Where the story stands: the boxes that the next step hangs on, and the question still open."""

    graph: Graph
    ends: list[tuple[str, str]] = field(default_factory=list)
    question: str | None = None
    branch_ends: list[tuple[str, str]] = field(default_factory=list)
    last: str | None = None

    def step(self, label: str) -> None:
        """The next thing that happens, or a jump to one that happened before."""
        jump = _GO_TO.match(label)
        if jump:
            target = self.graph.find(jump["target"] or jump["back"] or jump["repeat"])
            if target is not None:
                self._arrive(target)
                self.ends = []
                return
            if re.fullmatch(r"(?:step\s+)?\d{1,2}", jump["target"] or ""):
                return  # on to a step that is yet to come
        if (again := _AGAIN.fullmatch(label)) and (target := self._done_before(again["step"])):
            self._arrive(target)
            self.ends = []
            return
        key = self.graph.decision(label) if label.endswith("?") else self.graph.node(label)
        self._arrive(key)
        self.ends = [(key, "")]
        self.last = key

    def _done_before(self, step: str) -> str | None:
        """The one box that says what is done again: "scan" is "librarian scans card"."""
        words = {singular(word) for word in step.casefold().split()}
        found = [
            key
            for key, label in self.graph.labels.items()
            if words <= {singular(word) for word in label.casefold().split()}
        ]
        return found[0] if len(found) == 1 else None

    def _arrive(self, key: str) -> None:
        for source, label in self.ends:
            self.graph.edge(source, key, label)

    def ask(self, label: str) -> str:
        self.step(label if label.endswith("?") else f"{label}?")
        assert self.last is not None
        self.question, self.branch_ends = self.last, []
        return self.last

    def branch(self, question: str, label: str, steps: list[str]) -> None:
        """One way out of a question; where it ends, the next step after all branches continues."""
        self.ends = [(question, label)]
        for step in steps:
            self.step(step)
        self.branch_ends += self.ends
        self.ends = []

    def join(self) -> None:
        """All branches of the open question are told: the story continues from their ends."""
        if self.question is None:
            return
        told = {label for source, _, label in self.graph.edges if source == self.question}
        missing = {"yes": "no", "no": "yes"}.get(next(iter(told), "").lower()) if len(told) == 1 else None
        if missing:
            self.branch_ends.append((self.question, missing))
        self.ends, self.question, self.branch_ends = self.branch_ends, None, []


# -- arrows ----------------------------------------------------------------------------------------------


def from_arrows(wording: Wording) -> Plan | None:
    """ "A -> B -> C", several lines, branches, labels on arrows, questions with their answers."""
    body = wording.body if ARROW.search(wording.body) else angles_to_arrows(wording.body)
    if "\u2193" in body:
        wording.direction = wording.direction or "down"
    if (
        not ARROW.search(body)
        and (wording.tells_a_process or wording.direction)
        and len(_DASH.findall(body)) > 1
        and "\n" not in body
    ):
        body = _DASH.sub(" -> ", body)
    body = answers_with_arrows(body)
    if not ARROW.search(body) and body.count("?") > 1:  # a question in the answer of another
        body = _SPOKEN_ANSWER.sub(lambda m: f"{m['start']}{_answer(m)} -> ", body)
    if not ARROW.search(body):
        return None
    body = "\n".join(part for part in split_outside(_without_preface(body), ";"))
    rest, ways = _told_beside(body)
    graph = _arrows(rest, Graph(wording))
    reader = RelationReader(graph)
    if all(reader.can_read(way) for way in ways):
        for way in ways:
            reader.read(way)
    else:  # not a way between boxes that are there: words of a label
        graph = _arrows(body, Graph(wording))
    return graph.plan("layered") if len(graph) > 1 else None


@lru_cache(maxsize=4)
def answers_with_arrows(body: str) -> str:
    """The same words, every answer before its arrow: "Paid? -> (yes) Ship / no: Stop" is "Paid? yes -> Ship; no -> Stop"."""
    body = _ANSWER_IN_CHAIN.sub(r"? \g<answer> -> ", body)
    body = _ANSWERED_NEXT.sub("? ", body)
    body = _captions_beside(body) if "(" in body else body
    body = _ANSWER_IN_BRACKETS.sub(
        lambda said: f"{'? ' if said['arrow'] else said['mark'].replace('/', ';')}{said['answer']} -> ", body
    )
    body = _ARROW_ALONE.sub(" -> ", _BOXED.sub("", _ROLE.sub(r"\g<asked> ", body)))
    return _AND_BACK_TO.sub(" -> ", body) if ARROW.search(body) else body


# 'Box "Inbox"' is Inbox.
_BOXED: Final = re.compile(
    r"\b(?:(?:an?|the)\s+)?(?:box|node|step|circle|shape)\s+(?=[\"\u201c])", re.IGNORECASE
)
_DASH: Final = re.compile(r"(?<=\S)\s+[\u2013\u2014-]\s+(?=\S)")
# "Paid? -> yes -> Ship", "Paid? -> if yes Ship", "-- yes --> Ship"
_ANSWER_IN_CHAIN: Final = re.compile(
    rf"\?\s*(?:-+>|=+>|\u2192)\s*(?:if\s+)?(?P<answer>{_BRANCH_WORDS})\b\s*(?:-+>|=+>|\u2192|[:,]|(?=[A-Z]))\s*",
    re.IGNORECASE,
)
_IN_BRACKETS: Final = re.compile(rf"\?\s*\((?P<answers>(?:if\s+)?{_BRANCH_WORDS}\b[^()]*)\)", re.IGNORECASE)
_ANSWERED_NEXT: Final = re.compile(rf"\?\s*,\s*(?=(?:if\s+)?(?:{_BRANCH_WORDS}|not|so)\b)", re.IGNORECASE)
# An answer in brackets, after the arrow or where the next one begins.
_ANSWER_IN_BRACKETS: Final = re.compile(
    rf"(?:\?(?P<arrow>\s*(?:->|\u2192|=>)\s*)|(?P<mark>[,;]\s*|\s+/\s+|\n\s*))\((?P<answer>{_BRANCH_WORDS})\)\s*(?=[^\s,;-])",
    re.IGNORECASE,
)
# An arrow on a line of its own, "and back to Plan" at the end of a chain, 'decision "Paid?"'.
_ARROW_ALONE: Final = re.compile(r"\n\s*(?:\u2193|-+>|=+>|\u2192|v|\|)\s*\n")
_AND_BACK_TO: Final = re.compile(
    r"(?:\s*,\s*|\s+and\s+)(?:then\s+)?(?=back\s+(?:again\s+)?to\s)", re.IGNORECASE
)
_ROLE: Final = re.compile(
    r"\b(?:(?:a|the)\s+)?(?:decision|question|diamond|rhombus)\s*:?\s*[\"\u201c](?P<asked>[^\"\u201d\n]+\?)[\"\u201d]\.?",
    re.IGNORECASE,
)


_TALKS: Final = re.compile(
    r"\W*(?:here|this|these|please|so|we|i|you|thanks|hi|hello|hey|it|that|there|let)\b", re.IGNORECASE
)


_CAPTION: Final = re.compile(
    r"(?P<arrow>(?:-+>|=+>|[\u2192\u27f6]))[ ]*(?P<name>[^\n,;()>\u2192]{1,60}?)[ ]*\((?P<said>[^()\n]{1,60})\)(?=\s*(?:[,;.\n]|$))"
)


def _captions_beside(body: str) -> str:
    """ "Open -> Closed (close), Closed -> Open (open)": brackets tell of the arrow where the name stands without them, too."""
    ends = {
        same_words(end) for piece in re.split(r"[,;.\n]", body) for end in _ARROW_SPLIT.split(piece) if end
    }
    return _CAPTION.sub(
        lambda said: (
            f"{said['arrow']} {said['name']}: {said['said']}" if same_words(said["name"]) in ends else said[0]
        ),
        body,
    )


def _without_preface(body: str) -> str:
    """ "We write it, then it is reviewed. So: Write -> Review": sentences before the first arrow are no labels."""
    first, *more = body.split("\n")
    told = sentences(first)
    start = next((number for number, part in enumerate(told) if ARROW.search(part) or "?" in part), 0)
    if not start:
        return body
    # A few words before a question are the step that leads to it.
    brief = [part for part in told[:start] if len(part.split()) < 7 and not _TALKS.match(part)]
    if brief == told[:start] and re.match(r"[^?]*\?", told[start]) and not ARROW.match(told[start]):
        steps = [clean(part) for part in brief]
        return "\n".join([" -> ".join([*steps, first[first.index(told[start]) :]]), *more])
    kept = first[first.index(told[start]) :]
    return "\n".join([re.sub(r"^(?:so|thus|i\.e\.|in short)\s*[:,]\s*", "", kept, flags=re.I), *more])


# Where a clause without an arrow may begin among arrows.
_BESIDE: Final = re.compile(
    r"(\n|[.;!]\s+|\s*,\s*(?:(?:and|but|then)\s+)*|\s+(?:and|but|with)\s+|\.$)", re.IGNORECASE
)


def _told_beside(body: str) -> tuple[str, list[Told]]:
    """The arrows, and what is told beside them: "A -> B -> C, and C goes back to A when it fails"."""
    pieces = _BESIDE.split(body)
    if len(pieces) > 400:
        return body, []
    rest, ways = pieces[0], list[Told]()
    for mark, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        way = None if ARROW.search(piece) else told(piece)
        if way and ("if" not in piece.lower().split()[:1] or not way.goes_on):
            ways.append(way)
        else:
            rest += mark + piece
    return rest, ways


def _arrows(body: str, graph: Graph) -> Graph:
    reader = ArrowReader(graph)
    lines = list[tuple[int, str]]()
    for line in filter(str.strip, body.split("\n")):
        depth, text, _ = strip_bullet(line)
        if (
            lines
            and lines[-1][0] == depth
            and not any(ARROW.search(line) or _BRANCH.match(line) for line in (lines[-1][1], text))
        ):
            lines[-1] = (
                depth,
                f"{lines[-1][1]} -> {text}",
            )  # steps below each other, arrows only at a question
        else:
            lines.append((depth, text))
    for _, text in lines:
        reader.read_line(text)
    return graph


class ArrowReader:
    """Reads arrows line by line; an answer belongs to the innermost question that still lacks it."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._questions: list[str] = []
        self._previous: str | None = None

    def go_on(self, latest: list[str], question: str) -> None:
        """The drawing stands somewhere else: it was told of beside the arrows."""
        self._previous = self.graph.node(latest[-1]) if latest else self._previous
        if question and (key := self.graph.node(question)) not in self._questions:
            self._questions.append(key)

    def latest(self) -> list[str]:
        return [self.graph.labels[self._previous]] if self._previous else []

    def question(self) -> str:
        return self.graph.labels[self._questions[-1]] if self._questions else ""

    def read_line(self, text: str, *, of: str = "") -> None:
        """Arrows, answers and chains; `of` is the box of which every first word is an answer."""
        if of:
            self._questions.append(self.graph.decision(of))
        if ARROW.match(text) and self._previous is not None:
            text = f"{self.graph.labels[self._previous]} {text}"  # continues the line before
        if "?" in text or self._questions:
            text = _SPOKEN_ANSWER.sub(lambda m: f"{m['start']}{_answer(m)} -> ", text)
        own_answers = bool(of)  # "Which plan? free -> …, pro -> …": any word may be an answer in this line
        for said in _statements(text, self.graph):
            head, rest_at, has_arrow = _first_label(said)
            known_answer = bool(self._questions) and bool(_BARE_BRANCH.match(head)) and has_arrow
            asked = None if known_answer else _asked(said)
            statement = said
            if asked:
                before, statement = asked
                before = _steps_before_question(before)
                self._follow(before)
                if not statement:
                    continue
                head, rest_at, has_arrow = _first_label(statement)
                own_answers = not _BARE_BRANCH.match(head)
                known_answer = True
            elif own_answers and has_arrow and not self.graph.knows(head):
                known_answer = True
            if known_answer and self._questions:
                self._answer(head, statement[rest_at:])
            elif has_arrow and Told(head, "").speaks_of_many and len(leaves := self.graph.leaves()) > 1:
                for leaf in leaves:
                    self._follow(f"{self.graph.labels[leaf]} -> {statement[rest_at:]}")
            else:
                self._follow(statement)

    def _answer(self, label: str, rest: str) -> None:
        bare = _BARE_BRANCH.match(label)
        label = clean(bare["label"] if bare else label)
        while len(self._questions) > 1 and self._has_answer(self._questions[-1], label):
            self._questions.pop()
        question = self._questions[-1]
        keys = self._follow(rest)
        if keys:
            self.graph.edge(question, keys[0], label)

    def _has_answer(self, question: str, label: str) -> bool:
        return any(
            source == question and text.casefold() == label.casefold() for source, _, text in self.graph.edges
        )

    def _follow(self, text: str) -> list[str]:
        keys = _chain(text, self.graph)
        for key in keys:
            if self.graph.is_decision(key):
                if key in self._questions:
                    self._questions.remove(key)
                self._questions.append(key)
        if keys:
            self._previous = keys[-1]
        return keys


def _steps_before_question(text: str) -> str:
    """ "customer asks, is the item intact?" is a step and a question."""
    *steps, question = split_outside(text, ",")
    if steps and not ARROW.search(text) and len(question.split()) < 8:
        return " -> ".join([*steps, question.strip()])
    return text


def angles_to_arrows(body: str) -> str:
    """ "A > B > C" is a chain too, where nothing else in it looks like a comparison."""
    if body.count(" > ") > 1 or (" > " in body and not re.search(r"\d\s>|>\s\d", body)):
        return body.replace(" > ", " -> ")
    return body


def _first_label(statement: str) -> tuple[str, int, bool]:
    """The words before the first arrow, and where the words after it begin."""
    arrow = ARROW.search(statement)
    if not arrow:
        return clean(statement), len(statement), False
    return clean(statement[: arrow.start()]), arrow.end(), True


def _asked(statement: str) -> tuple[str, str] | None:
    """ "Check -> Is it ok? yes -> Ship": what leads to the question with it, and the answers."""
    match = re.search(r"\?\s*[:\u2013-]?\s+(?=\S)", statement)
    if not match or not ARROW.search(statement, match.end()):
        whole = re.fullmatch(r"[^?]*\?\s*", statement)
        return (statement.strip(), "") if whole else None
    arrow = ARROW.search(statement, match.start())
    if arrow and arrow.start() <= match.start() + 1:
        return None  # "Is it ok? -> Ship": the arrow leaves the question itself
    words = statement[match.end() : arrow.start() if arrow else None].strip()
    if len(words.split()) > 6:
        return None
    return statement[: match.start() + 1].strip(), statement[match.end() :]


def _statements(line: str, graph: Graph) -> list[str]:
    """The sentences of a line, and its comma-separated arrows: "A -> B, A -> C" says two things."""
    found: list[str] = []
    for sentence in split_outside(line, ";"):
        for part in _split_sentences(sentence):
            pieces = [piece for piece in split_outside(part, ",") if piece.strip()] or [""]
            current, first = pieces[0], len(found)
            for piece in pieces[1:]:
                begun = len(found) > first or ARROW.search(current) is not None
                if _continues(current, piece, part, graph, begun=begun):
                    current += f",{piece}"
                else:
                    found.append(current)
                    current = piece
            found.append(current)
    statements: list[str] = []
    for piece in (text.strip() for text in found):
        if not piece:
            continue
        if statements and not ARROW.search(piece) and "?" not in piece and not _BRANCH.match(piece):
            statements.extend(_fan_out(statements[-1], piece))
        else:
            statements.append(
                re.sub(r"^(?:and|then|also|plus|additionally)\s+", "", piece, flags=re.IGNORECASE)
            )
    return statements


def _split_sentences(text: str) -> list[str]:
    """Sentences of a line, when each of the later ones has an arrow of its own."""
    parts = re.split(r"(?<=[^.\s]\.)\s+(?=[^\s])", text)
    if len(parts) > 1 and all(ARROW.search(part) or "?" in part or _BRANCH.match(part) for part in parts):
        return parts
    return [text]


def _continues(before: str, piece: str, whole: str, graph: Graph, *, begun: bool) -> bool:
    """Whether a comma belongs to a label ("Collect name, e-mail -> Done") and does not start a new arrow."""
    if not begun:
        return "?" not in before
    head, _, has_arrow = _first_label(piece)
    if _BARE_BRANCH.match(head) or "?" in whole.split(piece)[0] or graph.knows(head):
        return False
    others = {same_words(label) for label in _labels(before)}
    others |= {
        same_words(label) for part in split_outside(whole, ",") if part != piece for label in _labels(part)
    }
    first = _first_label(whole)[0]
    if not (first[:1].isupper() and head[:1].islower()):
        return False
    return not has_arrow or same_words(_labels(piece)[-1]) not in others


def _labels(statement: str) -> list[str]:
    return [label for part in _ARROW_SPLIT.split(statement) if (label := clean(part or ""))]


_ARROW_SPLIT: Final = re.compile(re.sub(r"\(\?P<\w+>", "(?:", ARROW.pattern), re.VERBOSE)


def _fan_out(before: str, piece: str) -> list[str]:
    """ "Manager -> Alice, Bob and Carol": every further name hangs on the last source."""
    arrows = list(ARROW.finditer(before))
    if not arrows:
        return [piece]
    source = (
        before[arrows[-2].end() : arrows[-1].start()] if len(arrows) > 1 else before[: arrows[-1].start()]
    )
    names = re.split(r"\s+and\s+", re.sub(r"^and\s+", "", piece.strip()))
    return [f"{source} -> {name}" for name in names]


def _chain(text: str, graph: Graph) -> list[str]:
    """Boxes and arrows of "A -> B -> C: label"; returns the keys of the boxes in order."""
    keys: list[str] = []
    position = 0
    pending: tuple[str, EdgeStyle, bool] | None = None
    style: EdgeStyle
    arrows = [*ARROW.finditer(text), None]
    for arrow in arrows:
        words = text[position : arrow.start() if arrow else len(text)]
        label, after = _trailing_label(words, graph) if pending is not None and arrow is None else (words, "")
        lead = ""
        asked = re.match(r"^(?P<question>[^?]+\?)\s+(?P<answer>\S[^?]{0,40})$", label.strip())
        if asked and arrow is not None:
            label, lead = asked["question"], clean(asked["answer"])
        label = clean(label)
        once = re.sub(r"(?<=\w)\s+(?:also|too|then|again)$", "", label)
        label = once if graph.knows(once) else label
        if (
            arrow is None
            and pending
            and keys
            and not graph.knows(label)
            and (choice := _CHOICE.fullmatch(label))
        ):
            ends = [graph.node(choice["one"]), graph.node(choice["other"])]
            for end in ends:
                graph.edge(keys[-1], end, pending[0] or clean(after), pending[1])
            keys += ends
        elif label:
            back = _GO_TO.match(label)
            if (
                back
                and (to := back["target"] or back["back"] or back["repeat"])
                and (graph.knows(to) or (arrow is None and to[:1].isupper() and label[:1].islower() and keys))
            ):
                label = to
            known = graph.find(back["back"]) if back and back["back"] else None
            key = known or (graph.decision(label) if label.endswith("?") else graph.node(label))
            if pending is not None and keys:
                caption, style, both = pending
                graph.edge(keys[-1], key, caption or clean(after), style)
                if both:
                    graph.edge(key, keys[-1])
            keys.append(key)
        if arrow is not None:
            shaft = (arrow["arrow"] or "").strip()
            caption = clean(arrow["dashed"] or arrow["piped"] or "") or lead
            style = "dashed" if "." in shaft or "~" in shaft else "solid"
            pending = (caption, style, shaft.startswith("<"))
            position = arrow.end()
    return keys


# "Estimate -> Payout or Denial"
_CHOICE: Final = re.compile(r"(?P<one>[A-Z][^,?]*?)\s+or\s+(?P<other>[A-Z][^,?]*)")


def _trailing_label(words: str, graph: Graph) -> tuple[str, str]:
    """ "B: label" at the end of an arrow, or "B (label)" not: brackets stay with the box."""
    answer = re.match(
        rf"^(?P<label>[^()]+?)\s*\((?P<caption>{_BRANCH_WORDS})\)$", words.strip(), re.IGNORECASE
    )
    if answer:
        return answer["label"], answer["caption"]
    why = re.match(r"^(?P<label>.+?)\s*,?\s+(?P<caption>(?:when|if|unless|until)\s+.+)$", words.strip(), re.I)
    if why and graph.knows(why["label"]):
        return why["label"], why["caption"]
    match = re.match(r"^(?P<label>[^:]+?)\s*:(?!//)\s+(?P<caption>[^:]{1,80})$", words.strip())
    return (match["label"], match["caption"]) if match else (words, "")


# -- outlines ----------------------------------------------------------------------------------------------


def from_outline(wording: Wording) -> Plan | None:
    """Numbered lines are steps; indented lines hang under the line above; answers under a question branch."""
    lines = [_IN_BRACKETS.sub(r"? \g<answers>", line) for line in wording.body.split("\n") if line.strip()]
    if len(lines) < 2:
        return None
    parsed = [strip_bullet(line) for line in lines]
    depths = sorted({depth for depth, _, _ in parsed})
    numbered = all(
        is_numbered(line) for line, (depth, _, _) in zip(lines, parsed, strict=True) if depth == depths[0]
    )
    marked = any(mark for _, _, mark in parsed)
    nested = len(depths) > 1
    asks = any(text.endswith("?") for _, text, _ in parsed)
    tells = any(_IF.match(text) for _, text, _ in parsed)
    steps = wording.names_a_flow or (numbered and marked and not wording.names_a_list)
    if not (nested or steps or asks or tells):
        return None
    graph = Graph(wording)
    if not nested:
        return _tell([text for _, text, _ in parsed], graph, wording)
    if steps or asks:
        return _nested_steps(parsed, graph)
    stack: list[tuple[int, str]] = []
    for depth, text, _ in parsed:
        while stack and stack[-1][0] >= depth:
            stack.pop()
        key = graph.new_node(clean(text).rstrip(":"))
        if stack:
            graph.edge(stack[-1][1], key)
        stack.append((depth, key))
    return graph.plan("layered")


def _nested_steps(parsed: list[tuple[int, str, bool]], graph: Graph) -> Plan:
    """Steps in order; lines below a question are its answers, lines below an answer its steps."""
    thread = _Thread(graph)
    base = parsed[0][0]
    number = 0
    while number < len(parsed):
        depth, text, _ = parsed[number]
        number += 1
        children: list[tuple[int, str]] = []
        while number < len(parsed) and parsed[number][0] > max(depth, base):
            children.append((parsed[number][0], parsed[number][1]))
            number += 1
        _sentence(text, thread)
        if children and graph.labels.get(thread.last or "", "").endswith("?") and thread.last:
            _answers(thread.last, children, thread)
        else:
            for _, child in children:
                _sentence(child, thread)
    thread.join()
    return graph.plan("layered")


def _answers(question: str, children: list[tuple[int, str]], thread: _Thread) -> None:
    thread.question, thread.branch_ends = question, []
    shallow = min(depth for depth, _ in children)
    number = 0
    while number < len(children):
        _, text = children[number]
        number += 1
        inner: list[str] = []
        while number < len(children) and children[number][0] > shallow:
            inner.append(clean(children[number][1]))
            number += 1
        spoken = re.match(r"^(?:if\s+)?(?P<label>[^:,]{1,40}?)\s*[:,]\s*(?P<rest>.*)$", text)
        if spoken:
            first = [step for step in split_items(spoken["rest"]) if step]
            thread.branch(question, clean(spoken["label"]), [*first, *inner])
        else:
            bare = bool(inner) or bool(_BARE_BRANCH.match(text))
            thread.branch(question, clean(text) if bare else "", inner if bare else [clean(text)])


# -- conditions and sentences -------------------------------------------------------------------------------


def from_conditions(wording: Wording) -> Plan | None:
    """ "if … then … otherwise …" and questions with yes and no, told in sentences."""
    body = _ANSWERED_NEXT.sub("? ", _ROLE.sub(r"\g<asked>", wording.body.strip()))
    body = re.sub(rf"{_IN_BRACKETS.pattern}\s*[,.]?", r"? \g<answers>. ", body, flags=re.IGNORECASE)
    if "\n" in body:
        return None
    asks = re.search(
        rf"\?\s*,?\s*(?:if\s+(?:{_BRANCH_WORDS}|not|so)\b|{_BRANCH_WORDS}\b\s*(?:[:,=]|\s(?:goes|leads|means|is)\b))",
        body,
        re.IGNORECASE,
    )
    tells = re.search(r"(?:^|[\s,;.])if\s+\S.+?(?:\bthen\b|,|:)", body, re.IGNORECASE)
    if not (asks or tells):
        return None
    body = _SPOKEN_ANSWER.sub(lambda m: f"{m['start']}{_answer(m)}: ", body) if "?" in body else body
    rest, ways = _told_beside(body)
    graph = Graph(wording)
    plan = _tell([rest], graph, wording)
    reader = RelationReader(graph)
    if plan is None or not ways or not all(reader.can_read(way) for way in ways):
        return plan if not ways else _tell([body], Graph(wording), wording)
    for way in ways:
        reader.read(way)
    return graph.plan("layered")


def _tell(texts: list[str], graph: Graph, wording: Wording) -> Plan | None:
    thread = _Thread(graph)
    for text in texts:
        _sentence(text, thread)
    thread.join()
    return graph.plan("layered") if len(graph) > 1 or (wording.has_header and len(graph)) else None


def _sentence(text: str, thread: _Thread) -> None:
    """Reads one piece of the story: a condition, an answer, or steps in a row."""
    text = text.strip(" ,;\n")
    if not text:
        return
    pieces = [piece for piece in _SENTENCE.split(text) if piece.strip(" .,;")]
    if len(pieces) > 1:
        for piece in pieces:
            _sentence(piece, thread)
        return
    # "receive order, if in stock then pack it": the condition starts after the comma.
    lead = re.match(
        r"^(?P<before>.*?\S)\s*[,;]\s*(?:and\s+|then\s+)?(?P<rest>if\s+.*)$", text, re.IGNORECASE | re.DOTALL
    )
    spoken = _BRANCH.match(text) if thread.question is not None else None
    if spoken is None and lead and not _IF.match(text):
        _sentence(lead["before"], thread)
        _sentence(lead["rest"], thread)
        return
    if spoken is not None and thread.question is not None:
        _spoken_branches(text, thread)
        return
    condition = _IF.match(text)
    if condition:
        thread.join()
        _condition(condition["condition"], condition["rest"], thread)
        return
    opposite = _ELSE.match(text)
    if opposite and opposite.start() == 0 and thread.question is not None:
        steps = _steps(text[opposite.end() :])
        thread.branch(thread.question, "no", steps)
        return
    thread.join()
    if (way := told(text)) and _NAMES.match(way.source) and _NAMES.match(way.target):
        _way(way, thread)
        return
    for step in _steps(text):
        if step.endswith("?"):
            thread.ask(step)
        else:
            thread.join()
            thread.step(step)


# Both ends of a way have names of their own: "After Monitor alert comes Check dashboard".
_NAMES: Final = re.compile(r"[A-Z\"\u201c][^,:;?]*$")


def _way(way: Told, thread: _Thread) -> None:
    """What is told in passing: it goes on from where it begins, or from where the story stands."""
    if not (thread.graph.knows(way.source) and not thread.ends):
        thread.step(way.source)
    thread.ends = [(thread.graph.node(way.source), "")]
    for name in split_items(way.target):
        thread.step(name)


def _spoken_branches(text: str, thread: _Thread) -> None:
    """ "yes: ship, no: fix it": every answer with its steps."""
    question = thread.question
    assert question is not None
    starts = list(
        re.finditer(
            rf"(?:^|[,;.]\s*|\band\s+)(?:if\s+)?(?P<label>{_BRANCH_WORDS})\s*(?:[:,=]|[-\u2013\u2014]\s)\s*",
            text,
            re.I,
        )
    )
    for number, start in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        thread.branch(question, _plain(start["label"]), _steps(text[start.end() : end]))


def _answer(said: re.Match[str]) -> str:
    """ "if so" is yes, whatever else is said stays as it is."""
    return said["label"] or (_plain(said["said"]) if said["said"].lower() in {"so", "not"} else said["said"])


def _plain(label: str) -> str:
    return _PLAIN_ANSWERS.get(label.lower(), label)


def _condition(condition: str, rest: str, thread: _Thread) -> None:
    if _ELSE.match(rest) and (verb := _WE_DO.search(condition) or _IMPERATIVE.search(condition)):
        # "if it fails notify the user, otherwise …": no comma between condition and step.
        condition, rest = condition[: verb.start()], f"{condition[verb.start() :]}, {rest}"
    question = clean(condition).rstrip("?")
    key = thread.ask(f"{question[:1].upper()}{question[1:]}?")
    told = _ELSE.split(rest, maxsplit=1)
    first = told[0]
    thread.branch(key, "yes", _steps(first, after_condition=True))
    if len(told) > 1:
        steps = told[1]
        tail = re.search(
            r"(?:[,;.]\s*(?:and\s+)?(?:then|finally|after(?:wards| that)|in the end|lastly|either way|anyway|in (?:both|any|either) cases?|regardless|both ways)\b[\s,]*)",
            steps,
            re.I,
        )
        nested = _IF.match(steps)
        if nested:
            thread.ends = [(key, "no")]
            held = thread.branch_ends
            _condition(nested["condition"], nested["rest"], thread)
            thread.branch_ends += held
            return
        following = (
            re.sub(r"\s+(?:after\s+that|afterwards|then)\s*[.]?$", "", steps[tail.end() :]) if tail else ""
        )
        thread.branch(key, "no", _steps(steps[: tail.start()] if tail else steps))
        if following:
            thread.join()
            _sentence(following, thread)


def _steps(text: str, *, after_condition: bool = False) -> list[str]:
    """The steps of "first a, then b and finally c" or "a, b and c"."""
    text = text.strip(" ,;.\n")
    parts = [part for part in SEQUENCE.split(text) if part.strip(" ,;.")]
    if len(parts) == 1 and after_condition:
        parts = [text]
    found: list[str] = []
    for part in parts:
        pieces = split_items(part) if ("," in part or ";" in part) and not after_condition else [clean(part)]
        pieces = [clean(half) for piece in pieces for half in _AND_BACK.split(piece)]
        found.extend(_step(piece) for piece in pieces)
    return [step for step in found if step]


def _step(words: str) -> str:
    """ "we pack it" and "packing comes first" without what only tells who and when."""
    if _GO_TO.match(words):
        return words
    return _COMES.sub("", _GOES_ON_WITH.sub("", _LEADING_PRONOUN.sub("", words)))


def from_steps(wording: Wording) -> Plan | None:
    """ "flowchart for sign-up: enter e-mail, verify, welcome" and "first …, then …, finally …"."""
    body = wording.body.strip()
    if not body:
        return None
    told = len(SEQUENCE.findall(body)) >= 1 and re.search(
        r"\b(?:then|next|finally|after that)\b", body, re.IGNORECASE
    )
    if not (told or wording.has_header):
        return None
    if not wording.has_header and "\n" not in body and not told:
        return None
    whole, (body, ways) = body, _told_beside(body)
    graph = Graph(wording)
    thread = _Thread(graph)
    steps: list[str] = []
    for line in body.split("\n"):
        numbered = len(re.findall(r"(?:^|\s)\d{1,2}[.)]\s", line)) > 1
        for piece in [line] if numbered else _SENTENCE.split(line):
            parts = [part for part in SEQUENCE.split(piece) if part.strip(" ,;.")]
            for part in parts:
                steps.extend(split_items(part) if not told or "," in part else [clean(part)])
    steps = [clean(_step(step)) for step in steps if step]
    if len(steps) < 2:
        return None
    for step in steps:
        thread.step(step)
    reader = RelationReader(graph)
    if not all(reader.can_read(way) for way in ways):
        return _tell([whole], Graph(wording), wording)  # steps, and no ways between those that are there
    for way in ways:
        reader.read(way)
    return graph.plan("layered") if len(graph) > 1 else None
