"""The Gilmore-Lawler bound."""

import numpy as np

from worker.qap.arrays import Matrix
from worker.qap.assignment import rounded_down
from worker.qap.augmenting import AugmentingPaths
from worker.qap.bounds.bound import Bound
from worker.qap.instance import Instance
from worker.qap.products import multiply_rows


class GilmoreLawler:
    r"""The least that facilities can cost if each chooses its neighbours alone.

    If facility :math:`i` stands at location :math:`k`, its flows to the others meet
    the distances from :math:`k` to the other locations in some order; no order is
    cheaper than the largest flow on the smallest distance, and so on. That minimal
    scalar product, with the linear cost and the diagonal term, is what :math:`i` at
    :math:`k` costs at least; the cheapest assignment under these costs bounds the
    objective from below [1]_ [2]_.

    Parameters
    ----------
    instance
        Of any kind: asymmetric, with diagonals, linear costs or negative entries.

    Notes
    -----
    :math:`O(n^3)` time and :math:`O(n^2)` space. It takes :math:`2n` steps of
    :math:`O(n^2)`: a row of costs or one augmenting path each. In integers the value
    is exact, unless they are so large that they have to be rounded down. In floats
    every cost is first lowered by a bound on its rounding error, so that the value is
    proven.

    References
    ----------
    .. [1] P. C. Gilmore, "Optimal and suboptimal algorithms for the quadratic
       assignment problem," *Journal of the Society for Industrial and Applied
       Mathematics* 10 (1962) 305-313, doi:10.1137/0110022.
    .. [2] E. L. Lawler, "The quadratic assignment problem," *Management Science* 9
       (1963) 586-599, doi:10.1287/mnsc.9.4.586.

    Examples
    --------
    >>> bound = GilmoreLawler(Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]]))
    >>> while not bound.finished:
    ...     done = bound.advance(1)
    >>> bound.value
    11
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._flows = _sorted_others(instance.flow)
        # Largest flow on smallest distance: one rises where the other falls.
        distances = _sorted_others(instance.distance)[:, ::-1]
        self._distances = np.ascontiguousarray(distances.T)
        diagonals = (np.diagonal(m) for m in (instance.flow, instance.distance))
        self._costs: Matrix = np.multiply.outer(*diagonals)
        if instance.linear is not None:
            self._costs += instance.linear
        self._row = 0
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
        """Compute the costs of at most `steps` facilities, or assign as many.

        Parameters
        ----------
        steps
            At least 1.

        Returns
        -------
        int
            How many steps were done.
        """
        order = self._instance.order
        if self._paths is not None:
            done = self._paths.advance(steps)
            if self._paths.finished:
                self._value = self._paths.total * self._unit
            return done
        stop = min(order, self._row + steps)
        multiply_rows(self._flows, self._distances, self._costs, self._row, stop)
        done = stop - self._row
        self._row = stop
        if stop == order:
            whole, self._unit = rounded_down(self._safe_costs())
            self._paths = AugmentingPaths(whole)
        return done

    def _safe_costs(self) -> Matrix:
        if self._instance.is_exact:
            return self._costs
        # A sum of n+1 rounded products errs by less than n+2 units in the last
        # place of the sum of absolute values; twice that also covers its own error.
        terms = np.zeros_like(self._costs)
        flows, distances = np.abs(self._flows), np.abs(self._distances)
        largest = distances.max(initial=0.0, axis=1)
        terms += (flows * largest).sum(axis=1)[:, np.newaxis]
        diagonals = (np.diagonal(m) for m in self._matrices())
        terms += np.abs(np.multiply.outer(*diagonals))
        if self._instance.linear is not None:
            terms += np.abs(self._instance.linear)
        epsilon = np.finfo(np.float64).eps
        return self._costs - 2 * (self._instance.order + 2) * epsilon * terms

    def _matrices(self) -> tuple[Matrix, Matrix]:
        return self._instance.flow, self._instance.distance


def _sorted_others(matrix: Matrix) -> Matrix:
    """Return each row without its diagonal entry, rising; shape ``(n, n - 1)``."""
    order = len(matrix)
    others = matrix[~np.eye(order, dtype=np.bool_)].reshape(order, order - 1)
    result: Matrix = np.sort(others, axis=1)
    return result


BOUND = Bound(
    name="gilmore_lawler",
    title="Gilmore-Lawler",
    summary="Lets each facility choose its neighbours alone, then assigns facilities.",
    version="1",
    complexity_time="O(n^3)",
    complexity_space="O(n^2)",
    reference="Gilmore 1962, doi:10.1137/0110022; "
    "Lawler 1963, doi:10.1287/mnsc.9.4.586",
    start=GilmoreLawler,
)
