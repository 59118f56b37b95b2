"""Words for colours, shapes, sizes and numbers that all families share."""

import re
from collections.abc import Mapping
from typing import Final

from ai_jobs.planning.parts import Color, Shape, Size

COLORS: Final[Mapping[str, Color]] = {
    "red": "red", "orange": "orange", "yellow": "yellow", "green": "green", "teal": "teal",
    "turquoise": "teal", "cyan": "cyan", "blue": "blue", "purple": "purple", "violet": "purple",
    "pink": "pink", "magenta": "pink", "brown": "brown", "grey": "grey", "gray": "grey", "black": "black",
    "white": "white", "gold": "yellow", "golden": "yellow", "crimson": "red", "scarlet": "red",
    "navy": "blue", "lime": "green", "beige": "brown", "silver": "grey", "lilac": "purple",
}  # fmt: skip
SHAPES: Final[Mapping[str, Shape]] = {
    "box": "rectangle", "rectangle": "rectangle", "square": "square", "circle": "circle", "ellipse": "ellipse",
    "oval": "ellipse", "bubble": "ellipse", "diamond": "diamond", "rhombus": "diamond", "star": "star",
    "heart": "heart", "hexagon": "hexagon", "triangle": "triangle", "pentagon": "pentagon",
    "octagon": "octagon",
}  # fmt: skip
SIZES: Final[Mapping[str, Size]] = {
    "tiny": "small", "small": "small", "little": "small", "medium": "medium", "normal": "medium",
    "smaller": "small", "bigger": "large", "larger": "large",
    "big": "large", "large": "large", "huge": "large", "giant": "large",
}  # fmt: skip
_NUMBERS: Final[Mapping[str, int]] = {
    "a": 1, "an": 1, "one": 1, "single": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "dozen": 12, "twenty": 20, "pair": 2,
    "twice": 2, "couple": 2,
}  # fmt: skip
ORDINALS: Final[Mapping[str, int]] = {
    "first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3, "fifth": 4,
    "5th": 4, "sixth": 5, "6th": 5, "last": -1,
}  # fmt: skip

LIGHT: Final = r"(?:(?:light|dark|bright|pale|deep|soft)[\s-]+)?"
COLOR: Final = rf"(?:{'|'.join(COLORS)})"
SIZE: Final = rf"(?:{'|'.join(SIZES)})"
SHAPE: Final = (
    rf"(?:{'|'.join(sorted((f'{word}(?:es|s)?' for word in SHAPES), key=len, reverse=True))}|rhombi)"
)
NUMBER: Final = rf"(?:\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"

# What people are told to do in the steps of a process.
STEP_VERB: Final = (
    r"(?:accept|add|administer|alert|apologi[sz]e|apply|approve|archive|ask|assign|attach|block|book|bring|buy|call|cancel|change|charge|check|clean|close|collect|"
    r"confirm|contact|continue|cook|copy|create|deliver|deny|discard|dispatch|do|document|escalate|examine|file|fill|find|fix|forward|get|give|go|grant|hand|hold|"
    r"inform|inspect|invite|issue|keep|label|leave|let|load|lock|log|mail|make|mark|message|move|notify|offer|open|order|pack|pay|phone|pick|place|"
    r"post|prepare|print|process|publish|put|quarantine|raise|rebook|record|redirect|redo|refer|refund|reject|release|remind|remove|repair|repeat|replace|reply|report|request|"
    r"reschedule|return|retry|return|review|rework|save|scan|schedule|sell|send|ship|show|sign|start|stay|stop|store|submit|take|tell|test|throw|try|turn|update|use|verify|wait|warn|wash|write)"
)


def color_of(word: str) -> Color:
    """The colour that a word for it means ("light blue" is blue)."""
    return COLORS[re.split(r"[\s-]+", word.strip().lower())[-1]]


def shape_of(word: str) -> Shape:
    """The shape that a word for it means, in singular or plural."""
    word = word.lower()
    for ending in ("", "es", "s"):
        if word.endswith(ending) and (stem := word[: len(word) - len(ending)]) in SHAPES:
            return SHAPES[stem]
    return "diamond"


def number_of(word: str) -> int:
    """The number that a word or its digits mean."""
    word = word.strip().lower()
    return int(word) if word.isdigit() else _NUMBERS[word]
