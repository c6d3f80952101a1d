r"""Quantiles, tails and shares of a sample, with intervals that assume no distribution.

Of :math:`n` independent paths the number below the quantile :math:`q_p` is binomial,
whatever their distribution; so :math:`[X_{(l)}, X_{(u)}]` holds :math:`q_p` with
probability :math:`P(l \le B \le u-1)`.

Antithetic paths are independent in pairs only. Whatever the dependence in a pair, a
count's variance is at most twice the binomial's, which is what half as many independent
paths have: so their intervals are those of :math:`n/2` paths.

References
----------
.. [1] R. J. Serfling, *Approximation Theorems of Mathematical Statistics*, Wiley 1980,
   section 2.6.1.
.. [2] S. X. Chen, "Nonparametric estimation of expected shortfall", *Journal of
   Financial Econometrics* 6 (2008) 87-107.
"""

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from scipy.special import bdtr, bdtrik, betaincinv

from worker.finance.monte_carlo.distributions import Vector


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and an interval; an end is None where the sample bounds nothing."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Tail:
    """The mean of the worst share of all paths."""

    share: float
    value_at_risk: float
    """The quantile that begins it."""
    shortfall: float
    """Its mean (CVaR)."""
    standard_error: float


def quantile(
    ordered: Vector, share: float, *, level: float, independent: int
) -> Estimate:
    r"""Return :math:`X_{(\lceil np \rceil)}`, with a distribution-free interval.

    Parameters
    ----------
    ordered
        The sample, rising.
    share
        :math:`p`, between 0 and 1.
    level
        Of confidence.
    independent
        How many independent paths the sample is worth: all, or half if antithetic.

    Returns
    -------
    Estimate
        Coverage is at least the level, if the paths are independent.
    """
    n = len(ordered)
    rank = min(max(ceil(n * share), 1), n)
    low, high = ranks(independent, share, level)
    scale = n / independent
    at_low = None if low is None else float(ordered[max(int((low - 1) * scale), 0)])
    at_high = None if high is None else float(ordered[min(ceil(high * scale), n) - 1])
    return Estimate(float(ordered[rank - 1]), at_low, at_high)


def ranks(count: int, share: float, level: float) -> tuple[int | None, int | None]:
    """Return the ranks, from 1, between which the quantile lies with confidence.

    Parameters
    ----------
    count
        Of independent numbers.
    share
        The quantile's, between 0 and 1.
    level
        Of confidence, split evenly between both sides.

    Returns
    -------
    tuple of int or None
        None where even the least or greatest number is too likely on its wrong side.

    Examples
    --------
    >>> ranks(100, 0.5, 0.95)
    (40, 61)
    """
    rest = (1 - level) / 2
    # Two to the side of where the continuous inverse points, then to the right one.
    low = int(np.nan_to_num(bdtrik(rest, count, share))) + 2
    while low > 0 and bdtr(low - 1, count, share) > rest:
        low -= 1
    high = max(int(np.nan_to_num(bdtrik(1 - rest, count, share))) - 2, 1)
    while high <= count and bdtr(high - 1, count, share) < 1 - rest:
        high += 1
    return (low if low >= 1 else None), (high if high <= count else None)


def tail(ordered: Vector, share: float, *, independent: int) -> Tail:
    r"""Return the mean of the lowest :math:`\lceil n\alpha \rceil` numbers.

    Parameters
    ----------
    ordered
        The sample, rising.
    share
        :math:`\alpha`, between 0 and 1.
    independent
        As for `quantile`.

    Returns
    -------
    Tail
        Standard error by the asymptotic variance
        :math:`(\sigma_\alpha^2 + (1-\alpha)(q_\alpha - ES)^2) / (n\alpha)`.
    """
    count = max(ceil(len(ordered) * share), 1)
    worst = ordered[:count]
    mean, border = float(worst.mean()), float(worst[-1])
    spread = float(worst.var()) + (1 - share) * (border - mean) ** 2
    error = sqrt(spread / (independent * share))
    return Tail(share, border, mean, error)


def proportion(hits: int, count: int, *, level: float, independent: int) -> Estimate:
    """Return a share with the interval of Clopper and Pearson.

    Parameters
    ----------
    hits, count
        How many of how many.
    level
        Of confidence.
    independent
        As for `quantile`.

    Returns
    -------
    Estimate
        Coverage is at least the level.

    Examples
    --------
    >>> found = proportion(0, 100, level=0.95, independent=100)
    >>> found.value, found.low, round(found.high, 4)
    (0.0, 0.0, 0.0362)
    """
    rest = (1 - level) / 2
    k, n = hits * independent / count, independent
    low = float(betaincinv(k, n - k + 1, rest)) if k > 0 else 0.0
    high = float(betaincinv(k + 1, n - k, 1 - rest)) if k < n else 1.0
    return Estimate(hits / count, low, high)


def histogram(ordered: Vector, bins: int) -> tuple[list[float], list[int]]:
    """Return edges of equal width from least to greatest, and counts between them.

    Parameters
    ----------
    ordered
        The sample, rising.
    bins
        How many; one if all numbers are equal.

    Returns
    -------
    tuple of list
        One edge more than counts; the last bin holds the greatest.
    """
    low, high = float(ordered[0]), float(ordered[-1])
    edges = np.linspace(low, high, bins + 1)
    if not np.all(np.diff(edges) > 0):
        return [low, high], [len(ordered)]
    inner = np.searchsorted(ordered, edges[1:-1], side="left")
    counts = np.diff(np.concatenate(([0], inner, [len(ordered)])))
    return [float(edge) for edge in edges], [int(count) for count in counts]
