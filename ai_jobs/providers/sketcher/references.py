# ruff: noqa: E501  # a pattern stays on one line
"""Which objects on the canvas a phrase means: "the red boxes", "Welcome", "these", "the arrow from A to B"."""

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, Final

from ai_jobs.planning.edits import Edit
from ai_jobs.planning.errors import NothingMatches
from ai_jobs.providers.sketcher.graph import JOINER, same_words
from ai_jobs.providers.sketcher.items import clean
from ai_jobs.providers.sketcher.spelling import edits_between
from ai_jobs.providers.sketcher.vocabulary import (
    COLOR,
    LIGHT,
    NUMBER,
    ORDINALS,
    SIZE,
    SIZES,
    color_of,
    number_of,
)
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
    **dict.fromkeys(
        ("topic", "name", "entry", "entrie", "stage", "phase", "task", "state"),
        frozenset({"rectangle", "diamond", "ellipse"}),
    ),
    "branch": frozenset({"rectangle", "diamond", "ellipse"}),
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
_PANELS: Final = frozenset(
    {"column", "list", "lane", "section", "quadrant", "panel", "frame", "group", "field"}
)
_KIND: Final = rf"(?:{'|'.join(sorted((*_PANELS, *(f'{word}s' for word in _PANELS), 'ones?', 'people', 'boxs', *(f'{word}(?:es|s)?' for word in _KINDS)), key=len, reverse=True))})"
_DET: Final = r"(?:(?:the|my|our|these|those|this|that|its|of|them|which)\s+)*"
_EVERYTHING: Final = re.compile(
    r"(?:just\s+)?(?:everything|all|all of (?:it|them)|it all|the (?:whole\s+)?lot|the whole (?:thing|canvas|drawing|board)|"
    r"the (?:canvas|board|drawing|diagram)|(?:the\s+)?(?:entire|whole) \w+|every(?:thing)? (?:there|here))",
    re.IGNORECASE,
)
_CHOSEN: Final = re.compile(
    rf"(?:all\s+(?:of\s+)?|both\s+(?:of\s+)?|each\s+(?:of\s+)?)?(?:(?:the|my)\s+)?(?:these|those|them|they|selection|selected(?:\s+(?:ones|{_KIND}))?|(?:these|those)\s+(?:two|three|four|five|both)(?:\s+(?:ones|{_KIND}))?|(?:two|three|four|five|both)|"
    rf"current selection|(?:these|those)\s+(?:\w+\s+)?(?:ones|{_KIND})|(?:what|whatever|everything|all|the\s+\w+)\s*(?:that\s+)?(?:(?:i|we)(?:['\u2019]ve|\s+have)?(?:\s+got|\s+just)?|is|are|['\u2019]s)?\s+(?:currently\s+|now\s+)?(?:selected|marked|picked|highlighted|chosen)|(?:this|that|the)\s+(?:row|column|flow|chain|process|line\s+of\s+{_KIND}))(?:\s+(?:all|both|two|three|four))?|both",
    re.IGNORECASE,
)
_ONE_CHOSEN: Final = re.compile(
    rf"(?:it|this|that|him|her|he|she|its|(?:this|that)\s+(?:one|{_KIND})|the\s+(?:copy|duplicate|clone|new\s+(?:one|{_KIND})))",
    re.IGNORECASE,
)
_PLACE: Final = (
    rf"(?:{'|'.join(ORDINALS)}|left(?:most)?|right(?:most)?|top(?:most)?|bottom|upper|lower|biggest|largest|smallest|"
    r"middle|cent(?:er|re|ral)|root|main|boss|head)"
)
_BY_KIND: Final = re.compile(
    rf"(?P<all>(?:all|every|each|any|both)\s+(?:of\s+)?)?{_DET}(?P<other>(?:other|remaining)\s+)?(?P<selected>selected\s+)?"
    rf"(?:(?P<place>{_PLACE})(?:\s+|$))?(?:(?P<count>{NUMBER})(?:\s+|$))?(?:(?P<size>{SIZE})(?:\s+|$))?(?:(?P<color>{LIGHT}{COLOR})(?:\s+|$))?(?:labell?ed\s+)?(?P<kind>{_KIND})?"
    r"(?:\s+(?:on|at|in|to)\s+the\s+(?:very\s+|far\s+)?(?P<at>left|right|top|bottom|middle|cent(?:er|re)|end|start|beginning)(?:\s+(?:side|edge))?)?",
    re.IGNORECASE,
)
_OTHERS: Final = re.compile(
    rf"(?!each\s+other$)(?:(?:all|each|every|both)\s+(?:of\s+)?)?(?:the\s+)?(?:(?:everything|everyone|everybody|all|anything)\s+else|others?|rest|remaining\s+(?:ones?|{_KIND})|other\s+(?:two|three|four|five|ones?|{_KIND}))(?:\s+of\s+(?:them|it|the\s+{_KIND}))?",
    re.IGNORECASE,
)
_IN_COLOR: Final = re.compile(
    rf"(?:(?:all|everything|anything|whatever|every|what|the|things?|that|which|this|those|of)\s+|(?:is|are|that['\u2019]?s|in)\s+)+(?P<color>{LIGHT}{COLOR})(?:\s+(?:things?|stuff))?",
    re.IGNORECASE,
)
_ENDS: Final = re.compile(
    rf"(?:(?:the|all|every|any|of)\s+)*(?:(?P<style>dashed|dotted|{COLOR})\s+)?(?:direct\s+)?(?:arrows?|lines?|connections?|connectors?|links?|edges?|ways?|paths?|routes?)\s+"
    r"(?:(?:(?:that\s+|which\s+)?(?:going|leading|goes|go|leads?|runs?|running|pointing|points?|back)\s+)*(?P<way>from|between|to|into|out of|of|at|before|in front of|entering|after|behind|leaving)\s+)?"
    r"(?P<first>.+?)(?:\s*(?:\s(?:to|and|into|with)|->|\u2192)\s+(?P<second>.+))?",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    rf"(?:the\s+)?(?:{COLOR}\s+)?(?:{_KIND})\s+(?:called|named|labell?ed|titled|saying|that says|that has|that contains|containing|with(?: the)? (?:text|label|name|words?)|with)\s+(?P<name>.+?)(?:\s+(?:in|on|inside)\s+(?:it|them))?",
    re.IGNORECASE,
)
_EXCEPT: Final = re.compile(
    r"^(?P<what>.+?)\s*,?\s+(?:except(?:\s+for)?|but\s+(?:not|keep)|but|apart\s+from|other\s+than|besides|without)\s+(?P<but>.+)$",
    re.IGNORECASE,
)
# "every card in Done", "the people who work for Maria": what lies on a panel, or what the arrows of a box lead to.
_WITHIN: Final = re.compile(
    r"^(?P<what>.+?)\s+(?:(?:that|which|who)\s+)?(?:(?:is|are|lies?|sits?|works?|reports?|belongs?|hangs?|comes?|stands?)\s+)?(?:directly\s+|currently\s+|now\s+)?"
    r"(?:in|inside|within|from|of|on|under|below|beneath|underneath|for|to|off)\s+(?P<of>.+)$",
    re.IGNORECASE,
)
_HAVING: Final = re.compile(
    rf"^(?P<what>.+?)\s*(?:\s(?:that|which|who)(?:\s+(?:is|are)|['\u2019]s)|\sin)\s+(?P<color>{LIGHT}{COLOR})$",
    re.IGNORECASE,
)
_LACKING: Final = re.compile(
    rf"^(?P<what>.+?)\s+(?:that|which|who)(?:\s+(?:is|are)(?:\s+not|n['\u2019]?t)|['\u2019]s\s+not)\s+(?:in\s+)?(?P<color>{LIGHT}{COLOR})$",
    re.IGNORECASE,
)
_BEYOND: Final = re.compile(
    r"(?:everything|anything|all|whatever|all\s+(?:the\s+)?(?:\w+))(?:\s+(?:that|which))?(?:\s+(?:comes?|follows?|is|are|stands?))?\s+(?P<way>after|behind|following|before)\s+(?P<of>.+)",
    re.IGNORECASE,
)
_CARDS_OF: Final = re.compile(
    r"(?:all\s+)?(?:the\s+)?(?P<of>.+?)\s+(?:cards|items|tasks|tickets|notes|entries|points)", re.IGNORECASE
)
_OF_IT: Final = re.compile(
    r"^(?P<of>.+?)(?:'s|\u2019s|s')\s+(?P<what>cards?|items?|children|branches|team|reports|people|boxes|entries|tasks|sub\w+)$",
    re.IGNORECASE,
)
_ANY: Final = re.compile(
    r"(?:all|everything|everyone|everybody|anything|whatever|what)|(?:(?:all|every|each|the|any|both)\s+(?:of\s+)?)*(?:the\s+)?(?:\w+\s+)?(?:cards?|items?|children|branches|team|reports|people|boxes|entries|tasks|tickets|things?|notes?|ones|stuff|steps|persons?|employees|members|topics|sub\w+|nodes)",
    re.IGNORECASE,
)
_SORT: Final = re.compile(
    rf"(?P<all>(?:(?:all|both|every|each)\s+(?:of\s+)?)?)(?:(?:the|our|my|these|those|{NUMBER})\s+)*(?P<word>[^\W\d]{{3,}})(?:\s+(?:ones|{_KIND}))?",
    re.IGNORECASE,
)
_PRONOUN: Final = re.compile(
    r"(?:it|its|that|this|them|they|these|those|he|she|him|her|both|all|everything|the|one|ones|rest|others?)",
    re.IGNORECASE,
)
# "the last", "the root": a place that names something by itself, as "the left" does not.
_ALONE: Final = frozenset({*ORDINALS, "middle", "center", "centre", "central", "root", "boss"})
# Words that a sentence is cut at, where they stand inside a name.
_SMALL_WORD: Final = re.compile(
    r"\s(?:in|on|to|of|at|by|for|from|with|and|or|up|out|off|into|as|is|between|after|before|under|over|not)\b|\s&\s"
)
_MOST_WORDS: Final = 16
_LONGEST_NAME: Final = 6
_MOST_READINGS: Final = 100


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
        # What the words before were about: "it" and "them" are these when nothing is selected.
        self.spoken: list[str] = []
        # Whether names may be nearly right; the remark before a change, which part of things it is about, and the names of what is not drawn yet.
        self.nearly = True
        self.remark = ""
        self.aspect = ""
        self.keys: dict[str, str] = {}
        # A sentence of many short parts can be divided in more ways than there is time for.
        self.patience = iter(range(_MOST_READINGS))
        # What clauses were read as, with what "it" was then: another division of the sentence has them again.
        self.read: dict[tuple[object, ...], Any] = {}
        self._near: dict[str, list[str]] = {}
        # What phrases mean, found once: a sentence is divided in many ways, and its phrases come back in each.
        self._found: dict[tuple[object, ...], list[str] | NothingMatches] = {}
        self._with_label: dict[str, list[str]] = {}
        for name, label in self.labels.items():
            self._with_label.setdefault(label, []).append(name)

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

    def is_fields(self, name: str) -> bool:
        """Whether it is the box that holds the fields of an entity, one in each line."""
        return str(custom(self.board.get(name)).get("key", "")).startswith("fields:")

    # -- finding ---------------------------------------------------------------------------------------

    def find(self, phrase: str) -> list[str]:
        """The objects that the phrase means, in reading order; raises `NothingMatches` when there are none."""
        phrase = _bare(phrase)
        found = self._find(phrase)
        if not found:
            raise NothingMatches(self.missing(phrase))
        return found

    def find_one(self, phrase: str) -> str:
        """The one object that the phrase means; the first when it means several."""
        return self.find(phrase)[0]

    def knows(self, phrase: str, *, nearly: bool = True) -> bool:
        """Whether the phrase means anything on the canvas; not `nearly`: by its exact words."""
        try:
            return bool(self._find(_bare(phrase), nearly=nearly))
        except NothingMatches:
            return False

    def mentioned(self, text: str) -> list[str]:
        """What a remark speaks of: the longest phrase that means something, else each label in it."""
        words = text.split()[:_MOST_WORDS]
        spans = sorted(
            ((a, b) for a in range(len(words)) for b in range(a + 1, len(words) + 1)),
            key=lambda span: (span[0] - span[1], span[0]),
        )
        for start, end in spans:
            phrase = " ".join(words[start:end])
            if (
                not _PRONOUN.fullmatch(_bare(phrase))
                and not _OTHERS.fullmatch(_bare(phrase))
                and self.knows(phrase, nearly=False)
            ):
                return self.find(phrase)
        return []

    def named_in(self, text: str) -> list[str]:
        """The things whose words stand in the text, in its order."""
        words = same_words(re.sub(r"[\"\u201c\u201d,;:.!?()]+", " ", text)).split()
        found: list[str] = []
        start = 0
        while start < len(words):
            ends = range(min(start + _LONGEST_NAME, len(words)), start, -1)
            end = next((end for end in ends if " ".join(words[start:end]) in self._with_label), None)
            if end:
                found += self.labelled(" ".join(words[start:end]))
            start = end or start + 1
        return found

    def speaks_of(self, text: str) -> bool:
        """Whether the words of a thing on the canvas stand in the text."""
        return bool(self.named_in(text))

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

    def _find(self, phrase: str, *, nearly: bool = True) -> list[str]:
        nearly = nearly and self.nearly
        key = (phrase, nearly, *self.spoken)
        if key not in self._found:
            try:
                self._found[key] = self._look_for(phrase, nearly=nearly)
            except NothingMatches as error:
                self._found[key] = error
        found = self._found[key]
        if isinstance(found, NothingMatches):
            raise found
        return list(found)

    def _look_for(self, phrase: str, *, nearly: bool) -> list[str]:
        label = self.labelled(phrase)
        if label and self.board.is_ground(label[0]) and (cards := _CARDS_OF.fullmatch(phrase)):
            return self.below(label[0]) if self.labelled(cards["of"]) else label
        if label or (label := self._called_like_a_kind(phrase)):
            return label
        but = _EXCEPT.match(phrase)
        if but and self.knows(but["but"], nearly=nearly):
            leave = set(self.find(but["but"]))
            return [name for name in self._find(but["what"], nearly=nearly) if name not in leave]
        for pattern, look_up in _WAYS:
            if (match := pattern.fullmatch(phrase)) and (found := look_up(self, match)):
                return found
        first, *others = _split_names(phrase) or [phrase]
        parts = [first, *(re.sub(r"\bit\b", first, part) for part in others)]
        if len(parts) > 1 and all(self.knows(part, nearly=nearly) for part in parts):
            return list(dict.fromkeys(name for part in parts for name in self._find(part, nearly=nearly)))
        return self._kindred(phrase) or (self.nearly_labelled(phrase) if nearly else [])

    def _called_like_a_kind(self, phrase: str) -> list[str]:
        """ "items" where one box says "items (id)": a name on the canvas wins over the word for all objects."""
        word = same_words(phrase)
        if not re.fullmatch(_KIND, word) or word in {"ones", "people"}:
            return []
        named = re.compile(rf"{re.escape(word)}(?!\w)")
        found = [name for name, label in self.labels.items() if named.match(label) and name not in self.parts]
        return found if len(found) == 1 and self.board.is_shape(found[0]) else []

    def _kindred(self, phrase: str) -> list[str]:
        """ "the wards", "every pier": all the boxes whose words have that one among them."""
        match = _SORT.fullmatch(phrase)
        if not match or not (match["all"] or match["word"].endswith("s")):
            return []
        word = same_words(match["word"])
        forms = {word, word.removesuffix("s"), word.removesuffix("es"), f"{word}s"}
        found = [name for name in self.boxes() if forms & set(self.labels[name].split())]
        return found if len(found) > 1 else []

    def is_event(self, name: str) -> bool:
        """Whether it stands on a timeline, held by a dot."""
        drawn = custom(self.board.get(name))
        kind, _, key = str(drawn.get("key", "")).partition(":")
        return kind == "node" and any(
            custom(other).get("key") == f"dot:{key}" and custom(other).get("jobId") == drawn.get("jobId")
            for other in self.board.all()
        )

    def with_names_joined(self, text: str) -> str:
        """The text with the small words in names no longer standing alone: "Log in" is one word in it."""
        names = {label for label in self.labels.values() if _SMALL_WORD.search(label)}
        for label in sorted(names, key=len, reverse=True):
            said = r"\s+".join(map(re.escape, label.split()))
            text = re.sub(
                rf"(?<![\w\"\u201c]){said}(?![\w\"\u201d])",
                lambda name: re.sub(r"\s+", JOINER, name[0]),
                text,
                flags=re.IGNORECASE,
            )
        return text

    def with_names_parted(self, edit: Edit) -> Edit:
        """The edit as if no name had been joined."""
        said: dict[str, Any] = {
            field: words.replace(JOINER, " ")
            for field in ("label", "key", "source", "target", "after", "before", "anchor", "first", "second")
            if isinstance(words := getattr(edit, field, None), str) and JOINER in words
        }
        if targets := getattr(edit, "targets", None):
            said["targets"] = tuple(name.replace(JOINER, " ") for name in targets)
        return edit.model_copy(update=said) if said else edit

    def labelled(self, phrase: str) -> list[str]:
        """Things with exactly these words, boxes before titles and arrows."""
        for wanted in _spellings(phrase):
            found = self._with_label.get(wanted, [])
            boxes = [name for name in found if self.board.is_shape(name) and name not in self.parts]
            if boxes or found:
                return boxes[:1] or found[:1]
        return []

    def nearly_labelled(self, phrase: str) -> list[str]:
        """The one thing whose words hold the phrase, or are nearly the same."""
        if phrase not in self._near:
            self._near[phrase] = self._nearly(phrase)
        return self._near[phrase]

    def _nearly(self, phrase: str) -> list[str]:
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
            allowed = 1 if len(wanted) < 7 else 2
            near = [
                (distance, name)
                for name in self.things
                if (label := self.labels[name]) and abs(len(label) - len(wanted)) <= allowed
                if not _told_apart(wanted, label)
                if (distance := edits_between(wanted, label)) <= allowed
            ]
            if near:
                return [min(near)[1]]
        stem = _stem(phrase)
        alike = [name for name in self.boxes() if len(stem) > 2 and _stem(self.labels[name]) == stem]
        return alike if len(alike) == 1 else []

    def boxes(self) -> list[str]:
        """What a drawing is made of: shapes but no titles, bars and the like; panels where there is nothing else."""
        return list(self._boxes)

    @cached_property
    def _boxes(self) -> list[str]:
        shapes = [
            name
            for name in self.things
            if self.board.is_shape(name) and name not in self.parts and self.kind(name) != "text"
        ]
        return [name for name in shapes if not self.board.is_ground(name)] or shapes

    @cached_property
    def ends(self) -> dict[str, tuple[str | None, str | None]]:
        """For each arrow the ids that it leads from and to."""
        return {arrow: self.board.ends(arrow) for arrow in self.board.arrows()}

    def panels(self) -> list[str]:
        return [name for name in self.things if self.board.is_ground(name)]

    def below(self, name: str) -> list[str]:
        """What lies on a panel, or what the arrows of a box lead to."""
        if self.board.is_ground(name):
            panel = self.board.box(name).grown(1)
            return [box for box in self.boxes() if box != name and panel.holds(self.board.box(box))]
        ends = self.ends.values()
        targets = {end for start, end in ends if start == self.board.holder(name)}
        return [box for box in self.boxes() if self.board.holder(box) in targets]

    def roots(self) -> list[str]:
        """Boxes that arrows leave and to which none leads."""
        ends = self.ends.values()
        starts, reached = {start for start, _ in ends}, {end for _, end in ends}
        return [n for n in self.boxes() if self.board.holder(n) in starts - reached]

    def in_tree(self, name: str) -> bool:
        """Whether a box belongs to a mind map or an organization chart: arrows without words that branch, one to each box."""
        ends = self.ends.values()
        if not any(name in pair for pair in ends) or any(map(self.board.label, self.ends)):
            return False
        starts, targets = [start for start, _ in ends], [end for _, end in ends]
        branches = any(starts.count(start) > 1 for start in starts)
        return (
            branches and len(targets) == len(set(targets)) and "diamond" not in map(self.kind, self.boxes())
        )

    def hangs_down(self, name: str) -> bool:
        """Whether the boxes below it in a tree stand lower, as in an organization chart, and not to its sides."""
        children = self.below(name)
        return bool(children) and all(
            self.board.box(child).y >= self.board.box(name).bottom for child in children
        )

    def branch(self, name: str) -> list[str]:
        """What hangs on a topic of a mind map, however deep; nothing elsewhere."""
        if not self.in_tree(name) or self.hangs_down(name) or any(map(self.hangs_down, self.roots())):
            return []
        if any(self.board.get(arrow).get("endArrowhead") for arrow in self.ends):
            return []
        found = self.below(name)
        for topic in found:
            found += [inner for inner in self.below(topic) if inner not in found and inner != name]
        return found

    def within(self, match: re.Match[str]) -> list[str]:
        if not _ANY.fullmatch(match["what"]) or not self.knows(match["of"]):
            return []
        inner = dict.fromkeys(name for one in self.find(match["of"]) for name in self.below(one))
        kinds = _BY_KIND.fullmatch(match["what"])
        some = set(self._of_kind(kinds)) if kinds and kinds["kind"] else set(inner)
        return [name for name in inner if name in some] or list(inner)

    def beyond(self, match: re.Match[str]) -> list[str]:
        """What the arrows lead to from a box on, or what leads to it; in a row what stands after or before it."""
        of = self.find_one(match["of"])
        back = match["way"].lower() == "before"
        ends = self.ends.values()
        if not ends:
            row = self.boxes()
            at = row.index(of) if of in row else 0
            return row[:at] if back else row[at + 1 :]
        found = {of: None}
        waiting = [of]
        while waiting:
            one = waiting.pop()
            ways = [(end, start) if back else (start, end) for start, end in ends]
            new = [b for a, b in ways if a == one and b and b not in found]
            found |= dict.fromkeys(new)
            waiting += new
        return [name for name in self.boxes() if name in found and name != of]

    def having(self, match: re.Match[str]) -> list[str]:
        color = color_of(match["color"])
        return [name for name in self._find(match["what"]) if self.color(name) == color]

    def lacking(self, match: re.Match[str]) -> list[str]:
        color = color_of(match["color"])
        return [
            name for name in self._find(match["what"]) if name in self.boxes() and self.color(name) != color
        ]

    def in_color(self, match: re.Match[str]) -> list[str]:
        pool = self.boxes() if match[0].lower().startswith(("that ", "this ", "the ")) else self.things
        found = [name for name in pool if self.color(name) == color_of(match["color"])]
        return [name for name in found if name not in self.parts]

    def others(self, _: re.Match[str]) -> list[str]:
        named = self.spoken or self.selected
        return [name for name in self.boxes() if name not in named]

    def everything(self, _: re.Match[str]) -> list[str]:
        return self.things

    def chosen(self, match: re.Match[str]) -> list[str]:
        if self.selected:
            return self.selected
        if "select" in match[0].lower():
            raise NothingMatches(
                "Nothing is selected. Select what you mean, or name it. " + self.what_is_there()
            )
        if match[0].lower().endswith("column") and self.panels():
            return []
        return self.spoken or self.boxes() or self.things

    def one_chosen(self, match: re.Match[str]) -> list[str]:
        if self.spoken and (not self.selected or "copy" in match[0].lower()):
            return self.spoken
        if self.selected:
            return self.selected
        if (kind := _BY_KIND.fullmatch(match[0])) and kind["kind"] and len(found := self._of_kind(kind)) == 1:
            return found
        if len(self.boxes()) == 1:
            return self.boxes()
        if not self.things:
            return []
        raise NothingMatches(
            f"I cannot tell what “{match[0]}” means. Select it, or call it by its words. "
            f"{self.what_is_there()} Nothing was changed."
        )

    def by_kind(self, match: re.Match[str]) -> list[str]:
        kind = (match["kind"] or "").lower()
        place = (match["place"] or match["at"] or "").lower()
        if not kind and not (place in _ALONE and re.match("the\\s", match[0], re.IGNORECASE)):
            return []
        found = self._of_kind(match)
        if not kind and self.spoken and set(self.spoken) <= set(self.ends):
            found = list(self.ends)  # "…, the second marked x": of the arrows that were just drawn
        count = number_of(match["count"]) if match["count"] else 0
        if place and count > 1:
            return found[-count:] if place in {"last", "right", "bottom", "end"} else found[:count]
        if re.match(r"(?:every|each)\s", match["all"] or "", re.IGNORECASE) and ORDINALS.get(place, 0) > 0:
            return found[ORDINALS[place] :: ORDINALS[place] + 1]  # "every second box"
        if place:
            return self._at(found, place)
        if match["selected"] or (self.selected and not match["all"]):
            chosen = [name for name in found if name in self.selected]
            if chosen or match["selected"]:
                return chosen
        if match["other"]:
            return [name for name in found if name not in (self.spoken or self.selected)]
        many = kind in {"people", "ones"} or _singular(kind) != kind
        if kind == "box" and len(square := [name for name in found if self.kind(name) == "rectangle"]) == 1:
            return square
        if not many and not match["all"] and len(found) > 1 and not match["color"]:
            if len(named := [name for name in found if name in self.spoken]) == 1:
                return named
            raise NothingMatches(
                f"There are {len(found)} {kind}s; I cannot tell which one is meant. Select it, or call it by its "
                f"words. {self.what_is_there()} Nothing was changed."
            )
        if count > 1 and len(found) != count and not match["color"]:
            return []
        return found

    def _of_kind(self, match: re.Match[str]) -> list[str]:
        singular = _singular((match["kind"] or "one").lower())
        pool = [name for name in self.things if name not in self.parts]
        if singular in {"title", "heading"}:
            pool = [n for n in pool if custom(self.board.get(n)).get("key") == "title"] or pool
        if singular in _PANELS:
            found = self.panels()
        else:
            wanted = _KINDS["shape" if singular in {"one", "people"} else singular]
            found = [name for name in pool if not wanted or self.kind(name) in wanted]
            found = [name for name in found if not self.board.is_ground(name)] or found
        if singular in {"square", "circle"}:
            even = [n for n in found if abs(self.board.box(n).width - self.board.box(n).height) < 2]
            found = even or found
        if match["color"]:
            found = [name for name in found if self.color(name) == color_of(match["color"])]
        if match["size"] and found:
            found = self._of_size(found, SIZES[match["size"].lower()])
        return found

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
        if place in {"middle", "center", "centre", "central", "root", "main", "boss"}:
            roots = [name for name in self.roots() if name in found]
            return roots if len(roots) == 1 else [found[len(found) // 2]]
        if place in {"end", "start", "beginning"}:
            return [found[-1 if place == "end" else 0]]
        return [min(found, key=best[place.removesuffix("most")])]

    def by_ends(self, match: re.Match[str]) -> list[str]:
        way, second = (match["way"] or "").lower(), match["second"]
        if not second and way in {"", "between"}:
            return []
        first_ids = set(self._ends_of(match["first"]))
        second_ids = set(self._ends_of(second)) if second else set()
        found = []
        for arrow, (start, end) in self.ends.items():
            straight = start in first_ids and (not second or end in second_ids)
            if way in {"to", "into", "before", "in front of", "entering"}:
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
    (_OTHERS, Surroundings.others),
    (_BY_KIND, Surroundings.by_kind),
    (_IN_COLOR, Surroundings.in_color),
    (_LACKING, Surroundings.lacking),
    (_HAVING, Surroundings.having),
    (_ENDS, Surroundings.by_ends),
    (_NAMED, Surroundings.by_name),
    (_BEYOND, Surroundings.beyond),
    (_WITHIN, Surroundings.within),
    (_OF_IT, Surroundings.within),
)


def _bare(phrase: str) -> str:
    return phrase.strip(" \t\n,.;:!?\u2013\u2014-")


def _told_apart(first: str, second: str) -> bool:
    """Whether a number or a short word tells the two apart: "Ward C" is no misspelt "Ward A"."""
    if re.findall(r"\d", first) != re.findall(r"\d", second):
        return True
    pairs = zip(first.split(), second.split(), strict=False)
    return any(a != b and min(len(a), len(b)) < 3 for a, b in pairs)


def _stem(words: str) -> str:
    """A verb without its ending: "frying", "fried" and "the Fry" are one."""
    word = same_words(re.sub(r"^(?:the|a|an)\s+", "", words, flags=re.IGNORECASE))
    stem = re.sub(r"(?:ing|ed|es|s|e)$", "", word)
    return re.sub(r"([^aeiou\W])\1$", r"\1", re.sub(r"(?:i|y)$", "y", stem))


def _singular(kind: str) -> str:
    known = (*_KINDS, *_PANELS, "one", "people")
    return next((k for k in (kind, kind.removesuffix("es"), kind.removesuffix("s")) if k in known), kind)


def _distance(first: str, second: str) -> float | None:
    if not re.fullmatch("#[0-9a-fA-F]{6}", first):
        return None
    return sum((int(first[i : i + 2], 16) - int(second[i : i + 2], 16)) ** 2 for i in (1, 3, 5))


@lru_cache(maxsize=4096)
def _spellings(phrase: str) -> tuple[str, ...]:
    """The phrase as a label: as it is, without quotes, article, and a word such as "box" around it."""
    bare = clean(phrase)
    found = [same_words(phrase), same_words(bare)]
    without = re.sub(r"^(?:the|a|an|my|our)\s+", "", bare, flags=re.IGNORECASE)
    found.append(same_words(without))
    found.append(
        same_words(
            clean(
                re.sub(
                    rf"\s+(?:{_KIND}|button|link|tab|input|placeholder|checkbox|menu)$",
                    "",
                    without,
                    flags=re.IGNORECASE,
                )
            )
        )
    )
    found.append(
        same_words(
            clean(
                re.sub(
                    rf"^(?:{COLOR}\s+)?(?:{_KIND}|label|word|name|caption)\s+(?=\S)",
                    "",
                    without,
                    flags=re.IGNORECASE,
                )
            )
        )
    )
    found += [same_words(f"{without}s"), same_words(f"{bare}?"), same_words(f"{without}?")]
    return tuple(words for words in dict.fromkeys(found) if words)


@lru_cache(maxsize=4096)
def _split_names(phrase: str) -> list[str]:
    parts = re.split(r"\s*,\s*(?:and\s+)?|\s+(?:\+|and|&|plus|as well as|or)\s+", phrase)
    return [re.sub(r"^(?:both|either)\s+", "", part) for part in parts if part.strip()]
