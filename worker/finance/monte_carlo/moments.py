"""Mean, variance, skewness and kurtosis of numbers that come in chunks."""

from dataclasses import dataclass
from math import sqrt

from worker.finance.monte_carlo.distributions import Vector


@dataclass(frozen=True, slots=True)
class Moments:
    r"""Count, mean and sums of powers of deviations, :math:`M_k=\sum(x-\bar x)^k`."""

    count: int = 0
    mean: float = 0.0
    m2: float = 0.0
    m3: float = 0.0
    m4: float = 0.0

    @property
    def variance(self) -> float:
        """Unbiased; 0 of fewer than two numbers."""
        return self.m2 / (self.count - 1) if self.count > 1 else 0.0

    @property
    def deviation(self) -> float:
        """The variance's root."""
        return sqrt(self.variance)

    @property
    def standard_error(self) -> float:
        """Of the mean, if the numbers are independent."""
        return sqrt(self.variance / self.count) if self.count else 0.0

    @property
    def skewness(self) -> float | None:
        r""":math:`\sqrt n M_3 / M_2^{3/2}`; None where all numbers are equal."""
        if self.m2 <= 0:
            return None
        return sqrt(self.count) * (self.m3 / self.m2) / sqrt(self.m2)

    @property
    def excess_kurtosis(self) -> float | None:
        r""":math:`n M_4 / M_2^2 - 3`; None where all numbers are equal."""
        if self.m2 <= 0:
            return None
        return self.count * (self.m4 / self.m2) / self.m2 - 3


def moments_of(values: Vector) -> Moments:
    """Return the moments of one chunk, by two passes."""
    mean = float(values.mean())
    away = values - mean
    square = away * away
    return Moments(
        len(values),
        mean,
        float(square.sum()),
        float((square * away).sum()),
        float((square * square).sum()),
    )


def merged(a: Moments, b: Moments) -> Moments:
    r"""Return the moments of both together.

    Parameters
    ----------
    a, b
        Of two sets of numbers.

    Returns
    -------
    Moments
        Up to rounding those of all numbers in one pass.

    References
    ----------
    .. [1] T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a pairwise
       algorithm for computing sample variances", Stanford 1979.
    .. [2] P. Pébay, *Formulas for Robust, One-Pass Parallel Computation of Covariances
       and Arbitrary-Order Statistical Moments*, Sandia report SAND2008-6212, 2008.

    Examples
    --------
    >>> import numpy as np
    >>> merged(moments_of(np.array([1.0, 2.0])), moments_of(np.array([6.0]))).variance
    7.0
    """
    if a.count == 0 or b.count == 0:
        return a if b.count == 0 else b
    n = a.count + b.count
    delta = b.mean - a.mean
    share = delta / n
    product = a.count * b.count
    term = delta * share * product
    return Moments(
        n,
        a.mean + share * b.count,
        a.m2 + b.m2 + term,
        a.m3
        + b.m3
        + term * share * (a.count - b.count)
        + 3 * share * (a.count * b.m2 - b.count * a.m2),
        a.m4
        + b.m4
        + term * share * share * (a.count**2 - product + b.count**2)
        + 6 * share**2 * (a.count**2 * b.m2 + b.count**2 * a.m2)
        + 4 * share * (a.count * b.m3 - b.count * a.m3),
    )
