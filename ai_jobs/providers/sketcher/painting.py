"""Colours of single things, said after the drawing itself: "A -> B -> C, and make B red"."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from ai_jobs.planning.errors import NotUnderstood
from ai_jobs.planning.parts import Color
from ai_jobs.planning.plan import Plan
from ai_jobs.providers.sketcher.graph import same_words
from ai_jobs.providers.sketcher.items import clean
from ai_jobs.providers.sketcher.vocabulary import COLOR, LIGHT, color_of

# One space between words: runs of them would be tried in every way they can be shared out.
_PAINTED: Final = re.compile(
    rf"(?:[.;,]|(?<=\w)(?=\s))\s?(?:(?:oh|and|but|also|please|with|then) )*"
    r"(?:(?:make|colou?r(?! of )|paint|mark|highlight|fill|draw|have) )?"
    r"(?:the )?(?:colou?r of |(?:box|node|step|circle|card) )?"
    rf"(?:the )?(?P<what>(?<!in )(?!in {COLOR}\b)[^\s,.;:>]+(?: (?!in {COLOR}\b|make\b)[^\s,.;:>]+){{0,7}}?)"
    r"(?: (?:one|box|step|node|branch|part|card|circle))?"
    r" (?:(?:in|is|are|be|to|must|should|shall|has|have|needs|gets?|being|with|an?|the|colou?r|colou?red) )*"
    rf"(?P<color>{LIGHT}{COLOR})(?: colou?r(?:ed)?)?(?: (?:please|pls|thanks))?[\s.!]*$",
    re.IGNORECASE,
)
_LONGEST_ENDING: Final = 160


def painted(text: str, draw: Callable[[str], Plan]) -> Plan:
    """The plan of the text; where it ends by giving colours to things in it, they have them."""
    colors = dict[str, Color]()
    rest = text
    while match := _PAINTED.search(rest, max(len(rest) - _LONGEST_ENDING, 0)):
        if not match.start():
            break
        names = re.split(r"\s*(?:,|\band\b)\s*", match["what"])
        colors |= {same_words(clean(name)): color_of(match["color"]) for name in names}
        rest = rest[: match.start()]
    if colors:
        try:
            plan = _with_colors(draw(rest), colors)
        except NotUnderstood:
            plan = None
        if plan is not None:
            return plan
    return draw(text)


def _with_colors(plan: Plan, colors: Mapping[str, Color]) -> Plan | None:
    """The plan with the colours; None where it has no such things."""
    if not set(colors) <= {same_words(node.label) for node in plan.nodes}:
        return None
    nodes = (
        node.model_copy(update={"color": colors.get(same_words(node.label), node.color)})
        for node in plan.nodes
    )
    return plan.model_copy(update={"nodes": tuple(nodes)})
