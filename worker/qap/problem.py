"""A problem as people have it: fewer facilities, fixed and forbidden pairs, maxima."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from typing_extensions import override

from worker.qap.arrays import IntVector, Matrix
from worker.qap.exceptions import InvalidInstanceError, InvalidPermutationError
from worker.qap.feasibility import mend
from worker.qap.matrices import checked_matrix, magnitude
from worker.qap.permutation import checked_permutation


class Problem:
    r"""Place ``m`` facilities at ``m`` of ``n`` locations, within conditions.

    The objective is, over injective maps :math:`p` of facilities to locations,

    .. math:: \sum_{i,j} flow_{i,j}\, distance_{p_i,p_j} + \sum_i linear_{i,p_i}.

    `solve_problem` solves it; `Instance` is the plain case that methods know.

    Parameters
    ----------
    flow
        Shape ``(m, m)``, ``m >= 1``: numbers, copied. Need not be symmetric;
        diagonals may be nonzero and entries negative.
    distance
        Shape ``(n, n)``, ``n >= m``, likewise.
    linear
        Shape ``(m, n)``: ``linear[i, k]`` is the cost of facility ``i`` at
        location ``k``. None means none.
    maximise
        Whether the objective is to be as large as possible, not as small.
    partial_match
        Pairs ``(facility, location)`` that are fixed.
    forbidden
        Pairs ``(facility, location)`` that must not occur.
    name
        What people call it; carried along, never interpreted.

    Attributes
    ----------
    flow, distance, linear
        C-contiguous, read-only: int64 if every number given is integral, else
        float64. `linear` may be None.
    partial_match, forbidden
        Shape ``(k, 2)``, int64, sorted, without duplicates.
    maximise, name
        As given.
    magnitude
        No objective, nor any partial sum of one, is larger in absolute value.

    Raises
    ------
    InvalidInstanceError
        A matrix has the wrong shape or holds something that is not a finite number;
        a pair does not exist, contradicts another or is both fixed and forbidden.
        Its `pointer` says where.
    InfeasibleProblemError
        The forbidden pairs leave too few locations to some facilities.
    InexactInstanceError
        The objective of some permutation could reach ``2**63``.

    Notes
    -----
    :math:`O(n^2)` time and space, but for forbidden pairs: see `mend`.

    Examples
    --------
    >>> problem = Problem([[0, 3], [1, 0]], [[0, 5, 1], [2, 0, 1], [1, 1, 0]],
    ...                   forbidden=[(0, 2)])
    >>> problem.facilities, problem.locations, problem.objective([1, 2])
    (2, 3, 4)
    """

    __slots__ = (
        "distance",
        "flow",
        "forbidden",
        "linear",
        "magnitude",
        "maximise",
        "name",
        "partial_match",
    )

    def __init__(
        self,
        flow: ArrayLike,
        distance: ArrayLike,
        linear: ArrayLike | None = None,
        *,
        maximise: bool = False,
        partial_match: ArrayLike | Iterable[tuple[int, int]] = (),
        forbidden: ArrayLike | Iterable[tuple[int, int]] = (),
        name: str | None = None,
    ) -> None:
        matrices = {
            "flow": checked_matrix(flow, "flow"),
            "distance": checked_matrix(distance, "distance"),
        }
        m, n = len(matrices["flow"]), len(matrices["distance"])
        if m > n:
            raise InvalidInstanceError(
                f"There are {m} facilities and only {n} locations.",
                pointer=("distance",),
                suggestion="Send at least as many locations as facilities.",
            )
        if linear is not None:
            matrices["linear"] = checked_matrix(linear, "linear", shape=(m, n))
        if any(matrix.dtype.kind == "f" for matrix in matrices.values()):
            matrices = {f: np.asarray(x, np.float64) for f, x in matrices.items()}
        for matrix in matrices.values():
            matrix.flags.writeable = False
        self.flow: Matrix = matrices["flow"]
        self.distance: Matrix = matrices["distance"]
        self.linear: Matrix | None = matrices.get("linear")
        self.maximise = maximise
        self.name = name
        self.magnitude = magnitude(self.flow, self.distance, self.linear)
        self.partial_match = _pairs(partial_match, "partial_match", (m, n))
        self.forbidden = _pairs(forbidden, "forbidden", (m, n))
        self._check_pairs()

    @property
    def facilities(self) -> int:
        """How many facilities there are: m."""
        return len(self.flow)

    @property
    def locations(self) -> int:
        """How many locations there are: n."""
        return len(self.distance)

    @property
    def is_exact(self) -> bool:
        """Whether the matrices are integers, so that no objective is rounded."""
        return self.flow.dtype.kind == "i"

    @property
    def allowed(self) -> Matrix:
        """Whether facility i may stand at location k: shape ``(m, n)``, bool, a copy.

        A fixed facility may stand at its location only, and no other one there.
        """
        allowed = np.ones((self.facilities, self.locations), dtype=np.bool_)
        fixed, places = self.partial_match.T
        allowed[fixed] = False
        allowed[:, places] = False
        allowed[fixed, places] = True
        allowed[tuple(self.forbidden.T)] = False
        return allowed

    def checked(self, permutation: ArrayLike) -> IntVector:
        """Return `permutation` as an array of its own, or say why it is no answer.

        Parameters
        ----------
        permutation
            Shape ``(m,)``, integers: ``permutation[i]`` is the location of facility
            ``i``; copied.

        Returns
        -------
        IntVector
            Shape ``(m,)``, int64, C-contiguous, owned by the caller.

        Raises
        ------
        InvalidPermutationError
            A location does not exist or is taken twice, a fixed facility is
            elsewhere, or a pair is forbidden.
        """
        placed = checked_permutation(permutation, self.facilities, self.locations)
        fixed = placed[self.partial_match[:, 0]] != self.partial_match[:, 1]
        if fixed.any():
            facility, location = self.partial_match[fixed][0]
            raise InvalidPermutationError(
                f"Facility {facility} is at location {placed[facility]}; "
                f"it is fixed at {location}."
            )
        hit = placed[self.forbidden[:, 0]] == self.forbidden[:, 1]
        if hit.any():
            facility, location = self.forbidden[hit][0]
            raise InvalidPermutationError(
                f"Facility {facility} is at location {location}, which is forbidden."
            )
        return placed

    def objective(self, permutation: ArrayLike) -> int | float:
        """Return the objective of `permutation`, from scratch.

        Parameters
        ----------
        permutation
            Shape ``(m,)``, integers. Read only.

        Returns
        -------
        int or float
            An exact int if the problem is exact, else a float correct to about
            ``1e-15`` of the sum of the absolute values of its terms.

        Raises
        ------
        InvalidPermutationError
            As `checked`.

        Notes
        -----
        :math:`O(m^2)` time and space.
        """
        placed = self.checked(permutation)
        total = (self.flow * self.distance[np.ix_(placed, placed)]).sum().item()
        if self.linear is not None:
            total += self.linear[np.arange(placed.size), placed].sum().item()
        return int(total) if self.is_exact else float(total)

    @override
    def __repr__(self) -> str:
        name = f" {self.name!r}" if self.name else ""
        sense = "maximise" if self.maximise else "minimise"
        size = f"{self.facilities} facilities, {self.locations} locations"
        return f"<Problem{name}: {sense}, {size}, {self.flow.dtype}>"

    def _check_pairs(self) -> None:
        for column, (noun, other) in enumerate(
            [("Facility", "locations"), ("Location", "facilities")]
        ):
            numbers, counts = np.unique(
                self.partial_match[:, column], return_counts=True
            )
            if (counts > 1).any():
                number = numbers[counts > 1][0]
                raise InvalidInstanceError(
                    f"{noun} {number} is fixed to {counts[counts > 1][0]} {other}.",
                    pointer=("partial_match",),
                    suggestion="Fix each facility and each location once at most.",
                )
        fixed = set(map(tuple, self.partial_match.tolist()))
        both = fixed.intersection(map(tuple, self.forbidden.tolist()))
        if both:
            facility, location = min(both)
            raise InvalidInstanceError(
                f"Facility {facility} is both fixed at location {location} and "
                f"forbidden there.",
                pointer=("forbidden",),
                suggestion="Take the pair out of one of the two.",
            )
        if self.forbidden.size:
            mend(self.allowed, np.arange(self.facilities))


def _pairs(value: Any, field: str, shape: tuple[int, int]) -> IntVector:
    """Return the pairs sorted, each once; complain of what is no pair."""
    try:
        pairs = list(value)
    except TypeError as error:
        raise InvalidInstanceError(
            f"{field} is {repr(value)[:40]}, not a list of pairs.",
            pointer=(field,),
            suggestion="Send pairs of a facility and a location, from 0.",
        ) from error
    for index, pair in enumerate(pairs):
        if not isinstance(pair, list | tuple | np.ndarray) or len(pair) != 2:
            raise InvalidInstanceError(
                f"{field}[{index}] is {repr(pair)[:40]}, not a pair.",
                pointer=(field, index),
                suggestion="Send pairs of a facility and a location, from 0.",
            )
        for column, noun in enumerate(("facility", "location")):
            number = pair[column]
            if (
                isinstance(number, bool)
                or not isinstance(number, int | np.integer)
                or not 0 <= number < shape[column]
            ):
                raise InvalidInstanceError(
                    f"{field}[{index}][{column}] is {repr(number)[:40]}, "
                    f"not a {noun} from 0 to {shape[column] - 1}.",
                    pointer=(field, index, column),
                    suggestion="Facilities and locations are counted from 0.",
                )
    unique = sorted({(int(facility), int(location)) for facility, location in pairs})
    result = np.array(unique, dtype=np.int64).reshape(-1, 2)
    result.flags.writeable = False
    return result
