"""What callers of scipy's `quadratic_assignment` hand over, checked and made ready."""

from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.exceptions import InexactInstanceError, InvalidInstanceError
from worker.qap.matrices import checked_matrix, magnitude
from worker.qap.neighbourhood import Neighbourhood, neighbourhood
from worker.qap.problem import Problem
from worker.qap.reduction import Reduction

_DOUBT: Final = 8.0  # times what rounding can do to a sum
_TERMS: Final = 64
_DOUBLE: Final = 53  # bits of a float64's significand
_WIDE: Final = 2.0**900  # of a product: beyond, sums of it may overflow


class Question:
    r"""Find the permutation with the least :math:`\sum_{i,j} a_{ij} b_{p_i p_j}`.

    Parameters
    ----------
    a, b
        Square, of one order, which may be 0; a single number is of order 1.
    maximize
        Whether the largest is wanted.
    partial_match
        Shape ``(k, 2)``: pairs ``(i, p_i)`` that are fixed, in any order. None: none.

    Attributes
    ----------
    a, b
        As given, as arrays.
    order
        Of both.
    maximize
        As given.
    match
        Shape ``(k, 2)``, int64, sorted: what is fixed.

    Raises
    ------
    InvalidInstanceError
        A matrix is not square, the orders differ, or an entry is not finite.
    TypeError
        An entry is not a real number.
    ValueError
        `partial_match` is no list of pairs, each index there and only once.

    Examples
    --------
    >>> question = Question([[0, 3], [1, 0]], [[0, 5], [2, 0]])
    >>> int(question.score(np.array([1, 0])))
    11
    """

    def __init__(
        self,
        a: ArrayLike,
        b: ArrayLike,
        *,
        maximize: bool = False,
        partial_match: ArrayLike | None = None,
    ) -> None:
        self.a, self.b = _numbers(a, "A"), _numbers(b, "B")
        self.order = len(self.a)
        if len(self.b) != self.order:
            raise InvalidInstanceError(
                f"A is of order {self.order}, B of order {len(self.b)}.",
                pointer=("B",),
                suggestion="Pad the smaller one with zeros.",
            )
        self.maximize = bool(maximize)
        self.match = checked_pairs(partial_match, "partial_match", self.order)
        self._is_whole = all(x.dtype.kind in "biuO" for x in (self.a, self.b))
        self._left, self._right = self._exact() if self._is_whole else self._doubles()

    def score(self, permutation: IntVector) -> Any:
        """Return the objective, from scratch and from the numbers as given.

        Parameters
        ----------
        permutation
            Shape ``(n,)``, int64.

        Returns
        -------
        Any
            Of integers an exact one: ``numpy.int64``, or ``int`` where that could
            overflow. Else ``numpy.float64``.
        """
        there = self._right[permutation][:, permutation]
        return np.sum(self._left * there)

    def is_better(self, before: IntVector, after: IntVector) -> bool:
        """Tell whether `after` is better than `before`.

        Parameters
        ----------
        before, after
            Shape ``(n,)``, int64.

        Returns
        -------
        bool
            By `score`.
        """
        old, new = self.score(before), self.score(after)
        return bool(new > old if self.maximize else new < old)

    @property
    def free(self) -> int:
        """How many are not fixed."""
        return self.order - len(self.match)

    @property
    def reduction(self) -> Reduction:
        """The instance without what is fixed, up to a power of two."""
        return self._stated[0]

    @property
    def ready(self) -> Neighbourhood:
        """That instance made ready for swaps."""
        return self._stated[1]

    @property
    def is_scaled(self) -> bool:
        """Whether the instance is the question times a power of two, and rounded."""
        return self._stated[2]

    @property
    def margin(self) -> float:
        """How large a delta of `ready` must be, for its sign to be that of the scores.

        It bounds what rounding does to the delta and to both scores; 0 if neither is
        rounded.
        """
        problem = self.reduction.problem
        width = _DOUBLE
        if not self._is_whole:
            width = min(width, np.finfo(self._seen_type()).nmant + 1)
        is_exact = problem.is_exact and not self.is_scaled
        if is_exact and (self._is_whole or problem.magnitude < 2**width):
            return 0.0
        terms = self.order + _TERMS
        rounding = _DOUBT * terms * 2.0 ** (1 - width) * float(problem.magnitude)
        return float(self.ready.tolerance) + rounding

    def looks_better(self, before: IntVector, after: IntVector) -> bool:
        """Tell whether `after` is better, to somebody who computes as scipy does.

        Parameters
        ----------
        before, after
            Shape ``(k,)``, int64: of the instance that the question is reduced to.

        Returns
        -------
        bool
            As `is_better`; but narrow floats are added up as such.
        """
        old, new = map(self._glance, map(self.reduction.restore, (before, after)))
        return bool(new > old if self.maximize else new < old)

    def in_range(self) -> tuple[AnyArray, AnyArray]:
        """Return the matrices for an algorithm that computes with floats.

        Returns
        -------
        tuple of AnyArray
            As given wherever no product of them can overflow.
        """
        if self.order and self._is_out_of_range():
            return _scaled(self._left), _scaled(self._right)
        return self.a, self.b

    def _seen_type(self) -> np.dtype[Any]:
        return np.result_type(self.a.dtype, self.b.dtype)

    def _glance(self, permutation: IntVector) -> Any:
        if self._is_whole:
            return self.score(permutation)
        return np.sum(self.a * self.b[permutation][:, permutation])

    def _is_out_of_range(self) -> bool:
        """Whether neither int64 nor float64 holds all objectives."""
        if self._left.dtype.kind != "f":
            return self._left.dtype.kind == "O"
        a, b = (float(np.abs(x).max()) for x in (self._left, self._right))
        return not a * b < _WIDE or max(a, b) > _WIDE

    def _exact(self) -> tuple[AnyArray, AnyArray]:
        """Return the matrices in int64, or as Python's integers if that overflows."""
        if self.order:
            try:
                left, right = (checked_matrix(x, "A") for x in (self.a, self.b))
                magnitude(left, right, None)
            except InvalidInstanceError:
                return self.a.astype(object), self.b.astype(object)
        return self.a.astype(np.int64), self.b.astype(np.int64)

    def _doubles(self) -> tuple[AnyArray, AnyArray]:
        wide = np.result_type(self._seen_type(), np.float64)
        return self.a.astype(wide), self.b.astype(wide)

    @cached_property
    def _stated(self) -> tuple[Reduction, Neighbourhood, bool]:
        if not self._is_out_of_range():
            try:
                return *self._made_ready(self._left, self._right), False
            except InexactInstanceError:
                pass  # Deltas do not fit into floats: they have to be rounded.
        return *self._made_ready(_scaled(self._left), _scaled(self._right)), True

    def _made_ready(self, a: AnyArray, b: AnyArray) -> tuple[Reduction, Neighbourhood]:
        pairs = self.match.tolist()
        problem = Problem(a, b, maximise=self.maximize, partial_match=pairs)
        reduction = Reduction(problem)
        return reduction, neighbourhood(reduction.instance)


