"""Searches that build permutations anew and polish each by descent."""

import math
from collections.abc import Generator

import numpy as np

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.compile import kernel
from worker.qap.descent import Descent
from worker.qap.instance import Instance
from worker.qap.neighbourhood import Neighbourhood, neighbourhood
from worker.qap.sliced import SlicedSearch


class PolishedSearch(SlicedSearch):
    """A search whose permutations are each improved by a descent.

    Parameters
    ----------
    instance
        What to solve.
    rng
        The source of all randomness.
    permutation
        Shape ``(n,)``, int64: the first incumbent; copied.
    sweeps
        How often a descent may weigh every swap, at least 0; it ends before that at
        a local optimum.

    Attributes
    ----------
    ready
        The instance made ready.
    rng
        As given.

    Notes
    -----
    :math:`O(n^3)` time a sweep; :math:`O(n)` space.

    Examples
    --------
    >>> class Once(PolishedSearch):
    ...     def portions(self):
    ...         yield from self.polish(np.array([0, 1]))
    ...         yield 1
    >>> instance = Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]])
    >>> search = Once(instance, np.random.default_rng(1), np.array([0, 1]), sweeps=9)
    >>> search.advance(1), search.objective, search.improvements.iterations
    (1, 11, array([0, 1]))
    """

    def __init__(
        self,
        instance: Instance,
        rng: np.random.Generator,
        permutation: IntVector,
        *,
        sweeps: float,
    ) -> None:
        super().__init__(instance, permutation)
        self.ready: Neighbourhood = neighbourhood(instance)
        self.rng = rng
        n = instance.order
        self._descent = Descent(self.ready)
        self._most = math.ceil(sweeps * (n * (n - 1) // 2))
        # What the instance made ready leaves out, the same for every permutation.
        self._left_out = 0.0
        self._left_out = self.objective - self.evaluate(permutation)
        self._by_kind = np.argsort(self.ready.kinds, kind="stable")
        self._has_twins = bool((self.ready.kinds != np.arange(n)).any())

    def evaluate(self, permutation: IntVector) -> float:
        """Return the objective of `permutation`; of floats, up to rounding.

        Parameters
        ----------
        permutation
            Shape ``(n,)``, int64; not checked.

        Returns
        -------
        float
            Exact where the instance is.
        """
        ready = self.ready
        value = placed_objective(
            ready.flow, ready.distance, ready.linear, permutation, ready.is_symmetric
        )
        return ready.scale * value + self._left_out

    def polish(
        self, permutation: IntVector
    ) -> Generator[int, None, tuple[IntVector, float]]:
        """Descend from `permutation`, as far as sweeps allow, and offer the end.

        Belongs to the iteration that comes after those done.

        Parameters
        ----------
        permutation
            Shape ``(n,)``, int64; not changed.

        Yields
        ------
        int
            0, whenever some milliseconds have passed.

        Returns
        -------
        IntVector
            Shape ``(n,)``: where the descent ended. Facilities of one kind stand in
            rising order of location, so that permutations that differ in nothing else
            are the same.
        float
            Its objective; of floats, up to rounding.
        """
        descent, left = self._descent, self._most
        begun = self.evaluate(permutation)
        descent.start(permutation, self.rng.permutation(permutation.size))
        while left > 0 and not descent.finished:
            left -= descent.advance(min(left, descent.portion))
            self._offer(descent.permutation, begun + descent.gain)
            if left > 0 and not descent.finished:
                yield 0
        found = self.sorted_by_kind(descent.permutation)
        self._offer(found, begun + descent.gain)
        return found, begun + descent.gain

    def sorted_by_kind(self, permutation: IntVector) -> IntVector:
        """Return `permutation` with facilities of one kind in order of location.

        Parameters
        ----------
        permutation
            Shape ``(n,)``, int64; not changed.

        Returns
        -------
        IntVector
            Shape ``(n,)``, a copy, of equal objective.
        """
        result = permutation.copy()
        if self._has_twins:
            order = np.lexsort((permutation, self.ready.kinds))
            result[self._by_kind] = permutation[order]
        return result

    def _offer(self, permutation: IntVector, value: float) -> None:
        self.incumbent.offer(permutation, value, self.iterations + 1)


@kernel
def placed_objective(
    flow: AnyArray,
    distance: AnyArray,
    linear: AnyArray,
    p: IntVector,
    is_symmetric: bool,
) -> float:
    """Return the objective in units of a `Neighbourhood`, without its constants."""
    n, total = p.size, 0.0
    for i in range(n):
        flow_i, from_i = flow[i], distance[p[i]]
        for j in range(i if is_symmetric else n):
            # float() because float32 does not hold every sum.
            total += float(flow_i[j]) * float(from_i[p[j]])
        if linear.size > 0:
            total += float(linear[i, p[i]])
    return total


def warm_up_polished(*, fractions: bool = True) -> None:
    """Compile the kernel for the types of element in use."""
    for number in (np.float32, np.float64) if fractions else (np.float32,):
        matrix = np.zeros((2, 2), dtype=number)
        placed_objective(matrix, matrix, matrix, np.arange(2), True)
