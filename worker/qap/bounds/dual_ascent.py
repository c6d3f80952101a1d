"""Dual ascent on the level-1 reformulation, with soft minima instead of greedy ones."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from worker.qap.arrays import Matrix
from worker.qap.augmenting import AugmentingPaths
from worker.qap.bounds.bound import Bound
from worker.qap.compile import kernel
from worker.qap.instance import Instance

Whole = NDArray[np.int64]

MAX_ORDER: Final = 40
SWEEPS: Final = 200
"""Rounds over all placements; the last ones gain little."""
SWEEPS_A_VALUE: Final = 10
_HOTTEST: Final = 0.3
_COLDEST: Final = 0.001
"""Temperatures, as shares of the mean cost of a pair of placements."""
_SCALED_BITS: Final = 38
_LIMIT: Final = 2.0**48
"""No update may leave a larger number: it keeps all sums within 64 bits."""


class DualAscent:
    r"""Shift costs between placements until little can be shifted.

    A *placement* is a facility :math:`i` at a location :math:`k`. Every pair of
    placements has a cost :math:`Z`, every placement one of its own :math:`L`, and
    there is a constant :math:`R`, such that for all permutations

    .. math:: S\,objective(p) = R + \sum_i L_{i,p_i} + \sum_{i<j} Z_{i,p_i,j,p_j}.

    Exactly one location is right for each facility, so an amount may be taken from
    :math:`Z_{ikjl}` for all :math:`l` and given to :math:`L_{ik}`, and from
    :math:`L_{ik}` for all :math:`k` to :math:`R`; likewise with facilities and
    locations exchanged. Moving as much as possible to :math:`R` solves the dual of the
    level-1 reformulation-linearization [1]_; doing so coordinate by coordinate is the
    dual ascent of Hahn and Grant [2]_.

    Parameters
    ----------
    instance
        One that `applies` to.

    Notes
    -----
    Where [2]_ solves an assignment problem for each placement and takes all it gives,
    this takes soft minima, :math:`-T\log\sum_l e^{-Z_{ikjl}/T}`, and shares them evenly
    over the rows and the placement: greedy steps stall, often no higher than
    Gilmore-Lawler; with a falling temperature :math:`T` the limit is near the optimum
    of the linear programme. (Coordinate ascent on the entropic dual; for the dual
    ascents in use on this relaxation see [3]_.) After each ten sweeps the assignment
    problems are solved, once, to find out what is proven.

    All numbers are scaled to integers below ``2**38`` and every transfer is made in
    integers: whatever amounts the exponentials suggest, the identity above holds
    exactly. Costs that are no integers, or too large ones, are rounded down first. The
    value is proven in every case.

    :math:`O(n^4)` time a sweep and ``8 n**2 (n - 1)**2`` bytes: 6 MB at 30 facilities,
    20 MB at 40. A step is one placement, :math:`O(n^2)`, or one assignment problem of
    each ten sweeps, :math:`O(n^3)`.

    References
    ----------
    .. [1] W. P. Adams and T. A. Johnson, "Improved linear programming-based lower
       bounds for the quadratic assignment problem," *DIMACS Series in Discrete
       Mathematics and Theoretical Computer Science* 16 (1994) 43-75.
    .. [2] P. Hahn and T. Grant, "Lower bounds for the quadratic assignment problem
       based upon a dual formulation," *Operations Research* 46 (1998) 912-922,
       doi:10.1287/opre.46.6.912.
    .. [3] P. Swoboda, C. Rother, H. Abu Alhaija, D. Kainmueller and B. Savchynskyy, "A
       study of Lagrangean decompositions and dual ascent solvers for graph matching,"
       *IEEE Conference on Computer Vision and Pattern Recognition* (2017),
       arXiv:1612.05476.

    Examples
    --------
    >>> bound = DualAscent(Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]]))
    >>> while not bound.finished:
    ...     done = bound.advance(1)
    >>> bound.value
    11
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        order = instance.order
        self._placements = order * order
        self._flow, self._distance = instance.flow.copy(), instance.distance.copy()
        own = np.multiply.outer(np.diagonal(self._flow), np.diagonal(self._distance))
        if instance.linear is not None:
            own = own + instance.linear
        for matrix in (self._flow, self._distance):
            np.fill_diagonal(matrix, 0)
        self._shift = _SCALED_BITS - _bits(self._flow, self._distance, own)
        self._own = self._scaled(own, np.abs(own))
        self._pairs: Whole = np.empty((order, order, order - 1, order - 1), np.int64)
        self._proven = np.zeros_like(self._own)
        self._constant = 0
        self._mean = 0.0
        self._sweep = 0
        # Placements that this round has been at: filling, a sweep, or an evaluation.
        self._done = 0
        self._round = self._fill
        self._value: int | float | None = None

    @property
    def value(self) -> int | float | None:
        """What is proven so far; None during the first sweeps."""
        return self._value

    @property
    def finished(self) -> bool:
        """Whether all sweeps are done."""
        return self._sweep == SWEEPS and self._round == self._visit

    def advance(self, steps: int) -> int:
        """Attend to at most `steps` placements.

        Parameters
        ----------
        steps
            At least 1.

        Returns
        -------
        int
            How many steps were done.
        """
        left = steps
        while left and not self.finished:
            stop = min(self._placements, self._done + left)
            left -= stop - self._done
            self._round(self._done, stop)
            self._done = stop
            if stop == self._placements:
                self._done = 0
                self._end_round()
        return steps - left

    def _end_round(self) -> None:
        if self._round == self._visit:
            self._constant += _settle(self._own, self._temperature)
            self._sweep += 1
            if self._sweep % SWEEPS_A_VALUE == 0:
                self._round = self._evaluate
            return
        if self._round == self._evaluate:
            self._raise_value()
        self._round = self._visit

    def _fill(self, start: int, stop: int) -> None:
        """Write down what each of these placements costs with each other."""
        order = self._instance.order
        flow, distance = self._flow, self._distance
        for placement in range(start, stop):
            i, k = divmod(placement, order)
            others = np.arange(order) != i, np.arange(order) != k
            out = np.multiply.outer(flow[i][others[0]], distance[k][others[1]])
            back = np.multiply.outer(flow[:, i][others[0]], distance[:, k][others[1]])
            block = self._scaled(out + back, np.abs(out) + np.abs(back))
            self._pairs[i, k] = block
            self._mean += float(np.abs(block).mean()) / self._placements

    def _scaled(self, costs: Matrix, terms: Matrix) -> Whole:
        """Return integers that, times ``2**-shift``, are at most the costs."""
        if self._instance.is_exact:
            shift = self._shift
            result: Whole = costs << shift if shift >= 0 else costs >> -shift
            return result
        # Two products and a sum, each rounded; one unit for what underflows.
        lowered = costs - 4 * np.finfo(np.float64).eps * terms
        return np.floor(np.ldexp(lowered, self._shift)).astype(np.int64) - 1

    @property
    def _temperature(self) -> float:
        share = self._sweep / (SWEEPS - 1)
        cooled = _HOTTEST * (_COLDEST / _HOTTEST) ** share
        return max(1.0, cooled * self._mean / 2)

    def _visit(self, start: int, stop: int) -> None:
        backwards = self._sweep % 2 == 1
        _share(self._pairs, self._own, self._temperature, start, stop, backwards)

    def _evaluate(self, start: int, stop: int) -> None:
        """Find what each of these placements costs at least, twice over."""
        order = self._instance.order
        for placement in range(start, stop):
            i, k = divmod(placement, order)
            # Each pair is met from both of its placements: half a cost each time.
            least = _least(self._pairs[i, k])
            self._proven[i, k] = 2 * self._own[i, k] + least

    def _raise_value(self) -> None:
        twice = 2 * self._constant + _least(self._proven)
        value = self._unscaled(twice)
        if self._value is None or value > self._value:
            self._value = value

    def _unscaled(self, twice: int) -> int | float:
        shift = self._shift + 1
        if self._instance.is_exact:
            # Rounded up: the objective is an integer.
            return -(-twice >> shift) if shift >= 0 else twice << -shift
        nearest = float(twice)
        if nearest > twice:
            nearest = math.nextafter(nearest, -math.inf)
        return math.ldexp(nearest, -shift)


