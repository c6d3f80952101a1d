"""Variable neighbourhood search."""

from collections.abc import Iterator

import numpy as np
from typing_extensions import override

from worker.qap.arrays import IntVector
from worker.qap.descending import DescendingSearch
from worker.qap.instance import Instance
from worker.qap.methods.method import Method, Parameter, Parameters
from worker.qap.neighbourhood import Neighbourhood, neighbourhood
from worker.qap.objective import objective
from worker.qap.shifting import shifted


class VariableNeighborhood(DescendingSearch):
    r"""Shake, descend, and shake harder if that was in vain.

    The k-th neighbourhood of a permutation holds those that differ from it in a cyclic
    shift of k facilities. A random one is drawn and descended from. If the local
    optimum is better, it becomes the current one and k is the least again; else k
    grows by one, and after the largest comes the least [1]_. With a skew
    :math:`\alpha > 0` a worse one is accepted too, if it is far enough: while the
    objective grows by less than :math:`\alpha |z| \rho / n`, where :math:`z` is the
    objective of the current one and :math:`\rho` the number of facilities that stand
    elsewhere [2]_. The incumbent is kept apart.

    Parameters
    ----------
    instance
        What to solve.
    ready
        The instance made ready.
    rng
        Draws the shakes.
    permutation
        Shape ``(n,)``, int64: where to start; copied.
    k_min, k_max
        The least and the largest number of facilities shifted: ``2 <= k_min <= k_max``;
        cut to ``n``.
    skew
        :math:`\alpha`; 0 accepts better ones only.

    Notes
    -----
    One iteration is one swap weighed: :math:`O(n)` time. To shake takes :math:`O(n^2)`,
    for the objective. :math:`O(n^2)` space.

    References
    ----------
    .. [1] N. Mladenovic and P. Hansen, "Variable neighborhood search," *Computers &
       Operations Research* 24 (1997) 1097-1100, doi:10.1016/S0305-0548(97)00031-2.
    .. [2] P. Hansen and N. Mladenovic, "Variable neighborhood search: principles and
       applications," *European Journal of Operational Research* 130 (2001) 449-467,
       doi:10.1016/S0377-2217(00)00100-4.

    Examples
    --------
    >>> instance = Instance([[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    ...                     [[0, 5, 4], [5, 0, 6], [4, 6, 0]])
    >>> search = VariableNeighborhood(
    ...     instance, neighbourhood(instance), np.random.default_rng(1),
    ...     np.array([2, 1, 0]), k_min=2, k_max=3, skew=0)
    >>> search.advance(20), search.objective
    (20, 56)
    """

    def __init__(
        self,
        instance: Instance,
        ready: Neighbourhood,
        rng: np.random.Generator,
        permutation: IntVector,
        *,
        k_min: int,
        k_max: int,
        skew: float,
    ) -> None:
        super().__init__(instance, ready, permutation)
        self._rng = rng
        self._k_min = min(k_min, instance.order)
        self._k_max = min(k_max, instance.order)
        self._skew = skew

    @override
    def portions(self) -> Iterator[int]:
        n = self.instance.order
        start = self.incumbent.permutation
        value = yield from self.descend(
            start, objective(self.instance, start), self._rng.permutation(n)
        )
        current = self.descent.permutation.copy()
        k = self._k_min
        while True:
            # The facilities shaken come first in the descent: most to mend is there.
            order = self._rng.permutation(n)
            shaken = shifted(current, order[:k])
            found = yield from self.descend(
                shaken, objective(self.instance, shaken), order
            )
            if self._is_accepted(found, value, current):
                value, current = found, self.descent.permutation.copy()
                k = self._k_min
            else:
                k = k + 1 if k < self._k_max else self._k_min

    def _is_accepted(self, found: float, value: float, current: IntVector) -> bool:
        if found < value - self.ready.scale * self.ready.tolerance:
            return True
        moved = np.count_nonzero(self.descent.permutation != current).item()
        return found - value < self._skew * abs(value) * moved / current.size


def _begin(
    instance: Instance,
    rng: np.random.Generator,
    parameters: Parameters,
    permutation: IntVector,
) -> VariableNeighborhood:
    k_min = int(parameters["k_min"])
    return VariableNeighborhood(
        instance,
        neighbourhood(instance),
        rng,
        permutation,
        k_min=k_min,
        k_max=max(k_min, round(parameters["k_max"] * instance.order)),
        skew=parameters["skew"],
    )


METHOD = Method(
    name="variable_neighborhood",
    title="Variable neighbourhood search",
    summary="Shakes the current permutation and descends, harder after each failure.",
    kind="heuristic",
    version="1",
    parameters=(
        Parameter(
            name="k_min",
            minimum=2,
            maximum=100,
            default=2,
            description="How many facilities the weakest shake moves, cut to n; more "
            "leads farther away.",
            is_integer=True,
        ),
        Parameter(
            name="k_max",
            minimum=0,
            maximum=1,
            default=0.5,
            description="How many the strongest moves, as a part of n but at least "
            "k_min; more resembles a restart.",
        ),
        Parameter(
            name="skew",
            minimum=0,
            maximum=1,
            default=0.03,
            description="How much worse a permutation may be that differs in all "
            "places, as a part of the objective; more wanders more.",
        ),
    ),
    complexity_time="O(n) an iteration, which weighs one swap",
    complexity_space="O(n^2)",
    category="local search",
    best_for=("distances with structure", "few parameters to choose"),
    reference="Mladenovic and Hansen 1997, doi:10.1016/S0305-0548(97)00031-2",
    begin=_begin,
)
