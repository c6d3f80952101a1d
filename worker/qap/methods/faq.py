"""Fast approximate QAP: Frank-Wolfe over doubly stochastic matrices."""

import math
from collections.abc import Generator, Iterator

import numpy as np
from typing_extensions import override

from worker.qap.arrays import IntVector, Matrix
from worker.qap.assignment import rounded_down
from worker.qap.augmenting import AugmentingPaths
from worker.qap.descent import Descent
from worker.qap.instance import Instance
from worker.qap.methods.method import Method, Parameter, Parameters
from worker.qap.neighbourhood import neighbourhood
from worker.qap.permutation import inverse
from worker.qap.sliced import SlicedSearch

_PRODUCTS = 2**26  # of numbers, a portion of a matrix product
_SCANS = 2**23  # of costs, a portion of an assignment
_STILL = 0.03  # so small a change of the matrix, against its largest, ends a descent
_OFFER_EVERY = 8  # portions of a descent by swaps: it may take long
_STOCHASTIC = 1e-3

Work = Generator[int, None, Matrix]


class FAQ(SlicedSearch):
    r"""Descend among doubly stochastic matrices, then round to a permutation.

    With permutation matrices replaced by all matrices :math:`X \ge 0` of row and
    column sums 1, the objective becomes

    .. math:: f(X) = \langle X, F X D^T\rangle + \langle C, X\rangle,\qquad
       \nabla f(X) = F X D^T + F^T X D + C.

    One iteration is one Frank-Wolfe step: the permutation matrix :math:`Q` that
    minimises :math:`\langle\nabla f(X), Q\rangle` is an assignment; :math:`X` moves
    towards it as far as lowers the parabola between them most. When :math:`X` comes
    to rest, the permutation nearest to it is found by another assignment and improved
    by swaps. The first descent starts at the barycentre, later ones in between that
    and a random doubly stochastic matrix [1]_.

    Parameters
    ----------
    instance
        What to solve.
    rng
        The source of all randomness.
    permutation
        Shape ``(n,)``, int64: the first incumbent.
    steps
        The most iterations of one descent.
    randomness
        The share of the random matrix in later starts, from 0 to 1.
    swaps
        Whether the permutations found are improved by swaps.

    Raises
    ------
    InexactInstanceError
        As `neighbourhood`.

    Notes
    -----
    :math:`O(n^3)` time an iteration: a matrix product, two if neither matrix is
    symmetric, and an assignment; :math:`O(n^2)` space. The matrix is kept in float64,
    the objective of every permutation is computed as exactly as the instance is. Every
    :math:`Q` is a permutation, and offered as incumbent as well.

    References
    ----------
    .. [1] J. T. Vogelstein, J. M. Conroy, V. Lyzinski, L. J. Podrazik, S. G. Kratzer,
       E. T. Harley, D. E. Fishkind, R. J. Vogelstein, C. E. Priebe, "Fast approximate
       quadratic programming for graph matching," *PLoS ONE* 10 (2015) e0121002,
       doi:10.1371/journal.pone.0121002.

    Examples
    --------
    >>> instance = Instance([[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    ...                     [[0, 5, 4], [5, 0, 6], [4, 6, 0]])
    >>> search = FAQ(instance, np.random.default_rng(1), np.array([2, 1, 0]),
    ...              steps=30, randomness=0.5, swaps=True)
    >>> while search.iterations < 3:
    ...     done = search.advance(3 - search.iterations)
    >>> search.objective
    56
    """

    def __init__(
        self,
        instance: Instance,
        rng: np.random.Generator,
        permutation: IntVector,
        *,
        steps: int,
        randomness: float,
        swaps: bool,
    ) -> None:
        super().__init__(instance, permutation)
        ready = neighbourhood(instance)
        number = np.float64
        self._rng = rng
        self._steps = steps
        self._randomness = randomness
        self._flow: Matrix = ready.flow.astype(number)
        self._distance: Matrix = ready.distance.astype(number)
        self._linear: Matrix | None = ready.linear.astype(number)
        if not ready.linear.size:
            self._linear = None
        # Counting each pair once halves the quadratic part: both halves of its
        # gradient are then the same product.
        self._is_symmetric = ready.is_symmetric
        self._descent = Descent(ready) if swaps else None

    @override
    def portions(self) -> Iterator[int]:
        matrix = self._barycentre()
        while True:
            yield from self._descend(matrix)
            matrix = yield from self._random_start()

    def _descend(self, matrix: Matrix) -> Iterator[int]:
        """Take Frank-Wolfe steps from `matrix` until it rests, and round it."""
        product = yield from self._product(matrix)
        for step in range(1, self._steps + 1):
            gradient = product if self._linear is None else product + self._linear
            target = yield from self._assign(gradient)
            self._offer(target)
            yield 0
            here = np.arange(target.size), target
            slope = gradient[here].sum() - np.vdot(gradient, matrix)
            length = 0.0
            if slope < 0:
                change = yield from self._vertex_product(target)
                yield 0
                change -= product
                # Half of <R, change>, since product is the quadratic part's gradient.
                bend = (change[here].sum() - np.vdot(change, matrix)) / 2
                length = _minimiser(slope, bend)
                product += length * change
            moved = length * _distance_to(target, matrix)
            matrix *= 1 - length
            matrix[here] += length
            if moved < _STILL * math.sqrt(target.size) or step == self._steps:
                if length < 1:
                    target = yield from self._assign(-matrix)
                yield from self._round(target)
                yield 1
                return
            yield 1

    def _product(self, matrix: Matrix) -> Work:
        """Return the gradient of the quadratic part at `matrix`."""
        right = yield from _multiply(matrix, self._distance.T)
        product = yield from _multiply(self._flow, right)
        if not self._is_symmetric:
            right = yield from _multiply(matrix, self._distance)
            product += yield from _multiply(self._flow.T, right)
        return product

    def _vertex_product(self, permutation: IntVector) -> Work:
        """Return the gradient of the quadratic part at a permutation matrix."""
        facilities = inverse(permutation)
        flow = self._flow[:, facilities]
        yield 0
        product = yield from _multiply(flow, self._distance.T)
        if not self._is_symmetric:
            flow = np.ascontiguousarray(self._flow[facilities].T)
            product += yield from _multiply(flow, self._distance)
        return product

    def _assign(self, costs: Matrix) -> Work:
        """Return the permutation of least cost, up to rounding."""
        yield 0
        whole, _ = rounded_down(costs)
        yield 0
        paths = AugmentingPaths(whole)
        rows = max(1, _SCANS // costs.size)
        while not paths.finished:
            paths.advance(rows)
            if not paths.finished:
                yield 0
        return paths.permutation

    def _round(self, permutation: IntVector) -> Iterator[int]:
        self._offer(permutation)
        if self._descent is None:
            return
        self._descent.start(permutation, self._rng.permutation(permutation.size))
        portions = 0
        while not self._descent.finished:
            self._descent.advance(self._descent.portion)
            portions += 1
            if not self._descent.finished:
                if portions % _OFFER_EVERY == 0:
                    self._offer(self._descent.permutation)
                yield 0
        self._offer(self._descent.permutation)

    def _offer(self, permutation: IntVector) -> None:
        # Its objective is not known yet: let the incumbent compute it.
        self.incumbent.offer(permutation, -math.inf, self.iterations + 1)

    def _barycentre(self) -> Matrix:
        n = len(self._flow)
        return np.full((n, n), 1 / n)

    def _random_start(self) -> Work:
        n = len(self._flow)
        matrix: Matrix = self._rng.random((n, n))
        # Sinkhorn's scaling: rows and columns in turn, until both sum to about 1.
        is_rough = True
        while is_rough:
            yield 0
            matrix /= matrix.sum(axis=0)
            rows = matrix.sum(axis=1, keepdims=True)
            matrix /= rows
            is_rough = bool(np.abs(rows - 1).max() > _STOCHASTIC)
        matrix *= self._randomness
        matrix += (1 - self._randomness) / n
        return matrix


def _multiply(left: Matrix, right: Matrix) -> Work:
    """Return ``left @ right``, yielding 0 between portions of rows."""
    n = len(left)
    result = np.empty((n, n))
    rows = max(1, _PRODUCTS // (n * n))
    for first in range(0, n, rows):
        if first:
            yield 0
        np.matmul(left[first : first + rows], right, out=result[first : first + rows])
    return result


def _minimiser(slope: float, bend: float) -> float:
    """Return where in [0, 1] a parabola that falls at 0 is lowest."""
    if bend <= 0:
        return 1.0
    return min(1.0, -slope / (2 * bend))


def _distance_to(permutation: IntVector, matrix: Matrix) -> float:
    """Return the Frobenius norm of the permutation's matrix less `matrix`."""
    overlap = matrix[np.arange(permutation.size), permutation].sum()
    square = np.vdot(matrix, matrix) - 2 * overlap + permutation.size
    return math.sqrt(max(0.0, float(square)))


def _begin(
    instance: Instance,
    rng: np.random.Generator,
    parameters: Parameters,
    permutation: IntVector,
) -> FAQ:
    return FAQ(
        instance,
        rng,
        permutation,
        steps=int(parameters["steps"]),
        randomness=parameters["randomness"],
        swaps=bool(parameters["swaps"]),
    )


METHOD = Method(
    name="faq",
    title="Fast approximate QAP (FAQ)",
    summary="Descends among doubly stochastic matrices, then rounds and swaps.",
    kind="heuristic",
    version="1",
    parameters=(
        Parameter(
            name="steps",
            minimum=1,
            maximum=1000,
            default=30,
            description="The most Frank-Wolfe steps before a restart.",
            is_integer=True,
        ),
        Parameter(
            name="randomness",
            minimum=0,
            maximum=1,
            default=0.5,
            description="Share of a random matrix in the starts after the first; "
            "more diversifies more.",
        ),
        Parameter(
            name="swaps",
            minimum=0,
            maximum=1,
            default=1,
            description="1 improves each permutation found by swaps, 0 does not.",
            is_integer=True,
        ),
    ),
    complexity_time="O(n^3) an iteration",
    complexity_space="O(n^2)",
    category="continuous relaxation",
    best_for=("graph matching", "many facilities and little time"),
    reference="Vogelstein et al. 2015, doi:10.1371/journal.pone.0121002",
    begin=_begin,
)
