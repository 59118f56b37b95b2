# ruff: noqa: E501  # lists of words
"""Misspelt names of kinds of drawings, corrected in the heading only: a person's own words stay as typed."""

import re
from collections.abc import Sequence
from typing import Final

from ai_jobs.providers.sketcher.vocabulary import NUMBER

_KNOWN: Final = (
    "model", "schema", "database",
    "flowchart", "workflow", "process", "diagram", "timeline", "roadmap", "kanban", "board", "wireframe", "mockup",
    "dashboard", "sequence", "mindmap", "orgchart", "organization", "organigram", "hierarchy", "quadrant", "quadrants",
    "matrix", "eisenhower", "entity", "relationship", "table", "circle", "circles", "square", "squares", "triangle",
    "triangles", "rectangle", "rectangles", "hexagon", "hexagons", "diamond", "diamonds", "heart", "hearts", "three",
    "analysis", "steps", "list", "checklist", "purple", "yellow", "orange", "green", "chart", "mind", "venn", "swot",
    "tree",
)  # fmt: skip
# Verbs and places of changes, for sentences that say nothing as they are typed.
CHANGE_WORDS: Final = (
    "change", "rename", "delete", "remove", "connect", "colour", "color", "paint", "align", "arrange", "distribute", "duplicate",
    "insert", "between", "above", "below", "under", "left", "right", "bigger", "smaller", "larger", "wider", "resize", "enlarge",
    "shrink", "double", "twice", "move", "swap", "switch", "replace", "label", "arrow", "arrows", "boxes", "everything", "purple",
    "yellow", "orange", "green", "dashed", "dotted", "column", "vertically", "horizontally", "disconnect", "after", "before",
    "light", "brown", "white", "black", "circle", "circles", "diamond", "triangle", "rectangle", "bottom", "make", "add", "draw", "put", "turn", "fill", "place", "copy", "should",
)  # fmt: skip
# Words with which a request begins.
_ASKING: Final = ("draw", "sketch", "create", "please", "could", "would", "show")
_SLIPS: Final = {
    "teh": "the",
    "hte": "the",
    "adn": "and",
    "nad": "and",
    "taht": "that",
    "thsi": "this",
    "tihs": "this",
}
_LONGEST_HEADING: Final = 14


# What is counted in a drawing: "three colums", "4 cirlces".
_COUNTED: Final = (
    "columns", "lanes", "circles", "squares", "boxes", "buttons", "rectangles", "triangles", "diamonds", "fields",
    "quadrants", "branches", "entities", "tables",
)  # fmt: skip


# "please :) Before: a": a smile is no colon, and ends what it follows.
_EMOTICON_FIRST: Final = re.compile(r"\s{0,3}(?<!\S)[:;=]-?[)DP(](?=\s+[A-Z])")
_EMOTICON: Final = re.compile(r"\s{0,3}(?<!\S)[:;=]-?[)DP(](?=\s|$|[.,!])")


def as_meant(text: str) -> str:
    """The text with one sort of quotes and without short hand, and what it counts spelt right ("three colums")."""
    text = re.sub(r"(?<![\w'])['\u2018]([^'\u2018\u2019\"\n]{2,80})['\u2019](?!\w)", r'"\1"', text)
    text = re.sub(r"^([^:\n>]{3,80}?)\s*=+>(?![^\0]*=>)\s*(?=[\w ]{1,40}:\s)", r"\1: ", text)
    text = re.sub(
        r"\b(?:what|how)\s+((?:our|my|the|an?)\s[^.?!,:\n]{3,60}?)\s+(?:could|should|might|would|will|may)\s+look(?:\s+like)?\b",
        r"\1",
        text,
    )
    text = _EMOTICON.sub("", _EMOTICON_FIRST.sub(".", text))
    text = re.sub(r"\b(?P<c>[Cc])ols\b(?=\s*:|\s+[A-Z\"])", r"\g<c>olumns", text)
    text = re.sub(r"(?<!\S)w/o\s", "without ", re.sub(r"(?<!\S)w/\s?(?!o\s)", "with ", text))

    def right(said: re.Match[str]) -> str:
        word = said["word"].lower()
        near = [
            known
            for known in _COUNTED
            if len(word) != len(known) or sorted(word) == sorted(known)
            if word != known and edits_between(word, known) == 1
        ]
        return said["count"] + near[0] if near and word not in _COUNTED else said[0]

    return re.sub(rf"\b(?P<count>{NUMBER}\s+)(?P<word>[a-z]{{4,11}}s)\b", right, text, flags=re.IGNORECASE)