def _bits(flow: Matrix, distance: Matrix, own: Matrix) -> int:
    """Return a power of two that no cost exceeds."""
    pair = 2 * _largest(flow) * _largest(distance)
    return math.frexp(max(pair, _largest(own)))[1]


def _largest(matrix: Matrix) -> float:
    return float(np.abs(matrix).max())


def _least(costs: Whole) -> int:
    paths = AugmentingPaths(costs)
    while not paths.finished:
        paths.advance(len(costs))
    return paths.total


@kernel
def _share(
    pairs: Whole,
    own: Whole,
    temperature: float,
    start: int,
    stop: int,
    backwards: bool,
) -> None:
    """Give every row and column of these placements the same soft minimum."""
    n = own.shape[0]
    m = n - 1
    block = np.empty((m, m), dtype=np.int64)
    least = np.empty(m, dtype=np.int64)
    soft = np.empty(m, dtype=np.float64)
    for visit in range(start, stop):
        placement = n * n - 1 - visit if backwards else visit
        i, k = placement // n, placement % n
        before = pairs[i, k]
        # Rows: facility j goes to exactly one location.
        total = float(own[i, k])
        for j in range(m):
            low = before[j, 0]
            for location in range(1, m):
                low = min(low, before[j, location])
            weight = 0.0
            for location in range(m):
                weight += math.exp((low - before[j, location]) / temperature)
            soft[j] = low - temperature * math.log(weight)
            total += soft[j]
        rest = own[i, k]
        for j in range(m):
            given = math.floor(total / n - soft[j])
            rest -= given
            for location in range(m):
                block[j, location] = before[j, location] + given
        # Columns: location l gets exactly one facility.
        least[:] = block[0]
        for j in range(1, m):
            for location in range(m):
                least[location] = min(least[location], block[j, location])
        soft[:] = 0.0
        for j in range(m):
            for location in range(m):
                soft[location] += math.exp(
                    (least[location] - block[j, location]) / temperature
                )
        total = float(rest)
        for location in range(m):
            soft[location] = least[location] - temperature * math.log(soft[location])
            total += soft[location]
        largest = 0.0
        for location in range(m):
            given = math.floor(total / n - soft[location])
            rest -= given
            for j in range(m):
                block[j, location] += given
                largest = max(largest, abs(float(block[j, location])))
        if max(largest, abs(float(rest))) > _LIMIT:
            continue
        own[i, k] = rest
        for j in range(m):
            facility = j + 1 if j >= i else j
            i_seen = i - 1 if i > facility else i
            for place in range(m):
                location = place + 1 if place >= k else place
                k_seen = k - 1 if k > location else k
                pairs[i, k, j, place] = block[j, place]
                pairs[facility, location, i_seen, k_seen] = block[j, place]


