"""A robust taboo search that can be advanced, shared by every method that polishes."""

import numpy as np

from worker.qap import taboo_kernel
from worker.qap.arrays import AnyArray, IntVector
from worker.qap.instance import Instance
from worker.qap.neighbourhood import Neighbourhood, neighbourhood
from worker.qap.objective import objective
from worker.qap.permutation import inverse
from worker.qap.products import multiply_rows
from worker.qap.result import Improvements

_LANES = 16
_TRACE_SIZE = 10_000
_PORTION = 2**24  # products a call of `advance` does while it prepares
_LONGEST = 2**29


class Taboo:
    r"""Swap the best pair that is not taboo, again and again.

    After facilities :math:`r` and :math:`s` swapped, each is kept from its old
    location for a tenure drawn anew, :math:`t u^3` iterations with :math:`u` uniform
    in :math:`[0, 1)`. A swap is taboo while both its placements are. Two aspirations
    lift that: a swap that makes a new incumbent is always allowed, and a placement
    not seen for `aspiration` iterations is forced. Robust taboo search [1]_.

    Parameters
    ----------
    ready
        The instance made ready.
    instance
        The instance itself, for objectives.
    rng
        Seeds the draws.
    permutation
        Shape ``(n,)``, int64: where to start; copied.
    tenure
        The longest, in iterations.
    aspiration
        After how many iterations a placement is forced.

    Notes
    -----
    :math:`O(n^2)` time an iteration, after :math:`O(n^3)` once; :math:`O(n^2)` space.
    In floats, rounding gathers in the deltas, so that they are computed afresh
    every :math:`20 n + 1000` iterations.

    References
    ----------
    .. [1] E. Taillard, "Robust taboo search for the quadratic assignment problem,"
       *Parallel Computing* 17 (1991) 443-455, doi:10.1016/S0167-8191(05)80147-4.

    Examples
    --------
    >>> instance = Instance([[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    ...                     [[0, 5, 4], [5, 0, 6], [4, 6, 0]])
    >>> search = Taboo(instance, neighbourhood(instance), np.random.default_rng(1),
    ...                np.array([2, 1, 0]), tenure=3, aspiration=1000)
    >>> done = 0
    >>> while done < 20:
    ...     done += search.advance(20 - done)
    >>> search.objective
    56
    """

    finished = False
    bound = None

    def __init__(
        self,
        instance: Instance,
        ready: Neighbourhood,
        rng: np.random.Generator,
        permutation: IntVector,
        *,
        tenure: float,
        aspiration: int,
    ) -> None:
        n = instance.order
        half, width = n // 2, -(-n // _LANES) * _LANES
        number = ready.flow.dtype
        self._instance = instance
        self._ready = ready
        self._tenure = min(float(tenure), float(_LONGEST))
        self._aspiration = min(int(aspiration), _LONGEST)
        self._p = permutation.copy()
        self._located = inverse(self._p)
        self._best = permutation.copy()
        self._product = np.zeros((n, n), dtype=number)
        self._placed: AnyArray = np.zeros((0, 0), dtype=number)
        self._deltas = np.zeros((half, width), dtype=number)
        self._free = np.zeros((half, width), dtype=np.int32)
        # Never seen: all before the start, each at a moment of its own.
        ages = -np.arange(n * n, dtype=np.int32).reshape(n, n)
        self._taboo = ages
        self._taboo_at = np.ascontiguousarray(ages.T)
        self._lines = np.zeros((4, width + half + 1), dtype=number)
        self._least = np.zeros(width, dtype=number)
        self._fresh = np.zeros(n, dtype=number)
        self._fresh_free = np.zeros(n, dtype=np.int32)
        self._threshold = np.array([0, np.finfo(number).max], dtype=number)
        start = objective(instance, permutation)
        self._values = np.array([start, start], dtype=np.float64)
        self._counters = np.array([0, -(n * n), 1, 0], dtype=np.int64)
        self._random = rng.integers(1, 2**64, size=1, dtype=np.uint64, endpoint=False)
        self._trace = np.zeros(_TRACE_SIZE, dtype=np.int64)
        self._trace_values = np.full(_TRACE_SIZE, start, dtype=np.float64)
        self._prepared_rows = 0
        self._until_afresh = 0
        self._start_preparing()

    @property
    def objective(self) -> int | float:
        """The objective of the incumbent; for floats up to rounding."""
        value = self._values[taboo_kernel.BEST].item()
        return int(value) if self._instance.is_exact else value

    @property
    def permutation(self) -> IntVector:
        """The incumbent: shape ``(n,)``, int64, a copy."""
        return self._best.copy()

    @property
    def improvements(self) -> Improvements:
        """The objective of each incumbent so far, by iteration."""
        size = int(self._counters[taboo_kernel.IMPROVEMENTS])
        values = self._trace_values[:size]
        return Improvements(
            self._trace[:size].copy(),
            values.astype(np.int64 if self._instance.is_exact else np.float64),
        )

    def advance(self, iterations: int) -> int:
        """Do at most `iterations`, or some of the preparation.

        Parameters
        ----------
        iterations
            At least 1.

        Returns
        -------
        int
            How many were done; 0 while preparing.
        """
        if self._prepared_rows < self._instance.order:
            self._prepare()
            return 0
        steps = iterations
        if not self._instance.is_exact:
            steps = min(steps, self._until_afresh)
            self._until_afresh -= steps
        taboo_kernel.run_taboo(
            self._ready.flow,
            self._placed,
            self._ready.linear,
            self._product,
            self._deltas,
            self._free,
            self._taboo,
            self._taboo_at,
            self._ready.kinds,
            self._p,
            self._located,
            self._best,
            self._lines,
            self._least,
            self._fresh,
            self._fresh_free,
            self._threshold,
            self._counters,
            self._values,
            self._random,
            self._trace,
            self._trace_values,
            self._ready.is_symmetric,
            self._ready.scale,
            self._ready.tolerance,
            self._tenure,
            self._aspiration,
            steps,
        )
        if self._until_afresh == 0 and not self._instance.is_exact:
            self._start_preparing()
        return steps

    def _start_preparing(self) -> None:
        current = objective(self._instance, self._p)
        self._values[taboo_kernel.CURRENT] = current
        placed = self._ready.distance[np.ix_(self._p, self._p)]
        self._placed = np.ascontiguousarray(placed)
        self._product[:] = 0
        self._lines[:] = 0
        self._prepared_rows = 0

    def _prepare(self) -> None:
        """Multiply flow and placed for some more rows; after the last, start."""
        n = self._instance.order
        first = self._prepared_rows
        last = min(n, first + max(1, _PORTION // (n * n)))
        flow, placed = self._ready.flow, self._placed
        multiply_rows(flow, np.ascontiguousarray(placed.T), self._product, first, last)
        if not self._ready.is_symmetric:
            flow = np.ascontiguousarray(flow.T)
            multiply_rows(flow, placed, self._product, first, last)
        self._prepared_rows = last
        if last < n:
            return
        self._until_afresh = 20 * n + 1000
        taboo_kernel.fill_deltas(
            self._ready.flow,
            self._placed,
            self._ready.linear,
            self._product,
            self._deltas,
            self._p,
            self._ready.is_symmetric,
        )
        taboo_kernel.fill_free(self._taboo, self._free, self._ready.kinds, self._p)


def warm_up_taboo(*, fractions: bool = True) -> None:
    """Compile the kernels for the types of element in use."""
    for entry in (1, 0.5) if fractions else (1,):
        matrix = np.array([[0, entry, 0], [entry, 0, 0], [0, 0, 0]])
        instance = Instance(matrix, matrix)
        search = Taboo(
            instance,
            neighbourhood(instance),
            np.random.default_rng(0),
            np.arange(3),
            tenure=1,
            aspiration=9,
        )
        while search.advance(1) == 0:
            pass
