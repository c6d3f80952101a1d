"""One quadratic assignment problem: flow, distance and, if any, linear costs."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from typing_extensions import override

from worker.qap.arrays import Matrix
from worker.qap.exceptions import InvalidInstanceError
from worker.qap.matrices import checked_matrix, is_symmetric, magnitude

_LEAST_ORDER = 2


class Instance:
    r"""Place ``n`` facilities at ``n`` locations.

    The objective, to be minimised over permutations :math:`p`, is

    .. math:: \sum_{i,j} flow_{i,j}\, distance_{p_i,p_j} + \sum_i linear_{i,p_i}.

    Parameters
    ----------
    flow
        Shape ``(n, n)``, ``n >= 2``: numbers, copied. Need not be symmetric;
        diagonals may be nonzero and entries negative.
    distance
        Shape ``(n, n)``, likewise.
    linear
        Shape ``(n, n)``: ``linear[i, k]`` is the cost of facility ``i`` at
        location ``k``. None means none.
    name
        What people call it; carried along, never interpreted.

    Attributes
    ----------
    flow, distance
        Shape ``(n, n)``, C-contiguous, read-only: int64 if every number given is
        integral, else float64.
    linear
        Like them, or None.
    name
        As given.

    Raises
    ------
    InvalidInstanceError
        A matrix is not square, not of the same order as the others, smaller than
        2 by 2, or holds something that is not a finite number. Its `pointer` says
        where.
    InexactInstanceError
        The objective of some permutation could reach ``2**63``.

    Notes
    -----
    :math:`O(n^2)` time and space.

    Examples
    --------
    >>> instance = Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]])
    >>> instance.order, instance.is_exact, instance.is_symmetric
    (2, True, False)
    """

    __slots__ = ("distance", "flow", "linear", "magnitude", "name")

    def __init__(
        self,
        flow: ArrayLike,
        distance: ArrayLike,
        linear: ArrayLike | None = None,
        *,
        name: str | None = None,
    ) -> None:
        given = {"flow": flow, "distance": distance, "linear": linear}
        matrices = {
            field: checked_matrix(value, field, least=_LEAST_ORDER)
            for field, value in given.items()
            if value is not None
        }
        for field in ("flow", "distance"):
            if field not in matrices:
                raise InvalidInstanceError(
                    f"{field} is missing.",
                    pointer=(field,),
                    suggestion="Send a square matrix.",
                )
        order = len(matrices["flow"])
        for field, matrix in matrices.items():
            if len(matrix) != order:
                raise InvalidInstanceError(
                    f"{field} is of order {len(matrix)}, flow of order {order}.",
                    pointer=(field,),
                    suggestion="Send matrices of one order.",
                )
        if any(matrix.dtype.kind == "f" for matrix in matrices.values()):
            matrices = {f: np.asarray(m, np.float64) for f, m in matrices.items()}
        for matrix in matrices.values():
            matrix.flags.writeable = False
        self.flow: Matrix = matrices["flow"]
        self.distance: Matrix = matrices["distance"]
        self.linear: Matrix | None = matrices.get("linear")
        self.name = name
        self.magnitude = magnitude(self.flow, self.distance, self.linear)
        """No objective, nor any partial sum of one, is larger in absolute value."""

    @classmethod
    def from_costs(cls, costs: ArrayLike, *, name: str | None = None) -> Self:
        """Return the linear assignment problem with these costs.

        Parameters
        ----------
        costs
            Shape ``(n, n)``: ``costs[i, k]`` of facility ``i`` at location ``k``.
        name
            What people call it.

        Returns
        -------
        Instance
            With zero flow and distance.

        Raises
        ------
        InvalidInstanceError
            As the constructor; pointers start with ``"linear"``.

        Examples
        --------
        >>> Instance.from_costs([[4, 1], [2, 3]]).is_linear
        True
        """
        order = len(checked_matrix(costs, "linear", least=_LEAST_ORDER))
        zero = np.zeros((order, order), dtype=np.int64)
        return cls(zero, zero, costs, name=name)

    @property
    def order(self) -> int:
        """The number of facilities, and of locations."""
        return len(self.flow)

    @property
    def is_exact(self) -> bool:
        """Whether the matrices are integers, so that no objective is rounded."""
        return self.flow.dtype.kind == "i"

    @property
    def is_linear(self) -> bool:
        """Whether no term depends on two facilities at once."""
        return not (_has_pairs(self.flow) and _has_pairs(self.distance))

    @property
    def is_symmetric(self) -> bool:
        """Whether both flow and distance equal their transposes."""
        return all(map(is_symmetric, (self.flow, self.distance)))

    @override
    def __repr__(self) -> str:
        name = f" {self.name!r}" if self.name else ""
        return f"<Instance{name} of order {self.order}, {self.flow.dtype}>"


def _has_pairs(matrix: Matrix) -> bool:
    return bool(np.count_nonzero(matrix) > np.count_nonzero(np.diagonal(matrix)))
