"""Names in running text, and the words between them: quoted words, and words with a capital.

People who tell of things with names write "Draft goes to Committee" with any verb there is. What is a name can be seen;
what stands between two names then only has to be sorted, and no list of verbs is needed to find them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ai_jobs.providers.sketcher.arrows import SEQUENCE
from ai_jobs.providers.sketcher.items import clean

# Words that have a capital only because a sentence begins with them.
_NO_NAMES: Final = frozenset((
    "a", "about", "after", "afterwards", "all", "also", "always", "an", "and", "another", "any", "anything",
    "are", "around", "as", "at", "basically", "because", "before", "below", "both", "but", "by", "can",
    "centre", "center", "could", "did", "does", "each", "either", "else", "every", "everyone", "everything",
    "eventually", "finally", "first", "firstly", "flowchart", "for", "from", "had", "has", "he", "hello", "her",
    "here", "hey", "hi", "his", "how", "i", "i'd", "i'll", "i'm", "i've", "if", "imagine", "in", "inside",
    "instead", "into", "is", "it", "it's", "its", "just", "last", "lastly", "let", "let's", "lets", "maybe",
    "meanwhile", "most", "my", "next", "nobody", "now", "of", "off", "oh", "ok", "okay", "on", "once", "one", "only",
    "or", "otherwise", "our", "out", "over", "please", "picture", "pls", "plus", "say", "second", "secondly", "she",
    "should", "since", "so", "some", "somebody", "someone", "suppose", "that", "that's", "the", "their", "them",
    "then", "there", "there's", "these", "they", "they're", "third", "this", "those", "three", "two", "under",
    "unless", "until", "us", "use", "was", "we", "we'd", "we'll", "we're", "we've", "were", "what", "when",
    "where", "whether", "which", "while", "who", "whom", "whose", "why", "will", "with", "without", "would",
    "you", "your", "consider", "think", "still", "above", "subsequently", "four", "five", "six", "step",
    "steps", "thanks", "cheers", "depending", "according", "based", "given", "assuming", "arrow", "arrows",
    "edges", "regardless",
    "beneath", "underneath", "assume", "begin", "start", "starts",
))  # fmt: skip
_ASKING: Final = frozenset((
    "is", "are", "was", "were", "does", "do", "did", "has", "have", "can", "could", "will", "would", "should",
    "which", "what", "who", "how", "any", "all", "in",
))  # fmt: skip
_WORD: Final = (
    r"(?:[a-z]{1,2}(?=[A-Z]{2}|[A-Z][a-z]*\b))?[A-Z\u00c0-\u00dd][\w\u2019']*(?:[-/.&+#][\w\u2019']+)*\+*"
)
_MENTION: Final = re.compile(
    r"\"(?P<double>[^\"\n]{1,300})\"|\u201c(?P<curly>[^\u201d\n]{1,300})\u201d|\u00ab(?P<angled>[^\u00bb\n]{1,300})\u00bb"
    r"|(?<![\w])['\u2018](?P<single>[^\n'\u2019](?:[^\n]{0,200}?[^\s])?)['\u2019](?!\w)"
    rf"|(?<![\w\u2019'-])(?P<name>(?:[a-z]{{2,}}(?:-[a-z]+)*[-_]\d+|[a-z]{{2,}}_[a-z]\w*)(?![\w-])|(?:(?:Dr|Mr|Mrs|Ms|Prof|St)\.\s+)?{_WORD}(?:\s+(?!(?:to|and|or|from|then|into|is|are|as|of|for|by|in|at|on|with|called|named|step|box|go|if|yes|no|not|per|via|plus|but|over|under|class|has|have)\b)(?!\w+s\b)[a-z]{{3,10}}(?=\s(?:[B-HJ-Z]|A(?!\s[a-z])|\d{{1,2}})(?![\w.])))?(?:\s+(?:(?:of|of\s+the|for|by|the|&|de|von|van)\s+)?(?:{_WORD}|\d[\w.]*))*)"
    r"|(?<=\bto\s)(?P<reference>the\s+(?:question|decision|diamond|rhombus|start|beginning|first\s+(?:step|box|one)))\b(?!\s+[\"\u201cA-Z])"
)
_NEVER: Final = frozenset(("our", "my", "your", "we", "you", "they", "these", "those"))
# "decision Paid?", "Step: Pay": what a thing is, before its name.
_ROLES: Final = frozenset(
    [
        "decision",
        "question",
        "box",
        "node",
        "diamond",
        "rhombus",
        "task",
        "activity",
        "stage",
        "phase",
        "check",
        "topic",
        "branches",
        "subtopics",
        "arms",
        "root",
        "center",
        "centre",
        "middle",
        "subject",
        "theme",
    ]
)
_COMMANDS: Final = frozenset(
    [
        "add",
        "call",
        "create",
        "do",
        "draw",
        "give",
        "have",
        "make",
        "map",
        "place",
        "put",
        "show",
        "sketch",
    ]
)
_AND: Final = r"(?:and|or|&|plus|as\s+well\s+as)"
# Between the things of one list; "back to A or on to B" is a list, too.
LISTS: Final = re.compile(
    rf"\s*(?:,\s*(?:{_AND}\s+)?|\s{_AND}\s+|[/+]\s*)(?:also\s+|both\s+(?!to\b)|either\s+)?(?:(?:(?:back|on|over|straight|directly|one|an?\s+arrow)\s+)*(?<=\s)to\s+)?(?:the\s+|an?\s+)?",
    re.IGNORECASE,
)
# A word in lower case with which the rest of a sentence begins, and which is no part of the name before it.
_GOES_ON: Final = re.compile(
    r"(?<!-)\b(?:which|who|that|where|when|if|until|unless|and|or|but|while|whereas|then|because|theres?|is|are|was|were|has|have|gets?|"
    r"should|can|will|would|must|may|both|followed|(?:after|before|over)(?!\s+(?!(?:that|this|it|them|him|her|all|everything|everyone|the|an?|which|going|you|we)\b)[a-z]+\s*$)|we|you|they|it|"
    r"(?:goes?|comes?|leads?|moves?|points?|feeds?|sends?|hands?|flows?|passes|splits?|branches|joins?|merges|ends?|starts?|begins?|"
    r"finish(?:es)?|continues?|returns?|loops?|jumps?|triggers?|becomes|turns?|follows?|precedes?|happens?|takes?|means|connects?|"
    r"links?|calls?|says|tells?|asks?|answers?|replies|reports?|works?|manages?|heads|leads|runs|oversees|supervises|belongs?|"
    r"contains?|includes?|consists?|sits?|stands?|needs?|also|draw)(?=\s|$)|with\s+(?:an?\s+)?arrows?|(?:the|our|every|each)\s+[a-z]+\s+[a-z]+s?\s+(?:in)?to\b|in\s+(?:this|that|the)\s+(?:same\s+)?order|one\s+after|"
    r"with\s+(?:\d+|two|three|four|five|six|several)|the\s+(?:first|second|third|next|last|final)\b|(?:an?|one|another|the)\s+(?:arrows?|lines?|link|path|flow|process|work|way|story|road)|"
    r"(?:\d+|two|three|four|five|six|several|both)\s+(?:(?:more|other|new|further)\s*(?=$|:)|(?:\w+\s+)?(?:things|steps|tasks|ways?|jobs|teams|paths|branches|parts|activities|options|exits|outcomes|boxes|reports?|people|sub\w+|children)\b|\s*$)|(?:hanging|branching|coming|radiating|attached|going)\s+(?:off|from|out|to|around)|in\s+parallel|at\s+the\s+same\s+time)\b(?!-)"
)
# … unless it ends the sentence: "Write report".
_THING: Final = re.compile(
    r"(?!(?:start|end|join|follow|is|are|was|were|has|have|go|come|begin|happen|become|get|need)\b)\w+[^s\W]"
)
_VERB_AND_PLACE: Final = re.compile(
    r"\b[a-z]{3,}(?:s|ed)\s+(?=(?:back\s+|on\s+|over\s+|off\s+|it\s+|straight\s+|directly\s+)*(?:to|into|onto|at|through|with|from)\b)"
)


# "A goes to B": the letter is a name.
_ALONE: Final = re.compile(r"(?:to|and|or|goes|leads|is|points|sends|calls|connects|then|in|with)\b")
_GOVERNED: Final = re.compile(
    r"(?:an?|the|me|us|it|that|this|them|each|every|all|everything|down|out|up|my|our|boxes|box|arrows?|shapes|diagrams?|flow\w*|charts?|please|left|from)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Mention:
    """A name, and what stands between it and the one before."""

    gap: str
    name: str
    quoted: bool


def mentions(
    sentence: str, *, until: re.Pattern[str] | None = None, known: Iterable[str] = ()
) -> tuple[list[Mention], str]:
    """The names of a sentence in order, and what follows the last one.

    No name goes on beyond the words in `until`; those that are known already are whole.
    """
    known = [label for label in known if label]
    spans = _with_known(_spans(sentence), sentence, known)
    found, position = list[Mention](), 0
    for number, (start, end, quote) in enumerate(spans):
        if start < position:
            continue
        named_next = number + 1 < len(spans)
        limit = spans[number + 1][0] if named_next else len(sentence)
        whole = end if quote else _whole(sentence, end, limit, named_next=named_next)
        said_before = [
            label for label in known if sentence[start : start + len(label)].casefold() == label.casefold()
        ]
        if said_before and not quote:
            whole = start + max(map(len, said_before))
        if until and not quote and (cut := until.search(sentence, end, min(whole + 1, len(sentence)))):
            whole = cut.start()
        found.append(Mention(sentence[position:start], clean(quote or sentence[start:whole]), bool(quote)))
        position = whole
    return found, sentence[position:]


def recurring(text: str) -> list[str]:
    """Names of several words that stand more than once in a text: "Lab work" there is "Lab work" here."""
    found = dict.fromkeys(mention.name for line in text.split("\n") for mention in mentions(line)[0])
    return [
        name for name in found if re.search(r"\s[a-z]", name) and text.count(name) > 1 and "?" not in name
    ]


# Between the things of a list of steps, and what no thing begins with or is told with.
_STEPS_APART: Final = re.compile(
    rf"\s*[,;]\s*(?:(?:and|then)\s+)*|{SEQUENCE.pattern}|\s+and\s+(?=[A-Z])|\n", re.IGNORECASE | re.DOTALL
)
_NO_THING: Final = re.compile(
    r"^(?:All|These|This|That|There|We|You|Please|Thanks|Draw|Make|Then|Both|So|In|As|And|But|I|Now|Also)\b|\b(?:first|next|last|lastly|then|finally|after|before|afterwards|follow(?:s|ed)?|it|they|both|which|if|otherwise|(?:goes|leads?)\s+(?:\w+\s+)?(?:in)?to|with|in\s+the\s+middle)\b|[:?\u2192>\"]",
)


def listed(text: str) -> list[str]:
    """The things of a list that says nothing else: "Call comes in, Log ticket, Hand over keys" are three."""
    found = list[str]()
    for sentence in re.split(r"(?<=[\w)])[.!]\s+|\n{2,}", text):
        items = [item.strip(" .,;") for item in _STEPS_APART.split(sentence.rpartition(": ")[2])]
        items = [
            re.sub(
                r"^(?:the\s+)?(?:steps|stages|boxes)\s+(?:are|is)\s+(?=[A-Z])", "", item, flags=re.IGNORECASE
            )
            for item in items
            if item
        ]
        named = sum(bool(_spans(item)) for item in items)
        if len(items) > 2 and 2 * named > len(items) and all(_is_one_thing(item) for item in items):
            found += [item for item in items if " " in item]
    return found


def _is_one_thing(item: str) -> bool:
    if not item[:1].isupper() or len(item.split()) > 6 or _NO_THING.search(item):
        return False
    names = _spans(item)
    return len(names) < 2 and all(start == 0 for start, _, _ in names)


_BEFORE_A_THING: Final = re.compile(
    r"\b(?:to|from|after|before|into|the|of|between|and|at|when|once)\s$", re.IGNORECASE
)


def _with_known(
    spans: list[tuple[int, int, str]], sentence: str, known: Iterable[str]
) -> list[tuple[int, int, str]]:
    """The names, and what is known by now and named again, in small letters too."""
    again = list[tuple[int, int, str]]()
    lowered = sentence.casefold()
    if len(lowered) != len(sentence):
        return spans
    for label in sorted(known, key=len, reverse=True):
        start = lowered.find(label.casefold())
        while start >= 0:
            end = start + len(label)
            whole = not re.match(r"\w", sentence[start - 1 : start]) and not re.match(
                r"[\w-]", sentence[end:]
            )
            same = sentence[start:end] == label or " " in label or _BEFORE_A_THING.search(sentence[:start])
            if whole and same and not any(a < end and start < b for a, b, _ in again):
                again.append((start, end, ""))
            start = lowered.find(label.casefold(), end)
    free = [
        span
        for span in spans
        if not any((a <= span[0] < b) or (span[0] < a < span[1] and not span[2]) for a, b, _ in again)
    ]
    kept = [span for span in again if not any(a <= span[0] < b for a, b, _ in free)]
    return sorted([*free, *kept])


def _spans(sentence: str) -> list[tuple[int, int, str]]:
    spans, position = list[tuple[int, int, str]](), 0
    while match := _MENTION.search(sentence, position):
        position = match.end()
        quote = match["double"] or match["curly"] or match["angled"] or match["single"]
        if quote or match["reference"]:
            spans.append((match.start(), match.end(), quote or match["reference"]))
            continue
        start = match.start()
        asked = re.compile(r"[^.,;:!?\"\n\u2192]{1,80}\?").match(sentence, start)
        first = match["name"].split()[0].lower()
        after_colon = sentence[:start].rstrip().endswith(":")
        if asked and (first not in _NO_NAMES or (first in _ASKING and (first != "in" or after_colon))):
            spans.append((start, asked.end(), asked[0]))
            position = asked.end()
            continue
        begins = not sentence[:start].strip() or sentence[:start].rstrip()[-1] in ".:!?("
        while start < match.end():
            word = re.compile(r"\S+\s*").match(sentence, start)
            assert word is not None
            bare = word[0].strip().lower().replace("\u2019", "'").rstrip(":")
            rest = sentence[word.end() :]
            if bare in {"main", "central", "core"}:
                no_name = bool(re.match(r"(?:topic|idea|theme|branch|node|subject)", rest)) and begins
            elif bare in _ROLES:
                no_name = (
                    bool(
                        re.match(
                            r"(?:asking|saying|called|named|labell?ed|with|are|that\s+(?:asks|says))?[:=]?\s*[\"\u201cA-Z]",
                            rest,
                        )
                    )
                    and begins
                )
            elif bare in _COMMANDS:
                no_name = bool(_GOVERNED.match(rest))
            elif bare in {"break", "split", "divide", "connect", "link", "join", "attach", "wire"} and begins:
                no_name = rest[:1].isupper()
            elif (len(bare) > 1 and word[0].strip().isupper()) or (
                word[0].strip() == "A" and _ALONE.match(rest)
            ):
                no_name = False
            else:
                no_name = bare in _NO_NAMES and (
                    (
                        begins
                        and not (
                            after_colon
                            and bare in {"on", "in", "at", "out", "over", "all"}
                            and rest[:1].isupper()
                        )
                    )
                    or bare[:2] in {"i", "i'"}
                    or bare in _NEVER
                )
            if not no_name:
                break
            start = min(word.end(), match.end())
        if start < match.end():
            spans.append((start, match.end(), ""))
    return spans


# "Inbound lead over …", "News lead and …": a verb's word that is a noun here.
_NOUN_HERE: Final = re.compile(
    r"(?:(?:heads|leads|reports|works|calls)\s+(?=(?:report|answer|manage|lead|have|are|go|come|sit|work)\b)|(?:lead|head|report|call|link|run|check|point|work|start|end|need|stand|flow)\s+(?:are|and|or|over|above|has|have|is|reports?|manages?|leads|under|below|in|at)\b)"
)
_GLUE: Final = re.compile(
    r"\b(?:over|above|under|below|to|into|from|at|by|with|on|of|in|off|up|out|down|back|then|also|and|or|go|goes|lead|move|directly|straight|right|the|an?|is|are|as|add|put|place|hang|both|all|it|next|first|last|one|not|no|ok|either|only|just|again|now|"
    r"connect|talk|feed|flow|point|join|merge|report|send|return|link|come|run|end|belong|work|answer|meet|live|stay|sit|depend|stand)\b"
)


def _whole(sentence: str, end: int, limit: int, *, named_next: bool) -> int:
    """Where the name ends that begins with a capital: "Send email" goes on in lower case, up to what is told of it."""
    stop = re.compile(r"[,.;:!?()\[\]\"\u201c\u201d\n]|\s[\u2013\u2014-]\s|[-=\u2192]+>|\u2192").search(
        sentence, end, limit
    )
    reached = named_next and stop is None
    words = sentence[end : stop.start() if stop else limit]
    told = next(
        (
            m
            for m in _GOES_ON.finditer(words)
            if (m.end() < len(words) or not _THING.fullmatch(m[0])) and not _NOUN_HERE.match(words, m.start())
        ),
        None,
    ) or (_VERB_AND_PLACE.search(words) if reached else None)
    if told is None and reached:
        # "Site manager over Inbound lead": what stands before a preposition, and is no verb, is of the name.
        placed = re.match(
            r"(?:\s+(?!\w+(?:s|ed)\s)[a-z][\w-]*){1,2}?(?=\s+(?:over|above|under|below|to|into|in|at|on|as|with|for|around|from|off|of)\s)",
            words,
        )
        of = re.match(
            r"\s+(?:in\s+chief|of\s+(?!(?:the|an?|our|my|each|its|this|that|all|them|it)\b)[a-z][\w-]+)",
            words,
        )
        return end + (of.end() if of else placed.end() if placed and not _GLUE.search(placed[0]) else 0)
    whole = words[: told.start()] if told else words
    return end + len(whole.rstrip())
