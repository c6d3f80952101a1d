"""The linear assignment problem: exact, or safely below."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from worker.qap.arrays import IntVector, Matrix

_EXACT_IN_FLOAT = 2**53


def assign(costs: Matrix) -> IntVector:
    """Return the permutation of least total cost.

    Parameters
    ----------
    costs
        Shape ``(n, n)``, int64 or float64, finite.

    Returns
    -------
    IntVector
        Shape ``(n,)``. Of least cost exactly where `is_exactly_solvable`, else up
        to rounding.

    Notes
    -----
    :math:`O(n^3)` time by scipy's shortest augmenting paths, see [1]_.

    References
    ----------
    .. [1] D. F. Crouse, "On implementing 2D rectangular assignment algorithms,"
       *IEEE Transactions on Aerospace and Electronic Systems* 52 (2016) 1679-1696,
       doi:10.1109/TAES.2016.140952.

    Examples
    --------
    >>> assign(np.array([[4, 1], [2, 3]]))
    array([1, 0])
    """
    _, columns = linear_sum_assignment(costs)
    return np.asarray(columns, dtype=np.int64)


def is_exactly_solvable(costs: NDArray[np.int64]) -> bool:
    """Tell whether float64 holds every number that the solution comes by.

    Parameters
    ----------
    costs
        Shape ``(n, n)``, int64.

    Returns
    -------
    bool
        True if four paths of ``n`` costs stay below ``2**53``: lengths of
        augmenting paths, duals and their differences are all smaller.

    Examples
    --------
    >>> is_exactly_solvable(np.array([[4, 1], [2, 3]]))
    True
    """
    largest = max(abs(int(costs.max())), abs(int(costs.min())))
    return 4 * len(costs) * largest < _EXACT_IN_FLOAT


def assignment_bound(costs: Matrix) -> int | float:
    """Return a number that no assignment costs less than.

    Parameters
    ----------
    costs
        Shape ``(n, n)``, int64 or float64, finite.

    Returns
    -------
    int or float
        For int64 an int, and the least cost itself where `is_exactly_solvable`.
        Else the least cost after rounding every entry down to a multiple of a power
        of two, fine enough to lose less than about ``1e-12`` of the largest.

    Notes
    -----
    :math:`O(n^3)` time. Rounding costs down can only lower the least total, and
    whole numbers small enough are summed without error: the result is proven.

    Examples
    --------
    >>> assignment_bound(np.array([[4, 1], [2, 3]]))
    3
    >>> assignment_bound(np.array([[4.0, 1.5], [2.5, 3.0]]))
    4.0
    """
    whole, unit = rounded_down(costs)
    return _total(whole) * unit


def rounded_down(costs: Matrix) -> tuple[NDArray[np.int64], int | float]:
    """Return whole numbers that, times a unit, are at most the costs.

    Parameters
    ----------
    costs
        Shape ``(n, n)``, int64 or float64, finite.

    Returns
    -------
    tuple
        The numbers, shape ``(n, n)``, for which `is_exactly_solvable` holds, and the
        unit: a power of two, an int if the costs are integers.

    Examples
    --------
    >>> numbers, unit = rounded_down(np.array([[4, 1], [2, 3]]))
    >>> numbers.tolist(), unit
    ([[4, 1], [2, 3]], 1)
    """
    if costs.dtype.kind == "i":
        whole = np.array(costs, dtype=np.int64)
        unit = 1
        while not is_exactly_solvable(whole):
            unit *= 2
            whole >>= 1  # rounds down, below zero too
        return whole, unit
    largest = float(np.abs(costs).max())
    if largest == 0:
        return np.zeros(costs.shape, dtype=np.int64), 1.0
    # largest < 2**exponent, so that no number exceeds 2**room.
    exponent = math.frexp(largest)[1]
    room = 50 - math.ceil(math.log2(len(costs) + 1))
    scale = math.ldexp(1.0, exponent - room)
    return np.floor(costs / scale).astype(np.int64), scale


def _total(costs: NDArray[np.int64]) -> int:
    return int(costs[np.arange(len(costs)), assign(costs)].sum())
