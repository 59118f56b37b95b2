"""Splitting words into labels without tearing apart what belongs together."""

import re
from typing import Final

from ai_jobs.planning.parts import Color
from ai_jobs.providers.sketcher.vocabulary import COLOR, LIGHT, color_of

_OPENING: Final = {"(": ")", "[": "]", "{": "}", '"': '"', "“": "”", "«": "»"}
_BULLET: Final = re.compile(
    r"^(?P<indent>\s*)(?:(?P<number>\d{1,3}[a-h]?[.)]|\(\d{1,3}\)|[a-k]\)|step\s+\d{1,3}\s*[:.)-])|(?P<marks>-{1,6}|\*{1,6}|[•\u2013+▪◦‣]))\s+",
    re.I,
)
_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:etc|e\.g|i\.e|inc|ltd|co|no|vs|mr|mrs|dr|st|jr)|\.\.|\b[A-Z])\.$", re.IGNORECASE
)


def split_outside(text: str, separators: str) -> list[str]:
    """Splits at each character of `separators` that stands outside brackets and quotes.

    A comma between digits ("1,000") separates nothing.
    """
    parts: list[str] = []
    current = ""
    closing: list[str] = []
    for number, char in enumerate(text):
        if closing and char == closing[-1]:
            closing.pop()
        elif char in _OPENING and _OPENING[char] in text[number + 1 :]:
            closing.append(_OPENING[char])
        elif char in separators and not closing:
            before, after = text[number - 1 : number], text[number + 1 : number + 2]
            if not (char == "," and before.isdigit() and after.isdigit()):
                parts.append(current)
                current = ""
                continue
        current += char
    return [*parts, current]


def is_abbreviated(text: str) -> bool:
    """Whether the full stop at the end belongs to an abbreviation ("St.", "J. S.")."""
    return bool(_ABBREVIATION.search(text[-12:]))


def clean(text: str) -> str:
    """A label as it goes into a box: the words as typed, without the sentence's own punctuation."""
    text = re.sub(r"[ \t\n]+", " ", text).strip(" \t\n,;")
    text = re.sub(r"^(?:and|&)\s+(?=\S)", "", text) if re.match(r"^and\s", text) else text
    text = re.sub(r"(?<=\w)!{2,}$", "", text)
    if text.endswith(".") and not is_abbreviated(text):
        text = text[:-1].rstrip()
    for opening, close in (('"', '"'), ("“", "”"), ("«", "»"), ("'", "'"), ("\u2018", "\u2019"), ("`", "`")):
        if len(text) > 2 and text[0] == opening and text[-1] == close and opening not in text[1:-1]:
            text = text[1:-1].strip()
    return text[:500]


def split_items(text: str) -> list[str]:
    """The items of "a, b and c", of "a; b; c", or of lines; empty items are dropped."""
    text = text.strip()
    if "\n" in text:
        return [item for line in text.split("\n") if (item := clean(strip_bullet(line)[1]))]
    if ";" in text:
        return [item for part in split_outside(text, ";") if (item := clean(part))]
    if len(re.findall(r"(?:^|\s)\d{1,2}[.)]\s", text)) > 1:  # "1. boil 2. pour" on one line
        return [item for part in re.split(r"(?:^|\s)\d{1,2}[.)]\s+", text) if (item := clean(part))]
    parts = split_outside(text, ",")
    if len(parts) == 1:
        for separator in (r"\s+\|\s+", r"\s+/\s+", r"\s+•\s+"):
            if len(split := re.split(separator, text)) > 1:
                parts = split
                break
    last = parts.pop()
    joined = re.match(r"^\s*(?:and|&|or|plus|then)\s+(?=\S)", last, re.IGNORECASE)
    if joined:
        parts.append(last[joined.end() :])
    else:
        halves = re.split(r"\s+and\s+", last, maxsplit=1)
        parts += halves if _is_whole(halves[0]) else [last]
    return [item for part in parts if (item := clean(re.sub(r"^\s*then\s+", "", part)))]


def _is_whole(text: str) -> bool:
    """Whether no bracket and no quotation is left open."""
    return not text.count('"') % 2 and all(text.count(a) == text.count(b) for a, b in ("“”", "«»", "()"))


_WITH_COLOR: Final = re.compile(
    rf"(?P<words>.+?)(?:\s*\((?P<inside>{LIGHT}{COLOR})\)|\s+(?:(?:in|is)\s+)?(?P<after>{LIGHT}{COLOR}))",
    re.IGNORECASE,
)


def colored(item: str, *, in_brackets: bool = False) -> tuple[str, Color | None]:
    """ "Anna (pink)", and where no bracket is needed "Yes green", "Mow in yellow": the words and their colour."""
    match = _WITH_COLOR.fullmatch(item)
    if match is None or (in_brackets and not match["inside"]):
        return item, None
    return clean(match["words"]), color_of(match["inside"] or match["after"])


def strip_bullet(line: str) -> tuple[int, str, bool]:
    """Depth of a line (in columns), its text without bullet or number, and whether it had one."""
    match = _BULLET.match(line)
    if match:
        deeper = 2 * (len(match["marks"] or "-") - 1)  # "-- Shoes" hangs below "- Products"
        return len(match["indent"]) + deeper, line[match.end() :].strip(), True
    return len(line) - len(line.lstrip()), line.strip(), False


def is_numbered(line: str) -> bool:
    """Whether a line starts with its number."""
    match = _BULLET.match(line)
    return bool(match and match["number"])


def singular(words: str) -> str:
    """One of the things that the words name: "orders" is "order", in lower case."""
    if words.endswith("ies") and len(words) > 4:
        return f"{words[:-3]}y"
    if re.search(r"(?:ss|x|ch|sh)es$", words):
        return words[:-2]
    return words[:-1] if words.endswith("s") and not words.endswith("ss") else words
