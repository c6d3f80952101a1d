"""Doubly stochastic matrices: onto them, and from them to permutations."""

from collections.abc import Generator

import numpy as np

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.augmenting import AugmentingPaths

_LEAST = 1e-30
_UNIT = 2.0**40
_PORTION = 2**21  # entries looked at once, in some milliseconds


def balanced(
    potential: AnyArray, sweeps: int, scaling: AnyArray | None = None
) -> AnyArray:
    r"""Return the exponentials of `potential`, scaled to be doubly stochastic.

    Rows and columns are divided by their sums in turn [1]_. Numbers that belong to a
    whole row or a whole column of the potential do not matter.

    Parameters
    ----------
    potential
        Shape ``(n, n)``, float64, finite.
    sweeps
        How often, at least 1. The columns come last: they sum to 1 up to rounding,
        the rows the better the more sweeps.
    scaling
        Shape ``(n,)``, float64, positive: what columns are multiplied by to begin
        with; changed in place to what they were multiplied by in the end. None
        begins with ones.

    Returns
    -------
    AnyArray
        Shape ``(n, n)``, float64, positive.

    Notes
    -----
    :math:`O(n^2)` time a sweep. No exponential is taken below ``1e-30`` of the
    largest in its row, so that the matrix stays positive and the sweeps converge.

    References
    ----------
    .. [1] R. Sinkhorn and P. Knopp, "Concerning nonnegative matrices and doubly
       stochastic matrices," *Pacific Journal of Mathematics* 21 (1967) 343-348,
       doi:10.2140/pjm.1967.21.343.

    Examples
    --------
    >>> balanced(np.log([[1.0, 2.0], [3.0, 24.0]]), 50).round(3)
    array([[0.667, 0.333],
           [0.333, 0.667]])
    """
    weights = np.exp(potential - potential.max(axis=1, keepdims=True))
    np.maximum(weights, _LEAST, out=weights)
    columns = np.ones(len(weights)) if scaling is None else scaling
    rows = columns
    for _ in range(sweeps):
        rows = 1 / (weights @ columns)
        columns[:] = 1 / (rows @ weights)
    weights *= rows[:, None]
    weights *= columns
    return weights


def rounding(matrix: AnyArray) -> Generator[int, None, IntVector]:
    """Find the permutation whose entries of `matrix` have the largest sum.

    Parameters
    ----------
    matrix
        Shape ``(n, n)``, float64, entries from 0 to 1. Counted in whole multiples
        of ``2**-40``.

    Yields
    ------
    int
        0, after each some milliseconds of work.

    Returns
    -------
    IntVector
        Shape ``(n,)``: the column of each row.

    Notes
    -----
    :math:`O(n^3)` time, one row's augmenting path after another.

    Examples
    --------
    >>> steps = rounding(np.array([[0.4, 0.6], [0.1, 0.9]]))
    >>> try:
    ...     next(steps)
    ... except StopIteration as end:
    ...     print(end.value)
    [0 1]
    """
    portion = max(1, _PORTION // len(matrix) ** 2)
    is_large = portion < len(matrix)
    costs = np.rint((1 - matrix) * _UNIT).astype(np.int64)
    if is_large:
        yield 0
    paths = AugmentingPaths(costs)
    if is_large:
        yield 0
    while True:
        paths.advance(portion)
        if paths.finished:
            return paths.permutation
        yield 0
