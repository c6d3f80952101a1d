r"""The stated model of the market: rates that wander, and come back to their middle.

Of each field it is the *logit of where between its bounds the value is* that moves, as
an Ornstein-Uhlenbeck process around that of the middle: so no value can leave its
bounds, whatever is drawn. With :math:`c` the logit of the middle and :math:`z` the
deviation,

.. math:: v = l + (h - l) / (1 + e^{-(c + z)}), \qquad
          dz_i = -\theta_i z_i\,dt + s_i \sqrt{2 \theta_i}\,dW_i, \qquad
          dW_i\,dW_j = \rho_{ij}\,dt .

In the long run :math:`z_i` is normal with mean 0 and standard deviation :math:`s_i`.
Time is not stepped approximately: over any :math:`\tau` the transition is exactly

.. math:: z_i(t + \tau) = e^{-\theta_i \tau} z_i(t) + \varepsilon_i, \qquad
          \mathrm{cov}(\varepsilon_i, \varepsilon_j) = 2 \rho_{ij} s_i s_j
          \sqrt{\theta_i \theta_j}\,
          \frac{1 - e^{-(\theta_i + \theta_j) \tau}}{\theta_i + \theta_j} ,

so that many short steps and one long one are the same in distribution. Here they are
even the same path: each tick's noise is drawn by its number, and a tick's state is the
weighted sum of all noise up to it, as far back as a double can tell it. Hence a value
depends on the seed and the tick's number alone. Nothing has to be remembered, and what
no process was there to tell has happened all the same.

References
----------
.. [1] D. T. Gillespie, "Exact numerical simulation of the Ornstein-Uhlenbeck process
   and its integral," *Physical Review E* 54 (1996) 2084-2091,
   doi:10.1103/PhysRevE.54.2084.
.. [2] J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as
   easy as 1, 2, 3," *SC '11* (2011), doi:10.1145/2063384.2063405 (Philox).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

FORGOTTEN = 2.0**-53
"""Noise of which less than this share is left is not summed up."""
WORDS = 8
"""Random words of 64 bits a tick: two blocks of Philox, of which all but two words
make normals."""
LONGEST = WORDS - 2
"""Fields that one tick can have noise for."""
QUADRATURE = 64


@dataclass(frozen=True, slots=True)
class Statement:
    """What is stated of each field: shape ``(fields,)`` each, and how they move."""

    low: Vector
    middle: Vector
    high: Vector
    spread: Vector
    half_life_s: Vector
    correlation: Vector
    """Of the driving noise; shape ``(fields, fields)``, positive definite."""

    @classmethod
    def of(
        cls,
        fields: Sequence[tuple[float, float, float, float, float]],
        correlation: Sequence[Sequence[float]],
    ) -> "Statement":
        """Take (low, middle, high, spread, half-life in s) of each.

        Raises
        ------
        ValueError
            If the bounds do not enclose the middle, a spread or half-life is not
            positive, or the matrix is no correlation of these fields.
        """
        columns = np.array(fields, dtype=np.float64).T
        low, middle, high, spread, half_life_s = columns
        matrix = np.array(correlation, dtype=np.float64)
        count = len(fields)
        if not 1 <= count <= LONGEST:
            raise ValueError(f"1 to {LONGEST} fields have a model, not {count}")
        if not np.all((low < middle) & (middle < high)):
            raise ValueError("each middle lies between its bounds")
        if not (np.all(spread > 0) and np.all(half_life_s > 0)):
            raise ValueError("spreads and half-lives are positive")
        is_one = matrix.shape == (count, count) and np.all(np.diag(matrix) == 1)
        if not is_one or not np.array_equal(matrix, matrix.T):
            raise ValueError("a correlation is symmetric, with ones on its diagonal")
        if np.linalg.eigvalsh(matrix)[0] <= 0:
            raise ValueError("the correlation is not positive definite")
        return cls(low, middle, high, spread, half_life_s, matrix)

    @property
    def reversion(self) -> Vector:
        """How fast each comes back, per second."""
        return log(2) / self.half_life_s

    @property
    def stationary(self) -> Vector:
        """Covariance of the deviations in the long run; their variances are spread²."""
        return self._covariance(np.inf)

    def transition(self, elapsed_s: float) -> tuple[Vector, Vector]:
        """Return what is left of a deviation after so long, and the noise' covariance.

        Parameters
        ----------
        elapsed_s
            Seconds, 0 or more.

        Returns
        -------
        tuple
            Shapes ``(fields,)`` and ``(fields, fields)``. Exact: see the module.
        """
        return np.exp(-self.reversion * elapsed_s), self._covariance(elapsed_s)

    def values(self, deviation: Vector) -> Vector:
        """Return the values at these deviations; shape ``(..., fields)`` both."""
        centre = np.log((self.middle - self.low) / (self.high - self.middle))
        inside = 1.0 / (1.0 + np.exp(-(centre + deviation)))
        return self.low + (self.high - self.low) * inside

    def moments(self) -> tuple[Vector, Vector]:
        """Return mean and standard deviation of the values in the long run.

        The logit of a normal has no closed form: Gauss-Hermite quadrature, whose error
        is far below what a double can tell for spreads up to 1.
        """
        nodes, weights = np.polynomial.hermite_e.hermegauss(QUADRATURE)
        weights = weights / weights.sum()
        at_nodes = self.values(nodes[:, None] * self.spread)
        mean = weights @ at_nodes
        return mean, np.sqrt(weights @ (at_nodes - mean) ** 2)

    def _covariance(self, elapsed_s: float) -> Vector:
        rate = self.reversion
        sums = rate[:, None] + rate
        scale = self.spread * np.sqrt(rate)
        gone = -np.expm1(-sums * elapsed_s)
        return 2 * self.correlation * np.outer(scale, scale) * gone / sums


class MarketModel:
    """One path: the statement, a step and a seed."""

    def __init__(self, statement: Statement, *, step_s: float, seed: int) -> None:
        """``seed`` is 0 or more, and below 2**128; another is another path."""
        self.statement = statement
        self._seed = seed
        decay, covariance = statement.transition(step_s)
        self._root = np.linalg.cholesky(covariance)
        self.memory = ceil(log(FORGOTTEN) / log(float(decay.max()))) + 1
        """Ticks after which noise is forgotten."""
        self._weights = decay ** np.arange(self.memory - 1, -1, -1)[:, None]

    def noise(self, first: int, count: int) -> Vector:
        """Return what is added at ``count`` ticks from ``first`` on.

        Returns
        -------
        ndarray
            Shape ``(count, fields)``: rows are independent, and each is that of its
            tick's number, whichever other is asked for.
        """
        blocks = 2 * first % 2**256
        words = np.random.Philox(key=self._seed, counter=blocks).random_raw(
            WORDS * count
        )
        # In the open interval (0, 1): the logarithm of none of them is infinite.
        uniform = ((words >> np.uint64(11)) + 0.5) * 2.0**-53
        uniform = uniform.reshape(count, WORDS)
        # Box and Muller: two of each pair, and no number of draws that could vary.
        radius = np.sqrt(-2 * np.log(uniform[:, 0:LONGEST:2]))
        angle = 2 * np.pi * uniform[:, 1:LONGEST:2]
        normal = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], 1)
        noise: Vector = normal[:, : len(self._root)] @ self._root.T
        return noise

    def deviation(self, number: int) -> Vector:
        """Return the deviations at the tick of this number; shape ``(fields,)``.

        Notes
        -----
        :math:`O(m)` time and memory for a memory of :math:`m` ticks.
        """
        noise = self.noise(number - self.memory + 1, self.memory)
        state: Vector = np.einsum("ij,ij->j", self._weights, noise)
        return state

    def at(self, number: int) -> Vector:
        """Return the values at the tick of this number; shape ``(fields,)``."""
        return self.statement.values(self.deviation(number))
