"""One quadratic assignment problem: flow, distance and, if any, linear costs."""

import math
from typing import Self, cast

import numpy as np
from numpy.typing import ArrayLike
from typing_extensions import override

from worker.qap.arrays import AnyArray, Matrix
from worker.qap.exceptions import InexactInstanceError, InvalidInstanceError

_EXACT_LIMIT = 2**63
_INTEGRAL_FLOAT_LIMIT = 2.0**53
_FLOAT_LIMIT = 1e300


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
            field: _matrix(value, field)
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
        self.magnitude = _magnitude(self.flow, self.distance, self.linear)
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
        order = len(_matrix(costs, "linear"))
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
        return all(bool((m == m.T).all()) for m in (self.flow, self.distance))

    @override
    def __repr__(self) -> str:
        name = f" {self.name!r}" if self.name else ""
        return f"<Instance{name} of order {self.order}, {self.flow.dtype}>"


def _has_pairs(matrix: Matrix) -> bool:
    return bool(np.count_nonzero(matrix) > np.count_nonzero(np.diagonal(matrix)))


def _matrix(value: ArrayLike, field: str) -> Matrix:
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, OverflowError):
        array = np.empty(0, dtype=object)
    if array.dtype.kind not in "biuf":
        _complain(value, field)
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        shape = "x".join(map(str, array.shape))
        raise InvalidInstanceError(
            f"{field} is {shape or 'a single number'}, not square.",
            pointer=(field,),
            suggestion="Send n rows of n numbers each.",
        )
    if len(array) < 2:
        raise InvalidInstanceError(
            f"{field} is of order {len(array)}; at least 2 is needed.",
            pointer=(field,),
            suggestion="With fewer than 2 facilities there is nothing to choose.",
        )
    if array.dtype.kind == "f":
        return _float_matrix(array, field)
    if array.dtype.kind == "u" and int(array.max()) >= _EXACT_LIMIT:
        raise _too_large(field)
    return np.array(array, dtype=np.int64, order="C")


def _float_matrix(array: AnyArray, field: str) -> Matrix:
    wrong = np.argwhere(~np.isfinite(array))
    if wrong.size:
        row, column = map(int, wrong[0])
        raise InvalidInstanceError(
            f"{field}[{row}][{column}] is {array[row, column]}, not a finite number.",
            pointer=(field, row, column),
            suggestion="Replace NaN and infinity; a large finite cost forbids a pair.",
        )
    result = np.array(array, dtype=np.float64, order="C")
    is_small = bool((np.abs(result) <= _INTEGRAL_FLOAT_LIMIT).all())
    if is_small and bool((result == np.rint(result)).all()):
        return result.astype(np.int64)
    return result


def _complain(value: ArrayLike, field: str) -> None:
    """Find what keeps `value` from being a matrix of numbers, and raise it."""
    rows = cast("list[object]", value if isinstance(value, list | tuple) else [value])
    for i, row in enumerate(rows):
        if not isinstance(row, list | tuple | np.ndarray):
            raise InvalidInstanceError(
                f"{field}[{i}] is {_shown(row)}, not a row of numbers.",
                pointer=(field, i),
                suggestion="Send n rows of n numbers each.",
            )
        for j, entry in enumerate(row):
            if isinstance(entry, int) and abs(entry) >= _EXACT_LIMIT:
                raise _too_large(field, i, j)
            if not isinstance(entry, int | float | np.integer | np.floating):
                raise InvalidInstanceError(
                    f"{field}[{i}][{j}] is {_shown(entry)}, not a number.",
                    pointer=(field, i, j),
                    suggestion="Send numbers without quotes.",
                )
        if len(row) != len(rows):
            raise InvalidInstanceError(
                f"{field}[{i}] has {len(row)} entries; there are {len(rows)} rows.",
                pointer=(field, i),
                suggestion="Send n rows of n numbers each.",
            )
    raise InvalidInstanceError(
        f"{field} is not a matrix of numbers.",
        pointer=(field,),
        suggestion="Send n rows of n numbers each.",
    )


def _shown(value: object) -> str:
    return repr(value)[:40]


def _too_large(*pointer: str | int) -> InexactInstanceError:
    return InexactInstanceError(
        "The integers are so large that the objective could reach 2**63.",
        pointer=pointer,
        suggestion="Divide flow or distance by a common factor, or send floats.",
    )


def _magnitude(flow: Matrix, distance: Matrix, linear: Matrix | None) -> int | float:
    pairs = min(
        _total(flow) * _largest(distance),
        _total(distance) * _largest(flow),
    )
    magnitude = pairs + (0 if linear is None else len(flow) * _largest(linear))
    if flow.dtype.kind == "i" and magnitude >= _EXACT_LIMIT:
        raise _too_large("flow")
    if not magnitude < max(_FLOAT_LIMIT, _EXACT_LIMIT):
        raise InvalidInstanceError(
            "The numbers are so large that the objective could overflow.",
            pointer=("flow",),
            suggestion="Divide flow or distance by a common factor.",
        )
    return magnitude


def _largest(matrix: Matrix) -> int | float:
    return max(abs(matrix.max().item()), abs(matrix.min().item()))


def _total(matrix: Matrix) -> int | float:
    if matrix.dtype.kind == "i":
        if _largest(matrix) * matrix.size < _EXACT_LIMIT:
            return int(np.abs(matrix).sum())
        return sum(abs(entry) for entry in matrix.ravel().tolist())
    with np.errstate(over="ignore"):
        total = float(np.abs(matrix).sum())
    return total if math.isfinite(total) else math.inf
