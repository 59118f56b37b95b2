"""Arrows as people type them, and words that say that the next thing comes."""

import re
from typing import Final

ARROW: Final = re.compile(
    r"""
    \s*(?:
        (?<=\s)(?:--|-)\s*(?P<dashed>[^\s<>|=-](?:[^<>|\n]{0,60}?[^\s<>|-])?)\s*(?:-->|->|→)
      | (?P<arrow>
            <?(?:-{1,5}|={1,5}|~|\u2014|\u2013|-\.+-)>{1,2}         # -> --> => ~> -.->
          | [→➔➜➝⇒⟶⟹⇨➞►▶]
          | ↓
        )
        (?:\s*\|(?P<piped>[^|\n]{1,80})\|)?             # A -->|yes| B
    )\s*
    """,
    re.VERBOSE,
)

# Words that say "now comes the next step". Ordinals only where a comma or colon sets them off, or where a
# sentence begins with "first" and goes on with "then": "First day" and "last invoice" are labels.
SEQUENCE: Final = re.compile(
    r"(?:^|[\s,;.]{1,8})(?:and\s+|but\s+)?(?:then|after\s+that|afterwards|after\s+this|finally|at\s+last|(?:in|at)\s+the\s+end(?!\s+of)|"
    r"to\s+begin\s+with|subsequently|(?:first|second|third|last)ly|first\s+of\s+all)\b[\s,:]+"
    r"|(?:^|[,;.]\s*|\band\s+)(?:first|second|third|last|next)\s*[,:]\s*"
    r"|(?:[,;.]\s*|\band\s+)next\s+(?=\S)"
    r"|^first\s+(?=\S.*\b(?:then|finally|after\s+that|next)\b)",
    re.IGNORECASE | re.DOTALL,
)
