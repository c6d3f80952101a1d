"""Numbers as a person reads them."""

import math
from collections.abc import Sequence
from datetime import datetime

BLOCKS = "▁▂▃▄▅▆▇█"
STEEPNESS = 1000.0
NOTHING = "-"

Number = int | float


def amount(value: Number | None) -> str:
    if value is None:
        return NOTHING
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def percent(gap: float | None) -> str:
    """Return a gap: exact where it is zero, never rounded down to zero."""
    if gap is None:
        return NOTHING
    if gap == 0:
        return "0 %"
    return f"{gap:.2%}".replace("%", " %") if abs(gap) >= 0.0001 else "< 0.01 %"


def seconds(value: float | None) -> str:
    if value is None:
        return NOTHING
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def age(moment: str, now: datetime) -> str:
    """Return how long ago an RFC 3339 moment was, in its largest unit."""
    past = (now - datetime.fromisoformat(moment)).total_seconds()
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if past >= size:
            return f"{past / size:.0f} {unit}"
    return f"{max(0.0, past):.0f} s"


def rate(count: Number | None, elapsed_seconds: float) -> str:
    """Return how many a second, with three figures."""
    if not count or elapsed_seconds <= 0:
        return ""
    value = count / elapsed_seconds
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:.3g} {unit}/s"
    return f"{value:.3g} /s"


def sparkline(
    history: Sequence[tuple[float, Number]], *, until: float, width: int
) -> str:
    """Return a step function of time as blocks, its lowest value the lowest block.

    Logarithmic above the lowest: the first steps down are far larger than the last.
    """
    if not history:
        return ""
    values = [value for _, value in history]
    low, high = min(values), max(values)
    line = []
    index = 0
    for column in range(width):
        moment = until * (column + 1) / width
        while index + 1 < len(history) and history[index + 1][0] <= moment:
            index += 1
        share = (history[index][1] - low) / (high - low) if high > low else 0.0
        height = math.log1p(share * STEEPNESS) / math.log1p(STEEPNESS)
        line.append(BLOCKS[round(height * (len(BLOCKS) - 1))])
    return "".join(line)


def shortened(permutation: Sequence[int], *, most: int = 12) -> str:
    shown = " ".join(map(str, permutation[:most]))
    hidden = len(permutation) - most
    return f"{shown} … ({hidden} more)" if hidden > 0 else shown
