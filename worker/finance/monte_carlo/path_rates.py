"""The internal rate of each of many paths at once."""

from collections.abc import Sequence

import numpy as np

from worker.finance.exact_flow import MAX_VALUE
from worker.finance.monte_carlo.distributions import Vector

_DOUBLINGS = 60
_ITERATIONS = 120
_CLOSE = 1e-14


def path_rates(flows: Sequence[float | Vector], count: int) -> tuple[Vector, int, int]:
    r"""Return the rate of every path whose flows change sign once.

    By Descartes' rule that rate is the only one; it is bracketed in the discount factor
    and found by Newton iteration that falls back to halving the bracket.

    Parameters
    ----------
    flows
        Amounts at times 0, 1, …: one for all paths, or one a path.
    count
        Of paths.

    Returns
    -------
    tuple
        The rates, one for each such path in order; how many paths have no change of
        sign and so no rate, or one beyond all measure; how many have several, and are
        left out.

    Notes
    -----
    About 10 to 20 evaluations, of :math:`O(n)` for each path.

    References
    ----------
    .. [1] W. H. Press et al., *Numerical Recipes*, section 9.4 (``rtsafe``).
    """
    table = np.stack([np.broadcast_to(each, count) for each in flows])
    changes = _sign_changes(table)
    table = np.ascontiguousarray(table[:, changes == 1])
    rates = _only_rates(table) if table.size else np.empty(0)
    known = rates[np.abs(rates) <= MAX_VALUE]
    without = int((changes == 0).sum()) + len(rates) - len(known)
    return known, without, int((changes > 1).sum())


def _sign_changes(table: Vector) -> np.ndarray:
    last = np.zeros(table.shape[1])
    changes = np.zeros(table.shape[1], dtype=np.int64)
    for row in np.sign(table):
        changes += row * last < 0
        last = np.where(row == 0, last, row)
    return changes


def _only_rates(table: Vector) -> Vector:
    with np.errstate(all="ignore"):
        first = np.sign(table[np.argmax(table != 0, axis=0), np.arange(table.shape[1])])
        low, high = np.zeros(table.shape[1]), np.ones(table.shape[1])
        outside = np.ones(table.shape[1], dtype=bool)
        for _ in range(_DOUBLINGS):
            outside = np.sign(_value(table, high)[0]) == first
            if not outside.any():
                break
            low = np.where(outside, high, low)
            high = np.where(outside, 2 * high, high)
        factor = np.where(low > 0, low, high)
        step = high - low
        for _ in range(_ITERATIONS):
            value, slope = _value(table, factor)
            is_below = np.sign(value) == first
            low = np.where(is_below, factor, low)
            high = np.where(is_below, high, factor)
            newton = factor - value / slope
            # High powers draw Newton steps out: each must halve the one before.
            is_good = (newton > low) & (newton < high)
            is_good &= np.abs(newton - factor) <= step / 2
            following = np.where(is_good, newton, (low + high) / 2)
            following = np.where(value == 0, factor, following)
            step = np.abs(following - factor)
            factor = following
            if (step <= _CLOSE * factor).all():
                break
    # Without a bracket the root lies where no rate above -1 is told from -1.
    return np.where(outside, np.nan, 1 / factor - 1)


def _value(table: Vector, factor: Vector) -> tuple[Vector, Vector]:
    value, slope = table[-1], np.zeros_like(factor)
    for row in table[-2::-1]:
        slope = slope * factor + value
        value = value * factor + row
    return value, slope
