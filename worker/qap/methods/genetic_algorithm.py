"""Genetic algorithm."""

from collections.abc import Iterator

import numpy as np
from typing_extensions import override

from worker.qap.arrays import IntVector
from worker.qap.crossover import swap_path_crossover
from worker.qap.instance import Instance
from worker.qap.methods.method import Method, Parameter, Parameters
from worker.qap.polished import PolishedSearch
from worker.qap.population import Population


class GeneticAlgorithm(PolishedSearch):
    r"""Cross two good permutations, mutate the child, and let it take a place.

    Parents are drawn by tournament. Swap-path crossover [1]_ brings them together:
    facility after facility, in random order, where they differ one of the two is
    swapped until they agree, and always the one that ends lower. Half-way the better
    one is the child: it has kept every assignment that its parents have in common.
    Some random swaps mutate it, a descent improves it, and it displaces the worst
    member unless it is there already. When no child has found a place for long, all
    members but the best make way for immigrants.

    Parameters
    ----------
    instance
        What to solve.
    rng
        The source of all randomness.
    permutation
        Shape ``(n,)``, int64: the first member, before its descent; copied.
    population
        How many members.
    tournament
        How many are drawn for one to become a parent.
    mutation
        The mean number of random swaps that a child undergoes.
    patience
        After how many children without a place immigrants come, as a multiple of
        `population`.
    sweeps
        How often a descent may weigh every swap.

    Notes
    -----
    An iteration is one permutation, made and improved: :math:`O(n^2)` time to cross,
    :math:`O(n^3)` a sweep. :math:`O(n^2 + m n)` space for :math:`m` members.

    References
    ----------
    .. [1] R. K. Ahuja, J. B. Orlin and A. Tiwari, "A greedy genetic algorithm for
       the quadratic assignment problem," *Computers & Operations Research* 27 (2000)
       917-934, doi:10.1016/S0305-0548(99)00067-2.

    Examples
    --------
    >>> instance = Instance([[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    ...                     [[0, 5, 4], [5, 0, 6], [4, 6, 0]])
    >>> search = METHOD.start(instance, np.random.default_rng(1))
    >>> search.advance(9), search.objective
    (9, 56)
    """

    def __init__(
        self,
        instance: Instance,
        rng: np.random.Generator,
        permutation: IntVector,
        *,
        population: int,
        tournament: int,
        mutation: float,
        patience: float,
        sweeps: float,
    ) -> None:
        super().__init__(instance, rng, permutation, sweeps=sweeps)
        self.population = Population(population)
        self._tournament = tournament
        self._mutation = mutation
        self._patience = patience * population

    @override
    def portions(self) -> Iterator[int]:
        """Breed for ever.

        Yields
        ------
        int
            1 for each permutation that is made and improved.
        """
        self.population.offer(*(yield from self.polish(self.permutation)))
        yield 1
        while True:
            for _ in range(self.population.capacity - len(self.population)):
                immigrant = self.rng.permutation(self.permutation.size)
                self.population.offer(*(yield from self.polish(immigrant)))
                yield 1
            barren = 0
            while barren < self._patience:
                child = self._mutated(self._crossed())
                found = yield from self.polish(child)
                barren = 0 if self.population.offer(*found) else barren + 1
                yield 1
            self.population.keep_best()

    def _crossed(self) -> IntVector:
        population = self.population
        mother = population.select(self.rng, self._tournament)
        father = population.select(self.rng, self._tournament)
        if mother == father:
            father = (mother + 1) % len(population)
        members, objectives = population.members, population.objectives
        return swap_path_crossover(
            self.ready,
            members[mother],
            members[father],
            ahead=objectives[father] - objectives[mother],
            rng=self.rng,
        )

    def _mutated(self, child: IntVector) -> IntVector:
        swaps = int(self.rng.poisson(self._mutation))
        for r, s in self.rng.integers(child.size, size=(swaps, 2)).tolist():
            child[r], child[s] = child[s], child[r]
        return child


def _begin(
    instance: Instance,
    rng: np.random.Generator,
    parameters: Parameters,
    permutation: IntVector,
) -> GeneticAlgorithm:
    return GeneticAlgorithm(
        instance,
        rng,
        permutation,
        population=int(parameters["population"]),
        tournament=int(parameters["tournament"]),
        mutation=parameters["mutation"],
        patience=parameters["patience"],
        sweeps=parameters["sweeps"],
    )


METHOD = Method(
    name="genetic_algorithm",
    title="Genetic algorithm",
    summary="Crosses good permutations, mutates and improves the children.",
    kind="heuristic",
    version="1",
    parameters=(
        Parameter(
            name="population",
            minimum=2,
            maximum=500,
            default=40,
            description="Members; more converge later, and to something better.",
            is_integer=True,
        ),
        Parameter(
            name="tournament",
            minimum=1,
            maximum=20,
            default=2,
            description="Members drawn for one parent; more favour the best.",
            is_integer=True,
        ),
        Parameter(
            name="mutation",
            minimum=0,
            maximum=20,
            default=3,
            description="Mean number of random swaps in a child; more lead farther.",
        ),
        Parameter(
            name="patience",
            minimum=1,
            maximum=100,
            default=5,
            description="Children in a row without a place, as a multiple of the "
            "population, before immigrants come; more search longer nearby.",
        ),
        Parameter(
            name="sweeps",
            minimum=0,
            maximum=100,
            default=100,
            description="How often a descent may weigh every swap; 0 leaves children "
            "as they are, more go on to a local optimum.",
        ),
    ),
    complexity_time="O(n^3) a sweep over one permutation",
    complexity_space="O(n^2 + population n)",
    category="population",
    best_for=("structured instances of up to some hundred facilities",),
    reference="Ahuja, Orlin and Tiwari 2000, doi:10.1016/S0305-0548(99)00067-2",
    begin=_begin,
)
