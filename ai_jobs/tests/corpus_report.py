"""What the sketcher understands, measured on the objects that it draws: `python -m ai_jobs.tests.corpus_report`."""

import itertools
import json
import math
import sys
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

from ai_jobs.planning.changes import carry_out
from ai_jobs.planning.drawing import arrange, draw
from ai_jobs.planning.errors import NothingMatches, PlanningError
from ai_jobs.providers.sketcher.provider import sketch
from ai_jobs.providers.sketcher.references import Surroundings
from canvases.elements.board import custom
from canvases.elements.quality import find_problems
from canvases.elements.validate import parse_element

_PARTS = {
    False: "written with the rules",
    True: "held out",
    "second": "held out, second part",
    "third": "held out, third part",
    "fourth": "held out, fourth part",
    "first set of strangers": "strangers, first set",
    "second set of strangers": "strangers, second set",
    "third set of strangers": "strangers, third set",
    "fourth set of strangers": "strangers, fourth set",
    "fifth set of strangers": "strangers, fifth set",
    "sixth set of strangers": "strangers, sixth set",
    "seventh set of strangers": "strangers, seventh set",
    "eighth set of strangers": "strangers, eighth set",
    "ninth set of strangers": "strangers, ninth set",
    "tenth set of strangers": "strangers, tenth set",
    "eleventh set of strangers": "strangers, eleventh set",
    "twelfth set of strangers": "strangers, twelfth set",
    "thirteenth set of strangers": "strangers, thirteenth set",
    "fourteenth set of strangers": "strangers, fourteenth set",
    "fifteenth set of strangers": "strangers, fifteenth set",
    "sixteenth set of strangers": "strangers, sixteenth set",
}
FOLDER = Path(__file__).parent
JOB, EARLIER = uuid.UUID(int=77), uuid.UUID(int=1)


def load():
    """Every case with its family; those of the first corpus are flowcharts and lists."""
    flows = json.loads((FOLDER / "corpus.json").read_text(encoding="utf-8"))
    others = [
        case
        for name in ("families", "later", "strangers")
        for case in json.loads((FOLDER / f"corpus_{name}.json").read_text(encoding="utf-8"))
    ]
    return [_flow_case(case) for case in flows] + others


def _flow_case(case):
    expect: dict[str, Any] = (
        {"refused": True} if case.get("refused") else {"labels": case["labels"], "arrows": case["arrows"]}
    )
    if not case.get("refused"):
        expect["arrow_count"] = len(case["arrows"])
        if case.get("color"):
            expect["colors"] = dict.fromkeys(case["labels"], case["color"])
    return {"family": "flowcharts and lists", "say": case["say"], "expect": expect}


def drawn(instruction, *, job_id=EARLIER, canvas=()):
    """The elements that an instruction draws on a canvas."""
    placed = arrange(sketch(instruction), style="modern", color_scheme="default")
    return list(draw(placed, job_id=job_id, canvas=canvas, near=(), updated_ms=1))


def carried_out(instruction, before, selected=()):
    """The canvas after an instruction, whether it draws or changes."""
    view = Surroundings(before, ())
    ids = [name for label in selected for name in view.find(label)]
    plan = sketch(instruction, objects=before, selected=ids)
    after = list(before)
    if plan.edits:
        changes = carry_out(
            plan.edits, before, job_id=JOB, style="modern", color_scheme="default", updated_ms=2
        )
        changed = {element["id"]: element for element in changes.elements}
        after = [changed.pop(e["id"], e) for e in before if e["id"] not in changes.deleted_ids]
        after += changed.values()
    if plan.nodes or plan.groups:
        placed = arrange(plan, style="modern", color_scheme="default")
        after += draw(placed, job_id=JOB, canvas=after, near=ids, updated_ms=2)
    return after


def failures(case):
    """What is wrong with the objects of a case, as sentences; nothing when all is as it should be."""
    expect = case["expect"]
    before = drawn(case["on"]) if "on" in case else []
    try:
        after = carried_out(case["say"], before, case.get("selected", ()))
    except PlanningError as error:
        if not expect.get("refused"):
            return [f"refused: {error.message}"]
        said = expect["refused"]
        return (
            []
            if said is True or said in error.message
            else [f"the refusal does not say {said!r}: {error.message}"]
        )
    if expect.get("refused"):
        return ["drawn, though there was nothing to understand"]
    wrong = [f"{problem.kind}" for problem in find_problems(after)]
    for element in after:
        parse_element(json.loads(json.dumps(element)))
    wrong += _versions(before, after)
    canvas = _Canvas(before, after)
    for check, value in expect.items():
        try:
            wrong += getattr(canvas, check)(value)
        except NothingMatches as missing:
            wrong.append(missing.message)
    return wrong


def _versions(before, after):
    old = {element["id"]: element for element in before}
    return [
        f"{element['type']} changed without a new version"
        for element in after
        if element["id"] in old
        and element != old[element["id"]]
        and (
            element["version"] != old[element["id"]]["version"] + 1
            or element["versionNonce"] == old[element["id"]]["versionNonce"]
        )
    ]


