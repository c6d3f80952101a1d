"""Breakout local search that can be advanced."""

import numpy as np
from typing_extensions import override

from worker.qap.arrays import IntVector
from worker.qap.breakout_kernel import run_breakout
from worker.qap.instance import Instance
from worker.qap.neighbourhood import Neighbourhood, neighbourhood
from worker.qap.walk import Walk


class Breakout(Walk):
    r"""Descend, then break out as far, and in such a way, as the past suggests.

    At a local optimum, `jump` swaps lead away before the next descent: one more each
    time the walk has come back to the local optimum before. They are directed (the
    best swap that is not taboo), old (the placement left longest ago) or random. With
    :math:`\omega` local optima since the last new incumbent, a jump is directed with
    probability :math:`\max(e^{-\omega/T}, P)`; else it is old with probability
    :math:`Q`. After :math:`T` of them, :math:`n` random swaps start afresh. Breakout
    local search [1]_; its memory is of placements, as in `Taboo`, not of pairs.

    Parameters
    ----------
    instance
        The instance itself, for objectives.
    ready
        The instance made ready.
    rng
        Seeds the draws.
    permutation
        Shape ``(n,)``, int64: where to start; copied.
    jump
        The least number of swaps away from a local optimum.
    patience
        :math:`T`, in local optima.
    directed
        :math:`P`.
    old
        :math:`Q`.

    Attributes
    ----------
    jump
        As given; may be changed between two walks.

    References
    ----------
    .. [1] U. Benlic and J.-K. Hao, "Breakout local search for the quadratic
       assignment problem," *Applied Mathematics and Computation* 219 (2013)
       4800-4815, doi:10.1016/j.amc.2012.10.106.

    Examples
    --------
    >>> instance = Instance([[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    ...                     [[0, 5, 4], [5, 0, 6], [4, 6, 0]])
    >>> search = Breakout(instance, neighbourhood(instance), np.random.default_rng(1),
    ...                   np.array([2, 1, 0]), jump=1, patience=9, directed=0.5,
    ...                   old=0.3)
    >>> done = 0
    >>> while done < 20:
    ...     done += search.advance(20 - done)
    >>> search.objective
    56
    """

    def __init__(
        self,
        instance: Instance,
        ready: Neighbourhood,
        rng: np.random.Generator,
        permutation: IntVector,
        *,
        jump: int,
        patience: int,
        directed: float,
        old: float,
    ) -> None:
        self._stand = np.zeros(4, dtype=np.int64)
        self._seen = np.zeros(2, dtype=np.float64)
        self.jump = jump
        self._settings = patience, directed, old
        super().__init__(instance, ready, rng, permutation)

    @override
    def restart(self, permutation: IntVector) -> None:
        super().restart(permutation)
        self._stand[:] = 0, 0, self.jump, 0
        self._seen[:] = np.inf

    @override
    def walk(self, iterations: int) -> None:
        run_breakout(
            *self.state,
            self._stand,
            self._seen,
            self.jump,
            *self._settings,
            iterations,
        )


def warm_up_breakout(*, fractions: bool = True) -> None:
    """Compile the kernels for the types of element in use."""
    for entry in (1, 0.5) if fractions else (1,):
        matrix = np.array([[0, entry, 0], [entry, 0, 0], [0, 0, 0]])
        instance = Instance(matrix, matrix)
        search = Breakout(
            instance,
            neighbourhood(instance),
            np.random.default_rng(0),
            np.arange(3),
            jump=1,
            patience=9,
            directed=0.5,
            old=0.5,
        )
        while search.advance(1) == 0:
            pass