@kernel
def _settle(own: Whole, temperature: float) -> int:
    """Take the soft minimum of each row, then column, and return the sum."""
    n = own.shape[0]
    taken = 0
    for line in range(2 * n):
        costs = own[line] if line < n else own[:, line - n]
        low = costs.min()
        weight = 0.0
        for k in range(n):
            weight += math.exp((low - costs[k]) / temperature)
        amount = math.floor(low - temperature * math.log(weight))
        taken += amount
        for k in range(n):
            costs[k] -= amount
    return taken


def warm_up_dual_ascent() -> None:
    """Compile the kernels."""
    own = np.zeros((2, 2), dtype=np.int64)
    _share(np.zeros((2, 2, 1, 1), dtype=np.int64), own, 1.0, 0, 4, False)
    _settle(own, 1.0)


def _applies(instance: Instance) -> str | None:
    if instance.order > MAX_ORDER:
        return f"has more than {MAX_ORDER} facilities"
    if instance.is_linear:
        return "has no flow between facilities, where Gilmore-Lawler is exact"
    return None


BOUND = Bound(
    name="dual_ascent",
    title="RLT-1 dual ascent",
    summary="Shifts costs between pairs of placements to where all permutations pay.",
    version="1",
    complexity_time=f"O(n^4) a sweep, {SWEEPS} sweeps; up to {MAX_ORDER} facilities",
    complexity_space="O(n^4)",
    reference="Hahn and Grant 1998, doi:10.1287/opre.46.6.912",
    applies=_applies,
    start=DualAscent,
)
