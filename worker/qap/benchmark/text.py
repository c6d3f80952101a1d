"""Numbers and tables as a terminal shows them."""

import math
from collections.abc import Sequence

_LEAST_PER_CENT = 0.001


def per_cent(share: float | None) -> str:
    """Return a share as people read it.

    Parameters
    ----------
    share
        0.01 is one per cent; None is a dash.

    Returns
    -------
    str
        In per cent. Only what is exactly 0 is shown as 0.

    Examples
    --------
    >>> per_cent(0.0123), per_cent(0.0), per_cent(1e-6), per_cent(None)
    ('1.230', '0', '<0.001', '-')
    """
    if share is None:
        return "-"
    if share == 0 or not math.isfinite(share):
        return f"{share:g}"
    shown = 100 * share
    if abs(shown) < _LEAST_PER_CENT:
        return "<0.001" if shown > 0 else ">-0.001"
    return f"{shown:.3f}"


def seconds(value: float | None) -> str:
    """Return a time as people read it.

    Parameters
    ----------
    value
        Seconds; None, or infinity, is a dash.

    Returns
    -------
    str
        With three digits, without unit.

    Examples
    --------
    >>> seconds(0.01234), seconds(12.34), seconds(1234.5), seconds(None)
    ('0.0123', '12.3', '1234', '-')
    """
    if value is None or math.isinf(value):
        return "-"
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


def duration(value: float) -> str:
    """Return a long time as people read it.

    Parameters
    ----------
    value
        Seconds.

    Returns
    -------
    str
        With its unit.

    Examples
    --------
    >>> duration(42), duration(900), duration(9000)
    ('42 s', '15 min', '2.5 h')
    """
    if value < 120:
        return f"{value:.0f} s"
    return f"{value / 60:.0f} min" if value < 7200 else f"{value / 3600:.1f} h"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return lines whose columns stand below each other.

    Parameters
    ----------
    header, rows
        Words of the same number. The first column is flush left, the others right.

    Returns
    -------
    str
        Each line with its end.

    Examples
    --------
    >>> print(table(["a", "gap"], [["nug12", "0"]]), end="")
    a      gap
    nug12    0
    """
    lines = [list(header), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(
        "  ".join(
            word.ljust(width) if i == 0 else word.rjust(width)
            for i, (word, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        + "\n"
        for line in lines
    )