# What people write short, as whole words.
_SHORT: Final = {
    "pls": "please", "plz": "please", "plse": "please", "shld": "should", "shud": "should", "cld": "could", "wld": "would", "u": "you",
    "em": "them", "'em": "them", "\u2019em": "them", "btwn": "between", "b/w": "between", "betw": "between", "w/": "with", "w/o": "without", "thru": "through",
    "tho": "though", "bc": "because", "cuz": "because", "coz": "because", "thx": "thanks", "bg": "background",
    "wanna": "want to", "gonna": "going to", "gotta": "have to", "lemme": "let me", "dont": "don't", "doesnt": "doesn't", "isnt": "isn't",
    "shouldnt": "shouldn't", "cant": "can't", "wont": "won't", "im": "I'm", "ive": "I've", "lets": "let's", "thats": "that's", "whats": "what's",
    "clr": "colour", "colr": "colour", "cols": "columns", "btm": "bottom", "rect": "rectangle", "rects": "rectangles",
    "rm": "remove", "rn": "rename", "del": "delete", "dup": "duplicate",
}  # fmt: skip


def in_full(text: str, *, but: str) -> str:
    """A request with one sort of quotes and without short hand, except for words that are a person's own (`but`)."""
    own = set(but.casefold().split())
    text = re.sub(r"(?<![\w'])['\u2018`]([^'\u2018\u2019`\"\n]{1,80})['\u2019`](?!\w)", r'"\1"', text)

    def written_out(said: re.Match[str]) -> str:
        word = said[0].casefold()
        named = word in own or (said[0] != word and said.start() > 0)
        return said[0] if named else _SHORT.get(word, said[0])

    parts = re.split(r"(\"[^\"]*\"|\u201c[^\u201d]*\u201d)", text)
    return "".join(
        part
        if number % 2
        else re.sub(
            r"(?<!\S)(?:w/o?(?=\s|\w)|b/w|['\u2019]?[A-Za-z&]+)(?=[\s,.;:!?]|$|(?<=/)\w)", written_out, part
        )
        for number, part in enumerate(parts)
    )


def corrected(text: str) -> str:
    """The text with the words of its heading replaced by those that they nearly are."""
    cut = re.search(r":(?=\s|$)|\n|->|→", text)
    head, rest = (text[: cut.start()], text[cut.start() :]) if cut else (text, "")
    words = re.split(r"(\W+)", head)
    if len(words) > 2 * _LONGEST_HEADING and not cut:
        head_words, tail = words[: 2 * _LONGEST_HEADING], words[2 * _LONGEST_HEADING :]
    else:
        head_words, tail = words, []
    if len(words) > 4 and words[0].islower():
        asked = [verb for verb in _ASKING if verb != words[0] and edits_between(words[0], verb) == 1]
        head_words[0] = asked[0] if asked and len(words[0]) > 3 else head_words[0]
    return "".join([*map(_nearest, head_words), *tail]) + rest


def nearest_words(text: str, known: Sequence[str], *, but: str) -> str:
    """The text with its misspelt words replaced by known ones, except those that are a person's own (`but`)."""
    own = set(re.findall(r"\w+", but.casefold()))
    words = re.split(r"(\W+)", text)
    return "".join(
        word if word.casefold() in own or (word[:1].isupper() and number) else _nearest(word, known)
        for number, word in enumerate(words)
    )


def _nearest(word: str, known_words: Sequence[str] = _KNOWN) -> str:
    lowered = word.lower()
    if lowered in {"mpa", "pma", "amp"}:
        return "map"
    if lowered in _SLIPS:
        return _SLIPS[lowered]
    if lowered == "ad" and "add" in known_words:
        return "add"
    if len(lowered) == 3 and lowered not in _SLIPS and "make" in known_words:
        return {
            "mak": "make",
            "mke": "make",
            "tow": "two",
            "adn": "and",
            "dlete": "delete",
            "mve": "move",
            "pit": "put",
        }.get(lowered, word)
    if len(lowered) < 4 or lowered in known_words or not lowered.isalpha():
        return word
    allowed = 1 if len(lowered) < 7 else 2
    # An edit changes the length by one at most and takes at most one letter away: few words need a closer look.
    letters = set(lowered)
    alike = [
        known
        for known in known_words
        if known[0] == lowered[0]
        and abs(len(known) - len(lowered)) <= allowed
        and len(letters.difference(known)) <= allowed
    ]
    if not alike:
        return word
    best = min(alike, key=lambda known: edits_between(lowered, known))
    return best if edits_between(lowered, best) <= allowed else word


def edits_between(first: str, second: str) -> int:
    """Edits that turn one word into the other; two neighbours exchanged are one edit."""
    rows = [list(range(len(second) + 1))]
    for i, a in enumerate(first, 1):
        row = [i]
        for j, b in enumerate(second, 1):
            cost = min(rows[-1][j] + 1, row[j - 1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and first[i - 2] == b:
                cost = min(cost, rows[-2][j - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]
