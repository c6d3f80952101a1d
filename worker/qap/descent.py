"""Descent to a local optimum of the swap neighbourhood."""

import numpy as np

from worker.qap import swap_kernel
from worker.qap.arrays import IntVector
from worker.qap.instance import Instance
from worker.qap.neighbourhood import Neighbourhood, neighbourhood
from worker.qap.placement import Placement


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
    gain
        The sum of the deltas of all swaps made since `start`: at most 0.
    portion
        How many swaps are weighed in some milliseconds.

    Notes
    -----
    :math:`O(n)` time to weigh a swap, :math:`O(n^3)` to see that no swap improves;
    :math:`O(n^2)` space.

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
        self._placement = Placement(ready)
        n = len(ready.kinds)
        self.gain = 0.0
        self.portion = self._placement.portion
        self._order: IntVector = np.arange(n)
        self._state = np.zeros(4, dtype=np.int64)
        self._every = n * (n - 1) // 2

    @property
    def permutation(self) -> IntVector:
        """Where the descent stands: shape ``(n,)``, int64; changes with it."""
        return self._placement.permutation

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
        self._placement.move_to(permutation)
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
        ready, placement = self._ready, self._placement
        before = int(self._state[swap_kernel.WEIGHED])
        total = swap_kernel.descend(
            ready.flow,
            placement.flow_t,
            placement.placed,
            placement.placed_t,
            ready.linear,
            ready.kinds,
            placement.permutation,
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
