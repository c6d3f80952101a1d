"""Where the facilities stand, laid out for weighing swaps."""

import numpy as np

from worker.qap import swap_kernel
from worker.qap.arrays import AnyArray, IntVector
from worker.qap.neighbourhood import Neighbourhood

_PORTION = 2**22  # products a portion may cost
_PER_SWAP = 64  # products that all else about a swap costs


class Placement:
    """A permutation and the distances between all facilities under it.

    Parameters
    ----------
    ready
        The instance made ready.

    Attributes
    ----------
    ready
        As given.
    permutation
        Shape ``(n,)``, int64: kernels change it, and `placed` with it.
    flow_t
        Shape ``(n, n)``: the transpose of ``ready.flow``, C-contiguous.
    placed, placed_t
        Shape ``(n, n)``: ``placed[i, j]`` is the distance between the locations of
        facilities ``i`` and ``j``; and the transpose, not kept if symmetric.
    portion
        How many swaps are weighed, and even made, in some milliseconds.

    Notes
    -----
    :math:`O(n^2)` time to move to a permutation, :math:`O(n)` to weigh or make a
    swap; :math:`O(n^2)` space.

    Examples
    --------
    >>> from worker.qap.instance import Instance
    >>> from worker.qap.neighbourhood import neighbourhood
    >>> instance = Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]])
    >>> placement = Placement(neighbourhood(instance))
    >>> placement.move_to(np.array([1, 0]))
    >>> placement.placed.tolist()
    [[0.0, 2.0], [5.0, 0.0]]
    """

    def __init__(self, ready: Neighbourhood) -> None:
        n = len(ready.kinds)
        self.ready = ready
        self.permutation: IntVector = np.arange(n)
        self.placed: AnyArray = ready.distance.copy()
        if ready.is_symmetric:
            self.flow_t, self.placed_t = ready.flow, self.placed
        else:
            self.flow_t = np.ascontiguousarray(ready.flow.T)
            self.placed_t = np.ascontiguousarray(self.placed.T)
        lines = 1 if ready.is_symmetric else 2
        self.portion = max(1, _PORTION // (lines * n + _PER_SWAP))

    def move_to(self, permutation: IntVector) -> None:
        """Place every facility anew.

        Parameters
        ----------
        permutation
            Shape ``(n,)``, int64; copied.
        """
        self.permutation = permutation.copy()
        swap_kernel.place(
            self.ready.distance,
            self.permutation,
            self.placed,
            self.placed_t,
            self.ready.is_symmetric,
        )
