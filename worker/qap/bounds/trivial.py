"""The trivial bound: every flow meets any distance."""

import numpy as np

from worker.qap.arrays import AnyArray, Matrix
from worker.qap.assignment import rounded_down
from worker.qap.augmenting import AugmentingPaths
from worker.qap.bounds.bound import Bound
from worker.qap.instance import Instance

_EPSILON = float(np.finfo(np.float64).eps)
_TINY = float(np.finfo(np.float64).tiny)


class Trivial:
    r"""The least that flows would cost if each could choose its distance alone.

    A permutation matches the flows between facilities one to one with the distances
    between locations. No matching is cheaper than the largest flow on the smallest
    distance, and so on [1]_. The diagonals and the linear cost form an assignment
    problem of their own.

    Parameters
    ----------
    instance
        Of any kind: asymmetric, with diagonals, linear costs or negative entries.

    Notes
    -----
    :math:`O(n^2 \log n)` time, and :math:`O(n^3)` where there are diagonals or linear
    costs; :math:`O(n^2)` space. A step is one sort, one product or one augmenting
    path. In integers
    the value is exact, unless linear costs are so large that they have to be rounded
    down. In floats all that rounding may have added is subtracted.

    References
    ----------
    .. [1] G. H. Hardy, J. E. Littlewood and G. Polya, *Inequalities*, Cambridge
       University Press (1934), theorem 368.

    Examples
    --------
    >>> bound = Trivial(Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]]))
    >>> while not bound.finished:
    ...     done = bound.advance(1)
    >>> bound.value
    11
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._sorted: list[AnyArray] = []
        self._pairs: int | float = 0
        self._paths: AugmentingPaths | None = None
        self._unit: int | float = 1
        self._value: int | float | None = None

    @property
    def value(self) -> int | float | None:
        """The bound, once finished."""
        return self._value

    @property
    def finished(self) -> bool:
        """Whether the value is known."""
        return self._value is not None

    def advance(self, steps: int) -> int:
        """Sort flows or distances, multiply, or assign at most `steps` facilities.

        Parameters
        ----------
        steps
            At least 1.

        Returns
        -------
        int
            How many steps were done.
        """
        if len(self._sorted) < 2:
            matrices = (self._instance.flow, self._instance.distance)
            self._sorted.append(np.sort(_between(matrices[len(self._sorted)])))
            return 1
        if self._paths is None:
            self._multiply()
            return 1
        done = self._paths.advance(steps)
        if self._paths.finished:
            self._value = self._sum(self._paths.total * self._unit)
        return done

    def _multiply(self) -> None:
        flows, distances = self._sorted
        products = flows * distances[::-1]
        self._pairs = products.sum().item()
        if not self._instance.is_exact:
            # Added in any order, n**2 products err by less than so many units in
            # the last place of the sum of their absolute values.
            size = float(np.abs(products).sum())
            self._pairs -= (products.size + 2) * _EPSILON * size + _TINY
        costs = self._own_costs()
        if costs.any():
            whole, self._unit = rounded_down(costs)
            self._paths = AugmentingPaths(whole)
        else:
            self._value = self._pairs

    def _own_costs(self) -> Matrix:
        """Return diagonals and linear costs as one matrix, rounded downwards."""
        instance = self._instance
        diagonals = (np.diagonal(m) for m in (instance.flow, instance.distance))
        costs: Matrix = np.multiply.outer(*diagonals)
        terms = np.abs(costs)
        if instance.linear is not None:
            costs = costs + instance.linear
            terms += np.abs(instance.linear)
        return costs if instance.is_exact else costs - 4 * _EPSILON * terms

    def _sum(self, own: int | float) -> int | float:
        total = self._pairs + own
        if self._instance.is_exact:
            return total
        return total - 2 * _EPSILON * abs(total) - _TINY


def _between(matrix: Matrix) -> AnyArray:
    """Return all entries but the diagonal, flat."""
    result: AnyArray = matrix[~np.eye(len(matrix), dtype=np.bool_)]
    return result


BOUND = Bound(
    name="trivial",
    title="Trivial",
    summary="Lets every flow choose its distance, the largest flow the smallest.",
    version="1",
    complexity_time="O(n^2 log n); O(n^3) with linear costs",
    complexity_space="O(n^2)",
    reference="Hardy, Littlewood and Polya, Inequalities, 1934, theorem 368",
    start=Trivial,
)
