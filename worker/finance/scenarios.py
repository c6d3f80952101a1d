"""What several outcomes of known probability come to together."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt


@dataclass(frozen=True, slots=True)
class Expectation:
    """Moments of a discrete distribution."""

    mean: float
    standard_deviation: float
    probability_below_0: float


def expectation(values: Sequence[float], probabilities: Sequence[float]) -> Expectation:
    r"""Return :math:`\mu=\sum p_i v_i`, :math:`\sqrt{\sum p_i (v_i-\mu)^2}` and more.

    Parameters
    ----------
    values
        Finite.
    probabilities
        One each, not negative, together 1.

    Returns
    -------
    Expectation
        Of the distribution itself: no correction for a sample.

    Examples
    --------
    >>> expectation([-1.0, 1.0], [0.5, 0.5])
    Expectation(mean=0.0, standard_deviation=1.0, probability_below_0=0.5)
    """
    pairs = list(zip(values, probabilities, strict=True))
    mean = fsum(p * v for v, p in pairs)
    variance = fsum(p * (v - mean) ** 2 for v, p in pairs)
    below = fsum(p for v, p in pairs if v < 0)
    return Expectation(mean, sqrt(variance), below)
