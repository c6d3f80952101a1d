"""Descent to a local optimum of the swap neighbourhood."""

import numpy as np

from worker.qap import swap_kernel
from worker.qap.arrays import IntVector
from worker.qap.instance import Instance
from worker.qap.neighbourhood import Neighbourhood, neighbourhood

_PORTION = 2**21  # products a portion may cost


class Descent:
    """Make every swap that improves, until none does.

    The swaps are weighed one after another, in circular order, and made at once when
    they improve (first improvement).

    Parameters
    ----------
    ready
        The instance made ready.

    Attributes
    ----------
    permutation
        Shape ``(n,)``, int64: where the descent stands.
    gain
        The sum of the deltas of all swaps made since `start`: at most 0.
    portion
        How many swaps are weighed in some milliseconds.

    Notes
    -----
    :math:`O(n)` time to weigh a swap, :math:`O(n^3)` to see that no swap improves;
    :math:`O(n)` space.

    Examples
    --------
    >>> instance = Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]])
    >>> descent = Descent(neighbourhood(instance))
    >>> descent.start(np.array([0, 1]))
    >>> descent.advance(10), descent.finished, descent.permutation, descent.gain
    (2, True, array([1, 0]), -6.0)
    """

    def __init__(self, ready: Neighbourhood) -> None:
        self._ready = ready
        n = len(ready.kinds)
        self.permutation: IntVector = np.arange(n)
        self.gain = 0.0
        per_swap = n if ready.is_symmetric else 2 * n
        self.portion = max(1, _PORTION // per_swap)
        self._order: IntVector = np.arange(n)
        self._state = np.zeros(4, dtype=np.int64)
        self._every = n * (n - 1) // 2

    @property
    def finished(self) -> bool:
        """Whether no swap improves the permutation."""
        return bool(self._state[swap_kernel.BARREN] >= self._every)

    def start(self, permutation: IntVector, order: IntVector | None = None) -> None:
        """Begin at a permutation.

        Parameters
        ----------
        permutation
            Shape ``(n,)``, int64; copied.
        order
            Shape ``(n,)``, int64: a permutation of the facilities, in whose order
            they are tried. None means ``0..n-1``.
        """
        self.permutation = permutation.copy()
        self.gain = 0.0
        self._order = np.arange(permutation.size) if order is None else order.copy()
        self._state[:] = 0, 1, 0, 0

    def advance(self, swaps: int) -> int:
        """Weigh at most `swaps` swaps.

        Parameters
        ----------
        swaps
            At least 1.

        Returns
        -------
        int
            How many were weighed: fewer only if `finished`.
        """
        ready = self._ready
        before = int(self._state[swap_kernel.WEIGHED])
        total = swap_kernel.descend(
            ready.flow,
            ready.distance,
            ready.linear,
            ready.kinds,
            self.permutation,
            self._order,
            self._state,
            ready.is_symmetric,
            ready.tolerance,
            swaps,
        )
        self.gain += ready.scale * total
        return int(self._state[swap_kernel.WEIGHED]) - before


def warm_up_descent(*, fractions: bool = True) -> None:
    """Compile the kernels for the types of element in use."""
    for entry in (1, 0.5) if fractions else (1,):
        matrix = np.array([[0, entry, 0], [entry, 0, 0], [0, 0, 0]])
        descent = Descent(neighbourhood(Instance(matrix, matrix)))
        descent.start(np.arange(3))
        descent.advance(9)
