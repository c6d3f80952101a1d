"""The linear assignment problem in whole numbers, one augmenting path at a time."""

import numpy as np
from numpy.typing import NDArray

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.compile import kernel

_FAR = 2**62
_VISITED = 2**22  # entries after which a portion ends: some milliseconds


class AugmentingPaths:
    """Assign rows to columns one by one, each along a shortest path.

    Parameters
    ----------
    costs
        Shape ``(n, n)``, int64, with ``4 n`` times the largest below ``2**62``.

    Notes
    -----
    :math:`O(n^2)` time a row, :math:`O(n)` space beside the costs. Unlike scipy's
    solver it can stand still between two rows, and it computes in integers; see [1]_.

    References
    ----------
    .. [1] D. F. Crouse, "On implementing 2D rectangular assignment algorithms,"
       *IEEE Transactions on Aerospace and Electronic Systems* 52 (2016) 1679-1696,
       doi:10.1109/TAES.2016.140952.

    Examples
    --------
    >>> paths = AugmentingPaths(np.array([[4, 1], [2, 3]]))
    >>> paths.advance(9), paths.finished, paths.total, paths.permutation
    (2, True, 3, array([1, 0]))
    """

    def __init__(self, costs: NDArray[np.int64]) -> None:
        order = len(costs)
        self._costs = costs
        self._row = 0
        # Duals that no cost undercuts: u[i] + v[k] <= costs[i, k]. Column n is
        # imaginary: a path starts there.
        self._v = np.append(costs.min(axis=0), 0)
        self._u = (costs - self._v[:order]).min(axis=1)
        self._rows = np.full(order + 1, -1, dtype=np.int64)

    @property
    def finished(self) -> bool:
        """Whether every row has its column."""
        return self._row == len(self._costs)

    @property
    def total(self) -> int:
        """The cost of the assignment, the least possible once finished."""
        columns = np.flatnonzero(self._rows[:-1] >= 0)
        return int(self._costs[self._rows[columns], columns].sum())

    @property
    def permutation(self) -> IntVector:
        """The column of each row: shape ``(n,)``; -1 for rows still without one."""
        columns = np.full(len(self._costs), -1, dtype=np.int64)
        taken = np.flatnonzero(self._rows[:-1] >= 0)
        columns[self._rows[taken]] = taken
        return columns

    def advance(self, rows: int) -> int:
        """Assign at most `rows` more.

        Parameters
        ----------
        rows
            At least 1.

        Returns
        -------
        int
            How many were assigned: at least 1, and fewer than `rows` once that has
            taken some milliseconds. The last rows can take ``n`` times as long as the
            first.
        """
        start, order = self._row, len(self._costs)
        stop = min(order, start + rows)
        scans = max(1, _VISITED // order)
        self._row = _augment(
            self._costs, self._u, self._v, self._rows, start, stop, scans
        )
        return self._row - start


@kernel
def _augment(
    costs: AnyArray,
    u: IntVector,
    v: IntVector,
    rows: IntVector,
    start: int,
    stop: int,
    scans: int,
) -> int:
    """Assign rows from `start` on; return the first left after so many scans."""
    n = costs.shape[0]
    left = scans
    distance = np.empty(n + 1, dtype=np.int64)
    came_from = np.empty(n + 1, dtype=np.int64)
    done = np.empty(n + 1, dtype=np.bool_)
    for row in range(start, stop):
        if left <= 0:
            return row
        distance[:] = _FAR
        done[:] = False
        rows[n] = row
        k = n
        while rows[k] >= 0:
            left -= 1
            # Column k joins the tree; its row reaches all others.
            done[k] = True
            i = rows[k]
            nearest, step = -1, _FAR
            u_i = u[i]
            for j in range(n):
                if not done[j]:
                    reduced = costs[i, j] - u_i - v[j]
                    if reduced < distance[j]:
                        distance[j] = reduced
                        came_from[j] = k
                    if distance[j] < step:
                        nearest, step = j, distance[j]
            if step > 0:
                for j in range(n + 1):
                    if done[j]:
                        u[rows[j]] += step
                        v[j] -= step
                    else:
                        distance[j] -= step
            k = nearest
        while k != n:
            before = came_from[k]
            rows[k] = rows[before]
            k = before
        rows[n] = -1
    return stop


def warm_up_augmenting() -> None:
    """Compile the kernel."""
    AugmentingPaths(np.zeros((2, 2), dtype=np.int64)).advance(2)
