r"""Distributions, drawn directly or as an increasing function of a standard normal.

The second way, :math:`F^{-1}(\Phi(z))`, is what a Gaussian copula and antithetic pairs
need: correlated :math:`z` give correlated draws, and :math:`-z` the mirrored one.

References
----------
.. [1] P. Glasserman, *Monte Carlo Methods in Financial Engineering*, Springer 2003,
   sections 2.2 and 4.2.
"""

from dataclasses import dataclass
from functools import cached_property
from math import log, log1p, sqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr

Vector = NDArray[np.float64]


class Distribution(Protocol):
    """What a number may be drawn from. Parameters are not checked."""

    def draw(self, rng: np.random.Generator, count: int) -> Vector:
        """Return independent draws."""
        ...

    def of_normal(self, normal: Vector) -> Vector:
        """Return the quantiles that the standard normal draws are at."""
        ...


Quantity = float | Distribution


@dataclass(frozen=True)
class Normal:
    """By mean and standard deviation."""

    mean: float
    deviation: float

    def draw(self, rng: np.random.Generator, count: int) -> Vector:
        """Return independent draws."""
        return self.of_normal(rng.standard_normal(count))

    def of_normal(self, normal: Vector) -> Vector:
        """Return the quantiles that the standard normal draws are at."""
        return self.mean + self.deviation * normal


@dataclass(frozen=True)
class Lognormal:
    r"""By mean :math:`m` and standard deviation :math:`s` of the number itself.

    Its logarithm has variance :math:`\ln(1 + s^2/m^2)`.
    """

    mean: float
    deviation: float

    def draw(self, rng: np.random.Generator, count: int) -> Vector:
        """Return independent draws."""
        return self.of_normal(rng.standard_normal(count))

    def of_normal(self, normal: Vector) -> Vector:
        """Return the quantiles that the standard normal draws are at."""
        ratio = self.deviation / self.mean
        variance = log1p(ratio * ratio)
        drawn: Vector = np.exp(log(self.mean) - variance / 2 + sqrt(variance) * normal)
        return drawn


@dataclass(frozen=True)
class Uniform:
    """Between two ends."""

    low: float
    high: float

    def draw(self, rng: np.random.Generator, count: int) -> Vector:
        """Return independent draws."""
        return self.low + (self.high - self.low) * rng.random(count)

    def of_normal(self, normal: Vector) -> Vector:
        """Return the quantiles that the standard normal draws are at."""
        drawn: Vector = self.low + (self.high - self.low) * ndtr(normal)
        return drawn


@dataclass(frozen=True)
class Triangular:
    """Between two ends, most likely at the mode."""

    low: float
    mode: float
    high: float

    def draw(self, rng: np.random.Generator, count: int) -> Vector:
        """Return independent draws."""
        return self._quantile(rng.random(count))

    def of_normal(self, normal: Vector) -> Vector:
        """Return the quantiles that the standard normal draws are at."""
        return self._quantile(ndtr(normal))

    def _quantile(self, share: Vector) -> Vector:
        width = self.high - self.low
        left, right = self.mode - self.low, self.high - self.mode
        rising = self.low + np.sqrt(share * width * left)
        falling = self.high - np.sqrt((1 - share) * width * right)
        return np.where(share * width < left, rising, falling)


@dataclass(frozen=True)
class Pert:
    r"""A beta distribution between two ends with mean :math:`(a + 4m + b)/6`.

    Its parameters are :math:`1 + 4(m-a)/(b-a)` and :math:`1 + 4(b-m)/(b-a)`.
    """

    low: float
    mode: float
    high: float

    @cached_property
    def _shape(self) -> tuple[float, float]:
        width = self.high - self.low
        return (
            1 + 4 * (self.mode - self.low) / width,
            1 + 4 * (self.high - self.mode) / width,
        )

    def draw(self, rng: np.random.Generator, count: int) -> Vector:
        """Return independent draws."""
        return self.low + (self.high - self.low) * rng.beta(*self._shape, count)

    def of_normal(self, normal: Vector) -> Vector:
        """Return the quantiles that the standard normal draws are at."""
        share: Vector = betaincinv(*self._shape, ndtr(normal))
        return self.low + (self.high - self.low) * share


@dataclass(frozen=True)
class Discrete:
    """One of several values, each with its probability."""

    values: tuple[float, ...]
    probabilities: tuple[float, ...]

    @cached_property
    def _ordered(self) -> tuple[Vector, Vector]:
        order = np.argsort(self.values)
        totals = np.cumsum(np.asarray(self.probabilities)[order])
        # Rounding may leave the last total below 1.
        totals[-1] = np.inf
        return np.asarray(self.values)[order], totals

    def draw(self, rng: np.random.Generator, count: int) -> Vector:
        """Return independent draws."""
        return self._quantile(rng.random(count))

    def of_normal(self, normal: Vector) -> Vector:
        """Return the quantiles that the standard normal draws are at."""
        return self._quantile(ndtr(normal))

    def _quantile(self, share: Vector) -> Vector:
        values, totals = self._ordered
        return values[np.searchsorted(totals, share, side="right")]
