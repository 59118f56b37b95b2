"""Bar charts of counts over time, as rectangles to draw."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

_HEIGHT, _STEP, _GAP = 120, 20, 4


def chart(
    title: str,
    label: str,
    bars: Sequence[datetime],
    series: Mapping[str, str],
    counts: Iterable[tuple[datetime, str, int]],
) -> dict[str, Any]:
    """A stacked bar chart as rectangles to draw, and the same numbers as a table.

    Each bar begins at a time, which `label` formats. `series` gives each name its class in the style sheet, from the
    bottom to the top of a bar.
    """
    values: dict[datetime, Counter[str]] = {bar: Counter() for bar in bars}
    totals: Counter[str] = Counter()
    for bar, name, count in counts:
        if bar in values:
            values[bar][name] += count
            totals[name] += count
    highest = max((sum(found.values()) for found in values.values()), default=0)
    top = _round_up(highest)
    drawn = []
    for place, bar in enumerate(bars):
        y = float(_HEIGHT)
        for name, css in series.items():
            count = values[bar][name]
            if not count:
                continue
            height = _HEIGHT * count / top
            y -= height
            drawn.append(
                {
                    "x": place * _STEP + _GAP / 2,
                    "y": round(y, 2),
                    "width": _STEP - _GAP,
                    "height": round(height, 2),
                    "css": css,
                    "title": f"{bar:{label}} {name}: {count:,}",
                }
            )
    return {
        "title": title,
        "width": len(bars) * _STEP,
        "height": _HEIGHT,
        "rectangles": drawn,
        "top": f"{top:,}",
        "ticks": [f"{bars[place]:{label}}" for place in (0, len(bars) // 2)] + ["now"],
        "legend": [(name, css, f"{totals[name]:,}") for name, css in series.items()],
        "names": list(series),
        "rows": [(f"{bar:{label}}", [values[bar][name] for name in series]) for bar in bars if values[bar]],
        "summary": f"{title}: "
        + (", ".join(f"{name} {totals[name]:,}" for name in series if totals[name]) or "nothing"),
    }


def _round_up(highest: int) -> int:
    """The end of the axis: 1, 2 or 5 times a power of ten."""
    if highest <= 1:
        return 1
    power = int(10 ** int(math.log10(highest)))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= highest)
