"""Kinds of drawings that are not drawn here, and what to ask for instead."""

import re
from typing import Final

from ai_jobs.planning.errors import NotUnderstood
from ai_jobs.planning.plan import Plan
from ai_jobs.providers.sketcher.heading import headed

_AMOUNTS: Final = re.compile(
    r"(?:(?:stacked\s+|grouped\s+)?(?:pie|bar|line|column|area|bubble|radar|spider\s+web|donut|doughnut|candlestick|waterfall)[\s-]?(?:charts?|graphs?)|histograms?|scatter[\s-]?(?:plots?|charts?|graphs?)|box[\s-]?plots?|heat[\s-]?maps?|sankey(?:[\s-](?:diagram|chart))?|word[\s-]clouds?)\b",
    re.IGNORECASE,
)
_GANTT: Final = re.compile(r"gantt(?:[\s-]?(?:charts?|diagrams?|plans?))?\b", re.IGNORECASE)


def parse(text: str) -> Plan | None:
    """Refuses with what can be drawn of the same things; None when the words name no such kind."""
    if found := headed(text, _AMOUNTS):
        raise NotUnderstood(
            f"I cannot draw a {found.noun.removesuffix('s')}: amounts are not drawn to scale here. "
            "Ask for a table instead, for example: Table: Region, Sales; North, 40; South, 60"
        )
    if headed(text, _GANTT):
        raise NotUnderstood(
            "I cannot draw a Gantt chart: how long something takes is not drawn to scale here. "
            "Ask for a timeline instead, for example: Timeline: week 1: Design; week 3: Build"
        )
    return None
