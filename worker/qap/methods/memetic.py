"""Memetic search: a population whose members are improved by walks."""

from collections.abc import Iterator

import numpy as np
from typing_extensions import override

from worker.qap.arrays import IntVector
from worker.qap.breakout import Breakout
from worker.qap.crossover import uniform_crossover
from worker.qap.improving import improve
from worker.qap.instance import Instance
from worker.qap.methods.method import Method, Parameter, Parameters
from worker.qap.neighbourhood import neighbourhood
from worker.qap.population import Population
from worker.qap.shifting import shift
from worker.qap.sliced import SlicedSearch
from worker.qap.taboo import Taboo

_SHIFT = 0.2, 0.5  # shares of n
_COPY = 0.05  # a child that differs less from a parent is shifted
_ISOLATION = 0.1  # share of the patience for which a population keeps to itself


class Memetic(SlicedSearch):
    """Cross two members, improve the child, and let it replace the worst.

    A child keeps what its parents agree on; where they agree on nearly everything,
    some facilities are shifted round a cycle. It is improved by breakout local search,
    or by taboo search, until that stalls, and joins the population if it is better than
    the worst member and no twin of any. After `patience` children without a better best
    member, all but the best are shifted and improved again. Memetic search as of [1]_,
    with the crossover of [2]_.

    Parameters
    ----------
    instance
        What to solve.
    rng
        The source of all randomness.
    permutation
        Shape ``(n,)``, int64: the first member, before it is improved; copied.
    size
        How many members: at least 2.
    stall
        Iterations without improvement that end an improvement.
    patience
        Children without a better best member before the population is renewed.
    jump
        The least and the greatest number of swaps with which a breakout leaves a local
        optimum at first, as shares of n; drawn anew for each improvement.
    by_taboo
        Whether taboo search improves, with tenures of at most n; else breakout does.

    Notes
    -----
    :math:`O(n^2)` time an iteration, which is one of the walk that improves, and
    :math:`O(n^3)` a child; :math:`O(n^2 + n s)` space for :math:`s` members.

    References
    ----------
    .. [1] U. Benlic and J.-K. Hao, "Memetic search for the quadratic assignment
       problem," *Expert Systems with Applications* 42 (2015) 584-595,
       doi:10.1016/j.eswa.2014.08.011.
    .. [2] D. M. Tate and A. E. Smith, "A genetic approach to the quadratic assignment
       problem," *Computers & Operations Research* 22 (1995) 73-83,
       doi:10.1016/0305-0548(93)E0020-T.

    Examples
    --------
    >>> instance = Instance([[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    ...                     [[0, 5, 4], [5, 0, 6], [4, 6, 0]])
    >>> search = Memetic(instance, np.random.default_rng(1), np.array([2, 1, 0]),
    ...                  size=2, stall=5, patience=9, jump=(0.05, 0.3), by_taboo=False)
    >>> search.advance(20), search.objective
    (20, 56)
    """

    def __init__(
        self,
        instance: Instance,
        rng: np.random.Generator,
        permutation: IntVector,
        *,
        size: int,
        stall: int,
        patience: int,
        jump: tuple[float, float],
        by_taboo: bool,
    ) -> None:
        super().__init__(instance, permutation)
        self._rng = rng
        self._order = instance.order
        self._stall = stall
        self._patience = patience
        self._jump = jump
        self._population = Population(size)
        ready, n = neighbourhood(instance), instance.order
        self._walk: Taboo | Breakout
        if by_taboo:
            self._walk = Taboo(
                instance, ready, rng, permutation, tenure=n, aspiration=10 * n**2
            )
        else:
            self._walk = Breakout(
                instance,
                ready,
                rng,
                permutation,
                jump=1,
                patience=2500,
                directed=0.75,
                old=0.3,
            )

    @override
    def portions(self) -> Iterator[int]:
        population = self._population
        yield from self._improve(self.permutation)
        while True:
            while not population.is_full:
                yield from self._improve(self._rng.permutation(self._order))
            best, fruitless = min(population.objectives), 0
            while fruitless < self._patience:
                yield from self._improve(self._child())
                fruitless += 1
                if fruitless > _ISOLATION * self._patience:
                    self._admit()
                if min(population.objectives) < best:
                    best, fruitless = min(population.objectives), 0
            yield from self._renew()

    def _admit(self) -> None:
        """Let the last immigrant join, if it is better than the worst and no twin."""
        if self.immigrant is not None:
            self._population.offer(*self.immigrant)
            self.immigrant = None

    def _child(self) -> IntVector:
        members = self._population.members
        first, second = self._rng.choice(len(members), 2, replace=False)
        child = uniform_crossover(members[first], members[second], self._rng)
        differ = min(int((child != members[k]).sum()) for k in (first, second))
        return self._shifted(child) if differ < _COPY * self._order else child

    def _shifted(self, permutation: IntVector) -> IntVector:
        share = self._rng.uniform(*_SHIFT)
        return shift(permutation, max(2, round(share * self._order)), self._rng)

    def _improve(self, permutation: IntVector) -> Iterator[int]:
        walk = self._walk
        if isinstance(walk, Breakout):
            walk.jump = max(1, round(self._rng.uniform(*self._jump) * self._order))
        yield from improve(self, walk, permutation, self._stall)
        self._population.offer(walk.permutation, walk.objective)

    def _renew(self) -> Iterator[int]:
        old = list(self._population.members)
        self._population.keep_best()
        best = self._population.members[0]
        for member in old:
            if member is not best:
                yield from self._improve(self._shifted(member))


