"""Plain lists: one box an item, no arrows."""

import re
from typing import Final

from ai_jobs.planning.plan import Plan
from ai_jobs.providers.sketcher.arrows import ARROW
from ai_jobs.providers.sketcher.graph import Graph
from ai_jobs.providers.sketcher.items import is_numbered, split_items, strip_bullet
from ai_jobs.providers.sketcher.wording import Wording

# Words that make a row of items a story.
_STORY: Final = re.compile(
    r"\b(?:then|finally|after\s+that|afterwards|next|first\b.*\bthen)\b|\?|\.\s+if\s",
    re.IGNORECASE | re.DOTALL,
)


def _is_plain(body: str) -> bool:
    """Items under a heading that is no process: no numbers, no "then", nothing asked."""
    numbered = len(re.findall(r"(?:^|\s)\d{1,2}[.)]\s", body)) > 1
    route = re.match(r"\s*from\s+\S.*\sto\s", body, re.IGNORECASE)
    return not (numbered or route or _STORY.search(body)) and len(split_items(body)) > 1


def from_items(wording: Wording) -> Plan | None:
    """ "list: milk, eggs, bread", "Fruits: apple, pear", bullets, or "Payment system: draw its parts: API, ledger"."""
    if wording.names_a_flow or ARROW.search(wording.body):
        return None
    lines = [line for line in wording.body.split("\n") if line.strip()]
    bulleted = len(lines) > 1 and all(strip_bullet(line)[2] for line in lines)
    if bulleted and all(is_numbered(line) for line in lines) and not wording.names_a_list:
        return None  # numbered lines are steps
    headed = wording.has_header and not wording.tells_a_process and _is_plain(wording.body)
    if not (wording.names_a_list or bulleted or headed):
        return None
    items = split_items(wording.body)
    if not items or (len(items) == 1 and re.search(r"\b(?:then|if|first)\b", items[0], re.IGNORECASE)):
        return None
    if len(items) == 1 and not wording.has_header:
        return None
    graph = Graph(wording)
    for item in items:
        graph.new_node(item)
    return graph.plan("row" if wording.direction == "right" else "column")
