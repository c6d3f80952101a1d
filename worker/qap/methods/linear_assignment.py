"""Linear assignment: the case without flow, solved exactly."""

import numpy as np

from worker.qap.arrays import IntVector, Matrix
from worker.qap.assignment import assign, assignment_bound, is_exactly_solvable
from worker.qap.exceptions import InexactInstanceError
from worker.qap.instance import Instance
from worker.qap.methods.method import Method, Parameters
from worker.qap.objective import objective
from worker.qap.result import Improvements


class LinearAssignment:
    r"""Solve an instance whose facilities do not interact.

    Without a quadratic part the objective is :math:`\sum_i c_{i,p_i}`, where
    :math:`c` is the linear cost plus the product of the diagonals. Shortest
    augmenting paths find its least value in one iteration [1]_.

    Parameters
    ----------
    instance
        One for which `Instance.is_linear` holds.
    permutation
        Shape ``(n,)``, int64: where to start; counts only until the first iteration.

    Raises
    ------
    InexactInstanceError
        The costs are so large that float64 could round them.

    Notes
    -----
    :math:`O(n^3)` time, :math:`O(n^2)` space.

    References
    ----------
    .. [1] D. F. Crouse, "On implementing 2D rectangular assignment algorithms,"
       *IEEE Transactions on Aerospace and Electronic Systems* 52 (2016) 1679-1696,
       doi:10.1109/TAES.2016.140952.

    Examples
    --------
    >>> instance = Instance.from_costs([[4, 1], [2, 3]])
    >>> search = LinearAssignment(instance, np.array([0, 1]))
    >>> search.advance(1), search.objective, search.bound
    (1, 3, 3)
    """

    def __init__(self, instance: Instance, permutation: IntVector) -> None:
        self._instance = instance
        self._costs = _costs(instance)
        self._permutation = permutation.copy()
        self._trace = [(0, objective(instance, permutation))]
        self._bound: int | float | None = None

    @property
    def objective(self) -> int | float:
        """The objective of the incumbent."""
        return self._trace[-1][1]

    @property
    def permutation(self) -> IntVector:
        """The incumbent: shape ``(n,)``, int64, a copy."""
        return self._permutation.copy()

    @property
    def bound(self) -> int | float | None:
        """The least objective, once found; for floats a little below it."""
        return self._bound

    @property
    def finished(self) -> bool:
        """Whether the one iteration is done."""
        return self._bound is not None

    @property
    def improvements(self) -> Improvements:
        """The start and, if better, the end."""
        iterations, objectives = zip(*self._trace, strict=True)
        return Improvements(
            np.array(iterations, dtype=np.int64),
            np.array(objectives, dtype=self._costs.dtype),
        )

    def advance(self, iterations: int) -> int:
        """Find the least objective.

        Parameters
        ----------
        iterations
            At least 1.

        Returns
        -------
        int
            1, or 0 if it was found before.
        """
        if self.finished:
            return 0
        found = assign(self._costs)
        value = objective(self._instance, found)
        is_exact = self._instance.is_exact
        self._bound = value if is_exact else assignment_bound(self._costs)
        if value < self.objective:
            self._permutation = found
            self._trace.append((1, value))
        return 1


def _costs(instance: Instance) -> Matrix:
    flow, distance = (np.diagonal(m) for m in (instance.flow, instance.distance))
    costs: Matrix = np.multiply.outer(flow, distance)
    if instance.linear is not None:
        costs = costs + instance.linear
    if instance.is_exact and not is_exactly_solvable(costs.astype(np.int64)):
        raise InexactInstanceError(
            "The costs are so large that rounding could change the answer.",
            pointer=("linear",),
            suggestion="Divide the costs by a common factor, or send floats.",
        )
    return costs


def _supports(instance: Instance) -> str | None:
    if instance.is_linear:
        return None
    return "it needs an instance without flow between facilities"


def _begin(
    instance: Instance,
    rng: np.random.Generator,
    parameters: Parameters,
    permutation: IntVector,
) -> LinearAssignment:
    return LinearAssignment(instance, permutation)


METHOD = Method(
    name="linear_assignment",
    title="Linear assignment",
    summary="Finds the cheapest assignment by shortest augmenting paths.",
    kind="exact",
    version="1",
    parameters=(),
    complexity_time="O(n^3) in one iteration",
    complexity_space="O(n^2)",
    category="exact",
    best_for=("costs of facilities at locations alone, without flow",),
    reference="Crouse 2016, doi:10.1109/TAES.2016.140952",
    supports=_supports,
    begin=_begin,
)