def _begin(
    instance: Instance,
    rng: np.random.Generator,
    parameters: Parameters,
    permutation: IntVector,
) -> Memetic:
    least_jump = parameters["least_jump"]
    return Memetic(
        instance,
        rng,
        permutation,
        size=int(parameters["population"]),
        stall=max(1, round(parameters["stall"] * instance.order)),
        patience=int(parameters["patience"]),
        jump=(least_jump, max(least_jump, parameters["greatest_jump"])),
        by_taboo=bool(parameters["taboo"]),
    )


METHOD = Method(
    name="memetic",
    title="Memetic search",
    summary="Crosses good permutations and improves every child by breakout search.",
    kind="heuristic",
    version="1",
    parameters=(
        Parameter(
            name="population",
            minimum=2,
            maximum=1000,
            default=10,
            description="How many members; more converges later and finds more.",
            is_integer=True,
        ),
        Parameter(
            name="stall",
            minimum=1,
            maximum=10_000,
            default=150,
            description="Iterations without improvement that end an improvement, as a "
            "multiple of n; more suits instances without structure.",
        ),
        Parameter(
            name="patience",
            minimum=1,
            maximum=1_000_000,
            default=50,
            description="Children without a better best member before the population "
            "is renewed; more intensifies longer.",
            is_integer=True,
        ),
        Parameter(
            name="least_jump",
            minimum=0,
            maximum=1,
            default=0.05,
            description="Least share of n by which an improvement leaves a local "
            "optimum; less suits grids.",
        ),
        Parameter(
            name="greatest_jump",
            minimum=0,
            maximum=1,
            default=0.3,
            description="Greatest such share; more suits very unequal entries.",
        ),
        Parameter(
            name="taboo",
            minimum=0,
            maximum=1,
            default=0,
            description="1 improves by taboo search instead of breakout, which suits "
            "uniform random matrices.",
            is_integer=True,
        ),
    ),
    complexity_time="O(n^2) an iteration",
    complexity_space="O(n^2)",
    category="population",
    best_for=("the best objective within seconds to hours", "any instance"),
    reference="Benlic & Hao 2015, doi:10.1016/j.eswa.2014.08.011",
    begin=_begin,
)
