"""Draws that depend on each other by a Gaussian copula."""

from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray

from worker.finance.exceptions import CorrelationError
from worker.finance.monte_carlo.distributions import Vector

_TOLERANCE = 1e-10


@dataclass(frozen=True)
class Copula:
    """Names of variables, and how their normals are correlated."""

    names: tuple[str, ...]
    factor: NDArray[np.float64]
    """Times its transpose it is the correlation matrix."""

    def normals(self, rng: np.random.Generator, count: int) -> Vector:
        """Return correlated standard normals, one row a variable."""
        return self.factor @ rng.standard_normal((len(self.names), count))


def gaussian_copula(names: tuple[str, ...], correlation: NDArray[np.float64]) -> Copula:
    r"""Return the copula of a correlation matrix, singular ones included.

    Parameters
    ----------
    names
        One for each row.
    correlation
        Shape ``(k, k)``: Pearson's correlation of the underlying normals. Spearman's
        of the draws is :math:`\frac6\pi \arcsin\frac\rho2`, whatever they are.

    Returns
    -------
    Copula
        With a factor by eigenvalues: :math:`V \sqrt{\Lambda}`.

    Raises
    ------
    CorrelationError
        Not square, not symmetric, a diagonal other than 1, or not positive
        semidefinite.

    References
    ----------
    .. [1] P. Glasserman, *Monte Carlo Methods in Financial Engineering*, Springer
       2003, section 2.3.3.
    """
    size = len(names)
    if correlation.shape != (size, size):
        raise CorrelationError(
            "the matrix has not one row and column for each variable",
            suggestion=f"Send {size} rows of {size}.",
            path=("correlation", "matrix"),
        )
    is_symmetric = np.allclose(correlation, correlation.T, rtol=0, atol=_TOLERANCE)
    if not is_symmetric or not np.allclose(np.diag(correlation), 1, atol=_TOLERANCE):
        raise CorrelationError(
            "the matrix is not symmetric with a diagonal of 1",
            suggestion="Send the correlation of i with j also as that of j with i.",
            path=("correlation", "matrix"),
        )
    eigenvalues, vectors = np.linalg.eigh(correlation)
    least = float(eigenvalues[0])
    if least < -_TOLERANCE:
        raise CorrelationError(
            f"the matrix is not positive semidefinite: an eigenvalue is {least:.3g}",
            suggestion="Multiply what is off the diagonal by at most "
            f"{floor(1000 / (1 - least)) / 1000}.",
            path=("correlation", "matrix"),
        )
    return Copula(names, vectors * np.sqrt(np.maximum(eigenvalues, 0)))
