"""A problem turned into a plain instance that every method solves, and back."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from worker.qap.arrays import IntVector, Matrix
from worker.qap.exceptions import InexactInstanceError
from worker.qap.feasibility import mend
from worker.qap.instance import Instance
from worker.qap.neighbourhood import neighbourhood
from worker.qap.problem import Problem
from worker.qap.rearrangement import largest_product
from worker.qap.result import Improvements, Progress

_LEAST_ORDER = 2
_FLOAT_SHARE = 2.0**-30  # of the magnitude: far above any rounding, far below it


class Reduction:
    r"""The instance that stands for a problem, and the way between the two.

    - Fixed facilities are taken out: what they cost among themselves becomes the
      `offset`, what they cost with others becomes linear costs.
    - Locations left over get dummy facilities without flow or cost.
    - To maximise, flow and linear costs change their sign.
    - A forbidden pair gets `penalty` added to its linear cost. Any permutation with
      such a pair is worse than every one without; so a search that starts without
      one, and keeps the best it has seen, never has one in its incumbent.

    Parameters
    ----------
    problem
        What to reduce.

    Attributes
    ----------
    instance
        Of at least order 2: where fewer locations are left, some are made up, which
        only dummies may take.
    offset
        ``objective of the problem = offset + objective of the instance``, the sum
        negated to maximise.
    penalty
        Larger than what any two objectives without it differ by; 0 if nothing is
        forbidden.

    Raises
    ------
    InexactInstanceError
        The problem is exact, but with what was added a search could be rounded.

    Notes
    -----
    :math:`O(n^2 \log n)` time, :math:`O(n^2)` space; with :math:`a` fixed facilities
    :math:`O(a n^2)` time more.

    In integers all of it is exact. The penalty is 1 more than the difference between
    the largest and the smallest scalar product of flows and distances in any order,
    plus the range of the linear costs. It enters the magnitude of the instance n
    times: with forbidden pairs that difference has to stay below about ``2**53 / n``,
    without them below ``2**53``.

    Examples
    --------
    >>> problem = Problem([[0, 3], [1, 0]], [[0, 5, 1], [2, 0, 1], [1, 1, 0]],
    ...                   partial_match=[(0, 1)])
    >>> reduction = Reduction(problem)
    >>> reduction.instance.linear.tolist(), reduction.offset
    ([[11, 4], [0, 0]], 0)
    >>> reduction.restore(np.array([1, 0])), reduction.outward(4)
    (array([1, 2]), 4)
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        m, n = problem.facilities, problem.locations
        fixed, places = problem.partial_match.T
        self._facilities = np.setdiff1d(np.arange(m), fixed)
        self._locations = np.setdiff1d(np.arange(n), places)
        self._sign = -1 if problem.maximise else 1
        self._order = max(_LEAST_ORDER, self._locations.size)
        self.offset = self._fixed_part()
        free, left, order = self._facilities, self._locations, self._order
        flow = _padded(self._sign * problem.flow[np.ix_(free, free)], order)
        distance = _padded(problem.distance[np.ix_(left, left)], order)
        linear = _padded(self._sign * self._linear_costs(), order)
        self._allowed = self._allowed_pairs()
        self.penalty = self._penalty(flow, distance, linear)
        if self.penalty:
            self.instance = self._penalised(flow, distance, linear)
        else:
            costs = linear if linear.any() else None
            self.instance = Instance(flow, distance, costs, name=problem.name)
        # What rounding may have added to a bound on its way here.
        taken_out = fixed.size > 0 and not problem.is_exact
        epsilon = float(np.finfo(np.float64).eps)
        self._slack = (2 * n + 64) * epsilon * problem.magnitude if taken_out else 0

    def restore(self, permutation: IntVector) -> IntVector:
        """Return the problem's permutation for one of the instance.

        Parameters
        ----------
        permutation
            Shape ``(k,)``, int64: one without forbidden pairs.

        Returns
        -------
        IntVector
            Shape ``(m,)``: with the fixed facilities, without the dummies.
        """
        result = np.empty(self.problem.facilities, dtype=np.int64)
        fixed, places = self.problem.partial_match.T
        result[fixed] = places
        taken = permutation[: self._facilities.size]
        result[self._facilities] = self._locations[taken]
        return result

    def reduce(self, permutation: ArrayLike) -> IntVector:
        """Return the instance's permutation for one of the problem.

        Parameters
        ----------
        permutation
            Shape ``(m,)``, integers.

        Returns
        -------
        IntVector
            Shape ``(k,)``: the dummies take what is left, in order.

        Raises
        ------
        InvalidPermutationError
            It is no answer to the problem.
        """
        placed = self.problem.checked(permutation)[self._facilities]
        return self._filled(np.searchsorted(self._locations, placed))

    def draw(self, rng: np.random.Generator) -> IntVector:
        """Return a random permutation of the instance without forbidden pairs.

        Parameters
        ----------
        rng
            The source of its randomness.

        Returns
        -------
        IntVector
            Shape ``(k,)``. Uniform if nothing is forbidden; else near one that is.
        """
        permutation = rng.permutation(self._order)
        if self._allowed.all():
            return permutation
        return mend(self._allowed, permutation)

    def outward(self, value: int | float) -> int | float:
        """Return the problem's objective for one of the instance.

        Parameters
        ----------
        value
            Of a permutation without forbidden pairs, or a target.

        Returns
        -------
        int or float
            Exact if the problem is.
        """
        return self._sign * (value + self.offset)

    def inward(self, value: int | float) -> int | float:
        """Return the instance's objective for one of the problem.

        Parameters
        ----------
        value
            Of the problem.

        Returns
        -------
        int or float
            What `outward` turns into `value`.
        """
        return self._sign * value - self.offset

    def outward_bound(self, bound: int | float | None) -> int | float | None:
        """Return the problem's bound for one of the instance.

        Parameters
        ----------
        bound
            A proven lower bound of the instance, or None.

        Returns
        -------
        int or float or None
            A lower bound, to maximise an upper one: proven too, for floats moved
            away by as much as rounding could have cost.
        """
        return None if bound is None else self.outward(bound - self._slack)

    def outward_progress(self, progress: Progress) -> Progress:
        """Return the progress of a run on the instance in the problem's terms.

        Parameters
        ----------
        progress
            Of the run.

        Returns
        -------
        Progress
            With objective and bound of the problem.
        """
        return replace(
            progress,
            objective=self.outward(progress.objective),
            bound=self.outward_bound(progress.bound),
        )

    def outward_improvements(self, improvements: Improvements) -> Improvements:
        """Return how a run on the instance improved, in the problem's terms.

        Parameters
        ----------
        improvements
            Of the run.

        Returns
        -------
        Improvements
            Rising if the problem is to maximise.
        """
        objectives = self._sign * (improvements.objectives + self.offset)
        return Improvements(improvements.iterations, objectives)

    def _fixed_part(self) -> int | float:
        problem = self.problem
        fixed, places = problem.partial_match.T
        flow = problem.flow[np.ix_(fixed, fixed)]
        total = (flow * problem.distance[np.ix_(places, places)]).sum().item()
        if problem.linear is not None:
            total += problem.linear[fixed, places].sum().item()
        return self._sign * total

    def _linear_costs(self) -> Matrix:
        """Return what free facilities cost at free locations with the fixed ones."""
        problem, free, left = self.problem, self._facilities, self._locations
        fixed, places = problem.partial_match.T
        flow, distance = problem.flow, problem.distance
        costs = flow[np.ix_(free, fixed)] @ distance[np.ix_(left, places)].T
        costs += flow[np.ix_(fixed, free)].T @ distance[np.ix_(places, left)]
        if problem.linear is not None:
            costs += problem.linear[np.ix_(free, left)]
        result: Matrix = costs
        return result

    def _allowed_pairs(self) -> NDArray[np.bool_]:
        """Return which facility may take which location; dummies may take all."""
        allowed = np.ones((self._order, self._order), dtype=np.bool_)
        real, left = self._facilities.size, self._locations.size
        free = self.problem.allowed[np.ix_(self._facilities, self._locations)]
        allowed[:real, :left] = free
        allowed[:real, left:] = False
        return allowed

    def _penalty(self, flow: Matrix, distance: Matrix, linear: Matrix) -> int | float:
        if self._allowed.all():
            return 0
        spread = _spread(flow, distance, linear)
        if self.problem.is_exact:
            return spread + 1
        return 2 * spread + (_FLOAT_SHARE * self.problem.magnitude or 1.0)

    def _penalised(self, flow: Matrix, distance: Matrix, linear: Matrix) -> Instance:
        try:
            largest = max(abs(linear.max().item()), abs(linear.min().item()))
            if self.problem.is_exact and largest + self.penalty >= 2**63:
                raise InexactInstanceError("The costs could reach 2**63.")
            costs = np.where(self._allowed, linear, linear + self.penalty)
            instance = Instance(flow, distance, costs, name=self.problem.name)
            neighbourhood(instance)  # raises what a search would raise later
        except InexactInstanceError as error:
            most = 2**53 // self._order
            raise InexactInstanceError(
                f"To forbid pairs, a penalty of {self.penalty} is added to their "
                f"costs; with it a search could be rounded.",
                pointer=("forbidden",),
                suggestion=f"For {self._order} locations the penalty may be up to "
                f"about {most}. Divide all matrices by a common factor, or send "
                f"floats.",
            ) from error
        return instance

    def _filled(self, taken: IntVector) -> IntVector:
        rest = np.setdiff1d(np.arange(self._order), taken)
        return np.concatenate([taken, rest]).astype(np.int64)


def _padded(matrix: Matrix, order: int) -> Matrix:
    rows, columns = matrix.shape
    return np.pad(matrix, ((0, order - rows), (0, order - columns)))


def _spread(flow: Matrix, distance: Matrix, linear: Matrix) -> int | float:
    """Return what no two objectives differ by more than."""
    spread = largest_product(flow, distance) + largest_product(-flow, distance)
    most, least = linear.max(axis=1).tolist(), linear.min(axis=1).tolist()
    return spread + sum(a - b for a, b in zip(most, least, strict=True))
