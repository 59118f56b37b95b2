"""Flowcharts told in prose with names: "Draft goes to Committee, and Committee sends it back to Draft or on to Board".

The names are found first; what stands between two of them is then sorted: it lists, it goes on, it answers a question,
or it tells what goes to what, whichever verb it uses.
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from ai_jobs.planning.plan import Plan
from ai_jobs.providers.sketcher.arrows import ARROW, SEQUENCE
from ai_jobs.providers.sketcher.flow import ArrowReader, angles_to_arrows, answers_with_arrows
from ai_jobs.providers.sketcher.graph import Graph, same_words
from ai_jobs.providers.sketcher.items import clean, split_items, strip_bullet
from ai_jobs.providers.sketcher.mentions import LISTS, listed, mentions, recurring
from ai_jobs.providers.sketcher.prose import bare_name, sentences, told
from ai_jobs.providers.sketcher.wording import Wording, direction_in, read

# A clause with a subject of its own begins.
_BREAKS: Final = re.compile(
    r"\s*[,:\u2013\u2014-]?\s*(?:(?:and|but|while|whereas|where|so|that|also|only|meanwhile|the|an?)\b[\s,]*)*",
    re.IGNORECASE,
)
_ANSWER: Final = re.compile(
    r"\b(?:yes|no|yep|nope|true|false|otherwise|else|if\s+not|if\s+so)\b", re.IGNORECASE
)
_PLAIN_ANSWERS: Final = {"otherwise": "no", "else": "no", "if not": "no", "if so": "yes"}
_WAYS_OUT: Final = re.compile(r"\b(?:ways?\s+out|options?|outcomes?|answers|exits?|choices)\b", re.IGNORECASE)
_LABEL: Final = re.compile(
    r"\b(?:arrow|line|one|loop|labell?ed|label|caption)\b.*?\b(?:labell?ed|label|says|saying|text|words?|caption|marked|called|reading)(?:\s+(?:as|with))?\s*:?\s*$|^\s*,?\s*(?:(?:is|are|should\s+be|gets?)\s+)?(?:(?:that|which)\s+(?:says|reads)|saying|reading|labell?ed|marked|with\s+the\s+(?:label|text|caption|words?))(?:\s+(?:as|with))?\s*:?\s*$",
    re.IGNORECASE | re.DOTALL,
)
# "… labelled too late and another one": the words are no names, and quoted they can be seen.
_SAID: Final = re.compile(
    r"\b(?P<word>labell?ed(?:\s+(?:as|with))?|captioned|with\s+(?:the\s+)?(?:label|caption|text)|that\s+says|which\s+says|saying)\s*:?\s+(?![\"\u201c\u2018'])(?P<label>[^,.;:\"\n]{1,60}?)(?=\s*(?:[.,;]|$|\band\s+(?:an?|another|one|from|the|to|then|it)\b))",
    re.IGNORECASE,
)
# "After Doors open the crowd splits into …": what has happened, and then who does something.
_ONCE: Final = re.compile(
    r"(?P<led>\W*(?i:after|once|when)\s+(?:the\s+)?)(?P<name>[A-Z][\w-]*(?:\s(?!(?:and|or|to|is|are|was|has|have|comes?|follows?|the|our)\b)[a-z][\w-]*){1,3})(?=\s+(?:the|our)\s+[a-z]+\s+[a-z]+s?\s+(?:in)?to\b)"
)
_CALLED: Final = re.compile(
    r"\s*,?\s*(?:(?:is\s+)?(?:called|named|titled|reading|for)|with)\s*:?\s*", re.IGNORECASE
)
_LABELLED: Final = re.compile(r"\blabell?ed(?:\s+(?:as|with))?\s*:?\s*$", re.IGNORECASE)
_MANY: Final = re.compile(
    r"\b(?:everybody|everyone|both(?!\s*(?:the\s+)?$)|all\s+(?:of\s+|three\s+|four\s+|two\s+)*(?:them|these|those|three|four|two|go|lead|come|end|join|meet|merge|point|flow|feed)|they(?!\s+are\b)|these|those|each\s+of|either\s+(?:way|case)|any\s+case|the\s+(?:two|three|four))\b",
    re.IGNORECASE,
)
_NEXT: Final = re.compile(
    r"\b(?:then|next(?!\s+to\b)|after\s+(?:that|this|which)|afterwards|follow(?:ed|s|ing)?\s+(?:by|it|up|that|with)|finally|lastly|eventually|last|later|(?:at|in)\s+the\s+end|from\s+(?:there|here)|"
    r"second|third|fourth|fifth|step\s+(?:two|three|four|five|six|[2-9])|(?:end|result|output)(?=\s*:)|(?:end|finish|clos)(?:e?s|ing)?\s+(?:up\s+|it\s+)?(?:with|in|at))\b",
    re.IGNORECASE,
)
_IT: Final = re.compile(
    r"\W*(?:(?:and|but|while|where|so|also|when|once)\s+)*(?:(?:depending|based)\s+(?:up)?on\s+[^,.]{1,40}?,?\s+)?(?:it|which|who|we|you|that|this|everything(?!\s+else))\b",
    re.IGNORECASE,
)
_BEGINS: Final = re.compile(
    r"\b(?:(?:starts?|begins?)(?!\s+(?:over|again|back))|starting|beginning|opens\s+with|kicks?\s+off|first|firstly|step\s+(?:one|1))\b",
    re.IGNORECASE,
)
_FROM: Final = re.compile(
    r"(?P<lead>.*?)\b(?:after|once|from|when|out\s+of|following|(?P<before>before))\s+(?:the\s+|an?\s+)?",
    re.IGNORECASE | re.DOTALL,
)
_MOVES_FROM: Final = re.compile(
    r"\b(?:mov|go|travel|flow|pass|transfer|transport|ship|arrow|line|loop|way|path|connection|one|it|run|lead|transition|deliver)\w*\s+(?:back\s+)?from\s",
    re.IGNORECASE,
)
_BACKWARD: Final = re.compile(
    r"\b(?:after|follows|comes?\s+from|(?:preceded|triggered|caused|started|fed)\s+by|depends\s+on)\s+(?:the\s+|an?\s+)?$",
    re.IGNORECASE,
)
_PLURAL: Final = re.compile(
    r"\s*(?:(?:both|then|all|also|each)\s+)*(?:go|lead|flow|feed|point|join|merge|come|end|connect|link|move|continue|return|result|finish|meet|are|have|report|send)\b",
    re.IGNORECASE,
)
_VERB: Final = re.compile(
    r"\b(?:[a-z]{2,}(?:s|ed)|go|lead|flow|feed|point|join|merge|come|end|connect|link|move|continue|return|finish|meet|send|will|can|should|must|do|going)\b"
)
_ONLY_TO: Final = re.compile(
    r"\s*,?\s*(?:(?:back|on|over|straight|directly|one)\s+)*(?:in)?to\s+(?:the\s+|an?\s+)?", re.IGNORECASE
)
_OTHERWISE: Final = re.compile(r",\s*(?:and\s+|but\s+|or\s+)?(?:otherwise|else|if\s+not)\b", re.IGNORECASE)
_SAYS: Final = re.compile(
    r"\b(?:sends|says|tells|replies|returns|answers|passes|gives)\s+[\"\u201c]?$", re.IGNORECASE
)
_IF: Final = re.compile(
    r"\W*(?:(?:and|but|then)\s+)*if\b(?!\s+(?:i|you|we)\s+(?:had|have|ask|want)\b)", re.IGNORECASE
)
_THROUGH: Final = re.compile(r"\bthrough\s+(?:the\s+)?$", re.IGNORECASE)
# "Rename A to B" changes what is there, and tells no story.
_EDITS: Final = re.compile(
    r"\b(?:rename|delete|remove|swap|erase|duplicate|replace|resize)\b|\b(?:move|change|turn)\s+(?:the\s+)?(?:\w+\s+)?$",
    re.IGNORECASE,
)
# "… both call", "which triggers": a verb with its subject.
_WHO_DOES: Final = re.compile(
    r"\b(?:both|all|they|these|those)\s+(?:of\s+\w+\s+)?[a-z]+\s+(?:the\s+)?$|\b(?:it|which|who)\s+(?:then\s+|also\s+)?[a-z]+s\s+(?:the\s+)?$",
    re.IGNORECASE,
)
# "We have a line where Frame …": what stands before is talk.
_SUBORDINATE: Final = re.compile(
    r"\b(?:where|that|so|how|because|since|while|when|which)\s+(?:the\s+|an?\s+)?$", re.IGNORECASE
)
# The last word before a name that is whole: "we go on to Brew", but not "create Jira issue".
_CLOSES: Final = re.compile(
    r"(?:^|[\s,:;.\u2013\u2014-])(?:to|into|onto|in|at|with|by|through|on|as|is|are|was|do|does|have|has|comes?|follows?|happens?|means|gets?|reach(?:es)?|need|see|the|an?|and|then|next|"
    r"finally|lastly|eventually|last|later|first|firstly|second|third|fourth|fifth|yes|no|not|so|otherwise|else|true|false|ask|asks|check|checks|called|named|it['\u2019]s|that['\u2019]s|there['\u2019]s|for|that|this|all|both|only|just|we|straight|directly|decision|question|diamond|rhombus|step|check|node|box|state|event|stage|task|activity|action|phase|one|two|three|four|five|six|[2-9])[\s,:\u2013\u2014-]*$"
    r"|[,:;\u2013\u2014\u2192-]\s*$",
    re.IGNORECASE,
)
_ARROW_TO: Final = re.compile(r"\b(?:arrow|line|link)s?\b.*\b(?:to|at|towards)\s+(?:the\s+)?$", re.IGNORECASE)
_FILLING: Final = re.compile(
    r"[\s,]*(?:(?:and|then|which|this|that|it|we)\b\s*)*(?:is|are|gets?|comes?|was|has\s+been|goes|starts?|begins?|happens?|follows?|['\u2019]s)?\s*(?:then\s+)?"
    r"(?:first|next|last|finished|done|over|complete|ready|asked|in\s+parallel|all|(?:the|our)\s+(?:very\s+)?(?:end|(?:first|last|final)(?:\s+(?:one|step|box|thing|stage|part|point))?))?\s*",
    re.IGNORECASE,
)
# A name that "is a decision", and "if approved it goes to" after it.
_DECIDES: Final = re.compile(
    r"\s*(?:(?:is|as)\s+(?:an?|the|our)\s+(?:decision|diamond|question|branch|gateway|check)(?:\s+(?:point|step|node))?|decides)\s*[:,.]?\s*",
    re.IGNORECASE,
)
_IN_CASE: Final = re.compile(
    r"\W*(?:(?:and|but|or)\s+)?(?:if|when|in\s+case(?:\s+of)?|on)\s+(?:it\s+(?:(?:is|was|gets)\s+)?|it['\u2019]s\s+)?(?P<why>[\w-]+(?:\s+[\w-]+)??)\s*[,:]?\s+(?:then\s+)?"
    r"(?:(?:it|this|that|we|they|you)\s+)?(?:[a-z]+\s+)?(?:(?:back|on|over|straight|directly|again)\s+)*(?:in)?to\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_WHY: Final = re.compile(
    r"\s*,?\s*(?P<why>(?:if|when|until|unless|in\s+case|whenever|as\s+soon\s+as|on(?!\s+to\b)|after|upon)\s+\S.*)",
    re.IGNORECASE | re.DOTALL,
)
# "… with three exits: high goes to A, medium to B": the words before the verb are what the arrow says.
_NAMED_ANSWER: Final = re.compile(
    r"(?:(?<=[:,;.]\s)|(?<=\band\s)|^)(?:(?:and|if|on|for|when)\s+)?(?:it['\u2019]?s\s+|it\s+is\s+)?(?P<answer>(?!(?:with|and|to)\b)[a-z][\w'\u2019-]*(?:\s[\w'\u2019-]+){0,2}?)(?=\s*,?\s+(?:(?:goes|go|leads|means|loops)\s+)?(?:back\s+)?(?:in)?to\s|\s+(?:means|\u2192)\s)",
)
_DECISION: Final = re.compile(
    r"\b(?:decision|diamond|question|gateway|rhombus)(?:\s+(?:called|named|point|node|box))?\W*$",
    re.IGNORECASE,
)
# "yes: call back, then close": steps in small letters after an answer.
_ANSWERED_BY: Final = re.compile(
    rf"(?P<before>^\s*(?:if\s+)?(?:{_ANSWER.pattern})\s*(?::|=|\s[\u2013\u2014-])\s*)(?P<steps>[a-z][^\"\u201c:?]{{2,160}}?)(?=\s*\.?\s*$)",
    re.IGNORECASE,
)


def _quoted_steps(said: re.Match[str]) -> str:
    steps = [clean(step) for part in SEQUENCE.split(said["steps"]) for step in split_items(part)]
    if any(step[:1].isupper() or _ANSWER.search(step) or re.match(r"(?:back|go)\b", step) for step in steps):
        return said[0]
    return said["before"] + ", then ".join(f'"{step}"' for step in steps)


# "to Hotfix when critical and to Backlog"
_WHY_AND: Final = re.compile(
    r"\s*,?\s*(?P<why>(?:if|when|unless|in\s+case|for|on)\s+[\w\s'\u2019-]{2,40}?)(?=\s*,?\s*\b(?:and|or|but|while)\s+(?:(?:goes|go|else|on|over|straight|directly)\s+)*(?:back\s+)?(?:in)?to\s)",
    re.IGNORECASE,
)
# The whole asks that each thing goes to the next, or that the last goes to the first.
_IN_TURN: Final = re.compile(
    r"\b(?:one\s+after\s+(?:the\s+other|another)|in\s+(?:that|this|the\s+same|the\s+following)\s+order|(?:connect|link|join)(?:ed|ing)?|arrows?\s+(?:between|from\s+(?:one|each))|chain|with\s+arrows|it\s+goes(?!\s+(?:back|on|to|in)\b)|each\s+(?:one\s+|step\s+)?(?:leads|goes)\s+to\s+the\s+next)\b",
    re.IGNORECASE,
)
_APART: Final = re.compile(
    r"\b(?:no|not|without|nothing|never|unconnected|separate)\b[^.]{0,20}\b(?:arrows?|lines|connect\w*|link\w*)\b",
    re.IGNORECASE,
)
_ARROWS: Final = re.compile(r"\b(?:arrows?|connect\w*|link\w*|boxes)\b|\u2192", re.IGNORECASE)
_LONGEST_GAP: Final = 9
_LONGEST: Final = 2500


@dataclass
class _Run:
    """Names that stand in a list, what stands before them, and at which of them a clause may begin."""

    gap: str
    names: list[str]
    starts: list[int] = field(default_factory=list)
    label: str = ""


def with_arrows(text: str) -> Plan | None:
    """ "Three boxes A, B and C with an arrow from A to B": shapes of which it is told how they hang together."""
    return (
        from_story(read(text))
        if re.search(r"\b(?:arrows?|connect(?:ed|s)?|link(?:ed|s)?)\b", text, re.IGNORECASE)
        else None
    )


def from_mixed(wording: Wording) -> Plan | None:
    """Arrows among prose: 'Begin with Call. Then ask "Known?": yes -> Find, no -> Ask. Both end in Book'.

    What has arrows and what is told are read in turn, into one drawing.
    """
    body = angles_to_arrows(wording.body)
    if not ARROW.search(body) or len(body) > _LONGEST:
        return None
    pieces = _pieces(answers_with_arrows(body))
    if all(ARROW.search(piece) for piece in pieces):
        return None
    reader = ArrowReader(Graph(wording))
    in_turn = wording.tells_a_process or wording.goes_round or bool(_IN_TURN.search(wording.body))
    story = _Story(reader.graph, in_turn=in_turn, names=[*recurring(wording.body), *listed(wording.body)])
    is_told, asked, led = False, "", 0
    for piece in pieces:
        if piece.endswith(":"):
            named = [mention.name for mention in mentions(piece[:-1], known=reader.graph.labels.values())[0]]
            heads = len(piece.split()) < 6 and not re.search(
                rf"[?\"\u201c]|{_NEXT.pattern}|{_BEGINS.pattern}", piece, re.IGNORECASE
            )
            if not named or (heads and not reader.graph.knows(named[0])):
                led += 1
                is_told |= led > 1 or " " in piece  # "First one: A -> B"
                continue
        if ARROW.search(piece):
            reader.read_line(piece, of=asked)
            asked = ""
            story.go_on(reader.latest(), reader.question())
            continue
        edges = len(reader.graph.edges)
        if not story.read(piece):
            return None
        is_told |= len(reader.graph.edges) > edges
        asked = story.question() if "?" in piece or _WAYS_OUT.search(piece) else ""
        reader.go_on(story.latest(), story.question())
    whole = (
        is_told
        and reader.graph.edges
        and not any(_CLAUSE.search(label) for label in reader.graph.labels.values())
    )
    return reader.graph.plan("layered") if whole else None


# No label of a box: words that tell of a way to another.
_CLAUSE: Final = re.compile(
    r"\n|\barrows?\b|\blabell?ed\b|[.;]\s|^(?:and|but|then|plus|from|with|when|if|otherwise|which|both)\s|\s(?:goes|leads|goes\s+back|back)\s+to\s|->",
    re.IGNORECASE,
)
# Where among arrows something is told: ", plus an arrow from B back to A".
_TOLD_AFTER: Final = re.compile(
    r"\s*[,.\u2013\u2014-]?\s*\b(?:(?:and|but|plus|also|with|then|additionally|while)\s+)*(?=(?:(?:there(?:['\u2019]s|\s+is)|draw|add|put)\s+)?(?:an?|one|another)\s+(?:\w+\s+)?(?:arrows?|lines?|loop|link|path)\b|from\s+\S+.*\sto\s|(?:both|all\s+three|all\s+of|these|those)\s|if\s+(?!yes\b|no\b|not\b|so\b)\S+.*\sto\s)",
    re.IGNORECASE,
)
_ASKS_AFTER: Final = re.compile(r"\b(?:then|next|ask|decision|question|start|begin|first)\b", re.IGNORECASE)
_LEAD_IN: Final = re.compile(r"(?P<before>[^:]{3,120}):\s+(?P<after>\S.*)", re.DOTALL)


def _pieces(body: str) -> list[str]:
    """What has arrows, and what is told, in turn."""
    found, whole = list[str](), list[str]()
    for sentence in sentences(body):
        if (
            whole
            and whole[-1].endswith("?")
            and (re.match(r"\s*[-=\u2192(|:]", sentence) or re.match(r"[^.?]{1,40}(?:->|\u2192)", sentence))
        ):
            whole[-1] += f" {sentence}"  # its answers
        else:
            whole.append(sentence)
    for said in whole:
        sentence = said
        arrow = ARROW.search(sentence)
        if not arrow:
            found.append(sentence)
            continue
        lead = _LEAD_IN.fullmatch(sentence)
        if lead and lead.start("after") <= arrow.start() and not _ANSWER.fullmatch(lead["before"].strip()):
            found.append(f"{lead['before']}:")
            sentence = lead["after"]
        asked = sentence.find("?")
        if 0 < asked < arrow.end() - 1 and _ASKS_AFTER.search(sentence[:asked]):
            found.append(sentence[: asked + 1])
            sentence = sentence[asked + 1 :].lstrip(" :,-\u2013\u2014")
        last = list(ARROW.finditer(sentence))[-1]
        told_after = _TOLD_AFTER.search(sentence, last.end() + 1)
        found.append(sentence[: told_after.start()] if told_after else sentence)
        if told_after:
            found.append(sentence[told_after.end() :])
    return [piece for piece in found if piece.strip(" .,;")]


def from_story(wording: Wording) -> Plan | None:
    """What prose tells of things with names, when all of it can be sorted and hangs together."""
    graphs = [
        graph
        for text in dict.fromkeys((wording.body, wording.told))
        if (graph := _graph(text, wording)) is not None
    ]
    return max(graphs, key=len).plan("layered") if graphs else None


def _graph(text: str, wording: Wording) -> Graph | None:
    arrows = ARROW.search(text) and " \u2192 " not in text
    if not text or len(text) > _LONGEST or arrows or re.search(r"\S\s>\s\S", text):
        return None
    depths = [strip_bullet(line)[0] for line in text.split("\n") if line.strip()]
    if any(a < b for a, b in itertools.pairwise(depths)) or (
        re.match(r"\s*\(?1[.)]\s", text) and "\n" not in text
    ):
        return None
    wording.direction = wording.direction or direction_in(text)
    in_turn = not _APART.search(text) and (
        wording.tells_a_process or wording.goes_round or bool(_IN_TURN.search(f"{wording.title} {text}"))
    )
    story = _Story(
        Graph(wording),
        in_turn=in_turn,
        in_lines="\n" in text.strip(),
        names=[*recurring(text), *listed(text)],
    )
    told_of = sentences(text)
    for sentence, following in itertools.zip_longest(told_of, told_of[1:], fillvalue=""):
        story.of_all = bool(
            re.match(r"\s*(?:they|both|all|these|each)\b(?!\s+(?-i:[A-Z]))", following, re.IGNORECASE)
        )
        if not story.read(sentence):
            return None
    graph = story.graph
    ends = {end for source, target, _ in graph.edges for end in (source, target)}
    if not all(graph.knows(name) for name in story.alone[1:]):
        return None
    if len(graph.edges) < 2 and not (
        wording.has_header or wording.names_a_flow or _ARROWS.search(text) or told(text)
    ):
        return None  # "Translate Hello to German": a sentence with two names is no drawing yet
    return graph if graph.edges and ends == set(graph.labels) else None


def _runs(sentence: str, known: Iterable[str]) -> tuple[list[_Run], str]:
    """The lists of names in a sentence, each with what stands before it, and what follows the last."""
    known = list(known)
    found, tail = mentions(sentence, known=known)
    runs, held, label = list[_Run](), "", ""
    whole = {same_words(name) for name in known}
    for mention in found:
        gap, held = held + mention.gap, ""
        as_said = mention.quoted or same_words(mention.name) in whole
        name = mention.name if as_said else bare_name(mention.name)
        if _ANSWER.fullmatch(mention.name):  # "Yes goes to Pay"
            held = f"{gap}{mention.name}"
        elif (_LABEL.search(gap) and (mention.quoted or _LABELLED.search(gap))) or (
            mention.quoted and any(_ARROWS.search(run.gap) for run in runs) and _CALLED.fullmatch(gap)
        ):
            if runs and not re.search(r"\b(?:arrow|line|loop)\b", gap, re.IGNORECASE):
                runs[-1].label = mention.name
            else:
                label = mention.name
        elif (
            runs
            and LISTS.fullmatch(gap)
            and not (len(runs) == 1 and _FROM.fullmatch(runs[0].gap) and "," in gap)
        ):
            if "," in gap:
                runs[-1].starts.append(len(runs[-1].names))
            runs[-1].names.append(name)
        else:
            runs.append(_Run(gap, [name], label=label))
            label = ""
    return runs, held + tail


class _Story:
    """Draws sentence after sentence, and knows where the story stands, who did the last thing, and what was asked."""

    def __init__(self, graph: Graph, *, in_turn: bool, names: list[str], in_lines: bool = False) -> None:
        self.graph = graph
        self._names = names
        self._in_turn, self._in_lines = in_turn, in_lines
        self.alone: list[str] = []  # names that are a whole sentence; only the first may be a heading
        self._latest: list[str] = []
        self._same: list[str] = []  # what "and goes to" speaks of
        self._other: list[str] = []  # … and "or goes to"
        self._question = ""
        self.of_all = False  # the next sentence tells of all that this one names
        self._answers_named = False

    def go_on(self, latest: list[str], question: str) -> None:
        """The story stands somewhere else: arrows were drawn beside it."""
        self._latest = self._same = latest
        self._question = question or self._question

    def latest(self) -> list[str]:
        return self._latest

    def question(self) -> str:
        return self._question

    def read(self, sentence: str) -> bool:
        """Whether the sentence could be sorted; one without names is talk."""
        sentence = _SAID.sub(r'\g<word> "\g<label>"', sentence)
        if once := _ONCE.match(sentence):
            known = any(once["name"].startswith(label) for label in self.graph.labels.values())
            sentence = sentence if known else f'{once["led"]}"{once["name"]}"{sentence[once.end() :]}'
        if self._answers_named or _WAYS_OUT.search(sentence):
            sentence = _NAMED_ANSWER.sub(r'"\g<answer>"', sentence)
        sentence = _ANSWERED_BY.sub(_quoted_steps, sentence)
        if (
            not self._question
            and len(self._latest) == 1
            and (found := mentions(sentence, known=self.graph.labels.values())[0])
            and _IN_CASE.fullmatch(found[0].gap)
        ):
            self._question = self._latest[0]  # "If it is accepted it goes to …, if rejected to …"
        runs, tail = _runs(sentence, [*self.graph.labels.values(), *self._names])
        if any(_EDITS.search(run.gap) or _SAYS.search(run.gap) for run in runs) or (
            not self._question and _IF.match(sentence)
        ):
            return False
        if (
            not runs
            and self._in_lines
            and self._latest
            and sentence[:1].isupper()
            and len(sentence.split()) < 5
        ):
            return False  # "Two breaths": a step that begins as no name does
        if not runs:
            tells = _NEXT.search(sentence) or _BEGINS.search(sentence) or _ANSWER.search(sentence)
            return not tells or bool(_IN_TURN.search(sentence))
        if (
            self._in_lines
            and len(runs) == 1
            and sentence.strip() != ", ".join(runs[0].names)
            and self._is_step(runs[0].gap)
        ):
            return False  # a step in other words than its name
        if len(runs) == 1 and len(runs[0].names) == 1 and not f"{runs[0].gap}{tail}".strip(" .!\u2192"):
            self.alone += runs[0].names
        asks = self._question or any("?" in name for run in runs for name in run.names)
        if not asks and _ANSWER.match(runs[0].gap.strip(" ,;")):
            return False  # the answer to a question that was not understood
        if not self._read(runs):
            return False
        if _DECIDES.fullmatch(tail):
            self._decide(runs[-1].names[-1])
        elif _WHY.fullmatch(tail.rstrip(" .!")) and len(tail.split()) < 9:
            self._explain(tail)
        return True

    def _decide(self, name: str) -> None:
        self._question = name
        self.graph.decision(name)

    def _explain(self, why: str) -> None:
        """The arrow drawn last says when it is gone along, where it says nothing yet."""
        if self.graph.edges:
            source, target, label = list(self.graph.edges)[-1]
            self.graph.edge(source, target, label or clean(why.strip(" .!,")))

    def _read(self, runs: list[_Run]) -> bool:
        # The subject of the clause; `led` where a word such as "after" says that the next names follow it.
        subject, led, backward = list[str](), False, False
        for number, run in enumerate(runs):
            if number and (why := _WHY_AND.match(run.gap)):
                self._explain(why["why"])
                run.gap = run.gap[why.end("why") :]
            if len(run.names) == 1 and _DECISION.search(run.gap):
                self._decide(run.names[0])
            if number and (decides := _DECIDES.match(run.gap)):
                self._decide(runs[number - 1].names[-1])
                run.gap = run.gap[decides.end() :]
            following = runs[number + 1].gap if number + 1 < len(runs) else ""
            turned = None if led else self._turns(run.gap, first=not number)
            source, label = ([], "") if led or turned else self._meant(run.gap, first=not number)
            if _WAYS_OUT.search(run.gap) and self._question:
                self._answers_named = True
                subject = run.names
                continue
            if turned:
                subject, led, backward = run.names, True, bool(turned["before"])
                if following:
                    runs[number + 1].label = runs[number + 1].label or run.label
                self._note(run.names)
                continue
            if source is None and (not number or _BREAKS.fullmatch(run.gap)):
                subject = run.names
                self._declare(run, following)
                continue
            if len(run.gap.split()) > _LONGEST_GAP and number:
                return False
            if source is None or led:
                if not led and not _tells(run.gap):
                    return False
                source, named = subject, True
                backward = backward or (not led and bool(_BACKWARD.search(run.gap)))
            else:
                named = False
                aside = run.gap.partition(",")[0].strip() if "," in run.gap else ""
                if number and _WHY.fullmatch(aside):
                    self._explain(aside)
                elif number and not _FILLING.fullmatch(aside):
                    return False
                if not (_CLOSES.search(run.gap) or _WHO_DOES.search(run.gap)):
                    return False
            self._note(run.names)
            objects, subject = self._split(run, following)
            self._draw(source, objects, run, label=label, backward=backward)
            self._latest = source if backward else objects[-1:] if _THROUGH.search(run.gap) else objects
            self._same = source if named and source else objects
            self._other = source
            led, backward = False, False
        return True

    def _is_step(self, gap: str) -> bool:
        return self._meant(gap, first=True)[0] is None and not self._turns(gap, first=True)

    def _turns(self, gap: str, *, first: bool) -> re.Match[str] | None:
        """ "After A", "from A": what comes next goes on from there."""
        turned = _FROM.fullmatch(gap)
        if turned and (first or _BREAKS.fullmatch(turned["lead"]) or _MOVES_FROM.search(gap)):
            return turned
        return None

    def _meant(self, gap: str, *, first: bool) -> tuple[list[str] | None, str]:
        """Where the way begins that the words tell of, and what is written on it; None is a subject named before."""
        answer = _ANSWER.search(gap) if self._question else None
        if answer:
            return [self._question], _PLAIN_ANSWERS.get(answer[0].lower(), answer[0])
        if self._question and (case := _IN_CASE.fullmatch(gap)):
            return [self._question], case["why"]
        if _OTHERWISE.search(gap) and not first:
            return self._other, ""
        if _MANY.search(gap):
            leaves = [self.graph.labels[key] for key in self.graph.leaves()]
            return (self._latest if len(self._latest) > 1 or len(leaves) < 2 else leaves), ""
        if _NEXT.search(gap) and (
            first or re.match(r"\s*(?:[,:;\u2013\u2014-]|and\b|but\b|then\s+(?:the\s+)?$)", gap)
        ):
            return self._latest, ""
        if _BEGINS.search(gap) and not _NEXT.search(gap):
            return [], ""
        if first and _SUBORDINATE.search(gap):
            return None, ""
        if _IT.match(gap):
            return self._latest, ""
        if not first and re.match(r"\s*,?\s*(?:and|or|but)\s", gap) and not _BREAKS.fullmatch(gap):
            return (self._other if re.match(r"\s*,?\s*or\s", gap) else self._same), ""
        return None, ""

    def _carries(self, gap: str, names: list[str]) -> bool:
        """Whether the words tell themselves where their way begins, or begin a new clause."""
        self._note(names)
        return bool(
            _BREAKS.fullmatch(gap)
            or self._turns(gap, first=False)
            or (_WAYS_OUT.search(gap) and self._question)
            or self._meant(gap, first=False)[0] is not None
        )

    def _note(self, names: list[str]) -> None:
        self._question = next((name for name in reversed(names) if name.endswith("?")), self._question)

    def _split(self, run: _Run, following: str) -> tuple[list[str], list[str]]:
        """The names that a way leads to, and those of which the next words tell: "to B, and C goes to D"."""
        names = run.names
        if not following or self._carries(following, names):
            return names, []
        if len(names) == 1:
            return names, names
        cut = run.starts[-1] if run.starts and _PLURAL.match(following) else len(names) - 1
        return names[:cut], names[cut:]

    def _declare(self, run: _Run, following: str) -> None:
        """Names of which nothing is told yet: in turn, where the whole is; else they wait for what is told."""
        before, names = self._latest, run.names
        self._note(names)
        self._latest = self._same = names
        theirs = len(names) > 1 and re.match(r"\s*,?\s*(?:both|all|each)\b", following)
        if following and (theirs or not self._carries(following, names)):
            return
        keys = [self._key(name) for name in names] if len(names) > 1 else []
        if len(names) > 1 and (self._in_turn or _NEXT.search(following)):
            self._latest = names[-1:]
            for source, target in itertools.pairwise(keys):
                self.graph.edge(source, target)
        elif (
            len(names) == 1 and before and (names[0].endswith("?") or (self._in_turn and not run.gap.strip()))
        ):
            self._draw(before, names, run, label="", backward=False)

    def _draw(self, source: list[str], targets: list[str], run: _Run, *, label: str, backward: bool) -> None:
        if self._answers_named and self._question and source and not self.graph.knows(source[0]):
            source, label = [self._question], source[0]
        starts, ends = [self._key(name) for name in source], [self._key(name) for name in targets]
        if _THROUGH.search(run.gap) or not source:
            in_a_row = [*starts[-1:], *ends] if _THROUGH.search(run.gap) or self._in_turn else []
            for first, second in itertools.pairwise(in_a_row):
                self.graph.edge(first, second)
            return
        for first, second in itertools.product(starts, ends):
            if first != second:
                self.graph.edge(*((second, first) if backward else (first, second)), label or run.label)

    def _key(self, name: str) -> str:
        if re.match(r"the\s+(?:question|decision|diamond|rhombus)$", name) and self._question:
            return self.graph.node(self._question)
        return self.graph.node(name)


def _tells(gap: str) -> bool:
    """Whether the words between two names can say that the one goes to the other."""
    if re.fullmatch(
        r"\s*(?:\w+\s*,\s*|,[^.:]*,\s*(?!(?:which|who|that|it|and|but|then)\b)\w+\s*)", gap
    ) and not re.search(r"\b(?:to|into|from|with)\b", gap):
        return False  # "Wet hands, Apply soap": items of a list
    return bool(
        "\u2192" in gap or _VERB.search(gap) or _ONLY_TO.fullmatch(gap) or _ARROW_TO.search(gap)
    ) and not re.search(r"[()\d]", gap)
