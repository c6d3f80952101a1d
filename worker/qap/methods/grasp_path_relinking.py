"""GRASP with path relinking."""

from collections.abc import Generator, Iterator

import numpy as np
from typing_extensions import override

from worker.qap.arrays import IntVector
from worker.qap.construction import Construction
from worker.qap.descending import DescendingSearch
from worker.qap.elite import Elite
from worker.qap.instance import Instance
from worker.qap.methods.method import Method, Parameter, Parameters
from worker.qap.neighbourhood import Neighbourhood, neighbourhood
from worker.qap.objective import objective
from worker.qap.relinking import Relinking


class GraspPathRelinking(DescendingSearch):
    """Construct, descend, and walk from there to one of the elite.

    Every round builds a permutation by a greedy randomised construction, descends to a
    local optimum and relinks it with an elite one drawn at random: from the best
    permutation between the two it descends again. Both local optima may join the
    elite, which keeps the best that differ [1]_.

    Parameters
    ----------
    instance
        What to solve.
    ready
        The instance made ready.
    rng
        Draws from the candidates and the elite.
    permutation
        Shape ``(n,)``, int64: the first to descend from; copied.
    greed
        From 0, any permutation, to 1, always the cheapest placement.
    elite_size
        How many permutations the elite keeps.

    Notes
    -----
    One iteration is one swap weighed: :math:`O(n)` time. A construction takes
    :math:`O(n^3)` and counts as none. :math:`O(n^2)` space.

    References
    ----------
    .. [1] C. A. S. Oliveira, P. M. Pardalos and M. G. C. Resende, "GRASP with
       path-relinking for the quadratic assignment problem," in *Experimental and
       Efficient Algorithms*, LNCS 3059, Springer (2004) 356-368,
       doi:10.1007/978-3-540-24838-5_27.

    Examples
    --------
    >>> instance = Instance([[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    ...                     [[0, 5, 4], [5, 0, 6], [4, 6, 0]])
    >>> search = GraspPathRelinking(
    ...     instance, neighbourhood(instance), np.random.default_rng(1),
    ...     np.array([2, 1, 0]), greed=0.5, elite_size=5)
    >>> while search.iterations < 20:
    ...     done = search.advance(20 - search.iterations)
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
        greed: float,
        elite_size: int,
    ) -> None:
        super().__init__(instance, ready, permutation)
        self._rng = rng
        self._greed = greed
        self._elite = Elite(elite_size)
        self._relinking = Relinking(ready)

    @override
    def portions(self) -> Iterator[int]:
        yield from self._improve(self.incumbent.permutation)
        construction = Construction(self.ready, self._rng, greed=self._greed)
        yield 0
        while True:
            construction.start()
            construction.advance()
            while not construction.finished:
                yield 0
                construction.advance()
            value = yield from self._improve(construction.permutation)
            yield from self._relink(self.descent.permutation.copy(), value)

    def _improve(self, start: IntVector) -> Generator[int, None, float]:
        order = self._rng.permutation(self.instance.order)
        begun = objective(self.instance, start)
        value = yield from self.descend(start, begun, order)
        self._elite.offer(self.descent.permutation, value)
        return value

    def _relink(self, permutation: IntVector, value: float) -> Iterator[int]:
        guide = self._elite.draw(self._rng)
        relinking = self._relinking
        relinking.start(permutation, guide)
        while not relinking.finished:
            done = relinking.advance(min(self.allowance, relinking.portion))
            if done:
                yield done
        order = self._rng.permutation(permutation.size)
        found = yield from self.descend(relinking.lowest, value + relinking.gain, order)
        self._elite.offer(self.descent.permutation, found)


def _begin(
    instance: Instance,
    rng: np.random.Generator,
    parameters: Parameters,
    permutation: IntVector,
) -> GraspPathRelinking:
    return GraspPathRelinking(
        instance,
        neighbourhood(instance),
        rng,
        permutation,
        greed=parameters["greed"],
        elite_size=int(parameters["elite_size"]),
    )


METHOD = Method(
    name="grasp_path_relinking",
    title="GRASP with path relinking",
    summary="Builds, descends, and looks between the best permutations found.",
    kind="heuristic",
    version="1",
    parameters=(
        Parameter(
            name="greed",
            minimum=0,
            maximum=1,
            default=0.7,
            description="How near the cheapest a placement has to be; more varies "
            "the starts less.",
        ),
        Parameter(
            name="elite_size",
            minimum=1,
            maximum=1000,
            default=10,
            description="How many permutations are kept to walk to; more varies the "
            "walks more.",
            is_integer=True,
        ),
    ),
    complexity_time="O(n) an iteration, which weighs one swap",
    complexity_space="O(n^2)",
    category="multi-start",
    best_for=("sparse flow", "many good permutations rather than one"),
    reference="Oliveira, Pardalos and Resende 2004, doi:10.1007/978-3-540-24838-5_27",
    begin=_begin,
)
