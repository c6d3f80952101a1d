"""Descent by swaps, from one random permutation after another."""

from collections.abc import Iterator

import numpy as np
from typing_extensions import override

from worker.qap.arrays import IntVector
from worker.qap.descending import DescendingSearch
from worker.qap.instance import Instance
from worker.qap.methods.method import Method, Parameters
from worker.qap.neighbourhood import Neighbourhood, neighbourhood
from worker.qap.objective import objective


class TwoSwap(DescendingSearch):
    """Descend from random starts; keep the best local optimum.

    Swaps are weighed in a circular order, drawn anew for each start, and made at once
    when they improve. Where a whole round does not improve is a local optimum, and the
    next start is drawn. This is the neighbourhood of CRAFT [1]_, and the baseline that
    anything else has to beat.

    Parameters
    ----------
    instance
        What to solve.
    ready
        The instance made ready.
    rng
        Draws the starts.
    permutation
        Shape ``(n,)``, int64: the first start; copied.

    Notes
    -----
    One iteration is one swap weighed: :math:`O(n)` time; :math:`O(n^2)` space.

    References
    ----------
    .. [1] E. S. Buffa, G. C. Armour and T. E. Vollmann, "Allocating facilities with
       CRAFT," *Harvard Business Review* 42 (1964) 136-158.

    Examples
    --------
    >>> instance = Instance([[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    ...                     [[0, 5, 4], [5, 0, 6], [4, 6, 0]])
    >>> search = TwoSwap(instance, neighbourhood(instance),
    ...                  np.random.default_rng(1), np.array([2, 1, 0]))
    >>> search.advance(20), search.objective
    (20, 56)
    """

    def __init__(
        self,
        instance: Instance,
        ready: Neighbourhood,
        rng: np.random.Generator,
        permutation: IntVector,
    ) -> None:
        super().__init__(instance, ready, permutation)
        self._rng = rng

    @override
    def portions(self) -> Iterator[int]:
        n = self.instance.order
        start = self.incumbent.permutation
        while True:
            value = objective(self.instance, start)
            yield from self.descend(start, value, self._rng.permutation(n))
            start = self._rng.permutation(n)


def _begin(
    instance: Instance,
    rng: np.random.Generator,
    parameters: Parameters,
    permutation: IntVector,
) -> TwoSwap:
    return TwoSwap(instance, neighbourhood(instance), rng, permutation)


METHOD = Method(
    name="two_swap",
    title="Multi-start two-swap descent",
    summary="Swaps facilities while that improves, from many random starts.",
    kind="heuristic",
    version="1",
    parameters=(),
    complexity_time="O(n) an iteration, which weighs one swap",
    complexity_space="O(n^2)",
    category="local search",
    best_for=("a baseline to compare with", "local optima in the least time"),
    reference="Buffa, Armour and Vollmann 1964, Harvard Business Review 42, 136-158",
    begin=_begin,
)
