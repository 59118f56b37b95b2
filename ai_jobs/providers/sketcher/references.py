# ruff: noqa: E501  # a pattern stays on one line
"""Which objects on the canvas a phrase means: "the red boxes", "Welcome", "these", "the arrow from A to B"."""

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final

from ai_jobs.planning.errors import NothingMatches
from ai_jobs.providers.sketcher.graph import same_words
from ai_jobs.providers.sketcher.items import clean
from ai_jobs.providers.sketcher.vocabulary import COLOR, LIGHT, ORDINALS, SIZE, SIZES, color_of
from canvases.elements.board import Board, custom
from canvases.elements.palette import NAMED_COLORS, TRANSPARENT, look_for

_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "box": frozenset({"rectangle", "diamond", "ellipse"}),
    "node": frozenset({"rectangle", "diamond", "ellipse"}),
    "step": frozenset({"rectangle", "diamond", "ellipse"}),
    "card": frozenset({"rectangle"}),
    "rectangle": frozenset({"rectangle"}),
    "square": frozenset({"rectangle"}),
    "circle": frozenset({"ellipse"}),
    "ellipse": frozenset({"ellipse"}),
    "oval": frozenset({"ellipse"}),
    "bubble": frozenset({"ellipse"}),
    "diamond": frozenset({"diamond"}),
    "decision": frozenset({"diamond"}),
    "question": frozenset({"diamond"}),
    "arrow": frozenset({"arrow"}),
    "connector": frozenset({"arrow"}),
    "connection": frozenset({"arrow"}),
    "edge": frozenset({"arrow"}),
    "link": frozenset({"arrow"}),
    "line": frozenset({"arrow", "line"}),
    "text": frozenset({"text"}),
    "title": frozenset({"text"}),
    "heading": frozenset({"text"}),
    "note": frozenset({"text", "rectangle"}),
    "image": frozenset({"image"}),
    "picture": frozenset({"image"}),
    "star": frozenset({"star"}),
    "heart": frozenset({"heart"}),
    "hexagon": frozenset({"hexagon"}),
    "triangle": frozenset({"triangle"}),
    "pentagon": frozenset({"pentagon"}),
    "octagon": frozenset({"octagon"}),
    "shape": frozenset(
        {"rectangle", "diamond", "ellipse", "star", "heart", "hexagon", "triangle", "pentagon", "octagon"}
    ),
    "object": frozenset(),
    "element": frozenset(),
    "thing": frozenset(),
    "item": frozenset(),
}
_KIND: Final = rf"(?:{'|'.join(sorted((f'{word}(?:es|s)?' for word in _KINDS), key=len, reverse=True))})"
_EVERYTHING: Final = re.compile(
    r"(?:just\s+)?(?:everything|all|all of (?:it|them)|it all|the whole (?:thing|canvas|drawing|board)|"
    r"the (?:canvas|board|drawing|diagram)|(?:the\s+)?(?:entire|whole) \w+|every(?:thing)? (?:there|here))",
    re.IGNORECASE,
)
_CHOSEN: Final = re.compile(
    rf"(?:all\s+)?(?:(?:the|my)\s+)?(?:these|those|them|they|selection|selected(?:\s+(?:ones|{_KIND}))?|(?:these|those|the)\s+(?:two|three|four|five|both)(?:\s+(?:ones|{_KIND}))?|both(?:\s+of\s+(?:them|these|those))?|"
    rf"current selection|(?:these|those)\s+(?:\w+\s+)?(?:ones|{_KIND})|what(?:'s| is| I have)? selected)",
    re.IGNORECASE,
)
_ONE_CHOSEN: Final = re.compile(
    rf"(?:it|this|that|this\s+(?:one|{_KIND})|that\s+(?:one|{_KIND}))", re.IGNORECASE
)
_BY_KIND: Final = re.compile(
    rf"(?P<all>(?:all|every|each|any|both)\s+(?:of\s+)?)?(?:(?:the|my|those|these|our|other)\s+)*(?P<selected>selected\s+)?"
    rf"(?:(?P<place>{'|'.join(ORDINALS)}|left(?:most)?|right(?:most)?|top(?:most)?|bottom|upper|lower|biggest|largest|"
    rf"smallest|middle)\s+)?(?:(?P<size>{SIZE})\s+)?(?:(?P<color>{LIGHT}{COLOR})\s+)?(?:labell?ed\s+)?(?P<kind>{_KIND})",
    re.IGNORECASE,
)
_ENDS: Final = re.compile(
    rf"(?:(?:the|all|every|any)\s+)*(?:(?P<style>dashed|dotted|{COLOR})\s+)?(?:arrows?|lines?|connections?|connectors?|links?|edges?)\s+"
    r"(?:(?:going\s+|leading\s+|that\s+goes\s+|that\s+go\s+|running\s+)?(?P<way>from|between|to|into|out of|of|at)\s+)"
    r"(?P<first>.+?)(?:\s+(?:to|and|into)\s+(?P<second>.+))?",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    rf"(?:the\s+)?(?:{COLOR}\s+)?(?:{_KIND})\s+(?:called|named|labell?ed|titled|saying|that says|with(?: the)? (?:text|label|name))\s+(?P<name>.+)",
    re.IGNORECASE,
)
_EXCEPT: Final = re.compile(
    r"^(?P<what>.+?)\s*,?\s+(?:except(?:\s+for)?|but\s+(?:not|keep)|apart\s+from|other\s+than|besides|without)\s+(?P<but>.+)$",
    re.IGNORECASE,
)
# "the second one", "the red ones": a shape, as far as the words tell.
_ONE: Final = re.compile(
    rf"^(?P<which>(?:the\s+)?(?:{'|'.join(ORDINALS)}|leftmost|rightmost|topmost|bottom|biggest|largest|smallest|middle|{SIZE}|{LIGHT}{COLOR}))\s+one(?P<many>s?)$",
    re.IGNORECASE,
)
_CLOSE: Final = 0.78


