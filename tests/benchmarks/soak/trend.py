"""Whether a series is flat: a robust slope or ratio, with an interval around it.

Neighbours in time are alike (memory comes in steps, other work on the machine in
bursts), so the intervals come of resampling blocks of time, not single numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.stats import norm, t, theilslopes

DRAWS = 400
LEVEL = 0.95
BEYOND = 10
"""How many numbers have to lie beyond a quantile for it to say something."""


class Judgement(StrEnum):
    """What an interval says of a threshold."""

    FLAT = "flat"
    GROWS = "grows"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Estimate:
    """A number, and between what it may lie (95 %)."""

    value: float
    low: float
    high: float

    def judged(self, threshold: float) -> Judgement:
        """Return whether it is surely below or above the threshold, or neither."""
        if self.high <= threshold:
            return Judgement.FLAT
        return Judgement.GROWS if self.low > threshold else Judgement.UNDECIDED


def slope(
    times: Sequence[float], values: Sequence[float], *, block: int, rng: Generator
) -> Estimate:
    """Return how much the values grow in one unit of time.

    Theil and Sen's median of the slopes of all pairs: up to 29 % of outliers do not
    move it. The interval: blocks of so many neighbouring residuals, drawn anew, and
    widened as Student's is, since there are only a few of them.
    """
    at, seen = np.asarray(times, float), np.asarray(values, float)
    value, intercept, *_ = theilslopes(seen, at)
    fitted = intercept + value * at
    residuals = seen - fitted
    drawn = [
        theilslopes(fitted + _blocks(residuals, block, rng), at)[0]
        for _ in range(DRAWS)
    ]
    low, high = _interval(drawn)
    blocks = max(3.0, len(at) / block)
    wider = (blocks / (blocks - 2)) ** 0.5 * t.ppf(0.975, blocks - 2) / norm.ppf(0.975)
    middle = float(value)
    return Estimate(
        middle,
        middle - float(wider) * (middle - low),
        middle + float(wider) * (high - middle),
    )


def ratio(
    before: Sequence[Sequence[float]],
    after: Sequence[Sequence[float]],
    *,
    share: float,
    rng: Generator,
) -> Estimate:
    """Return a quantile of what came after over that of what came before.

    Both are given by minute; the interval comes of drawing whole minutes anew.
    """

    def quantile(minutes: Sequence[Sequence[float]]) -> float:
        return float(np.quantile(np.concatenate([*map(np.asarray, minutes)]), share))

    def again(minutes: Sequence[Sequence[float]]) -> list[Sequence[float]]:
        return [minutes[i] for i in rng.integers(0, len(minutes), len(minutes))]

    drawn = [quantile(again(after)) / quantile(again(before)) for _ in range(DRAWS)]
    return Estimate(quantile(after) / quantile(before), *_interval(drawn))


def tellable_share(count: int) -> float:
    """Return the highest of the usual quantiles that so many numbers can tell."""
    usual = (0.99, 0.95, 0.9, 0.5)
    return next((q for q in usual if count * (1 - q) >= BEYOND - 1e-9), 0.5)


def _blocks(
    values: NDArray[np.float64], block: int, rng: Generator
) -> NDArray[np.float64]:
    count = len(values)
    begins = rng.integers(0, count, -(-count // block))
    places = (begins[:, None] + np.arange(block)).ravel()[:count] % count
    drawn: NDArray[np.float64] = values[places]
    return drawn


def _interval(drawn: Sequence[float]) -> tuple[float, float]:
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
