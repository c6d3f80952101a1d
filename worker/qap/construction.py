"""Greedy randomised construction of a permutation."""

import numpy as np

from worker.qap import construction_kernel
from worker.qap.arrays import AnyArray, IntVector
from worker.qap.instance import Instance
from worker.qap.neighbourhood import Neighbourhood, neighbourhood

_PORTION = 2**21  # entries of the cost matrix that a portion may read
_LONGEST_LIST = 10_000


class Construction:
    r"""Place one facility after another where it costs little, with some luck.

    The first two facilities are a pair of large flow at two locations close together:
    of the :math:`\beta n (n-1)` largest flows, paired with as many smallest distances,
    one of the products near the least is drawn. Then every pair of a facility and a
    location that are left is priced by what it adds to those placed,

    .. math:: c_{ik} = linear_{ik} + \sum_j f_{ij} d_{k p_j} + f_{ji} d_{p_j k},

    and one is drawn from the restricted candidate list, all whose price is at most
    :math:`c_{min} + (1 - g) (c_{max} - c_{min})`; and so on [1]_.

    Parameters
    ----------
    ready
        The instance made ready.
    rng
        Draws from the lists.
    greed
        :math:`g`, from 0 to 1: 1 takes the least only, 0 any.

    Attributes
    ----------
    permutation
        Shape ``(n,)``, int64: -1 where a facility is not yet placed.
    cost
        The objective of what is placed, up to a constant: in units of the
        neighbourhood.

    Notes
    -----
    :math:`O(n^2)` time a facility, since the prices are kept up to date;
    :math:`O(n^2)` space. The list is bounded by price, that of [1]_ by length, which
    would mean to sort it.

    References
    ----------
    .. [1] Y. Li, P. M. Pardalos and M. G. C. Resende, "A greedy randomized adaptive
       search procedure for the quadratic assignment problem," in *Quadratic Assignment
       and Related Problems*, DIMACS Series 16, American Mathematical Society (1994)
       237-261.

    Examples
    --------
    >>> matrix = [[0, 3, 1], [3, 0, 2], [1, 2, 0]]
    >>> ready = neighbourhood(Instance(matrix, matrix))
    >>> construction = Construction(ready, np.random.default_rng(1), greed=1)
    >>> construction.start()
    >>> while not construction.finished:
    ...     construction.advance()
    >>> sorted(construction.permutation.tolist())
    [0, 1, 2]
    """

    def __init__(
        self, ready: Neighbourhood, rng: np.random.Generator, *, greed: float
    ) -> None:
        n = len(ready.kinds)
        self._ready = ready
        self._rng = rng
        self._greed = float(greed)
        self._pairs = first_pairs(ready.flow, ready.distance, greed)
        self._costs = np.zeros((n, n))
        self._facilities = self._locations = np.arange(n)
        self._line = np.zeros(n)
        self._draws = np.zeros(n)
        self._left = 0
        self.permutation: IntVector = np.arange(n)
        self.cost = 0.0

    @property
    def finished(self) -> bool:
        """Whether every facility is placed."""
        return self._left == 0

    def start(self) -> None:
        """Take all away and place the first two."""
        n = self.permutation.size
        linear = self._ready.linear
        self._costs[:] = linear if linear.size else 0
        self._facilities, self._locations = np.arange(n), np.arange(n)
        self._draws = self._rng.random(n)
        self._left = n
        self.permutation = np.full(n, -1, dtype=np.int64)
        flows, distances = self._pairs
        drawn = self._rng.integers(len(flows))
        facilities, locations = divmod(flows[drawn], n), divmod(distances[drawn], n)
        self.cost = 0.0
        for facility, location in zip(facilities, locations, strict=True):
            self._put(facility, location)

    def advance(self) -> None:
        """Place some more facilities: as many as some milliseconds allow."""
        ready, left = self._ready, self._left
        count = min(left, max(1, _PORTION // max(1, left * left)))
        self.cost += construction_kernel.grow(
            ready.flow,
            ready.distance,
            self._costs,
            self._facilities,
            self._locations,
            self._line,
            self.permutation,
            self._draws,
            left,
            self._greed,
            ready.is_symmetric,
            count,
        )
        self._left -= count

    def _put(self, facility: int, location: int) -> None:
        ready, left = self._ready, self._left
        self.cost += construction_kernel.put(
            ready.flow,
            ready.distance,
            self._costs,
            self._facilities,
            self._locations,
            self._line,
            self.permutation,
            left,
            int(np.flatnonzero(self._facilities[:left] == facility)[0]),
            int(np.flatnonzero(self._locations[:left] == location)[0]),
            ready.is_symmetric,
        )
        self._left -= 1


def first_pairs(
    flow: AnyArray, distance: AnyArray, greed: float
) -> tuple[IntVector, IntVector]:
    r"""Return pairs of facilities that suit pairs of locations.

    Parameters
    ----------
    flow, distance
        Shape ``(n, n)``.
    greed
        From 0 to 1: how near the least a product of both has to be.

    Returns
    -------
    tuple
        Shape ``(k,)`` each: positions in the flattened matrices, off the diagonal.

    Notes
    -----
    :math:`O(n^2)` time. At most 10,000 pairs and a tenth of all are looked at.
    """
    n = len(flow)
    length = min(_LONGEST_LIST, max(1, n * (n - 1) // 10))
    largest = _least(-flow, length)
    smallest = _least(distance, length)
    products = flow.ravel()[largest] * distance.ravel()[smallest]
    low, high = products.min(), products.max()
    listed = products <= low + (1 - greed) * (high - low)
    return largest[listed], smallest[listed]


def _least(matrix: AnyArray, length: int) -> IntVector:
    """Return where the least entries off the diagonal are, in rising order."""
    entries = matrix.astype(np.float64)
    np.fill_diagonal(entries, np.inf)
    flat = entries.ravel()
    found = np.argpartition(flat, length - 1)[:length]
    return found[np.argsort(flat[found], kind="stable")]


def warm_up_construction(*, fractions: bool = True) -> None:
    """Compile the kernels for the types of element in use."""
    for entry in (1, 0.5) if fractions else (1,):
        matrix = np.array([[0, entry, 0], [entry, 0, 0], [0, 0, 0]])
        ready = neighbourhood(Instance(matrix, matrix))
        construction = Construction(ready, np.random.default_rng(0), greed=0.5)
        construction.start()
        construction.advance()