class Surroundings:
    """The canvas as a phrase may speak of it."""

    def __init__(self, objects: Sequence[Mapping[str, Any]], selected: Iterable[str]) -> None:
        self.board = Board(objects, job_id=uuid.UUID(int=0), look=look_for("", ""), updated_ms=0)
        things = self.board.things()
        self.things = sorted(things, key=self._reading_order)
        self.selected = [name for name in self.things if name in set(selected)]
        for name in dict.fromkeys(selected):
            # A click inside a box may select its label.
            if name in self.board and name not in self.things:
                owner = self.board.get(name).get("containerId") or custom(self.board.get(name)).get("labelOf")
                if owner in self.things and owner not in self.selected:
                    self.selected.append(owner)
        self.labels = {name: same_words(self.board.label(name)) for name in self.things}
        self.parts = self._fields_of_entities()

    def _reading_order(self, name: str) -> tuple[float, float]:
        box = self.board.box(name)
        return round(box.center.y / 60), box.x

    def _fields_of_entities(self) -> set[str]:
        """Parts that a drawing's own machinery added: bars, lifelines, dots; a person does not mean them."""
        hidden = ("bar", "line", "dot", "stem", "axis", "fields", "page", "corner", "row", "arrow")
        return {
            name
            for name in self.things
            if str(custom(self.board.get(name)).get("key", "")).split(":")[0] in hidden
            and ":" in str(custom(self.board.get(name)).get("key", ""))
        }

    # -- finding ---------------------------------------------------------------------------------------

    def find(self, phrase: str) -> list[str]:
        """The objects that the phrase means, in reading order; raises `NothingMatches` when there are none."""
        phrase = phrase.strip(" \t\n,.;!?")
        found = self._find(_ONE.sub(r"\g<which> shape\g<many>", phrase))
        if not found:
            raise NothingMatches(self.missing(phrase))
        return found

    def find_one(self, phrase: str) -> str:
        """The one object that the phrase means; the first when it means several."""
        return self.find(phrase)[0]

    def knows(self, phrase: str) -> bool:
        """Whether the phrase means anything on the canvas."""
        try:
            return bool(self._find(phrase.strip(" \t\n,.;!?")))
        except NothingMatches:
            return False

    def missing(self, phrase: str) -> str:
        """The sentence for something that is not there: it names what is."""
        if not self.things:
            return "There is nothing on this canvas yet, so nothing was changed. Say what to draw first."
        return (
            f"I found no “{clean(phrase)[:60]}” on this canvas. {self.what_is_there()} Nothing was changed."
        )

    def what_is_there(self) -> str:
        """The labels on the canvas, or the kinds of its objects when they have none."""
        labels = [
            f"“{' '.join(self.board.label(name).split())[:40]}”" for name in self.things if self.labels[name]
        ]
        if not labels:
            kinds = sorted({self.kind(name) for name in self.things})
            return f"There are: {', '.join(f'{kind}s' for kind in kinds)}."
        more = f" and {len(labels) - 12} more" if len(labels) > 12 else ""
        return f"There are: {', '.join(labels[:12])}{more}."

    def kind(self, name: str) -> str:
        element = self.board.get(name)
        return (
            str(custom(element).get("shape") or element["type"])
            if element["type"] == "line"
            else str(element["type"])
        )

    def _find(self, phrase: str) -> list[str]:
        label = self.labelled(phrase)
        if label:
            return label
        but = _EXCEPT.match(phrase)
        if but:
            leave = set(self.find(but["but"]))
            return [name for name in self._find(but["what"]) if name not in leave]
        for pattern, look_up in _WAYS:
            if match := pattern.fullmatch(phrase):
                return look_up(self, match)
        parts = _split_names(phrase)
        if len(parts) > 1:
            return list(dict.fromkeys(name for part in parts for name in self.find(part)))
        return self.nearly_labelled(phrase)

    def labelled(self, phrase: str) -> list[str]:
        """Things with exactly these words, boxes before titles and arrows."""
        for wanted in _spellings(phrase):
            found = [name for name in self.things if self.labels[name] == wanted]
            boxes = [name for name in found if self.board.is_shape(name) and name not in self.parts]
            if boxes or found:
                return boxes[:1] or found[:1]
        return []

    def nearly_labelled(self, phrase: str) -> list[str]:
        """The one thing whose words hold the phrase, or are nearly the same."""
        for wanted in _spellings(phrase):
            if len(wanted) < 2:
                continue
            pattern = re.compile(rf"(?<!\w){re.escape(wanted)}(?!\w)")
            holding = [name for name in self.things if pattern.search(self.labels[name])]
            shapes = [name for name in holding if self.board.is_shape(name) and name not in self.parts]
            if len(shapes or holding) == 1:
                return shapes or holding
            if len(wanted) < 4:
                continue
            scored = sorted(
                (
                    (SequenceMatcher(None, wanted, self.labels[name]).ratio(), name)
                    for name in self.things
                    if self.labels[name] and abs(len(self.labels[name]) - len(wanted)) < 6
                ),
                reverse=True,
            )
            if scored and scored[0][0] >= _CLOSE:
                return [scored[0][1]]
        return []

    def boxes(self) -> list[str]:
        """What a drawing is made of: shapes but no titles, bars and the like."""
        return [
            name
            for name in self.things
            if self.board.is_shape(name) and name not in self.parts and self.kind(name) != "text"
        ]

    def everything(self, _: re.Match[str]) -> list[str]:
        return self.things

    def chosen(self, match: re.Match[str]) -> list[str]:
        if self.selected:
            return self.selected
        if "select" in match[0].lower():
            raise NothingMatches(
                "Nothing is selected. Select what you mean, or name it. " + self.what_is_there()
            )
        return self.boxes() or self.things

    def one_chosen(self, match: re.Match[str]) -> list[str]:
        if self.selected:
            return self.selected
        if len(self.boxes()) == 1:
            return self.boxes()
        if not self.things:
            return []
        raise NothingMatches(
            f"I cannot tell what “{match[0]}” means. Select it, or call it by its words. "
            f"{self.what_is_there()} Nothing was changed."
        )

    def by_kind(self, match: re.Match[str]) -> list[str]:
        kind = match["kind"].lower()
        singular = next(k for k in (kind, kind.removesuffix("es"), kind.removesuffix("s")) if k in _KINDS)
        wanted = _KINDS[singular]
        pool = [name for name in self.things if name not in self.parts]
        if singular in {"title", "heading"}:
            pool = [n for n in pool if custom(self.board.get(n)).get("key") == "title"] or pool
        found = [name for name in pool if not wanted or self.kind(name) in wanted]
        if singular == "square" or singular == "circle":
            even = [n for n in found if abs(self.board.box(n).width - self.board.box(n).height) < 2]
            found = even or found
        if match["color"]:
            found = [name for name in found if self.color(name) == color_of(match["color"])]
        if match["size"] and found:
            found = self._of_size(found, SIZES[match["size"].lower()])
        if match["place"]:
            return self._at(found, match["place"].lower())
        if match["selected"] or (self.selected and not match["all"]):
            chosen = [name for name in found if name in self.selected]
            if chosen or match["selected"]:
                return chosen
        if kind == singular and not match["all"] and len(found) > 1 and not match["color"]:
            if _named_last := self._last_mentioned(found):
                return _named_last
            raise NothingMatches(
                f"There are {len(found)} {kind}s; I cannot tell which one is meant. Select it, or call it by its "
                f"words. {self.what_is_there()} Nothing was changed."
            )
        return found

    @staticmethod
    def _last_mentioned(found: Sequence[str]) -> list[str]:
        return []

    def _of_size(self, found: Sequence[str], size: str) -> list[str]:
        areas = {name: self.board.box(name).width * self.board.box(name).height for name in found}
        middle = (min(areas.values()) + max(areas.values())) / 2
        if size == "large":
            return [name for name in found if areas[name] >= middle]
        return [name for name in found if areas[name] <= middle]

    def _at(self, found: Sequence[str], place: str) -> list[str]:
        if not found:
            return []
        if place in ORDINALS:
            number = ORDINALS[place]
            return [found[number]] if number < len(found) else []
        box = self.board.box
        best: Mapping[str, Callable[[str], float]] = {
            "left": lambda n: box(n).x,
            "right": lambda n: -box(n).right,
            "top": lambda n: box(n).y,
            "upper": lambda n: box(n).y,
            "bottom": lambda n: -box(n).bottom,
            "lower": lambda n: -box(n).bottom,
            "biggest": lambda n: -box(n).width * box(n).height,
            "largest": lambda n: -box(n).width * box(n).height,
            "smallest": lambda n: box(n).width * box(n).height,
        }
        if place == "middle":
            return [found[len(found) // 2]]
        return [min(found, key=best[place.removesuffix("most")])]

    def by_ends(self, match: re.Match[str]) -> list[str]:
        way, second = match["way"].lower(), match["second"]
        first_ids = set(self._ends_of(match["first"]))
        second_ids = set(self._ends_of(second)) if second else set()
        found = []
        for arrow in self.board.arrows():
            start, end = self.board.ends(arrow)
            straight = start in first_ids and (not second or end in second_ids)
            if way in {"to", "into"}:
                straight = end in first_ids
            either = way in {"between", "of", "at"} and (
                end in first_ids and (start in second_ids or not second)
            )
            if straight or either:
                found.append(arrow)
        if not found and second:
            raise NothingMatches(
                f"There is no arrow between “{clean(match['first'])}” and “{clean(second)}”. Nothing was changed."
            )
        return found

    def _ends_of(self, phrase: str) -> list[str]:
        return [end for name in self.find(phrase) for end in (name, self.board.holder(name))]

    def by_name(self, match: re.Match[str]) -> list[str]:
        return self.labelled(match["name"]) or self.nearly_labelled(match["name"])

    def color(self, name: str) -> str | None:
        """The colour word nearest to what a thing looks like."""
        element = self.board.get(name)
        fill, stroke = (
            str(element.get("backgroundColor") or TRANSPARENT),
            str(element.get("strokeColor") or ""),
        )
        by_fill = fill != TRANSPARENT and self.board.is_shape(name)
        best: tuple[float, str | None] = (90.0**2 * 3, None)
        for word, paint in NAMED_COLORS.items():
            candidates = (
                ((fill, paint.fill), (fill, paint.stroke))
                if by_fill
                else ((stroke, paint.stroke), (stroke, paint.text))
            )
            for own, other in candidates:
                distance = _distance(own, other)
                if distance is not None and distance < best[0]:
                    best = (distance, word)
        return best[1]


_WAYS: Final[tuple[tuple[re.Pattern[str], Callable[[Surroundings, re.Match[str]], list[str]]], ...]] = (
    (_EVERYTHING, Surroundings.everything),
    (_CHOSEN, Surroundings.chosen),
    (_ONE_CHOSEN, Surroundings.one_chosen),
    (_BY_KIND, Surroundings.by_kind),
    (_ENDS, Surroundings.by_ends),
    (_NAMED, Surroundings.by_name),
)


def _distance(first: str, second: str) -> float | None:
    if not re.fullmatch("#[0-9a-fA-F]{6}", first):
        return None
    return sum((int(first[i : i + 2], 16) - int(second[i : i + 2], 16)) ** 2 for i in (1, 3, 5))


def _spellings(phrase: str) -> list[str]:
    """The phrase as a label: as it is, without quotes, article, and a word such as "box" around it."""
    bare = clean(phrase)
    found = [same_words(phrase), same_words(bare)]
    without = re.sub(r"^(?:the|a|an|my|our)\s+", "", bare, flags=re.IGNORECASE)
    found.append(same_words(without))
    found.append(same_words(clean(re.sub(rf"\s+{_KIND}$", "", without, flags=re.IGNORECASE))))
    found.append(
        same_words(clean(re.sub(rf"^(?:{COLOR}\s+)?{_KIND}\s+(?=\S)", "", without, flags=re.IGNORECASE)))
    )
    return [words for words in dict.fromkeys(found) if words]


def _split_names(phrase: str) -> list[str]:
    parts = re.split(r"\s*,\s*(?:and\s+)?|\s+(?:and|&|plus|as well as|or)\s+", phrase)
    return [re.sub(r"^both\s+", "", part) for part in parts if part.strip()]