class _Canvas:
    """The checks that a case may name, each with what it expects."""

    def __init__(self, before, after):
        self.old, self.new = Surroundings(before, ()), Surroundings(after, ())
        self.before, self.after = before, after

    def _box(self, label, view=None):
        view = view or self.new
        found = view.labelled(label)
        return view.board.box(found[0]) if found else None

    def labels(self, wanted):
        texts = [e["originalText"] for e in self.after if e["type"] == "text"]
        said = {*texts, *(line for text in texts for line in text.split("\n"))}
        return [f"no {label!r}" for label in wanted if label not in said]

    def absent(self, unwanted):
        said = {e["originalText"] for e in self.after if e["type"] == "text"}
        return [f"{label!r} is there" for label in unwanted if label in said]

    def counts(self, wanted):
        kinds: Counter[str] = Counter()
        for name in self.new.things:
            if name not in self.new.parts:
                kinds[self.new.kind(name)] += 1
        return [f"{kinds[kind]} of {kind} and not {n}" for kind, n in wanted.items() if kinds[kind] != n]

    def arrows(self, wanted):
        wrong = []
        for source, target, *label in wanted:
            found = [
                self.new.board.label(arrow)
                for arrow in self.new.board.arrows()
                if [self._name(end) for end in self.new.board.ends(arrow)] == [source, target]
            ]
            if not found or (label and label[0] and label[0] not in found):
                wrong.append(f"no arrow {source} > {target} {label}")
        return wrong

    def _name(self, end):
        """The words of what an arrow ends on: an entity's or participant's heading for its other parts."""
        if end is None:
            return None
        key = str(custom(self.new.board.get(end)).get("key", "")).split(":")
        own = self.new.board.label(end)
        if key[0] in {"fields", "bar"} or (key[0] == "node" and not own):
            for element in self.after:
                if custom(element).get("key") in {f"node:{key[-1]}", f"node:{key[-1]}:outline"}:
                    return self.new.board.label(str(element["id"]))
        return own

    def arrow_count(self, wanted):
        found = len(self.new.board.arrows())
        return [] if found == wanted else [f"{found} arrows and not {wanted}"]

    def colors(self, wanted):
        wrong = []
        for what, color in wanted.items():
            names = self.new.labelled(what) or self.new.find(what)
            wrong += [f"{what} is {self.new.color(n)}" for n in names if self.new.color(n) != color]
        return wrong

    def color_counts(self, wanted):
        found: Counter[str | None] = Counter()
        for name in self.new.boxes():
            found[self.new.color(name)] += 1
        return [f"{found[color]} are {color} and not {n}" for color, n in wanted.items() if found[color] != n]

    def left_to_right(self, labels):
        return self._ordered(labels, lambda box: box.center.x)

    def top_to_bottom(self, labels):
        return self._ordered(labels, lambda box: box.center.y)

    def _ordered(self, labels, place):
        boxes = [self._box(label) for label in labels]
        if None in boxes:
            return [f"not all of {labels} are there"]
        places = [place(box) for box in boxes]
        return [] if all(a < b for a, b in itertools.pairwise(places)) else [f"{labels} are at {places}"]

    def level(self, labels):
        """In one row, or in one column: centres on one line, or a common edge."""
        boxes = [self._box(label) for label in labels]
        if None in boxes:
            return [f"not all of {labels} are there"]
        lines = zip(*((b.x, b.center.x, b.right, b.y, b.center.y, b.bottom) for b in boxes), strict=True)
        return [] if any(max(line) - min(line) < 1.5 for line in lines) else [f"{labels} are not aligned"]

    def inside(self, wanted):
        wrong = []
        for label, container in wanted.items():
            inner, outer = self._box(label), self._box(container)
            if inner is None or outer is None or not outer.holds(inner):
                wrong.append(f"{label} is not inside {container}")
        return wrong

    def sets(self, wanted):
        circles = {}
        for element in self.after:
            key = str(custom(element).get("key", ""))
            if key.startswith("name:"):
                circle = next(e for e in self.after if custom(e).get("key") == f"group:{key[5:]}")
                circles[element["originalText"]] = circle
        wrong = []
        for label, names in wanted.items():
            box = self._box(label)
            inside = {
                name
                for name, circle in circles.items()
                if box
                and math.dist(
                    box.center, (circle["x"] + circle["width"] / 2, circle["y"] + circle["height"] / 2)
                )
                < circle["width"] / 2
            }
            if inside != set(names):
                wrong.append(f"{label} is in {sorted(inside)}")
        return wrong

    def sizes(self, wanted):
        """How many times as wide and high a thing is as before."""
        wrong = []
        for label, (x, y) in wanted.items():
            old, new = self._box(label, self.old), self._box(label)
            if (
                not old
                or not new
                or abs(new.width / old.width - x) > 0.08
                or abs(new.height / old.height - y) > 0.08
            ):
                wrong.append(f"{label} has not {x} x {y} times its size")
        return wrong

    def unchanged(self, labels):
        return [
            f"{label} has changed"
            for label in labels
            if self.old.board.get(self.old.labelled(label)[0])
            != self.new.board.get(self.new.labelled(label)[0])
        ]

    def styles(self, wanted):
        wrong = []
        for what, values in wanted.items():
            for name in self.new.find(what):
                element = self.new.board.get(name)
                wrong += [
                    f"{what}: {k} is {element.get(k)}" for k, v in values.items() if element.get(k) != v
                ]
        return wrong


def main():
    """What failed, and the pass rate of each family and of the part written after the rules, are printed."""
    passed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for case in load():
        try:
            wrong = failures(case)
        except Exception as error:  # noqa: BLE001  # a crash is a failed case, and the report goes on
            wrong = [f"{type(error).__name__}: {error}"]
        part = _PARTS[case.get("held_out", False)]
        for row in (case["family"], part, "all"):
            total[row] += 1
            passed[row] += not wrong
        if wrong:
            sys.stdout.write(f"FAILED {case['family']}: {case['say']!r}\n       {'; '.join(wrong)[:300]}\n")
    for row in total:
        share = 100 * passed[row] / total[row]
        sys.stdout.write(f"{row:32} {passed[row]:4} of {total[row]:4}  {share:5.1f} %\n")


if __name__ == "__main__":
    main()
