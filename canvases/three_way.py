"""What becomes of a job's edits when people went on editing while it worked; pure.

Three states meet: the canvas as the job read it (base), as it is now (theirs), and as the job wants it (ours). What
only one side changed is taken from that side, property group by property group. Where both changed the same, the
person wins, and the conflict is told.
"""

import copy
import uuid
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from canvases.elements.board import Board, owner_of
from canvases.elements.palette import look_for
from canvases.elements.quality import dangling_arrows

Element = Mapping[str, Any]
What = Literal["place", "colour", "line", "words", "shape", "details", "deleted", "edited"]

# Each property belongs to one group; one that is not listed stands for itself, as a detail.
_GROUPS: Final[Mapping[What, frozenset[str]]] = {
    "place": frozenset(
        {"x", "y", "width", "height", "angle", "points", "startBinding", "endBinding", "elbowed"}
    ),
    "colour": frozenset({"strokeColor", "backgroundColor", "fillStyle"}),
    "line": frozenset(
        {"strokeWidth", "strokeStyle", "roughness", "roundness", "opacity", "startArrowhead", "endArrowhead"}
    ),
    "words": frozenset(
        {"text", "originalText", "fontSize", "fontFamily", "textAlign", "verticalAlign"}
        | {"lineHeight", "autoResize"}
    ),
    "shape": frozenset({"type"}),
}
# Follow from other properties, or are the merge's own business.
_BOOKKEEPING: Final = frozenset(
    {"id", "version", "versionNonce", "updated", "index", "isDeleted", "seed", "boundElements", "lastCommittedPoint"}
)  # fmt: skip
_SENTENCES: Final[Mapping[What, str]] = {
    "place": "Somebody moved or resized {name} meanwhile; it stays there.",
    "colour": "Somebody recoloured {name} meanwhile; that colour stays.",
    "line": "Somebody changed the lines of {name} meanwhile; that stays.",
    "words": "Somebody rewrote {name} meanwhile; those words stay.",
    "shape": "Somebody changed the shape of {name} meanwhile; that stays.",
    "details": "Somebody changed {name} meanwhile; that stays.",
    "deleted": "Somebody deleted {name} meanwhile; it stays deleted.",
    "edited": "Somebody edited {name} meanwhile; it was not deleted.",
}


