"""Iterated taboo search."""

from collections.abc import Iterator

import numpy as np
from typing_extensions import override

from worker.qap.arrays import IntVector
from worker.qap.improving import improve
from worker.qap.instance import Instance
from worker.qap.methods.method import Method, Parameter, Parameters
from worker.qap.neighbourhood import neighbourhood
from worker.qap.shifting import shift
from worker.qap.sliced import SlicedSearch
from worker.qap.taboo import Taboo


class IteratedTabu(SlicedSearch):
    """Improve by taboo search, shift some facilities round a cycle, and improve again.

    The next run starts from the best of the last ones unless it ended higher. The
    cycle grows by one facility with every fruitless run, from `weakest` to
    `strongest`, then starts small again; after a new home it starts small, too. Where
    even the strongest shift was fruitless, a lower permutation found by others becomes
    the home. Iterated tabu search [1]_.

    Parameters
    ----------
    instance
        What to solve.
    rng
        The source of all randomness.
    permutation
        Shape ``(n,)``, int64: where to start; copied.
    stall
        Iterations without improvement that end a run.
    weakest, strongest
        How many facilities move: from 2 to n.

    Notes
    -----
    :math:`O(n^2)` time an iteration, which is one of the taboo search, and
    :math:`O(n^3)` a run; :math:`O(n^2)` space.

    References
    ----------
    .. [1] A. Misevicius, "An implementation of the iterated tabu search algorithm for
       the quadratic assignment problem," *OR Spectrum* 34 (2012) 665-690,
       doi:10.1007/s00291-011-0274-z.

    Examples
    --------
    >>> instance = Instance([[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    ...                     [[0, 5, 4], [5, 0, 6], [4, 6, 0]])
    >>> search = IteratedTabu(instance, np.random.default_rng(1), np.array([2, 1, 0]),
    ...                       stall=5, weakest=2, strongest=3)
    >>> search.advance(20), search.objective
    (20, 56)
    """

    def __init__(
        self,
        instance: Instance,
        rng: np.random.Generator,
        permutation: IntVector,
        *,
        stall: int,
        weakest: int,
        strongest: int,
    ) -> None:
        super().__init__(instance, permutation)
        self._rng = rng
        self._stall = stall
        self._weakest = weakest
        self._strongest = strongest
        n = instance.order
        self._taboo = Taboo(
            instance,
            neighbourhood(instance),
            rng,
            permutation,
            tenure=n,
            aspiration=10 * n**2,
        )

    @override
    def portions(self) -> Iterator[int]:
        taboo, strength = self._taboo, self._weakest
        yield from improve(self, taboo, self.permutation, self._stall)
        home, value = taboo.permutation, taboo.objective
        while True:
            moved = shift(home, strength, self._rng)
            yield from improve(self, taboo, moved, self._stall)
            strength += 1
            is_exhausted = strength > self._strongest
            if taboo.objective < value or is_exhausted:
                strength = self._weakest
            if taboo.objective <= value:
                home, value = taboo.permutation, taboo.objective
            if is_exhausted and self.immigrant is not None:
                # Every strength was in vain: better go on from where others are.
                home, value = min(
                    (home, value), self.immigrant, key=lambda found: found[1]
                )
                self.immigrant = None


def _begin(
    instance: Instance,
    rng: np.random.Generator,
    parameters: Parameters,
    permutation: IntVector,
) -> IteratedTabu:
    n = instance.order
    weakest = max(2, round(parameters["weakest"] * n))
    return IteratedTabu(
        instance,
        rng,
        permutation,
        stall=max(1, round(parameters["stall"] * n)),
        weakest=weakest,
        strongest=max(weakest, round(parameters["strongest"] * n)),
    )


METHOD = Method(
    name="iterated_tabu",
    title="Iterated taboo search",
    summary="Short taboo runs, each from a shifted copy of the best run's end.",
    kind="heuristic",
    version="1",
    parameters=(
        Parameter(
            name="stall",
            minimum=1,
            maximum=10_000,
            default=50,
            description="Iterations without improvement that end a run, as a multiple "
            "of n; more suits instances without structure.",
        ),
        Parameter(
            name="weakest",
            minimum=0,
            maximum=1,
            default=0.1,
            description="Share of the facilities that the first shift moves; more "
            "leads farther away.",
        ),
        Parameter(
            name="strongest",
            minimum=0,
            maximum=1,
            default=0.5,
            description="Share of the facilities at which shifts stop growing.",
        ),
    ),
    complexity_time="O(n^2) an iteration",
    complexity_space="O(n^2)",
    category="local search",
    best_for=("instances without structure", "long runs"),
    reference="Misevicius 2012, doi:10.1007/s00291-011-0274-z",
    begin=_begin,
)
