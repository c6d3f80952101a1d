"""MAX-MIN ant system."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from worker.qap.ant_kernel import construct
from worker.qap.arrays import IntVector
from worker.qap.instance import Instance
from worker.qap.methods.method import Method, Parameter, Parameters
from worker.qap.polished import PolishedSearch


class AntColony(PolishedSearch):
    r"""Build permutations from what good ones had in common.

    Pheromone :math:`\tau_{ik}` says how much good permutations had facility
    :math:`i` at location :math:`k`. Each ant places the facilities in random order,
    at free locations drawn in proportion to it, and a descent improves the result.
    When all ants of a colony are done, pheromone evaporates and the best ant, or
    from time to time the best since the last re-initialisation, lays new. It stays
    between two limits, so that no placement is ever certain or impossible. When no
    colony has improved that best for long, all pheromone is set to the upper limit
    and the best is forgotten (not so the incumbent). MAX-MIN ant system [1]_.

    The scale of pheromone does not matter, only its ratios do. Here the upper limit
    is 1 and an ant lays the share that evaporates, whatever its objective [2]_; so
    objectives may be zero or negative.

    Parameters
    ----------
    instance
        What to solve.
    rng
        The source of all randomness.
    permutation
        Shape ``(n,)``, int64: the first ant, before its descent; copied.
    ants
        How many make a colony.
    persistence
        The share of pheromone that does not evaporate after a colony.
    certainty
        The probability of building the same permutation again, were all pheromone
        on it at the upper limit and all other at the lower; sets the lower limit.
    elite
        Every how many colonies the best lays pheromone instead of the colony's best.
    patience
        After how many colonies without improvement pheromone is set anew.
    sweeps
        How often a descent may weigh every swap.

    Attributes
    ----------
    pheromone
        Shape ``(n, n)``, float64.
    lower_limit
        Of pheromone; the upper one is 1.

    Notes
    -----
    An iteration is one ant: :math:`O(n^2)` time to build, :math:`O(n^3)` a sweep.
    :math:`O(n^2)` space.

    References
    ----------
    .. [1] T. Stützle and H. H. Hoos, "MAX-MIN ant system," *Future Generation
       Computer Systems* 16 (2000) 889-914, doi:10.1016/S0167-739X(00)00043-1.
    .. [2] C. Blum and M. Dorigo, "The hyper-cube framework for ant colony
       optimization," *IEEE Transactions on Systems, Man, and Cybernetics B* 34
       (2004) 1161-1172, doi:10.1109/TSMCB.2003.821450.

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
        ants: int,
        persistence: float,
        certainty: float,
        elite: int,
        patience: int,
        sweeps: float,
    ) -> None:
        super().__init__(instance, rng, permutation, sweeps=sweeps)
        n = instance.order
        self.pheromone: NDArray[np.float64] = np.ones((n, n))
        self.lower_limit = lower_limit(n, certainty)
        self._ants = ants
        self._persistence = persistence
        self._elite = elite
        self._patience = patience
        self._best = permutation.copy()
        self._best_objective = float(self.objective)

    @override
    def portions(self) -> Iterator[int]:
        """Send out colonies for ever.

        Yields
        ------
        int
            1 for each ant that has built a permutation and improved it.
        """
        self._best, self._best_objective = yield from self.polish(self.permutation)
        yield 1
        stalled = colonies = 0
        while True:
            found = []
            for _ in range(self._ants):
                found.append((yield from self.polish(self._built())))
                yield 1
            winner, value = min(found, key=lambda ant: ant[1])
            colonies, stalled = colonies + 1, stalled + 1
            if value < self._best_objective:
                self._best, self._best_objective = winner, value
                stalled = 0
            self.lay(self._best if colonies % self._elite == 0 else winner)
            if stalled >= self._patience:
                self.pheromone[:] = 1
                self._best_objective = float("inf")
                stalled = 0

    def lay(self, permutation: IntVector) -> None:
        """Let pheromone evaporate everywhere, and grow where `permutation` is.

        Parameters
        ----------
        permutation
            Shape ``(n,)``, int64; not checked.
        """
        self.pheromone *= self._persistence
        facilities = np.arange(permutation.size)
        self.pheromone[facilities, permutation] += 1 - self._persistence
        np.clip(self.pheromone, self.lower_limit, 1, out=self.pheromone)

    def _built(self) -> IntVector:
        n = len(self.pheromone)
        order, draws = self.rng.permutation(n), self.rng.random(n)
        permutation: IntVector = construct(self.pheromone, order, draws)
        return permutation


def lower_limit(order: int, certainty: float) -> float:
    r"""Return the least pheromone, where the most is 1.

    Parameters
    ----------
    order
        How many facilities.
    certainty
        The probability, above 0 and below 1, of building a permutation whose
        pheromone is at the upper limit and all other at the lower.

    Returns
    -------
    float
        :math:`(1 - r) / ((n/2 - 1) r)` with :math:`r = certainty^{1/n}`, since an
        ant has :math:`n/2` locations to choose from on average; at most 1.

    Examples
    --------
    >>> round(lower_limit(30, 0.05), 4)
    0.0075
    """
    root = certainty ** (1 / order)
    others = order / 2 - 1
    return min(1.0, (1 - root) / (others * root)) if others > 0 else 1.0


def _begin(
    instance: Instance,
    rng: np.random.Generator,
    parameters: Parameters,
    permutation: IntVector,
) -> AntColony:
    return AntColony(
        instance,
        rng,
        permutation,
        ants=int(parameters["ants"]),
        persistence=parameters["persistence"],
        certainty=parameters["certainty"],
        elite=int(parameters["elite"]),
        patience=int(parameters["patience"]),
        sweeps=parameters["sweeps"],
    )


METHOD = Method(
    name="ant_colony",
    title="MAX-MIN ant system",
    summary="Builds permutations from pheromone that good ones have left.",
    kind="heuristic",
    version="1",
    parameters=(
        Parameter(
            name="ants",
            minimum=1,
            maximum=100,
            default=2,
            description="Ants in a colony; more learn more slowly and surely.",
            is_integer=True,
        ),
        Parameter(
            name="persistence",
            minimum=0.01,
            maximum=0.99,
            default=0.8,
            description="Share of pheromone that stays; more learns more slowly.",
        ),
        Parameter(
            name="certainty",
            minimum=0.000001,
            maximum=0.9,
            default=0.005,
            description="Probability of building the best again once all pheromone "
            "is on it; more lowers the lower limit and searches more closely.",
        ),
        Parameter(
            name="elite",
            minimum=1,
            maximum=1000,
            default=1,
            description="Every how many colonies the best so far lays pheromone; "
            "more leave it to the colony's best more often.",
            is_integer=True,
        ),
        Parameter(
            name="patience",
            minimum=1,
            maximum=10_000,
            default=50,
            description="Colonies without improvement before pheromone is set anew; "
            "more search longer nearby.",
            is_integer=True,
        ),
        Parameter(
            name="sweeps",
            minimum=0,
            maximum=100,
            default=100,
            description="How often a descent may weigh every swap; 0 leaves what "
            "ants build as it is, more go on to a local optimum.",
        ),
    ),
    complexity_time="O(n^3) a sweep over one permutation",
    complexity_space="O(n^2)",
    category="population",
    best_for=("structured instances, whose good permutations resemble each other",),
    reference="Stützle and Hoos 2000, doi:10.1016/S0167-739X(00)00043-1",
    begin=_begin,
)