class Conflict(NamedTuple):
    """One wish of the job that gave way to a person's edit, and a sentence that says so."""

    object_id: str
    what: What
    error: str


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What is to be done to the canvas as it is now."""

    elements: tuple[dict[str, Any], ...]
    deleted_ids: tuple[str, ...]
    conflicts: tuple[Conflict, ...]


def merge_edits(
    *,
    base: Sequence[Element],
    theirs: Sequence[Element],
    ours: Sequence[Element],
    deleted_ids: Sequence[str],
    job_id: uuid.UUID,
    updated_ms: int,
) -> Merged:
    """The job's edits on top of what people did meanwhile; `base` and `theirs` are live elements.

    Elements come one version above those they replace. Labels stay with their boxes, and arrows that the merge would
    leave hanging are led anew; arrows of people that hang already are not touched.
    """
    merge = _Merge(base, theirs, job_id=job_id, updated_ms=updated_ms)
    kept = merge.keep_what_was_edited(deleted_ids)
    changed = [element for element in ours if str(element["id"]) in merge.base]
    for element in changed:
        merge.change(element)
    merge.add([element for element in ours if str(element["id"]) not in merge.base])
    merge.board.delete(name for name in deleted_ids if name not in kept)
    merge.repair(ours)
    elements, gone = merge.board.result()
    return Merged(elements=elements, deleted_ids=gone, conflicts=tuple(merge.conflicts.values()))


def same_content(first: Element, second: Element) -> bool:
    """Whether two states of an element show the same and hold the same labels and arrows.

    Where a label stands in its box and breaks its lines follows from the box, and browsers measure letters a little
    differently.
    """
    follows = _BOOKKEEPING
    if first["type"] == second["type"] == "text" and first.get("containerId"):
        follows |= {"x", "y", "width", "height", "text"}
    differing = {
        key for key in {*first, *second} - follows if (first.get(key) or None) != (second.get(key) or None)
    }
    return not differing and _bound(first) == _bound(second)


def moved_along(before: Element, now: Element) -> bool:
    """Whether nothing is new about an arrow between two things but its way, which follows from where they are."""
    follows = {key: now.get(key) for key in _derived(before)}
    return (
        before["type"] == "arrow"
        and ends_of(before) == ends_of(now)
        and same_content({**before, **follows}, now)
    )


def ends_of(element: Element) -> set[str]:
    """The ids of what an arrow runs between."""
    bindings = [element.get("startBinding"), element.get("endBinding")]
    return {str(binding["elementId"]) for binding in bindings if binding}


def _bound(element: Element) -> set[str]:
    return {str(entry["id"]) for entry in element.get("boundElements") or ()}


class _Merge:
    def __init__(
        self, base: Sequence[Element], theirs: Sequence[Element], *, job_id: uuid.UUID, updated_ms: int
    ) -> None:
        self.base = {str(element["id"]): element for element in base}
        self.theirs = {str(element["id"]): element for element in theirs}
        look = look_for("modern", "default")
        self.board = Board(theirs, job_id=job_id, look=look, updated_ms=updated_ms)
        self._before = Board(base, job_id=job_id, look=look, updated_ms=updated_ms)
        self.conflicts: dict[tuple[str, What], Conflict] = {}

    # -- deleting --------------------------------------------------------------------------------------------
    def keep_what_was_edited(self, deleted_ids: Sequence[str]) -> set[str]:
        """Which of these stay: those that people edited, and what belongs to them."""
        there = {name: None for name in deleted_ids if name in self.theirs}.keys()
        used = self._newly_used()
        edited = [name for name in there if name in used or self._was_edited(name)]
        for name in edited:
            self._tell(self._thing(name, self.theirs), "edited")
        kept, new = set(edited), set(edited)
        needed: set[str] = set()
        groups: set[str] = set()
        while new:
            for name in new:
                stays = self.theirs[name]
                if stays["type"] in {"arrow", "text"}:
                    needed |= _ends(stays)
                groups.update(_last_group(stays))
            new = {
                name
                for name in there - kept
                if name in needed
                or groups & set(_last_group(self.theirs[name]))
                or self._hangs_on(name, kept, there)
            }
            kept |= new
        return kept

    def _newly_used(self) -> set[str]:
        """What arrows and labels hang on that people have added, or led elsewhere."""
        return {
            end
            for name, element in self.theirs.items()
            if name not in self.base or _ends(element) != _ends(self.base[name])
            for end in _ends(element)
        }

    def _was_edited(self, name: str) -> bool:
        before, now = self.base.get(name), self.theirs[name]
        if before is None or _ends(before) != _ends(now):
            return True
        derived = _derived(before)
        return any(
            before.get(key) != now.get(key) for key in {*before, *now} - _BOOKKEEPING if key not in derived
        )

    def _hangs_on(self, name: str, kept: Set[str], deleted: Set[str]) -> bool:
        """Whether it labels what stays, or is an arrow between what stays."""
        element = self.theirs[name]
        if owner_of(element) in kept:
            return True
        ends = _ends(element)
        if element["type"] != "arrow" or not ends & kept:
            return False
        return all(end in self.theirs and (end in kept or end not in deleted) for end in ends)

    # -- changing --------------------------------------------------------------------------------------------
    def change(self, wanted: Element) -> None:
        """An element that was there: each group of its properties comes from the side that changed it."""
        name = str(wanted["id"])
        before, now = self.base[name], self.theirs.get(name)
        groups = _changed_groups(before, wanted)
        if now is None:
            if any(group != "place" or not _derived(before) for group, _ in groups):
                self._tell(self._thing(name, self.base), "deleted")
            return
        values: dict[str, Any] = {}
        for group, keys in groups:
            if all(before.get(key) == now.get(key) for key in keys):
                values |= {key: wanted[key] for key in keys if key in wanted}
            elif any(now.get(key) != wanted.get(key) for key in keys) and not (
                group == "place" and _derived(before)
            ):
                self._tell(self._thing(name, self.theirs), group)
        if self._is_ink_of_a_recoloured_box(before):
            values = {key: value for key, value in values.items() if key not in _GROUPS["colour"]}
        bound = self._bound(before, now, wanted)
        if bound != list(now.get("boundElements") or []):
            values["boundElements"] = bound
        if values:
            self.board.change(name, **copy.deepcopy(values))

    def _is_ink_of_a_recoloured_box(self, label: Element) -> bool:
        """The job chose a label's ink for the ground that it wanted; a person's ground may need another."""
        owner = owner_of(label)
        if owner is None or owner not in self.base or owner not in self.theirs:
            return False
        return any(self.base[owner].get(key) != self.theirs[owner].get(key) for key in _GROUPS["colour"])

    @staticmethod
    def _bound(before: Element, now: Element, wanted: Element) -> list[dict[str, Any]]:
        """What hangs on it now, and what the job hangs on it; what goes is taken off when it goes."""
        held = [dict(bound) for bound in now.get("boundElements") or ()]
        known = {bound["id"] for bound in [*held, *(before.get("boundElements") or ())]}
        return [
            *held,
            *(dict(bound) for bound in wanted.get("boundElements") or () if bound["id"] not in known),
        ]

    # -- adding ----------------------------------------------------------------------------------------------
    def add(self, new: Sequence[Element]) -> None:
        """The job's new elements, but for those that would hang on something that is gone."""
        left_out: set[str] = set()
        ids = {str(element["id"]) for element in new}
        labelled_anew = {
            owner_of(element) for name, element in self.theirs.items() if name not in self.base
        } - {None}
        for element in new:
            missing = [end for end in _ends(element) if end not in ids and end not in self.theirs]
            owner = owner_of(element)
            if missing or owner in left_out:
                left_out.add(str(element["id"]))
                for end in missing:
                    if end in self.base:
                        self._tell(self._thing(end, self.base), "deleted")
            elif owner in labelled_anew:
                left_out.add(str(element["id"]))
                self._tell(str(owner), "words")
        self.board.add(element for element in new if str(element["id"]) not in left_out)
        for element in self.board.all():
            bound = list(element.get("boundElements") or ())
            real = [entry for entry in bound if entry["id"] not in left_out]
            if len(real) != len(bound):
                self.board.change(str(element["id"]), boundElements=real)

    # -- repairing -------------------------------------------------------------------------------------------
    def repair(self, ours: Sequence[Element]) -> None:
        """Labels stand in their boxes again, and arrows end on theirs."""
        touched = {str(element["id"]) for element in ours if str(element["id"]) in self.board}
        owners = {owner_of(self.board.get(name)) for name in touched} | touched
        for name in sorted(owner for owner in owners if owner is not None and owner in self.board):
            label = self.board.label_id(name)
            if label is not None and {name, label} & touched and self._met_in({name, label}):
                self.board.settle_label(name)
        hung_before = set(dangling_arrows(list(self.theirs.values())))
        for arrow in dangling_arrows(self.board.all()):
            if arrow not in hung_before:
                self.board.lead_arrow(arrow)

    def _met_in(self, names: set[str]) -> bool:
        """Whether people changed one of these since the job read it."""
        return any(
            name in self.theirs and name in self.base and self.theirs[name] != self.base[name]
            for name in names
        )

    # -- telling ---------------------------------------------------------------------------------------------
    def _thing(self, name: str, side: Mapping[str, Element]) -> str:
        """What a person would point at: for a label its box or arrow."""
        owner = owner_of(side[name])
        return owner if owner is not None and owner in side else name

    def _tell(self, name: str, what: What) -> None:
        board = self.board if name in self.board else self._before
        self.conflicts.setdefault(
            (name, what), Conflict(name, what, _SENTENCES[what].format(name=board.title(name)))
        )


