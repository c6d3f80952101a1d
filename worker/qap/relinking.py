"""The path from one permutation to another."""

import numpy as np

from worker.qap import swap_kernel
from worker.qap.arrays import IntVector
from worker.qap.instance import Instance
from worker.qap.neighbourhood import Neighbourhood, neighbourhood
from worker.qap.permutation import inverse
from worker.qap.placement import Placement


class Relinking:
    r"""Walk to a guide, by the best swap that brings a facility to its place there.

    Each step brings one facility, or two, to where the guide has it, and none away
    from there: the path has no circles and at most :math:`n - 1` steps.

    Parameters
    ----------
    ready
        The instance made ready.

    Attributes
    ----------
    portion
        How many swaps are weighed in some milliseconds.

    Notes
    -----
    :math:`O(n)` time to weigh a swap, :math:`O(n^3)` for a path; :math:`O(n^2)` space.

    Examples
    --------
    >>> matrix = [[0, 3, 1], [3, 0, 2], [1, 2, 0]]
    >>> relinking = Relinking(neighbourhood(Instance(matrix, matrix)))
    >>> relinking.start(np.array([0, 1, 2]), np.array([1, 2, 0]))
    >>> relinking.advance(9), relinking.finished, relinking.permutation
    (5, True, array([1, 2, 0]))
    """

    def __init__(self, ready: Neighbourhood) -> None:
        n = len(ready.kinds)
        self._ready = ready
        self._placement = Placement(ready)
        self.portion = self._placement.portion
        self._guide = self._located = self._lowest = np.arange(n)
        self._state = np.zeros(4, dtype=np.int64)
        self._values = np.zeros(3)

    @property
    def permutation(self) -> IntVector:
        """Where the walk stands: shape ``(n,)``, int64; changes with it."""
        return self._placement.permutation

    @property
    def lowest(self) -> IntVector:
        """The best permutation strictly between the ends, or the start if none is."""
        return self._lowest

    @property
    def gain(self) -> float:
        """The objective of `lowest` minus that of the start."""
        lowest = self._values[swap_kernel.LOWEST].item()
        return self._ready.scale * lowest if np.isfinite(lowest) else 0.0

    @property
    def finished(self) -> bool:
        """Whether the guide is reached."""
        return bool(self._state[swap_kernel.LEFT] == 0)

    def start(self, permutation: IntVector, guide: IntVector) -> None:
        """Begin at a permutation.

        Parameters
        ----------
        permutation, guide
            Shape ``(n,)``, int64: the two ends; copied.
        """
        self._placement.move_to(permutation)
        self._guide = guide.copy()
        self._located = inverse(permutation)
        self._lowest = permutation.copy()
        self._state[:] = 0, 0, np.count_nonzero(permutation != guide), 0
        self._values[:] = np.inf, 0, np.inf

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
        swap_kernel.relink(
            ready.flow,
            placement.flow_t,
            placement.placed,
            placement.placed_t,
            ready.linear,
            placement.permutation,
            self._located,
            self._guide,
            self._lowest,
            self._state,
            self._values,
            ready.is_symmetric,
            swaps,
        )
        return int(self._state[swap_kernel.WEIGHED]) - before


def warm_up_relinking(*, fractions: bool = True) -> None:
    """Compile the kernels for the types of element in use."""
    for entry in (1, 0.5) if fractions else (1,):
        matrix = np.array([[0, entry, 0], [entry, 0, 0], [0, 0, 0]])
        relinking = Relinking(neighbourhood(Instance(matrix, matrix)))
        relinking.start(np.array([0, 1, 2]), np.array([1, 2, 0]))
        relinking.advance(9)