def checked_pairs(value: ArrayLike | None, field: str, order: int) -> IntVector:
    """Return pairs of indices sorted by the first, or say why they are none.

    Parameters
    ----------
    value
        Shape ``(k, 2)``, or one pair; fractions are cut off. None means no pairs.
    field
        What people call it.
    order
        Indices are below this.

    Returns
    -------
    IntVector
        Shape ``(k, 2)``.

    Raises
    ------
    ValueError
        The shape is wrong, or an index is out of range or comes twice.

    Examples
    --------
    >>> checked_pairs([[2, 0], [0, 1]], "partial_match", 3)
    array([[0, 1],
           [2, 0]])
    """
    if value is None:
        return np.empty((0, 2), dtype=np.int64)
    pairs = np.atleast_2d(np.asarray(value)).astype(np.int64)
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ValueError(
            f"{field} has shape {pairs.shape}, not (k, 2): give rows [i, j], each for "
            "a node i of A that is matched to node j of B."
        )
    if len(pairs) > order:
        raise ValueError(f"{field} has {len(pairs)} pairs for {order} nodes.")
    outside = pairs[(pairs < 0) | (pairs >= order)]
    if outside.size:
        raise ValueError(f"{field} names node {outside[0]}, not in 0..{order - 1}.")
    for column, matrix in enumerate("AB"):
        nodes, counts = np.unique(pairs[:, column], return_counts=True)
        if (counts > 1).any():
            node = nodes[counts.argmax()]
            raise ValueError(f"{field} names node {node} of {matrix} more than once.")
    return pairs[np.argsort(pairs[:, 0])]


def _numbers(value: ArrayLike, field: str) -> AnyArray:
    array = np.atleast_2d(np.asarray(value))
    if array.dtype.kind == "O":
        array = _of_objects(array, field)
    if array.dtype.kind not in "biufO":
        raise TypeError(f"{field} holds {array.dtype}; real numbers are needed.")
    if array.ndim != 2 or len(array) != array.shape[1]:
        shape = "x".join(map(str, array.shape))
        raise InvalidInstanceError(
            f"{field} is {shape}, not square.",
            pointer=(field,),
            suggestion="Give n rows of n numbers each.",
        )
    if array.size and array.dtype.kind == "f":
        checked_matrix(array, field)  # every entry is finite
    return array


def _of_objects(array: AnyArray, field: str) -> AnyArray:
    """Return integers as such, in int64 if they fit, and anything else as floats."""
    is_whole = all(isinstance(entry, int) for entry in array.ravel().tolist())
    try:
        return array.astype(np.int64 if is_whole else np.float64)
    except OverflowError as error:
        if is_whole:
            return array
        raise InvalidInstanceError(
            f"{field} holds integers that no float can hold, and fractions.",
            pointer=(field,),
            suggestion="Divide the matrix by a common factor.",
        ) from error
    except (TypeError, ValueError) as error:
        raise TypeError(f"{field} holds more than real numbers: {error}.") from error


def _scaled(matrix: AnyArray) -> AnyArray:
    """Return floats of at most 1, the entries times a power of two."""
    largest = np.abs(matrix).max()
    if matrix.dtype.kind != "O":
        return np.ldexp(matrix.astype(np.float64), -int(np.frexp(float(largest))[1]))
    divisor = 1 << int(largest).bit_length()
    # Python divides integers of any size, and rounds once.
    return np.array([[entry / divisor for entry in row] for row in matrix.tolist()])