def _ends(element: Element) -> set[str]:
    """The ids that an element hangs on."""
    ends = ends_of(element)
    owner = owner_of(element)
    return ends | {owner} if owner else ends


def _last_group(element: Element) -> Sequence[str]:
    return (element.get("groupIds") or ())[-1:]


def _derived(element: Element) -> frozenset[str]:
    """Properties that follow from other elements: a label stands in its box, a bound arrow runs between two."""
    if element["type"] == "text" and element.get("containerId"):
        return frozenset({"x", "y"})
    if element["type"] == "arrow" and element.get("startBinding") and element.get("endBinding"):
        return frozenset({"x", "y", "width", "height", "points", "startBinding", "endBinding"})
    return frozenset()


def _changed_groups(before: Element, after: Element) -> Iterable[tuple[What, frozenset[str]]]:
    """The property groups that differ. The size of a text belongs to its words, not to its place."""
    sized = frozenset({"width", "height"}) if before["type"] == "text" else frozenset()
    groups = {
        **_GROUPS,
        "place": _GROUPS["place"] - sized,
        "words": _GROUPS["words"] | sized,
    }
    differing = {key for key in {*before, *after} - _BOOKKEEPING if before.get(key) != after.get(key)}
    for what, keys in groups.items():
        if differing & keys:
            yield what, keys
    for key in sorted(differing - frozenset().union(*groups.values())):
        yield "details", frozenset({key})
